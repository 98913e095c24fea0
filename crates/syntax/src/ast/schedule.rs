//! Triggers of time: `every weekday at 09:00`, `cron "0 9 * * MON"`.

use hence_diagnostics::Span;

use crate::literal::Unit;

/// When something is due again and again.
#[derive(Debug, Clone, PartialEq)]
pub struct ScheduleTrigger {
    /// The times.
    pub times: Times,
    /// `in "Europe/Berlin"`
    pub zone: Option<(String, Span)>,
    /// `missed skip`: the word, one of `once`, `all` and `skip`.
    pub missed: Option<(String, Span)>,
    /// The place.
    pub span: Span,
}

/// Times that recur.
#[derive(Debug, Clone, PartialEq)]
pub enum Times {
    /// `every …`
    Every(Box<Every>),
    /// `cron "0 9 * * MON"`: the pattern and its place.
    Cron(String, Span),
}

/// `every 2 weeks on monday at 09:00 from 2026-12-07`
#[derive(Debug, Clone, PartialEq)]
pub struct Every {
    /// What comes again.
    pub period: Period,
    /// The place of the period.
    pub place: Span,
    /// `on …`, with its place.
    pub on: Option<(On, Span)>,
    /// `at 09:00 and 17:00`: the times as written.
    pub at: Vec<(String, Span)>,
    /// `from 2026-12-07`: the date as written.
    pub from: Option<(String, Span)>,
}

/// What comes again.
#[derive(Debug, Clone, PartialEq)]
pub enum Period {
    /// `15 minutes`, or `day`, which is one: the number as written.
    Length(String, Unit),
    /// `monday and thursday`, `weekday`
    Days(Vec<(DayName, Span)>),
}

/// On which days of the period.
#[derive(Debug, Clone, PartialEq)]
pub enum On {
    /// `monday and thursday`
    DaysOfWeek(Vec<(DayName, Span)>),
    /// `the 1st and 15th`
    DaysOfMonth(Vec<DayOfMonth>),
}

/// A day of a month.
#[derive(Debug, Clone, PartialEq)]
pub struct DayOfMonth {
    /// `3rd`: the number as written; nothing for the last.
    pub number: Option<String>,
    /// `friday`; nothing for a day whatever its name.
    pub name: Option<DayName>,
    /// The place.
    pub span: Span,
}

/// The name of a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DayName {
    /// `monday`
    Monday,
    /// `tuesday`
    Tuesday,
    /// `wednesday`
    Wednesday,
    /// `thursday`
    Thursday,
    /// `friday`
    Friday,
    /// `saturday`
    Saturday,
    /// `sunday`
    Sunday,
    /// `weekday`: Monday to Friday.
    Weekday,
}

impl DayName {
    /// All names, with how they are written.
    pub const ALL: [(DayName, &'static str); 8] = [
        (DayName::Monday, "monday"),
        (DayName::Tuesday, "tuesday"),
        (DayName::Wednesday, "wednesday"),
        (DayName::Thursday, "thursday"),
        (DayName::Friday, "friday"),
        (DayName::Saturday, "saturday"),
        (DayName::Sunday, "sunday"),
        (DayName::Weekday, "weekday"),
    ];

    /// Returns the name written `text`, if it is one.
    pub(crate) fn of(text: &str) -> Option<DayName> {
        DayName::ALL.into_iter().find(|(_, name)| *name == text).map(|(name, _)| name)
    }

    /// Returns how it is written.
    pub fn as_str(self) -> &'static str {
        DayName::ALL.into_iter().find(|(name, _)| *name == self).map_or("", |(_, text)| text)
    }
}
