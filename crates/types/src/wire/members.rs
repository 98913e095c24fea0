//! The members of a JSON object and the elements of an array, their values still raw text.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

/// The members of a JSON object: names, and values as raw JSON text. Nothing is parsed further.
#[derive(Debug, Clone, Default)]
pub struct Members<'json> {
    members: Vec<(Cow<'json, str>, &'json str)>,
}

impl<'json> Members<'json> {
    /// Reads the members of a JSON object; nothing if the text is no object or is not JSON.
    pub fn parse(json: &'json str) -> Option<Members<'json>> {
        serde_json::from_str(json).ok()
    }

    /// Returns the raw JSON text of a member. Of several of one name the last counts.
    pub fn get(&self, name: &str) -> Option<&'json str> {
        self.iter().rev().find(|(own, _)| *own == name).map(|(_, value)| value)
    }

    /// Returns the names and raw values as they stand, doubles included.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = (&str, &'json str)> {
        self.members.iter().map(|(name, value)| (&**name, *value))
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

/// Returns the raw JSON texts of an array's elements; nothing if the text is no array.
pub(crate) fn elements(json: &str) -> Option<Vec<&str>> {
    let elements: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    Some(elements.into_iter().map(RawValue::get).collect())
}

/// Returns the text that a JSON string means; nothing if it is no string.
pub(crate) fn text(json: &str) -> Option<Cow<'_, str>> {
    let plain = |text: &&str| text.bytes().all(|byte| byte >= b' ' && byte != b'"' && byte != b'\\');
    if let Some(text) = json.strip_prefix('"').and_then(|json| json.strip_suffix('"')).filter(plain) {
        return Some(Cow::Borrowed(text));
    }
    serde_json::from_str(json).ok().map(|Text(text)| text)
}

/// A JSON string, borrowed where it has no escapes.
#[derive(Deserialize)]
struct Text<'json>(#[serde(borrow)] Cow<'json, str>);

impl<'de> Deserialize<'de> for Members<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some((Text(name), value)) = map.next_entry::<Text<'de>, &'de RawValue>()? {
            members.push((name, value.get()));
        }
        Ok(Members { members })
    }
}
