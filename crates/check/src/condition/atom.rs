//! Conditions that are no `and`, `or` or `not`: of what they speak, and which values they allow.

use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Presence};
use hence_types::{Type, Value};

use super::domain::{Domain, Point};
use super::{Formula, Scope};
use crate::facts::Use;

/// Longer lists are not looked into.
const MOST_ELEMENTS: usize = 256;

/// How one value stands to another, as points.
const BEFORE: u8 = 0;
const SAME: u8 = 1;
const AFTER: u8 = 2;
const NO_ORDER: u8 = 3;

/// Returns what a condition allows where it is `truth`.
pub(super) fn formula(scope: &Scope<'_>, condition: &Expression, truth: bool) -> Formula {
    if let Some(Value::Bool(known)) = scope.value(condition) {
        return Formula::Constant(known == truth);
    }
    if let ExpressionKind::Binary { operator, negated, ignoring_case, left, right, .. } = &condition.kind {
        let truth = truth != *negated;
        let understood = if ignoring_case.is_some() {
            None
        } else if *operator == BinaryOperator::In {
            membership(scope, left, right, truth)
        } else {
            Comparison::of(*operator).map(|comparison| compared(scope, comparison, left, right, truth))
        };
        return understood.unwrap_or_else(|| {
            let case = ignoring_case.is_some();
            let key = format!("{operator:?}{case}({},{})", scope.key(left), scope.key(right));
            Formula::Atom(key, Domain::points([Point::Truth(truth)]))
        });
    }
    if let ExpressionKind::Between { negated, operand, low, high, .. } = &condition.kind {
        return between(scope, operand, low, high, truth != *negated).unwrap_or(Formula::Unknown);
    }
    if let ExpressionKind::Presence { test, negated, operand } = &condition.kind {
        return presence(scope, *test, operand, truth != *negated);
    }
    if let ExpressionKind::IsEvent { negated, .. } = &condition.kind {
        if let Some(Use::IsVariant(_)) = scope.facts.usage(condition.id) {
            return Formula::Atom(scope.key(condition), Domain::points([Point::Truth(truth)]));
        }
        let Some(Use::IsEvent(event)) = scope.facts.usage(condition.id) else { return Formula::Unknown };
        let truth = truth != *negated;
        let asked = scope.facts.events.get(*event);
        let all = scope.facts.events.iter().enumerate();
        let events = all.filter(|(_, other)| (Some(*other) == asked) == truth);
        let events = events.map(|(other, _)| Point::Event(other));
        return Formula::Atom("the event".to_owned(), Domain::points(events));
    }
    if matches!(condition.kind, ExpressionKind::Error) {
        return Formula::Unknown;
    }
    Formula::Atom(scope.key(condition), Domain::points([Point::Truth(truth)]))
}

/// A comparison by order or equality.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    NotEqual,
}

impl Comparison {
    fn of(operator: BinaryOperator) -> Option<Comparison> {
        match operator {
            BinaryOperator::Equal => Some(Comparison::Equal),
            BinaryOperator::NotEqual => Some(Comparison::NotEqual),
            BinaryOperator::Less => Some(Comparison::Less),
            BinaryOperator::LessOrEqual => Some(Comparison::LessOrEqual),
            BinaryOperator::Greater => Some(Comparison::Greater),
            BinaryOperator::GreaterOrEqual => Some(Comparison::GreaterOrEqual),
            BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::StartsWith
            | BinaryOperator::EndsWith
            | BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan
            | BinaryOperator::Matches
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => None,
        }
    }

    /// The comparison with its sides changed.
    fn flipped(self) -> Comparison {
        match self {
            Comparison::Less => Comparison::Greater,
            Comparison::LessOrEqual => Comparison::GreaterOrEqual,
            Comparison::Greater => Comparison::Less,
            Comparison::GreaterOrEqual => Comparison::LessOrEqual,
            Comparison::Equal | Comparison::NotEqual => self,
        }
    }

    /// The comparison that holds where this one does not, of values that can be compared.
    fn opposite(self) -> Comparison {
        match self {
            Comparison::Equal => Comparison::NotEqual,
            Comparison::NotEqual => Comparison::Equal,
            Comparison::Less => Comparison::GreaterOrEqual,
            Comparison::LessOrEqual => Comparison::Greater,
            Comparison::Greater => Comparison::LessOrEqual,
            Comparison::GreaterOrEqual => Comparison::Less,
        }
    }

    /// The values that compare so with a point.
    fn domain(self, point: &Point) -> Domain {
        match self {
            Comparison::Equal => Domain::points([point.clone()]),
            // A missing value equals no other, and amounts of another currency differ.
            Comparison::NotEqual => Domain::other_than([point.clone()]).or_missing(),
            Comparison::Less => Domain::below(point, false),
            Comparison::LessOrEqual => Domain::below(point, true),
            Comparison::Greater => Domain::above(point, false),
            Comparison::GreaterOrEqual => Domain::above(point, true),
        }
    }

    fn orders(self) -> &'static [u8] {
        match self {
            Comparison::Equal => &[SAME],
            Comparison::NotEqual => &[BEFORE, AFTER, NO_ORDER],
            Comparison::Less => &[BEFORE],
            Comparison::LessOrEqual => &[BEFORE, SAME],
            Comparison::Greater => &[AFTER],
            Comparison::GreaterOrEqual => &[SAME, AFTER],
        }
    }
}

fn compared(
    scope: &Scope<'_>,
    comparison: Comparison,
    left: &Expression,
    right: &Expression,
    truth: bool,
) -> Formula {
    let comparison = if truth { comparison } else { comparison.opposite() };
    let point = |side: &Expression| scope.value(side).as_ref().and_then(Point::of);
    if let Some(point) = point(right) {
        return Formula::Atom(scope.key(left), fitting(scope, left, comparison.domain(&point)));
    }
    if let Some(point) = point(left) {
        return Formula::Atom(scope.key(right), fitting(scope, right, comparison.flipped().domain(&point)));
    }
    let (left, right) = (scope.key(left), scope.key(right));
    if left == right {
        // Reported as what it is.
        return Formula::Unknown;
    }
    let (first, second, comparison) =
        if left < right { (left, right, comparison) } else { (right, left, comparison.flipped()) };
    let orders = comparison.orders().iter().copied().map(Point::Order);
    Formula::Atom(format!("{first} with {second}"), Domain::points(orders))
}

/// The part of a domain that values of an expression can be in.
fn fitting(scope: &Scope<'_>, operand: &Expression, domain: Domain) -> Domain {
    if *scope.facts.ty(operand.id).required() == Type::Int { domain.whole() } else { domain }
}

fn membership(scope: &Scope<'_>, left: &Expression, right: &Expression, truth: bool) -> Option<Formula> {
    if let ExpressionKind::Range { low, high } = &right.ungrouped().kind {
        let domain = range(scope, low, high, truth)?;
        // What is missing is in no range.
        let domain = if truth { domain } else { domain.or_missing() };
        return Some(Formula::Atom(scope.key(left), fitting(scope, left, domain)));
    }
    let ExpressionKind::List(elements) = &right.ungrouped().kind else { return None };
    if elements.len() > MOST_ELEMENTS {
        return None;
    }
    let points: Option<Vec<Point>> =
        elements.iter().map(|element| scope.value(element).as_ref().and_then(Point::of)).collect();
    let domain = if truth { Domain::points(points?) } else { Domain::other_than(points?).or_missing() };
    Some(Formula::Atom(scope.key(left), fitting(scope, left, domain)))
}

fn between(
    scope: &Scope<'_>,
    operand: &Expression,
    low: &Expression,
    high: &Expression,
    truth: bool,
) -> Option<Formula> {
    let domain = range(scope, low, high, truth)?;
    Some(Formula::Atom(scope.key(operand), fitting(scope, operand, domain)))
}

/// The values that lie between two ends, or those that do not.
fn range(scope: &Scope<'_>, low: &Expression, high: &Expression, truth: bool) -> Option<Domain> {
    let low = Point::of(&scope.value(low)?)?;
    let high = Point::of(&scope.value(high)?)?;
    Some(if truth {
        Domain::above(&low, true).meet(&Domain::below(&high, true))
    } else {
        Domain::below(&low, false).join(Domain::above(&high, false))
    })
}

fn presence(scope: &Scope<'_>, test: Presence, operand: &Expression, truth: bool) -> Formula {
    let empty =
        if scope.facts.ty(operand.id).required().is_text() { Point::Text("".into()) } else { Point::Empty };
    let domain = match (test, truth) {
        (Presence::Present, true) | (Presence::Missing, false) => Domain::present(),
        (Presence::Present, false) | (Presence::Missing, true) => Domain::missing(),
        (Presence::Empty, true) => Domain::points([empty]).or_missing(),
        (Presence::Empty, false) => Domain::other_than([empty]),
    };
    Formula::Atom(scope.key(operand), domain)
}
