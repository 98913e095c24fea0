//! `hence token`: who may ask a daemon for what.

use std::num::NonZeroU16;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Subcommand, ValueEnum};
use hence_connectors::daemon::{self, Method};
use hence_server::tokens;
use hence_store::{Role, Sqlite};
use serde_json::{Value as Json, json};

use crate::commands::serve::{make_folder_of, store_path};
use crate::{Ending, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
    /// The daemon's address.
    #[arg(long, global = true, default_value = "http://127.0.0.1:7070", env = "HENCE_SERVER")]
    server: String,
    /// An administrator's token of the daemon. What `HENCE_TOKEN` says in the environment by default.
    // clap would have the variable contradict `--store`.
    #[arg(long, global = true)]
    token: Option<String>,
    /// The store of a daemon that does not run, in place of one that does: no token is needed.
    #[arg(long, global = true, value_name = "URL", conflicts_with = "token")]
    store: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Makes a token and prints it: this is the only time that it is shown.
    Create {
        /// What it is called in the record of who did what.
        name: String,
        /// What it may do.
        #[arg(long, value_enum)]
        role: RoleName,
        /// After so many days it is no longer taken.
        #[arg(long, value_name = "DAYS")]
        expires_in_days: Option<NonZeroU16>,
    },
    /// Lists tokens, never what they are.
    List,
    /// Revokes a token: it is refused from the next request on.
    Revoke {
        /// Its name.
        name: String,
        /// Also the last valid one of an administrator, after which nobody can make tokens at the daemon.
        #[arg(long)]
        force: bool,
    },
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum RoleName {
    /// Sees everything.
    Viewer,
    /// For whoever writes rules.
    Author,
    /// Also sends events, and starts, answers and ends executions.
    Operator,
    /// May do everything.
    Admin,
}

impl RoleName {
    fn role(self) -> Role {
        match self {
            RoleName::Viewer => Role::Viewer,
            RoleName::Author => Role::Author,
            RoleName::Operator => Role::Operator,
            RoleName::Admin => Role::Admin,
        }
    }
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    match &arguments.store {
        Some(url) => offline(&arguments.command, store_path(url)?),
        None => online(arguments),
    }
}

/// Asks the daemon.
fn online(arguments: &Arguments) -> anyhow::Result<Ending> {
    let (method, path, body) = match &arguments.command {
        Command::Create { name, role, expires_in_days } => {
            let role = role.role().as_str();
            let body = json!({"name": name, "role": role, "expires_in_days": expires_in_days});
            (Method::POST, "/v1/tokens".to_owned(), Some(body))
        }
        Command::List => (Method::GET, "/v1/tokens".to_owned(), None),
        // Names have no character that a path would not take.
        Command::Revoke { name, force } => {
            let query = if *force { "?force=true" } else { "" };
            (Method::DELETE, format!("/v1/tokens/{name}{query}"), None)
        }
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let token = arguments.token.clone().or_else(|| std::env::var("HENCE_TOKEN").ok());
    let asked = daemon::ask(&arguments.server, method, &path, token.as_deref(), body.as_ref());
    let answer = runtime.block_on(asked)?;
    let answer: Json = serde_json::from_str(&answer).unwrap_or_default();
    match &arguments.command {
        Command::Create { .. } => {
            let text = answer.get("token").and_then(Json::as_str).context("the daemon gave no token")?;
            output::result(&format!("{text}\n"));
        }
        Command::List => {
            let items = answer.get("items").and_then(Json::as_array).cloned().unwrap_or_default();
            let text = |item: &Json, name: &str| item.get(name).and_then(Json::as_str).map(str::to_owned);
            for item in &items {
                output::result(&line(
                    &text(item, "name").unwrap_or_default(),
                    &text(item, "role").unwrap_or_default(),
                    text(item, "expires_at"),
                    text(item, "revoked_at"),
                    text(item, "last_used_at"),
                ));
            }
        }
        Command::Revoke { .. } => {}
    }
    Ok(Ending::Well)
}

/// Changes the store of a daemon that does not run, as before its first start.
fn offline(command: &Command, store: PathBuf) -> anyhow::Result<Ending> {
    if matches!(command, Command::Create { .. }) {
        make_folder_of(&store)?;
    }
    let opened =
        Sqlite::open(&store).with_context(|| format!("cannot open the store {}", store.display()))?;
    let store = Arc::new(opened);
    match command {
        Command::Create { name, role, expires_in_days } => {
            let text = tokens::create(store, name, role.role(), *expires_in_days)?;
            output::result(&format!("{text}\n"));
        }
        Command::List => {
            for token in tokens::list(store)? {
                let text = |at: Option<_>| at.map(|at: hence_types::jiff::Timestamp| at.to_string());
                let (expires, revoked) = (text(token.expires_at), text(token.revoked_at));
                let used = text(token.last_used_at);
                output::result(&line(&token.name, token.role.as_str(), expires, revoked, used));
            }
        }
        Command::Revoke { name, force } => tokens::revoke(store, name, *force)?,
    }
    Ok(Ending::Well)
}

fn line(
    name: &str,
    role: &str,
    expires_at: Option<String>,
    revoked_at: Option<String>,
    last_used_at: Option<String>,
) -> String {
    let state = match (revoked_at, expires_at) {
        (Some(at), _) => format!("revoked {at}"),
        (None, Some(at)) => format!("until {at}"),
        (None, None) => "valid".to_owned(),
    };
    let used = last_used_at.map_or("never used".to_owned(), |at| format!("last used {at}"));
    format!("{name:<24} {role:<10} {state}, {used}\n")
}
