//! An integration of a catalog, which may be read when it is asked for.
//!
//! Shipped integrations that are large are of no use to most projects, and reading one takes longer than everything else
//! of a small project. So the catalog has their texts, and whoever looks into one reads it. Such an integration speaks of no
//! other, and has neither entry points nor feeds, which are looked for in all integrations, and its actions are requests; a
//! test holds that.

use std::fmt;
use std::ops::Deref;
use std::sync::{Arc, LazyLock, OnceLock};

use hence_diagnostics::{FileId, Sources};
use indexmap::IndexMap;

use crate::dialect::{Document, Resolver};
use crate::load::integration;
use crate::shipped::{LARGE, SHIPPED};
use crate::{Connection, Integration, json};

/// An integration of a catalog. It is used as the [`Integration`] that it is.
#[derive(Clone)]
pub struct Entry(Arc<Content>);

enum Content {
    Read(Integration),
    Deferred { id: &'static str, file: FileId, text: &'static str, read: OnceLock<Integration> },
}

/// The settings of the large integrations, which are looked for in all integrations. They have no places.
static SETTINGS: LazyLock<IndexMap<&'static str, Connection>> = LazyLock::new(|| {
    let large = SHIPPED.iter().filter(|(id, _)| LARGE.contains(id));
    large.map(|(id, text)| (*id, read(id, FileId::default(), text).connection)).collect()
});

impl Entry {
    /// Returns an integration that is read when it is asked for.
    pub(crate) fn deferred(id: &'static str, file: FileId, text: &'static str) -> Self {
        Entry(Arc::new(Content::Deferred { id, file, text, read: OnceLock::new() }))
    }

    /// Returns whether it has not been read. It has neither entry points nor feeds then.
    pub fn is_deferred(&self) -> bool {
        match &*self.0 {
            Content::Read(_) => false,
            Content::Deferred { read, .. } => read.get().is_none(),
        }
    }

    /// Returns its settings without reading all of it.
    pub fn settings(&self) -> &Connection {
        match &*self.0 {
            Content::Deferred { id, .. } if self.is_deferred() => match SETTINGS.get(id) {
                Some(connection) => connection,
                None => &self.connection,
            },
            Content::Deferred { .. } | Content::Read(_) => &self.connection,
        }
    }
}

impl From<Integration> for Entry {
    fn from(integration: Integration) -> Self {
        Entry(Arc::new(Content::Read(integration)))
    }
}

impl Deref for Entry {
    type Target = Integration;

    fn deref(&self) -> &Integration {
        match &*self.0 {
            Content::Read(integration) => integration,
            Content::Deferred { id, file, text, read: cell } => cell.get_or_init(|| read(id, *file, text)),
        }
    }
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &*self.0 {
            Content::Read(integration) => integration.fmt(f),
            Content::Deferred { id, .. } => write!(f, "Deferred({id})"),
        }
    }
}

/// Reads a shipped integration by itself.
fn read(id: &str, file: FileId, text: &str) -> Integration {
    let mut documents = IndexMap::new();
    if let Some(root) = json::parse(file, text).root {
        documents.insert(id.to_owned(), Document { id: id.to_owned(), root, check_examples: false });
    }
    let mut resolver = Resolver::new(&documents, false);
    let read = documents.values().next();
    let read = read.map(|document| integration::build(&mut resolver, document, &Sources::new()));
    read.unwrap_or_else(|| Integration::empty(id))
}

#[cfg(test)]
mod tests {
    use hence_types::Type;

    use super::*;
    use crate::{catalog, load};

    #[test]
    fn a_large_integration_is_read_when_it_is_looked_into() {
        let (catalog, diagnostics) = catalog(&mut Sources::new(), &[]);
        assert_eq!(diagnostics, []);
        for id in LARGE {
            let entry = &catalog.integrations[*id];
            assert!(entry.is_deferred(), "{id}");
            assert!(!entry.settings().settings.is_empty());
            assert!(entry.is_deferred(), "{id} was read for its settings");
            assert!(!entry.events.is_empty());
            assert!(!entry.is_deferred(), "{id}");
        }
        assert!(!catalog.integrations["shop"].is_deferred());
    }

    #[test]
    fn large_integrations_have_nothing_that_is_looked_for_in_all_and_speak_of_no_other() {
        for (id, text) in SHIPPED.iter().filter(|(id, _)| LARGE.contains(id)) {
            let mut sources = Sources::new();
            let file = sources.add(format!("{id}.json"), *text);
            let loaded = load(&sources, file);
            let integration = loaded.integration.unwrap();
            assert!(integration.entry_points.is_empty() && integration.feeds.is_empty(), "{id}");
            let is_request = |action: &crate::Action| matches!(action.call, crate::Call::Http(_));
            assert!(integration.actions.values().all(is_request), "{id}");
            assert_eq!(crate::mentions(text).iter().filter(|other| *other != id).count(), 0, "{id}");
            let deferred = read(id, file, text);
            assert_eq!(deferred.types.len(), integration.types.len());
            assert!(deferred.types.values().all(|ty| !matches!(ty, Type::Error)), "{id}");
        }
    }

    #[test]
    fn an_integration_that_speaks_of_a_large_one_is_read_with_it() {
        let own = r##"{ "hence": 1, "id": "own", "title": "Own", "version": "1",
            "events": { "seen": { "payload": { "type": "object", "required": ["issue"],
                "properties": { "issue": { "$ref": "github#/types/Issue" } } } } } }"##;
        let mut sources = Sources::new();
        let file = sources.add("own.json", own);
        let (catalog, diagnostics) = catalog(&mut sources, &[file]);
        assert_eq!(diagnostics, []);
        let issue = catalog.event("own", "seen").and_then(|event| event.payload.fields.get("issue"));
        assert_eq!(issue.unwrap().ty.to_string(), "github.Issue");
    }
}
