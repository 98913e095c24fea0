//! What changed between two versions of an integration, and whether rules that were right before may be wrong now.
//!
//! What rules read may come to have more and must not come to have less; of what rules give it is the other way about.
//! A named type is compared once, under its own name, by both if it is both read and given.

use std::collections::BTreeSet;
use std::sync::Arc;

use hence_types::{Record, Type};
use indexmap::IndexMap;

use crate::{Action, EntryPoint, Event, Integration};

/// What a change is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// Something is there that was not.
    Added,
    /// Something is not there any more.
    Removed,
    /// Something has another type.
    Type,
    /// What was always there may be missing, or may be left out.
    Optional,
    /// What could be missing is always there, or must be given.
    Required,
    /// A set of texts has others.
    Values,
    /// A value is spelt otherwise in JSON.
    Spelling,
    /// Something else that rules do not see, such as a class or how a webhook is signed.
    Behaviour,
}

impl ChangeKind {
    /// Returns the name, such as `added`.
    pub fn as_str(self) -> &'static str {
        match self {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Type => "type",
            ChangeKind::Optional => "optional",
            ChangeKind::Required => "required",
            ChangeKind::Values => "values",
            ChangeKind::Spelling => "spelling",
            ChangeKind::Behaviour => "behaviour",
        }
    }
}

/// One difference.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What it is.
    pub kind: ChangeKind,
    /// What it is about, such as `type Order.total` or `action ship(weight)`.
    pub at: String,
    /// What changed, in words.
    pub message: String,
    /// Whether a rule that was right before may be wrong now.
    pub breaking: bool,
}

/// Who sees the values of a type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    /// Rules read them.
    Read,
    /// Rules give them.
    Given,
}

/// Returns what changed from one version to another, in the order of the sections and names.
pub fn diff(before: &Integration, after: &Integration) -> Vec<Change> {
    let mut changes = Changes(Vec::new());
    let uses = [Uses::of(before), Uses::of(after)];
    section(&mut changes, "type", &before.types, &after.types, |changes, name, a, b| {
        let full = format!("{}.{name}", before.id);
        let used = |way: fn(&Uses) -> &BTreeSet<String>| uses.iter().any(|uses| way(uses).contains(&full));
        let given = used(|uses| &uses.given);
        let mut both = Changes(Vec::new());
        for way in [Way::Read, Way::Given] {
            if if way == Way::Given { given } else { !given || used(|uses| &uses.read) } {
                both.inside(&format!("type {name}"), a, b, way);
            }
        }
        for change in both.0 {
            changes.once(change);
        }
    });
    section(&mut changes, "event", &before.events, &after.events, |changes, name, a: &Event, b: &Event| {
        changes.record(&format!("event {name}"), &a.payload, &b.payload, Way::Read);
        if a.emit && !b.emit {
            changes.add(
                ChangeKind::Behaviour,
                format!("event {name}"),
                "rules may not emit it any more",
                true,
            );
        }
    });
    section(&mut changes, "entity", &before.entities, &after.entities, |changes, name, a, b| {
        changes.record(&format!("entity {name}"), &a.fields, &b.fields, Way::Read);
        if a.key != b.key {
            changes.add(ChangeKind::Behaviour, format!("entity {name}"), "it is known by another key", true);
        }
        if a.update.is_some() && b.update.is_none() {
            changes.add(
                ChangeKind::Behaviour,
                format!("entity {name}"),
                "rules cannot set its fields any more",
                true,
            );
        }
    });
    section(&mut changes, "action", &before.actions, &after.actions, action);
    section(&mut changes, "entry point", &before.entry_points, &after.entry_points, entry_point);
    settings(&mut changes, before, after);
    webhook(&mut changes, before, after);
    changes.0
}

/// Compares what has names: what was added, what was removed, and what is in both.
fn section<T>(
    changes: &mut Changes,
    what: &str,
    before: &IndexMap<String, T>,
    after: &IndexMap<String, T>,
    mut both: impl FnMut(&mut Changes, &str, &T, &T),
) {
    for (name, a) in before {
        match after.get(name) {
            Some(b) => both(changes, name, a, b),
            None => {
                changes.add(ChangeKind::Removed, format!("{what} {name}"), "it is not there any more", true)
            }
        }
    }
    for name in after.keys().filter(|name| !before.contains_key(*name)) {
        changes.add(ChangeKind::Added, format!("{what} {name}"), "it is new", false);
    }
}

fn action(changes: &mut Changes, name: &str, a: &Action, b: &Action) {
    let at = format!("action {name}");
    for (param, was) in &a.params {
        let place = format!("{at}({param})");
        let Some(is) = b.params.get(param) else {
            changes.add(ChangeKind::Removed, place, "the parameter is not there any more", true);
            continue;
        };
        changes.presence(&place, &was.ty, &is.ty, Way::Given);
        changes.ty(&place, was.ty.required(), is.ty.required(), Way::Given);
        if was.wire != is.wire {
            changes.add(ChangeKind::Spelling, place, "it is spelt otherwise in JSON", false);
        }
    }
    for (param, is) in b.params.iter().filter(|(param, _)| !a.params.contains_key(*param)) {
        let needed = !is.ty.is_optional();
        let message = if needed { "the parameter is new, and must be given" } else { "the parameter is new" };
        changes.add(ChangeKind::Added, format!("{at}({param})"), message, needed);
    }
    let place = format!("{at} result");
    match (&a.result, &b.result) {
        (Some(was), Some(is)) => {
            changes.presence(&place, was, is, Way::Read);
            changes.ty(&place, was.required(), is.required(), Way::Read);
        }
        (Some(_), None) => changes.add(ChangeKind::Removed, place, "it has no result any more", true),
        (None, Some(_)) => changes.add(ChangeKind::Added, place, "it has a result now", false),
        (None, None) => {}
    }
    if a.class != b.class {
        let message = format!("its class was `{}` and is `{}`", a.class.as_str(), b.class.as_str());
        changes.add(ChangeKind::Behaviour, at.clone(), message, false);
    }
    if a.call != b.call {
        changes.add(ChangeKind::Behaviour, at, "it is called otherwise", false);
    }
}

fn entry_point(changes: &mut Changes, name: &str, a: &EntryPoint, b: &EntryPoint) {
    let at = format!("entry point {name}");
    changes.record(&at, &a.context, &b.context, Way::Read);
    for effect in a.effects.iter().filter(|effect| !b.effects.contains(effect)) {
        changes.add(ChangeKind::Removed, at.clone(), format!("rules may not give `{effect}` any more"), true);
    }
    for path in a.settable.keys().filter(|path| !b.settable.contains_key(*path)) {
        changes.add(ChangeKind::Removed, at.clone(), format!("rules may not set `{path}` any more"), true);
    }
    if a.block && !b.block {
        changes.add(ChangeKind::Behaviour, at, "rules may not refuse any more", true);
    }
}

fn settings(changes: &mut Changes, before: &Integration, after: &Integration) {
    let (was, is) = (&before.connection.settings, &after.connection.settings);
    for (name, _) in was.iter().filter(|(name, _)| !is.contains_key(*name)) {
        changes.add(ChangeKind::Removed, format!("setting {name}"), "it is not there any more", true);
    }
    for (name, setting) in is {
        let needed = setting.default.is_none();
        let at = format!("setting {name}");
        match was.get(name) {
            None if needed => changes.add(ChangeKind::Added, at, "it is new, and must be given", true),
            None => changes.add(ChangeKind::Added, at, "it is new", false),
            Some(old) if needed && old.default.is_some() => {
                changes.add(ChangeKind::Required, at, "it must be given now", true);
            }
            Some(old) if old.default != setting.default => {
                changes.add(ChangeKind::Behaviour, at, "its default is another", false);
            }
            Some(_) => {}
        }
    }
}

fn webhook(changes: &mut Changes, before: &Integration, after: &Integration) {
    let at = || "webhook".to_owned();
    match (&before.webhook, &after.webhook) {
        (Some(_), None) => changes.add(ChangeKind::Removed, at(), "deliveries are not taken any more", true),
        (None, Some(_)) => changes.add(ChangeKind::Added, at(), "deliveries are taken", false),
        (Some(was), Some(is)) => {
            if was.signature != is.signature {
                changes.add(ChangeKind::Behaviour, at(), "deliveries are signed otherwise", false);
            }
            let names = |webhook: &crate::Webhook| -> Vec<String> {
                webhook.mappings.iter().map(|mapping| mapping.provider.clone()).collect()
            };
            let known = names(is);
            for name in names(was).into_iter().filter(|name| !known.contains(name)) {
                changes.add(
                    ChangeKind::Removed,
                    at(),
                    format!("the system's event `{name}` is not taken any more"),
                    true,
                );
            }
        }
        (None, None) => {}
    }
}

/// The named types that rules read, and those that they give.
#[derive(Default)]
struct Uses {
    read: BTreeSet<String>,
    given: BTreeSet<String>,
}

impl Uses {
    fn of(integration: &Integration) -> Self {
        let mut uses = Uses::default();
        let whole = |record: &Arc<Record>| Type::Record(Arc::clone(record));
        for event in integration.events.values() {
            collect(&whole(&event.payload), &mut uses.read);
        }
        for entity in integration.entities.values() {
            collect(&whole(&entity.fields), &mut uses.read);
        }
        for entry_point in integration.entry_points.values() {
            collect(&whole(&entry_point.context), &mut uses.read);
        }
        for action in integration.actions.values() {
            action.params.values().for_each(|param| collect(&param.ty, &mut uses.given));
            action.result.iter().for_each(|result| collect(result, &mut uses.read));
        }
        uses
    }
}

/// Adds the names of all types in a type.
fn collect(ty: &Type, names: &mut BTreeSet<String>) {
    if let Type::Optional(inner) | Type::List(inner) | Type::Map(inner) = ty {
        collect(inner, names);
    } else if let Type::Enum(enumeration) = ty {
        names.extend(enumeration.name.as_deref().map(str::to_owned));
    } else if let Type::Record(record) = ty {
        let is_new = record.name.as_deref().is_none_or(|name| names.insert(name.to_owned()));
        if is_new {
            record.fields.values().for_each(|field| collect(&field.ty, names));
        }
    }
}

/// The differences that were found.
struct Changes(Vec<Change>);

impl Changes {
    fn add(&mut self, kind: ChangeKind, at: String, message: impl Into<String>, breaking: bool) {
        self.0.push(Change { kind, at, message: message.into(), breaking });
    }

    /// Adds a change, or makes the same one breaking.
    fn once(&mut self, change: Change) {
        let several = matches!(change.kind, ChangeKind::Values);
        let is_same = |other: &&mut Change| {
            let same_place = other.at == change.at && other.kind == change.kind;
            same_place && (!several || other.message == change.message)
        };
        let same = self.0.iter_mut().find(is_same);
        match same {
            Some(other) => other.breaking |= change.breaking,
            None => self.0.push(change),
        }
    }

    /// Compares whether a value may be missing.
    fn presence(&mut self, at: &str, was: &Type, is: &Type, way: Way) {
        let read = way == Way::Read;
        match (was.is_optional(), is.is_optional()) {
            (false, true) => {
                let message = if read { "it may be missing now" } else { "it may be left out now" };
                self.add(ChangeKind::Optional, at.to_owned(), message, read);
            }
            (true, false) => {
                let message = if read { "it is always there now" } else { "it must be given now" };
                self.add(ChangeKind::Required, at.to_owned(), message, !read);
            }
            (true, true) | (false, false) => {}
        }
    }

    /// Compares two types, missing values aside.
    fn ty(&mut self, at: &str, was: &Type, is: &Type, way: Way) {
        let names = [name_of(was), name_of(is)];
        if let [Some(one), Some(other)] = names {
            if one != other {
                self.changed(at, was, is, true);
            }
            // Types of one name are compared under that name.
            return;
        }
        self.inside(at, was, is, way);
    }

    /// Compares what types are made of.
    fn inside(&mut self, at: &str, was: &Type, is: &Type, way: Way) {
        match (was, is) {
            (Type::Optional(was), Type::Optional(is)) => self.inside(at, was, is, way),
            (Type::Record(was), Type::Record(is)) => self.record(at, was, is, way),
            (Type::List(was), Type::List(is)) | (Type::Map(was), Type::Map(is)) => {
                let each = format!("{at}[]");
                self.presence(&each, was, is, way);
                self.ty(&each, was.required(), is.required(), way);
            }
            (Type::Enum(was), Type::Enum(is)) => self.values(at, &was.values, &is.values, way),
            _ if was.to_string() == is.to_string() => {}
            _ => {
                // A parameter that takes more than before takes what it took.
                let wider = way == Way::Given
                    && (matches!(is, Type::Json)
                        || matches!((was, is), (Type::Int, Type::Decimal) | (Type::Enum(_), Type::String)));
                self.changed(at, was, is, !wider);
            }
        }
    }

    fn changed(&mut self, at: &str, was: &Type, is: &Type, breaking: bool) {
        self.add(ChangeKind::Type, at.to_owned(), format!("it was `{was}` and is `{is}`"), breaking);
    }

    fn values(&mut self, at: &str, was: &[Arc<str>], is: &[Arc<str>], way: Way) {
        let others = |of: &[Arc<str>], than: &[Arc<str>]| -> Vec<String> {
            of.iter().filter(|value| !than.contains(value)).map(|value| format!("`{value}`")).collect()
        };
        let (gone, new) = (others(was, is), others(is, was));
        if !gone.is_empty() {
            let message = format!("it cannot be {} any more", gone.join(", "));
            self.add(ChangeKind::Values, at.to_owned(), message, true);
        }
        if !new.is_empty() {
            // A `match` takes every value, so a new one that rules read may be one too many.
            self.add(
                ChangeKind::Values,
                at.to_owned(),
                format!("it can be {} as well", new.join(", ")),
                way == Way::Read,
            );
        }
    }

    fn record(&mut self, at: &str, was: &Record, is: &Record, way: Way) {
        if let (Some(one), Some(other)) = (&was.name, &is.name)
            && !at.starts_with("type ")
        {
            if one != other {
                self.add(ChangeKind::Type, at.to_owned(), format!("it was `{one}` and is `{other}`"), true);
            }
            return;
        }
        for (name, field) in &was.fields {
            let place = format!("{at}.{name}");
            let Some(other) = is.fields.get(name) else {
                self.add(ChangeKind::Removed, place, "the field is not there any more", true);
                continue;
            };
            self.presence(&place, &field.ty, &other.ty, way);
            self.ty(&place, field.ty.required(), other.ty.required(), way);
            if field.wire != other.wire {
                self.add(ChangeKind::Spelling, place, "it is spelt otherwise in JSON", false);
            }
        }
        for (name, field) in is.fields.iter().filter(|(name, _)| !was.fields.contains_key(*name)) {
            let needed = way == Way::Given && !field.ty.is_optional();
            let message = if needed { "the field is new, and must be given" } else { "the field is new" };
            self.add(ChangeKind::Added, format!("{at}.{name}"), message, needed);
        }
    }
}

/// The name of a type that is compared under its own name.
fn name_of(ty: &Type) -> Option<&str> {
    if let Type::Record(record) = ty {
        record.name.as_deref()
    } else if let Type::Enum(enumeration) = ty {
        enumeration.name.as_deref()
    } else {
        None
    }
}

#[cfg(test)]
mod tests;
