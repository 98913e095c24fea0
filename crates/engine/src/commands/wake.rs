//! The time an execution waits for has come: that of the next attempt of a call, or that of a `wait`.

use hence_ir::Step;

use crate::run::{Run, internal};
use crate::{Effect, Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    let (Status::Waiting, Some(due)) = (run.execution.status, run.execution.wake_at) else {
        return Outcome::default();
    };
    if run.at < due {
        let effect = Effect::WakeAt { execution: run.execution.id, at: due };
        return Outcome { changes: Vec::new(), effects: vec![effect] };
    }
    if let Some(Step::Wait { .. }) = run.step() {
        run.execution.wake_at = None;
        run.execution.place = run.execution.place.saturating_add(1);
        run.advance();
        return run.finish();
    }
    if let Some(wait) = run.awaited() {
        match run.end_await(wait, None) {
            Ok(()) => run.advance(),
            Err(error) => run.stumble(error),
        }
        return run.finish();
    }
    let tried = match run.act() {
        Some(act) => run.attempt(act),
        None => Err(internal("no call stands where one was made")),
    };
    if let Err(error) = tried {
        run.stumble(error);
    }
    run.finish()
}
