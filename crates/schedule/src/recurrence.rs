//! What recurs, whatever form it is written in.

use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};

use crate::{Calendar, Cron};

/// Instants that recur, in a time zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recurrence {
    /// So many seconds after each other, exactly, counted from the beginning of 1970 in UTC: `every 15 minutes` is due
    /// at the full hour, at a quarter past, and so on.
    Seconds(u32),
    /// Times of day on days that recur.
    Calendar(Calendar),
    /// A pattern.
    Cron(Cron),
}

impl Recurrence {
    /// Returns the first instant after `after` that is due; nothing if it is never due again.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Recurrence::Seconds(every) => {
                let latest = latest_multiple(after, *every)?;
                latest.checked_add(SignedDuration::from_secs(i64::from(*every))).ok()
            }
            Recurrence::Calendar(calendar) => calendar.next(after, zone),
            Recurrence::Cron(cron) => cron.next(after, zone),
        }
    }

    /// Returns the last instant until `until`, itself included, that was due, if there was one.
    pub fn latest(&self, until: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        match self {
            Recurrence::Seconds(every) => latest_multiple(until, *every),
            Recurrence::Calendar(calendar) => calendar.latest(until, zone),
            Recurrence::Cron(cron) => cron.latest(until, zone),
        }
    }
}

fn latest_multiple(until: Timestamp, every: u32) -> Option<Timestamp> {
    let past = until.as_second().checked_rem_euclid(i64::from(every))?;
    let second = if until.subsec_nanosecond() < 0 && past == 0 {
        // Before 1970, a whole second with a part of one below it is the second above.
        until.as_second() - i64::from(every)
    } else {
        until.as_second() - past
    };
    Timestamp::from_second(second).ok()
}

#[cfg(test)]
mod tests;
