//! The scanner: whether a text is JSON, and where its values begin and end. It decodes nothing.
//!
//! Where texts may end is found out for 64 bytes at a time, so that the way from one to the next is a shift and a
//! count of bits and waits for no memory. Everything of JSON's grammar is checked, in what is skipped too: brackets, commas, words, numbers, escapes and
//! control characters. That a text is UTF-8 is known beforehand, and what an escape means (it may be half of a
//! surrogate pair) or how large a number is decides who reads it. Nesting costs a byte per level and no stack.

use std::borrow::Cow;

use wide::u8x16;

/// The text is not JSON. The words for it are another reader's to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Broken;

/// A place in a JSON text.
#[derive(Debug)]
pub struct Scanner<'p> {
    text: &'p str,
    at: usize,
    specials: Specials,
}

/// The name of a member as it stands between its quotes.
#[derive(Debug, Clone, Copy)]
pub struct Name<'p> {
    /// The bytes.
    pub bytes: &'p [u8],
    /// The first eight of them and the eight after, with zeros where there are none.
    pub words: [u64; 2],
    /// Whether there is an escape in it.
    pub is_escaped: bool,
}

impl<'p> Name<'p> {
    /// Returns a name without escapes.
    pub fn of(bytes: &'p [u8]) -> Self {
        let mut block = [0; 16];
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = *from;
        }
        Name { bytes, words: words(&block), is_escaped: false }
    }

    /// Returns whether this is the same name. Names of up to 16 bytes are told apart by their words alone.
    #[inline]
    pub fn is(&self, words: &[u64; 2], name: &[u8]) -> bool {
        self.words == *words && self.bytes.len() == name.len() && (name.len() <= 16 || self.bytes == name)
    }

    /// Returns the name as it is meant; nothing for half of a surrogate pair, which is no text.
    pub fn text(&self) -> Option<Cow<'p, str>> {
        let text = std::str::from_utf8(self.bytes).ok()?;
        if !self.is_escaped {
            return Some(Cow::Borrowed(text));
        }
        serde_json::from_str(&format!("\"{text}\"")).ok().map(Cow::Owned)
    }
}

impl<'p> Scanner<'p> {
    /// Returns the beginning of a text.
    pub fn new(text: &'p str) -> Self {
        Scanner { text, at: 0, specials: Specials { block: usize::MAX, bits: 0 } }
    }

    /// Returns the place.
    pub fn place(&self) -> usize {
        self.at
    }

    /// Returns the text from a place up to here.
    pub fn since(&self, start: usize) -> &'p str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Skips blanks and returns the byte after them, 0 at the end.
    #[inline]
    pub fn peek(&mut self) -> u8 {
        self.at = blanks(self.text.as_bytes(), self.at);
        byte(self.text.as_bytes(), self.at)
    }

    /// Skips one byte, which was looked at before.
    #[inline]
    pub fn advance(&mut self) {
        self.at += 1;
    }

    /// Reads the name of a member with the colon after it.
    #[inline]
    pub fn name(&mut self) -> Result<Name<'p>, Broken> {
        let bytes = self.text.as_bytes();
        let start = opening_quote(bytes, self.at).ok_or(Broken)?;
        let end = self.specials.next(bytes, start);
        if byte(bytes, end) == b'"' {
            self.at = colon(bytes, end + 1).ok_or(Broken)?;
            let name = bytes.get(start..end).ok_or(Broken)?;
            let Some(block) = bytes.get(start..).and_then(|rest| rest.first_chunk::<16>()) else {
                return Ok(Name::of(name));
            };
            let [first, second] = words(block);
            // The bytes behind the name are no part of it.
            let keep = |count: usize| if count >= 8 { u64::MAX } else { (1 << (count * 8)) - 1 };
            let words = [first & keep(name.len()), second & keep(name.len().saturating_sub(8))];
            return Ok(Name { bytes: name, words, is_escaped: false });
        }
        let end = self.specials.text_end(bytes, start).ok_or(Broken)?;
        self.at = colon(bytes, end).ok_or(Broken)?;
        let name = Name::of(bytes.get(start..end - 1).ok_or(Broken)?);
        Ok(Name { is_escaped: name.bytes.contains(&b'\\'), ..name })
    }

    /// Skips a value.
    #[inline]
    pub fn skip(&mut self) -> Result<(), Broken> {
        let bytes = self.text.as_bytes();
        let at = blanks(bytes, self.at);
        let end = match byte(bytes, at) {
            b'"' => self.specials.text_end(bytes, at + 1),
            b'{' | b'[' => self.skip_nested(at),
            first => plain_end(bytes, at, first),
        };
        self.at = end.ok_or(Broken)?;
        Ok(())
    }

    /// Returns where an object or array ends that begins here.
    fn skip_nested(&mut self, mut at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let specials = &mut self.specials;
        let mut open = Open::default();
        'value: loop {
            at = blanks(bytes, at);
            at = match byte(bytes, at) {
                b'"' => specials.text_end(bytes, at + 1)?,
                b'{' => {
                    at = blanks(bytes, at + 1);
                    if byte(bytes, at) != b'}' {
                        open.push(true);
                        at = specials.name_end(bytes, at)?;
                        continue;
                    }
                    at + 1
                }
                b'[' => {
                    at = blanks(bytes, at + 1);
                    if byte(bytes, at) != b']' {
                        open.push(false);
                        continue;
                    }
                    at + 1
                }
                first => plain_end(bytes, at, first)?,
            };
            while open.depth > 0 {
                at = blanks(bytes, at);
                let next = byte(bytes, at);
                at += 1;
                if next == b',' {
                    if open.is_object() {
                        at = specials.name_end(bytes, at)?;
                    }
                    continue 'value;
                }
                if next != if open.is_object() { b'}' } else { b']' } {
                    return None;
                }
                open.pop();
            }
            return Some(at);
        }
    }

    /// Calls back with each member of an object, its name and the text of its value, from its bracket on.
    ///
    /// # Errors
    ///
    /// What is here is no object, or no JSON.
    pub fn members(&mut self, mut visit: impl FnMut(Name<'p>, &'p str)) -> Result<(), Broken> {
        self.each(b'{', b'}', |scanner| {
            let name = scanner.name()?;
            scanner.peek();
            let start = scanner.place();
            scanner.skip()?;
            visit(name, scanner.since(start));
            Ok(())
        })
    }

    /// Calls back with the scanner before each element of an array, from its bracket on; it is to be read.
    ///
    /// # Errors
    ///
    /// What is here is no array, or no JSON; those of the callback.
    pub fn elements(&mut self, visit: impl FnMut(&mut Self) -> Result<(), Broken>) -> Result<(), Broken> {
        self.each(b'[', b']', visit)
    }

    #[inline]
    fn each(
        &mut self,
        open: u8,
        close: u8,
        mut visit: impl FnMut(&mut Self) -> Result<(), Broken>,
    ) -> Result<(), Broken> {
        if self.peek() != open {
            return Err(Broken);
        }
        self.advance();
        if self.peek() == close {
            self.advance();
            return Ok(());
        }
        loop {
            visit(self)?;
            let byte = self.peek();
            self.advance();
            match byte {
                b',' => {}
                byte if byte == close => return Ok(()),
                _ => return Err(Broken),
            }
        }
    }

    /// Skips blanks and returns whether that is the end.
    pub fn is_at_end(&mut self) -> bool {
        self.peek() == 0 && self.at >= self.text.len()
    }
}

/// Returns how deep the brackets of a JSON text nest. Of a text that is no JSON, brackets outside of quotes count.
pub fn nesting(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut specials = Specials { block: usize::MAX, bits: 0 };
    let (mut depth, mut deepest, mut at) = (0_usize, 0, 0);
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'"' => at = specials.text_end(bytes, at).unwrap_or_else(|| quote_end(bytes, at)),
            b'[' | b'{' => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    deepest
}

/// Returns the place behind the next quote without a backslash before it, whatever stands before it.
fn quote_end(bytes: &[u8], mut at: usize) -> usize {
    loop {
        at += match bytes.get(at) {
            None => return at,
            Some(b'"') => return at + 1,
            Some(b'\\') => 2,
            Some(_) => 1,
        };
    }
}

/// The brackets that are open, a bit for each: whether it is one of an object. Those of 64 levels are at hand.
#[derive(Default)]
struct Open {
    depth: usize,
    bits: u64,
    more: Vec<u64>,
}

impl Open {
    #[inline]
    fn push(&mut self, is_object: bool) {
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.more.push(self.bits);
        }
        self.bits = self.bits << 1 | u64::from(is_object);
        self.depth += 1;
    }

    #[inline]
    fn is_object(&self) -> bool {
        self.bits & 1 == 1
    }

    #[inline]
    fn pop(&mut self) {
        self.depth -= 1;
        self.bits >>= 1;
        if self.depth > 0 && self.depth.is_multiple_of(64) {
            self.bits = self.more.pop().unwrap_or(0);
        }
    }
}

/// So many bytes are looked at together.
const BLOCK: usize = 64;

/// The bytes of a block that end a stretch of plain text: a bit for every quote, backslash and control character.
#[derive(Debug)]
struct Specials {
    block: usize,
    bits: u64,
}

impl Specials {
    /// Returns the place of the first such byte from a place on, the end if there is none.
    #[inline]
    fn next(&mut self, bytes: &[u8], at: usize) -> usize {
        let mut block = at / BLOCK;
        if self.block != block {
            self.load(bytes, block);
        }
        let bits = self.bits >> (at % BLOCK);
        if bits != 0 {
            return at + bits.trailing_zeros() as usize;
        }
        loop {
            block += 1;
            if block * BLOCK >= bytes.len() {
                return bytes.len();
            }
            self.load(bytes, block);
            if self.bits != 0 {
                return block * BLOCK + self.bits.trailing_zeros() as usize;
            }
        }
    }

    #[inline(never)]
    fn load(&mut self, bytes: &[u8], block: usize) {
        let rest = bytes.get(block * BLOCK..).unwrap_or_default();
        self.block = block;
        self.bits = match rest.first_chunk::<BLOCK>() {
            Some(block) => specials(block),
            None => {
                let mut block = [b' '; BLOCK];
                block.iter_mut().zip(rest).for_each(|(to, from)| *to = *from);
                specials(&block)
            }
        };
    }

    /// Returns where a text ends, its closing quote included, from behind its opening one.
    #[inline]
    fn text_end(&mut self, bytes: &[u8], mut at: usize) -> Option<usize> {
        loop {
            at = self.next(bytes, at);
            match byte(bytes, at) {
                b'"' => return Some(at + 1),
                b'\\' => at = escape_end(bytes, at + 1)?,
                _ => return None,
            }
        }
    }

    /// Returns where the name of a member ends, its colon included.
    #[inline]
    fn name_end(&mut self, bytes: &[u8], at: usize) -> Option<usize> {
        colon(bytes, self.text_end(bytes, opening_quote(bytes, at)?)?)
    }
}

#[inline]
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// Returns the place of the first byte that is no blank.
#[inline]
fn blanks(bytes: &[u8], mut at: usize) -> usize {
    // Most JSON has none.
    if byte(bytes, at) > b' ' {
        return at;
    }
    while matches!(byte(bytes, at), b' ' | b'\n' | b'\t' | b'\r') {
        at += 1;
    }
    at
}

/// Returns the place behind a quote that opens a text.
#[inline]
fn opening_quote(bytes: &[u8], at: usize) -> Option<usize> {
    let at = blanks(bytes, at);
    (byte(bytes, at) == b'"').then_some(at + 1)
}

/// Returns the place behind a colon.
#[inline]
fn colon(bytes: &[u8], at: usize) -> Option<usize> {
    let at = blanks(bytes, at);
    (byte(bytes, at) == b':').then_some(at + 1)
}

/// Returns where an escape ends, from behind its backslash.
fn escape_end(bytes: &[u8], at: usize) -> Option<usize> {
    match byte(bytes, at) {
        b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't' => Some(at + 1),
        b'u' => {
            let digits = bytes.get(at + 1..at + 5)?;
            digits.iter().all(u8::is_ascii_hexdigit).then_some(at + 5)
        }
        _ => None,
    }
}

/// Returns where a number or word ends.
#[inline]
fn plain_end(bytes: &[u8], at: usize, first: u8) -> Option<usize> {
    match first {
        b'-' | b'0'..=b'9' => number_end(bytes, at),
        b't' => word_end(bytes, at, b"true"),
        b'f' => word_end(bytes, at, b"false"),
        b'n' => word_end(bytes, at, b"null"),
        _ => None,
    }
}

#[inline]
fn word_end(bytes: &[u8], at: usize, word: &[u8]) -> Option<usize> {
    bytes.get(at..)?.starts_with(word).then_some(at + word.len())
}

#[inline]
fn number_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    if byte(bytes, at) == b'-' {
        at += 1;
    }
    at = if byte(bytes, at) == b'0' { at + 1 } else { digits_end(bytes, at)? };
    if byte(bytes, at) == b'.' {
        at = digits_end(bytes, at + 1)?;
    }
    if matches!(byte(bytes, at), b'e' | b'E') {
        at += 1;
        if matches!(byte(bytes, at), b'+' | b'-') {
            at += 1;
        }
        at = digits_end(bytes, at)?;
    }
    Some(at)
}

/// Returns where digits end, of which there is at least one.
#[inline]
fn digits_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while byte(bytes, at).is_ascii_digit() {
        at += 1;
    }
    (at > start).then_some(at)
}

/// Returns a bit for every byte that ends a stretch of plain text.
#[inline]
fn specials(block: &[u8; BLOCK]) -> u64 {
    let (chunks, _) = block.as_chunks::<16>();
    let bits = |chunk: &[u8; 16]| {
        let bytes = u8x16::from(*chunk);
        let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
        let found = bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')) | controls;
        u64::from(found.to_bitmask())
    };
    chunks.iter().rev().fold(0, |all, chunk| all << 16 | bits(chunk))
}

#[inline]
fn words(block: &[u8; 16]) -> [u64; 2] {
    let (first, second) = block.split_at(8);
    [first, second].map(|half| half.first_chunk().map_or(0, |half| u64::from_le_bytes(*half)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::de::IgnoredAny;

    use super::*;

    fn is_json(text: &str) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.skip().is_ok() && scanner.peek() == 0 && scanner.place() == text.len()
    }

    #[test]
    fn what_is_no_json_is_refused_wherever_it_stands() {
        for broken in [
            "01",
            "1.",
            ".5",
            "-",
            "1e",
            "+1",
            "tru",
            "nul",
            "\"",
            "\"\\x\"",
            "\"\\u12\"",
            "\"a\nb\"",
            "[1,]",
            "[,1]",
            "{\"a\"}",
            "{\"a\":1,}",
            "{1:2}",
            "[1}",
            "{\"a\":1]",
            "[1 2]",
            "'a'",
            "NaN",
            "\u{1}",
        ] {
            for text in [broken.to_owned(), format!("[{broken}]"), format!(r#"{{"k":[0,{broken}]}}"#)] {
                assert!(!is_json(&text), "{text}");
            }
        }
    }

    #[test]
    fn nesting_has_no_bound() {
        assert!(is_json(&format!("{}{}", "[".repeat(100_000), "]".repeat(100_000))));
        assert!(!is_json(&format!("{}{}", "[".repeat(100_000), "]".repeat(99_999))));
    }

    /// Pieces that texts of JSON are made of, right or wrong.
    fn text() -> impl Strategy<Value = String> {
        let piece = prop::sample::select(vec![
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "\\",
            "\\n",
            "\\u00e9",
            "\\ud800",
            "a",
            "é",
            " ",
            "\n",
            "0",
            "1",
            "-",
            ".",
            "e",
            "E",
            "+",
            "true",
            "null",
            "{\"a\":",
            "\"0123456789abcdefg\"",
            "\t",
            "\u{7f}",
            "\"x\":1",
        ]);
        prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4096))]

        #[test]
        fn it_takes_what_another_parser_takes(text in text()) {
            for text in [text.clone(), format!("[{text}]"), format!("{{\"k\":{text}}}"), format!("\"{text}\"")] {
                prop_assert_eq!(is_json(&text), serde_json::from_str::<IgnoredAny>(&text).is_ok(), "{}", text);
            }
        }
    }
}
