//! Entry points: what a decision is told, and what rules may answer.

use std::sync::Arc;

use hence_diagnostics::{Sources, nearest};
use hence_types::{Record, Type};
use indexmap::IndexMap;

use super::integration::content;
use super::text_of;
use crate::dialect::{Document, Resolver};
use crate::json::{Member, Node};
use crate::{EntryPoint, Settable};

/// Builds an entry point. Answers that name nothing are reported and left out.
pub(super) fn build<'a>(
    resolver: &mut Resolver<'a>,
    document: &'a Document,
    name: &str,
    member: &'a Member,
    sources: &Sources,
) -> EntryPoint {
    let node = &member.value;
    let (context, examples) = content(resolver, document, member, "context", sources);
    EntryPoint {
        name: name.into(),
        doc: text_of(node, "description"),
        effects: effects(resolver, document, node),
        settable: settable(resolver, node, &context),
        block: node.get("block").and_then(Node::as_bool) == Some(true),
        context,
        examples,
        origin: member.name_span,
    }
}

fn effects(resolver: &mut Resolver<'_>, document: &Document, node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    for (node, name) in
        node.get("effects").into_iter().flat_map(Node::items).filter_map(|node| Some((node, node.as_text()?)))
    {
        let Some((id, action)) = name.split_once('.') else { continue };
        if id != document.id && !resolver.is_complete() {
            names.push(name.to_owned());
            continue;
        }
        let Some(other) = resolver.documents().get(id) else {
            let known = resolver.documents().keys().map(String::as_str);
            let near = nearest(id, known).map(|near| (near, format!("{near}.{action}")));
            resolver.unknown(node.span, format!("there is no integration `{id}`"), near);
            continue;
        };
        let actions = other.root.get("actions");
        let Some(found) = actions.and_then(|actions| actions.get(action)) else {
            let known = actions.into_iter().flat_map(Node::members).map(|(name, _)| name);
            let near = nearest(action, known).map(|near| (near, format!("{id}.{near}")));
            resolver.unknown(node.span, format!("`{id}` has no action `{action}`"), near);
            continue;
        };
        let kind = found.pointer("/call/kind").and_then(Node::as_text);
        if kind.is_some_and(|kind| kind != "effect") {
            let message =
                format!("`{name}` calls a system; only actions of the kind `effect` answer a decision");
            resolver.report(node.span, message);
            continue;
        }
        names.push(name.to_owned());
    }
    names
}

fn settable(resolver: &mut Resolver<'_>, node: &Node, context: &Arc<Record>) -> IndexMap<String, Settable> {
    let nothing = Arc::new(Record::default());
    let mut found = IndexMap::new();
    for (node, path) in
        node.get("set").into_iter().flat_map(Node::items).filter_map(|node| Some((node, node.as_text()?)))
    {
        let mut record = context;
        let mut settable = None;
        let mut unknown = None;
        for name in path.split('.') {
            let Some(field) = record.fields.get(name) else {
                unknown = Some((name, record));
                break;
            };
            settable = Some(Settable {
                ty: field.ty.required().clone(),
                wire: field.wire.clone(),
                sensitive: field.sensitive,
                origin: field.origin.unwrap_or(node.span),
            });
            // Where there is no record, a further name names nothing.
            record = if let Type::Record(inner) = field.ty.required() { inner } else { &nothing };
        }
        match (unknown, settable) {
            (Some((name, record)), _) => {
                // What was reported of the context is not reported again.
                if !context.fields.is_empty() {
                    let near = nearest(name, record.fields.keys().map(|name| &**name));
                    let near = near.map(|near| (near, path.replace(name, near)));
                    resolver.unknown(node.span, format!("the context has no field `{path}`"), near);
                }
            }
            (None, Some(settable)) => {
                found.insert(path.to_owned(), settable);
            }
            (None, None) => {}
        }
    }
    found
}
