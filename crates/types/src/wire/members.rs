//! The members of a JSON object and the elements of an array, their values still raw text.

use std::borrow::Cow;

use serde::Deserialize;

use super::scan::Scanner;

/// The members of a JSON object: names, and values as raw JSON text. Nothing is parsed further.
#[derive(Debug, Clone, Default)]
pub struct Members<'json> {
    members: Vec<(Cow<'json, str>, &'json str)>,
}

impl<'json> Members<'json> {
    /// Reads the members of a JSON object; nothing if the text is no object or is not JSON.
    pub fn parse(json: &'json str) -> Option<Members<'json>> {
        let mut scanner = Scanner::new(json);
        let (mut members, mut all_texts) = (Vec::new(), true);
        let read = scanner.members(|name, value| match name.text() {
            Some(name) => members.push((name, value)),
            None => all_texts = false,
        });
        (read.is_ok() && all_texts && scanner.is_at_end()).then_some(Members { members })
    }

    /// Returns the raw JSON text of a member. Of several of one name the last counts.
    pub fn get(&self, name: &str) -> Option<&'json str> {
        self.iter().rev().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Returns the names and raw values as they stand, doubles included.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &'json str)> {
        self.members.iter().map(|(name, value)| (&**name, *value))
    }

    /// Adds a member.
    pub(crate) fn push(&mut self, name: Cow<'json, str>, json: &'json str) {
        self.members.push((name, json));
    }

    /// Returns a member that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<Cow<'json, str>> {
        text(self.get(name)?)
    }
}

impl<'json> FromIterator<(String, &'json str)> for Members<'json> {
    /// Collects members from names and raw JSON texts, for a reader that has not kept the whole object.
    fn from_iter<I: IntoIterator<Item = (String, &'json str)>>(members: I) -> Self {
        Members { members: members.into_iter().map(|(name, value)| (Cow::Owned(name), value)).collect() }
    }
}

/// Returns the text that a JSON string means; nothing if it is no string.
pub(crate) fn text(json: &str) -> Option<Cow<'_, str>> {
    if let Some(text) = plain_text(json) {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str(json).ok().map(|Text(text)| text)
}

/// Returns the text that a JSON string means, if that is what stands between its quotes.
#[inline]
pub(crate) fn plain_text(json: &str) -> Option<&str> {
    let text = json.strip_prefix('"')?.strip_suffix('"')?;
    text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\').then_some(text)
}

/// A JSON string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'json>(#[serde(borrow)] Cow<'json, str>);
