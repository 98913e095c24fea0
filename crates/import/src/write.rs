//! From what was read to the text of an integration file, asked of the loader before it is handed out.
//!
//! What the loader does not take (a union whose types do not go together, a name in a circle) is taken out, told, and
//! the loader asked again, so that a description of any shape gives a file that is checked.

mod examples;

use hence_diagnostics::{Code, Diagnostic, FileId, Severity, Sources, Span};
use hence_schema::json::{self, Node};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::findings::Findings;
use crate::names::{snake, unique};
use crate::print::print;
use crate::{Integration, Options};

/// How often the loader is asked: each time something is taken out.
const MOST_ROUNDS: usize = 200;

/// A named part of the integration, and where the description has it.
pub(crate) type Part = (Json, Span);

/// An integration while it is made.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) title: String,
    pub(crate) version: String,
    pub(crate) description: String,
    /// The types by name.
    pub(crate) types: IndexMap<String, Part>,
    /// What unions become that the loader does not take.
    pub(crate) fallbacks: IndexMap<String, Json>,
    pub(crate) events: IndexMap<String, Part>,
    pub(crate) actions: IndexMap<String, Part>,
    pub(crate) entities: IndexMap<String, Part>,
    pub(crate) settings: Map<String, Json>,
    pub(crate) webhook: Option<Json>,
    /// The id that the integration has if none is wanted; made of the title else.
    pub(crate) id: Option<String>,
    /// The address of the format, for editors.
    pub(crate) schema: Option<String>,
    /// Sections that come from an earlier file.
    pub(crate) others: Map<String, Json>,
}

impl Draft {
    /// Adds an event under a name that no other has.
    pub(crate) fn add_event(&mut self, name: &str, event: Json, place: Span) -> String {
        let name = if name.is_empty() { "event" } else { name };
        let name = unique(name, |name| self.events.contains_key(name));
        self.events.insert(name.clone(), (event, place));
        name
    }

    /// Adds an action under a name that no other has.
    pub(crate) fn add_action(&mut self, name: &str, action: Json, place: Span) -> String {
        let name = if name.is_empty() { "call" } else { name };
        let name = unique(name, |name| self.actions.contains_key(name));
        self.actions.insert(name.clone(), (action, place));
        name
    }

    /// Adds a setting of the connection, unless there is one of that name.
    pub(crate) fn add_setting(&mut self, name: &str, setting: Json) {
        self.settings.entry(name).or_insert(setting);
    }

    pub(crate) fn to_json(&self, id: &str) -> Json {
        let mut root = Map::new();
        root.extend(self.schema.clone().map(|schema| ("$schema".to_owned(), schema.into())));
        root.insert("hence".to_owned(), 1.into());
        root.insert("id".to_owned(), id.into());
        let title = if self.title.is_empty() { id } else { &self.title };
        root.insert("title".to_owned(), title.into());
        let version = if self.version.is_empty() { "1.0.0" } else { &self.version };
        root.insert("version".to_owned(), version.into());
        if !self.description.is_empty() {
            root.insert("description".to_owned(), self.description.clone().into());
        }
        for (section, parts) in [
            ("types", &self.types),
            ("events", &self.events),
            ("entities", &self.entities),
            ("actions", &self.actions),
        ] {
            if !parts.is_empty() {
                let parts = parts.iter().map(|(name, (json, _))| (name.clone(), json.clone())).collect();
                root.insert(section.to_owned(), Json::Object(parts));
            }
        }
        root.extend(self.others.clone());
        if !self.settings.is_empty() {
            root.insert("connection".to_owned(), json!({ "settings": self.settings }));
        }
        root.extend(self.webhook.clone().map(|webhook| ("webhook".to_owned(), webhook)));
        Json::Object(root)
    }

    fn part(&mut self, section: &str) -> Option<&mut IndexMap<String, Part>> {
        match section {
            "types" => Some(&mut self.types),
            "events" => Some(&mut self.events),
            "actions" => Some(&mut self.actions),
            "entities" => Some(&mut self.entities),
            _ => None,
        }
    }
}

/// Sets a member of an object.
pub(crate) fn set(object: &mut Json, name: &str, value: impl Into<Json>) {
    if let Some(members) = object.as_object_mut() {
        members.insert(name.to_owned(), value.into());
    }
}

/// Returns the integration's file.
pub(crate) fn finish(
    mut draft: Draft,
    options: &Options,
    stem: String,
    found: &mut Findings,
) -> Option<Integration> {
    let id = [options.id.clone(), draft.id.clone(), Some(snake(&draft.title)), Some(snake(&stem))];
    let id = id.into_iter().flatten().find(|id| !id.is_empty()).unwrap_or_else(|| "imported".to_owned());
    for _ in 0..MOST_ROUNDS {
        let text = print(&draft.to_json(&id));
        let mut sources = Sources::new();
        let file = sources.add(format!("{id}.json"), text.as_str());
        let loaded = hence_schema::load(&sources, file);
        if loaded.diagnostics.is_empty() {
            let count = |parts: &IndexMap<String, Part>| parts.len();
            let (types, events, actions) = (count(&draft.types), count(&draft.events), count(&draft.actions));
            return Some(Integration { id, text, types, events, actions });
        }
        let root = json::parse(file, &text).root?;
        let (examples, others): (Vec<&Diagnostic>, Vec<&Diagnostic>) =
            loaded.diagnostics.iter().partition(|one| one.code == Code::InvalidExample);
        let mut mended = false;
        // Of several problems of one part the first is mended; the others may be of its making.
        let mut touched: Vec<(String, String)> = Vec::new();
        for diagnostic in &others {
            let Some(part) = part_at(&root, diagnostic.primary.span) else { continue };
            if !touched.contains(&part) {
                mended |= mend(&mut draft, &part, diagnostic, found);
                touched.push(part);
            }
        }
        if let Some(integration) = loaded.integration.filter(|_| others.is_empty()) {
            mended |= !examples.is_empty();
            examples::mend(&mut draft.events, &integration.events, found);
        }
        if !mended {
            let place =
                draft.types.values().chain(draft.events.values()).chain(draft.actions.values()).next();
            let place = place.map_or(Span::new(FileId::default(), 0, 0), |(_, place)| *place);
            for diagnostic in loaded.diagnostics.iter().filter(|one| one.severity == Severity::Error) {
                found.wrong(
                    place,
                    format!("the integration that was made is not taken: {}", diagnostic.message),
                );
            }
            return None;
        }
    }
    None
}

/// Takes out what the loader does not take. Returns whether something changed.
fn mend(
    draft: &mut Draft,
    (section, name): &(String, String),
    diagnostic: &Diagnostic,
    found: &mut Findings,
) -> bool {
    let message = &diagnostic.message;
    if section == "webhook" {
        draft.webhook = None;
        found.guessed(Span::new(FileId::default(), 0, 0), format!("nothing of webhooks: {message}"));
        return true;
    }
    let fallback = draft.fallbacks.swap_remove(name);
    let Some(parts) = draft.part(section) else { return false };
    let Some((json, place)) = parts.get_mut(name) else { return false };
    if section == "types" {
        let any = Json::Object(Map::new());
        let replacement = fallback.unwrap_or_else(|| any.clone());
        if *json == replacement {
            return false;
        }
        let what =
            if replacement == any { "it is any JSON" } else { "it has the fields of all of its types" };
        found.lost(*place, format!("the type `{name}`, {what}: {message}"));
        *json = replacement;
        return true;
    }
    found.lost(*place, format!("`{name}`: {message}"));
    parts.shift_remove(name);
    true
}

/// Returns the section and the name of the part that a place is in.
fn part_at(root: &Node, at: Span) -> Option<(String, String)> {
    for (section, member) in root.members() {
        if section == "webhook" && member.value.span.contains(at.start) {
            return Some((section.to_owned(), String::new()));
        }
        for (name, part) in member.value.members() {
            if part.name_span.contains(at.start) || part.value.span.contains(at.start) {
                return Some((section.to_owned(), name.to_owned()));
            }
        }
    }
    None
}
