//! What the checker finds out of triggers that are more than an event.

use std::sync::Arc;

use hence_schema::Carrier;
use hence_types::jiff::civil::Time;
use hence_types::jiff::tz::TimeZone;
use hence_types::{Record, Value};

/// What is to be watched for a trigger.
#[derive(Debug, Clone)]
pub enum Watched {
    /// A field of an entity.
    Field(WatchedField),
    /// Events that belong together.
    Pattern(WatchedPattern),
    /// So long before or after a date that a field of an entity says.
    Date(WatchedDate),
    /// Nothing: a person or the API starts the rule, with these values.
    Manual(Arc<Record>),
}

/// A field of an entity.
#[derive(Debug, Clone)]
pub struct WatchedField {
    /// The full name of the entity, such as `monday.item`.
    pub entity: Arc<str>,
    /// The names of the fields that tell one entity from another.
    pub key: Vec<Arc<str>>,
    /// The name of the field.
    pub field: Arc<str>,
    /// The events that carry it.
    pub carriers: Vec<Carrier>,
    /// What it does.
    pub change: WatchedChange,
}

/// What a field does.
#[derive(Debug, Clone)]
pub enum WatchedChange {
    /// It becomes another.
    Changes {
        /// From this value.
        from: Option<Value>,
        /// To this value.
        to: Option<Value>,
        /// And stays so for this long.
        stay: Option<Value>,
    },
    /// It goes past a level.
    Crosses {
        /// Whether it goes up.
        rises: bool,
        /// The level.
        level: WatchedLevel,
    },
}

/// What a field is compared with.
#[derive(Debug, Clone)]
pub enum WatchedLevel {
    /// A value.
    Value(Value),
    /// Another field of the entity.
    Field(Arc<str>),
}

/// So long before or after a date that a field of an entity says.
#[derive(Debug, Clone)]
pub struct WatchedDate {
    /// The full name of the entity, such as `crm.member`.
    pub entity: Arc<str>,
    /// The names of the fields that tell one entity from another.
    pub key: Vec<Arc<str>>,
    /// The name of the field.
    pub field: Arc<str>,
    /// The events that carry it.
    pub carriers: Vec<Carrier>,
    /// How long, a duration or a period, longer than nothing.
    pub length: Value,
    /// Whether it is before the date, else after.
    pub before: bool,
    /// The time of that day.
    pub at: Option<Time>,
    /// The zone, if it is not the rule's.
    pub zone: Option<TimeZone>,
}

/// Events that belong together.
#[derive(Debug, Clone)]
pub struct WatchedPattern {
    /// The event that begins it, and the path of its key.
    pub first: (Arc<str>, Vec<Arc<str>>),
    /// The other event, and the path of its key.
    pub second: Option<(Arc<str>, Vec<Arc<str>>)>,
    /// What has to follow.
    pub rest: WatchedRest,
    /// How long it may take.
    pub within: Value,
}

/// What has to follow the event that begins a pattern.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WatchedRest {
    /// The second event must not.
    Without,
    /// The same event, until there are so many.
    Times(u32),
    /// The second event; under this name the rule sees the first.
    FollowedBy(Arc<str>),
}
