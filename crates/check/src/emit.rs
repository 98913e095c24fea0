//! `emit`: an event of the project's own, checked field by field.

use hence_schema::Event;
use hence_syntax::ast::{Expression, ExpressionKind, Name, Path};
use hence_types::Type;

use crate::checker::Checker;
use crate::errors::emit::{NotEmitted, WithoutFields};
use crate::errors::names::DuplicateArgument;

impl Checker<'_> {
    /// `emit shop.customer.became_vip { customer_id: customer.id }`
    pub(crate) fn emit(&mut self, path: &Path, payload: Option<&Expression>) {
        let Some(event) = self.event_of(path) else {
            payload.into_iter().for_each(|payload| drop(self.expression(payload)));
            return;
        };
        if !event.emit {
            self.report(NotEmitted {
                event: event.full_name.to_string(),
                span: path.span,
                declared: event.origin,
                own: self.own_events(),
            });
            payload.into_iter().for_each(|payload| drop(self.expression(payload)));
            return;
        }
        let mut given: Vec<&Name> = Vec::new();
        if let Some(payload) = payload
            && let ExpressionKind::Record(fields) = &payload.kind
        {
            for (name, value) in fields {
                match given.iter().find(|before| before.text == name.text) {
                    Some(first) => {
                        self.report(DuplicateArgument { name: name.clone(), first: first.span });
                    }
                    None => given.push(name),
                }
                self.emitted_field(event, name, value);
            }
            self.facts.set_type(payload.id, Type::Record(event.payload.clone()));
        }
        let fields = event.payload.fields.iter();
        let left_out = fields.filter(|(name, field)| {
            !field.ty.is_optional() && !given.iter().any(|given| given.text == ***name)
        });
        let names: Vec<String> = left_out.map(|(name, _)| name.to_string()).collect();
        if !names.is_empty() {
            let (event, declared) = (event.full_name.to_string(), event.origin);
            self.report(WithoutFields { event, names, span: path.span, declared });
        }
    }

    fn emitted_field(&mut self, event: &Event, name: &Name, value: &Expression) {
        match event.payload.fields.get(name.text.as_str()) {
            Some(field) => {
                self.argument(&event.full_name, &name.text, &field.ty, value, field.origin);
            }
            None => {
                self.expression(value);
                self.unknown_field(name, None, &Type::Record(event.payload.clone()));
            }
        }
    }

    fn own_events(&self) -> Vec<String> {
        let events = self.catalog.integrations.values().flat_map(|integration| integration.events.values());
        events.filter(|event| event.emit).map(|event| event.full_name.to_string()).collect()
    }
}
