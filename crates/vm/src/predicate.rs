//! Predicates: conditions made ready to be evaluated often.
//!
//! A [`Predicate`] is the condition of a rule as a row of [`Step`]s, each a test of values where they stand and the
//! places to go on at for either answer: `and`, `or`, `not` and `if` are jumps, numbers are compared in one word where
//! they have room, constants and patterns are at hand, and nothing is copied.
//!
//! What must be the same: the answer is that of [`crate::verdict`], failures included. A step that cannot answer (a
//! value is missing, a number is too long, an expression is of no kind known here) has the [`Machine`] evaluate the
//! expression it stands for; where that fails, the whole condition is evaluated once more, for the failure. Nothing
//! that an expression does can be seen from outside, so it does not matter what was evaluated before.
//!
//! Compiled code is made of predicates, so all that is here is public.

mod lower;
mod number;
mod run;
#[cfg(test)]
mod tests;
mod texts;

use std::cmp::Ordering;
use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context, Pattern};
use hence_ir::{NodeId, Rule, SlotId};
use hence_types::jiff::Timestamp;
use hence_types::{Record, Text, Value};

use crate::{Failure, Slots, verdict};
pub use number::{Bound, SCALES, Short, Unit};
pub use run::Frame;
pub use texts::Texts;

/// So many quantifiers may stand inside each other; what is nested deeper is left to the interpreter.
pub const LEVELS: usize = 4;

/// A condition made ready.
#[derive(Debug, Clone)]
pub struct Predicate {
    /// The steps. The first is where evaluation begins; no step leads back.
    pub steps: Box<[Step]>,
}

/// A test and what comes after it.
#[derive(Debug, Clone)]
pub struct Step {
    /// What is asked.
    pub test: Test,
    /// The expression that has the same answer. Of use only where none of its variables are of an expression around it.
    pub node: NodeId,
    /// Whether the expression has the opposite answer instead, as `!=` has.
    pub is_opposite: bool,
    /// Where to go on if the answer is yes.
    pub yes: Target,
    /// Where to go on if it is no.
    pub no: Target,
}

/// Where to go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The predicate is true.
    True,
    /// It is false.
    False,
    /// At a later step.
    Step(u32),
}

/// The answer of a test or a predicate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u8)]
pub enum Answer {
    /// No.
    False = 0,
    /// Yes.
    True = 1,
    /// The interpreter is to say.
    Open = 2,
}

/// What a step asks. What is not as a test wants it leaves the answer open.
#[derive(Debug, Clone)]
pub enum Test {
    /// Whether a truth value is true.
    Holds(Operand),
    /// Whether a truth value is this one; what is missing is not.
    Is(Operand, bool),
    /// Whether there is a value.
    Present(Operand),
    /// How a number compares with a constant. What is missing equals none.
    Bound {
        /// The number.
        number: Number,
        /// What holds between them.
        relation: Relation,
        /// The constant.
        bound: Arc<Bound>,
    },
    /// How two numbers compare.
    Compare {
        /// The left one.
        left: Number,
        /// What holds between them.
        relation: Relation,
        /// The right one.
        right: Number,
    },
    /// Whether a number equals one of some constants; what is missing equals none.
    NumberIn(Operand, Kind, Box<[Arc<Bound>]>),
    /// Whether a text equals one of some texts; what is missing equals none.
    TextIn(Operand, Texts),
    /// Whether a text begins, or ends, with a constant one.
    TextPart {
        /// The text.
        operand: Operand,
        /// Whether the end is looked at.
        at_end: bool,
        /// The constant.
        part: Text,
    },
    /// How an instant compares with a constant. What is missing equals none.
    Moment {
        /// The instant.
        operand: Operand,
        /// What holds between them.
        relation: Relation,
        /// The constant.
        bound: Timestamp,
    },
    /// What an operator says of two values.
    Apply {
        /// The operator.
        operator: BinaryOperator,
        /// Whether letters are compared without their case.
        case: Case,
        /// The left operand.
        left: Operand,
        /// The right operand.
        right: Operand,
    },
    /// Whether a pattern is found in a text.
    Matches(Operand, Pattern),
    /// Whether a predicate has an answer for one element of a list.
    Search {
        /// The list.
        list: Operand,
        /// The answer that is looked for: true for `any`, false for `all`.
        deciding: bool,
        /// What is asked of each element.
        body: Predicate,
    },
    /// What a predicate says.
    Inner(Predicate),
    /// What the interpreter says.
    Evaluate,
}

/// What holds between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// `==`
    Equal,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
}

impl Relation {
    /// Returns whether it holds between two numbers of this order.
    #[inline]
    pub fn holds(self, order: Ordering) -> bool {
        match self {
            Relation::Equal => order.is_eq(),
            Relation::Less => order.is_lt(),
            Relation::LessOrEqual => order.is_le(),
            Relation::Greater => order.is_gt(),
            Relation::GreaterOrEqual => order.is_ge(),
        }
    }
}

/// A number that a test is about.
#[derive(Debug, Clone)]
pub enum Number {
    /// A value, declared to be of a kind.
    Value(Operand, Kind),
    /// A constant.
    Constant(Short),
    /// A result; what it is of may be results too.
    Result(Arithmetic, Box<Number>, Box<Number>),
}

/// What a number is declared to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A whole number.
    Int,
    /// A decimal; whole numbers stand for decimals too.
    Decimal,
    /// A percentage.
    Percent,
    /// An amount of a currency.
    Money,
}

/// What numbers of one word are computed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arithmetic {
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
}

/// A value: where it begins, the fields that lead to it, and what stands in where it is missing.
#[derive(Debug, Clone)]
pub struct Operand {
    /// Where it begins.
    pub root: Root,
    /// Fields of records on the way; those of what is missing are missing.
    pub fields: Box<[FieldAt]>,
    /// What stands in.
    pub default: Option<Value>,
}

/// Where an operand begins.
#[derive(Debug, Clone)]
pub enum Root {
    /// At a field of the event.
    Slot(SlotId),
    /// At the element that the quantifier of this level looks at, 0 for the outermost.
    Element(usize),
    /// At a constant.
    Constant(Value),
}

/// A field of a record.
#[derive(Debug, Clone)]
pub struct FieldAt {
    /// Where to look for it first.
    pub index: u32,
    /// Its name.
    pub name: Arc<str>,
    /// The declared type of the record, where it is known, and the place of the field in it. Other records may stand
    /// for it.
    pub shape: Option<(Arc<Record>, usize)>,
}

impl FieldAt {
    /// Returns a field of a record, which may be declared to be of a shape.
    pub fn new(index: u32, name: Arc<str>, shape: Option<&Arc<Record>>) -> FieldAt {
        let shape = shape.and_then(|shape| Some((Arc::clone(shape), shape.fields.get_index_of(&*name)?)));
        FieldAt { index, name, shape }
    }
}

impl Predicate {
    /// Makes the condition of a rule ready; one that always holds for a rule without a condition.
    pub fn new(rule: &Rule) -> Predicate {
        lower::predicate(rule)
    }

    /// Evaluates the condition: as [`verdict`](crate::verdict()) does.
    ///
    /// # Errors
    ///
    /// The failure of the evaluation. The rule is the one the predicate was made of.
    #[inline]
    pub fn verdict(&self, rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure> {
        match self.answer(&Frame::new(rule, slots, context)) {
            Answer::True => Ok(true),
            Answer::False => Ok(false),
            Answer::Open => verdict(rule, slots, context),
        }
    }
}
