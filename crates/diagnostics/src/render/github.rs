//! GitHub workflow commands: one annotation per diagnostic.

use std::fmt::Write;

use crate::{Diagnostic, Severity, Sources};

/// Returns one workflow command per diagnostic, `::error file=…,line=…,col=…,title=…::message`.
///
/// The message carries labels, notes, helps and the titles of fixes on lines of their own.
pub fn github(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut out = String::new();
    for diagnostic in diagnostics {
        let command = match diagnostic.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "notice",
        };
        let _ = write!(out, "::{command} ");
        if let Some(source) = sources.get(diagnostic.primary.span.file) {
            let range = source.clamp(diagnostic.primary.span);
            let (start, end) = (source.line_column(range.start), source.line_column(range.end));
            let _ = write!(out, "file={},line={},", property(source.name()), start.line);
            let _ = write!(out, "endLine={},col={},", end.line, start.column);
            // GitHub takes the last column as belonging to the range, and only within one line.
            if start.line == end.line {
                let _ = write!(out, "endColumn={},", end.column.max(start.column + 1) - 1);
            }
        }
        let title = format!("{} {}", diagnostic.code, diagnostic.code.name());
        let _ = writeln!(out, "title={}::{}", property(&title), data(&message(sources, diagnostic)));
    }
    out
}

fn message(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let mut lines = vec![diagnostic.message.clone()];
    if !diagnostic.primary.text.is_empty() {
        lines.push(diagnostic.primary.text.clone());
    }
    for label in &diagnostic.secondary {
        let Some(source) = sources.get(label.span.file) else { continue };
        let place = source.line_column(source.clamp(label.span).start);
        lines.push(format!("{}:{}:{}: {}", source.name(), place.line, place.column, label.text));
    }
    lines.extend(diagnostic.notes.iter().map(|note| format!("note: {note}")));
    lines.extend(diagnostic.helps.iter().map(|help| format!("help: {help}")));
    lines.extend(diagnostic.fixes.iter().map(|fix| format!("fix: {}", fix.title)));
    lines.join("\n")
}

fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Code, Span};

    #[test]
    fn an_annotation_has_its_place_and_escapes_what_would_end_it() {
        let mut sources = Sources::new();
        let file = sources.add("rules/a,b:c.rule", "when x\nif 100% == y\n");
        let found = Diagnostic::new(Code::TypeMismatch, Span::new(file, 10, 14), "`100%` is not a text")
            .label("a percent, not a text")
            .secondary(Span::new(file, 18, 19), "a text")
            .help("write\n`\"100%\"`");
        assert_eq!(
            github(&sources, &[found]),
            "::error file=rules/a%2Cb%3Ac.rule,line=2,endLine=2,col=4,endColumn=7,title=H2001 type-mismatch::\
             `100%25` is not a text%0Aa percent, not a text%0Arules/a,b:c.rule:2:12: a text%0A\
             help: write%0A`\"100%25\"`\n"
        );
    }

    #[test]
    fn severities_have_their_own_commands() {
        let mut sources = Sources::new();
        let file = sources.add("a.rule", "");
        let found = Diagnostic::new(Code::MixedAndOr, Span::new(file, 0, 0), "m");
        assert_eq!(
            github(&sources, &[found]),
            "::warning file=a.rule,line=1,endLine=1,col=1,endColumn=1,title=H4001 mixed-and-or::m\n"
        );
    }
}
