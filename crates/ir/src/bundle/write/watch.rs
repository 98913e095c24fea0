//! What is watched on behalf of rules.

use hence_schedule::{Calendar, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};
use hence_types::Value;
use hence_types::jiff::civil::{Date, Time};

use super::{Writer, number, wire};
use crate::{
    DateWatch, Direction, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Program,
    Rest, SlotId, Watch, WatchKind,
};

impl Writer {
    /// Returns what is watched for all rules.
    pub(super) fn watches(&mut self, program: &Program) -> wire::Watches {
        let mut watches = Vec::new();
        for (place, rule) in program.rules.iter().enumerate() {
            for watch in &rule.watches {
                watches.push((number(place), self.watch(watch)));
            }
        }
        wire::Watches { watches }
    }

    fn watch(&mut self, watch: &Watch) -> wire::Watch {
        let kind = match &watch.kind {
            WatchKind::Schedule(schedule) => self::schedule(schedule),
            WatchKind::Field(FieldWatch { field, carriers, condition }) => wire::WatchKind::Field {
                field: self.word(field),
                carriers: carriers.iter().map(|carrier| self.carrier(carrier)).collect(),
                condition: self.field_condition(condition),
            },
            WatchKind::Pattern(Pattern { first, within, rest }) => wire::WatchKind::Pattern {
                first: self.keyed(first),
                within: self.one(within),
                rest: match rest {
                    Rest::Without(second) => wire::Rest::Without(self.keyed(second)),
                    Rest::Times(count) => wire::Rest::Times(*count),
                    Rest::FollowedBy(second, name) => {
                        wire::Rest::FollowedBy(self.keyed(second), self.word(name))
                    }
                },
            },
            WatchKind::Date(date) => wire::WatchKind::Date(self.date(date)),
            WatchKind::Manual(parameters) => wire::WatchKind::Manual(self.record(parameters)),
        };
        wire::Watch { trigger: watch.trigger, kind }
    }

    fn date(&mut self, date: &DateWatch) -> wire::Date {
        let DateWatch { field, carriers, length, before, at, zone } = date;
        wire::Date {
            field: self.word(field),
            carriers: carriers.iter().map(|carrier| self.carrier(carrier)).collect(),
            length: self.one(length),
            before: *before,
            at: at.map(time_of_day),
            zone: zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned),
        }
    }

    fn carrier(&mut self, carrier: &FieldCarrier) -> wire::FieldCarrier {
        let id = |slot: Option<SlotId>| slot.map(|slot| slot.0);
        wire::FieldCarrier {
            event: self.word(&carrier.event),
            slots: carrier.plan.slots.iter().map(|slot| self.slot(slot)).collect(),
            key: carrier.key.iter().map(|slot| slot.0).collect(),
            value: carrier.value.0,
            old: id(carrier.old),
            actor: id(carrier.actor),
            level: id(carrier.level),
        }
    }

    fn field_condition(&mut self, condition: &FieldCondition) -> wire::FieldCondition {
        match condition {
            FieldCondition::Changes { from, to, stay } => wire::FieldCondition::Changes {
                from: from.as_ref().map(|value| self.one(value)),
                to: to.as_ref().map(|value| self.one(value)),
                stay: stay.as_ref().map(|value| self.one(value)),
            },
            FieldCondition::Crosses { direction, level } => {
                let level = match level {
                    Level::Fixed(value) => wire::FieldLevel::Fixed(self.one(value)),
                    Level::Field(field) => wire::FieldLevel::Field(self.word(field)),
                };
                match direction {
                    Direction::Falls => wire::FieldCondition::FallsBelow(level),
                    Direction::Rises => wire::FieldCondition::RisesAbove(level),
                }
            }
        }
    }

    fn keyed(&mut self, keyed: &KeyedEvent) -> wire::KeyedEvent {
        // A plan without a slot has no key; the compiler makes none.
        let key = keyed.plan.slots.first().map(|slot| self.slot(slot));
        let key = key.unwrap_or_else(|| wire::Slot {
            source: wire::SlotSource::Id,
            ty: self.ty(&hence_types::Type::String),
            wire: self.wire(&hence_types::Wire::Plain),
            sensitive: false,
        });
        wire::KeyedEvent { event: self.word(&keyed.event), key }
    }

    fn one(&mut self, value: &Value) -> Vec<wire::Value> {
        self.constants(std::slice::from_ref(value))
    }
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
