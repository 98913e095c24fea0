//! Types as authors write them, values as literals of the language and as text inside texts.

use std::fmt::{self, Write as _};

use jiff::{SignedDuration, Timestamp, civil, tz};
use rust_decimal::Decimal;

use crate::{Money, Type, Value};

/// How many values of an enumeration or fields of a record a message shows.
const SHOWN: usize = 4;

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Type::Error => f.write_str("unknown"),
            Type::Bool => f.write_str("bool"),
            Type::Int => f.write_str("int"),
            Type::Decimal => f.write_str("decimal"),
            Type::Float => f.write_str("float"),
            Type::String => f.write_str("string"),
            Type::Date => f.write_str("date"),
            Type::Time => f.write_str("time"),
            Type::DateTime => f.write_str("datetime"),
            Type::Duration => f.write_str("duration"),
            Type::Period => f.write_str("period"),
            Type::Percent => f.write_str("percent"),
            Type::Money(None) => f.write_str("money"),
            Type::Money(Some(currency)) => write!(f, "money ({currency})"),
            Type::Enum(enumeration) => match &enumeration.name {
                Some(name) => f.write_str(name),
                None => {
                    let values = enumeration.values.iter().map(|value| quoted(value));
                    f.write_str(&shortened(values, " | "))
                }
            },
            Type::List(element) => write!(f, "list<{element}>"),
            Type::Map(element) => write!(f, "map<{element}>"),
            Type::Record(record) => match &record.name {
                Some(name) => f.write_str(name),
                None if record.fields.is_empty() => f.write_str("{ }"),
                None => {
                    let names = record.fields.keys().map(|name| field_name(name));
                    write!(f, "{{ {} }}", shortened(names, ", "))
                }
            },
            Type::Optional(inner) => {
                let unnamed = matches!(&**inner, Type::Enum(enumeration) if enumeration.name.is_none());
                if unnamed { write!(f, "({inner})?") } else { write!(f, "{inner}?") }
            }
            Type::Json => f.write_str("json"),
            Type::Nothing => f.write_str("nothing"),
        }
    }
}

fn shortened(parts: impl ExactSizeIterator<Item = String>, separator: &str) -> String {
    let more = parts.len() > SHOWN;
    let mut parts: Vec<String> = parts.take(SHOWN).collect();
    if more {
        parts.push("…".to_owned());
    }
    parts.join(separator)
}

/// The value as a literal of the language.
impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Value::Missing => f.write_str("missing"),
            Value::Bool(truth) => write!(f, "{truth}"),
            Value::Int(int) => write!(f, "{int}"),
            Value::Decimal(decimal) => write!(f, "{decimal}"),
            Value::Float(float) => f.write_str(&float_text(*float)),
            Value::String(text) => f.write_str(&quoted(text)),
            Value::Date(date) => write!(f, "{date}"),
            Value::Time(time) => f.write_str(&time_text(*time)),
            Value::DateTime(instant) => f.write_str(&instant_text(*instant)),
            Value::Duration(duration) => f.write_str(&duration_text(*duration)),
            Value::Period(period) => write!(f, "{period}"),
            Value::Percent(percent) => write!(f, "{percent}%"),
            Value::Money(money) => write!(f, "{money}"),
            Value::List(list) => {
                f.write_str("[")?;
                for (place, element) in list.iter().enumerate() {
                    let separator = if place == 0 { "" } else { ", " };
                    write!(f, "{separator}{element}")?;
                }
                f.write_str("]")
            }
            Value::Map(map) => write_members(f, map.iter().map(|(name, value)| (&**name, value))),
            Value::Record(record) => {
                let names = record.shape.fields.keys().map(|name| &**name);
                write_members(f, names.zip(record.fields.iter()))
            }
            Value::Json(json) => f.write_str(json),
        }
    }
}

fn write_members<'a>(
    f: &mut fmt::Formatter<'_>,
    members: impl Iterator<Item = (&'a str, &'a Value)>,
) -> fmt::Result {
    let mut first = true;
    for (name, value) in members.filter(|(_, value)| !value.is_missing()) {
        let opening = if first { "{ " } else { ", " };
        write!(f, "{opening}{}: {value}", field_name(name))?;
        first = false;
    }
    f.write_str(if first { "{ }" } else { " }" })
}

impl Value {
    /// Returns the value as it stands inside a text: texts without quotes, nothing for a missing value, everything
    /// else as its literal.
    pub fn to_text(&self) -> String {
        if let Value::String(text) = self {
            text.to_string()
        } else if self.is_missing() {
            String::new()
        } else {
            self.to_string()
        }
    }
}

/// The amount with at least as many decimals as the currency has, then the currency: `9.90 EUR`.
impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", amount_text(self), self.currency)
    }
}

/// The digits of an amount, at least as many decimals as the currency has.
pub(crate) fn amount_text(money: &Money) -> String {
    let mut text = money.amount.to_string();
    let wanted = usize::try_from(money.currency.decimals()).unwrap_or(0);
    let decimals = usize::try_from(money.amount.scale()).unwrap_or(0);
    if decimals < wanted {
        if decimals == 0 {
            text.push('.');
        }
        text.extend(std::iter::repeat_n('0', wanted - decimals));
    }
    text
}

/// The text in quotes, as the language reads it back.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for character in text.chars() {
        match character {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            '{' => quoted.push_str("{{"),
            '}' => quoted.push_str("}}"),
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{{{:X}}}", u32::from(control));
            }
            other => quoted.push(other),
        }
    }
    quoted.push('"');
    quoted
}

/// The name of a field, in backticks where it is no word.
fn field_name(name: &str) -> String {
    let mut characters = name.chars();
    let word = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_');
    if word { name.to_owned() } else { format!("`{name}`") }
}

/// A float in the shortest digits that mean it; very large and small ones with an exponent.
pub(crate) fn float_text(float: f64) -> String {
    let size = float.abs();
    if size != 0.0 && !(1e-7..1e21).contains(&size) { format!("{float:e}") } else { format!("{float}") }
}

/// `09:00`, or as many parts as it takes.
fn time_text(time: civil::Time) -> String {
    let mut text = format!("{:02}:{:02}", time.hour(), time.minute());
    if time.second() != 0 || time.subsec_nanosecond() != 0 {
        let _ = write!(text, ":{:02}", time.second());
    }
    if time.subsec_nanosecond() != 0 {
        let fraction = format!("{:09}", time.subsec_nanosecond());
        let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
    }
    text
}

fn instant_text(instant: Timestamp) -> String {
    let wall = tz::Offset::UTC.to_datetime(instant);
    format!("{}T{}Z", wall.date(), time_text(wall.time()))
}

/// In the largest unit that leaves no fraction.
fn duration_text(duration: SignedDuration) -> String {
    let seconds = duration.as_secs();
    if duration.subsec_nanos() != 0 {
        let fraction = Decimal::new(i64::from(duration.subsec_nanos()), 9);
        let exact = Decimal::from(seconds).checked_add(fraction).unwrap_or(Decimal::from(seconds));
        format!("{} s", exact.normalize())
    } else if seconds == 0 || seconds % 60 != 0 {
        format!("{seconds} s")
    } else if seconds % 3600 != 0 {
        format!("{} m", seconds / 60)
    } else {
        format!("{} h", seconds / 3600)
    }
}

#[cfg(test)]
mod tests;
