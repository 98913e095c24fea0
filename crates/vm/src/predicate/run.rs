//! What predicates answer.

use std::sync::Arc;

use hence_builtins::Context;
use hence_ir::Rule;
use hence_types::{RecordValue, Value};

use super::number::Word;
use super::{
    Answer, Arithmetic, FieldAt, LEVELS, Number, Operand, Predicate, Relation, Root, Short, Step, Target,
    Test,
};
use crate::{Machine, Slots};

/// What a predicate is asked about: an event, and the elements that quantifiers look at.
#[derive(Clone, Copy)]
pub struct Frame<'a> {
    rule: &'a Rule,
    slots: &'a Slots,
    context: &'a Context,
    elements: [&'a Value; LEVELS],
    level: usize,
}

impl<'a> Frame<'a> {
    /// Returns the frame of an event, in no quantifier. The rule is the one the predicate was made of.
    #[inline]
    pub fn new(rule: &'a Rule, slots: &'a Slots, context: &'a Context) -> Self {
        Frame { rule, slots, context, elements: [&Value::Missing; LEVELS], level: 0 }
    }

    /// Returns the frame in which a quantifier within this frame looks at an element.
    pub fn within(mut self, element: &'a Value) -> Self {
        if let Some(own) = self.elements.get_mut(self.level) {
            *own = element;
        }
        self.level += 1;
        self
    }

    /// Returns the frame of a predicate inside of a step: what it leaves open is not for its own steps to have
    /// evaluated, as they may have variables.
    pub fn inner(mut self) -> Self {
        self.level = self.level.max(1);
        self
    }

    /// Returns the slots of the event.
    pub fn slots(&self) -> &'a Slots {
        self.slots
    }
}

impl Answer {
    /// Returns the answer that a truth value is.
    #[inline]
    pub fn of(truth: bool) -> Answer {
        if truth { Answer::True } else { Answer::False }
    }
}

impl Predicate {
    /// Returns the answer for an event. An open one may be a failure.
    #[inline]
    pub fn answer(&self, frame: &Frame<'_>) -> Answer {
        let mut place = 0;
        loop {
            let Some(step) = self.steps.get(place) else { return Answer::Open };
            let target = match step.answer(frame) {
                Answer::True => step.yes,
                Answer::False => step.no,
                Answer::Open => return Answer::Open,
            };
            match target {
                Target::True => return Answer::True,
                Target::False => return Answer::False,
                // Steps lead forward only, so evaluation comes to an end.
                Target::Step(next) => place = (next as usize).max(place + 1),
            }
        }
    }
}

impl Step {
    /// Returns the answer of one step: that of its test, or that of the interpreter where its test has none.
    #[inline]
    pub fn answer(&self, frame: &Frame<'_>) -> Answer {
        match self.test.answer(frame) {
            Answer::Open if frame.level == 0 => evaluated(self, frame),
            answer @ (Answer::True | Answer::False | Answer::Open) => answer,
        }
    }
}

/// Has the interpreter evaluate the expression of a step that is in no quantifier.
#[cold]
#[inline(never)]
fn evaluated(step: &Step, frame: &Frame<'_>) -> Answer {
    let mut locals = Vec::new();
    let truth = Machine::new(frame.rule, frame.slots, &mut locals, frame.context).holds(step.node);
    truth.map_or(Answer::Open, |truth| Answer::of(truth != step.is_opposite))
}

impl Test {
    #[inline]
    pub(super) fn answer(&self, frame: &Frame<'_>) -> Answer {
        match self {
            Test::Bound { number, relation, bound } => {
                let word = number.find(frame);
                match word.short() {
                    Some(short) => match bound.compare(short) {
                        Some(order) => Answer::of(relation.holds(order)),
                        None => Answer::Open,
                    },
                    None if word.is_missing() && *relation == Relation::Equal => Answer::False,
                    None => Answer::Open,
                }
            }
            Test::TextIn(operand, texts) => match operand.find(frame) {
                Some(Value::String(text)) => Answer::of(texts.has(text)),
                Some(Value::Missing) => Answer::False,
                _ => Answer::Open,
            },
            Test::TextPart { operand, at_end, part } => match operand.find(frame) {
                Some(Value::String(text)) if *at_end => Answer::of(text.ends_with(&**part)),
                Some(Value::String(text)) => Answer::of(text.starts_with(&**part)),
                _ => Answer::Open,
            },
            Test::Holds(operand) => match operand.find(frame) {
                Some(Value::Bool(truth)) => Answer::of(*truth),
                _ => Answer::Open,
            },
            Test::Is(operand, wanted) => match operand.find(frame) {
                Some(Value::Bool(truth)) => Answer::of(truth == wanted),
                Some(Value::Missing) => Answer::False,
                _ => Answer::Open,
            },
            Test::Present(operand) => match operand.find(frame) {
                Some(value) => Answer::of(!value.is_missing()),
                None => Answer::Open,
            },
            Test::Moment { operand, relation, bound } => match operand.find(frame) {
                Some(Value::DateTime(instant)) => Answer::of(relation.holds(instant.cmp(bound))),
                Some(Value::Missing) if *relation == Relation::Equal => Answer::False,
                _ => Answer::Open,
            },
            Test::Compare { .. }
            | Test::NumberIn(..)
            | Test::Apply { .. }
            | Test::Matches(..)
            | Test::Search { .. }
            | Test::Inner(_)
            | Test::Evaluate => self.other_answer(frame),
        }
    }

    /// The answers of tests that take more than a few instructions.
    #[inline(never)]
    fn other_answer(&self, frame: &Frame<'_>) -> Answer {
        match self {
            Test::Compare { left, relation, right } => {
                match (left.find(frame).short(), right.find(frame).short()) {
                    (Some(left), Some(right)) => match left.compare(right) {
                        Some(order) => Answer::of(relation.holds(order)),
                        None => Answer::Open,
                    },
                    _ => Answer::Open,
                }
            }
            Test::NumberIn(operand, _, bounds) => match operand.find(frame) {
                Some(Value::Missing) => Answer::False,
                Some(value) => match Short::of(value) {
                    Some(short) => one_of(short, bounds),
                    None => Answer::Open,
                },
                None => Answer::Open,
            },
            Test::Apply { operator, case, left, right } => {
                let definition = operator.definition();
                let (Some(left), Some(right)) = (left.find(frame), right.find(frame)) else {
                    return Answer::Open;
                };
                if !definition.takes_missing && (left.is_missing() || right.is_missing()) {
                    return Answer::Open;
                }
                match (definition.apply)(left, right, *case, frame.context) {
                    Ok(Value::Bool(truth)) => Answer::of(truth),
                    Ok(_) | Err(_) => Answer::Open,
                }
            }
            Test::Matches(operand, pattern) => match operand.find(frame) {
                Some(Value::String(text)) => Answer::of(pattern.is_match(text)),
                _ => Answer::Open,
            },
            Test::Search { list, deciding, body } => search(list, *deciding, body, frame),
            Test::Inner(predicate) => predicate.answer(&frame.inner()),
            Test::Bound { .. }
            | Test::TextIn(..)
            | Test::TextPart { .. }
            | Test::Holds(_)
            | Test::Is(..)
            | Test::Present(_)
            | Test::Moment { .. }
            | Test::Evaluate => Answer::Open,
        }
    }
}

fn one_of(short: Short, bounds: &[Arc<super::Bound>]) -> Answer {
    for bound in bounds {
        match bound.compare(short) {
            Some(order) if order.is_eq() => return Answer::True,
            Some(_) => {}
            None => return Answer::Open,
        }
    }
    Answer::False
}

fn search(list: &Operand, deciding: bool, body: &Predicate, frame: &Frame<'_>) -> Answer {
    let Some(Value::List(elements)) = list.find(frame) else { return Answer::Open };
    for element in elements.iter() {
        match body.answer(&frame.within(element)) {
            Answer::Open => return Answer::Open,
            answer if answer == Answer::of(deciding) => return answer,
            Answer::True | Answer::False => {}
        }
    }
    Answer::of(!deciding)
}

impl Operand {
    /// Returns the value; nothing where the interpreter would find a fault in the program.
    #[inline]
    pub(crate) fn find<'f>(&'f self, frame: &Frame<'f>) -> Option<&'f Value> {
        let root = match &self.root {
            Root::Slot(slot) => frame.slots.values.get(slot.0 as usize)?,
            Root::Element(level) => frame.elements.get(*level)?,
            Root::Constant(value) => value,
        };
        let value = if self.fields.is_empty() { root } else { at_fields(root, &self.fields)? };
        match &self.default {
            Some(default) if value.is_missing() => Some(default),
            Some(_) | None => Some(value),
        }
    }
}

fn at_fields<'v>(root: &'v Value, fields: &[FieldAt]) -> Option<&'v Value> {
    let mut value = root;
    for field in fields {
        if let Value::Record(record) = value {
            value = field.of(record)?;
        } else {
            return value.is_missing().then_some(value);
        }
    }
    Some(value)
}

impl FieldAt {
    /// Returns the field's value in a record, missing where it has no such field; nothing where the record is not as
    /// its shape says.
    #[inline]
    pub fn of<'r>(&self, record: &'r RecordValue) -> Option<&'r Value> {
        if let Some((shape, place)) = &self.shape
            && Arc::ptr_eq(shape, &record.shape)
        {
            return record.fields.get(*place);
        }
        self.by_name(record)
    }

    #[inline(never)]
    fn by_name<'r>(&self, record: &'r RecordValue) -> Option<&'r Value> {
        match record.shape.fields.get_index(self.index as usize) {
            Some((name, _)) if **name == *self.name => record.fields.get(self.index as usize),
            Some(_) | None => {
                let index = record.shape.fields.get_index_of(&*self.name);
                Some(index.and_then(|index| record.fields.get(index)).unwrap_or(&Value::Missing))
            }
        }
    }
}

impl Number {
    #[inline(always)]
    fn find(&self, frame: &Frame<'_>) -> Word {
        match self {
            Number::Value(operand, _) => operand.find(frame).map_or(Word::OPEN, Word::of),
            Number::Constant(short) => Word::of_short(Some(*short)),
            Number::Result(arithmetic, left, right) => computed(*arithmetic, left, right, frame),
        }
    }
}

#[inline(never)]
fn computed(arithmetic: Arithmetic, left: &Number, right: &Number, frame: &Frame<'_>) -> Word {
    let (left, right) = (left.find(frame), right.find(frame));
    if let Some(result) = left.alike(right, arithmetic) {
        return result;
    }
    let (Some(left), Some(right)) = (left.short(), right.short()) else {
        return Word::OPEN;
    };
    Word::of_short(match arithmetic {
        Arithmetic::Add => left.plus(right),
        Arithmetic::Subtract => left.minus(right),
        Arithmetic::Multiply => left.times(right),
    })
}
