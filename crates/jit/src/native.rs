//! Everything `unsafe`: looking at the bytes of values, calling compiled code, being called by it, and giving back its
//! memory.
#![expect(unsafe_code, reason = "machine code is called by its address; this is the one module that may")]

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use cranelift_jit::JITModule;
use hence_builtins::Context;
use hence_ir::Rule;
use hence_types::{Decimal, Record, RecordValue, Text, Value, jiff};
use hence_vm::predicate::{Answer, Frame, Step};
use hence_vm::{Failure, Predicate, Slots};

use crate::emit;

/// Why nothing can be compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsupported(pub(crate) String);

impl fmt::Display for Unsupported {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "conditions cannot be compiled on this machine: {}", self.0)
    }
}

impl std::error::Error for Unsupported {}

/// What compiled code is called as: the first slot, the frame, and the answer as a number.
type Entry = unsafe extern "C" fn(*const Value, *const Frame<'_>) -> u32;

/// Machine code of several conditions. Its memory can be written or executed, never both, and is given back with the
/// last condition that has code in it.
struct Memory {
    /// Always there but while it is dropped.
    module: Mutex<Option<JITModule>>,
}

impl Drop for Memory {
    fn drop(&mut self) {
        let module = self.module.get_mut().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(module) = module {
            // SAFETY: the functions are called by `Compiled` alone, each of which holds on to this memory. As it is
            // dropped, none of them is left, so none is running and none will be called.
            unsafe { module.free_memory() };
        }
    }
}

/// A condition as machine code.
pub struct Compiled {
    entry: Entry,
    /// How many slots the code reads at most.
    slots: usize,
    /// What the code calls back into; its address is in the code.
    predicate: Arc<Predicate>,
    _memory: Arc<Memory>,
}

impl fmt::Debug for Compiled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compiled").field("slots", &self.slots).finish_non_exhaustive()
    }
}

impl Compiled {
    /// Evaluates the condition: as [`hence_vm::verdict`] does. The rule is the one the predicate was made of.
    ///
    /// # Errors
    ///
    /// The failure of the evaluation.
    #[inline]
    pub fn verdict(&self, rule: &Rule, slots: &Slots, context: &Context) -> Result<bool, Failure> {
        if slots.values.len() < self.slots {
            return self.predicate.verdict(rule, slots, context);
        }
        let frame = Frame::new(rule, slots, context);
        // SAFETY: the code was made for this signature and is there as long as `_memory` is. It reads the first
        // `self.slots` values only, of which there are as many, and what they own; nothing changes or drops them
        // while `slots` is borrowed. It hands `frame` to the functions below, which take it as what it is.
        let answer = unsafe { (self.entry)(slots.values.as_ptr(), &raw const frame) };
        match answer {
            1 => Ok(true),
            0 => Ok(false),
            _ => hence_vm::verdict(rule, slots, context),
        }
    }

    /// Returns the predicate it was made of.
    pub fn predicate(&self) -> &Arc<Predicate> {
        &self.predicate
    }
}

/// Compiles conditions, all into one piece of memory.
///
/// # Errors
///
/// Where machine or memory do not allow it. Conditions themselves are never refused.
pub fn compile(predicates: &[Arc<Predicate>]) -> Result<Vec<Compiled>, Unsupported> {
    // What goes wrong in the compiler is no reason to stop: predicates answer without code.
    let emitted = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| emit::module(predicates)));
    let emitted = emitted.unwrap_or_else(|_| Err(Unsupported("the compiler broke off".to_owned())));
    let emit::Emitted { module, functions } = emitted?;
    let code: Vec<(*const u8, usize)> = functions
        .iter()
        .map(|function| (module.get_finalized_function(function.id), function.slots))
        .collect();
    let memory = Arc::new(Memory { module: Mutex::new(Some(module)) });
    let compiled = code.into_iter().zip(predicates).map(|((address, slots), predicate)| {
        // SAFETY: the address is that of a finished function, which `emit` made with the signature of `Entry`.
        let entry = unsafe { std::mem::transmute::<*const u8, Entry>(address) };
        Compiled { entry, slots, predicate: Arc::clone(predicate), _memory: Arc::clone(&memory) }
    });
    Ok(compiled.collect())
}

/// The functions that compiled code calls, by their addresses.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Helpers {
    /// A step in no quantifier: step, frame.
    pub(crate) step: usize,
    /// A step inside of a step that has no quantifier: step, frame.
    pub(crate) inner: usize,
    /// A step for an element: step, frame, element.
    pub(crate) within: usize,
    /// The order of two instants, -1, 0, or 1.
    pub(crate) instants: usize,
}

impl Helpers {
    pub(crate) fn new() -> Helpers {
        let step: unsafe extern "C" fn(*const Step, *const Frame<'_>) -> u32 = answer_step;
        let inner: unsafe extern "C" fn(*const Step, *const Frame<'_>) -> u32 = answer_inner;
        let within: unsafe extern "C" fn(*const Step, *const Frame<'_>, *const Value) -> u32 = answer_within;
        let instants: unsafe extern "C" fn(*const jiff::Timestamp, *const jiff::Timestamp) -> i32 =
            order_instants;
        Helpers {
            step: step as usize,
            inner: inner as usize,
            within: within as usize,
            instants: instants as usize,
        }
    }
}

/// Asks a step of a predicate.
///
/// # Safety
/// Both point to what they say: the code has the address of a step that its predicate owns, and the frame it was
/// given.
unsafe extern "C" fn answer_step(step: *const Step, frame: *const Frame<'_>) -> u32 {
    // SAFETY: see above.
    let (step, frame) = unsafe { (&*step, &*frame) };
    guarded(|| step.answer(frame))
}

/// Asks a step inside of another.
///
/// # Safety
/// As [`answer_step`].
unsafe extern "C" fn answer_inner(step: *const Step, frame: *const Frame<'_>) -> u32 {
    // SAFETY: see above.
    let (step, frame) = unsafe { (&*step, &*frame) };
    guarded(|| step.answer(&frame.inner()))
}

/// Asks a step about an element.
///
/// # Safety
/// As [`answer_step`]; the element is one of a list that a slot of the frame's event owns.
unsafe extern "C" fn answer_within(step: *const Step, frame: *const Frame<'_>, element: *const Value) -> u32 {
    // SAFETY: see above.
    let (step, frame, element) = unsafe { (&*step, &*frame, &*element) };
    guarded(|| step.answer(&frame.within(element)))
}

/// Compares two instants.
///
/// # Safety
/// Both point to instants: one in a value that the code has asked for its tag, one in the predicate.
unsafe extern "C" fn order_instants(left: *const jiff::Timestamp, right: *const jiff::Timestamp) -> i32 {
    // SAFETY: see above.
    let (left, right) = unsafe { (&*left, &*right) };
    left.cmp(right) as i32
}

/// No panic goes through compiled code: the interpreter meets it again, outside.
fn guarded(answer: impl FnOnce() -> Answer) -> u32 {
    let answer = std::panic::catch_unwind(std::panic::AssertUnwindSafe(answer)).unwrap_or(Answer::Open);
    u32::from(answer as u8)
}

/// Returns the byte that tells the variant of a value.
pub(crate) fn tag(value: &Value) -> u8 {
    // SAFETY: `Value` is `repr(u8)`, so it begins with a byte that is the variant's number.
    unsafe { *std::ptr::from_ref(value).cast::<u8>() }
}

/// Returns the four words of a decimal as they stand.
pub(crate) fn decimal_words(decimal: &Decimal) -> [u32; 4] {
    const { assert!(size_of::<Decimal>() == 16) };
    // SAFETY: a decimal is four words without anything between them, whatever their order: it has 16 bytes.
    unsafe { *std::ptr::from_ref(decimal).cast::<[u32; 4]>() }
}

/// Returns the words of a text as they stand.
pub(crate) fn text_words(text: &Text) -> [u64; 2] {
    const { assert!(size_of::<Text>() == 16 && align_of::<Text>() == 8) };
    // SAFETY: a text has 16 bytes without anything between them: those of a short text and a byte of its length, or
    // the address and the length of a long one.
    unsafe { *std::ptr::from_ref(text).cast::<[u64; 2]>() }
}

/// Returns the words of a counted list as they stand.
pub(crate) fn list_words(list: &Arc<[Value]>) -> [usize; 2] {
    const { assert!(size_of::<Arc<[Value]>>() == 16) };
    // SAFETY: a pointer to something without a known size is two words, address and length, in some order.
    unsafe { *std::ptr::from_ref(list).cast::<[usize; 2]>() }
}

/// Returns the words of a record's fields as they stand.
pub(crate) fn fields_words(record: &RecordValue) -> [usize; 2] {
    const { assert!(size_of::<Box<[Value]>>() == 16) };
    // SAFETY: as for `list_words`.
    unsafe { *std::ptr::from_ref(&record.fields).cast::<[usize; 2]>() }
}

/// Returns the word of a counted record as it stands.
pub(crate) fn record_word(record: &Arc<RecordValue>) -> usize {
    const { assert!(size_of::<Arc<RecordValue>>() == 8) };
    // SAFETY: a pointer to something of a known size is one word, its address.
    unsafe { *std::ptr::from_ref(record).cast::<usize>() }
}

/// Returns the word of a counted shape as it stands.
pub(crate) fn shape_word(shape: &Arc<Record>) -> usize {
    const { assert!(size_of::<Arc<Record>>() == 8) };
    // SAFETY: as for `record_word`.
    unsafe { *std::ptr::from_ref(shape).cast::<usize>() }
}
