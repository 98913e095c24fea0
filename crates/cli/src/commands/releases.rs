//! `hence deploy`, `hence rollback` and `hence releases`: what a daemon runs.

use std::path::PathBuf;

use anyhow::{Context as _, bail};
use clap::ValueEnum;
use hence_connectors::daemon::{self, Method, Unanswered};
use hence_project::Content;
use serde_json::{Value, json};

use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
struct Server {
    /// The daemon's address.
    #[arg(long, default_value = "http://127.0.0.1:7070", env = "HENCE_SERVER")]
    server: String,
    /// A token of the daemon.
    #[arg(long, env = "HENCE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// How to print what the daemon says.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Deploy {
    /// A project's folder, or a bundle made by `hence build`.
    #[arg(default_value = ".", value_name = "PATH|FILE.hence")]
    path: PathBuf,
    /// What is to be said of the release.
    #[arg(long, default_value = "", hide_default_value = true)]
    note: String,
    /// Gives the release only a part of the events, such as `10%`; the others go on as before.
    #[arg(long, value_name = "PERCENT", value_parser = percent)]
    canary: Option<u8>,
    /// Has the daemon check and test the rules and changes nothing.
    #[arg(long, conflicts_with = "canary")]
    dry_run: bool,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
pub(crate) struct Rollback {
    /// The release to go back to; the one that ran before by default.
    release: Option<u64>,
    #[command(flatten)]
    server: Server,
}

#[derive(Debug, clap::Args)]
pub(crate) struct List {
    /// How many are wanted.
    #[arg(long, default_value_t = 20)]
    limit: u16,
    #[command(flatten)]
    server: Server,
}

fn percent(text: &str) -> Result<u8, String> {
    match text.trim_end_matches('%').parse() {
        Ok(percent @ 1..=99) => Ok(percent),
        Ok(_) | Err(_) => Err("a part of the events is 1% to 99%".to_owned()),
    }
}

pub(crate) fn deploy(arguments: &Deploy) -> anyhow::Result<Ending> {
    let loaded = loading::runnable(&arguments.path, None)?;
    // What can be found out here is told as anywhere else.
    if output::errors(&loaded.sources, &loaded.diagnostics) {
        return Ok(Ending::Wrong);
    }
    let content = loaded.content.context("there is nothing to deploy")?;
    let kind = match content {
        Content::Texts(_) => "application/json",
        Content::Bundle(_) => "application/octet-stream",
    };
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("note", &arguments.note);
    query.append_pair("dry_run", if arguments.dry_run { "true" } else { "false" });
    query.append_pair("activate", if arguments.canary.is_some() { "false" } else { "true" });
    let path = format!("/v1/releases?{}", query.finish());
    let Server { server, token, format } = &arguments.server;
    let runtime = runtime()?;
    let sent = runtime.block_on(daemon::deploy(server, &path, token.as_deref(), kind, content.write()));
    let Some(made) = answered(sent)? else { return Ok(Ending::Wrong) };
    let id = made.get("release").and_then(Value::as_u64);
    if let (Some(percent), Some(id)) = (arguments.canary, id) {
        let share = json!({"percent": percent});
        let path = format!("/v1/releases/{id}/canary");
        let begun =
            runtime.block_on(daemon::ask(server, Method::POST, &path, token.as_deref(), Some(&share)));
        if answered(begun)?.is_none() {
            return Ok(Ending::Wrong);
        }
    }
    let what = match (id, arguments.canary) {
        (Some(id), Some(percent)) => format!("release {id} is given {percent}% of the events"),
        (Some(id), None) => format!("release {id} runs"),
        (None, _) => "all is well, nothing was changed".to_owned(),
    };
    told(&made, *format, &what);
    Ok(Ending::Well)
}

pub(crate) fn rollback(arguments: &Rollback) -> anyhow::Result<Ending> {
    let Server { server, token, format } = &arguments.server;
    let runtime = runtime()?;
    let id = match arguments.release {
        Some(id) => id,
        None => {
            let list = runtime.block_on(daemon::get(server, "/v1/releases?limit=1", token.as_deref()))?;
            let list: Value = serde_json::from_str(&list)?;
            let Some(id) = list.get("previous").and_then(Value::as_u64) else {
                bail!("no other release ran before; `hence releases` lists them");
            };
            id
        }
    };
    let path = format!("/v1/releases/{id}/rollback");
    let asked = runtime.block_on(daemon::ask(server, Method::POST, &path, token.as_deref(), None));
    let Some(made) = answered(asked)? else { return Ok(Ending::Wrong) };
    told(&made, *format, &format!("release {id} runs again"));
    Ok(Ending::Well)
}

pub(crate) fn list(arguments: &List) -> anyhow::Result<Ending> {
    let Server { server, token, format } = &arguments.server;
    let path = format!("/v1/releases?limit={}", arguments.limit.clamp(1, 500));
    let text = runtime()?.block_on(daemon::get(server, &path, token.as_deref()))?;
    let list: Value = serde_json::from_str(&text)?;
    if *format == Format::Json {
        output::result(&format!("{list}\n"));
        return Ok(Ending::Well);
    }
    let canary = list.pointer("/canary/release").and_then(Value::as_u64);
    let percent = list.pointer("/canary/percent").and_then(Value::as_u64).unwrap_or_default();
    let empty = Vec::new();
    for release in list.get("items").and_then(Value::as_array).unwrap_or(&empty) {
        let text = |name: &str| release.get(name).and_then(Value::as_str).unwrap_or_default();
        let number = |name: &str| release.get(name).and_then(Value::as_u64).unwrap_or_default();
        let mark = match release.get("is_active").and_then(Value::as_bool) {
            Some(true) => "*".to_owned(),
            _ if canary == Some(number("id")) => format!("{percent}%"),
            _ => String::new(),
        };
        let by = if text("made_by").is_empty() { "the daemon" } else { text("made_by") };
        let at = text("made_at").get(..19).unwrap_or_default().replace('T', " ");
        let note = text("note").lines().next().unwrap_or_default();
        let line = format!(
            "{mark:>3} {:>4}  {at}  {:<8}  {} rules  {by}  {note}",
            number("id"),
            text("origin"),
            number("rule_count")
        );
        output::result(&format!("{}\n", line.trim_end()));
    }
    Ok(Ending::Well)
}

fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_current_thread().enable_all().build()?)
}

/// Returns what a daemon answers; nothing where it finds something wrong with the rules, which is printed.
fn answered(answer: Result<String, Unanswered>) -> anyhow::Result<Option<Value>> {
    match answer {
        Ok(text) => Ok(Some(serde_json::from_str(&text)?)),
        Err(Unanswered::Refused { status: 422, detail, rendered, .. }) => {
            output::remark(&format!(
                "{}{detail}",
                if rendered.is_empty() { rendered } else { rendered + "\n" }
            ));
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

fn told(made: &Value, format: Format, what: &str) {
    if format == Format::Json {
        return output::result(&format!("{made}\n"));
    }
    let mut text = format!("{what}\n");
    for (name, mark) in [("added", '+'), ("changed", '~'), ("removed", '-')] {
        let rules = made.get(name).and_then(Value::as_array).into_iter().flatten();
        for rule in rules.filter_map(Value::as_str) {
            text.push_str(&format!("  {mark} {rule}\n"));
        }
    }
    output::result(&text);
}
