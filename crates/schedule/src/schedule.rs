//! A recurrence with what becomes of times that were missed.

use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};

use crate::Recurrence;

/// How late something may be to count as being on time.
pub const PUNCTUAL: SignedDuration = SignedDuration::from_secs(60);

/// How many missed times are made up for at once; the rest follow.
pub const AT_ONCE: usize = 100;

/// When something is to be done again and again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schedule {
    /// The instants.
    pub recurrence: Recurrence,
    /// The zone, where it is not that of the rule.
    pub zone: Option<TimeZone>,
    /// What becomes of times that were missed.
    pub missed: Missed,
}

/// What becomes of times at which nobody could look: because the daemon was not running, or was behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Missed {
    /// The latest of them is made up for.
    #[default]
    Once,
    /// Each of them is made up for, in order.
    All,
    /// None is: what is more than [`PUNCTUAL`] late is passed over.
    Skip,
}

impl Missed {
    /// All ways.
    pub const ALL: [Missed; 3] = [Missed::Once, Missed::All, Missed::Skip];

    /// Returns the word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Missed::Once => "once",
            Missed::All => "all",
            Missed::Skip => "skip",
        }
    }
}

/// What is due of a schedule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Due {
    /// The instants for which something is to be done now, rising.
    pub now: Vec<Timestamp>,
    /// When to look again; nothing if it is never due again. Not after now, if more was missed than is made up for at
    /// once.
    pub next: Option<Timestamp>,
}

impl Schedule {
    /// Returns the zone it is of; `rule` is that of its rule.
    pub fn zone<'a>(&'a self, rule: &'a TimeZone) -> &'a TimeZone {
        self.zone.as_ref().unwrap_or(rule)
    }

    /// Returns what is due now, if `first` is the first instant for which nothing was done yet.
    pub fn due(&self, first: Timestamp, now: Timestamp, rule: &TimeZone) -> Due {
        let zone = self.zone(rule);
        if first > now {
            return Due { now: Vec::new(), next: Some(first) };
        }
        if self.missed == Missed::All {
            let mut due = Due { now: Vec::new(), next: Some(first) };
            while let Some(next) = due.next
                && next <= now
                && due.now.len() < AT_ONCE
            {
                due.now.push(next);
                due.next = self.recurrence.next(next, zone);
            }
            return due;
        }
        let latest = self.recurrence.latest(now, zone).unwrap_or(first).max(first);
        let is_late = now.duration_since(latest) > PUNCTUAL;
        let passed_over = self.missed == Missed::Skip && is_late;
        let due = if passed_over { Vec::new() } else { vec![latest] };
        Due { now: due, next: self.recurrence.next(now.max(latest), zone) }
    }
}
