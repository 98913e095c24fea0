//! What ended long ago is deleted: the reference for the other stores.

use std::collections::BTreeSet;

use hence_engine::{EventSequence, EventState, Forgotten, StoredEvent};
use hence_types::jiff::Timestamp;

use super::State;

impl State {
    /// Deletes executions that ended before an instant, with their steps, the earliest first.
    pub(super) fn forget_executions(&mut self, ended_before: Timestamp, limit: usize) -> usize {
        let ended = self.executions.iter().filter_map(|(sequence, execution)| {
            let ended_at = execution.ended_at.filter(|ended_at| *ended_at < ended_before)?;
            Some((ended_at, *sequence, execution.id.clone()))
        });
        let ended: BTreeSet<_> = ended.collect();
        let count = ended.len().min(limit);
        for (_, sequence, id) in ended.into_iter().take(limit) {
            self.put(sequence, None);
            self.executions_by_id.remove(&id);
            self.steps.retain(|(execution, ..), _| *execution != id);
            drop(self.waits_ended(&id));
        }
        count
    }

    /// Looks at events behind a place, and deletes those that nothing needs any more.
    pub(super) fn forget_events(
        &mut self,
        arrived_before: Timestamp,
        behind: EventSequence,
        limit: usize,
    ) -> Forgotten {
        let behind = self.events.range(behind.0.saturating_add(1)..).take(limit);
        let looked_at: Vec<(u64, Timestamp)> =
            behind.map(|(sequence, event)| (*sequence, event.event.received_at)).collect();
        let old = looked_at.iter().take_while(|(_, received_at)| *received_at < arrived_before);
        let old: Vec<u64> = old.map(|(sequence, _)| *sequence).collect();
        let forgotten: Vec<u64> = old.iter().copied().filter(|sequence| !self.is_needed(*sequence)).collect();
        for sequence in &forgotten {
            if let Some(StoredEvent { event, .. }) = self.events.remove(sequence) {
                self.events_by_key.remove(&(event.source, event.id));
            }
        }
        let is_more = looked_at.len() == limit && old.len() == limit;
        let next = old.last().filter(|_| is_more).map(|last| EventSequence(*last));
        Forgotten { count: forgotten.len(), next }
    }

    fn is_needed(&self, sequence: u64) -> bool {
        let Some(stored) = self.events.get(&sequence) else { return false };
        let place = EventSequence(sequence);
        let has_executions =
            |event: EventSequence| self.executions.values().any(|execution| execution.event == event);
        stored.state == EventState::Accepted
            || self.last_event() == place
            || has_executions(place)
            || stored.event.cause.is_some_and(|cause| has_executions(cause.event))
            || self.events.values().any(|later| later.event.cause.is_some_and(|cause| cause.event == place))
            || self.watches.values().any(|state| state.event == Some(place))
            || self.looked_at.get(&stored.event.name).is_some_and(|looked_at| *looked_at < place)
    }
}
