//! The daemon was started anew while the execution was open.
//!
//! A call that was under way has an unknown outcome: it is made again with the same key where that does no harm,
//! and never where it must not be repeated.

use serde_json::Value as Json;

use crate::run::{Run, internal};
use crate::{Effect, Outcome, Status, StepStatus, retry};

const STOPPED: &str = "the daemon stopped while the call was under way";

pub(super) fn apply(run: Run<'_>) -> Outcome {
    match run.execution.status {
        Status::Pending => super::start::apply(run),
        Status::Running => resume_call(run),
        Status::Waiting => match run.execution.wake_at {
            Some(at) => {
                let effect = Effect::WakeAt { execution: run.execution.id, at };
                Outcome { changes: Vec::new(), effects: vec![effect] }
            }
            None => Outcome::default(),
        },
        Status::Paused | Status::Completed | Status::Failed | Status::Cancelled => Outcome::default(),
    }
}

fn resume_call(mut run: Run<'_>) -> Outcome {
    let Some(act) = run.act() else {
        run.fail(internal("no call stands where one was made"));
        return run.finish();
    };
    if retry::may_be_repeated(act.class) {
        run.end_attempt(StepStatus::Retrying, Json::Null, Some(STOPPED.to_owned()));
        if let Err(error) = run.attempt(act) {
            run.stumble(error);
        }
    } else {
        run.end_attempt(StepStatus::Failed, Json::Null, Some(STOPPED.to_owned()));
        run.call_failed(act, retry::outcome_unknown(act.action, STOPPED));
    }
    run.finish()
}
