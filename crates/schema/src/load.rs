//! From files to the catalog: reads the JSON, checks it against the format, resolves references, builds.
//!
//! One broken file hides neither its own further problems nor the other files: whatever can be read is built,
//! and what was reported has the error type, which agrees with everything. A file stops being read only where
//! it is no JSON or has no id.

mod call;
mod entity;
mod entry_point;
mod example;
mod feed;
pub(crate) mod integration;
mod mail;
mod placeholder;
mod webhook;

#[cfg(test)]
mod tests;

use hence_diagnostics::{Code, Diagnostic, FileId, Sources, Span};
use indexmap::IndexMap;

use crate::dialect::{Document, Resolver};
use crate::json::Node;
use crate::shipped::{FOLDER, LARGE, SHIPPED};
use crate::{Catalog, Entry, Integration, format, json};

pub use mail::{is_template, with_templates};

/// What [`load`] returns.
#[derive(Debug)]
pub struct Loaded {
    /// The integration; nothing where the file is no JSON or has no id.
    pub integration: Option<Integration>,
    /// The problems, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads one integration file by itself. References to types of other files have the error type, unreported.
pub fn load(sources: &Sources, file: FileId) -> Loaded {
    let mut diagnostics = Vec::new();
    let mut documents = IndexMap::new();
    if let Some(document) = read(sources, file, &mut diagnostics) {
        documents.insert(document.id.clone(), document);
    }
    let mut resolver = Resolver::new(&documents, false);
    let integration =
        documents.values().next().map(|document| integration::build(&mut resolver, document, sources));
    diagnostics.append(&mut resolver.diagnostics);
    Loaded { integration, diagnostics: in_order(diagnostics) }
}

/// Reads the shipped integrations and the project's own files `extra`, and resolves what they say of each other.
/// An own file takes the place of the shipped one of the same id; files of mail templates are actions of `email`.
pub fn catalog(sources: &mut Sources, extra: &[FileId]) -> (Catalog, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let mut documents = read_all(sources, extra, &mut diagnostics);
    // Own integrations may speak of a large one; then it is read with them.
    let spoken_of = |id: &str| {
        let texts = extra.iter().filter_map(|file| sources.get(*file));
        texts.filter(|source| !is_template(source.name())).any(|source| source.text().contains(id))
    };
    let deferrable: Vec<&str> = LARGE.iter().copied().filter(|id| !spoken_of(id)).collect();
    let mut deferred = Vec::new();
    for (id, text) in SHIPPED {
        if documents.contains_key(*id) {
            continue;
        }
        let file = sources.add(format!("{FOLDER}{id}.json"), *text);
        if deferrable.contains(id) {
            deferred.push(((*id).to_owned(), Entry::deferred(id, file, text)));
            continue;
        }
        // A test holds the shipped files against the format, so that no run has to.
        let parsed = json::parse(file, text);
        diagnostics.extend(parsed.diagnostics);
        if let Some(root) = parsed.root {
            documents
                .insert((*id).to_owned(), Document { id: (*id).to_owned(), root, check_examples: false });
        }
    }
    mail::add(sources, extra, &mut documents, &mut diagnostics);
    let (mut catalog, diagnostics) = build(sources, documents, diagnostics);
    catalog.integrations.extend(deferred);
    catalog.integrations.sort_unstable_keys();
    (catalog, diagnostics)
}

/// Reads these files alone, without the shipped integrations, and resolves what they say of each other.
pub fn catalog_of(sources: &Sources, files: &[FileId]) -> (Catalog, Vec<Diagnostic>) {
    let mut diagnostics = Vec::new();
    let documents = read_all(sources, files, &mut diagnostics);
    build(sources, documents, diagnostics)
}

fn read_all(
    sources: &Sources,
    files: &[FileId],
    diagnostics: &mut Vec<Diagnostic>,
) -> IndexMap<String, Document> {
    let mut documents: IndexMap<String, Document> = IndexMap::new();
    let is_json = |file: &&FileId| sources.get(**file).is_none_or(|source| !is_template(source.name()));
    for file in files.iter().filter(is_json) {
        let Some(document) = read(sources, *file, diagnostics) else { continue };
        match documents.get(&document.id) {
            None => {
                documents.insert(document.id.clone(), document);
            }
            Some(first) => diagnostics.push(same_id(first, &document)),
        }
    }
    documents
}

fn build(
    sources: &Sources,
    mut documents: IndexMap<String, Document>,
    mut diagnostics: Vec<Diagnostic>,
) -> (Catalog, Vec<Diagnostic>) {
    documents.sort_unstable_keys();
    let mut resolver = Resolver::new(&documents, true);
    let mut catalog = Catalog::default();
    for (id, document) in &documents {
        let integration = integration::build(&mut resolver, document, sources);
        catalog.integrations.insert(id.clone(), integration.into());
    }
    diagnostics.extend(same_entry_points(&catalog));
    diagnostics.append(&mut resolver.diagnostics);
    (catalog, in_order(diagnostics))
}

/// Reads a file as JSON and holds it against the format.
fn read(sources: &Sources, file: FileId, diagnostics: &mut Vec<Diagnostic>) -> Option<Document> {
    let source = sources.get(file)?;
    let parsed = json::parse(file, source.text());
    let clean = parsed.diagnostics.is_empty();
    diagnostics.extend(parsed.diagnostics);
    let root = parsed.root?;
    diagnostics.extend(format::check(&root));
    let node = root.get("id")?;
    let id = node.as_text()?.to_owned();
    if let Some(stem) = stem(source.name()).filter(|stem| *stem != id) {
        let message = format!("the id `{id}` is not the name of the file, `{stem}`");
        diagnostics.push(Diagnostic::new(Code::IntegrationFormat, node.span, message));
    }
    Some(Document { id, root, check_examples: clean })
}

/// Returns the name of an integration file without its folder and ending.
fn stem(path: &str) -> Option<&str> {
    path.rsplit(['/', '\\']).next()?.strip_suffix(".json")
}

fn same_id(first: &Document, second: &Document) -> Diagnostic {
    let place = |document: &Document| document.root.get("id").map_or(document.root.span, |id| id.span);
    let message = format!("two files have the id `{}`", second.id);
    Diagnostic::new(Code::IntegrationFormat, place(second), message)
        .label("this file is not read")
        .secondary(place(first), "the first is here")
}

/// Reports entry points whose name another integration has given already: rules use the name alone.
fn same_entry_points(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut seen: IndexMap<&str, Span> = IndexMap::new();
    let mut diagnostics = Vec::new();
    for entry_point in catalog.entry_points() {
        let Some(first) = seen.get(&*entry_point.name) else {
            seen.insert(&entry_point.name, entry_point.origin);
            continue;
        };
        let message = format!("two integrations have the entry point `{}`", entry_point.name);
        let diagnostic = Diagnostic::new(Code::IntegrationFormat, entry_point.origin, message);
        diagnostics
            .push(diagnostic.label("rules name an entry point alone").secondary(*first, "the first is here"));
    }
    diagnostics
}

/// Sorts by place and leaves out what is said twice, as of a type that is read in several places.
fn in_order(mut diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    diagnostics
        .sort_by(|a, b| (a.primary.span, a.code, &a.message).cmp(&(b.primary.span, b.code, &b.message)));
    diagnostics.dedup_by(|a, b| a.primary.span == b.primary.span && a.message == b.message);
    diagnostics
}

/// Returns the text of a member, empty where there is none.
fn text_of(node: &Node, member: &str) -> String {
    node.get(member).and_then(Node::as_text).unwrap_or_default().to_owned()
}
