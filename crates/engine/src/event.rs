//! Events as the store keeps them: the inbox. Knows neither rules nor what payloads mean.

use std::sync::Arc;

use hence_types::jiff::Timestamp;
use hence_types::wire::Mismatch;

/// The place of an event in the inbox: given once by the store, rising in the order of arrival.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EventSequence(pub u64);

/// An event to be taken into the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// The id: the provider's delivery id or the id of the CloudEvent, or a fresh one where none was given.
    /// Of events with the same source and id only the first is taken.
    pub id: Arc<str>,
    /// Where it comes from, such as the id of an integration.
    pub source: Arc<str>,
    /// The full name, such as `shop.order.created`.
    pub name: Arc<str>,
    /// When it arrived. Kept to the microsecond, as is `occurred_at`.
    pub received_at: Timestamp,
    /// When it happened, as its sender says; when it arrived where the sender says nothing.
    pub occurred_at: Timestamp,
    /// The payload, JSON text exactly as it was received.
    pub payload: Arc<str>,
    /// Where the payload breaks its schema. The event is taken nevertheless.
    pub mismatches: Vec<Mismatch>,
    /// The rule it is for, if it is for one alone. It starts no other.
    pub target: Option<Target>,
    /// What led to it, if the engine itself put it into the inbox because of another event.
    pub cause: Option<Cause>,
    /// The trace that it is a part of, if somebody traces: a header `traceparent` of W3C Trace Context. Events that it leads
    /// to have it through their cause.
    pub trace: Option<Arc<str>>,
}

/// The rule that an event is for, and the trigger of it that the engine watched for.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    /// The name of the rule.
    pub rule: Arc<str>,
    /// The trigger: an index into [`Rule::triggers`](hence_ir::Rule::triggers).
    pub trigger: u32,
}

/// The event that led to another, directly or through an execution that it started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Cause {
    /// The event before.
    pub event: EventSequence,
    /// How many events led here, one by the other: 1 after an event that came from outside.
    pub depth: u32,
}

impl Target {
    /// Returns the id of the event that the trigger's firing puts into the inbox. `occasion` tells one firing from
    /// all others of the trigger, such as the instant it was due at: an event that is put there twice, as after a
    /// crash, is one.
    pub fn event_id(&self, occasion: &str) -> Arc<str> {
        let mut hasher = blake3::Hasher::new();
        for part in [self.rule.as_bytes(), &self.trigger.to_le_bytes(), occasion.as_bytes()] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part);
        }
        hasher.finalize().to_hex().chars().take(32).collect::<String>().into()
    }
}

impl StoredEvent {
    /// Returns the cause of an event that this one leads to.
    pub fn as_cause(&self) -> Cause {
        Cause { event: self.sequence, depth: self.depth().saturating_add(1) }
    }

    /// Returns how many events led to this one, one by the other: 0 where it came from outside.
    pub fn depth(&self) -> u32 {
        self.event.cause.map_or(0, |cause| cause.depth)
    }
}

/// An event in the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredEvent {
    /// Its place.
    pub sequence: EventSequence,
    /// What was received.
    pub event: NewEvent,
    /// How far it is.
    pub state: EventState,
}

/// How far an event is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum EventState {
    /// Durable, its rules not yet looked for.
    Accepted,
    /// The executions it starts are recorded.
    Matched,
}

impl NewEvent {
    /// Returns the event as it stands in the inbox before its rules are looked for.
    pub fn into_stored(self, sequence: EventSequence) -> StoredEvent {
        let event = NewEvent {
            received_at: to_the_microsecond(self.received_at),
            occurred_at: to_the_microsecond(self.occurred_at),
            ..self
        };
        StoredEvent { sequence, event, state: EventState::Accepted }
    }

    /// Returns whether the payload breaks its schema: the event's flag `schema_mismatch`.
    pub fn breaks_schema(&self) -> bool {
        !self.mismatches.is_empty()
    }
}

impl EventState {
    /// All states, in the order an event passes them.
    pub const ALL: [EventState; 2] = [EventState::Accepted, EventState::Matched];

    /// Returns `accepted` or `matched`.
    pub fn as_str(self) -> &'static str {
        match self {
            EventState::Accepted => "accepted",
            EventState::Matched => "matched",
        }
    }

    /// Returns the state written `text`, if it is one.
    pub fn parse(text: &str) -> Option<EventState> {
        EventState::ALL.into_iter().find(|state| state.as_str() == text)
    }
}

/// Returns the instant without what is finer than a microsecond, which no store keeps: an instant must not
/// change by being written and read, as `now` of a step is an input of its arguments.
pub(crate) fn to_the_microsecond(instant: Timestamp) -> Timestamp {
    Timestamp::from_microsecond(instant.as_microsecond()).unwrap_or(instant)
}
