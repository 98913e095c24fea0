//! What a condition allows, as sets: the conditions of a rule as alternatives of sets of values, one set for each
//! thing they speak of. Proves that conditions cannot hold together; knows nothing of messages.
//!
//! Every set is at least as large as what the condition allows, so an empty one is a proof. What is not understood is
//! a set of its own that is true or false as one. Bounds of schemas are not used: a payload may break its schema.
//!
//! Start with [`Scope::can_hold`].

mod atom;
mod certain;
mod domain;
mod key;
mod value;

use std::collections::BTreeMap;

use hence_diagnostics::Span;
use hence_syntax::Parsed;
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, UnaryOperator};
use hence_types::jiff::tz::TimeZone;

use crate::declarations::Declarations;
use crate::facts::Facts;
use domain::Domain;

/// More alternatives than this are not looked into.
const MOST_CUBES: usize = 4096;

/// What is needed to understand the expressions of an item.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) facts: &'a Facts,
    pub(crate) declarations: &'a Declarations,
    pub(crate) files: &'a [Parsed],
    pub(crate) zone: &'a TimeZone,
}

/// A condition and whether it holds or does not.
pub(crate) type Claim<'e> = (&'e Expression, bool);

/// A condition, negations pushed down to its atoms.
enum Formula {
    /// Not understood: may hold.
    Unknown,
    Constant(bool),
    /// What is spoken of, and the values it may have.
    Atom(String, Domain),
    All(Vec<Formula>),
    Any(Vec<Formula>),
}

/// Values that things may have together.
type Cube = BTreeMap<String, Domain>;

impl<'a> Scope<'a> {
    /// Returns the text under a place.
    pub(crate) fn text(&self, span: Span) -> &'a str {
        let parsed = self.files.iter().find(|parsed| parsed.file == span.file);
        parsed.and_then(|parsed| parsed.text.get(span.range())).unwrap_or_default()
    }

    /// Returns whether claims may all hold for one event. False is proved.
    pub(crate) fn can_hold(&self, claims: &[Claim<'_>]) -> bool {
        let formulas = claims.iter().map(|(condition, truth)| self.formula(condition, *truth)).collect();
        let formula = Formula::All(formulas);
        if let Some(holds) = of_different_things(&formula) {
            return holds;
        }
        cubes(&formula).is_none_or(|cubes| !cubes.is_empty())
    }

    fn formula(&self, condition: &Expression, truth: bool) -> Formula {
        if let ExpressionKind::Group(inner) = &condition.kind {
            return self.formula(inner, truth);
        }
        if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &condition.kind {
            return self.formula(operand, !truth);
        }
        if let ExpressionKind::Binary { operator, left, right, .. } = &condition.kind
            && matches!(operator, BinaryOperator::And | BinaryOperator::Or)
        {
            let parts = vec![self.formula(left, truth), self.formula(right, truth)];
            let all = (*operator == BinaryOperator::And) == truth;
            return if all { Formula::All(parts) } else { Formula::Any(parts) };
        }
        atom::formula(self, condition, truth)
    }
}

/// Returns the parts of a claim all of which hold where it does.
pub(crate) fn parts<'e>(claim: Claim<'e>) -> Vec<Claim<'e>> {
    let (condition, truth) = claim;
    if let ExpressionKind::Group(inner) = &condition.kind {
        return parts((inner, truth));
    }
    if let ExpressionKind::Unary { operator: UnaryOperator::Not, operand } = &condition.kind {
        return parts((operand, !truth));
    }
    let joins = if truth { BinaryOperator::And } else { BinaryOperator::Or };
    if let ExpressionKind::Binary { operator, left, right, .. } = &condition.kind
        && *operator == joins
    {
        let mut all = parts((left, truth));
        all.extend(parts((right, truth)));
        return all;
    }
    vec![claim]
}

/// Returns whether a formula can hold all of whose atoms speak of different things, as those of most conditions do:
/// each atom that allows anything can hold whatever the others say. Nothing where two speak of one thing.
fn of_different_things(formula: &Formula) -> Option<bool> {
    fn collect<'f>(formula: &'f Formula, keys: &mut Vec<&'f str>) -> bool {
        match formula {
            Formula::Unknown => true,
            Formula::Constant(truth) => *truth,
            Formula::Atom(key, domain) => {
                keys.push(key);
                !domain.is_empty()
            }
            // All parts are looked at, for their keys.
            Formula::All(parts) => parts.iter().filter(|part| collect(part, keys)).count() == parts.len(),
            Formula::Any(parts) => parts.iter().filter(|part| collect(part, keys)).count() > 0,
        }
    }
    let mut keys = Vec::new();
    let holds = collect(formula, &mut keys);
    keys.sort_unstable();
    keys.windows(2).all(|pair| pair.first() != pair.last()).then_some(holds)
}

/// Returns the alternatives that a formula allows; nothing where there are too many.
fn cubes(formula: &Formula) -> Option<Vec<Cube>> {
    match formula {
        Formula::Unknown | Formula::Constant(true) => Some(vec![Cube::new()]),
        Formula::Constant(false) => Some(Vec::new()),
        Formula::Atom(_, domain) if domain.is_empty() => Some(Vec::new()),
        Formula::Atom(key, domain) => Some(vec![Cube::from([(key.clone(), domain.clone())])]),
        Formula::Any(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(cubes(part)?);
                if all.len() > MOST_CUBES {
                    return None;
                }
            }
            Some(all)
        }
        Formula::All(parts) => {
            let mut all = vec![Cube::new()];
            for part in parts {
                let more = cubes(part)?;
                if all.len().saturating_mul(more.len()) > MOST_CUBES {
                    return None;
                }
                all = all.iter().flat_map(|one| more.iter().filter_map(|other| meet(one, other))).collect();
            }
            Some(all)
        }
    }
}

/// Returns in words where claims of different rules on one event all hold, none where nothing is understood of it;
/// nothing where it is proved that they cannot hold together.
pub(crate) fn together(claims: &[(Scope<'_>, Vec<Claim<'_>>)]) -> Option<String> {
    let mut formulas = Vec::new();
    for (scope, claims) in claims {
        formulas.extend(claims.iter().map(|(condition, truth)| scope.formula(condition, *truth)));
    }
    // A variable of one rule is none of another's.
    let formula = without_variables(Formula::All(formulas));
    let Some(cubes) = cubes(&formula) else { return Some(String::new()) };
    let cube = cubes.into_iter().next()?;
    let said = cube.iter().filter_map(|(key, domain)| Some(format!("`{}` {}", path(key)?, domain.words()?)));
    Some(said.take(MOST_SAID).collect::<Vec<_>>().join(" and "))
}

/// More parts of an example say less.
const MOST_SAID: usize = 4;

fn without_variables(formula: Formula) -> Formula {
    match formula {
        Formula::Atom(key, _) if key.contains("(\"local\",") => Formula::Unknown,
        Formula::All(parts) => Formula::All(parts.into_iter().map(without_variables).collect()),
        Formula::Any(parts) => Formula::Any(parts.into_iter().map(without_variables).collect()),
        Formula::Unknown | Formula::Constant(_) | Formula::Atom(..) => formula,
    }
}

/// Returns the path of a field by its key, if it is one.
fn path(key: &str) -> Option<String> {
    let names = key.strip_prefix("event.")?;
    let plain = names.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '"'));
    plain.then(|| names.replace('"', ""))
}

/// Returns what two alternatives allow together, if anything.
fn meet(one: &Cube, other: &Cube) -> Option<Cube> {
    let mut both = one.clone();
    for (key, domain) in other {
        let met = match both.get(key) {
            Some(before) => before.meet(domain),
            None => domain.clone(),
        };
        if met.is_empty() {
            return None;
        }
        both.insert(key.clone(), met);
    }
    Some(both)
}

#[cfg(test)]
mod tests;
