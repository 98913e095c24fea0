//! Literals: units of time and the values of digits.

/// A unit of time in a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Unit {
    /// Seconds: exact.
    Second,
    /// Minutes: exact.
    Minute,
    /// Hours: exact.
    Hour,
    /// Days: calendar.
    Day,
    /// Weeks: calendar.
    Week,
    /// Months: calendar.
    Month,
    /// Years: calendar.
    Year,
}

impl Unit {
    /// All units with their spellings; the first is the short one, the second the singular, the third the plural.
    pub const ALL: &'static [(Unit, [&'static str; 3])] = &[
        (Unit::Second, ["s", "second", "seconds"]),
        (Unit::Minute, ["m", "minute", "minutes"]),
        (Unit::Hour, ["h", "hour", "hours"]),
        (Unit::Day, ["day", "day", "days"]),
        (Unit::Week, ["week", "week", "weeks"]),
        (Unit::Month, ["month", "month", "months"]),
        (Unit::Year, ["year", "year", "years"]),
    ];

    /// A spelling of minutes that is taken as well.
    pub const MINUTE_AS_WELL: &'static str = "min";

    /// Returns whether it is a calendar unit, whose length depends on the day it is counted from.
    pub fn is_calendar(self) -> bool {
        matches!(self, Unit::Day | Unit::Week | Unit::Month | Unit::Year)
    }
}

/// Returns the unit written `text`.
pub(crate) fn unit(text: &str) -> Option<Unit> {
    if text == Unit::MINUTE_AS_WELL {
        return Some(Unit::Minute);
    }
    Unit::ALL.iter().find(|(_, spellings)| spellings.contains(&text)).map(|(unit, _)| *unit)
}
