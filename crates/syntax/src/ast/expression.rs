//! Expressions.

use hence_diagnostics::Span;

use super::{Name, NodeId, Path, TypeExpression};
use crate::literal::Unit;

/// An expression.
#[derive(Debug, Clone, PartialEq)]
pub struct Expression {
    /// The node.
    pub id: NodeId,
    /// The place.
    pub span: Span,
    /// What it is.
    pub kind: ExpressionKind,
}

/// What an expression is.
#[derive(Debug, Clone, PartialEq)]
pub enum ExpressionKind {
    /// Something already reported as missing or unreadable.
    Error,
    /// `true`, `false`
    Bool(bool),
    /// `42`, `1_000`, `9.99`: the digits without `_`.
    Number(String),
    /// `15%`: the digits.
    Percent(String),
    /// `9.99 EUR`: the digits and the currency.
    Money(String, String),
    /// `3 days`: the digits and the unit.
    Length(String, Unit),
    /// `2026-11-27`
    Date(String),
    /// `09:00`
    Time(String),
    /// `2026-11-27T09:00Z`, or without offset and in a zone: `2026-11-27T09:00 in "Europe/Berlin"`.
    DateTime(String, Option<(String, Span)>),
    /// `"text {x}"`
    Text(Vec<TextPart>),
    /// `/regex/flags`
    Pattern(String, String),
    /// `/regex/ as m`: a pattern, after `matches`, whose groups have a name. The node binds it.
    NamedPattern {
        /// The pattern, always a [`ExpressionKind::Pattern`].
        pattern: Box<Expression>,
        /// The name of what the pattern found.
        name: Name,
    },
    /// A name.
    Name(Name),
    /// `base.name`, or `base?.name`.
    Field {
        /// What has the field.
        base: Box<Expression>,
        /// The field.
        name: Name,
        /// Whether it is `?.`.
        optional: bool,
    },
    /// `base[index]`
    Index {
        /// The list or map.
        base: Box<Expression>,
        /// The position or key.
        index: Box<Expression>,
    },
    /// `callee(arguments)`: a function, a quantifier or an action.
    Call {
        /// What is called.
        callee: Box<Expression>,
        /// The arguments.
        arguments: Vec<Argument>,
        /// The place of the parentheses.
        parentheses: Span,
    },
    /// `not x`, `-x`
    Unary {
        /// Which.
        operator: UnaryOperator,
        /// The operand.
        operand: Box<Expression>,
    },
    /// `left operator right`
    Binary {
        /// Which.
        operator: BinaryOperator,
        /// Its place, `not` and `ignoring case` left out.
        operator_span: Span,
        /// Whether `not` stands before it (`not in`).
        negated: bool,
        /// The place of `ignoring case`.
        ignoring_case: Option<Span>,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// `operand between low and high`
    Between {
        /// The place of `between`.
        operator_span: Span,
        /// Whether `not` stands before it.
        negated: bool,
        /// The value.
        operand: Box<Expression>,
        /// The lower end.
        low: Box<Expression>,
        /// The upper end.
        high: Box<Expression>,
    },
    /// `low .. high`; it has a meaning only where something is asked to be `in` it.
    Range {
        /// The lower end.
        low: Box<Expression>,
        /// The upper end.
        high: Box<Expression>,
    },
    /// `operand as type`
    As {
        /// The value, JSON.
        operand: Box<Expression>,
        /// The type it is read as.
        ty: TypeExpression,
    },
    /// `operand is [not] present`
    Presence {
        /// Which.
        test: Presence,
        /// Whether `not` stands before it.
        negated: bool,
        /// The value.
        operand: Box<Expression>,
    },
    /// `operand is [not] shop.order.created`
    IsEvent {
        /// The event.
        path: Path,
        /// Whether `not` stands before it.
        negated: bool,
        /// The value.
        operand: Box<Expression>,
    },
    /// `operand else default`
    Default {
        /// What may be missing.
        operand: Box<Expression>,
        /// What stands in.
        default: Box<Expression>,
    },
    /// `if condition then yes else no`
    If {
        /// The condition.
        condition: Box<Expression>,
        /// The value if it holds.
        yes: Box<Expression>,
        /// The value if not.
        no: Box<Expression>,
    },
    /// `match subject { "a" -> 1, else -> 0 }`
    Match {
        /// What the arms are for.
        subject: Box<Expression>,
        /// The arms, at least one.
        arms: Vec<MatchArm>,
    },
    /// `[a, b]`
    List(Vec<Expression>),
    /// `{ a: 1 }`
    Record(Vec<(Name, Expression)>),
    /// `(x)`
    Group(Box<Expression>),
}

/// `"a" or "b" -> value`
#[derive(Debug, Clone, PartialEq)]
pub struct MatchArm {
    /// The place, from the pattern to the end of the value.
    pub span: Span,
    /// When it is taken.
    pub pattern: MatchPattern,
    /// Its value.
    pub value: Expression,
}

/// When an arm is taken.
#[derive(Debug, Clone, PartialEq)]
pub enum MatchPattern {
    /// For one of these values: literals, numbers possibly with a minus.
    Values(Vec<Expression>),
    /// `missing`, and its place: where there is no value.
    Missing(Span),
    /// `else`, and its place: for every other value.
    Else(Span),
}

/// A part of a text.
#[derive(Debug, Clone, PartialEq)]
pub enum TextPart {
    /// As it stands, escapes resolved.
    Literal(String),
    /// `{expression}`
    Expression(Expression),
}

/// An argument of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    /// `name: value`
    Named(Name, Expression),
    /// `value`
    Positional(Expression),
    /// `variable in list`: the first argument of a quantifier.
    Binder {
        /// The node of the variable.
        id: NodeId,
        /// The variable.
        variable: Name,
        /// The list.
        list: Expression,
    },
}

/// `not`, `-`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UnaryOperator {
    /// `not`
    Not,
    /// `-`
    Minus,
}

/// Operators between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum BinaryOperator {
    /// `or`
    Or,
    /// `and`
    And,
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
    /// `matches`
    Matches,
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

impl BinaryOperator {
    /// Returns the operator as written.
    pub fn symbol(self) -> &'static str {
        match self {
            BinaryOperator::Or => "or",
            BinaryOperator::And => "and",
            BinaryOperator::Equal => "==",
            BinaryOperator::NotEqual => "!=",
            BinaryOperator::Less => "<",
            BinaryOperator::LessOrEqual => "<=",
            BinaryOperator::Greater => ">",
            BinaryOperator::GreaterOrEqual => ">=",
            BinaryOperator::In => "in",
            BinaryOperator::Contains => "contains",
            BinaryOperator::StartsWith => "starts with",
            BinaryOperator::EndsWith => "ends with",
            BinaryOperator::Matches => "matches",
            BinaryOperator::WithinNext => "within next",
            BinaryOperator::WithinLast => "within last",
            BinaryOperator::OlderThan => "older than",
            BinaryOperator::Add => "+",
            BinaryOperator::Subtract => "-",
            BinaryOperator::Multiply => "*",
            BinaryOperator::Divide => "/",
            BinaryOperator::Remainder => "%",
        }
    }
}

/// `is present`, `is missing`, `is empty`
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// `present`
    Present,
    /// `missing`
    Missing,
    /// `empty`
    Empty,
}

impl Expression {
    /// Returns the expression within any number of parentheses.
    pub fn ungrouped(&self) -> &Expression {
        let mut expression = self;
        while let ExpressionKind::Group(inner) = &expression.kind {
            expression = inner;
        }
        expression
    }

    /// Returns the names of `a.b.c`, if it is nothing else.
    pub fn as_path(&self) -> Option<Vec<&Name>> {
        let mut names = Vec::new();
        let mut expression = self;
        loop {
            if let ExpressionKind::Field { base, name, optional: false } = &expression.kind {
                names.push(name);
                expression = base;
            } else if let ExpressionKind::Name(name) = &expression.kind {
                names.push(name);
                names.reverse();
                return Some(names);
            } else {
                return None;
            }
        }
    }
}
