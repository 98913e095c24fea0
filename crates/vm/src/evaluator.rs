//! Who evaluates conditions: the interpreter, or something that answers as it does, sooner.

use std::fmt;
use std::sync::{Arc, OnceLock};

use hence_builtins::Context;
use hence_ir::{Program, Rule, RuleId};

use crate::{Failure, Predicate, Slots, verdict};

/// Evaluates the conditions of programs.
pub trait Evaluator: fmt::Debug + Send + Sync {
    /// Makes a program ready. What is kept of it goes when the result is dropped.
    fn load(&self, program: &Arc<Program>) -> Box<dyn Conditions>;
}

/// The conditions of a program.
pub trait Conditions: fmt::Debug + Send + Sync {
    /// Evaluates the condition of a rule of the program, as [`verdict`](crate::verdict()) does.
    ///
    /// # Errors
    ///
    /// The failure of the evaluation.
    fn verdict(&self, id: RuleId, rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure>;

    /// Returns in which tiers the conditions are at the moment.
    fn tiers(&self) -> InTiers {
        InTiers::default()
    }
}

/// How many conditions of a program are in which tier.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct InTiers {
    /// Made ready, and evaluated test by test.
    pub ready: u64,
    /// Machine code.
    pub compiled: u64,
    /// Often evaluated, and not to be compiled.
    pub declined: u64,
}

/// Conditions made ready at their first evaluation, without machine code.
#[derive(Debug, Clone, Copy, Default)]
pub struct Predicates;

impl Evaluator for Predicates {
    fn load(&self, program: &Arc<Program>) -> Box<dyn Conditions> {
        Box::new(Ready(program.rules.iter().map(|_| OnceLock::new()).collect()))
    }
}

/// The predicates of a program's rules, by their numbers.
#[derive(Debug)]
struct Ready(Box<[OnceLock<Predicate>]>);

impl Conditions for Ready {
    fn verdict(&self, id: RuleId, rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure> {
        match self.0.get(id.0 as usize) {
            Some(own) => own.get_or_init(|| Predicate::new(rule)).verdict(rule, slots, context),
            None => verdict(rule, slots, context),
        }
    }
}

/// The interpreter: the reference that all others are held to.
#[derive(Debug, Clone, Copy, Default)]
pub struct Interpreter;

impl Evaluator for Interpreter {
    fn load(&self, _program: &Arc<Program>) -> Box<dyn Conditions> {
        Box::new(Interpreter)
    }
}

impl Conditions for Interpreter {
    fn verdict(&self, _id: RuleId, rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure> {
        verdict(rule, slots, context)
    }
}
