//! The printed form of triggers.

use super::Node;
use crate::ast::{DayName, DayOfMonth, On, Period, ScheduleTrigger, Times, Trigger, TriggerKind};

pub(super) fn node(trigger: &Trigger) -> Node {
    let node = match &trigger.kind {
        TriggerKind::Event(path) => Node::new("when").path(path),
        TriggerKind::Schedule(trigger) => Node::new("when").part(schedule(trigger)),
    };
    match &trigger.alias {
        Some(alias) => node.word("as").word(&alias.text),
        None => node,
    }
}

fn schedule(trigger: &ScheduleTrigger) -> Node {
    let node = match &trigger.times {
        Times::Cron(pattern, _) => Node::new("cron").quoted(pattern),
        Times::Every(every) => {
            let node = Node::new("every");
            let node = match &every.period {
                Period::Length(count, unit) => node.word(count).word(&format!("{unit:?}").to_lowercase()),
                Period::Days(days) => names(node, days.iter().map(|(name, _)| *name)),
            };
            let node = node.parts(every.on.iter().map(|(on, _)| match on {
                On::DaysOfWeek(days) => names(Node::new("on"), days.iter().map(|(name, _)| *name)),
                On::DaysOfMonth(days) => Node::new("on").parts(days.iter().map(day_of_month)),
            }));
            let node = node.parts(every.at.iter().map(|(time, _)| Node::new("at").word(time)));
            node.parts(every.from.iter().map(|(date, _)| Node::new("from").word(date)))
        }
    };
    let node = node.parts(trigger.zone.iter().map(|(zone, _)| Node::new("in").quoted(zone)));
    node.parts(trigger.missed.iter().map(|(word, _)| Node::new("missed").word(word)))
}

fn names(node: Node, days: impl Iterator<Item = DayName>) -> Node {
    days.fold(node, |node, name| node.word(name.as_str()))
}

fn day_of_month(day: &DayOfMonth) -> Node {
    let node = Node::new("day").word(day.number.as_deref().unwrap_or("last"));
    names(node, day.name.into_iter())
}
