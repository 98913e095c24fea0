//! What is watched on behalf of rules.

use hence_schedule::{Calendar, Cron, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};
use hence_types::jiff::civil::{Date, Time, Weekday};
use hence_types::jiff::tz::TimeZone;

use super::{malformed, wire};
use crate::bundle::ReadError;
use crate::{Rule, Watch, WatchKind};

/// Puts what is watched into the rules it is watched for.
pub(super) fn put_watches(rules: &mut [Rule], stored: wire::Watches) -> Result<(), ReadError> {
    for (place, stored) in stored.watches {
        let rule = rules.get_mut(place as usize).ok_or(malformed("there is no such rule"))?;
        if stored.trigger as usize >= rule.triggers.len() || rule.watch(stored.trigger).is_some() {
            return Err(malformed("there is no such trigger"));
        }
        rule.watches.push(watch(stored)?);
    }
    Ok(())
}

fn watch(stored: wire::Watch) -> Result<Watch, ReadError> {
    let kind = match stored.kind {
        wire::WatchKind::Schedule { recurrence, zone, missed } => {
            let zone = zone.map(|name| TimeZone::get(&name)).transpose();
            WatchKind::Schedule(Schedule {
                recurrence: self::recurrence(recurrence)?,
                zone: zone.map_err(|_| malformed("there is no such time zone"))?,
                missed: match missed {
                    wire::Missed::Once => Missed::Once,
                    wire::Missed::All => Missed::All,
                    wire::Missed::Skip => Missed::Skip,
                },
            })
        }
    };
    Ok(Watch { trigger: stored.trigger, kind })
}

const NO_SCHEDULE: ReadError = malformed("there is no such schedule");

fn recurrence(stored: wire::Recurrence) -> Result<Recurrence, ReadError> {
    match stored {
        wire::Recurrence::Seconds(0) => Err(NO_SCHEDULE),
        wire::Recurrence::Seconds(seconds) => Ok(Recurrence::Seconds(seconds)),
        wire::Recurrence::Cron(text) => Cron::parse(&text).map(Recurrence::Cron).map_err(|_| NO_SCHEDULE),
        wire::Recurrence::Calendar { days, at, from } => {
            let at = at.into_iter().map(time_of_day).collect::<Result<Vec<_>, _>>()?;
            let from = from.map(day).transpose()?;
            Ok(Recurrence::Calendar(Calendar { days: self::days(days)?, at, from }))
        }
    }
}

fn days(stored: wire::Days) -> Result<Days, ReadError> {
    match stored {
        wire::Days::Every(0) | wire::Days::Weeks { every: 0, .. } | wire::Days::Months { every: 0, .. } => {
            Err(NO_SCHEDULE)
        }
        wire::Days::Every(every) => Ok(Days::Every(every)),
        wire::Days::Weeks { every, on } => {
            Ok(Days::Weeks { every, on: on.into_iter().map(weekday).collect::<Result<_, _>>()? })
        }
        wire::Days::Months { every, on } => {
            Ok(Days::Months { every, on: on.into_iter().map(day_of_month).collect::<Result<_, _>>()? })
        }
    }
}

fn day_of_month(stored: wire::DayOfMonth) -> Result<DayOfMonth, ReadError> {
    Ok(match stored {
        wire::DayOfMonth::Number(number) => DayOfMonth::Number(number),
        wire::DayOfMonth::Last => DayOfMonth::Last,
        wire::DayOfMonth::Named(nth, day) => {
            let nth = if nth == 0 { Nth::Last } else { Nth::First(nth) };
            let day = if day == 0 { DayOfWeek::Working } else { DayOfWeek::One(weekday(day)?) };
            DayOfMonth::Named(nth, day)
        }
    })
}

fn weekday(stored: i8) -> Result<Weekday, ReadError> {
    Weekday::from_monday_one_offset(stored).map_err(|_| NO_SCHEDULE)
}

fn time_of_day((hour, minute, second): wire::TimeOfDay) -> Result<Time, ReadError> {
    Time::new(hour, minute, second, 0).map_err(|_| NO_SCHEDULE)
}

fn day((year, month, day): wire::Day) -> Result<Date, ReadError> {
    Date::new(year, month, day).map_err(|_| NO_SCHEDULE)
}
