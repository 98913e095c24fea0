//! Orders, and their conditions as a programmer would write them by hand.

use hence_builtins::Pattern;
use hence_types::{Decimal, jiff::Timestamp};
use serde::Deserialize;

/// An order, as far as conditions read it; exact numbers are [`Decimal`]s as in rules.
#[derive(Debug, Deserialize)]
pub(crate) struct Order {
    id: String,
    created_at: String,
    #[serde(skip)]
    created: Timestamp,
    total: Number,
    subtotal: Number,
    tax: Number,
    discount: Number,
    status: String,
    channel: String,
    customer: Customer,
    items: Vec<Item>,
    shipping: Option<Shipping>,
}

#[derive(Debug, Deserialize)]
struct Customer {
    email: String,
    tier: String,
    country: String,
    orders: i64,
}

#[derive(Debug, Deserialize)]
struct Item {
    qty: i64,
    price: Number,
    category: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Shipping {
    method: Option<String>,
}

/// A number, exact and as a float.
#[derive(Debug, Deserialize)]
#[serde(from = "serde_json::Number")]
struct Number {
    exact: Decimal,
    float: f64,
}

impl From<serde_json::Number> for Number {
    fn from(number: serde_json::Number) -> Self {
        let text = number.to_string();
        Number { exact: text.parse().unwrap(), float: text.parse().unwrap() }
    }
}

impl Order {
    pub(crate) fn read(payload: &str) -> Order {
        let mut order: Order = serde_json::from_str(payload).unwrap();
        order.created = order.created_at.parse().unwrap();
        order
    }
}

/// Constants of the conditions.
pub(crate) struct Constants {
    hundred: Decimal,
    five_hundred: Decimal,
    thousand: Decimal,
    from: Timestamp,
    until: Timestamp,
    email: Pattern,
}

impl Constants {
    pub(crate) fn new() -> Self {
        Constants {
            hundred: 100.into(),
            five_hundred: 500.into(),
            thousand: 1000.into(),
            from: "2026-11-01T00:00:00Z".parse().unwrap(),
            until: "2026-12-01T00:00:00Z".parse().unwrap(),
            email: Pattern::new(r"@example\.(com|org)$", false).unwrap(),
        }
    }
}

pub(crate) fn simple(order: &Order, constants: &Constants) -> bool {
    order.total.exact > constants.thousand && order.customer.tier == "gold"
}

/// The same with floats, which is less: sums of prices are off by some digits.
pub(crate) fn simple_with_floats(order: &Order, _: &Constants) -> bool {
    order.total.float > 1000.0 && order.customer.tier == "gold"
}

pub(crate) fn medium(order: &Order, constants: &Constants) -> bool {
    order.total.exact > constants.hundred
        && words(order)
        && order.subtotal.exact + order.tax.exact - order.discount.exact > constants.thousand
}

pub(crate) fn medium_with_floats(order: &Order, _: &Constants) -> bool {
    order.total.float > 100.0
        && words(order)
        && order.subtotal.float + order.tax.float - order.discount.float > 1000.0
}

fn words(order: &Order) -> bool {
    let method = order.shipping.as_ref().and_then(|shipping| shipping.method.as_deref());
    order.status == "paid"
        && matches!(
            order.customer.country.as_str(),
            "AT" | "BE" | "CH" | "CZ" | "DK" | "FR" | "IT" | "NL" | "PL" | "DE"
        )
        && order.channel != "pos"
        && (order.customer.orders > 5 || matches!(order.customer.tier.as_str(), "gold" | "silver"))
        && order.id.starts_with("ord_")
        && method.unwrap_or("none") == "express"
}

pub(crate) fn complex(order: &Order, constants: &Constants) -> bool {
    let large =
        |item: &Item| item.price.exact * Decimal::from(item.qty) > constants.five_hundred && furniture(item);
    order.items.iter().any(large) && times_and_mail(order, constants)
}

pub(crate) fn complex_with_floats(order: &Order, constants: &Constants) -> bool {
    let large = |item: &Item| item.price.float * item.qty as f64 > 500.0 && furniture(item);
    order.items.iter().any(large) && times_and_mail(order, constants)
}

fn furniture(item: &Item) -> bool {
    item.category.as_deref() == Some("furniture")
}

fn times_and_mail(order: &Order, constants: &Constants) -> bool {
    order.created >= constants.from
        && order.created < constants.until
        && constants.email.is_match(&order.customer.email)
}
