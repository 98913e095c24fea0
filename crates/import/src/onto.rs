//! An integration that is made anew keeps what descriptions do not say: what people wrote into the file before.

use hence_schema::json::{self, Node};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

use crate::Unreadable;
use crate::findings::Findings;
use crate::write::{Draft, set};

/// Sections that descriptions say nothing of.
const OTHERS: &[&str] = &["entry_points", "reads", "feeds"];

/// Brings what the file at `path` has into the draft: title, settings, actions, examples and descriptions of events, how
/// webhooks are signed. Events that are not described any more are told.
pub(crate) fn keep(
    path: &std::path::Path,
    draft: &mut Draft,
    found: &mut Findings,
) -> Result<(), Unreadable> {
    let text =
        std::fs::read_to_string(path).map_err(|source| Unreadable::File { path: path.to_owned(), source })?;
    let parsed = json::parse(hence_diagnostics::FileId::default(), &text);
    let Some(root) = parsed.root.filter(|_| parsed.diagnostics.is_empty()) else {
        let source = std::io::Error::other("it is no JSON");
        return Err(Unreadable::File { path: path.to_owned(), source });
    };
    let json = |name: &str| root.get(name).map(Node::to_json);
    let own = |name: &str| root.get(name).and_then(Node::as_text).map(str::to_owned);
    draft.schema = own("$schema");
    for (member, kept) in [
        ("title", &mut draft.title),
        ("version", &mut draft.version),
        ("description", &mut draft.description),
    ] {
        if let Some(text) = own(member) {
            *kept = text;
        }
    }
    draft.id = draft.id.take().or(own("id"));
    if let Some(Json::Object(mut settings)) = root.pointer("/connection/settings").map(Node::to_json) {
        for (name, setting) in std::mem::take(&mut draft.settings) {
            settings.entry(name).or_insert(setting);
        }
        draft.settings = settings;
    }
    let place = draft.events.values().next().map(|(_, place)| *place);
    let place = place.unwrap_or(hence_diagnostics::Span::new(hence_diagnostics::FileId::default(), 0, 0));
    for (section, parts) in
        [("types", &mut draft.types), ("actions", &mut draft.actions), ("entities", &mut draft.entities)]
    {
        let mut kept = IndexMap::new();
        for (name, part) in json(section).as_ref().and_then(Json::as_object).into_iter().flatten() {
            // Actions are written with care; types are described anew.
            if section != "types" || !parts.contains_key(name) {
                kept.insert(name.clone(), (part.clone(), place));
            }
        }
        if section == "types" {
            parts.extend(kept);
        } else {
            for (name, part) in std::mem::take(parts) {
                kept.entry(name).or_insert(part);
            }
            *parts = kept;
        }
    }
    for (name, event) in json("events").as_ref().and_then(Json::as_object).into_iter().flatten() {
        let Some((new, _)) = draft.events.get_mut(name) else {
            found.lost(place, format!("the event `{name}` of {}, which is not described", path.display()));
            continue;
        };
        for member in ["description", "examples", "emit"] {
            if let Some(value) = event.get(member) {
                set(new, member, value.clone());
            }
        }
    }
    for name in OTHERS {
        draft.others.extend(json(name).map(|section| ((*name).to_owned(), section)));
    }
    if let Some(Json::Object(webhook)) = json("webhook") {
        draft.webhook = Some(merged(webhook, draft.webhook.take()));
    }
    Ok(())
}

/// How deliveries are read: as before, with the names that are new.
fn merged(mut webhook: Map<String, Json>, new: Option<Json>) -> Json {
    let known = |mappings: &[Json], mapping: &Json| {
        mappings.iter().any(|known| known.get("provider") == mapping.get("provider"))
    };
    if let (Some(Json::Array(mappings)), Some(new)) = (webhook.get_mut("mappings"), new) {
        for mapping in new.get("mappings").and_then(Json::as_array).into_iter().flatten() {
            if !known(mappings, mapping) {
                mappings.push(mapping.clone());
            }
        }
    }
    Json::Object(webhook)
}

/// Takes out the types that nothing refers to: types of before that have another name now.
pub(crate) fn drop_unused(draft: &mut Draft) {
    loop {
        let whole = draft.to_json("x").to_string();
        let unused: Vec<String> = draft
            .types
            .keys()
            .filter(|name| !whole.contains(&format!("\"#/types/{name}\"")))
            .cloned()
            .collect();
        if unused.is_empty() {
            return;
        }
        for name in unused {
            draft.types.shift_remove(&name);
        }
    }
}
