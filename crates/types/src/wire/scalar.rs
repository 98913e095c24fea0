//! Values without parts: numbers, texts and times out of their JSON text.

use std::borrow::Cow;

use jiff::Timestamp;
use rust_decimal::Decimal;

use crate::number::{Number, short_decimal, short_int};
use crate::time::{parse_date, parse_duration, parse_instant, parse_period, parse_time};
use crate::wire::{Amount, Wire, members};
use crate::{Currency, Money, Type, Value};

/// Reads a value of a type without parts, as [`crate::wire::read`] does; nothing if the JSON text is not as declared,
/// or the type has parts, a currency or another spelling than its own.
pub fn read_plain(json: &str, ty: &Type) -> Option<Value> {
    read(json, ty.required(), &Wire::Plain)
}

/// Reads a value as [`read_plain`] does, to where it is to stand; returns whether there is one.
#[inline]
pub fn read_plain_to(json: &str, ty: &Type, to: &mut Value) -> bool {
    // Values are made where they stand: one that is made elsewhere and then copied has to be waited for.
    let declared = ty.required();
    if *declared == Type::Decimal
        && let Some(decimal) = short_decimal(json)
    {
        *to = Value::Decimal(decimal);
    } else if *declared == Type::Int
        && let Some(int) = short_int(json)
    {
        *to = Value::Int(int);
    } else if *declared == Type::String
        && let Some(text) = members::plain_text(json)
    {
        *to = Value::text(text);
    } else if let Some(value) = read(json, declared, &Wire::Plain) {
        *to = value;
    } else {
        return false;
    }
    true
}

/// Reads a value of a type without parts; nothing if the JSON text is not as declared.
pub(crate) fn read(json: &str, ty: &Type, wire: &Wire) -> Option<Value> {
    match ty {
        Type::Bool => bool(json),
        Type::Int => int(&number(json, wire)?).map(Value::Int),
        Type::Decimal => decimal(&number(json, wire)?).map(Value::Decimal),
        Type::Percent => decimal(&number(json, wire)?).map(Value::Percent),
        Type::Float => float(&number(json, wire)?).map(Value::Float),
        Type::String => members::text(json).map(Value::text),
        Type::Enum(enumeration) => {
            let text = members::text(json)?;
            enumeration.values.iter().find(|value| ***value == *text).map(Value::text)
        }
        Type::Date => parse_date(&members::text(json)?).map(Value::Date),
        Type::Time => time(&members::text(json)?),
        Type::DateTime => instant(json, wire).map(Value::DateTime),
        Type::Duration => parse_duration(&members::text(json)?).map(Value::Duration),
        Type::Period => parse_period(&members::text(json)?).map(Value::Period),
        Type::Error
        | Type::Nothing
        | Type::Json
        | Type::Money(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Record(_)
        | Type::Optional(_) => None,
    }
}

fn bool(json: &str) -> Option<Value> {
    match json {
        "true" => Some(Value::Bool(true)),
        "false" => Some(Value::Bool(false)),
        _ => None,
    }
}

/// The text of a number: the JSON text itself or, where it is spelt as text, what stands between the quotes.
struct Digits<'a>(Cow<'a, str>);

impl Digits<'_> {
    fn parse(&self) -> Option<Number<'_>> {
        Number::parse(&self.0)
    }
}

fn int(digits: &Digits<'_>) -> Option<i64> {
    short_int(&digits.0).or_else(|| digits.parse()?.to_int())
}

fn decimal(digits: &Digits<'_>) -> Option<Decimal> {
    short_decimal(&digits.0).or_else(|| digits.parse()?.to_decimal())
}

fn number<'a>(json: &'a str, wire: &Wire) -> Option<Digits<'a>> {
    if *wire == Wire::Text { text_digits(json) } else { number_digits(json) }
}

fn number_digits(json: &str) -> Option<Digits<'_>> {
    json.starts_with(|first: char| first == '-' || first.is_ascii_digit())
        .then_some(Digits(Cow::Borrowed(json)))
}

fn text_digits(json: &str) -> Option<Digits<'_>> {
    let text = members::text(json)?;
    let digits = text.trim();
    // A percentage as text often carries its sign.
    let digits = digits.strip_suffix('%').map_or(digits, str::trim_end);
    Some(Digits(if digits.len() == text.len() { text } else { Cow::Owned(digits.to_owned()) }))
}

fn float(digits: &Digits<'_>) -> Option<f64> {
    digits.parse()?;
    digits.0.parse().ok().filter(|float: &f64| float.is_finite())
}

/// A time of day; the `Z` that RFC 3339 asks for after it is taken and means nothing without a date.
fn time(text: &str) -> Option<Value> {
    parse_time(text.strip_suffix(['Z', 'z']).unwrap_or(text)).map(Value::Time)
}

fn instant(json: &str, wire: &Wire) -> Option<Timestamp> {
    let nanoseconds_in_unit = match wire {
        Wire::EpochSeconds => 1_000_000_000,
        Wire::EpochMillis => 1_000_000,
        Wire::Plain | Wire::Text | Wire::CommaSeparated | Wire::Money { .. } | Wire::Each(_) => {
            return parse_instant(&members::text(json)?);
        }
    };
    let count = number_digits(json)?.parse()?.to_decimal()?;
    let nanoseconds = count.checked_mul(Decimal::from(nanoseconds_in_unit))?.trunc();
    Timestamp::from_nanosecond(nanoseconds.mantissa()).ok()
}

/// Reads an amount of money.
pub(crate) fn amount(json: &str, amount: Amount, currency: Currency) -> Option<Value> {
    let amount = match amount {
        Amount::Number => decimal(&number_digits(json)?)?,
        Amount::Text => decimal(&text_digits(json)?)?,
        Amount::MinorUnits => {
            let units = int(&number_digits(json)?)?;
            Decimal::try_from_i128_with_scale(i128::from(units), currency.decimals()).ok()?
        }
    };
    Some(Value::Money(Money { amount, currency }))
}

/// Reads a currency; some producers write it in small letters.
pub(crate) fn currency(text: &str) -> Option<Currency> {
    Currency::parse(&text.trim().to_ascii_uppercase())
}

/// Reads a number of no declared type: an integer if it is written as one, else a decimal, else a float.
pub(crate) fn any_number(json: &str) -> Option<Value> {
    let digits = number_digits(json)?;
    let number = digits.parse()?;
    let integer = if json.contains(['.', 'e', 'E']) { None } else { number.to_int() };
    match (integer, number.to_decimal()) {
        (Some(int), _) => Some(Value::Int(int)),
        (None, Some(decimal)) => Some(Value::Decimal(decimal)),
        (None, None) => float(&digits).map(Value::Float),
    }
}
