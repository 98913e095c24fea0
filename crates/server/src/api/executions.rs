//! `/v1/executions`: what rules did, step by step.

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use hence_diagnostics::nearest;
use hence_engine::{Cursor, Execution, ExecutionFilter, ExecutionId, Page, Status, StepRecord};
use hence_types::jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::problem::Problem;

/// How many items are given if nothing is said, and at most.
const LIMIT: (usize, usize) = (50, 500);

/// Which executions are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    rule: Option<String>,
    status: Option<String>,
    event: Option<String>,
    event_id: Option<String>,
    since: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Lists executions, latest first: `GET /v1/executions`.
pub(super) async fn list(
    State(app): State<App>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(wanted) = wanted?;
    listed(app, wanted).await
}

/// Lists the executions of a rule: `GET /v1/rules/{name}/executions`.
pub(super) async fn of_rule(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let (Path(name), Query(wanted)) = (path?, wanted?);
    // One that was taken away may still have some.
    listed(app, Wanted { rule: Some(name), ..wanted }).await
}

async fn listed(app: App, wanted: Wanted) -> Result<Json<Value>, Problem> {
    let paging = Paging::read(wanted.cursor.as_deref(), wanted.limit)?;
    let filter = ExecutionFilter {
        rule: wanted.rule.map(|rule| app.rules().former_names.stored(&rule).into()),
        status: wanted.status.as_deref().map(status).transpose()?,
        event_name: wanted.event.map(Into::into),
        event_id: wanted.event_id.map(Into::into),
        since: wanted.since.as_deref().map(instant).transpose()?,
    };
    let found = app.ask(move |store| store.executions(&filter, paging.cursor.as_ref(), paging.limit)).await?;
    Ok(page(&found, |execution| shown(&app, execution)))
}

/// Shows an execution with its steps: `GET /v1/executions/{id}`.
pub(super) async fn one(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Json<Value>, Problem> {
    let Path(text) = path?;
    let unknown = || Problem::not_found("unknown-execution", format!("there is no execution `{text}`"));
    let id = ExecutionId::parse(&text).ok_or_else(unknown)?;
    let found = app.ask(move |store| Ok((store.execution(&id)?, store.steps(&id)?))).await?;
    let (Some(execution), steps) = found else { return Err(unknown()) };
    let mut shown = shown(&app, &execution);
    if let Some(members) = shown.as_object_mut() {
        members.insert("steps".to_owned(), steps.iter().map(step).collect());
    }
    Ok(Json(shown))
}

/// A part of a list as the client wants it.
pub(super) struct Paging {
    pub(super) cursor: Option<Cursor>,
    pub(super) limit: usize,
}

impl Paging {
    pub(super) fn read(cursor: Option<&str>, limit: Option<usize>) -> Result<Self, Problem> {
        let cursor = match cursor {
            None => None,
            Some(text) => Some(Cursor::parse(text).ok_or_else(|| {
                Problem::bad_request("invalid-query", format!("`{text}` is no cursor that a list has given"))
            })?),
        };
        let limit = limit.unwrap_or(LIMIT.0);
        if limit == 0 || limit > LIMIT.1 {
            return Err(Problem::bad_request("invalid-query", format!("`limit` is 1 to {}", LIMIT.1)));
        }
        Ok(Self { cursor, limit })
    }
}

/// A part of a list as the client sees it.
pub(super) fn page<T>(page: &Page<T>, shown: impl Fn(&T) -> Value) -> Json<Value> {
    let items: Vec<Value> = page.items.iter().map(shown).collect();
    Json(json!({"items": items, "next": page.next.map(|cursor| cursor.to_text())}))
}

/// Reads an instant in RFC 3339.
pub(super) fn instant(text: &str) -> Result<Timestamp, Problem> {
    text.parse().map_err(|_| {
        Problem::bad_request(
            "invalid-time",
            format!("`{text}` is no instant, such as `2026-01-31T12:00:00Z`"),
        )
    })
}

fn status(text: &str) -> Result<Status, Problem> {
    Status::parse(text).ok_or_else(|| {
        let known = Status::ALL.map(Status::as_str);
        Problem::bad_request("invalid-query", format!("`{text}` is no state of an execution"))
            .meant(nearest(text, known))
    })
}

pub(super) fn shown(app: &App, execution: &Execution) -> Value {
    json!({
        "id": execution.id.as_str(),
        "rule": app.rules().former_names.present(&execution.rule),
        "rule_version": execution.rule_version,
        "event": {
            "id": execution.event_id,
            "name": execution.event_name,
            "sequence": execution.event.0,
        },
        "status": execution.status.as_str(),
        "branch": execution.branch.as_str(),
        "variant": execution.variant,
        "step_count": execution.steps,
        "error": execution.error.as_ref().map(|error| json!({"code": error.code.as_str(), "message": error.message})),
        "reason": execution.reason,
        "started_at": execution.started_at.to_string(),
        "ended_at": execution.ended_at.map(|at| at.to_string()),
        "wake_at": execution.wake_at.map(|at| at.to_string()),
    })
}

fn step(step: &StepRecord) -> Value {
    json!({
        "sequence": step.sequence,
        "attempt": step.attempt,
        "action": step.action,
        "label": step.label,
        "status": step.status.as_str(),
        "idempotency_key": step.key,
        "arguments": step.arguments,
        "request": step.detail.get("request"),
        "response": step.detail.get("response"),
        "error": step.error,
        "started_at": step.started_at.to_string(),
        "ended_at": step.ended_at.map(|at| at.to_string()),
    })
}
