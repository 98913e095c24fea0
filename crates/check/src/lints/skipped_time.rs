//! Times of day that do not exist on some day, as the clock of the zone is put forward.

use hence_diagnostics::{Code, Diagnostic};
use hence_schedule::{Recurrence, gaps};
use hence_syntax::ast::{Item, Times};
use hence_types::jiff::Timestamp;
use hence_types::jiff::civil::Time;

use super::never_due::schedules;
use crate::checker::Checker;

/// From when on gaps are looked for, and how many: fixed, so that a text is judged the same on every day.
const BEGIN: Timestamp = Timestamp::constant(1_767_225_600, 0);
const GAPS: usize = 20;

pub(super) fn check(item: &Item, checker: &mut Checker<'_>) {
    for (trigger, schedule) in schedules(item, checker) {
        let (Times::Every(every), Recurrence::Calendar(calendar)) = (&trigger.times, &schedule.recurrence)
        else {
            continue;
        };
        let zone = schedule.zone(&checker.zone).clone();
        for (text, span) in &every.at {
            let Ok(time) = text.parse::<Time>() else { continue };
            let gap = gaps(&zone, BEGIN).take(GAPS).find(|gap| {
                let skipped = gap.from.date().to_datetime(time);
                gap.from <= skipped && skipped < gap.to && calendar.is_on(gap.from.date())
            });
            let Some(gap) = gap else { continue };
            let (day, name) = (gap.from.date(), zone.iana_name().unwrap_or("UTC"));
            let message = format!("there is no {text} in `{name}` on {day}");
            let label =
                format!("the clock goes from {} to {}", gap.from.strftime("%H:%M"), gap.to.strftime("%H:%M"));
            let help = format!("it is due at {} on that day", gap.to.strftime("%H:%M"));
            checker.report(Diagnostic::new(Code::SkippedTime, *span, message).label(label).help(help));
        }
    }
}
