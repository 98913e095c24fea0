//! The stored form of an execution's variables. Versioned; knows nothing of programs.
//!
//! Version 1 is a JSON text `{"v":1,"locals":[…]}`. A missing value is `null`; truth values, texts, whole numbers
//! and lists are JSON's own; whatever else is an object of one member that names its kind:
//!
//! ```text
//! {"decimal":"19.90"}  {"float":"0.1"}  {"percent":"15"}  {"money":["19.90","EUR"]}  {"json":"<text>"}
//! {"date":"2026-11-27"}  {"time":"10:00:00"}  {"datetime":"2026-11-27T10:00:00Z"}
//! {"duration":[seconds,nanoseconds]}  {"period":[months,days]}
//! {"map":[key,value,…]}  {"record":[name or null, field,wire,sensitive,value, …]}
//! ```
//!
//! A record carries what its fields are called, how they are spelt on the wire and whether they are sensitive,
//! so that it can be sent, printed and masked after a restart; the types of its fields are not kept.

mod wire;

use std::sync::Arc;

use hence_types::jiff::SignedDuration;
use hence_types::{Currency, Decimal, Field, Money, Period, Record, RecordValue, Type, Value};
use serde_json::{Value as Json, json};

const VERSION: u64 = 1;

/// Why a stored text cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Error {
    /// It is no JSON, or not of the form above.
    #[error("the stored variables are damaged: {0}")]
    Damaged(String),
    /// It was written by a later version.
    #[error("the stored variables have version {0}, which this version of hence does not know")]
    Version(u64),
}

/// Returns the text that stands for variables.
pub(crate) fn encode(locals: &[Value]) -> String {
    json!({ "v": VERSION, "locals": locals.iter().map(value_to_json).collect::<Vec<_>>() }).to_string()
}

/// Returns the variables that a text stands for.
///
/// # Errors
/// If the text was not written by [`encode`] of a version that is known.
pub(crate) fn decode(text: &str) -> Result<Vec<Value>, Error> {
    let json: Json = serde_json::from_str(text).map_err(|error| Error::Damaged(error.to_string()))?;
    match json.get("v").and_then(Json::as_u64) {
        Some(VERSION) => {}
        Some(other) => return Err(Error::Version(other)),
        None => return Err(damaged("version", &json)),
    }
    let locals = json.get("locals").and_then(Json::as_array).ok_or_else(|| damaged("list", &json))?;
    locals.iter().map(value_from_json).collect()
}

fn value_to_json(value: &Value) -> Json {
    match value {
        Value::Missing => Json::Null,
        Value::Bool(truth) => json!(truth),
        Value::Int(int) => json!(int),
        Value::String(text) => json!(&**text),
        Value::List(list) => list.iter().map(value_to_json).collect(),
        Value::Decimal(decimal) => json!({ "decimal": decimal.to_string() }),
        Value::Float(float) => json!({ "float": format!("{float:?}") }),
        Value::Percent(percent) => json!({ "percent": percent.to_string() }),
        Value::Money(money) => json!({ "money": [money.amount.to_string(), money.currency.as_str()] }),
        Value::Json(text) => json!({ "json": &**text }),
        Value::Date(date) => json!({ "date": date.to_string() }),
        Value::Time(time) => json!({ "time": time.to_string() }),
        Value::DateTime(instant) => json!({ "datetime": instant.to_string() }),
        Value::Duration(length) => json!({ "duration": [length.as_secs(), length.subsec_nanos()] }),
        Value::Period(period) => json!({ "period": [period.months, period.days] }),
        Value::Map(map) => {
            let parts = map.iter().flat_map(|(key, value)| [json!(&**key), value_to_json(value)]);
            json!({ "map": parts.collect::<Vec<_>>() })
        }
        Value::Record(record) => json!({ "record": record_to_json(record) }),
    }
}

fn record_to_json(record: &RecordValue) -> Vec<Json> {
    let mut parts = vec![record.shape.name.as_deref().map_or(Json::Null, Json::from)];
    for ((name, field), value) in record.shape.fields.iter().zip(&record.fields) {
        parts.push(json!(&**name));
        parts.push(wire::to_json(&field.wire));
        parts.push(json!(field.sensitive));
        parts.push(value_to_json(value));
    }
    parts
}

fn value_from_json(json: &Json) -> Result<Value, Error> {
    match json {
        Json::Null => Ok(Value::Missing),
        Json::Bool(truth) => Ok(Value::Bool(*truth)),
        Json::Number(number) => number.as_i64().map(Value::Int).ok_or_else(|| damaged("number", json)),
        Json::String(text) => Ok(Value::text(text.as_str())),
        Json::Array(list) => {
            Ok(Value::List(list.iter().map(value_from_json).collect::<Result<Vec<_>, _>>()?.into()))
        }
        Json::Object(object) => match object.iter().next() {
            Some((kind, content)) => tagged(kind, content),
            None => Err(damaged("value", json)),
        },
    }
}

fn tagged(kind: &str, content: &Json) -> Result<Value, Error> {
    let value = match kind {
        "decimal" => parsed(content).map(Value::Decimal),
        "float" => parsed(content).map(Value::Float),
        "percent" => parsed(content).map(Value::Percent),
        "date" => parsed(content).map(Value::Date),
        "time" => parsed(content).map(Value::Time),
        "datetime" => parsed(content).map(Value::DateTime),
        "json" => content.as_str().map(|text| Value::Json(text.into())),
        "money" => money(content).map(Value::Money),
        "duration" => pair(content)
            .and_then(|(seconds, nanos)| Some(SignedDuration::new(seconds, i32::try_from(nanos).ok()?)))
            .map(Value::Duration),
        "period" => pair(content)
            .and_then(|(months, days)| {
                Some(Period { months: i32::try_from(months).ok()?, days: i32::try_from(days).ok()? })
            })
            .map(Value::Period),
        "map" => return map(content),
        "record" => return record(content),
        _ => None,
    };
    value.ok_or_else(|| damaged(kind, content))
}

fn parsed<T: std::str::FromStr>(content: &Json) -> Option<T> {
    content.as_str()?.parse().ok()
}

fn pair(content: &Json) -> Option<(i64, i64)> {
    Some((content.get(0)?.as_i64()?, content.get(1)?.as_i64()?))
}

fn money(content: &Json) -> Option<Money> {
    let amount: Decimal = parsed(content.get(0)?)?;
    Some(Money { amount, currency: Currency::parse(content.get(1)?.as_str()?)? })
}

fn map(content: &Json) -> Result<Value, Error> {
    let mut parts = content.as_array().ok_or_else(|| damaged("map", content))?.iter();
    let mut entries = indexmap::IndexMap::new();
    while let (Some(key), Some(value)) = (parts.next(), parts.next()) {
        let key = key.as_str().ok_or_else(|| damaged("key", key))?;
        entries.insert(Arc::from(key), value_from_json(value)?);
    }
    Ok(Value::Map(Arc::new(entries)))
}

fn record(content: &Json) -> Result<Value, Error> {
    let mut parts = content.as_array().ok_or_else(|| damaged("record", content))?.iter();
    let name = parts.next().and_then(Json::as_str).map(Arc::from);
    let (mut shape, mut values) = (Record { name, ..Record::default() }, Vec::new());
    while let (Some(name), Some(spelling), Some(sensitive), Some(value)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    {
        let name = name.as_str().ok_or_else(|| damaged("field", name))?;
        let wire = wire::from_json(spelling).ok_or_else(|| damaged("wire", spelling))?;
        let sensitive = sensitive.as_bool().ok_or_else(|| damaged("field", sensitive))?;
        shape.fields.insert(Arc::from(name), Field { wire, sensitive, ..Field::plain(Type::Json) });
        values.push(value_from_json(value)?);
    }
    Ok(Value::Record(Arc::new(RecordValue { shape: Arc::new(shape), fields: values.into() })))
}

/// Names what is damaged without showing it, as variables may hold secrets.
fn damaged(what: &str, json: &Json) -> Error {
    let found = match json {
        Json::Null => "nothing",
        Json::Bool(_) => "a truth value",
        Json::Number(_) => "a number",
        Json::String(_) => "a text",
        Json::Array(_) => "a list",
        Json::Object(_) => "an object",
    };
    Error::Damaged(format!("{found} stands where a {what} is expected"))
}

#[cfg(test)]
mod tests;
