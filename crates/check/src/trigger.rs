//! Triggers: which events start a rule, one file per kind.
//!
//! Each kind adds, for one trigger, one event to [`Facts::events`](crate::Facts::events) and the payload that
//! conditions and steps see to [`Checker::payloads`]; or it reports why it cannot.

mod event;
mod schedule;

use std::sync::Arc;

use hence_syntax::ast::{Trigger, TriggerKind};
use hence_types::Record;

use crate::checker::Checker;

impl Checker<'_> {
    pub(crate) fn trigger(&mut self, trigger: &Trigger) {
        let started = match &trigger.kind {
            TriggerKind::Event(path) => self.event_trigger(path),
            TriggerKind::Schedule(schedule) => self.schedule_trigger(schedule),
        };
        if let Some((name, payload)) = started {
            self.facts.events.push(name);
            self.payloads.push(payload);
            self.aliases.extend(trigger.alias.clone());
        }
    }
}

/// The full name of an event that starts a rule, and its payload.
pub(crate) type Started = (Arc<str>, Arc<Record>);
