//! What values and types are: decimals, money, time, absence, records; equality, ordering, coercion from the wire.
//!
//! A [`Type`] is what the checker knows of an expression, a [`Value`] is what the interpreter computes. Both are
//! small trees that are cheap to clone. A type that comes from an integration file carries the place it comes
//! from, so that messages can point there. [`wire`] turns the JSON a provider sends into values of the declared
//! type, digit for digit, and back. This crate knows no operators (`hence-builtins`) and no source text.
//!
//! Start with [`Type`] and [`Value`].

mod compare;
mod currency;
mod display;
mod due;
mod failure;
mod identity;
pub mod journal;
mod number;
mod text;
pub mod time;
mod ty;
mod value;
pub mod wire;

pub use compare::{Incomparable, compare, equal};
pub use due::{
    MANUAL_RUN, SCHEDULE_DUE, TASK_ANSWERED, TASK_CANCELLED, TASK_COMPLETED, TASK_OPENED, schedule_shape,
};
pub use failure::{failure_shape, failure_value};
pub use identity::identity;
pub use jiff;
pub use number::decimal_of_float;
pub use rust_decimal::Decimal;
pub use text::Text;
pub use time::Period;
pub use ty::{Enumeration, Field, Record, Type};
pub use value::{Currency, Money, RecordValue, Value};
pub use wire::{Amount, CurrencySource, Wire};
