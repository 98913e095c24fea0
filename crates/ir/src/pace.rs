//! How often a rule runs, and for whom: header clauses that are computed from the event.

use std::sync::Arc;

use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_types::{Period, Value};

use crate::{LocalId, NodeId};

/// What stands in the header of how often a rule runs, and for whom.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pace {
    /// `once` and `limit`.
    pub limits: Vec<Limit>,
    /// `rollout`
    pub rollout: Option<Rollout>,
    /// `variant`
    pub variant: Option<Variant>,
    /// `debounce`
    pub debounce: Option<Debounce>,
    /// `overlap`
    pub overlap: Option<Overlap>,
}

/// How often the steps after `then` may run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    /// The clause as written, such as `once per customer.id`.
    pub text: Arc<str>,
    /// How many times.
    pub count: u32,
    /// In which length of time; ever, where there is none.
    pub window: Option<Length>,
    /// What is counted apart.
    pub by: Vec<NodeId>,
}

/// Which part of the keys a rule runs for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rollout {
    /// The clause as written.
    pub text: Arc<str>,
    /// How many of a million.
    pub share: u32,
    /// The key.
    pub by: Vec<NodeId>,
}

/// In which variants a rule runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Variant {
    /// The clause as written.
    pub text: Arc<str>,
    /// The variable that the name of the variant goes into.
    pub local: LocalId,
    /// The names, and how many of a million get each; all of them together.
    pub shares: Vec<(Arc<str>, u32)>,
    /// The key.
    pub by: Vec<NodeId>,
}

/// A rule that runs when it has been quiet for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Debounce {
    /// The clause as written.
    pub text: Arc<str>,
    /// How long.
    pub quiet: Length,
    /// What is quiet.
    pub by: Vec<NodeId>,
}

/// What a rule does that fires again while it still runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlap {
    /// The clause as written.
    pub text: Arc<str>,
    /// What it does.
    pub mode: OverlapMode,
    /// What is one after the other.
    pub by: Vec<NodeId>,
}

/// What a second firing does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum OverlapMode {
    /// It runs after the first.
    Queue,
    /// It does not run.
    Skip,
    /// The first ends, it runs.
    Restart,
}

impl OverlapMode {
    /// Returns `queue`, `skip` or `restart`.
    pub fn as_str(self) -> &'static str {
        match self {
            OverlapMode::Queue => "queue",
            OverlapMode::Skip => "skip",
            OverlapMode::Restart => "restart",
        }
    }
}

/// A length of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Length {
    /// Exactly so long.
    Exact(SignedDuration),
    /// By the calendar and the wall clock of the rule's zone.
    Calendar(Period),
}

impl Length {
    /// Returns the length that a value is, if it is one.
    pub fn of(value: &Value) -> Option<Length> {
        if let Value::Duration(duration) = value {
            Some(Length::Exact(*duration))
        } else if let Value::Period(period) = value {
            Some(Length::Calendar(*period))
        } else {
            None
        }
    }

    /// Returns the instant so long after another, as far as time goes.
    pub fn after(self, instant: Timestamp, zone: &TimeZone) -> Timestamp {
        let after = match self {
            Length::Exact(duration) => instant.checked_add(duration).ok(),
            Length::Calendar(period) => period.add_to_instant(instant, zone),
        };
        after.unwrap_or(Timestamp::MAX)
    }

    /// Returns the instant so long before another, as far as time goes.
    pub fn before(self, instant: Timestamp, zone: &TimeZone) -> Timestamp {
        let before = match self {
            Length::Exact(duration) => instant.checked_sub(duration).ok(),
            Length::Calendar(Period { months, days }) => {
                let back = Period { months: months.saturating_neg(), days: days.saturating_neg() };
                back.add_to_instant(instant, zone)
            }
        };
        before.unwrap_or(Timestamp::MIN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_keep_the_wall_clock_and_hours_do_not_in_both_directions() {
        let berlin = TimeZone::get("Europe/Berlin").unwrap();
        // The night between is that of the change to winter time: 25 hours.
        let (before, after): (Timestamp, Timestamp) =
            ("2026-10-24T12:00Z".parse().unwrap(), "2026-10-25T13:00Z".parse().unwrap());
        let day = Length::of(&Value::Period(Period::days(1))).unwrap();
        assert_eq!((day.after(before, &berlin), day.before(after, &berlin)), (after, before));
        let hours = Length::of(&Value::Duration(SignedDuration::from_hours(25))).unwrap();
        assert_eq!((hours.after(before, &berlin), hours.before(after, &berlin)), (after, before));
    }

    #[test]
    fn a_length_beyond_the_calendar_ends_where_time_ends() {
        let years = Length::Calendar(Period::months(12 * 20_000));
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(years.after(now, &TimeZone::UTC), Timestamp::MAX);
        assert_eq!(years.before(now, &TimeZone::UTC), Timestamp::MIN);
        assert_eq!(Length::of(&Value::Int(1)), None);
    }
}
