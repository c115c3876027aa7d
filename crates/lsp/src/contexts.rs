//! What surrounds documents: the objects of their folders, and their baselines.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::Value;
use transom_manifests::Context;

use crate::baseline::Baselines;
use crate::document::Document;
use crate::objects::{self, Objects};
use crate::world::World;

/// What a file holds, and where it is.
type Part = (String, Objects);

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
        let found = objects::of(&document.text);
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
