//! The stored form of values: a versioned JSON encoding that gives every value back exactly.
//!
//! It is for what executions keep between two runs, not for people or other programs. Every value says what it is,
//! so that no type is needed to read it back, and a changed schema does not change what was stored.
//!
//! ```text
//! { "version": 1, "shapes": [ SHAPE... ], "value": VALUE }
//! VALUE  null (missing) | true | 5 (int) | "text" | [ VALUE... ] (list) | { "decimal": "9.90" } | { "money": ["9.90", "EUR"] }
//!        | { "record": [ index of the shape, VALUE... ] } | { "map": { name: VALUE... } } | ...
//! SHAPE  { "name": "shop.Order" or null, "fields": { name: { "type": TYPE, "wire": WIRE, "sensitive": true } } }
//! ```
//!
//! A shape stands before those that refer to it. Documentation and places in files are not stored.

use std::sync::Arc;

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::display::float_text;
use crate::{Money, Record, Value};

mod decode;
mod shape;

pub use decode::decode;

/// The version that [`encode`] writes. [`decode`] reads every version there ever was.
pub const VERSION: u64 = 1;

/// Why a stored value cannot be read back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DecodeError {
    /// It was stored by a later version of Hence.
    Version {
        /// The version of the stored form, where there is one.
        found: Option<u64>,
    },
    /// It is not a stored value, or was damaged.
    Malformed {
        /// What is wrong.
        reason: &'static str,
    },
}

impl std::fmt::Display for DecodeError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            DecodeError::Version { found: Some(found) } => {
                write!(f, "the stored value has version {found}, this version of Hence reads up to {VERSION}")
            }
            DecodeError::Version { found: None } => f.write_str("the stored value has no version"),
            DecodeError::Malformed { reason } => write!(f, "the stored value is damaged: {reason}"),
        }
    }
}

impl std::error::Error for DecodeError {}

/// Returns the stored form of a value.
pub fn encode(value: &Value) -> Json {
    let mut shapes = Shapes::default();
    let value = shapes.value(value);
    json!({ "version": VERSION, "shapes": shapes.encoded, "value": value })
}

/// The shapes met so far, and their stored form.
#[derive(Default)]
struct Shapes {
    known: Vec<Arc<Record>>,
    encoded: Vec<Json>,
}

impl Shapes {
    /// Returns the place of a shape in the list of shapes, adding it if it is new.
    fn place(&mut self, shape: &Arc<Record>) -> usize {
        let same = |known: &Arc<Record>| Arc::ptr_eq(known, shape) || known == shape;
        if let Some(place) = self.known.iter().position(same) {
            return place;
        }
        // What the fields refer to is added first, so the place is known only afterwards.
        let encoded = shape::encode_record(shape, self);
        self.known.push(Arc::clone(shape));
        self.encoded.push(encoded);
        self.known.len() - 1
    }

    fn value(&mut self, value: &Value) -> Json {
        match value {
            Value::Missing => Json::Null,
            Value::Bool(truth) => json!(truth),
            Value::Int(int) => json!(int),
            Value::Decimal(decimal) => json!({ "decimal": decimal_text(decimal) }),
            Value::Float(float) => json!({ "float": float_text(*float) }),
            Value::String(text) => json!(&**text),
            Value::Date(date) => json!({ "date": date.to_string() }),
            Value::Time(time) => json!({ "time": time.to_string() }),
            Value::DateTime(instant) => json!({ "datetime": instant.to_string() }),
            Value::Duration(duration) => json!({ "duration": [duration.as_secs(), duration.subsec_nanos()] }),
            Value::Period(period) => json!({ "period": [period.months, period.days] }),
            Value::Percent(percent) => json!({ "percent": decimal_text(percent) }),
            Value::Money(Money { amount, currency }) => {
                json!({ "money": [decimal_text(amount), currency.as_str()] })
            }
            Value::List(list) => Json::Array(list.iter().map(|element| self.value(element)).collect()),
            Value::Map(map) => {
                let members = map.iter().map(|(name, value)| (name.to_string(), self.value(value)));
                json!({ "map": members.collect::<serde_json::Map<_, _>>() })
            }
            Value::Record(record) => {
                let place = json!(self.place(&record.shape));
                let fields = record.fields.iter().map(|field| self.value(field));
                let parts: Vec<Json> = std::iter::once(place).chain(fields).collect();
                json!({ "record": parts })
            }
            Value::Json(raw) => json!({ "json": &**raw }),
        }
    }
}

fn decimal_text(decimal: &Decimal) -> String {
    decimal.to_string()
}

#[cfg(test)]
mod tests;
