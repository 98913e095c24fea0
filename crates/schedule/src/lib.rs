//! Times that recur: when a schedule is due, and what becomes of times that were missed.
//!
//! All of it is computation: given an instant, which comes next? Nothing here reads a clock or knows rules. Days and
//! times of day are of a time zone. Where the clock of the zone is put forward and skips a time of day, what is due at
//! that time is due at the first instant after it; where the clock is put back and a time comes twice, it is due the
//! first time. Lengths of minutes and hours are exact and do not follow the clock of any zone.
//!
//! Start with [`Schedule`] and [`Recurrence`].

mod calendar;
mod cron;
mod display;
mod gap;
mod recurrence;
mod schedule;

pub use calendar::{Calendar, DayOfMonth, DayOfWeek, Days, Nth};
pub use cron::Cron;
pub use gap::{Gap, gaps, instant};
pub use recurrence::Recurrence;
pub use schedule::{AT_ONCE, Due, Missed, PUNCTUAL, Schedule};
