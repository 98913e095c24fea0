//! A call did not succeed: it is tried again later, or what the rule says of its failure follows.

use crate::retry::{self, Decision, Tried};
use crate::run::{Run, internal};
use crate::{Failure, Outcome, StepStatus};

pub(super) fn apply(mut run: Run<'_>, sequence: u32, attempt: u32, failure: Failure) -> Outcome {
    if run.take_if_abandoned(sequence, attempt) {
        let error = Some(failure.message);
        run.record_end((sequence, attempt), StepStatus::Failed, failure.detail, error);
        return run.finish();
    }
    if run.execution.status.is_ended() || !run.switch_to_call(sequence, attempt) {
        return Outcome::default();
    }
    let Some(act) = run.act() else {
        run.end_attempt(StepStatus::Failed, failure.detail, Some(failure.message));
        run.fail(internal("no call stands where one was made"));
        return run.finish();
    };
    let tried = Tried { execution: &run.execution.id, sequence, attempt };
    let decision = retry::decide(act, tried, &failure, run.at);
    let status = match &decision {
        Decision::RetryAt(_) => StepStatus::Retrying,
        Decision::Fail(_) => StepStatus::Failed,
    };
    run.end_attempt(status, failure.detail, Some(failure.message));
    match decision {
        Decision::RetryAt(due) => run.wait_until(due),
        Decision::Fail(error) => run.call_failed(act, error),
    }
    run.finish()
}
