//! The events of a case: `name.events.jsonl`, a sequence of `{"event": …, "id": …, "time": …, "data": …}`.
//!
//! `id` is `e1`, `e2`, … where it is not given; `time` is when the event happened and arrived. Payloads may be as
//! small as the rules allow: what no rule reads need not be there. With `"meanwhile": true` an event arrives while what
//! came before still waits.

use std::path::Path;

use hence_engine::NewEvent;
use hence_types::jiff::Timestamp;
use serde::Deserialize;
use serde_json::value::RawValue;

use crate::case::Failed;

/// The time of events that give none.
pub(crate) const NOW: &str = "2026-11-27T10:00:00Z";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written<'a> {
    event: String,
    id: Option<String>,
    time: Option<Timestamp>,
    #[serde(default)]
    meanwhile: bool,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// Reads the events of a case.
pub(crate) fn read(rule: &Path) -> Result<Vec<NewEvent>, Failed> {
    Ok(read_groups(rule)?.into_iter().flatten().collect())
}

/// Reads the events of a case, each with those that arrive while it is still waited in what it started.
pub(crate) fn read_groups(rule: &Path) -> Result<Vec<Vec<NewEvent>>, Failed> {
    let path = rule.with_extension("events.jsonl");
    let shown = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let now: Timestamp = NOW.parse().map_err(|error| format!("{error}"))?;
    let mut events: Vec<Vec<NewEvent>> = Vec::new();
    for (index, written) in serde_json::Deserializer::from_str(&text).into_iter::<Written<'_>>().enumerate() {
        let written = written.map_err(|error| format!("{shown}: {error}"))?;
        let time = written.time.unwrap_or(now);
        let event = NewEvent {
            id: written.id.unwrap_or_else(|| format!("e{}", index + 1)).into(),
            source: written.event.split('.').next().unwrap_or_default().into(),
            name: written.event.as_str().into(),
            received_at: time,
            occurred_at: time,
            payload: written.data.get().into(),
            mismatches: Vec::new(),
            target: None,
            cause: None,
        };
        match events.last_mut().filter(|_| written.meanwhile) {
            Some(group) => group.push(event),
            None => events.push(vec![event]),
        }
    }
    if events.is_empty() { Err(format!("{shown} holds no event")) } else { Ok(events) }
}
