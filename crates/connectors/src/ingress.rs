//! Webhooks as providers send them → our events. One delivery may be several.
//!
//! Payloads are cut out of the body as text and never rewritten, so that numbers keep their digits; a form becomes an
//! object of texts first. Bodies are walked
//! without recursion over their own depth.

mod document;

use hence_schema::{EventName, Mapping, Webhook};
use reqwest::header::{CONTENT_TYPE, HeaderMap};
use serde_json::value::RawValue;
use serde_json::{Value as Json, json};

pub use document::{DEPTH_LIMIT, Defect, validate};

use document::at;

/// What a delivery is.
#[derive(Debug, Clone, PartialEq)]
pub enum Delivery {
    /// The handshake of a provider that wants to see that someone listens: the body of the answer.
    Challenge(Json),
    /// Events, in order.
    Events(Vec<IncomingEvent>),
}

/// An event that came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IncomingEvent {
    /// The full name of our event, such as `shop.order.created`.
    pub name: String,
    /// The id by which the provider repeats the same event, if it gives one.
    pub delivery: Option<String>,
    /// The payload: JSON, as it was received.
    pub payload: String,
}

/// Why a delivery cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IngressError {
    /// The body is no JSON that is taken.
    #[error(transparent)]
    Body(#[from] Defect),
    /// The delivery does not say which event it is.
    #[error("the delivery does not say which event it is: {0} is missing")]
    NoEventName(String),
    /// None of our events stands for the provider's.
    #[error("integration `{integration}` has no event for `{provider}`")]
    UnknownEvent {
        /// The integration.
        integration: String,
        /// The provider's name of the event.
        provider: String,
        /// The provider's names that are known.
        known: Vec<String>,
    },
    /// The body has no payload where the integration says it is.
    #[error("the body has no payload at `{0}`")]
    NoPayload(String),
}

/// Reads a delivery of an integration.
pub fn read(
    webhook: &Webhook,
    integration: &str,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Delivery, IngressError> {
    let form = form_fields(headers, body).map(form_json);
    let body = validate(form.as_ref().map_or(body, |form| form.as_bytes()))?;
    let items =
        webhook.batch_pointer.as_deref().and_then(|pointer| at(body, pointer)).and_then(document::items);
    let batch = items.is_some();
    let mut events = Vec::new();
    for (index, item) in items.unwrap_or_else(|| vec![body]).into_iter().enumerate() {
        let reader = Reader { webhook, integration, headers, body, item };
        match reader.event(batch.then_some(index)) {
            Ok(event) => events.push(event),
            Err(error) => return challenge(webhook, body).ok_or(error),
        }
    }
    Ok(Delivery::Events(events))
}

/// The fields of a body that is a form of a web page, in order.
pub(crate) fn form_fields(headers: &HeaderMap, body: &[u8]) -> Option<Vec<(String, String)>> {
    let kind = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let kind = kind.split(';').next().unwrap_or_default().trim();
    kind.eq_ignore_ascii_case("application/x-www-form-urlencoded")
        .then(|| form_urlencoded::parse(body).into_owned().collect())
}

/// The JSON that a form stands for: an object of texts, lists where a name stands more than once. Providers that
/// wrap JSON into a form, as Slack does and GitHub can, call its only field `payload`.
fn form_json(fields: Vec<(String, String)>) -> String {
    if let [(name, value)] = fields.as_slice()
        && name == "payload"
    {
        return value.clone();
    }
    let mut object = serde_json::Map::new();
    for (name, value) in fields {
        match object.get_mut(&name) {
            Some(Json::Array(values)) => values.push(value.into()),
            Some(first) => *first = json!([first.take(), value]),
            None => drop(object.insert(name, value.into())),
        }
    }
    Json::Object(object).to_string()
}

/// The answer to a handshake: a body that is no event of ours and has the member that is to be echoed.
fn challenge(webhook: &Webhook, body: &RawValue) -> Option<Delivery> {
    let member = webhook.challenge.as_deref()?;
    let token = at(body, &format!("/{}", member.replace('~', "~0").replace('/', "~1"))).and_then(text)?;
    Some(Delivery::Challenge(json!({ member: token })))
}

/// One event of a delivery. Pointers go from the item of a batch; a name that the item lacks may stand in the body.
struct Reader<'a> {
    webhook: &'a Webhook,
    integration: &'a str,
    headers: &'a HeaderMap,
    body: &'a RawValue,
    item: &'a RawValue,
}

impl Reader<'_> {
    fn event(&self, index: Option<usize>) -> Result<IncomingEvent, IngressError> {
        let provider = self.provider_name()?;
        let mapping = self.webhook.mappings.iter().find(|mapping| self.fits(mapping, &provider));
        let mapping = mapping.ok_or_else(|| IngressError::UnknownEvent {
            integration: self.integration.to_owned(),
            provider,
            known: self.webhook.mappings.iter().map(|mapping| mapping.provider.clone()).collect(),
        })?;
        let pointer = &self.webhook.payload_pointer;
        let payload = at(self.item, pointer).ok_or_else(|| IngressError::NoPayload(pointer.clone()))?;
        Ok(IncomingEvent {
            name: format!("{}.{}", self.integration, mapping.event),
            delivery: self.delivery(index),
            payload: payload.get().to_owned(),
        })
    }

    fn provider_name(&self) -> Result<String, IngressError> {
        let missing = |place: String| IngressError::NoEventName(place);
        let in_header = |name: &str| self.header(name).ok_or_else(|| missing(format!("header `{name}`")));
        match &self.webhook.event {
            EventName::Header(name) => in_header(name),
            EventName::Body(pointer) => {
                self.text_at(pointer).ok_or_else(|| missing(format!("a text at `{pointer}` of the body")))
            }
            EventName::HeaderAndBody(name, pointer) => {
                let first = in_header(name)?;
                Ok(match self.text_at(pointer) {
                    Some(second) => format!("{first}.{second}"),
                    None => first,
                })
            }
        }
    }

    fn fits(&self, mapping: &Mapping, provider: &str) -> bool {
        let holds = |(pointer, expected): (&String, &Json)| {
            let found = at(self.item, pointer).and_then(|raw| serde_json::from_str::<Json>(raw.get()).ok());
            found.as_ref() == Some(expected)
        };
        matches_pattern(&mapping.provider, provider) && mapping.when.iter().all(holds)
    }

    fn delivery(&self, index: Option<usize>) -> Option<String> {
        // Ids are texts or numbers; a number is taken with its digits.
        let digits = |raw: &RawValue| {
            raw.get().starts_with(|c: char| c.is_ascii_digit()).then(|| raw.get().to_owned())
        };
        let part = |pointer: &String| {
            let raw = at(self.item, pointer)?;
            text(raw).or_else(|| digits(raw)).filter(|part| !part.is_empty())
        };
        let in_body = || {
            let parts: Option<Vec<String>> = self.webhook.delivery_pointers.iter().map(part).collect();
            parts.filter(|parts| !parts.is_empty()).map(|parts| parts.join(":"))
        };
        let in_header = || self.webhook.delivery_header.as_deref().and_then(|name| self.header(name));
        match index {
            None => in_header().or_else(in_body),
            Some(index) => in_body().or_else(|| in_header().map(|id| format!("{id}:{index}"))),
        }
        .filter(|id| !id.is_empty())
    }

    fn header(&self, name: &str) -> Option<String> {
        self.headers.get(name)?.to_str().ok().map(str::to_owned)
    }

    fn text_at(&self, pointer: &str) -> Option<String> {
        at(self.item, pointer).or_else(|| at(self.body, pointer)).and_then(text)
    }
}

/// The text that a JSON value is, if it is one.
fn text(raw: &RawValue) -> Option<String> {
    serde_json::from_str(raw.get()).ok()
}

/// Returns whether a provider's name is what a mapping says; `*` stands for any text between two dots.
fn matches_pattern(pattern: &str, name: &str) -> bool {
    let (mut patterns, mut names) = (pattern.split('.'), name.split('.'));
    loop {
        match (patterns.next(), names.next()) {
            (None, None) => return true,
            (Some(pattern), Some(name)) if matches_segment(pattern, name) => {}
            _ => return false,
        }
    }
}

/// Matches one part between dots: what stands between the stars must follow in order.
fn matches_segment(pattern: &str, name: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == name };
    let Some(mut name) = name.strip_prefix(start) else { return false };
    let mut pieces: Vec<&str> = rest.split('*').collect();
    let last = pieces.pop().unwrap_or_default();
    for piece in pieces {
        match name.split_once(piece) {
            Some((_, after)) => name = after,
            None => return false,
        }
    }
    name.ends_with(last)
}

#[cfg(test)]
mod tests;
