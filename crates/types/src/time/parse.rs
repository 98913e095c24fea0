//! The texts of dates, times, instants and lengths of time.

use jiff::{SignedDuration, Timestamp, civil, tz};

use crate::Period;

/// Reads a date: `2026-11-27`.
pub fn parse_date(text: &str) -> Option<civil::Date> {
    let mut cursor = Cursor::new(text);
    let date = cursor.date()?;
    cursor.at_end().then_some(date)
}

/// Reads a time of day: `09:00`, `09:00:30`, `09:00:30.5`.
pub fn parse_time(text: &str) -> Option<civil::Time> {
    let mut cursor = Cursor::new(text);
    let time = cursor.time()?;
    cursor.at_end().then_some(time)
}

/// Reads a date with a time of day and no zone: `2026-11-27T09:00`.
pub fn parse_civil(text: &str) -> Option<civil::DateTime> {
    let mut cursor = Cursor::new(text);
    let date_time = cursor.date_time()?;
    cursor.at_end().then_some(date_time)
}

/// Reads an instant: a date, `T` or a blank, a time of day, and an offset that is `Z`, ` UTC`, `+01:00`, `+0100` or
/// `+01`. A text without an offset names no instant and is refused.
pub fn parse_instant(text: &str) -> Option<Timestamp> {
    let mut cursor = Cursor::new(text);
    let date_time = cursor.date_time()?;
    let offset = cursor.offset()?;
    if !cursor.at_end() {
        return None;
    }
    offset.to_timestamp(date_time).ok()
}

/// Reads an exact length of time in ISO 8601: `PT90S`, `PT1H30M`, `PT0.5S`, `-PT5M`. Days are refused: their length
/// depends on the calendar.
pub fn parse_duration(text: &str) -> Option<SignedDuration> {
    let (negative, text) = sign(text);
    let rest = text.strip_prefix("PT")?;
    // A negative number inside would be read by the library but means nothing to most producers.
    if rest.is_empty() || rest.contains(['-', '+']) {
        return None;
    }
    let duration: SignedDuration = text.parse().ok()?;
    if negative { duration.checked_neg() } else { Some(duration) }
}

/// Reads a calendar length of time in ISO 8601: `P3D`, `P2W`, `P1Y6M`, `-P1M`, `P1M-3D`.
pub fn parse_period(text: &str) -> Option<Period> {
    let (negative, text) = sign(text);
    let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty())?;
    let mut period = Period::default();
    let mut units = ['Y', 'M', 'W', 'D'].into_iter();
    while !rest.is_empty() {
        let (number, unit, after) = count(rest)?;
        // Each unit once, from the largest to the smallest.
        units.by_ref().find(|next| *next == unit)?;
        let step = match unit {
            'Y' => Period::months(number.checked_mul(12)?),
            'M' => Period::months(number),
            'W' => Period::days(number.checked_mul(7)?),
            _ => Period::days(number),
        };
        period = period.checked_add(step)?;
        rest = after;
    }
    if negative { period.checked_neg() } else { Some(period) }
}

fn sign(text: &str) -> (bool, &str) {
    match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    }
}

/// A whole number, the letter after it and what follows.
fn count(text: &str) -> Option<(i32, char, &str)> {
    let end = text.find(|character: char| character.is_ascii_alphabetic())?;
    let (digits, rest) = text.split_at_checked(end)?;
    let number = digits.parse().ok()?;
    let mut characters = rest.chars();
    let unit = characters.next()?;
    Some((number, unit, characters.as_str()))
}

/// Reads fixed shapes off the front of a text.
struct Cursor<'a> {
    rest: &'a str,
}

impl<'a> Cursor<'a> {
    fn new(text: &'a str) -> Self {
        Cursor { rest: text }
    }

    fn at_end(&self) -> bool {
        self.rest.is_empty()
    }

    fn take(&mut self, prefix: &str) -> Option<()> {
        self.rest = self.rest.strip_prefix(prefix)?;
        Some(())
    }

    fn take_any(&mut self, prefixes: &[&str]) -> Option<()> {
        prefixes.iter().find_map(|prefix| self.take(prefix))
    }

    /// Exactly this many digits.
    fn digits(&mut self, count: usize) -> Option<i16> {
        let (digits, rest) = self.rest.split_at_checked(count)?;
        if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        self.rest = rest;
        digits.parse().ok()
    }

    fn two_digits(&mut self) -> Option<i8> {
        self.digits(2).and_then(|number| i8::try_from(number).ok())
    }

    fn date(&mut self) -> Option<civil::Date> {
        let year = self.digits(4)?;
        self.take("-")?;
        let month = self.two_digits()?;
        self.take("-")?;
        let day = self.two_digits()?;
        civil::Date::new(year, month, day).ok()
    }

    fn time(&mut self) -> Option<civil::Time> {
        let hour = self.two_digits()?;
        self.take(":")?;
        let minute = self.two_digits()?;
        let (mut second, mut nanosecond) = (0, 0);
        if self.take(":").is_some() {
            // A leap second has no place of its own on the scale of instants; it becomes the second before.
            second = self.two_digits().map(|second| if second == 60 { 59 } else { second })?;
            if self.take(".").is_some() {
                nanosecond = self.fraction()?;
            }
        }
        civil::Time::new(hour, minute, second, nanosecond).ok()
    }

    /// The digits after the point as nanoseconds; digits beyond those are cut off.
    fn fraction(&mut self) -> Option<i32> {
        let length = self.rest.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = self.rest.split_at_checked(length)?;
        if digits.is_empty() {
            return None;
        }
        self.rest = rest;
        let zeros = std::iter::repeat(b'0');
        Some(digits.bytes().chain(zeros).take(9).fold(0, |sum, digit| sum * 10 + i32::from(digit - b'0')))
    }

    fn date_time(&mut self) -> Option<civil::DateTime> {
        let date = self.date()?;
        self.take_any(&["T", "t", " "])?;
        Some(date.to_datetime(self.time()?))
    }

    fn offset(&mut self) -> Option<tz::Offset> {
        if self.take_any(&["Z", "z", " UTC", " Z"]).is_some() {
            return Some(tz::Offset::UTC);
        }
        // A blank before the offset is how some producers print instants: `10:00:00 +0100`.
        let _ = self.take(" ");
        let negative = match self.take("+") {
            Some(()) => false,
            None => {
                self.take("-")?;
                true
            }
        };
        let hours = i32::from(self.two_digits()?);
        let mut minutes = 0;
        if !self.at_end() {
            let _ = self.take(":");
            minutes = i32::from(self.two_digits()?);
        }
        if hours > 25 || minutes > 59 {
            return None;
        }
        let seconds = hours * 3600 + minutes * 60;
        tz::Offset::from_seconds(if negative { -seconds } else { seconds }).ok()
    }
}
