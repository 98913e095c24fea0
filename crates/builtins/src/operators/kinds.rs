//! What several operators share: which types go together, numbers, letters without case, faults.

use std::borrow::Cow;
use std::cmp::Ordering;

use hence_types::{Currency, Decimal, Incomparable, Money, Type, Value, compare};
use rust_decimal::prelude::ToPrimitive;

use super::Case;
use crate::Fault;

/// Returns whether values of the type are numbers: `int`, `decimal` or `float`.
pub(crate) fn numeric(ty: &Type) -> bool {
    ty.is_number() || matches!(ty, Type::Float)
}

/// Returns whether `==` makes sense between two types: whether a value of one may equal a value of the other.
pub(crate) fn equatable(left: &Type, right: &Type) -> bool {
    let (left, right) = (left.required(), right.required());
    match (left, right) {
        (Type::Error, _) | (_, Type::Error) => true,
        (Type::Json | Type::Nothing, _) | (_, Type::Json | Type::Nothing) => false,
        (Type::Money(left), Type::Money(right)) => joined(*left, *right).is_some(),
        (Type::List(left), Type::List(right)) | (Type::Map(left), Type::Map(right)) => equatable(left, right),
        (Type::Record(left), Type::Record(right)) => {
            left == right
                || left.fields.iter().any(|(name, field)| {
                    right.fields.get(name).is_some_and(|other| equatable(&field.ty, &other.ty))
                })
        }
        (Type::Record(record), Type::Map(element)) | (Type::Map(element), Type::Record(record)) => {
            record.fields.values().all(|field| equatable(&field.ty, element))
        }
        (left, right) => {
            numeric(left) && numeric(right) || left.is_text() && right.is_text() || left == right
        }
    }
}

/// Returns whether `<` makes sense between two types. An enumeration has no order: its texts would be compared by
/// their letters, and `"high" < "low"` is nothing anyone means.
pub(crate) fn orderable(left: &Type, right: &Type) -> bool {
    match (left, right) {
        (Type::Error, _) | (_, Type::Error) => true,
        (Type::Money(left), Type::Money(right)) => joined(*left, *right).is_some(),
        (
            Type::String
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
            | Type::Period
            | Type::Percent,
            _,
        ) => left == right,
        _ => numeric(left) && numeric(right),
    }
}

/// Returns the currency of a result for the currencies of two operands, where they do not exclude each other.
pub(super) fn joined(left: Option<Currency>, right: Option<Currency>) -> Option<Option<Currency>> {
    match (left, right) {
        (Some(left), Some(right)) if left != right => None,
        (left, right) => Some(left.or(right)),
    }
}

/// Returns the type of `+`, `-`, `*` between two numbers.
pub(super) fn arithmetic_type(left: &Type, right: &Type) -> Option<Type> {
    if !numeric(left) || !numeric(right) {
        None
    } else if matches!(left, Type::Float) || matches!(right, Type::Float) {
        Some(Type::Float)
    } else if matches!((left, right), (Type::Int, Type::Int)) {
        Some(Type::Int)
    } else {
        Some(Type::Decimal)
    }
}

/// Two numbers on common ground.
pub(super) enum Numbers {
    /// Both are integers.
    Ints(i64, i64),
    /// Both are exact.
    Decimals(Decimal, Decimal),
    /// One at least is a float.
    Floats(f64, f64),
}

/// Brings two numbers on common ground; nothing if one is no number.
pub(super) fn numbers(left: &Value, right: &Value) -> Option<Numbers> {
    if let (Value::Int(left), Value::Int(right)) = (left, right) {
        return Some(Numbers::Ints(*left, *right));
    }
    if let (Some(left), Some(right)) = (left.as_decimal(), right.as_decimal()) {
        return Some(Numbers::Decimals(left, right));
    }
    Some(Numbers::Floats(float(left)?, float(right)?))
}

fn float(value: &Value) -> Option<f64> {
    if let Value::Float(float) = value { Some(*float) } else { value.as_decimal()?.to_f64() }
}

/// A float as the result of an operation, if it is a number.
pub(super) fn finite(float: f64, operation: &'static str) -> Result<Value, Fault> {
    if float.is_finite() { Ok(Value::Float(float)) } else { Err(Fault::Overflow { operation }) }
}

/// A result that may have had no room.
pub(super) fn room<T>(result: Option<T>, operation: &'static str) -> Result<T, Fault> {
    result.ok_or(Fault::Overflow { operation })
}

/// Money without zeros at the end of its digits; printing adds those that the currency has.
pub(crate) fn tidy(amount: Decimal, currency: Currency) -> Value {
    Value::Money(Money { amount: amount.normalize(), currency })
}

/// The currency of two amounts, if it is one.
pub(super) fn one_currency(left: &Money, right: &Money) -> Result<Currency, Fault> {
    if left.currency == right.currency {
        Ok(left.currency)
    } else {
        Err(Fault::Currencies { left: left.currency, right: right.currency })
    }
}

/// The share of a number that a percentage is: 30 for 15% of 200.
pub(super) fn share(whole: Decimal, percent: Decimal, operation: &'static str) -> Result<Decimal, Fault> {
    let hundredfold = room(whole.checked_mul(percent), operation)?;
    room(hundredfold.checked_div(Decimal::ONE_HUNDRED), operation).map(|share| share.normalize())
}

/// The fault of an operator for values it does not take: one is missing, or the checker let them through.
pub(super) fn unexpected(left: &Value, right: &Value, operation: &'static str) -> Fault {
    if left.is_missing() || right.is_missing() { Fault::Missing } else { Fault::Internal { operation } }
}

/// Compares two values for an operator or function.
pub(super) fn order(left: &Value, right: &Value, operation: &'static str) -> Result<Ordering, Fault> {
    if left.is_missing() || right.is_missing() {
        return Err(Fault::Missing);
    }
    compare(left, right).map_err(|reason| fault_of(reason, operation))
}

/// The fault of two values that have no order.
pub(crate) fn fault_of(reason: Incomparable, operation: &'static str) -> Fault {
    match reason {
        Incomparable::Types => Fault::Internal { operation },
        Incomparable::Currencies { left, right } => Fault::Currencies { left, right },
        Incomparable::Periods { left, right } => Fault::Argument {
            function: operation,
            reason: format!(
                "whether `{left}` or `{right}` is longer depends on the day they are counted from"
            ),
        },
    }
}

/// A text in the letters it is compared in. Letter by letter, so that a part of a text is folded as the whole is, and
/// through capitals, so that letters with one capital (`σ` and `ς`) are one.
pub(super) fn folded(text: &str, case: Case) -> Cow<'_, str> {
    match case {
        Case::Sensitive => Cow::Borrowed(text),
        Case::Ignored if text.is_ascii() => Cow::Owned(text.to_ascii_lowercase()),
        Case::Ignored => {
            Cow::Owned(text.chars().flat_map(char::to_uppercase).flat_map(char::to_lowercase).collect())
        }
    }
}

/// Returns a text as `ignoring case` compares it: two texts are the same then if these are.
pub fn folded_text(text: &str) -> Cow<'_, str> {
    folded(text, Case::Ignored)
}

/// Returns whether two texts are the same.
pub(super) fn same_text(left: &str, right: &str, case: Case) -> bool {
    match case {
        Case::Sensitive => left == right,
        Case::Ignored if left.is_ascii() && right.is_ascii() => left.eq_ignore_ascii_case(right),
        Case::Ignored => folded(left, case) == folded(right, case),
    }
}

/// Returns whether two values are equal, texts with or without their case.
pub(super) fn same(left: &Value, right: &Value, case: Case) -> bool {
    match (left, right) {
        (Value::String(left), Value::String(right)) => same_text(left, right, case),
        _ => hence_types::equal(left, right),
    }
}

/// Compares two texts by a test such as `starts with`.
pub(super) fn text_test(
    left: &Value,
    right: &Value,
    case: Case,
    operation: &'static str,
    test: fn(&str, &str) -> bool,
) -> Result<Value, Fault> {
    match (left, right) {
        (Value::String(left), Value::String(right)) => {
            Ok(Value::Bool(test(&folded(left, case), &folded(right, case))))
        }
        _ => Err(unexpected(left, right, operation)),
    }
}
