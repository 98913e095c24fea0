//! Why a rule matched an event or did not.
//!
//! [`explain`](explain()) evaluates the condition once more and keeps what came out of every part of it. As
//! evaluation is a function of recorded inputs, explanations are made when somebody asks and cost nothing
//! before. The source texts of the parts are looked up only when an explanation is shown, by a closure from
//! [`Span`] to text, so that nothing here needs sources: [`Explanation::render`] for people,
//! [`Explanation::to_json`] for programs.

mod flip;
mod json;
mod render;
mod step;
mod tree;

use std::sync::Arc;

use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_ir::{NodeId, Operation, Rule, SlotId};

use crate::{Failure, Machine, Mismatch, Slots};
pub use flip::Flip;
pub use render::Marks;
pub(crate) use render::shortened;

/// Why a rule matched an event or did not.
#[derive(Debug, Clone)]
pub struct Explanation {
    /// The rule's name.
    pub rule: Arc<str>,
    /// The full name of the event.
    pub event: Arc<str>,
    /// The event's id.
    pub id: Arc<str>,
    /// What came out.
    pub verdict: Verdict,
    /// The condition, part by part; nothing for a rule without one.
    pub condition: Option<Part>,
    /// Values the condition reads that are not what the schema says.
    pub mismatches: Vec<Mismatch>,
    /// Single changes of the event that would turn the verdict round, each of them tried.
    pub flips: Vec<Flip>,
}

/// What came out of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It held.
    Matched,
    /// It did not.
    NotMatched,
    /// It could not be evaluated.
    Undecided(Failure),
}

/// A part of a condition.
#[derive(Debug, Clone)]
pub struct Part {
    /// The expression.
    pub node: NodeId,
    /// Its source text.
    pub span: Span,
    /// What came out.
    pub outcome: Outcome,
    /// Whether it is a condition: something that holds or not.
    pub is_condition: bool,
    /// Whether it is the same for every event, such as a literal.
    pub is_constant: bool,
    /// Whether the verdict rests on it.
    pub decided: bool,
    /// In the body of `any` and its kind: the place of the list's element (from 0), and that element as shown.
    pub element: Option<(usize, String)>,
    /// Its own parts. Those of `a and b and c` are three, and `not` around one operator is no part of its own.
    pub children: Vec<Part>,
}

/// What came out of a part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It holds or does not.
    Truth(bool),
    /// A value, as shown to people; sensitive ones as `***`.
    Value(String),
    /// There is no value.
    Missing,
    /// It failed, or a part of it did. The words say why.
    Fault(String),
    /// It was not evaluated, as the verdict did not need it any more.
    NotEvaluated,
}

/// Explains what a rule's condition came to for one event.
pub fn explain(rule: &Rule, slots: &Slots, context: &Context) -> Explanation {
    let mut explanation = Explanation {
        rule: Arc::clone(&rule.name),
        event: Arc::clone(&slots.event),
        id: Arc::clone(&slots.id),
        verdict: Verdict::Matched,
        condition: None,
        mismatches: Vec::new(),
        flips: Vec::new(),
    };
    let Some(condition) = rule.condition else { return explanation };
    let mut locals = Vec::new();
    let (result, record) = Machine::new(rule, slots, &mut locals, context).recorded(condition);
    explanation.condition = record.map(|record| tree::part(rule, &record));
    explanation.verdict = match result {
        Ok(true) => Verdict::Matched,
        Ok(false) => Verdict::NotMatched,
        Err(failure) => Verdict::Undecided(failure),
    };
    let read = slots_read(rule, condition);
    explanation.mismatches = slots
        .mismatches
        .iter()
        .filter(|mismatch| mismatch.slot.is_none_or(|slot| read.contains(&slot)))
        .cloned()
        .collect();
    explanation.flips = match explanation.verdict {
        Verdict::Matched => flip::flips(rule, slots, context, condition, &read, true),
        Verdict::NotMatched => flip::flips(rule, slots, context, condition, &read, false),
        Verdict::Undecided(_) => Vec::new(),
    };
    explanation
}

/// Evaluates a rule's condition part by part, without looking for what would turn it round; nothing for a rule
/// without one.
pub fn parts(rule: &Rule, slots: &Slots, context: &Context) -> Option<Part> {
    let mut locals = Vec::new();
    let (_, record) = Machine::new(rule, slots, &mut locals, context).recorded(rule.condition?);
    record.map(|record| tree::part(rule, &record))
}

/// Returns the slots that an expression reads, each once.
fn slots_read(rule: &Rule, root: NodeId) -> Vec<SlotId> {
    let mut slots = Vec::new();
    let mut seen = vec![false; rule.code.nodes.len()];
    let mut open = vec![root];
    while let Some(id) = open.pop() {
        let Some(seen) = seen.get_mut(id.0 as usize) else { continue };
        if std::mem::replace(seen, true) {
            continue;
        }
        let Some(node) = rule.code.node(id) else { continue };
        if let Operation::Slot(slot) = node.operation
            && !slots.contains(&slot)
        {
            slots.push(slot);
        }
        open.extend(node.operation.operands());
    }
    slots
}

#[cfg(test)]
mod tests;
