//! `match x { … }`.

use hence_diagnostics::Span;
use pest::iterators::Pair;

use super::Builder;
use super::expression::Built;
use crate::ast::{ExpressionKind, MatchArm, MatchPattern, UnaryOperator};
use crate::grammar::Rule;

impl Builder<'_> {
    /// Returns the choice and how deep it is.
    pub(super) fn match_choice(&mut self, pair: Pair<'_, Rule>) -> (ExpressionKind, u32) {
        let mut subject = None;
        let mut arms = Vec::new();
        let mut deepest = 0;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::expression => {
                    let (expression, depth) = self.deep_expression(part);
                    deepest = deepest.max(depth);
                    subject = Some(Box::new(expression));
                }
                Rule::match_arm => {
                    if let Some((arm, depth)) = self.match_arm(part) {
                        deepest = deepest.max(depth);
                        arms.push(arm);
                    }
                }
                _ => {}
            }
        }
        match subject {
            Some(subject) => (ExpressionKind::Match { subject, arms }, deepest + 1),
            None => (ExpressionKind::Error, 1),
        }
    }

    fn match_arm(&mut self, pair: Pair<'_, Rule>) -> Option<(MatchArm, u32)> {
        let span = self.span(&pair);
        let mut values = Vec::new();
        let mut pattern = None;
        let mut value = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::missing => pattern = Some(MatchPattern::Missing(self.span(&part))),
                Rule::else_ => pattern = Some(MatchPattern::Else(self.span(&part))),
                Rule::match_value => values.extend(self.match_value(part).map(|(value, _)| value)),
                Rule::expression => value = Some(self.deep_expression(part)),
                _ => {}
            }
        }
        let (value, depth) = value?;
        let pattern = pattern.unwrap_or(MatchPattern::Values(values));
        Some((MatchArm { span, pattern, value }, depth))
    }

    fn match_value(&mut self, pair: Pair<'_, Rule>) -> Option<Built> {
        let whole = self.span(&pair);
        let mut minus: Option<Span> = None;
        let mut built = None;
        for part in pair.into_inner() {
            if part.as_rule() == Rule::minus {
                minus = Some(self.span(&part));
            } else {
                built = Some(self.primary(part));
            }
        }
        let (value, depth) = built?;
        if minus.is_none() {
            return Some((value, depth));
        }
        let kind = ExpressionKind::Unary { operator: UnaryOperator::Minus, operand: Box::new(value) };
        Some((self.node(whole, kind), depth + 1))
    }
}
