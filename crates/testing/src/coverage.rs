//! Which parts of conditions tests have seen true, false and undecided.
//!
//! An atom is a part of a rule's condition that is not made of others by `and`, `or` and `not`. A call of a
//! function is one atom, whatever stands in the function.

use std::collections::BTreeMap;
use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_ir::Rule;
use hence_project::Project;
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, ItemKind, UnaryOperator};
use hence_vm::{Outcome, Part, Slots};

use crate::Report;

/// What tests have seen of a part of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Seen {
    /// Whether it held.
    pub held: bool,
    /// Whether it did not.
    pub failed: bool,
    /// Whether it had no answer, as a value was missing or it faulted.
    pub undecided: bool,
}

impl Seen {
    /// Returns whether it was seen true and seen false.
    pub fn is_covered(self) -> bool {
        self.held && self.failed
    }
}

/// A part of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Atom {
    /// The place.
    pub span: Span,
    /// What was seen.
    pub seen: Seen,
}

/// A rule and the parts of its condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleCoverage {
    /// The name.
    pub rule: String,
    /// The place of the name.
    pub span: Span,
    /// The parts, in the order they are written.
    pub atoms: Vec<Atom>,
}

/// What came out of a part of a condition for one event.
#[derive(Debug, Clone)]
pub(crate) struct Observation {
    rule: Arc<str>,
    span: Span,
    seen: Seen,
}

/// What all tests together have seen.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// The rules with a condition, in the order of the files.
    pub rules: Vec<RuleCoverage>,
}

impl Coverage {
    /// Returns the coverage of a project by no tests at all.
    pub fn new(project: &Project) -> Self {
        let items = project.files.iter().flat_map(|file| &file.items);
        let rules = items.filter_map(|item| {
            let ItemKind::Rule(rule) = &item.kind else { return None };
            let mut atoms = Vec::new();
            split(rule.condition.as_ref()?, &mut atoms);
            Some(RuleCoverage { rule: rule.name.text.clone(), span: rule.name.span, atoms })
        });
        Self { rules: rules.collect() }
    }

    /// Adds what a test has seen.
    pub fn add(&mut self, report: &Report) {
        let places: BTreeMap<String, usize> =
            self.rules.iter().enumerate().map(|(place, rule)| (rule.rule.clone(), place)).collect();
        for observation in &report.observations {
            let rule = places.get(&*observation.rule).and_then(|place| self.rules.get_mut(*place));
            let atoms = rule.into_iter().flat_map(|rule| &mut rule.atoms);
            for atom in atoms.filter(|atom| atom.span == observation.span) {
                atom.seen.held |= observation.seen.held;
                atom.seen.failed |= observation.seen.failed;
                atom.seen.undecided |= observation.seen.undecided;
            }
        }
    }

    /// Returns how many atoms there are, and how many of them were seen true and seen false.
    pub fn count(&self) -> (usize, usize) {
        let atoms = || self.rules.iter().flat_map(|rule| &rule.atoms);
        (atoms().count(), atoms().filter(|atom| atom.seen.is_covered()).count())
    }
}

fn split(condition: &Expression, atoms: &mut Vec<Atom>) {
    let condition = condition.ungrouped();
    if let ExpressionKind::Binary {
        operator: BinaryOperator::And | BinaryOperator::Or, left, right, ..
    } = &condition.kind
    {
        split(left, atoms);
        split(right, atoms);
    } else if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &condition.kind {
        split(operand, atoms);
    } else {
        atoms.push(Atom { span: condition.span, seen: Seen::default() });
    }
}

/// Returns a context of the project as it is for a rule, which may have a time zone of its own.
pub(crate) fn of_rule(rule: &Rule, context: &Context) -> Context {
    Context { now: context.now, zone: rule.zone(&context.zone).clone() }
}

/// Evaluates a rule's condition once more and returns what came out of its parts. The context is the project's.
pub(crate) fn observe(rule: &Rule, slots: &Slots, context: &Context) -> Vec<Observation> {
    let mut observations = Vec::new();
    if let Some(part) = hence_vm::parts(rule, slots, &of_rule(rule, context)) {
        collect(rule, &part, &mut observations);
    }
    observations
}

fn collect(rule: &Rule, part: &Part, observations: &mut Vec<Observation>) {
    let seen = match &part.outcome {
        Outcome::Truth(true) => Seen { held: true, ..Seen::default() },
        Outcome::Truth(false) => Seen { failed: true, ..Seen::default() },
        Outcome::Missing | Outcome::Fault(_) => Seen { undecided: true, ..Seen::default() },
        Outcome::Value(_) | Outcome::NotEvaluated => Seen::default(),
    };
    if seen != Seen::default() {
        observations.push(Observation { rule: Arc::clone(&rule.name), span: part.span, seen });
    }
    for child in &part.children {
        collect(rule, child, observations);
    }
}
