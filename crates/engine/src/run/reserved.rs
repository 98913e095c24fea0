//! What an execution is found by from its beginning to its end, wherever its steps are: the events that end it, and the
//! keys that rules with `debounce` and `overlap` look each other up by. They are registered as waits of strands that are
//! no strands of steps.

use hence_builtins::Fault;
use hence_types::Value;
use hence_vm::Machine;

use super::{Run, set};
use crate::admission::Keys;
use crate::waiting::{self, DEBOUNCE, EXITS, OVERLAP, Wait};
use crate::{Change, ExecutionError, Status, StoredEvent};

impl Run<'_> {
    /// Has the execution, which begins or is held, be found.
    pub(crate) fn register(&mut self) -> Result<(), ExecutionError> {
        let rule = self.inputs.rule;
        let mut locals = self.locals()?;
        for (strand, exit) in (EXITS..).zip(&rule.header.exits) {
            // A value that cannot be computed may stand behind a part of the condition that excludes it.
            let key = exit.key.as_ref().and_then(|key| {
                let value = self.evaluate(key.value, &mut locals, self.inputs.arrived_at).ok()?;
                waiting::key(&key.field, &value)
            });
            self.begin_reserved(strand, &exit.event, key.as_deref().unwrap_or_default());
        }
        // Keys that cannot be computed were told when the event was matched.
        let arrival = self.context(self.inputs.arrived_at);
        let keys = Keys::of(rule, self.inputs.slots, &arrival).unwrap_or_default();
        for (place, key) in [(DEBOUNCE, keys.debounce), (OVERLAP, keys.overlap)] {
            if let Some(key) = key {
                self.begin_reserved(place.strand, place.event, &key.to_text());
            }
        }
        Ok(())
    }

    fn begin_reserved(&mut self, strand: u32, event: &str, key: &str) {
        let execution = self.execution.id.clone();
        self.begun_waits.push(Wait { execution, strand, event: event.into(), key: key.into() });
    }

    /// Returns what is taken back when the execution ends. What never was recorded needs not be.
    pub(super) fn reserved_ended(&self) -> Option<Change> {
        let header = &self.inputs.rule.header;
        let pace = &header.pace;
        let is_registered = !header.exits.is_empty() || pace.debounce.is_some() || pace.overlap.is_some();
        let is_over = self.execution.revision > 0 && self.execution.status.is_ended();
        (is_registered && is_over).then(|| Change::WaitsEnded(self.execution.id.clone()))
    }

    /// Gives the steps the variant of the execution.
    pub(crate) fn take_variant(&mut self) -> Result<(), ExecutionError> {
        match (&self.inputs.rule.header.pace.variant, self.execution.variant.clone()) {
            (Some(variant), Some(name)) => self.set_local(variant.local, Value::text(name)),
            (Some(_) | None, _) => Ok(()),
        }
    }

    /// Ends the execution, as an event arrived that its rule says does.
    pub(crate) fn end_by(&mut self, event: &StoredEvent) {
        let arrived = &event.event;
        self.execution.reason = Some(format!("`{}` arrived: {}", arrived.name, arrived.id).into());
        self.end(Status::Cancelled);
    }

    /// Returns whether an event is one that ends the execution. A condition without an answer does not hold.
    pub(crate) fn is_exit(&self, strand: u32, event: &StoredEvent) -> Result<bool, ExecutionError> {
        let exits = &self.inputs.rule.header.exits;
        let exit = strand.checked_sub(EXITS).and_then(|place| exits.get(place as usize));
        let Some(exit) = exit.filter(|exit| exit.event == event.event.name) else { return Ok(false) };
        let Some(condition) = exit.condition else { return Ok(true) };
        let mut locals = self.locals()?;
        set(&mut locals, exit.other.local.0, waiting::read(&exit.other, &event.event.payload))?;
        let context = self.context(event.event.received_at);
        let mut machine = Machine::new(self.inputs.rule, self.inputs.slots, &mut locals, &context);
        match machine.evaluate(condition) {
            Ok(value) => Ok(value.as_bool() == Some(true)),
            Err(failure) if failure.fault == Fault::Missing => Ok(false),
            Err(failure) => Err(crate::matching::evaluation_error(&failure)),
        }
    }
}
