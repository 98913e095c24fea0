//! The stored form of shapes, types and spellings.

use std::sync::Arc;

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::decode::{malformed, member, text};
use super::{DecodeError, Shapes};
use crate::{Amount, Currency, CurrencySource, Enumeration, Field, Record, Type, Wire};

/// Types without parts, by their stored names.
const SIMPLE: [(&str, Type); 15] = [
    ("error", Type::Error),
    ("bool", Type::Bool),
    ("int", Type::Int),
    ("decimal", Type::Decimal),
    ("float", Type::Float),
    ("string", Type::String),
    ("date", Type::Date),
    ("time", Type::Time),
    ("datetime", Type::DateTime),
    ("duration", Type::Duration),
    ("period", Type::Period),
    ("percent", Type::Percent),
    ("money", Type::Money(None)),
    ("json", Type::Json),
    ("nothing", Type::Nothing),
];

pub(super) fn encode_record(record: &Record, shapes: &mut Shapes) -> Json {
    let fields = record.fields.iter().map(|(name, field)| {
        let mut encoded = serde_json::Map::new();
        encoded.insert("type".to_owned(), encode_type(&field.ty, shapes));
        if field.wire != Wire::Plain {
            encoded.insert("wire".to_owned(), encode_wire(&field.wire));
        }
        if field.sensitive {
            encoded.insert("sensitive".to_owned(), Json::Bool(true));
        }
        (name.to_string(), Json::Object(encoded))
    });
    let fields: serde_json::Map<_, _> = fields.collect();
    json!({ "name": record.name.as_deref(), "fields": fields })
}

pub(super) fn decode_record(json: &Json, shapes: &[Arc<Record>]) -> Result<Record, DecodeError> {
    let mut fields = IndexMap::new();
    for (name, json) in member(json, "fields")?.as_object().ok_or(malformed("fields are no object"))? {
        let field = Field {
            wire: json.get("wire").map_or(Ok(Wire::Plain), decode_wire)?,
            sensitive: json.get("sensitive").and_then(Json::as_bool).unwrap_or(false),
            ..Field::plain(decode_type(member(json, "type")?, shapes)?)
        };
        fields.insert(Arc::from(name.as_str()), field);
    }
    Ok(Record { name: name(json), fields, origin: None })
}

fn name(json: &Json) -> Option<Arc<str>> {
    json.get("name").and_then(Json::as_str).map(Arc::from)
}

fn encode_type(ty: &Type, shapes: &mut Shapes) -> Json {
    match ty {
        Type::Money(Some(currency)) => json!({ "money": currency.as_str() }),
        Type::Enum(enumeration) => {
            let values: Vec<&str> = enumeration.values.iter().map(|value| &**value).collect();
            json!({ "enum": { "name": enumeration.name.as_deref(), "values": values } })
        }
        Type::List(element) => json!({ "list": encode_type(element, shapes) }),
        Type::Map(element) => json!({ "map": encode_type(element, shapes) }),
        Type::Optional(inner) => json!({ "optional": encode_type(inner, shapes) }),
        Type::Record(shape) => json!({ "record": shapes.place(shape) }),
        Type::Error
        | Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Float
        | Type::String
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Period
        | Type::Percent
        | Type::Money(None)
        | Type::Json
        | Type::Nothing => {
            let name = SIMPLE.iter().find(|(_, simple)| simple == ty).map(|(name, _)| *name);
            json!(name.unwrap_or("error"))
        }
    }
}

fn decode_type(json: &Json, shapes: &[Arc<Record>]) -> Result<Type, DecodeError> {
    if let Some(name) = json.as_str() {
        let simple = SIMPLE.iter().find(|(known, _)| *known == name).map(|(_, simple)| simple.clone());
        return simple.ok_or(malformed("unknown type"));
    }
    let (tag, content) = single(json)?;
    let inner = |content| decode_type(content, shapes).map(Arc::new);
    match tag {
        "money" => Ok(Type::Money(Some(decode_currency(content)?))),
        "enum" => {
            let values = member(content, "values")?.as_array().ok_or(malformed("values are no list"))?;
            let values: Result<Vec<Arc<str>>, _> =
                values.iter().map(|value| text(value).map(Arc::from)).collect();
            Ok(Type::Enum(Arc::new(Enumeration { name: name(content), values: values?, origin: None })))
        }
        "list" => Ok(Type::List(inner(content)?)),
        "map" => Ok(Type::Map(inner(content)?)),
        "optional" => Ok(Type::Optional(inner(content)?)),
        "record" => shape(content, shapes).map(Type::Record),
        _ => Err(malformed("unknown type")),
    }
}

/// Returns the shape at a stored place.
pub(super) fn shape(place: &Json, shapes: &[Arc<Record>]) -> Result<Arc<Record>, DecodeError> {
    let place = place.as_u64().and_then(|place| usize::try_from(place).ok());
    place.and_then(|place| shapes.get(place)).cloned().ok_or(malformed("no such shape"))
}

fn encode_wire(wire: &Wire) -> Json {
    match wire {
        Wire::Plain => json!("plain"),
        Wire::Text => json!("text"),
        Wire::EpochSeconds => json!("epoch-seconds"),
        Wire::EpochMillis => json!("epoch-millis"),
        Wire::CommaSeparated => json!("comma-separated"),
        Wire::Each(inner) => json!({ "each": encode_wire(inner) }),
        Wire::Money { amount, currency } => {
            let amount = match amount {
                Amount::Number => "number",
                Amount::Text => "text",
                Amount::MinorUnits => "minor-units",
            };
            let currency = match currency {
                CurrencySource::Fixed(currency) => json!({ "fixed": currency.as_str() }),
                CurrencySource::Sibling(field) => json!({ "sibling": &**field }),
                CurrencySource::Payload(field) => json!({ "payload": &**field }),
            };
            json!({ "money": { "amount": amount, "currency": currency } })
        }
    }
}

fn decode_wire(json: &Json) -> Result<Wire, DecodeError> {
    if let Some(name) = json.as_str() {
        return match name {
            "plain" => Ok(Wire::Plain),
            "text" => Ok(Wire::Text),
            "epoch-seconds" => Ok(Wire::EpochSeconds),
            "epoch-millis" => Ok(Wire::EpochMillis),
            "comma-separated" => Ok(Wire::CommaSeparated),
            _ => Err(malformed("unknown spelling")),
        };
    }
    match single(json)? {
        ("each", inner) => Ok(Wire::Each(Box::new(decode_wire(inner)?))),
        ("money", content) => {
            let amount = match text(member(content, "amount")?)? {
                "number" => Amount::Number,
                "text" => Amount::Text,
                "minor-units" => Amount::MinorUnits,
                _ => return Err(malformed("unknown amount")),
            };
            let currency = match single(member(content, "currency")?)? {
                ("fixed", currency) => CurrencySource::Fixed(decode_currency(currency)?),
                ("sibling", field) => CurrencySource::Sibling(text(field)?.into()),
                ("payload", field) => CurrencySource::Payload(text(field)?.into()),
                _ => return Err(malformed("unknown source of a currency")),
            };
            Ok(Wire::Money { amount, currency })
        }
        _ => Err(malformed("unknown spelling")),
    }
}

pub(super) fn decode_currency(json: &Json) -> Result<Currency, DecodeError> {
    Currency::parse(text(json)?).ok_or(malformed("no currency"))
}

/// Returns the one member of an object.
pub(super) fn single(json: &Json) -> Result<(&str, &Json), DecodeError> {
    let object =
        json.as_object().filter(|object| object.len() == 1).ok_or(malformed("no object of one member"))?;
    object.iter().next().map(|(tag, content)| (tag.as_str(), content)).ok_or(malformed("empty object"))
}
