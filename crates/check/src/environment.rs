//! What is in scope at a place, and what is known there of values that may be missing.

use std::collections::BTreeSet;

use hence_diagnostics::Span;
use hence_syntax::ast::{Expression, ExpressionKind, NodeId};
use hence_types::Type;

use crate::facts::{Facts, Use};

/// A variable in scope.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Binding {
    pub(crate) name: String,
    pub(crate) node: NodeId,
    pub(crate) ty: Type,
    /// The place of the name where it is bound.
    pub(crate) span: Span,
}

/// Something that narrows: a field of the event or a variable, by its path.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    /// The variable, or nothing for the event.
    pub(crate) local: Option<u32>,
    /// The names of the fields.
    pub(crate) path: Vec<String>,
}

impl Place {
    /// Returns the place an expression names, if it names one. Facts of its parts must be known.
    pub(crate) fn of(expression: &Expression, facts: &Facts) -> Option<Place> {
        let expression = expression.ungrouped();
        if let ExpressionKind::Name(_) = &expression.kind {
            match facts.usage(expression.id)? {
                Use::Payload => Some(Place { local: None, path: Vec::new() }),
                Use::PayloadField(name) => Some(Place { local: None, path: vec![name.to_string()] }),
                Use::Local(node) => Some(Place { local: Some(node.0), path: Vec::new() }),
                Use::Envelope(_)
                | Use::Constant(_)
                | Use::Now
                | Use::Today
                | Use::Field(_)
                | Use::Function(_)
                | Use::Builtin(_)
                | Use::Quantifier(_)
                | Use::Action(_)
                | Use::IsEvent(_)
                | Use::IsVariant(_) => None,
            }
        } else if let ExpressionKind::Field { base, name, .. } = &expression.kind {
            if matches!(facts.usage(expression.id), Some(Use::Envelope(_))) {
                return None;
            }
            let mut place = Place::of(base, facts)?;
            place.path.push(name.text.clone());
            Some(place)
        } else {
            None
        }
    }
}

/// What is known after a condition held or did not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Knowledge {
    /// The value is there.
    Present(Place),
    /// The event is one of these triggers.
    Events(Vec<usize>),
    /// A pattern matched, and its groups have a name.
    Matched(Binding),
}

/// The scope at a place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Environment {
    pub(crate) bindings: Vec<Binding>,
    present: BTreeSet<Place>,
    /// Which triggers the event can be of; nothing where all are possible.
    pub(crate) events: Option<Vec<usize>>,
}

impl Environment {
    pub(crate) fn find(&self, name: &str) -> Option<&Binding> {
        self.bindings.iter().rev().find(|binding| binding.name == name)
    }

    pub(crate) fn is_present(&self, place: &Place) -> bool {
        self.present.contains(place)
    }

    /// Adds knowledge. That `a.b` is there says that `a` is there.
    pub(crate) fn learn(&mut self, knowledge: &[Knowledge]) {
        for known in knowledge {
            match known {
                Knowledge::Present(place) => {
                    let mut place = place.clone();
                    loop {
                        self.present.insert(place.clone());
                        if place.path.pop().is_none() {
                            break;
                        }
                    }
                }
                Knowledge::Matched(binding) => self.bindings.push(binding.clone()),
                Knowledge::Events(events) => {
                    let both = match &self.events {
                        Some(before) => {
                            before.iter().copied().filter(|event| events.contains(event)).collect()
                        }
                        None => events.clone(),
                    };
                    self.events = Some(both);
                }
            }
        }
    }
}
