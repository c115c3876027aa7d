//! Finding files and reading them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::types::TypesBuilder;
use ignore::{DirEntry, WalkBuilder};
use transom_charts::Rendered;
pub(crate) use transom_charts::{label, simple};
use transom_manifests::SETTINGS_FILE;

use crate::args::{Judging, Walking};
use crate::baseline::BASELINE_FILE;
use crate::charts;

/// A text to read.
#[derive(Debug, Clone)]
pub(crate) struct Source {
    /// The path as given, with forward slashes, or `<stdin>`.
    pub(crate) label: String,
    /// Where to read it; stdin where there is none.
    pub(crate) path: Option<PathBuf>,
    /// Whether it was named itself, and not found in a folder.
    pub(crate) named: bool,
    /// Whether it is gone once it was read: stdin, or a pipe such as `<(helm template .)`.
    pub(crate) once: bool,
    /// Which of the paths given it comes from.
    pub(crate) root: usize,
    /// What was made of it, where it is not judged as it is.
    pub(crate) rendered: Option<Arc<Rendered>>,
}

impl Source {
    /// A file that is named itself.
    pub(crate) fn named(path: &Path) -> Self {
        let path = path.to_owned();
        Source { label: label(&path), path: Some(path), named: true, once: false, root: 0, rendered: None }
    }

    pub(crate) fn stdin() -> Self {
        Source { label: "<stdin>".to_owned(), path: None, once: true, ..Source::named(Path::new("-")) }
    }

    /// Whether it is no text to read but an object of a cluster.
    pub(crate) fn is_live(&self) -> bool {
        self.path.is_none() && !self.once
    }

    /// Whether this is no manifest but transom's own: settings and baselines, found in a folder.
    pub(crate) fn is_ours(&self) -> bool {
        let name = self.path.as_deref().and_then(Path::file_name);
        !self.named && name.is_some_and(|name| name == SETTINGS_FILE || name == BASELINE_FILE)
    }

    /// Whether a text that does not parse is none of our business: JSON with comments, JSON lines
    /// and the like, found in a folder, in which nothing hints at Kubernetes.
    pub(crate) fn may_be_skipped(&self, text: &str) -> bool {
        let is_json = self.path.as_deref().and_then(Path::extension).is_some_and(|extension| extension == "json");
        !self.named && is_json && !text.contains("\"apiVersion\"")
    }
}

/// The way to what is there that has no links in it, as far as the system can follow them: WASI cannot.
pub(crate) fn real(path: &Path) -> PathBuf {
    fs::canonicalize(path).unwrap_or_else(|_| simple(&std::path::absolute(path).unwrap_or_else(|_| path.to_owned())))
}

/// The same, but for the file itself: it may be a link, or not there yet.
pub(crate) fn place(path: &Path) -> PathBuf {
    match (path.parent(), path.file_name()) {
        (Some(folder), Some(name)) if folder.as_os_str().is_empty() => real(Path::new(".")).join(name),
        (Some(folder), Some(name)) => real(folder).join(name),
        _ => real(path),
    }
}

/// Something that cannot be read.
#[derive(Debug)]
pub(crate) struct Unreadable {
    pub(crate) label: String,
    pub(crate) reason: String,
}

/// What was found below the paths given.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// In the order of the paths, and sorted below each folder. No file twice.
    pub(crate) sources: Vec<Source>,
    pub(crate) unreadable: Vec<Unreadable>,
    /// Folders without a manifest.
    pub(crate) barren: Vec<String>,
    /// Folders of kustomizations whose patches were passed over.
    pub(crate) patched: BTreeSet<String>,
    /// The patches among them that were named themselves, each with that folder.
    pub(crate) patches: Vec<(Source, String)>,
}

/// Finds the files to read, but for the patches of kustomizations. Folders are searched as git would: what
/// `.gitignore` names and what is hidden is left out unless it is asked for, links to folders are not followed. Charts
/// and kustomizations are rendered, where it is said how.
pub(crate) fn find(paths: &[PathBuf], walking: Walking, rendering: Option<&Judging>) -> Found {
    let mut found = find_all(paths, walking, rendering);
    found.pass_over_patches();
    found
}

/// The same, and patches, too: whoever shows something as context means it.
pub(crate) fn find_all(paths: &[PathBuf], walking: Walking, rendering: Option<&Judging>) -> Found {
    let mut found = Found::default();
    let mut seen = BTreeSet::new();
    for (root, path) in paths.iter().enumerate() {
        let source = |path: &Path| Source { root, ..Source::named(path) };
        if path.as_os_str() == "-" {
            if seen.insert(PathBuf::from("-")) {
                found.sources.push(Source { root, ..Source::stdin() });
            }
            continue;
        }
        match fs::metadata(path) {
            Err(error) => found.unreadable.push(Unreadable { label: label(path), reason: explain(&error) }),
            Ok(metadata) if !metadata.is_dir() => {
                if seen.insert(place(path)) {
                    found.sources.push(Source { once: !metadata.is_file(), ..source(path) });
                }
            }
            // All that is in it was found before.
            Ok(_) if !seen.insert(real(path)) => {}
            Ok(_) => {
                let mut rendered = BTreeSet::new();
                let rendering = rendering.and_then(|judging| charts::render(path, judging));
                let is_rendered = rendering.is_some();
                match rendering {
                    None => {}
                    Some(Ok(files)) => {
                        found.sources.extend(files.into_iter().map(|file| {
                            let path = file.path.strip_prefix(".").unwrap_or(&file.path).to_owned();
                            Source { named: false, rendered: Some(file), ..source(&path) }
                        }));
                        rendered = transom_charts::read_by(path);
                    }
                    Some(Err(reason)) => found.unreadable.push(Unreadable { label: label(path), reason }),
                }
                // What is in a chart is nothing without it; beside a kustomization stand manifests of their own.
                if is_rendered && transom_charts::is_chart(path) {
                    continue;
                }
                let (mut files, unreadable) = walk(path, walking);
                files.retain(|file| !rendered.contains(&simple(file)));
                if !is_rendered && files.is_empty() && unreadable.is_empty() {
                    found.barren.push(label(path));
                }
                found.unreadable.extend(unreadable);
                let (folder, real) = (path.strip_prefix(".").unwrap_or(path), real(path));
                let place = |file: &Path| real.join(file.strip_prefix(folder).unwrap_or(file));
                let new = files.into_iter().filter(|file| seen.insert(place(file)));
                found.sources.extend(new.map(|file| Source { named: false, ..source(&file) }));
            }
        }
    }
    found
}

impl Found {
    /// Leaves out what kustomizations in folders above the files patch others with.
    fn pass_over_patches(&mut self) {
        let written = self.sources.iter().filter(|source| source.rendered.is_none() && !source.once);
        let paths = written.filter_map(|source| Some((source.named, source.path.as_deref()?)));
        let paths: Vec<_> = paths.map(|(named, path)| if named { simple(path) } else { path.to_owned() }).collect();
        let patches = transom_charts::patches(Path::new(""), paths.iter().map(PathBuf::as_path));
        if patches.is_empty() {
            return;
        }
        for source in std::mem::take(&mut self.sources) {
            let path = source.path.as_deref().filter(|_| source.rendered.is_none());
            match path.and_then(|path| patches.get(&simple(path))).map(|folder| label(folder)) {
                None => self.sources.push(source),
                // Of a folder that could not be rendered it is said already.
                Some(folder) if !source.named && self.unreadable.iter().any(|other| other.label == folder) => {}
                Some(folder) => {
                    self.patched.insert(folder.clone());
                    if source.named {
                        self.patches.push((source, folder));
                    }
                }
            }
        }
    }
}

fn walk(folder: &Path, walking: Walking) -> (Vec<PathBuf>, Vec<Unreadable>) {
    let mut types = TypesBuilder::new();
    for glob in transom_charts::globs() {
        // Fails only for names that are no words.
        let _ = types.add("manifest", &glob);
    }
    let mut walk = WalkBuilder::new(folder);
    // A name that is looked for is found where it is hidden, too, unless it is passed over here.
    let takes_hidden = walking.no_ignore;
    let is_hidden = |entry: &DirEntry| entry.depth() > 0 && entry.file_name().as_encoded_bytes().starts_with(b".");
    walk.standard_filters(!walking.no_ignore)
        .ignore(false)
        .filter_entry(move |entry| entry.file_name() != ".git" && (takes_hidden || !is_hidden(entry)));
    if let Ok(types) = types.select("manifest").build() {
        walk.types(types);
    }
    let (mut files, mut unreadable) = (Vec::new(), Vec::new());
    for entry in walk.build() {
        match entry {
            Ok(entry) if entry.path().is_file() => {
                let path = entry.into_path();
                files.push(path.strip_prefix(".").map_or_else(|_| path.clone(), Path::to_owned));
            }
            Ok(_) => {}
            Err(error) => {
                let reason = error.io_error().map_or_else(|| error.to_string(), explain);
                let path = path_of(&error).map_or_else(|| label(folder), label);
                unreadable.push(Unreadable { label: path, reason });
            }
        }
    }
    files.sort();
    (files, unreadable)
}

fn path_of(error: &ignore::Error) -> Option<&Path> {
    match error {
        ignore::Error::WithPath { path, .. } => Some(path),
        ignore::Error::WithDepth { err, .. } | ignore::Error::WithLineNumber { err, .. } => path_of(err),
        _ => None,
    }
}

/// The text of a source, or why there is none.
pub(crate) fn read(source: &Source) -> Result<String, Unreadable> {
    if let Some(rendered) = &source.rendered {
        return Ok(rendered.text.clone());
    }
    let bytes = match &source.path {
        Some(path) => fs::read(path),
        None => {
            let mut bytes = Vec::new();
            io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
        }
    };
    bytes
        .map_err(|error| explain(&error))
        .and_then(text_of)
        .map_err(|reason| Unreadable { label: source.label.clone(), reason })
}

fn text_of(bytes: Vec<u8>) -> Result<String, String> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return Err("this is UTF-16, as Windows PowerShell's `>` writes it: save it as UTF-8".into());
    }
    if bytes.contains(&0) {
        return Err("this is a binary file".into());
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let before = &error.as_bytes()[..at];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        format!("this is not UTF-8: byte 0x{:02X} in line {line}; save it as UTF-8", error.as_bytes()[at])
    })
}

/// Why something cannot be read, in words without an error number.
pub(crate) fn explain(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "this is a folder".into(),
        _ => error.to_string(),
    }
}
