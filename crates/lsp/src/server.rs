//! The main loop: takes messages, keeps the picture of the world, hands work to the other threads and
//! their results to the editor. Nothing here takes long.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use crossbeam_channel::{Sender, select};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response};
use lsp_types::{
    CancelParams, CodeActionOptions, CodeActionProviderCapability, CompletionOptions, Diagnostic,
    DidChangeTextDocumentParams, DidChangeWatchedFilesParams, DidChangeWatchedFilesRegistrationOptions,
    DidChangeWorkspaceFoldersParams, DidCloseTextDocumentParams, DidOpenTextDocumentParams, DidSaveTextDocumentParams,
    FileSystemWatcher, GlobPattern, HoverProviderCapability, InitializeParams, LogMessageParams, MessageType,
    NumberOrString, OneOf, PublishDiagnosticsParams, Registration, RegistrationParams, SaveOptions, ServerCapabilities,
    TextDocumentSyncCapability, TextDocumentSyncKind, TextDocumentSyncOptions, TextDocumentSyncSaveOptions, Uri,
    WorkspaceFoldersServerCapabilities, WorkspaceServerCapabilities,
};
use serde::Serialize;
use serde_json::json;

use crate::answers::{self, Cancelled, Desk, Question};
use crate::changes::changed;
use crate::checked::Checked;
use crate::checker::{self, Queue};
use crate::contexts::Contexts;
use crate::document::{Document, path_of};
use crate::event::{Event, Outcome};
use crate::position::Encoding;
use crate::world::World;
use crate::{Options, actions, folder};

/// How an editor leaves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Goodbye {
    /// As the protocol asks: first `shutdown`, then `exit`.
    Proper,
    /// By `exit` alone: the process is to end with 1.
    Abrupt,
}

/// Serves one editor until it says goodbye. What is still under way then ends with the process.
///
/// # Errors
///
/// Where the editor does not take what is sent.
pub fn serve(connection: &Connection, options: Options) -> anyhow::Result<Goodbye> {
    let Some((id, params)) = initialize(connection)? else { return Ok(Goodbye::Abrupt) };
    let general = params.capabilities.general.as_ref();
    let encoding = Encoding::agreed(general.and_then(|general| general.position_encodings.as_deref()));
    let answer = json!({
        "capabilities": capabilities(encoding),
        "serverInfo": {"name": "transom", "version": env!("CARGO_PKG_VERSION")},
    });
    connection.sender.send(Message::Response(Response::new_ok(id, answer)))?;

    let (events, incoming) = crossbeam_channel::unbounded();
    let (queue, contexts) = (Arc::new(Queue::default()), Arc::new(Contexts::default()));
    let cancelled = Cancelled::default();
    let desk = Desk::open(&contexts, &cancelled, &events);
    checker::start(queue.clone(), contexts, events.clone());
    let world = World {
        options,
        encoding,
        documents: BTreeMap::new(),
        folders: folders(&params),
        files: Arc::default(),
        patches: Arc::default(),
    };
    let mut server = Server {
        connection,
        world,
        queue,
        desk,
        cancelled,
        events,
        checked: BTreeMap::new(),
        pending: BTreeMap::new(),
        wrong: BTreeMap::new(),
        scans: BTreeMap::new(),
        has_watchers: has_watchers(&params),
        is_shut_down: false,
    };
    loop {
        select! {
            recv(connection.receiver) -> message => match message {
                Ok(Message::Notification(notification)) if notification.method == "exit" => {
                    return Ok(if server.is_shut_down { Goodbye::Proper } else { Goodbye::Abrupt });
                }
                Ok(message) => match server.message(message) {
                    // A message that is not as it should be is no reason to leave the editor alone.
                    Err(error) if error.is::<serde_json::Error>() => server.failed(error.to_string())?,
                    result => result?,
                },
                Err(_) => return Ok(Goodbye::Proper),
            },
            recv(incoming) -> event => if let Ok(event) = event { server.event(event)? },
        }
    }
}

/// The request that an editor begins with; none where it leaves without one.
fn initialize(connection: &Connection) -> anyhow::Result<Option<(RequestId, InitializeParams)>> {
    for message in &connection.receiver {
        let (id, code, message) = match message {
            Message::Request(Request { id, method, params }) if method == "initialize" => {
                match serde_json::from_value(params) {
                    Ok(params) => return Ok(Some((id, params))),
                    Err(error) => (id, ErrorCode::InvalidParams, error.to_string()),
                }
            }
            Message::Request(Request { id, method, .. }) => {
                (id, ErrorCode::ServerNotInitialized, format!("{method} comes before initialize"))
            }
            Message::Notification(notification) if notification.method == "exit" => return Ok(None),
            Message::Notification(_) | Message::Response(_) => continue,
        };
        connection.sender.send(Message::Response(Response::new_err(id, code as i32, message)))?;
    }
    Ok(None)
}

fn capabilities(encoding: Encoding) -> ServerCapabilities {
    ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(TextDocumentSyncCapability::Options(TextDocumentSyncOptions {
            open_close: Some(true),
            change: Some(TextDocumentSyncKind::INCREMENTAL),
            save: Some(TextDocumentSyncSaveOptions::SaveOptions(SaveOptions { include_text: Some(false) })),
            ..TextDocumentSyncOptions::default()
        })),
        code_action_provider: Some(CodeActionProviderCapability::Options(CodeActionOptions {
            code_action_kinds: Some(actions::kinds()),
            ..CodeActionOptions::default()
        })),
        hover_provider: Some(HoverProviderCapability::Simple(true)),
        completion_provider: Some(CompletionOptions {
            trigger_characters: Some(["[", ":", " ", "-", "."].map(str::to_owned).to_vec()),
            ..CompletionOptions::default()
        }),
        workspace: Some(WorkspaceServerCapabilities {
            workspace_folders: Some(WorkspaceFoldersServerCapabilities {
                supported: Some(true),
                change_notifications: Some(OneOf::Left(true)),
            }),
            file_operations: None,
        }),
        ..ServerCapabilities::default()
    }
}

fn folders(params: &InitializeParams) -> Vec<PathBuf> {
    if let Some(folders) = params.workspace_folders.as_ref().filter(|folders| !folders.is_empty()) {
        return folders.iter().filter_map(|folder| path_of(&folder.uri)).collect();
    }
    #[expect(deprecated, reason = "older editors say it this way")]
    params.root_uri.as_ref().and_then(path_of).into_iter().collect()
}

fn has_watchers(params: &InitializeParams) -> bool {
    let workspace = params.capabilities.workspace.as_ref();
    workspace.and_then(|workspace| workspace.did_change_watched_files?.dynamic_registration).unwrap_or(false)
}

/// The answer to a request that was cancelled.
fn cancellation(id: RequestId) -> Response {
    Response::new_err(id, ErrorCode::RequestCanceled as i32, "the request was cancelled".to_owned())
}

/// Whether a language is YAML or JSON; Neovim has `yaml.docker-compose`. Not every editor says.
fn is_ours(language: &str) -> bool {
    ["", "yaml", "json", "jsonc"].contains(&language.split('.').next().unwrap_or_default())
}

struct Server<'c> {
    connection: &'c Connection,
    world: World,
    queue: Arc<Queue>,
    desk: Desk,
    cancelled: Cancelled,
    events: Sender<Event>,
    /// The last findings of each open document.
    checked: BTreeMap<String, Arc<Checked>>,
    /// The requests that are not answered yet.
    pending: BTreeMap<String, RequestId>,
    /// Settings files and baselines that are not open and have something wrong with them.
    wrong: BTreeMap<String, Uri>,
    /// Folders that are being read, and whether once more after that: until they are, findings may miss their context.
    scans: BTreeMap<PathBuf, bool>,
    has_watchers: bool,
    /// There is nothing left to ask.
    is_shut_down: bool,
}

impl Server<'_> {
    fn begin(&mut self) -> anyhow::Result<()> {
        if self.has_watchers {
            let globs = ["**/*.{yaml,yml,json}", "**/Kustomization"];
            let watcher =
                |glob: &str| FileSystemWatcher { glob_pattern: GlobPattern::String(glob.to_owned()), kind: None };
            let watchers = globs.map(watcher).to_vec();
            let options = DidChangeWatchedFilesRegistrationOptions { watchers };
            let registration = Registration {
                id: "manifests".to_owned(),
                method: "workspace/didChangeWatchedFiles".to_owned(),
                register_options: Some(serde_json::to_value(options)?),
            };
            let params = RegistrationParams { registrations: vec![registration] };
            let id = RequestId::from("watch".to_owned());
            self.send(Message::Request(Request::new(id, "client/registerCapability".to_owned(), params)))?;
        }
        for folder in self.world.folders.clone() {
            self.scan(folder);
        }
        Ok(())
    }

    fn send(&self, message: Message) -> anyhow::Result<()> {
        Ok(self.connection.sender.send(message)?)
    }

    fn notify(&self, method: &str, params: impl Serialize) -> anyhow::Result<()> {
        self.send(Message::Notification(Notification::new(method.to_owned(), params)))
    }

    fn scan(&mut self, folder: PathBuf) {
        if let Some(again) = self.scans.get_mut(&folder) {
            *again = true;
            return;
        }
        self.scans.insert(folder.clone(), false);
        let events = self.events.clone();
        thread::spawn(move || {
            let files = folder::scan(&folder);
            let _ = events.send(Event::Scanned(folder, files));
        });
    }

    /// Reads files that may have changed.
    fn read(&self, paths: Vec<PathBuf>) {
        let (events, world) = (self.events.clone(), self.world.clone());
        thread::spawn(move || {
            let read = paths.into_iter().map(|path| {
                let objects = world.folder_of(&path).and_then(|_| folder::read(&path));
                (path, objects)
            });
            let _ = events.send(Event::Read(read.collect()));
        });
    }

    /// Has documents judged.
    fn judge(&self, uris: impl IntoIterator<Item = String>) {
        self.queue.update(Arc::new(self.world.clone()), uris);
    }

    fn judge_all(&self) {
        self.judge(self.world.documents.keys().cloned().collect::<Vec<_>>());
    }

    fn message(&mut self, message: Message) -> anyhow::Result<()> {
        match message {
            Message::Request(request) => self.request(request),
            Message::Notification(notification) => self.notification(notification),
            // To our own requests: there is nothing to do about it.
            Message::Response(_) => Ok(()),
        }
    }

    fn request(&mut self, request: Request) -> anyhow::Result<()> {
        let method = &*request.method;
        let refused = match method {
            _ if self.is_shut_down => Some((ErrorCode::InvalidRequest, format!("{method} comes after shutdown"))),
            "initialize" => Some((ErrorCode::InvalidRequest, "initialize comes once".to_owned())),
            "shutdown" => return self.shut_down(request.id),
            _ if answers::KNOWN.contains(&method) => None,
            _ => Some((ErrorCode::MethodNotFound, format!("transom does not know {method}"))),
        };
        if let Some((code, message)) = refused {
            return self.send(Message::Response(Response::new_err(request.id, code as i32, message)));
        }
        let checked = answers::subject(&request).and_then(|uri| self.checked.get(uri.as_str()).cloned());
        self.pending.insert(request.id.to_string(), request.id.clone());
        self.desk.ask(Question { request, world: Arc::new(self.world.clone()), checked });
        Ok(())
    }

    /// Ends all work; what is not answered yet will not be.
    fn shut_down(&mut self, id: RequestId) -> anyhow::Result<()> {
        self.is_shut_down = true;
        self.queue.end();
        for id in self.pending.keys().cloned().collect::<Vec<_>>() {
            self.cancel(&id)?;
        }
        self.send(Message::Response(Response::new_ok(id, ())))
    }

    /// Answers at once what nobody waits for any more; who works on it stops at the next occasion.
    fn cancel(&mut self, id: &str) -> anyhow::Result<()> {
        let Some(id) = self.pending.remove(id) else { return Ok(()) };
        self.cancelled.add(id.to_string());
        self.send(Message::Response(cancellation(id)))
    }

    fn notification(&mut self, notification: Notification) -> anyhow::Result<()> {
        let Notification { method, params } = notification;
        match method.as_str() {
            "initialized" => self.begin()?,
            "textDocument/didOpen" => {
                let opened = serde_json::from_value::<DidOpenTextDocumentParams>(params)?.text_document;
                if is_ours(&opened.language_id) {
                    self.show(opened.uri, opened.version, opened.text.into());
                }
            }
            "textDocument/didChange" => self.change(serde_json::from_value(params)?),
            "textDocument/didSave" => {
                let saved: DidSaveTextDocumentParams = serde_json::from_value(params)?;
                let Some(path) = path_of(&saved.text_document.uri) else { return Ok(()) };
                match self.world.folder_of(&path).cloned() {
                    // Whoever cannot watch files may have changed others meanwhile.
                    Some(folder) if !self.has_watchers => self.scan(folder),
                    Some(_) => {}
                    // Nobody watches what is in no folder.
                    None => self.read(vec![path]),
                }
            }
            "textDocument/didClose" => {
                let uri = serde_json::from_value::<DidCloseTextDocumentParams>(params)?.text_document.uri;
                let closed = self.world.documents.remove(uri.as_str());
                self.checked.remove(uri.as_str());
                self.publish(uri, None, Vec::new())?;
                // From now on the file counts as it is on disk.
                self.read(closed.and_then(|closed| closed.path.clone()).into_iter().collect());
            }
            "workspace/didChangeWatchedFiles" => {
                let changes = serde_json::from_value::<DidChangeWatchedFilesParams>(params)?.changes;
                let paths: Vec<PathBuf> = changes.iter().filter_map(|change| path_of(&change.uri)).collect();
                // They decide which of the other files are patches.
                let kustomizations = paths.iter().filter(|path| transom_charts::is_kustomization(path));
                let around: BTreeSet<PathBuf> =
                    kustomizations.filter_map(|path| self.world.folder_of(path).cloned()).collect();
                around.into_iter().for_each(|folder| self.scan(folder));
                self.read(paths.into_iter().filter(|path| transom_charts::is_manifest(path)).collect());
            }
            "workspace/didChangeWorkspaceFolders" => {
                let event = serde_json::from_value::<DidChangeWorkspaceFoldersParams>(params)?.event;
                let removed: Vec<PathBuf> = event.removed.iter().filter_map(|folder| path_of(&folder.uri)).collect();
                self.world.folders.retain(|folder| !removed.contains(folder));
                let added: Vec<PathBuf> = event.added.iter().filter_map(|folder| path_of(&folder.uri)).collect();
                self.world.folders.extend(added.iter().cloned());
                self.world.forget_closed_folders();
                added.into_iter().for_each(|folder| self.scan(folder));
                self.judge_all();
            }
            "$/cancelRequest" => {
                let id = match serde_json::from_value::<CancelParams>(params)?.id {
                    NumberOrString::Number(id) => RequestId::from(id),
                    NumberOrString::String(id) => RequestId::from(id),
                };
                return self.cancel(&id.to_string());
            }
            // The protocol lets servers pass over what they do not know.
            _ => {}
        }
        Ok(())
    }

    fn show(&mut self, uri: Uri, version: i32, text: Arc<str>) {
        let key = uri.as_str().to_owned();
        let path = path_of(&uri);
        self.world.documents.insert(key.clone(), Arc::new(Document { uri, path, version, text }));
        self.judge([key]);
    }

    fn change(&mut self, params: DidChangeTextDocumentParams) {
        let Some(document) = self.world.document(&params.text_document.uri).cloned() else { return };
        let text = changed(&document.text, self.world.encoding, params.content_changes);
        self.show(document.uri.clone(), params.text_document.version, text.into());
    }

    fn event(&mut self, event: Event) -> anyhow::Result<()> {
        match event {
            Event::Outcome(Outcome::Checked(uri, checked)) => {
                let now = self.world.document(&uri).map(|document| document.version);
                if now == Some(checked.version) && self.scans.is_empty() {
                    self.checked.insert(uri.as_str().to_owned(), checked.clone());
                    return self.publish(uri, now, checked.diagnostics.clone());
                }
            }
            Event::Outcome(Outcome::Settings(uri, version, diagnostics)) => {
                let now = self.world.document(&uri).map(|document| document.version);
                if version.is_none() {
                    self.wrong.insert(uri.as_str().to_owned(), uri.clone());
                }
                if version.is_none() || now == version {
                    return self.publish(uri, version, diagnostics);
                }
            }
            Event::Answer(response) => {
                let id = response.id.to_string();
                self.cancelled.forget(&id);
                // What was cancelled is answered already.
                if self.pending.remove(&id).is_some() {
                    return self.send(Message::Response(response));
                }
            }
            Event::Scanned(folder, found) => {
                if self.scans.remove(&folder) == Some(true) {
                    self.scan(folder);
                    return Ok(());
                }
                self.world.take(&folder, found);
                self.judge_all();
            }
            Event::Read(read) => {
                let mut files = (*self.world.files).clone();
                for (path, objects) in read {
                    // The folder may have gone meanwhile, or a kustomization may have made a patch of it.
                    let is_wanted = self.world.folder_of(&path).is_some() && !self.world.patches.contains(&path);
                    match objects.filter(|_| is_wanted) {
                        Some(objects) => drop(files.insert(path, objects)),
                        None => drop(files.remove(&path)),
                    }
                }
                self.world.files = Arc::new(files);
                // Settings may be among them, too; what is still wrong with them is said again.
                for uri in std::mem::take(&mut self.wrong).into_values() {
                    self.publish(uri, None, Vec::new())?;
                }
                self.judge_all();
            }
            Event::Failed(message) => return self.failed(message),
        }
        Ok(())
    }

    fn failed(&self, message: String) -> anyhow::Result<()> {
        self.notify("window/logMessage", LogMessageParams { typ: MessageType::ERROR, message })
    }

    fn publish(&self, uri: Uri, version: Option<i32>, diagnostics: Vec<Diagnostic>) -> anyhow::Result<()> {
        self.notify("textDocument/publishDiagnostics", PublishDiagnosticsParams { uri, diagnostics, version })
    }
}
