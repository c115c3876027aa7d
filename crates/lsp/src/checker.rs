//! The thread that judges documents as they change.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::Sender;

use crate::contexts::Contexts;
use crate::document::Document;
use crate::event::{Event, Outcome};
use crate::world::World;
use crate::{checked, settings_file};

/// What there is to do. Whoever changes the world puts the new one here.
#[derive(Debug, Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Debug, Default)]
struct State {
    world: Option<Arc<World>>,
    /// URIs of documents to judge.
    dirty: BTreeSet<String>,
    over: bool,
}

impl Queue {
    /// Shows a new world, in which `dirty` are to be judged.
    pub(crate) fn update(&self, world: Arc<World>, dirty: impl IntoIterator<Item = String>) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.dirty.extend(dirty);
        state.dirty.retain(|uri| world.documents.contains_key(uri));
        state.world = Some(world);
        self.wake.notify_one();
    }

    pub(crate) fn end(&self) {
        self.state.lock().unwrap_or_else(PoisonError::into_inner).over = true;
        self.wake.notify_one();
    }

    fn next(&self) -> Option<(Arc<World>, Arc<Document>)> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            if state.over {
                return None;
            }
            if let (Some(world), Some(uri)) = (state.world.clone(), state.dirty.pop_first())
                && let Some(document) = world.documents.get(&uri)
            {
                return Some((world.clone(), document.clone()));
            }
            if state.dirty.is_empty() {
                state = self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
            }
        }
    }

    /// Whether this is still what the document says.
    fn is_current(&self, document: &Document) -> bool {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let now = state.world.as_ref().and_then(|world| world.document(&document.uri));
        !state.over && now.is_some_and(|now| now.version == document.version)
    }

    /// All other documents have to be judged again.
    fn others(&self, document: &Document) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let world = state.world.clone();
        let others = world.iter().flat_map(|world| world.documents.keys());
        state.dirty.extend(others.filter(|uri| *uri != document.uri.as_str()).cloned());
    }
}

pub(crate) fn start(queue: Arc<Queue>, contexts: Arc<Contexts>, events: Sender<Event>) {
    thread::spawn(move || {
        while let Some((world, document)) = queue.next() {
            let work = AssertUnwindSafe(|| one(&queue, &contexts, &world, &document, &events));
            if catch_unwind(work).is_err() {
                let message = format!("{} could not be judged: please report this", document.uri.as_str());
                let _ = events.send(Event::Failed(message));
            }
        }
    });
}

fn one(queue: &Queue, contexts: &Contexts, world: &World, document: &Document, events: &Sender<Event>) {
    if settings_file::is_settings(world, document) {
        let diagnostics = settings_file::diagnostics(world, document);
        let _ =
            events.send(Event::Outcome(Outcome::Settings(document.uri.clone(), Some(document.version), diagnostics)));
        queue.others(document);
        return;
    }
    contexts.retain(&world.documents.keys().cloned().collect());
    let is_news = contexts.is_news(document);
    let settings = settings_file::around(world, document);
    if let Some(broken) = &settings.broken {
        let diagnostics = settings_file::diagnostics(world, broken);
        let _ = events.send(Event::Outcome(Outcome::Settings(broken.uri.clone(), None, diagnostics)));
    }
    let baseline = contexts.baselines.around(world, document).unwrap_or_else(|broken| {
        let wrong = Outcome::Settings(broken.uri.clone(), None, vec![broken.diagnostic()]);
        let _ = events.send(Event::Outcome(wrong));
        None
    });
    let context = contexts.around(world, document);
    let context = context.seen_from(&document.label());
    let is_current = || queue.is_current(document);
    if let Some(checked) = checked::check(world, document, &settings.judge, &context, baseline.as_deref(), &is_current)
    {
        let _ = events.send(Event::Outcome(Outcome::Checked(document.uri.clone(), Arc::new(checked))));
        if is_news {
            queue.others(document);
        }
    }
}
