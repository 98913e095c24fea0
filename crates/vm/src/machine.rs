//! The interpreter: the reference meaning of the IR.
//!
//! Operators and functions mean what `hence-builtins` says; this module decides what is evaluated, in which
//! order, and what absence does where no operator is involved: fields and elements of what is missing are
//! missing, and wherever else a value is needed, a missing one is [`Fault::Missing`].
//!
//! IR is data that may come from a file, so nothing here trusts it: a number that leads nowhere and nesting
//! beyond [`DEPTH`] are faults.

mod expression;
mod quantifier;
mod sensitivity;
mod text;
mod trace;

use std::fmt;

use hence_builtins::{Context, Fault};
use hence_diagnostics::Span;
use hence_ir::{LocalId, Node, NodeId, Rule};
use hence_types::Value;

use crate::Slots;
use crate::explain::shortened;
pub(crate) use text::MASK;
pub(crate) use trace::{Record, Trace};

/// Expressions nested deeper are a fault. Sources nest up to 64 levels, and calls of functions add theirs.
const DEPTH: u32 = 512;

/// Why an evaluation came to no value: what, where, and with which values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What went wrong.
    pub fault: Fault,
    /// The source text of the expression that failed; for a missing value that of the value.
    pub span: Span,
    /// The operands: what each is (the path of a field, or its role such as `left`), and its value as shown
    /// to people, sensitive ones masked.
    pub values: Vec<(String, String)>,
}

impl Failure {
    /// Returns what went wrong and with which values, on one line without a place.
    pub fn with_values(&self) -> String {
        format!("{}{}", self.fault, self.where_clause())
    }

    /// Returns `, where total is 10.00 EUR, right is 0`; nothing where no values are known.
    pub(crate) fn where_clause(&self) -> String {
        let mut clause = String::new();
        for (name, value) in &self.values {
            let before = if clause.is_empty() { ", where" } else { "," };
            clause.push_str(&format!("{before} {name} is {}", shortened(value)));
        }
        clause
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.fault.fmt(f)
    }
}

impl std::error::Error for Failure {}

/// Evaluates a rule's condition. A rule without one always holds.
pub fn verdict(rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure> {
    let Some(condition) = rule.condition else { return Ok(true) };
    let mut locals = Vec::new();
    Machine::new(rule, slots, &mut locals, context).holds(condition)
}

/// Evaluates expressions of one rule over one event.
pub struct Machine<'a> {
    rule: &'a Rule,
    slots: &'a Slots,
    locals: &'a mut Vec<Value>,
    context: &'a Context,
    depth: u32,
    trace: Option<Trace>,
}

impl<'a> Machine<'a> {
    /// Returns a machine. `locals` are the rule's variables by number; those never set are missing.
    pub fn new(rule: &'a Rule, slots: &'a Slots, locals: &'a mut Vec<Value>, context: &'a Context) -> Self {
        Machine { rule, slots, locals, context, depth: 0, trace: None }
    }

    /// Evaluates an expression. The result may be [`Value::Missing`].
    pub fn evaluate(&mut self, node: NodeId) -> Result<Value, Failure> {
        self.eval(node).map_err(|failure| *failure)
    }

    /// Evaluates a condition.
    pub fn holds(&mut self, node: NodeId) -> Result<bool, Failure> {
        self.truth(node).map_err(|failure| *failure)
    }

    /// Evaluates an expression, as it is evaluated inside of others. Failures are boxed as every level of
    /// nesting has room for one on the stack.
    fn eval(&mut self, node: NodeId) -> Result<Value, Box<Failure>> {
        if self.depth >= DEPTH {
            return Err(self.internal(node, "nesting"));
        }
        self.depth += 1;
        let result = if self.trace.is_some() { self.evaluate_traced(node) } else { self.operation(node) };
        self.depth -= 1;
        result
    }

    fn truth(&mut self, node: NodeId) -> Result<bool, Box<Failure>> {
        let value = self.required(node)?;
        value.as_bool().ok_or_else(|| self.internal(node, "condition"))
    }

    /// Evaluates an expression whose value is needed.
    fn required(&mut self, node: NodeId) -> Result<Value, Box<Failure>> {
        let value = self.eval(node)?;
        if value.is_missing() { Err(self.missing(node)) } else { Ok(value) }
    }

    fn node(&self, id: NodeId) -> Option<&'a Node> {
        self.rule.code.node(id)
    }

    fn span(&self, id: NodeId) -> Span {
        self.node(id).map_or(self.rule.span, |node| node.span)
    }

    fn local(&self, id: LocalId) -> Option<Value> {
        (id.0 < self.rule.locals).then(|| self.locals.get(id.0 as usize).cloned().unwrap_or(Value::Missing))
    }

    /// Sets a local and returns what it was, or nothing if the rule has no such local.
    fn set_local(&mut self, id: LocalId, value: Value) -> Option<Value> {
        if id.0 >= self.rule.locals {
            return None;
        }
        let place = id.0 as usize;
        if self.locals.len() <= place {
            self.locals.resize(place + 1, Value::Missing);
        }
        self.locals.get_mut(place).map(|local| std::mem::replace(local, value))
    }

    fn internal(&self, node: NodeId, operation: &'static str) -> Box<Failure> {
        Box::new(Failure { fault: Fault::Internal { operation }, span: self.span(node), values: Vec::new() })
    }

    fn missing(&self, node: NodeId) -> Box<Failure> {
        let values = self.role(node).map(|path| (path, "missing".to_owned()));
        let values = values.into_iter().collect();
        Box::new(Failure { fault: Fault::Missing, span: self.span(node), values })
    }
}

#[cfg(test)]
mod tests;
