//! Types.

use std::sync::Arc;

use hence_diagnostics::Span;
use indexmap::IndexMap;

use crate::{Currency, Wire};

/// The type of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Type {
    /// The type of an expression already reported; it agrees with everything.
    Error,
    /// `true` or `false`.
    Bool,
    /// A whole number of 64 bits.
    Int,
    /// An exact decimal number of up to 28 digits.
    Decimal,
    /// A binary floating-point number, only where a schema says `format: double`.
    Float,
    /// Text.
    String,
    /// A calendar day.
    Date,
    /// A time of day.
    Time,
    /// An instant.
    DateTime,
    /// An exact length of time: seconds, minutes, hours.
    Duration,
    /// A calendar length of time: days, weeks, months, years.
    Period,
    /// A percentage; `15%` is 0.15 of something.
    Percent,
    /// An amount of a currency; without a currency where only the event tells which.
    Money(Option<Currency>),
    /// Text out of a fixed set.
    Enum(Arc<Enumeration>),
    /// A list.
    List(Arc<Type>),
    /// A map from text to values of one type.
    Map(Arc<Type>),
    /// A record.
    Record(Arc<Record>),
    /// A value that may be missing. Never nested.
    Optional(Arc<Type>),
    /// Any JSON; of no use in conditions before `as T`.
    Json,
    /// The type of an action without a result.
    Nothing,
}

/// A fixed set of texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Enumeration {
    /// The name, such as `shop.OrderStatus`, where it has one.
    pub name: Option<Arc<str>>,
    /// The values as they stand on the wire, in the schema's order.
    pub values: Vec<Arc<str>>,
    /// Where the set is declared.
    pub origin: Option<Span>,
}

/// A record: named fields in the schema's order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Record {
    /// The name, such as `shop.Order`, where it has one.
    pub name: Option<Arc<str>>,
    /// The fields. Their order is the order of [`crate::RecordValue::fields`].
    pub fields: IndexMap<Arc<str>, Field>,
    /// Where the record is declared.
    pub origin: Option<Span>,
}

/// A field of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// The type, [`Type::Optional`] where the field may be absent or null.
    pub ty: Type,
    /// How the value is spelt in JSON.
    pub wire: Wire,
    /// The schema's description, Markdown, possibly empty.
    pub doc: String,
    /// Whether the value is to be masked wherever it is shown.
    pub sensitive: bool,
    /// Where the field is declared.
    pub origin: Option<Span>,
}

impl Record {
    /// Returns the field at a path, if there is one: optional where a record on the way is, sensitive where one is.
    pub fn at(&self, path: &[Arc<str>]) -> Option<Field> {
        let (first, rest) = path.split_first()?;
        let field = self.fields.get(first)?;
        if rest.is_empty() {
            return Some(field.clone());
        }
        let Type::Record(record) = field.ty.required() else { return None };
        let mut found = record.at(rest)?;
        found.sensitive |= field.sensitive;
        if field.ty.is_optional() {
            found.ty = found.ty.optional();
        }
        Some(found)
    }
}

impl Field {
    /// Returns an undocumented field of plain spelling and unknown origin.
    pub fn plain(ty: Type) -> Self {
        Field { ty, wire: Wire::Plain, doc: String::new(), sensitive: false, origin: None }
    }
}

impl Type {
    /// Returns `T?` for `T`; an optional type and the error type stay as they are.
    pub fn optional(self) -> Type {
        if matches!(self, Type::Optional(_) | Type::Error) { self } else { Type::Optional(Arc::new(self)) }
    }

    /// Returns `T` for `T?`, and any other type as it is.
    pub fn required(&self) -> &Type {
        if let Type::Optional(inner) = self { inner } else { self }
    }

    /// Returns whether the value may be missing.
    pub fn is_optional(&self) -> bool {
        matches!(self, Type::Optional(_))
    }

    /// Returns whether the expression was already reported.
    pub fn is_error(&self) -> bool {
        matches!(self, Type::Error)
    }

    /// Returns whether the value is text: `string` or an enumeration.
    pub fn is_text(&self) -> bool {
        matches!(self, Type::String | Type::Enum(_))
    }

    /// Returns whether the value is an exact number: `int` or `decimal`.
    pub fn is_number(&self) -> bool {
        matches!(self, Type::Int | Type::Decimal)
    }

    /// Returns the place in a schema file where the type is declared, where it is a named one.
    pub fn origin(&self) -> Option<Span> {
        match self {
            Type::Enum(enumeration) => enumeration.origin,
            Type::Record(record) => record.origin,
            Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => inner.origin(),
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
            | Type::Money(_)
            | Type::Json
            | Type::Nothing => None,
        }
    }

    /// Returns whether a value of type `self` can stand where `wanted` is asked for.
    ///
    /// `int` stands for `decimal`, an enumeration for `string`, an enumeration for another that has all its
    /// values, known money for money of an unknown currency, `T` for `T?`, a list or map by its elements, a
    /// record for another whose required fields it has. The error type agrees with everything.
    pub fn agrees_with(&self, wanted: &Type) -> bool {
        match (self, wanted) {
            (Type::Error, _) | (_, Type::Error) => true,
            (Type::Optional(have), Type::Optional(want)) => have.agrees_with(want),
            (Type::Optional(_), _) => false,
            (have, Type::Optional(want)) => have.agrees_with(want),
            (Type::Int, Type::Decimal) | (Type::Enum(_), Type::String) => true,
            (Type::Enum(have), Type::Enum(want)) => {
                have.values.iter().all(|value| want.values.contains(value))
            }
            (Type::Money(_), Type::Money(None)) => true,
            (Type::List(have), Type::List(want)) | (Type::Map(have), Type::Map(want)) => {
                have.agrees_with(want)
            }
            (Type::Record(have), Type::Record(want)) => {
                Arc::ptr_eq(have, want)
                    || (have.name.is_some() && have.name == want.name)
                    || want.fields.iter().all(|(name, field)| match have.fields.get(name) {
                        Some(own) => own.ty.agrees_with(&field.ty),
                        None => field.ty.is_optional(),
                    })
            }
            (Type::Record(have), Type::Map(want)) => {
                have.fields.values().all(|field| field.ty.agrees_with(want))
            }
            (Type::Nothing, Type::Json) => false,
            (_, Type::Json) => true,
            (have, want) => have == want,
        }
    }

    /// Returns the smallest type both stand for, such as `decimal` for `int` and `decimal`, if there is one.
    pub fn join(&self, other: &Type) -> Option<Type> {
        if self.agrees_with(other) {
            Some(if other.is_error() { self.clone() } else { other.clone() })
        } else if other.agrees_with(self) {
            Some(self.clone())
        } else {
            match (self, other) {
                (Type::Optional(have), want) => have.join(want.required()).map(Type::optional),
                (have, Type::Optional(want)) => have.join(want).map(Type::optional),
                (Type::Money(_), Type::Money(_)) => Some(Type::Money(None)),
                (Type::Enum(_), Type::Enum(_)) => Some(Type::String),
                (Type::List(have), Type::List(want)) => have.join(want).map(|ty| Type::List(Arc::new(ty))),
                _ => None,
            }
        }
    }
}
