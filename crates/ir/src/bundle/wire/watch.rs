//! What is watched on behalf of rules, as it is stored. The rules of the format are those of `wire`.

use serde::{Deserialize, Serialize};

use super::{Slot, TypeId, Value, Word};

/// What stands behind the headers, if any rule is watched for: what is watched, by the rule's place.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(in crate::bundle) struct Watches {
    pub(in crate::bundle) watches: Vec<(u32, Watch)>,
}

impl Watches {
    pub(in crate::bundle) fn is_empty(&self) -> bool {
        self.watches.is_empty()
    }
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) struct Watch {
    pub(in crate::bundle) trigger: u32,
    pub(in crate::bundle) kind: WatchKind,
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) enum WatchKind {
    Schedule { recurrence: Recurrence, zone: Option<String>, missed: Missed },
    Field { field: Word, carriers: Vec<FieldCarrier>, condition: FieldCondition },
    Pattern { first: KeyedEvent, within: Vec<Value>, rest: Rest },
    Date(Date),
    Manual(TypeId),
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) struct Date {
    pub(in crate::bundle) field: Word,
    pub(in crate::bundle) carriers: Vec<FieldCarrier>,
    pub(in crate::bundle) length: Vec<Value>,
    pub(in crate::bundle) before: bool,
    pub(in crate::bundle) at: Option<TimeOfDay>,
    pub(in crate::bundle) zone: Option<String>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) struct FieldCarrier {
    pub(in crate::bundle) event: Word,
    pub(in crate::bundle) slots: Vec<Slot>,
    pub(in crate::bundle) key: Vec<u32>,
    pub(in crate::bundle) value: u32,
    pub(in crate::bundle) old: Option<u32>,
    pub(in crate::bundle) actor: Option<u32>,
    pub(in crate::bundle) level: Option<u32>,
}

/// Values are lists of one constant with its parts before it.
#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) enum FieldCondition {
    Changes { from: Option<Vec<Value>>, to: Option<Vec<Value>>, stay: Option<Vec<Value>> },
    FallsBelow(FieldLevel),
    RisesAbove(FieldLevel),
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) enum FieldLevel {
    Fixed(Vec<Value>),
    Field(Word),
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) enum Rest {
    Without(KeyedEvent),
    Times(u32),
    FollowedBy(KeyedEvent, Word),
}

#[derive(Debug, Serialize, Deserialize)]
pub(in crate::bundle) struct KeyedEvent {
    pub(in crate::bundle) event: Word,
    pub(in crate::bundle) key: Slot,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::bundle) enum Recurrence {
    Seconds(u32),
    Calendar { days: Days, at: Vec<TimeOfDay>, from: Option<Day> },
    Cron(String),
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::bundle) enum Days {
    Every(u32),
    /// Days of the week, Monday being 1.
    Weeks {
        every: u32,
        on: Vec<i8>,
    },
    Months {
        every: u32,
        on: Vec<DayOfMonth>,
    },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(in crate::bundle) enum DayOfMonth {
    Number(i8),
    Last,
    /// Which of the days of a name, 0 being the last; and the day of the week, 0 being Monday to Friday.
    Named(i8, i8),
}

#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(in crate::bundle) enum Missed {
    Once,
    All,
    Skip,
}

/// Hour, minute, second.
pub(in crate::bundle) type TimeOfDay = (i8, i8, i8);

/// Year, month, day.
pub(in crate::bundle) type Day = (i16, i8, i8);
