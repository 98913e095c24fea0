//! What recurs, what is missed, and where the clock changes.

use hence_types::jiff::civil::{Date, Time, Weekday, time};
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};

use super::*;
use crate::{DayOfMonth, DayOfWeek, Days, Missed, Nth, Schedule};

fn on(days: Days, at: &[Time]) -> Recurrence {
    Recurrence::Calendar(Calendar { days, at: at.to_vec(), from: None })
}

fn zone(name: &str) -> TimeZone {
    TimeZone::get(name).unwrap()
}

/// Returns the next instants as they stand on the clock of the zone.
fn next(recurrence: &Recurrence, after: &str, name: &str, count: usize) -> Vec<String> {
    let (zone, mut at) = (zone(name), after.parse::<Timestamp>().unwrap());
    let mut found = Vec::new();
    for _ in 0..count {
        at = recurrence.next(at, &zone).unwrap();
        assert_eq!(recurrence.latest(at, &zone), Some(at), "the latest until then is the same");
        found.push(at.to_zoned(zone.clone()).strftime("%a %F %H:%M").to_string());
    }
    found
}

#[test]
fn lengths_are_exact_and_stand_on_the_full_hour() {
    let quarter = Recurrence::Seconds(900);
    assert_eq!(
        next(&quarter, "2026-11-27T10:07:30Z", "UTC", 2),
        ["Fri 2026-11-27 10:15", "Fri 2026-11-27 10:30"]
    );
    // The clock is put back at 03:00 to 02:00.
    let hours = Recurrence::Seconds(3600);
    assert_eq!(
        next(&hours, "2026-10-24T23:30Z", "Europe/Berlin", 3),
        ["Sun 2026-10-25 02:00", "Sun 2026-10-25 02:00", "Sun 2026-10-25 03:00"]
    );
}

#[test]
fn days_keep_the_time_of_the_clock() {
    let daily = on(Days::Every(1), &[time(9, 0, 0, 0), time(17, 30, 0, 0)]);
    assert_eq!(
        next(&daily, "2026-03-28T08:00Z", "Europe/Berlin", 4),
        ["Sat 2026-03-28 17:30", "Sun 2026-03-29 09:00", "Sun 2026-03-29 17:30", "Mon 2026-03-30 09:00"]
    );
}

#[test]
fn a_time_in_a_gap_is_due_once_right_after_it() {
    let nightly = on(Days::Every(1), &[time(2, 15, 0, 0), time(2, 45, 0, 0)]);
    assert_eq!(
        next(&nightly, "2026-03-28T02:00Z", "Europe/Berlin", 3),
        ["Sun 2026-03-29 03:00", "Mon 2026-03-30 02:15", "Mon 2026-03-30 02:45"]
    );
}

#[test]
fn a_time_that_comes_twice_is_due_the_first_time() {
    let nightly = on(Days::Every(1), &[time(2, 30, 0, 0)]);
    let zone = zone("Europe/Berlin");
    let first = nightly.next("2026-10-24T12:00Z".parse().unwrap(), &zone).unwrap();
    assert_eq!(first.to_string(), "2026-10-25T00:30:00Z");
    assert_eq!(nightly.next(first, &zone).unwrap().to_string(), "2026-10-26T01:30:00Z");
}

#[test]
fn weeks_count_from_a_day_of_choice() {
    let days = Days::Weeks { every: 2, on: vec![Weekday::Monday, Weekday::Thursday] };
    let Recurrence::Calendar(calendar) = on(days, &[Time::midnight()]) else { panic!() };
    let from = Some(Date::constant(2026, 12, 2));
    let fortnightly = Recurrence::Calendar(Calendar { from, ..calendar });
    assert_eq!(
        next(&fortnightly, "2026-11-27T10:00Z", "UTC", 3),
        ["Thu 2026-12-03 00:00", "Mon 2026-12-14 00:00", "Thu 2026-12-17 00:00"]
    );
}

#[test]
fn months_have_days_by_number_by_name_and_a_last_one() {
    let on = |day| on(Days::Months { every: 1, on: vec![day] }, &[time(17, 0, 0, 0)]);
    let next = |day| next(&on(day), "2026-11-27T18:00Z", "UTC", 3);
    assert_eq!(
        next(DayOfMonth::Named(Nth::Last, DayOfWeek::One(Weekday::Friday))),
        ["Fri 2026-12-25 17:00", "Fri 2027-01-29 17:00", "Fri 2027-02-26 17:00"]
    );
    assert_eq!(
        next(DayOfMonth::Named(Nth::First(1), DayOfWeek::Working)),
        ["Tue 2026-12-01 17:00", "Fri 2027-01-01 17:00", "Mon 2027-02-01 17:00"]
    );
    assert_eq!(
        next(DayOfMonth::Last),
        ["Mon 2026-11-30 17:00", "Thu 2026-12-31 17:00", "Sun 2027-01-31 17:00"]
    );
    assert_eq!(
        next(DayOfMonth::Number(31)),
        ["Thu 2026-12-31 17:00", "Sun 2027-01-31 17:00", "Wed 2027-03-31 17:00"]
    );
}

#[test]
fn what_is_never_due_ends() {
    let days = Days::Months { every: 12, on: vec![DayOfMonth::Number(30)] };
    let Recurrence::Calendar(calendar) = on(days, &[Time::midnight()]) else { panic!() };
    let from = Some(Date::constant(2026, 2, 1));
    let never = Recurrence::Calendar(Calendar { from, ..calendar });
    assert_eq!(never.next("2026-11-27T10:00Z".parse().unwrap(), &TimeZone::UTC), None);
}

/// Returns what is due at 12:07 of every 15 minutes since 11:15, and what comes next.
fn after_an_hour(missed: Missed) -> String {
    let schedule = Schedule { recurrence: Recurrence::Seconds(900), zone: None, missed };
    let at = |text: &str| text.parse::<Timestamp>().unwrap();
    let due = schedule.due(at("2026-11-27T11:15Z"), at("2026-11-27T12:07Z"), &TimeZone::UTC);
    let times: Vec<String> = due.now.iter().map(|at| at.strftime("%H:%M").to_string()).collect();
    format!("{} then {}", times.join(" "), due.next.unwrap().strftime("%H:%M"))
}

#[test]
fn missed_times_are_made_up_for_once_all_or_not_at_all() {
    assert_eq!(after_an_hour(Missed::Once), "12:00 then 12:15");
    assert_eq!(after_an_hour(Missed::All), "11:15 11:30 11:45 12:00 then 12:15");
    assert_eq!(after_an_hour(Missed::Skip), " then 12:15");
}

#[test]
fn many_missed_times_are_made_up_for_a_part_at_a_time() {
    let schedule = Schedule { recurrence: Recurrence::Seconds(60), zone: None, missed: Missed::All };
    let first = "2026-11-27T00:00Z".parse::<Timestamp>().unwrap();
    let now = first + SignedDuration::from_mins(150);
    let due = schedule.due(first, now, &TimeZone::UTC);
    assert_eq!((due.now.len(), due.next), (crate::AT_ONCE, Some(first + SignedDuration::from_mins(100))));
    let rest = schedule.due(due.next.unwrap(), now, &TimeZone::UTC);
    assert_eq!((rest.now.len(), rest.next), (51, Some(first + SignedDuration::from_mins(151))));
}

#[test]
fn what_is_on_time_is_never_missed() {
    let schedule = Schedule { recurrence: Recurrence::Seconds(900), zone: None, missed: Missed::Skip };
    let at = "2026-11-27T11:15Z".parse::<Timestamp>().unwrap();
    let due = schedule.due(at, at + SignedDuration::from_secs(20), &TimeZone::UTC);
    assert_eq!(due.now, [at]);
    assert!(schedule.due(at, at - SignedDuration::from_secs(1), &TimeZone::UTC).now.is_empty());
}
