//! The manifests in a folder that are not open.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use ignore::WalkBuilder;

use crate::world::{self, Files, Objects};

/// A file larger than this is no manifest that anybody edits.
const LARGEST: u64 = 16 << 20;

/// Whether a file may hold manifests.
pub(crate) fn is_manifest(path: &Path) -> bool {
    path.extension().is_some_and(|extension| ["yaml", "yml", "json"].iter().any(|known| extension == *known))
}

/// What all files below a folder hold. What is hidden or ignored by git is left out, and so are the patches of
/// kustomizations: they hold parts of objects.
pub(crate) fn scan(folder: &Path) -> Files {
    let walk = WalkBuilder::new(folder).max_filesize(Some(LARGEST)).build();
    let files = walk.flatten().map(ignore::DirEntry::into_path).filter(|path| is_manifest(path) && path.is_file());
    let files: Vec<PathBuf> = files.collect();
    let patches = transom_charts::patches(folder, files.iter().map(PathBuf::as_path));
    let files = files.into_iter().filter(|path| !patches.contains_key(path));
    files.filter_map(|path| Some((path.clone(), read(&path)?))).collect()
}

/// Whether a kustomization in a folder of `root` patches others with a file.
pub(crate) fn is_patch(path: &Path, root: &Path) -> bool {
    transom_charts::patches(root, [path]).contains_key(path)
}

/// What a file holds; nothing where it is gone or holds nothing.
pub(crate) fn read(path: &Path) -> Option<Objects> {
    let text = std::fs::read_to_string(path).ok()?;
    Some(world::objects(&text)).filter(|objects| !objects.is_empty()).map(Arc::new)
}
