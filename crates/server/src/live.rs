//! What happens in the daemon, for whoever watches: `GET /v1/live`.
//!
//! Nothing is kept for those who come later or read too slowly: the history has it. Watching costs the way of an event one
//! look at whether anybody does.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use hence_engine::ExecutionId;
use serde_json::{Value, json};
use tokio::sync::broadcast;

/// How many messages wait for somebody who reads slowly, before the first are dropped.
const WAITING: usize = 1024;
/// How many may watch at a time.
const WATCHERS: usize = 64;

/// Something that happened.
#[derive(Debug, Clone)]
pub(crate) struct Happened {
    /// What it is of: `event`, `execution` or `step`.
    pub(crate) kind: &'static str,
    /// What it is, JSON.
    pub(crate) data: Arc<str>,
}

/// Where it is told.
#[derive(Debug)]
pub(crate) struct Live {
    sender: broadcast::Sender<Happened>,
    watchers: Arc<AtomicUsize>,
}

/// Somebody who watches.
#[derive(Debug)]
pub(crate) struct Watcher {
    pub(crate) receiver: broadcast::Receiver<Happened>,
    watchers: Arc<AtomicUsize>,
}

impl Drop for Watcher {
    fn drop(&mut self) {
        self.watchers.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Live {
    pub(crate) fn new() -> Self {
        Self { sender: broadcast::Sender::new(WAITING), watchers: Arc::default() }
    }

    /// Begins to watch; nothing if too many do.
    pub(crate) fn watch(&self) -> Option<Watcher> {
        let before = self.watchers.fetch_add(1, Ordering::AcqRel);
        let watcher = Watcher { receiver: self.sender.subscribe(), watchers: Arc::clone(&self.watchers) };
        (before < WATCHERS).then_some(watcher)
    }

    /// Tells of an event that came in, as its sender was answered.
    pub(crate) fn event(&self, answer: &Value) {
        self.tell("event", || answer.clone());
    }

    /// Tells of executions that an event started.
    pub(crate) fn started(&self, event: &str, executions: &[ExecutionId]) {
        for execution in executions {
            self.tell("execution", || json!({"id": execution.as_str(), "event": event}));
        }
    }

    /// Tells what came of a call.
    pub(crate) fn called(&self, execution: &ExecutionId, action: &str, error: Option<&str>) {
        self.tell("step", || {
            let status = if error.is_none() { "completed" } else { "failed" };
            json!({"execution": execution.as_str(), "action": action, "status": status, "error": error})
        });
    }

    fn tell(&self, kind: &'static str, what: impl FnOnce() -> Value) {
        if self.sender.receiver_count() > 0 {
            // Who has gone meanwhile needs no message.
            let _ = self.sender.send(Happened { kind, data: what().to_string().into() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_may_watch_and_whoever_goes_makes_room() {
        let live = Live::new();
        let mut watchers: Vec<_> = (0..WATCHERS).map(|_| live.watch().unwrap()).collect();
        assert!(live.watch().is_none() && live.watch().is_none());
        drop(watchers.pop());
        assert!(live.watch().is_some());
    }
}
