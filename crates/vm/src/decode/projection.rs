//! What rules read of an event, prepared once and used for every event.

use std::collections::HashMap;
use std::sync::Arc;

use hence_ir::{Plan, Slot, SlotId, Source};
use hence_types::wire::{self, Members, Place};
use hence_types::{CurrencySource, Type, Value, Wire};

use super::pass::{Names, Piece, PieceId};
use super::{Mismatch, Slots};
use crate::EventInput;

/// Longer texts are cut off when a mismatch shows them.
const SHOWN: usize = 60;

/// What one rule reads of an event.
#[derive(Debug, Clone)]
pub struct Projection(MergedProjection);

impl Projection {
    /// Prepares a rule's plan.
    pub fn new(plan: &Plan) -> Projection {
        Projection(Projection::merged(&[plan]))
    }

    /// Prepares the plans of several rules, so that an event is read once for all of them.
    pub fn merged(plans: &[&Plan]) -> MergedProjection {
        MergedProjection::new(plans)
    }

    /// Reads an event.
    pub fn decode(&self, event: &EventInput<'_>) -> Slots {
        self.0.decode(event).slots(0)
    }
}

/// What several rules read of an event. A field that many of them read is read once.
#[derive(Debug, Clone, Default)]
pub struct MergedProjection {
    names: Names,
    /// How many pieces of the payload's text are read.
    pieces: usize,
    /// What is read, each different thing once.
    reads: Vec<Read>,
    /// For every plan the place of its slots in `reads`.
    plans: Vec<Vec<usize>>,
    /// Text fields of the payload that name the currency of amounts.
    currencies: Vec<(Arc<str>, PieceId)>,
}

/// A value that is read.
#[derive(Debug, Clone)]
struct Read {
    slot: Slot,
    piece: Option<PieceId>,
    /// The field beside it that names the currency.
    sibling: Option<(Arc<str>, PieceId)>,
}

/// One event, read for several rules.
#[derive(Debug, Clone)]
pub struct Decoded<'p> {
    projection: &'p MergedProjection,
    event: Arc<str>,
    id: Arc<str>,
    values: Vec<Value>,
    mismatches: Vec<Vec<Mismatch>>,
    /// Set if the payload is no JSON object.
    unreadable: Option<Mismatch>,
}

impl Decoded<'_> {
    /// Returns the slots of the plan at this place among those the projection was made of; no slots if there
    /// is none.
    pub fn slots(&self, plan: usize) -> Slots {
        let reads = self.projection.plans.get(plan).map_or(&[][..], Vec::as_slice);
        let values = reads.iter().map(|read| self.values.get(*read).cloned().unwrap_or(Value::Missing));
        let mut mismatches: Vec<Mismatch> = self.unreadable.iter().cloned().collect();
        for (slot, read) in (0_u32..).zip(reads) {
            let missed = self.mismatches.get(*read).into_iter().flatten();
            mismatches
                .extend(missed.map(|mismatch| Mismatch { slot: Some(SlotId(slot)), ..mismatch.clone() }));
        }
        Slots {
            event: Arc::clone(&self.event),
            id: Arc::clone(&self.id),
            values: values.collect(),
            mismatches,
        }
    }
}

impl MergedProjection {
    fn new(plans: &[&Plan]) -> MergedProjection {
        let mut merged = MergedProjection::default();
        let mut known: HashMap<&Source, Vec<usize>> = HashMap::new();
        for plan in plans {
            let mut reads = Vec::with_capacity(plan.slots.len());
            for slot in &plan.slots {
                let same = known.entry(&slot.source).or_default();
                let found = same.iter().copied().find(|read| {
                    merged.reads.get(*read).is_some_and(|read| {
                        read.slot.ty == slot.ty
                            && read.slot.wire == slot.wire
                            && read.slot.sensitive == slot.sensitive
                    })
                });
                reads.push(found.unwrap_or_else(|| {
                    let read = merged.add(slot);
                    same.push(read);
                    read
                }));
            }
            merged.plans.push(reads);
        }
        merged
    }

    /// Adds a slot to what is read.
    fn add(&mut self, slot: &Slot) -> usize {
        let mut read = Read { slot: slot.clone(), piece: None, sibling: None };
        if let Source::Payload(path) = &slot.source {
            read.piece = Some(self.names.add(path, &mut self.pieces));
            if let (Some(sibling), Some((_, parent))) = (sibling_of(&slot.wire), path.split_last()) {
                let mut beside = parent.to_vec();
                beside.push(Arc::clone(sibling));
                read.sibling = Some((Arc::clone(sibling), self.names.add(&beside, &mut self.pieces)));
            }
            let mut fields = Vec::new();
            currency_fields(&slot.wire, &mut fields);
            currency_fields_of_type(&slot.ty, &mut fields, 0);
            for field in fields {
                if !self.currencies.iter().any(|(name, _)| *name == field) {
                    let piece = self.names.add(std::slice::from_ref(&field), &mut self.pieces);
                    self.currencies.push((field, piece));
                }
            }
        }
        self.reads.push(read);
        self.reads.len() - 1
    }

    /// Reads an event for all plans.
    pub fn decode(&self, event: &EventInput<'_>) -> Decoded<'_> {
        let name: Arc<str> = event.name.into();
        let id: Arc<str> = event.id.into();
        let found = self.read(event.payload);
        let mut values = Vec::with_capacity(self.reads.len());
        let mut mismatches = Vec::with_capacity(self.reads.len());
        for read in &self.reads {
            let (value, missed) = match &read.slot.source {
                Source::Payload(_) => match &found {
                    Ok(found) => read.value(found),
                    Err(_) => (Value::Missing, Vec::new()),
                },
                Source::Id => (Value::String(Arc::clone(&id)), Vec::new()),
                Source::Time => (Value::DateTime(event.time), Vec::new()),
                Source::Origin => (Value::text(event.source), Vec::new()),
                Source::Name => (Value::String(Arc::clone(&name)), Vec::new()),
            };
            values.push(value);
            mismatches.push(missed);
        }
        Decoded { projection: self, event: name, id, values, mismatches, unreadable: found.err() }
    }

    fn read<'de>(&self, payload: &'de str) -> Result<Found<'de>, Mismatch> {
        let unreadable = |found: String| Mismatch {
            slot: None,
            path: Source::Payload(Vec::new()).to_string(),
            expected: "a JSON object".to_owned(),
            found,
        };
        let mut found = Found { pieces: Vec::new(), currencies: Members::default() };
        if self.pieces > 0 {
            let payload = payload.trim_matches([' ', '\t', '\n', '\r']);
            found.pieces = self.names.read(payload, self.pieces).map_err(&unreadable)?;
            if !payload.starts_with('{') {
                return Err(unreadable(quoted(payload)));
            }
            found.currencies = found.members(self.currencies.iter().map(|(name, piece)| (name, *piece)));
        }
        Ok(found)
    }
}

impl Read {
    /// Returns the value of a slot, and what of it is not as the schema says.
    fn value(&self, found: &Found<'_>) -> (Value, Vec<Mismatch>) {
        let slot = &self.slot;
        let json = match found.piece(self.piece) {
            Piece::Found(json) => Some(json),
            Piece::Absent => None,
            // The object around it may be absent: that is no mismatch of what would be in it.
            Piece::Unreachable => return (Value::Missing, Vec::new()),
            Piece::Blocked(kind) => {
                let mismatch = Mismatch {
                    slot: None,
                    path: slot.source.to_string(),
                    expected: slot.ty.required().to_string(),
                    found: format!("{kind} in place of the object around it"),
                };
                return (Value::Missing, vec![mismatch]);
            }
        };
        let siblings = self.sibling.iter().map(|(name, piece)| (name, *piece));
        let siblings: Members<'_> = found.members(siblings);
        let place = Place {
            pointer: "",
            sensitive: slot.sensitive,
            object: Some(&siblings),
            payload: Some(&found.currencies),
        };
        let mut mismatches = Vec::new();
        let value = wire::read(json, &slot.ty, &slot.wire, place, &mut mismatches);
        (value, mismatches.into_iter().map(|mismatch| placed(slot, mismatch)).collect())
    }
}

/// The pieces of one payload.
struct Found<'de> {
    pieces: Vec<Piece<'de>>,
    /// The fields of the payload that name currencies.
    currencies: Members<'de>,
}

impl<'de> Found<'de> {
    fn piece(&self, id: Option<PieceId>) -> Piece<'de> {
        id.and_then(|id| self.pieces.get(id)).copied().unwrap_or(Piece::Unreachable)
    }

    fn members<'n>(&self, fields: impl Iterator<Item = (&'n Arc<str>, PieceId)>) -> Members<'de> {
        fields
            .filter_map(|(name, piece)| match self.piece(Some(piece)) {
                Piece::Found(json) => Some((name.to_string(), json)),
                Piece::Absent | Piece::Unreachable | Piece::Blocked(_) => None,
            })
            .collect()
    }
}

/// Returns a mismatch found while a slot was read, with the path as a rule writes it.
fn placed(slot: &Slot, mismatch: wire::Mismatch) -> Mismatch {
    let wire::Mismatch { path: pointer, expected, found } = mismatch;
    let mut path = slot.source.to_string();
    for step in pointer.split('/').skip(1) {
        if step.bytes().all(|byte| byte.is_ascii_digit()) {
            path.push_str(&format!("[{step}]"));
        } else {
            path.push('.');
            path.push_str(&step.replace("~1", "/").replace("~0", "~"));
        }
    }
    // Words stand as they are, JSON in backticks.
    let is_words = found == "nothing" || found.ends_with("(masked)");
    Mismatch { slot: None, path, expected, found: if is_words { found } else { format!("`{found}`") } }
}

/// Returns a JSON text in backticks, shortened.
fn quoted(raw: &str) -> String {
    match raw.char_indices().nth(SHOWN) {
        Some((place, _)) => format!("`{}…`", raw.get(..place).unwrap_or_default()),
        None => format!("`{raw}`"),
    }
}

/// Returns the field beside an amount that names its currency.
fn sibling_of(wire: &Wire) -> Option<&Arc<str>> {
    match wire {
        Wire::Money { amount: _, currency: CurrencySource::Sibling(field) } => Some(field),
        Wire::Each(inner) => sibling_of(inner),
        Wire::Money { .. }
        | Wire::Plain
        | Wire::Text
        | Wire::EpochSeconds
        | Wire::EpochMillis
        | Wire::CommaSeparated => None,
    }
}

/// Collects the fields of the payload that name currencies.
fn currency_fields(wire: &Wire, fields: &mut Vec<Arc<str>>) {
    match wire {
        Wire::Money { amount: _, currency: CurrencySource::Payload(field) } => fields.push(Arc::clone(field)),
        Wire::Each(inner) => currency_fields(inner, fields),
        Wire::Money { .. }
        | Wire::Plain
        | Wire::Text
        | Wire::EpochSeconds
        | Wire::EpochMillis
        | Wire::CommaSeparated => {}
    }
}

fn currency_fields_of_type(ty: &Type, fields: &mut Vec<Arc<str>>, depth: usize) {
    // Types of payloads are trees; the bound is for those that somebody builds otherwise.
    if depth > 64 {
        return;
    }
    match ty {
        Type::Optional(inner) | Type::List(inner) | Type::Map(inner) => {
            currency_fields_of_type(inner, fields, depth + 1);
        }
        Type::Record(record) => {
            for field in record.fields.values() {
                currency_fields(&field.wire, fields);
                currency_fields_of_type(&field.ty, fields, depth + 1);
            }
        }
        Type::Error
        | Type::Bool
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
        | Type::Money(_)
        | Type::Enum(_)
        | Type::Json
        | Type::Nothing => {}
    }
}
