//! `3 shop.payment.failed within 10 m by customer_id`: events that belong together.

use std::sync::Arc;

use hence_syntax::ast::{Expression, Path, PatternRest, PatternTrigger};
use hence_types::{Field, Record, Type, Value};

use super::Started;
use super::watched::{Watched, WatchedPattern, WatchedRest};
use crate::checker::Checker;
use crate::errors::trigger::{KeyTypes, PatternCount, PatternLength, Unsuitability, UnsuitableKey};

/// How many events may be counted: as many are remembered of each key.
const MOST_COUNTED: u32 = 1_000;

impl Checker<'_> {
    /// Returns what a pattern starts with: the payload of the event that completes it, for an absence of the event that
    /// nothing followed.
    pub(super) fn pattern_trigger(&mut self, trigger: &PatternTrigger) -> Option<(Started, Watched)> {
        let first = self.event_trigger(&trigger.first);
        let second = match &trigger.rest {
            PatternRest::Without(second) | PatternRest::FollowedBy { second, .. } => {
                Some(self.event_trigger(second))
            }
            PatternRest::Times(..) => None,
        };
        let within = self.positive_length(&trigger.within);
        let rest = match &trigger.rest {
            PatternRest::Without(_) => Some(WatchedRest::Without),
            PatternRest::Times(digits, span) => match digits.parse() {
                Ok(count) if (2..=MOST_COUNTED).contains(&count) => Some(WatchedRest::Times(count)),
                Ok(_) | Err(_) => {
                    self.report(PatternCount { span: *span, most: MOST_COUNTED });
                    None
                }
            },
            PatternRest::FollowedBy { first, .. } => {
                let name = first.as_ref().map_or("first", |name| name.text.as_str());
                Some(WatchedRest::FollowedBy(Arc::from(name)))
            }
        };
        let first = first?;
        let second = match second {
            Some(second) => Some(second?),
            None => None,
        };
        let key = self.key(&trigger.key, &first)?;
        let other = second.as_ref().map(|second| {
            let path = trigger.second_key.as_ref().unwrap_or(&trigger.key);
            (path, self.key(path, second))
        });
        let other = match other {
            Some((path, other)) => Some((path, other?)),
            None => None,
        };
        if let Some((path, other)) = &other
            && !belong_together(&key.ty, &other.ty)
        {
            let (types, declared) = ((key.ty.clone(), other.ty.clone()), [key.origin, other.origin]);
            self.report(KeyTypes { span: path.span, types, declared });
            return None;
        }
        if second.is_none()
            && let Some(path) = &trigger.second_key
        {
            self.report(UnsuitableKey { span: path.span, why: Unsuitability::OneEvent });
            return None;
        }
        let (rest, within) = (rest?, within?);
        let keyed = |started: &Started, path: &Path| {
            let names = path.names.iter().map(|name| Arc::from(name.text.as_str())).collect();
            (started.0.clone(), names)
        };
        let started = match (&rest, &second) {
            (WatchedRest::FollowedBy(name), Some(second)) => {
                (second.0.clone(), with_first(second, name, &first))
            }
            _ => first.clone(),
        };
        let second = second.as_ref().zip(other.as_ref()).map(|(second, (path, _))| keyed(second, path));
        let first = keyed(&first, &trigger.key);
        Some((started, Watched::Pattern(WatchedPattern { first, second, rest, within })))
    }

    /// Returns the field by which an event belongs to others; one that is not there or cannot tell is reported.
    fn key(&mut self, path: &Path, (_, payload): &Started) -> Option<Field> {
        let mut record = payload.clone();
        let mut names = path.names.iter();
        let (mut path_names, mut last) = (Vec::new(), names.next()?);
        loop {
            let Some(field) = record.fields.get(last.text.as_str()) else {
                self.unknown_field(last, None, &Type::Record(record));
                return None;
            };
            path_names.push(Arc::from(last.text.as_str()));
            let Some(next) = names.next() else { break };
            let Type::Record(inner) = field.ty.required() else {
                let why = Unsuitability::NoFields(field.ty.required().clone());
                self.report(UnsuitableKey { span: last.span, why });
                return None;
            };
            (record, last) = (inner.clone(), next);
        }
        let field = payload.at(&path_names)?;
        if !is_key(&field.ty) {
            let why = Unsuitability::Type(field.ty.required().clone());
            self.report(UnsuitableKey { span: path.span, why });
            return None;
        }
        Some(field)
    }

    /// Returns a length of time, which must be longer than nothing.
    pub(super) fn positive_length(&mut self, written: &Expression) -> Option<Value> {
        self.expression(written);
        let value = self.declarations.value(written, &self.zone)?;
        let is_longer = if let Value::Duration(duration) = &value {
            duration.is_positive()
        } else if let Value::Period(period) = &value {
            period.months > 0 || period.days > 0
        } else {
            false
        };
        if !is_longer {
            self.report(PatternLength { span: written.span });
            return None;
        }
        Some(value)
    }
}

/// Returns the payload of the second event with that of the first under a name.
fn with_first((_, second): &Started, name: &Arc<str>, first: &Started) -> Arc<Record> {
    let mut record = Record::clone(second);
    record.name = None;
    record.fields.insert(name.clone(), Field::plain(Type::Record(first.1.clone())));
    Arc::new(record)
}

/// Whether values of a type can tell what belongs together.
fn is_key(ty: &Type) -> bool {
    matches!(
        ty.required(),
        Type::Error
            | Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::String
            | Type::Enum(_)
            | Type::Date
            | Type::DateTime
    )
}

fn belong_together(one: &Type, other: &Type) -> bool {
    let (one, other) = (one.required(), other.required());
    one.is_error() || other.is_error() || one == other || (one.is_text() && other.is_text())
}
