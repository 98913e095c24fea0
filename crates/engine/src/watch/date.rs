//! Dates that fields of entities say: so long before or after, once for each entity and date.
//!
//! Of an entity the time is kept at which the rule starts, until it does. An event with another date moves it; one with the
//! same date only brings the newer payload. A time that has passed when its date becomes known never starts the rule, so what
//! has started it once does not again.

use hence_builtins::BinaryOperator;
use hence_types::Value;
use hence_types::jiff::Timestamp;
use hence_vm::Slots;

use super::prepare::{DateField, Trigger};
use super::session::Session;
use super::{WatchId, WatchState, key_text, moved};
use crate::StoredEvent;
use crate::matching::event_input;
use crate::store::Error;

impl Session<'_> {
    /// Takes an event that carries dates.
    pub(super) fn dates(&mut self, dates: &[DateField], event: &StoredEvent) -> Result<(), Error> {
        for date in dates {
            let slots = date.projection.decode(&event_input(event));
            let carrier = &date.carrier;
            let broken =
                slots.mismatches.iter().any(|found| found.slot.is_none_or(|slot| slot == carrier.value));
            let Some(key) = key_text(carrier.key.iter().filter_map(|slot| slot_value(&slots, slot.0))) else {
                continue;
            };
            if broken {
                continue;
            }
            let id = WatchId { watch: date.kept.clone(), key };
            let value = slot_value(&slots, carrier.value.0).unwrap_or(&Value::Missing);
            match date.due(value).filter(|due| *due > event.event.received_at) {
                Some(due) => {
                    let state = due.to_string().into();
                    self.put(WatchState { id, state, event: Some(event.sequence), due: Some(due) })?;
                }
                None => self.remove(&id)?,
            }
        }
        Ok(())
    }

    /// The time has come that a date says.
    pub(super) fn date_has_come(
        &mut self,
        trigger: &Trigger,
        state: &WatchState,
        due: Timestamp,
    ) -> Result<(), Error> {
        if let Some(event) = self.event_of(state)? {
            let payload = event.event.payload.clone();
            self.fire(trigger, &event, payload, due, &format!("{} {due}", state.id.key));
        }
        Ok(())
    }
}

impl DateField {
    /// Returns when the rule starts for a date; nothing for a date that is missing, or beyond all calendars.
    fn due(&self, date: &Value) -> Option<Timestamp> {
        let date = if let Value::DateTime(at) = date {
            *at
        } else if let Value::Date(date) = date {
            date.to_zoned(self.zone.clone()).ok()?.timestamp()
        } else {
            return None;
        };
        let operator = if self.before { BinaryOperator::Subtract } else { BinaryOperator::Add };
        let due = moved(operator, date, &self.length, &self.zone)?;
        let Some(at) = self.at else { return Some(due) };
        let day = due.to_zoned(self.zone.clone()).date();
        day.to_datetime(at).to_zoned(self.zone.clone()).ok().map(|due| due.timestamp())
    }
}

fn slot_value(slots: &Slots, slot: u32) -> Option<&Value> {
    slots.values.get(slot as usize)
}
