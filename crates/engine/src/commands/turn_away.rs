//! An execution does not begin: it is recorded with the reason.

use std::sync::Arc;

use crate::run::Run;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>, status: Status, reason: Arc<str>) -> Outcome {
    if run.execution.status != Status::Pending {
        return Outcome::default();
    }
    run.execution.reason = Some(reason);
    run.end(status);
    run.finish()
}
