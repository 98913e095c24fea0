//! Stored forms → programs. Nothing stored is trusted: every number is looked up, and what does not fit together is
//! an error, so that a program read from a file is as sound as a compiled one.

mod clauses;
mod code;
mod steps;
mod types;
mod values;
mod watch;

use std::sync::Arc;

use hence_builtins::Pattern;
use hence_diagnostics::{FileId, Sources, Span};
use hence_types::{Record, Type};

use super::wire::{self, TypeId, Word};
use super::{Bundle, Pinned, ReadError};
use crate::{Code, EventType, Header, LocalId, NodeId, Plan, Program, Rule, RuleId, Slot, Source};

/// Reads a payload of format version 1.
pub(super) fn bundle(payload: &[u8]) -> Result<Bundle, ReadError> {
    let (stored, rest): (wire::Payload, _) = postcard::take_from_bytes(payload).map_err(|_| NOT_STORED)?;
    let (headers, watches, clauses) = behind(rest)?;
    let mut sources = Sources::new();
    let words: Vec<Arc<str>> = stored.words.into_iter().map(Arc::from).collect();
    let files = stored.sources.into_iter().map(|source| sources.add(source.name, source.text)).collect();
    let types = types::all(&words, &stored.types)?;
    let patterns = stored.patterns.iter().map(pattern).collect::<Result<_, _>>()?;
    let reader = Reader { words, files, types, patterns };
    let mut rules = stored.rules.into_iter().map(|rule| reader.rule(rule)).collect::<Result<Vec<_>, _>>()?;
    steps::put_headers(&mut rules, headers)?;
    reader.put_watches(&mut rules, watches)?;
    reader.put_clauses(&mut rules, &clauses)?;
    let event = |event: wire::Event| reader.event(event, rules.len());
    let events = stored.events.into_iter().map(event).collect::<Result<_, _>>()?;
    let integrations = stored.integrations.into_iter().map(|integration| Pinned {
        id: integration.id,
        version: integration.version,
        text: integration.text.into(),
    });
    Ok(Bundle {
        name: stored.name,
        zone: stored.zone,
        integrations: integrations.collect(),
        program: Arc::new(Program { rules, events }),
        sources,
    })
}

/// Reads what stands behind the payload: headers, then what is watched, then clauses. Nothing that is empty stands last.
fn behind(mut rest: &[u8]) -> Result<(wire::Headers, wire::Watches, wire::Clauses), ReadError> {
    let (mut headers, mut watches, mut clauses) = Default::default();
    let mut ends_empty = false;
    if !rest.is_empty() {
        (headers, rest) = postcard::take_from_bytes(rest).map_err(|_| NOT_STORED)?;
        ends_empty = wire::Headers::is_empty(&headers);
    }
    if !rest.is_empty() {
        (watches, rest) = postcard::take_from_bytes(rest).map_err(|_| NOT_STORED)?;
        ends_empty = wire::Watches::is_empty(&watches);
    }
    if !rest.is_empty() {
        (clauses, rest) = postcard::take_from_bytes(rest).map_err(|_| NOT_STORED)?;
        ends_empty = wire::Clauses::is_empty(&clauses);
    }
    if ends_empty || !rest.is_empty() {
        return Err(malformed("something follows its content"));
    }
    Ok((headers, watches, clauses))
}

const NOT_STORED: ReadError = malformed("its parts are not those of a bundle");

const fn malformed(reason: &'static str) -> ReadError {
    ReadError::Malformed { reason }
}

/// Returns what stands at a place of a list.
fn at<'a, T>(list: &'a [T], place: u32, reason: &'static str) -> Result<&'a T, ReadError> {
    list.get(place as usize).ok_or(malformed(reason))
}

fn word(words: &[Arc<str>], word: Word) -> Result<Arc<str>, ReadError> {
    at(words, word, "there is no such word").cloned()
}

fn pattern(stored: &wire::Pattern) -> Result<Pattern, ReadError> {
    Pattern::new(&stored.source, stored.ignoring_case)
        .map_err(|reason| ReadError::Pattern { pattern: stored.source.clone(), reason })
}

/// What numbers refer to.
struct Reader {
    words: Vec<Arc<str>>,
    files: Vec<FileId>,
    types: Vec<Type>,
    patterns: Vec<Pattern>,
}

/// What a rule's numbers may refer to.
struct Limits {
    nodes: usize,
    locals: u32,
}

impl Limits {
    fn node(&self, node: wire::NodeId) -> Result<NodeId, ReadError> {
        if (node as usize) < self.nodes { Ok(NodeId(node)) } else { Err(malformed("there is no such node")) }
    }

    fn local(&self, local: u32) -> Result<LocalId, ReadError> {
        if local < self.locals { Ok(LocalId(local)) } else { Err(malformed("there is no such local")) }
    }
}

impl Reader {
    fn word(&self, stored: Word) -> Result<Arc<str>, ReadError> {
        word(&self.words, stored)
    }

    fn all_words(&self, stored: &[Word]) -> Result<Vec<Arc<str>>, ReadError> {
        stored.iter().map(|word| self.word(*word)).collect()
    }

    fn ty(&self, stored: TypeId) -> Result<Type, ReadError> {
        at(&self.types, stored, "there is no such type").cloned()
    }

    fn record(&self, stored: TypeId) -> Result<Arc<Record>, ReadError> {
        if let Type::Record(record) = self.ty(stored)? {
            Ok(record)
        } else {
            Err(malformed("a type is no record"))
        }
    }

    fn wire(&self, stored: &wire::Wire) -> Result<hence_types::Wire, ReadError> {
        types::wire(&self.words, stored)
    }

    fn span(&self, stored: wire::Span) -> Result<Span, ReadError> {
        let file = at(&self.files, stored.file, "there is no such text")?;
        let end = stored.start.checked_add(stored.length).ok_or(malformed("a place is beyond its text"))?;
        Ok(Span::new(*file, stored.start, end))
    }

    fn event(&self, stored: wire::Event, rules: usize) -> Result<EventType, ReadError> {
        let payload = self.record(stored.payload)?;
        if stored.rules.iter().any(|rule| *rule as usize >= rules) {
            return Err(malformed("there is no such rule"));
        }
        let rules = stored.rules.into_iter().map(RuleId).collect();
        Ok(EventType { name: self.word(stored.name)?, payload, rules })
    }

    fn rule(&self, stored: wire::Rule) -> Result<Rule, ReadError> {
        let otherwise = stored.otherwise.as_ref();
        let steps = stored.then.len() + otherwise.map_or(0, Vec::len);
        // Every local is set by an expression or a step. Executions make room for all of them at once.
        if stored.locals as usize > stored.nodes.len() + steps {
            return Err(malformed("a rule has too many locals"));
        }
        let limits = Limits { nodes: stored.nodes.len(), locals: stored.locals };
        let plan = Plan { slots: stored.slots.iter().map(|slot| self.slot(slot)).collect::<Result<_, _>>()? };
        let patterns = stored.patterns.iter().map(|id| at(&self.patterns, *id, "there is no such pattern"));
        let code = Code {
            constants: values::constants(self, &stored.values)?,
            patterns: patterns.map(|pattern| pattern.cloned()).collect::<Result<_, _>>()?,
            nodes: Vec::new(),
        };
        let code = code::read(self, &stored, &limits, code)?;
        Ok(Rule {
            name: self.word(stored.name)?,
            priority: stored.priority,
            triggers: self.all_words(&stored.triggers)?,
            watches: Vec::new(),
            plan,
            code,
            locals: stored.locals,
            condition: stored.condition.map(|condition| limits.node(condition)).transpose()?,
            then: self.steps(&stored.then, &limits)?,
            otherwise: otherwise.map(|steps| self.steps(steps, &limits)).transpose()?,
            header: Header::default(),
            span: self.span(stored.span)?,
            title: stored.title,
            doc: stored.doc,
            version: stored.version.into(),
        })
    }

    fn slot(&self, stored: &wire::Slot) -> Result<Slot, ReadError> {
        let source = match &stored.source {
            wire::SlotSource::Payload(path) => Source::Payload(self.all_words(path)?),
            wire::SlotSource::Id => Source::Id,
            wire::SlotSource::Time => Source::Time,
            wire::SlotSource::Origin => Source::Origin,
            wire::SlotSource::Name => Source::Name,
        };
        let (ty, wire) = (self.ty(stored.ty)?, self.wire(&stored.wire)?);
        Ok(Slot { source, ty, wire, sensitive: stored.sensitive })
    }
}
