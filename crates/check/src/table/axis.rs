//! The values of a column, cut into segments: within one, every cell of the column gives the same answer.

use std::cmp::Ordering;

use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Presence};
use hence_types::jiff::ToSpan;
use hence_types::{Currency, Decimal, Money, Type, Value, compare, equal};

use crate::evaluate::written;

/// A part of the values of a column.
#[derive(Debug, Clone, PartialEq)]
enum Segment {
    /// All below the first named value, or all between two, or all above the last; by their indexes.
    Gap(Option<usize>, Option<usize>),
    /// A named value.
    Point(usize),
    /// Any text that is not named, or an amount of another currency.
    Other,
    /// No value.
    Missing,
}

/// The values of a column.
#[derive(Debug, Clone)]
pub(super) struct Axis {
    kind: Kind,
    /// The named values; in their order where they have one.
    points: Vec<Value>,
    segments: Vec<Segment>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Kind {
    /// Values with an order.
    Ordered,
    /// Values that are equal or not.
    Choices,
    /// Values of which nothing is known.
    Opaque,
}

/// What a cell lets through: ranges of segments, ends included, in order and apart.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Set {
    /// `_`
    Any,
    /// These.
    Ranges(Vec<(u32, u32)>),
    /// Not known.
    Opaque,
}

/// A cell with the values in it, as far as they are known.
pub(super) struct Test<'a> {
    pub(super) condition: &'a Expression,
    pub(super) values: Vec<Option<Value>>,
}

/// Returns the expressions in a cell beside the parameter.
pub(super) fn operands(condition: &Expression) -> Vec<&Expression> {
    if let ExpressionKind::Binary { right, .. } = &condition.kind {
        vec![right]
    } else if let ExpressionKind::Between { low, high, .. } = &condition.kind {
        vec![low, high]
    } else {
        Vec::new()
    }
}

impl Axis {
    /// Returns the segments that the cells of a column make.
    pub(super) fn new(ty: &Type, tests: &[Option<Test<'_>>]) -> Axis {
        let inner = ty.required();
        let mut points = Vec::new();
        for value in tests.iter().flatten().flat_map(|test| &test.values).flatten() {
            match value.as_list() {
                Some(elements) => points.extend(elements.iter().cloned()),
                None => points.push(value.clone()),
            }
        }
        let mut other = false;
        let kind = match inner {
            Type::Int
            | Type::Decimal
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
            | Type::Percent => Kind::Ordered,
            Type::Money(currency) => {
                let first = currency.or_else(|| points.iter().find_map(currency_of));
                other = currency.is_none();
                let of_one = points.iter().all(|point| currency_of(point) == first);
                if of_one { Kind::Ordered } else { Kind::Opaque }
            }
            Type::Bool => {
                points = vec![Value::Bool(false), Value::Bool(true)];
                Kind::Choices
            }
            Type::Enum(enumeration) => {
                points = enumeration.values.iter().map(Value::text).collect();
                Kind::Choices
            }
            Type::String => {
                other = true;
                Kind::Choices
            }
            Type::Error
            | Type::Float
            | Type::Period
            | Type::List(_)
            | Type::Map(_)
            | Type::Record(_)
            | Type::Optional(_)
            | Type::Json
            | Type::Nothing => Kind::Opaque,
        };
        let comparable =
            points.iter().all(|point| points.first().is_none_or(|first| same_kind(first, point)));
        let kind = if comparable { kind } else { Kind::Opaque };
        let mut axis = Axis { kind, points: Vec::new(), segments: Vec::new() };
        match kind {
            Kind::Ordered => {
                points.sort_by(order);
                points.dedup_by(|a, b| order(a, b) == Ordering::Equal);
                axis.points = points;
                axis.cut(inner);
            }
            Kind::Choices => {
                if inner == &Type::String {
                    points.sort_by(order);
                    points.dedup_by(|a, b| equal(a, b));
                }
                axis.segments = (0..points.len()).map(Segment::Point).collect();
                axis.points = points;
            }
            Kind::Opaque => axis.segments.push(Segment::Other),
        }
        if other && kind != Kind::Opaque {
            axis.segments.push(Segment::Other);
        }
        if ty.is_optional() {
            axis.segments.push(Segment::Missing);
        }
        axis
    }

    /// Cuts ordered values at the named ones. Between two that follow each other nothing is left.
    fn cut(&mut self, ty: &Type) {
        self.segments.push(Segment::Gap(None, (!self.points.is_empty()).then_some(0)));
        for (at, point) in self.points.iter().enumerate() {
            self.segments.push(Segment::Point(at));
            match self.points.get(at + 1) {
                Some(next) if follows(ty, point, next) => {}
                Some(_) => self.segments.push(Segment::Gap(Some(at), Some(at + 1))),
                None => self.segments.push(Segment::Gap(Some(at), None)),
            }
        }
    }

    /// Returns how many segments there are.
    pub(super) fn len(&self) -> u32 {
        self.segments.len() as u32
    }

    /// Returns what a cell lets through.
    pub(super) fn set(&self, test: &Test<'_>) -> Set {
        if let ExpressionKind::Presence { test, negated, .. } = &test.condition.kind {
            let wants_missing = match test {
                Presence::Present => *negated,
                Presence::Missing => !*negated,
                Presence::Empty => return Set::Opaque,
            };
            return self.of(|segment| (*segment == Segment::Missing) == wants_missing);
        }
        if self.kind == Kind::Opaque {
            return Set::Opaque;
        }
        let values: Option<Vec<&Value>> = test.values.iter().map(Option::as_ref).collect();
        let Some(values) = values else { return Set::Opaque };
        if let (ExpressionKind::Between { .. }, [low, high]) = (&test.condition.kind, values.as_slice()) {
            if self.kind != Kind::Ordered {
                return Set::Opaque;
            }
            return self.of(|segment| {
                self.is(segment, low, Ordering::is_ge) && self.is(segment, high, Ordering::is_le)
            });
        }
        let ExpressionKind::Binary { operator, negated, .. } = &test.condition.kind else {
            return Set::Opaque;
        };
        let [value] = values.as_slice() else { return Set::Opaque };
        self.of_operator(*operator, *negated, value)
    }

    fn of_operator(&self, operator: BinaryOperator, negated: bool, value: &Value) -> Set {
        let ordered = |holds: fn(Ordering) -> bool| {
            if self.kind != Kind::Ordered {
                return Set::Opaque;
            }
            self.of(|segment| self.is(segment, value, holds))
        };
        match operator {
            BinaryOperator::Equal => self.of(|segment| self.equals(segment, value)),
            BinaryOperator::NotEqual => self.of(|segment| !self.equals(segment, value)),
            BinaryOperator::In => match value.as_list() {
                Some(list) => self.of(|segment| list.iter().any(|v| self.equals(segment, v)) != negated),
                None => Set::Opaque,
            },
            BinaryOperator::Less => ordered(Ordering::is_lt),
            BinaryOperator::LessOrEqual => ordered(Ordering::is_le),
            BinaryOperator::Greater => ordered(Ordering::is_gt),
            BinaryOperator::GreaterOrEqual => ordered(Ordering::is_ge),
            BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::Contains
            | BinaryOperator::StartsWith
            | BinaryOperator::EndsWith
            | BinaryOperator::Matches
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder
            | BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan => Set::Opaque,
        }
    }

    /// Returns the segments for which something holds.
    fn of(&self, holds: impl Fn(&Segment) -> bool) -> Set {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for (at, segment) in self.segments.iter().enumerate() {
            let at = at as u32;
            if holds(segment) {
                match ranges.last_mut() {
                    Some((_, end)) if *end + 1 == at => *end = at,
                    _ => ranges.push((at, at)),
                }
            }
        }
        if ranges == [(0, self.len().saturating_sub(1))] { Set::Any } else { Set::Ranges(ranges) }
    }

    fn equals(&self, segment: &Segment, value: &Value) -> bool {
        matches!(segment, Segment::Point(at) if self.points.get(*at).is_some_and(|point| equal(point, value)))
    }

    /// Whether all values of a segment stand in an order to a named value.
    fn is(&self, segment: &Segment, value: &Value, holds: fn(Ordering) -> bool) -> bool {
        let to = |at: usize| self.points.get(at).map_or(Ordering::Equal, |point| order(point, value));
        match segment {
            Segment::Point(at) => holds(to(*at)),
            Segment::Gap(Some(below), _) => {
                // What is above a named value that is not below is above, and so on.
                holds(if to(*below).is_lt() { Ordering::Less } else { Ordering::Greater })
            }
            Segment::Gap(None, _) => holds(Ordering::Less),
            Segment::Other | Segment::Missing => false,
        }
    }

    /// Returns a value of a segment, or words for its values.
    pub(super) fn witness(&self, segment: u32) -> String {
        match self.segments.get(segment as usize) {
            Some(Segment::Point(at)) => self.points.get(*at).map(written).unwrap_or_default(),
            Some(Segment::Gap(low, high)) => {
                let low = low.and_then(|at| self.points.get(at));
                let high = high.and_then(|at| self.points.get(at));
                between(low, high)
            }
            Some(Segment::Missing) => "missing".to_owned(),
            Some(Segment::Other) if self.kind == Kind::Ordered => "an amount of another currency".to_owned(),
            Some(Segment::Other) if self.kind == Kind::Choices && !self.points.is_empty() => {
                "any other text".to_owned()
            }
            Some(Segment::Other) | None => "any".to_owned(),
        }
    }
}

fn currency_of(value: &Value) -> Option<Currency> {
    if let Value::Money(money) = value { Some(money.currency) } else { None }
}

fn same_kind(left: &Value, right: &Value) -> bool {
    compare(left, right).is_ok() || matches!((left, right), (Value::Bool(_), Value::Bool(_)))
}

fn order(left: &Value, right: &Value) -> Ordering {
    compare(left, right).unwrap_or(Ordering::Equal)
}

/// Whether no value of the type lies between two.
fn follows(ty: &Type, value: &Value, next: &Value) -> bool {
    if let (Type::Int, Some(value), Some(next)) = (ty, value.as_decimal(), next.as_decimal()) {
        let whole = value.floor().checked_add(Decimal::ONE);
        return whole.is_some_and(|whole| whole >= next);
    }
    if let (Value::Date(value), Value::Date(next)) = (value, next) {
        return value.tomorrow().is_ok_and(|day| day == *next);
    }
    false
}

/// Returns a value between two, or words for it.
fn between(low: Option<&Value>, high: Option<&Value>) -> String {
    let found = match (low, high) {
        (Some(low), Some(high)) => middle(low, high),
        (Some(low), None) => step(low, 1),
        (None, Some(high)) => step(high, -1),
        (None, None) => return "any".to_owned(),
    };
    match (found, low, high) {
        (Some(value), ..) => written(&value),
        (None, Some(low), Some(high)) => format!("between {} and {}", written(low), written(high)),
        (None, Some(low), None) => format!("more than {}", written(low)),
        (None, None, Some(high)) => format!("less than {}", written(high)),
        (None, None, None) => "any".to_owned(),
    }
}

fn step(value: &Value, by: i64) -> Option<Value> {
    let add = |number: &Decimal| number.checked_add(Decimal::from(by));
    if let Value::Int(number) = value {
        number.checked_add(by).map(Value::Int)
    } else if let Value::Decimal(number) = value {
        add(number).map(Value::Decimal)
    } else if let Value::Percent(number) = value {
        add(number).map(Value::Percent)
    } else if let Value::Money(money) = value {
        add(&money.amount).map(|amount| Value::Money(Money { amount, ..*money }))
    } else if let Value::Date(date) = value {
        date.checked_add(by.days()).ok().map(Value::Date)
    } else {
        None
    }
}

fn middle(low: &Value, high: &Value) -> Option<Value> {
    let half = |low: Decimal, high: Decimal| -> Option<Decimal> {
        let whole = low.floor().checked_add(Decimal::ONE)?;
        if whole < high {
            return Some(whole);
        }
        Some(low.checked_add(high)?.checked_div(Decimal::TWO)?.normalize())
    };
    if let (Some(low), Some(high)) = (low.as_decimal(), high.as_decimal()) {
        half(low, high).map(Value::Decimal)
    } else if let (Value::Percent(low), Value::Percent(high)) = (low, high) {
        half(*low, *high).map(Value::Percent)
    } else if let (Value::Money(low), Value::Money(high)) = (low, high) {
        half(low.amount, high.amount).map(|amount| Value::Money(Money { amount, currency: low.currency }))
    } else if let (Value::Date(low), Value::Date(_)) = (low, high) {
        low.tomorrow().ok().map(Value::Date)
    } else {
        None
    }
}
