//! Printed forms of diagnostics: text for people, JSON, SARIF and GitHub annotations for programs.
//!
//! Every form is a function from the sources and the diagnostics to a string and prints them in the order
//! given; [`crate::sort`] first. Nothing here writes to a terminal or asks what it can show.

mod github;
mod json;
mod sarif;
mod text;

use std::collections::BTreeSet;

use crate::{Diagnostic, Severity};

pub use github::github;
pub use json::json;
pub use sarif::sarif;
pub use text::{TextOptions, text};

/// Returns how many there are, such as `2 errors, 1 warning in 3 files`, or `no problems`.
pub fn summary(diagnostics: &[Diagnostic]) -> String {
    let counts = Counts::of(diagnostics);
    let parts: Vec<String> = [(counts.errors, "error"), (counts.warnings, "warning"), (counts.notes, "note")]
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| amount(count, noun))
        .collect();
    if parts.is_empty() {
        return "no problems".to_string();
    }
    format!("{} in {}", parts.join(", "), amount(counts.files, "file"))
}

fn amount(count: usize, noun: &str) -> String {
    format!("{count} {noun}{}", if count == 1 { "" } else { "s" })
}

/// How many diagnostics of each severity there are, and in how many files.
struct Counts {
    errors: usize,
    warnings: usize,
    notes: usize,
    files: usize,
}

impl Counts {
    fn of(diagnostics: &[Diagnostic]) -> Self {
        let count = |severity| diagnostics.iter().filter(|one| one.severity == severity).count();
        let files: BTreeSet<_> = diagnostics.iter().map(|one| one.primary.span.file).collect();
        Self {
            errors: count(Severity::Error),
            warnings: count(Severity::Warning),
            notes: count(Severity::Note),
            files: files.len(),
        }
    }
}

/// Returns what to show for a character that would not show itself: control characters, which could steer a
/// terminal, the marks that reorder text, and characters of no width that hide in a text.
fn visible(c: char) -> char {
    match c {
        '\u{0}'..='\u{1f}' => char::from_u32(0x2400 + c as u32).unwrap_or('\u{fffd}'),
        '\u{7f}' => '\u{2421}',
        '\u{80}'..='\u{9f}'
        | '\u{200b}'
        | '\u{200e}'
        | '\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}' => '\u{fffd}',
        _ => c,
    }
}

/// Returns a text on one line in which every character shows.
fn one_line(text: &str) -> String {
    let text = text.replace("\r\n", " ");
    text.chars().map(|c| if matches!(c, '\n' | '\r' | '\t') { ' ' } else { visible(c) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Sources, Span};

    #[test]
    fn the_summary_counts_each_severity_and_the_files() {
        let mut sources = Sources::new();
        let a = sources.add("a.rule", "a");
        let b = sources.add("b.rule", "b");
        let error = |file| Diagnostic::new(Code::UnknownField, Span::new(file, 0, 1), "m");
        let warning = Diagnostic::new(Code::MixedAndOr, Span::new(b, 0, 1), "m");
        assert_eq!(summary(&[]), "no problems");
        assert_eq!(summary(&[error(a)]), "1 error in 1 file");
        assert_eq!(summary(&[error(a), error(b), warning]), "2 errors, 1 warning in 2 files");
    }

    #[test]
    fn what_could_steer_a_terminal_is_shown_as_a_picture() {
        assert_eq!(one_line("a\u{1b}[31m\nb\u{202e}c"), "a␛[31m b\u{fffd}c");
    }
}
