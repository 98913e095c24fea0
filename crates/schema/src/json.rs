//! JSON with places: text → a tree in which every value and every member's name knows its bytes in the file.
//!
//! `serde_json` reads payloads; this reader is for files that people write, where each problem is shown at its
//! place. It goes on after the usual slips (a comma too many or too few, a comment, a name without quotes, a
//! member given twice) and stops at the first text it cannot make sense of. It knows nothing of integrations.
//!
//! Start with [`parse`].

mod reader;
mod text;

#[cfg(test)]
mod tests;

use hence_diagnostics::{Diagnostic, FileId, Span};
use indexmap::IndexMap;

/// How deep lists and objects may stand in each other.
pub const MAXIMUM_DEPTH: usize = 64;

/// A JSON value and its place.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// The bytes of the value, quotes and brackets included.
    pub span: Span,
    /// The value.
    pub value: Value,
}

/// A JSON value.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number as it is written, so that no digit is lost.
    Number(Box<str>),
    /// A text, its escapes resolved.
    Text(String),
    /// A list.
    List(Vec<Node>),
    /// An object: its members by name, in the order of the file.
    Object(IndexMap<String, Member>),
}

/// A member of an object.
#[derive(Debug, Clone, PartialEq)]
pub struct Member {
    /// The bytes of the name, quotes included.
    pub name_span: Span,
    /// The value.
    pub value: Node,
}

/// What [`parse`] returns.
#[derive(Debug, Clone)]
pub struct Parsed {
    /// The tree; nothing where the reader had to stop.
    pub root: Option<Node>,
    /// The problems, in the order of their discovery.
    pub diagnostics: Vec<Diagnostic>,
}

/// Reads a JSON text, of which `file` is the id in all spans.
pub fn parse(file: FileId, text: &str) -> Parsed {
    reader::Reader::new(file, text).read()
}

impl Node {
    /// Returns the value at an RFC 6901 pointer such as `/types/Order`; the empty pointer is the value itself.
    pub fn pointer(&self, pointer: &str) -> Option<&Node> {
        self.locate(pointer).map(|(_, node)| node)
    }

    /// Returns the name of the member at a pointer, or nothing where it is no member of an object.
    pub fn pointer_name(&self, pointer: &str) -> Option<Span> {
        self.locate(pointer).and_then(|(name, _)| name)
    }

    fn locate(&self, pointer: &str) -> Option<(Option<Span>, &Node)> {
        if pointer.is_empty() {
            return Some((None, self));
        }
        let mut found = (None, self);
        for part in pointer.strip_prefix('/')?.split('/') {
            let part = part.replace("~1", "/").replace("~0", "~");
            found = match &found.1.value {
                Value::Object(members) => {
                    let member = members.get(part.as_str())?;
                    (Some(member.name_span), &member.value)
                }
                Value::List(items) => (None, items.get(part.parse::<usize>().ok()?)?),
                Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => return None,
            };
        }
        Some(found)
    }

    /// Returns the value of the member `name`, where this is an object that has it.
    pub fn get(&self, name: &str) -> Option<&Node> {
        self.member(name).map(|member| &member.value)
    }

    /// Returns the member `name`, where this is an object that has it.
    pub fn member(&self, name: &str) -> Option<&Member> {
        self.as_object()?.get(name)
    }

    /// Returns the members, where this is an object.
    pub fn as_object(&self) -> Option<&IndexMap<String, Member>> {
        if let Value::Object(members) = &self.value { Some(members) } else { None }
    }

    /// Returns the members, none where this is no object.
    pub fn members(&self) -> impl Iterator<Item = (&str, &Member)> {
        self.as_object().into_iter().flatten().map(|(name, member)| (name.as_str(), member))
    }

    /// Returns the elements, where this is a list.
    pub fn as_list(&self) -> Option<&[Node]> {
        if let Value::List(items) = &self.value { Some(items) } else { None }
    }

    /// Returns the elements, none where this is no list.
    pub fn items(&self) -> impl Iterator<Item = &Node> {
        self.as_list().into_iter().flatten()
    }

    /// Returns the text, where this is one.
    pub fn as_text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(text) } else { None }
    }

    /// Returns the truth value, where this is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Value::Bool(truth) = self.value { Some(truth) } else { None }
    }

    /// Returns the value without places. A number loses the digits that `serde_json` cannot hold.
    pub fn to_json(&self) -> serde_json::Value {
        match &self.value {
            Value::Null => serde_json::Value::Null,
            Value::Bool(truth) => serde_json::Value::Bool(*truth),
            Value::Number(digits) => {
                serde_json::from_str(digits).map_or(serde_json::Value::Null, serde_json::Value::Number)
            }
            Value::Text(text) => serde_json::Value::String(text.clone()),
            Value::List(items) => serde_json::Value::Array(items.iter().map(Node::to_json).collect()),
            Value::Object(members) => serde_json::Value::Object(
                members.iter().map(|(name, member)| (name.clone(), member.value.to_json())).collect(),
            ),
        }
    }

    /// Returns what kind of value this is, with its article: `a text`, `an object`.
    pub fn kind(&self) -> &'static str {
        match self.value {
            Value::Null => "null",
            Value::Bool(_) => "a truth value",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
            Value::List(_) => "a list",
            Value::Object(_) => "an object",
        }
    }
}

/// Returns the part of a span between the quotes it includes.
pub(crate) fn inside(span: Span) -> Span {
    if span.len() < 2 { span } else { Span { start: span.start + 1, end: span.end - 1, ..span } }
}
