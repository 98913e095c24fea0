//! The stored form of how values are spelt on the wire.

use hence_types::{Amount, Currency, CurrencySource, Wire};
use serde_json::{Value as Json, json};

/// Returns the stored form.
pub(super) fn to_json(wire: &Wire) -> Json {
    match wire {
        Wire::Plain => json!("plain"),
        Wire::Text => json!("text"),
        Wire::EpochSeconds => json!("epoch_seconds"),
        Wire::EpochMillis => json!("epoch_millis"),
        Wire::CommaSeparated => json!("comma_separated"),
        Wire::Each(inner) => json!({ "each": to_json(inner) }),
        Wire::Money { amount, currency } => {
            let amount = match amount {
                Amount::Number => "number",
                Amount::Text => "text",
                Amount::MinorUnits => "minor_units",
            };
            let (source, name) = match currency {
                CurrencySource::Fixed(currency) => ("fixed", currency.as_str()),
                CurrencySource::Sibling(name) => ("sibling", &**name),
                CurrencySource::Payload(name) => ("payload", &**name),
            };
            json!({ "money": [amount, source, name] })
        }
    }
}

/// Returns what a stored form stands for, if it is one.
pub(super) fn from_json(json: &Json) -> Option<Wire> {
    if let Some(name) = json.as_str() {
        return match name {
            "plain" => Some(Wire::Plain),
            "text" => Some(Wire::Text),
            "epoch_seconds" => Some(Wire::EpochSeconds),
            "epoch_millis" => Some(Wire::EpochMillis),
            "comma_separated" => Some(Wire::CommaSeparated),
            _ => None,
        };
    }
    if let Some(inner) = json.get("each") {
        return from_json(inner).map(|inner| Wire::Each(Box::new(inner)));
    }
    let parts = json.get("money")?;
    let amount = match parts.get(0)?.as_str()? {
        "number" => Amount::Number,
        "text" => Amount::Text,
        "minor_units" => Amount::MinorUnits,
        _ => return None,
    };
    let name = parts.get(2)?.as_str()?;
    let currency = match parts.get(1)?.as_str()? {
        "fixed" => CurrencySource::Fixed(Currency::parse(name)?),
        "sibling" => CurrencySource::Sibling(name.into()),
        "payload" => CurrencySource::Payload(name.into()),
        _ => return None,
    };
    Some(Wire::Money { amount, currency })
}
