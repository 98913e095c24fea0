//! Residuals: what is left of a condition after a key hit, as flat code over facts of the event.
//!
//! A residual comes to the answer of the condition, or to none: it knows no faults and no values that only the
//! interpreter knows, and leaves those to it. Its operations stand in the order in which the condition is evaluated,
//! each with the place to go on at for either outcome.

use hence_types::{Text, Value};

use crate::attribute::AttributeId;
use crate::condition::{Answer, Condition, Part, Test, TestKind};
use crate::value::{Code, Kind};

/// What comes of a test or of a whole condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    True,
    False,
    /// It is for the interpreter to say.
    Unknown,
}

impl Outcome {
    pub(crate) fn of(truth: bool) -> Outcome {
        if truth { Outcome::True } else { Outcome::False }
    }
}

/// What is asked of an attribute. Bounds are exact where no other value has their code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Check {
    /// Nothing; the outcome is unknown.
    Nothing,
    /// Nothing; the outcome is true.
    Always,
    /// It has this symbol.
    Equal,
    /// It has one of the symbols.
    Set,
    /// One of its values has this symbol.
    EqualEach,
    /// One of its values has one of the symbols.
    SetEach,
    Present,
    Above,
    AboveExact,
    AboveOrAt,
    AboveOrAtExact,
    Below,
    BelowExact,
    BelowOrAt,
    BelowOrAtExact,
    Start,
    End,
    Inside,
}

impl Check {
    /// Returns whether the operand is the place of an [`Extra`].
    #[inline]
    pub(crate) fn has_extra(self) -> bool {
        matches!(self, Check::Set | Check::SetEach | Check::Start | Check::End | Check::Inside)
    }
}

/// A test at a place of the code.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Operation {
    operand: u64,
    attribute: u16,
    check: Check,
    /// What is the outcome where the attribute is missing.
    missing: Outcome,
    yes: u8,
    no: u8,
}

impl Operation {
    /// Returns a word of it.
    #[inline]
    pub(crate) fn word(&self) -> u32 {
        u32::from(self.attribute)
    }
}

const TRUE: u8 = 255;
const FALSE: u8 = 254;
const MOST: usize = 250;

/// Lists up to this length are asked about one by one: that needs no second look elsewhere.
const SHORT_LIST: usize = 6;

/// A condition over facts.
#[derive(Debug, Clone, Default)]
pub(crate) struct Residual {
    pub(crate) operations: Vec<Operation>,
    pub(crate) extras: Box<[Extra]>,
}

/// An operand that has no room in an operation.
#[derive(Debug, Clone)]
pub(crate) enum Extra {
    Text(Text),
    Set(Box<[u32]>),
}

/// The index as the code is made for it.
pub(crate) trait Symbols {
    /// Returns the symbol of a constant that an attribute is compared with.
    fn symbol(&self, attribute: AttributeId, value: &Value) -> Option<u32>;

    /// Returns the kind of an attribute's values.
    fn kind(&self, attribute: AttributeId) -> Kind;

    /// Returns whether an event may have several values of it.
    fn is_many(&self, attribute: AttributeId) -> bool;
}

/// An event as code sees it.
pub(crate) trait Facts {
    /// Answers a question about an attribute.
    fn ask(
        &mut self,
        attribute: u16,
        check: Check,
        operand: u64,
        missing: Outcome,
        extras: &[Extra],
    ) -> Outcome;
}

impl Residual {
    /// Makes the code of a condition; code that leaves all to the interpreter where it would be too long.
    pub(crate) fn new(condition: &Condition, symbols: &dyn Symbols) -> Residual {
        let mut maker = Maker { symbols, operations: Vec::new(), extras: Vec::new() };
        if maker.emit(condition, TRUE, FALSE).is_none() {
            return Residual::default();
        }
        Residual { operations: maker.operations, extras: maker.extras.into() }
    }
}

/// Returns what comes of a condition. `extras` are looked up only where an operation has one.
#[inline]
pub(crate) fn run<'x>(
    operations: &[Operation],
    facts: &mut impl Facts,
    extras: impl Fn() -> &'x [Extra],
) -> Outcome {
    let mut place = 0;
    loop {
        // Code of which nothing could be made is empty, and leads here at once.
        let Some(operation) = operations.get(place) else { return Outcome::Unknown };
        let Operation { operand, attribute, check, missing, yes, no } = *operation;
        let extras = if check.has_extra() { extras() } else { &[] };
        let next = match facts.ask(attribute, check, operand, missing, extras) {
            Outcome::True => yes,
            Outcome::False => no,
            Outcome::Unknown => return Outcome::Unknown,
        };
        match next {
            TRUE => return Outcome::True,
            FALSE => return Outcome::False,
            // Code only goes forward, so it comes to an end.
            next => place = (next as usize).max(place + 1),
        }
    }
}

struct Maker<'s> {
    symbols: &'s dyn Symbols,
    operations: Vec<Operation>,
    extras: Vec<Extra>,
}

impl Maker<'_> {
    /// Adds code that goes to `yes` or `no`; nothing if there is no room.
    fn emit(&mut self, condition: &Condition, yes: u8, no: u8) -> Option<()> {
        match condition {
            Condition::Constant(truth) => {
                // A jump: a question with one answer.
                let to = if *truth { yes } else { no };
                let (check, missing) = (Check::Always, Outcome::True);
                self.push(Operation { operand: 0, attribute: 0, check, missing, yes: to, no: to })
            }
            Condition::Not(part) => self.emit(part, no, yes),
            Condition::And(parts) => {
                let Some((last, before)) = parts.split_last() else {
                    return self.emit(&Condition::Constant(true), yes, no);
                };
                for part in before {
                    let next = self.after(part)?;
                    self.emit(part, next, no)?;
                }
                self.emit(last, yes, no)
            }
            Condition::Or(parts) => {
                let Some((last, before)) = parts.split_last() else {
                    return self.emit(&Condition::Constant(false), yes, no);
                };
                for part in before {
                    let next = self.after(part)?;
                    self.emit(part, yes, next)?;
                }
                self.emit(last, yes, no)
            }
            Condition::Test(test) => self.emit_test(test, yes, no),
            // Whether one element equals a constant is a question about symbols.
            Condition::Any { list: _, body } => {
                if let Condition::Test(test) = &**body
                    && matches!(test.kind, TestKind::Equal(_))
                    && test.missing == Answer::False
                    && self.symbols.is_many(test.attribute)
                {
                    self.emit_test(test, yes, no)
                } else {
                    // As much code as `length` says, or jumps over it would miss their place.
                    (0..length(condition)).try_for_each(|_| self.unknown())
                }
            }
            Condition::All { .. } | Condition::Opaque(_) => self.unknown(),
        }
    }

    /// The place behind the code of a condition that is to be added here.
    fn after(&self, condition: &Condition) -> Option<u8> {
        let place = self.operations.len() + length(condition);
        if place > MOST { None } else { u8::try_from(place).ok() }
    }

    fn push(&mut self, operation: Operation) -> Option<()> {
        self.operations.push(operation);
        (self.operations.len() <= MOST).then_some(())
    }

    fn unknown(&mut self) -> Option<()> {
        let missing = Outcome::Unknown;
        self.push(Operation {
            operand: 0,
            attribute: 0,
            check: Check::Nothing,
            missing,
            yes: TRUE,
            no: FALSE,
        })
    }

    fn emit_test(&mut self, test: &Test, yes: u8, no: u8) -> Option<()> {
        let many = self.symbols.is_many(test.attribute);
        if many && !matches!(test.kind, TestKind::Equal(_)) {
            return self.unknown();
        }
        let attribute = u16::try_from(test.attribute.0).ok()?;
        let missing = match test.missing {
            // A list that is missing fails, an element that is missing equals nothing: that is not told apart here.
            Answer::False if many => Outcome::Unknown,
            Answer::True => Outcome::True,
            Answer::False => Outcome::False,
            Answer::Fault => Outcome::Unknown,
        };
        let (check, operand) = match &test.kind {
            TestKind::Present => (Check::Present, 0),
            TestKind::Equal(values) => {
                let symbols: Option<Vec<u32>> =
                    values.iter().map(|value| self.symbols.symbol(test.attribute, value)).collect();
                let symbols = symbols?;
                let check = if many { Check::EqualEach } else { Check::Equal };
                match symbols.split_last() {
                    Some((last, others)) if symbols.len() <= SHORT_LIST => {
                        for symbol in others {
                            let next = u8::try_from(self.operations.len() + 1).ok()?;
                            let operand = u64::from(*symbol);
                            self.push(Operation { operand, attribute, check, missing, yes, no: next })?;
                        }
                        (check, u64::from(*last))
                    }
                    _ => {
                        let mut symbols = symbols;
                        symbols.sort_unstable();
                        let check = if many { Check::SetEach } else { Check::Set };
                        (check, self.extra(Extra::Set(symbols.into())))
                    }
                }
            }
            TestKind::Above { bound, included } => self.bound(test.attribute, bound, *included, true)?,
            TestKind::Below { bound, included } => self.bound(test.attribute, bound, *included, false)?,
            TestKind::Text(part, text) => {
                let check = match part {
                    Part::Start => Check::Start,
                    Part::End => Check::End,
                    Part::Inside => Check::Inside,
                };
                (check, self.extra(Extra::Text(text.clone())))
            }
        };
        self.push(Operation { operand, attribute, check, missing, yes, no })
    }

    fn extra(&mut self, extra: Extra) -> u64 {
        self.extras.push(extra);
        self.extras.len() as u64 - 1
    }

    fn bound(
        &self,
        attribute: AttributeId,
        bound: &Value,
        included: bool,
        above: bool,
    ) -> Option<(Check, u64)> {
        let Code { code, exact } = Code::of(bound, self.symbols.kind(attribute))?;
        let check = match (above, included, exact) {
            (true, false, false) => Check::Above,
            (true, false, true) => Check::AboveExact,
            (true, true, false) => Check::AboveOrAt,
            (true, true, true) => Check::AboveOrAtExact,
            (false, false, false) => Check::Below,
            (false, false, true) => Check::BelowExact,
            (false, true, false) => Check::BelowOrAt,
            (false, true, true) => Check::BelowOrAtExact,
        };
        Some((check, code.cast_unsigned()))
    }
}

/// How many operations a condition becomes, exactly.
fn length(condition: &Condition) -> usize {
    match condition {
        Condition::Not(part) => length(part),
        Condition::And(parts) | Condition::Or(parts) => parts.iter().map(length).sum::<usize>().max(1),
        Condition::Test(test) => tests(test),
        Condition::Any { list: _, body } => length(body),
        Condition::Constant(_) | Condition::All { .. } | Condition::Opaque(_) => 1,
    }
}

fn tests(test: &Test) -> usize {
    match &test.kind {
        TestKind::Equal(values) if values.len() <= SHORT_LIST => values.len().max(1),
        TestKind::Equal(_)
        | TestKind::Above { .. }
        | TestKind::Below { .. }
        | TestKind::Text(..)
        | TestKind::Present => 1,
    }
}

/// Compares a value's code with a bound.
#[inline]
pub(crate) fn compare(value: Code, check: Check, operand: u64) -> Outcome {
    let bound = operand.cast_signed();
    let (above, included, exact) = match check {
        Check::Above => (true, false, false),
        Check::AboveExact => (true, false, true),
        Check::AboveOrAt => (true, true, false),
        Check::AboveOrAtExact => (true, true, true),
        Check::Below => (false, false, false),
        Check::BelowExact => (false, false, true),
        Check::BelowOrAt => (false, true, false),
        Check::BelowOrAtExact => (false, true, true),
        Check::Nothing
        | Check::Always
        | Check::Equal
        | Check::Set
        | Check::EqualEach
        | Check::SetEach
        | Check::Present
        | Check::Start
        | Check::End
        | Check::Inside => return Outcome::Unknown,
    };
    if value.code != bound {
        Outcome::of((value.code > bound) == above)
    } else if exact && value.exact {
        Outcome::of(included)
    } else {
        Outcome::Unknown
    }
}
