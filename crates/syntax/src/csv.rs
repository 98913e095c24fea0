//! Comma-separated values with the place of every field.
//!
//! A field may stand in quotes, a quote within them is written twice. Fields are separated by `,`, or by `;`
//! where the first line has no comma. Knows nothing of tables.

use hence_diagnostics::{FileId, Span};

/// A field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    /// The place, quotes and blanks around it left out.
    pub(crate) span: Span,
    /// The value, quotes undone.
    pub(crate) value: String,
}

/// A file: its records, and the text in which what was in quotes can be read at its place.
#[derive(Debug, Clone, Default)]
pub(crate) struct Csv {
    /// The records that are not empty.
    pub(crate) records: Vec<Vec<Field>>,
    /// The text with `""` as one quote and a blank outside of the text it bounds, so that every other byte keeps
    /// its place.
    pub(crate) readable: String,
    /// The places of quotes that are never closed.
    pub(crate) unclosed: Option<Span>,
}

/// Reads a text.
pub(crate) fn read(file: FileId, text: &str) -> Csv {
    let separator = match text.lines().next() {
        Some(line) if !line.contains(',') && line.contains(';') => b';',
        Some(_) | None => b',',
    };
    let bytes = text.as_bytes();
    let mut csv = Csv::default();
    let mut readable = bytes.to_vec();
    let mut record = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    loop {
        let field = field(file, text, at, separator, &mut readable);
        if !field.closed && csv.unclosed.is_none() {
            csv.unclosed = Some(field.field.span.before());
        }
        record.push(field.field);
        at = field.end;
        let next = bytes.get(at).copied();
        if next == Some(separator) {
            at += 1;
            continue;
        }
        if record.len() > 1 || record.iter().any(|field| !field.value.is_empty()) {
            csv.records.push(std::mem::take(&mut record));
        }
        record.clear();
        if next.is_none() {
            break;
        }
        at += 1;
        if at >= bytes.len() {
            break;
        }
    }
    csv.readable = String::from_utf8(readable).unwrap_or_default();
    csv
}

/// A field and where it ends: at a separator, a line break or the end of the text.
struct Read {
    field: Field,
    end: usize,
    closed: bool,
}

fn field(file: FileId, text: &str, start: usize, separator: u8, readable: &mut [u8]) -> Read {
    let bytes = text.as_bytes();
    let blanks = bytes.iter().skip(start).take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    let first = start + blanks;
    if bytes.get(first) == Some(&b'"') {
        return quoted(file, text, first + 1, separator, readable);
    }
    let length = bytes.iter().skip(first).take_while(|byte| **byte != separator && **byte != b'\n').count();
    let end = first + length;
    let value = text.get(first..end).unwrap_or_default().trim_end();
    let span = Span::new(file, first as u32, (first + value.len()) as u32);
    Read { field: Field { span, value: value.to_owned() }, end, closed: true }
}

/// A field in quotes whose text starts at `start`.
fn quoted(file: FileId, text: &str, start: usize, separator: u8, readable: &mut [u8]) -> Read {
    let bytes = text.as_bytes();
    let mut at = start;
    let mut opens = true;
    let mut closed = false;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'"' {
            at += 1;
        } else if bytes.get(at + 1) == Some(&b'"') {
            // The blank stands before the quote that opens a text and after the one that closes it.
            if let Some(blank) = readable.get_mut(if opens { at } else { at + 1 }) {
                *blank = b' ';
            }
            opens = !opens;
            at += 2;
        } else {
            closed = true;
            break;
        }
    }
    let value = text.get(start..at).unwrap_or_default().replace("\"\"", "\"");
    let after = at + usize::from(closed);
    let rest = bytes.iter().skip(after).take_while(|byte| **byte != separator && **byte != b'\n').count();
    // What follows the closing quote is no part of the field.
    let clean = text.get(after..after + rest).is_some_and(|rest| rest.trim().is_empty());
    let span = Span::new(file, start as u32, at as u32);
    Read { field: Field { span, value }, end: after + rest, closed: closed && clean }
}

#[cfg(test)]
mod tests {
    use hence_diagnostics::Sources;

    use super::read;

    fn values(text: &str) -> Vec<Vec<String>> {
        let file = Sources::new().add("a.csv", text);
        let records = read(file, text).records;
        records.into_iter().map(|record| record.into_iter().map(|field| field.value).collect()).collect()
    }

    #[test]
    fn quotes_blanks_and_empty_lines_are_understood() {
        assert_eq!(
            values("\u{feff}a, b ,c\r\n\n\"x, y\",\"say \"\"hi\"\"\",\r\n1,,\"2\nlines\"\n"),
            [["a", "b", "c"], ["x, y", "say \"hi\"", ""], ["1", "", "2\nlines"]]
        );
        assert_eq!(values("a;b\n1,5;2"), [["a", "b"], ["1,5", "2"]]);
        assert!(values("").is_empty());
    }

    #[test]
    fn texts_within_quotes_can_be_read_at_their_places() {
        let text = "a\n\"in [\"\"DE\"\", \"\"AT\"\"]\"\n";
        let file = Sources::new().add("a.csv", text);
        let csv = read(file, text);
        assert_eq!(csv.readable.len(), text.len());
        let span = csv.records[1][0].span;
        assert_eq!(csv.readable.get(span.range()).unwrap(), "in [ \"DE\" ,  \"AT\" ]");
    }

    #[test]
    fn a_quote_that_is_not_closed_has_a_place() {
        let text = "a\n\"b\n";
        let file = Sources::new().add("a.csv", text);
        assert_eq!(read(file, text).unclosed.map(|span| span.start), Some(3));
    }
}
