//! Sample payloads: the event's own example, or one made of its type.

use hence_types::{Amount, CurrencySource, Record, Type, Wire};
use serde_json::{Map, Value as Json, json};

use crate::Event;
use crate::dialect::currency;

/// So many values a made sample has at the most. Types that hold each other in many ways could go on for long.
const MAXIMUM_VALUES: usize = 10_000;

/// Returns a payload of the event: its first example, or one made of its type, with all fields.
pub fn sample(event: &Event) -> Json {
    match event.examples.first() {
        Some(example) => example.clone(),
        None => Maker { payload: &event.payload, left: MAXIMUM_VALUES }.record(&event.payload),
    }
}

struct Maker<'a> {
    payload: &'a Record,
    left: usize,
}

impl Maker<'_> {
    fn record(&mut self, record: &Record) -> Json {
        let mut members = Map::new();
        for (name, field) in &record.fields {
            if self.left == 0 && field.ty.is_optional() {
                continue;
            }
            let value = if self.holds_currency(record, name) && matches!(field.ty.required(), Type::String) {
                json!("EUR")
            } else {
                self.value(&field.ty, &field.wire)
            };
            members.insert(name.to_string(), value);
        }
        Json::Object(members)
    }

    /// Returns whether amounts find their currency in the field `name` of `record`.
    fn holds_currency(&self, record: &Record, name: &str) -> bool {
        let is_payload = std::ptr::eq(record, self.payload);
        // Amounts anywhere may look to the payload; a field called so there is a currency in any case.
        (is_payload && name == "currency")
            || record.fields.values().any(|field| match currency(&field.wire) {
                Some(CurrencySource::Sibling(sibling)) => &**sibling == name,
                Some(CurrencySource::Payload(field)) => is_payload && &**field == name,
                Some(CurrencySource::Fixed(_)) | None => false,
            })
    }

    fn value(&mut self, ty: &Type, wire: &Wire) -> Json {
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            return Json::Null;
        }
        let each = if let Wire::Each(each) = wire { each } else { &Wire::Plain };
        match ty {
            Type::Optional(inner) => self.value(inner, wire),
            Type::Record(record) => self.record(record),
            Type::List(_) if *wire == Wire::CommaSeparated => json!("one, two"),
            Type::List(inner) => json!([self.value(inner, each)]),
            Type::Map(inner) => json!({ "key": self.value(inner, each) }),
            Type::Enum(enumeration) => json!(enumeration.values.first().map(|value| &**value)),
            Type::Bool => json!(true),
            Type::Int if *wire == Wire::Text => json!("1"),
            Type::Int => json!(1),
            Type::Decimal | Type::Percent if *wire == Wire::Text => json!("1.5"),
            Type::Decimal | Type::Percent | Type::Float => json!(1.5),
            Type::String => json!("text"),
            Type::Date => json!("2026-01-31"),
            Type::Time => json!("09:00:00"),
            Type::DateTime if *wire == Wire::EpochSeconds => json!(1_769_850_000),
            Type::DateTime if *wire == Wire::EpochMillis => json!(1_769_850_000_000_i64),
            Type::DateTime => json!("2026-01-31T09:00:00Z"),
            Type::Duration => json!("PT1H"),
            Type::Period => json!("P1D"),
            Type::Money(_) => match amount(wire) {
                Amount::Text => json!("19.90"),
                Amount::MinorUnits => json!(1990),
                Amount::Number => json!(19.9),
            },
            Type::Json => json!({ "key": "value" }),
            Type::Error | Type::Nothing => Json::Null,
        }
    }
}

fn amount(wire: &Wire) -> Amount {
    if let Wire::Money { amount, .. } = wire { *amount } else { Amount::Number }
}
