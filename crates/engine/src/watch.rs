//! Triggers that are more than an event: what is kept of the events that came in, and what that adds up to.
//!
//! Events are taken in the order of the inbox, one after the other, each after the deadlines that were due when it
//! arrived: a deadline and an event of the same instant come in that order. So what comes of them depends on nothing but
//! the events and their times, whether the daemon ran all the while or not.
//!
//! ```text
//! inbox ─► session: kept states, by watch and key ─► changes: states, place in the inbox, addressed events
//!              ▲
//!     deadlines that are due
//! ```
//!
//! Start with [`Watches`], then [`Session`].

mod date;
mod field;
mod pattern;
mod payload;
mod prepare;
mod session;

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context};
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_types::{Value, wire};

use crate::EventSequence;

pub(crate) use prepare::Watches;
pub(crate) use session::Session;

/// What a state is kept for: a watch, and the key that tells one thing it watches from another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct WatchId {
    /// The watch: a field of an entity, or the trigger of a rule.
    pub watch: Arc<str>,
    /// The key, as text.
    pub key: Arc<str>,
}

/// What is kept for a watch and a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WatchState {
    /// What it is kept for.
    pub id: WatchId,
    /// What is kept, as text that only the engine reads.
    pub state: Arc<str>,
    /// The event whose payload is wanted later, which must be kept as long.
    pub event: Option<EventSequence>,
    /// When it has come to something, or to nothing.
    pub due: Option<Timestamp>,
}

/// Returns the instant so long after another.
fn after(instant: Timestamp, length: &Value, zone: &TimeZone) -> Option<Timestamp> {
    moved(BinaryOperator::Add, instant, length, zone)
}

/// Returns the instant so long after another, or before it, as the language adds and subtracts.
fn moved(operator: BinaryOperator, instant: Timestamp, length: &Value, zone: &TimeZone) -> Option<Timestamp> {
    let context = Context { now: instant, zone: zone.clone() };
    match (operator.definition().apply)(&Value::DateTime(instant), length, Case::Sensitive, &context) {
        Ok(Value::DateTime(at)) => Some(at),
        Ok(_) | Err(_) => None,
    }
}

/// Longer keys are kept by their hash.
const LONGEST_KEY: usize = 200;

/// Returns the text of a key, if all its values are there. Equal keys have equal texts.
fn key_text<'v>(values: impl Iterator<Item = &'v Value>) -> Option<Arc<str>> {
    let mut text = String::new();
    for value in values {
        if value.is_missing() {
            return None;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        let plain =
            if let Value::Decimal(decimal) = value { &Value::Decimal(decimal.normalize()) } else { value };
        wire::write_raw(plain, &wire::Wire::Plain, &mut text);
    }
    if text.len() > LONGEST_KEY {
        text = blake3::hash(text.as_bytes()).to_hex().to_string();
    }
    Some(text.into())
}
