//! JSON text to values of a declared type.

use std::sync::Arc;

use indexmap::IndexMap;

use crate::wire::members::{self, Members};
use crate::wire::mismatch::{MOST, Mismatch, Path, Step, expected, expected_currency};
use crate::wire::scan::{Broken, Scanner, nesting};
use crate::wire::{Amount, CurrencySource, Wire, scalar};
use crate::{Currency, Record, RecordValue, Type, Value};

/// The deepest nesting that is read.
pub const DEEPEST: usize = 64;

/// Records of up to so many fields are read without memory of their own for the texts of their fields.
const AT_HAND: usize = 16;

/// Where a value stands that is to be read: what a mismatch says of it, and where a currency is looked up.
#[derive(Debug, Clone, Copy, Default)]
pub struct Place<'a> {
    /// The JSON pointer to the value, empty for a whole payload.
    pub pointer: &'a str,
    /// Whether the value must not be shown.
    pub sensitive: bool,
    /// The object the value is a member of; needed for [`CurrencySource::Sibling`].
    pub object: Option<&'a Members<'a>>,
    /// The whole payload; needed for [`CurrencySource::Payload`]. If it is not given, the outermost record that
    /// is read is taken for it.
    pub payload: Option<&'a Members<'a>>,
}

/// Reads a value from its raw JSON text, `None` where it is absent.
///
/// What is not as declared is [`Value::Missing`] and is added to `mismatches`. Absence and null are a mismatch only
/// where the type is not optional. Members that are not declared are ignored; of members of one name the last
/// counts. Nothing here panics, whatever the text.
pub fn read(
    json: Option<&str>,
    ty: &Type,
    wire: &Wire,
    place: Place<'_>,
    mismatches: &mut Vec<Mismatch>,
) -> Value {
    let path =
        Path { parent: None, step: Step::Pointer(place.pointer), sensitive: place.sensitive, depth: 0 };
    let around = Around { object: place.object, payload: place.payload };
    Reader { mismatches }.value(json, ty, wire, around, &path)
}

/// Reads any JSON text: objects become maps, numbers integers, decimals or, if those have no room, floats.
/// What is not JSON or nests deeper than 64 is missing.
pub fn read_any(json: &str) -> Value {
    any(json, 0).unwrap_or(Value::Missing)
}

/// The objects in which currencies are looked up.
#[derive(Clone, Copy)]
struct Around<'a> {
    object: Option<&'a Members<'a>>,
    payload: Option<&'a Members<'a>>,
}

struct Reader<'m> {
    mismatches: &'m mut Vec<Mismatch>,
}

impl Reader<'_> {
    fn mismatch(&mut self, path: &Path<'_>, json: Option<&str>, expected: impl FnOnce() -> String) -> Value {
        if self.mismatches.len() < MOST {
            self.mismatches.push(path.mismatch(expected(), json));
        }
        Value::Missing
    }

    fn value(
        &mut self,
        json: Option<&str>,
        ty: &Type,
        wire: &Wire,
        around: Around<'_>,
        path: &Path<'_>,
    ) -> Value {
        let declared = ty.required();
        let json = match json.map(str::trim) {
            Some("null") if *declared == Type::Json => return Value::Missing,
            None | Some("null") if ty.is_optional() => return Value::Missing,
            None => return self.mismatch(path, None, || expected(ty, wire)),
            Some("null") => return self.mismatch(path, Some("null"), || expected(ty, wire)),
            Some(json) => json,
        };
        if path.depth > DEEPEST {
            return self.mismatch(path, Some(json), || format!("no deeper nesting than {DEEPEST}"));
        }
        let value = match declared {
            Type::Error | Type::Nothing => return Value::Missing,
            Type::Optional(inner) => return self.value(Some(json), inner, wire, around, path),
            Type::Json => raw(json, path.depth),
            Type::Money(known) => return self.money(json, *known, wire, around, path),
            Type::List(element) if *wire == Wire::CommaSeparated => self.comma_separated(json, element, path),
            Type::List(element) => self.list(json, element, each(wire), around, path),
            Type::Map(element) => self.map(json, element, each(wire), around, path),
            Type::Record(shape) => {
                let (mut scanner, told) = (Scanner::new(json), self.mismatches.len());
                let value = self.record(&mut scanner, shape, around, path).ok();
                let value = value.filter(|_| scanner.is_at_end());
                if value.is_none() {
                    self.mismatches.truncate(told);
                }
                value
            }
            Type::Bool
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
            | Type::Enum(_) => scalar::read(json, declared, wire),
        };
        value.unwrap_or_else(|| self.mismatch(path, Some(json), || expected(ty, wire)))
    }

    fn list(
        &mut self,
        json: &str,
        element: &Type,
        wire: &Wire,
        around: Around<'_>,
        path: &Path<'_>,
    ) -> Option<Value> {
        let (mut scanner, mut values) = (Scanner::new(json), Vec::new());
        let told = self.mismatches.len();
        let read = scanner.elements(|scanner| {
            let path = path.then(Step::Index(values.len()), false);
            let first = scanner.peek();
            // Records are read where they stand: nobody has to know beforehand where they end.
            let value = if let Type::Record(shape) = element.required()
                && first == b'{'
                && path.depth <= DEEPEST
            {
                self.record(scanner, shape, around, &path)?
            } else {
                let start = scanner.place();
                scanner.skip()?;
                self.value(Some(scanner.since(start)), element, wire, around, &path)
            };
            values.push(value);
            Ok(())
        });
        if read.is_err() || !scanner.is_at_end() {
            self.mismatches.truncate(told);
            return None;
        }
        Some(Value::List(values.into()))
    }

    /// A text such as `vip, newsletter`. A part that the element's type does not take is missing.
    fn comma_separated(&mut self, json: &str, element: &Type, path: &Path<'_>) -> Option<Value> {
        let text = members::text(json)?;
        let parts = text.split(',').map(str::trim).filter(|part| !part.is_empty());
        let values = parts.enumerate().map(|(index, part)| {
            if let Type::Enum(enumeration) = element.required()
                && !enumeration.values.iter().any(|value| **value == *part)
            {
                let path = path.then(Step::Index(index), false);
                return self.mismatch(&path, Some(&format!("\"{part}\"")), || element.required().to_string());
            }
            Value::text(part)
        });
        Some(Value::List(values.collect()))
    }

    fn map(
        &mut self,
        json: &str,
        element: &Type,
        wire: &Wire,
        around: Around<'_>,
        path: &Path<'_>,
    ) -> Option<Value> {
        let members = Members::parse(json)?;
        let around = Around { object: Some(&members), payload: around.payload.or(Some(&members)) };
        // Of members of one name only the last is read, or a mismatch of one that does not count would be told.
        let raw: IndexMap<&str, &str> = members.iter().collect();
        let mut map = IndexMap::with_capacity(raw.len());
        for (name, json) in raw {
            let value = self.value(Some(json), element, wire, around, &path.then(Step::Name(name), false));
            map.insert(Arc::from(name), value);
        }
        Some(Value::Map(Arc::new(map)))
    }

    /// A record that begins here.
    fn record(
        &mut self,
        scanner: &mut Scanner<'_>,
        shape: &Arc<Record>,
        around: Around<'_>,
        path: &Path<'_>,
    ) -> Result<Value, Broken> {
        let mut at_hand = [None; AT_HAND];
        let mut more = Vec::new();
        let raw = match at_hand.get_mut(..shape.fields.len()) {
            Some(raw) => raw,
            None => {
                more.resize(shape.fields.len(), None);
                more.as_mut_slice()
            }
        };
        // Members are gathered only where a currency may be looked up in them.
        let is_asked = around.payload.is_none() || names_currencies(shape);
        let (mut members, mut all_texts, mut likely) = (Members::default(), true, 0);
        scanner.members(|name, json| {
            if name.is_escaped || is_asked {
                let Some(name) = name.text() else {
                    all_texts = false;
                    return;
                };
                if let Some(slot) = shape.fields.get_index_of(&*name).and_then(|place| raw.get_mut(place)) {
                    *slot = Some(json);
                }
                if is_asked {
                    members.push(name, json);
                }
            } else if let Some(place) = field_of(shape, name.bytes, likely)
                && let Some(slot) = raw.get_mut(place)
            {
                *slot = Some(json);
                likely = place + 1;
            }
        })?;
        if !all_texts {
            return Err(Broken);
        }
        let around = match is_asked {
            true => Around { object: Some(&members), payload: around.payload.or(Some(&members)) },
            false => Around { object: None, payload: around.payload },
        };
        let mut fields = vec![Value::Missing; shape.fields.len()].into_boxed_slice();
        for (((name, field), json), to) in shape.fields.iter().zip(raw).zip(&mut fields) {
            if field.wire == Wire::Plain
                && json.is_some_and(|json| scalar::read_plain_to(json, &field.ty, to))
            {
                continue;
            }
            let path = path.then(Step::Name(name), field.sensitive);
            *to = self.value(*json, &field.ty, &field.wire, around, &path);
        }
        Ok(Value::Record(Arc::new(RecordValue { fields, shape: Arc::clone(shape) })))
    }

    fn money(
        &mut self,
        json: &str,
        known: Option<Currency>,
        wire: &Wire,
        around: Around<'_>,
        path: &Path<'_>,
    ) -> Value {
        let ty = Type::Money(known);
        let Wire::Money { amount, currency: source } = wire else {
            let value = plain_money(json, known);
            return value.unwrap_or_else(|| self.mismatch(path, Some(json), || expected(&ty, wire)));
        };
        let currency = match source {
            CurrencySource::Fixed(currency) => Ok(*currency),
            CurrencySource::Sibling(field) => lookup(around.object, field),
            CurrencySource::Payload(field) => lookup(around.payload, field),
        };
        match currency {
            Ok(currency) if known.is_none_or(|known| known == currency) => {
                scalar::amount(json, *amount, currency)
                    .unwrap_or_else(|| self.mismatch(path, Some(json), || expected(&ty, wire)))
            }
            Ok(other) => {
                let found = format!("\"{other}\"");
                self.mismatch(path, Some(&found), || expected(&ty, wire))
            }
            Err(found) => self.mismatch(path, found, || expected_currency(source)),
        }
    }
}

/// Returns the place of a field of a record, which is likely to be this one.
fn field_of(shape: &Record, name: &[u8], likely: usize) -> Option<usize> {
    if shape.fields.get_index(likely).is_some_and(|(own, _)| own.as_bytes() == name) {
        return Some(likely);
    }
    if shape.fields.len() <= AT_HAND {
        return shape.fields.keys().position(|own| own.as_bytes() == name);
    }
    shape.fields.get_index_of(std::str::from_utf8(name).ok()?)
}

/// Whether an amount in a record has its currency beside it.
fn names_currencies(shape: &Record) -> bool {
    fn is_beside(wire: &Wire) -> bool {
        match wire {
            Wire::Money { amount: _, currency: CurrencySource::Sibling(_) } => true,
            Wire::Each(inner) => is_beside(inner),
            Wire::Money { .. }
            | Wire::Plain
            | Wire::Text
            | Wire::EpochSeconds
            | Wire::EpochMillis
            | Wire::CommaSeparated => false,
        }
    }
    shape.fields.values().any(|field| is_beside(&field.wire))
}

/// How the elements of a list or map are spelt.
fn each(wire: &Wire) -> &Wire {
    if let Wire::Each(inner) = wire { inner } else { &Wire::Plain }
}

/// Looks a currency up; what stands there instead if it is none.
fn lookup<'a>(object: Option<&'a Members<'a>>, field: &str) -> Result<Currency, Option<&'a str>> {
    let Some(object) = object else { return Err(None) };
    object.text(field).and_then(|text| scalar::currency(&text)).ok_or_else(|| object.get(field))
}

/// Money as `{"amount": "9.90", "currency": "EUR"}`; the amount may be a number.
fn plain_money(json: &str, known: Option<Currency>) -> Option<Value> {
    let members = Members::parse(json)?;
    let currency = scalar::currency(&members.text("currency")?)?;
    if known.is_some_and(|known| known != currency) {
        return None;
    }
    let amount = members.get("amount")?;
    let spelling = if amount.starts_with('"') { Amount::Text } else { Amount::Number };
    scalar::amount(amount, spelling, currency)
}

/// JSON kept as it is, if it is JSON and not nested too deep.
fn raw(json: &str, depth: usize) -> Option<Value> {
    if depth + nesting(json) > DEEPEST || serde_json::from_str::<serde::de::IgnoredAny>(json).is_err() {
        return None;
    }
    Some(Value::Json(json.into()))
}

fn any(json: &str, depth: usize) -> Option<Value> {
    let json = json.trim();
    if depth > DEEPEST {
        return None;
    }
    match json.as_bytes().first()? {
        b'n' => (json == "null").then_some(Value::Missing),
        b't' | b'f' => scalar::read(json, &Type::Bool, &Wire::Plain),
        b'"' => members::text(json).map(Value::text),
        b'[' => {
            let (mut scanner, mut values) = (Scanner::new(json), Vec::new());
            let read = scanner.elements(|scanner| {
                scanner.peek();
                let start = scanner.place();
                scanner.skip()?;
                values.push(any(scanner.since(start), depth + 1).ok_or(Broken)?);
                Ok(())
            });
            (read.is_ok() && scanner.is_at_end()).then(|| Value::List(values.into()))
        }
        b'{' => {
            let members = Members::parse(json)?;
            let raw: IndexMap<&str, &str> = members.iter().collect();
            let map: Option<IndexMap<Arc<str>, Value>> =
                raw.into_iter().map(|(name, json)| Some((name.into(), any(json, depth + 1)?))).collect();
            map.map(|map| Value::Map(Arc::new(map)))
        }
        _ => scalar::any_number(json),
    }
}
