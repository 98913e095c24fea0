//! An event as it comes out of the inbox.

use hence_types::jiff::Timestamp;

/// An event: its envelope, and its payload as JSON text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventInput<'a> {
    /// The full name, such as `shop.order.created`.
    pub name: &'a str,
    /// The id.
    pub id: &'a str,
    /// When it happened.
    pub time: Timestamp,
    /// Where it comes from: the id of the integration.
    pub source: &'a str,
    /// The payload, a JSON text.
    pub payload: &'a str,
}
