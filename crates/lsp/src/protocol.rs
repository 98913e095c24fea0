//! The language server protocol: messages in, messages out.
//!
//! One thread reads messages into a queue and one answers them in order, so that every answer is of one state of the
//! texts. A request that is cancelled while it waits is not computed, one that takes long stops where it is; changes in
//! a row cost one check; and what is wrong is told when nothing more is waiting.

mod activity;
mod answers;
mod cache;
mod capabilities;
mod commands;
mod completion;
mod convert;
mod documents;
mod navigation;
mod publish;
mod server;
mod shapes;
mod uris;

use std::path::PathBuf;

pub use activity::{Activity, Daemon};
use lsp_server::{Connection, Message};

/// How a server runs.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A folder for the texts that Hence ships (schemas, pages of codes), so that editors can open them.
    pub cache: Option<PathBuf>,
    /// The one folder that is served, for an editor that is elsewhere: it names what is in it by `hence:///` and the
    /// path there, nothing outside is read, nothing is written, and texts that Hence ships are asked for by
    /// `workspace/textDocumentContent`.
    pub root: Option<PathBuf>,
    /// The daemon that runs the rules, if it can be asked what they did.
    pub daemon: Option<Daemon>,
}

/// How a session ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// As the protocol wants it: `shutdown`, then `exit`.
    Orderly,
    /// Without `shutdown`.
    Abrupt,
}

/// What keeps a session from going on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The peer does not speak the protocol.
    #[error("the editor does not speak the protocol: {0}")]
    Protocol(#[from] lsp_server::ProtocolError),
    /// What the editor says of itself cannot be read.
    #[error("what the editor says of itself cannot be read: {0}")]
    Initialize(#[from] serde_json::Error),
    /// Standard input or output failed.
    #[error("standard input or output failed: {0}")]
    Io(#[from] std::io::Error),
}

/// Serves one editor until it ends the session.
///
/// # Errors
///
/// The editor does not speak the protocol.
pub fn serve(connection: &Connection, options: Options) -> Result<Ended, Error> {
    let (id, params) = connection.initialize_start()?;
    let params: lsp_types::InitializeParams = serde_json::from_value(params)?;
    let client = capabilities::Client::of(&params);
    let answer = capabilities::of_server(&client, options.daemon.is_some());
    let mut answer = serde_json::to_value(answer)?;
    if options.root.is_some()
        && let Some(workspace) = answer.pointer_mut("/capabilities/workspace")
    {
        // Of version 3.18 of the protocol, which the types do not have.
        workspace["textDocumentContent"] = serde_json::json!({ "schemes": ["hence"] });
    }
    connection.initialize_finish(id, answer)?;
    Ok(server::Server::new(connection, client, options).run(&params))
}

/// Serves one editor over texts that are one message each, as WebSockets carry them. `receive` waits for the next one
/// and returns nothing when there will be none; `send` returns whether the editor is still there.
///
/// # Errors
///
/// The editor does not speak the protocol.
pub fn over(
    options: Options,
    mut receive: impl FnMut() -> Option<String> + Send + 'static,
    mut send: impl FnMut(String) -> bool + Send + 'static,
) -> Result<Ended, Error> {
    let (ours, theirs) = Connection::memory();
    let (incoming, outgoing) = (ours.sender.clone(), ours.receiver.clone());
    std::thread::spawn(move || {
        while let Some(text) = receive() {
            // What is no message has no sender that could be told; the session goes on.
            let Ok(message) = serde_json::from_str::<Message>(&text) else { continue };
            if incoming.send(message).is_err() {
                break;
            }
        }
    });
    let writing = std::thread::spawn(move || {
        for message in outgoing {
            let Ok(serde_json::Value::Object(mut message)) = serde_json::to_value(&message) else { continue };
            message.insert("jsonrpc".to_owned(), "2.0".into());
            if !send(serde_json::Value::Object(message).to_string()) {
                break;
            }
        }
    });
    // The session ends when the thread above has let go of its side.
    drop(ours);
    let ended = serve(&theirs, options);
    drop(theirs);
    // It has panicked if `send` does, and then nobody hears what is left.
    let _ = writing.join();
    ended
}

/// Serves an editor on standard input and output.
///
/// # Errors
///
/// The editor does not speak the protocol, or standard input or output fails.
pub fn stdio(options: Options) -> Result<Ended, Error> {
    let (connection, threads) = Connection::stdio();
    let ended = serve(&connection, options)?;
    drop(connection);
    threads.join()?;
    Ok(ended)
}
