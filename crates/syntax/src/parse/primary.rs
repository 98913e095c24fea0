//! Operands: literals, names, groups, lists, records, choices, and what follows an operand without operator.

use pest::iterators::{Pair, Pairs};

use super::Builder;
use super::expression::Built;
use crate::ast::{Argument, Expression, ExpressionKind, Name, TextPart, TypeExpression, TypeExpressionKind};
use crate::grammar::Rule;
use crate::literal;

impl Builder<'_> {
    pub(super) fn postfix(&mut self, base: Expression, depth: u32, pair: Pair<'_, Rule>) -> Built {
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
            Rule::cast => {
                let ty = inner.into_inner().find(|part| part.as_rule() == Rule::type_);
                let Some(ty) = ty.and_then(|part| self.type_expression(part)) else { return (base, depth) };
                if let (ExpressionKind::Pattern(..), Some(name)) = (&base.kind, only_name(&ty)) {
                    let kind = ExpressionKind::NamedPattern { pattern: Box::new(base), name };
                    return (self.node(span, kind), depth + 1);
                }
                (self.node(span, ExpressionKind::As { operand: Box::new(base), ty }), depth + 1)
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

    pub(super) fn primary(&mut self, pair: Pair<'_, Rule>) -> Built {
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
            Rule::match_choice => {
                let (kind, inner) = self.match_choice(pair);
                depth = inner;
                kind
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
        // Before a unit that stands alone, repair puts a number without digits: it is meant as one.
        let digits = if number.is_empty() { "1".to_owned() } else { self.digits(number) };
        let unit = self.slice(unit);
        match literal::unit(unit) {
            Some(unit) => ExpressionKind::Length(digits, unit),
            None => ExpressionKind::Money(digits, unit.to_owned()),
        }
    }
}

/// Returns the name that a type consists of, if it is nothing else.
fn only_name(ty: &TypeExpression) -> Option<Name> {
    match &ty.kind {
        TypeExpressionKind::Named(path) if !ty.optional => match path.names.as_slice() {
            [only] => Some(only.clone()),
            _ => None,
        },
        TypeExpressionKind::Named(_) | TypeExpressionKind::List(_) | TypeExpressionKind::Map(_) => None,
    }
}
