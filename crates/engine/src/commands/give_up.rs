//! An execution cannot begin or go on, whatever its steps: its condition failed, or its rule is gone.

use std::sync::Arc;

use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

use crate::strand::{self, State};
use crate::{Change, Execution, ExecutionError, Outcome, Status, StepEnd, StepStatus, journal};

/// Returns what it takes to fail an execution, its steps included that are under way, and what it waits for.
pub(crate) fn give_up(state: &Execution, error: ExecutionError, at: Timestamp) -> Outcome {
    let message = error.message.clone();
    ended(state, &message, at, |next| next.fail(error, at))
}

/// Returns what it takes to cancel an execution whose rule is gone.
pub(crate) fn call_off(state: &Execution, reason: Option<Arc<str>>, at: Timestamp) -> Outcome {
    ended(state, "the execution was cancelled", at, |next| {
        next.reason = reason;
        next.end(Status::Cancelled, at);
    })
}

fn ended(state: &Execution, message: &str, at: Timestamp, end: impl FnOnce(&mut Execution)) -> Outcome {
    if state.status.is_ended() {
        return Outcome::default();
    }
    // What cannot be read cannot be ended.
    let others = journal::strands::decode(&state.strands).unwrap_or_default();
    let main = strand::main(state, &others);
    let strands = || others.strands.values().chain([&main]);
    let calls = strands().filter(|strand| strand.state == State::Calling);
    let calls = calls.map(|strand| (strand.sequence, strand.attempt)).chain(others.abandoned.iter().copied());
    let steps = calls.map(|(sequence, attempt)| {
        Change::StepEnded(Box::new(StepEnd {
            execution: state.id.clone(),
            sequence,
            attempt,
            status: StepStatus::Failed,
            detail: Json::Null,
            error: Some(message.to_owned()),
            ended_at: at,
        }))
    });
    let mut changes: Vec<Change> = steps.collect();
    let mut next = state.clone();
    next.strands = Arc::default();
    end(&mut next);
    changes.push(next.into_change());
    changes.extend((state.revision > 0).then(|| Change::WaitsEnded(state.id.clone())));
    Outcome { changes, effects: Vec::new() }
}
