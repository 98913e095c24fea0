//! Reading stored values back.

use std::sync::Arc;

use indexmap::IndexMap;
use jiff::SignedDuration;
use serde_json::Value as Json;

use super::shape::{decode_currency, decode_record, shape, single};
use super::{DecodeError, VERSION};
use crate::time::parse_date;
use crate::{Decimal, Money, Period, Record, RecordValue, Value};

/// Deeper nesting is not stored by any version, so it is damage.
const DEEPEST: usize = 256;

/// Returns the value of a stored form.
pub fn decode(json: &Json) -> Result<Value, DecodeError> {
    let found = json.get("version").and_then(Json::as_u64);
    if found != Some(VERSION) {
        return Err(DecodeError::Version { found });
    }
    let mut shapes: Vec<Arc<Record>> = Vec::new();
    for json in list(member(json, "shapes")?)? {
        let shape = decode_record(json, &shapes)?;
        shapes.push(Arc::new(shape));
    }
    value(member(json, "value")?, &shapes, 0)
}

fn value(json: &Json, shapes: &[Arc<Record>], depth: usize) -> Result<Value, DecodeError> {
    if depth > DEEPEST {
        return Err(malformed("nested too deep"));
    }
    match json {
        Json::Null => Ok(Value::Missing),
        Json::Bool(truth) => Ok(Value::Bool(*truth)),
        Json::Number(number) => number.as_i64().map(Value::Int).ok_or(malformed("no integer of 64 bits")),
        Json::String(text) => Ok(Value::text(text.as_str())),
        Json::Array(elements) => {
            let elements: Result<Vec<Value>, _> =
                elements.iter().map(|element| value(element, shapes, depth + 1)).collect();
            Ok(Value::List(elements?.into()))
        }
        Json::Object(_) => {
            let (tag, content) = single(json)?;
            tagged(tag, content, shapes, depth)
        }
    }
}

fn tagged(tag: &str, content: &Json, shapes: &[Arc<Record>], depth: usize) -> Result<Value, DecodeError> {
    match tag {
        "decimal" => decimal(content).map(Value::Decimal),
        "percent" => decimal(content).map(Value::Percent),
        "float" => text(content)?.parse().map(Value::Float).map_err(|_| malformed("no float")),
        "date" => parse_any_date(text(content)?).map(Value::Date),
        "time" => text(content)?.parse().map(Value::Time).map_err(|_| malformed("no time")),
        "datetime" => text(content)?.parse().map(Value::DateTime).map_err(|_| malformed("no datetime")),
        "json" => Ok(Value::Json(text(content)?.into())),
        "duration" => {
            let (seconds, nanoseconds) = pair(content)?;
            let seconds = seconds.as_i64().ok_or(malformed("no seconds"))?;
            let nanoseconds = small(nanoseconds)?;
            if nanoseconds.unsigned_abs() >= 1_000_000_000 {
                return Err(malformed("too many nanoseconds"));
            }
            Ok(Value::Duration(SignedDuration::new(seconds, nanoseconds)))
        }
        "period" => {
            let (months, days) = pair(content)?;
            Ok(Value::Period(Period { months: small(months)?, days: small(days)? }))
        }
        "money" => {
            let (amount, currency) = pair(content)?;
            Ok(Value::Money(Money { amount: decimal(amount)?, currency: decode_currency(currency)? }))
        }
        "map" => {
            let members = content.as_object().ok_or(malformed("no map"))?;
            let members: Result<IndexMap<Arc<str>, Value>, _> = members
                .iter()
                .map(|(name, json)| Ok((Arc::from(name.as_str()), value(json, shapes, depth + 1)?)))
                .collect();
            Ok(Value::Map(Arc::new(members?)))
        }
        "record" => {
            let (place, fields) = list(content)?.split_first().ok_or(malformed("no shape"))?;
            let shape = shape(place, shapes)?;
            let fields: Result<Box<[Value]>, _> =
                fields.iter().map(|field| value(field, shapes, depth + 1)).collect();
            let fields = fields?;
            if fields.len() != shape.fields.len() {
                return Err(malformed("fields and shape differ"));
            }
            Ok(Value::Record(Arc::new(RecordValue { shape, fields })))
        }
        _ => Err(malformed("unknown kind of value")),
    }
}

/// A date as printed by the library, which signs years of more than four digits.
fn parse_any_date(text: &str) -> Result<jiff::civil::Date, DecodeError> {
    parse_date(text).or_else(|| text.parse().ok()).ok_or(malformed("no date"))
}

fn decimal(json: &Json) -> Result<Decimal, DecodeError> {
    Decimal::from_str_exact(text(json)?).map_err(|_| malformed("no decimal"))
}

fn small(json: &Json) -> Result<i32, DecodeError> {
    json.as_i64().and_then(|number| i32::try_from(number).ok()).ok_or(malformed("no integer of 32 bits"))
}

fn pair(json: &Json) -> Result<(&Json, &Json), DecodeError> {
    if let [first, second] = list(json)?.as_slice() { Ok((first, second)) } else { Err(malformed("no pair")) }
}

fn list(json: &Json) -> Result<&Vec<Json>, DecodeError> {
    json.as_array().ok_or(malformed("no list"))
}

pub(super) fn text(json: &Json) -> Result<&str, DecodeError> {
    json.as_str().ok_or(malformed("no text"))
}

pub(super) fn member<'a>(json: &'a Json, name: &str) -> Result<&'a Json, DecodeError> {
    json.get(name).ok_or(malformed("a member is missing"))
}

pub(super) fn malformed(reason: &'static str) -> DecodeError {
    DecodeError::Malformed { reason }
}
