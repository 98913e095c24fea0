//! Somebody ends an execution. A call under way is not taken back; its outcome is recorded when it comes.

use crate::run::Run;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if run.execution.status.is_ended() {
        return Outcome::default();
    }
    run.end(Status::Cancelled);
    run.finish()
}
