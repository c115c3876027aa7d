//! The set that is judged: its files, and what its objects are to one another.
//!
//! Two passes. The first finds what others look up, and, where something is about workloads, those: from the
//! first hint at that on in one go, of the files before it afterwards. The second, by the caller, takes file
//! after file. What the first pass has read is kept for the second as long as it is little, so that most sets
//! are parsed once and huge ones do not fill the memory: of these, files in which nothing hints at what others
//! look up are parsed by the second pass alone.

use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use serde_json::Value;
use transom_context::Prepared;
use transom_yaml::Stream;

use crate::args::Judging;
use crate::input::{self, Found};
use crate::parallel;
use crate::source::{self, Source, Unreadable};
use transom_context as context;
use transom_manifests::{Content, Context};

/// Bytes of text that the first pass keeps for the second. A parsed text takes some twenty times
/// as much.
const KEPT: usize = 1 << 20;

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
    /// Folders of kustomizations whose patches were passed over.
    pub(crate) patched: BTreeSet<String>,
    /// The patches among them that were named themselves, each with that folder.
    pub(crate) patches: Vec<(Source, String)>,
    pub(crate) context: Context,
    /// Whether some of what is only context could not be read.
    pub(crate) lacks_context: bool,
    /// One a source: what was read of it already.
    read: Vec<Mutex<Read>>,
}

#[derive(Debug, Default)]
enum Read {
    #[default]
    Not,
    File(Box<File>),
    Failed(Unreadable),
}

impl Set {
    /// Finds and reads what is to be judged, and what is only context. Charts and kustomizations are
    /// rendered.
    pub(crate) fn open(judging: &Judging) -> Self {
        Self::open_without(judging, &[])
    }

    /// The same, without these files (their places without links): reports that are written anew.
    pub(crate) fn open_without(judging: &Judging, reports: &[PathBuf]) -> Self {
        Self::of(judging, Some(judging), reports)
    }

    /// The same, of files as they are.
    pub(crate) fn of_files(judging: &Judging) -> Self {
        Self::of(judging, None, &[])
    }

    fn of(judging: &Judging, rendering: Option<&Judging>, reports: &[PathBuf]) -> Self {
        let mut found = input::find(&judging.paths, judging.walking, rendering);
        let surroundings = input::find_all(&judging.context, judging.walking, rendering);
        if !reports.is_empty() {
            let is_report = |path: &Path| reports.contains(&source::real(path));
            found.sources.retain(|source| !source.path.as_deref().is_some_and(is_report));
        }
        let Found { sources, mut unreadable, barren, patched, patches } = found;
        let mut context = Context::default();
        let unfound = unreadable.len();
        unreadable.extend(surroundings.unreadable);
        for source in &surroundings.sources {
            match source::read(source).map(File::new) {
                Ok(file) => {
                    others_in(&file.stream).into_iter().for_each(|object| context.insert(object, ""));
                    let broken = file.stream.errors.iter().map(|error| format!("this is not YAML: {error}"));
                    unreadable.extend(broken.map(|reason| Unreadable { label: source.label.clone(), reason }));
                }
                Err(error) => unreadable.push(error),
            }
        }
        let lacks_context = unreadable.len() > unfound;
        let first_pass = FirstPass { room: AtomicUsize::new(KEPT), wants_workloads: AtomicBool::new(false) };
        let (mut read, mut workloads) = (Vec::new(), Vec::new());
        parallel::for_each(
            sources.len(),
            |index| first_pass.read(&sources[index]),
            |seen| {
                let label = &sources[read.len()].label;
                seen.others.into_iter().for_each(|object| context.insert(object, label));
                workloads.push(seen.workloads.map(Mutex::new));
                read.push(Mutex::new(seen.kept));
                ControlFlow::Continue(())
            },
        );
        let mut set = Set { sources, unreadable, barren, patched, patches, context, lacks_context, read };
        set.find_workloads(&workloads, &surroundings.sources);
        set
    }

    /// Looks for workloads, where something in the set is about them. Those of some files are found already.
    fn find_workloads(&mut self, found: &[Option<Mutex<Vec<Prepared>>>], only_context: &[Source]) {
        if !self.context.wants_workloads() {
            return;
        }
        let Set { sources, read, context, .. } = self;
        let workloads = |index: usize| {
            if let Some(mut found) = found.get(index).and_then(Option::as_ref).and_then(|found| found.lock().ok()) {
                return std::mem::take(&mut *found);
            }
            let kept = read.get(index).and_then(|read| read.lock().ok());
            match kept.as_deref() {
                Some(Read::File(file)) => workloads_in(&file.stream),
                Some(Read::Failed(_)) => Vec::new(),
                Some(Read::Not) | None => {
                    let source = sources.get(index).unwrap_or_else(|| &only_context[index - sources.len()]);
                    let text = source::read(source).ok().filter(|text| context::may_hold_workload(text));
                    text.map(|text| workloads_in(&transom_yaml::parse(&text))).unwrap_or_default()
                }
            }
        };
        let mut index = 0;
        parallel::for_each(sources.len() + only_context.len(), workloads, |workloads| {
            // What is given as context alone is of everywhere.
            let origin = sources.get(index).map_or("", |source| &source.label);
            workloads.into_iter().for_each(|workload| context.insert(workload, origin));
            index += 1;
            ControlFlow::Continue(())
        });
    }

    /// What a text holds now that was changed.
    pub(crate) fn update(&mut self, index: usize, text: &str) {
        let holds_workload = self.context.wants_workloads() && context::may_hold_workload(text);
        if holds_workload || context::may_be_in(text) {
            let origin = &self.sources[index].label;
            let stream = transom_yaml::parse(text);
            self.context.forget_generated(origin);
            let objects = if holds_workload { objects(&stream, Prepared::of) } else { others_in(&stream) };
            objects.into_iter().for_each(|object| self.context.insert(object, origin));
        }
    }

    /// Puts a text in the place of stdin, which was read before.
    pub(crate) fn put_stdin(&mut self, text: &str) {
        let Some(index) = self.sources.iter().position(|source| source.path.is_none()) else { return };
        self.read[index] = Mutex::new(Read::File(Box::new(File::new(text.to_owned()))));
        self.update(index, text);
    }

    /// Hands a file to `look`, and leaves it there to be taken.
    pub(crate) fn look<T>(&self, index: usize, look: impl FnOnce(Result<&File, &Unreadable>) -> T) -> T {
        if let Ok(read) = self.read[index].lock() {
            match &*read {
                Read::File(file) => return look(Ok(file)),
                Read::Failed(error) => return look(Err(error)),
                Read::Not => {}
            }
        }
        look(source::read(&self.sources[index]).map(File::new).as_ref())
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
            Read::Not => source::read(&self.sources[index])?,
        };
        Ok(File::new(text))
    }
}

/// What goes on while the files are read for the first time.
struct FirstPass {
    /// How much text may still be kept.
    room: AtomicUsize,
    /// Something hints at objects that are about workloads.
    wants_workloads: AtomicBool,
}

/// What the first pass finds in a source.
struct Seen {
    /// What others look up, but for workloads.
    others: Vec<Prepared>,
    /// The workloads, where they were looked for.
    workloads: Option<Vec<Prepared>>,
    /// What is kept of it: while there is room, or if it cannot be read again.
    kept: Read,
}

impl FirstPass {
    fn read(&self, source: &Source) -> Seen {
        let text = match source::read(source) {
            Ok(text) => text,
            Err(error) => return Seen { others: Vec::new(), workloads: None, kept: Read::Failed(error) },
        };
        let take = |left: usize| left.checked_sub(text.len());
        let is_kept = source.once || self.room.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take).is_ok();
        let may_matter = context::may_be_in(&text);
        if may_matter && context::may_be_about_workloads(&text) {
            self.wants_workloads.store(true, Ordering::Relaxed);
        }
        let wants_workloads = self.wants_workloads.load(Ordering::Relaxed) && context::may_hold_workload(&text);
        if !is_kept && !may_matter && !wants_workloads {
            return Seen { others: Vec::new(), workloads: None, kept: Read::Not };
        }
        let file = File::new(text);
        Seen {
            others: if may_matter { others_in(&file.stream) } else { Vec::new() },
            workloads: wants_workloads.then(|| workloads_in(&file.stream)),
            kept: if is_kept { Read::File(Box::new(file)) } else { Read::Not },
        }
    }
}

/// The objects of a text that others look up, but for workloads.
fn others_in(stream: &Stream) -> Vec<Prepared> {
    objects(stream, Prepared::of_other)
}

fn workloads_in(stream: &Stream) -> Vec<Prepared> {
    objects(stream, Prepared::of_workload)
}

fn objects(stream: &Stream, prepare: impl Fn(&Value) -> Option<Prepared>) -> Vec<Prepared> {
    let objects = stream.documents.iter().flat_map(Content::objects);
    objects.filter_map(|object| prepare(object.object())).collect()
}
