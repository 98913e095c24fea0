//! The index: from one event to the rules it concerns, in time that does not grow with rules that do not match.
//!
//! An [`Index`] holds all rules that one event type triggers. Each is filed under *keys*, values that an event must
//! have for the rule to matter, such as `tenant == "t-7"`; an event looks up what it has, and only what is filed there
//! is looked at. What is left of a rule's condition is decided by guards beside the key, or where these do not tell, by
//! flat code over numbers that stand for values.
//!
//! What must be the same: for programs of this compiler, [`Index::find`] tells of exactly those rules for which
//! evaluating the condition by `hence_vm::verdict` would give `true`, a fault, or no answer as a value is missing; and
//! of all rules that have no condition or say what to do `otherwise`. [`Decision::Holds`] and [`Decision::Fails`] are
//! the answer of the evaluation. [`Decision::Open`] asks for the evaluation, whose answer may be anything.
//!
//! ```text
//! rule ─ lower ─► Condition ─ cover ─► keys ─► columns (values, ranges, parts of texts), pairs
//!                     └────── residual ─► flat code
//!
//! event ─► columns that keys are about ─► entries ─ guards ─► Found
//!                                                    └─ flat code ─► Found
//! ```
//!
//! An index is changed in one copy while others are read. Copies share all parts, and a change copies those it falls
//! into, so a writer clones the index that readers have, adds and removes rules, and puts the clone in its place.
//!
//! This crate evaluates nothing that faults, knows no headers and no order but that of the rules' numbers. Start with
//! [`Index::new`]; `cover.rs` says why nothing is lost.

mod attribute;
mod column;
mod condition;
mod cover;
mod event;
mod filing;
mod guard;
mod index;
mod lower;
mod posting;
mod residual;
#[cfg(test)]
mod sample;
mod search;
mod table;
#[cfg(test)]
mod tests;
mod value;

pub use filing::{Filing, Part, Reason, Selects};
pub use index::{Decision, Found, Index};
