//! What is watched on behalf of rules.

use hence_schedule::{Calendar, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};
use hence_types::jiff::civil::{Date, Time};

use super::{number, wire};
use crate::{Program, Watch, WatchKind};

/// Returns what is watched for all rules.
pub(in super::super) fn watches(program: &Program) -> wire::Watches {
    let rules = program.rules.iter().enumerate();
    let watches =
        rules.flat_map(|(place, rule)| rule.watches.iter().map(move |watch| (number(place), watch)));
    wire::Watches { watches: watches.map(|(place, watch)| (place, self::watch(watch))).collect() }
}

fn watch(watch: &Watch) -> wire::Watch {
    let kind = match &watch.kind {
        WatchKind::Schedule(schedule) => self::schedule(schedule),
    };
    wire::Watch { trigger: watch.trigger, kind }
}

fn schedule(schedule: &Schedule) -> wire::WatchKind {
    let recurrence = match &schedule.recurrence {
        Recurrence::Seconds(seconds) => wire::Recurrence::Seconds(*seconds),
        Recurrence::Calendar(Calendar { days, at, from }) => wire::Recurrence::Calendar {
            days: self::days(days),
            at: at.iter().map(|time| time_of_day(*time)).collect(),
            from: from.map(day),
        },
        Recurrence::Cron(cron) => wire::Recurrence::Cron(cron.text().to_owned()),
    };
    let missed = match schedule.missed {
        Missed::Once => wire::Missed::Once,
        Missed::All => wire::Missed::All,
        Missed::Skip => wire::Missed::Skip,
    };
    let zone = schedule.zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned);
    wire::WatchKind::Schedule { recurrence, zone, missed }
}

fn days(days: &Days) -> wire::Days {
    match days {
        Days::Every(every) => wire::Days::Every(*every),
        Days::Weeks { every, on } => {
            let on = on.iter().map(|day| day.to_monday_one_offset()).collect();
            wire::Days::Weeks { every: *every, on }
        }
        Days::Months { every, on } => {
            wire::Days::Months { every: *every, on: on.iter().map(day_of_month).collect() }
        }
    }
}

fn day_of_month(day: &DayOfMonth) -> wire::DayOfMonth {
    match day {
        DayOfMonth::Number(number) => wire::DayOfMonth::Number(*number),
        DayOfMonth::Last => wire::DayOfMonth::Last,
        DayOfMonth::Named(nth, day) => {
            let nth = match nth {
                Nth::First(nth) => *nth,
                Nth::Last => 0,
            };
            let day = match day {
                DayOfWeek::One(day) => day.to_monday_one_offset(),
                DayOfWeek::Working => 0,
            };
            wire::DayOfMonth::Named(nth, day)
        }
    }
}

fn time_of_day(time: Time) -> wire::TimeOfDay {
    (time.hour(), time.minute(), time.second())
}

fn day(day: Date) -> wire::Day {
    (day.year(), day.month(), day.day())
}
