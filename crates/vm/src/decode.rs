//! From an event to the values of a rule's slots.
//!
//! [`Projection`] is made once per rule, [`MergedProjection`] once per event type for all rules it triggers;
//! both read a payload's text once, check all of it, skip what no rule reads, and hand the pieces that are read to
//! `hence_types::wire`, which knows how values are spelt. A text without escapes stays where it stands. A value that is not what the schema says counts as
//! missing and is noted as a [`Mismatch`]: a schema is a claim, not a fact. This module knows no conditions.

mod pass;
mod projection;

use std::fmt;
use std::sync::Arc;

use hence_ir::{Plan, SlotId};
use hence_types::Value;

use crate::EventInput;
pub use projection::{Decoded, Decoder, Mapping, MergedProjection, Projection, ReadId, View};

/// The values a rule reads of one event.
#[derive(Debug, Clone, Default)]
pub struct Slots {
    /// The full name of the event.
    pub event: Arc<str>,
    /// The id of the event.
    pub id: Arc<str>,
    /// The values, by the numbers of the plan's slots.
    pub values: Vec<Value>,
    /// Where the payload is not what the schema says. These values are missing.
    pub mismatches: Vec<Mismatch>,
}

/// A value that is not what the schema says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch {
    /// The slot that is missing for it; nothing if the whole payload is not what it should be.
    pub slot: Option<SlotId>,
    /// The path as a rule writes it, such as `customer.email`.
    pub path: String,
    /// What should be there, such as `money<EUR>`.
    pub expected: String,
    /// What is there: the JSON text in backticks, shortened and masked if sensitive, or words.
    pub found: String,
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Mismatch { slot: _, path, expected, found } = self;
        write!(f, "`{path}` counts as missing: expected {expected}, found {found}")
    }
}

/// Reads the slots of one rule. Who reads many events keeps a [`Projection`] and a [`Decoder`].
pub fn decode(plan: &Plan, event: &EventInput<'_>) -> Slots {
    Projection::new(plan).decode(event)
}

#[cfg(test)]
mod tests;
