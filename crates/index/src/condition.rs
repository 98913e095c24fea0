//! Conditions as the index sees them: tests of attributes against constants under `and`, `or`, `not` and `any`, and
//! the rest, of which only what can make it fail is known.
//!
//! INVARIANT: a condition means what the expression means that it is made of: the same answer, or no answer where
//! that has none. In particular the order of operands is kept, as an operand that fails hides those after it.

use hence_types::{Text, Value};

use crate::attribute::AttributeId;

/// A condition.
#[derive(Debug, Clone)]
pub(crate) enum Condition {
    Constant(bool),
    /// All of them, asked in this order up to the first that does not hold.
    And(Vec<Condition>),
    /// One of them, asked in this order up to the first that holds.
    Or(Vec<Condition>),
    Not(Box<Condition>),
    Test(Test),
    /// Whether the body holds for one element of a list. The body asks about attributes of elements.
    Any {
        list: AttributeId,
        body: Box<Condition>,
    },
    /// Whether the body holds for all elements.
    All {
        list: AttributeId,
        body: Box<Condition>,
    },
    /// Something only the interpreter answers.
    Opaque(Faults),
}

/// A test of an attribute.
#[derive(Debug, Clone)]
pub(crate) struct Test {
    pub(crate) attribute: AttributeId,
    pub(crate) kind: TestKind,
    /// The answer where the attribute is missing.
    pub(crate) missing: Answer,
}

/// An answer of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    True,
    False,
    /// None: the evaluation fails.
    Fault,
}

/// What is asked of a value that is there. Of several values of an attribute one must pass.
#[derive(Debug, Clone)]
pub(crate) enum TestKind {
    /// It equals one of these.
    Equal(Vec<Value>),
    /// It lies above a bound.
    Above { bound: Value, included: bool },
    /// It lies below a bound.
    Below { bound: Value, included: bool },
    /// The text begins, ends, or has this inside.
    Text(Part, Text),
    /// It is there.
    Present,
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    Start,
    End,
    Inside,
}

/// What can make an expression fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Faults {
    /// Only that one of these attributes is missing.
    Missing(Vec<AttributeId>),
    /// Values too.
    Any,
}

impl Faults {
    pub(crate) const NONE: Faults = Faults::Missing(Vec::new());

    /// Returns what can make one of two expressions fail.
    pub(crate) fn or(self, other: Faults) -> Faults {
        match (self, other) {
            (Faults::Missing(mut attributes), Faults::Missing(more)) => {
                for attribute in more {
                    if !attributes.contains(&attribute) {
                        attributes.push(attribute);
                    }
                }
                Faults::Missing(attributes)
            }
            (Faults::Any, Faults::Missing(_) | Faults::Any) | (Faults::Missing(_), Faults::Any) => {
                Faults::Any
            }
        }
    }
}

impl Answer {
    pub(crate) fn of(truth: bool) -> Answer {
        if truth { Answer::True } else { Answer::False }
    }
}

impl Condition {
    /// Returns what can make it fail.
    pub(crate) fn faults(&self) -> Faults {
        match self {
            Condition::Constant(_) => Faults::NONE,
            Condition::And(parts) | Condition::Or(parts) => {
                parts.iter().fold(Faults::NONE, |faults, part| faults.or(part.faults()))
            }
            Condition::Not(part) => part.faults(),
            Condition::Test(test) => match test.missing {
                Answer::Fault => Faults::Missing(vec![test.attribute]),
                Answer::True | Answer::False => Faults::NONE,
            },
            Condition::Any { list, body } | Condition::All { list, body } => {
                Faults::Missing(vec![*list]).or(body.faults())
            }
            Condition::Opaque(faults) => faults.clone(),
        }
    }

    /// Adds the attributes that are there for certain if the condition comes to an answer.
    pub(crate) fn present_if(&self, answer: bool, known: &mut Vec<AttributeId>) {
        match self {
            Condition::Test(test) if test.missing != Answer::of(answer) => known.push(test.attribute),
            Condition::Not(part) => part.present_if(!answer, known),
            Condition::And(parts) if answer => parts.iter().for_each(|part| part.present_if(true, known)),
            Condition::Or(parts) if !answer => parts.iter().for_each(|part| part.present_if(false, known)),
            Condition::Any { list, .. } | Condition::All { list, .. } => known.push(*list),
            Condition::Test(_)
            | Condition::And(_)
            | Condition::Or(_)
            | Condition::Constant(_)
            | Condition::Opaque(_) => {}
        }
    }

    /// Calls back with every test.
    pub(crate) fn visit(&self, visit: &mut dyn FnMut(&Test)) {
        match self {
            Condition::Test(test) => visit(test),
            Condition::And(parts) | Condition::Or(parts) => parts.iter().for_each(|part| part.visit(visit)),
            Condition::Not(part)
            | Condition::Any { list: _, body: part }
            | Condition::All { list: _, body: part } => {
                part.visit(visit);
            }
            Condition::Constant(_) | Condition::Opaque(_) => {}
        }
    }
}
