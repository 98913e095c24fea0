//! Source texts and places in them. Spans are bytes; lines and columns are computed only when printing.

use std::sync::Arc;

/// Identifies one text in a [`Sources`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct FileId(u32);

impl FileId {
    /// Returns the position of the file in its [`Sources`], in order of addition.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// A half-open range of bytes in one file. Edges always stand on character boundaries.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// The file.
    pub file: FileId,
    /// The first byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Returns the span `start..end` of `file`.
    pub fn new(file: FileId, start: u32, end: u32) -> Self {
        Self { file, start, end: end.max(start) }
    }

    /// Returns the smallest span that covers `self` and `other`, which must be of one file.
    pub fn to(self, other: Span) -> Span {
        Span { file: self.file, start: self.start.min(other.start), end: self.end.max(other.end) }
    }

    /// Returns the empty span at the start of `self`.
    pub fn before(self) -> Span {
        Span { end: self.start, ..self }
    }

    /// Returns the empty span at the end of `self`.
    pub fn after(self) -> Span {
        Span { start: self.end, ..self }
    }

    /// Returns the length in bytes.
    pub fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    /// Returns whether the span covers no byte.
    pub fn is_empty(self) -> bool {
        self.start == self.end
    }

    /// Returns whether `offset` lies in the span; its end counts as inside, as a cursor's place does.
    pub fn contains(self, offset: u32) -> bool {
        self.start <= offset && offset <= self.end
    }

    /// Returns the span as a range of bytes.
    pub fn range(self) -> std::ops::Range<usize> {
        self.start as usize..self.end as usize
    }
}

/// A line and a column, both counted from 1; the column counts characters (Unicode scalar values).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct LineColumn {
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1, in characters.
    pub column: u32,
}

/// One text: its display name (a path as the user would write it) and its content.
#[derive(Debug, Clone)]
pub struct Source {
    name: String,
    text: Arc<str>,
    line_starts: Vec<u32>,
}

impl Source {
    /// Returns a source. `name` is what messages show, usually a path relative to the project.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        let text = text.into();
        let mut line_starts = vec![0];
        line_starts.extend(text.bytes().enumerate().filter(|(_, b)| *b == b'\n').map(|(i, _)| i as u32 + 1));
        Self { name: name.into(), text, line_starts }
    }

    /// Returns the name that messages show.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the whole text.
    pub fn text(&self) -> &Arc<str> {
        &self.text
    }

    /// Returns the text between two byte offsets, or the empty string where they are not in the text.
    pub fn slice(&self, range: std::ops::Range<usize>) -> &str {
        self.text.get(range).unwrap_or_default()
    }

    /// Returns the line and column of a byte offset; an offset past the end gives the end's.
    pub fn line_column(&self, offset: u32) -> LineColumn {
        let offset = offset.min(self.text.len() as u32);
        let line = self.line_starts.partition_point(|start| *start <= offset).max(1);
        let start = self.line_starts.get(line - 1).copied().unwrap_or(0);
        let column = self.slice(start as usize..offset as usize).chars().count() as u32 + 1;
        LineColumn { line: line as u32, column }
    }

    /// Returns the bytes of line `line` (from 1) without its line end.
    pub fn line(&self, line: u32) -> &str {
        let Some(start) = self.line_starts.get((line as usize).saturating_sub(1)) else { return "" };
        let end = self.line_starts.get(line as usize).map_or(self.text.len(), |next| *next as usize);
        self.slice(*start as usize..end).trim_end_matches(['\n', '\r'])
    }

    /// Returns the line (from 1) of a byte offset; an offset past the end gives the last line.
    pub(crate) fn line_of(&self, offset: u32) -> u32 {
        self.line_starts.partition_point(|start| *start <= offset).max(1) as u32
    }

    /// Returns the byte at which line `line` (from 1) starts, the text's end where there is no such line.
    pub fn line_start(&self, line: u32) -> u32 {
        self.line_starts.get((line as usize).saturating_sub(1)).copied().unwrap_or(self.text.len() as u32)
    }

    /// Returns the range of a span, cut to the text and widened to character boundaries, so that a span that
    /// does not fit its text still has a place near the one meant.
    pub(crate) fn clamp(&self, span: Span) -> std::ops::Range<u32> {
        let start = self.text.floor_char_boundary((span.start as usize).min(self.text.len()));
        let end = self.text.ceil_char_boundary((span.end as usize).min(self.text.len()));
        start as u32..end.max(start) as u32
    }
}

/// All texts of one run. Files are never taken away, so a [`FileId`] stays good.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// Returns an empty set.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a text and returns its id.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<Arc<str>>) -> FileId {
        let id = FileId(self.files.len() as u32);
        self.files.push(Source::new(name, text));
        id
    }

    /// Gives a file another text. Places in the text before mean nothing in the new one.
    pub fn set_text(&mut self, file: FileId, text: impl Into<Arc<str>>) {
        if let Some(source) = self.files.get_mut(file.index()) {
            *source = Source::new(std::mem::take(&mut source.name), text);
        }
    }

    /// Returns a file, or nothing where the id is of another set.
    pub fn get(&self, file: FileId) -> Option<&Source> {
        self.files.get(file.index())
    }

    /// Returns the name of a file, `?` for an id of another set.
    pub fn name(&self, file: FileId) -> &str {
        self.get(file).map_or("?", Source::name)
    }

    /// Returns the text under a span.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).map_or("", |source| source.slice(span.range()))
    }

    /// Returns all files with their ids, in order of addition.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, source)| (FileId(i as u32), source))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_lines_end_before_carriage_returns() {
        let source = Source::new("a.rule", "ab\r\nä日x\n");
        assert_eq!(source.line_column(0), LineColumn { line: 1, column: 1 });
        assert_eq!(source.line_column(9), LineColumn { line: 2, column: 3 });
        assert_eq!(source.line(1), "ab");
        assert_eq!(source.line(2), "ä日x");
        assert_eq!(source.line_column(999), LineColumn { line: 3, column: 1 });
    }
}
