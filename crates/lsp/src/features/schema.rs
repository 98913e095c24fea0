//! Integration files while they are written, by the JSON Schema that is published for them.

use std::sync::LazyLock;

use hence_diagnostics::Span;
use hence_schema::FORMAT;
use hence_schema::json::{self, Node, Value};
use serde_json::Value as Json;

use super::completion::{Completions, Kind, Proposal};
use super::hover::Hover;
use crate::view::View;

static SCHEMA: LazyLock<Json> = LazyLock::new(|| serde_json::from_str(FORMAT).unwrap_or(Json::Null));

/// Returns whether a file is an integration.
pub(crate) fn is_integration(view: View<'_>) -> bool {
    view.source().is_some_and(|source| source.name().ends_with(".json"))
}

/// Returns what the schema says of the member at a place.
pub(crate) fn hover(view: View<'_>, offset: u32) -> Option<Hover> {
    let root = json::parse(view.file, view.text()).root?;
    let mut schemas = vec![&*SCHEMA];
    let mut node = &root;
    loop {
        let mut inner = None;
        if let Value::Object(members) = &node.value {
            for (name, member) in members {
                if member.name_span.contains(offset) {
                    let found = members_of(&schemas, name);
                    let text = found.iter().find_map(|schema| schema.get("description")?.as_str())?;
                    return Some(Hover { span: member.name_span, text: text.to_owned() });
                }
                if member.value.span.contains(offset) {
                    inner = Some((members_of(&schemas, name), &member.value));
                }
            }
        }
        for item in node.items().filter(|item| item.span.contains(offset)) {
            inner = Some((items_of(&schemas), item));
        }
        (schemas, node) = inner?;
    }
}

/// Returns what can be written at a place: members that are not there yet, or values.
pub(crate) fn completion(view: View<'_>, offset: u32) -> Option<Completions> {
    let text = view.text();
    let before = text.get(..offset as usize)?;
    let word_start = before.trim_end_matches(|c: char| c.is_alphanumeric() || "_$#/.-".contains(c)).len();
    let quoted = before.get(..word_start)?.ends_with('"');
    let place = Place::of(before.get(..word_start)?.trim_end_matches('"'))?;
    let mut schemas = vec![&*SCHEMA];
    for step in &place.path {
        schemas = match step {
            Some(name) => members_of(&schemas, name),
            None => items_of(&schemas),
        };
    }
    let mut proposals = Vec::new();
    let written = |text: &str| if quoted { text.to_owned() } else { format!("\"{text}\"") };
    if place.wants_name {
        for schema in unfolded(&schemas) {
            for (name, member) in schema.get("properties").and_then(Json::as_object).into_iter().flatten() {
                if !place.names.contains(name) && !name.starts_with('$') {
                    let doc = unfolded(&[member]).iter().find_map(|one| one.get("description")?.as_str());
                    proposals.push(Proposal::new(written(name), Kind::Field).detail(doc.unwrap_or_default()));
                }
            }
        }
    } else {
        for schema in unfolded(&schemas) {
            let values = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
            for value in values.chain(schema.get("const")) {
                match value.as_str() {
                    Some(value) => proposals.push(Proposal::new(written(value), Kind::Value)),
                    None => proposals.push(Proposal::new(value.to_string(), Kind::Value)),
                }
            }
        }
        if place.path.last().is_some_and(|name| name.as_deref() == Some("$ref")) {
            let root = json::parse(view.file, text).root;
            let types = root.as_ref().and_then(|root| root.get("types"));
            let names = types.into_iter().flat_map(Node::members).map(|(name, _)| name);
            proposals
                .extend(names.map(|name| Proposal::new(written(&format!("#/types/{name}")), Kind::Type)));
        }
    }
    proposals.dedup_by(|a, b| a.label == b.label);
    Some(Completions::of(Span::new(view.file, word_start as u32, offset), view, proposals))
}

/// Where a place in a JSON text is, as far as the text before it tells.
struct Place {
    /// The members and elements that hold it, the outermost first; `None` for an element.
    path: Vec<Option<String>>,
    /// Whether a member's name is to be written there, and no value.
    wants_name: bool,
    /// The names that the object has before the place.
    names: Vec<String>,
}

impl Place {
    /// Reads the text before a place, whatever is wrong with it; nothing where no object is open.
    fn of(before: &str) -> Option<Place> {
        struct Open {
            is_object: bool,
            names: Vec<String>,
            key: Option<String>,
        }
        let mut open: Vec<Open> = Vec::new();
        let mut last_text = None;
        let mut characters = before.chars();
        while let Some(character) = characters.next() {
            match character {
                '"' => {
                    let mut text = String::new();
                    while let Some(next) = characters.next() {
                        match next {
                            '\\' => text.extend(characters.next()),
                            '"' => break,
                            other => text.push(other),
                        }
                    }
                    last_text = Some(text);
                }
                '{' | '[' => {
                    open.push(Open { is_object: character == '{', names: Vec::new(), key: None });
                }
                '}' | ']' => {
                    open.pop();
                }
                ':' => {
                    if let (Some(inner), Some(name)) = (open.last_mut(), last_text.take()) {
                        inner.names.push(name.clone());
                        inner.key = Some(name);
                    }
                }
                ',' => {
                    if let Some(inner) = open.last_mut() {
                        inner.key = None;
                    }
                }
                _ => {}
            }
        }
        let innermost = open.last()?;
        let wants_name = innermost.is_object && innermost.key.is_none();
        let names = innermost.names.clone();
        let mut path: Vec<Option<String>> = Vec::new();
        let depth = open.len();
        for (index, one) in open.into_iter().enumerate() {
            if index + 1 < depth || !wants_name {
                path.push(if one.is_object { one.key } else { None });
            }
        }
        Some(Place { path, wants_name, names })
    }
}

/// Returns the schemas of a member.
fn members_of<'a>(schemas: &[&'a Json], name: &str) -> Vec<&'a Json> {
    let of = |schema: &&'a Json| {
        let named = schema.get("properties").and_then(|all| all.get(name));
        named.or_else(|| schema.get("additionalProperties").filter(|other| other.is_object()))
    };
    unfolded(schemas).iter().filter_map(of).collect()
}

fn items_of<'a>(schemas: &[&'a Json]) -> Vec<&'a Json> {
    unfolded(schemas).iter().filter_map(|schema| schema.get("items")).collect()
}

/// Returns schemas with all that they refer to and are put together from.
fn unfolded<'a>(schemas: &[&'a Json]) -> Vec<&'a Json> {
    let mut all: Vec<&'a Json> = Vec::new();
    let mut open: Vec<&'a Json> = schemas.to_vec();
    while let Some(schema) = open.pop() {
        if all.iter().any(|known| std::ptr::eq(*known, schema)) {
            continue;
        }
        all.push(schema);
        let referred = schema.get("$ref").and_then(Json::as_str).and_then(|path| path.strip_prefix('#'));
        open.extend(referred.and_then(|path| SCHEMA.pointer(path)));
        for word in ["allOf", "anyOf", "oneOf"] {
            open.extend(schema.get(word).and_then(Json::as_array).into_iter().flatten());
        }
        open.extend(schema.get("then"));
    }
    all
}
