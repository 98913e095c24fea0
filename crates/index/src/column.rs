//! Columns: all that rules ask about one attribute, and the rules filed under its values.

use std::sync::Arc;

use hence_types::{Text, Type, Value};
use hence_vm::MergedProjection;

use crate::attribute::{Attribute, Item};
use crate::posting::{Parts, Posting, Ranges};
use crate::table::Table;
use crate::value::{Code, Kind, Word};

/// The symbol of values that no rule names.
pub(crate) const NO_SYMBOL: u32 = 0;

/// The symbol of what is missing.
pub(crate) const MISSING: u32 = u32::MAX;

/// So many comparisons do not tell yet what is often named.
const FEW: f64 = 20.0;

/// Everything about one attribute.
#[derive(Debug, Clone)]
pub(crate) struct Column {
    pub(crate) attribute: Attribute,
    pub(crate) kind: Kind,
    pub(crate) is_many: bool,
    pub(crate) is_optional: bool,
    /// How many values there are, where the type says so.
    pub(crate) values: Option<usize>,
    texts: Table<Text, Slot>,
    words: Table<Word, Slot>,
    next_symbol: u32,
    /// How many comparisons with constants there are.
    uses: u32,
    pub(crate) missing: Posting,
    pub(crate) present: Posting,
    /// Rules filed under ranges without an upper end, without a lower one, and with both.
    pub(crate) ranges: [Ranges; 3],
    pub(crate) parts: Parts,
    /// How many keys are about it.
    pub(crate) filed: u32,
}

/// A constant that rules compare the attribute with.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    /// Its number, by which values are compared in place of themselves.
    pub(crate) symbol: u32,
    /// How many comparisons there are with it.
    uses: u32,
    pub(crate) posting: Posting,
    /// Attributes that are the second of a pair with this constant.
    pub(crate) partners: Option<Arc<Vec<u16>>>,
}

impl Column {
    pub(crate) fn new(attribute: Attribute, projection: &MergedProjection) -> Self {
        let ty = attribute.ty(projection);
        let values = match ty.as_ref().map(Type::required) {
            Some(Type::Bool) => Some(2),
            Some(Type::Enum(enumeration)) => Some(enumeration.values.len()),
            _ => None,
        };
        Column {
            kind: attribute.kind(projection),
            is_many: attribute.is_many(),
            is_optional: ty.is_none_or(|ty| ty.is_optional()),
            attribute,
            values,
            texts: Table::default(),
            words: Table::default(),
            next_symbol: 1,
            uses: 0,
            missing: Posting::None,
            present: Posting::None,
            ranges: Default::default(),
            parts: Parts::default(),
            filed: 0,
        }
    }

    /// Returns how many constants it is compared with.
    pub(crate) fn constants(&self) -> usize {
        self.texts.len() + self.words.len()
    }

    /// Returns which share of the comparisons is with this constant; of few comparisons, that they tell little.
    pub(crate) fn popularity(&self, value: &Value) -> f64 {
        let uses = self.slot_of(value).map_or(0, |slot| slot.uses);
        f64::from(uses) / (f64::from(self.uses) + FEW)
    }

    /// Returns what is known of a value, if a rule names it.
    #[inline]
    pub(crate) fn slot(&self, item: &Item<'_>) -> Option<&Slot> {
        match item {
            Item::Missing => None,
            Item::Text(text) => self.texts.get(&**text),
            Item::Value(_) if self.words.len() == 0 => None,
            Item::Value(value) => self.words.get(&Word::of(value)?),
        }
    }

    /// Returns the place of a value in the order.
    #[inline]
    pub(crate) fn code(&self, item: &Item<'_>) -> Option<Code> {
        match item {
            Item::Missing => None,
            Item::Text(text) => (self.kind == Kind::Text).then(|| Code::of_text(text)),
            Item::Value(value) => Code::of(value, self.kind),
        }
    }

    pub(crate) fn slot_of(&self, value: &Value) -> Option<&Slot> {
        match value.as_text() {
            Some(text) => self.texts.get(text),
            None => self.words.get(&Word::of(value)?),
        }
    }

    /// Changes what is known of a constant.
    pub(crate) fn change(&mut self, value: &Value, change: impl FnOnce(&mut Slot)) {
        if let Value::String(text) = value {
            self.texts.change(text.clone(), change);
        } else if let Some(word) = Word::of(value) {
            self.words.change(word, change);
        }
    }

    /// Notes a comparison with a constant.
    pub(crate) fn name(&mut self, value: &Value) {
        let fresh = self.next_symbol;
        let mut is_new = false;
        self.change(value, |slot| {
            slot.uses += 1;
            is_new = slot.symbol == NO_SYMBOL;
            if is_new {
                slot.symbol = fresh;
            }
        });
        self.next_symbol += u32::from(is_new);
        self.uses += 1;
    }

    /// Forgets a comparison with a constant.
    pub(crate) fn forget(&mut self, value: &Value) {
        let mut is_used = true;
        self.change(value, |slot| {
            slot.uses = slot.uses.saturating_sub(1);
            is_used = slot.uses > 0;
        });
        self.uses = self.uses.saturating_sub(1);
        if is_used {
            return;
        }
        if let Some(text) = value.as_text() {
            self.texts.remove(text);
        } else if let Some(word) = Word::of(value) {
            self.words.remove(&word);
        }
    }
}
