//! Questions: what the step `ask` puts to people, and their answers.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use hence_engine::{Accepted, Cursor, EventFilter, Page, Store, Task, TaskAnswer, store};
use hence_types::{TASK_ANSWERED, TASK_OPENED};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Found, Kind, find, other_kind};
use crate::api::read_json;
use crate::app::App;
use crate::auth::{Caller, Changed};
use crate::problem::Problem;
use crate::receive::take;

/// An answer.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::api) struct Given {
    approved: bool,
    comment: Option<String>,
}

/// Answers a task: `POST /v1/tasks/{id}/answer`. Of two answers the first counts, and only while it is open.
pub(in crate::api) async fn answer(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let given: Given = read_json(&body?, "invalid-answer")?;
    let task = match find(&app, id).await? {
        Found::Question(task) => task,
        Found::Assignment(_) => return Err(other_kind(Kind::Assignment)),
    };
    if task.answered.is_some() {
        return Err(answered());
    }
    if !task.is_open {
        let detail = "nobody waits for the answer any more";
        return Err(Problem::new(StatusCode::CONFLICT, "task-closed", "Conflict", detail));
    }
    let given = TaskAnswer { approved: given.approved, by: &caller.name, comment: given.comment.as_deref() };
    let event = task.answer(&given, app.clock.now());
    if take(&app, vec![event]).await?.iter().any(|taken| matches!(taken, Accepted::Duplicate(_))) {
        return Err(answered());
    }
    let mut response = StatusCode::ACCEPTED.into_response();
    let after = json!({"approved": given.approved, "comment": given.comment});
    response.extensions_mut().insert(Changed { before: json!({"state": "open"}), after });
    Ok(response)
}

/// Some questions, and where the next begin.
type Tasks = (Vec<Task>, Option<String>);

/// Returns questions that are open, by their keys.
pub(super) fn open(
    store: &dyn Store,
    role: Option<&str>,
    after: Option<String>,
    limit: usize,
) -> Result<Tasks, store::Error> {
    let mut after = after.map(|id| Task::wait_key(&id));
    let mut tasks = Vec::new();
    loop {
        let waits = store.waits_for(TASK_ANSWERED, after.as_deref(), limit)?;
        let is_last = waits.len() < limit;
        for wait in waits {
            after = Some(wait.key.clone());
            let task = Task::of_wait(store, &wait)?.filter(|task| task.is_open && is_of(task, role));
            tasks.extend(task);
            if tasks.len() == limit {
                let next = tasks.last().map(|task| task.id.to_string());
                return Ok((tasks, next));
            }
        }
        if is_last {
            return Ok((tasks, None));
        }
    }
}

/// Returns all questions with their places, latest first; places alone of those for other roles.
pub(super) fn all(
    store: &dyn Store,
    role: Option<&str>,
    cursor: Option<&Cursor>,
    limit: usize,
) -> Result<Page<(Cursor, Option<Task>)>, store::Error> {
    let filter = EventFilter { name: Some(TASK_OPENED.into()), ..EventFilter::default() };
    let Page { items, next } = store.events(&filter, cursor, limit)?;
    let mut tasks = Vec::new();
    for event in items {
        let instant = event.event.received_at.as_microsecond();
        let place = Cursor { instant, sequence: event.sequence.0 };
        let task = Task::find(store, &event.event.id)?.filter(|task| is_of(task, role));
        tasks.push((place, task));
    }
    Ok(Page { items: tasks, next })
}

fn is_of(task: &Task, role: Option<&str>) -> bool {
    role.is_none_or(|role| task.role().as_deref() == Some(role))
}

pub(super) fn shown(app: &App, task: &Task) -> Value {
    let rules = app.rules();
    let payload = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let question = payload(&task.opened.event.payload);
    let answer = task.answered.as_ref().map(|answered| {
        let answer = payload(&answered.event.payload);
        json!({
            "approved": answer.get("approved"),
            "by": answer.get("by"),
            "comment": answer.get("comment"),
            "at": answered.event.received_at.to_string(),
        })
    });
    let state = match (&task.answered, task.is_open) {
        (Some(_), _) => "answered",
        (None, true) => "open",
        (None, false) => "closed",
    };
    json!({
        "id": task.id,
        "kind": Kind::Question.as_str(),
        "state": state,
        "rule": question.get("rule").and_then(Value::as_str).map(|rule| rules.former_names.present(rule)),
        "execution": question.get("execution"),
        "role": question.get("role"),
        "question": question.get("question"),
        "opened_at": task.opened.event.occurred_at.to_string(),
        "due_at": question.get("due_at"),
        "answer": answer,
    })
}

fn answered() -> Problem {
    Problem::new(StatusCode::CONFLICT, "task-answered", "Conflict", "the task was answered already")
}
