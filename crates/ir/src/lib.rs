//! The instruction set over event slots: types, printed form, and the file they are kept in.
//!
//! A [`Program`] is everything a project's rules compile to. It stands alone: running it needs neither source
//! texts, nor the parser, nor the checker. Expressions are trees in one arena per rule ([`Node`] by [`NodeId`]),
//! reading event fields through numbered slots and variables through numbered locals, so that an evaluator
//! never looks a name up. Steps are a flat list with jumps, so that an execution's place is one number.
//!
//! Start with [`Program`] and [`Rule`]; [`bundle`] is the stored form.

pub mod bundle;
mod expression;
mod external;
mod fingerprint;
mod former;
mod pace;
mod print;
mod program;
mod step;
mod watch;

pub use expression::{
    Code, ConstantId, LocalId, MatchArm, Node, NodeId, Operation, PatternId, Quantifier, Segment, SlotId,
};
pub use external::{External, answered, externals};
pub use fingerprint::fingerprint;
pub use former::{FormerNames, family};
pub use pace::{Debounce, Length, Limit, Overlap, OverlapMode, Pace, Rollout, Variant};
pub use print::print;
pub use program::{EventType, Header, Plan, Program, Rule, RuleId, Slot, Source};
pub use step::{
    Argument, Await, Class, Effect, Key, OnError, Policy, Question, Resolution, Retry, Returned, Step,
};
pub use watch::{
    DateWatch, Direction, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Rest, Watch,
    WatchKind,
};
