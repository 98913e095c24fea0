//! The language server protocol: messages in, messages out.
//!
//! One thread reads messages into a queue and one answers them in order, so that every answer is of one state of the
//! texts. A request that is cancelled while it waits is not computed; changes in a row cost one check; and what is
//! wrong is told when nothing more is waiting.

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

use lsp_server::Connection;

/// How a server runs.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// A folder for the texts that Hence ships (schemas, pages of codes), so that editors can open them.
    pub cache: Option<PathBuf>,
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
    let answer = capabilities::of_server(&client);
    connection.initialize_finish(id, serde_json::to_value(answer)?)?;
    Ok(server::Server::new(connection, client, options).run(&params))
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
