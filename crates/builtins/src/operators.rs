//! Binary operators: the list, and what every one of them declares.

use hence_types::{Type, Value};

use crate::{Context, Fault};

mod add;
mod contains;
mod divide;
mod ends_with;
mod equal;
mod greater;
mod greater_or_equal;
mod kinds;
mod length;
mod less;
mod less_or_equal;
mod membership;
mod multiply;
mod negate;
mod not_equal;
mod older_than;
mod range;
mod remainder;
mod starts_with;
mod subtract;
mod within_last;
mod within_next;

pub use kinds::folded_text as folded;
pub(crate) use kinds::{equatable, fault_of, numeric, orderable, tidy};
pub use negate::{negate, negated_type};
pub use range::{between, takes_range};

/// A binary operator with a value of its own. Negated forms (`not in`) are `not` around these.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum BinaryOperator {
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
    /// `<`
    Less,
    /// `<=`
    LessOrEqual,
    /// `>`
    Greater,
    /// `>=`
    GreaterOrEqual,
    /// `in`
    In,
    /// `contains`
    Contains,
    /// `starts with`
    StartsWith,
    /// `ends with`
    EndsWith,
    /// `within next`
    WithinNext,
    /// `within last`
    WithinLast,
    /// `older than`
    OlderThan,
    /// `+`
    Add,
    /// `-`
    Subtract,
    /// `*`
    Multiply,
    /// `/`
    Divide,
    /// `%`
    Remainder,
}

/// Whether letters are compared with their case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Case {
    /// `"A" == "a"` is false.
    #[default]
    Sensitive,
    /// `… ignoring case`: capital and small letters are the same.
    Ignored,
}

/// An expression and what it gives, both as source text. Tests evaluate it.
#[derive(Debug, Clone, Copy)]
pub struct Example {
    /// The expression.
    pub expression: &'static str,
    /// The literal it equals.
    pub result: &'static str,
}

/// What an operator is.
pub struct Operator {
    /// As written, such as `starts with`.
    pub symbol: &'static str,
    /// The name of the page, such as `starts-with`.
    pub name: &'static str,
    /// One line.
    pub summary: &'static str,
    /// The rest of the documentation, Markdown; says what absence does.
    pub details: &'static str,
    /// Examples.
    pub examples: &'static [Example],
    /// Which operands it takes, in words for messages: "two numbers, or two amounts of money".
    pub operands: &'static str,
    /// Whether it takes a `T?` as it is; other operators want it narrowed.
    pub takes_missing: bool,
    /// Whether `ignoring case` may follow.
    pub takes_case: bool,
    /// Returns the type of the result for two operand types, or nothing where it does not take them. Operands
    /// are given without `?`. The error type is never given.
    pub result: fn(&Type, &Type) -> Option<Type>,
    /// Computes the result.
    pub apply: fn(&Value, &Value, Case, &Context) -> Result<Value, Fault>,
}

impl BinaryOperator {
    /// All operators, in the order of the reference.
    pub const ALL: &'static [BinaryOperator] = &[
        BinaryOperator::Equal,
        BinaryOperator::NotEqual,
        BinaryOperator::Less,
        BinaryOperator::LessOrEqual,
        BinaryOperator::Greater,
        BinaryOperator::GreaterOrEqual,
        BinaryOperator::In,
        BinaryOperator::Contains,
        BinaryOperator::StartsWith,
        BinaryOperator::EndsWith,
        BinaryOperator::WithinNext,
        BinaryOperator::WithinLast,
        BinaryOperator::OlderThan,
        BinaryOperator::Add,
        BinaryOperator::Subtract,
        BinaryOperator::Multiply,
        BinaryOperator::Divide,
        BinaryOperator::Remainder,
    ];

    /// Returns whether the result depends on when it is computed, so that it is no constant even of constants.
    pub fn reads_the_clock(self) -> bool {
        matches!(self, BinaryOperator::WithinNext | BinaryOperator::WithinLast | BinaryOperator::OlderThan)
    }

    /// Returns what the operator is.
    pub fn definition(self) -> &'static Operator {
        match self {
            BinaryOperator::Equal => &equal::DEFINITION,
            BinaryOperator::NotEqual => &not_equal::DEFINITION,
            BinaryOperator::Less => &less::DEFINITION,
            BinaryOperator::LessOrEqual => &less_or_equal::DEFINITION,
            BinaryOperator::Greater => &greater::DEFINITION,
            BinaryOperator::GreaterOrEqual => &greater_or_equal::DEFINITION,
            BinaryOperator::In => &membership::DEFINITION,
            BinaryOperator::Contains => &contains::DEFINITION,
            BinaryOperator::StartsWith => &starts_with::DEFINITION,
            BinaryOperator::EndsWith => &ends_with::DEFINITION,
            BinaryOperator::WithinNext => &within_next::DEFINITION,
            BinaryOperator::WithinLast => &within_last::DEFINITION,
            BinaryOperator::OlderThan => &older_than::DEFINITION,
            BinaryOperator::Add => &add::DEFINITION,
            BinaryOperator::Subtract => &subtract::DEFINITION,
            BinaryOperator::Multiply => &multiply::DEFINITION,
            BinaryOperator::Divide => &divide::DEFINITION,
            BinaryOperator::Remainder => &remainder::DEFINITION,
        }
    }
}
