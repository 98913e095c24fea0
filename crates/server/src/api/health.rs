//! `/healthz`: the process lives. `/readyz`: it can do its work. `/metrics`: what it did.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use serde_json::{Value, json};

use crate::app::App;
use crate::problem::Problem;

/// What is counted and measured, as Prometheus reads it: `GET /metrics`.
pub(super) async fn metrics(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let counts = app.ask(|store| store.counts()).await?;
    let page = app.metrics.render(
        &counts,
        app.rules().program.rules.len(),
        app.driver.evaluation(),
        app.driver.caches(),
        app.store.commits(),
    );
    Ok(([(CONTENT_TYPE, "application/openmetrics-text; version=1.0.0; charset=utf-8")], page))
}

/// Answers as long as the process does.
pub(super) async fn healthz() -> Json<Value> {
    Json(json!({"status": "ok"}))
}

/// Answers 200 if the store can be read and written, and everything that a former run left behind is taken up.
pub(super) async fn readyz(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let counts = app.ask(|store| store.check().and_then(|()| store.counts())).await?;
    if !app.recovered.load(Ordering::Acquire) {
        let detail = format!("{} events of a former run are still to be matched", counts.unmatched);
        return Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "recovering", "Recovering", detail));
    }
    Ok(Json(json!({"status": "ready", "events": counts.events, "unmatched": counts.unmatched})))
}
