//! Names and fields.

use std::sync::Arc;

use hence_syntax::ast::{Expression, ExpressionKind, Name};
use hence_types::{Record, Type};

use super::elsewhere;
use crate::checker::{Checker, Within};
use crate::environment::Place;
use crate::errors::decision::PatternName;
use crate::errors::names::{FieldNotInEveryEvent, UnknownField, UnknownName, ValueWithoutQuotes};
use crate::errors::types::{MayBeMissing, Unsuitable};
use crate::facts::{Envelope, Use};

/// Returns an expression as it is written, in short; nothing where it is no path, call or element.
pub(crate) fn shown(expression: &Expression) -> Option<String> {
    if let ExpressionKind::Name(name) = &expression.kind {
        Some(name.text.clone())
    } else if let ExpressionKind::Field { base, name, optional } = &expression.kind {
        Some(format!("{}{}{}", shown(base)?, if *optional { "?." } else { "." }, name.text))
    } else if let ExpressionKind::Index { base, index } = &expression.kind {
        let index = if let ExpressionKind::Number(digits) = &index.kind { digits } else { "…" };
        Some(format!("{}[{index}]", shown(base)?))
    } else if let ExpressionKind::Call { callee, .. } = &expression.kind {
        Some(format!("{}(…)", shown(callee)?))
    } else if let ExpressionKind::Group(inner) = &expression.kind {
        shown(inner)
    } else {
        None
    }
}

/// Returns the name of what an expression calls, such as `log.write`.
pub(crate) fn called(expression: &Expression) -> String {
    let callee = if let ExpressionKind::Call { callee, .. } = &expression.kind { callee } else { expression };
    shown(callee).unwrap_or_default()
}

impl Checker<'_> {
    pub(super) fn name(&mut self, expression: &Expression, name: &Name) -> Type {
        let node = expression.id;
        if let Some(binding) = self.environment.find(&name.text) {
            let (bound, ty, span) = (binding.node, binding.ty.clone(), binding.span);
            self.facts.set_use(node, Use::Local(bound));
            self.facts.set_origin(node, self.facts.origin(bound).or(Some(span)));
            let place = Place { local: Some(bound.0), path: Vec::new() };
            return self.narrowed(ty, &place);
        }
        if let Some(constant) = self.declarations.constants.get(&name.text) {
            self.facts.set_use(node, Use::Constant(name.text.clone()));
            self.facts.set_origin(node, Some(constant.span));
            return constant.what.clone();
        }
        if self.within == Within::Rule {
            if name.text == "event" || self.aliases.iter().any(|alias| alias.text == name.text) {
                self.facts.set_use(node, Use::Payload);
                return Type::Record(self.payload());
            }
            let payload = self.payload();
            if let Some((shared, field)) = payload.fields.get_key_value(name.text.as_str()) {
                self.facts.set_use(node, Use::PayloadField(Arc::clone(shared)));
                self.facts.set_origin(node, field.origin);
                let place = Place { local: None, path: vec![name.text.clone()] };
                return self.narrowed(field.ty.clone(), &place);
            }
            if self.in_some_event(name) {
                return Type::Error;
            }
        }
        if matches!(self.within, Within::Rule | Within::Function) {
            if name.text == "now" {
                self.facts.set_use(node, Use::Now);
                return Type::DateTime;
            }
            if name.text == "today" {
                self.facts.set_use(node, Use::Today);
                return Type::Date;
            }
        }
        if !name.text.is_empty() {
            self.unknown_name(name);
        }
        Type::Error
    }

    /// The record of the fields that all events possible here have.
    pub(crate) fn payload(&self) -> Arc<Record> {
        match self.environment.events.as_deref() {
            Some([only]) => self.payloads.get(*only).cloned().unwrap_or_default(),
            Some(some) => {
                let payloads: Vec<_> = some.iter().filter_map(|event| self.payloads.get(*event)).collect();
                Arc::new(crate::rule::common_fields(&payloads))
            }
            None => self.facts.payload.clone(),
        }
    }

    /// Reports a field that some of the rule's events have; whether it did.
    fn in_some_event(&mut self, name: &Name) -> bool {
        let has = |payload: &Arc<Record>| payload.fields.contains_key(name.text.as_str());
        let first = self.payloads.iter().find(|payload| has(payload));
        let Some(origin) = first.and_then(|payload| payload.fields.get(name.text.as_str())).map(|f| f.origin)
        else {
            return false;
        };
        let events = self.facts.events.iter().zip(&self.payloads);
        let with =
            events.clone().filter(|(_, payload)| has(payload)).map(|(event, _)| event.to_string()).collect();
        let without: Vec<String> =
            events.filter(|(_, payload)| !has(payload)).map(|(event, _)| event.to_string()).collect();
        let without = if without.is_empty() {
            self.facts.events.iter().skip(1).map(ToString::to_string).collect()
        } else {
            without
        };
        let event_name = self.aliases.first().map_or("event".to_owned(), |alias| alias.text.clone());
        self.report(FieldNotInEveryEvent { name: name.clone(), with, without, origin, event_name });
        true
    }

    fn unknown_name(&mut self, name: &Name) {
        let expected = self.expected_values.take();
        if let Some(values) =
            expected.filter(|values| values.values.iter().any(|value| **value == *name.text))
        {
            self.report(ValueWithoutQuotes { name: name.clone(), of: Type::Enum(values).to_string() });
            return;
        }
        if let Some(declared) = self.pattern_names.iter().rev().find(|known| known.text == name.text) {
            let declared = declared.span;
            self.report(PatternName { name: name.clone(), declared });
            return;
        }
        self.facts.asks_for_names = true;
        let mut candidates: Vec<String> =
            self.environment.bindings.iter().map(|binding| binding.name.clone()).collect();
        let mut deeper = Vec::new();
        if self.within == Within::Rule {
            let payload = self.payload();
            candidates.extend(payload.fields.keys().map(ToString::to_string));
            candidates.extend(self.aliases.iter().map(|alias| alias.text.clone()));
            candidates.push("event".to_owned());
            deeper = deeper_fields(&payload, &name.text);
        }
        candidates.extend(self.declarations.constants.keys().cloned());
        if matches!(self.within, Within::Rule | Within::Function) {
            candidates.extend(["now", "today"].map(str::to_owned));
        }
        let note = match self.within {
            Within::Rule => None,
            Within::Function => Some("a function sees its parameters and constants, not the event"),
            Within::Constant => Some("a constant is made of literals and other constants"),
            Within::Test => Some("a test is made of literals and constants, and sees no event"),
        };
        if self.declarations.may_be_hidden(&name.text, &candidates) {
            self.facts.broken = true;
            return;
        }
        let foreign = matches!(name.text.as_str(), "null" | "nil" | "none" | "undefined" | "None");
        let note =
            if foreign { Some("there is no such value: write `is missing` or `is present`") } else { note };
        self.report(UnknownName { name: name.clone(), candidates, deeper, note });
    }

    pub(super) fn field(
        &mut self,
        expression: &Expression,
        base: &Expression,
        name: &Name,
        optional: bool,
    ) -> Type {
        let found = self.expression(base);
        if matches!(self.facts.usage(base.ungrouped().id), Some(Use::Payload)) {
            return self.event_field(expression, base, name);
        }
        if found.is_error() {
            return Type::Error;
        }
        let has_fields = matches!(found.required(), Type::Record(_));
        if found.is_optional() && !optional && has_fields {
            let text = shown(base);
            let entered = text.clone().unwrap_or_else(|| "…".to_owned());
            let needs = format!("only a value has fields; write `{entered}?.{}`", name.text);
            let origin = self.facts.origin(base.id);
            self.report(MayBeMissing {
                text,
                narrows: Place::of(base, &self.facts).is_some(),
                span: base.span,
                ty: found.clone(),
                origin,
                needs,
                guard: None,
            });
        }
        let inner = found.required().clone();
        let Type::Record(record) = &inner else {
            if !inner.is_error() {
                let help = if let Type::List(_) = &inner {
                    of_list(base, &name.text)
                        .or_else(|| Some("ask for an element: `any(x in list, …)` or `list[0]`".to_owned()))
                } else if let Type::Map(_) = &inner {
                    Some(format!("a map has entries: `[\"{}\"]`", name.text))
                } else if let Type::Json = &inner {
                    Some("its shape is not declared by the schema".to_owned())
                } else {
                    method(base, &name.text)
                };
                let message = format!("`{inner}` has no fields");
                let found = self.operand(base, found);
                self.report(Unsuitable { message, found, help });
            }
            return Type::Error;
        };
        let Some((index, _, field)) = record.fields.get_full(name.text.as_str()) else {
            self.unknown_field(name, Some(base), &inner);
            return Type::Error;
        };
        self.facts.set_use(expression.id, Use::Field(index));
        self.facts.set_origin(expression.id, field.origin);
        let ty = field.ty.clone();
        let ty = if found.is_optional() && optional { ty.optional() } else { ty };
        match Place::of(expression, &self.facts) {
            Some(place) => self.narrowed(ty, &place),
            None => ty,
        }
    }

    /// `event.name`, `order.name`: a field of the payload; of `event` also the envelope.
    fn event_field(&mut self, expression: &Expression, base: &Expression, name: &Name) -> Type {
        let payload = self.payload();
        let is_event = matches!(&base.ungrouped().kind, ExpressionKind::Name(name) if name.text == "event");
        let envelope = Envelope::ALL.iter().find(|(word, _)| *word == name.text);
        if let (true, Some((_, part))) = (is_event, envelope) {
            self.facts.set_use(expression.id, Use::Envelope(*part));
            return match part {
                Envelope::Time => Type::DateTime,
                Envelope::Id | Envelope::Source | Envelope::Name => Type::String,
            };
        }
        if let Some((index, _, field)) = payload.fields.get_full(name.text.as_str()) {
            self.facts.set_use(expression.id, Use::Field(index));
            self.facts.set_origin(expression.id, field.origin);
            let place = Place { local: None, path: vec![name.text.clone()] };
            return self.narrowed(field.ty.clone(), &place);
        }
        if !self.in_some_event(name) {
            self.unknown_field(name, Some(base), &Type::Record(payload));
        }
        Type::Error
    }

    fn narrowed(&self, ty: Type, place: &Place) -> Type {
        if self.environment.is_present(place) { ty.required().clone() } else { ty }
    }

    /// Reports a field that a record does not have.
    pub(crate) fn unknown_field(&mut self, name: &Name, base: Option<&Expression>, of: &Type) {
        let Type::Record(record) = of else { return };
        let candidates: Vec<String> = record.fields.keys().map(ToString::to_string).collect();
        let deeper = deeper_fields(record, &name.text);
        let of = match (&record.name, base) {
            (Some(name), _) => format!("`{name}`"),
            (None, Some(base)) => shown(base).map_or("the record".to_owned(), |text| format!("`{text}`")),
            (None, None) => "the record".to_owned(),
        };
        let base = base.map(|base| base.span);
        self.report(UnknownField { name: name.clone(), of, base, origin: record.origin, candidates, deeper });
    }
}

/// Returns paths to fields of that name one level below.
fn deeper_fields(record: &Record, name: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (outer, field) in &record.fields {
        if let Type::Record(inner) = field.ty.required()
            && inner.fields.contains_key(name)
        {
            let dot = if field.ty.is_optional() { "?." } else { "." };
            found.push(format!("{outer}{dot}{name}"));
        }
    }
    found
}

/// What stands for a method of lists of other languages: `items.length`, `items.some(…)`.
fn of_list(base: &Expression, name: &str) -> Option<String> {
    let function = match name {
        "some" => "any",
        "every" => "all",
        same @ ("any" | "all" | "filter" | "map") => same,
        _ => return method(base, name),
    };
    let value = shown(base).unwrap_or_else(|| "…".to_owned());
    Some(format!("a list is gone through by `{function}(x in {value}, …)`"))
}

/// What stands for a method of other languages: `name.upper()` is `upper(name)`, `name.contains(x)` is `name contains x`.
fn method(base: &Expression, name: &str) -> Option<String> {
    let value = shown(base).unwrap_or_else(|| "…".to_owned());
    if matches!(name.to_lowercase().as_str(), "isempty" | "is_empty" | "empty") {
        return Some(format!("write `{value} is empty`"));
    }
    if let Some(words) = elsewhere::operator(name) {
        return Some(format!("`{words}` stands between its values: `{value} {words} …`"));
    }
    let function = elsewhere::meant(name)?;
    let more = if function.parameters.len() > 1 { ", …" } else { "" };
    Some(format!("a function takes its value in parentheses: `{}({value}{more})`", function.name))
}
