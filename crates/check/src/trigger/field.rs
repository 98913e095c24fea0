//! `monday.item.status changes to "Done"`: a field of an entity.

use std::sync::Arc;

use hence_schema::{Carrier, Entity};
use hence_syntax::ast::{Expression, ExpressionKind, FieldChange, FieldTrigger, Path};
use hence_types::{Field, Record, Type, Value};

use super::Started;
use super::watched::{Watched, WatchedChange, WatchedField, WatchedLevel};
use crate::checker::Checker;
use crate::errors::names::UnknownIntegration;
use crate::errors::test::ValueType;
use crate::errors::trigger::{LevelNotCarried, NotFixed, SameValue, UnknownEntity, UnorderedField};

impl<'a> Checker<'a> {
    /// Returns what a field's trigger starts with: the payload of the event that carries the change, and `old`, `new`
    /// and `actor` beside it.
    pub(super) fn field_trigger(&mut self, trigger: &FieldTrigger) -> Option<(Started, Watched)> {
        let (entity, name) = self.entity_field(&trigger.field)?;
        let field = entity.fields.fields.get(&name)?.clone();
        let carriers: Vec<Carrier> =
            entity.carriers.iter().filter(|carrier| carrier.fields.contains_key(&name)).cloned().collect();
        let change = match &trigger.change {
            FieldChange::Changes { from, to, stay } => {
                self.change(&name, &field, [from, to], stay.as_ref())?
            }
            FieldChange::FallsBelow(level) | FieldChange::RisesAbove(level) => {
                let rises = matches!(trigger.change, FieldChange::RisesAbove(_));
                let level = self.level(trigger, entity, (&name, &field), &carriers, level)?;
                WatchedChange::Crosses { rises, level }
            }
        };
        let payload = self.payload_of_change(&carriers, &name, &field, &change);
        let full_name = Arc::from(format!("{}.{name}", entity.full_name));
        let key = entity.key.clone();
        let field = WatchedField { entity: entity.full_name.clone(), key, field: name, carriers, change };
        Some(((full_name, Arc::new(payload)), Watched::Field(field)))
    }

    /// Returns the entity and field of a path; what is not there is reported.
    pub(super) fn entity_field(&mut self, path: &Path) -> Option<(&'a Entity, Arc<str>)> {
        let (integration, rest) = path.names.split_first()?;
        let Some(found) = self.catalog.integrations.get(&integration.text) else {
            let candidates = self.catalog.integrations.keys().cloned().collect();
            let written = integration.text.clone();
            self.report(UnknownIntegration { written, span: integration.span, candidates });
            return None;
        };
        let entity = rest.first().and_then(|name| found.entities.get(&name.text));
        let (Some(entity), [_, field]) = (entity, rest) else {
            self.report(UnknownEntity {
                path: path.clone(),
                declared: found.origin,
                entity: entity.map(|entity| entity.fields.fields.keys().map(ToString::to_string).collect()),
                candidates: found.entities.keys().cloned().collect(),
            });
            return None;
        };
        if !entity.fields.fields.contains_key(field.text.as_str()) {
            self.unknown_field(field, None, &Type::Record(entity.fields.clone()));
            return None;
        }
        Some((entity, Arc::from(field.text.as_str())))
    }

    fn change(
        &mut self,
        name: &str,
        field: &Field,
        [from, to]: [&Option<Expression>; 2],
        stay: Option<&Expression>,
    ) -> Option<WatchedChange> {
        let mut values = Vec::new();
        for written in [from, to] {
            let value = written.as_ref().map(|written| self.fixed(name, field, written));
            values.push(value);
        }
        let stay = stay.map(|stay| self.positive_length(stay));
        if values.iter().any(|value| matches!(value, Some(None))) || matches!(stay, Some(None)) {
            return None;
        }
        let (to_value, from_value) = (values.pop()?.flatten(), values.pop()?.flatten());
        if let (Some(one), Some(other), Some(to)) = (&from_value, &to_value, to)
            && hence_types::equal(one, other)
        {
            self.report(SameValue { span: to.span });
            return None;
        }
        Some(WatchedChange::Changes { from: from_value, to: to_value, stay: stay.flatten() })
    }

    /// Returns the value that a field is compared with; one that is not known or of another type is reported.
    fn fixed(&mut self, name: &str, field: &Field, written: &Expression) -> Option<Value> {
        let before = self.diagnostics.len();
        let found = self.expect(written, &field.ty);
        if !found.agrees_with(&field.ty) {
            let found = self.operand(written, found);
            let (name, wanted, declared) = (name.to_owned(), field.ty.clone(), field.origin);
            self.report(ValueType { name, wanted, found, declared });
            return None;
        }
        if self.diagnostics.len() > before || found.is_error() {
            return None;
        }
        let value = self.declarations.value(written, &self.zone);
        if value.is_none() {
            self.report(NotFixed { span: written.span });
        }
        value
    }

    fn level(
        &mut self,
        trigger: &FieldTrigger,
        entity: &Entity,
        (name, field): (&str, &Field),
        carriers: &[Carrier],
        written: &Expression,
    ) -> Option<WatchedLevel> {
        if !is_ordered(&field.ty) {
            let (ty, declared) = (field.ty.required().clone(), field.origin);
            self.report(UnorderedField { span: trigger.field.span, name: name.to_owned(), ty, declared });
            return None;
        }
        let ExpressionKind::Name(other) = &written.ungrouped().kind else {
            return self.fixed(name, field, written).map(WatchedLevel::Value);
        };
        let is_constant = self.declarations.constants.contains_key(&other.text);
        let Some(compared) = entity.fields.fields.get(other.text.as_str()).filter(|_| !is_constant) else {
            return self.fixed(name, field, written).map(WatchedLevel::Value);
        };
        if compared.ty.required() != field.ty.required() {
            let found = self.operand(written, compared.ty.clone());
            let (name, wanted, declared) = (name.to_owned(), field.ty.clone(), field.origin);
            self.report(ValueType { name, wanted, found, declared });
            return None;
        }
        if let Some(lacking) =
            carriers.iter().find(|carrier| !carrier.fields.contains_key(other.text.as_str()))
        {
            let event = lacking.event.to_string();
            self.report(LevelNotCarried { name: other.clone(), event, field: name.to_owned() });
            return None;
        }
        Some(WatchedLevel::Field(Arc::from(other.text.as_str())))
    }

    /// Returns the fields that all carriers' payloads have, with `old`, `new` and `actor` instead of any of these names.
    fn payload_of_change(
        &self,
        carriers: &[Carrier],
        name: &str,
        field: &Field,
        change: &WatchedChange,
    ) -> Record {
        let events: Vec<_> =
            carriers.iter().filter_map(|carrier| self.catalog.event_by_full_name(&carrier.event)).collect();
        let payloads: Vec<_> = events.iter().map(|event| &event.payload).collect();
        let mut record = crate::rule::common_fields(&payloads);
        record.name = None;
        let plain = |ty: Type| Field {
            ty,
            sensitive: field.sensitive,
            origin: field.origin,
            ..Field::plain(Type::Error)
        };
        let may_lack = |carrier: &Carrier| {
            let old = carrier.old.get(name).zip(self.catalog.event_by_full_name(&carrier.event));
            old.and_then(|(path, event)| event.payload.at(path)).is_some_and(|field| field.ty.is_optional())
        };
        let old = if carriers.iter().any(may_lack) { field.ty.clone().optional() } else { field.ty.clone() };
        let (old, new) = match change {
            WatchedChange::Changes { from, to, .. } => {
                let known = |ty: Type, value: &Option<Value>| match value {
                    Some(_) => ty.required().clone(),
                    None => ty,
                };
                (known(old, from), known(field.ty.clone(), to))
            }
            WatchedChange::Crosses { .. } => (old.required().clone(), field.ty.required().clone()),
        };
        record.fields.insert("old".into(), plain(old));
        record.fields.insert("new".into(), plain(new));
        match self.actor(carriers) {
            Some(actor) => drop(record.fields.insert("actor".into(), actor)),
            None => drop(record.fields.shift_remove("actor")),
        }
        record
    }

    /// Returns who changes a field, where the events say that in one type; it may be missing where one does not.
    fn actor(&self, carriers: &[Carrier]) -> Option<Field> {
        let mut actor: Option<Field> = None;
        for carrier in carriers {
            let Some(path) = &carrier.actor else { continue };
            let found = self.catalog.event_by_full_name(&carrier.event)?.payload.at(path)?;
            match &mut actor {
                None => actor = Some(Field { wire: hence_types::Wire::Plain, ..found }),
                Some(known) if known.ty.required() != found.ty.required() => return None,
                Some(known) if found.ty.is_optional() => known.ty = known.ty.clone().optional(),
                Some(_) => {}
            }
        }
        let lacking = carriers.iter().any(|carrier| carrier.actor.is_none());
        let mut actor = actor?;
        if lacking {
            actor.ty = actor.ty.optional();
        }
        Some(actor)
    }
}

/// Whether values of a type can go up and down.
fn is_ordered(ty: &Type) -> bool {
    matches!(
        ty.required(),
        Type::Error
            | Type::Int
            | Type::Decimal
            | Type::Float
            | Type::Percent
            | Type::Money(_)
            | Type::Date
            | Type::Time
            | Type::DateTime
            | Type::Duration
    )
}
