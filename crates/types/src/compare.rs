//! Equality and order of values. Both are total: they answer for any two values and never panic.
//!
//! Which pairs of types may be compared at all is not decided here but by the operators.

use std::cmp::Ordering;

use crate::number::compare_decimal_with_float;
use crate::{Currency, Period, Value, wire};

/// Why two values have no order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Incomparable {
    /// They are of types without a common order.
    Types,
    /// They are amounts of different currencies.
    Currencies {
        /// The left currency.
        left: Currency,
        /// The right currency.
        right: Currency,
    },
    /// They are periods of which either may be the longer one, such as `1 month` and `30 days`.
    Periods {
        /// The left period.
        left: Period,
        /// The right period.
        right: Period,
    },
}

/// Returns whether two values are equal.
///
/// Numbers are equal by value (`5 == 5.0`), amounts of money if the currency is the same too, lists element by
/// element, records and maps by the names and values of what is not missing. A missing value equals only another.
pub fn equal(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Missing, Value::Missing) => true,
        (Value::Bool(left), Value::Bool(right)) => left == right,
        (Value::String(left), Value::String(right)) => left == right,
        (Value::Money(left), Value::Money(right)) => left == right,
        (Value::Period(left), Value::Period(right)) => left == right,
        (Value::List(left), Value::List(right)) => {
            left.len() == right.len() && left.iter().zip(right.iter()).all(|(left, right)| equal(left, right))
        }
        (Value::Map(_) | Value::Record(_), Value::Map(_) | Value::Record(_)) => same_members(left, right),
        (Value::Json(left), Value::Json(right)) => {
            left == right || equal(&wire::read_any(left), &wire::read_any(right))
        }
        _ => compare(left, right) == Ok(Ordering::Equal),
    }
}

/// Returns whether two records or maps have the same members, those that are missing left aside. Each pair is compared
/// once, or the time would double with every level.
fn same_members(left: &Value, right: &Value) -> bool {
    let left_members = present(left);
    left_members.len() == present(right).len()
        && left_members
            .into_iter()
            .all(|(name, value)| member(right, name).is_some_and(|other| equal(value, other)))
}

/// The members of a record or map that are not missing.
pub(crate) fn present(value: &Value) -> Vec<(&str, &Value)> {
    let members: Vec<(&str, &Value)> = if let Value::Map(map) = value {
        map.iter().map(|(name, value)| (&**name, value)).collect()
    } else if let Value::Record(record) = value {
        record.shape.fields.keys().map(|name| &**name).zip(record.fields.iter()).collect()
    } else {
        Vec::new()
    };
    members.into_iter().filter(|(_, value)| !value.is_missing()).collect()
}

fn member<'a>(value: &'a Value, name: &str) -> Option<&'a Value> {
    if let Value::Map(map) = value {
        map.get(name)
    } else if let Value::Record(record) = value {
        record.fields.get(record.shape.fields.get_index_of(name)?)
    } else {
        None
    }
}

/// Returns the order of two values.
///
/// Numbers are ordered by value, texts by their Unicode code points, dates, times and instants by time.
pub fn compare(left: &Value, right: &Value) -> Result<Ordering, Incomparable> {
    match (left, right) {
        (Value::Int(left), Value::Int(right)) => Ok(left.cmp(right)),
        (
            Value::Int(_) | Value::Decimal(_) | Value::Float(_),
            Value::Int(_) | Value::Decimal(_) | Value::Float(_),
        ) => compare_numbers(left, right).ok_or(Incomparable::Types),
        (Value::String(left), Value::String(right)) => Ok(left.cmp(right)),
        (Value::Date(left), Value::Date(right)) => Ok(left.cmp(right)),
        (Value::Time(left), Value::Time(right)) => Ok(left.cmp(right)),
        (Value::DateTime(left), Value::DateTime(right)) => Ok(left.cmp(right)),
        (Value::Duration(left), Value::Duration(right)) => Ok(left.cmp(right)),
        (Value::Percent(left), Value::Percent(right)) => Ok(left.cmp(right)),
        (Value::Period(left), Value::Period(right)) => {
            left.compare(right).ok_or(Incomparable::Periods { left: *left, right: *right })
        }
        (Value::Money(left), Value::Money(right)) if left.currency == right.currency => {
            Ok(left.amount.cmp(&right.amount))
        }
        (Value::Money(left), Value::Money(right)) => {
            Err(Incomparable::Currencies { left: left.currency, right: right.currency })
        }
        _ => Err(Incomparable::Types),
    }
}

fn compare_numbers(left: &Value, right: &Value) -> Option<Ordering> {
    if let (Value::Float(left), Value::Float(right)) = (left, right) {
        // Zero and negative zero are one number; the order of what is not a number only has to be total.
        return Some(if left == right { Ordering::Equal } else { left.total_cmp(right) });
    }
    if let Value::Float(float) = left {
        return Some(compare_decimal_with_float(&right.as_decimal()?, *float).reverse());
    }
    if let Value::Float(float) = right {
        return Some(compare_decimal_with_float(&left.as_decimal()?, *float));
    }
    Some(left.as_decimal()?.cmp(&right.as_decimal()?))
}

#[cfg(test)]
mod tests;
