//! How webhooks are read.

use indexmap::IndexMap;

use super::integration::known_event;
use super::text_of;
use crate::dialect::{Document, Resolver};
use crate::json::Node;
use crate::{EventName, Mapping, Signature, Webhook};

/// Builds the section `webhook`.
pub(super) fn build(resolver: &mut Resolver<'_>, document: &Document, node: &Node) -> Webhook {
    let header = |node: &Node| node.get("header").and_then(Node::as_text).map(str::to_lowercase);
    let pointer = |node: &Node| node.get("body").and_then(Node::as_text).map(str::to_owned);
    let pointers = |node: &Node| -> Vec<String> {
        let parts = node.get("parts").into_iter().flat_map(Node::items);
        pointer(node).into_iter().chain(parts.filter_map(Node::as_text).map(str::to_owned)).collect()
    };
    let delivery = node.get("delivery");
    let mappings = node.get("mappings").into_iter().flat_map(Node::items);
    Webhook {
        event: match node.get("event").map(|event| (header(event), pointer(event))) {
            Some((Some(header), Some(body))) => EventName::HeaderAndBody(header, body),
            Some((Some(header), None)) => EventName::Header(header),
            Some((None, body)) => EventName::Body(body.unwrap_or_default()),
            None => EventName::Body(String::new()),
        },
        mappings: mappings.map(|mapping| self::mapping(resolver, document, mapping)).collect(),
        delivery_header: delivery.and_then(header),
        delivery_pointers: delivery.map(pointers).unwrap_or_default(),
        payload_pointer: text_of(node, "payload"),
        batch_pointer: node.get("batch").and_then(Node::as_text).map(str::to_owned),
        challenge: node.get("challenge").and_then(Node::as_text).map(str::to_owned),
        signature: signature(resolver, document, node),
    }
}

fn mapping(resolver: &mut Resolver<'_>, document: &Document, node: &Node) -> Mapping {
    let event = node.get("event");
    if let Some((node, name)) = event.and_then(|event| Some((event, event.as_text()?))) {
        known_event(resolver, document, name, node.span, "");
    }
    let when: IndexMap<String, serde_json::Value> = node
        .get("when")
        .into_iter()
        .flat_map(Node::members)
        .map(|(pointer, member)| (pointer.to_owned(), member.value.to_json()))
        .collect();
    Mapping { provider: text_of(node, "provider"), when, event: text_of(node, "event") }
}

fn signature(resolver: &mut Resolver<'_>, document: &Document, node: &Node) -> Signature {
    let Some(section) = node.get("signature") else { return Signature::None };
    let scheme = section.get("scheme");
    let signature = match scheme.and_then(Node::as_text) {
        Some("standard-webhooks") => Signature::StandardWebhooks,
        Some("github") => Signature::Github,
        Some("hmac-base64") => Signature::HmacBase64(text_of(section, "header").to_lowercase()),
        Some("monday-jwt") => Signature::MondayJwt,
        Some("stripe") => Signature::Stripe,
        Some("slack") => Signature::Slack,
        Some("twilio") => Signature::Twilio,
        Some("sendgrid") => Signature::Sendgrid,
        _ => return Signature::None,
    };
    let mut needs = vec![("webhook_secret", "{ \"secret\": true }")];
    if signature == Signature::Twilio {
        needs.push(("webhook_url", "{ }"));
    }
    for (setting, declaration) in needs {
        let declared = document.root.pointer(&format!("/connection/settings/{setting}"));
        if let (None, Some(scheme)) = (declared, scheme) {
            resolver
                .report(scheme.span, format!("a signature needs the connection's setting `{setting}`"))
                .helps
                .push(format!("add `\"{setting}\": {declaration}` to the settings of `connection`"));
        }
    }
    signature
}
