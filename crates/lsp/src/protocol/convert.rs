//! Our places and data → those of the protocol.

use hence_diagnostics::{FileId, Source, Span};
use hence_project::Live;
use lsp_types::{Location, Position, Range, TextEdit, Uri};

use super::cache::Cache;
use crate::features::formatting::Edit;
use crate::place::{Encoding, Place, PlaceRange};

pub(super) fn position(place: Place) -> Position {
    Position { line: place.line, character: place.column }
}

pub(super) fn place(position: Position) -> Place {
    Place { line: position.line, column: position.character }
}

pub(super) fn range_of(range: PlaceRange) -> Range {
    Range { start: position(range.start), end: position(range.end) }
}

/// Returns the range of a span in its text.
pub(super) fn range(encoding: Encoding, source: &Source, span: Span) -> Range {
    range_of(encoding.range(source, span))
}

/// Returns the span of a range of a text.
pub(super) fn span(encoding: Encoding, source: &Source, file: FileId, range: Range) -> Span {
    let start = encoding.offset(source, place(range.start));
    Span::new(file, start, encoding.offset(source, place(range.end)))
}

/// Returns the URI of a file, one that Hence ships included.
pub(super) fn uri_of(live: &Live, cache: &mut Cache, file: FileId) -> Option<Uri> {
    match live.path(file) {
        Some(path) => cache.naming.uri(&path),
        None => {
            let source = live.project().sources.get(file)?;
            cache.schema(source.name(), source.text())
        }
    }
}

/// Returns the location of a span.
pub(super) fn location(encoding: Encoding, live: &Live, cache: &mut Cache, span: Span) -> Option<Location> {
    let uri = uri_of(live, cache, span.file)?;
    let source = live.project().sources.get(span.file)?;
    Some(Location { uri, range: range(encoding, source, span) })
}

pub(super) fn edits(encoding: Encoding, source: &Source, edits: &[Edit]) -> Vec<TextEdit> {
    let edit =
        |edit: &Edit| TextEdit { range: range(encoding, source, edit.span), new_text: edit.text.clone() };
    edits.iter().map(edit).collect()
}
