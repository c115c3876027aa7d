//! A picture of what is open and of what lies around it.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use lsp_types::Uri;
use serde_json::Value;
use transom_context as context;
use transom_manifests::{Content, Context};
use transom_yaml::Stream;
use url::Url;

use crate::Options;
use crate::baseline::Baselines;
use crate::folder::Scan;
use crate::position::Encoding;

/// An open document.
#[derive(Debug, Clone)]
pub(crate) struct Document {
    pub(crate) uri: Uri,
    /// Where it is, if it is a file.
    pub(crate) path: Option<PathBuf>,
    pub(crate) version: i32,
    pub(crate) text: Arc<str>,
}

/// What a file holds that others look up.
pub(crate) type Objects = Arc<Vec<Value>>;

/// What files hold.
pub(crate) type Files = BTreeMap<PathBuf, Objects>;

/// What a file holds, and where it is.
type Part = (String, Objects);

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

/// What surrounds documents, made so that nothing is made twice.
#[derive(Debug, Default)]
pub(crate) struct Contexts {
    /// Of each open document: the text that was read and what it holds.
    open: Mutex<BTreeMap<String, (Arc<str>, Objects)>>,
    made: Mutex<Option<(Vec<Part>, Arc<Context>)>>,
    pub(crate) baselines: Baselines,
}

impl Contexts {
    /// What surrounds a document: the manifests of its folder, with what is open as it is in the
    /// editor; outside of all folders only itself.
    pub(crate) fn around(&self, world: &World, document: &Document) -> Arc<Context> {
        let mut parts = self.neighbours(world, document);
        parts.push((document.label(), self.objects(document)));
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let is_same = |known: &Vec<Part>| {
            known.len() == parts.len()
                && known.iter().zip(&parts).all(|((a, from), (b, other))| a == b && Arc::ptr_eq(from, other))
        };
        if let Some((known, context)) = made.as_ref().filter(|(known, _)| is_same(known)) {
            debug_assert_eq!(known.len(), parts.len());
            return context.clone();
        }
        let mut context = Context::default();
        for (label, objects) in &parts {
            objects.iter().for_each(|object| context.add_from(object, label));
        }
        let context = Arc::new(context);
        *made = Some((parts, context.clone()));
        context
    }

    /// What the other manifests of its folder hold, with what is open as it is in the editor.
    fn neighbours(&self, world: &World, document: &Document) -> Vec<Part> {
        let folder = document.path.as_deref().and_then(|path| world.folder_of(path));
        let is_near = |path: &Path| folder.is_some() && world.folder_of(path) == folder;
        let is_closed = |path: &Path| world.open(path).is_none();
        let files = world.files.iter().filter(|(path, _)| is_near(path) && is_closed(path));
        let open = world.documents.values().filter(|other| other.uri != document.uri);
        let open = open.filter(|other| other.path.as_deref().is_some_and(is_near) && !world.is_patch(other));
        let files = files.map(|(path, objects)| (path.display().to_string(), objects.clone()));
        files.chain(open.map(|other| (other.label(), self.objects(other)))).collect()
    }

    /// The objects around a document that others look up.
    pub(crate) fn others(&self, world: &World, document: &Document) -> Vec<Value> {
        self.neighbours(world, document).iter().flat_map(|(_, objects)| objects.iter()).cloned().collect()
    }

    /// What an open document holds that others look up: the same as long as it holds the same.
    fn objects(&self, document: &Document) -> Objects {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let known = open.get(document.uri.as_str());
        if let Some((_, objects)) = known.filter(|(text, _)| Arc::ptr_eq(text, &document.text)) {
            return objects.clone();
        }
        let found = objects(&document.text);
        let same = known.map(|(_, objects)| objects).filter(|objects| ***objects == found).cloned();
        let objects = same.unwrap_or_else(|| Arc::new(found));
        open.insert(document.uri.as_str().to_owned(), (document.text.clone(), objects.clone()));
        objects
    }

    /// Whether a document holds something else for others than when it was last read.
    pub(crate) fn is_news(&self, document: &Document) -> bool {
        let before = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.get(document.uri.as_str()).map(|(_, objects)| objects.clone())
        };
        let after = self.objects(document);
        before.is_none_or(|before| !Arc::ptr_eq(&before, &after))
    }

    /// Forgets documents that are closed.
    pub(crate) fn retain(&self, open: &BTreeSet<String>) {
        self.open.lock().unwrap_or_else(PoisonError::into_inner).retain(|uri, _| open.contains(uri));
    }
}

/// The objects in a text that others may look up.
pub(crate) fn objects(text: &str) -> Vec<Value> {
    if !context::may_be_in(text) && !context::may_hold_workload(text) {
        return Vec::new();
    }
    let stream = transom_yaml::parse(text);
    stream.documents.iter().flat_map(Content::objects).map(|object| object.object().clone()).collect()
}

pub(crate) fn path_of(uri: &Uri) -> Option<PathBuf> {
    Url::parse(uri.as_str()).ok()?.to_file_path().ok()
}

pub(crate) fn uri_of(path: &Path) -> Option<Uri> {
    Url::from_file_path(path).ok()?.as_str().parse().ok()
}
