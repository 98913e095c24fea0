//! `GET /v1/live`: what happens, as server-sent events; `GET /v1/stats`: how much there is.

use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::response::sse::{Event, KeepAlive, Sse};
use serde_json::{Map, Value, json};
use tokio::sync::broadcast::error::RecvError;

use crate::app::App;
use crate::problem::Problem;

/// How often something is sent where nothing happens, so that proxies keep the connection.
const ALIVE: Duration = Duration::from_secs(15);

/// Tells what happens from now on. Who reads too slowly is told how much was passed over.
pub(super) async fn watch(State(app): State<App>) -> Result<impl IntoResponse, Problem> {
    let Some(watcher) = app.live.watch() else {
        let detail = "too many watch already";
        return Err(Problem::new(
            StatusCode::TOO_MANY_REQUESTS,
            "too-many-watchers",
            "Too many requests",
            detail,
        ));
    };
    let happened = futures_util::stream::unfold(watcher, async |mut watcher| {
        let event = match watcher.receiver.recv().await {
            Ok(happened) => Event::default().event(happened.kind).data(&*happened.data),
            Err(RecvError::Lagged(passed)) => Event::default().event("passed_over").data(passed.to_string()),
            Err(RecvError::Closed) => return None,
        };
        Some((Ok::<_, Infallible>(event), watcher))
    });
    // The connection of who watches does not keep the daemon from stopping.
    let until = futures_util::StreamExt::take_until(happened, app.stop.clone().cancelled_owned());
    Ok(Sse::new(until).keep_alive(KeepAlive::new().interval(ALIVE)))
}

/// Tells how much there is.
pub(super) async fn stats(State(app): State<App>) -> Result<Json<Value>, Problem> {
    let counts = app.ask(|store| store.counts()).await?;
    let executions: Map<String, Value> =
        counts.executions.iter().map(|(status, count)| (status.as_str().to_owned(), json!(count))).collect();
    Ok(Json(json!({
        "rules": app.rules().program.rules.len(),
        "events": counts.events,
        "unmatched": counts.unmatched,
        "schema_mismatches": counts.schema_mismatches,
        "executions": executions,
    })))
}
