//! How a rule is filed, for its author: under which keys, which parts of its condition could have been keys, and why
//! the others could not.

use std::fmt;
use std::sync::Arc;

use hence_ir::{NodeId, Operation, Rule, RuleId};

use crate::attribute::{Attribute, Step};
use crate::condition::{Answer, Condition, Faults, Part as TextPart, TestKind};
use crate::cover::cover;
use crate::index::{COMMON, Index, Place};
use crate::lower::Lowering;

/// How a rule is filed.
#[derive(Debug, Clone, PartialEq)]
pub struct Filing {
    /// What an event must have for the rule to be looked at, one of them, such as `status == "paid"`. Where there are
    /// none, every event has the rule looked at.
    pub keys: Vec<String>,
    /// Whether the rule is looked at always because it says what to do if its condition does not hold.
    pub has_otherwise: bool,
    /// The parts of its condition that all must hold.
    pub parts: Vec<Part>,
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The expression.
    pub node: NodeId,
    /// What it is to the index.
    pub selects: Selects,
}

/// Whether a part of a condition tells by which events it may hold.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Selects {
    /// It does, for this share of all events as far as can be told from rules and types.
    Share(f64),
    /// It does not.
    Nothing(Reason),
}

/// Why a part of a condition cannot be a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// It is no test of a field against a constant of the same type and currency.
    Computed,
    /// It says what an event must not have.
    Negated,
    /// It is the same for all events.
    Constant,
    /// Nearly every event has it.
    Common,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Reason; 4] = [Reason::Computed, Reason::Negated, Reason::Constant, Reason::Common];

    /// Returns a word for it, for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Reason::Computed => "computed",
            Reason::Negated => "negated",
            Reason::Constant => "constant",
            Reason::Common => "common",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Reason::Computed => "it is no test that can be looked up: one of a field against a constant of the same type and currency",
            Reason::Negated => {
                "it says what an event must not have, and nearly every event has something else"
            }
            Reason::Constant => "it is the same for every event",
            Reason::Common => "nearly every event has it",
        })
    }
}

impl Index {
    /// Returns how a rule is filed that was added under this number.
    pub fn filing(&self, id: RuleId, rule: &Rule) -> Option<Filing> {
        let (record, mapping) = (self.record(id)?, self.mapping(id)?);
        let mut keys: Vec<String> = record.places().iter().filter_map(|place| self.key(place)).collect();
        let mut seen = Vec::new();
        keys.retain(|key| {
            let is_new = !seen.contains(key);
            seen.push(key.clone());
            is_new
        });
        // What is looked at may have attributes that the index has not numbered: they are numbered in a copy.
        let mut copy = self.clone();
        let mut nodes = Vec::new();
        conjuncts(rule, rule.condition, &mut nodes);
        let parts = nodes.into_iter().map(|node| {
            let (projection, event) = (Arc::clone(&copy.projection), Arc::clone(&copy.event));
            let mut number = |attribute: Attribute| copy.number(attribute);
            let condition = Lowering::new(rule, &event, &projection, mapping, &mut number).condition(node);
            let selects = match cover(&condition, &copy) {
                Some(cover) if cover.share < COMMON => Selects::Share(cover.share),
                Some(_) => Selects::Nothing(Reason::Common),
                None => Selects::Nothing(reason(&condition, false)),
            };
            Part { node, selects }
        });
        let parts = parts.collect();
        Some(Filing { keys, has_otherwise: rule.otherwise.is_some(), parts })
    }

    /// Returns a key in words; nothing for a rule that is looked at always.
    fn key(&self, place: &Place) -> Option<String> {
        let name = |attribute: u16| {
            let column = self.columns.get(attribute as usize)?;
            Some(self.name_of(&column.attribute))
        };
        Some(match place {
            Place::Always => return None,
            Place::Equal(attribute, value) => format!("{} == {value}", name(*attribute)?),
            Place::Pair(first, second) => {
                let (first, second) = (name((first >> 32) as u16)?, name((second >> 32) as u16)?);
                format!("{first} and {second} of certain values")
            }
            Place::Range(attribute, Some(_), Some(_)) => format!("{} between two bounds", name(*attribute)?),
            Place::Range(attribute, Some(_), None) => format!("{} above a bound", name(*attribute)?),
            Place::Range(attribute, None, _) => format!("{} below a bound", name(*attribute)?),
            Place::Text(attribute, part, text) => {
                let operator = match part {
                    TextPart::Start => "starts with",
                    TextPart::End => "ends with",
                    TextPart::Inside => "contains",
                };
                format!("{} {operator} {:?}", name(*attribute)?, text.as_str())
            }
            Place::Present(attribute) => format!("{} is present", name(*attribute)?),
            Place::Missing(attribute) => format!("{} is missing", name(*attribute)?),
        })
    }

    fn name_of(&self, attribute: &Attribute) -> String {
        let mut name = self.projection.source(attribute.read).map(ToString::to_string).unwrap_or_default();
        for step in &attribute.path {
            match step {
                Step::Field(field) => {
                    name.push('.');
                    name.push_str(field);
                }
                Step::Each => name.push_str("[]"),
            }
        }
        if attribute.folded {
            name.push_str(" ignoring case");
        }
        name
    }
}

/// Collects the parts of a condition that all must hold.
fn conjuncts(rule: &Rule, node: Option<NodeId>, nodes: &mut Vec<NodeId>) {
    let mut open: Vec<NodeId> = node.into_iter().collect();
    while let Some(id) = open.pop() {
        // Bundles are data: a condition that leads in a circle ends here.
        if nodes.len() > rule.code.nodes.len() {
            return;
        }
        match rule.code.node(id).map(|node| &node.operation) {
            Some(Operation::And(left, right)) if left.0 < id.0 && right.0 < id.0 => {
                open.extend([*right, *left]);
            }
            Some(_) => nodes.push(id),
            None => {}
        }
    }
}

/// Why there are no keys of which one hits whenever a condition does not come to an answer.
fn reason(condition: &Condition, answer: bool) -> Reason {
    match condition {
        Condition::Constant(_) => Reason::Constant,
        Condition::Not(part) => reason(part, !answer),
        Condition::Test(test) => match (&test.kind, answer) {
            (TestKind::Present, _) => Reason::Common,
            (TestKind::Equal(_) | TestKind::Text(..), true) => Reason::Negated,
            (TestKind::Equal(_) | TestKind::Text(..), false) if test.missing == Answer::True => {
                Reason::Negated
            }
            (
                TestKind::Equal(_) | TestKind::Text(..) | TestKind::Above { .. } | TestKind::Below { .. },
                _,
            ) => Reason::Common,
        },
        Condition::And(parts) | Condition::Or(parts) => {
            let reasons = parts.iter().map(|part| reason(part, answer));
            // What can be changed is told first.
            let rank = |reason: &Reason| Reason::ALL.iter().position(|own| own == reason);
            reasons.min_by_key(rank).unwrap_or(Reason::Constant)
        }
        Condition::Any { list: _, body } => reason(body, answer),
        Condition::All { .. } if !answer => Reason::Negated,
        Condition::All { list: _, body } => reason(body, answer),
        Condition::Opaque(Faults::Any | Faults::Missing(_)) => Reason::Computed,
    }
}
