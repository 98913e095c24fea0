//! Schedules that are never due.

use hence_diagnostics::{Code, Diagnostic};
use hence_schedule::Schedule;
use hence_syntax::ast::{Item, ItemKind, ScheduleTrigger, Times, TriggerKind};
use hence_types::jiff::Timestamp;

use crate::checker::Checker;

/// Where the search for a time begins: what is never due after it is never due.
const BEGIN: Timestamp = Timestamp::UNIX_EPOCH;

pub(super) fn check(item: &Item, checker: &mut Checker<'_>) {
    for (trigger, schedule) in schedules(item, checker) {
        if schedule.recurrence.next(BEGIN, schedule.zone(&checker.zone)).is_some() {
            continue;
        }
        let (span, label) = match &trigger.times {
            Times::Cron(_, span) => (*span, "no time fits"),
            Times::Every(every) => {
                (every.on.as_ref().map_or(every.place, |(_, span)| *span), "no such day comes")
            }
        };
        checker.report(Diagnostic::new(Code::NeverDue, span, "this is never due").label(label));
    }
}

/// Returns the schedules of a rule, as written and as understood.
pub(super) fn schedules<'i>(item: &'i Item, checker: &Checker<'_>) -> Vec<(&'i ScheduleTrigger, Schedule)> {
    let ItemKind::Rule(rule) = &item.kind else { return Vec::new() };
    if checker.facts.events.len() != rule.triggers.len() {
        return Vec::new();
    }
    let written = rule.triggers.iter().enumerate();
    let schedules = written.filter_map(|(place, trigger)| match &trigger.kind {
        TriggerKind::Schedule(written) => Some((written, checker.facts.schedules.get(&place)?.clone())),
        TriggerKind::Event(_)
        | TriggerKind::Field(_)
        | TriggerKind::Pattern(_)
        | TriggerKind::Date(_)
        | TriggerKind::Manual(_) => None,
    });
    schedules.collect()
}
