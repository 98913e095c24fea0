//! Bytes of a text and the lines and columns that editors count in.

use hence_diagnostics::{Source, Span};

/// What a column counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Bytes.
    Utf8,
    /// Units of UTF-16, which every editor knows.
    Utf16,
}

/// A line and a column, both from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The line.
    pub line: u32,
    /// The column, in units of the encoding.
    pub column: u32,
}

/// From one place to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PlaceRange {
    /// The first place.
    pub start: Place,
    /// The place behind the last.
    pub end: Place,
}

impl Encoding {
    fn length(self, text: &str) -> u32 {
        match self {
            Encoding::Utf8 => text.len() as u32,
            Encoding::Utf16 => text.chars().map(|c| c.len_utf16() as u32).sum(),
        }
    }

    /// Returns the place of a byte; one past the end is the end.
    pub fn place(self, source: &Source, offset: u32) -> Place {
        let text = source.text();
        let offset = text.floor_char_boundary((offset as usize).min(text.len()));
        let line = source.line_column(offset as u32).line;
        let start = source.line_start(line) as usize;
        Place { line: line - 1, column: self.length(source.slice(start..offset)) }
    }

    /// Returns the range of a span.
    pub fn range(self, source: &Source, span: Span) -> PlaceRange {
        PlaceRange { start: self.place(source, span.start), end: self.place(source, span.end) }
    }

    /// Returns the byte of a place; a column past the end of its line is that end, a line past the end the end.
    pub fn offset(self, source: &Source, place: Place) -> u32 {
        let start = source.line_start(place.line.saturating_add(1));
        let line = source.line(place.line.saturating_add(1));
        let mut column = 0;
        for (at, character) in line.char_indices() {
            if column >= place.column {
                return start + at as u32;
            }
            column += self.length(character.encode_utf8(&mut [0; 4]));
        }
        start + line.len() as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(line: u32, column: u32) -> Place {
        Place { line, column }
    }

    #[test]
    fn columns_count_bytes_or_units_and_come_back() {
        let source = Source::new("a.rule", "ab\r\nä😀x\n");
        assert_eq!(Encoding::Utf8.place(&source, 10), at(1, 6));
        assert_eq!(Encoding::Utf16.place(&source, 10), at(1, 3));
        for encoding in [Encoding::Utf8, Encoding::Utf16] {
            for offset in [0, 1, 2, 4, 6, 10, 11, 12] {
                assert_eq!(encoding.offset(&source, encoding.place(&source, offset)), offset);
            }
        }
    }

    #[test]
    fn places_outside_the_text_are_the_nearest_inside() {
        let source = Source::new("a.rule", "ab\r\nc");
        assert_eq!(Encoding::Utf16.offset(&source, at(0, 99)), 2);
        assert_eq!(Encoding::Utf16.offset(&source, at(9, 0)), 5);
        assert_eq!(Encoding::Utf16.place(&source, 99), at(1, 1));
    }
}
