//! From events as they come in to the answer that they are durable, whichever way they came.

use std::sync::Arc;

use axum::http::{HeaderMap, StatusCode};
use hence_diagnostics::nearest;
use hence_engine::{Accepted, NewEvent};
use hence_schema::{Call, Catalog, Event, check_payload};
use hence_types::jiff::Timestamp;
use hence_types::wire::Mismatch;
use hence_types::{TASK_CANCELLED, TASK_COMPLETED};
use serde_json::{Value, json};

use crate::app::App;
use crate::clock::fresh_id;
use crate::ingest::Refusal;
use crate::metrics::Outcome;
use crate::problem::Problem;
use crate::traces::{Arriving, Context};

/// The integration whose events the engine raises itself.
const OWN: &str = "hence";

/// The events that the daemon raises when a task ends, where the integration of their name creates tasks.
const OF_TASKS: [&str; 2] = [TASK_CANCELLED, TASK_COMPLETED];

/// The longest id of an event, in bytes.
const ID_LIMIT: usize = 256;

/// An event that came in and is known to the catalog.
pub(crate) struct Arrival<'a> {
    /// Who sent it: of two events of one sender, those of the same id are the same.
    pub(crate) source: &'a str,
    pub(crate) event: &'a Event,
    /// The id that its sender gave it.
    pub(crate) id: Option<String>,
    /// When it happened, as its sender says.
    pub(crate) occurred_at: Option<Timestamp>,
    /// JSON that was checked to be JSON.
    pub(crate) payload: &'a str,
    /// The trace that it is a part of, if its sender says so.
    pub(crate) trace: Option<Context>,
}

/// Returns the trace that a request is a part of.
pub(crate) fn trace(headers: &HeaderMap) -> Option<Context> {
    Context::parse(headers.get("traceparent")?.to_str().ok()?)
}

/// Stores events and returns an answer for each: its id and whether it was there before.
///
/// A payload that breaks its schema is stored and marked, as a provider that was told "no" would send it again for
/// days; what rules read of it is missing where it does not fit.
pub(crate) async fn store(app: &App, arrivals: Vec<Arrival<'_>>) -> Result<Vec<Value>, Problem> {
    let received_at = app.clock.now();
    let (mut events, mut traced) = (Vec::new(), Vec::new());
    for arrival in arrivals {
        let arriving = app.tracer.arriving(arrival.trace);
        let mismatches = check_payload(&arrival.event.payload, arrival.payload);
        if let Some(first) = mismatches.first() {
            tracing::warn!(event = %arrival.event.full_name, path = %first.path, "a payload breaks its schema");
        }
        events.push(NewEvent {
            id: valid_id(arrival.id)?.into(),
            source: arrival.source.into(),
            name: Arc::clone(&arrival.event.full_name),
            received_at,
            occurred_at: arrival.occurred_at.unwrap_or(received_at),
            payload: arrival.payload.into(),
            mismatches,
            target: None,
            cause: None,
            trace: arriving.as_ref().map(Arriving::kept),
        });
        traced.push(arriving);
    }
    let answers: Vec<(String, String, Vec<Value>)> = events
        .iter()
        .map(|event| {
            (event.id.to_string(), event.name.to_string(), event.mismatches.iter().map(mismatch).collect())
        })
        .collect();
    let sources: Vec<_> = events.iter().map(|event| Arc::clone(&event.name)).collect();
    let accepted = take(app, events).await?;
    for (name, accepted) in sources.iter().zip(&accepted) {
        let outcome = match accepted {
            Accepted::New(_) => Outcome::Accepted,
            Accepted::Duplicate(_) => Outcome::Duplicate,
        };
        app.metrics.arrived(name.split('.').next().unwrap_or_default(), outcome);
    }
    let answer = |((id, event, mismatches), accepted): ((String, String, Vec<Value>), Accepted)| {
        let duplicate = matches!(accepted, Accepted::Duplicate(_));
        json!({"id": id, "event": event, "duplicate": duplicate, "schema_mismatches": mismatches})
    };
    for ((arriving, (id, event, _)), accepted) in traced.iter().zip(&answers).zip(&accepted) {
        if let Some(arriving) = arriving {
            app.tracer.arrived(arriving, event, id, matches!(accepted, Accepted::Duplicate(_)));
        }
    }
    let answers: Vec<Value> = answers.into_iter().zip(accepted).map(answer).collect();
    answers.iter().for_each(|answer| app.live.event(answer));
    Ok(answers)
}

/// Takes events into the inbox; they are durable when it returns.
pub(crate) async fn take(app: &App, events: Vec<NewEvent>) -> Result<Vec<Accepted>, Problem> {
    app.ingest.accept(events).await.map_err(|refusal| match refusal {
        Refusal::Busy => Problem::busy(),
        Refusal::Stopping => Problem::stopping(),
        Refusal::Store(error) => Problem::from(error),
    })
}

/// Where a payload breaks its schema, as clients see it.
pub(crate) fn mismatch(mismatch: &Mismatch) -> Value {
    json!({"pointer": mismatch.path, "expected": mismatch.expected, "found": mismatch.found})
}

/// Finds an event by integration and name.
pub(crate) fn find<'a>(catalog: &'a Catalog, integration: &str, name: &str) -> Result<&'a Event, Problem> {
    if integration == OWN {
        let detail = "the events of `hence` come from the engine alone";
        return Err(Problem::new(StatusCode::FORBIDDEN, "own-event", "Forbidden", detail));
    }
    let Some(found) = catalog.integrations.get(integration) else {
        let known = catalog.integrations.keys().map(String::as_str);
        let problem =
            Problem::not_found("unknown-integration", format!("there is no integration `{integration}`"));
        return Err(problem.meant(nearest(integration, known)));
    };
    if OF_TASKS.contains(&format!("{integration}.{name}").as_str())
        && found.actions.values().any(|action| matches!(action.call, Call::Task(_)))
    {
        let detail = "the events of tasks come from the daemon alone, when a task is completed or cancelled";
        return Err(Problem::new(StatusCode::FORBIDDEN, "own-event", "Forbidden", detail));
    }
    found.events.get(name).ok_or_else(|| {
        let known = found.events.keys().map(String::as_str);
        let problem =
            Problem::not_found("unknown-event", format!("integration `{integration}` has no event `{name}`"));
        problem.meant(nearest(name, known))
    })
}

pub(crate) fn valid_id(id: Option<String>) -> Result<String, Problem> {
    match id {
        None => Ok(fresh_id()),
        Some(id) if id.is_empty() || id.len() > ID_LIMIT || id.chars().any(char::is_control) => {
            let detail = "the id of an event has 1 to 256 bytes and no control characters";
            Err(Problem::bad_request("invalid-id", detail))
        }
        Some(id) => Ok(id),
    }
}
