//! `7 days before crm.member.renews_at at 09:00`: so long before or after a date that a field of an entity says.

use std::sync::Arc;

use hence_schema::Carrier;
use hence_syntax::ast::DateTrigger;
use hence_types::{Type, Value};

use super::Started;
use super::watched::{Watched, WatchedDate};
use crate::checker::Checker;
use crate::errors::trigger::{NotADate, TimeOfDayAndHours};

impl Checker<'_> {
    /// Returns what a date's trigger starts with: the fields that all events with the date carry.
    pub(super) fn date_trigger(&mut self, trigger: &DateTrigger) -> Option<(Started, Watched)> {
        let length = self.positive_length(&trigger.length);
        let zone = match &trigger.zone {
            Some((name, span)) => Some(self.zone_named(name, *span)?),
            None => None,
        };
        let at = match &trigger.at {
            Some(written) => Some(*self.times(std::slice::from_ref(written))?.first()?),
            None => None,
        };
        let (entity, name) = self.entity_field(&trigger.field)?;
        let field = entity.fields.fields.get(&name)?;
        if !matches!(field.ty.required(), Type::Error | Type::Date | Type::DateTime) {
            let (ty, declared) = (field.ty.required().clone(), field.origin);
            self.report(NotADate { span: trigger.field.span, name: name.to_string(), ty, declared });
            return None;
        }
        let length = length?;
        if let (Value::Duration(_), Some((_, span))) = (&length, &trigger.at) {
            self.report(TimeOfDayAndHours { span: *span, length: trigger.length.span });
            return None;
        }
        let carriers: Vec<Carrier> =
            entity.carriers.iter().filter(|carrier| carrier.fields.contains_key(&name)).cloned().collect();
        let events = carriers.iter().filter_map(|carrier| self.catalog.event_by_full_name(&carrier.event));
        let payloads: Vec<_> = events.map(|event| &event.payload).collect();
        let mut payload = crate::rule::common_fields(&payloads);
        payload.name = None;
        // Where all events call it so, the date is there when the time has come.
        let in_place =
            |carrier: &Carrier| carrier.fields.get(&name).is_some_and(|path| **path == [name.clone()]);
        if let Some(date) = payload.fields.get_mut(&name).filter(|_| carriers.iter().all(in_place)) {
            date.ty = date.ty.required().clone();
        }
        let full_name = Arc::from(format!("{}.{name}", entity.full_name));
        let watched = WatchedDate {
            entity: entity.full_name.clone(),
            key: entity.key.clone(),
            field: name,
            carriers,
            length,
            before: trigger.before,
            at,
            zone,
        };
        Some(((full_name, Arc::new(payload)), Watched::Date(watched)))
    }
}
