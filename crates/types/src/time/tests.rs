//! Calendar arithmetic and the spellings of times.

use std::cmp::Ordering;

use jiff::civil::date;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};
use proptest::prelude::*;

use super::*;

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

#[test]
fn a_day_that_the_month_does_not_have_becomes_its_last_one() {
    let month = Period::months(1);
    assert_eq!(month.add_to_date(date(2026, 1, 31)), Some(date(2026, 2, 28)));
    assert_eq!(month.add_to_date(date(2028, 1, 31)), Some(date(2028, 2, 29)));
    assert_eq!(Period::months(-12).add_to_date(date(2028, 2, 29)), Some(date(2027, 2, 28)));
}

#[test]
fn months_come_before_days() {
    let period = Period { months: 1, days: -1 };
    assert_eq!(period.add_to_date(date(2026, 1, 31)), Some(date(2026, 2, 27)));
}

#[test]
fn a_day_keeps_the_wall_clock_when_the_clock_changes() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let before = instant("2026-03-28T08:00:00Z");
    assert_eq!(Period::days(1).add_to_instant(before, &zone), Some(instant("2026-03-29T07:00:00Z")));
}

#[test]
fn a_skipped_wall_clock_time_becomes_a_later_one() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let before = instant("2026-03-28T01:30:00Z");
    assert_eq!(Period::days(1).add_to_instant(before, &zone), Some(instant("2026-03-29T01:30:00Z")));
}

#[test]
fn no_period_moves_no_instant() {
    let zone = TimeZone::get("Europe/Berlin").unwrap();
    let second_of_two = instant("2026-10-25T01:30:00Z");
    assert_eq!(Period::default().add_to_instant(second_of_two, &zone), Some(second_of_two));
}

#[test]
fn what_has_no_room_is_none() {
    assert_eq!(Period::months(i32::MAX).add_to_date(date(2026, 1, 1)), None);
    assert_eq!(Period::days(i32::MIN).add_to_date(date(2026, 1, 1)), None);
    assert_eq!(Period::days(i32::MAX).add_to_instant(Timestamp::MAX, &TimeZone::UTC), None);
    assert_eq!(Period::days(1).checked_mul(i64::MAX), None);
    assert_eq!(Period::days(i32::MIN).checked_neg(), None);
}

#[test]
fn periods_are_ordered_where_the_calendar_does_not_matter() {
    let month = Period::months(1);
    assert_eq!(month.compare(&Period::days(27)), Some(Ordering::Greater));
    assert_eq!(month.compare(&Period::days(30)), None);
    assert_eq!(month.compare(&Period::days(32)), Some(Ordering::Less));
    assert_eq!(Period::months(12).compare(&Period::days(365)), None);
    assert_eq!(Period::months(12).compare(&Period::days(400)), Some(Ordering::Less));
    assert_eq!(Period::days(7).compare(&Period::days(7)), Some(Ordering::Equal));
    assert_eq!(Period::days(-40).compare(&Period::months(-1)), Some(Ordering::Less));
}

#[test]
fn periods_read_as_they_are_written() {
    let texts = [
        (Period::days(3), "3 days"),
        (Period::days(1), "1 day"),
        (Period::months(1), "1 month"),
        (Period::months(24), "2 years"),
        (Period { months: 1, days: 3 }, "1 month + 3 days"),
        (Period { months: -1, days: -1 }, "-1 month - 1 day"),
        (Period::default(), "0 days"),
    ];
    for (period, text) in texts {
        assert_eq!(period.to_string(), text);
    }
}

#[test]
fn instants_are_read_in_the_spellings_of_real_producers() {
    let nine = instant("2026-11-27T09:00:00Z");
    for text in [
        "2026-11-27T09:00Z",
        "2026-11-27T10:00:00+0100",
        "2026-11-27T10:00:00+01:00",
        "2026-11-27T10:00:00+01",
        "2026-11-27 09:00:00.000Z",
        "2026-11-27 09:00:00 UTC",
        "2026-11-27 04:00:00 -0500",
        "2026-11-27t09:00:00z",
    ] {
        assert_eq!(parse_instant(text), Some(nine), "{text}");
    }
    assert_eq!(parse_instant("2026-06-30T23:59:60Z"), Some(instant("2026-06-30T23:59:59Z")));
    assert_eq!(
        parse_instant("2026-11-27T09:00:00.1234567891Z"),
        Some(instant("2026-11-27T09:00:00.123456789Z"))
    );
}

#[test]
fn texts_of_another_shape_are_refused() {
    for text in [
        "2026-11-27T09:00",
        "2026-11-27",
        "2026-11-27T25:00Z",
        "2026-11-27T09:00+1",
        "",
        "2026-11-27T09:00Zx",
    ] {
        assert_eq!(parse_instant(text), None, "{text}");
    }
    for text in ["2026-02-30", "2026-1-1", "20260101", "2026-01-01T00:00", "٢٠٢٦-01-01", "2026-01-0é"] {
        assert_eq!(parse_date(text), None, "{text}");
    }
    for text in ["9:00", "24:00", "09:00:", "09:00:00.", "09"] {
        assert_eq!(parse_time(text), None, "{text}");
    }
    for text in ["PT", "P1D", "1h", "PT1M-1S", "5 hours", "PT99999999999999999999H"] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
    for text in ["P", "P1", "PD", "PT1H", "P1D1M", "P1D1D", "P1.5D", "P99999999999Y"] {
        assert_eq!(parse_period(text), None, "{text}");
    }
}

#[test]
fn lengths_of_time_are_read_from_iso_8601() {
    assert_eq!(parse_duration("PT1H30M"), Some(SignedDuration::from_mins(90)));
    assert_eq!(parse_duration("PT0.5S"), Some(SignedDuration::from_millis(500)));
    assert_eq!(parse_duration("-PT5M"), Some(SignedDuration::from_mins(-5)));
    assert_eq!(parse_period("P1Y6M"), Some(Period::months(18)));
    assert_eq!(parse_period("P2W"), Some(Period::days(14)));
    assert_eq!(parse_period("-P1M3D"), Some(Period { months: -1, days: -3 }));
}

proptest! {
    #[test]
    fn iso_8601_of_a_period_reads_back(months in any::<i32>(), days in any::<i32>()) {
        let period = Period { months, days };
        prop_assert_eq!(parse_period(&period_to_iso(period)), Some(period));
    }

    #[test]
    fn any_text_is_read_without_panic(text in "[-+PT0-9YMWDHS:.Z ]{0,24}|\\PC{0,24}") {
        let _ = (parse_date(&text), parse_time(&text), parse_instant(&text), parse_civil(&text));
        let _ = (parse_duration(&text), parse_period(&text));
    }

    #[test]
    fn a_decided_order_of_periods_holds_from_any_day(
        left in (-60i32..60, -2000i32..2000), right in (-60i32..60, -2000i32..2000), start in 0i32..50_000,
    ) {
        let left = Period { months: left.0, days: left.1 };
        let right = Period { months: right.0, days: right.1 };
        if let Some(order) = left.compare(&right) {
            let start = Period::days(start).add_to_date(date(1950, 1, 1)).unwrap();
            // Only whole months from the first of a month avoid the clamp to the month's end.
            let start = start.first_of_month();
            let (left, right) = (left.add_to_date(start).unwrap(), right.add_to_date(start).unwrap());
            prop_assert!(left.cmp(&right) == order || order != Ordering::Equal && left == right);
        }
    }
}
