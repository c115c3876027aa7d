//! A document that is open in the editor, and where it is on disk.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::Uri;
use transom_yaml::Stream;
use url::Url;

/// An open document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    /// Where it is, if it is a file.
    pub(crate) path: Option<PathBuf>,
    pub(crate) version: i32,
    pub(crate) text: Arc<str>,
}

impl Document {
    /// Where it is, as contexts know it: empty for what is no file.
    pub(crate) fn label(&self) -> String {
        self.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default()
    }

    /// Whether it is a Helm template, and not YAML yet.
    pub(crate) fn is_template(&self, stream: &Stream) -> bool {
        let chart = || self.path.as_deref().and_then(transom_charts::chart_of);
        self.text.contains("{{") && transom_manifests::is_template(&self.text, stream, chart().is_some())
    }
}

pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    Url::parse(uri.as_str()).ok()?.to_file_path().ok()
}

pub(crate) fn uri_of(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok()?.as_str().parse().ok()
}
