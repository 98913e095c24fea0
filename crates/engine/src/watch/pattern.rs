//! Events that belong together: absence, a count, a sequence.

use std::sync::Arc;

use hence_types::jiff::Timestamp;
use hence_vm::Projection;

use super::prepare::{Following, Keyed};
use super::session::Session;
use super::{WatchId, WatchState, after, key_text};
use crate::StoredEvent;
use crate::matching::event_input;
use crate::store::Error;

impl Session<'_> {
    /// Takes an event that begins a pattern, or is counted.
    pub(super) fn first(&mut self, keyed: &Keyed, event: &StoredEvent) -> Result<(), Error> {
        let Some(id) = id(keyed, event) else { return Ok(()) };
        let arrived = event.event.received_at;
        let Some(end) = after(arrived, &keyed.within, &keyed.trigger.zone) else { return Ok(()) };
        match &keyed.rest {
            Following::Absence | Following::Sequence(_) => {
                self.put(WatchState { id, state: "".into(), event: Some(event.sequence), due: Some(end) })
            }
            Following::Times(count) => {
                let state = self.get(&id)?;
                let mut ends = state.map(|state| ends(&state.state)).unwrap_or_default();
                ends.retain(|end| *end > arrived.as_microsecond());
                ends.push(end.as_microsecond());
                if ends.len() >= *count as usize {
                    let occasion = format!("{}", event.sequence.0);
                    let payload = event.event.payload.clone();
                    self.fire(&keyed.trigger, event, payload, event.event.occurred_at, &occasion);
                    return self.remove(&id);
                }
                let last = ends.iter().max().and_then(|micros| Timestamp::from_microsecond(*micros).ok());
                let texts: Vec<String> = ends.iter().map(ToString::to_string).collect();
                self.put(WatchState { id, state: texts.join(" ").into(), event: None, due: last })
            }
        }
    }

    /// Takes an event that ends a pattern: well, or by keeping it from becoming one.
    pub(super) fn second(&mut self, keyed: &Keyed, event: &StoredEvent) -> Result<(), Error> {
        let Some(id) = id(keyed, event) else { return Ok(()) };
        if let Following::Sequence(name) = &keyed.rest
            && let Some(state) = self.get(&id)?
            && let Some(first) = self.event_of(&state)?
        {
            let further = [(&**name, first.event.payload.to_string())];
            let occasion = format!("{}", event.sequence.0);
            self.fire_with(&keyed.trigger, event, &further, event.event.occurred_at, &occasion);
        }
        self.remove(&id)
    }
}

/// Returns what the state of an event's key is kept for; nothing if it has no key.
fn id(keyed: &Keyed, event: &StoredEvent) -> Option<WatchId> {
    let key = key_of(&keyed.projection, event)?;
    Some(WatchId { watch: keyed.watch.clone(), key })
}

fn key_of(projection: &Projection, event: &StoredEvent) -> Option<Arc<str>> {
    let slots = projection.decode(&event_input(event));
    key_text(slots.values.iter())
}

/// Returns the instants at which counted events are no longer counted, in microseconds.
fn ends(state: &str) -> Vec<i64> {
    state.split(' ').filter_map(|text| text.parse().ok()).collect()
}
