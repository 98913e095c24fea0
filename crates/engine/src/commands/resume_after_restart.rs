//! The daemon was started anew while the execution was open.
//!
//! A call that was under way has an unknown outcome: it is made again with the same key where that does no harm,
//! and never where it must not be repeated.

use serde_json::Value as Json;

use crate::run::{Run, internal};
use crate::strand::State;
use crate::{Effect, Outcome, Status, StepStatus, retry};

const STOPPED: &str = "the daemon stopped while the call was under way";

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if run.execution.status == Status::Pending {
        return match run.execution.wake_at {
            Some(at) => {
                let effect = Effect::WakeAt { execution: run.execution.id, at };
                Outcome { changes: Vec::new(), effects: vec![effect] }
            }
            None => super::start::apply(run),
        };
    }
    let mut is_changed = false;
    for call in run.take_abandoned() {
        run.record_end(call, StepStatus::Failed, Json::Null, Some(STOPPED.to_owned()));
        is_changed = true;
    }
    for id in run.strands() {
        // Nothing follows of one that has ended.
        if run.execution.status.is_ended() || !run.switch(id) {
            continue;
        }
        match run.strand.state {
            State::Calling => {
                is_changed = true;
                resume_call(&mut run);
            }
            State::Waiting => run.wake_later(),
            State::Ready | State::Held => {}
        }
    }
    if is_changed { run.finish() } else { run.finish_effects() }
}

fn resume_call(run: &mut Run<'_>) {
    let Some(act) = run.act() else {
        return run.fail(internal("no call stands where one was made"));
    };
    if retry::may_be_repeated(act.class) {
        run.end_attempt(StepStatus::Retrying, Json::Null, Some(STOPPED.to_owned()));
        if run.execution.status == Status::Paused {
            run.wait_until(run.at);
        } else if let Err(error) = run.attempt(act) {
            run.stumble(error);
        }
    } else {
        run.end_attempt(StepStatus::Failed, Json::Null, Some(STOPPED.to_owned()));
        run.call_failed(act, retry::outcome_unknown(act.action, STOPPED));
    }
}
