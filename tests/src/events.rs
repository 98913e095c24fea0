//! The events of a case: `name.events.jsonl`, a sequence of `{"event": …, "id": …, "time": …, "data": …}`.
//!
//! `id` is `e1`, `e2`, … where it is not given; `time` is when the event happened and arrived. Payloads may be as
//! small as the rules allow: what no rule reads need not be there. With `"meanwhile": true` an event arrives while what
//! came before still waits. In `run/`, `{"until": …}` lets time pass until an instant.

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
    event: Option<String>,
    id: Option<String>,
    time: Option<Timestamp>,
    #[serde(default)]
    meanwhile: bool,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    until: Option<Timestamp>,
}

/// What happens in a case.
pub(crate) enum Happening {
    /// An event arrives, and others while it is still waited in what it started.
    Events(Vec<NewEvent>),
    /// Time passes until this instant.
    Until(Timestamp),
}

/// Reads the events of a case in which nothing else happens.
pub(crate) fn read(rule: &Path) -> Result<Vec<NewEvent>, Failed> {
    let mut events = Vec::new();
    for happening in script(rule)? {
        match happening {
            Happening::Events(group) => events.extend(group),
            Happening::Until(_) => return Err(format!("{}: time passes in `run/` only", rule.display())),
        }
    }
    Ok(events)
}

/// Reads what happens in a case.
pub(crate) fn script(rule: &Path) -> Result<Vec<Happening>, Failed> {
    let path = rule.with_extension("events.jsonl");
    let shown = path.display();
    let text = std::fs::read_to_string(&path).map_err(|error| format!("cannot read {shown}: {error}"))?;
    let now: Timestamp = NOW.parse().map_err(|error| format!("{error}"))?;
    let mut script: Vec<Happening> = Vec::new();
    for (index, written) in serde_json::Deserializer::from_str(&text).into_iter::<Written<'_>>().enumerate() {
        let written = written.map_err(|error| format!("{shown}: {error}"))?;
        let name = match (written.until, written.event) {
            (Some(until), None) => {
                script.push(Happening::Until(until));
                continue;
            }
            (None, Some(name)) => name,
            _ => return Err(format!("{shown}: each is an `event` with its `data`, or `until`")),
        };
        let time = written.time.unwrap_or(now);
        let event = NewEvent {
            id: written.id.unwrap_or_else(|| format!("e{}", index + 1)).into(),
            source: name.split('.').next().unwrap_or_default().into(),
            name: name.into(),
            received_at: time,
            occurred_at: time,
            payload: written.data.map_or("null", RawValue::get).into(),
            mismatches: Vec::new(),
            target: None,
            cause: None,
            trace: None,
        };
        match script.last_mut() {
            Some(Happening::Events(group)) if written.meanwhile => group.push(event),
            _ => script.push(Happening::Events(vec![event])),
        }
    }
    if script.is_empty() { Err(format!("{shown} holds no event")) } else { Ok(script) }
}
