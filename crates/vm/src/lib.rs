//! The virtual machine: payloads to slots, the interpreter, and explanations.
//!
//! [`Projection`] reads the fields that rules need of an event, in one pass over its JSON text, into [`Slots`].
//! [`Machine`] evaluates a rule's expressions over them; it *is* the meaning of the IR, which faster evaluators
//! must reproduce. [`explain`](explain()) evaluates a condition once more and tells, part by part, why it came
//! out as it did. Everything here is a function of its arguments: no clock, no disk, no source text.
//!
//! Start with [`Projection::new`] and [`verdict`].

mod decode;
mod evaluator;
mod event;
mod explain;
mod machine;
pub mod predicate;
#[cfg(test)]
mod sample;

pub use decode::{
    Decoded, Decoder, Mapping, MergedProjection, Mismatch, Projection, ReadId, Slots, View, decode,
};
pub use evaluator::{Conditions, Evaluator, InTiers, Interpreter, Predicates};
pub use event::EventInput;
pub use explain::{Explanation, Flip, Marks, Outcome, Part, Verdict, explain, parts};
pub use machine::{Failure, Machine, verdict};
pub use predicate::Predicate;
