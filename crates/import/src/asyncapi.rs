//! AsyncAPI 2 and 3: messages become events.
//!
//! Which side a message goes to is read from the operations. What the described application takes is an event too, and
//! told: many descriptions are written from the other side than the standard means.

use hence_diagnostics::Span;
use hence_schema::json::Node;
use serde_json::{Value as Json, json};

use crate::events::{self, Sent, fixed_text};
use crate::files::Files;
use crate::findings::Findings;
use crate::names::dotted;
use crate::openapi::version_text;
use crate::types::{Types, reference_of};
use crate::write::{Draft, set};

/// A message on its way.
struct Message<'a> {
    node: &'a Node,
    /// What it is called where it is referred to, or the channel it is in.
    name: String,
    place: Span,
}

struct Reader<'a, 'd> {
    files: &'a Files,
    root: &'a Node,
    types: Types<'a>,
    draft: &'d mut Draft,
    found: &'d mut Findings,
    seen: Vec<Span>,
}

pub(crate) fn read(files: &Files, draft: &mut Draft, found: &mut Findings) {
    let mut roots = files.roots().filter(|root| root.get("asyncapi").is_some());
    let Some(root) = roots.next() else {
        if let Some(first) = files.roots().next() {
            found.wrong(
                first.span,
                "this is no description of AsyncAPI: it has no member `asyncapi` with the version",
            );
        }
        return;
    };
    if let Some(second) = roots.next() {
        found.wrong(second.span, "the folder has a second description: import one at a time");
        return;
    }
    let mut reader = Reader { files, root, types: Types::new(files), draft, found, seen: Vec::new() };
    reader.read();
    reader.types.hand_over(reader.draft, reader.found);
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) {
        let text =
            |pointer: &str| self.root.pointer(pointer).and_then(Node::as_text).unwrap_or_default().to_owned();
        self.draft.title = text("/info/title");
        self.draft.version =
            self.root.pointer("/info/version").map(version_text).unwrap_or_default().to_owned();
        self.draft.description = text("/info/description");
        let Some(version) = self.root.get("asyncapi") else { return };
        let text = version_text(version);
        let messages = match text.split('.').next() {
            Some("2") => self.messages_of_2(),
            Some("3") => self.messages_of_3(),
            Some(_) | None => {
                self.found.wrong(version.span, format!("the version `{text}` is not known: 2 and 3 are"));
                return;
            }
        };
        let mut sent = Vec::new();
        for message in messages {
            sent.extend(self.message(&message));
        }
        for (name, what) in
            [("servers", "the servers"), ("externalDocs", "external documentation"), ("tags", "the tags")]
        {
            if let Some(member) = self.root.member(name) {
                self.found.lost(member.name_span, format!("{what} of the description: events come by HTTP"));
            }
        }
        if let Some(member) =
            self.root.get("components").and_then(|components| components.member("securitySchemes"))
        {
            self.found.lost(member.name_span, "the security schemes of servers");
        }
        let place = self.root.member("channels").map_or(self.root.span, |member| member.name_span);
        events::add_webhook(self.files, &sent, place, self.draft, self.found);
    }

    fn meant(&mut self, node: &'a Node) -> Option<(&'a Node, Option<String>)> {
        let Some(reference) = reference_of(node) else { return Some((node, None)) };
        match self.files.resolve(reference) {
            Ok(target) => Some((target.node, Some(target.name))),
            Err(problem) => {
                self.found.add(*problem);
                None
            }
        }
    }

    fn bindings(&mut self, node: &'a Node) {
        for name in ["bindings", "correlationId"] {
            if let Some(member) = node.member(name) {
                self.found.lost(member.name_span, format!("`{name}` of channels, operations and messages"));
            }
        }
    }

    /// Version 2: a channel has `subscribe`, what the application sends, and `publish`, what it takes.
    fn messages_of_2(&mut self) -> Vec<Message<'a>> {
        let mut messages = Vec::new();
        for (channel, member) in self.root.get("channels").into_iter().flat_map(Node::members) {
            let Some((item, _)) = self.meant(&member.value) else { continue };
            self.bindings(item);
            if let Some(parameters) = item.member("parameters") {
                self.found.lost(parameters.name_span, "the parameters of a channel's name");
            }
            for direction in ["subscribe", "publish"] {
                let Some(operation) = item.get(direction) else { continue };
                self.bindings(operation);
                if direction == "publish" {
                    self.takes(operation.span, channel);
                }
                let Some(message) = operation.get("message") else { continue };
                let listed =
                    message.get("oneOf").map_or_else(|| vec![message], |listed| listed.items().collect());
                let single = listed.len() == 1;
                for node in listed {
                    let Some((node, name)) = self.meant(node) else { continue };
                    let by_channel = if single { channel.to_owned() } else { format!("{channel}.message") };
                    messages.push(Message { node, name: name.unwrap_or(by_channel), place: node.span });
                }
            }
        }
        messages
    }

    /// Version 3: operations `send` or `receive` messages of a channel; without operations, all of all channels.
    fn messages_of_3(&mut self) -> Vec<Message<'a>> {
        let mut messages = Vec::new();
        let mut told = Vec::new();
        for (name, member) in self.root.get("operations").into_iter().flat_map(Node::members) {
            let Some((operation, _)) = self.meant(&member.value) else { continue };
            self.bindings(operation);
            let Some((channel, _)) = operation.get("channel").and_then(|channel| self.meant(channel)) else {
                continue;
            };
            if operation.get("action").and_then(Node::as_text) == Some("receive") {
                self.takes(member.name_span, name);
            }
            if let Some(reply) = operation.member("reply") {
                self.found.lost(reply.name_span, "the reply of an operation");
            }
            told.push(channel.span);
            let chosen: Vec<&'a Node> = operation.get("messages").into_iter().flat_map(Node::items).collect();
            for node in &chosen {
                let Some((node, name)) = self.meant(node) else { continue };
                messages.push(Message { node, name: name.unwrap_or_default(), place: node.span });
            }
            if chosen.is_empty() {
                self.all_of_channel(channel, &mut messages);
            }
        }
        for (_, member) in self.root.get("channels").into_iter().flat_map(Node::members) {
            let Some((channel, _)) = self.meant(&member.value) else { continue };
            self.bindings(channel);
            if let Some(parameters) = channel.member("parameters") {
                self.found.lost(parameters.name_span, "the parameters of a channel's name");
            }
            if !told.contains(&channel.span) {
                self.found
                    .guessed(member.name_span, "that messages of a channel without an operation are events");
                self.all_of_channel(channel, &mut messages);
            }
        }
        messages
    }

    fn all_of_channel(&mut self, channel: &'a Node, messages: &mut Vec<Message<'a>>) {
        for (name, member) in channel.get("messages").into_iter().flat_map(Node::members) {
            if let Some((node, _)) = self.meant(&member.value) {
                messages.push(Message { node, name: name.to_owned(), place: member.name_span });
            }
        }
    }

    fn takes(&mut self, place: Span, name: &str) {
        self.found.guessed(
            place,
            format!(
                "that what `{name}` says the application takes is an event: it may be meant the other way"
            ),
        );
    }

    /// Reads a message. Returns how it is sent, if it is an event.
    fn message(&mut self, message: &Message<'a>) -> Option<Sent<'a>> {
        let node = message.node;
        if self.seen.contains(&node.span) {
            return None;
        }
        self.seen.push(node.span);
        self.bindings(node);
        // A message may be spread over traits; what it says itself comes first.
        let mut parts = vec![node];
        for part in node.get("traits").into_iter().flat_map(Node::items) {
            parts.extend(self.meant(part).map(|(part, _)| part));
        }
        let member = |name: &str| parts.iter().find_map(|part| part.get(name));
        let own = ["messageId", "name"].iter().find_map(|name| member(name)?.as_text());
        let name = own.unwrap_or(&message.name).to_owned();
        let format = member("schemaFormat").or(node.pointer("/payload/schemaFormat"));
        let (payload, headers) = (node.get("payload"), member("headers"));
        let texts: Vec<&str> =
            ["summary", "description"].iter().filter_map(|name| member(name)?.as_text()).collect();
        let (described, examples) = (texts.join("\n\n"), member("examples"));
        if let Some(format) = format {
            let text = format.as_text().unwrap_or_default();
            let is_schema = ["asyncapi", "schema+json", "schema+yaml", "openapi"]
                .iter()
                .any(|known| text.contains(known));
            if !is_schema {
                self.found.lost(
                    format.span,
                    format!("the message `{name}`, whose payload is described in `{text}`"),
                );
                return None;
            }
        }
        let payload = payload.map(|payload| {
            payload.get("schema").filter(|_| payload.get("schemaFormat").is_some()).unwrap_or(payload)
        });
        let Some(payload) = payload else {
            self.found.lost(message.place, format!("the message `{name}`, whose payload is not described"));
            return None;
        };
        if self.types.slots(payload, &name, &mut Findings::default()).is_none() {
            self.found.lost(payload.span, format!("the message `{name}`, whose payload is no object"));
            return None;
        }
        let (headers, lost_headers) = self.headers(headers);
        if let Some(place) = lost_headers {
            self.found.lost(place, "the headers of messages");
        }
        let (schema, title) = self.meant(payload)?;
        let reference = self.types.named(schema, title.as_deref().unwrap_or(&name));
        let mut event = json!({ "payload": reference });
        if !described.is_empty() {
            set(&mut event, "description", described);
        }
        let examples: Vec<Json> = examples
            .into_iter()
            .flat_map(Node::items)
            .filter_map(|example| example.get("payload"))
            .map(Node::to_json)
            .collect();
        if !examples.is_empty() {
            set(&mut event, "examples", examples);
        }
        let event = self.draft.add_event(&dotted(&name), event, message.place);
        let described = headers.iter().map(|(name, _)| name.clone()).collect();
        Some(Sent { event, payload, headers, described })
    }

    /// Returns the headers that have one value always, and where there are others.
    fn headers(&mut self, headers: Option<&'a Node>) -> (Vec<(String, String)>, Option<Span>) {
        let Some((headers, _)) = headers.and_then(|headers| self.meant(headers)) else {
            return (Vec::new(), None);
        };
        let mut fixed = Vec::new();
        let mut lost = None;
        for (name, member) in headers.get("properties").into_iter().flat_map(Node::members) {
            match fixed_text(self.files, &member.value) {
                Some(text) => fixed.push((name.to_lowercase(), text.to_owned())),
                None => lost = lost.or(Some(member.name_span)),
            }
        }
        (fixed, lost)
    }
}
