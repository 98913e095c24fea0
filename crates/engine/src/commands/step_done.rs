//! A call succeeded. Its result and the intent of the next call are recorded together.

use crate::run::{Run, internal};
use crate::{Outcome, Response, StepStatus};

pub(super) fn apply(mut run: Run<'_>, sequence: u32, attempt: u32, response: &Response) -> Outcome {
    if run.take_if_abandoned(sequence, attempt) {
        run.record_end((sequence, attempt), StepStatus::Completed, response.detail.clone(), None);
        return run.finish();
    }
    if run.execution.status.is_ended() || !run.switch_to_call(sequence, attempt) {
        return Outcome::default();
    }
    run.end_attempt(StepStatus::Completed, response.detail.clone(), None);
    let taken = match run.act() {
        Some(act) => run.take_result(act, &response.result),
        None => Err(internal("no call stands where one was made")),
    };
    match taken {
        Ok(()) => run.advance(),
        Err(error) => run.fail(error),
    }
    run.finish()
}
