//! Expressions: the grammar gives a flat list of operands and operators, precedence is decided here.
//!
//! From loosest to tightest: `or`; `and`; `not`; comparison, text and presence operators; `..`; `else`; `+ -`; `* / %`;
//! unary `-`; postfix. The same table stands in `grammar/README.md`.

use hence_diagnostics::{Code, Diagnostic, Span};
use pest::Parser;
use pest::iterators::Pair;

use super::{Builder, characters};
use crate::ast::{BinaryOperator, Expression, ExpressionKind, Path, Presence, UnaryOperator};
use crate::grammar::{Grammar, Rule};

/// How deep an expression may be, so that no later stage runs out of stack.
const MAX_DEPTH: u32 = 200;

/// How many operators and operands one expression may have side by side, for the same reason.
const MAX_PARTS: usize = 2000;

const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const RANGE: u8 = 5;
const DEFAULT: u8 = 6;
const NEGATION: u8 = 9;

/// A part of the flat list.
enum Part {
    Prefix(UnaryOperator, Span),
    Operand(Expression, u32),
    Infix(Infix),
    Suffix(Suffix, Span),
}

#[derive(Clone, Copy)]
struct Infix {
    kind: InfixKind,
    negated: bool,
    span: Span,
}

#[derive(Clone, Copy, PartialEq)]
enum InfixKind {
    Binary(BinaryOperator),
    Between,
    Range,
    Default,
}

impl InfixKind {
    fn power(self) -> u8 {
        match self {
            InfixKind::Binary(BinaryOperator::Or) => 1,
            InfixKind::Binary(BinaryOperator::And) => 2,
            InfixKind::Range => RANGE,
            InfixKind::Default => DEFAULT,
            InfixKind::Binary(BinaryOperator::Add | BinaryOperator::Subtract) => 7,
            InfixKind::Binary(
                BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder,
            ) => 8,
            InfixKind::Between
            | InfixKind::Binary(
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
                | BinaryOperator::Matches
                | BinaryOperator::WithinNext
                | BinaryOperator::WithinLast
                | BinaryOperator::OlderThan,
            ) => COMPARISON,
        }
    }
}

enum Suffix {
    Presence(Presence, bool),
    Event(Path, bool),
    IgnoringCase,
}

/// An expression and how deep it is.
pub(super) type Built = (Expression, u32);

impl Builder<'_> {
    /// Parses all tokens as one expression.
    pub(super) fn whole_expression(&mut self) -> Option<Expression> {
        let input = characters(self.tokens);
        let item = Grammar::parse(Rule::item_expression, &input).ok()?.next()?;
        let pair = item.into_inner().find(|part| part.as_rule() == Rule::expression)?;
        Some(self.expression(pair))
    }

    /// Builds an expression from a pair of `expression` or `branch`.
    pub(super) fn expression(&mut self, pair: Pair<'_, Rule>) -> Expression {
        self.deep_expression(pair).0
    }

    pub(super) fn deep_expression(&mut self, pair: Pair<'_, Rule>) -> Built {
        let span = self.span(&pair);
        if pair.clone().into_inner().nth(MAX_PARTS).is_some() {
            let error = self.node(span, ExpressionKind::Error);
            return self.bounded((error, MAX_DEPTH + 1), span);
        }
        let mut parts = Vec::new();
        for part in pair.into_inner() {
            self.part(part, &mut parts);
        }
        parts.reverse();
        let built = self.climb(&mut parts, 0, span);
        self.bounded(built, span)
    }

    /// Reports an expression that is too deep.
    fn bounded(&mut self, (expression, depth): Built, span: Span) -> Built {
        if depth <= MAX_DEPTH {
            return (expression, depth);
        }
        self.report(
            Diagnostic::new(
                Code::NestingTooDeep,
                span,
                format!("this expression is more than {MAX_DEPTH} deep"),
            )
            .label("too many operators in one expression")
            .help("use `in [ … ]` for many alternatives, or name parts with `let`, `const` or `fn`"),
        );
        (self.node(span, ExpressionKind::Error), 1)
    }

    pub(super) fn node(&mut self, span: Span, kind: ExpressionKind) -> Expression {
        Expression { id: self.id(), span, kind }
    }

    /// Adds a pair to the flat list; a postfix goes onto the operand before it.
    fn part(&mut self, pair: Pair<'_, Rule>, parts: &mut Vec<Part>) {
        let span = self.span(&pair);
        match pair.as_rule() {
            Rule::prefix => {
                let minus = pair.into_inner().next().is_some_and(|inner| inner.as_rule() == Rule::minus);
                let operator = if minus { UnaryOperator::Minus } else { UnaryOperator::Not };
                parts.push(Part::Prefix(operator, span));
            }
            Rule::infix | Rule::branch_infix => parts.extend(self.infix(pair).map(Part::Infix)),
            Rule::suffix => parts.extend(self.suffix(pair).map(|suffix| Part::Suffix(suffix, span))),
            Rule::postfix => {
                if let Some(Part::Operand(base, depth)) = parts.pop() {
                    let (expression, depth) = self.postfix(base, depth, pair);
                    parts.push(Part::Operand(expression, depth));
                }
            }
            _ => {
                let (expression, depth) = self.primary(pair);
                parts.push(Part::Operand(expression, depth));
            }
        }
    }

    fn infix(&mut self, pair: Pair<'_, Rule>) -> Option<Infix> {
        let mut negated = false;
        let mut kind = None;
        let mut span: Option<Span> = None;
        for part in pair.into_inner() {
            let place = self.span(&part);
            if part.as_rule() == Rule::not {
                negated = true;
                continue;
            }
            // The second word of `starts with` says nothing new, that of `within next` all.
            kind = kind.or(match part.as_rule() {
                Rule::else_ => Some(InfixKind::Default),
                Rule::between => Some(InfixKind::Between),
                Rule::range => Some(InfixKind::Range),
                rule => binary(rule),
            });
            span = Some(span.map_or(place, |before| before.to(place)));
        }
        Some(Infix { kind: kind?, negated, span: span? })
    }

    fn suffix(&mut self, pair: Pair<'_, Rule>) -> Option<Suffix> {
        let mut negated = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::not => negated = true,
                Rule::present => return Some(Suffix::Presence(Presence::Present, negated)),
                Rule::missing => return Some(Suffix::Presence(Presence::Missing, negated)),
                Rule::empty => return Some(Suffix::Presence(Presence::Empty, negated)),
                Rule::path => return Some(Suffix::Event(self.path(part), negated)),
                Rule::ignoring => return Some(Suffix::IgnoringCase),
                _ => {}
            }
        }
        None
    }

    /// Precedence climbing over the reversed list: takes operators that bind at least as tightly as `power`.
    fn climb(&mut self, parts: &mut Vec<Part>, power: u8, whole: Span) -> Built {
        let mut left = match parts.pop() {
            Some(Part::Prefix(operator, span)) => {
                let prefixes = parts.iter().rev().take_while(|part| matches!(part, Part::Prefix(..))).count();
                if prefixes > MAX_DEPTH as usize {
                    parts.clear();
                    (self.node(span, ExpressionKind::Error), MAX_DEPTH + 1)
                } else {
                    let tight = if operator == UnaryOperator::Not { NOT } else { NEGATION };
                    let (operand, depth) = self.climb(parts, tight, whole);
                    let place = span.to(operand.span);
                    let kind = ExpressionKind::Unary { operator, operand: Box::new(operand) };
                    (self.node(place, kind), depth + 1)
                }
            }
            Some(Part::Operand(expression, depth)) => (expression, depth),
            Some(Part::Infix(_) | Part::Suffix(..)) | None => (self.node(whole, ExpressionKind::Error), 1),
        };
        loop {
            match parts.last() {
                Some(Part::Infix(infix)) if infix.kind.power() >= power.max(1) => {
                    let infix = *infix;
                    parts.pop();
                    left = self.combine(left, infix, parts, whole);
                }
                Some(Part::Suffix(..)) if COMPARISON >= power => {
                    if let Some(Part::Suffix(suffix, span)) = parts.pop() {
                        left = self.apply_suffix(left, suffix, span);
                    }
                }
                _ => return left,
            }
        }
    }

    fn combine(&mut self, (left, depth): Built, infix: Infix, parts: &mut Vec<Part>, whole: Span) -> Built {
        let Infix { kind, negated, span: operator_span } = infix;
        match kind {
            InfixKind::Binary(operator) => {
                let (right, other) = self.climb(parts, kind.power() + 1, whole);
                let span = left.span.to(right.span);
                if operator_span.is_empty() {
                    // The operator was missing, so nothing is known of the whole.
                    return (self.node(span, ExpressionKind::Error), depth.max(other) + 1);
                }
                let kind = ExpressionKind::Binary {
                    operator,
                    operator_span,
                    negated,
                    ignoring_case: None,
                    left: Box::new(left),
                    right: Box::new(right),
                };
                (self.node(span, kind), depth.max(other) + 1)
            }
            InfixKind::Default => {
                // From the left: the meaning is the same, and a chain takes no stack.
                let (default, other) = self.climb(parts, DEFAULT + 1, whole);
                let span = left.span.to(default.span);
                let kind = ExpressionKind::Default { operand: Box::new(left), default: Box::new(default) };
                (self.node(span, kind), depth.max(other) + 1)
            }
            InfixKind::Range => {
                let (high, other) = self.climb(parts, RANGE + 1, whole);
                let span = left.span.to(high.span);
                let kind = ExpressionKind::Range { low: Box::new(left), high: Box::new(high) };
                (self.node(span, kind), depth.max(other) + 1)
            }
            InfixKind::Between => {
                let (low, second) = self.climb(parts, DEFAULT, whole);
                let is_and = |part: Option<&Part>| {
                    matches!(
                        part,
                        Some(Part::Infix(Infix { kind: InfixKind::Binary(BinaryOperator::And), .. }))
                    )
                };
                let (high, third) = if is_and(parts.last()) {
                    parts.pop();
                    self.climb(parts, DEFAULT, whole)
                } else {
                    self.report(
                        Diagnostic::new(Code::SyntaxError, operator_span, "`between` has no upper end")
                            .label("expected `between LOW and HIGH`"),
                    );
                    (self.node(low.span.after(), ExpressionKind::Error), 1)
                };
                let span = left.span.to(high.span);
                let kind = ExpressionKind::Between {
                    operator_span,
                    negated,
                    operand: Box::new(left),
                    low: Box::new(low),
                    high: Box::new(high),
                };
                (self.node(span, kind), depth.max(second).max(third) + 1)
            }
        }
    }

    fn apply_suffix(&mut self, (mut left, depth): Built, suffix: Suffix, place: Span) -> Built {
        let span = left.span.to(place);
        let kind = match suffix {
            Suffix::Presence(test, negated) => {
                ExpressionKind::Presence { test, negated, operand: Box::new(left) }
            }
            Suffix::Event(path, negated) => {
                ExpressionKind::IsEvent { path, negated, operand: Box::new(left) }
            }
            Suffix::IgnoringCase => {
                if let ExpressionKind::Binary { ignoring_case, .. } = &mut left.kind {
                    *ignoring_case = Some(place);
                    left.span = span;
                } else if !matches!(left.kind, ExpressionKind::Error) {
                    self.report(
                        Diagnostic::new(Code::SyntaxError, place, "`ignoring case` follows no comparison")
                            .label("expected a comparison of texts before this"),
                    );
                }
                return (left, depth);
            }
        };
        (self.node(span, kind), depth + 1)
    }
}

fn binary(rule: Rule) -> Option<InfixKind> {
    binary_operator(rule).map(InfixKind::Binary)
}

/// Returns the operator of a terminal.
pub(super) fn binary_operator(rule: Rule) -> Option<BinaryOperator> {
    Some(match rule {
        Rule::or => BinaryOperator::Or,
        Rule::and => BinaryOperator::And,
        Rule::equal => BinaryOperator::Equal,
        Rule::not_equal => BinaryOperator::NotEqual,
        Rule::less => BinaryOperator::Less,
        Rule::less_or_equal => BinaryOperator::LessOrEqual,
        Rule::greater => BinaryOperator::Greater,
        Rule::greater_or_equal => BinaryOperator::GreaterOrEqual,
        Rule::in_ => BinaryOperator::In,
        Rule::contains => BinaryOperator::Contains,
        Rule::starts => BinaryOperator::StartsWith,
        Rule::ends => BinaryOperator::EndsWith,
        Rule::matches => BinaryOperator::Matches,
        // `within` alone does not say which.
        Rule::next => BinaryOperator::WithinNext,
        Rule::last => BinaryOperator::WithinLast,
        Rule::older => BinaryOperator::OlderThan,
        Rule::plus => BinaryOperator::Add,
        Rule::minus => BinaryOperator::Subtract,
        Rule::star => BinaryOperator::Multiply,
        Rule::slash => BinaryOperator::Divide,
        Rule::modulo => BinaryOperator::Remainder,
        _ => return None,
    })
}
