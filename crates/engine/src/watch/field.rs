//! Fields of entities: changes, stays and crossings.
//!
//! Of a field the value seen last is kept, once for all rules, unless every event that carries it says what it was
//! before. The first sight of an entity is no change. Where a value is known and an event brings the same, nothing
//! changed, whatever the event says: two events may tell of one change.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Context};
use hence_ir::{Direction, FieldCondition, Level, SlotId};
use hence_types::jiff::Timestamp;
use hence_types::{Value, journal};
use hence_vm::Slots;

use super::payload::plain;
use super::prepare::{Field, FieldTrigger, Trigger};
use super::session::Session;
use super::{WatchId, WatchState, after, key_text};
use crate::StoredEvent;
use crate::matching::event_input;
use crate::store::Error;

/// What became of a field.
struct Became<'e> {
    event: &'e StoredEvent,
    key: Arc<str>,
    /// What it was before, where that is known.
    old: Option<Value>,
    new: Value,
    actor: Option<Value>,
    old_level: Value,
    new_level: Value,
}

impl Session<'_> {
    /// Takes an event that carries fields.
    pub(super) fn fields(&mut self, fields: &[Field], event: &StoredEvent) -> Result<(), Error> {
        let mut seen = Vec::new();
        for field in fields {
            let slots = field.projection.decode(&event_input(event));
            let Some(became) = self.became(field, &slots, event)? else { continue };
            for trigger in &field.triggers {
                self.watch_field(trigger, &became)?;
            }
            let kept = [(&field.kept, &became.new), (&field.kept_level, &became.new_level)];
            for (watch, value) in kept.into_iter().filter_map(|(watch, value)| Some((watch.clone()?, value)))
            {
                let id = WatchId { watch, key: became.key.clone() };
                let state = journal::encode(value).to_string().into();
                seen.push(WatchState { id, state, event: None, due: None });
            }
        }
        // Written after all were read, as several triggers may compare the same fields.
        seen.into_iter().try_for_each(|state| self.put(state))
    }

    /// Returns what became of a field; nothing if the event does not say, or says it otherwise than its schema.
    fn became<'e>(
        &mut self,
        field: &Field,
        slots: &Slots,
        event: &'e StoredEvent,
    ) -> Result<Option<Became<'e>>, Error> {
        let carrier = &field.carrier;
        let broken =
            |slot: SlotId| slots.mismatches.iter().any(|found| found.slot.is_none_or(|own| own == slot));
        let value = |slot: SlotId| slots.values.get(slot.0 as usize).cloned().unwrap_or(Value::Missing);
        let keys: Vec<Value> = carrier.key.iter().map(|slot| value(*slot)).collect();
        let Some(key) = key_text(keys.iter()) else { return Ok(None) };
        if broken(carrier.value) {
            return Ok(None);
        }
        let new = value(carrier.value);
        let said = carrier.old.filter(|slot| !broken(*slot)).map(value);
        let known = self.seen_last(field.kept.as_ref(), &key)?;
        let old = match (known, said) {
            (Some(known), _) if same(&known, &new) => Some(known),
            (_, Some(said)) => Some(said),
            (known, None) => known,
        };
        let new_level = carrier.level.map_or(Value::Missing, value);
        let old_level = self.seen_last(field.kept_level.as_ref(), &key)?.unwrap_or_else(|| new_level.clone());
        let actor = carrier.actor.map(value);
        Ok(Some(Became { event, key, old, new, actor, old_level, new_level }))
    }

    /// Returns the value of a field that was seen last, if one was.
    fn seen_last(&mut self, watch: Option<&Arc<str>>, key: &Arc<str>) -> Result<Option<Value>, Error> {
        let Some(watch) = watch else { return Ok(None) };
        let state = self.get(&WatchId { watch: watch.clone(), key: key.clone() })?;
        Ok(state.and_then(|state| decoded(&state.state)))
    }

    fn watch_field(&mut self, watching: &FieldTrigger, became: &Became<'_>) -> Result<(), Error> {
        let Some(old) = &became.old else { return Ok(()) };
        let trigger = &watching.trigger;
        match &watching.condition {
            FieldCondition::Changes { from, to, stay } => {
                if same(old, &became.new) {
                    return Ok(());
                }
                let is = |wanted: &Option<Value>, value: &Value| {
                    wanted.as_ref().is_none_or(|wanted| same(wanted, value))
                };
                let wanted = is(from, old) && is(to, &became.new);
                match (stay, &watching.stay) {
                    (Some(stay), Some(watch)) => {
                        let id = WatchId { watch: watch.clone(), key: became.key.clone() };
                        let due = after(became.event.event.received_at, stay, &trigger.zone);
                        let Some(due) = due.filter(|_| wanted) else { return self.remove(&id) };
                        let values =
                            [old.clone(), became.new.clone(), became.actor.clone().unwrap_or(Value::Missing)];
                        let state = journal::encode(&Value::List(values.into())).to_string().into();
                        self.put(WatchState { id, state, event: Some(became.event.sequence), due: Some(due) })
                    }
                    _ if wanted => {
                        self.fire_change(trigger, became, old);
                        Ok(())
                    }
                    _ => Ok(()),
                }
            }
            FieldCondition::Crosses { direction, level } => {
                let (before, now) = match level {
                    Level::Fixed(level) => (level, level),
                    Level::Field(_) => (&became.old_level, &became.new_level),
                };
                // What is missing is on neither side.
                let was_on_this_side = past(*direction, old, before) == Some(false);
                if was_on_this_side && past(*direction, &became.new, now) == Some(true) {
                    self.fire_change(trigger, became, old);
                }
                Ok(())
            }
        }
    }

    fn fire_change(&mut self, trigger: &Trigger, became: &Became<'_>, old: &Value) {
        let actor = became.actor.as_ref();
        let further = further(old, &became.new, actor);
        let occasion = format!("{} {}", became.event.sequence.0, became.key);
        let at = became.event.event.occurred_at;
        self.fire_with(trigger, became.event, &further, at, &occasion);
    }

    /// A field stayed as it became for as long as a trigger wants.
    pub(super) fn stayed(
        &mut self,
        trigger: &Trigger,
        state: &WatchState,
        due: Timestamp,
    ) -> Result<(), Error> {
        let Some(event) = self.event_of(state)? else { return Ok(()) };
        let values = decoded(&state.state);
        if let Some([old, new, actor]) = values.as_ref().and_then(Value::as_list) {
            let further = further(old, new, Some(actor));
            self.fire_with(trigger, &event, &further, due, &format!("{} {due}", state.id.key));
        }
        Ok(())
    }
}

fn further(old: &Value, new: &Value, actor: Option<&Value>) -> Vec<(&'static str, String)> {
    let mut further = vec![("old", plain(old)), ("new", plain(new))];
    further.extend(actor.map(|actor| ("actor", plain(actor))));
    further
}

fn same(one: &Value, other: &Value) -> bool {
    match (one.is_missing(), other.is_missing()) {
        (true, true) => true,
        (false, false) => hence_types::equal(one, other),
        _ => false,
    }
}

/// Returns whether a value is past a level; nothing where one is missing or they cannot be compared.
fn past(direction: Direction, value: &Value, level: &Value) -> Option<bool> {
    if value.is_missing() || level.is_missing() {
        return None;
    }
    let operator = match direction {
        Direction::Falls => BinaryOperator::Less,
        Direction::Rises => BinaryOperator::Greater,
    };
    let context = Context { now: Timestamp::UNIX_EPOCH, zone: hence_types::jiff::tz::TimeZone::UTC };
    (operator.definition().apply)(value, level, Case::Sensitive, &context).ok()?.as_bool()
}

fn decoded(state: &str) -> Option<Value> {
    journal::decode(&serde_json::from_str(state).ok()?).ok()
}
