//! What becomes of rows: JSON spelt as the schema says, where a database knows fewer types.

use std::sync::Arc;

use hence_types::{Record, Type, Wire, decimal_of_float};
use serde_json::{Map, Value as Json};

/// What the schema says of a column: its type, and how it is spelt where that is said.
pub(super) type Expected<'a> = (&'a Type, Option<&'a Wire>);

/// A row: its columns in order.
pub(crate) type Row = Map<String, Json>;

/// What becomes of the rows of a statement.
#[derive(Debug, Clone)]
pub(crate) enum Shape {
    /// Nobody asks for them.
    Nothing,
    /// The first, an object.
    First(Option<Arc<Record>>),
    /// The first column of the first.
    Value(Type),
    /// All of them.
    All(Option<Arc<Record>>),
}

impl Shape {
    /// Returns what becomes of rows where a result of this type is wanted.
    pub(crate) fn of(result: Option<&Type>) -> Self {
        match result.map(Type::required) {
            None | Some(Type::Nothing) => Shape::Nothing,
            Some(Type::List(element)) => Shape::All(record(element)),
            Some(ty @ (Type::Record(_) | Type::Map(_) | Type::Json | Type::Error)) => {
                Shape::First(record(ty))
            }
            Some(ty) => Shape::Value(ty.clone()),
        }
    }

    /// Returns what the schema says of a column.
    pub(super) fn field(&self, name: &str) -> Option<Expected<'_>> {
        match self {
            Shape::Nothing => None,
            Shape::First(record) | Shape::All(record) => {
                let field = record.as_ref().and_then(|record| record.fields.get(name))?;
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

fn record(ty: &Type) -> Option<Arc<Record>> {
    if let Type::Record(record) = ty.required() { Some(Arc::clone(record)) } else { None }
}

/// Returns the JSON of a floating-point number, with the digits alone that people put in.
pub(super) fn float(float: f64) -> Json {
    match decimal_of_float(float) {
        Some(exact) => serde_json::from_str(&exact.normalize().to_string()).unwrap_or(Json::from(float)),
        None => Json::from(float),
    }
}

/// Returns the JSON of a text: itself, unless the schema calls it a list or an object, whose JSON it is then.
pub(super) fn text(text: &str, expected: Option<Expected<'_>>) -> Result<Json, String> {
    let is_json = match expected {
        Some((_, Some(Wire::CommaSeparated))) => false,
        Some((ty, _)) => matches!(ty.required(), Type::List(_) | Type::Map(_) | Type::Record(_)),
        None => false,
    };
    if is_json {
        serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))
    } else {
        Ok(Json::String(text.to_owned()))
    }
}
