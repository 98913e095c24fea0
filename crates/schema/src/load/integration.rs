//! One integration: its types, events, actions and settings.

use std::sync::Arc;

use hence_diagnostics::{Sources, Span, nearest};
use hence_types::{Record, Type};
use indexmap::IndexMap;
use serde_json::Value as Json;

use super::{call, entity, entry_point, feed, text_of, webhook};
use crate::dialect::{Document, Resolver, currency_problem, payload_currencies};
use crate::json::{Member, Node};
use crate::{Action, Call, Class, Connection, Entity, Event, Integration, Param, Setting, Union};

/// Builds the integration of a file. What the file lacks or has wrong is left out or of the error type.
pub(crate) fn build<'a>(
    resolver: &mut Resolver<'a>,
    document: &'a Document,
    sources: &Sources,
) -> Integration {
    let root = &document.root;
    let section = |name: &str| root.get(name).into_iter().flat_map(Node::members);
    let types = section("types")
        .filter_map(|(name, _)| Some((name.to_owned(), resolver.named(&document.id, name)?.ty)))
        .collect();
    let prefix = format!("{}.", document.id);
    let of_document =
        |(name, union): (&Arc<str>, &Union)| Some((name.strip_prefix(&prefix)?.to_owned(), union.clone()));
    let unions = resolver.unions.iter().filter_map(of_document).collect();
    let events: IndexMap<String, Event> = section("events")
        .map(|(name, member)| (name.to_owned(), event(resolver, document, name, member, sources)))
        .collect();
    let mut entities: IndexMap<String, Entity> = section("entities")
        .map(|(name, member)| (name.to_owned(), entity::build(resolver, document, name, member, &events)))
        .collect();
    let mut actions: IndexMap<String, Action> = section("actions")
        .map(|(name, member)| (name.to_owned(), action(resolver, document, name, member)))
        .collect();
    for (name, member) in section("reads") {
        if actions.contains_key(name) {
            resolver.report(member.name_span, format!("`{name}` is an action as well"));
        }
        actions.insert(name.to_owned(), read(resolver, document, name, member));
    }
    for (name, member) in section("entities") {
        if let Some(entity) = entities.get_mut(name) {
            entity.update = entity::update(resolver, &member.value, entity, &actions);
        }
    }
    let entry_points = section("entry_points").map(|(name, member)| {
        (name.to_owned(), entry_point::build(resolver, document, name, member, sources))
    });
    let entry_points = entry_points.collect();
    let feeds = section("feeds")
        .map(|(name, member)| (name.to_owned(), feed::build(resolver, document, member)))
        .collect();
    Integration {
        id: document.id.clone(),
        title: text_of(root, "title"),
        version: text_of(root, "version"),
        doc: text_of(root, "description"),
        types,
        unions,
        events,
        entities,
        actions,
        entry_points,
        feeds,
        webhook: root.get("webhook").map(|node| webhook::build(resolver, document, node)),
        connection: connection(root),
        origin: root.get("id").map_or(root.span, |id| id.span),
    }
}

fn connection(root: &Node) -> Connection {
    let settings = root.get("connection").and_then(|connection| connection.get("settings"));
    let settings = settings.into_iter().flat_map(Node::members).map(|(name, member)| {
        let node = &member.value;
        let setting = Setting {
            doc: text_of(node, "description"),
            secret: node.get("secret").and_then(Node::as_bool) == Some(true),
            default: node.get("default").and_then(Node::as_text).map(str::to_owned),
        };
        (name.to_owned(), setting)
    });
    Connection { settings: settings.collect() }
}

fn event<'a>(
    resolver: &mut Resolver<'a>,
    document: &'a Document,
    name: &str,
    member: &'a Member,
    sources: &Sources,
) -> Event {
    let node = &member.value;
    let (payload, examples) = content(resolver, document, member, "payload", sources);
    Event {
        full_name: format!("{}.{name}", document.id).into(),
        doc: text_of(node, "description"),
        payload,
        emit: node.get("emit").and_then(Node::as_bool) == Some(true),
        examples,
        origin: member.name_span,
    }
}

/// Reads the type of a whole JSON text, a payload or a context, and the examples beside it.
pub(super) fn content<'a>(
    resolver: &mut Resolver<'a>,
    document: &'a Document,
    member: &'a Member,
    name: &str,
    sources: &Sources,
) -> (Arc<Record>, Vec<Json>) {
    let content = object(resolver, document, member, name);
    for (wanted, amount) in payload_currencies(&content) {
        let origin = amount.origin.unwrap_or(member.name_span);
        let problem = currency_problem(&wanted, None, origin, &content.fields, &format!("the {name}"));
        resolver.diagnostics.extend(problem);
    }
    let examples: Vec<&Node> = member.value.get("examples").into_iter().flat_map(Node::items).collect();
    for example in examples.iter().filter(|example| document.check_examples && example.as_object().is_some())
    {
        super::example::check(resolver, &content, example, sources);
    }
    (content, examples.into_iter().map(Node::to_json).collect())
}

/// Reads the type at a member, which must be an object with fields. Bare `{"type": "object"}` has none.
fn object<'a>(
    resolver: &mut Resolver<'a>,
    document: &'a Document,
    owner: &'a Member,
    name: &str,
) -> Arc<Record> {
    let Some(member) = owner.value.member(name) else { return Arc::default() };
    let shape = resolver.schema(&document.id, &member.value, None, owner.name_span);
    match shape.ty.required() {
        Type::Record(record) => return record.clone(),
        Type::Error | Type::Json => {}
        Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Float
        | Type::String
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Period
        | Type::Percent
        | Type::Money(_)
        | Type::Enum(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Optional(_)
        | Type::Nothing => {
            resolver.report(member.value.span, format!("`{name}` must be an object with `properties`"));
        }
    }
    Arc::default()
}

fn action<'a>(resolver: &mut Resolver<'a>, document: &'a Document, name: &str, member: &'a Member) -> Action {
    let node = &member.value;
    let record = object(resolver, document, member, "params");
    let params: IndexMap<Arc<str>, Param> = record
        .fields
        .iter()
        .map(|(name, field)| {
            let param = Param {
                ty: field.ty.clone(),
                wire: field.wire.clone(),
                doc: field.doc.clone(),
                sensitive: field.sensitive,
                origin: field.origin.unwrap_or(member.name_span),
            };
            (name.clone(), param)
        })
        .collect();
    let result = node.member("result");
    let result = result.map(|result| resolver.schema(&document.id, &result.value, None, result.name_span).ty);
    Action {
        full_name: format!("{}.{name}", document.id).into(),
        doc: text_of(node, "description"),
        result,
        class: class(node),
        read: false,
        call: call::build(resolver, document, name, node, &params),
        lookup: call::lookup(resolver, document, name, node, &params),
        causes: causes(resolver, document, node),
        params,
        origin: member.name_span,
    }
}

/// Builds a read: an action that changes nothing. Its result may be missing where the call says so.
fn read<'a>(resolver: &mut Resolver<'a>, document: &'a Document, name: &str, member: &'a Member) -> Action {
    let read = Action { class: Class::Idempotent, read: true, ..action(resolver, document, name, member) };
    let result = read.result.clone();
    let may_be_missing = match &read.call {
        Call::Http(call) => !call.missing.is_empty(),
        // A row may not be there; that a value is there, the file says.
        Call::Sql(_) => result.as_ref().is_some_and(|result| matches!(result, Type::Record(_))),
        Call::Smtp(_) | Call::Log(_) | Call::Notification(_) | Call::Task(_) | Call::Effect => false,
    };
    Action { result: if may_be_missing { result.map(Type::optional) } else { result }, ..read }
}

/// Returns what repeating does; where nothing valid is said, the most careful.
fn class(node: &Node) -> Class {
    match node.get("class").and_then(Node::as_text) {
        Some("idempotent") => Class::Idempotent,
        Some("queryable") => Class::Queryable,
        _ => Class::AtMostOnce,
    }
}

fn causes<'a>(resolver: &mut Resolver<'a>, document: &'a Document, node: &Node) -> Vec<String> {
    let mut names = Vec::new();
    for (node, name) in
        node.get("causes").into_iter().flat_map(Node::items).filter_map(|node| Some((node, node.as_text()?)))
    {
        names.push(name.to_owned());
        let Some((id, event)) = name.split_once('.') else { continue };
        if id != document.id && !resolver.is_complete() {
            continue;
        }
        match resolver.documents().get(id) {
            Some(other) => known_event(resolver, other, event, node.span, &format!("{id}.")),
            None => {
                let known = resolver.documents().keys().map(String::as_str);
                let near = nearest(id, known).map(|near| (near, format!("{near}.{event}")));
                resolver.unknown(node.span, format!("there is no integration `{id}`"), near);
            }
        }
    }
    names
}

/// Reports an event that `document` does not have. `prefix` is what stands before the event's name in the text.
pub(super) fn known_event(
    resolver: &mut Resolver<'_>,
    document: &Document,
    event: &str,
    span: Span,
    prefix: &str,
) {
    let events = document.root.get("events");
    if events.is_some_and(|events| events.member(event).is_some()) {
        return;
    }
    let known = events.into_iter().flat_map(Node::members).map(|(name, _)| name);
    let near = nearest(event, known).map(|near| (near, format!("{prefix}{near}")));
    resolver.unknown(span, format!("`{}` has no event `{event}`", document.id), near);
}
