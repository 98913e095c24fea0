//! Assignments: what actions of rules give people to do, and how it ended.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hence_engine::{Assignment, End, Ending};
use hence_types::jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Found, Kind, find, other_kind};
use crate::api::read_json;
use crate::app::App;
use crate::auth::{Caller, Changed};
use crate::problem::Problem;

/// The longest id of a person, outcome and note, in bytes.
const WORD: usize = 256;
const NOTE: usize = 4096;

/// What is said of an end.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Said {
    person: Option<String>,
    outcome: Option<String>,
    note: Option<String>,
}

/// What is said of one that has no outcome.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct SaidWithoutOutcome {
    person: Option<String>,
    note: Option<String>,
}

/// Completes a task: `POST /v1/tasks/{id}/complete`. Of several ends the first counts.
pub(in crate::api) async fn complete(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Path(id), body) = (path?, body?);
    let said = if body.is_empty() { Said::default() } else { read_json(&body, INVALID)? };
    end(&app, &caller, id, End::Completed, said).await
}

/// Cancels a task: `POST /v1/tasks/{id}/cancel`. Of several ends the first counts.
pub(in crate::api) async fn cancel(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (Path(id), body) = (path?, body?);
    let SaidWithoutOutcome { person, note } =
        if body.is_empty() { SaidWithoutOutcome::default() } else { read_json(&body, INVALID)? };
    end(&app, &caller, id, End::Cancelled, Said { person, outcome: None, note }).await
}

/// The code of what cannot be said of an end.
const INVALID: &str = "invalid-end";

/// Ends a task, and has the event that tells of it start rules.
async fn end(app: &App, caller: &Caller, id: String, end: End, said: Said) -> Result<Response, Problem> {
    let Said { person, outcome, note } = said;
    for (name, value) in [("person", &person), ("outcome", &outcome)] {
        let fits =
            |value: &String| !value.is_empty() && value.len() <= WORD && !value.chars().any(char::is_control);
        if !value.as_ref().is_none_or(fits) {
            let detail = format!("`{name}` has 1 to {WORD} bytes and no control characters");
            return Err(Problem::bad_request(INVALID, detail));
        }
    }
    if note.as_ref().is_some_and(|note| note.len() > NOTE) {
        return Err(Problem::bad_request(INVALID, format!("`note` has at most {NOTE} bytes")));
    }
    let task = match find(app, id).await? {
        Found::Assignment(task) => task,
        Found::Question(_) => return Err(other_kind(Kind::Question)),
    };
    let now = app.clock.now();
    // As exact as the store keeps it.
    let at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let ending = Ending { end, by: caller.name.to_string(), person, outcome, note, at };
    let (driver, records) = (Arc::clone(&app.driver), Arc::clone(&app.records));
    let ended = Assignment { ended: Some(ending.clone()), ..task };
    let ending_of = ended.clone();
    let effects = app.blocking(move || driver.end_assignment(&*records, &ending_of, &ending)).await?;
    let effects = effects.ok_or_else(|| {
        let detail = "the task was completed or cancelled already";
        Problem::new(StatusCode::CONFLICT, "task-ended", "Conflict", detail)
    })?;
    app.worker.carry_out(effects);
    let shown = shown(&ended);
    let after = json!({"state": shown.get("state"), "ended": shown.get("ended")});
    let mut response = Json(shown).into_response();
    response.extensions_mut().insert(Changed { before: json!({"state": "open"}), after });
    Ok(response)
}

pub(super) fn shown(task: &Assignment) -> Value {
    let ended = task.ended.as_ref().map(|ended| {
        json!({
            "by": ended.by,
            "person": ended.person,
            "outcome": ended.outcome,
            "note": ended.note,
            "at": ended.at.to_string(),
        })
    });
    json!({
        "id": task.id,
        "kind": Kind::Assignment.as_str(),
        "state": task.ended.as_ref().map_or("open", |ended| ended.end.as_str()),
        "title": task.title,
        "description": task.description,
        "assignee": task.assignee,
        "list": task.list,
        "priority": task.priority.as_str(),
        "link": task.link,
        "reference": task.reference,
        "opened_at": task.opened_at.to_string(),
        "due_at": task.due_at.map(|at| at.to_string()),
        "ended": ended,
    })
}
