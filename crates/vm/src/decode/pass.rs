//! The pass over a payload's text: a tree of the names that are read, and the pieces of text found there.
//!
//! Strings are not decoded, numbers not parsed and what nobody reads is skipped. Of two fields with one name the
//! last counts, with all that is below it.

use std::sync::Arc;

use serde::de::IgnoredAny;

use hence_types::wire::scan::{Broken, Name, Scanner};

/// The place of a piece in the list of what was found.
pub(super) type PieceId = usize;

/// What stands at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece {
    /// The JSON text of the value, from one place of the payload to another.
    Found(usize, usize),
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
    below: Vec<Below>,
    /// The names below by their hash: one more than the place in `below`, 0 for none. At most half full.
    buckets: Vec<u32>,
}

/// A name and what is read below it.
#[derive(Debug, Clone)]
struct Below {
    name: Arc<str>,
    /// The first bytes of the name, as [`Name`] has them.
    words: [u64; 2],
    names: Names,
}

impl Names {
    /// Adds a path and returns where its text goes; `count` is the number of pieces so far.
    pub(super) fn add(&mut self, path: &[Arc<str>], count: &mut usize) -> PieceId {
        let Some((name, rest)) = path.split_first() else {
            return *self.piece.get_or_insert_with(|| {
                *count += 1;
                *count - 1
            });
        };
        let known = self.below.iter().position(|below| below.name == *name);
        let place = known.unwrap_or_else(|| {
            let words = Name::of(name.as_bytes()).words;
            self.below.push(Below { name: Arc::clone(name), words, names: Names::default() });
            self.hash_names();
            self.below.len() - 1
        });
        self.below.get_mut(place).map_or(0, |below| below.names.add(rest, count))
    }

    fn hash_names(&mut self) {
        let size = (self.below.len() * 2).next_power_of_two();
        self.buckets = vec![0; size];
        for (number, below) in (1..).zip(&self.below) {
            let mut bucket = hash(&below.words, below.name.len()) & (size - 1);
            while self.buckets.get(bucket).is_some_and(|taken| *taken != 0) {
                bucket = (bucket + 1) & (size - 1);
            }
            if let Some(free) = self.buckets.get_mut(bucket) {
                *free = number;
            }
        }
    }

    #[inline]
    fn find(&self, name: &Name<'_>) -> Option<&Names> {
        let mask = self.buckets.len().wrapping_sub(1);
        let mut bucket = hash(&name.words, name.bytes.len()) & mask;
        loop {
            let number = *self.buckets.get(bucket)? as usize;
            let below = self.below.get(number.wrapping_sub(1))?;
            if name.is(&below.words, below.name.as_bytes()) {
                return Some(&below.names);
            }
            bucket = (bucket + 1) & mask;
        }
    }

    /// Reads a payload into `pieces`, of which there are as many as paths. Fails if it is not JSON, with words that say
    /// why and where.
    pub(super) fn read(&self, payload: &str, pieces: &mut [Piece]) -> Result<(), String> {
        if self.below.is_empty() && self.piece.is_none() {
            return Ok(());
        }
        let mut scanner = Scanner::new(payload);
        let read = self.value(&mut scanner, pieces);
        if read.is_err() || !scanner.is_at_end() {
            let error = serde_json::from_str::<IgnoredAny>(payload).err();
            return Err(error.map_or_else(|| "no JSON".to_owned(), |error| error.to_string()));
        }
        Ok(())
    }

    /// Reads a value of which something is read: itself, or fields of it.
    fn value(&self, scanner: &mut Scanner<'_>, pieces: &mut [Piece]) -> Result<(), Broken> {
        let first = scanner.peek();
        let start = scanner.place();
        if self.below.is_empty() {
            scanner.skip()?;
        } else if first == b'{' {
            self.fields(scanner, pieces)?;
        } else {
            scanner.skip()?;
            self.set_below(pieces, instead_of_an_object(first));
        }
        if let Some(piece) = self.piece.and_then(|id| pieces.get_mut(id)) {
            *piece = Piece::Found(start, scanner.place());
        }
        Ok(())
    }

    /// Reads the fields of an object, from its bracket on.
    fn fields(&self, scanner: &mut Scanner<'_>, pieces: &mut [Piece]) -> Result<(), Broken> {
        for Below { names: field, .. } in &self.below {
            // An earlier field of this name leaves nothing behind.
            field.set_below(pieces, Piece::Unreachable);
            if let Some(piece) = field.piece.and_then(|id| pieces.get_mut(id)) {
                *piece = Piece::Absent;
            }
        }
        scanner.advance();
        if scanner.peek() == b'}' {
            scanner.advance();
            return Ok(());
        }
        loop {
            let name = scanner.name()?;
            let names = if name.is_escaped { self.find_escaped(&name) } else { self.find(&name) };
            match names {
                Some(names) => names.value(scanner, pieces)?,
                None => scanner.skip()?,
            }
            let byte = scanner.peek();
            scanner.advance();
            match byte {
                b',' => {}
                b'}' => return Ok(()),
                _ => return Err(Broken),
            }
        }
    }

    /// Finds a name by its text with escapes. Half of a surrogate pair is no text, yet no reason to refuse the payload.
    #[cold]
    fn find_escaped(&self, name: &Name<'_>) -> Option<&Names> {
        let name = name.text()?;
        self.find(&Name::of(name.as_bytes()))
    }

    /// Sets everything read at and below this place.
    fn set(&self, pieces: &mut [Piece], piece: Piece) {
        if let Some(slot) = self.piece.and_then(|id| pieces.get_mut(id)) {
            *slot = piece;
        }
        self.set_below(pieces, piece);
    }

    #[inline]
    fn set_below(&self, pieces: &mut [Piece], piece: Piece) {
        if !self.below.is_empty() {
            self.set_all_below(pieces, piece);
        }
    }

    fn set_all_below(&self, pieces: &mut [Piece], piece: Piece) {
        for Below { names, .. } in &self.below {
            names.set(pieces, piece);
        }
    }
}

/// What a value that is no object leaves of its fields, by its first byte.
fn instead_of_an_object(first: u8) -> Piece {
    match first {
        b'n' => Piece::Unreachable,
        b'[' => Piece::Blocked("a list"),
        b'"' => Piece::Blocked("a text"),
        b't' | b'f' => Piece::Blocked("a truth value"),
        _ => Piece::Blocked("a number"),
    }
}

/// A hash of a name's first bytes and its length. It is asked for names of rules only, so no payload can make it bad.
#[inline]
fn hash(words: &[u64; 2], length: usize) -> usize {
    const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;
    let [first, second] = *words;
    let mixed = first ^ second.rotate_left(29) ^ length as u64;
    (mixed.wrapping_mul(FACTOR) >> 40) as usize
}
