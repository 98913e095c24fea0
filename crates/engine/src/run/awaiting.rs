//! Waits for events within a run: what is registered, and whether an event is the one.

use std::sync::Arc;

use hence_builtins::Fault;
use hence_ir::{Await, Step};
use hence_types::Value;
use hence_vm::Machine;

use super::{Run, set, wait};
use crate::matching::evaluation_error;
use crate::strand::State;
use crate::tasks::{APPROVED, answered, task_key};
use crate::waiting::{self, TASK, Wait};
use crate::{Change, ExecutionError, StoredEvent};

impl<'a> Run<'a> {
    /// Returns what the strand waits for, if it does.
    pub(crate) fn awaited(&self) -> Option<&'a Await> {
        match self.step() {
            Some(Step::Await(wait)) if self.strand.state == State::Waiting => Some(wait),
            Some(_) | None => None,
        }
    }

    /// Registers a wait, to be found by the event.
    pub(super) fn begin_await(&mut self, wait: &Await) -> Result<(), ExecutionError> {
        let mut locals = self.locals()?;
        let due = match wait.limit {
            Some(limit) => {
                let limit = self.evaluate(limit, &mut locals, self.at)?;
                Some(wait::due(&limit, self.at, self.inputs.zone)?)
            }
            None => None,
        };
        let task = match &wait.question {
            Some(question) => Some(self.open_task(question, due, &mut locals)?),
            None => None,
        };
        // A value that cannot be computed may stand behind a part of the condition that excludes it.
        let key = wait.key.as_ref().and_then(|key| {
            let value = self.evaluate(key.value, &mut locals, self.at).ok()?;
            waiting::key(&key.field, &value)
        });
        self.begun_waits.push(Wait {
            execution: self.execution.id.clone(),
            strand: self.strand.id,
            event: Arc::clone(&wait.event),
            key: task.map(|task| task_key(&task)).or(key).unwrap_or_default(),
        });
        match due {
            Some(due) => self.wait_until(due),
            None => {
                self.strand.state = State::Waiting;
                self.strand.wake_at = None;
            }
        }
        Ok(())
    }

    /// Returns whether an event is the one that is waited for. It is not where the condition has no answer, as a value
    /// is missing that the event's schema promises.
    pub(crate) fn is_awaited(&self, wait: &Await, event: &StoredEvent) -> Result<bool, ExecutionError> {
        let mut locals = self.locals()?;
        if wait.question.is_some() {
            let task = self.task_id(&locals)?;
            return Ok(answered(wait, event, TASK).as_text() == Some(task.as_str()));
        }
        let Some(condition) = wait.condition else { return Ok(true) };
        set(&mut locals, wait.other.local.0, waiting::read(&wait.other, &event.event.payload))?;
        let context = self.context(event.event.received_at);
        let mut machine = Machine::new(self.inputs.rule, self.inputs.slots, &mut locals, &context);
        match machine.evaluate(condition) {
            Ok(value) => Ok(value.as_bool() == Some(true)),
            Err(failure) if failure.fault == Fault::Missing => Ok(false),
            Err(failure) => Err(evaluation_error(&failure)),
        }
    }

    /// Ends a wait and moves past it: with the event, or without.
    pub(crate) fn end_await(
        &mut self,
        wait: &Await,
        event: Option<&StoredEvent>,
    ) -> Result<(), ExecutionError> {
        if let Some(result) = wait.result {
            let value = match event {
                Some(event) if wait.question.is_some() => answered(wait, event, APPROVED),
                Some(event) => waiting::read(&wait.other, &event.event.payload),
                None => Value::Missing,
            };
            self.set_local(result, value)?;
        }
        self.strand.state = State::Ready;
        self.strand.wake_at = None;
        self.strand.place = self.strand.place.saturating_add(1);
        Ok(())
    }

    /// Returns which strands wait for an event, and where.
    pub(super) fn all_awaited(&self) -> Vec<(u32, u32)> {
        let strands = self.others.strands.values().chain([&self.strand]);
        let awaited = strands.filter(|strand| {
            let step = self.steps().get(strand.place as usize);
            strand.state == State::Waiting && matches!(step, Some(Step::Await(_)))
        });
        awaited.map(|strand| (strand.id, strand.place)).collect()
    }

    /// Returns the changes that take back what was registered when the command came, where that wait is over.
    pub(super) fn waits_ended(&self) -> Vec<Change> {
        let awaited = self.all_awaited();
        let is_over = |waited: &&(u32, u32)| {
            !awaited.contains(waited) || self.begun_waits.iter().any(|wait| wait.strand == waited.0)
        };
        let over = self.awaited_at.iter().filter(is_over);
        over.map(|(strand, _)| Change::WaitEnded { execution: self.execution.id.clone(), strand: *strand })
            .collect()
    }
}
