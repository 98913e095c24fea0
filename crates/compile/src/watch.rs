//! Triggers that are more than an event: what is to be watched for them.

use std::sync::Arc;

use hence_check::{
    Watched, WatchedChange, WatchedDate, WatchedField, WatchedLevel, WatchedPattern, WatchedRest,
};
use hence_ir::{
    DateWatch, Direction, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Plan, Rest,
    Slot, SlotId, Source, Watch, WatchKind,
};
use hence_schema::Carrier;

use crate::frame::Frame;

impl Frame<'_> {
    /// Compiles what is watched for the triggers of a rule.
    pub(crate) fn watches(&self) -> Vec<Watch> {
        let triggers = (0..).zip(&self.facts.watched);
        let watches = triggers.filter_map(|(trigger, watched)| {
            let kind = match watched {
                None => self.schedule(trigger)?,
                Some(Watched::Field(field)) => WatchKind::Field(self.field_watch(field)),
                Some(Watched::Date(date)) => WatchKind::Date(self.date_watch(date)),
                Some(Watched::Manual(parameters)) => WatchKind::Manual(parameters.clone()),
                Some(Watched::Pattern(pattern)) => WatchKind::Pattern(self.pattern(pattern)?),
            };
            Some(Watch { trigger, kind })
        });
        watches.collect()
    }

    fn field_watch(&self, watched: &WatchedField) -> FieldWatch {
        let full_name = |name: &str| Arc::from(format!("{}.{name}", watched.entity));
        let (condition, level) = match &watched.change {
            WatchedChange::Changes { from, to, stay } => {
                (FieldCondition::Changes { from: from.clone(), to: to.clone(), stay: stay.clone() }, None)
            }
            WatchedChange::Crosses { rises, level } => {
                let direction = if *rises { Direction::Rises } else { Direction::Falls };
                let (level, field) = match level {
                    WatchedLevel::Value(value) => (Level::Fixed(value.clone()), None),
                    WatchedLevel::Field(name) => (Level::Field(full_name(name)), Some(name)),
                };
                (FieldCondition::Crosses { direction, level }, field)
            }
        };
        let carriers = watched.carriers.iter();
        let carriers =
            carriers.filter_map(|carrier| self.carrier((&watched.key, &watched.field), carrier, level));
        FieldWatch { field: full_name(&watched.field), carriers: carriers.collect(), condition }
    }

    fn date_watch(&self, watched: &WatchedDate) -> DateWatch {
        let carriers = watched.carriers.iter();
        let carriers =
            carriers.filter_map(|carrier| self.carrier((&watched.key, &watched.field), carrier, None));
        DateWatch {
            field: Arc::from(format!("{}.{}", watched.entity, watched.field)),
            carriers: carriers.collect(),
            length: watched.length.clone(),
            before: watched.before,
            at: watched.at,
            zone: watched.zone.clone(),
        }
    }

    fn carrier(
        &self,
        (key, field): (&[Arc<str>], &Arc<str>),
        carrier: &Carrier,
        level: Option<&Arc<str>>,
    ) -> Option<FieldCarrier> {
        let mut plan = Plan::default();
        let mut add = |path: &[Arc<str>]| {
            plan.slots.push(self.slot_of(&carrier.event, path)?);
            Some(SlotId(plan.slots.len() as u32 - 1))
        };
        let key = key.iter().map(|name| add(carrier.fields.get(name)?)).collect::<Option<_>>()?;
        let value = add(carrier.fields.get(field)?)?;
        let old = carrier.old.get(field).and_then(|path| add(path));
        let actor = carrier.actor.as_ref().and_then(|path| add(path));
        let level = match level {
            Some(name) => Some(add(carrier.fields.get(name)?)?),
            None => None,
        };
        Some(FieldCarrier { event: carrier.event.clone(), plan, key, value, old, actor, level })
    }

    fn pattern(&self, watched: &WatchedPattern) -> Option<Pattern> {
        let keyed = |(event, path): &(Arc<str>, Vec<Arc<str>>)| {
            let plan = Plan { slots: vec![self.slot_of(event, path)?] };
            Some(KeyedEvent { event: event.clone(), plan })
        };
        let second = || watched.second.as_ref().and_then(keyed);
        let rest = match &watched.rest {
            WatchedRest::Without => Rest::Without(second()?),
            WatchedRest::Times(count) => Rest::Times(*count),
            WatchedRest::FollowedBy(name) => Rest::FollowedBy(second()?, name.clone()),
        };
        Some(Pattern { first: keyed(&watched.first)?, within: watched.within.clone(), rest })
    }

    /// Returns the slot of a field of an event.
    fn slot_of(&self, event: &str, path: &[Arc<str>]) -> Option<Slot> {
        let field = self.inputs.catalog.event_by_full_name(event)?.payload.at(path)?;
        let source = Source::Payload(path.to_vec());
        Some(Slot { source, ty: field.ty, wire: field.wire, sensitive: field.sensitive })
    }

    fn schedule(&self, trigger: u32) -> Option<WatchKind> {
        self.facts.schedules.get(&(trigger as usize)).cloned().map(WatchKind::Schedule)
    }
}
