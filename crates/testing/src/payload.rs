//! Values as a test writes them → JSON as it stands on the wire. What is left out stays as the sample has it.

use hence_check::Declarations;
use hence_schema::sample_value;
use hence_syntax::ast::{Expression, ExpressionKind, Name};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Currency, CurrencySource, Record, Type, Value, Wire, wire};
use serde_json::{Map, Value as Json, json};

/// Writes values over a sample.
pub(crate) struct Writer<'a> {
    pub(crate) declarations: &'a Declarations,
    pub(crate) zone: &'a TimeZone,
    /// Fields of the whole payload that hold the currency of amounts in it.
    currencies: Vec<(String, Currency)>,
}

impl<'a> Writer<'a> {
    pub(crate) fn new(declarations: &'a Declarations, zone: &'a TimeZone) -> Self {
        Self { declarations, zone, currencies: Vec::new() }
    }

    /// Writes the fields that are given over the sample of an event's payload.
    pub(crate) fn payload(mut self, sample: Json, given: Option<&Expression>, shape: &Record) -> Json {
        let mut payload = sample;
        if let Some(given) = given
            && let (ExpressionKind::Record(fields), Json::Object(object)) = (&given.kind, &mut payload)
        {
            self.fields(object, fields, shape);
            for (name, currency) in self.currencies {
                object.insert(name, json!(currency.as_str()));
            }
        }
        payload
    }

    /// Writes a value over a sample of its type.
    pub(crate) fn value(&mut self, target: &mut Json, value: &Expression, ty: &Type, wire: &Wire) {
        match (&value.ungrouped().kind, ty.required()) {
            (ExpressionKind::Record(fields), Type::Record(shape)) => {
                if !target.is_object() {
                    *target = sample_value(ty);
                }
                if let Json::Object(object) = target {
                    self.fields(object, fields, shape);
                }
            }
            (ExpressionKind::Record(fields), Type::Map(element)) => {
                let members = fields.iter().map(|(name, value)| {
                    let mut member = Json::Null;
                    self.value(&mut member, value, element, each(wire));
                    (name.text.clone(), member)
                });
                *target = Json::Object(members.collect());
            }
            (ExpressionKind::List(elements), Type::List(element)) if *wire != Wire::CommaSeparated => {
                let first =
                    target.as_array_mut().map(std::mem::take).and_then(|list| list.into_iter().next());
                let template = first.unwrap_or(Json::Null);
                let elements = elements.iter().map(|value| {
                    let mut filled = template.clone();
                    self.value(&mut filled, value, element, each(wire));
                    filled
                });
                *target = Json::Array(elements.collect());
            }
            _ => {
                if let Some(value) = self.declarations.value(value, self.zone) {
                    *target = wire::write(&value, wire);
                }
            }
        }
    }

    fn fields(&mut self, object: &mut Map<String, Json>, fields: &[(Name, Expression)], shape: &Record) {
        for (name, value) in fields {
            let Some(field) = shape.fields.get(name.text.as_str()) else { continue };
            if is_word(value, "missing") {
                object.shift_remove(&name.text);
                continue;
            }
            let mut member = object.get(&name.text).cloned().unwrap_or(Json::Null);
            self.value(&mut member, value, &field.ty, &field.wire);
            object.insert(name.text.clone(), member);
            self.currency(object, value, &field.wire);
        }
    }

    /// Writes the currency of an amount where amounts of its field look for it.
    fn currency(&mut self, object: &mut Map<String, Json>, value: &Expression, wire: &Wire) {
        let Wire::Money { currency: source, .. } = wire else { return };
        let Some(Value::Money(money)) = self.declarations.value(value, self.zone) else { return };
        match source {
            CurrencySource::Fixed(_) => {}
            CurrencySource::Sibling(name) => {
                object.insert(name.to_string(), json!(money.currency.as_str()));
            }
            CurrencySource::Payload(name) => self.currencies.push((name.to_string(), money.currency)),
        }
    }
}

pub(crate) fn each(wire: &Wire) -> &Wire {
    if let Wire::Each(inner) = wire { inner } else { &Wire::Plain }
}

/// Returns whether an expression is nothing but this word.
pub(crate) fn is_word(value: &Expression, word: &str) -> bool {
    if let ExpressionKind::Name(name) = &value.kind { name.text == word } else { false }
}
