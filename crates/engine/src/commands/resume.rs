//! An execution that was held goes on: with the steps that were to begin meanwhile, and with what was due.

use crate::run::Run;
use crate::strand::State;
use crate::{Outcome, Status};

pub(super) fn apply(mut run: Run<'_>) -> Outcome {
    if run.execution.status != Status::Paused {
        return Outcome::default();
    }
    run.unpause();
    for id in run.strands() {
        if run.execution.status.is_ended() || !run.switch(id) {
            continue;
        }
        match run.strand.state {
            State::Ready => run.advance(),
            State::Waiting => run.wake_later(),
            State::Calling | State::Held => {}
        }
    }
    run.finish()
}
