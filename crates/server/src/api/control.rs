//! `POST /v1/executions/{id}/cancel`, `pause`, `resume`, `retry`, and the dead letters: executions that failed for good.

use std::sync::Arc;

use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use hence_engine::{Control, Execution, ExecutionFilter, ExecutionId, Refused, Status};
use serde::Deserialize;
use serde_json::{Value, json};

use super::executions::{Paging, page, shown};
use super::read_json;
use crate::app::App;
use crate::auth::{Caller, Changed};
use crate::problem::Problem;

/// Ends an execution. A call under way is not taken back; what comes of it is recorded.
pub(super) async fn cancel(
    State(app): State<App>,
    Extension(caller): Extension<Caller>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let reason = format!("cancelled by {}", caller.name);
    control(&app, path?, Control::Cancel { reason: Some(reason.into()) }).await
}

/// Holds an execution: what is under way comes to its end, nothing more begins.
pub(super) async fn pause(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    control(&app, path?, Control::Pause).await
}

/// Has an execution go on after it was held.
pub(super) async fn resume(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    control(&app, path?, Control::Resume).await
}

/// How an execution goes on.
#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
struct Given {
    /// Whether the step that failed is passed over.
    #[serde(default)]
    skip: bool,
}

/// Has an execution that failed go on with the step that failed, or with the one after it.
pub(super) async fn retry(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
    body: Result<Bytes, BytesRejection>,
) -> Result<Response, Problem> {
    let (path, body) = (path?, body?);
    let given: Given = if body.is_empty() { Given::default() } else { read_json(&body, "invalid-retry")? };
    control(&app, path, Control::Retry { skip: given.skip }).await
}

/// Which dead letters are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    rule: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Lists the executions that failed for good, latest first: `GET /v1/dead-letters`. Each can be redriven.
pub(super) async fn dead_letters(
    State(app): State<App>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(wanted) = wanted?;
    let paging = Paging::read(wanted.cursor.as_deref(), wanted.limit)?;
    let filter = ExecutionFilter {
        rule: wanted.rule.map(|rule| app.rules().former_names.stored(&rule).into()),
        status: Some(Status::Failed),
        ..ExecutionFilter::default()
    };
    let found = app.ask(move |store| store.executions(&filter, paging.cursor.as_ref(), paging.limit)).await?;
    Ok(page(&found, |execution| shown(&app, execution)))
}

async fn control(app: &App, Path(text): Path<String>, control: Control) -> Result<Response, Problem> {
    let unknown = || Problem::not_found("unknown-execution", format!("there is no execution `{text}`"));
    let id = ExecutionId::parse(&text).ok_or_else(unknown)?;
    let (driver, wanted) = (Arc::clone(&app.driver), control.clone());
    let asked = move || {
        let before = driver.store().execution(&id)?;
        Ok((before, driver.control(&id, wanted)?))
    };
    let (before, controlled) = app.blocking(asked).await?;
    match controlled {
        Ok((execution, effects)) => {
            app.worker.settled(vec![execution.id.clone()]).await;
            app.worker.carry_out(effects);
            let status = |execution: &Execution| json!({"status": execution.status.as_str()});
            let mut response = Json(shown(app, &execution)).into_response();
            let before = before.as_ref().map_or(Value::Null, status);
            response.extensions_mut().insert(Changed { before, after: status(&execution) });
            Ok(response)
        }
        Err(Refused::Unknown) => Err(unknown()),
        Err(refused) => {
            let code = match (&refused, control) {
                (Refused::NotLoaded { .. }, _) => "rule-not-loaded",
                (Refused::InParallel, _) => "failed-in-parallel",
                (_, Control::Cancel { .. }) => "execution-ended",
                (_, Control::Pause) => "not-running",
                (_, Control::Resume) => "not-paused",
                (_, Control::Retry { .. }) => "not-failed",
            };
            Err(Problem::new(StatusCode::CONFLICT, code, "Conflict", refused.to_string()))
        }
    }
}
