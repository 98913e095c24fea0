//! The end of tasks that rules gave people.

use super::Driver;
use crate::store::Error;
use crate::{Accepted, Assignment, Assignments, Effect, Ending};

impl Driver {
    /// Ends a task and takes the event that tells of it into the inbox, in one write; returns what is to be done then,
    /// and nothing if the task has ended already. `assignments` writes into the store of this driver.
    ///
    /// # Errors
    /// Whatever kept the store from writing it; the task is open then, and there is no event.
    pub fn end_assignment(
        &self,
        assignments: &dyn Assignments,
        assignment: &Assignment,
        ending: &Ending,
    ) -> Result<Option<Vec<Effect>>, Error> {
        self.prepare_watching()?;
        let event = assignment.ended_event(ending);
        let accepted = assignments.end_assignment(&assignment.id, ending, &event)?;
        Ok(accepted.map(|accepted| match accepted {
            Accepted::New(sequence) => vec![Effect::Handle(Box::new(event.into_stored(sequence)))],
            Accepted::Duplicate(_) => Vec::new(),
        }))
    }
}
