//! The scanner: whether a text is JSON, and where its values begin and end. It decodes nothing.
//!
//! Everything of JSON's grammar is checked, in what is skipped too: brackets, commas, words, numbers, escapes and
//! control characters. That a text is UTF-8 is known beforehand, and what an escape means (it may be half of a
//! surrogate pair) or how large a number is decides who reads it. Nesting costs a byte per level and no stack.

use wide::u8x16;

/// The text is not JSON. The words for it are another reader's to find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Broken;

/// A place in a JSON text.
pub(super) struct Scanner<'p> {
    text: &'p str,
    at: usize,
    /// The brackets that are open in what is skipped.
    open: Vec<u8>,
}

/// The name of a member as it stands between its quotes.
#[derive(Debug, Clone, Copy)]
pub(super) struct Name<'p> {
    /// The bytes.
    pub(super) bytes: &'p [u8],
    /// The first eight of them and the eight after, with zeros where there are none.
    pub(super) words: [u64; 2],
    /// Whether there is an escape in it.
    pub(super) is_escaped: bool,
}

impl<'p> Name<'p> {
    /// Returns a name without escapes.
    pub(super) fn of(bytes: &'p [u8]) -> Self {
        let mut block = [0; 16];
        for (to, from) in block.iter_mut().zip(bytes) {
            *to = *from;
        }
        Name { bytes, words: words(&block), is_escaped: false }
    }

    /// Returns whether this is the same name. Names of up to 16 bytes are told apart by their words alone.
    #[inline]
    pub(super) fn is(&self, words: &[u64; 2], name: &[u8]) -> bool {
        self.words == *words && self.bytes.len() == name.len() && (name.len() <= 16 || self.bytes == name)
    }
}

impl<'p> Scanner<'p> {
    pub(super) fn new(text: &'p str) -> Self {
        Scanner { text, at: 0, open: Vec::new() }
    }

    /// Returns the place.
    pub(super) fn place(&self) -> usize {
        self.at
    }

    /// Returns the text from a place up to here.
    pub(super) fn since(&self, start: usize) -> &'p str {
        self.text.get(start..self.at).unwrap_or_default()
    }

    /// Skips blanks and returns the byte after them, 0 at the end.
    #[inline]
    pub(super) fn next(&mut self) -> u8 {
        self.at = blanks(self.text.as_bytes(), self.at);
        byte(self.text.as_bytes(), self.at)
    }

    /// Skips one byte, which was looked at before.
    #[inline]
    pub(super) fn advance(&mut self) {
        self.at += 1;
    }

    /// Reads the name of a member with the colon after it.
    #[inline]
    pub(super) fn name(&mut self) -> Result<Name<'p>, Broken> {
        let bytes = self.text.as_bytes();
        let start = opening_quote(bytes, self.at).ok_or(Broken)?;
        let rest = bytes.get(start..).ok_or(Broken)?;
        if let Some(block) = rest.first_chunk::<16>() {
            let place = specials(block).trailing_zeros() as usize;
            if byte(rest, place) == b'"' && place < 16 {
                self.at = colon(bytes, start + place + 1).ok_or(Broken)?;
                let [first, second] = words(block);
                // The bytes behind the name are no part of it.
                let keep = |count: usize| if count >= 8 { u64::MAX } else { (1 << (count * 8)) - 1 };
                let words = [first & keep(place), second & keep(place.saturating_sub(8))];
                return Ok(Name { bytes: rest.get(..place).ok_or(Broken)?, words, is_escaped: false });
            }
        }
        let end = text_end(bytes, start).ok_or(Broken)?;
        self.at = colon(bytes, end).ok_or(Broken)?;
        let name = Name::of(bytes.get(start..end - 1).ok_or(Broken)?);
        Ok(Name { is_escaped: name.bytes.contains(&b'\\'), ..name })
    }

    /// Skips a value.
    #[inline]
    pub(super) fn skip(&mut self) -> Result<(), Broken> {
        let bytes = self.text.as_bytes();
        let at = blanks(bytes, self.at);
        let end = match byte(bytes, at) {
            b'"' => text_end(bytes, at + 1),
            b'{' | b'[' => self.skip_nested(at),
            first => plain_end(bytes, at, first),
        };
        self.at = end.ok_or(Broken)?;
        Ok(())
    }

    /// Returns where an object or array ends that begins here.
    fn skip_nested(&mut self, mut at: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let open = &mut self.open;
        open.clear();
        'value: loop {
            at = blanks(bytes, at);
            at = match byte(bytes, at) {
                b'"' => text_end(bytes, at + 1)?,
                b'{' => {
                    at = blanks(bytes, at + 1);
                    if byte(bytes, at) != b'}' {
                        open.push(b'}');
                        at = name_end(bytes, at)?;
                        continue;
                    }
                    at + 1
                }
                b'[' => {
                    at = blanks(bytes, at + 1);
                    if byte(bytes, at) != b']' {
                        open.push(b']');
                        continue;
                    }
                    at + 1
                }
                first => plain_end(bytes, at, first)?,
            };
            while let Some(close) = open.last() {
                at = blanks(bytes, at);
                let next = byte(bytes, at);
                at += 1;
                if next == b',' {
                    if *close == b'}' {
                        at = name_end(bytes, at)?;
                    }
                    continue 'value;
                }
                if next != *close {
                    return None;
                }
                open.pop();
            }
            return Some(at);
        }
    }
}

#[inline]
fn byte(bytes: &[u8], at: usize) -> u8 {
    bytes.get(at).copied().unwrap_or(0)
}

/// Returns the place of the first byte that is no blank.
#[inline]
fn blanks(bytes: &[u8], mut at: usize) -> usize {
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

/// Returns where the name of a member ends, its colon included.
#[inline]
fn name_end(bytes: &[u8], at: usize) -> Option<usize> {
    colon(bytes, text_end(bytes, opening_quote(bytes, at)?)?)
}

/// Returns where a text ends, its closing quote included, from behind its opening one.
#[inline]
fn text_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        let rest = bytes.get(at..)?;
        let found = match rest.first_chunk::<16>() {
            Some(block) => specials(block).trailing_zeros() as usize,
            None => rest.iter().position(|byte| is_special(*byte))?,
        };
        if found >= 16 {
            at += 16;
            continue;
        }
        at += found + 1;
        match byte(rest, found) {
            b'"' => return Some(at),
            b'\\' => at = escape_end(bytes, at)?,
            _ => return None,
        }
    }
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

/// Whether a byte ends a stretch of plain text: a quote, a backslash or a control character.
fn is_special(byte: u8) -> bool {
    byte == b'"' || byte == b'\\' || byte < b' '
}

/// Returns a bit for every byte that [`is_special`].
#[inline]
fn specials(block: &[u8; 16]) -> u32 {
    let bytes = u8x16::from(*block);
    let controls = bytes.min(u8x16::splat(0x1f)).simd_eq(bytes);
    (bytes.simd_eq(u8x16::splat(b'"')) | bytes.simd_eq(u8x16::splat(b'\\')) | controls).to_bitmask()
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
        scanner.skip().is_ok() && scanner.next() == 0 && scanner.place() == text.len()
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
