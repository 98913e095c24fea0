//! Statements with their values, and rows as JSON: spelt as the schema says, where a database knows fewer types.

use hence_types::{Decimal, Record, Type, Wire, decimal_of_float};
use rusqlite::types::{Null, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};
use serde_json::{Map, Value as Json};

use super::Problem;
use crate::template::Statement;

/// A row: its columns in order.
pub(crate) type Row = Map<String, Json>;

/// What becomes of the rows of a statement.
pub(crate) enum Shape<'a> {
    /// Nobody asks for them.
    Nothing,
    /// The first, an object.
    First(Option<&'a Record>),
    /// The first column of the first.
    Value(&'a Type),
    /// All of them.
    All(Option<&'a Record>),
}

impl<'a> Shape<'a> {
    /// Returns what becomes of rows where a result of this type is wanted.
    pub(crate) fn of(result: Option<&'a Type>) -> Self {
        match result.map(Type::required) {
            None | Some(Type::Nothing) => Shape::Nothing,
            Some(Type::List(element)) => Shape::All(record(element)),
            Some(ty @ (Type::Record(_) | Type::Map(_) | Type::Json | Type::Error)) => {
                Shape::First(record(ty))
            }
            Some(ty) => Shape::Value(ty),
        }
    }

    fn field(&self, name: &str) -> Option<(&'a Type, Option<&'a Wire>)> {
        match self {
            Shape::Nothing => None,
            Shape::First(record) | Shape::All(record) => {
                let field = record.and_then(|record| record.fields.get(name))?;
                Some((&field.ty, Some(&field.wire)))
            }
            Shape::Value(ty) => Some((ty, None)),
        }
    }

    /// Returns the result that rows make.
    pub(crate) fn result(&self, rows: Vec<Row>) -> Json {
        match self {
            Shape::Nothing => Json::Null,
            Shape::First(_) => rows.into_iter().next().map_or(Json::Null, Json::Object),
            Shape::Value(_) => {
                let first = rows.into_iter().next().and_then(|row| row.into_iter().next());
                first.map_or(Json::Null, |(_, value)| value)
            }
            Shape::All(_) => rows.into_iter().map(Json::Object).collect(),
        }
    }
}

fn record(ty: &Type) -> Option<&Record> {
    if let Type::Record(record) = ty.required() { Some(record) } else { None }
}

/// Does a statement; returns its rows and how many it changed.
pub(crate) fn run(
    database: &Connection,
    statement: &Statement,
    shape: &Shape<'_>,
    most: usize,
) -> Result<(Vec<Row>, u64), Problem> {
    let mut prepared = database.prepare_cached(&statement.text)?;
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
fn column(value: ValueRef<'_>, expected: Option<(&Type, Option<&Wire>)>) -> Result<Json, String> {
    let ty = expected.map(|(ty, _)| ty.required());
    match value {
        ValueRef::Null => Ok(Json::Null),
        ValueRef::Integer(whole) if matches!(ty, Some(Type::Bool)) => Ok(Json::Bool(whole != 0)),
        ValueRef::Integer(whole) => Ok(Json::from(whole)),
        ValueRef::Real(float) => match decimal_of_float(float) {
            // Spelt with its digits alone, which is what people put in.
            Some(exact) => {
                Ok(serde_json::from_str(&exact.normalize().to_string()).unwrap_or(Json::from(float)))
            }
            None => Ok(Json::from(float)),
        },
        ValueRef::Text(bytes) => {
            let text = std::str::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned())?;
            let is_json = match (ty, expected.and_then(|(_, wire)| wire)) {
                (_, Some(Wire::CommaSeparated)) => false,
                (Some(Type::List(_) | Type::Map(_) | Type::Record(_)), _) => true,
                _ => false,
            };
            if is_json {
                serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))
            } else {
                Ok(Json::String(text.to_owned()))
            }
        }
        ValueRef::Blob(_) => Err("is a blob, which rules have no type for".to_owned()),
    }
}
