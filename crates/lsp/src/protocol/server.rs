//! The session: its state, its queue, and who answers what.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Arc, Mutex, PoisonError};

use lsp_server::{Connection, ErrorCode, Message, Notification, Request, RequestId, Response, ResponseError};
use lsp_types::notification::Notification as _;
use lsp_types::request::Request as _;
use lsp_types::{
    DidChangeWatchedFilesRegistrationOptions, FileSystemWatcher, GlobPattern, InitializeParams, Registration,
    RegistrationParams, Uri, notification, request,
};
use serde_json::Value as Json;

use super::activity::Daemon;
use super::cache::Cache;
use super::capabilities::Client;
use super::completion::Proposed;
use super::uris::Naming;
use super::{Ended, Options, commands, documents};
use crate::workspace::Workspace;

/// Why a request has no answer.
pub(super) struct Refusal {
    pub(super) code: ErrorCode,
    pub(super) message: String,
}

pub(super) type Answer<T> = Result<T, Refusal>;

/// Whether a request was cancelled.
pub(super) struct Cancellation {
    cancelled: Arc<Mutex<BTreeSet<RequestId>>>,
    current: Option<RequestId>,
}

impl Cancellation {
    pub(super) fn is_cancelled(&self) -> bool {
        let cancelled = self.cancelled.lock().unwrap_or_else(PoisonError::into_inner);
        self.current.as_ref().is_some_and(|id| cancelled.contains(id))
    }
}

/// A session.
pub(super) struct Server<'c> {
    connection: &'c Connection,
    pub(super) client: Client,
    pub(super) workspace: Workspace,
    pub(super) cache: Cache,
    /// How the editor spells the files it has opened.
    pub(super) uris: BTreeMap<PathBuf, Uri>,
    pub(super) versions: BTreeMap<PathBuf, i32>,
    /// What was told of files: the project and what stands for the diagnostics.
    pub(super) published: BTreeMap<PathBuf, (PathBuf, u64)>,
    pub(super) asked_for_diagnostics: bool,
    /// The proposals that were given last, whose documentation may be asked for.
    pub(super) proposed: Proposed,
    daemon: Option<Daemon>,
    queue: VecDeque<Message>,
    /// Requests whose cancellation has arrived and was not yet taken out of the queue.
    cancelled: Arc<Mutex<BTreeSet<RequestId>>>,
    /// The request that is being answered.
    current: Option<RequestId>,
    next_id: i32,
}

impl<'c> Server<'c> {
    pub(super) fn new(connection: &'c Connection, client: Client, options: Options) -> Self {
        let naming = Naming::new(options.root.as_deref());
        Self {
            connection,
            client,
            workspace: Workspace::within(naming.root()),
            cache: Cache::new(options.cache, naming),
            uris: BTreeMap::new(),
            versions: BTreeMap::new(),
            published: BTreeMap::new(),
            asked_for_diagnostics: false,
            proposed: Proposed::default(),
            daemon: options.daemon,
            queue: VecDeque::new(),
            cancelled: Arc::default(),
            current: None,
            next_id: 0,
        }
    }

    /// Answers until the session ends.
    pub(super) fn run(mut self, params: &InitializeParams) -> Ended {
        #[expect(deprecated, reason = "editors without folders say where they are in this way")]
        let root = params.root_uri.as_ref().and_then(|uri| self.cache.naming.path(uri));
        let folders = match (self.cache.naming.root(), &params.workspace_folders) {
            (Some(served), _) => vec![served.to_owned()],
            (None, Some(folders)) => documents::paths(&self.cache.naming, folders),
            (None, None) => root.into_iter().collect(),
        };
        self.workspace.set_folders(folders);
        self.watch();
        let (sender, incoming) = channel();
        let receiver = self.connection.receiver.clone();
        // Messages are taken off the wire while others are answered, so that a cancellation is seen in time.
        let cancelled = Arc::clone(&self.cancelled);
        std::thread::spawn(move || {
            receiver.into_iter().all(|message| {
                if let Some(id) = cancels(&message) {
                    cancelled.lock().unwrap_or_else(PoisonError::into_inner).insert(id);
                }
                sender.send(message).is_ok()
            })
        });
        while let Some(message) = self.next(&incoming) {
            match message {
                Message::Request(request) if request.method == request::Shutdown::METHOD => {
                    self.send(Response::new_ok(request.id, Json::Null));
                    return self.wait_for_exit(&incoming);
                }
                Message::Request(request) => self.request(request),
                Message::Notification(notification) if notification.method == notification::Exit::METHOD => {
                    return Ended::Abrupt;
                }
                Message::Notification(notification) => self.notification(notification),
                Message::Response(_) => {}
            }
        }
        Ended::Abrupt
    }

    /// Returns the next message. What is wrong is told before waiting for one.
    fn next(&mut self, incoming: &Receiver<Message>) -> Option<Message> {
        loop {
            while let Ok(message) = incoming.try_recv() {
                self.take(message);
            }
            if let Some(message) = self.queue.pop_front() {
                return Some(message);
            }
            let told = catch_unwind(AssertUnwindSafe(|| self.publish()));
            if told.is_err() {
                self.log("what is wrong could not be told: this is a defect of hence");
            }
            self.take(incoming.recv().ok()?);
        }
    }

    /// Puts a message into the queue; a cancellation takes its request out of it.
    fn take(&mut self, message: Message) {
        if let Some(id) = cancels(&message) {
            self.cancelled.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            let waits = |message: &Message| matches!(message, Message::Request(request) if request.id == id);
            if let Some(at) = self.queue.iter().position(waits) {
                self.queue.remove(at);
                self.send(refused(id, cancelled()));
            }
            return;
        }
        self.queue.push_back(message);
    }

    fn wait_for_exit(&mut self, incoming: &Receiver<Message>) -> Ended {
        while let Ok(message) = incoming.recv() {
            match message {
                Message::Notification(notification) if notification.method == notification::Exit::METHOD => {
                    break;
                }
                Message::Request(request) => {
                    let message = "the session is over".to_owned();
                    self.send(Response::new_err(request.id, ErrorCode::InvalidRequest as i32, message));
                }
                Message::Notification(_) | Message::Response(_) => {}
            }
        }
        Ended::Orderly
    }

    /// Returns what tells whether the request that is being answered was cancelled: what takes long looks now and then.
    pub(super) fn cancellation(&self) -> Cancellation {
        Cancellation { cancelled: Arc::clone(&self.cancelled), current: self.current.clone() }
    }

    /// Answers a lens with what the daemon says of its rule, when it has said it.
    fn lens(&self, daemon: Daemon, request: Request) {
        let sender = self.connection.sender.clone();
        std::thread::spawn(move || {
            let response = match serde_json::from_value(request.params) {
                Ok(lens) => Response::new_ok(request.id, commands::resolved(&daemon, lens)),
                Err(error) => {
                    Response::new_err(request.id, ErrorCode::InvalidParams as i32, error.to_string())
                }
            };
            // An editor that is gone hears nothing.
            let _ = sender.send(response.into());
        });
    }

    fn request(&mut self, request: Request) {
        if request.method == request::CodeLensResolve::METHOD
            && let Some(daemon) = self.daemon.clone()
        {
            self.lens(daemon, request);
            return;
        }
        let (id, method) = (request.id.clone(), request.method.clone());
        self.current = Some(id.clone());
        let answered = catch_unwind(AssertUnwindSafe(|| self.answer(&request.method, request.params)));
        let stopped = self.cancellation().is_cancelled();
        self.current = None;
        let response = match answered {
            Ok(_) if stopped => refused(id, cancelled()),
            Ok(Ok(result)) => Response { id, result: Some(result), error: None },
            Ok(Err(refusal)) => refused(id, refusal),
            Err(_) => {
                self.log(&format!("`{method}` could not be answered: this is a defect of hence"));
                let message = "a defect of hence: this request could not be answered".to_owned();
                refused(id, Refusal { code: ErrorCode::InternalError, message })
            }
        };
        self.send(response);
    }

    /// Reads the parameters of a request and answers it.
    pub(super) fn on<R: request::Request>(
        &mut self,
        params: Json,
        answer: impl FnOnce(&mut Self, R::Params) -> Answer<R::Result>,
    ) -> Answer<Json> {
        let params = serde_json::from_value(params)
            .map_err(|error| Refusal { code: ErrorCode::InvalidParams, message: error.to_string() })?;
        let result = answer(self, params)?;
        serde_json::to_value(result)
            .map_err(|error| Refusal { code: ErrorCode::InternalError, message: error.to_string() })
    }

    fn notification(&mut self, notification: Notification) {
        let Notification { method, params } = notification;
        let handled = catch_unwind(AssertUnwindSafe(|| self.notified(&method, params)));
        if handled.is_err() {
            self.log(&format!("`{method}` could not be taken in: this is a defect of hence"));
        }
    }

    fn notified(&mut self, method: &str, params: Json) {
        // A notification that cannot be read has no sender that could be told.
        match method {
            notification::DidOpenTextDocument::METHOD => {
                let _ = serde_json::from_value(params).map(|params| self.opened(params));
            }
            notification::DidChangeTextDocument::METHOD => {
                let _ = serde_json::from_value(params).map(|params| self.changed(params));
            }
            notification::DidCloseTextDocument::METHOD => {
                let _ = serde_json::from_value(params).map(|params| self.closed(&params));
            }
            notification::DidSaveTextDocument::METHOD => {}
            notification::DidChangeWatchedFiles::METHOD => {
                let _ = serde_json::from_value(params).map(|params| self.watched(params));
            }
            notification::DidChangeWorkspaceFolders::METHOD => {
                let _ = serde_json::from_value(params).map(|params| self.folders_changed(&params));
            }
            _ => {}
        }
    }

    /// Asks the editor to watch the files that projects are made of.
    fn watch(&mut self) {
        if !self.client.watches {
            return;
        }
        let watcher = |pattern: &str| FileSystemWatcher {
            glob_pattern: GlobPattern::String(pattern.to_owned()),
            kind: None,
        };
        let patterns = [
            "**/*.rule",
            "**/hence.toml",
            "**/integrations/*.json",
            "**/*.csv",
            "**/templates/*.txt",
            "**/templates/*.html",
        ];
        let options = DidChangeWatchedFilesRegistrationOptions { watchers: patterns.map(watcher).to_vec() };
        let registration = Registration {
            id: "files".to_owned(),
            method: notification::DidChangeWatchedFiles::METHOD.to_owned(),
            register_options: serde_json::to_value(options).ok(),
        };
        self.ask::<request::RegisterCapability>(RegistrationParams { registrations: vec![registration] });
    }

    /// Sends the editor a request whose answer tells nothing.
    pub(super) fn ask<R: request::Request>(&mut self, params: R::Params) {
        self.next_id += 1;
        let id = RequestId::from(format!("hence-{}", self.next_id));
        self.send(Request::new(id, R::METHOD.to_owned(), params));
    }

    /// Sends the editor a notification.
    pub(super) fn tell<N: notification::Notification>(&mut self, params: N::Params) {
        self.send(Notification::new(N::METHOD.to_owned(), params));
    }

    pub(super) fn log(&mut self, text: &str) {
        let params =
            lsp_types::LogMessageParams { typ: lsp_types::MessageType::ERROR, message: text.to_owned() };
        self.tell::<notification::LogMessage>(params);
    }

    /// Whether what rules did can be told.
    pub(super) fn has_daemon(&self) -> bool {
        self.daemon.is_some()
    }

    fn send(&self, message: impl Into<Message>) {
        // An editor that is gone hears nothing; the loop ends with its side of the connection.
        let _ = self.connection.sender.send(message.into());
    }
}

/// Returns the request that a message cancels.
fn cancels(message: &Message) -> Option<RequestId> {
    let Message::Notification(notification) = message else { return None };
    let cancels = notification.method == notification::Cancel::METHOD;
    let id = notification.params.get("id").filter(|_| cancels)?;
    serde_json::from_value(id.clone()).ok()
}

fn cancelled() -> Refusal {
    Refusal { code: ErrorCode::RequestCanceled, message: "cancelled".to_owned() }
}

fn refused(id: RequestId, refusal: Refusal) -> Response {
    let error = ResponseError { code: refusal.code as i32, message: refusal.message, data: None };
    Response { id, result: None, error: Some(error) }
}
