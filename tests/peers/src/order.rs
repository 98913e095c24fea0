//! Orders: the generated events, and conditions on them by hand.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use hence_types::jiff::Timestamp;
use regex::Regex;
use serde::{Deserialize, Deserializer, Serialize};

/// An order of nearly one kilobyte.
const ORDER: &str = r#"{"id":"ord_8f14e45fceea167a","number":10482,"created_at":"2026-11-20T09:31:07Z","currency":"EUR","total":1249.90,"subtotal":1188.00,"tax":61.90,"discount":0.00,"status":"paid","channel":"web","customer":{"id":"cus_1679091c5a880faf","email":"ada.lovelace@example.com","first_name":"Ada","last_name":"Lovelace","tier":"gold","country":"DE","orders":17,"tags":["newsletter","vip"],"address":{"line1":"Hauptstraße 12","city":"Berlin","zip":"10115","country":"DE"}},"items":[{"sku":"SKU-1001","title":"Mechanical keyboard","qty":1,"price":189.00,"category":"electronics"},{"sku":"SKU-2044","title":"Desk lamp \"Luxo\"","qty":2,"price":79.50,"category":"home"},{"sku":"SKU-3177","title":"Office chair","qty":1,"price":840.00,"category":"furniture"}],"shipping":{"method":"express","price":12.90,"carrier":"dhl","promised":"2026-11-22"},"payment":{"method":"card","brand":"visa","last4":"4242","captured":true,"risk":0.07},"note":null,"utm":{"source":"newsletter","campaign":"black-friday"}}"#;

/// Orders that differ: of eight, six are as the conditions want them.
pub(crate) fn payloads() -> Vec<String> {
    let one = |place: usize| match place % 8 {
        3 => ORDER.replace("1249.90", "949.90").replace("1188.00", "888.00"),
        6 => ORDER.replace("\"gold\"", "\"none\"").replace("express", "standard"),
        place => ORDER.replace("1249.90", &format!("12{place}9.90")),
    };
    (0..64).map(one).collect()
}

/// An order as a program would hold it.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    pub(crate) id: String,
    #[serde(deserialize_with = "instant")]
    pub(crate) created_at: Timestamp,
    pub(crate) total: f64,
    pub(crate) subtotal: f64,
    pub(crate) tax: f64,
    pub(crate) discount: f64,
    pub(crate) status: String,
    pub(crate) channel: String,
    pub(crate) customer: Customer,
    pub(crate) items: Vec<Item>,
    pub(crate) shipping: Option<Shipping>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Customer {
    pub(crate) email: String,
    pub(crate) tier: String,
    pub(crate) country: String,
    pub(crate) orders: i64,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Item {
    pub(crate) qty: i64,
    pub(crate) price: f64,
    pub(crate) category: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Shipping {
    pub(crate) method: Option<String>,
}

fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
}

/// The dates between which `complex` wants orders to be made.
pub(crate) const FROM: &str = "2026-11-01T00:00:00Z";
pub(crate) const UNTIL: &str = "2026-12-01T00:00:00Z";

/// The pattern of addresses that `complex` wants.
pub(crate) const EMAIL: &str = r"@example\.(com|org)$";

pub(crate) const COUNTRIES: [&str; 10] = ["AT", "BE", "CH", "CZ", "DK", "FR", "IT", "NL", "PL", "DE"];

pub(crate) fn simple(order: &Order) -> bool {
    order.total > 1000.0 && order.customer.tier == "gold"
}

pub(crate) fn medium(order: &Order) -> bool {
    let method = order.shipping.as_ref().and_then(|shipping| shipping.method.as_deref());
    order.total > 100.0
        && order.status == "paid"
        && matches!(
            order.customer.country.as_str(),
            "AT" | "BE" | "CH" | "CZ" | "DK" | "FR" | "IT" | "NL" | "PL" | "DE"
        )
        && order.channel != "pos"
        && (order.customer.orders > 5 || matches!(order.customer.tier.as_str(), "gold" | "silver"))
        && order.id.starts_with("ord_")
        && method.unwrap_or("none") == "express"
        && order.subtotal + order.tax - order.discount > 1000.0
}

pub(crate) fn complex(order: &Order) -> bool {
    static BOUNDS: LazyLock<(Timestamp, Timestamp, Regex)> =
        LazyLock::new(|| (FROM.parse().unwrap(), UNTIL.parse().unwrap(), Regex::new(EMAIL).unwrap()));
    let (from, until, email) = &*BOUNDS;
    order
        .items
        .iter()
        .any(|item| item.price * item.qty as f64 > 500.0 && item.category.as_deref() == Some("furniture"))
        && order.created_at >= *from
        && order.created_at < *until
        && email.is_match(&order.customer.email)
}

/// JSON as most languages have it: whole numbers and floats.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(crate) enum Plain {
    Null,
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(String),
    List(Vec<Plain>),
    Map(BTreeMap<String, Plain>),
}

impl Plain {
    pub(crate) fn parse(payload: &str) -> Plain {
        Plain::of(&serde_json::from_str(payload).unwrap())
    }

    fn of(json: &serde_json::Value) -> Plain {
        match json {
            serde_json::Value::Null => Plain::Null,
            serde_json::Value::Bool(truth) => Plain::Bool(*truth),
            serde_json::Value::Number(number) => match number.as_i64() {
                Some(int) => Plain::Int(int),
                None => Plain::Float(number.as_f64().unwrap()),
            },
            serde_json::Value::String(text) => Plain::Text(text.clone()),
            serde_json::Value::Array(list) => Plain::List(list.iter().map(Plain::of).collect()),
            serde_json::Value::Object(map) => {
                Plain::Map(map.iter().map(|(name, value)| (name.clone(), Plain::of(value))).collect())
            }
        }
    }
}
