//! What an operand is called, and whether its value may be shown.
//!
//! A value is sensitive if it was computed from a sensitive field. Truth values of comparisons are not: they
//! are what an explanation is for.

use std::cell::Cell;

use hence_builtins::BinaryOperator;
use hence_ir::{LocalId, NodeId, Operation, Quantifier, Segment, Step};
use hence_types::Value;

use super::{Machine, text};

/// Deeper expressions count as sensitive, as nobody looked.
const DEPTH: u32 = 128;

/// So do expressions of more parts, those of their variables counted wherever they are used.
const PARTS: u32 = 10_000;

/// How far the search may still go.
#[derive(Clone, Copy)]
struct Search<'s> {
    depth: u32,
    parts: &'s Cell<u32>,
}

impl Search<'_> {
    /// Takes a step deeper; nothing if that is too far.
    fn deeper(self) -> Option<Self> {
        let parts = self.parts.get().checked_sub(1)?;
        self.parts.set(parts);
        Some(Search { depth: self.depth.checked_sub(1)?, parts: self.parts })
    }
}

impl Machine<'_> {
    /// Returns the name of what an expression reads: `customer.email`.
    pub(super) fn role(&self, id: NodeId) -> Option<String> {
        let operation = &self.node(id)?.operation;
        if let Operation::Slot(slot) = operation {
            self.rule.plan.slots.get(slot.0 as usize).map(|slot| slot.source.to_string())
        } else if let Operation::Field { base, index: _, name } = operation {
            // INVARIANT: operands come before the node, so that a damaged program cannot lead in a circle.
            let base = if base.0 < id.0 { self.role(*base) } else { None };
            base.map(|base| format!("{base}.{name}"))
        } else {
            None
        }
    }

    /// Returns the value of an expression as shown to people.
    pub(super) fn shown(&mut self, id: NodeId, value: &Value) -> String {
        let sensitive = self.is_sensitive(id);
        text::shown(value, sensitive)
    }

    /// Returns whether the value of an expression is computed from a sensitive field, and so must not be shown.
    pub fn is_sensitive(&mut self, id: NodeId) -> bool {
        self.sensitive(id, Search { depth: DEPTH, parts: &Cell::new(PARTS) })
    }

    /// Returns whether a local holds what is computed from a sensitive field.
    pub(super) fn is_sensitive_local(&mut self, id: LocalId) -> bool {
        self.sensitive_local(id, Search { depth: DEPTH, parts: &Cell::new(PARTS) })
    }

    fn sensitive(&mut self, id: NodeId, search: Search<'_>) -> bool {
        let Some(search) = search.deeper() else { return true };
        let Some(node) = self.node(id) else { return true };
        let mut any = |nodes: &[NodeId]| nodes.iter().any(|node| self.sensitive(*node, search));
        match &node.operation {
            Operation::Constant(_)
            | Operation::Now
            | Operation::Today
            | Operation::And(..)
            | Operation::Or(..)
            | Operation::Not(_)
            | Operation::Between { .. }
            | Operation::InRange { .. }
            | Operation::Matches { .. }
            | Operation::Presence { .. }
            | Operation::IsEvent(_) => false,
            Operation::Slot(slot) => {
                self.rule.plan.slots.get(slot.0 as usize).is_none_or(|slot| slot.sensitive)
            }
            Operation::Local(local) => self.sensitive_local(*local, search),
            Operation::Field { base, index, name: _ } => {
                self.sensitive(*base, search) || self.sensitive_field(*base, *index)
            }
            Operation::Index { base, index } => any(&[*base, *index]),
            Operation::Negate(operand) | Operation::As { operand, ty: _ } => any(&[*operand]),
            Operation::Binary { operator, left, right, case: _ } => match operator {
                BinaryOperator::Equal
                | BinaryOperator::NotEqual
                | BinaryOperator::Less
                | BinaryOperator::LessOrEqual
                | BinaryOperator::Greater
                | BinaryOperator::GreaterOrEqual
                | BinaryOperator::In
                | BinaryOperator::Contains
                | BinaryOperator::StartsWith
                | BinaryOperator::EndsWith
                | BinaryOperator::WithinNext
                | BinaryOperator::WithinLast
                | BinaryOperator::OlderThan => false,
                BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Remainder => any(&[*left, *right]),
            },
            Operation::Groups { operand, pattern: _, shape: _ } => any(&[*operand]),
            Operation::External { function: _, file: _, arguments } => any(arguments),
            Operation::Default { operand, default } => any(&[*operand, *default]),
            Operation::If { condition: _, yes, no } => any(&[*yes, *no]),
            Operation::Match { subject: _, arms, missing, otherwise } => {
                let bodies: Vec<NodeId> =
                    arms.iter().map(|arm| arm.body).chain(*missing).chain(*otherwise).collect();
                any(&bodies)
            }
            Operation::Call { function: _, arguments } => any(arguments),
            Operation::Bind { local: _, value: _, body } => any(&[*body]),
            Operation::Quantifier { quantifier, list, body, .. } => match quantifier {
                Quantifier::Any | Quantifier::All | Quantifier::Count => false,
                Quantifier::First | Quantifier::Filter => any(&[*list]),
                Quantifier::Sum
                | Quantifier::Min
                | Quantifier::Max
                | Quantifier::Average
                | Quantifier::Map => any(&[*list, *body]),
            },
            Operation::Table { rows, every: _ } => {
                let results: Vec<NodeId> = rows.iter().map(|(_, result)| *result).collect();
                any(&results)
            }
            Operation::Text(segments) => segments.iter().any(|segment| match segment {
                Segment::Literal(_) => false,
                Segment::Value(node) => self.sensitive(*node, search),
            }),
            Operation::List(elements) => any(elements),
            Operation::Record { shape: _, fields } => any(fields),
        }
    }

    /// A local is as sensitive as what any step or expression puts into it.
    fn sensitive_local(&mut self, id: LocalId, search: Search<'_>) -> bool {
        let rule = self.rule;
        let mut steps = rule.then.iter().chain(rule.otherwise.iter().flatten());
        let set_by_step = steps.any(|step| {
            if let Step::Let { local, value, .. } = step {
                *local == id && self.sensitive(*value, search)
            } else if let Step::Each { list, element, .. } | Step::Batches { list, element, .. } = step {
                *element == id && search.deeper().is_none_or(|search| self.sensitive_local(*list, search))
            } else {
                false
            }
        });
        set_by_step
            || rule.code.nodes.iter().any(|node| {
                if let Operation::Bind { local, value, body: _ } = &node.operation {
                    *local == id && self.sensitive(*value, search)
                } else if let Operation::Quantifier { local, list, .. } = &node.operation {
                    *local == id && self.sensitive(*list, search)
                } else {
                    false
                }
            })
    }

    /// Which fields are sensitive, the record's shape tells, and only the value has it.
    fn sensitive_field(&mut self, base: NodeId, index: u32) -> bool {
        let trace = self.trace.take();
        let base = self.eval(base);
        self.trace = trace;
        if let Ok(Value::Record(record)) = base {
            record.shape.fields.get_index(index as usize).is_none_or(|(_, field)| field.sensitive)
        } else {
            false
        }
    }
}
