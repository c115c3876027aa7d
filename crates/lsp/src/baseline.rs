//! The baseline around a document: what it knows is not shown.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::SystemTime;

use lsp_types::{Diagnostic, Range, Uri};
use transom_manifests::{BaselineFile, nearest_baseline};

use crate::diagnostic;
use crate::document::Document;
use crate::objects::Files;
use crate::world::World;

/// A baseline that does not hold, and why.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    pub(crate) uri: Uri,
    pub(crate) message: String,
}

impl Broken {
    pub(crate) fn diagnostic(self) -> Diagnostic {
        diagnostic::error(Range::default(), self.message)
    }
}

/// What there is under the name of a baseline.
type Read = Result<Option<Arc<BaselineFile>>, Broken>;

/// The baselines that were read, by their paths, so that none is read at every key that is pressed.
#[derive(Debug, Default)]
pub(crate) struct Baselines(Mutex<BTreeMap<PathBuf, (Version, Read)>>);

impl Baselines {
    /// The nearest baseline, in the folder of a document or above; none for what is no file.
    pub(crate) fn around(&self, world: &World, document: &Document) -> Read {
        let folder = document.path.as_deref().and_then(Path::parent);
        let Some(path) = folder.and_then(|folder| nearest_baseline(folder, Path::is_file)) else { return Ok(None) };
        let version = Version::of(&path, world);
        let mut read = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, same)) = read.get(&path).filter(|(other, _)| other.is(&version)) {
            return same.clone();
        }
        let new = at(world, &path);
        read.insert(path, (version, new.clone()));
        new
    }
}

/// Tells whether there is anything to read anew.
#[derive(Debug)]
struct Version {
    text: Text,
    /// Others take their place when something is heard of files on disk.
    files: Weak<Files>,
}

#[derive(Debug, PartialEq)]
enum Text {
    Open(Arc<str>),
    OnDisk { modified: Option<SystemTime>, length: Option<u64> },
}

impl Version {
    fn of(path: &Path, world: &World) -> Self {
        let text = world.open(path).map(|open| Text::Open(open.text.clone())).unwrap_or_else(|| {
            let about = path.metadata().ok();
            let modified = about.as_ref().and_then(|about| about.modified().ok());
            Text::OnDisk { modified, length: about.map(|about| about.len()) }
        });
        Version { text, files: Arc::downgrade(&world.files) }
    }

    fn is(&self, other: &Self) -> bool {
        self.text == other.text && self.files.ptr_eq(&other.files)
    }
}

fn at(world: &World, path: &Path) -> Read {
    let Some(file) = world.read(path) else { return Ok(None) };
    let baseline = BaselineFile::read(path.parent().unwrap_or(path), &file.text, Path::exists)
        .map_err(|error| Broken { uri: file.uri, message: format!("this is no baseline: {error}") })?;
    Ok(Some(Arc::new(baseline)))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use serde_json::Value;

    use super::*;
    use crate::document::uri_of;
    use crate::position::Encoding;
    use crate::{Options, Over};

    #[test]
    fn a_baseline_is_read_when_something_has_changed() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("transom-baseline.json");
        let document = |path: PathBuf, text: &str| Document {
            uri: uri_of(&path).expect("an absolute path"),
            path: Some(path),
            version: 1,
            text: text.into(),
        };
        let pod = document(folder.path().join("pod.yaml"), "");
        let over = Over(Arc::new(Value::clone));
        let mut world = World {
            options: Options { settings: None, over, today: String::new },
            encoding: Encoding::Utf8,
            documents: BTreeMap::new(),
            folders: Vec::new(),
            files: Arc::default(),
            patches: Arc::default(),
        };
        let baselines = Baselines::default();
        let read = |world: &World| baselines.around(world, &pod).map_err(|broken| broken.message);
        assert!(matches!(read(&world), Ok(None)));

        let line = r#"{"file": "a.yaml", "object": "v1 Pod a", "at": "/spec", "rule": "WIN101"}"#;
        fs::write(&path, format!(r#"{{"version": 1, "findings": [{line}]}}"#)).expect("a file");
        let first = read(&world).expect("a baseline").expect("it is there");
        assert_eq!(first.gone(), ["a.yaml"]);
        fs::write(folder.path().join("a.yaml"), "").expect("a file");
        let again = read(&world).expect("a baseline").expect("it is there");
        assert!(Arc::ptr_eq(&first, &again), "nobody has said that something changed");

        world.files = Arc::default();
        let told = read(&world).expect("a baseline").expect("it is there");
        assert!(told.gone().is_empty(), "{told:?}");

        fs::write(&path, "{}").expect("a file");
        assert!(read(&world).expect_err("it is none").starts_with("this is no baseline: "));
        let open = document(path, r#"{"version": 1, "findings": []}"#);
        world.documents.insert(open.uri.as_str().to_owned(), Arc::new(open));
        assert!(read(&world).expect("a baseline").expect("it is there").baseline().is_empty());
    }
}
