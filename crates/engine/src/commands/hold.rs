//! An execution is recorded and begins later: at an instant, or when those before it have ended. Events that end it are
//! already heard.

use hence_types::jiff::Timestamp;

use crate::run::Run;
use crate::{Effect, Outcome, Status};

pub(super) fn apply(mut run: Run<'_>, until: Option<Timestamp>) -> Outcome {
    if run.execution.status != Status::Pending {
        return Outcome::default();
    }
    if let Err(error) = run.register() {
        run.fail(error);
        return run.finish();
    }
    let until = until.map(crate::event::to_the_microsecond);
    run.strand.wake_at = until;
    let mut outcome = run.finish();
    if let (Some(at), Some(execution)) = (until, outcome.state().map(|state| state.id.clone())) {
        outcome.effects.push(Effect::WakeAt { execution, at });
    }
    outcome
}
