//! Somebody holds an execution. A call under way comes to its end and is recorded, an event that it waits for is taken, and
//! time passes; but no step begins until it is resumed. What ends the execution ends it nevertheless.

use crate::run::Run;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if !matches!(run.execution.status, Status::Running | Status::Waiting) {
        return Outcome::default();
    }
    run.execution.status = Status::Paused;
    run.finish()
}
