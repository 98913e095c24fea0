//! The event that an execution failed, put into the inbox in the same write, where some rule listens.
//!
//! INVARIANT: an execution that such an event led to raises none. Else a rule that tells of failures and fails itself
//! would tell of that, and so on.

use std::sync::Arc;

use serde_json::{Map, json};

use crate::store::{Error, Store};
use crate::{Cause, EventSequence, Execution, NewEvent, Status};

/// The source of the engine's own events.
const INTEGRATION: &str = "hence";

/// The name of the event that an execution failed.
pub(crate) const EXECUTION_FAILED: &str = "hence.execution.failed";

/// How many events before it are looked at for whether an event was led to by a failure. Longer chains
/// are not told of at all.
const LONGEST_CHAIN: usize = 16;

/// Returns the event that an execution failed, its rule called `rule`, if it did, and if no event of the engine's own led to it.
pub(crate) fn of_execution(
    execution: &Execution,
    rule: &str,
    owner: Option<&str>,
    store: &dyn Store,
) -> Result<Option<NewEvent>, Error> {
    let (Status::Failed, Some(error), Some(ended_at)) =
        (execution.status, &execution.error, execution.ended_at)
    else {
        return Ok(None);
    };
    if has_failed_before(execution, store)? {
        return Ok(None);
    }
    let Some(cause) = cause(execution, store)? else { return Ok(None) };
    let mut payload = Map::new();
    payload.insert("rule".to_owned(), json!(rule));
    if let Some(owner) = owner {
        payload.insert("owner".to_owned(), json!(owner));
    }
    for (name, value) in [
        ("execution", json!(execution.id.as_str())),
        ("code", json!(error.code.as_str())),
        ("message", json!(error.message)),
        ("steps", json!(execution.steps)),
        ("attempts", json!(execution.attempt)),
        ("event", json!(&*execution.event_id)),
        ("event_name", json!(&*execution.event_name)),
        ("started_at", json!(execution.started_at.to_string())),
        ("failed_at", json!(ended_at.to_string())),
        ("link", json!(format!("/executions/{}", execution.id))),
    ] {
        payload.insert(name.to_owned(), value);
    }
    Ok(Some(NewEvent {
        // An execution that is taken up again may fail again.
        id: format!("{}.{}", execution.id, execution.revision).into(),
        source: INTEGRATION.into(),
        name: EXECUTION_FAILED.into(),
        received_at: ended_at,
        occurred_at: ended_at,
        payload: Arc::from(serde_json::Value::Object(payload).to_string()),
        mismatches: Vec::new(),
        target: None,
        cause: Some(cause),
        trace: None,
    }))
}

/// Returns whether the failure was written before, and only what became of a call is new that was under way then.
fn has_failed_before(execution: &Execution, store: &dyn Store) -> Result<bool, Error> {
    let Some(stored) = store.execution(&execution.id)? else { return Ok(false) };
    let Execution { strands, revision, .. } = execution.clone();
    Ok(Execution { strands, revision, ..stored } == *execution)
}

/// Returns what led to an execution's event; nothing if that is a failure, or cannot be told.
fn cause(execution: &Execution, store: &dyn Store) -> Result<Option<Cause>, Error> {
    if is_own(&execution.event_name) {
        return Ok(None);
    }
    let mut before: EventSequence = execution.event;
    let mut depth = 0;
    for _ in 0..LONGEST_CHAIN {
        // What is gone by now was long ago, and the beginning.
        let Some(event) = store.event(before)? else {
            return Ok(Some(Cause { event: execution.event, depth: depth + 1 }));
        };
        if is_own(&event.event.name) {
            return Ok(None);
        }
        let Some(cause) = event.event.cause else {
            return Ok(Some(Cause { event: execution.event, depth: depth + 1 }));
        };
        (before, depth) = (cause.event, depth + 1);
    }
    Ok(None)
}

fn is_own(event: &str) -> bool {
    event == EXECUTION_FAILED
}
