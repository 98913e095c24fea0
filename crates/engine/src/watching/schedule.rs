//! Schedules: a timer that remembers the time before for which the rule was started.

use std::sync::Arc;

use hence_schedule::Schedule;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use serde_json::json;

use super::{Firing, SOURCE};
use crate::{NewEvent, Target, Timer};

/// Returns the timer of a schedule that nobody has looked at before: what was due until now is no concern of it.
pub(super) fn begin(target: &Target, schedule: &Schedule, now: Timestamp, rule: &TimeZone) -> Option<Timer> {
    let due = schedule.recurrence.next(now, schedule.zone(rule))?;
    Some(Timer { target: target.clone(), key: Arc::from(""), due, memory: None })
}

/// Returns an event for each time that is due, and the timer of the next.
pub(super) fn fire(
    timer: &Timer,
    schedule: &Schedule,
    name: &Arc<str>,
    now: Timestamp,
    rule: &TimeZone,
) -> Firing {
    let due = schedule.due(timer.due, now, rule);
    let mut previous = timer.memory.clone();
    let mut events = Vec::with_capacity(due.now.len());
    for at in due.now {
        let text = at.to_string();
        let mut payload = json!({ "due": text });
        if let (Some(previous), Some(members)) = (&previous, payload.as_object_mut()) {
            members.insert("previous".to_owned(), json!(**previous));
        }
        events.push(NewEvent {
            id: timer.target.event_id(&text),
            source: Arc::from(SOURCE),
            name: Arc::clone(name),
            received_at: now,
            occurred_at: at,
            payload: payload.to_string().into(),
            mismatches: Vec::new(),
            target: Some(timer.target.clone()),
            cause: None,
            trace: None,
        });
        previous = Some(text.into());
    }
    let next = due.next.map(|due| Timer { due, memory: previous, ..timer.clone() });
    Firing { events, next }
}
