//! YAML 1.2 → the same tree with places that JSON is read into, so that nothing after this knows which it was.
//!
//! The events of the library are taken one at a time and put together on a stack of our own, so that depth is
//! counted and not the machine's stack. Anchors and aliases are unfolded up to [`MOST_UNFOLDED`] values; a merge key `<<` gives
//! what the object does not say itself. A file is one document; numbers keep their digits.

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use hence_diagnostics::{Code, Diagnostic, FileId, Span};
use hence_schema::json::{Member, Node, Parsed, Value};
use indexmap::IndexMap;
use yaml_rust2::parser::{Event, Parser, Tag};
use yaml_rust2::scanner::{Marker, TScalarStyle};

/// How deep lists and objects may stand in each other.
const MAXIMUM_DEPTH: usize = 64;

/// How many values aliases may stand for in all. A few short lines of aliases to aliases could stand for billions.
const MOST_UNFOLDED: usize = 200_000;

/// A list or object that is not at its end.
struct Open {
    start: u32,
    anchor: usize,
    kind: Kind,
}

enum Kind {
    List(Vec<Node>),
    Object { members: IndexMap<String, Member>, name: Option<(String, Span)>, merged: Vec<Node> },
}

struct Builder<'a> {
    file: FileId,
    text: &'a str,
    /// The byte at which each character begins, as the library counts characters.
    offsets: Vec<u32>,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    unfolded: usize,
    root: Option<Node>,
    diagnostics: Vec<Diagnostic>,
}

/// Reads a YAML text, of which `file` is the id in all spans.
pub(crate) fn parse(file: FileId, text: &str) -> Parsed {
    let end = u32::try_from(text.len()).unwrap_or(u32::MAX);
    let mut offsets: Vec<u32> =
        text.char_indices().map(|(at, _)| u32::try_from(at).unwrap_or(u32::MAX)).collect();
    offsets.push(end);
    let mut builder = Builder {
        file,
        text,
        offsets,
        open: Vec::new(),
        anchors: HashMap::new(),
        unfolded: 0,
        root: None,
        diagnostics: Vec::new(),
    };
    let finished = builder.read();
    if let Err(problem) = finished {
        builder.diagnostics.push(*problem);
        return Parsed { root: None, diagnostics: builder.diagnostics };
    }
    Parsed { root: builder.root, diagnostics: builder.diagnostics }
}

/// What ends the reading.
type Stopped = Box<Diagnostic>;

impl Builder<'_> {
    fn read(&mut self) -> Result<(), Stopped> {
        let mut parser = Parser::new_from_str(self.text);
        let mut documents = 0;
        loop {
            let (event, marker) = match parser.next_token() {
                Ok(found) => found,
                Err(error) => {
                    let at = self.line_from(self.offset(error.marker()));
                    return Err(problem(at, format!("this is no YAML: {}", error.info())));
                }
            };
            let at = self.offset(&marker);
            match event {
                Event::StreamEnd => return Ok(()),
                Event::DocumentStart => {
                    documents += 1;
                    if documents > 1 {
                        return Err(problem(
                            self.line_from(at),
                            "a second document begins here, but a description is one",
                        ));
                    }
                }
                Event::Nothing | Event::StreamStart | Event::DocumentEnd => {}
                Event::Alias(anchor) => self.alias(anchor, at)?,
                Event::Scalar(text, style, anchor, tag) => {
                    self.scalar(text, style, anchor, tag.as_ref(), &marker)?;
                }
                Event::SequenceStart(anchor, _) => {
                    self.begin(Open { start: at, anchor, kind: Kind::List(Vec::new()) })?;
                }
                Event::MappingStart(anchor, _) => {
                    let kind = Kind::Object { members: IndexMap::new(), name: None, merged: Vec::new() };
                    self.begin(Open { start: at, anchor, kind })?;
                }
                Event::SequenceEnd | Event::MappingEnd => self.end(at)?,
            }
        }
    }

    fn offset(&self, marker: &Marker) -> u32 {
        let last = self.offsets.last().copied().unwrap_or_default();
        self.offsets.get(marker.index()).copied().unwrap_or(last)
    }

    /// The rest of the line from a place; of an empty one, the line before it.
    fn line_from(&self, at: u32) -> Span {
        let start = usize::try_from(at).unwrap_or_default().min(self.text.len());
        let rest = self.text.get(start..).unwrap_or_default();
        let length = rest.find(['\n', '\r']).unwrap_or(rest.len());
        let length = u32::try_from(length).unwrap_or_default();
        if length > 0 {
            return Span::new(self.file, at, at + length);
        }
        let before = self.text.get(..start).unwrap_or_default().trim_end();
        let line = before.rfind('\n').map_or(0, |end| end + 1);
        let (start, end) = (u32::try_from(line), u32::try_from(before.len()));
        Span::new(self.file, start.unwrap_or(at), end.unwrap_or(at))
    }

    fn begin(&mut self, open: Open) -> Result<(), Stopped> {
        if self.open.len() >= MAXIMUM_DEPTH {
            let message = format!("lists and objects nest more than {MAXIMUM_DEPTH} levels deep");
            return Err(problem(self.line_from(open.start), message));
        }
        if let Some(Open { kind: Kind::Object { name: None, .. }, .. }) = self.open.last() {
            return Err(problem(self.line_from(open.start), "the name of a member is a text"));
        }
        self.open.push(open);
        Ok(())
    }

    fn end(&mut self, at: u32) -> Result<(), Stopped> {
        let Some(Open { start, anchor, kind }) = self.open.pop() else { return Ok(()) };
        let (value, last) = match kind {
            Kind::List(items) => {
                let last = items.last().map(|item| item.span.end);
                (Value::List(items), last)
            }
            Kind::Object { mut members, merged, .. } => {
                let last = members.values().map(|member| member.value.span.end).max();
                for (name, member) in merged.into_iter().flat_map(|node| match node.value {
                    Value::Object(members) => members,
                    Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                        IndexMap::new()
                    }
                }) {
                    members.entry(name).or_insert(member);
                }
                (Value::Object(members), last)
            }
        };
        let end = last.filter(|last| *last > start).unwrap_or(at.max(start));
        self.place(Node { span: Span::new(self.file, start, end), value }, anchor)
    }

    fn alias(&mut self, anchor: usize, at: u32) -> Result<(), Stopped> {
        let Some(node) = self.anchors.get(&anchor) else {
            return Err(problem(self.line_from(at), "the alias stands within what it is an alias of"));
        };
        self.unfolded += count(node);
        if self.unfolded > MOST_UNFOLDED {
            let message = format!("the aliases of the file stand for more than {MOST_UNFOLDED} values");
            return Err(problem(self.line_from(at), message));
        }
        let node = node.clone();
        self.place(node, 0)
    }

    fn scalar(
        &mut self,
        text: String,
        style: TScalarStyle,
        anchor: usize,
        tag: Option<&Tag>,
        marker: &Marker,
    ) -> Result<(), Stopped> {
        let span = self.scalar_span(&text, style, self.offset(marker));
        if let Some(Open { kind: Kind::Object { members, name: name @ None, .. }, .. }) = self.open.last_mut()
        {
            if let Some(first) = members.get(&text) {
                let first = first.name_span;
                let twice = Diagnostic::new(Code::InvalidYaml, span, format!("`{text}` is given twice"));
                self.diagnostics.push(twice.secondary(first, "the first is here"));
            }
            *name = Some((text, span));
            return Ok(());
        }
        let is_text = tag.is_some_and(|tag| tag.suffix == "str") || style != TScalarStyle::Plain;
        let value = if is_text { Value::Text(text) } else { plain(text) };
        self.place(Node { span, value }, anchor)
    }

    /// The bytes of a scalar. The library tells where one begins only; where its text is not what stands there, as
    /// with escapes and folded lines, the line is shown.
    fn scalar_span(&self, text: &str, style: TScalarStyle, at: u32) -> Span {
        let start = usize::try_from(at).unwrap_or_default();
        let quotes = usize::from(matches!(style, TScalarStyle::SingleQuoted | TScalarStyle::DoubleQuoted));
        let rest = self.text.get(start + quotes..).unwrap_or_default();
        let length = u32::try_from(text.len() + 2 * quotes).unwrap_or_default();
        if rest.starts_with(text) && !text.is_empty() {
            return Span::new(self.file, at, at + length);
        }
        self.line_from(at)
    }

    /// Puts a value where it belongs.
    fn place(&mut self, node: Node, anchor: usize) -> Result<(), Stopped> {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut().map(|open| &mut open.kind) {
            None => self.root = Some(node),
            Some(Kind::List(items)) => items.push(node),
            Some(Kind::Object { members, name, merged }) => match name.take() {
                None => return Err(problem(node.span, "the name of a member is a text")),
                Some((name, _)) if name == "<<" && is_mergeable(&node) => match node.value {
                    Value::List(items) => merged.extend(items),
                    value @ (Value::Null
                    | Value::Bool(_)
                    | Value::Number(_)
                    | Value::Text(_)
                    | Value::Object(_)) => merged.push(Node { span: node.span, value }),
                },
                Some((name, name_span)) => {
                    members.insert(name, Member { name_span, value: node });
                }
            },
        }
        Ok(())
    }
}

fn problem(span: Span, message: impl Into<String>) -> Stopped {
    Box::new(Diagnostic::new(Code::InvalidYaml, span, message))
}

/// Whether the value of a merge key can be merged: an object, or a list of objects.
fn is_mergeable(node: &Node) -> bool {
    node.as_object().is_some()
        || node.as_list().is_some_and(|items| items.iter().all(|item| item.as_object().is_some()))
}

/// How many values a tree has.
fn count(node: &Node) -> usize {
    1 + node.items().map(count).sum::<usize>()
        + node.members().map(|(_, member)| count(&member.value)).sum::<usize>()
}

/// What a scalar without quotes means, by the core schema of YAML 1.2. What JSON has no number for is a text.
fn plain(text: String) -> Value {
    match text.as_str() {
        "" | "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        other => match number(other) {
            Some(digits) => Value::Number(digits.into()),
            None => Value::Text(text),
        },
    }
}

/// Returns a number of YAML as JSON spells it.
fn number(text: &str) -> Option<String> {
    for (prefix, radix) in [("0x", 16), ("0o", 8)] {
        if let Some(digits) = text.strip_prefix(prefix) {
            return u64::from_str_radix(digits, radix).ok().map(|number| number.to_string());
        }
    }
    let (sign, digits) = match text.strip_prefix(['-', '+']) {
        Some(digits) if text.starts_with('-') => ("-", digits),
        Some(digits) => ("", digits),
        None => ("", text),
    };
    let (digits, exponent) = match digits.split_once(['e', 'E']) {
        Some((digits, exponent)) => (digits, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match digits.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (digits, None),
    };
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let exponent_digits = exponent.map(|text| text.strip_prefix(['-', '+']).unwrap_or(text));
    let fraction = fraction.unwrap_or_default();
    let is_number = all_digits(whole)
        && all_digits(fraction)
        && !(whole.is_empty() && fraction.is_empty())
        && exponent_digits.is_none_or(|digits| !digits.is_empty() && all_digits(digits));
    if !is_number {
        return None;
    }
    let whole = whole.trim_start_matches('0');
    let mut json = format!("{sign}{}", if whole.is_empty() { "0" } else { whole });
    if !fraction.is_empty() {
        json.push('.');
        json.push_str(fraction);
    }
    if let Some(exponent) = exponent {
        json.push('e');
        json.push_str(exponent);
    }
    Some(json)
}
