//! Events that a rule emits: put into the inbox together with the execution's new state.

use std::sync::Arc;

use hence_diagnostics::Code;
use hence_ir::{Argument, Question};
use hence_types::jiff::Timestamp;
use hence_types::{TASK_OPENED, Value};
use hence_vm::Machine;
use serde_json::{Map, Value as Json};

use super::Run;
use crate::matching::evaluation_error;
use crate::tasks::{self, Opened};
use crate::{Cause, Change, ExecutionError, NewEvent};

/// How many events may lead to one, one by the other.
const DEEPEST: u32 = 16;

impl Run<'_> {
    /// Emits an event. Its id is of the execution and the place alone, so that one that is emitted twice, as after a
    /// conflict, is one.
    pub(super) fn emit(
        &mut self,
        name: &Arc<str>,
        fields: &[Argument],
        locals: &mut Vec<Value>,
    ) -> Result<(), ExecutionError> {
        let cause = self.cause_of(name)?;
        let context = self.context(self.at);
        let mut machine = Machine::new(self.inputs.rule, self.inputs.slots, locals, &context);
        let mut payload = Map::new();
        for field in fields {
            let value = machine.evaluate(field.value).map_err(|failure| evaluation_error(&failure))?;
            if !value.is_missing() {
                payload.insert(field.name.to_string(), hence_types::wire::write(&value, &field.wire));
            }
        }
        let id = self.place_key("emit", locals)?;
        self.emitted.push(Change::EventAccepted(Box::new(NewEvent {
            id: id.into(),
            source: name.split('.').next().unwrap_or_default().into(),
            name: Arc::clone(name),
            received_at: self.at,
            occurred_at: self.at,
            payload: Json::Object(payload).to_string().into(),
            mismatches: Vec::new(),
            target: None,
            cause: Some(cause),
            trace: None,
        })));
        Ok(())
    }

    /// Puts a question to a person; returns the id of the task, which is of the execution and the place alone.
    pub(super) fn open_task(
        &mut self,
        question: &Question,
        due: Option<Timestamp>,
        locals: &mut Vec<Value>,
    ) -> Result<String, ExecutionError> {
        let cause = self.cause_of(TASK_OPENED)?;
        let text = self.evaluate(question.text, locals, self.at)?;
        let task = self.task_id(locals)?;
        let opened = Opened {
            task: &task,
            rule: &self.execution.rule,
            execution: self.execution.id.as_str(),
            role: &question.role,
            question: text.as_text().unwrap_or_default(),
            due,
        };
        let event = tasks::opened(&opened, cause, self.at);
        self.emitted.push(Change::EventAccepted(Box::new(event)));
        Ok(task)
    }

    /// Returns the id of the task at the strand's place.
    pub(super) fn task_id(&self, locals: &[Value]) -> Result<String, ExecutionError> {
        self.place_key("ask", locals)
    }

    /// Returns what leads to an event that the execution puts into the inbox; refused where too many led to it.
    fn cause_of(&self, name: &str) -> Result<Cause, ExecutionError> {
        let depth = self.inputs.depth.saturating_add(1);
        if depth > DEEPEST {
            let message =
                format!("`{name}` is not emitted: {DEEPEST} events led to this one, one by the other");
            return Err(ExecutionError { code: Code::TooDeep, message });
        }
        Ok(Cause { event: self.execution.event, depth })
    }
}
