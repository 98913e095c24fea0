//! `every weekday at 09:00`, `cron "0 9 * * MON"`: times that recur.

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_schedule::{Calendar, Cron, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};
use hence_syntax::Unit;
use hence_syntax::ast::{self, DayName, Every, On, Period, ScheduleTrigger, Times};
use hence_types::jiff::civil::{Date, Time, Weekday};
use hence_types::{SCHEDULE_DUE, schedule_shape};

use super::Started;
use crate::checker::Checker;
use crate::errors::schedule::{InvalidCron, InvalidSchedule};

/// How many seconds there must be between two times of a schedule.
const SHORTEST: u64 = 60;

impl Checker<'_> {
    pub(super) fn schedule_trigger(&mut self, trigger: &ScheduleTrigger) -> Option<Started> {
        let zone = match &trigger.zone {
            Some((name, span)) => Some(self.zone_named(name, *span)?),
            None => None,
        };
        let recurrence = match &trigger.times {
            Times::Every(every) => self.every(every)?,
            Times::Cron(pattern, span) => match Cron::parse(pattern) {
                Ok(cron) => Recurrence::Cron(cron),
                Err(reason) => {
                    self.report(InvalidCron { pattern: pattern.clone(), reason, span: *span });
                    return None;
                }
            },
        };
        let word = trigger.missed.as_ref().map(|(word, _)| word.as_str());
        let missed = Missed::ALL.into_iter().find(|missed| Some(missed.as_str()) == word).unwrap_or_default();
        let place = self.facts.events.len();
        self.facts.schedules.insert(place, Schedule { recurrence, zone, missed });
        Some((Arc::from(SCHEDULE_DUE), schedule_shape()))
    }

    fn every(&mut self, every: &Every) -> Option<Recurrence> {
        let at = self.times(&every.at)?;
        let from = match &every.from {
            Some((text, span)) => Some(self.date(text, *span)?),
            None => None,
        };
        let calendar = |days| {
            let at = if at.is_empty() { vec![Time::midnight()] } else { at.clone() };
            Some(Recurrence::Calendar(Calendar { days, at, from }))
        };
        let (count, unit) = match &every.period {
            Period::Length(count, unit) => (self.count(count, every.place)?, *unit),
            Period::Days(days) => {
                if let Some((_, span)) = &every.on {
                    let message = "the days are named already".to_owned();
                    return self.invalid(message, "does not go with days", *span, None);
                }
                return calendar(Days::Weeks { every: 1, on: weekdays(days) });
            }
        };
        match (unit, &every.on) {
            (Unit::Day, None) => calendar(Days::Every(count)),
            (Unit::Week, None) => calendar(Days::Weeks { every: count, on: vec![Weekday::Monday] }),
            (Unit::Week, Some((On::DaysOfWeek(days), _))) => {
                calendar(Days::Weeks { every: count, on: weekdays(days) })
            }
            (Unit::Month, None) => calendar(Days::Months { every: count, on: vec![DayOfMonth::Number(1)] }),
            (Unit::Month, Some((On::DaysOfMonth(days), _))) => {
                let on = days.iter().map(|day| self.day_of_month(day)).collect::<Option<Vec<_>>>()?;
                calendar(Days::Months { every: count, on })
            }
            (Unit::Minute | Unit::Hour | Unit::Second, on) => {
                self.seconds_between(every, count, unit, on.as_ref())
            }
            (Unit::Year, _) => {
                let message = "a schedule counts minutes, hours, days, weeks or months".to_owned();
                let help = "`every 12 months from 2026-03-01 on the 1st` comes once a year";
                self.invalid(message, "years are not counted", every.place, Some(help))
            }
            (Unit::Day, Some((_, span))) => {
                self.invalid("every day is every day".to_owned(), "does not go with days", *span, None)
            }
            (Unit::Week, Some((On::DaysOfMonth(_), span))) => {
                let help = "the day of a week has a name: `every week on monday`";
                let message = "a week has no days of a month".to_owned();
                self.invalid(message, "days of a month", *span, Some(help))
            }
            (Unit::Month, Some((On::DaysOfWeek(_), span))) => {
                let help = "`on the 1st monday` or `on the last monday` is one day of the month";
                let message = "a month has several days of this name".to_owned();
                self.invalid(message, "which of them?", *span, Some(help))
            }
        }
    }

    /// Minutes and hours: an exact length of time.
    fn seconds_between(
        &mut self,
        every: &Every,
        count: u32,
        unit: Unit,
        on: Option<&(On, Span)>,
    ) -> Option<Recurrence> {
        let misplaced = [
            on.map(|(_, span)| ("on", *span)),
            every.at.first().map(|(_, span)| ("at", *span)),
            every.from.as_ref().map(|(_, span)| ("from", *span)),
        ];
        if let Some((word, span)) = misplaced.into_iter().flatten().next() {
            let message = format!("`{word}` goes with days, weeks and months");
            let label = "an exact length counts from 1970-01-01T00:00Z";
            return self.invalid(message, label, span, None);
        }
        let seconds = u64::from(count) * if unit == Unit::Hour { 3600 } else { 60 };
        let seconds = if unit == Unit::Second { u64::from(count) } else { seconds };
        match u32::try_from(seconds) {
            Ok(seconds) if u64::from(seconds) >= SHORTEST => Some(Recurrence::Seconds(seconds)),
            Ok(_) => {
                let message = "a schedule comes at most once a minute".to_owned();
                self.invalid(message, "shorter than a minute", every.place, None)
            }
            Err(_) => self.invalid("this is too long".to_owned(), "too long", every.place, None),
        }
    }

    fn count(&mut self, written: &str, span: Span) -> Option<u32> {
        match written.parse::<u32>() {
            Ok(count @ 1..=1_000_000) => Some(count),
            Ok(_) | Err(_) => {
                let message = format!("`{written}` is no number of times");
                self.invalid(message, "expected a whole number from 1 to 1000000", span, None)
            }
        }
    }

    /// The times of day, rising, each once.
    pub(super) fn times(&mut self, written: &[(String, Span)]) -> Option<Vec<Time>> {
        let mut times = Vec::new();
        for (text, span) in written {
            let Ok(time) = text.parse::<Time>() else {
                let message = format!("`{text}` is no time of day");
                let diagnostic = Diagnostic::new(Code::InvalidTime, *span, message);
                self.report(diagnostic.label("expected 00:00 to 23:59"));
                return None;
            };
            times.push(time);
        }
        times.sort();
        times.dedup();
        Some(times)
    }

    fn date(&mut self, text: &str, span: Span) -> Option<Date> {
        let date = text.parse::<Date>().ok();
        if date.is_none() {
            let message = format!("`{text}` is no day of the calendar");
            self.report(Diagnostic::new(Code::InvalidTime, span, message).label("no such day"));
        }
        date
    }

    fn day_of_month(&mut self, day: &ast::DayOfMonth) -> Option<DayOfMonth> {
        let number = match &day.number {
            Some(written) => written.parse::<i8>().unwrap_or(i8::MAX),
            None => 0,
        };
        match (&day.number, day.name) {
            (None, None) => Some(DayOfMonth::Last),
            (None, Some(name)) => Some(DayOfMonth::Named(Nth::Last, day_of_week(name))),
            (Some(_), None) if (1..=31).contains(&number) => Some(DayOfMonth::Number(number)),
            (Some(_), None) => {
                self.invalid("no month has such a day".to_owned(), "expected 1st to 31st", day.span, None)
            }
            (Some(_), Some(name)) => {
                let most = if name == DayName::Weekday { 23 } else { 5 };
                if (1..=most).contains(&number) {
                    return Some(DayOfMonth::Named(Nth::First(number), day_of_week(name)));
                }
                let message = format!("no month has so many days named `{}`", name.as_str());
                let label = if most == 5 { "expected 1st to 5th" } else { "expected 1st to 23rd" };
                self.invalid(message, label, day.span, None)
            }
        }
    }

    fn invalid<T>(
        &mut self,
        message: String,
        label: &'static str,
        span: Span,
        help: Option<&'static str>,
    ) -> Option<T> {
        self.report(InvalidSchedule { message, label, span, help });
        None
    }
}

/// The days of the week, each once, Monday first.
fn weekdays(names: &[(DayName, Span)]) -> Vec<Weekday> {
    let is_named = |day: &Weekday| {
        names.iter().any(|(name, _)| match day_of_week(*name) {
            DayOfWeek::One(named) => named == *day,
            DayOfWeek::Working => !matches!(day, Weekday::Saturday | Weekday::Sunday),
        })
    };
    Weekday::Monday.cycle_forward().take(7).filter(is_named).collect()
}

fn day_of_week(name: DayName) -> DayOfWeek {
    DayOfWeek::One(match name {
        DayName::Monday => Weekday::Monday,
        DayName::Tuesday => Weekday::Tuesday,
        DayName::Wednesday => Weekday::Wednesday,
        DayName::Thursday => Weekday::Thursday,
        DayName::Friday => Weekday::Friday,
        DayName::Saturday => Weekday::Saturday,
        DayName::Sunday => Weekday::Sunday,
        DayName::Weekday => return DayOfWeek::Working,
    })
}
