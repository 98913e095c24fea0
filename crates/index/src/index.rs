//! The index of one event's rules: filing them, and finding those that an event concerns.

use std::collections::HashMap;
use std::hash::BuildHasherDefault;
use std::sync::Arc;

use hence_ir::{Rule, RuleId};
use hence_types::{Text, Value};
use hence_vm::{Decoded, Mapping, MergedProjection};

use crate::attribute::{Attribute, AttributeId};
use crate::column::Column;
use crate::condition::{Condition, Part, TestKind};
use crate::cover::{Also, Cover, Key, Statistics, cover};
use crate::guard::Guard;
use crate::lower::Lowering;
use crate::posting::{Entry, Posting};
use crate::residual::{Extra, Operation, Residual, Symbols};
use crate::search::{FAILS, HOLDS, Search};
use crate::table::{Chunks, Quick, Runs, Table};
use crate::value::{Code, Kind};

/// So many rules under one value of one attribute, and further ones are filed under two.
const CROWD: usize = 12;

/// Keys that hit this share of events are no better than none.
pub(crate) const COMMON: f64 = 0.9;

/// The rules of one event. A copy is cheap and stays as it is while the original changes; see the crate's comment.
#[derive(Debug, Clone, Default)]
pub struct Index {
    pub(crate) event: Arc<str>,
    pub(crate) projection: Arc<MergedProjection>,
    numbers: Arc<HashMap<Attribute, AttributeId, BuildHasherDefault<Quick>>>,
    pub(crate) columns: Arc<Vec<Arc<Column>>>,
    /// The attributes that keys are about.
    pub(crate) asked: Arc<Vec<u16>>,
    pub(crate) pairs: Table<(u64, u64), Posting>,
    /// Rules that are looked at for every event.
    pub(crate) always: Posting,
    pub(crate) rules: Chunks<Option<Arc<Record>>>,
    /// Rules that run if their condition does not hold, too.
    pub(crate) otherwise: Table<u32, ()>,
    /// The code of each rule.
    pub(crate) code: Runs<Operation>,
    len: usize,
}

/// What is kept of a rule.
#[derive(Debug)]
pub(crate) struct Record {
    mapping: Mapping,
    pub(crate) extras: Box<[Extra]>,
    places: Box<[Place]>,
}

impl Record {
    /// Returns where the rule is filed.
    pub(crate) fn places(&self) -> &[Place] {
        &self.places
    }
}

/// Where a rule is filed.
#[derive(Debug)]
pub(crate) enum Place {
    Always,
    Equal(u16, Value),
    Pair(u64, u64),
    Range(u16, Option<Code>, Option<Code>),
    Text(u16, Part, Text),
    Present(u16),
    Missing(u16),
}

/// A rule that an event concerns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The rule.
    pub rule: RuleId,
    /// What its condition comes to.
    pub decision: Decision,
}

/// What a condition comes to, as far as the index tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// It holds, or there is none.
    Holds,
    /// It does not hold; the rule runs nevertheless, as it says what to do otherwise.
    Fails,
    /// It is to be evaluated.
    Open,
}

impl Index {
    /// Returns the index of an event's rules. Rules that are disabled should not be among them.
    pub fn new<'r>(event: &str, rules: impl IntoIterator<Item = (RuleId, &'r Rule)>) -> Index {
        let mut index = Index { event: event.into(), ..Index::default() };
        // All constants are known before the first rule is filed, so that what is rare is known too.
        let rules: Vec<_> = rules
            .into_iter()
            .map(|(id, rule)| {
                let (mapping, condition) = index.lower(rule);
                index.name(&condition);
                (id, rule, mapping, condition)
            })
            .collect();
        for (id, rule, mapping, condition) in rules {
            index.file(id, rule, mapping, condition);
        }
        index
    }

    /// Adds a rule. The number must be free; it is the place of the rule in the order in which rules are found.
    pub fn add(&mut self, id: RuleId, rule: &Rule) {
        let (mapping, condition) = self.lower(rule);
        self.name(&condition);
        self.file(id, rule, mapping, condition);
    }

    /// Removes a rule that was added under this number.
    pub fn remove(&mut self, id: RuleId, rule: &Rule) {
        let Some(record) = self.record(id).map(Arc::clone) else { return };
        for place in &record.places {
            self.unfile(place, id.0);
        }
        let (_, condition) = self.lower(rule);
        self.forget(&condition);
        self.rules.set(id.0 as usize, None);
        self.code.set(id.0 as usize, &[]);
        self.otherwise.remove(&id.0);
        self.len -= 1;
    }

    /// Returns how many rules there are.
    pub fn len(&self) -> usize {
        self.len
    }

    /// Returns whether there are no rules.
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Returns how many rules are looked at for every event, as no part of their conditions selects events.
    pub fn unselective(&self) -> usize {
        self.always.len()
    }

    /// Returns what the rules read of an event.
    pub fn projection(&self) -> &MergedProjection {
        &self.projection
    }

    /// Returns where a rule's slots are among what is read.
    pub fn mapping(&self, id: RuleId) -> Option<&Mapping> {
        self.record(id).map(|record| &record.mapping)
    }

    pub(crate) fn record(&self, id: RuleId) -> Option<&Arc<Record>> {
        self.rules.get(id.0 as usize)?.as_ref()
    }

    /// Finds the rules that an event concerns, in the order of their numbers: all but those whose conditions come to
    /// `false` and that do nothing then.
    pub fn find(&self, decoded: &Decoded<'_>) -> Vec<Found> {
        let found = Search::run(self, decoded);
        let found = found.into_iter().map(|packed| Found {
            rule: RuleId((packed >> 2) as u32),
            decision: match packed & 3 {
                HOLDS => Decision::Holds,
                FAILS => Decision::Fails,
                _ => Decision::Open,
            },
        });
        found.collect()
    }

    fn lower(&mut self, rule: &Rule) -> (Mapping, Condition) {
        let mapping = self.projection.mapping(&rule.plan);
        let mapping = mapping.unwrap_or_else(|| Arc::make_mut(&mut self.projection).add(&rule.plan));
        let Some(condition) = rule.condition else { return (mapping, Condition::Constant(true)) };
        let projection = Arc::clone(&self.projection);
        let event = Arc::clone(&self.event);
        let mut number = |attribute: Attribute| self.number(attribute);
        let condition = Lowering::new(rule, &event, &projection, &mapping, &mut number).condition(condition);
        (mapping, condition)
    }

    pub(crate) fn number(&mut self, attribute: Attribute) -> AttributeId {
        if let Some(id) = self.numbers.get(&attribute) {
            return *id;
        }
        let columns = Arc::make_mut(&mut self.columns);
        let id = AttributeId(columns.len() as u32);
        columns.push(Arc::new(Column::new(attribute.clone(), &self.projection)));
        Arc::make_mut(&mut self.numbers).insert(attribute, id);
        id
    }

    fn column_mut(&mut self, id: AttributeId) -> Option<&mut Column> {
        Arc::make_mut(&mut self.columns).get_mut(id.0 as usize).map(Arc::make_mut)
    }

    fn column(&self, id: AttributeId) -> Option<&Column> {
        self.columns.get(id.0 as usize).map(|column| &**column)
    }

    /// Gives the constants of a condition their symbols.
    fn name(&mut self, condition: &Condition) {
        condition.visit(&mut |test| {
            if let (TestKind::Equal(values), Some(column)) = (&test.kind, self.column_mut(test.attribute)) {
                values.iter().for_each(|value| column.name(value));
            }
        });
    }

    fn forget(&mut self, condition: &Condition) {
        condition.visit(&mut |test| {
            if let (TestKind::Equal(values), Some(column)) = (&test.kind, self.column_mut(test.attribute)) {
                values.iter().for_each(|value| column.forget(value));
            }
        });
    }

    /// Files a rule whose constants have symbols.
    fn file(&mut self, id: RuleId, rule: &Rule, mapping: Mapping, condition: Condition) {
        let Residual { operations, extras } = Residual::new(&condition, self);
        self.code.set(id.0 as usize, &operations);
        let has_otherwise = rule.otherwise.is_some();
        if has_otherwise {
            self.otherwise.change(id.0, |()| ());
        }
        let cover = if has_otherwise { None } else { cover(&condition, self) };
        let mut places = Vec::new();
        match cover.filter(|cover| cover.share < COMMON && self.columns.len() < u16::MAX as usize) {
            None => {
                self.always.add(entry(id, &[], false, self));
                places.push(Place::Always);
            }
            Some(Cover { keys, share: _ }) => {
                for filed in keys {
                    let entry = entry(id, &filed.also, filed.decides, self);
                    places.extend(self.file_under(filed.key, entry));
                }
            }
        }
        let record = Record { mapping, extras, places: places.into() };
        self.rules.set(id.0 as usize, Some(Arc::new(record)));
        self.len += 1;
    }

    fn file_under(&mut self, key: Key, entry: Entry) -> Option<Place> {
        let attribute = match &key {
            Key::Equal(attribute, _)
            | Key::Pair((attribute, _), _)
            | Key::Range(attribute, ..)
            | Key::Text(attribute, ..)
            | Key::Present(attribute)
            | Key::Missing(attribute) => *attribute,
        };
        let number = attribute.0 as u16;
        if let Key::Pair(_, (second, value)) = &key {
            let other = self.column(*second)?.slot_of(value)?.symbol;
            let (first, Key::Pair((_, own), _)) = (attribute, &key) else { return None };
            let symbol = self.column(first)?.slot_of(own)?.symbol;
            let pair = pair((number, symbol), (second.0 as u16, other));
            self.pairs.change(pair, |posting| posting.add(entry));
            let (own, second) = (own.clone(), second.0 as u16);
            self.column_mut(first)?.change(&own, |slot| {
                let partners = Arc::make_mut(slot.partners.get_or_insert_default());
                if !partners.contains(&second) {
                    partners.push(second);
                }
            });
            self.ask(attribute);
            return Some(Place::Pair(pair.0, pair.1));
        }
        self.ask(attribute);
        let column = self.column_mut(attribute)?;
        Some(match key {
            Key::Equal(_, value) => {
                column.change(&value, |slot| slot.posting.add(entry));
                Place::Equal(number, value)
            }
            Key::Range(_, low, high) => {
                let code = |value: Option<Value>| value.and_then(|value| Code::of(&value, column.kind));
                let (low, high) = (code(low), code(high));
                let [lower, upper, both] = &mut column.ranges;
                ranges_of(lower, upper, both, low, high).add(low, high, entry);
                Place::Range(number, low, high)
            }
            Key::Text(_, part, text) => {
                column.parts.add(part, &text, entry);
                Place::Text(number, part, text)
            }
            Key::Present(_) => {
                column.present.add(entry);
                Place::Present(number)
            }
            Key::Missing(_) => {
                column.missing.add(entry);
                Place::Missing(number)
            }
            Key::Pair(..) => return None,
        })
    }

    /// Notes that a key is about an attribute.
    fn ask(&mut self, attribute: AttributeId) {
        let Some(column) = self.column_mut(attribute) else { return };
        column.filed += 1;
        if column.filed == 1 {
            Arc::make_mut(&mut self.asked).push(attribute.0 as u16);
        }
    }

    fn unfile(&mut self, place: &Place, rule: u32) {
        let attribute = match place {
            Place::Always => {
                self.always.remove(rule);
                return;
            }
            Place::Pair(first, second) => {
                let pair = (*first, *second);
                let is_empty = self.pairs.get_mut(&pair).map(|posting| {
                    posting.remove(rule);
                    posting.is_empty()
                });
                if is_empty == Some(true) {
                    self.pairs.remove(&pair);
                }
                (first >> 32) as u16
            }
            Place::Equal(attribute, _)
            | Place::Range(attribute, ..)
            | Place::Text(attribute, ..)
            | Place::Present(attribute)
            | Place::Missing(attribute) => *attribute,
        };
        let Some(column) = self.column_mut(AttributeId(u32::from(attribute))) else { return };
        match place {
            Place::Always | Place::Pair(..) => {}
            Place::Equal(_, value) => column.change(value, |slot| slot.posting.remove(rule)),
            Place::Range(_, low, high) => {
                let [lower, upper, both] = &mut column.ranges;
                ranges_of(lower, upper, both, *low, *high).remove(*low, *high, rule);
            }
            Place::Text(_, part, text) => column.parts.remove(*part, text, rule),
            Place::Present(_) => column.present.remove(rule),
            Place::Missing(_) => column.missing.remove(rule),
        }
        column.filed = column.filed.saturating_sub(1);
        if column.filed == 0 {
            Arc::make_mut(&mut self.asked).retain(|own| *own != attribute);
        }
    }
}

fn ranges_of<'r, R>(
    lower: &'r mut R,
    upper: &'r mut R,
    both: &'r mut R,
    low: Option<Code>,
    high: Option<Code>,
) -> &'r mut R {
    match (low, high) {
        (_, None) => lower,
        (None, Some(_)) => upper,
        (Some(_), Some(_)) => both,
    }
}

/// The key of a pair of values.
pub(crate) fn pair(first: (u16, u32), second: (u16, u32)) -> (u64, u64) {
    let word = |(attribute, symbol): (u16, u32)| u64::from(attribute) << 32 | u64::from(symbol);
    (word(first), word(second))
}

fn entry(id: RuleId, also: &[Also<'_>], decides: bool, symbols: &dyn Symbols) -> Entry {
    // What cannot be asked here is asked by the rule's code, and so is what counts only behind it.
    let guards: Vec<Guard> = also.iter().map_while(|also| Guard::new(also, symbols)).collect();
    Entry::new(id.0, &guards, decides && guards.len() == also.len())
}

impl Symbols for Index {
    fn symbol(&self, attribute: AttributeId, value: &Value) -> Option<u32> {
        self.column(attribute)?.slot_of(value).map(|slot| slot.symbol)
    }

    fn kind(&self, attribute: AttributeId) -> Kind {
        self.column(attribute).map_or(Kind::Other, |column| column.kind)
    }

    fn is_many(&self, attribute: AttributeId) -> bool {
        self.column(attribute).is_none_or(|column| column.is_many)
    }
}

impl Statistics for Index {
    fn share(&self, key: &Key) -> f64 {
        let of = |attribute: &AttributeId| self.column(*attribute);
        match key {
            Key::Equal(attribute, value) => {
                let Some(column) = of(attribute) else { return 1.0 };
                // What no type tells, the number of constants does: rules name a good part of what there is. And
                // what many rules name is likely to be what many events have.
                let values = column.values.unwrap_or(20).max(column.constants()).max(1);
                let share = (1.0 / values as f64 + column.popularity(value)) / 2.0;
                let share = share.min(0.5);
                if column.is_many { (share * 3.0).min(1.0) } else { share }
            }
            Key::Pair((first, left), (second, right)) => {
                self.share(&Key::Equal(*first, left.clone()))
                    * self.share(&Key::Equal(*second, right.clone()))
            }
            Key::Range(_, Some(_), Some(_)) => 0.1,
            Key::Range(..) => 0.4,
            Key::Text(_, _, text) => 0.1 / text.len().max(1) as f64,
            Key::Present(attribute) => {
                if of(attribute).is_some_and(|column| column.is_optional) {
                    0.7
                } else {
                    1.0
                }
            }
            Key::Missing(attribute) => {
                if of(attribute).is_some_and(|column| column.is_optional) {
                    0.3
                } else {
                    0.001
                }
            }
        }
    }

    fn is_crowded(&self, attribute: AttributeId, value: &Value) -> bool {
        let slot = self.column(attribute).and_then(|column| column.slot_of(value));
        slot.is_some_and(|slot| slot.posting.has(CROWD))
    }

    fn is_many(&self, attribute: AttributeId) -> bool {
        Symbols::is_many(self, attribute)
    }
}
