//! An execution cannot begin or go on, whatever its steps: its condition failed, or its rule is gone.

use hence_types::jiff::Timestamp;
use serde_json::Value as Json;

use crate::{Change, Execution, ExecutionError, Outcome, Status, StepEnd, StepStatus};

/// Returns what it takes to fail an execution, its step included if one is under way.
pub(crate) fn give_up(state: &Execution, error: ExecutionError, at: Timestamp) -> Outcome {
    if state.status.is_ended() {
        return Outcome::default();
    }
    let step = (state.status == Status::Running).then(|| {
        Change::StepEnded(Box::new(StepEnd {
            execution: state.id.clone(),
            sequence: state.steps,
            attempt: state.attempt,
            status: StepStatus::Failed,
            detail: Json::Null,
            error: Some(error.message.clone()),
            ended_at: at,
        }))
    });
    let wait = (state.status == Status::Waiting)
        .then(|| Change::WaitEnded { execution: state.id.clone(), strand: 0 });
    let mut next = state.clone();
    next.fail(error, at);
    let changes = step.into_iter().chain([next.into_change()]).chain(wait).collect();
    Outcome { changes, effects: Vec::new() }
}
