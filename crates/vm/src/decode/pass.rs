//! The pass over a payload's text: a tree of the names that are read, and the pieces of text found there.
//!
//! Strings are not decoded, numbers not parsed and what nobody reads is skipped. Of two fields with one name the
//! last counts, with all that is below it.

use std::fmt;
use std::sync::Arc;

use indexmap::IndexMap;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// The place of a piece in the list of what was found.
pub(super) type PieceId = usize;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'de> {
    /// The JSON text of the value.
    Found(&'de str),
    /// The object that should hold it has no such field.
    Absent,
    /// There is no object that could hold it, as one on the way is absent or null.
    Unreachable,
    /// On the way stands something else than an object; in words.
    Blocked(&'static str),
}

/// The names that are read, as a tree.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    /// Where the text at this place goes, if it is read as a whole.
    piece: Option<PieceId>,
    below: IndexMap<Arc<str>, Names>,
}

impl Names {
    /// Adds a path and returns where its text goes; `count` is the number of pieces so far.
    pub(super) fn add(&mut self, path: &[Arc<str>], count: &mut usize) -> PieceId {
        let mut names = self;
        for name in path {
            names = names.below.entry(Arc::clone(name)).or_default();
        }
        *names.piece.get_or_insert_with(|| {
            *count += 1;
            *count - 1
        })
    }

    /// Reads a payload. Fails if it is not JSON, with words that say why and where.
    pub(super) fn read<'de>(&self, payload: &'de str, count: usize) -> Result<Vec<Piece<'de>>, String> {
        if self.below.is_empty() && self.piece.is_none() {
            return Ok(vec![Piece::Unreachable; count]);
        }
        // A number beyond all bounds or a broken escape fails the quick way though it stands where nobody
        // reads it. The careful way looks at raw text only, at the price of scanning nested objects again.
        self.read_with(payload, count, false)
            .or_else(|_| self.read_with(payload, count, true))
            .map_err(|error| format!("{error}"))
    }

    fn read_with<'de>(
        &self,
        payload: &'de str,
        count: usize,
        careful: bool,
    ) -> Result<Vec<Piece<'de>>, serde_json::Error> {
        let mut pieces = vec![Piece::Unreachable; count];
        let mut deserializer = serde_json::Deserializer::from_str(payload);
        Place { names: self, pieces: &mut pieces, careful }.deserialize(&mut deserializer)?;
        deserializer.end()?;
        Ok(pieces)
    }

    /// Sets everything read at and below this place.
    fn set<'de>(&self, pieces: &mut [Piece<'de>], piece: Piece<'de>) {
        if let Some(slot) = self.piece.and_then(|id| pieces.get_mut(id)) {
            *slot = piece;
        }
        self.set_below(pieces, piece);
    }

    fn set_below<'de>(&self, pieces: &mut [Piece<'de>], piece: Piece<'de>) {
        for names in self.below.values() {
            names.set(pieces, piece);
        }
    }
}

/// A value of which something is read: itself, or fields of it.
struct Place<'n, 'p, 'de> {
    names: &'n Names,
    pieces: &'p mut Vec<Piece<'de>>,
    careful: bool,
}

impl<'de> DeserializeSeed<'de> for Place<'_, '_, 'de> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let Place { names, pieces, careful } = self;
        // An earlier field of this name leaves nothing behind.
        names.set_below(pieces, Piece::Unreachable);
        let Some(id) = names.piece else {
            if careful {
                let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
                return descend(names, pieces, raw.get(), careful).map_err(serde::de::Error::custom);
            }
            return deserializer.deserialize_any(Fields { names, pieces, careful });
        };
        let raw = <&RawValue as serde::Deserialize>::deserialize(deserializer)?;
        if let Some(piece) = pieces.get_mut(id) {
            *piece = Piece::Found(raw.get());
        }
        if names.below.is_empty() {
            return Ok(());
        }
        descend(names, pieces, raw.get(), careful).map_err(serde::de::Error::custom)
    }
}

/// Reads fields of a value that is there as raw text.
fn descend<'de>(
    names: &Names,
    pieces: &mut Vec<Piece<'de>>,
    raw: &'de str,
    careful: bool,
) -> Result<(), serde_json::Error> {
    let blocked = match raw.as_bytes().first() {
        Some(b'{') => {
            let mut deserializer = serde_json::Deserializer::from_str(raw);
            return (&mut deserializer).deserialize_map(Fields { names, pieces, careful });
        }
        Some(b'n') => Piece::Unreachable,
        Some(b'[') => Piece::Blocked("a list"),
        Some(b'"') => Piece::Blocked("a text"),
        Some(b't' | b'f') => Piece::Blocked("a truth value"),
        Some(_) | None => Piece::Blocked("a number"),
    };
    names.set_below(pieces, blocked);
    Ok(())
}

/// The fields of an object that are read. Anything but an object has none.
struct Fields<'n, 'p, 'de> {
    names: &'n Names,
    pieces: &'p mut Vec<Piece<'de>>,
    careful: bool,
}

impl Fields<'_, '_, '_> {
    fn blocked(self, found: &'static str) {
        self.names.set_below(self.pieces, Piece::Blocked(found));
    }
}

impl<'de> Visitor<'de> for Fields<'_, '_, 'de> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Fields { names, pieces, careful } = self;
        for field in names.below.values() {
            if let Some(piece) = field.piece.and_then(|id| pieces.get_mut(id)) {
                *piece = Piece::Absent;
            }
        }
        while let Some(key) = map.next_key_seed(Name(names))? {
            match key {
                Key::Read(names) => map.next_value_seed(Place { names, pieces, careful })?,
                Key::Other => {
                    map.next_value::<IgnoredAny>()?;
                }
                Key::Number => {
                    map.next_value::<IgnoredAny>()?;
                    names.set_below(pieces, Piece::Blocked("a number"));
                }
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        while sequence.next_element::<IgnoredAny>()?.is_some() {}
        self.blocked("a list");
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        self.names.set_below(self.pieces, Piece::Unreachable);
        Ok(())
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        self.blocked("a truth value");
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        self.blocked("a number");
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        self.blocked("a number");
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        self.blocked("a number");
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        self.blocked("a text");
        Ok(())
    }
}

/// A field's name, looked up among those that are read.
struct Name<'n>(&'n Names);

/// What a field's name stands for.
enum Key<'n> {
    /// A field that is read.
    Read(&'n Names),
    /// A field that is not.
    Other,
    /// No field: serde_json hands a number whose digits it keeps over as an object with this one name. Names of
    /// payloads come as bytes, this one as text, so that no payload can pretend.
    Number,
}

impl<'n> Key<'n> {
    fn of(names: Option<&'n Names>) -> Self {
        names.map_or(Key::Other, Key::Read)
    }
}

impl<'de, 'n> DeserializeSeed<'de> for Name<'n> {
    type Value = Key<'n>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        // Bytes, as a name with half a surrogate pair is no text, yet no reason to refuse the payload.
        deserializer.deserialize_bytes(self)
    }
}

impl<'n> Visitor<'_> for Name<'n> {
    type Value = Key<'n>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a field's name")
    }

    fn visit_bytes<E>(self, name: &[u8]) -> Result<Self::Value, E> {
        Ok(Key::of(std::str::from_utf8(name).ok().and_then(|name| self.0.below.get(name))))
    }

    fn visit_str<E>(self, name: &str) -> Result<Self::Value, E> {
        let is_number = name == "$serde_json::private::Number";
        Ok(if is_number { Key::Number } else { Key::of(self.0.below.get(name)) })
    }
}
