//! The time of the next attempt has come.

use crate::run::{Run, internal};
use crate::{Effect, Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    let (Status::Waiting, Some(due)) = (run.execution.status, run.execution.retry_at) else {
        return Outcome::default();
    };
    if run.at < due {
        let effect = Effect::RetryAt { execution: run.execution.id, at: due };
        return Outcome { changes: Vec::new(), effects: vec![effect] };
    }
    let tried = match run.act() {
        Some(act) => run.attempt(act),
        None => Err(internal("no call stands where one was made")),
    };
    if let Err(error) = tried {
        run.fail(error);
    }
    run.finish()
}
