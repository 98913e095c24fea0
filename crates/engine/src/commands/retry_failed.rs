//! An execution failed, and somebody has it go on: with the step that failed, tried once more with the same key, or with the
//! one after it. From there on it runs as any other. Where an event came meanwhile that ends it, as its rule says, it is ended
//! by that instead: what the rule says of the event holds for executions that failed, too.
//!
//! Where the step is one of several that were done at the same time, the others were ended with it. All of them are done anew
//! then, under the same keys; where one of them must not be repeated, the execution stays as it is.

use hence_diagnostics::Code;
use hence_ir::Step;

use crate::run::Run;
use crate::{Execution, Outcome, Status, StoredEvent, retry};

pub(super) fn apply(mut run: Run<'_>, skip: bool, ended_by: Option<&StoredEvent>) -> Outcome {
    if run.execution.status != Status::Failed || stands_in_parallel(run.steps(), &run.execution) {
        return Outcome::default();
    }
    // The call before is not the one that failed where no more may be begun.
    let has_failed_call = run.strand.attempt > 0
        && run.execution.error.as_ref().is_some_and(|error| error.code != Code::TooManySteps);
    run.execution.status = Status::Running;
    run.execution.error = None;
    run.execution.ended_at = None;
    if let Some(event) = ended_by {
        run.end_by(event);
        return run.finish();
    }
    if let Err(error) = run.register() {
        run.fail(error);
        return run.finish();
    }
    let tried = match run.act() {
        _ if skip => {
            run.strand.place = run.strand.place.saturating_add(1);
            run.advance();
            Ok(())
        }
        Some(act) if has_failed_call => run.attempt(act),
        Some(_) | None => {
            run.advance();
            Ok(())
        }
    };
    if let Err(error) = tried {
        run.stumble(error);
    }
    run.finish()
}

/// Returns whether an execution stands among steps that are done at the same time as others, and that must not be done anew.
pub(crate) fn stands_in_parallel(steps: &[Step], execution: &Execution) -> bool {
    let place = execution.place as usize;
    (0..).zip(steps).any(|(start, step)| {
        if let Step::Parallel { end, .. } = step {
            let within = steps.get(start..*end as usize).unwrap_or_default();
            let does_harm =
                |step: &Step| matches!(step, Step::Act { class, .. } if !retry::may_be_repeated(*class));
            start <= place && place < *end as usize && within.iter().any(does_harm)
        } else if let Step::Batches { end, .. } = step {
            // Which elements are done is not known.
            start <= place && place < *end as usize
        } else {
            false
        }
    })
}
