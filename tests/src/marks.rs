//! Places of diagnostics, marked in the rule files: carets in a comment below the guilty line, then the code.
//!
//! ```text
//! if   totl > 1000 EUR
//! //   ^^^^ H1006
//! ```
//!
//! A place before the third column, where the comment begins, is written in words: `// at 1-4: H0104`. Of a place
//! of several lines only the part on its first line is marked; an empty place has one caret.

use std::fmt;

use hence_diagnostics::{Code, Diagnostic, Source, Sources};

/// A place and the code that belongs there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark {
    line: usize,
    /// The first column and the last, in characters, from 1.
    columns: (usize, usize),
    pub(crate) code: String,
}

impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}, columns {}-{}: {}", self.line, self.columns.0, self.columns.1, self.code)
    }
}

/// Returns what is marked in a text, in order.
pub(crate) fn expected(text: &str) -> Vec<Mark> {
    let mut marks = Vec::new();
    let mut guilty = 0;
    for (index, line) in text.lines().enumerate() {
        match mark(line) {
            Some((columns, code)) => marks.push(Mark { line: guilty, columns, code }),
            None => guilty = index + 1,
        }
    }
    marks.sort();
    marks
}

/// Reads a line that marks a place on the line above.
fn mark(line: &str) -> Option<((usize, usize), String)> {
    let code = |text: &str| {
        let text = text.trim();
        Code::parse(text).filter(|code| code.as_str() == text).map(|code| code.to_string())
    };
    let comment = line.trim_start().strip_prefix("//")?;
    if let Some((columns, rest)) = comment.strip_prefix(" at ").and_then(|rest| rest.split_once(": ")) {
        let (first, last) = columns.split_once('-')?;
        return Some(((first.parse().ok()?, last.parse().ok()?), code(rest)?));
    }
    let carets = comment.trim_start();
    let rest = carets.trim_start_matches('^');
    let width = carets.len() - rest.len();
    if width == 0 {
        return None;
    }
    let first = line.chars().take_while(|c| *c != '^').count() + 1;
    Some(((first, first + width - 1), code(rest)?))
}

/// Returns the places of diagnostics, in order.
pub(crate) fn found(sources: &Sources, diagnostics: &[Diagnostic]) -> Vec<Mark> {
    let mark = |diagnostic: &Diagnostic| {
        let source = sources.get(diagnostic.primary.span.file)?;
        let (line, columns) = place(source, diagnostic);
        Some(Mark { line, columns, code: diagnostic.code.to_string() })
    };
    let mut marks: Vec<Mark> = diagnostics.iter().filter_map(mark).collect();
    marks.sort();
    marks
}

fn place(source: &Source, diagnostic: &Diagnostic) -> (usize, (usize, usize)) {
    let span = diagnostic.primary.span;
    let (start, end) = (source.line_column(span.start), source.line_column(span.end));
    let first = start.column as usize;
    let past = if start.line == end.line {
        end.column as usize
    } else {
        source.line(start.line).chars().count() + 1
    };
    (start.line as usize, (first, first.max(past.saturating_sub(1))))
}
