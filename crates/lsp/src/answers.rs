//! The threads that work on requests.

use std::collections::BTreeSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use crossbeam_channel::{Receiver, Sender};
use lsp_server::{ErrorCode, Request, Response};
use lsp_types::{CodeActionParams, CompletionParams, HoverParams, Uri};
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::checked::{self, Checked};
use crate::contexts::Contexts;
use crate::document::Document;
use crate::event::Event;
use crate::world::World;
use crate::{actions, hover, settings_file};

const CODE_ACTION: &str = "textDocument/codeAction";

/// What there are answers to.
pub(crate) const KNOWN: &[&str] = &[CODE_ACTION, "textDocument/hover", "textDocument/completion"];

/// A request, and the world as it was when it came.
pub(crate) struct Question {
    pub(crate) request: Request,
    pub(crate) world: Arc<World>,
    /// What the checker last made of the document, if it was in time.
    pub(crate) checked: Option<Arc<Checked>>,
}

/// The requests that nobody waits for any more, until they are done with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Cancelled(Arc<Mutex<BTreeSet<String>>>);

impl Cancelled {
    pub(crate) fn add(&self, id: String) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
    }

    fn has(&self, id: &str) -> bool {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).contains(id)
    }

    pub(crate) fn forget(&self, id: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(id);
    }
}

/// Where requests go to be worked on: code actions may take long, and nothing else waits for them.
pub(crate) struct Desk {
    actions: Sender<Question>,
    others: Sender<Question>,
}

impl Desk {
    pub(crate) fn open(contexts: &Arc<Contexts>, cancelled: &Cancelled, events: &Sender<Event>) -> Self {
        let thread = || {
            let (sender, questions) = crossbeam_channel::unbounded();
            let (contexts, cancelled, events) = (contexts.clone(), cancelled.clone(), events.clone());
            thread::spawn(move || work(questions, &contexts, &cancelled, &events));
            sender
        };
        Desk { actions: thread(), others: thread() }
    }

    pub(crate) fn ask(&self, question: Question) {
        let thread = if question.request.method == CODE_ACTION { &self.actions } else { &self.others };
        // It is gone only where the process ends.
        let _ = thread.send(question);
    }
}

fn work(questions: Receiver<Question>, contexts: &Contexts, cancelled: &Cancelled, events: &Sender<Event>) {
    for question in questions {
        let id = question.request.id.clone();
        let name = id.to_string();
        let fail = |code: ErrorCode, message: String| Response::new_err(id.clone(), code as i32, message);
        let is_wanted = || !cancelled.has(&name);
        let answered = if is_wanted() {
            catch_unwind(AssertUnwindSafe(|| answer(&question, contexts, &is_wanted)))
        } else {
            // It was answered when it was cancelled.
            Ok(Ok(Value::Null))
        };
        let response = match answered {
            Ok(Ok(result)) => Response::new_ok(id.clone(), result),
            Ok(Err(error)) => fail(ErrorCode::InvalidParams, error.to_string()),
            Err(_) => fail(ErrorCode::InternalError, "this could not be answered: please report this".to_owned()),
        };
        if events.send(Event::Answer(response)).is_err() {
            return;
        }
    }
}

fn answer(question: &Question, contexts: &Contexts, is_wanted: &dyn Fn() -> bool) -> anyhow::Result<Value> {
    let world = &question.world;
    Ok(match question.request.method.as_str() {
        CODE_ACTION => {
            let params: CodeActionParams = params(question)?;
            let Some(document) = world.document(&params.text_document.uri) else { return Ok(Value::Null) };
            if settings_file::is_settings(world, document) {
                return Ok(Value::Array(Vec::new()));
            }
            let settings = settings_file::around(world, document);
            let context = contexts.around(world, document);
            let context = context.seen_from(&document.label());
            let checked = in_time(question, document, &settings, contexts, &context, is_wanted);
            let holding = actions::Holding {
                judge: &settings.judge,
                context: &context,
                settings: &settings.value,
                surroundings: &|| contexts.others(world, document),
                is_wanted,
            };
            serde_json::to_value(actions::of(world, document, &checked, &holding, &params))?
        }
        "textDocument/hover" => {
            let params: HoverParams = params(question)?;
            let place = params.text_document_position_params;
            let Some(document) = world.document(&place.text_document.uri) else { return Ok(Value::Null) };
            if settings_file::is_settings(world, document) {
                return Ok(serde_json::to_value(settings_file::hover(world, document, place.position))?);
            }
            let settings = settings_file::around(world, document);
            let context = contexts.around(world, document);
            let context = context.seen_from(&document.label());
            let checked = in_time(question, document, &settings, contexts, &context, is_wanted);
            serde_json::to_value(hover::at(world, document, &checked, place.position))?
        }
        "textDocument/completion" => {
            let params: CompletionParams = params(question)?;
            let place = params.text_document_position;
            let document = world.document(&place.text_document.uri);
            let items = match document {
                Some(document) if settings_file::is_settings(world, document) => {
                    settings_file::completion(world, document, place.position)
                }
                Some(document) => hover::complete_suppression(world, document, place.position),
                None => Vec::new(),
            };
            serde_json::to_value(items)?
        }
        other => anyhow::bail!("there is no {other}"),
    })
}

fn params<T: DeserializeOwned>(question: &Question) -> anyhow::Result<T> {
    Ok(serde_json::from_value(question.request.params.clone())?)
}

/// The findings in the document as it was when the question came.
fn in_time(
    question: &Question,
    document: &Document,
    settings: &settings_file::Around,
    contexts: &Contexts,
    context: &transom_manifests::View<'_>,
    is_wanted: &dyn Fn() -> bool,
) -> Arc<Checked> {
    let known = question.checked.clone().filter(|checked| checked.version == document.version);
    known.unwrap_or_else(|| {
        let world = &question.world;
        let baseline = contexts.baselines.around(world, document).ok().flatten();
        let checked = checked::check(world, document, &settings.judge, context, baseline.as_deref(), is_wanted);
        let nothing = || Checked { version: document.version, found: Vec::new(), diagnostics: Vec::new() };
        Arc::new(checked.unwrap_or_else(nothing))
    })
}

/// The document that a request is about.
pub(crate) fn subject(request: &Request) -> Option<Uri> {
    request.params["textDocument"]["uri"].as_str()?.parse().ok()
}
