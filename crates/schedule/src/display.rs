//! The printed form of schedules: the words of the language, as far as there are any.

use std::fmt;

use hence_types::jiff::civil::Weekday;

use crate::{Calendar, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.recurrence)?;
        if let Some(name) = self.zone.as_ref().and_then(|zone| zone.iana_name()) {
            write!(f, " in {name:?}")?;
        }
        match self.missed {
            Missed::Once => Ok(()),
            Missed::All | Missed::Skip => write!(f, " missed {}", self.missed.as_str()),
        }
    }
}

impl fmt::Display for Recurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Recurrence::Seconds(seconds) => write!(f, "every {seconds} s"),
            Recurrence::Calendar(calendar) => write!(f, "{calendar}"),
            Recurrence::Cron(cron) => write!(f, "cron {:?}", cron.text()),
        }
    }
}

impl fmt::Display for Calendar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.days {
            Days::Every(every) => write!(f, "every {every} days")?,
            Days::Weeks { every, on } => {
                let days: Vec<&str> = on.iter().map(|day| name(*day)).collect();
                write!(f, "every {every} weeks on {}", days.join(", "))?;
            }
            Days::Months { every, on } => {
                let days: Vec<String> = on.iter().map(DayOfMonth::to_string).collect();
                write!(f, "every {every} months on the {}", days.join(", "))?;
            }
        }
        let times: Vec<String> = self.at.iter().map(|time| time.strftime("%H:%M:%S").to_string()).collect();
        write!(f, " at {}", times.join(", "))?;
        match self.from {
            Some(from) => write!(f, " from {from}"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for DayOfMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            DayOfMonth::Number(number) => write!(f, "{number}."),
            DayOfMonth::Last => f.write_str("last day"),
            DayOfMonth::Named(nth, day) => {
                match nth {
                    Nth::First(nth) => write!(f, "{nth}. ")?,
                    Nth::Last => f.write_str("last ")?,
                }
                f.write_str(match day {
                    DayOfWeek::One(day) => name(*day),
                    DayOfWeek::Working => "weekday",
                })
            }
        }
    }
}

fn name(day: Weekday) -> &'static str {
    match day {
        Weekday::Monday => "monday",
        Weekday::Tuesday => "tuesday",
        Weekday::Wednesday => "wednesday",
        Weekday::Thursday => "thursday",
        Weekday::Friday => "friday",
        Weekday::Saturday => "saturday",
        Weekday::Sunday => "sunday",
    }
}
