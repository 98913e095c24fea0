//! An editor for tests: it speaks the protocol over a connection in memory and remembers what it was told.

use std::path::{Path, PathBuf};
use std::thread::JoinHandle;
use std::time::Duration;

use hence_lsp::{Daemon, Ended, Options};
use lsp_server::{Connection, Message, Notification, Request, RequestId, Response};
use serde_json::{Value as Json, json};

pub(crate) struct Editor {
    connection: Connection,
    server: Option<JoinHandle<Ended>>,
    folder: tempfile::TempDir,
    root: PathBuf,
    /// What the server said of itself.
    pub(crate) initialized: Json,
    next: i32,
    versions: std::collections::BTreeMap<String, i32>,
    told: Vec<Notification>,
    answers: Vec<Response>,
}

/// An editor that asks for diagnostics.
pub(crate) fn capabilities() -> Json {
    json!({
        "textDocument": {
            "diagnostic": {},
            "completion": { "completionItem": { "snippetSupport": true } },
            "definition": { "linkSupport": false },
            "documentSymbol": { "hierarchicalDocumentSymbolSupport": true },
        },
        "workspace": { "workspaceFolders": true, "diagnostics": { "refreshSupport": true } },
    })
}

/// An editor that is told of diagnostics.
pub(crate) fn push() -> Json {
    let mut capabilities = capabilities();
    capabilities["textDocument"].as_object_mut().unwrap().remove("diagnostic");
    capabilities
}

/// An editor that counts bytes.
pub(crate) fn utf8() -> Json {
    let mut capabilities = push();
    capabilities["general"] = json!({ "positionEncodings": ["utf-8", "utf-16"] });
    capabilities
}

impl Editor {
    /// Starts a session in a folder with these files.
    pub(crate) fn start(files: &[(&str, &str)], capabilities: Json) -> Self {
        Self::connected(files, capabilities, None)
    }

    /// Starts a session that knows a daemon.
    pub(crate) fn connected(files: &[(&str, &str)], capabilities: Json, daemon: Option<Daemon>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::canonicalize(folder.path()).unwrap();
        let (ours, theirs) = Connection::memory();
        let options = Options { cache: Some(root.join(".cache")), daemon, ..Options::default() };
        let server = std::thread::spawn(move || hence_lsp::serve(&theirs, options).unwrap());
        let mut editor = Editor {
            connection: ours,
            server: Some(server),
            folder,
            root,
            initialized: Json::Null,
            next: 0,
            versions: Default::default(),
            told: Vec::new(),
            answers: Vec::new(),
        };
        for (name, text) in files {
            editor.write(name, text);
        }
        let uri = format!("file://{}", editor.root.display());
        let params = json!({
            "processId": null, "rootUri": uri, "capabilities": capabilities,
            "workspaceFolders": [{ "uri": uri, "name": "test" }],
        });
        editor.initialized = editor.ask("initialize", params);
        editor.notify("initialized", json!({}));
        editor
    }

    pub(crate) fn write(&mut self, name: &str, text: &str) {
        let path = self.folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    pub(crate) fn uri(&self, name: &str) -> String {
        format!("file://{}", self.root.join(Path::new(name)).display())
    }

    pub(crate) fn document(&self, name: &str) -> Json {
        json!({ "uri": self.uri(name) })
    }

    pub(crate) fn at(&self, name: &str, line: u32, character: u32) -> Json {
        json!({ "textDocument": self.document(name), "position": { "line": line, "character": character } })
    }

    pub(crate) fn open(&mut self, name: &str, text: &str) {
        self.versions.insert(name.to_owned(), 1);
        let document = json!({ "uri": self.uri(name), "languageId": "hence", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    pub(crate) fn change(&mut self, name: &str, start: (u32, u32), end: (u32, u32), text: &str) {
        let version = self.versions.get_mut(name).unwrap();
        *version += 1;
        let document = json!({ "version": *version, "uri": self.uri(name) });
        let place = |(line, character)| json!({ "line": line, "character": character });
        let change = json!({ "range": { "start": place(start), "end": place(end) }, "text": text });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [change] }),
        );
    }

    /// Tells the server that a file has changed on disk.
    pub(crate) fn watched(&mut self, name: &str) {
        let change = json!({ "uri": self.uri(name), "type": 1 });
        self.notify("workspace/didChangeWatchedFiles", json!({ "changes": [change] }));
    }

    pub(crate) fn notify(&mut self, method: &str, params: Json) {
        self.connection.sender.send(Notification::new(method.to_owned(), params).into()).unwrap();
    }

    pub(crate) fn send(&mut self, method: &str, params: Json) -> i32 {
        self.next += 1;
        let request = Request::new(RequestId::from(self.next), method.to_owned(), params);
        self.connection.sender.send(request.into()).unwrap();
        self.next
    }

    /// Returns the answer to a request, whatever it is.
    pub(crate) fn response(&mut self, id: i32) -> Json {
        loop {
            if let Some(at) = self.answers.iter().position(|answer| answer.id == RequestId::from(id)) {
                return serde_json::to_value(self.answers.remove(at)).unwrap();
            }
            self.receive();
        }
    }

    /// Asks, and returns the result.
    pub(crate) fn ask(&mut self, method: &str, params: Json) -> Json {
        let id = self.send(method, params);
        let response = self.response(id);
        assert!(response.get("error").is_none(), "{method}: {response}");
        response.get("result").cloned().unwrap_or(Json::Null)
    }

    fn receive(&mut self) {
        match self.connection.receiver.recv_timeout(Duration::from_secs(30)).unwrap() {
            Message::Notification(notification) => self.told.push(notification),
            Message::Response(answer) => self.answers.push(answer),
            Message::Request(request) => {
                let answer = Response::new_ok(request.id, Json::Null);
                self.connection.sender.send(answer.into()).unwrap();
            }
        }
    }

    /// Returns what the server told of a file next.
    pub(crate) fn told(&mut self, name: &str) -> Json {
        let uri = self.uri(name);
        loop {
            let place = self.told.iter().position(|told| {
                told.method == "textDocument/publishDiagnostics" && told.params["uri"] == uri.as_str()
            });
            if let Some(place) = place {
                return self.told.remove(place).params;
            }
            self.receive();
        }
    }

    /// Returns what the server told of a version of a file.
    pub(crate) fn told_until(&mut self, name: &str, version: i32) -> Json {
        loop {
            let told = self.told(name);
            if told["version"] == version {
                return told;
            }
        }
    }

    /// Returns what was told so far by a method.
    pub(crate) fn notifications(&self, method: &str) -> Vec<&Notification> {
        self.told.iter().filter(|told| told.method == method).collect()
    }

    pub(crate) fn end(mut self) -> Ended {
        self.ask("shutdown", Json::Null);
        self.notify("exit", Json::Null);
        self.server.take().unwrap().join().unwrap()
    }
}

/// Returns a text of ASCII after edits of the protocol.
pub(crate) fn applied(text: &str, edits: &Json) -> String {
    let offset = |place: &Json| {
        let line = place["line"].as_u64().unwrap() as usize;
        let start: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
        start + place["character"].as_u64().unwrap() as usize
    };
    let mut edits: Vec<(usize, usize, &str)> = edits
        .as_array()
        .unwrap()
        .iter()
        .map(|edit| {
            let range = &edit["range"];
            (offset(&range["start"]), offset(&range["end"]), edit["newText"].as_str().unwrap())
        })
        .collect();
    edits.sort_unstable();
    let mut text = text.to_owned();
    for (start, end, new) in edits.into_iter().rev() {
        text.replace_range(start..end, new);
    }
    text
}
