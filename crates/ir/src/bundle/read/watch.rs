//! What is watched on behalf of rules.

use hence_schedule::{Calendar, Cron, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};
use hence_types::Value;
use hence_types::jiff::civil::{Date, Time, Weekday};
use hence_types::jiff::tz::TimeZone;

use super::{Reader, at, malformed, values, wire};
use crate::bundle::ReadError;
use crate::{
    DateWatch, Direction, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Plan, Rest,
    Rule, SlotId, Watch, WatchKind,
};

impl Reader {
    /// Puts what is watched into the rules it is watched for.
    pub(super) fn put_watches(&self, rules: &mut [Rule], stored: wire::Watches) -> Result<(), ReadError> {
        for (place, stored) in stored.watches {
            let rule = rules.get_mut(place as usize).ok_or(malformed("there is no such rule"))?;
            if stored.trigger as usize >= rule.triggers.len() || rule.watch(stored.trigger).is_some() {
                return Err(malformed("there is no such trigger"));
            }
            rule.watches.push(self.watch(&stored)?);
        }
        Ok(())
    }

    fn watch(&self, stored: &wire::Watch) -> Result<Watch, ReadError> {
        let kind = match &stored.kind {
            wire::WatchKind::Schedule { recurrence, zone, missed } => WatchKind::Schedule(Schedule {
                recurrence: self::recurrence(recurrence.clone())?,
                zone: zone_named(zone.as_deref())?,
                missed: match missed {
                    wire::Missed::Once => Missed::Once,
                    wire::Missed::All => Missed::All,
                    wire::Missed::Skip => Missed::Skip,
                },
            }),
            wire::WatchKind::Field { field, carriers, condition } => WatchKind::Field(FieldWatch {
                field: self.word(*field)?,
                carriers: carriers.iter().map(|carrier| self.carrier(carrier)).collect::<Result<_, _>>()?,
                condition: self.field_condition(condition)?,
            }),
            wire::WatchKind::Date(date) => WatchKind::Date(self.date(date)?),
            wire::WatchKind::Manual(parameters) => WatchKind::Manual(self.record(*parameters)?),
            wire::WatchKind::Pattern { first, within, rest } => WatchKind::Pattern(Pattern {
                first: self.keyed(first)?,
                within: self.one(within)?,
                rest: match rest {
                    wire::Rest::Without(second) => Rest::Without(self.keyed(second)?),
                    wire::Rest::Times(count) => Rest::Times(*count),
                    wire::Rest::FollowedBy(second, name) => {
                        Rest::FollowedBy(self.keyed(second)?, self.word(*name)?)
                    }
                },
            }),
        };
        Ok(Watch { trigger: stored.trigger, kind })
    }

    fn date(&self, stored: &wire::Date) -> Result<DateWatch, ReadError> {
        let wire::Date { field, carriers, length, before, at, zone } = stored;
        Ok(DateWatch {
            field: self.word(*field)?,
            carriers: carriers.iter().map(|carrier| self.carrier(carrier)).collect::<Result<_, _>>()?,
            length: self.one(length)?,
            before: *before,
            at: at.map(time_of_day).transpose()?,
            zone: zone_named(zone.as_deref())?,
        })
    }

    fn carrier(&self, stored: &wire::FieldCarrier) -> Result<FieldCarrier, ReadError> {
        let slots = stored.slots.iter().map(|slot| self.slot(slot)).collect::<Result<Vec<_>, _>>()?;
        let slot = |id: u32| at(&slots, id, "there is no such slot").map(|_| SlotId(id));
        let optional = |id: Option<u32>| id.map(slot).transpose();
        Ok(FieldCarrier {
            event: self.word(stored.event)?,
            key: stored.key.iter().map(|id| slot(*id)).collect::<Result<_, _>>()?,
            value: slot(stored.value)?,
            old: optional(stored.old)?,
            actor: optional(stored.actor)?,
            level: optional(stored.level)?,
            plan: Plan { slots },
        })
    }

    fn field_condition(&self, stored: &wire::FieldCondition) -> Result<FieldCondition, ReadError> {
        let optional =
            |value: &Option<Vec<wire::Value>>| value.as_ref().map(|value| self.one(value)).transpose();
        let crosses = |direction, level: &wire::FieldLevel| {
            let level = match level {
                wire::FieldLevel::Fixed(value) => Level::Fixed(self.one(value)?),
                wire::FieldLevel::Field(field) => Level::Field(self.word(*field)?),
            };
            Ok(FieldCondition::Crosses { direction, level })
        };
        match stored {
            wire::FieldCondition::Changes { from, to, stay } => Ok(FieldCondition::Changes {
                from: optional(from)?,
                to: optional(to)?,
                stay: optional(stay)?,
            }),
            wire::FieldCondition::FallsBelow(level) => crosses(Direction::Falls, level),
            wire::FieldCondition::RisesAbove(level) => crosses(Direction::Rises, level),
        }
    }

    fn keyed(&self, stored: &wire::KeyedEvent) -> Result<KeyedEvent, ReadError> {
        let plan = Plan { slots: vec![self.slot(&stored.key)?] };
        Ok(KeyedEvent { event: self.word(stored.event)?, plan })
    }

    fn one(&self, stored: &[wire::Value]) -> Result<Value, ReadError> {
        let mut values = values::constants(self, stored)?;
        match (values.pop(), values.is_empty()) {
            (Some(value), true) => Ok(value),
            _ => Err(malformed("a value is not one value")),
        }
    }
}

const NO_SCHEDULE: ReadError = malformed("there is no such schedule");

fn zone_named(name: Option<&str>) -> Result<Option<TimeZone>, ReadError> {
    name.map(TimeZone::get).transpose().map_err(|_| malformed("there is no such time zone"))
}

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
