//! Hot conditions as machine code: the same answers as the interpreter's, failures included.
//!
//! A [`hence_vm::Predicate`] says what a condition asks, step by step. [`compile`] makes one function of each: what
//! most steps ask (numbers of one word, texts, truth values, presence, elements of lists) is asked of the slots' memory
//! directly; a step that is not worth it, and a value that is not as the quick way wants it, is a call back into the
//! step of the predicate, and by it into the interpreter. So every condition compiles, and what fails is evaluated by
//! the interpreter, which says how. Explanations are the interpreter's always.
//!
//! [`Tiers`] decides what is compiled: conditions that are evaluated often, on a thread of its own.
//!
//! All `unsafe` is in `native.rs`. On machines whose memory is not laid out as [`layout`] finds it here, nothing is
//! compiled, and predicates answer as before.

mod emit;
mod layout;
mod native;
#[cfg(test)]
mod sample;
mod tiers;

pub use native::{Compiled, Unsupported, compile};
pub use tiers::{Mode, Tiers};
