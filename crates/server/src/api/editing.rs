//! Changing rules over HTTP: each change is a release, made after the same checks as any other.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::header::IF_MATCH;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hence_ir::family;
use hence_project::{Content, Texts};
use hence_syntax::Parsed;
use hence_syntax::ast::{Item, ItemKind};
use serde::Deserialize;
use serde_json::json;

use super::read_json;
use super::releases::{ask, made, valid_note};
use super::rules::unknown;
use crate::app::App;
use crate::auth::{Caller, Changed};
use crate::problem::Problem;
use crate::rules::Rules;

/// The folder that new rules are put into where no file is named.
const FOLDER: &str = "rules";

/// A rule to be written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    text: String,
    /// The file of a new rule; one of its name in `rules` by default.
    file: Option<String>,
    #[serde(default)]
    note: String,
}

/// A rule to be changed in part.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Patch {
    text: Option<String>,
    enabled: Option<bool>,
    #[serde(default)]
    note: String,
}

/// What is said of a rule that is taken away.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Noted {
    #[serde(default)]
    note: String,
}

/// Adds rules: `POST /v1/rules`.
pub(super) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Written { text, file, note } = read_json(&body?, "invalid-rule")?;
    edit(app, caller, note, StatusCode::CREATED, move |rules| {
        let texts = texts(rules)?;
        let names = rule_names(&text);
        let file = match (file, names.first()) {
            (Some(file), _) => file,
            (None, Some(name)) => format!("{FOLDER}/{name}.rule"),
            (None, None) => {
                let detail = "the text has no rule, so that no file is named for it: give `file`";
                return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "no-rule", "No rule", detail));
            }
        };
        if !file.ends_with(".rule") {
            return Err(Problem::bad_request("invalid-file", "the name of a rule file ends in `.rule`"));
        }
        let text = match texts.get(&file) {
            Some(before) => format!("{}\n\n{}", before.trim_end(), terminated(&text)),
            None => terminated(&text),
        };
        with(&texts, &file, Some(text))
    })
    .await
}

/// Puts a text in place of that of a rule: `PUT /v1/rules/{name}`. With `if-match`, only while it has that version.
pub(super) async fn replace(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Path(name), Written { text, file, note }) = (path?, read_json(&body?, "invalid-rule")?);
    if file.is_some() {
        return Err(Problem::bad_request(
            "invalid-rule",
            "a rule that is there stays in its file: leave `file` out",
        ));
    }
    replace_text(app, caller, name, headers, text, note).await
}

async fn replace_text(
    app: App,
    caller: Caller,
    name: String,
    headers: HeaderMap,
    text: String,
    note: String,
) -> Result<Response, Problem> {
    edit(app, caller, note, StatusCode::OK, move |rules| {
        still_as(rules, &name, &headers)?;
        let names = rule_names(&text);
        if names != [family(&name)] {
            let found = names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            let found = if found.is_empty() { "none".to_owned() } else { found };
            let detail =
                format!("the text is to have the rule `{}` and no other, it has {found}", family(&name));
            return Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "other-rule", "Another rule", detail));
        }
        put(rules, &name, &terminated(&text))
    })
    .await
}

/// Takes a rule away: `DELETE /v1/rules/{name}`. What it has begun goes on.
pub(super) async fn remove(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    noted: Result<Query<Noted>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let (Path(name), Query(Noted { note })) = (path?, noted?);
    edit(app, caller, note, StatusCode::OK, move |rules| {
        still_as(rules, &name, &headers)?;
        put(rules, &name, "")
    })
    .await
}

/// Changes a rule in part, its text or whether it runs: `PATCH /v1/rules/{name}`.
pub(super) async fn patch(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Path(name) = path?;
    let patch: Patch = read_json(&body?, "invalid-rule")?;
    match patch {
        Patch { text: Some(text), enabled: None, note } => {
            replace_text(app, caller, name, headers, text, note).await
        }
        Patch { text: None, enabled: Some(enabled), note: _ } => {
            set_enabled(app, caller, name, enabled).await
        }
        Patch { .. } => Err(Problem::bad_request("invalid-rule", "the body has either `text` or `enabled`")),
    }
}

/// Has a rule run again that was turned off: `POST /v1/rules/{name}/enable`.
pub(super) async fn enable(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(name) = path?;
    set_enabled(app, caller, name, true).await
}

/// Turns a rule off, whatever releases come: `POST /v1/rules/{name}/disable`. What it has begun goes on.
pub(super) async fn disable(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(name) = path?;
    set_enabled(app, caller, name, false).await
}

async fn set_enabled(app: App, caller: Caller, name: String, enabled: bool) -> Result<Response, Problem> {
    let rules = app.rules();
    let stored = rules.former_names.stored(&name).into_owned();
    let Some(rule) = rules.program.rule(&stored) else { return Err(unknown(&rules, &name)) };
    let was_disabled = rule.header.disabled;
    let changed = ask(&app, move |app| app.deployer.set_enabled(&stored, enabled, &caller.name)).await?;
    if enabled && !changed && was_disabled {
        let detail = format!("`{name}` is turned off by its text, `disabled`: change that");
        return Err(Problem::new(StatusCode::CONFLICT, "disabled-by-text", "Conflict", detail));
    }
    if changed {
        app.worker.rules_changed().await;
    }
    let (before, after) = (json!({"enabled": !was_disabled}), json!({"name": name, "enabled": enabled}));
    let mut response = Json(after.clone()).into_response();
    response.extensions_mut().insert(Changed { before, after });
    Ok(response)
}

/// Makes a release of the texts that run, changed.
async fn edit(
    app: App,
    caller: Caller,
    note: String,
    status: StatusCode,
    change: impl FnOnce(&Rules) -> Result<Content, Problem> + Send + 'static,
) -> Result<Response, Problem> {
    let note = valid_note(note)?;
    let before = app.rules();
    let editing = app.clone();
    let edited = tokio::task::spawn_blocking(move || editing.deployer.edit(caller.name, note, change)).await;
    let release = edited.map_err(|error| {
        tracing::error!(%error, "a change of the rules broke off");
        Problem::internal("the rules could not be changed")
    })??;
    app.worker.rules_changed().await;
    Ok(made(&before.versions(), before.release, &release, status))
}

/// Returns the texts that run.
pub(super) fn texts(rules: &Rules) -> Result<Texts, Problem> {
    match &rules.content {
        Some(Content::Texts(texts)) => Ok(texts.clone()),
        Some(Content::Bundle(_)) | None => {
            let detail =
                "a bundle runs, which has no texts to change: deploy a project's folder, or another bundle";
            Err(Problem::new(StatusCode::CONFLICT, "bundle-runs", "Conflict", detail))
        }
    }
}

fn with(texts: &Texts, file: &str, text: Option<String>) -> Result<Content, Problem> {
    let texts = texts.with(file, text.map(Arc::from));
    texts.map(Content::Texts).map_err(|error| Problem::bad_request("invalid-file", error.to_string()))
}

/// Puts a text in place of a rule; an empty one takes it away.
fn put(rules: &Rules, name: &str, text: &str) -> Result<Content, Problem> {
    let texts = texts(rules)?;
    let found = find(&texts, family(name)).ok_or_else(|| unknown(rules, name))?;
    let before = texts.get(&found.file).map(|text| text.as_ref()).unwrap_or_default();
    let (head, tail) = (before.get(..found.range.start), before.get(found.range.end..));
    let (head, tail) = (head.unwrap_or_default(), tail.unwrap_or_default());
    let new = if text.is_empty() {
        format!("{}\n{}", head.trim_end(), tail)
    } else {
        format!("{head}{text}{tail}")
    };
    let new = if new.trim().is_empty() { None } else { Some(new.trim_start_matches('\n').to_owned()) };
    with(&texts, &found.file, new)
}

/// Refuses where a rule is no longer as the client knows it.
fn still_as(rules: &Rules, name: &str, headers: &HeaderMap) -> Result<(), Problem> {
    let Some(rule) = rules.program.rule(&rules.former_names.stored(name)) else {
        return Err(unknown(rules, name));
    };
    let Some(wanted) = headers.get(IF_MATCH) else { return Ok(()) };
    let wanted = wanted.to_str().unwrap_or_default().trim_matches('"');
    if wanted == "*" || wanted == &*rule.version {
        return Ok(());
    }
    let detail = format!("`{name}` has the version {} by now, not {wanted}", rule.version);
    Err(Problem::new(StatusCode::PRECONDITION_FAILED, "changed-meanwhile", "Changed meanwhile", detail))
}

/// Where the text of a rule is.
pub(super) struct Found {
    pub(super) file: String,
    pub(super) range: std::ops::Range<usize>,
}

/// Finds the text of a rule, or of the family of rules, with the comments above it.
pub(super) fn find(texts: &Texts, name: &str) -> Option<Found> {
    texts.iter().filter(|(file, text)| file.ends_with(".rule") && text.contains(name)).find_map(
        |(file, text)| {
            let parsed = parse(text);
            let item = parsed.items.iter().find(|item| name_of(item) == Some(name))?;
            Some(Found { file: file.to_owned(), range: parsed.extent(item) })
        },
    )
}

/// Returns the names of the rules of a text.
fn rule_names(text: &str) -> Vec<String> {
    parse(text).items.iter().filter_map(name_of).map(str::to_owned).collect()
}

fn parse(text: &str) -> Parsed {
    let mut sources = hence_diagnostics::Sources::new();
    let file = sources.add("text.rule", text);
    hence_syntax::parse(&sources, file)
}

fn name_of(item: &Item) -> Option<&str> {
    if let ItemKind::Rule(rule) = &item.kind { Some(&rule.name.text) } else { None }
}

fn terminated(text: &str) -> String {
    format!("{}\n", text.trim_end())
}
