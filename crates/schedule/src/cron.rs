//! Patterns of five fields as of the program cron: `minute hour day-of-month month day-of-week`.

use std::fmt;

use croner::errors::CronError;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

/// How many fields a pattern has.
const FIELDS: usize = 5;

/// A pattern.
#[derive(Clone, PartialEq, Eq)]
pub struct Cron {
    text: String,
    pattern: Box<croner::Cron>,
}

impl Cron {
    /// Reads a pattern.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn parse(text: &str) -> Result<Cron, String> {
        let fields = text.split_whitespace().count();
        if fields != FIELDS {
            let s = if fields == 1 { "" } else { "s" };
            return Err(format!("{fields} field{s} instead of {FIELDS}: minute, hour, day, month, weekday"));
        }
        match text.parse::<croner::Cron>() {
            Ok(pattern) => Ok(Cron { text: text.to_owned(), pattern: Box::new(pattern) }),
            Err(error) => Err(reason(&error)),
        }
    }

    /// Returns the pattern as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Returns the first instant after `after` that the pattern fits, if there is one.
    pub fn next(&self, after: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let after = after.to_zoned(zone.clone());
        self.pattern.find_next_occurrence(&after, false).ok().map(|found| found.timestamp())
    }

    /// Returns the last instant until `until`, itself included, that the pattern fits, if there is one.
    pub fn latest(&self, until: Timestamp, zone: &TimeZone) -> Option<Timestamp> {
        let until = until.to_zoned(zone.clone());
        self.pattern.find_previous_occurrence(&until, true).ok().map(|found| found.timestamp())
    }
}

impl fmt::Debug for Cron {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Cron({:?})", self.text)
    }
}

fn reason(error: &CronError) -> String {
    let text = match error {
        CronError::InvalidPattern(reason)
        | CronError::IllegalCharacters(reason)
        | CronError::ComponentError(reason) => reason.clone(),
        CronError::EmptyPattern
        | CronError::InvalidDate
        | CronError::InvalidTime
        | CronError::TimeSearchLimitExceeded => error.to_string(),
    };
    let text = text.trim_end_matches('.');
    let mut letters = text.chars();
    letters.next().map(|first| first.to_lowercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(pattern: &str, after: &str, zone: &str) -> String {
        let zone = TimeZone::get(zone).unwrap();
        let next = Cron::parse(pattern).unwrap().next(after.parse().unwrap(), &zone);
        next.map_or("never".to_owned(), |next| next.to_string())
    }

    #[test]
    fn the_next_time_is_that_of_the_zone() {
        assert_eq!(next("0 9 * * MON", "2026-11-27T10:00Z", "Europe/Berlin"), "2026-11-30T08:00:00Z");
        assert_eq!(next("*/15 * * * *", "2026-11-27T10:00Z", "UTC"), "2026-11-27T10:15:00Z");
    }

    #[test]
    fn a_time_in_a_gap_is_the_first_instant_after_it_and_one_in_an_overlap_comes_once() {
        let berlin = "Europe/Berlin";
        assert_eq!(next("30 2 * * *", "2026-03-28T12:00Z", berlin), "2026-03-29T01:00:00Z");
        assert_eq!(next("30 2 * * *", "2026-10-24T12:00Z", berlin), "2026-10-25T00:30:00Z");
        assert_eq!(next("30 2 * * *", "2026-10-25T00:30Z", berlin), "2026-10-26T01:30:00Z");
    }

    #[test]
    fn a_pattern_may_never_fit() {
        assert_eq!(next("0 0 30 2 *", "2026-11-27T10:00Z", "UTC"), "never");
    }

    #[test]
    fn what_is_wrong_with_a_pattern_is_told() {
        let reason = |pattern| Cron::parse(pattern).unwrap_err();
        assert_eq!(reason("0 9 * *"), "4 fields instead of 5: minute, hour, day, month, weekday");
        assert!(!reason("0 25 * * *").is_empty() && !reason("a b c d e").is_empty());
    }
}
