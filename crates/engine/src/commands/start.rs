//! An execution begins: its steps are run up to the first call.

use crate::run::Run;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if run.execution.status != Status::Pending {
        return Outcome::default();
    }
    run.advance();
    run.finish()
}
