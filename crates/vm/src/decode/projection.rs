//! What rules read of an event, prepared once and used for every event.

use std::cell::OnceCell;
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
pub struct Projection {
    merged: MergedProjection,
    mapping: Mapping,
}

impl Projection {
    /// Prepares a rule's plan.
    pub fn new(plan: &Plan) -> Projection {
        let mut merged = MergedProjection::default();
        let mapping = merged.add(plan);
        Projection { merged, mapping }
    }

    /// Reads an event. Who reads many keeps a [`Decoder`].
    pub fn decode(&self, event: &EventInput<'_>) -> Slots {
        let mut decoder = Decoder::new(self);
        decoder.decode(event);
        decoder.slots
    }
}

/// Reads event after event for one rule, each into the memory of the one before.
#[derive(Debug, Clone)]
pub struct Decoder<'p> {
    projection: &'p Projection,
    pieces: Vec<Piece>,
    slots: Slots,
}

impl<'p> Decoder<'p> {
    /// Returns a decoder that has read nothing yet.
    pub fn new(projection: &'p Projection) -> Self {
        Decoder { projection, pieces: Vec::new(), slots: Slots::default() }
    }

    /// Reads an event.
    // Of one copy: callers in which it was laid out anew took a sixth longer for it.
    #[inline(never)]
    pub fn decode(&mut self, event: &EventInput<'_>) -> &Slots {
        let Projection { merged, mapping } = self.projection;
        let slots = &mut self.slots;
        slots.values.clear();
        slots.mismatches.clear();
        keep(&mut slots.event, event.name);
        keep(&mut slots.id, event.id);
        self.pieces.clear();
        self.pieces.resize(merged.pieces, Piece::Unreachable);
        let unreadable = merged.read(event.payload, &mut self.pieces).err();
        let is_readable = unreadable.is_none();
        slots.mismatches.extend(unreadable);
        let found = Found { payload: trimmed(event.payload), pieces: &self.pieces };
        slots.values.resize(mapping.0.len(), Value::Missing);
        for ((slot, read), place) in (0_u32..).zip(&mapping.0).zip(&mut slots.values) {
            let Some(read) = merged.reads.get(read.0 as usize) else { continue };
            if is_readable && read.quickly(found, place) {
                continue;
            }
            match read.make(event, is_readable, found, &merged.currencies) {
                Field::Text(text, _) => *place = Value::text(text),
                Field::Value(value) => *place = value,
                Field::Broken(value, missed) => {
                    *place = value;
                    let slot = Some(SlotId(slot));
                    slots.mismatches.extend(missed.into_iter().map(|missed| Mismatch { slot, ..missed }));
                }
            }
        }
        slots
    }
}

/// Sets a text, unless it is the same already.
fn keep(own: &mut Arc<str>, text: &str) {
    if **own != *text {
        *own = text.into();
    }
}

/// A payload without the blanks around it.
fn trimmed(payload: &str) -> &str {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    match (payload.as_bytes().first(), payload.as_bytes().last()) {
        (Some(first), Some(last)) if is_blank(first) || is_blank(last) => {
            payload.trim_matches([' ', '\t', '\n', '\r'])
        }
        _ => payload,
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
    /// What is read from a place; several things, where rules declare it differently.
    known: HashMap<Source, Vec<ReadId>>,
    /// Text fields of the payload that name the currency of amounts.
    currencies: Vec<(Arc<str>, PieceId)>,
}

/// The number of something that a [`MergedProjection`] reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReadId(pub u32);

/// Where the slots of one rule are among all that is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping(Box<[ReadId]>);

impl Mapping {
    /// Returns what a slot reads.
    pub fn read(&self, slot: SlotId) -> Option<ReadId> {
        self.0.get(slot.0 as usize).copied()
    }
}

/// A value that is read.
#[derive(Debug, Clone)]
struct Read {
    slot: Slot,
    piece: Option<PieceId>,
    /// The field beside it that names the currency.
    sibling: Option<(Arc<str>, PieceId)>,
}

/// One event, read for several rules. The payload's text has been gone through; a value is made of its piece when
/// somebody asks for it, once.
#[derive(Debug, Clone)]
pub struct Decoded<'p> {
    projection: &'p MergedProjection,
    event: EventInput<'p>,
    pieces: Vec<Piece>,
    fields: Vec<OnceCell<Field<'p>>>,
    /// Set if the payload is no JSON object.
    unreadable: Option<Mismatch>,
}

/// What is read at one place.
#[derive(Debug, Clone)]
enum Field<'p> {
    /// A text that stands in the payload as it is, and the same as a value for those who want that.
    Text(&'p str, OnceCell<Value>),
    Value(Value),
    /// What is missing as it is not as declared, or has parts that are.
    Broken(Value, Box<[Mismatch]>),
}

/// A value as it is read.
#[derive(Debug, Clone, Copy)]
pub enum View<'a> {
    /// A text.
    Text(&'a str),
    /// Anything, texts included.
    Value(&'a Value),
}

impl<'p> Decoded<'p> {
    /// Returns a value that is read; missing if the projection reads no such thing.
    pub fn view(&self, read: ReadId) -> View<'_> {
        if self.unreadable.is_none()
            && let Some(text) =
                self.projection.reads.get(read.0 as usize).and_then(|read| read.text(self.found()))
        {
            return View::Text(text);
        }
        match self.field(read) {
            Some(Field::Text(text, _)) => View::Text(text),
            Some(Field::Value(value) | Field::Broken(value, _)) => View::Value(value),
            None => View::Value(&Value::Missing),
        }
    }

    /// Returns a value that is read, as [`Self::view`] does, in the form that expressions take.
    pub fn value(&self, read: ReadId) -> &Value {
        match self.field(read) {
            Some(Field::Text(text, value)) => value.get_or_init(|| Value::text(*text)),
            Some(Field::Value(value) | Field::Broken(value, _)) => value,
            None => &Value::Missing,
        }
    }

    /// Returns the full name of the event.
    pub fn event(&self) -> &'p str {
        self.event.name
    }

    /// Returns the slots of a rule, for keeping.
    pub fn slots(&self, mapping: &Mapping) -> Slots {
        let mut mismatches: Vec<Mismatch> = self.unreadable.iter().cloned().collect();
        let mut values = vec![Value::Missing; mapping.0.len()];
        for ((slot, id), place) in (0_u32..).zip(&mapping.0).zip(&mut values) {
            let is_made = self.fields.get(id.0 as usize).is_some_and(|field| field.get().is_some());
            if !is_made
                && self.unreadable.is_none()
                && let Some(read) = self.projection.reads.get(id.0 as usize)
                && read.quickly(self.found(), place)
            {
                continue;
            }
            *place = self.value(*id).clone();
            if let Some(Field::Broken(_, missed)) = self.field(*id) {
                let placed = |mismatch: &Mismatch| Mismatch { slot: Some(SlotId(slot)), ..mismatch.clone() };
                mismatches.extend(missed.iter().map(placed));
            }
        }
        Slots { event: self.event.name.into(), id: self.event.id.into(), values, mismatches }
    }

    fn found(&self) -> Found<'_, 'p> {
        Found { payload: trimmed(self.event.payload), pieces: &self.pieces }
    }

    fn field(&self, read: ReadId) -> Option<&Field<'p>> {
        let place = read.0 as usize;
        let cell = self.fields.get(place)?;
        Some(match cell.get() {
            Some(field) => field,
            None => {
                let read = self.projection.reads.get(place)?;
                cell.get_or_init(|| self.make(read))
            }
        })
    }

    fn make(&self, read: &Read) -> Field<'p> {
        read.make(&self.event, self.unreadable.is_none(), self.found(), &self.projection.currencies)
    }
}

impl MergedProjection {
    /// Adds what a rule reads, and returns where its slots are.
    pub fn add(&mut self, plan: &Plan) -> Mapping {
        Mapping(
            plan.slots.iter().map(|slot| self.find(slot).unwrap_or_else(|| self.add_slot(slot))).collect(),
        )
    }

    /// Returns where the slots of a rule are, if all that it reads is read already.
    pub fn mapping(&self, plan: &Plan) -> Option<Mapping> {
        plan.slots.iter().map(|slot| self.find(slot)).collect::<Option<_>>().map(Mapping)
    }

    /// Returns the type of something that is read.
    pub fn ty(&self, read: ReadId) -> Option<&Type> {
        self.reads.get(read.0 as usize).map(|read| &read.slot.ty)
    }

    /// Returns where something that is read stands.
    pub fn source(&self, read: ReadId) -> Option<&Source> {
        self.reads.get(read.0 as usize).map(|read| &read.slot.source)
    }

    fn find(&self, slot: &Slot) -> Option<ReadId> {
        self.known.get(&slot.source)?.iter().copied().find(|id| {
            self.reads.get(id.0 as usize).is_some_and(|read| {
                read.slot.ty == slot.ty
                    && read.slot.wire == slot.wire
                    && read.slot.sensitive == slot.sensitive
            })
        })
    }

    /// Adds a slot to what is read.
    fn add_slot(&mut self, slot: &Slot) -> ReadId {
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
        // Programs of four thousand million different fields are not loaded.
        let id = ReadId(u32::try_from(self.reads.len()).unwrap_or(u32::MAX));
        self.known.entry(slot.source.clone()).or_default().push(id);
        self.reads.push(read);
        id
    }

    /// Reads an event for all rules.
    pub fn decode<'p>(&'p self, event: &EventInput<'p>) -> Decoded<'p> {
        let mut pieces = vec![Piece::Unreachable; self.pieces];
        let unreadable = self.read(event.payload, &mut pieces).err();
        let fields = self.reads.iter().map(|_| OnceCell::new()).collect();
        Decoded { projection: self, event: *event, pieces, fields, unreadable }
    }

    fn read(&self, payload: &str, pieces: &mut [Piece]) -> Result<(), Mismatch> {
        let unreadable = |found: String| Mismatch {
            slot: None,
            path: Source::Payload(Vec::new()).to_string(),
            expected: "a JSON object".to_owned(),
            found,
        };
        if self.pieces == 0 {
            return Ok(());
        }
        let payload = trimmed(payload);
        self.names.read(payload, pieces).map_err(&unreadable)?;
        if payload.starts_with('{') { Ok(()) } else { Err(unreadable(quoted(payload))) }
    }
}

impl Read {
    /// Returns what is read of an event.
    #[inline]
    fn make<'de>(
        &self,
        event: &EventInput<'de>,
        is_readable: bool,
        found: Found<'_, 'de>,
        currencies: &[(Arc<str>, PieceId)],
    ) -> Field<'de> {
        match &self.slot.source {
            Source::Payload(_) if !is_readable => Field::Value(Value::Missing),
            Source::Payload(_) => self.field(found, currencies),
            Source::Id => Field::Text(event.id, OnceCell::new()),
            Source::Time => Field::Value(Value::DateTime(event.time)),
            Source::Origin => Field::Text(event.source, OnceCell::new()),
            Source::Name => Field::Text(event.name, OnceCell::new()),
        }
    }

    /// Returns a text that stands in the payload as it is, where the slot is one.
    #[inline]
    fn text<'de>(&self, found: Found<'_, 'de>) -> Option<&'de str> {
        self.plain_text(found.json(self.piece)?)
    }

    /// Reads a value to where it is to stand, if it is there and of a type without parts, as most are.
    #[inline]
    fn quickly(&self, found: Found<'_, '_>, place: &mut Value) -> bool {
        let Some(json) = found.json(self.piece) else { return false };
        if let Some(text) = self.plain_text(json) {
            *place = Value::text(text);
            return true;
        }
        self.slot.wire == Wire::Plain && wire::read_plain_to(json, &self.slot.ty, place)
    }

    /// Returns the value of a slot, and what of it is not as the schema says.
    fn field<'de>(&self, found: Found<'_, 'de>, currencies: &[(Arc<str>, PieceId)]) -> Field<'de> {
        let slot = &self.slot;
        let json = match found.piece(self.piece) {
            Piece::Found(start, end) => found.payload.get(start..end),
            Piece::Absent => None,
            // The object around it may be absent: that is no mismatch of what would be in it.
            Piece::Unreachable => return Field::Value(Value::Missing),
            Piece::Blocked(kind) => {
                let mismatch = Mismatch {
                    slot: None,
                    path: slot.source.to_string(),
                    expected: slot.ty.required().to_string(),
                    found: format!("{kind} in place of the object around it"),
                };
                return Field::Broken(Value::Missing, Box::new([mismatch]));
            }
        };
        if let Some(text) = json.and_then(|json| self.plain_text(json)) {
            return Field::Text(text, OnceCell::new());
        }
        if slot.wire == Wire::Plain
            && let Some(value) = json.and_then(|json| wire::read_plain(json, &slot.ty))
        {
            return Field::Value(value);
        }
        self.any_field(json, found, currencies)
    }

    /// Returns the value of a slot of any type and spelling.
    #[inline(never)]
    fn any_field<'de>(
        &self,
        json: Option<&'de str>,
        found: Found<'_, 'de>,
        currencies: &[(Arc<str>, PieceId)],
    ) -> Field<'de> {
        let slot = &self.slot;
        let siblings = self.sibling.iter().map(|(name, piece)| (name, *piece));
        let siblings: Members<'_> = found.members(siblings);
        let currencies = found.members(currencies.iter().map(|(name, piece)| (name, *piece)));
        let place = Place {
            pointer: "",
            sensitive: slot.sensitive,
            object: Some(&siblings),
            payload: Some(&currencies),
        };
        let mut mismatches = Vec::new();
        let value = wire::read(json, &slot.ty, &slot.wire, place, &mut mismatches);
        if mismatches.is_empty() {
            return Field::Value(value);
        }
        Field::Broken(value, mismatches.into_iter().map(|mismatch| placed(slot, mismatch)).collect())
    }

    /// Returns a text that means itself, where the slot is one.
    fn plain_text<'de>(&self, json: &'de str) -> Option<&'de str> {
        let is_text = match self.slot.ty.required() {
            Type::String => true,
            Type::Enum(enumeration) => {
                let text = json.strip_prefix('"')?.strip_suffix('"')?;
                enumeration.values.iter().any(|value| **value == *text)
            }
            Type::Error
            | Type::Bool
            | Type::Int
            | Type::Decimal
            | Type::Float
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
            | Type::Period
            | Type::Percent
            | Type::Money(_)
            | Type::List(_)
            | Type::Map(_)
            | Type::Record(_)
            | Type::Optional(_)
            | Type::Json
            | Type::Nothing => false,
        };
        let text = is_text.then(|| json.strip_prefix('"')?.strip_suffix('"'))??;
        (!text.as_bytes().contains(&b'\\')).then_some(text)
    }
}

/// The pieces of one payload.
#[derive(Debug, Clone, Copy)]
struct Found<'f, 'de> {
    payload: &'de str,
    pieces: &'f [Piece],
}

impl<'de> Found<'_, 'de> {
    fn piece(self, id: Option<PieceId>) -> Piece {
        id.and_then(|id| self.pieces.get(id)).copied().unwrap_or(Piece::Unreachable)
    }

    /// Returns the JSON text of a piece, if it was found.
    #[inline]
    fn json(self, id: Option<PieceId>) -> Option<&'de str> {
        let Piece::Found(start, end) = self.piece(id) else { return None };
        self.payload.get(start..end)
    }

    fn members<'n>(self, fields: impl Iterator<Item = (&'n Arc<str>, PieceId)>) -> Members<'de> {
        fields
            .filter_map(|(name, piece)| match self.piece(Some(piece)) {
                Piece::Found(start, end) => Some((name.to_string(), self.payload.get(start..end)?)),
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
