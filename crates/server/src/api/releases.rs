//! `/v1/releases`: what has run, what runs, and changing that.

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hence_connectors::ingress;
use hence_diagnostics::{Diagnostic, Sources, render};
use hence_project::Content;
use hence_store::{Origin, Release};
use serde::Deserialize;
use serde_json::{Value, json};

use super::events::unreadable;
use super::read_json;
use crate::app::App;
use crate::auth::{Caller, Changed, Permission};
use crate::deploy::{self, Changes, Draft, Refused, State as Releasing};
use crate::problem::Problem;
use crate::rules::Unfit;

/// The largest content of a release, in bytes.
pub(super) const CONTENT_LIMIT: usize = 256 << 20;

/// Says that limit to whoever sent more.
pub(super) async fn tell_limit(response: Response) -> Response {
    let limit = format!("{} MiB, which is the most that a release has", CONTENT_LIMIT >> 20);
    Problem::tell_limit(response, &limit)
}

/// How many releases are given at once, and at most.
const RELEASES: usize = 50;
const MOST_RELEASES: usize = 500;

/// Which releases are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// Those before this number.
    cursor: Option<u64>,
    limit: Option<usize>,
}

/// Lists releases, latest first: `GET /v1/releases`.
pub(super) async fn list(
    State(app): State<App>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(Wanted { cursor, limit }) = wanted?;
    let limit = limit.unwrap_or(RELEASES).clamp(1, MOST_RELEASES);
    let (state, releases) = ask(&app, move |app| {
        let releases = app.deployer.releases();
        Ok((deploy::state(releases)?, releases.releases(cursor, limit)?))
    })
    .await?;
    let next = releases.last().filter(|_| releases.len() == limit).map(|release| release.id);
    let items: Vec<Value> = releases.iter().map(|release| shown(release, &state)).collect();
    let canary = state.canary.as_ref().map(|canary| {
        json!({
            "release": canary.release,
            "percent": canary.percent,
            "since": canary.at.to_string(),
            "by": canary.who,
        })
    });
    Ok(Json(json!({
        "items": items,
        "next": next.map(|next| next.to_string()),
        "active": state.active,
        "previous": state.previous,
        "canary": canary,
    })))
}

/// Against which other release one is shown.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Against {
    against: Option<u64>,
}

/// Shows a release, with what became of its rules since another one, the active one if none is named:
/// `GET /v1/releases/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    path: Result<Path<u64>, PathRejection>,
    against: Result<Query<Against>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(id), Query(Against { against })) = (path?, against?);
    let (state, release, other) = ask(&app, move |app| {
        let releases = app.deployer.releases();
        let find = |id: u64| releases.release(id)?.ok_or(Refused::Unknown(id));
        let state = deploy::state(releases)?;
        let other = against.or(state.active).map(find).transpose()?;
        Ok((state, find(id)?, other))
    })
    .await?;
    let mut answer = shown(&release, &state);
    if let Some(members) = answer.as_object_mut() {
        members.insert("rules".to_owned(), json!(release.rules));
        let changes = other.map(|other| {
            let Changes { added, changed, removed } = Changes::between(&other.rules, &release.rules);
            json!({"against": other.id, "added": added, "changed": changed, "removed": removed})
        });
        members.insert("changes".to_owned(), changes.unwrap_or_default());
    }
    Ok(Json(answer))
}

/// Gives all that a release is, as it is sent to make one: `GET /v1/releases/{id}/content`.
pub(super) async fn content(
    State(app): State<App>,
    path: Result<Path<u64>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let content = ask(&app, move |app| deploy::content_of(app.deployer.releases(), id)).await?;
    let kind = match Content::read(&content) {
        Ok(Content::Bundle(_)) => "application/octet-stream",
        Ok(Content::Texts(_)) | Err(_) => "application/json",
    };
    Ok(([(CONTENT_TYPE, kind)], content).into_response())
}

/// What is said of a new release.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct New {
    #[serde(default)]
    note: String,
    /// Whether it is to run at once.
    #[serde(default = "yes")]
    activate: bool,
    /// Whether it is checked only.
    #[serde(default)]
    dry_run: bool,
}

fn yes() -> bool {
    true
}

/// Makes a release of what is sent, a bundle or the texts of a project: `POST /v1/releases`.
pub(super) async fn create(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    new: Result<Query<New>, QueryRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Query(New { note, activate, dry_run }), body) = (new?, body?);
    let note = valid_note(note)?;
    if !hence_ir::bundle::is_bundle(&body) {
        ingress::validate(&body).map_err(unreadable)?;
    }
    let content = Content::read(&body).map_err(Refused::Content)?;
    let may_change_integrations = Permission::Operate.is_of(caller.role);
    if dry_run {
        let (rules, before) = ask(&app, move |app| {
            let rules = app.deployer.check(&content, may_change_integrations)?;
            Ok((rules.versions(), app.rules().versions()))
        })
        .await?;
        let Changes { added, changed, removed } = Changes::between(&before, &rules);
        let answer = json!({"release": null, "added": added, "changed": changed, "removed": removed});
        return Ok(Json(answer).into_response());
    }
    let before = app.rules();
    let draft =
        Draft { content, origin: Origin::Deployed, by: caller.name, note, may_change_integrations, activate };
    let release = ask(&app, move |app| app.deployer.deploy(draft)).await?;
    if activate {
        app.worker.rules_changed().await;
    }
    Ok(made(&before.versions(), before.release, &release, StatusCode::CREATED))
}

/// Has a release run: `POST /v1/releases/{id}/activate`.
pub(super) async fn activate(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<u64>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    run(app, id, caller, false).await
}

/// Goes back to a release: `POST /v1/releases/{id}/rollback`.
pub(super) async fn rollback(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<u64>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    run(app, id, caller, true).await
}

async fn run(app: App, id: u64, caller: Caller, is_rollback: bool) -> Result<Response, Problem> {
    let before = app.rules();
    ask(&app, move |app| {
        if is_rollback && app.deployer.releases().activations()?.iter().all(|one| one.release != id) {
            app.deployer.releases().release(id)?.ok_or(Refused::Unknown(id))?;
            return Err(Refused::First);
        }
        app.deployer.activate(id, &caller.name, is_rollback)
    })
    .await?;
    app.worker.rules_changed().await;
    let release =
        ask(&app, move |app| app.deployer.releases().release(id)?.ok_or(Refused::Unknown(id))).await?;
    Ok(made(&before.versions(), before.release, &release, StatusCode::OK))
}

/// How many of a hundred events are given to a canary.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Share {
    percent: u8,
}

/// Gives a part of the events to a release, or none any more where it is 0: `POST /v1/releases/{id}/canary`.
pub(super) async fn canary(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<u64>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Share { percent } = read_json(&body?, "invalid-share")?;
    let Path(id) = path?;
    if percent > 99 {
        let detail =
            "the body is `{\"percent\": 10}` with a number from 0 to 99; all events: activate the release";
        return Err(Problem::bad_request("invalid-share", detail));
    }
    ask(&app, move |app| app.deployer.canary(id, percent, &caller.name)).await?;
    let after = json!({"release": id, "percent": percent});
    let mut response = Json(after.clone()).into_response();
    response.extensions_mut().insert(Changed { before: Value::Null, after });
    Ok(response)
}

/// Asks on a thread that may block.
pub(super) async fn ask<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&App) -> Result<T, Refused> + Send + 'static,
) -> Result<T, Problem> {
    let asked = app.clone();
    match tokio::task::spawn_blocking(move || work(&asked)).await {
        Ok(answer) => answer.map_err(Problem::from),
        Err(error) => {
            tracing::error!(%error, "a change of what runs broke off");
            Err(Problem::internal("what runs could not be changed"))
        }
    }
}

/// Answers that a release was made or runs, and has what changed recorded.
pub(super) fn made(
    before: &std::collections::BTreeMap<String, String>,
    before_id: Option<u64>,
    release: &Release,
    status: StatusCode,
) -> Response {
    let Changes { added, changed, removed } = Changes::between(before, &release.rules);
    let answer = json!({"release": release.id, "added": added, "changed": changed, "removed": removed});
    let mut response = (status, Json(answer.clone())).into_response();
    response.extensions_mut().insert(Changed { before: json!({"release": before_id}), after: answer });
    response
}

pub(super) fn valid_note(note: String) -> Result<String, Problem> {
    if note.chars().count() > 1000 || note.chars().any(|c| c.is_control() && c != '\n') {
        return Err(Problem::bad_request(
            "invalid-note",
            "a note has 1,000 characters at most, and no control characters",
        ));
    }
    Ok(note)
}

fn shown(release: &Release, state: &Releasing) -> Value {
    json!({
        "id": release.id,
        "hash": release.hash,
        "origin": release.origin.as_str(),
        "made_at": release.made_at.to_string(),
        "made_by": release.made_by,
        "note": release.note,
        "rule_count": release.rules.len(),
        "is_active": state.active == Some(release.id),
    })
}

/// What is wrong with rules, as data and as it is printed.
pub(super) fn diagnostics(problem: Problem, sources: &Sources, found: &[Diagnostic]) -> Problem {
    let document: Value = serde_json::from_str(&render::json(sources, found)).unwrap_or_default();
    problem
        .with("diagnostics", document.get("diagnostics").cloned().unwrap_or_default())
        .with("rendered", render::text(sources, found, render::TextOptions::default()))
}

impl From<Refused> for Problem {
    fn from(refused: Refused) -> Self {
        let unfit = |code, detail: String| {
            Problem::new(StatusCode::UNPROCESSABLE_ENTITY, code, "These rules cannot run", detail)
        };
        let conflict = |code, detail| Problem::new(StatusCode::CONFLICT, code, "Conflict", detail);
        match refused {
            Refused::Unfit(Unfit::Diagnostics(found)) => {
                let (sources, found) = *found;
                let detail = format!("{} in the rules; nothing was changed", counted(found.len(), "error"));
                diagnostics(unfit("invalid-rules", detail), &sources, &found)
            }
            Refused::Tests(found) => {
                let (sources, found) = *found;
                let detail = format!(
                    "{} of the project's tests not met; nothing was changed",
                    counted(found.len(), "expectation")
                );
                diagnostics(unfit("tests-failed", detail), &sources, &found)
            }
            Refused::Unfit(Unfit::Settings(lines)) => unfit("missing-settings", lines.join("\n")),
            Refused::Content(error) => Problem::bad_request("invalid-release", error.to_string()),
            Refused::Unknown(id) => {
                Problem::not_found("unknown-release", format!("there is no release {id}"))
            }
            Refused::Forgotten(_) => Problem::not_found("forgotten-release", refused.to_string()),
            Refused::Integrations(_) => {
                Problem::new(StatusCode::FORBIDDEN, "integrations-changed", "Forbidden", refused.to_string())
            }
            Refused::First => conflict("never-active", refused.to_string()),
            Refused::Active(_) => conflict("release-active", refused.to_string()),
            Refused::Place(_) => conflict("not-loadable", refused.to_string()),
            Refused::Store(error) => Problem::from(error),
        }
    }
}

fn counted(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
