//! `/v1/events`: events in, and those that came.

use axum::Json;
use axum::body::Bytes;
use axum::extract::rejection::{BytesRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::{HeaderMap, StatusCode};
use hence_connectors::ingress::{self, Defect};
use hence_engine::{EventFilter, EventState, StoredEvent};
use serde::Deserialize;
use serde_json::{Value, json};

use super::executions::{Paging, instant, page};
use crate::app::App;
use crate::problem::Problem;
use crate::receive::{Arrival, find, mismatch, store, trace};

/// What the address of an event may say besides its name.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Given {
    id: Option<String>,
    time: Option<String>,
}

/// Takes one event: `POST /v1/events/{integration}/{event}`, the body is the payload.
pub(super) async fn receive(
    State(app): State<App>,
    path: Result<Path<(String, String)>, PathRejection>,
    given: Result<Query<Given>, QueryRejection>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<(StatusCode, Json<Value>), Problem> {
    let (Path((integration, name)), Query(given), body) = (path?, given?, body?);
    let rules = app.rules();
    let event = find(&rules.catalog, &integration, &name)?;
    let payload = ingress::validate(&body).map_err(unreadable)?;
    let occurred_at = match given.time.or_else(|| header(&headers, ["hence-event-time", "ce-time"])) {
        Some(time) => Some(instant(&time)?),
        None => None,
    };
    let arrival = Arrival {
        source: &integration,
        event,
        id: given.id.or_else(|| header(&headers, ["hence-event-id", "ce-id"])),
        occurred_at,
        payload: payload.get(),
        trace: trace(&headers),
    };
    let answer = store(&app, vec![arrival]).await?.into_iter().next().unwrap_or_default();
    Ok((StatusCode::ACCEPTED, Json(answer)))
}

/// The problem of a body that is no JSON that is taken.
pub(super) fn unreadable(defect: Defect) -> Problem {
    let code = match defect {
        Defect::NotUtf8 => "not-utf8",
        Defect::TooDeep => "nesting-too-deep",
        Defect::InvalidJson(_) => "invalid-json",
    };
    Problem::bad_request(code, defect.to_string())
}

fn header(headers: &HeaderMap, names: [&str; 2]) -> Option<String> {
    names.into_iter().find_map(|name| headers.get(name)?.to_str().ok()).map(str::to_owned)
}

/// Which events are wanted.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    event: Option<String>,
    source: Option<String>,
    state: Option<String>,
    schema_mismatch: Option<bool>,
    since: Option<String>,
    cursor: Option<String>,
    limit: Option<usize>,
}

/// Lists events, latest first: `GET /v1/events`.
pub(super) async fn list(
    State(app): State<App>,
    wanted: Result<Query<Wanted>, QueryRejection>,
) -> Result<Json<Value>, Problem> {
    let Query(wanted) = wanted?;
    let paging = Paging::read(wanted.cursor.as_deref(), wanted.limit)?;
    let state = match wanted.state.as_deref() {
        None => None,
        Some(text) => Some(EventState::parse(text).ok_or_else(|| {
            Problem::bad_request("invalid-query", format!("`{text}` is no state: `accepted` or `matched`"))
        })?),
    };
    let filter = EventFilter {
        name: wanted.event.map(Into::into),
        source: wanted.source.map(Into::into),
        state,
        schema_mismatch: wanted.schema_mismatch,
        since: wanted.since.as_deref().map(instant).transpose()?,
    };
    let found = app.ask(move |store| store.events(&filter, paging.cursor.as_ref(), paging.limit)).await?;
    Ok(page(&found, shown))
}

/// An event without its payload, which may hold what not everybody should see.
fn shown(stored: &StoredEvent) -> Value {
    let event = &stored.event;
    json!({
        "id": event.id,
        "event": event.name,
        "source": event.source,
        "sequence": stored.sequence.0,
        "state": stored.state.as_str(),
        "received_at": event.received_at.to_string(),
        "occurred_at": event.occurred_at.to_string(),
        "schema_mismatch": event.breaks_schema(),
        "schema_mismatches": event.mismatches.iter().map(mismatch).collect::<Vec<_>>(),
    })
}
