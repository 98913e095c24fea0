//! Calendar lengths of time, and the texts of dates, times, instants and lengths of time.
//!
//! The parsers here take exactly what is documented, nothing more: a schema that says `date` means a date.

use std::cmp::Ordering;
use std::fmt;

use jiff::civil;
use jiff::tz::TimeZone;
use jiff::{Span, Timestamp};

mod parse;

pub use parse::{parse_civil, parse_date, parse_duration, parse_instant, parse_period, parse_time};

/// A calendar length of time. Weeks are seven days and years twelve months; `1 day` keeps the wall clock
/// across a change of daylight-saving time, where `24 h` (a duration) does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct Period {
    /// Months, years included.
    pub months: i32,
    /// Days, weeks included.
    pub days: i32,
}

/// The least and the most days of 0 to 11 months in a row.
const DAYS_OF_MONTHS: [(i64, i64); 12] = [
    (0, 0),
    (28, 31),
    (59, 62),
    (89, 92),
    (120, 123),
    (150, 153),
    (181, 184),
    (212, 215),
    (242, 245),
    (273, 276),
    (303, 306),
    (334, 337),
];

impl Period {
    /// Returns a period of days.
    pub fn days(days: i32) -> Period {
        Period { months: 0, days }
    }

    /// Returns a period of months.
    pub fn months(months: i32) -> Period {
        Period { months, days: 0 }
    }

    /// Returns the sum, if it has room.
    pub fn checked_add(self, other: Period) -> Option<Period> {
        Some(Period {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
        })
    }

    /// Returns the difference, if it has room.
    pub fn checked_sub(self, other: Period) -> Option<Period> {
        Some(Period {
            months: self.months.checked_sub(other.months)?,
            days: self.days.checked_sub(other.days)?,
        })
    }

    /// Returns the period `factor` times, if it has room.
    pub fn checked_mul(self, factor: i64) -> Option<Period> {
        let times =
            |count: i32| i64::from(count).checked_mul(factor).and_then(|count| i32::try_from(count).ok());
        Some(Period { months: times(self.months)?, days: times(self.days)? })
    }

    /// Returns the same period backwards, if it has room.
    pub fn checked_neg(self) -> Option<Period> {
        self.checked_mul(-1)
    }

    /// Returns whether the period is of no length.
    pub fn is_zero(self) -> bool {
        self == Period::default()
    }

    /// Returns the day that lies this period after `date`: months first, then days. A day that the month does
    /// not have becomes its last one: one month after January 31 is the end of February.
    pub fn add_to_date(self, date: civil::Date) -> Option<civil::Date> {
        date.checked_add(self.span_of_months()?).ok()?.checked_add(self.span_of_days()?).ok()
    }

    /// Returns the instant that lies this period after `instant` by the calendar and the wall clock of `zone`.
    /// A wall-clock time that a change of the clock skips becomes the one as much later; of two, the first.
    pub fn add_to_instant(self, instant: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        if self.is_zero() {
            return Some(instant);
        }
        let wall = zone.to_datetime(instant);
        let wall = wall.checked_add(self.span_of_months()?).ok()?.checked_add(self.span_of_days()?).ok()?;
        zone.to_ambiguous_timestamp(wall).compatible().ok()
    }

    fn span_of_months(self) -> Option<Span> {
        Span::new().try_months(self.months).ok()
    }

    fn span_of_days(self) -> Option<Span> {
        Span::new().try_days(self.days).ok()
    }

    /// Returns the order of two periods, if it is the same wherever they start: `1 month` is longer than
    /// `27 days` and shorter than `32 days`, but neither longer nor shorter than `30 days`.
    pub fn compare(&self, other: &Period) -> Option<Ordering> {
        let months = i64::from(self.months) - i64::from(other.months);
        let days = i64::from(self.days) - i64::from(other.days);
        match (months.cmp(&0), days.cmp(&0)) {
            (order, Ordering::Equal) | (Ordering::Equal, order) => Some(order),
            (of_months, of_days) if of_months == of_days => Some(of_months),
            (of_months, _) => {
                let (least, most) = days_of_months(months.abs());
                if days.abs() < least {
                    Some(of_months)
                } else if days.abs() > most {
                    Some(of_months.reverse())
                } else {
                    None
                }
            }
        }
    }
}

/// Returns bounds of how many days this many months in a row have.
fn days_of_months(months: i64) -> (i64, i64) {
    let years = months / 12;
    let rest = usize::try_from(months % 12).unwrap_or(0);
    let (least, most) = DAYS_OF_MONTHS.get(rest).copied().unwrap_or((0, 0));
    let leap_years_at_least = (years / 4 - years / 100 - 1).max(0);
    let leap_years_at_most = if years == 0 { 0 } else { years / 4 + 1 };
    (years * 365 + leap_years_at_least + least, years * 365 + leap_years_at_most + most)
}

/// The period as authors write it: `3 days`, `1 month`, `1 year`, `1 month + 3 days`.
impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.months != 0 {
            if self.months % 12 == 0 {
                write_count(f, self.months / 12, "year")?;
            } else {
                write_count(f, self.months, "month")?;
            }
            if self.days == 0 {
                return Ok(());
            }
            f.write_str(if self.days < 0 { " - " } else { " + " })?;
            return write_unsigned_count(f, self.days.unsigned_abs(), "day");
        }
        write_count(f, self.days, "day")
    }
}

fn write_count(f: &mut fmt::Formatter<'_>, count: i32, unit: &str) -> fmt::Result {
    if count < 0 {
        f.write_str("-")?;
    }
    write_unsigned_count(f, count.unsigned_abs(), unit)
}

fn write_unsigned_count(f: &mut fmt::Formatter<'_>, count: u32, unit: &str) -> fmt::Result {
    let plural = if count == 1 { "" } else { "s" };
    write!(f, "{count} {unit}{plural}")
}

/// Returns the period in ISO 8601: `P3D`, `P1M`, `P1M-3D`.
pub(crate) fn period_to_iso(period: Period) -> String {
    let Period { months, days } = period;
    match (months, days) {
        (0, days) => format!("P{days}D"),
        (months, 0) => format!("P{months}M"),
        (months, days) => format!("P{months}M{days}D"),
    }
}

#[cfg(test)]
mod tests;
