//! The printed form of triggers.

use super::{Node, expression};
use crate::ast::{
    DayName, DayOfMonth, FieldChange, On, PatternRest, Period, ScheduleTrigger, Times, Trigger, TriggerKind,
};

pub(super) fn node(trigger: &Trigger) -> Node {
    let node = match &trigger.kind {
        TriggerKind::Event(path) => Node::new("when").path(path),
        TriggerKind::Schedule(trigger) => Node::new("when").part(schedule(trigger)),
        TriggerKind::Field(trigger) => {
            let node = Node::new("when").path(&trigger.field);
            match &trigger.change {
                FieldChange::Changes { from, to, stay } => {
                    let parts = [("from", from), ("to", to), ("for", stay)].into_iter();
                    let parts = parts.filter_map(|(word, value)| {
                        value.as_ref().map(|value| Node::new(word).part(expression(value)))
                    });
                    node.word("changes").parts(parts)
                }
                FieldChange::FallsBelow(level) => node.word("falls-below").part(expression(level)),
                FieldChange::RisesAbove(level) => node.word("rises-above").part(expression(level)),
            }
        }
        TriggerKind::Pattern(trigger) => {
            let node = Node::new("when").path(&trigger.first);
            let node = match &trigger.rest {
                PatternRest::Without(second) => node.part(Node::new("without").path(second)),
                PatternRest::Times(digits, _) => node.part(Node::new("times").word(digits)),
                PatternRest::FollowedBy { first, second } => {
                    let followed = Node::new("followed-by").path(second);
                    node.part(match first {
                        Some(name) => followed.word("first").word(&name.text),
                        None => followed,
                    })
                }
            };
            let by = Node::new("by").path(&trigger.key);
            let by = trigger.second_key.iter().fold(by, |by, key| by.path(key));
            node.part(Node::new("within").part(expression(&trigger.within))).part(by)
        }
        TriggerKind::Date(trigger) => {
            let word = if trigger.before { "before" } else { "after" };
            let node = Node::new("when")
                .part(Node::new(word).part(expression(&trigger.length)).path(&trigger.field));
            let node = node.parts(trigger.at.iter().map(|(time, _)| Node::new("at").word(time)));
            node.parts(trigger.zone.iter().map(|(zone, _)| Node::new("in").quoted(zone)))
        }
        TriggerKind::Manual(parameters) => {
            Node::new("when").word("manual").parts(parameters.iter().map(super::parameter))
        }
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
