//! Statements with their values, and rows as JSON.

use hence_types::{Decimal, Type, decimal_of_float};
use rusqlite::types::{Null, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::Value as Json;

use super::super::Problem;
use super::super::shape::{self, Expected, Row, Shape};
use crate::template::Statement;

/// How parameters are marked.
const MARK: char = '?';

/// Does a statement; returns its rows and how many it changed.
pub(super) fn run(
    database: &Connection,
    statement: &Statement,
    shape: &Shape,
    most: usize,
) -> Result<(Vec<Row>, u64), Problem> {
    let mut prepared = database.prepare_cached(&statement.text(MARK))?;
    let names: Vec<String> = prepared.column_names().map(str::to_owned).collect();
    let values: Vec<Value> = statement.values.iter().map(parameter).collect();
    let is_reading = prepared.readonly();
    let mut found = Vec::new();
    {
        let mut rows = prepared.query(params_from_iter(values))?;
        while let Some(row) = rows.next()? {
            if found.len() >= most {
                return Err(Problem::mistake(format!("the statement gives more than {most} rows")));
            }
            let mut columns = Row::new();
            for (at, name) in names.iter().enumerate() {
                let json = column(row.get_ref(at)?, shape.field(name))
                    .map_err(|problem| Problem::mistake(format!("the column `{name}` {problem}")))?;
                columns.insert(name.clone(), json);
            }
            found.push(columns);
        }
    }
    Ok((found, if is_reading { 0 } else { database.changes() }))
}

/// The value of a parameter. Numbers stay exact: what no binary number is, is text, which the database compares with
/// numbers as a number.
fn parameter(json: &Json) -> Value {
    match json {
        Json::Null => Value::from(Null),
        Json::Bool(truth) => Value::Integer(i64::from(*truth)),
        Json::String(text) => Value::Text(text.clone()),
        Json::Number(number) => {
            let text = number.to_string();
            let exact: Option<Decimal> = text.parse().ok();
            match (text.parse::<i64>(), text.parse::<f64>()) {
                (Ok(whole), _) => Value::Integer(whole),
                (Err(_), Ok(float)) if exact.is_some() && decimal_of_float(float) == exact => {
                    Value::Real(float)
                }
                (Err(_), _) => Value::Text(text),
            }
        }
        Json::Array(_) | Json::Object(_) => Value::Text(json.to_string()),
    }
}

/// The JSON of a column whose type is known or not.
fn column(value: ValueRef<'_>, expected: Option<Expected<'_>>) -> Result<Json, String> {
    let is_truth = matches!(expected.map(|(ty, _)| ty.required()), Some(Type::Bool));
    match value {
        ValueRef::Null => Ok(Json::Null),
        ValueRef::Integer(whole) if is_truth => Ok(Json::Bool(whole != 0)),
        ValueRef::Integer(whole) => Ok(Json::from(whole)),
        ValueRef::Real(float) => Ok(shape::float(float)),
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned())?;
            shape::text(text, expected)
        }
        ValueRef::Blob(_) => Err("is a blob, which rules have no type for".to_owned()),
    }
}
