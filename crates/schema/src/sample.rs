//! Sample payloads: the event's own example, or one made of its type.

use std::sync::Arc;

use hence_types::{Amount, CurrencySource, Record, Type, Wire};
use serde_json::{Map, Value as Json, json};

use crate::dialect::{currency, payload_currencies};
use crate::{EntryPoint, Event};

/// So many values a made sample has at the most. Types that hold each other in many ways could go on for long.
const MAXIMUM_VALUES: usize = 10_000;

/// Returns a payload of the event: its first example, or one made of its type, with all fields.
pub fn sample(event: &Event) -> Json {
    first_or_made(&event.examples, &event.payload)
}

/// Returns a context of the entry point: its first example, or one made of its type, with all fields.
pub fn sample_context(entry_point: &EntryPoint) -> Json {
    first_or_made(&entry_point.examples, &entry_point.context)
}

fn first_or_made(examples: &[Json], content: &Arc<Record>) -> Json {
    match examples.first() {
        Some(example) => example.clone(),
        None => {
            let currencies = payload_currencies(content).into_iter().map(|(name, _)| name).collect();
            Maker { payload: content, currencies, left: MAXIMUM_VALUES }.record(content)
        }
    }
}

/// Returns a value of a type, made up: the result of an action that is not called.
pub fn sample_value(ty: &Type) -> Json {
    let payload = Record::default();
    Maker { payload: &payload, currencies: Vec::new(), left: MAXIMUM_VALUES }.value(ty, &Wire::Plain)
}

struct Maker<'a> {
    payload: &'a Record,
    /// The fields of the payload in which amounts anywhere in it look for their currency.
    currencies: Vec<Arc<str>>,
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
        (is_payload && self.currencies.iter().any(|currency| &**currency == name))
            || record.fields.values().any(|field| match currency(&field.wire) {
                Some(CurrencySource::Sibling(sibling)) => &**sibling == name,
                Some(CurrencySource::Fixed(_) | CurrencySource::Payload(_)) | None => false,
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

#[cfg(test)]
mod tests {
    use hence_diagnostics::Sources;

    use super::*;
    use crate::{check_payload, load};

    fn event(payload: &str) -> Event {
        let mut sources = Sources::new();
        let text = format!(
            r##"{{ "hence": 1, "id": "a", "title": "A", "version": "1", "types": {{ "P": {payload} }},
                  "events": {{ "e": {{ "payload": {{ "$ref": "#/types/P" }} }} }} }}"##
        );
        let file = sources.add("a.json", text);
        let loaded = load(&sources, file);
        assert_eq!(loaded.diagnostics, []);
        loaded.integration.and_then(|mut integration| integration.events.swap_remove("e")).unwrap()
    }

    #[test]
    fn a_sample_made_of_a_type_has_all_fields_as_they_are_declared() {
        let event = event(
            r##"{ "type": "object", "required": ["id", "total"], "properties": {
                "id": { "type": "integer" }, "count": { "type": "string", "format": "integer" },
                "cur": { "type": "string" }, "code": { "type": "string" },
                "total": { "type": "string", "format": "money", "currency": { "field": "cur" } },
                "lines": { "type": "array", "items": { "type": "object", "properties": {
                    "price": { "type": "integer", "format": "money-minor", "currency": { "payload": "code" } } } } },
                "at": { "type": "integer", "format": "epoch-millis" },
                "tags": { "type": "string", "format": "comma-separated" },
                "state": { "enum": ["open", "closed"] },
                "when": { "type": "array", "items": { "type": "integer", "format": "epoch-seconds" } },
                "extra": {} } }"##,
        );
        let sample = sample(&event);
        assert_eq!(
            sample,
            json!({ "id": 1, "count": "1", "cur": "EUR", "code": "EUR", "total": "19.90",
                    "lines": [{ "price": 1990 }], "at": 1_769_850_000_000_i64, "tags": "one, two",
                    "state": "open", "when": [1_769_850_000], "extra": { "key": "value" } })
        );
        assert_eq!(check_payload(&event.payload, &sample.to_string()), []);
    }

    #[test]
    fn a_sample_of_a_type_that_branches_endlessly_ends() {
        let mut payload = Arc::new(Record::default());
        for _ in 0..60 {
            let field = hence_types::Field::plain(Type::Record(payload).optional());
            let fields = ["a", "b"].map(|name| (Arc::from(name), field.clone()));
            payload = Arc::new(Record { fields: fields.into_iter().collect(), ..Record::default() });
        }
        let event = Event { payload, ..event(r#"{ "type": "object" }"#) };
        assert!(sample(&event).is_object());
    }
}
