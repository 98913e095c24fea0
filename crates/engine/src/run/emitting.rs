//! Events that a rule emits: put into the inbox together with the execution's new state.

use std::sync::Arc;

use hence_diagnostics::Code;
use hence_ir::Argument;
use hence_types::Value;
use hence_vm::Machine;
use serde_json::{Map, Value as Json};

use super::Run;
use crate::matching::evaluation_error;
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
        let depth = self.inputs.depth.saturating_add(1);
        if depth > DEEPEST {
            let message =
                format!("`{name}` is not emitted: {DEEPEST} events led to this one, one by the other");
            return Err(ExecutionError { code: Code::TooDeep, message });
        }
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
            cause: Some(Cause { event: self.execution.event, depth }),
        })));
        Ok(())
    }
}
