//! Triggers: which events start a rule, one file per kind.
//!
//! Each kind adds, for one trigger, one event to [`Facts::events`](crate::Facts::events) and the payload that
//! conditions and steps see to [`Checker::payloads`]; or it reports why it cannot.

mod date;
mod event;
mod field;
mod manual;
mod pattern;
mod schedule;
pub(crate) mod watched;

pub(crate) use manual::asked_for;

use std::sync::Arc;

use hence_syntax::ast::{Trigger, TriggerKind};
use hence_types::Record;

use crate::checker::Checker;

impl Checker<'_> {
    pub(crate) fn trigger(&mut self, trigger: &Trigger) {
        let started = match &trigger.kind {
            TriggerKind::Event(path) => self.event_trigger(path).map(|started| (started, None)),
            TriggerKind::Field(field) => self.field_trigger(field).map(|(started, w)| (started, Some(w))),
            TriggerKind::Pattern(pattern) => {
                self.pattern_trigger(pattern).map(|(started, w)| (started, Some(w)))
            }
            TriggerKind::Date(date) => self.date_trigger(date).map(|(started, w)| (started, Some(w))),
            TriggerKind::Manual(parameters) => {
                let (started, watched) = self.manual_trigger(parameters);
                Some((started, Some(watched)))
            }
            TriggerKind::Schedule(schedule) => self.schedule_trigger(schedule).map(|started| (started, None)),
        };
        if let Some(((name, payload), watched)) = started {
            self.facts.events.push(name);
            self.facts.payloads.push(payload.clone());
            self.facts.watched.push(watched);
            self.payloads.push(payload);
            self.aliases.extend(trigger.alias.clone());
        }
    }
}

/// The full name of an event that starts a rule, and its payload.
pub(crate) type Started = (Arc<str>, Arc<Record>);
