//! How values are spelt in JSON, and the way from and to JSON.
//!
//! [`read`] turns the JSON text of one value into a value of the declared type, digit for digit: no number passes
//! through a float, nothing that is not declared is materialised, and what is not as declared becomes
//! [`crate::Value::Missing`] and a [`Mismatch`]. [`write_raw`] prints a value as JSON text. What is kept between
//! two runs of the engine is written by [`crate::journal`] instead.

use std::sync::Arc;

use crate::Currency;

mod members;
mod mismatch;
mod read;
mod scalar;
pub mod scan;
mod write;

pub use members::Members;
pub use mismatch::Mismatch;
pub use read::{DEEPEST, Place, read, read_any};
pub use scalar::{read_plain, read_plain_to};
pub use write::{write, write_raw};

/// How a value is spelt in JSON where its type alone does not say.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Wire {
    /// JSON's own spelling: numbers as numbers, RFC 3339 for dates and times, ISO 8601 for durations.
    #[default]
    Plain,
    /// A number as text: `"19.90"`.
    Text,
    /// An instant as seconds since 1970-01-01T00:00Z, whole or not.
    EpochSeconds,
    /// An instant as milliseconds since 1970-01-01T00:00Z.
    EpochMillis,
    /// A list of texts as one text, separated by commas, blanks around them ignored.
    CommaSeparated,
    /// An amount, its currency fixed or beside it.
    Money {
        /// How the amount is spelt.
        amount: Amount,
        /// Where the currency stands.
        currency: CurrencySource,
    },
    /// The elements of a list or map are spelt so.
    Each(Box<Wire>),
}

/// How an amount of money is spelt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Amount {
    /// A JSON number in the main unit.
    Number,
    /// A text in the main unit.
    Text,
    /// A whole JSON number of the smallest unit (cents); the currency says how many make one.
    MinorUnits,
}

/// Where the currency of an amount stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CurrencySource {
    /// Always this one.
    Fixed(Currency),
    /// In this text field of the same object.
    Sibling(Arc<str>),
    /// In this text field of the whole payload.
    Payload(Arc<str>),
}

#[cfg(test)]
mod tests;
