//! An event arrived that a strand may wait for: it goes on with it if it is the one.

use crate::run::Run;
use crate::{Outcome, StoredEvent};

pub(super) fn apply(mut run: Run<'_>, strand: u32, event: &StoredEvent) -> Outcome {
    if run.execution.status.is_ended() || !run.switch(strand) {
        return Outcome::default();
    }
    let Some(wait) = run.awaited().filter(|wait| wait.event == event.event.name) else {
        return Outcome::default();
    };
    // What arrived after the time was over came too late, whichever is handled first.
    if run.strand.wake_at.is_some_and(|due| due <= event.event.received_at) {
        return Outcome::default();
    }
    let ended = match run.is_awaited(wait, event) {
        Ok(false) => return Outcome::default(),
        Ok(true) => run.end_await(wait, Some(event)),
        Err(error) => Err(error),
    };
    match ended {
        Ok(()) => run.advance(),
        Err(error) => run.stumble(error),
    }
    run.finish()
}
