//! What people do in a test: they start rules, and answer what they are asked.

use std::sync::Arc;

use hence_engine::{Clock, NewEvent, Task, TaskAnswer};
use hence_schema::{sample, sample_value};
use hence_syntax::ast;
use hence_types::{TASK_ANSWERED, Type};
use serde_json::Value as Json;

use super::{Runner, Stuck};

impl Runner<'_> {
    /// Returns the event that somebody starts a rule.
    pub(super) fn run_by_hand(&self, rule: &str, given: &ast::Given) -> Result<NewEvent, Stuck> {
        let Some(shape) = self.project.checked.declarations.manual.get(rule) else {
            return Err(Stuck(format!("nobody can start `{rule}`")));
        };
        let values = sample_value(&Type::Record(Arc::clone(shape)));
        let input = self.writer().payload(values, given.payload.as_ref(), shape).to_string();
        let occasion = format!("{}", self.happened.len() + 1);
        hence_engine::manual_run(&self.program, rule, &input, &occasion, self.clock.now())
            .map_err(|error| Stuck(error.to_string()))
    }

    /// Returns the event that the task of a role which has been open longest is answered.
    pub(super) fn answer_of_person(&self, role: &str, given: &ast::Given) -> Result<NewEvent, Stuck> {
        let Some(event) = self.project.catalog.event_by_full_name(TASK_ANSWERED) else {
            return Err(Stuck(format!("no integration has the event `{TASK_ANSWERED}`")));
        };
        let answer = self.writer().payload(sample(event), given.payload.as_ref(), &event.payload);
        let text = |name: &str| answer.get(name).and_then(Json::as_str);
        let answer = TaskAnswer {
            approved: answer.get("approved").and_then(Json::as_bool).unwrap_or_default(),
            by: text("by").unwrap_or(role),
            comment: text("comment"),
        };
        let task = self.open_task(role)?;
        let task = task.ok_or_else(|| Stuck(format!("nobody asked `{role}` anything that is still open")))?;
        Ok(task.answer(&answer, self.clock.now()))
    }

    fn open_task(&self, role: &str) -> Result<Option<Task>, Stuck> {
        let store = self.driver.store();
        let mut open: Vec<Task> = Vec::new();
        for wait in store.waits_for(TASK_ANSWERED, None, usize::MAX)? {
            open.extend(Task::of_wait(&**store, &wait)?);
        }
        open.retain(|task| task.role().as_deref() == Some(role));
        open.sort_by_key(|task| task.opened.sequence);
        Ok(open.into_iter().next())
    }
}
