//! What is known of one event while it is matched: symbols and codes of its attributes, each found out when it is first
//! asked for.

use std::borrow::Cow;
use std::sync::Arc;

use hence_vm::{Decoded, View};

use crate::attribute::Item;
use crate::column::{Column, MISSING, NO_SYMBOL, Slot};
use crate::guard::{Guard, State, Weight};
use crate::residual::{Check, Extra, Facts, Outcome, compare};
use crate::value::Code;

/// One event.
pub(crate) struct Event<'e, 'd> {
    decoded: &'e Decoded<'d>,
    columns: &'e [Arc<Column>],
    facts: Vec<Fact<'e>>,
    /// The symbols of attributes with several values.
    lists: Vec<(u16, Vec<u32>)>,
}

/// What is known of one attribute.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Fact<'e> {
    is_known: bool,
    symbol: u32,
    /// Whether it has no value; of several, whether one or the list is missing.
    pub(crate) is_missing: bool,
    /// Whether no other value has the code; nothing if there is no code.
    pub(crate) exact: Option<bool>,
    pub(crate) code: i64,
    pub(crate) slot: Option<&'e Slot>,
}

impl Fact<'_> {
    #[inline]
    pub(crate) fn symbol(&self) -> u32 {
        self.symbol
    }

    /// Returns what the symbol tells of the value.
    #[inline]
    pub(crate) fn symbol_state(&self) -> State {
        if self.is_missing { State::Missing } else { State::Exact }
    }

    /// Returns what the code tells of the value.
    #[inline]
    pub(crate) fn code_state(&self) -> State {
        match self.exact {
            _ if self.is_missing => State::Missing,
            Some(true) => State::Exact,
            Some(false) => State::Near,
            None => State::Open,
        }
    }
}

impl<'e, 'd> Event<'e, 'd> {
    pub(crate) fn new(decoded: &'e Decoded<'d>, columns: &'e [Arc<Column>]) -> Self {
        Event { decoded, columns, facts: vec![Fact::default(); columns.len()], lists: Vec::new() }
    }

    /// Returns the symbol of an attribute with one value.
    pub(crate) fn symbol(&mut self, attribute: u16) -> u32 {
        let fact = self.fact(attribute);
        if fact.is_missing { MISSING } else { fact.symbol() }
    }

    #[inline]
    pub(crate) fn fact(&mut self, attribute: u16) -> Fact<'e> {
        match self.facts.get(attribute as usize) {
            Some(fact) if fact.is_known => *fact,
            _ => self.find_out(attribute),
        }
    }

    fn find_out(&mut self, attribute: u16) -> Fact<'e> {
        let Some(column) = self.columns.get(attribute as usize) else { return Fact::default() };
        let mut fact = Fact { is_known: true, ..Fact::default() };
        if column.is_many {
            let mut symbols = Vec::new();
            column.attribute.visit(self.decoded, &mut |item| match item {
                Item::Missing => fact.is_missing = true,
                Item::Text(_) | Item::Value(_) => {
                    symbols.push(column.slot(&item).map_or(NO_SYMBOL, |slot| slot.symbol))
                }
            });
            self.lists.push((attribute, symbols));
        } else {
            column.attribute.visit(self.decoded, &mut |item| {
                fact.is_missing = matches!(item, Item::Missing);
                fact.slot = column.slot(&item);
                if let Some(Code { code, exact }) = column.code(&item) {
                    (fact.code, fact.exact) = (code, Some(exact));
                }
            });
        }
        fact.symbol = fact.slot.map_or(NO_SYMBOL, |slot| slot.symbol);
        if let Some(known) = self.facts.get_mut(attribute as usize) {
            *known = fact;
        }
        fact
    }

    /// Returns what a guard says of the event.
    #[inline]
    pub(crate) fn weigh(&mut self, guard: Guard) -> Weight {
        match self.facts.get(guard.attribute as usize) {
            Some(fact) if fact.is_known => guard.weigh(fact),
            _ => guard.weigh(&self.find_out(guard.attribute)),
        }
    }

    /// Returns the text of an attribute with one value.
    pub(crate) fn text(&self, attribute: u16) -> Option<Cow<'_, str>> {
        let column = self.columns.get(attribute as usize)?;
        if column.attribute.path.is_empty()
            && !column.attribute.folded
            && let View::Text(text) = self.decoded.view(column.attribute.read)
        {
            return Some(Cow::Borrowed(text));
        }
        let mut found = None;
        column.attribute.visit(self.decoded, &mut |item| {
            if let Item::Text(text) = item {
                found = Some(Cow::Owned(text.into_owned()));
            }
        });
        found
    }
}

impl Facts for Event<'_, '_> {
    #[inline]
    fn ask(
        &mut self,
        attribute: u16,
        check: Check,
        operand: u64,
        missing: Outcome,
        extras: &[Extra],
    ) -> Outcome {
        match check {
            Check::Nothing => Outcome::Unknown,
            Check::Always => Outcome::True,
            Check::Present => Outcome::of(!self.fact(attribute).is_missing),
            Check::EqualEach => self.ask_list(attribute, &[operand as u32]),
            Check::SetEach => match extras.get(operand as usize) {
                Some(Extra::Set(symbols)) => self.ask_list(attribute, symbols),
                Some(Extra::Text(_)) | None => Outcome::Unknown,
            },
            Check::Equal
            | Check::Set
            | Check::Start
            | Check::End
            | Check::Inside
            | Check::Above
            | Check::AboveExact
            | Check::AboveOrAt
            | Check::AboveOrAtExact
            | Check::Below
            | Check::BelowExact
            | Check::BelowOrAt
            | Check::BelowOrAtExact => {
                let fact = self.fact(attribute);
                if fact.is_missing {
                    missing
                } else if check == Check::Equal {
                    Outcome::of(u64::from(fact.symbol()) == operand)
                } else if let Some(extra) = extras.get(operand as usize).filter(|_| check.has_extra()) {
                    self.ask_extra(attribute, check, extra, fact)
                } else {
                    fact.exact.map_or(Outcome::Unknown, |exact| {
                        compare(Code { code: fact.code, exact }, check, operand)
                    })
                }
            }
        }
    }
}

impl Event<'_, '_> {
    #[inline(never)]
    fn ask_extra(&self, attribute: u16, check: Check, extra: &Extra, fact: Fact<'_>) -> Outcome {
        let part = match extra {
            Extra::Set(symbols) => return Outcome::of(symbols.binary_search(&fact.symbol()).is_ok()),
            Extra::Text(part) => &**part,
        };
        let Some(text) = self.text(attribute) else { return Outcome::Unknown };
        if check == Check::Start {
            Outcome::of(text.starts_with(part))
        } else if check == Check::End {
            Outcome::of(text.ends_with(part))
        } else {
            Outcome::of(text.contains(part))
        }
    }

    /// Whether one of a list's elements has one of the symbols. Where something is missing, only a hit is certain.
    fn ask_list(&mut self, attribute: u16, symbols: &[u32]) -> Outcome {
        let fact = self.fact(attribute);
        let list = self.lists.iter().find(|(own, _)| *own == attribute).map_or(&[][..], |(_, list)| list);
        if list.iter().any(|symbol| symbols.contains(symbol)) {
            Outcome::True
        } else if fact.is_missing {
            Outcome::Unknown
        } else {
            Outcome::False
        }
    }
}
