//! What is outside of the daemon: who sends events, and who is called.

use std::sync::{Arc, Mutex, PoisonError};

use hence_engine::{CallFuture, Connector, Failure, NewEvent, Request, Response};
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::random::Random;

/// The rules that a seed is tried on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Suite {
    Steps,
    Pace,
    Watches,
}

impl Suite {
    pub(super) const ALL: [Suite; 3] = [Suite::Steps, Suite::Pace, Suite::Watches];

    pub(super) fn text(self) -> &'static str {
        match self {
            Suite::Steps => include_str!("steps.rule"),
            Suite::Pace => include_str!("pace.rule"),
            Suite::Watches => include_str!("watches.rule"),
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Suite::Steps => "steps",
            Suite::Pace => "pace",
            Suite::Watches => "watches",
        }
    }
}

/// An event that somebody sends, and how long after the one before.
#[derive(Debug, Clone)]
pub(super) struct Delivery {
    pub(super) after: SignedDuration,
    pub(super) id: String,
    name: &'static str,
    payload: Json,
}

impl Delivery {
    /// Returns the event as it arrives.
    pub(super) fn at(&self, now: Timestamp) -> NewEvent {
        let source = self.name.split('.').next().unwrap_or_default();
        NewEvent {
            id: self.id.as_str().into(),
            source: source.into(),
            name: self.name.into(),
            received_at: now,
            occurred_at: now,
            payload: self.payload.to_string().into(),
            mismatches: Vec::new(),
            target: None,
            cause: None,
            trace: None,
        }
    }
}

/// What a rule of [`Suite::Pace`] keeps apart, as the id of an event tells it: `event number.order or cart.customer`.
pub(super) fn keys_of(event: &str) -> (&str, &str) {
    let mut parts = event.split('.').skip(1);
    (parts.next().unwrap_or_default(), parts.next().unwrap_or_default())
}

/// Returns by what executions of a rule exclude each other.
pub(super) fn exclusive(rule: &str, event: &str) -> Option<String> {
    let (thing, customer) = keys_of(event);
    match rule {
        "queued" | "queued_until" => Some(customer.to_owned()),
        "skipping" | "restarting" => Some(thing.to_owned()),
        _ => None,
    }
}

/// Returns what is sent, in order; some of it twice.
pub(super) fn deliveries(suite: Suite, chance: &mut Random, start: Timestamp) -> Vec<Delivery> {
    let mut sent: Vec<Delivery> = Vec::new();
    for number in 0..8 + chance.below(20) {
        if !sent.is_empty() && chance.chance(150) {
            // A provider that did not hear the answer sends it again.
            let again = sent.get(chance.below(sent.len())).cloned();
            sent.extend(again.map(|again| Delivery { after: pause(chance), ..again }));
            continue;
        }
        let (thing, customer) = (chance.below(4), chance.below(3));
        let (name, payload) = match (suite, chance.below(10)) {
            (Suite::Steps | Suite::Pace, 0..=4) => {
                ("shop.order.created", order(number, number, customer, chance))
            }
            (Suite::Steps | Suite::Pace, 5) => {
                ("shop.order.cancelled", order(number, chance.below(number + 1), customer, chance))
            }
            (Suite::Steps | Suite::Pace, 6) => ("shop.payment.received", payment(chance.below(number + 1))),
            (Suite::Steps | Suite::Pace, 7) => ("shop.cart.abandoned", cart(thing, chance)),
            (Suite::Steps | Suite::Pace, _) => ("shop.cart.updated", cart(thing, chance)),
            (Suite::Watches, 0..=2) => ("shop.cart.updated", cart(thing, chance)),
            (Suite::Watches, 3..=4) => ("shop.order.created", order(number, thing, customer, chance)),
            (Suite::Watches, 5) => ("shop.order.cancelled", order(number, thing, customer, chance)),
            (Suite::Watches, 6) => ("shop.product.updated", product(thing, chance)),
            (Suite::Watches, _) => ("crm.member.updated", member(thing, chance, start)),
        };
        let thing = if name.starts_with("shop.cart") { thing } else { number };
        let id = format!("e{number}.{thing}.{customer}");
        sent.push(Delivery { after: pause(chance), id, name, payload });
    }
    sent
}

fn pause(chance: &mut Random) -> SignedDuration {
    match chance.below(10) {
        0..=3 => SignedDuration::from_millis(i64::try_from(chance.below(3)).unwrap_or_default()),
        4..=6 => SignedDuration::from_secs(i64::try_from(chance.below(60)).unwrap_or_default()),
        7..=8 => SignedDuration::from_mins(i64::try_from(chance.below(45)).unwrap_or_default()),
        _ => SignedDuration::from_mins(i64::try_from(chance.below(400)).unwrap_or_default()),
    }
}

fn customer(number: usize) -> Json {
    json!({"id": format!("c{number}"), "email": format!("c{number}@example.com"), "phone": "+4915550001001"})
}

fn order(event: usize, id: usize, of: usize, chance: &mut Random) -> Json {
    let total = [20, 80, 120, 200].get(chance.below(4)).copied().unwrap_or(20);
    json!({
        "id": id, "number": format!("#{event}"), "total": format!("{total}.00"), "currency": "EUR",
        "customer": customer(of), "cart_id": format!("cart{}", chance.below(4)),
    })
}

fn payment(order: usize) -> Json {
    json!({"id": format!("p{order}"), "order_id": order, "customer_id": "c0", "amount": 100, "currency": "EUR"})
}

fn cart(number: usize, chance: &mut Random) -> Json {
    let items: Vec<Json> = (0..chance.below(4)).map(|line| json!({"sku": format!("s{line}")})).collect();
    json!({"id": format!("cart{number}"), "items": items, "total": "9.00", "currency": "EUR"})
}

fn product(number: usize, chance: &mut Random) -> Json {
    json!({"id": number, "title": format!("product {number}"), "stock": chance.below(20)})
}

fn member(number: usize, chance: &mut Random, start: Timestamp) -> Json {
    let status = chance.pick(&["active", "lapsed", "paused"]).copied().unwrap_or_default();
    let hours = i64::try_from(60 + chance.below(60)).unwrap_or_default();
    let renews_at = start.saturating_add(SignedDuration::from_hours(hours)).unwrap_or(start);
    let renews_at = if chance.chance(800) { json!(renews_at.to_string()) } else { Json::Null };
    json!({
        "id": format!("m{number}"), "email": format!("m{number}@example.com"), "status": status,
        "renews_at": renews_at,
    })
}

/// What became of a call at the other side, and what the caller hears of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Fate {
    Done,
    /// Nothing happened, and that is certain.
    Refused {
        retryable: bool,
    },
    /// Nobody knows whether it happened.
    Unknown {
        retryable: bool,
    },
}

impl Fate {
    pub(super) fn by_chance(chance: &mut Random, troubled: bool) -> Self {
        match chance.below(if troubled { 12 } else { 60 }) {
            0 => Fate::Refused { retryable: true },
            1 => Fate::Refused { retryable: false },
            2..=3 => Fate::Unknown { retryable: true },
            4 => Fate::Unknown { retryable: false },
            _ => Fate::Done,
        }
    }
}

/// Answers the next call as it was told to.
#[derive(Default)]
pub(super) struct Answering(Mutex<Option<Fate>>);

impl Answering {
    pub(super) fn next(&self, fate: Fate) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(fate);
    }
}

impl Connector for Answering {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        let fate = self.0.lock().unwrap_or_else(PoisonError::into_inner).take().unwrap_or(Fate::Done);
        let failure = |message: &str, certain, retryable| {
            Err(Failure { message: message.to_owned(), certain, retryable, ..Failure::default() })
        };
        let answer = match fate {
            // Who repeats a call under its key is told the same.
            Fate::Done => {
                Ok(Response { result: json!({"id": format!("r{}", request.key)}), detail: Json::Null })
            }
            Fate::Refused { retryable } => failure("refused", true, retryable),
            Fate::Unknown { retryable } => failure("no answer", false, retryable),
        };
        Box::pin(std::future::ready(answer))
    }
}

/// Shared by all daemons of a seed.
pub(super) type Outside = Arc<Answering>;
