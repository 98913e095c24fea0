//! Values. Cheap to clone: whatever is not a few words is shared.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use jiff::{SignedDuration, Timestamp, civil};
use rust_decimal::Decimal;

use crate::{Period, Record, Text};

/// A value of the language. Its first byte tells the variant, so that compiled code can ask for it.
#[derive(Debug, Clone)]
#[repr(u8)]
pub enum Value {
    /// No value: the field is absent, null, or of another type than its schema declares.
    Missing,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// An exact decimal number.
    Decimal(Decimal),
    /// A binary floating-point number.
    Float(f64),
    /// Text.
    String(Text),
    /// A calendar day.
    Date(civil::Date),
    /// A time of day.
    Time(civil::Time),
    /// An instant.
    DateTime(Timestamp),
    /// An exact length of time.
    Duration(SignedDuration),
    /// A calendar length of time.
    Period(Period),
    /// A percentage; 15% is held as 15.
    Percent(Decimal),
    /// An amount of a currency.
    Money(Money),
    /// A list.
    List(Arc<[Value]>),
    /// A map from text to values.
    Map(Arc<IndexMap<Arc<str>, Value>>),
    /// A record.
    Record(Arc<RecordValue>),
    /// A JSON text as it was received.
    Json(Arc<str>),
}

/// An ISO 4217 currency: three capital letters. Any three are taken, so that new currencies need no release.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    /// Returns the currency written `text`, if it is three ASCII capital letters.
    pub fn parse(text: &str) -> Option<Currency> {
        let bytes: [u8; 3] = text.as_bytes().try_into().ok()?;
        bytes.iter().all(u8::is_ascii_uppercase).then_some(Currency(bytes))
    }

    /// Returns the three letters.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Returns how many decimals the smallest unit has by ISO 4217: 2 for EUR, 0 for JPY, 3 for KWD.
    pub fn decimals(&self) -> u32 {
        match self.as_str() {
            "BIF" | "CLP" | "DJF" | "GNF" | "ISK" | "JPY" | "KMF" | "KRW" | "PYG" | "RWF" | "UGX" | "UYI"
            | "VND" | "VUV" | "XAF" | "XOF" | "XPF" => 0,
            "BHD" | "IQD" | "JOD" | "KWD" | "LYD" | "OMN" | "TND" => 3,
            "CLF" | "UYW" => 4,
            _ => 2,
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount of a currency, in its main unit (euros, not cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Money {
    /// The amount.
    pub amount: Decimal,
    /// The currency.
    pub currency: Currency,
}

/// The value of a record: as many values as its shape has fields, in the same order.
#[derive(Debug, Clone)]
pub struct RecordValue {
    /// The type of the record.
    pub shape: Arc<Record>,
    /// The values; [`Value::Missing`] where a field is absent.
    pub fields: Box<[Value]>,
}

impl RecordValue {
    /// Returns the value of a field, [`Value::Missing`] where the shape has no such field.
    pub fn get(&self, name: &str) -> Value {
        let index = self.shape.fields.get_index_of(name);
        index.and_then(|index| self.fields.get(index)).cloned().unwrap_or(Value::Missing)
    }
}

impl Value {
    /// Returns a text value.
    pub fn text(text: impl Into<Text>) -> Value {
        Value::String(text.into())
    }

    /// Returns whether there is no value.
    pub fn is_missing(&self) -> bool {
        matches!(self, Value::Missing)
    }

    /// Returns the truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// Returns the text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::String(text) = self { Some(text) } else { None }
    }

    /// Returns the number as a decimal, if it is an `int` or `decimal`.
    pub fn as_decimal(&self) -> Option<Decimal> {
        if let Value::Int(int) = self {
            Some(Decimal::from(*int))
        } else if let Value::Decimal(decimal) = self {
            Some(*decimal)
        } else {
            None
        }
    }

    /// Returns the elements, if it is a list.
    pub fn as_list(&self) -> Option<&[Value]> {
        if let Value::List(list) = self { Some(list) } else { None }
    }
}
