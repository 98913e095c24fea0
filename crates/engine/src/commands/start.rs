//! An execution begins: its steps are run up to the first call.

use crate::run::Run;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if run.execution.status != Status::Pending {
        return Outcome::default();
    }
    run.strand.wake_at = None;
    match run.register().and_then(|()| run.take_variant()) {
        Ok(()) => run.advance(),
        Err(error) => run.fail(error),
    }
    run.finish()
}
