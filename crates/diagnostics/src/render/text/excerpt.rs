//! The part of a source that labels need, in a shape that ariadne can draw.
//!
//! An excerpt has the lines on which labels start or end, at their line numbers; all lines before and between
//! are empty. In a shown line tabs are blanks, characters that would not show are replaced, and what lies far
//! from every label of a long line is one `…`. Each shown line ends with one blank, so that the place at its end
//! can be underlined, and so can every empty span.

use std::collections::BTreeMap;
use std::ops::Range;

use super::{TextOptions, one_line, visible};
use crate::Source;

/// How many characters are shown on either side of the edge of a label in a long line.
const CONTEXT: usize = 40;
const TAB_WIDTH: usize = 4;

/// What is shown of one source.
pub(super) struct Excerpt {
    name: String,
    source: ariadne::Source<String>,
    lines: Vec<Line>,
}

/// A shown line: where each character of the source stands in the excerpt, the last entry being the blank at
/// its end.
struct Line {
    number: u32,
    /// Bytes of the source and characters of the excerpt, both from the start of the text.
    places: Vec<(u32, usize)>,
}

impl Excerpt {
    /// Returns what is needed to show `spans`, which must be clamped. The first one is the one named.
    pub(super) fn new(source: &Source, spans: &[Range<u32>], options: TextOptions) -> Self {
        let mut edges: BTreeMap<u32, Vec<u32>> = BTreeMap::new();
        for span in spans {
            edges.entry(source.line_of(span.start)).or_default().push(span.start);
            edges.entry(source.line_of(last_byte(span))).or_default().push(span.end);
        }
        let mut text = String::new();
        let mut length = 0;
        let mut current = 1;
        let mut lines = Vec::new();
        for (number, edges) in edges {
            while current < number {
                text.push('\n');
                length += 1;
                current += 1;
            }
            let places = push_line(&mut text, &mut length, source, number, &edges, options);
            lines.push(Line { number, places });
        }
        let place = source.line_column(spans.first().map_or(0, |span| span.start));
        let name = format!("{}:{}:{}", one_line(source.name()), place.line, place.column);
        Self { name, source: text.into(), lines }
    }

    /// Returns the name of the source and the place of the first span.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    pub(super) fn source(&self) -> &ariadne::Source<String> {
        &self.source
    }

    /// Returns where a span stands in the excerpt, in characters. It is never empty.
    pub(super) fn place(&self, source: &Source, span: Range<u32>) -> Range<usize> {
        let from = self.character(source.line_of(span.start), base_of(source, span.start), 0);
        let last = last_byte(&span);
        let line = source.line_of(last);
        let to = if source.line_of(span.end) == line {
            self.character(line, span.end, 0)
        } else {
            self.character(line, last, 1)
        };
        from..to.max(from + 1)
    }

    /// Returns where the character that holds a byte stands, `after` characters further.
    fn character(&self, line: u32, byte: u32, after: usize) -> usize {
        let Ok(index) = self.lines.binary_search_by_key(&line, |line| line.number) else { return 0 };
        let places = self.lines.get(index).map_or(&[][..], |line| &line.places);
        let index = places.partition_point(|(start, _)| *start <= byte).saturating_sub(1);
        places.get(index).map_or(0, |(_, place)| place + after)
    }
}

fn last_byte(span: &Range<u32>) -> u32 {
    span.end.saturating_sub(1).max(span.start)
}

/// Returns the byte at which the character starts that the one at `byte` joins, `byte` if it stands alone: a
/// label on a mark over a letter would have no width.
fn base_of(source: &Source, byte: u32) -> u32 {
    let rest = source.slice(byte as usize..source.text().len());
    let start = source.line_start(source.line_of(byte));
    let before = source.slice(start as usize..byte as usize).trim_end_matches(is_joining);
    match before.char_indices().next_back() {
        Some((base, _)) if rest.starts_with(is_joining) => start + base as u32,
        Some(_) | None => byte,
    }
}

/// Returns whether a span covers or splits a character with marks.
pub(super) fn has_marks(source: &Source, span: Range<u32>) -> bool {
    base_of(source, span.start) != span.start
        || source.slice(span.start as usize..span.end as usize).contains(is_joining)
}

/// Whether a character takes no width of its own: marks over letters, joiners and variation selectors.
fn is_joining(c: char) -> bool {
    matches!(c,
        '\u{300}'..='\u{36f}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}' | '\u{200c}' | '\u{200d}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe00}'..='\u{fe0f}' | '\u{fe20}'..='\u{fe2f}')
}

fn push_line(
    text: &mut String,
    length: &mut usize,
    source: &Source,
    number: u32,
    edges: &[u32],
    options: TextOptions,
) -> Vec<(u32, usize)> {
    let line = source.line(number);
    let start = source.line_start(number);
    let shown = Shown::of(line, start, edges, options.width);
    let mut places = Vec::new();
    let mut column = 0;
    let mut push = |text: &mut String, c: char| {
        text.push(c);
        *length += 1;
        *length - 1
    };
    let mut left_out = false;
    for (index, (byte, c)) in line.char_indices().enumerate() {
        if !shown.contains(index) {
            if !left_out {
                let place = push(text, if options.ascii { '~' } else { '…' });
                places.push((start + byte as u32, place));
                column += 1;
            }
            left_out = true;
            continue;
        }
        left_out = false;
        if c == '\t' {
            let end = (column / TAB_WIDTH + 1) * TAB_WIDTH;
            places.push((start + byte as u32, push(text, ' ')));
            for _ in column + 1..end {
                push(text, ' ');
            }
            column = end;
        } else {
            places.push((start + byte as u32, push(text, visible(c))));
            column += 1;
        }
    }
    places.push((start + line.len() as u32, push(text, ' ')));
    places
}

/// Which characters of a line are shown.
enum Shown {
    All,
    Near(Vec<Range<usize>>),
}

impl Shown {
    fn of(line: &str, start: u32, edges: &[u32], width: usize) -> Self {
        if line.len() <= width || line.chars().count() <= width {
            return Shown::All;
        }
        let near = |edge: &u32| {
            let byte = (edge.saturating_sub(start) as usize).min(line.len());
            let index = line.get(..byte).unwrap_or_default().chars().count();
            index.saturating_sub(CONTEXT)..index + CONTEXT
        };
        Shown::Near(edges.iter().map(near).collect())
    }

    fn contains(&self, index: usize) -> bool {
        match self {
            Shown::All => true,
            Shown::Near(ranges) => ranges.iter().any(|range| range.contains(&index)),
        }
    }
}
