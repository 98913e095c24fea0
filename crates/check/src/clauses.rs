//! Header clauses that are computed when the rule runs: they steer when and how often.

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::ast::{ClauseKind, Expression, Name, NodeId, Rule};
use hence_types::{Decimal, Enumeration, Type, Value};

use crate::checker::Checker;
use crate::errors::decision::NotHere;
use crate::errors::shape::{ClauseValue, VariantShares};
use crate::literal;

/// How many firings a limit may count.
const MOST_FIRINGS: u32 = 1_000_000;

/// What the steps of a rule with variants read theirs by.
const VARIANT: &str = "variant";

/// The most decimals of a percentage: how finely keys are told apart.
const DECIMALS: u32 = 4;

/// Returns the number of a limit, if it can be one.
pub fn limit_count(digits: &str) -> Option<u32> {
    digits.replace('_', "").parse().ok().filter(|count| (1..=MOST_FIRINGS).contains(count))
}

/// Returns the millionths that a percentage is, if it is one from 0% to 100% that is not too fine.
pub fn millionths(percent: &Value) -> Option<u32> {
    let Value::Percent(percent) = percent else { return None };
    let percent = percent.normalize();
    let fits = percent.scale() <= DECIMALS && percent >= Decimal::ZERO && percent <= Decimal::ONE_HUNDRED;
    let millionths = percent.checked_mul(Decimal::from(10_000))?;
    fits.then(|| u32::try_from(millionths).ok()).flatten()
}

impl Checker<'_> {
    /// Checks the clauses that are computed when the rule runs: the event is known, and that the condition holds, unless
    /// the rule runs also where it does not.
    pub(crate) fn computed_clauses(&mut self, rule: &Rule) {
        match &rule.condition {
            Some(condition) if rule.otherwise.is_none() => {
                self.under(condition, true, |checker| checker.clauses_in_scope(rule));
            }
            Some(_) | None => self.clauses_in_scope(rule),
        }
    }

    fn clauses_in_scope(&mut self, rule: &Rule) {
        for clause in &rule.clauses {
            if self.needs_executions(&clause.kind, clause.span) {
                continue;
            }
            match &clause.kind {
                ClauseKind::Until(exit) => self.exit(exit),
                ClauseKind::Once(by) => self.keys(by, "once per"),
                ClauseKind::Limit { count: (digits, span), per, by } => {
                    if limit_count(digits).is_none() {
                        let message =
                            format!("a limit is a whole number from 1 to {MOST_FIRINGS}, not `{digits}`");
                        self.report(ClauseValue { message, label: "out of range", span: *span });
                    }
                    self.clause_length(per, "limit");
                    self.keys(by, "limit");
                }
                ClauseKind::Rollout { share, by } => {
                    self.share(share);
                    self.keys(by, "rollout");
                }
                ClauseKind::Variant { shares, by, .. } => {
                    self.shares(shares, clause.span);
                    self.keys(by, "variant");
                }
                ClauseKind::Debounce { quiet, by } => {
                    self.clause_length(quiet, "debounce");
                    self.keys(by, "debounce");
                }
                ClauseKind::Overlap { by, .. } => self.keys(by, "overlap"),
                ClauseKind::Priority(..)
                | ClauseKind::Group(_)
                | ClauseKind::Disabled
                | ClauseKind::Owner(..)
                | ClauseKind::Tags(_)
                | ClauseKind::Timezone(..)
                | ClauseKind::Active { .. } => {}
            }
        }
    }

    /// Reports a clause that speaks of executions, which decisions have none of. Returns whether it did.
    fn needs_executions(&mut self, clause: &ClauseKind, span: Span) -> bool {
        let Some(name) = self.facts.entry_point.clone() else { return false };
        let needs = clause.computed().is_some() && !matches!(clause, ClauseKind::Rollout { .. });
        if needs {
            let what = format!("`{}`", clause.keyword());
            let why = "a decision is made at once, and nothing of it is kept";
            self.report(NotHere::new(&what, span, why, &name));
        }
        needs
    }

    fn keys(&mut self, by: &[Expression], clause: &str) {
        for key in by {
            let ty = self.expression(key);
            self.need(key, ty, &format!("`{clause}` needs a value"), None);
        }
    }

    /// Checks a length of time, exact or by the calendar.
    fn clause_length(&mut self, length: &Expression, clause: &str) {
        let is_some = match literal::value(length, &self.zone) {
            Ok(Some(Value::Duration(duration))) => duration.is_positive(),
            Ok(Some(Value::Period(period))) => period.months > 0 || period.days > 0,
            Ok(_) => false,
            Err(diagnostic) => return self.report(*diagnostic),
        };
        if !is_some {
            let message = format!("`{clause}` takes a length of time, at least some");
            let label = "expected a length such as `10 m` or `7 days`";
            self.report(ClauseValue { message, label, span: length.span });
        }
    }

    /// Checks a percentage; returns its millionths.
    fn share(&mut self, share: &Expression) -> Option<u32> {
        match literal::value(share, &self.zone) {
            Ok(value) => {
                let millionths = value.as_ref().and_then(millionths);
                if millionths.is_none() {
                    let message = format!("a share is 0% to 100%, with at most {DECIMALS} decimals");
                    self.report(ClauseValue { message, label: "out of range", span: share.span });
                }
                millionths
            }
            Err(diagnostic) => {
                self.report(*diagnostic);
                None
            }
        }
    }

    fn shares(&mut self, shares: &[(Name, Expression)], clause: Span) {
        let mut sum = Some(0u32);
        for (at, (name, share)) in shares.iter().enumerate() {
            let before =
                shares.get(..at).unwrap_or_default().iter().find(|(other, _)| other.text == name.text);
            if let Some((first, _)) = before {
                let message = format!("the variant `{}` stands twice", name.text);
                self.report(
                    Diagnostic::new(Code::DuplicateName, name.span, message)
                        .label("again here")
                        .secondary(first.span, "first here"),
                );
            }
            let share = self.share(share);
            sum = sum.zip(share).map(|(sum, share)| sum.saturating_add(share));
        }
        if let (Some(sum), Some((first, _)), Some((_, last))) = (sum, shares.first(), shares.last())
            && sum != 1_000_000
        {
            let sum = Value::Percent(Decimal::new(i64::from(sum), DECIMALS).normalize());
            let span = if shares.len() > 1 { first.span.to(last.span) } else { clause };
            self.report(VariantShares { span, sum: sum.to_string() });
        }
    }

    /// Brings the variant of a rule into the scope of its steps.
    pub(crate) fn bind_variant(&mut self, rule: &Rule) {
        let variant = rule.clauses.iter().find_map(|clause| {
            if let ClauseKind::Variant { id, shares, .. } = &clause.kind {
                Some((*id, shares, clause.span))
            } else {
                None
            }
        });
        if let Some((id, shares, span)) = variant {
            self.bind_one_of(id, shares, span);
        }
    }

    fn bind_one_of(&mut self, id: NodeId, shares: &[(Name, Expression)], span: Span) {
        let values = shares.iter().map(|(name, _)| Arc::from(name.text.as_str())).collect();
        let ty = Type::Enum(Arc::new(Enumeration { name: None, values, origin: Some(span) }));
        let name = Name { text: VARIANT.to_owned(), span };
        self.bind(&name, id, ty, Some(span));
    }
}
