//! `is present`, `is missing`, `is empty`.

use hence_types::{Type, Value};

/// A test for absence. Takes a `T?` as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Presence {
    /// `x is present`: there is a value.
    Present,
    /// `x is missing`: there is none.
    Missing,
    /// `x is empty`: there is none, or it is a text, list or map without content; blanks count as content.
    Empty,
}

impl Presence {
    /// Returns the words after `is`.
    pub fn as_str(self) -> &'static str {
        match self {
            Presence::Present => "present",
            Presence::Missing => "missing",
            Presence::Empty => "empty",
        }
    }

    /// Returns whether the test makes sense for a type: `is empty` wants text, a list or a map.
    pub fn takes(self, ty: &Type) -> bool {
        match self {
            Presence::Present | Presence::Missing => true,
            Presence::Empty => {
                let ty = ty.required();
                ty.is_error() || ty.is_text() || matches!(ty, Type::List(_) | Type::Map(_))
            }
        }
    }

    /// Returns the answer.
    pub fn holds(self, value: &Value) -> bool {
        match self {
            Presence::Present => !value.is_missing(),
            Presence::Missing => value.is_missing(),
            Presence::Empty => match value {
                Value::Missing => true,
                Value::String(text) => text.is_empty(),
                Value::List(list) => list.is_empty(),
                Value::Map(map) => map.is_empty(),
                Value::Bool(_)
                | Value::Int(_)
                | Value::Decimal(_)
                | Value::Float(_)
                | Value::Date(_)
                | Value::Time(_)
                | Value::DateTime(_)
                | Value::Duration(_)
                | Value::Period(_)
                | Value::Percent(_)
                | Value::Money(_)
                | Value::Record(_)
                | Value::Json(_) => false,
            },
        }
    }
}
