//! What is watched for rules, as the store keeps it.

use std::sync::Arc;

use hence_types::jiff::Timestamp;

use crate::Target;

/// A trigger that is watched for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Watched {
    /// The rule and the trigger.
    pub target: Target,
    /// What is watched, in words: if it changes, watching begins anew.
    pub what: Arc<str>,
}

/// When to look at something that is watched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Timer {
    /// The rule and the trigger it is watched for.
    pub target: Target,
    /// Which of the things that are watched for the trigger, such as the key of an entity; empty if there is one only.
    pub key: Arc<str>,
    /// When. Kept to the microsecond.
    pub due: Timestamp,
    /// What is to be remembered until then.
    pub memory: Option<Arc<str>>,
}

/// What tells a timer from all others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TimerKey {
    /// The rule and the trigger.
    pub target: Target,
    /// Which of the things that are watched for it.
    pub key: Arc<str>,
}

impl Timer {
    /// Returns what tells it from all others.
    pub fn id(&self) -> TimerKey {
        TimerKey { target: self.target.clone(), key: Arc::clone(&self.key) }
    }
}
