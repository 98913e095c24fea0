//! An execution cannot begin or go on, whatever its steps: its condition failed, or its rule is gone.

use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

use crate::strand::{self, State};
use crate::{Change, Execution, ExecutionError, Outcome, StepEnd, StepStatus, journal};

/// Returns what it takes to fail an execution, its steps included that are under way, and what it waits for.
pub(crate) fn give_up(state: &Execution, error: ExecutionError, at: Timestamp) -> Outcome {
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
            error: Some(error.message.clone()),
            ended_at: at,
        }))
    });
    let mut changes: Vec<Change> = steps.collect();
    let mut next = state.clone();
    next.strands = std::sync::Arc::default();
    next.fail(error, at);
    changes.push(next.into_change());
    changes.extend((state.revision > 0).then(|| Change::WaitsEnded(state.id.clone())));
    Outcome { changes, effects: Vec::new() }
}
