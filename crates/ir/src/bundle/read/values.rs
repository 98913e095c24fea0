//! Stored constants → values.

use std::sync::Arc;

use hence_types::jiff::{SignedDuration, Timestamp, civil};
use hence_types::{Decimal, Money, Period, RecordValue, Value};
use indexmap::IndexMap;

use super::{Reader, malformed, types};
use crate::bundle::{ReadError, wire};

/// Deeper nesting is not compiled. Values are walked by recursion, so there has to be an end to it.
const DEEPEST: u32 = 512;

/// Returns the values that are left when each took its parts off those before it.
pub(super) fn constants(reader: &Reader, stored: &[wire::Value]) -> Result<Vec<Value>, ReadError> {
    let mut values = Values::default();
    for stored in stored {
        let (value, depth) = match plain(reader, stored)? {
            Some(value) => (value, 0),
            None => values.compound(reader, stored)?,
        };
        if depth > DEEPEST {
            return Err(malformed("a constant is nested too deep"));
        }
        values.values.push(value);
        values.depths.push(depth);
    }
    Ok(values.values)
}

/// The values that are no part of another so far, and how deep each is.
#[derive(Default)]
struct Values {
    values: Vec<Value>,
    depths: Vec<u32>,
}

impl Values {
    fn compound(&mut self, reader: &Reader, stored: &wire::Value) -> Result<(Value, u32), ReadError> {
        if let wire::Value::List(count) = stored {
            let (parts, depth) = self.take(*count as usize)?;
            Ok((Value::List(parts.into()), depth))
        } else if let wire::Value::Map(keys) = stored {
            let (parts, depth) = self.take(keys.len())?;
            let members: IndexMap<_, _> = reader.all_words(keys)?.into_iter().zip(parts).collect();
            Ok((Value::Map(Arc::new(members)), depth))
        } else if let wire::Value::Record(shape) = stored {
            let shape = reader.record(*shape)?;
            let (parts, depth) = self.take(shape.fields.len())?;
            Ok((Value::Record(Arc::new(RecordValue { shape, fields: parts.into() })), depth))
        } else {
            Err(malformed("a constant is none"))
        }
    }

    /// Takes the last values away, and says how deep what they are the parts of is.
    fn take(&mut self, count: usize) -> Result<(Vec<Value>, u32), ReadError> {
        let start = self.values.len().checked_sub(count).ok_or(malformed("a constant lacks parts"))?;
        let deepest = self.depths.drain(start..).max().unwrap_or(0);
        Ok((self.values.drain(start..).collect(), deepest + 1))
    }
}

/// Returns a value without parts.
fn plain(reader: &Reader, stored: &wire::Value) -> Result<Option<Value>, ReadError> {
    Ok(Some(match stored {
        wire::Value::Missing => Value::Missing,
        wire::Value::Bool(truth) => Value::Bool(*truth),
        wire::Value::Int(int) => Value::Int(*int),
        wire::Value::Decimal(number) => Value::Decimal(decimal(number)?),
        wire::Value::Float(bits) => Value::Float(f64::from_bits(*bits)),
        wire::Value::String(text) => Value::text(reader.word(*text)?),
        wire::Value::Date { year, month, day } => {
            Value::Date(civil::Date::new(*year, *month, *day).map_err(|_| malformed("a date is none"))?)
        }
        wire::Value::Time { hour, minute, second, nanosecond } => Value::Time(
            civil::Time::new(*hour, *minute, *second, *nanosecond)
                .map_err(|_| malformed("a time is none"))?,
        ),
        wire::Value::DateTime { seconds, nanoseconds } => Value::DateTime(
            Timestamp::new(*seconds, *nanoseconds).map_err(|_| malformed("an instant is none"))?,
        ),
        wire::Value::Duration { seconds, nanoseconds } => {
            // More would be carried over, for which there may be no room.
            if nanoseconds.unsigned_abs() >= 1_000_000_000 {
                return Err(malformed("a duration is none"));
            }
            Value::Duration(SignedDuration::new(*seconds, *nanoseconds))
        }
        wire::Value::Period { months, days } => Value::Period(Period { months: *months, days: *days }),
        wire::Value::Percent(percent) => Value::Percent(decimal(percent)?),
        wire::Value::Money { amount, currency } => {
            let currency = types::currency(&reader.words, *currency)?;
            Value::Money(Money { amount: decimal(amount)?, currency })
        }
        wire::Value::Json(text) => Value::Json(reader.word(*text)?),
        wire::Value::List(_) | wire::Value::Map(_) | wire::Value::Record(_) => return Ok(None),
    }))
}

fn decimal(stored: &wire::Decimal) -> Result<Decimal, ReadError> {
    let digits = i128::try_from(stored.digits).ok();
    let decimal = digits.and_then(|digits| Decimal::try_from_i128_with_scale(digits, stored.scale).ok());
    let mut decimal = decimal.ok_or(malformed("a decimal is none"))?;
    decimal.set_sign_negative(stored.negative);
    Ok(decimal)
}
