//! A set of values by the language's equality, fast for the simple ones.

use std::collections::HashSet;
use std::sync::Arc;

use hence_types::jiff::{SignedDuration, Timestamp, civil};
use hence_types::{Currency, Decimal, Value, equal};

/// Values, each once.
#[derive(Default)]
pub(super) struct ValueSet {
    keys: HashSet<Key>,
    /// Values without a key: floats, lists, records and the like.
    others: Vec<Value>,
}

/// What stands for a value, where equal values have equal keys. Decimals hash by value.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Missing,
    Bool(bool),
    Number(Decimal),
    Text(Arc<str>),
    Date(civil::Date),
    Time(civil::Time),
    DateTime(Timestamp),
    Duration(SignedDuration),
    Percent(Decimal),
    Money(Decimal, Currency),
}

impl ValueSet {
    /// Returns the set of some values.
    pub(super) fn of(values: &[Value]) -> ValueSet {
        let mut set = ValueSet::default();
        for value in values {
            set.insert(value);
        }
        set
    }

    /// Adds a value; returns whether it is new.
    pub(super) fn insert(&mut self, value: &Value) -> bool {
        if self.contains(value) {
            return false;
        }
        match key(value) {
            Some(key) => {
                self.keys.insert(key);
            }
            None => self.others.push(value.clone()),
        }
        true
    }

    /// Returns whether an equal value is there.
    pub(super) fn contains(&self, value: &Value) -> bool {
        if let Some(key) = key(value)
            && self.keys.contains(&key)
        {
            return true;
        }
        // A float may equal a number that has a key, and the other way round.
        self.others.iter().any(|other| equal(other, value)) || self.has_number_of(value)
    }

    fn has_number_of(&self, value: &Value) -> bool {
        if let Value::Float(float) = value {
            hence_types::decimal_of_float(*float).is_some_and(|number| {
                equal(value, &Value::Decimal(number)) && self.keys.contains(&Key::Number(number))
            })
        } else {
            false
        }
    }
}

fn key(value: &Value) -> Option<Key> {
    match value {
        Value::Missing => Some(Key::Missing),
        Value::Bool(truth) => Some(Key::Bool(*truth)),
        Value::Int(int) => Some(Key::Number(Decimal::from(*int))),
        Value::Decimal(decimal) => Some(Key::Number(*decimal)),
        Value::String(text) => Some(Key::Text(Arc::clone(text))),
        Value::Date(date) => Some(Key::Date(*date)),
        Value::Time(time) => Some(Key::Time(*time)),
        Value::DateTime(instant) => Some(Key::DateTime(*instant)),
        Value::Duration(duration) => Some(Key::Duration(*duration)),
        Value::Percent(percent) => Some(Key::Percent(*percent)),
        Value::Money(money) => Some(Key::Money(money.amount, money.currency)),
        Value::Float(_)
        | Value::Period(_)
        | Value::List(_)
        | Value::Map(_)
        | Value::Record(_)
        | Value::Json(_) => None,
    }
}
