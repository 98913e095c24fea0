//! Covers: under which keys a rule is filed, so that it is found whenever its condition might not come out false.
//!
//! What must not be lost is more than matches. A condition that fails, or has no answer as a value is missing, is told
//! too, so a rule may be passed over only if evaluating its condition would give `false` and nothing else. Hence three
//! sets of keys, each computed from the parts of a condition:
//!
//! - *not false*: one of them hits whenever the condition does not come to `false`;
//! - *not true*: likewise for `true`; this is what `not` needs;
//! - *faults*: one of them hits whenever it comes to no answer.
//!
//! `a and b` is not false only if `a` is not false; and only if `a` fails or `b` is not false. Either is a cover:
//! the keys of one operand, and those of the faults of all before it. `a or b` needs the keys of both. An attribute
//! that an operand before has found present adds no key for being missing, which keeps `x is present and x > 5` from
//! being found wherever `x` is missing. Of all covers the one is taken that is likely to hit least.

use hence_types::{Text, Value};

use crate::attribute::AttributeId;
use crate::condition::{Answer, Condition, Faults, Part, Test, TestKind};
use crate::guard::{GUARDS, is_guard};

/// What an event must have for a rule to be found.
#[derive(Debug, Clone)]
pub(crate) enum Key {
    /// A value of the attribute equals this one.
    Equal(AttributeId, Value),
    /// Both attributes have these values.
    Pair((AttributeId, Value), (AttributeId, Value)),
    /// A value lies between these ends. What is so near to one that this is not certain is not said to be a hit of a
    /// key that decides.
    Range(AttributeId, Option<Value>, Option<Value>),
    /// A text has this part.
    Text(AttributeId, Part, Text),
    /// There is a value.
    Present(AttributeId),
    /// A value is missing.
    Missing(AttributeId),
}

/// A key, and tests that must not be false beside it.
#[derive(Debug, Clone)]
pub(crate) struct Filed<'c> {
    pub(crate) key: Key,
    pub(crate) also: Vec<Also<'c>>,
    /// Whether the condition has the other answer, or fails, where the key hits and all tests pass for certain.
    ///
    /// INVARIANT: where it fails, a key hits of which that is not so, and no test beside that excludes the rule.
    pub(crate) decides: bool,
}

/// A test and the answer with which it does not exclude the rule.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Also<'c> {
    pub(crate) test: &'c Test,
    pub(crate) answer: bool,
}

/// Keys of which one hits whenever a rule must be found, and how many of all events that will be.
#[derive(Debug, Clone)]
pub(crate) struct Cover<'c> {
    pub(crate) keys: Vec<Filed<'c>>,
    pub(crate) share: f64,
}

/// What covers are chosen by.
pub(crate) trait Statistics {
    /// Returns which share of events a key is likely to hit.
    fn share(&self, key: &Key) -> f64;

    /// Returns whether so many rules are filed under a key already that a second one should stand beside it.
    fn is_crowded(&self, attribute: AttributeId, value: &Value) -> bool;

    /// Returns whether an event may have several values of an attribute.
    fn is_many(&self, attribute: AttributeId) -> bool;
}

/// Returns the best cover of a condition; nothing if there is none, so that the rule is to be looked at always.
pub(crate) fn cover<'c>(condition: &'c Condition, statistics: &dyn Statistics) -> Option<Cover<'c>> {
    Covers { statistics }.not(condition, false, &[])
}

/// A test of a part that may be asked first.
struct Candidate<'c> {
    /// Which part.
    place: usize,
    /// How many events pass.
    share: f64,
    also: Also<'c>,
    /// Whether the part fails where no key hits for that.
    may_fail: bool,
}

/// Takes the tests that exclude most, with those that must be asked before them, in the order in which they are asked.
fn take<'t, 'c>(mut open: Vec<&'t Candidate<'c>>, room: usize, key: &Key) -> Vec<&'t Candidate<'c>> {
    let mut taken: Vec<&Candidate<'_>> = Vec::new();
    open.sort_by(|left, right| left.share.total_cmp(&right.share));
    while taken.len() < room {
        let before = |test: &Candidate<'_>| {
            let earlier = open.iter().filter(|other| other.may_fail && other.place < test.place);
            earlier.min_by_key(|other| other.place).map(|other| other.place)
        };
        // What passes whenever the key hits excludes nothing, but may have to be asked.
        let best = open.iter().position(|test| key.passes(&test.also) != Some(true));
        let Some(best) = best else { break };
        let first = open.get(best).and_then(|test| before(test));
        let next = open.iter().position(|test| Some(test.place) == first).unwrap_or(best);
        taken.push(open.remove(next));
    }
    taken
}

struct Covers<'s> {
    statistics: &'s dyn Statistics,
}

impl Covers<'_> {
    /// Returns keys of which one hits whenever a condition does not come to this answer. `known` attributes are there.
    fn not<'c>(&self, condition: &'c Condition, answer: bool, known: &[AttributeId]) -> Option<Cover<'c>> {
        match condition {
            Condition::Constant(truth) => (*truth == answer).then(Cover::empty),
            Condition::Not(part) => self.not(part, !answer, known),
            Condition::And(_) | Condition::Or(_) => {
                let is_and = matches!(condition, Condition::And(_));
                let mut parts = Vec::new();
                flatten(condition, is_and, &mut parts);
                // An `and` is not false if no part is: one part covers it. It is not true if one part is not: all do.
                if is_and != answer {
                    self.one(&parts, answer, known)
                } else {
                    self.all(&parts, answer, known)
                }
            }
            Condition::Test(test) => self.test(test, answer, known),
            Condition::Any { list, body } if !answer => {
                let mut elements = self.not(body, false, known)?;
                elements.keys.iter_mut().for_each(|filed| filed.decides &= self.asks_elements(body));
                self.missing(*list, known).and(elements)
            }
            Condition::All { list, body } if answer => {
                let mut elements = self.not(body, true, known)?;
                elements.keys.iter_mut().for_each(|filed| filed.decides = false);
                self.missing(*list, known).and(elements)
            }
            Condition::Any { .. } | Condition::All { .. } | Condition::Opaque(_) => None,
        }
    }

    /// The keys of all parts, each asked after those before it came to the answer.
    fn all<'c>(&self, parts: &[&'c Condition], answer: bool, known: &[AttributeId]) -> Option<Cover<'c>> {
        let mut known = known.to_vec();
        let mut cover = Cover::empty();
        for part in parts {
            cover = cover.and(self.not(part, answer, &known)?)?;
            part.present_if(answer, &mut known);
        }
        Some(cover)
    }

    /// The keys of the best part, and of the faults of those before it, which came to the other answer.
    fn one<'c>(&self, parts: &[&'c Condition], answer: bool, known: &[AttributeId]) -> Option<Cover<'c>> {
        let mut known = known.to_vec();
        let mut before = Cover::empty();
        let mut best: Option<([usize; 2], Cover<'c>)> = None;
        let mut tests: Vec<(usize, &Test, f64)> = Vec::new();
        let mut shares = Vec::with_capacity(parts.len());
        for (place, part) in parts.iter().enumerate() {
            let own = self.not(part, answer, &known);
            let share = own.as_ref().map_or(0.9, |own| own.share);
            shares.push(share);
            keep_better(&mut best, [place, place], &before, own);
            if let (Condition::Test(test), false) = (part, answer) {
                for (earlier, other, other_share) in &tests {
                    let limit = best.as_ref().map_or(f64::MAX, |(_, best)| best.share - before.share);
                    let pair = self.together((other, *other_share), (test, share), limit);
                    keep_better(&mut best, [*earlier, place], &before, pair);
                }
                tests.push((place, test, share));
            }
            let Some(next) = self.faults(part, &known).and_then(|faults| before.and(faults)) else { break };
            before = next;
            part.present_if(!answer, &mut known);
        }
        let (chosen, mut cover) = best?;
        self.add_tests(&mut cover, (parts, &shares), answer, chosen);
        Some(cover)
    }

    /// Gives every key tests of other parts, which may be asked first: where one fails the rule is out, and where all
    /// parts are asked so and pass the rule is decided.
    ///
    /// INVARIANT: a part that fails before the test's part would have been asked must still be found. So a test is
    /// taken only if all parts before it either fail by attributes alone that are keys without a test, and such a key
    /// gets only tests of parts before the first that may fail by it; or are tests that are asked before it, where no
    /// test counts behind one that fails.
    fn add_tests<'c>(
        &self,
        cover: &mut Cover<'c>,
        (parts, shares): (&[&'c Condition], &[f64]),
        answer: bool,
        chosen: [usize; 2],
    ) {
        let mut tests: Vec<Candidate<'c>> = Vec::with_capacity(parts.len());
        let mut first_faults: Vec<(AttributeId, usize)> = Vec::new();
        let mut known = Vec::new();
        for (place, part) in parts.iter().enumerate() {
            let also = plain_test(part, !answer).filter(|also| {
                !chosen.contains(&place)
                    && is_guard(also.test)
                    && !self.statistics.is_many(also.test.attribute)
            });
            let Faults::Missing(attributes) = part.faults() else { break };
            let is_found = |attribute: &AttributeId| {
                let is_key = |filed: &Filed<'_>| {
                    filed.also.is_empty() && matches!(filed.key, Key::Missing(own) if own == *attribute)
                };
                known.contains(attribute) || cover.keys.iter().any(is_key)
            };
            let may_fail = !attributes.iter().all(is_found);
            let is_asked = also.is_some();
            let share = shares.get(place).copied().unwrap_or(1.0);
            tests.extend(also.map(|also| Candidate { place, share, also, may_fail }));
            if may_fail && !is_asked {
                break;
            }
            first_faults.extend(attributes.into_iter().map(|attribute| (attribute, place)));
            part.present_if(!answer, &mut known);
        }
        for filed in &mut cover.keys {
            // Parts that were not come to may fail by the attributes too, but later.
            let limit = match &filed.key {
                Key::Missing(_) if !filed.also.is_empty() => continue,
                Key::Missing(attribute) => {
                    let first = first_faults.iter().find(|(own, _)| own == attribute);
                    first.map_or(0, |(_, place)| *place)
                }
                Key::Equal(..) | Key::Pair(..) | Key::Range(..) | Key::Text(..) | Key::Present(_) => {
                    usize::MAX
                }
            };
            let allowed = tests.iter().take_while(|test| test.place < limit).collect();
            let taken = take(allowed, GUARDS.saturating_sub(filed.also.len()), &filed.key);
            let is_asked = |(place, part): (usize, &&Condition)| {
                chosen.contains(&place)
                    || taken.iter().any(|test| test.place == place)
                    || plain_test(part, !answer).is_some_and(|also| filed.key.passes(&also) == Some(true))
                    || matches!(part, Condition::Constant(truth) if *truth != answer)
            };
            filed.decides &= parts.iter().enumerate().all(is_asked);
            filed.also.extend(taken.into_iter().map(|test| test.also));
        }
    }

    /// Returns whether the body of an `any` is one question about the elements, which no event makes fail.
    fn asks_elements(&self, body: &Condition) -> bool {
        matches!(body, Condition::Test(Test { attribute, kind: TestKind::Equal(_), missing: Answer::False })
            if self.statistics.is_many(*attribute))
    }

    fn test<'c>(&self, test: &Test, answer: bool, known: &[AttributeId]) -> Option<Cover<'c>> {
        let attribute = test.attribute;
        let mut keys = match (&test.kind, answer) {
            (TestKind::Equal(values), false) => {
                values.iter().map(|value| Key::Equal(attribute, value.clone())).collect()
            }
            // Of truth values there are two.
            (TestKind::Equal(values), true) => match values.as_slice() {
                [Value::Bool(truth)] if !self.statistics.is_many(attribute) => {
                    vec![Key::Equal(attribute, Value::Bool(!truth))]
                }
                _ => return None,
            },
            (TestKind::Above { bound, .. }, false) | (TestKind::Below { bound, .. }, true) => {
                vec![Key::Range(attribute, Some(bound.clone()), None)]
            }
            (TestKind::Below { bound, .. }, false) | (TestKind::Above { bound, .. }, true) => {
                vec![Key::Range(attribute, None, Some(bound.clone()))]
            }
            (TestKind::Text(part, text), false) if !text.is_empty() => {
                vec![Key::Text(attribute, *part, text.clone())]
            }
            (TestKind::Text(..), _) => return None,
            (TestKind::Present, false) => vec![Key::Present(attribute)],
            (TestKind::Present, true) => Vec::new(),
        };
        if test.missing != Answer::of(answer) && !known.contains(&attribute) {
            keys.push(Key::Missing(attribute));
        }
        Some(self.cover_of(keys))
    }

    /// Keys that hit where two tests of one `and` both hold, each of which hits a share of events alone; nothing if
    /// these are no less than a limit.
    fn together<'c>(
        &self,
        (first, first_share): (&Test, f64),
        (second, second_share): (&Test, f64),
        limit: f64,
    ) -> Option<Cover<'c>> {
        if self.statistics.is_many(first.attribute) || self.statistics.is_many(second.attribute) {
            return None;
        }
        match (&first.kind, &second.kind) {
            (TestKind::Above { bound: low, .. }, TestKind::Below { bound: high, .. })
            | (TestKind::Below { bound: high, .. }, TestKind::Above { bound: low, .. })
                if first.attribute == second.attribute =>
            {
                let mut keys = vec![Key::Range(first.attribute, Some(low.clone()), Some(high.clone()))];
                if first.missing != Answer::False || second.missing != Answer::False {
                    keys.push(Key::Missing(first.attribute));
                }
                Some(self.cover_of(keys))
            }
            (TestKind::Equal(left), TestKind::Equal(right)) if first.attribute != second.attribute => {
                let ([left], [right]) = (left.as_slice(), right.as_slice()) else { return None };
                let share = first_share * second_share;
                if first.missing != Answer::False || second.missing != Answer::False || share >= limit {
                    return None;
                }
                let (left, right) = ((first.attribute, left), (second.attribute, right));
                let (rare, common) = if first_share <= second_share { (left, right) } else { (right, left) };
                if !self.statistics.is_crowded(rare.0, rare.1) {
                    return None;
                }
                let key = Key::Pair((rare.0, rare.1.clone()), (common.0, common.1.clone()));
                Some(Cover { keys: vec![Filed { key, also: Vec::new(), decides: true }], share })
            }
            _ => None,
        }
    }

    fn faults<'c>(&self, condition: &Condition, known: &[AttributeId]) -> Option<Cover<'c>> {
        match condition.faults() {
            Faults::Any => None,
            Faults::Missing(attributes) => {
                let unknown = attributes.into_iter().filter(|attribute| !known.contains(attribute));
                Some(self.cover_of(unknown.map(Key::Missing).collect()))
            }
        }
    }

    fn missing<'c>(&self, attribute: AttributeId, known: &[AttributeId]) -> Cover<'c> {
        if known.contains(&attribute) { Cover::empty() } else { self.cover_of(vec![Key::Missing(attribute)]) }
    }

    fn cover_of<'c>(&self, keys: Vec<Key>) -> Cover<'c> {
        let share = keys.iter().map(|key| self.statistics.share(key)).sum();
        let filed = |key| {
            let decides = match &key {
                Key::Equal(..) | Key::Pair(..) | Key::Text(..) | Key::Range(..) => true,
                // Of several values one may be missing and another present.
                Key::Present(attribute) => !self.statistics.is_many(*attribute),
                // It is found for faults too.
                Key::Missing(_) => false,
            };
            Filed { key, also: Vec::new(), decides }
        };
        Cover { keys: keys.into_iter().map(filed).collect(), share }
    }
}

impl Key {
    /// Returns whether a test passes where the key hits, if that is the same for all events.
    fn passes(&self, also: &Also<'_>) -> Option<bool> {
        let Also { test, answer } = also;
        let value = match self {
            Key::Equal(own, value) if *own == test.attribute => value,
            Key::Pair((own, value), _) | Key::Pair(_, (own, value)) if *own == test.attribute => value,
            Key::Equal(..)
            | Key::Pair(..)
            | Key::Missing(_)
            | Key::Range(..)
            | Key::Text(..)
            | Key::Present(_) => return None,
        };
        match &test.kind {
            TestKind::Equal(values) => {
                Some(values.iter().any(|own| hence_types::equal(own, value)) == *answer)
            }
            TestKind::Present => Some(*answer),
            TestKind::Above { .. } | TestKind::Below { .. } | TestKind::Text(..) => None,
        }
    }
}

impl<'c> Cover<'c> {
    fn empty() -> Cover<'c> {
        Cover { keys: Vec::new(), share: 0.0 }
    }

    /// Returns the keys of both; nothing if they are too many to be worth it.
    fn and(mut self, other: Cover<'c>) -> Option<Cover<'c>> {
        const MOST: usize = 20_000;
        if self.keys.len() + other.keys.len() > MOST {
            return None;
        }
        for filed in other.keys {
            let is_known = |own: &Filed<'_>| {
                own.also.is_empty()
                    && matches!((&own.key, &filed.key), (Key::Missing(own), Key::Missing(other)) if own == other)
            };
            if self.keys.len() > 64 || !self.keys.iter().any(is_known) {
                self.keys.push(filed);
            }
        }
        self.share += other.share;
        Some(self)
    }
}

fn keep_better<'c>(
    best: &mut Option<([usize; 2], Cover<'c>)>,
    places: [usize; 2],
    before: &Cover<'c>,
    cover: Option<Cover<'c>>,
) {
    if let Some(cover) = cover
        && best.as_ref().is_none_or(|(_, best)| before.share + cover.share < best.share)
        && let Some(cover) = before.clone().and(cover)
    {
        *best = Some((places, cover));
    }
}

/// Collects the parts of an `and` (or `or`) that has others of its kind inside.
fn flatten<'c>(condition: &'c Condition, is_and: bool, parts: &mut Vec<&'c Condition>) {
    match condition {
        Condition::And(inner) if is_and => inner.iter().for_each(|part| flatten(part, is_and, parts)),
        Condition::Or(inner) if !is_and => inner.iter().for_each(|part| flatten(part, is_and, parts)),
        Condition::And(_)
        | Condition::Or(_)
        | Condition::Constant(_)
        | Condition::Not(_)
        | Condition::Test(_)
        | Condition::Any { .. }
        | Condition::All { .. }
        | Condition::Opaque(_) => parts.push(condition),
    }
}

/// A part that is one test, and the answer of it with which the part comes to `answer`.
fn plain_test(condition: &Condition, answer: bool) -> Option<Also<'_>> {
    match condition {
        Condition::Test(test) => Some(Also { test, answer }),
        Condition::Not(part) => plain_test(part, !answer),
        Condition::And(_)
        | Condition::Or(_)
        | Condition::Constant(_)
        | Condition::Any { .. }
        | Condition::All { .. }
        | Condition::Opaque(_) => None,
    }
}
