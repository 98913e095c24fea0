//! Rows as JSON. The database gives values in their binary form: <https://www.postgresql.org/docs/current/protocol.html>
//! refers to the functions `…_send` of each type.

use std::error::Error;

use hence_types::jiff::civil::{Date, DateTime, Time};
use hence_types::jiff::{Span, Timestamp};
use hence_types::{Amount, Type, Wire};
use serde_json::{Number, Value as Json};
use tokio_postgres::types::{FromSql, Kind, Type as Stored};

use super::super::Problem;
use super::super::shape::{self, Expected, Row, Shape};
use super::errors;

/// A value as the database gives it.
struct Raw<'a> {
    ty: Stored,
    bytes: &'a [u8],
}

impl<'a> FromSql<'a> for Raw<'a> {
    fn from_sql(ty: &Stored, bytes: &'a [u8]) -> Result<Self, Box<dyn Error + Sync + Send>> {
        Ok(Self { ty: ty.clone(), bytes })
    }

    fn accepts(_: &Stored) -> bool {
        true
    }
}

/// Returns a row.
pub(super) fn row(row: &tokio_postgres::Row, shape: &Shape) -> Result<Row, Problem> {
    let mut columns = Row::new();
    for (at, column) in row.columns().iter().enumerate() {
        let name = column.name();
        let value: Option<Raw<'_>> = row.try_get(at).map_err(|error| errors::of(&error))?;
        let json = value.map_or(Ok(Json::Null), |value| value.json(shape.field(name)));
        let json = json.map_err(|problem| Problem::mistake(format!("the column `{name}` {problem}")))?;
        columns.insert(name.to_owned(), json);
    }
    Ok(columns)
}

impl<'a> Raw<'a> {
    fn read<T: FromSql<'a>>(&self) -> Result<T, String> {
        self.read_as(&self.ty)
    }

    fn read_as<T: FromSql<'a>>(&self, ty: &Stored) -> Result<T, String> {
        T::from_sql(ty, self.bytes).map_err(|error| format!("of type `{}` cannot be read: {error}", self.ty))
    }

    /// The JSON of a value whose type in the schema is known or not.
    fn json(&self, expected: Option<Expected<'_>>) -> Result<Json, String> {
        let kind = self.ty.kind();
        if let Kind::Domain(inner) = kind {
            return Raw { ty: inner.clone(), bytes: self.bytes }.json(expected);
        }
        if matches!(kind, Kind::Enum(_)) || self.ty.name() == "citext" {
            return shape::text(self.read_as(&Stored::TEXT)?, expected);
        }
        if matches!(kind, Kind::Array(_)) {
            return self.list(expected);
        }
        match self.ty {
            Stored::BOOL => Ok(Json::Bool(self.read()?)),
            Stored::INT2 => whole(i64::from(self.read::<i16>()?), expected),
            Stored::INT4 => whole(i64::from(self.read::<i32>()?), expected),
            Stored::INT8 => whole(self.read()?, expected),
            // The shortest digits that mean it, not those of the wider number that is nearest.
            Stored::FLOAT4 => match serde_json::from_str(&self.read::<f32>()?.to_string()) {
                Ok(Json::Number(digits)) => Ok(number(digits, expected)),
                _ => Err("is no number".to_owned()),
            },
            Stored::FLOAT8 => match self.read::<f64>()? {
                value if value.is_finite() => Ok(shape::float(value)),
                _ => Err("is no number".to_owned()),
            },
            Stored::NUMERIC => {
                let digits = numeric(self.bytes).ok_or("is no number")?;
                let digits = serde_json::from_str(&digits).map_err(|_| "is no number".to_owned())?;
                Ok(number(digits, expected))
            }
            Stored::TEXT
            | Stored::VARCHAR
            | Stored::BPCHAR
            | Stored::NAME
            | Stored::XML
            | Stored::UNKNOWN => shape::text(self.read_as(&Stored::TEXT)?, expected),
            Stored::JSON => self.document(self.bytes),
            Stored::JSONB => match self.bytes.split_first() {
                Some((1, document)) => self.document(document),
                _ => Err("is of a form of `jsonb` that is not known".to_owned()),
            },
            Stored::UUID => {
                let uuid = uuid::Uuid::from_slice(self.bytes).map_err(|error| error.to_string())?;
                Ok(Json::String(uuid.to_string()))
            }
            Stored::DATE => Ok(Json::String(self.read::<Date>()?.to_string())),
            Stored::TIME => Ok(Json::String(self.read::<Time>()?.to_string())),
            Stored::TIMESTAMPTZ => Ok(instant(self.read()?, expected)),
            Stored::TIMESTAMP => self.local(expected),
            Stored::INTERVAL => self.interval(),
            _ => Err(format!(
                "is of type `{}`, which rules have no type for: let the statement say `::text` or `to_jsonb(…)`",
                self.ty
            )),
        }
    }

    fn document(&self, document: &[u8]) -> Result<Json, String> {
        serde_json::from_slice(document).map_err(|error| format!("is no JSON: {error}"))
    }

    fn list(&self, expected: Option<Expected<'_>>) -> Result<Json, String> {
        let element = expected.and_then(|(ty, wire)| {
            let Type::List(element) = ty.required() else { return None };
            let wire = match wire {
                Some(Wire::Each(wire)) => Some(&**wire),
                _ => None,
            };
            Some((&**element, wire))
        });
        let items: Vec<Option<Raw<'a>>> = self.read()?;
        let items = items.iter().map(|item| match item {
            None => Ok(Json::Null),
            Some(item) => item.json(element),
        });
        items.collect()
    }

    /// A time without a zone: where an instant is wanted, that of UTC.
    fn local(&self, expected: Option<Expected<'_>>) -> Result<Json, String> {
        let is_instant = expected.is_some_and(|(ty, _)| matches!(ty.required(), Type::DateTime));
        if is_instant {
            return Ok(instant(self.read_as(&Stored::TIMESTAMPTZ)?, expected));
        }
        Ok(Json::String(self.read::<DateTime>()?.to_string()))
    }

    /// Eight bytes of microseconds, four of days, four of months.
    fn interval(&self) -> Result<Json, String> {
        let parts = || {
            let (micros, rest) = self.bytes.split_first_chunk::<8>()?;
            let (days, rest) = rest.split_first_chunk::<4>()?;
            let (months, _) = rest.split_first_chunk::<4>()?;
            let micros = i64::from_be_bytes(*micros);
            let span = Span::new().try_months(i32::from_be_bytes(*months)).ok()?;
            let span = span.try_days(i32::from_be_bytes(*days)).ok()?;
            let (seconds, micros) = (micros / 1_000_000, micros % 1_000_000);
            span.try_seconds(seconds).ok()?.try_microseconds(micros).ok()
        };
        let span = parts().ok_or("is no interval that can be written down")?;
        Ok(Json::String(span.to_string()))
    }
}

fn whole(value: i64, expected: Option<Expected<'_>>) -> Result<Json, String> {
    if expected.is_some_and(|(ty, _)| matches!(ty.required(), Type::Bool)) {
        return Ok(Json::Bool(value != 0));
    }
    Ok(number(value.into(), expected))
}

/// A number, as a text where the schema spells it so.
fn number(value: Number, expected: Option<Expected<'_>>) -> Json {
    match expected.and_then(|(_, wire)| wire) {
        Some(Wire::Text | Wire::Money { amount: Amount::Text, .. }) => Json::String(value.to_string()),
        _ => Json::Number(value),
    }
}

fn instant(value: Timestamp, expected: Option<Expected<'_>>) -> Json {
    match expected.and_then(|(_, wire)| wire) {
        Some(Wire::EpochSeconds) => Json::from(value.as_second()),
        Some(Wire::EpochMillis) => Json::from(value.as_millisecond()),
        _ => Json::String(value.to_string()),
    }
}

/// The digits of a `numeric`: the count of groups of four digits, the place of the first, the sign, the count of digits
/// after the point, all of two bytes; then the groups.
fn numeric(bytes: &[u8]) -> Option<String> {
    let mut words = bytes.chunks_exact(2).map(|word| match word {
        [high, low] => u16::from_be_bytes([*high, *low]),
        _ => 0,
    });
    let count = words.next()?;
    let weight = i32::from(words.next()?.cast_signed());
    let sign = words.next()?;
    let scale = usize::from(words.next()?);
    let groups: Vec<u16> = words.collect();
    if groups.len() != usize::from(count) || !matches!(sign, 0 | 0x4000) {
        return None;
    }
    // The group of the ones is that at the place `weight`; those that are left out are 0.
    let group = |place: i32| usize::try_from(place).ok().and_then(|at| groups.get(at)).copied().unwrap_or(0);
    let mut digits = String::new();
    for place in 0..=weight {
        digits.push_str(&format!("{:04}", group(place)));
    }
    let whole = digits.trim_start_matches('0');
    let mut text = String::from(if sign == 0 { "" } else { "-" });
    text.push_str(if whole.is_empty() { "0" } else { whole });
    if scale > 0 {
        let mut fraction = String::new();
        let mut place = weight.checked_add(1)?;
        while fraction.len() < scale {
            fraction.push_str(&format!("{:04}", group(place)));
            place = place.checked_add(1)?;
        }
        fraction.truncate(scale);
        text.push('.');
        text.push_str(&fraction);
    }
    Some(text)
}
