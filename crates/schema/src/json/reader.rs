//! The reader: values, lists, objects. Texts and numbers stand in `text.rs`.

use hence_diagnostics::{Applicability, Code, Diagnostic, FileId, Fix, Span};
use indexmap::IndexMap;
use indexmap::map::Entry;

use super::{MAXIMUM_DEPTH, Member, Node, Parsed, Value};

/// So many problems are reported of one file; more are of the same making.
const MAXIMUM_PROBLEMS: usize = 20;

/// A place in the text, and what was found so far.
pub(super) struct Reader<'a> {
    pub(super) text: &'a str,
    pub(super) at: usize,
    file: FileId,
    depth: usize,
    diagnostics: Vec<Diagnostic>,
    stopped: bool,
    comment_seen: bool,
}

/// Whether a list or object goes on after a value.
enum Next {
    Item,
    End,
}

impl<'a> Reader<'a> {
    pub(super) fn new(file: FileId, text: &'a str) -> Self {
        // A byte order mark is what some editors put before UTF-8; it means nothing.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Reader { text, at, file, depth: 0, diagnostics: Vec::new(), stopped: false, comment_seen: false }
    }

    pub(super) fn read(mut self) -> Parsed {
        let root = self.value();
        self.blank();
        if !self.stopped && self.at < self.text.len() {
            let (span, found) = self.found();
            self.report(span, format!("expected the end of the file, found {found}"));
        }
        Parsed { root: root.filter(|_| !self.stopped), diagnostics: self.diagnostics }
    }

    /// Returns the character at the place.
    pub(super) fn peek(&self) -> Option<char> {
        self.text.get(self.at..).and_then(|rest| rest.chars().next())
    }

    /// Steps over `wanted`, if it is next.
    pub(super) fn take(&mut self, wanted: char) -> bool {
        let there = self.peek() == Some(wanted);
        if there {
            self.at += wanted.len_utf8();
        }
        there
    }

    /// Steps over all characters for which `wanted` holds and returns them.
    pub(super) fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let length = rest.find(|found| !wanted(found)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }

    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        Span::new(self.file, offset(start), offset(end))
    }

    /// Reports a problem after which the reader goes on.
    pub(super) fn report(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.add(Diagnostic::new(Code::InvalidJson, span, message))
    }

    /// Reports a problem after which the rest of the text has no sure meaning.
    pub(super) fn stop(&mut self, diagnostic: Diagnostic) {
        self.add(diagnostic);
        self.stopped = true;
    }

    fn add(&mut self, diagnostic: Diagnostic) -> &mut Diagnostic {
        self.stopped |= self.diagnostics.len() + 1 >= MAXIMUM_PROBLEMS;
        self.diagnostics.push_mut(diagnostic)
    }

    /// Returns the place and a description of what is next.
    pub(super) fn found(&self) -> (Span, String) {
        match self.peek() {
            None => (self.span(self.text.len(), self.text.len()), "the end of the file".to_owned()),
            Some(found) => {
                let span = self.span(self.at, self.at + found.len_utf8());
                let name = if found.is_control() || (found.is_whitespace() && found != ' ') {
                    format!("the character U+{:04X}", u32::from(found))
                } else {
                    format!("`{found}`")
                };
                (span, name)
            }
        }
    }

    /// Steps over blanks, and over comments, of which the first is reported.
    fn blank(&mut self) {
        loop {
            self.take_while(|found| matches!(found, ' ' | '\t' | '\r' | '\n'));
            let start = self.at;
            let rest = self.text.get(start..).unwrap_or_default();
            let length = if rest.starts_with("//") || rest.starts_with('#') {
                rest.find('\n').unwrap_or(rest.len())
            } else if rest.starts_with("/*") {
                rest.find("*/").map_or(rest.len(), |end| end + 2)
            } else {
                return;
            };
            self.at += length;
            if !self.comment_seen {
                self.comment_seen = true;
                let span = self.span(start, start + rest.get(..length).unwrap_or_default().trim_end().len());
                self.report(span, "JSON has no comments")
                    .helps
                    .push("describe it in `description`".to_owned());
            }
        }
    }

    fn value(&mut self) -> Option<Node> {
        self.blank();
        let start = self.at;
        let value = match self.peek() {
            Some('{') => self.nested(Self::object)?,
            Some('[') => self.nested(Self::list)?,
            Some(quote @ ('"' | '\'')) => Value::Text(self.text(quote)?),
            Some(found) if found == '-' || found == '+' || found == '.' || found.is_ascii_digit() => {
                self.number()
            }
            Some(found) if found.is_alphabetic() || found == '_' => self.word(),
            found => {
                let (span, description) = self.found();
                let mut diagnostic = Diagnostic::new(
                    Code::InvalidJson,
                    span,
                    format!("expected a value, found {description}"),
                );
                if matches!(found, Some('“' | '”' | '„' | '‘' | '’' | '`')) {
                    diagnostic = diagnostic.help("texts stand between straight double quotes `\"`");
                }
                self.stop(diagnostic);
                return None;
            }
        };
        if self.stopped {
            return None;
        }
        Some(Node { span: self.span(start, self.at), value })
    }

    fn nested(&mut self, read: impl Fn(&mut Self) -> Option<Value>) -> Option<Value> {
        if self.depth == MAXIMUM_DEPTH {
            let (span, _) = self.found();
            let message = format!("lists and objects nest more than {MAXIMUM_DEPTH} levels deep");
            self.stop(Diagnostic::new(Code::InvalidJson, span, message));
            return None;
        }
        self.depth += 1;
        let value = read(self);
        self.depth -= 1;
        value
    }

    /// Reads `true`, `false`, `null`, or a word that was meant as one of them or as a text.
    fn word(&mut self) -> Value {
        let start = self.at;
        let word = self.take_while(|found| found.is_alphanumeric() || found == '_');
        let meant = match word {
            "true" => return Value::Bool(true),
            "false" => return Value::Bool(false),
            "null" => return Value::Null,
            _ => match word.to_lowercase().as_str() {
                "true" => Some(("true", Value::Bool(true))),
                "false" => Some(("false", Value::Bool(false))),
                "null" | "none" | "nil" | "undefined" => Some(("null", Value::Null)),
                _ => None,
            },
        };
        let span = self.span(start, self.at);
        let (spelling, value) = match meant {
            Some((spelling, value)) => (spelling.to_owned(), value),
            None => (format!("\"{word}\""), Value::Text(word.to_owned())),
        };
        self.report(span, format!("expected a value, found `{word}`"));
        self.fix(Fix::replace(Applicability::Likely, span, &*spelling, format!("write `{spelling}`")));
        value
    }

    /// Adds a fix to the last problem, and its title as help.
    pub(super) fn fix(&mut self, fix: Fix) {
        if let Some(diagnostic) = self.diagnostics.last_mut() {
            diagnostic.helps.push(fix.title.clone());
            diagnostic.fixes.push(fix);
        }
    }

    fn list(&mut self) -> Option<Value> {
        let opener = self.at;
        let mut items = Vec::new();
        self.take('[');
        self.blank();
        if self.take(']') {
            return Some(Value::List(items));
        }
        loop {
            if self.unclosed(opener, "list") {
                return None;
            }
            items.push(self.value()?);
            if matches!(self.next(opener, ']', "list")?, Next::End) {
                return Some(Value::List(items));
            }
        }
    }

    fn object(&mut self) -> Option<Value> {
        let opener = self.at;
        let mut members: IndexMap<String, Member> = IndexMap::new();
        self.take('{');
        self.blank();
        if self.take('}') {
            return Some(Value::Object(members));
        }
        loop {
            if self.unclosed(opener, "object") {
                return None;
            }
            let (name, name_span) = self.name()?;
            self.colon(&name)?;
            if self.unclosed(opener, "object") {
                return None;
            }
            let value = self.value()?;
            match members.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(Member { name_span, value });
                }
                Entry::Occupied(entry) => {
                    let first = entry.get().name_span;
                    let message = format!("the member `{}` is given twice", entry.key());
                    let diagnostic = Diagnostic::new(Code::InvalidJson, name_span, message)
                        .label("given again")
                        .secondary(first, "first given here");
                    self.add(diagnostic);
                }
            }
            if matches!(self.next(opener, '}', "object")?, Next::End) {
                return Some(Value::Object(members));
            }
        }
    }

    fn name(&mut self) -> Option<(String, Span)> {
        let start = self.at;
        match self.peek() {
            Some(quote @ ('"' | '\'')) => {
                let name = self.text(quote)?;
                Some((name, self.span(start, self.at)))
            }
            Some(found) if found.is_alphabetic() || found == '_' || found == '$' => {
                let name =
                    self.take_while(|found| found.is_alphanumeric() || matches!(found, '_' | '$' | '-'));
                let span = self.span(start, self.at);
                self.report(span, format!("the name `{name}` has no quotes"));
                let quoted = format!("\"{name}\"");
                self.fix(Fix::replace(Applicability::Safe, span, &*quoted, format!("write `{quoted}`")));
                Some((name.to_owned(), span))
            }
            _ => {
                let (span, found) = self.found();
                let message = format!("expected the name of a member in quotes, found {found}");
                self.stop(Diagnostic::new(Code::InvalidJson, span, message));
                None
            }
        }
    }

    fn colon(&mut self, name: &str) -> Option<()> {
        self.blank();
        if self.take(':') {
            return Some(());
        }
        let (span, found) = self.found();
        let message = format!("expected `:` after the name `{name}`, found {found}");
        if self.take('=') {
            self.report(span, message);
            self.fix(Fix::replace(Applicability::Safe, span, ":", "write `:`"));
            return Some(());
        }
        self.stop(Diagnostic::new(Code::InvalidJson, span, message));
        None
    }

    /// Steps over what stands between two items, or over the end.
    fn next(&mut self, opener: usize, closer: char, what: &str) -> Option<Next> {
        let end = self.at;
        self.blank();
        if self.take(closer) {
            return Some(Next::End);
        }
        let comma = self.at;
        if self.take(',') {
            self.blank();
            if self.peek() == Some(closer) {
                let span = self.span(comma, comma + 1);
                self.report(span, format!("a comma stands before `{closer}`, but nothing follows it"));
                self.fix(Fix::replace(Applicability::Safe, span, "", "remove the comma"));
                self.take(closer);
                return Some(Next::End);
            }
            return Some(Next::Item);
        }
        if self.unclosed(opener, what) {
            return None;
        }
        let starts_item = match self.peek() {
            Some('"' | '\'') => true,
            Some(found) if closer == ']' => matches!(found, '{' | '[' | '-') || found.is_ascii_digit(),
            Some(found) => found.is_alphabetic(),
            None => false,
        };
        let (span, found) = self.found();
        if starts_item {
            let place = self.span(end, end);
            self.report(place, format!("a comma is missing before {found}"));
            self.fix(Fix::replace(Applicability::Safe, place, ",", "insert `,`"));
            return Some(Next::Item);
        }
        let opening = self.span(opener, opener + 1);
        let diagnostic =
            Diagnostic::new(Code::InvalidJson, span, format!("expected `,` or `{closer}`, found {found}"))
                .secondary(opening, format!("the {what} starts here"));
        self.stop(diagnostic);
        None
    }

    /// Reports a list or object that the text ends in.
    fn unclosed(&mut self, opener: usize, what: &str) -> bool {
        self.blank();
        let ends = self.at >= self.text.len();
        if ends {
            let end = self.text.trim_end().len();
            let diagnostic = Diagnostic::new(
                Code::InvalidJson,
                self.span(opener, opener + 1),
                format!("the {what} is never closed"),
            )
            .label("opened here")
            .secondary(self.span(end, end), "the file ends here");
            self.stop(diagnostic);
        }
        ends
    }
}

/// Returns a place as spans hold it. Texts beyond 4 GiB are not read anywhere.
fn offset(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
