//! Events that a system sends: how a delivery tells which one it is.

use hence_diagnostics::Span;
use hence_schema::json::Node;
use serde_json::{Value as Json, json};

use crate::files::Files;
use crate::findings::Findings;
use crate::types::reference_of;
use crate::write::{Draft, set};

/// An event that is sent to an address of ours.
pub(crate) struct Sent<'a> {
    /// Its name in the integration.
    pub(crate) event: String,
    /// The schema of its payload.
    pub(crate) payload: &'a Node,
    /// The headers that have one value always.
    pub(crate) headers: Vec<(String, String)>,
    /// The names of all headers that are described, lower case.
    pub(crate) described: Vec<String>,
}

/// Adds how deliveries are read, if a header or a field tells all events apart.
pub(crate) fn add_webhook(
    files: &Files,
    sent: &[Sent<'_>],
    place: Span,
    draft: &mut Draft,
    found: &mut Findings,
) {
    if sent.is_empty() {
        return;
    }
    let Some((whence, values)) = by_header(sent).or_else(|| by_field(files, sent)) else {
        found.guessed(
            place,
            "how a delivery tells which event it is: nothing fixed tells all apart, so events come by `/v1/events` alone",
        );
        return;
    };
    let mappings: Vec<Json> = sent
        .iter()
        .zip(values)
        .map(|(sent, value)| json!({ "provider": value, "event": sent.event }))
        .collect();
    let mut webhook = json!({ "event": whence, "mappings": mappings });
    let describes = |name: &str| sent.iter().all(|sent| sent.described.iter().any(|header| header == name));
    if describes("webhook-signature") && describes("webhook-id") {
        set(&mut webhook, "delivery", json!({ "header": "webhook-id" }));
        set(&mut webhook, "signature", json!({ "scheme": "standard-webhooks" }));
        let doc = "The secret that webhooks are signed with.";
        draft.add_setting("webhook_secret", json!({ "description": doc, "secret": true, "default": "" }));
    } else {
        found.guessed(
            place,
            "that deliveries are not signed: the description names no scheme that is known here",
        );
    }
    draft.webhook = Some(webhook);
}

/// The header that has a fixed value in each event, another in each.
fn by_header(sent: &[Sent<'_>]) -> Option<(Json, Vec<String>)> {
    let first = sent.first()?;
    first.headers.iter().find_map(|(name, _)| {
        let value = |sent: &Sent<'_>| {
            sent.headers.iter().find(|(other, _)| other == name).map(|(_, value)| value.clone())
        };
        Some((json!({ "header": name }), distinct(sent.iter().map(value).collect::<Option<Vec<_>>>()?)?))
    })
}

/// The field of the payload that has a fixed value in each event, another in each.
fn by_field(files: &Files, sent: &[Sent<'_>]) -> Option<(Json, Vec<String>)> {
    let mut names = Vec::new();
    fields(files, sent.first()?.payload, 0, &mut |name, _| names.push(name.to_owned()));
    names.into_iter().find_map(|name| {
        let mut values = Vec::new();
        for sent in sent {
            let mut value = None;
            fields(files, sent.payload, 0, &mut |other, text| {
                if other == name && value.is_none() {
                    value = Some(text.to_owned());
                }
            });
            values.push(value?);
        }
        let pointer = format!("/{}", name.replace('~', "~0").replace('/', "~1"));
        Some((json!({ "body": pointer }), distinct(values)?))
    })
}

fn distinct(values: Vec<String>) -> Option<Vec<String>> {
    let differ = values
        .iter()
        .enumerate()
        .all(|(index, value)| !values.iter().take(index).any(|other| other == value));
    differ.then_some(values)
}

/// Tells of the fields of an object that have one text always.
fn fields<'a>(files: &'a Files, node: &'a Node, depth: usize, tell: &mut dyn FnMut(&'a str, &'a str)) {
    if depth > 16 {
        return;
    }
    if let Some(target) = reference_of(node).and_then(|reference| files.resolve(reference).ok()) {
        fields(files, target.node, depth + 1, tell);
    }
    for (name, member) in node.get("properties").into_iter().flat_map(Node::members) {
        if let Some(text) = fixed_text(files, &member.value) {
            tell(name, text);
        }
    }
    for part in node.get("allOf").into_iter().flat_map(Node::items) {
        fields(files, part, depth + 1, tell);
    }
}

/// The only text that a schema allows.
pub(crate) fn fixed_text<'a>(files: &'a Files, node: &'a Node) -> Option<&'a str> {
    let node = match reference_of(node) {
        Some(reference) => files.resolve(reference).ok()?.node,
        None => node,
    };
    let listed = node.get("enum").and_then(Node::as_list);
    node.get("const").and_then(Node::as_text).or_else(|| match listed {
        Some([only]) => only.as_text(),
        Some(_) | None => None,
    })
}
