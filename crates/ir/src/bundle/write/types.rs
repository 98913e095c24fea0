//! Types and spellings → their stored form.

use std::sync::Arc;

use hence_types::{CurrencySource, Record, Type, Wire};

use super::{Writer, number};
use crate::bundle::wire::{self, TypeId};

impl Writer {
    /// Returns the number of a type, whose parts have theirs already.
    pub(super) fn ty(&mut self, ty: &Type) -> TypeId {
        let stored = match ty {
            Type::Error => wire::Type::Error,
            Type::Bool => wire::Type::Bool,
            Type::Int => wire::Type::Int,
            Type::Decimal => wire::Type::Decimal,
            Type::Float => wire::Type::Float,
            Type::String => wire::Type::String,
            Type::Date => wire::Type::Date,
            Type::Time => wire::Type::Time,
            Type::DateTime => wire::Type::DateTime,
            Type::Duration => wire::Type::Duration,
            Type::Period => wire::Type::Period,
            Type::Percent => wire::Type::Percent,
            Type::Money(currency) => {
                wire::Type::Money(currency.as_ref().map(|currency| self.word(currency.as_str())))
            }
            Type::Enum(enumeration) => wire::Type::Enum {
                name: enumeration.name.as_ref().map(|name| self.word(name)),
                values: self.words(&enumeration.values),
            },
            Type::List(element) => wire::Type::List(self.ty(element)),
            Type::Map(element) => wire::Type::Map(self.ty(element)),
            Type::Record(record) => return self.record(record),
            Type::Optional(inner) => wire::Type::Optional(self.ty(inner)),
            Type::Json => wire::Type::Json,
            Type::Nothing => wire::Type::Nothing,
        };
        self.type_id(stored)
    }

    /// Returns the number of a record's type.
    pub(super) fn record(&mut self, record: &Arc<Record>) -> TypeId {
        if let Some(known) = self.records.get(&Arc::as_ptr(record)) {
            return *known;
        }
        let name = record.name.as_ref().map(|name| self.word(name));
        let mut fields = Vec::new();
        for (name, field) in &record.fields {
            fields.push(wire::Field {
                name: self.word(name),
                ty: self.ty(&field.ty),
                wire: self.wire(&field.wire),
                sensitive: field.sensitive,
            });
        }
        let id = self.type_id(wire::Type::Record { name, fields });
        self.records.insert(Arc::as_ptr(record), id);
        id
    }

    fn type_id(&mut self, stored: wire::Type) -> TypeId {
        number(self.types.insert_full(stored).0)
    }

    pub(super) fn wire(&mut self, wire: &Wire) -> wire::Wire {
        let (mut each, mut innermost) = (Vec::new(), wire);
        while let Wire::Each(inner) = innermost {
            each.push(wire::Level::Each);
            innermost = inner;
        }
        let spelling = match innermost {
            // An `Each` is never innermost.
            Wire::Plain | Wire::Each(_) => wire::Spelling::Plain,
            Wire::Text => wire::Spelling::Text,
            Wire::EpochSeconds => wire::Spelling::EpochSeconds,
            Wire::EpochMillis => wire::Spelling::EpochMillis,
            Wire::CommaSeparated => wire::Spelling::CommaSeparated,
            Wire::Money { amount, currency } => {
                let currency = match currency {
                    CurrencySource::Fixed(currency) => {
                        wire::CurrencySource::Fixed(self.word(currency.as_str()))
                    }
                    CurrencySource::Sibling(field) => wire::CurrencySource::Sibling(self.word(field)),
                    CurrencySource::Payload(field) => wire::CurrencySource::Payload(self.word(field)),
                };
                wire::Spelling::Money { amount: (*amount).into(), currency }
            }
        };
        wire::Wire { each, spelling }
    }
}
