//! What follows a failure: the steps that handle it, or the end of the execution.

use hence_diagnostics::Code;
use hence_ir::{OnError, Step};
use hence_types::{Value, failure_value};

use super::{Act, INTERNAL, Run};
use crate::ExecutionError;
use crate::strand::State;

impl Run<'_> {
    /// Goes on after a call that failed for good, as the rule says.
    pub(crate) fn call_failed(&mut self, act: Act<'_>, error: ExecutionError) {
        let next = match act.policy.on_error {
            OnError::Fail => return self.stumble(error),
            OnError::Continue => self.strand.place.saturating_add(1),
            OnError::GoTo(place) => place,
        };
        // A call in a loop may have given a result before.
        let forgotten = act.result.map_or(Ok(()), |result| self.set_local(result.local, Value::Missing));
        match forgotten {
            Ok(()) => {
                self.strand.place = next;
                self.advance();
            }
            Err(error) => self.fail(error),
        }
    }

    /// Goes on after a step that failed: where the attempt around it says, else the execution fails.
    pub(crate) fn stumble(&mut self, error: ExecutionError) {
        if self.catches(&error) {
            self.advance();
        } else {
            self.fail(error);
        }
    }

    /// Moves to the steps that handle the failure of the step at the strand's place, if there are any. Where they stand
    /// around a step that began several strands, all of these end.
    pub(super) fn catches(&mut self, error: &ExecutionError) -> bool {
        if !is_of_the_rule(error) {
            return false;
        }
        let (handler, local) = loop {
            match self.handler() {
                Some(found) => break found,
                None if self.leave() => {}
                None => return false,
            }
        };
        let value = failure_value(&error.message, error.code.name());
        if local.is_some_and(|local| self.set_local(local, value).is_err()) {
            return false;
        }
        self.strand.place = handler;
        self.strand.state = State::Ready;
        self.strand.wake_at = None;
        true
    }

    /// Returns where the innermost attempt around the place within the strand goes, and where its error goes.
    fn handler(&self) -> Option<(u32, Option<hence_ir::LocalId>)> {
        let (first, place) = (self.beginning(), self.strand.place);
        let mut around = (0..place).zip(self.steps()).filter_map(|(start, step)| {
            if let Step::Attempt { end, handler, error, span: _ } = step {
                (first <= start && start < place && place < *end).then_some((*handler, *error))
            } else {
                None
            }
        });
        around.next_back()
    }
}

/// Whether an error comes from what a rule does, rather than from a defect or a limit.
fn is_of_the_rule(error: &ExecutionError) -> bool {
    let codes = [Code::ActionFailed, Code::OutcomeUnknown, Code::EvaluationFault];
    codes.contains(&error.code) && !error.message.starts_with(INTERNAL)
}
