//! Arguments as a test expects them against those that were sent, and calls as people read them.

use std::str::FromStr;

use hence_check::Declarations;
use hence_schema::Action;
use hence_syntax::ast::{Argument, ExpectedCall, Expression, ExpressionKind, Name};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Decimal, Type, Wire, wire};
use serde_json::Value as Json;

use crate::payload::{each, is_word};
use crate::report::MadeCall;

/// Longer values are cut off where they are shown.
const SHOWN: usize = 160;

/// Compares arguments.
#[derive(Clone, Copy)]
pub(crate) struct Patterns<'a> {
    pub(crate) declarations: &'a Declarations,
    pub(crate) zone: &'a TimeZone,
}

impl Patterns<'_> {
    /// Returns whether a call is of the expected action with the expected arguments.
    pub(crate) fn matches(&self, expected: &ExpectedCall, action: &Action, call: &MadeCall) -> bool {
        call.action == action.full_name
            && named(expected).all(|(name, value)| self.argument(action, call, name, value))
    }

    /// Returns whether one argument of a call is as expected.
    pub(crate) fn argument(&self, action: &Action, call: &MadeCall, name: &Name, value: &Expression) -> bool {
        let Some(param) = action.params.get(name.text.as_str()) else { return false };
        self.value(value, call.arguments.get(&name.text), &param.ty, &param.wire)
    }

    /// Returns whether a value is as expected.
    pub(crate) fn one(&self, expected: &Expression, actual: Option<&Json>, ty: &Type, wire: &Wire) -> bool {
        self.value(expected, actual, ty, wire)
    }

    fn value(&self, expected: &Expression, actual: Option<&Json>, ty: &Type, wire: &Wire) -> bool {
        if is_word(expected, "_") {
            return true;
        }
        let actual = actual.filter(|actual| !actual.is_null());
        if is_word(expected, "missing") {
            return actual.is_none();
        }
        let Some(actual) = actual else { return false };
        match (&expected.ungrouped().kind, ty.required()) {
            (ExpressionKind::Record(fields), Type::Record(shape)) => fields.iter().all(|(name, value)| {
                let member = actual.get(&name.text);
                let field = shape.fields.get(name.text.as_str());
                field.is_some_and(|field| self.value(value, member, &field.ty, &field.wire))
            }),
            (ExpressionKind::Record(fields), Type::Map(element)) => fields
                .iter()
                .all(|(name, value)| self.value(value, actual.get(&name.text), element, each(wire))),
            (ExpressionKind::Record(fields), Type::Json) => fields
                .iter()
                .all(|(name, value)| self.value(value, actual.get(&name.text), &Type::Json, wire)),
            (ExpressionKind::List(elements), Type::List(element)) if *wire != Wire::CommaSeparated => {
                self.elements(elements, actual, element, each(wire))
            }
            (ExpressionKind::List(elements), Type::Json) => {
                self.elements(elements, actual, &Type::Json, wire)
            }
            _ => {
                let value = self.declarations.value(expected, self.zone);
                value.is_some_and(|value| same(&wire::write(&value, wire), actual, wire))
            }
        }
    }

    fn elements(&self, expected: &[Expression], actual: &Json, ty: &Type, wire: &Wire) -> bool {
        let Json::Array(actual) = actual else { return false };
        actual.len() == expected.len()
            && expected.iter().zip(actual).all(|(value, actual)| self.value(value, Some(actual), ty, wire))
    }
}

/// Returns the arguments that an expectation names.
pub(crate) fn named(expected: &ExpectedCall) -> impl Iterator<Item = (&Name, &Expression)> {
    expected.arguments.iter().filter_map(|argument| match argument {
        Argument::Named(name, value) => Some((name, value)),
        Argument::Positional(_) | Argument::Binder { .. } => None,
    })
}

/// Whether two JSON values mean the same: numbers by value, also those that are spelt as texts.
fn same(expected: &Json, actual: &Json, wire: &Wire) -> bool {
    if let (Json::Number(expected), Json::Number(actual)) = (expected, actual) {
        return expected == actual || expected.as_f64() == actual.as_f64();
    }
    if let (Json::String(expected), Json::String(actual)) = (expected, actual) {
        let is_number = match wire {
            Wire::Text | Wire::Money { .. } => true,
            Wire::Plain | Wire::EpochSeconds | Wire::EpochMillis | Wire::CommaSeparated | Wire::Each(_) => {
                false
            }
        };
        let number = |text: &str| Decimal::from_str(text).ok();
        return expected == actual
            || is_number && number(expected).is_some_and(|value| Some(value) == number(actual));
    }
    if let (Json::Array(expected), Json::Array(actual)) = (expected, actual) {
        let wire = each(wire);
        return expected.len() == actual.len()
            && expected.iter().zip(actual).all(|(expected, actual)| same(expected, actual, wire));
    }
    if let (Json::Object(expected), Json::Object(actual)) = (expected, actual) {
        return expected.len() == actual.len()
            && expected
                .iter()
                .all(|(name, value)| actual.get(name).is_some_and(|other| same(value, other, wire)));
    }
    expected == actual
}

/// Returns a call as a rule would write it.
pub(crate) fn call_text(call: &MadeCall) -> String {
    let arguments: Vec<String> =
        call.arguments.iter().map(|(name, value)| format!("{name}: {}", value_text(value))).collect();
    format!("{}({})", call.action, arguments.join(", "))
}

/// Returns a value as a rule would write it, shortened.
pub(crate) fn value_text(value: &Json) -> String {
    let text = written(value);
    if text.chars().count() <= SHOWN { text } else { text.chars().take(SHOWN).collect::<String>() + "…" }
}

fn written(value: &Json) -> String {
    match value {
        Json::Null => "missing".to_owned(),
        Json::Bool(_) | Json::Number(_) | Json::String(_) => value.to_string(),
        Json::Array(elements) => {
            let elements: Vec<String> = elements.iter().map(written).collect();
            format!("[{}]", elements.join(", "))
        }
        Json::Object(members) if members.is_empty() => "{}".to_owned(),
        Json::Object(members) => {
            let members: Vec<String> =
                members.iter().map(|(name, value)| format!("{name}: {}", written(value))).collect();
            format!("{{ {} }}", members.join(", "))
        }
    }
}
