//! A set of values by the language's equality, in time that does not grow with the square of a list.

use std::collections::HashSet;
use std::sync::Arc;

use hence_types::jiff::{SignedDuration, Timestamp, civil};
use hence_types::{Currency, Decimal, Period, Text, Value, decimal_of_float, equal, wire};

/// Values, each once.
#[derive(Default)]
pub(super) struct ValueSet {
    keys: HashSet<Key>,
}

/// What stands for a value: equal values have equal keys, others have others. Decimals compare and hash by value.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Missing,
    Bool(bool),
    Number(Decimal),
    /// A float that no decimal equals, by its bits.
    Float(u64),
    Text(Text),
    Date(civil::Date),
    Time(civil::Time),
    DateTime(Timestamp),
    Duration(SignedDuration),
    Period(Period),
    Percent(Decimal),
    Money(Decimal, Currency),
    List(Vec<Key>),
    /// What is not missing, by name.
    Members(Vec<(Arc<str>, Key)>),
    Json(Box<Key>),
}

impl ValueSet {
    /// Returns the set of some values.
    pub(super) fn of(values: &[Value]) -> ValueSet {
        ValueSet { keys: values.iter().map(key).collect() }
    }

    /// Adds a value; returns whether it is new.
    pub(super) fn insert(&mut self, value: &Value) -> bool {
        self.keys.insert(key(value))
    }

    /// Returns whether an equal value is there.
    pub(super) fn contains(&self, value: &Value) -> bool {
        self.keys.contains(&key(value))
    }
}

fn key(value: &Value) -> Key {
    match value {
        Value::Missing => Key::Missing,
        Value::Bool(truth) => Key::Bool(*truth),
        Value::Int(int) => Key::Number(Decimal::from(*int)),
        Value::Decimal(decimal) => Key::Number(*decimal),
        Value::Float(float) => {
            let same = decimal_of_float(*float).filter(|decimal| equal(value, &Value::Decimal(*decimal)));
            same.map_or(Key::Float(float.to_bits()), Key::Number)
        }
        Value::String(text) => Key::Text(text.clone()),
        Value::Date(date) => Key::Date(*date),
        Value::Time(time) => Key::Time(*time),
        Value::DateTime(instant) => Key::DateTime(*instant),
        Value::Duration(duration) => Key::Duration(*duration),
        Value::Period(period) => Key::Period(*period),
        Value::Percent(percent) => Key::Percent(*percent),
        Value::Money(money) => Key::Money(money.amount, money.currency),
        Value::List(list) => Key::List(list.iter().map(key).collect()),
        Value::Map(map) => members(map.iter()),
        Value::Record(record) => members(record.shape.fields.keys().zip(record.fields.iter())),
        Value::Json(json) => Key::Json(Box::new(key(&wire::read_any(json)))),
    }
}

fn members<'a>(members: impl Iterator<Item = (&'a Arc<str>, &'a Value)>) -> Key {
    let present = members.filter(|(_, value)| !value.is_missing());
    let mut keys: Vec<(Arc<str>, Key)> =
        present.map(|(name, value)| (Arc::clone(name), key(value))).collect();
    keys.sort_by(|(left, _), (right, _)| left.cmp(right));
    Key::Members(keys)
}

#[cfg(test)]
mod tests {
    use hence_types::{Value, equal};

    use super::ValueSet;
    use crate::testing::evaluate;

    #[test]
    fn what_is_equal_is_one_and_what_is_not_is_two() {
        let literals = "missing|true|false|0|-0.0|float(-0.0)|1|1.0|1.00|float(1.0)|0.1|float(0.1)|float(1e300)|float(1e-30)|\
                        9007199254740993|float(9007199254740992)|\"\"|\"1\"|\"a\"|2026-11-27|09:00|2026-11-27T09:00Z|60 s|\
                        1 m|1 day|24 h|1 month|30 days|1%|1.0%|1 EUR|1.00 EUR|1 USD|[]|[1]|[1.0]|[1, 2]|[2, 1]|[missing]|{ }|\
                        { a: 1 }|{ a: 1.0, b: missing }|{ b: 2, a: 1 }|{ a: 1, b: 2 }|map({ a: 1 })|map({ b: 2, a: 1 })";
        let mut values: Vec<Value> = literals.split('|').map(|literal| evaluate(literal).unwrap()).collect();
        values.extend(["{\"a\":1}", "{\"a\": 1.0}", "1", "null"].map(|json| Value::Json(json.into())));
        for left in &values {
            let set = ValueSet::of(std::slice::from_ref(left));
            for right in &values {
                assert_eq!(set.contains(right), equal(left, right), "{left} and {right}");
            }
        }
    }
}
