//! What a running daemon tells of rules, for lenses: asked for when a lens is shown, beside everything else, and kept for
//! a minute.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How long an answer is kept, also that there is none.
const KEPT: Duration = Duration::from_secs(60);

/// What a rule did in the last 24 hours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Activity {
    /// How many executions it has begun.
    pub fired: u64,
    /// How many of them have failed.
    pub failed: u64,
    /// Whether there are more than were counted.
    pub more: bool,
}

impl Activity {
    /// Returns the words for people.
    pub(super) fn title(self) -> String {
        let counted = |count: u64, one: &str, many: &str| match count {
            1 => format!("1 {one}"),
            count => format!("{count} {many}"),
        };
        let more = if self.more { "more than " } else { "" };
        let failed = match self.failed {
            0 => String::new(),
            failed => format!(", {}", counted(failed, "failure", "failures")),
        };
        match self.fired {
            0 => "not fired in 24 h".to_owned(),
            fired => format!("fired {more}{} in 24 h{failed}", counted(fired, "time", "times")),
        }
    }
}

/// When a rule was asked for, and what was answered.
type Kept = HashMap<String, (Instant, Option<Activity>)>;

type Ask = dyn Fn(&str) -> Option<Activity> + Send + Sync;

/// A daemon that can be asked what a rule did.
#[derive(Clone)]
pub struct Daemon {
    ask: Arc<Ask>,
    kept: Arc<Mutex<Kept>>,
}

impl fmt::Debug for Daemon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Daemon")
    }
}

impl Daemon {
    /// Returns a daemon that is asked so, by the name of a rule; no answer is one as well. It may take its time, as
    /// nothing waits for it.
    pub fn new(ask: impl Fn(&str) -> Option<Activity> + Send + Sync + 'static) -> Self {
        Self { ask: Arc::new(ask), kept: Arc::default() }
    }

    /// Returns what a rule did.
    pub(super) fn of(&self, rule: &str) -> Option<Activity> {
        let kept = || self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().get(rule).copied();
        if let Some((at, activity)) = known
            && at.elapsed() < KEPT
        {
            return activity;
        }
        let activity = (self.ask)(rule);
        kept().insert(rule.to_owned(), (Instant::now(), activity));
        activity
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_told_in_words() {
        let title = |fired, failed, more| Activity { fired, failed, more }.title();
        assert_eq!(title(0, 0, false), "not fired in 24 h");
        assert_eq!(title(1, 1, false), "fired 1 time in 24 h, 1 failure");
        assert_eq!(title(10_000, 3, true), "fired more than 10000 times in 24 h, 3 failures");
    }
}
