//! The nearest value for which a comparison comes out otherwise, and words for it.
//!
//! Where values go in steps (whole numbers, amounts of money in their smallest unit) the words name the nearest
//! value; where they do not, they name the bound.

use hence_builtins::BinaryOperator;
use hence_types::{Decimal, Money, Value, jiff};

/// A value to try, and how to say it.
#[derive(Debug, Clone)]
pub(super) struct Change {
    pub(super) value: Value,
    pub(super) words: String,
}

/// Returns a value `x` near `bound` for which `x operator bound` holds. `now` is the value it has.
pub(super) fn toward(operator: BinaryOperator, now: &Value, bound: &Value) -> Option<Change> {
    match operator {
        BinaryOperator::Equal => Some(Change { value: bound.clone(), words: format!("were {bound}") }),
        BinaryOperator::NotEqual => {
            let words = format!("were something other than {bound}");
            other_than(bound).map(|value| Change { value, words })
        }
        BinaryOperator::Less => ordered(now, bound, Side::Below, false),
        BinaryOperator::LessOrEqual => ordered(now, bound, Side::Below, true),
        BinaryOperator::Greater => ordered(now, bound, Side::Above, false),
        BinaryOperator::GreaterOrEqual => ordered(now, bound, Side::Above, true),
        BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::StartsWith
        | BinaryOperator::EndsWith
        | BinaryOperator::WithinNext
        | BinaryOperator::WithinLast
        | BinaryOperator::OlderThan
        | BinaryOperator::Add
        | BinaryOperator::Subtract
        | BinaryOperator::Multiply
        | BinaryOperator::Divide
        | BinaryOperator::Remainder => None,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Below,
    Above,
}

fn ordered(now: &Value, bound: &Value, side: Side, included: bool) -> Option<Change> {
    if let (Value::Int(_), Some(limit)) = (now, bound.as_decimal()) {
        let nearest = stepped(limit, 0, side, included)?;
        let value = Value::Int(i64::try_from(nearest).ok()?);
        let words = at(side, &value);
        Some(Change { value, words })
    } else if let (Value::Money(_), Value::Money(limit)) = (now, bound) {
        let amount = stepped(limit.amount, limit.currency.decimals(), side, included)?;
        let value = Value::Money(Money { amount, currency: limit.currency });
        let words = at(side, &value);
        Some(Change { value, words })
    } else if included {
        Some(Change { value: bound.clone(), words: at(side, bound) })
    } else {
        let words = beyond(side, bound);
        neighbour(bound, side).map(|value| Change { value, words })
    }
}

/// Returns the nearest number of so many decimals that is on this side of `limit`.
fn stepped(limit: Decimal, decimals: u32, side: Side, included: bool) -> Option<Decimal> {
    let step = Decimal::try_new(1, decimals).ok()?;
    let scale = Decimal::try_from_i128_with_scale(10_i128.checked_pow(decimals)?, 0).ok()?;
    let steps = limit.checked_mul(scale)?;
    let nearest = match side {
        Side::Below => steps.floor(),
        Side::Above => steps.ceil(),
    };
    let nearest = nearest.checked_mul(step)?;
    if included || nearest != limit {
        return Some(nearest);
    }
    match side {
        Side::Below => nearest.checked_sub(step),
        Side::Above => nearest.checked_add(step),
    }
}

fn at(side: Side, value: &Value) -> String {
    if is_moment(value) {
        return match side {
            Side::Below => format!("were {value} or earlier"),
            Side::Above => format!("were {value} or later"),
        };
    }
    match side {
        Side::Below => format!("were at most {value}"),
        Side::Above => format!("were at least {value}"),
    }
}

fn beyond(side: Side, value: &Value) -> String {
    match (side, is_moment(value)) {
        (Side::Below, false) => format!("were less than {value}"),
        (Side::Above, false) => format!("were more than {value}"),
        (Side::Below, true) => format!("were earlier than {value}"),
        (Side::Above, true) => format!("were later than {value}"),
    }
}

fn is_moment(value: &Value) -> bool {
    matches!(value, Value::Date(_) | Value::Time(_) | Value::DateTime(_))
}

/// Returns a value a little beyond `bound`.
fn neighbour(bound: &Value, side: Side) -> Option<Value> {
    let below = side == Side::Below;
    let near = |decimal: Decimal| {
        let step = Decimal::try_new(1, (decimal.scale() + 1).min(28)).ok()?;
        if below { decimal.checked_sub(step) } else { decimal.checked_add(step) }
    };
    if let Some(decimal) = bound.as_decimal() {
        near(decimal).map(Value::Decimal)
    } else if let Value::Percent(percent) = bound {
        near(*percent).map(Value::Percent)
    } else if let Value::Float(float) = bound {
        Some(Value::Float(if below { float.next_down() } else { float.next_up() }))
    } else if let Value::Date(date) = bound {
        let date = if below { date.yesterday() } else { date.tomorrow() };
        date.ok().map(Value::Date)
    } else if let Value::Time(time) = bound {
        let second = jiff::SignedDuration::from_secs(if below { -1 } else { 1 });
        time.checked_add(second).ok().map(Value::Time)
    } else if let Value::DateTime(instant) = bound {
        let second = jiff::SignedDuration::from_secs(if below { -1 } else { 1 });
        instant.checked_add(second).ok().map(Value::DateTime)
    } else if let Value::Duration(duration) = bound {
        let second = jiff::SignedDuration::from_secs(if below { -1 } else { 1 });
        duration.checked_add(second).map(Value::Duration)
    } else {
        None
    }
}

/// Returns some value of the same type that is not this one.
fn other_than(bound: &Value) -> Option<Value> {
    if let Value::Bool(truth) = bound {
        Some(Value::Bool(!truth))
    } else if let Value::Int(int) = bound {
        int.checked_add(1).map(Value::Int)
    } else if let Value::String(text) = bound {
        Some(Value::text(format!("{text}-")))
    } else if let Value::Money(money) = bound {
        let amount = money.amount.checked_add(Decimal::ONE)?;
        Some(Value::Money(Money { amount, ..*money }))
    } else {
        neighbour(bound, Side::Above)
    }
}
