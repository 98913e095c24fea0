//! Watches: triggers that are more than an event.
//!
//! The engine watches on behalf of the rule. When the time has come, or what happened makes it so, it puts an event
//! into the inbox that is addressed to this rule and trigger. What follows is as for any other event.

use std::sync::Arc;

use hence_schedule::Schedule;
use hence_types::jiff::civil::Time;
use hence_types::jiff::tz::TimeZone;
use hence_types::{Record, Value};

use crate::{Plan, SlotId};

/// What the engine watches for one trigger of a rule.
#[derive(Debug, Clone)]
pub struct Watch {
    /// The trigger: an index into [`Rule::triggers`](crate::Rule::triggers), where the type of the event stands.
    pub trigger: u32,
    /// What is watched.
    pub kind: WatchKind,
}

/// What is watched.
#[derive(Debug, Clone)]
pub enum WatchKind {
    /// The time: it fires whenever the schedule is due.
    Schedule(Schedule),
    /// A field of an entity.
    Field(FieldWatch),
    /// Events that belong together.
    Pattern(Pattern),
    /// A date that a field of an entity says.
    Date(DateWatch),
    /// Nothing: a person or the API starts the rule, with these values.
    Manual(Arc<Record>),
}

/// So long before or after a date that a field of an entity says: once for each entity and date, at the latest date that is
/// known. The event that is put into the inbox has the payload of the one that carried the date last. A time that has passed
/// when the date becomes known is none.
#[derive(Debug, Clone)]
pub struct DateWatch {
    /// The full name of the field, such as `crm.member.renews_at`.
    pub field: Arc<str>,
    /// The events that carry it.
    pub carriers: Vec<FieldCarrier>,
    /// How long, a duration or a period.
    pub length: Value,
    /// Whether it is before the date, else after.
    pub before: bool,
    /// The time of that day; without, that of the date, midnight for a day.
    pub at: Option<Time>,
    /// The zone, if it is not the rule's.
    pub zone: Option<TimeZone>,
}

/// A field of an entity that is watched. The event that is put into the inbox has the payload of the one that carried
/// the change, and beside it `old`, `new` and `actor`, spelt plainly.
#[derive(Debug, Clone)]
pub struct FieldWatch {
    /// The full name of the field, such as `monday.item.status`.
    pub field: Arc<str>,
    /// The events that carry it.
    pub carriers: Vec<FieldCarrier>,
    /// What is waited for.
    pub condition: FieldCondition,
}

/// What is read of an event that carries a field.
#[derive(Debug, Clone)]
pub struct FieldCarrier {
    /// The full name of the event.
    pub event: Arc<str>,
    /// The values.
    pub plan: Plan,
    /// Those that tell one entity from another.
    pub key: Vec<SlotId>,
    /// The field's.
    pub value: SlotId,
    /// What the field was before, where the event says that.
    pub old: Option<SlotId>,
    /// Who changed it, where the event says that.
    pub actor: Option<SlotId>,
    /// The field that this one is compared with.
    pub level: Option<SlotId>,
}

/// What a field is waited for to do.
#[derive(Debug, Clone)]
pub enum FieldCondition {
    /// To become another than before.
    Changes {
        /// Only from this value.
        from: Option<Value>,
        /// Only to this value.
        to: Option<Value>,
        /// Only if it then stays so for this long, a duration or a period.
        stay: Option<Value>,
    },
    /// To go past a level.
    Crosses {
        /// Which way.
        direction: Direction,
        /// The level.
        level: Level,
    },
}

/// Which way a field goes past a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// From at or above it to below.
    Falls,
    /// From at or below it to above.
    Rises,
}

/// What a field is compared with.
#[derive(Debug, Clone)]
pub enum Level {
    /// A value that stays.
    Fixed(Value),
    /// Another field of the entity, by its full name.
    Field(Arc<str>),
}

/// Events that belong together, as they have the same key.
#[derive(Debug, Clone)]
pub struct Pattern {
    /// The event that begins it.
    pub first: KeyedEvent,
    /// How long all of it may take, a duration or a period.
    pub within: Value,
    /// What has to follow.
    pub rest: Rest,
}

/// What has to follow the first event of a pattern.
#[derive(Debug, Clone)]
pub enum Rest {
    /// This event must not, in time; every further first event begins anew. What starts the rule has the payload of
    /// the last first event.
    Without(KeyedEvent),
    /// The same event, until there are so many. What starts the rule has the payload of the last.
    Times(u32),
    /// This event. What starts the rule has its payload, and beside it, under a name, that of the first.
    FollowedBy(KeyedEvent, Arc<str>),
}

/// An event, and its key: the value of the only slot.
#[derive(Debug, Clone)]
pub struct KeyedEvent {
    /// The full name of the event.
    pub event: Arc<str>,
    /// Where the key stands.
    pub plan: Plan,
}

impl WatchKind {
    /// Returns what the rule asks for, if a person or the API may start it.
    pub fn asks_for(&self) -> Option<&Arc<Record>> {
        if let WatchKind::Manual(parameters) = self { Some(parameters) } else { None }
    }

    /// Returns the full names of the events that the watch looks at.
    pub fn events(&self) -> Vec<&Arc<str>> {
        match self {
            WatchKind::Schedule(_) | WatchKind::Manual(_) => Vec::new(),
            WatchKind::Field(FieldWatch { carriers, .. }) | WatchKind::Date(DateWatch { carriers, .. }) => {
                carriers.iter().map(|carrier| &carrier.event).collect()
            }
            WatchKind::Pattern(Pattern { first, rest, .. }) => match rest {
                Rest::Times(_) => vec![&first.event],
                Rest::Without(second) | Rest::FollowedBy(second, _) => vec![&first.event, &second.event],
            },
        }
    }
}
