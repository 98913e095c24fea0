//! Queries whose rows are events.

use hence_types::jiff::SignedDuration;

use super::call::need_database;
use super::integration::known_event;
use super::placeholder::{Names, Place};
use super::text_of;
use crate::Feed;
use crate::dialect::{Document, Resolver};
use crate::json::{Member, Node};

/// Builds a feed.
pub(super) fn build(resolver: &mut Resolver<'_>, document: &Document, member: &Member) -> Feed {
    let node = &member.value;
    let settings = document.root.pointer("/connection/settings");
    for (name, placeholder) in [("select", "limit"), ("acknowledge", "id")] {
        if let Some(statement) = node.get(name) {
            let names = Names { owner: name, known: vec![placeholder], settings };
            names.check(resolver, statement, Place::Statement);
        }
    }
    need_database(resolver, document, node.get("select"));
    let event = node.get("event");
    if let Some((node, name)) = event.and_then(|event| Some((event, event.as_text()?))) {
        known_event(resolver, document, name, node.span, "");
    }
    let every = node.get("every");
    let duration = every.and_then(Node::as_text).and_then(|text| text.parse::<SignedDuration>().ok());
    if let (Some(every), true) = (every, duration.is_some_and(|duration| duration.is_zero())) {
        resolver.report(every.span, "the time between two questions is longer than nothing");
    }
    Feed {
        doc: text_of(node, "description"),
        every: duration.unwrap_or(SignedDuration::from_mins(1)),
        select: text_of(node, "select"),
        event: event.and_then(Node::as_text).map(str::to_owned),
        acknowledge: node.get("acknowledge").and_then(Node::as_text).map(str::to_owned),
        listen: node.get("listen").and_then(Node::as_text).map(str::to_owned),
        origin: member.name_span,
    }
}
