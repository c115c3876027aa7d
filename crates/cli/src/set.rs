//! The set that is judged: its files, and what its objects are to one another.
//!
//! Two passes. The first reads all files and parses those that may hold what others look up (and, where
//! something is about workloads, those that hold workloads); the second, by the caller, takes file
//! after file. What the first pass has read is kept for the second
//! as long as it is little, so that most sets are read once and huge ones do not fill the memory.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::Value;
use transom_yaml::Stream;

use crate::args::Judging;
use crate::input::{self, Source, Unreadable};
use crate::parallel;
use transom_context as context;
use transom_manifests::{Content, Context};

/// Bytes of text that the first pass keeps for the second. A parsed text takes some twenty times
/// as much.
const KEPT: usize = 8 << 20;

/// A text that was read.
#[derive(Debug)]
pub(crate) struct File {
    pub(crate) text: String,
    pub(crate) stream: Stream,
}

impl File {
    pub(crate) fn new(text: String) -> Self {
        File { stream: transom_yaml::parse(&text), text }
    }
}

/// Files and what they are to one another.
#[derive(Debug)]
pub(crate) struct Set {
    pub(crate) sources: Vec<Source>,
    /// What was not even found.
    pub(crate) unreadable: Vec<Unreadable>,
    /// Folders without a manifest.
    pub(crate) barren: Vec<String>,
    pub(crate) context: Context,
    /// One a source: what was read of it already.
    read: Vec<Mutex<Read>>,
}

#[derive(Debug, Default)]
enum Read {
    #[default]
    Not,
    Text(String),
    File(Box<File>),
    Failed(Unreadable),
}

impl Set {
    /// Finds and reads what is to be judged, and what is only context. Charts and kustomizations are
    /// rendered.
    pub(crate) fn open(judging: &Judging) -> Self {
        Self::of(judging, Some(judging))
    }

    /// The same, of files as they are.
    pub(crate) fn of_files(judging: &Judging) -> Self {
        Self::of(judging, None)
    }

    fn of(judging: &Judging, rendering: Option<&Judging>) -> Self {
        let found = input::find(&judging.paths, rendering);
        let surroundings = input::find(&judging.context, rendering);
        let (sources, mut unreadable) = (found.sources, found.unreadable);
        let mut context = Context::default();
        unreadable.extend(surroundings.unreadable);
        for source in &surroundings.sources {
            match input::read(source).map(File::new) {
                Ok(file) => {
                    looked_up(&file).iter().for_each(|object| context.add(object));
                    let broken = file.stream.errors.iter().map(|error| format!("this is not YAML: {error}"));
                    unreadable.extend(broken.map(|reason| Unreadable { label: source.label.clone(), reason }));
                }
                Err(error) => unreadable.push(error),
            }
        }
        let room = AtomicUsize::new(KEPT);
        let mut read = Vec::new();
        parallel::for_each(
            sources.len(),
            |index| first_pass(&sources[index], &room),
            |(objects, text)| {
                let label = &sources[read.len()].label;
                objects.iter().for_each(|object| context.add_from(object, label));
                read.push(Mutex::new(text));
                ControlFlow::Continue(())
            },
        );
        let mut set = Set { sources, unreadable, barren: found.barren, context, read };
        set.find_workloads(&surroundings.sources);
        set
    }

    /// Looks for workloads, where something in the set is about them.
    fn find_workloads(&mut self, only_context: &[Source]) {
        if !self.context.wants_workloads() {
            return;
        }
        let mut workloads = Vec::new();
        for (index, source) in self.sources.iter().chain(only_context).enumerate() {
            // What is given as context alone is of everywhere.
            let origin = self.sources.get(index).map_or("", |source| &source.label);
            let mut extend = |objects: Vec<Value>| workloads.extend(objects.into_iter().map(|object| (object, origin)));
            let kept = self.read.get(index).and_then(|read| read.lock().ok());
            let again;
            let text = match kept.as_deref() {
                Some(Read::File(file)) => {
                    extend(objects(&file.stream, |object| !context::is_looked_up(object)));
                    continue;
                }
                Some(Read::Text(text)) => text,
                Some(Read::Failed(_)) => continue,
                Some(Read::Not) | None => match input::read(source) {
                    Ok(text) => {
                        again = text;
                        &again
                    }
                    Err(_) => continue,
                },
            };
            if context::may_hold_workload(text) {
                let stream = transom_yaml::parse(text);
                extend(objects(&stream, |object| !context::is_looked_up(object)));
            }
        }
        workloads.iter().for_each(|(object, origin)| self.context.add_from(object, origin));
    }

    /// What a text holds now that was changed.
    pub(crate) fn update(&mut self, index: usize, text: &str) {
        let holds_workload = self.context.wants_workloads() && context::may_hold_workload(text);
        if holds_workload || context::may_be_in(text) {
            let wanted = |object: &Value| holds_workload || context::is_looked_up(object);
            let origin = &self.sources[index].label;
            let objects = objects(&transom_yaml::parse(text), wanted);
            objects.iter().for_each(|object| self.context.add_from(object, origin));
        }
    }

    /// Takes a file out; it is not kept any longer.
    pub(crate) fn take(&self, index: usize) -> Result<File, Unreadable> {
        let read = match self.read[index].lock() {
            Ok(mut read) => std::mem::take(&mut *read),
            Err(_) => Read::Not,
        };
        let text = match read {
            Read::File(file) => return Ok(*file),
            Read::Failed(error) => return Err(error),
            Read::Text(text) => text,
            Read::Not => input::read(&self.sources[index])?,
        };
        Ok(File::new(text))
    }
}

/// What others look up in a source, and what is kept of it: while there is room, or if it cannot
/// be read again.
fn first_pass(source: &Source, room: &AtomicUsize) -> (Vec<Value>, Read) {
    let text = match input::read(source) {
        Ok(text) => text,
        Err(error) => return (Vec::new(), Read::Failed(error)),
    };
    let take = |left: usize| left.checked_sub(text.len());
    let is_kept = source.once || room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
    let (objects, text) = if context::may_be_in(&text) {
        let file = File::new(text);
        (looked_up(&file), Read::File(Box::new(file)))
    } else {
        (Vec::new(), Read::Text(text))
    };
    (objects, if is_kept { text } else { Read::Not })
}

/// The objects of a file that others look up.
fn looked_up(file: &File) -> Vec<Value> {
    objects(&file.stream, context::is_looked_up)
}

fn objects(stream: &Stream, wanted: impl Fn(&Value) -> bool) -> Vec<Value> {
    let contents = stream.documents.iter().map(Content::of);
    let objects = contents.flat_map(|content| match content {
        Content::Objects(objects) => objects,
        Content::Empty | Content::Other(_) => Vec::new(),
    });
    objects.filter(|object| wanted(object.object())).map(|object| object.object().clone()).collect()
}
