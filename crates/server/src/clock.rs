//! The system's clock, and what comes of chance: ids of events that bring none, of traces, and the texts of tokens. The one place
//! that asks the system for either.

use std::time::Duration;

use hence_engine::Clock;
use hence_types::jiff::Timestamp;

/// The clock of the machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Timestamp {
        Timestamp::now()
    }
}

/// Returns a fresh id for an event: a UUID of version 7, so that ids rise with time.
pub(crate) fn fresh_id() -> String {
    uuid::Uuid::now_v7().to_string()
}

/// Returns the text of a new token: more chance than can ever be guessed.
pub(crate) fn fresh_secret() -> String {
    format!("hence_{}{}", uuid::Uuid::new_v4().simple(), uuid::Uuid::new_v4().simple())
}

/// Returns the id of a new trace.
pub(crate) fn fresh_trace() -> [u8; 16] {
    *uuid::Uuid::new_v4().as_bytes()
}

/// Returns the id of a new span.
pub(crate) fn fresh_span() -> [u8; 8] {
    uuid::Uuid::new_v4().as_u64_pair().0.to_be_bytes()
}

/// Returns how long it is from now to an instant, nothing if it has passed.
pub(crate) fn until(clock: &dyn Clock, at: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(clock.now())).unwrap_or_default()
}
