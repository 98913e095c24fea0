//! Days that recur, and times of day: `every 2 weeks on monday at 09:00`.

use hence_types::jiff::civil::{Date, Time, Weekday};
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{Span, Timestamp};

use crate::gap::instant;

/// How many days are looked at before a schedule counts as one that is never due: the 29th of February can be eight
/// years away, and every 12th month counts from a day of the author's choice.
const HORIZON: usize = 366 * 40;

/// Times of day on days that recur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Calendar {
    /// The days.
    pub days: Days,
    /// The times of day, rising, at least one.
    pub at: Vec<Time>,
    /// The day from which periods are counted, before which nothing is due. Without it, days count from 1970-01-01,
    /// weeks from the Monday before and months from January 1970.
    pub from: Option<Date>,
}

/// Days that recur.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Days {
    /// Every so many days.
    Every(u32),
    /// On these days of every so many weeks.
    Weeks {
        /// How many weeks.
        every: u32,
        /// The days.
        on: Vec<Weekday>,
    },
    /// On these days of every so many months.
    Months {
        /// How many months.
        every: u32,
        /// The days.
        on: Vec<DayOfMonth>,
    },
}

/// A day of a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOfMonth {
    /// `1st`: a day by its number. A month that does not have it is passed over.
    Number(i8),
    /// `last day`
    Last,
    /// `last friday`, `2nd weekday`
    Named(Nth, DayOfWeek),
}

/// Which of the days of a name, within a month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Nth {
    /// Counted from the beginning, 1 to 5.
    First(i8),
    /// The last one.
    Last,
}

/// The name of days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DayOfWeek {
    /// One day of the week.
    One(Weekday),
    /// Monday to Friday.
    Working,
}

impl Calendar {
    /// Returns the first instant after `after` that is due, if there is one.
    pub(crate) fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let begin = after.to_zoned(zone.clone()).date();
        // A time in a gap may be due on the day after its own.
        let begin = begin.yesterday().unwrap_or(begin).max(self.from.unwrap_or(Date::MIN));
        let days = begin.series(Span::new().days(1)).take(HORIZON);
        let due = days.filter(|day| self.is_on(*day)).flat_map(|day| self.instants(day, zone));
        due.into_iter().find(|due| *due > after)
    }

    /// Returns the last instant until `until`, itself included, that is due, if there is one.
    pub(crate) fn latest(&self, until: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let begin = until.to_zoned(zone.clone()).date();
        let days = begin.series(Span::new().days(-1)).take(HORIZON);
        let days = days.take_while(|day| self.from.is_none_or(|from| from <= *day));
        let mut due = days.filter(|day| self.is_on(*day)).flat_map(|day| {
            let mut instants: Vec<Timestamp> = self.instants(day, zone).collect();
            instants.reverse();
            instants
        });
        due.find(|due| *due <= until)
    }

    fn instants(&self, day: Date, zone: &TimeZone) -> impl Iterator<Item = Timestamp> {
        self.at.iter().filter_map(move |time| instant(day.to_datetime(*time), zone))
    }

    /// Returns whether something is due on a day.
    pub fn is_on(&self, day: Date) -> bool {
        match &self.days {
            Days::Every(every) => {
                let first = self.from.unwrap_or(epoch());
                is_multiple(i64::from(days_between(first, day)), *every)
            }
            Days::Weeks { every, on } => {
                let weeks = days_between(monday(self.from.unwrap_or(epoch())), monday(day)) / 7;
                on.contains(&day.weekday()) && is_multiple(i64::from(weeks), *every)
            }
            Days::Months { every, on } => {
                let months = months(day) - months(self.from.unwrap_or(epoch()));
                is_multiple(months, *every) && on.iter().any(|on| on.is(day))
            }
        }
    }
}

impl DayOfMonth {
    fn is(self, day: Date) -> bool {
        match self {
            DayOfMonth::Number(number) => day.day() == number,
            DayOfMonth::Last => day.day() == day.days_in_month(),
            DayOfMonth::Named(nth, name) => name.is(day) && nth.is(day, name),
        }
    }
}

impl Nth {
    /// Returns whether a day, which has the name, is the one of them.
    fn is(self, day: Date, name: DayOfWeek) -> bool {
        let same = |from: i8, to: i8| {
            let numbers = from..=to;
            let days = numbers.filter_map(|number| Date::new(day.year(), day.month(), number).ok());
            days.filter(|day| name.is(*day)).count()
        };
        match self {
            Nth::First(nth) => same(1, day.day()) == usize::from(nth.unsigned_abs()),
            Nth::Last => same(day.day(), day.days_in_month()) == 1,
        }
    }
}

impl DayOfWeek {
    fn is(self, day: Date) -> bool {
        match self {
            DayOfWeek::One(weekday) => day.weekday() == weekday,
            DayOfWeek::Working => !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday),
        }
    }
}

fn epoch() -> Date {
    Date::constant(1970, 1, 1)
}

fn monday(day: Date) -> Date {
    let back = i64::from(day.weekday().to_monday_zero_offset());
    day.checked_sub(Span::new().days(back)).unwrap_or(day)
}

fn days_between(from: Date, to: Date) -> i32 {
    from.until(to).map(|span| span.get_days()).unwrap_or_default()
}

fn months(day: Date) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month())
}

fn is_multiple(number: i64, of: u32) -> bool {
    number.checked_rem_euclid(i64::from(of)) == Some(0)
}
