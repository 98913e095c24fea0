//! Programs → their stored form.
//!
//! Words, types, patterns and texts get their numbers in the order in which they are met, so equal programs have
//! equal stored forms.

mod clauses;
mod code;
mod steps;
mod types;
mod watch;

use std::collections::HashMap;
use std::sync::Arc;

use hence_diagnostics::{FileId, Sources, Span};
use hence_types::Record;
use indexmap::{IndexMap, IndexSet};

use super::wire::{self, TypeId, Word};
use super::{Bundle, Pinned};
use crate::{Rule, Slot, Source};
pub(super) use steps::headers;

/// Returns the stored form of a bundle, and of what is watched and of the clauses that are computed, which stand behind it
/// and share its tables.
pub(super) fn payload(bundle: &Bundle) -> (wire::Payload, wire::Watches, wire::Clauses) {
    let mut writer = Writer::default();
    let rules = bundle.program.rules.iter().map(|rule| writer.rule(rule)).collect();
    let clauses = writer.clauses(&bundle.program);
    let mut events = Vec::new();
    for event in &bundle.program.events {
        let name = writer.word(&event.name);
        let payload = writer.record(&event.payload);
        let rules = event.rules.iter().map(|rule| rule.0).collect();
        events.push(wire::Event { name, payload, rules });
    }
    let watches = writer.watches(&bundle.program);
    let integration = |pinned: &Pinned| wire::Integration {
        id: pinned.id.clone(),
        version: pinned.version.clone(),
        text: pinned.text.to_string(),
    };
    let payload = wire::Payload {
        name: bundle.name.clone(),
        zone: bundle.zone.clone(),
        words: writer.words.into_keys().map(|word| word.to_string()).collect(),
        sources: writer.files.iter().map(|file| source(&bundle.sources, *file)).collect(),
        integrations: bundle.integrations.iter().map(integration).collect(),
        types: writer.types.into_iter().collect(),
        patterns: writer.patterns.into_iter().collect(),
        rules,
        events,
    };
    (payload, watches, clauses)
}

/// Returns a text; an empty one where a place refers to none.
fn source(sources: &Sources, file: FileId) -> wire::Source {
    let text = sources.get(file).map(|source| source.text().to_string()).unwrap_or_default();
    wire::Source { name: sources.name(file).to_owned(), text }
}

/// What was numbered so far.
#[derive(Default)]
struct Writer {
    words: IndexMap<Arc<str>, ()>,
    files: IndexSet<FileId>,
    types: IndexSet<wire::Type>,
    /// Records by their address, so that what many types share is looked at once. All live as long as the program.
    records: HashMap<*const Record, TypeId>,
    patterns: IndexSet<wire::Pattern>,
}

/// A number of something there are fewer than 2^32 of.
fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}

impl Writer {
    fn word(&mut self, word: &str) -> Word {
        if let Some(place) = self.words.get_index_of(word) {
            return number(place);
        }
        number(self.words.insert_full(word.into(), ()).0)
    }

    fn words(&mut self, words: &[Arc<str>]) -> Vec<Word> {
        words.iter().map(|word| self.word(word)).collect()
    }

    fn span(&mut self, span: Span) -> wire::Span {
        let file = number(self.files.insert_full(span.file).0);
        wire::Span { file, start: span.start, length: span.end.saturating_sub(span.start) }
    }

    fn rule(&mut self, rule: &Rule) -> wire::Rule {
        wire::Rule {
            name: self.word(&rule.name),
            title: rule.title.clone(),
            doc: rule.doc.clone(),
            priority: rule.priority,
            version: rule.version.to_string(),
            triggers: self.words(&rule.triggers),
            slots: rule.plan.slots.iter().map(|slot| self.slot(slot)).collect(),
            values: self.constants(&rule.code.constants),
            patterns: rule.code.patterns.iter().map(|pattern| self.pattern(pattern)).collect(),
            nodes: rule.code.nodes.iter().map(|node| self.node(node)).collect(),
            locals: rule.locals,
            condition: rule.condition.map(|condition| condition.0),
            then: rule.then.iter().map(|step| self.step(step)).collect(),
            otherwise: rule
                .otherwise
                .as_ref()
                .map(|steps| steps.iter().map(|step| self.step(step)).collect()),
            span: self.span(rule.span),
        }
    }

    fn slot(&mut self, slot: &Slot) -> wire::Slot {
        let source = match &slot.source {
            Source::Payload(path) => wire::SlotSource::Payload(self.words(path)),
            Source::Id => wire::SlotSource::Id,
            Source::Time => wire::SlotSource::Time,
            Source::Origin => wire::SlotSource::Origin,
            Source::Name => wire::SlotSource::Name,
        };
        let (ty, wire) = (self.ty(&slot.ty), self.wire(&slot.wire));
        wire::Slot { source, ty, wire, sensitive: slot.sensitive }
    }
}
