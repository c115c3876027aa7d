//! A copy of the sources, for what must not touch them or must find them elsewhere.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::tools::root;

/// What is made from the sources, wherever it stands.
const MADE: &[&str] = &["target", "dist", "build", "node_modules", ".git"];

/// A folder with the sources, removed when this is dropped.
pub(crate) struct Copy {
    root: PathBuf,
}

impl Copy {
    /// Copies everything but what is made from it. Not into the project, whose settings of cargo would
    /// count there, too.
    pub(crate) fn make(purpose: &str) -> anyhow::Result<Self> {
        let copy = Copy { root: std::env::temp_dir().join(format!("transom-{purpose}.{}", std::process::id())) };
        copy_folder(&root(), &copy.root)?;
        Ok(copy)
    }

    /// The root of the project in the copy.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }
}

impl Drop for Copy {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.root);
    }
}

fn copy_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    fs::create_dir_all(to).with_context(|| to.display().to_string())?;
    for entry in fs::read_dir(from).with_context(|| from.display().to_string())? {
        let entry = entry?;
        let (source, name) = (entry.path(), entry.file_name());
        if MADE.iter().any(|made| name == *made) {
            continue;
        }
        let target = to.join(name);
        if entry.file_type()?.is_dir() {
            copy_folder(&source, &target)?;
        } else {
            fs::copy(&source, &target).with_context(|| source.display().to_string())?;
        }
    }
    Ok(())
}
