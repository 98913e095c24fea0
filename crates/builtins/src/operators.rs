//! Binary operators: the list, and what every one of them declares.

use hence_types::{Type, Value};

use crate::Fault;

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
    /// `… ignoring case`: both sides are compared in lower case.
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
    pub apply: fn(&Value, &Value, Case) -> Result<Value, Fault>,
}
