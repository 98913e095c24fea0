//! Programs, rules and the slots they read.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_types::{Record, Type, Wire};

use crate::{Await, Code, NodeId, Pace, Step, Watch};

/// The place of a rule in [`Program::rules`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleId(pub u32);

/// Everything a project's rules compile to.
#[derive(Debug, Clone, Default)]
pub struct Program {
    /// The rules, by falling priority, then by name.
    pub rules: Vec<Rule>,
    /// The event types that rules are triggered by.
    pub events: Vec<EventType>,
}

/// An event type and the rules it starts.
#[derive(Debug, Clone)]
pub struct EventType {
    /// The full name, such as `shop.order.created`.
    pub name: Arc<str>,
    /// The type of the payload.
    pub payload: Arc<Record>,
    /// The rules that every event of this type starts, in the order they run. A rule with a [`Watch`] on the
    /// type is started by the events alone that are addressed to it.
    pub rules: Vec<RuleId>,
}

impl Program {
    /// Returns an event type by its full name, if any rule is triggered by it.
    pub fn event(&self, name: &str) -> Option<&EventType> {
        self.events.iter().find(|event| &*event.name == name)
    }

    /// Returns a rule by name.
    pub fn rule(&self, name: &str) -> Option<&Rule> {
        self.rules.iter().find(|rule| &*rule.name == name)
    }

    /// Returns the program of one rule alone, if there is one of this name.
    pub fn only(&self, name: &str) -> Option<Program> {
        let rule = self.rule(name)?.clone();
        let events = self.events.iter().filter(|event| rule.triggers.contains(&event.name)).cloned();
        let rules = |event: &EventType| match rule.starts_on(&event.name) {
            true => vec![RuleId(0)],
            false => Vec::new(),
        };
        let events = events.map(|event| EventType { rules: rules(&event), ..event }).collect();
        Some(Program { rules: vec![rule], events })
    }

    /// Returns a rule, if it is there.
    pub fn get(&self, id: RuleId) -> Option<&Rule> {
        self.rules.get(id.0 as usize)
    }
}

/// A rule.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The name: its identity.
    pub name: Arc<str>,
    /// The title for people, possibly empty.
    pub title: String,
    /// The documentation, possibly empty.
    pub doc: String,
    /// 1 to 10; higher runs first.
    pub priority: u8,
    /// The version: its [`fingerprint`](crate::fingerprint()).
    pub version: Arc<str>,
    /// The full names of the events that start it, one for each trigger.
    pub triggers: Vec<Arc<str>>,
    /// What is watched on its behalf, for those of its triggers that are more than an event.
    pub watches: Vec<Watch>,
    /// What it reads of the event.
    pub plan: Plan,
    /// Its expressions.
    pub code: Code,
    /// How many locals it has.
    pub locals: u32,
    /// The condition, if it has one.
    pub condition: Option<NodeId>,
    /// The steps if the condition holds.
    pub then: Vec<Step>,
    /// The steps if it does not.
    pub otherwise: Option<Vec<Step>>,
    /// What its header says beside the priority.
    pub header: Header,
    /// The place of the rule's name.
    pub span: Span,
}

impl Rule {
    /// Returns whether every event of a full name starts it.
    pub fn starts_on(&self, event: &str) -> bool {
        let mut triggers = (0..).zip(&self.triggers);
        triggers.any(|(trigger, name)| **name == *event && self.watch(trigger).is_none())
    }

    /// Returns what is watched for a trigger, an index into [`Rule::triggers`]; none of one that is just an event.
    pub fn watch(&self, trigger: u32) -> Option<&Watch> {
        self.watches.iter().find(|watch| watch.trigger == trigger)
    }

    /// Returns the zone the rule runs in; `project` is that of its project.
    pub fn zone<'a>(&'a self, project: &'a TimeZone) -> &'a TimeZone {
        self.header.zone.as_ref().unwrap_or(project)
    }
}

/// Header clauses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Header {
    /// Whether the rule is never run.
    pub disabled: bool,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Its zone, where it is not the project's.
    pub zone: Option<TimeZone>,
    /// The instant from which it runs.
    pub from: Option<Timestamp>,
    /// The instant from which it no longer runs.
    pub until: Option<Timestamp>,
    /// The events that end its executions, wherever they are.
    pub exits: Vec<Await>,
    /// How often it runs, and for whom.
    pub pace: Pace,
}

impl Header {
    /// Returns whether an instant lies in the window in which the rule runs.
    pub fn is_active(&self, at: Timestamp) -> bool {
        self.from.is_none_or(|from| from <= at) && self.until.is_none_or(|until| at < until)
    }
}

/// What a rule reads of the event, by slot. The same for all triggers of the rule, as the checker lets a rule
/// with several triggers name only fields that all have with one type.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// The slots.
    pub slots: Vec<Slot>,
}

/// One value read of the event.
#[derive(Debug, Clone)]
pub struct Slot {
    /// The names from the payload (`["customer", "email"]`); the empty path is the whole payload.
    pub source: Source,
    /// The declared type, possibly optional.
    pub ty: Type,
    /// How it is spelt.
    pub wire: Wire,
    /// Whether the value is to be masked wherever it is shown.
    pub sensitive: bool,
}

/// Where a slot's value comes from.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Source {
    /// A field of the payload by its path.
    Payload(Vec<Arc<str>>),
    /// The event's id.
    Id,
    /// The event's time.
    Time,
    /// The event's source: the id of the integration.
    Origin,
    /// The full name of the event.
    Name,
}
