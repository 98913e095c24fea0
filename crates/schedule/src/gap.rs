//! Where the clock of a zone is put forward, and what a time of day is there.

use hence_types::jiff::Timestamp;
use hence_types::jiff::civil::DateTime;
use hence_types::jiff::tz::{AmbiguousOffset, TimeZone};

/// A stretch of the calendar that the clock of a zone skips.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gap {
    /// The first time that does not exist.
    pub from: DateTime,
    /// The first that exists again.
    pub to: DateTime,
}

/// Returns the instant of a time of a zone: of one that does not exist the first instant after it, of one that exists
/// twice the first. Nothing if it is beyond the end of time.
pub fn instant(at: DateTime, zone: &TimeZone) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(at).offset() {
        AmbiguousOffset::Unambiguous { offset } => offset.to_timestamp(at).ok(),
        AmbiguousOffset::Fold { before, .. } => before.to_timestamp(at).ok(),
        AmbiguousOffset::Gap { before, after } => {
            // Read with the offset of after the gap, a time within it is before the gap.
            let early = after.to_timestamp(at).ok()?;
            let transition = zone.following(early).next().map(|transition| transition.timestamp());
            transition.or_else(|| before.to_timestamp(at).ok())
        }
    }
}

/// Returns the gaps of a zone from an instant on, in order.
pub fn gaps(zone: &TimeZone, from: Timestamp) -> impl Iterator<Item = Gap> + '_ {
    let mut before = zone.to_offset(from);
    zone.following(from).filter_map(move |transition| {
        let (at, after) = (transition.timestamp(), transition.offset());
        let gap = Gap { from: before.to_datetime(at), to: after.to_datetime(at) };
        before = after;
        (gap.from < gap.to).then_some(gap)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str, zone: &str) -> String {
        instant(text.parse().unwrap(), &TimeZone::get(zone).unwrap()).unwrap().to_string()
    }

    #[test]
    fn a_time_that_does_not_exist_is_the_first_instant_after_it() {
        assert_eq!(at("2026-03-29T02:30", "Europe/Berlin"), "2026-03-29T01:00:00Z");
        assert_eq!(at("2026-04-24T00:00", "Africa/Cairo"), "2026-04-23T22:00:00Z");
        assert_eq!(at("2026-10-04T02:10", "Australia/Lord_Howe"), "2026-10-03T15:30:00Z");
        assert_eq!(at("2011-12-30T12:00", "Pacific/Apia"), "2011-12-30T10:00:00Z");
    }

    #[test]
    fn a_time_that_exists_twice_is_the_first() {
        assert_eq!(at("2026-10-25T02:30", "Europe/Berlin"), "2026-10-25T00:30:00Z");
        assert_eq!(at("2026-10-25T03:00", "Europe/Berlin"), "2026-10-25T02:00:00Z");
    }

    #[test]
    fn gaps_are_those_of_the_clock_put_forward() {
        let zone = TimeZone::get("Europe/Berlin").unwrap();
        let gaps: Vec<String> = gaps(&zone, "2026-01-01T00:00Z".parse().unwrap())
            .take(2)
            .map(|gap| format!("{} {}", gap.from, gap.to))
            .collect();
        assert_eq!(
            gaps,
            ["2026-03-29T02:00:00 2026-03-29T03:00:00", "2027-03-28T02:00:00 2027-03-28T03:00:00"]
        );
        assert_eq!(super::gaps(&TimeZone::UTC, Timestamp::UNIX_EPOCH).count(), 0);
    }
}
