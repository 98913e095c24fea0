//! Webhooks: requests that the system makes, so events.

use hence_diagnostics::Span;
use hence_schema::json::Node;
use serde_json::{Value as Json, json};

use super::Reader;
use super::operation::{doc, json_content};
use crate::events::{Sent, fixed_text};
use crate::findings::Findings;
use crate::names::dotted;
use crate::write::set;

impl<'a> Reader<'a, '_> {
    /// Reads a webhook. Returns how it is sent, if it is an event.
    pub(super) fn webhook(&mut self, name: &str, operation: &'a Node, place: Span) -> Option<Sent<'a>> {
        let body = self.meant(operation.get("requestBody").or(operation.get("parameters"))?)?;
        // Swagger 2 has its body among the parameters, as some descriptions with `x-webhooks` do.
        let media = match body.get("content") {
            Some(content) => json_content(content),
            None => {
                body.items().find(|parameter| parameter.get("in").and_then(Node::as_text) == Some("body"))
            }
        };
        let Some(schema) = media.and_then(|media| media.get("schema")) else {
            self.found.lost(place, format!("the webhook `{name}`, whose body is no JSON that is described"));
            return None;
        };
        if self.types.slots(schema, name, &mut Findings::default()).is_none() {
            self.found.lost(place, format!("the webhook `{name}`, whose body is no object"));
            return None;
        }
        let title = match super::reference_of(schema) {
            Some(reference) => self.files.resolve(reference).ok().map(|target| target.name),
            None => None,
        };
        let meant = self.meant(schema)?;
        let payload = self.types.named(meant, title.as_deref().unwrap_or(name));
        let mut event = json!({ "payload": payload });
        let text = doc(operation);
        if !text.is_empty() {
            set(&mut event, "description", text);
        }
        let examples = examples(media?);
        if !examples.is_empty() {
            set(&mut event, "examples", examples);
        }
        let (mut headers, mut described) = (Vec::new(), Vec::new());
        for parameter in operation.get("parameters").into_iter().flat_map(Node::items) {
            let Some(parameter) = self.meant(parameter) else { continue };
            if parameter.get("in").and_then(Node::as_text) != Some("header") {
                continue;
            }
            let header = parameter.get("name").and_then(Node::as_text).unwrap_or_default().to_lowercase();
            if let Some(value) = parameter.get("schema").and_then(|schema| fixed_text(self.files, schema)) {
                headers.push((header.clone(), value.to_owned()));
            }
            described.push(header);
        }
        let event = self.draft.add_event(&dotted(name), event, place);
        Some(Sent { event, payload: schema, headers, described })
    }
}

/// The examples of a body.
fn examples(media: &Node) -> Vec<Json> {
    let one = media.get("example").map(Node::to_json);
    let several = media.get("examples").into_iter().flat_map(Node::members);
    let several = several.filter_map(|(_, member)| member.value.get("value")).map(Node::to_json);
    one.into_iter().chain(several).filter(Json::is_object).collect()
}
