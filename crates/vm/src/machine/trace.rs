//! The record of an evaluation: every expression that was evaluated and what came out, as a tree.

use hence_builtins::Fault;
use hence_ir::{LocalId, NodeId, Operation, Quantifier};
use hence_types::Value;

use super::{Failure, Machine, text};

/// So many elements of a list are recorded for a quantifier that none of them decides alone.
const ELEMENTS: usize = 10;

/// One evaluation of an expression.
#[derive(Debug, Clone)]
pub(crate) struct Record {
    /// The expression.
    pub(crate) node: NodeId,
    /// What came out.
    pub(crate) result: Result<Value, Fault>,
    /// The value as shown to people.
    pub(crate) shown: String,
    /// In the body of a quantifier: the place of the list's element, and that element as shown to people.
    pub(crate) element: Option<(usize, String)>,
    /// The evaluations of its operands, in order.
    pub(crate) children: Vec<Record>,
}

/// Records not yet attached: those finished at each level of nesting.
#[derive(Debug, Default)]
pub(crate) struct Trace {
    levels: Vec<Vec<Record>>,
}

impl Machine<'_> {
    /// Evaluates a condition and returns the record of it beside the result.
    pub(crate) fn recorded(&mut self, node: NodeId) -> (Result<bool, Failure>, Option<Record>) {
        self.trace = Some(Trace { levels: vec![Vec::new()] });
        let result = self.holds(node);
        let trace = self.trace.take().unwrap_or_default();
        (result, trace.levels.into_iter().next().and_then(|level| level.into_iter().next()))
    }

    #[inline(never)]
    pub(super) fn evaluate_traced(&mut self, id: NodeId) -> Result<Value, Box<Failure>> {
        if let Some(trace) = &mut self.trace {
            trace.levels.push(Vec::new());
        }
        let result = self.operation(id);
        let shown = match &result {
            Ok(value) => self.shown(id, value),
            Err(failure) => failure.to_string(),
        };
        let outcome = result.as_ref().map_err(|failure| failure.fault.clone()).cloned();
        let quantifier = self.node(id).and_then(|node| {
            if let Operation::Quantifier { quantifier, .. } = node.operation {
                Some(quantifier)
            } else {
                None
            }
        });
        let is_table = self.node(id).is_some_and(|node| matches!(node.operation, Operation::Table { .. }));
        if let Some(trace) = &mut self.trace {
            let mut children = trace.levels.pop().unwrap_or_default();
            if let Some(quantifier) = quantifier {
                keep_telling(&mut children, quantifier, &outcome);
            }
            if is_table {
                keep_rows(&mut children);
            }
            let record = Record { node: id, result: outcome, shown, element: None, children };
            if let Some(level) = trace.levels.last_mut() {
                level.push(record);
            }
        }
        result
    }

    /// Notes which element of a list the last evaluation was for.
    pub(super) fn trace_element(&mut self, local: LocalId, place: usize, element: &Value) {
        if self.trace.is_none() {
            return;
        }
        let shown = text::shown(element, self.is_sensitive_local(local));
        let level = self.trace.as_mut().and_then(|trace| trace.levels.last_mut());
        if let Some(record) = level.and_then(|level| level.last_mut()) {
            record.element = Some((place, shown));
        }
    }
}

/// Drops the records of rows that do not match: of a matching row, condition and result follow each other.
fn keep_rows(children: &mut Vec<Record>) {
    let mut is_result = false;
    children.retain(|record| {
        let holds = record.result.as_ref().ok().and_then(Value::as_bool) != Some(false);
        let keep = is_result || holds;
        is_result = !is_result && holds;
        keep
    });
}

/// Drops the records of elements that tell nothing: all but the deciding one, or all beyond the first few.
fn keep_telling(children: &mut Vec<Record>, quantifier: Quantifier, outcome: &Result<Value, Fault>) {
    let decided_by_last = match (quantifier, outcome) {
        (_, Err(_)) => true,
        (Quantifier::Any, Ok(value)) => value.as_bool() == Some(true),
        (Quantifier::All, Ok(value)) => value.as_bool() == Some(false),
        (Quantifier::First, Ok(value)) => !value.is_missing(),
        (
            Quantifier::Count
            | Quantifier::Sum
            | Quantifier::Min
            | Quantifier::Max
            | Quantifier::Average
            | Quantifier::Filter
            | Quantifier::Map,
            Ok(_),
        ) => false,
    };
    if decided_by_last {
        // The first child is the list.
        if children.len() > 2 {
            children.drain(1..children.len() - 1);
        }
    } else {
        children.truncate(1 + ELEMENTS);
    }
}
