//! JSON as text: checked, and walked by pointers without being rewritten.

use std::fmt;

use hence_types::wire::scan;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// How deep arrays and objects may be nested.
pub use hence_types::wire::DEEPEST as DEPTH_LIMIT;

/// Why a body is not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Defect {
    /// It is not UTF-8.
    #[error("the body is not UTF-8")]
    NotUtf8,
    /// It is nested too deep.
    #[error("the body is nested deeper than 64 levels")]
    TooDeep,
    /// It is no JSON.
    #[error("the body is no JSON: {0}")]
    InvalidJson(String),
}

/// Returns the body if it is one JSON value that is not nested too deep.
pub fn validate(body: &[u8]) -> Result<&RawValue, Defect> {
    let text = std::str::from_utf8(body).map_err(|_| Defect::NotUtf8)?;
    if scan::nesting(text) > DEPTH_LIMIT {
        return Err(Defect::TooDeep);
    }
    serde_json::from_str::<&RawValue>(text).map_err(|error| Defect::InvalidJson(error.to_string()))
}

/// Returns what a JSON pointer points to. Of a member that stands twice the last counts.
pub(super) fn at<'a>(raw: &'a RawValue, pointer: &str) -> Option<&'a RawValue> {
    if pointer.is_empty() {
        return Some(raw);
    }
    let mut current = raw;
    for token in pointer.strip_prefix('/')?.split('/') {
        let token = token.replace("~1", "/").replace("~0", "~");
        let mut deserializer = serde_json::Deserializer::from_str(current.get());
        current = deserializer.deserialize_any(Child(&token)).ok()??;
    }
    Some(current)
}

/// Returns the elements, if it is an array.
pub(super) fn items(raw: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(raw.get()).ok()
}

/// Whether the name of a member is this one.
struct Named<'t>(&'t str);

impl<'de> DeserializeSeed<'de> for Named<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Named<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<bool, E> {
        Ok(name == self.0)
    }
}

/// Picks a member of an object or an element of an array, passing over the others.
struct Child<'t>(&'t str);

impl<'de> Visitor<'de> for Child<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or array")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_wanted) = map.next_key_seed(Named(self.0))? {
            if is_wanted {
                found = Some(map.next_value::<&RawValue>()?);
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let canonical = self.0 == "0" || !self.0.starts_with('0');
        let wanted = self.0.parse::<usize>().ok().filter(|_| canonical);
        let mut found = None;
        let mut index = 0_usize;
        while let Some(item) = list.next_element::<&RawValue>()? {
            if wanted == Some(index) {
                found = Some(item);
            }
            index += 1;
        }
        Ok(found)
    }
}
