//! `match x { … }`: its arms, whether they take every value, and what it gives.

use hence_builtins::{BinaryOperator, negate};
use hence_diagnostics::Span;
use hence_syntax::ast::{Expression, ExpressionKind, MatchArm, MatchPattern, UnaryOperator};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Type, Value};

use crate::checker::Checker;
use crate::environment::{Knowledge, Place};
use crate::errors::matching::{ArmBelowElse, DuplicateArm, MissingArm, NotExhaustive};
use crate::errors::types::{BranchTypes, TypeMismatch, Unsuitable};
use crate::literal;

/// Returns the value of an arm's pattern: a literal, possibly a negative number.
pub fn arm_value(expression: &Expression, zone: &TimeZone) -> Option<Value> {
    if let ExpressionKind::Unary { operator: UnaryOperator::Minus, operand } = &expression.kind {
        return negate(&literal::value(operand, zone).ok()??).ok();
    }
    literal::value(expression, zone).ok()?
}

/// What the arms above have taken.
#[derive(Default)]
struct Taken {
    values: Vec<(Value, Span)>,
    missing: Option<Span>,
    rest: Option<Span>,
}

impl Checker<'_> {
    /// `wanted` is the type the place asks for, if it does.
    pub(super) fn matching(
        &mut self,
        expression: &Expression,
        subject: &Expression,
        arms: &[MatchArm],
        wanted: Option<&Type>,
    ) -> Type {
        let ty = self.expression(subject);
        let mut taken = Taken::default();
        let mut result: Option<(Type, Span)> = None;
        for arm in arms {
            self.pattern(subject, &ty, &arm.pattern, &mut taken);
            let target = wanted.cloned().or_else(|| result.as_ref().map(|(ty, _)| ty.clone()));
            let found = self.arm(subject, &ty, arm, target.as_ref());
            result = Some(match result {
                None => (found, arm.value.span),
                Some((before, span)) => match before.join(&found) {
                    Some(joined) => (joined, span),
                    None => {
                        let other = (arm.value.span, found);
                        self.report(BranchTypes { what: "the arms", first: (span, before), other });
                        (Type::Error, span)
                    }
                },
            });
        }
        self.exhaustive(expression, subject, &ty, arms, &taken);
        result.map_or(Type::Error, |(ty, _)| ty)
    }

    /// Checks the value of an arm. Below `missing` nothing is known of the subject, elsewhere it is there.
    fn arm(&mut self, subject: &Expression, ty: &Type, arm: &MatchArm, target: Option<&Type>) -> Type {
        let before = self.environment.clone();
        let is_there = ty.is_optional() && !matches!(arm.pattern, MatchPattern::Missing(_));
        if let Some(place) = Place::of(subject, &self.facts).filter(|_| is_there) {
            self.environment.learn(&[Knowledge::Present(place)]);
        }
        let known = self.in_arm(subject, &arm.pattern);
        self.environment.learn(&known);
        let found = match target {
            Some(target) => self.expect(&arm.value, target),
            None => self.expression(&arm.value),
        };
        self.environment = before;
        found
    }

    fn pattern(&mut self, subject: &Expression, ty: &Type, pattern: &MatchPattern, taken: &mut Taken) {
        match pattern {
            MatchPattern::Values(values) => {
                for value in values {
                    self.below_else(value.span, taken);
                    self.pattern_value(subject, ty, value, taken);
                }
            }
            MatchPattern::Missing(span) => {
                if !ty.is_optional() && !ty.is_error() {
                    crate::lints::needless_missing_arm(self, *span, subject, ty);
                }
                self.below_else(*span, taken);
                if let Some(first) = taken.missing {
                    self.duplicate("missing", *span, first);
                }
                taken.missing.get_or_insert(*span);
            }
            MatchPattern::Else(span) => {
                self.below_else(*span, taken);
                taken.rest.get_or_insert(*span);
            }
        }
    }

    fn below_else(&mut self, span: Span, taken: &Taken) {
        if let Some(first) = taken.rest {
            self.report(ArmBelowElse { span, first });
        }
    }

    fn duplicate(&mut self, written: &str, span: Span, first: Span) {
        self.report(DuplicateArm { span, written: written.to_owned(), first });
    }

    fn pattern_value(&mut self, subject: &Expression, ty: &Type, value: &Expression, taken: &mut Taken) {
        let found = self.expect(value, ty.required());
        if found.is_error() || ty.is_error() {
            return;
        }
        let equal = BinaryOperator::Equal.definition();
        if (equal.result)(ty.required(), &found).is_none() {
            let left = self.operand(subject, ty.required().clone());
            let right = self.operand(value, found);
            self.report(TypeMismatch {
                operator: "match",
                operands: "a value and values like it",
                left,
                right,
            });
            return;
        }
        let Some(known) = arm_value(value, &self.zone) else {
            let found = self.operand(value, found);
            let message = "an arm is for a value that is written out".to_owned();
            let help = Some("compare with computed values by `if … then … else …`".to_owned());
            self.report(Unsuitable { message, found, help });
            return;
        };
        if let Some((_, first)) = taken.values.iter().find(|(before, _)| hence_types::equal(before, &known)) {
            let first = *first;
            self.duplicate(&known.to_string(), value.span, first);
        }
        taken.values.push((known, value.span));
    }

    /// Reports values that no arm takes.
    fn exhaustive(
        &mut self,
        expression: &Expression,
        subject: &Expression,
        ty: &Type,
        arms: &[MatchArm],
        taken: &Taken,
    ) {
        if ty.is_error() {
            return;
        }
        let origin = self.facts.origin(subject.id);
        if ty.is_optional() && taken.missing.is_none() {
            let first = arms.first().map_or(expression.span, |arm| arm.span);
            let before = Span::new(first.file, first.start, first.start);
            self.report(MissingArm { subject: subject.span, ty: ty.clone(), origin, before });
        }
        if taken.rest.is_some() {
            return;
        }
        let all: Vec<Value> = if let Type::Enum(enumeration) = ty.required() {
            enumeration.values.iter().map(Value::text).collect()
        } else if *ty.required() == Type::Bool {
            vec![Value::Bool(true), Value::Bool(false)]
        } else {
            Vec::new()
        };
        let is_taken = |value: &Value| taken.values.iter().any(|(own, _)| hence_types::equal(own, value));
        let missing: Vec<String> =
            all.iter().filter(|value| !is_taken(value)).map(ToString::to_string).collect();
        if !all.is_empty() && missing.is_empty() {
            return;
        }
        let after = arms.last().map_or(expression.span, |arm| arm.span).after();
        let ty = ty.required().clone();
        self.report(NotExhaustive {
            span: expression.span,
            subject: subject.span,
            ty,
            origin,
            missing,
            after,
        });
    }
}
