//! The values of arguments. A missing one is a fault, as the checker wants arguments narrowed.

use std::cmp::Ordering;
use std::sync::Arc;

use hence_types::jiff::{civil, tz::TimeZone};
use hence_types::{Incomparable, Type, Value};

use super::Context;
use crate::Fault;
use crate::operators::fault_of;

/// Returns the argument at a place.
pub(super) fn any<'a>(
    arguments: &'a [Value],
    place: usize,
    function: &'static str,
) -> Result<&'a Value, Fault> {
    match arguments.get(place) {
        Some(Value::Missing) => Err(Fault::Missing),
        Some(value) => Ok(value),
        None => Err(Fault::Internal { operation: function }),
    }
}

/// Returns the text at a place.
pub(super) fn text<'a>(
    arguments: &'a [Value],
    place: usize,
    function: &'static str,
) -> Result<&'a str, Fault> {
    any(arguments, place, function)?.as_text().ok_or(Fault::Internal { operation: function })
}

/// Returns the list at a place.
pub(super) fn list<'a>(
    arguments: &'a [Value],
    place: usize,
    function: &'static str,
) -> Result<&'a [Value], Fault> {
    any(arguments, place, function)?.as_list().ok_or(Fault::Internal { operation: function })
}

/// Returns the integer at a place.
pub(super) fn int(arguments: &[Value], place: usize, function: &'static str) -> Result<i64, Fault> {
    if let Value::Int(int) = any(arguments, place, function)? {
        Ok(*int)
    } else {
        Err(Fault::Internal { operation: function })
    }
}

/// Returns whether an optional argument is given.
pub(super) fn given(arguments: &[Value], place: usize) -> bool {
    arguments.get(place).is_some_and(|value| !value.is_missing())
}

/// Returns the day of the date at a place, or of the datetime there in the rule's zone.
pub(super) fn day(
    arguments: &[Value],
    place: usize,
    context: &Context,
    function: &'static str,
) -> Result<civil::Date, Fault> {
    let value = any(arguments, place, function)?;
    if let Value::Date(date) = value {
        Ok(*date)
    } else if let Value::DateTime(instant) = value {
        Ok(context.zone.to_datetime(*instant).date())
    } else {
        Err(Fault::Internal { operation: function })
    }
}

/// The fault of an argument that the function is not defined for.
pub(super) fn refused(function: &'static str, reason: impl Into<String>) -> Fault {
    Fault::Argument { function, reason: reason.into() }
}

/// The fault of a text that is none of those a function knows.
pub(super) fn unknown_word(function: &'static str, word: &str, known: &[&str]) -> Fault {
    let known: Vec<String> = known.iter().map(|word| format!("`{word}`")).collect();
    refused(function, format!("`{word}` is none of {}", known.join(", ")))
}

/// Returns the list of a type of elements.
pub(super) fn list_of(element: Type) -> Type {
    Type::List(Arc::new(element))
}

/// Returns the time zone named at a place.
pub(super) fn zone(arguments: &[Value], place: usize, function: &'static str) -> Result<TimeZone, Fault> {
    let name = text(arguments, place, function)?;
    TimeZone::get(name).map_err(|_| refused(function, format!("no time zone is named `{name}`")))
}

/// Returns the entries of the map at a place, or the present fields of the record there.
pub(super) fn entries<'a>(
    arguments: &'a [Value],
    place: usize,
    function: &'static str,
) -> Result<Vec<(&'a Arc<str>, &'a Value)>, Fault> {
    let value = any(arguments, place, function)?;
    if let Value::Map(map) = value {
        Ok(map.iter().collect())
    } else if let Value::Record(record) = value {
        let fields = record.shape.fields.keys().zip(record.fields.iter());
        Ok(fields.filter(|(_, value)| !value.is_missing()).collect())
    } else {
        Err(Fault::Internal { operation: function })
    }
}

/// Compares two values of a kind that can be sorted.
pub(super) fn compare(left: &Value, right: &Value, function: &'static str) -> Result<Ordering, Fault> {
    if left.is_missing() || right.is_missing() {
        return Err(Fault::Missing);
    }
    // Whether two periods have an order depends on both, so a list of them has none.
    if matches!(left, Value::Period(_)) {
        return Err(Fault::Internal { operation: function });
    }
    hence_types::compare(left, right).map_err(|reason: Incomparable| fault_of(reason, function))
}

/// Returns the value that comes out first in an order, of several or of the elements of a list.
pub(super) fn extreme(arguments: &[Value], wanted: Ordering, function: &'static str) -> Result<Value, Fault> {
    let values: Vec<&Value> = match arguments {
        [list] => {
            let _ = any(arguments, 0, function)?;
            let list = list.as_list().ok_or(Fault::Internal { operation: function })?;
            list.iter().filter(|element| !element.is_missing()).collect()
        }
        several => several.iter().collect(),
    };
    let mut best: Option<&Value> = None;
    for value in values {
        let better = match best {
            Some(best) => compare(best, value, function)?.reverse() == wanted,
            None => compare(value, value, function)? == Ordering::Equal,
        };
        if better {
            best = Some(value);
        }
    }
    Ok(best.cloned().unwrap_or(Value::Missing))
}
