//! A text to read, and why it cannot be read.

use std::fs;
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use transom_charts::Rendered;
use transom_manifests::{BASELINE_FILE, SETTINGS_FILE, decode};
pub(crate) use transom_manifests::{label, simple};

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
        .map_err(|error| why(&error))
        .and_then(decode)
        .map_err(|reason| Unreadable { label: source.label.clone(), reason })
}

/// Why something cannot be read, in words without an error number.
pub(crate) fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file or folder".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "this is a folder".into(),
        _ => error.to_string(),
    }
}
