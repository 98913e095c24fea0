//! `/healthz`: the process lives. `/readyz`: it can do its work.

use std::sync::atomic::Ordering;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde_json::{Value, json};

use crate::app::App;
use crate::problem::Problem;

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
