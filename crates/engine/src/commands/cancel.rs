//! Somebody ends an execution. A call under way is not taken back; its outcome is recorded when it comes.

use std::sync::Arc;

use crate::run::Run;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>, reason: Option<Arc<str>>) -> Outcome {
    if run.execution.status.is_ended() {
        return Outcome::default();
    }
    run.execution.reason = reason;
    run.end(Status::Cancelled);
    run.finish()
}
