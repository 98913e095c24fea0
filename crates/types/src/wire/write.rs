//! Values to JSON text.

use std::fmt::Write as _;

use rust_decimal::{Decimal, RoundingStrategy};

use crate::display::amount_text;
use crate::time::period_to_iso;
use crate::wire::{Amount, Wire};
use crate::{Money, Value};

/// Appends a value as JSON text, with all its digits. A spelling that does not fit the value is taken for
/// [`Wire::Plain`]. Missing fields of a record are left out; a missing value elsewhere is `null`.
///
/// Money whose unit is the smallest one (cents) is rounded to it, halves away from zero.
pub fn write_raw(value: &Value, wire: &Wire, json: &mut String) {
    match value {
        Value::Missing => json.push_str("null"),
        Value::Bool(truth) => push(json, truth),
        Value::Int(int) => push_number(json, wire, int),
        Value::Decimal(decimal) => push_number(json, wire, decimal),
        Value::Percent(percent) => push_number(json, wire, percent),
        Value::Float(float) if !float.is_finite() => json.push_str("null"),
        Value::Float(float) => push_number(json, wire, serde_json::to_string(float).unwrap_or_default()),
        Value::String(text) => push_text(json, text),
        Value::Date(date) => push_text(json, &date.to_string()),
        Value::Time(time) => push_text(json, &time.to_string()),
        Value::DateTime(instant) => match wire {
            Wire::EpochSeconds => push(json, fraction(instant.as_nanosecond(), 9)),
            Wire::EpochMillis => push(json, fraction(instant.as_nanosecond(), 6)),
            Wire::Plain | Wire::Text | Wire::CommaSeparated | Wire::Money { .. } | Wire::Each(_) => {
                push_text(json, &instant.to_string());
            }
        },
        Value::Duration(duration) => push_text(json, &duration.to_string()),
        Value::Period(period) => push_text(json, &period_to_iso(*period)),
        Value::Money(money) => push_money(json, money, wire),
        Value::List(list) if *wire == Wire::CommaSeparated => {
            let parts: Vec<String> =
                list.iter().filter(|part| !part.is_missing()).map(Value::to_text).collect();
            push_text(json, &parts.join(","));
        }
        Value::List(list) => {
            json.push('[');
            for (place, element) in list.iter().enumerate() {
                if place > 0 {
                    json.push(',');
                }
                write_raw(element, each(wire), json);
            }
            json.push(']');
        }
        Value::Map(map) => {
            push_object(json, map.iter().map(|(name, value)| (&**name, value, each(wire))));
        }
        Value::Record(record) => {
            let fields = record.shape.fields.iter().zip(record.fields.iter());
            let present = fields.filter(|(_, value)| !value.is_missing());
            push_object(json, present.map(|((name, field), value)| (&**name, value, &field.wire)));
        }
        Value::Json(raw) => json.push_str(raw),
    }
}

/// Returns a value as JSON. Numbers keep the digits that a binary float holds; [`write_raw`] keeps all.
pub fn write(value: &Value, wire: &Wire) -> serde_json::Value {
    let mut json = String::new();
    write_raw(value, wire, &mut json);
    serde_json::from_str(&json).unwrap_or(serde_json::Value::Null)
}

fn each(wire: &Wire) -> &Wire {
    if let Wire::Each(inner) = wire { inner } else { &Wire::Plain }
}

fn push(json: &mut String, value: impl std::fmt::Display) {
    // Writing to a string does not fail.
    let _ = write!(json, "{value}");
}

fn push_text(json: &mut String, text: &str) {
    json.push_str(&serde_json::to_string(text).unwrap_or_default());
}

fn push_number(json: &mut String, wire: &Wire, number: impl std::fmt::Display) {
    if *wire == Wire::Text { push(json, format_args!("\"{number}\"")) } else { push(json, number) }
}

fn push_money(json: &mut String, money: &Money, wire: &Wire) {
    let text = amount_text(money);
    let Wire::Money { amount, .. } = wire else {
        push(json, format_args!("{{\"amount\":\"{text}\",\"currency\":\"{}\"}}", money.currency));
        return;
    };
    match amount {
        Amount::Number => json.push_str(&text),
        Amount::Text => push_text(json, &text),
        Amount::MinorUnits => {
            let decimals = money.currency.decimals();
            let mut units =
                money.amount.round_dp_with_strategy(decimals, RoundingStrategy::MidpointAwayFromZero);
            units.rescale(decimals);
            // Rescaling stops where the digits have no room; then so many zeros are still to be added.
            let zeros = usize::try_from(decimals.saturating_sub(units.scale())).unwrap_or(0);
            push(json, units.mantissa());
            if !units.is_zero() {
                json.extend(std::iter::repeat_n('0', zeros));
            }
        }
    }
}

fn push_object<'a>(json: &mut String, members: impl Iterator<Item = (&'a str, &'a Value, &'a Wire)>) {
    json.push('{');
    for (place, (name, value, wire)) in members.enumerate() {
        if place > 0 {
            json.push(',');
        }
        push_text(json, name);
        json.push(':');
        write_raw(value, wire, json);
    }
    json.push('}');
}

/// Nanoseconds as a decimal number of a larger unit.
fn fraction(nanoseconds: i128, decimals: u32) -> Decimal {
    Decimal::try_from_i128_with_scale(nanoseconds, decimals).unwrap_or_default().normalize()
}
