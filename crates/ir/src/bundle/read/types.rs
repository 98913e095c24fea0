//! Stored types and spellings → types and spellings.

use std::sync::Arc;

use hence_types::{Currency, CurrencySource, Enumeration, Field, Record, Type, Wire};
use indexmap::IndexMap;

use super::{at, malformed, word};
use crate::bundle::wire::{self, TypeId, Word};
use crate::bundle::{ReadError, wire::Spelling};

/// Deeper nesting is not compiled. Types are walked by recursion, so there has to be an end to it.
const DEEPEST: u32 = 512;

/// Returns all types.
pub(super) fn all(words: &[Arc<str>], stored: &[wire::Type]) -> Result<Vec<Type>, ReadError> {
    let mut types = Types { words, types: Vec::new(), depths: Vec::new(), depth: 0 };
    for ty in stored {
        types.depth = 0;
        let ty = types.read(ty)?;
        if types.depth > DEEPEST {
            return Err(malformed("a type is nested too deep"));
        }
        types.types.push(ty);
        types.depths.push(types.depth);
    }
    Ok(types.types)
}

/// The types read so far.
struct Types<'a> {
    words: &'a [Arc<str>],
    types: Vec<Type>,
    /// How deep each is.
    depths: Vec<u32>,
    /// How deep the one being read is.
    depth: u32,
}

impl Types<'_> {
    fn read(&mut self, stored: &wire::Type) -> Result<Type, ReadError> {
        Ok(match stored {
            wire::Type::Error => Type::Error,
            wire::Type::Bool => Type::Bool,
            wire::Type::Int => Type::Int,
            wire::Type::Decimal => Type::Decimal,
            wire::Type::Float => Type::Float,
            wire::Type::String => Type::String,
            wire::Type::Date => Type::Date,
            wire::Type::Time => Type::Time,
            wire::Type::DateTime => Type::DateTime,
            wire::Type::Duration => Type::Duration,
            wire::Type::Period => Type::Period,
            wire::Type::Percent => Type::Percent,
            wire::Type::Money(stored) => {
                Type::Money(stored.map(|stored| currency(self.words, stored)).transpose()?)
            }
            wire::Type::Enum { name, values } => {
                let values = values.iter().map(|value| word(self.words, *value)).collect::<Result<_, _>>()?;
                Type::Enum(Arc::new(Enumeration { name: self.name(*name)?, values, origin: None }))
            }
            wire::Type::List(element) => Type::List(Arc::new(self.part(*element)?)),
            wire::Type::Map(element) => Type::Map(Arc::new(self.part(*element)?)),
            wire::Type::Optional(inner) => {
                let inner = self.part(*inner)?;
                if inner.is_optional() {
                    return Err(malformed("a type is optional twice"));
                }
                Type::Optional(Arc::new(inner))
            }
            wire::Type::Record { name, fields } => {
                let mut record =
                    Record { name: self.name(*name)?, fields: IndexMap::default(), origin: None };
                for stored in fields {
                    let field = Field {
                        wire: wire(self.words, &stored.wire)?,
                        sensitive: stored.sensitive,
                        ..Field::plain(self.part(stored.ty)?)
                    };
                    if record.fields.insert(word(self.words, stored.name)?, field).is_some() {
                        return Err(malformed("a record has a field twice"));
                    }
                }
                Type::Record(Arc::new(record))
            }
            wire::Type::Json => Type::Json,
            wire::Type::Nothing => Type::Nothing,
        })
    }

    /// Returns a type read before.
    fn part(&mut self, id: TypeId) -> Result<Type, ReadError> {
        let depth = at(&self.depths, id, "a type refers to a later one")?;
        self.depth = self.depth.max(depth + 1);
        at(&self.types, id, "a type refers to a later one").cloned()
    }

    fn name(&self, name: Option<Word>) -> Result<Option<Arc<str>>, ReadError> {
        name.map(|name| word(self.words, name)).transpose()
    }
}

pub(super) fn currency(words: &[Arc<str>], stored: Word) -> Result<Currency, ReadError> {
    Currency::parse(&word(words, stored)?).ok_or(malformed("a currency is none"))
}

pub(super) fn wire(words: &[Arc<str>], stored: &wire::Wire) -> Result<Wire, ReadError> {
    if stored.each.len() > DEEPEST as usize {
        return Err(malformed("a spelling is nested too deep"));
    }
    let innermost = match &stored.spelling {
        Spelling::Plain => Wire::Plain,
        Spelling::Text => Wire::Text,
        Spelling::EpochSeconds => Wire::EpochSeconds,
        Spelling::EpochMillis => Wire::EpochMillis,
        Spelling::CommaSeparated => Wire::CommaSeparated,
        Spelling::Money { amount, currency: source } => Wire::Money {
            amount: (*amount).into(),
            currency: match source {
                wire::CurrencySource::Fixed(letters) => CurrencySource::Fixed(currency(words, *letters)?),
                wire::CurrencySource::Sibling(field) => CurrencySource::Sibling(word(words, *field)?),
                wire::CurrencySource::Payload(field) => CurrencySource::Payload(word(words, *field)?),
            },
        },
    };
    Ok(stored.each.iter().fold(innermost, |inner, wire::Level::Each| Wire::Each(Box::new(inner))))
}
