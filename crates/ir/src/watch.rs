//! Watches: triggers that are more than an event.
//!
//! The engine watches on behalf of the rule. When the time has come, or what happened makes it so, it puts an event
//! into the inbox that is addressed to this rule and trigger. What follows is as for any other event.

use hence_schedule::Schedule;

/// What the engine watches for one trigger of a rule.
#[derive(Debug, Clone, PartialEq)]
pub struct Watch {
    /// The trigger: an index into [`Rule::triggers`](crate::Rule::triggers), where the type of the event stands.
    pub trigger: u32,
    /// What is watched.
    pub kind: WatchKind,
}

/// What is watched.
#[derive(Debug, Clone, PartialEq)]
pub enum WatchKind {
    /// The time: it fires whenever the schedule is due.
    Schedule(Schedule),
}
