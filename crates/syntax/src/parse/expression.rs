//! Expressions: the grammar gives a flat list of operands and operators, precedence is decided here.
//!
//! From loosest to tightest: `or`; `and`; `not`; comparison, text and presence operators; `else`; `+ -`; `* / %`;
//! unary `-`; postfix. The same table stands in `grammar/README.md`.

use hence_diagnostics::{Code, Diagnostic, Span};
use pest::Parser;
use pest::iterators::{Pair, Pairs};

use super::{Builder, characters};
use crate::ast::{
    Argument, BinaryOperator, Expression, ExpressionKind, Path, Presence, TextPart, UnaryOperator,
};
use crate::grammar::{Grammar, Rule};
use crate::literal;

/// How deep an expression may be, so that no later stage runs out of stack.
const MAX_DEPTH: u32 = 200;

const NOT: u8 = 3;
const COMPARISON: u8 = 4;
const DEFAULT: u8 = 5;
const NEGATION: u8 = 8;

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
    Default,
}

impl InfixKind {
    fn power(self) -> u8 {
        match self {
            InfixKind::Binary(BinaryOperator::Or) => 1,
            InfixKind::Binary(BinaryOperator::And) => 2,
            InfixKind::Default => DEFAULT,
            InfixKind::Binary(BinaryOperator::Add | BinaryOperator::Subtract) => 6,
            InfixKind::Binary(
                BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder,
            ) => 7,
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
                | BinaryOperator::Matches,
            ) => COMPARISON,
        }
    }
}

enum Suffix {
    Presence(Presence, bool),
    Event(Path, bool),
    IgnoringCase,
}

type Built = (Expression, u32);

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

    fn deep_expression(&mut self, pair: Pair<'_, Rule>) -> Built {
        let span = self.span(&pair);
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

    fn node(&mut self, span: Span, kind: ExpressionKind) -> Expression {
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
            // The second word of `starts with` says nothing new.
            kind = kind.or(match part.as_rule() {
                Rule::else_ => Some(InfixKind::Default),
                Rule::between => Some(InfixKind::Between),
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
                let (default, other) = self.climb(parts, DEFAULT, whole);
                let span = left.span.to(default.span);
                let kind = ExpressionKind::Default { operand: Box::new(left), default: Box::new(default) };
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

    fn postfix(&mut self, base: Expression, depth: u32, pair: Pair<'_, Rule>) -> Built {
        let Some(inner) = pair.into_inner().next() else { return (base, depth) };
        let place = self.span(&inner);
        let span = base.span.to(place);
        let rule = inner.as_rule();
        match rule {
            Rule::field | Rule::optional_field => {
                let name = inner.into_inner().find(|part| part.as_rule() == Rule::field_name);
                let Some(name) = name.map(|part| self.name(&part)) else { return (base, depth) };
                let optional = rule == Rule::optional_field;
                (self.node(span, ExpressionKind::Field { base: Box::new(base), name, optional }), depth + 1)
            }
            Rule::index => {
                let index = inner.into_inner().find(|part| part.as_rule() == Rule::expression);
                let Some((index, other)) = index.map(|part| self.deep_expression(part)) else {
                    return (base, depth);
                };
                let kind = ExpressionKind::Index { base: Box::new(base), index: Box::new(index) };
                (self.node(span, kind), depth.max(other) + 1)
            }
            _ => {
                let (arguments, other) = self.deep_arguments(inner);
                let kind = ExpressionKind::Call { callee: Box::new(base), arguments, parentheses: place };
                (self.node(span, kind), depth.max(other) + 1)
            }
        }
    }

    pub(super) fn arguments(&mut self, pair: Pair<'_, Rule>) -> Vec<Argument> {
        self.deep_arguments(pair).0
    }

    fn deep_arguments(&mut self, pair: Pair<'_, Rule>) -> (Vec<Argument>, u32) {
        let mut arguments = Vec::new();
        let mut deepest = 0;
        for argument in pair.into_inner().filter(|part| part.as_rule() == Rule::argument) {
            let Some(inner) = argument.into_inner().next() else { continue };
            match inner.as_rule() {
                Rule::named_argument | Rule::binder => {
                    let binder = inner.as_rule() == Rule::binder;
                    let mut name = None;
                    let mut value = None;
                    for part in inner.into_inner() {
                        match part.as_rule() {
                            Rule::name | Rule::field_name => name = Some(self.name(&part)),
                            Rule::expression => value = Some(self.deep_expression(part)),
                            _ => {}
                        }
                    }
                    let (Some(name), Some((value, depth))) = (name, value) else { continue };
                    deepest = deepest.max(depth);
                    arguments.push(if binder {
                        Argument::Binder { id: self.id(), variable: name, list: value }
                    } else {
                        Argument::Named(name, value)
                    });
                }
                _ => {
                    let (value, depth) = self.deep_expression(inner);
                    deepest = deepest.max(depth);
                    arguments.push(Argument::Positional(value));
                }
            }
        }
        (arguments, deepest)
    }

    fn primary(&mut self, pair: Pair<'_, Rule>) -> Built {
        let span = self.span(&pair);
        let mut depth = 1;
        let kind = match pair.as_rule() {
            Rule::name if span.is_empty() => ExpressionKind::Error,
            Rule::name => ExpressionKind::Name(self.name(&pair)),
            Rule::number => ExpressionKind::Number(self.digits(span)),
            Rule::percent => ExpressionKind::Percent(self.digits(span)),
            Rule::money | Rule::duration => self.quantity(pair),
            Rule::date => ExpressionKind::Date(self.slice(span).to_owned()),
            Rule::time => ExpressionKind::Time(self.slice(span).to_owned()),
            Rule::zoned_time => {
                let mut inner = pair.into_inner();
                let instant = inner.next().map(|part| self.span(&part)).unwrap_or(span);
                let zone = inner.find(|part| part.as_rule() == Rule::text).map(|part| self.span(&part));
                let zone = zone.map(|zone| (self.plain_text(zone), zone));
                ExpressionKind::DateTime(self.slice(instant).to_owned(), zone)
            }
            Rule::text => ExpressionKind::Text(self.text_parts(span)),
            Rule::raw_text => {
                let raw = self.slice(span).trim_start_matches('r').trim_matches('"').to_owned();
                ExpressionKind::Text(vec![TextPart::Literal(raw)])
            }
            Rule::pattern => {
                let text = self.slice(span);
                let end = text.rfind('/').unwrap_or(0);
                let pattern = text.get(1..end).unwrap_or_default().to_owned();
                ExpressionKind::Pattern(pattern, text.get(end + 1..).unwrap_or_default().to_owned())
            }
            Rule::true_ => ExpressionKind::Bool(true),
            Rule::false_ => ExpressionKind::Bool(false),
            Rule::group => {
                let inner = pair.into_inner().find(|part| part.as_rule() == Rule::expression);
                match inner.map(|part| self.deep_expression(part)) {
                    Some((expression, inner)) => {
                        depth = inner + 1;
                        ExpressionKind::Group(Box::new(expression))
                    }
                    None => ExpressionKind::Error,
                }
            }
            Rule::list_literal => {
                let inner: Vec<Built> = self.expressions(pair.into_inner());
                depth = inner.iter().map(|(_, depth)| *depth).max().unwrap_or(0) + 1;
                ExpressionKind::List(inner.into_iter().map(|(expression, _)| expression).collect())
            }
            Rule::record_literal => {
                let mut fields = Vec::new();
                for field in pair.into_inner().filter(|part| part.as_rule() == Rule::record_field) {
                    let mut parts = field.into_inner();
                    let name = parts.next().map(|part| self.name(&part));
                    let value = parts.find(|part| part.as_rule() == Rule::expression);
                    let value = value.map(|part| self.deep_expression(part));
                    if let (Some(name), Some((value, inner))) = (name, value) {
                        depth = depth.max(inner + 1);
                        fields.push((name, value));
                    }
                }
                ExpressionKind::Record(fields)
            }
            Rule::choice => {
                let parts = pair
                    .into_inner()
                    .filter(|part| matches!(part.as_rule(), Rule::expression | Rule::branch));
                let built: Vec<Built> = parts.map(|part| self.deep_expression(part)).collect();
                depth = built.iter().map(|(_, depth)| *depth).max().unwrap_or(0) + 1;
                let mut built = built.into_iter().map(|(expression, _)| Box::new(expression));
                match (built.next(), built.next(), built.next()) {
                    (Some(condition), Some(yes), Some(no)) => ExpressionKind::If { condition, yes, no },
                    _ => ExpressionKind::Error,
                }
            }
            _ => ExpressionKind::Error,
        };
        (self.node(span, kind), depth)
    }

    fn expressions(&mut self, pairs: Pairs<'_, Rule>) -> Vec<Built> {
        pairs
            .filter(|part| part.as_rule() == Rule::expression)
            .map(|part| self.deep_expression(part))
            .collect()
    }

    /// `9.99 EUR` or `3 days`.
    fn quantity(&mut self, pair: Pair<'_, Rule>) -> ExpressionKind {
        let mut inner = pair.into_inner().map(|part| self.span(&part)).collect::<Vec<_>>().into_iter();
        let (Some(number), Some(unit)) = (inner.next(), inner.next()) else { return ExpressionKind::Error };
        let digits = self.digits(number);
        let unit = self.slice(unit);
        match literal::unit(unit) {
            Some(unit) => ExpressionKind::Length(digits, unit),
            None => ExpressionKind::Money(digits, unit.to_owned()),
        }
    }
}

fn binary(rule: Rule) -> Option<InfixKind> {
    let operator = match rule {
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
        Rule::plus => BinaryOperator::Add,
        Rule::minus => BinaryOperator::Subtract,
        Rule::star => BinaryOperator::Multiply,
        Rule::slash => BinaryOperator::Divide,
        Rule::modulo => BinaryOperator::Remainder,
        _ => return None,
    };
    Some(InfixKind::Binary(operator))
}
