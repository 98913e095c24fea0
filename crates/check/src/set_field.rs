//! `set member.city = "Berlin"` in a rule of an event: a field of an entity, by the action that its integration names.
//!
//! Which entity it is, is told by the type of what stands before the field: the record that an event carries, or a read
//! returns.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_schema::{Entity, Update};
use hence_syntax::ast::{Expression, Name, Path, Step};
use hence_types::{Record, Type};

use crate::checker::Checker;
use crate::errors::set::{NoEntity, NotSettable};
use crate::errors::test::ValueType;
use crate::facts::Use;
use crate::trigger::watched::Watched;

/// The call that sets a field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SetField {
    /// The full name of the action.
    pub action: Arc<str>,
    /// The parameters that take fields of the object: those of the key.
    pub key: Vec<(Arc<str>, Arc<str>)>,
    /// The parameters that take texts.
    pub texts: Vec<(Arc<str>, Arc<str>)>,
    /// The parameter that takes the value.
    pub value: Arc<str>,
}

impl<'a> Checker<'a> {
    pub(crate) fn set_field(
        &mut self,
        step: &Step,
        target: &Path,
        object: Option<&Expression>,
        value: &Expression,
    ) {
        let found = match (object, target.names.last()) {
            (Some(object), Some(field)) => self.settable_field(step, object, field),
            _ => {
                let of_event = self.entity_of_event().is_some_and(|(_, _, update)| {
                    target.names.first().is_some_and(|name| update.fields.contains_key(name.text.as_str()))
                });
                self.report(NoEntity { path: target.clone(), ty: None, of_event });
                None
            }
        };
        let Some((ty, declared)) = found else {
            self.facts.broken = true;
            self.expression(value);
            return;
        };
        let found = self.expect(value, &ty);
        let found =
            if ty.is_optional() { found } else { self.need(value, found, "`set` needs a value", None) };
        if !found.agrees_with(&ty) {
            let (name, found) = (target.text(), self.operand(value, found));
            self.report(ValueType { name, wanted: ty, found, declared });
        }
    }

    /// Returns the type of the field and where it is declared, and notes what is called; what cannot be set is reported.
    fn settable_field(
        &mut self,
        step: &Step,
        object: &Expression,
        field: &Name,
    ) -> Option<(Type, Option<Span>)> {
        let ty = self.expression(object);
        if ty.is_error() {
            return None;
        }
        let found = if let Type::Record(record) = ty.required() {
            let found = match self.facts.usage(object.ungrouped().id) {
                Some(Use::Payload) => self.entity_of_event(),
                Some(_) | None => self.entity_of(record),
            };
            found.map(|found| (Arc::clone(record), found))
        } else {
            None
        };
        let Some((record, (integration, entity, update))) = found else {
            let path = Path { names: vec![field.clone()], span: object.span.to(field.span) };
            self.report(NoEntity { path, ty: Some(ty), of_event: false });
            return None;
        };
        let ty = self.need(object, ty, "`set` needs a record", None);
        if ty.is_error() {
            return None;
        }
        let Some(declared) = record.fields.get(field.text.as_str()) else {
            self.unknown_field(field, None, &ty);
            return None;
        };
        let Some(param) = update.fields.get(field.text.as_str()) else {
            self.report(NotSettable {
                field: field.clone(),
                entity: entity.full_name.to_string(),
                declared: entity.origin,
                candidates: update.fields.keys().map(ToString::to_string).collect(),
            });
            return None;
        };
        let name = Arc::<str>::from(field.text.as_str());
        let texts = update.field.iter().map(|param| (Arc::clone(param), Arc::clone(&name)));
        let set = SetField {
            action: format!("{integration}.{}", update.action).into(),
            key: update.key.clone(),
            texts: update.with.iter().cloned().chain(texts).collect(),
            value: Arc::clone(param),
        };
        self.facts.sets.insert(step.id, set);
        Some((declared.ty.clone(), declared.origin))
    }

    /// Returns the entity that all events which start the rule bring.
    fn entity_of_event(&self) -> Option<(&'a str, &'a Entity, &'a Update)> {
        let mut events: Vec<&Arc<str>> = Vec::new();
        for (event, watched) in self.facts.events.iter().zip(&self.facts.watched) {
            match watched {
                None | Some(Watched::Pattern(_)) => events.push(event),
                Some(Watched::Field(field)) => events.extend(field.carriers.iter().map(|one| &one.event)),
                Some(Watched::Date(date)) => events.extend(date.carriers.iter().map(|one| &one.event)),
                Some(Watched::Manual(_)) => return None,
            }
        }
        let payload = |event: &&Arc<str>| Some(&self.catalog.event_by_full_name(event)?.payload);
        let mut entities = events.iter().map(|event| self.entity_of(payload(event)?));
        let first = entities.next()??;
        entities.all(|one| one.is_some_and(|one| one.1.full_name == first.1.full_name)).then_some(first)
    }

    /// Returns the entity that a record is one of, if its fields can be set.
    fn entity_of(&self, record: &Record) -> Option<(&'a str, &'a Entity, &'a Update)> {
        let name = record.name.as_deref()?;
        let catalog = self.catalog;
        catalog.integrations.iter().find_map(|(id, integration)| {
            let mut entities = integration.entities.values();
            entities.find_map(|entity| {
                let update = entity.update.as_ref().filter(|_| entity.is_record(name, catalog))?;
                Some((id.as_str(), entity, update))
            })
        })
    }
}
