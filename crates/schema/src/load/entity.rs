//! Entities: what systems keep, and which events carry the values of their fields.

use std::sync::Arc;

use hence_diagnostics::nearest;
use hence_types::{Field, Record, Type};
use indexmap::IndexMap;

use super::integration::known_event;
use super::text_of;
use crate::dialect::{Document, Resolver};
use crate::json::{Member, Node};
use crate::{Action, Carrier, Entity, Event, Update};

/// Builds an entity. Its events are those of the same integration.
pub(super) fn build(
    resolver: &mut Resolver<'_>,
    document: &Document,
    name: &str,
    member: &Member,
    events: &IndexMap<String, Event>,
) -> Entity {
    let node = &member.value;
    let mut fields = Record {
        name: Some(format!("{}.{name}", document.id).into()),
        origin: Some(member.name_span),
        ..Record::default()
    };
    let before = resolver.diagnostics.len();
    let carriers = node.get("carried_by").into_iter().flat_map(Node::items);
    let carriers = carriers
        .filter_map(|node| carrier(resolver, document, node, events, &mut fields))
        .collect::<Vec<_>>();
    // Where an event could not be read, what it lacks is no mistake of the key.
    let key = if resolver.diagnostics.len() > before {
        Vec::new()
    } else {
        key(resolver, node, &fields, &carriers)
    };
    Entity {
        full_name: format!("{}.{name}", document.id).into(),
        doc: text_of(node, "description"),
        key,
        fields: Arc::new(fields),
        carriers,
        update: None,
        origin: member.name_span,
    }
}

/// Reads how rules set the fields of an entity, by one of these actions.
pub(super) fn update(
    resolver: &mut Resolver<'_>,
    node: &Node,
    entity: &Entity,
    actions: &IndexMap<String, Action>,
) -> Option<Update> {
    let node = node.get("update")?;
    let named = node.get("action")?;
    let name = named.as_text()?;
    let Some(action) = actions.get(name).filter(|action| !action.read) else {
        let near =
            nearest(name, actions.iter().filter(|(_, action)| !action.read).map(|(name, _)| name.as_str()));
        let near = near.map(|near| (near, near.to_owned()));
        resolver.unknown(named.span, format!("there is no action `{name}`"), near);
        return None;
    };
    let before = resolver.diagnostics.len();
    let mut param = |name: &str, span| {
        let found = action.params.get_key_value(name).map(|(name, _)| Arc::clone(name));
        if found.is_none() {
            let near = nearest(name, action.params.keys().map(|name| &**name));
            let near = near.map(|near| (near, near.to_owned()));
            resolver.unknown(span, format!("`{}` has no parameter `{name}`", action.full_name), near);
        }
        found
    };
    let mut key = Vec::new();
    for (name, member) in node.get("key").into_iter().flat_map(Node::members) {
        let field = member.value.as_text().map(Arc::<str>::from);
        key.extend(param(name, member.name_span).zip(field));
    }
    let mut with = Vec::new();
    for (name, member) in node.get("with").into_iter().flat_map(Node::members) {
        let text = member.value.as_text().map(Arc::<str>::from);
        with.extend(param(name, member.name_span).zip(text));
    }
    let mut through = |member: &str| {
        let node = node.get(member)?;
        param(node.as_text()?, node.span)
    };
    let (field, value) = (through("field"), through("value"));
    let mut fields = IndexMap::new();
    for part in node.get("fields").into_iter().flat_map(Node::items) {
        let Some(name) = part.as_text() else { continue };
        let takes = value.clone().or_else(|| param(name, part.span));
        fields.extend(takes.map(|takes| (Arc::from(name), takes)));
    }
    for part in node.get("fields").into_iter().flat_map(Node::items) {
        let Some(name) = part.as_text().filter(|name| !entity.fields.fields.contains_key(*name)) else {
            continue;
        };
        let near = nearest(name, entity.fields.fields.keys().map(|name| &**name));
        let near = near.map(|near| (near, near.to_owned()));
        resolver.unknown(part.span, format!("no event carries a field `{name}`"), near);
    }
    if let Some((_, lacking)) = key.iter().find(|(_, field)| !entity.key.contains(field)) {
        let span = node.get("key").map_or(node.span, |key| key.span);
        resolver.report(span, format!("`{lacking}` is no field of the key"));
    } else if let Some(lacking) = entity.key.iter().find(|name| !key.iter().any(|(_, field)| field == *name))
    {
        let span = node.get("key").map_or(node.span, |key| key.span);
        resolver.report(span, format!("no parameter takes the field `{lacking}` of the key"));
    }
    if field.is_some() != value.is_some() {
        resolver.report(node.span, "`field` and `value` go together");
    }
    let given = |name: &Arc<str>| {
        key.iter().chain(&with).any(|(param, _)| param == name)
            || [&field, &value].into_iter().flatten().any(|param| param == name)
    };
    let lacking = action.params.iter().find(|(name, param)| !param.ty.is_optional() && !given(name));
    if let Some((lacking, _)) = lacking {
        resolver.report(
            named.span,
            format!("`{}` needs `{lacking}`, which nothing is given for", action.full_name),
        );
    }
    let is_sound = resolver.diagnostics.len() == before;
    is_sound.then(|| Update { action: name.to_owned(), key, fields, field, with })
}

/// Reads the names of the fields that tell one entity from another: every event that carries any field has them.
fn key(resolver: &mut Resolver<'_>, node: &Node, fields: &Record, carriers: &[Carrier]) -> Vec<Arc<str>> {
    let Some(key) = node.get("key") else { return Vec::new() };
    let parts: Vec<&Node> = if key.as_text().is_some() { vec![key] } else { key.items().collect() };
    let mut names = Vec::new();
    for (part, name) in parts.into_iter().filter_map(|part| Some((part, part.as_text()?))) {
        let lacking = carriers.iter().find(|carrier| !carrier.fields.contains_key(name));
        if !fields.fields.contains_key(name) {
            let near = nearest(name, fields.fields.keys().map(|name| &**name));
            let near = near.map(|near| (near, near.to_owned()));
            resolver.unknown(part.span, format!("no event carries a field `{name}`"), near);
        } else if let Some(carrier) = lacking {
            let message = format!("`{}` does not carry the field `{name}` of the key", carrier.event);
            resolver.report(part.span, message);
        } else {
            names.push(Arc::from(name));
        }
    }
    names
}

fn carrier(
    resolver: &mut Resolver<'_>,
    document: &Document,
    node: &Node,
    events: &IndexMap<String, Event>,
    fields: &mut Record,
) -> Option<Carrier> {
    let named = node.get("event")?;
    let name = named.as_text()?;
    let Some(event) = events.get(name) else {
        known_event(resolver, document, name, named.span, "");
        return None;
    };
    let mut carrier = Carrier {
        event: event.full_name.clone(),
        fields: IndexMap::new(),
        old: IndexMap::new(),
        actor: None,
    };
    let explicit = node.get("fields");
    if node.get("at").is_some() || explicit.is_none() {
        let at = node.get("at");
        let (path, record) = match at {
            Some(at) => located(resolver, event, at)?,
            None => (Vec::new(), Type::Record(event.payload.clone())),
        };
        if let Type::Record(record) = record.required() {
            for (name, field) in &record.fields {
                let mut path = path.clone();
                path.push(name.clone());
                add(fields, name, field.clone());
                carrier.fields.insert(name.clone(), path);
            }
        } else if let Some(at) = at {
            resolver.report(at.span, "an entity is an object with `properties`");
        }
    }
    for (name, member) in explicit.into_iter().flat_map(Node::members) {
        let Some((path, field)) = field_at(resolver, event, &member.value) else { continue };
        if let Some(before) = fields.fields.get(name)
            && before.ty.required() != field.ty.required()
        {
            let message =
                format!("the field `{name}` is `{}` in another event, here `{}`", before.ty, field.ty);
            resolver.report(member.name_span, message);
            continue;
        }
        add(fields, name, field);
        carrier.fields.insert(Arc::from(name), path);
    }
    for (name, member) in node.get("old").into_iter().flat_map(Node::members) {
        if !carrier.fields.contains_key(name) {
            let near = nearest(name, carrier.fields.keys().map(|name| &**name));
            let near = near.map(|near| (near, near.to_owned()));
            resolver.unknown(member.name_span, format!("the event does not carry a field `{name}`"), near);
        } else if let Some((path, _)) = field_at(resolver, event, &member.value) {
            carrier.old.insert(Arc::from(name), path);
        }
    }
    if let Some(actor) = node.get("actor") {
        carrier.actor = field_at(resolver, event, actor).map(|(path, _)| path);
    }
    Some(carrier)
}

/// Adds a field of one event to those of the entity. The first event that carries it says what it is; where another
/// may lack it, it may be missing.
fn add(fields: &mut Record, name: &str, field: Field) {
    let optional = field.ty.is_optional();
    let known = fields.fields.entry(Arc::from(name)).or_insert(field);
    if optional {
        known.ty = known.ty.clone().optional();
    }
}

/// Returns the path that a JSON pointer means in the payload of an event, and the field there.
fn field_at(resolver: &mut Resolver<'_>, event: &Event, pointer: &Node) -> Option<(Vec<Arc<str>>, Field)> {
    let text = pointer.as_text()?;
    if text.is_empty() {
        resolver.report(pointer.span, "the pointer leads to the whole payload, not to a field");
        return None;
    }
    let field = event.payload.at(&names(text));
    match field {
        Some(field) => Some((names(text), field)),
        None => {
            resolver.report(pointer.span, format!("`{}` has no field at `{text}`", event.full_name));
            None
        }
    }
}

/// Returns the path that a JSON pointer means in the payload of an event, and the type there.
fn located(resolver: &mut Resolver<'_>, event: &Event, pointer: &Node) -> Option<(Vec<Arc<str>>, Type)> {
    if pointer.as_text() == Some("") {
        return Some((Vec::new(), Type::Record(event.payload.clone())));
    }
    field_at(resolver, event, pointer).map(|(path, field)| (path, field.ty))
}

fn names(pointer: &str) -> Vec<Arc<str>> {
    let names = pointer.split('/').skip(1);
    names.map(|name| Arc::from(name.replace("~1", "/").replace("~0", "~"))).collect()
}
