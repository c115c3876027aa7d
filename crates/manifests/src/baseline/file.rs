//! A baseline in its file, and how it calls other files.

use std::path::{Path, PathBuf};

use super::{Accepted, Baseline, NoBaseline};
use crate::path::{label, relative, simple};

/// What the file is called where no name is given.
pub const BASELINE_FILE: &str = "transom-baseline.json";

/// The nearest baseline for what is in `folder`: there, or in the nearest folder above that has one.
pub fn nearest_baseline(folder: &Path, is_file: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    folder.ancestors().map(|folder| folder.join(BASELINE_FILE)).find(|path| is_file(path))
}

/// A baseline in its file. Paths in it are seen from its folder.
#[derive(Debug)]
pub struct BaselineFile {
    folder: PathBuf,
    baseline: Baseline,
    gone: Vec<String>,
}

impl BaselineFile {
    /// One in this folder, an absolute path, with nothing in it yet.
    #[must_use]
    pub fn new(folder: &Path) -> Self {
        BaselineFile { folder: simple(folder), baseline: Baseline::default(), gone: Vec::new() }
    }

    /// Reads the text (JSON) of one in this folder, an absolute path.
    ///
    /// # Errors
    ///
    /// Where it is no baseline, or one of another version.
    pub fn read(folder: &Path, text: &str, is_there: impl Fn(&Path) -> bool) -> Result<Self, NoBaseline> {
        let empty = Self::new(folder);
        // Former versions called some files outside by their absolute paths.
        let baseline = Baseline::read(text)?.renamed(|name| empty.name(&empty.folder.join(name)));
        let gone = baseline.gone(|name| is_there(&empty.folder.join(name)));
        Ok(BaselineFile { baseline, gone, ..empty })
    }

    /// What is in it.
    #[must_use]
    pub fn baseline(&self) -> &Baseline {
        &self.baseline
    }

    /// Files that it names and that are not there any longer, sorted.
    #[must_use]
    pub fn gone(&self) -> &[String] {
        &self.gone
    }

    /// Whether a file that it names is not there any longer.
    #[must_use]
    pub fn is_gone(&self, name: &str) -> bool {
        self.gone.binary_search_by(|gone| (**gone).cmp(name)).is_ok()
    }

    /// What it calls the file at an absolute path: by the way to it; on another drive there is none.
    #[must_use]
    pub fn name(&self, path: &Path) -> String {
        let path = simple(path);
        label(&relative(&self.folder, &path).unwrap_or(path))
    }

    /// Where the file is that it calls so.
    #[must_use]
    pub fn place(&self, name: &str) -> PathBuf {
        simple(&self.folder.join(name))
    }

    /// What is accepted in the file at an absolute path that is seen by itself: see [`Baseline::of_one`].
    #[must_use]
    pub fn of_one(&self, path: &Path) -> Accepted<'_> {
        self.baseline.of_one(&self.name(path), &self.gone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::baseline::Key;

    #[test]
    fn files_are_known_by_whatever_path() {
        let line = |file: &str, at: &str| {
            format!(r#"{{"file": "{file}", "object": "v1 Pod web", "at": "{at}", "rule": "WIN101"}}"#)
        };
        let lines = [line("/work/deploy/web.yaml", "/spec"), line("./../api.yaml", "/metadata")].join(",");
        let text = format!(r#"{{"version": 1, "findings": [{lines}]}}"#);
        let file = BaselineFile::read(Path::new("/work/./deploy"), &text, |path| path != Path::new("/work/api.yaml"));
        let file = file.expect("a baseline");
        assert_eq!(file.baseline().files().collect::<Vec<_>>(), ["../api.yaml", "web.yaml"]);
        assert_eq!(file.place("../api.yaml"), Path::new("/work/api.yaml"));
        let key = |at: &str| Key { object: "v1 Pod web".into(), at: at.into(), rule: "WIN101".into() };
        assert!(file.of_one(Path::new("/work/deploy/../deploy/web.yaml")).takes(&key("/spec")));
        assert!(file.of_one(Path::new("/work/api.yaml")).takes(&key("/metadata")));
        assert!(!file.of_one(Path::new("/web.yaml")).takes(&key("/spec")));
    }

    #[test]
    fn what_is_gone_is_known_anywhere() {
        let line = r#"{"file": "../old.yaml", "object": "v1 Pod web", "at": "/spec", "rule": "WIN101"}"#;
        let text = format!(r#"{{"version": 1, "findings": [{line}]}}"#);
        let file = BaselineFile::read(Path::new("/work"), &text, |_| false).expect("a baseline");
        assert!(file.is_gone("../old.yaml") && !file.is_gone("old.yaml"));
        let key = Key { object: "v1 Pod web".into(), at: "/spec".into(), rule: "WIN101".into() };
        assert!(file.of_one(Path::new("/work/new.yaml")).takes(&key));
    }
}
