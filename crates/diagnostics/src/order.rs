//! The order in which diagnostics are shown, and the removal of those that say the same.

use std::cmp::Ordering;
use std::collections::HashSet;

use crate::{Code, Diagnostic, FileId, Severity};

/// Sorts by file, place, severity and code, so that the order does not depend on who found what first.
pub fn sort(diagnostics: &mut [Diagnostic]) {
    diagnostics.sort_by(order);
}

/// Sorts references to diagnostics as [`sort`] does.
pub fn sort_references(diagnostics: &mut [&Diagnostic]) {
    diagnostics.sort_by(|a, b| order(a, b));
}

fn order(a: &Diagnostic, b: &Diagnostic) -> Ordering {
    key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message))
}

fn key(diagnostic: &Diagnostic) -> (FileId, u32, Severity, u32, Code) {
    let span = diagnostic.primary.span;
    (span.file, span.start, diagnostic.severity, span.end, diagnostic.code)
}

/// Removes each diagnostic that repeats the code, the place and the message of an earlier one.
pub fn dedupe(diagnostics: &mut Vec<Diagnostic>) {
    let mut seen = HashSet::new();
    diagnostics.retain(|one| seen.insert((one.code, one.primary.span, one.message.clone())));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Sources, Span};

    #[test]
    fn order_is_file_then_place_then_severity() {
        let mut sources = Sources::new();
        let first = sources.add("a.rule", "abcdef");
        let second = sources.add("b.rule", "abcdef");
        let mut found = vec![
            Diagnostic::new(Code::UnknownField, Span::new(second, 0, 1), "d"),
            Diagnostic::new(Code::MixedAndOr, Span::new(first, 3, 4), "c"),
            Diagnostic::new(Code::UnknownEvent, Span::new(first, 3, 5), "b"),
            Diagnostic::new(Code::UnknownEvent, Span::new(first, 1, 5), "a"),
        ];
        sort(&mut found);
        let messages: String = found.iter().map(|one| one.message.as_str()).collect();
        assert_eq!(messages, "abcd");
    }

    #[test]
    fn repetitions_go_and_the_first_stays() {
        let span = Span::new(FileId::default(), 0, 1);
        let one = Diagnostic::new(Code::UnknownField, span, "a");
        let mut found = vec![one.clone().note("kept"), one, Diagnostic::new(Code::UnknownField, span, "b")];
        dedupe(&mut found);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].notes, ["kept"]);
    }
}
