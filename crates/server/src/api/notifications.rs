//! `/v1/notifications`: what rules told people.

use std::sync::Arc;

use axum::Json;
use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse, Response};
use hence_engine::{Notification, NotificationFilter};
use hence_types::jiff::Timestamp;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::app::App;
use crate::auth::Changed;
use crate::problem::Problem;

/// How many are given at once, and at most.
const LIMIT: (usize, usize) = (50, 500);

/// Which are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    #[serde(rename = "for")]
    to: Option<String>,
    unread: Option<bool>,
    /// Those sent before the one of this number.
    cursor: Option<i64>,
    limit: Option<usize>,
}

/// Lists them: `GET /v1/notifications`, latest first.
pub(super) async fn list(
    State(app): State<App>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(Wanted { to, unread, cursor, limit }) = query?;
    let limit = limit.unwrap_or(LIMIT.0).clamp(1, LIMIT.1);
    let filter = NotificationFilter { to, read: unread.map(|unread| !unread) };
    let records = Arc::clone(&app.records);
    let found = app.blocking(move || records.notifications(&filter, cursor, limit)).await?;
    let next = found.last().filter(|_| found.len() == limit).map(|(number, _)| *number);
    let items: Vec<Value> = found.iter().map(|(_, notification)| shown(notification)).collect();
    Ok(Json(json!({"items": items, "next": next})))
}

/// Keeps that one was read: `POST /v1/notifications/{id}/read`.
pub(super) async fn read(
    State(app): State<App>,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, Problem> {
    let Path(id) = path?;
    let now = app.clock.now();
    // As exact as the store keeps it.
    let at = Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now);
    let (records, wanted) = (Arc::clone(&app.records), id.clone());
    let found = app.blocking(move || records.mark_read(&wanted, at)).await?;
    let unknown = || Problem::not_found("unknown-notification", format!("there is no notification `{id}`"));
    let (before, after) = found.ok_or_else(unknown)?;
    let read_at = |notification: &Notification| json!({"read_at": instant(notification.read_at)});
    let mut response = Json(shown(&after)).into_response();
    // What it says is no matter of the record of who did what.
    response.extensions_mut().insert(Changed { before: read_at(&before), after: read_at(&after) });
    Ok(response)
}

fn shown(notification: &Notification) -> Value {
    json!({
        "id": notification.id,
        "for": notification.to,
        "title": notification.title,
        "body": notification.body,
        "link": notification.link,
        "level": notification.level.as_str(),
        "sent_at": notification.sent_at.to_string(),
        "read_at": instant(notification.read_at),
    })
}

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}
