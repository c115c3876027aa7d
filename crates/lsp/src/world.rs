//! A picture of what is open and of what lies around it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use lsp_types::Uri;
use transom_manifests::decode;

use crate::Options;
use crate::document::{Document, uri_of};
use crate::folder::Scan;
use crate::objects::Files;
use crate::position::Encoding;

/// Everything that an answer depends on, at one moment. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct World {
    pub(crate) options: Options,
    pub(crate) encoding: Encoding,
    /// By their URI.
    pub(crate) documents: BTreeMap<String, Arc<Document>>,
    pub(crate) folders: Vec<PathBuf>,
    /// What the files in the folders hold.
    pub(crate) files: Arc<Files>,
    /// Those that kustomizations in the folders patch others with.
    pub(crate) patches: Arc<BTreeSet<PathBuf>>,
}

impl World {
    pub(crate) fn document(&self, uri: &Uri) -> Option<&Arc<Document>> {
        self.documents.get(uri.as_str())
    }

    /// Whether a kustomization patches others with a document: what stands in it are parts of objects.
    pub(crate) fn is_patch(&self, document: &Document) -> bool {
        document.path.as_ref().is_some_and(|path| self.patches.contains(path))
    }

    /// The open document of a file.
    pub(crate) fn open(&self, path: &Path) -> Option<&Arc<Document>> {
        self.documents.values().find(|document| document.path.as_deref() == Some(path))
    }

    /// A file as it is in the editor, or else on disk.
    pub(crate) fn read(&self, path: &Path) -> Option<Document> {
        if let Some(open) = self.open(path) {
            return Some(Document::clone(open));
        }
        let text = Arc::from(decode(std::fs::read(path).ok()?).ok()?);
        Some(Document { uri: uri_of(path)?, path: Some(path.to_owned()), version: 0, text })
    }

    /// The innermost folder that a file is in.
    pub(crate) fn folder_of(&self, path: &Path) -> Option<&PathBuf> {
        let around = self.folders.iter().filter(|folder| path.starts_with(folder));
        around.max_by_key(|folder| folder.components().count())
    }

    /// Takes what a scan has found in place of what was known of its folder.
    pub(crate) fn take(&mut self, folder: &Path, found: Scan) {
        self.retain(|path| !path.starts_with(folder));
        Arc::make_mut(&mut self.files).extend(found.files);
        Arc::make_mut(&mut self.patches).extend(found.patches);
    }

    /// Forgets what is in none of the folders any more.
    pub(crate) fn forget_closed_folders(&mut self) {
        let folders = self.folders.clone();
        self.retain(|path| folders.iter().any(|folder| path.starts_with(folder)));
    }

    fn retain(&mut self, is_kept: impl Fn(&Path) -> bool) {
        Arc::make_mut(&mut self.files).retain(|path, _| is_kept(path));
        Arc::make_mut(&mut self.patches).retain(|path| is_kept(path));
    }
}
