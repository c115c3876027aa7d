//! The manifests in a folder that are not open.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;
use transom_charts::is_manifest;
use transom_manifests::decode;

use crate::objects::{self, Files, Objects};

/// A file larger than this is no manifest that anybody edits.
const LARGEST: u64 = 16 << 20;

/// What is below a folder.
#[derive(Debug)]
pub(crate) struct Scan {
    /// What the files hold. What is hidden or ignored by git is left out, and so are the patches.
    pub(crate) files: Files,
    /// The patches of kustomizations: they hold parts of objects.
    pub(crate) patches: BTreeSet<PathBuf>,
}

pub(crate) fn scan(folder: &Path) -> Scan {
    let walk = WalkBuilder::new(folder).ignore(false).max_filesize(Some(LARGEST)).build();
    let is_wanted = |path: &PathBuf| is_manifest(path) && path.is_file();
    let files: Vec<PathBuf> = walk.flatten().map(ignore::DirEntry::into_path).filter(is_wanted).collect();
    let patches: BTreeSet<PathBuf> =
        transom_charts::patches(folder, files.iter().map(PathBuf::as_path)).into_keys().collect();
    let files = files.into_iter().filter(|path| !patches.contains(path));
    Scan { files: files.filter_map(|path| Some((path.clone(), read(&path)?))).collect(), patches }
}

/// What a file holds; nothing where it is gone or holds nothing.
pub(crate) fn read(path: &Path) -> Option<Objects> {
    let text = decode(std::fs::read(path).ok()?).ok()?;
    Some(objects::of(&text)).filter(|objects| !objects.is_empty()).map(Arc::new)
}
