//! Finding files.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use ignore::types::TypesBuilder;
use ignore::{DirEntry, WalkBuilder};

use crate::args::{Judging, Walking};
use crate::charts;
use crate::source::{Source, Unreadable, label, place, real, simple, why};

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
            Err(error) => found.unreadable.push(Unreadable { label: label(path), reason: why(&error) }),
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
                let reason = error.io_error().map_or_else(|| error.to_string(), why);
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
