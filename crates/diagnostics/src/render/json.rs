//! The JSON document, version 1. Its types stand here and nowhere else, so that the stored form does not change
//! when the value does.

use serde::Serialize;

use super::Counts;
use crate::{Diagnostic, Edit, Fix, Label, Sources, Span};

/// Returns one JSON document with all diagnostics and a summary.
pub fn json(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let counts = Counts::of(diagnostics);
    let document = Document {
        version: 1,
        diagnostics: diagnostics.iter().map(|one| Entry::of(sources, one)).collect(),
        summary: Summary {
            errors: counts.errors,
            warnings: counts.warnings,
            notes: counts.notes,
            files: counts.files,
        },
    };
    // Only maps with keys that are not texts can fail to serialise, and there is none.
    let mut text = serde_json::to_string_pretty(&document).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    diagnostics: Vec<Entry<'a>>,
    summary: Summary,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    files: usize,
}

#[derive(Serialize)]
struct Entry<'a> {
    code: &'a str,
    name: &'a str,
    severity: &'a str,
    message: &'a str,
    primary: Place<'a>,
    secondary: Vec<Place<'a>>,
    notes: &'a [String],
    helps: &'a [String],
    fixes: Vec<Repair<'a>>,
    explain: String,
}

impl<'a> Entry<'a> {
    fn of(sources: &'a Sources, diagnostic: &'a Diagnostic) -> Self {
        let place = |label: &'a Label| Place::of(sources, label.span, &label.text);
        Self {
            code: diagnostic.code.as_str(),
            name: diagnostic.code.name(),
            severity: diagnostic.severity.as_str(),
            message: &diagnostic.message,
            primary: place(&diagnostic.primary),
            secondary: diagnostic.secondary.iter().map(place).collect(),
            notes: &diagnostic.notes,
            helps: &diagnostic.helps,
            fixes: diagnostic.fixes.iter().map(|fix| Repair::of(sources, fix)).collect(),
            explain: format!("hence explain {}", diagnostic.code),
        }
    }
}

/// A place with a text: what is said of it, or what is to stand there.
#[derive(Serialize)]
struct Place<'a> {
    file: &'a str,
    start: Position,
    end: Position,
    text: &'a str,
}

impl<'a> Place<'a> {
    fn of(sources: &'a Sources, span: Span, text: &'a str) -> Self {
        let Some(source) = sources.get(span.file) else {
            let nowhere = Position { line: 1, column: 1, offset: 0 };
            return Place { file: "?", start: nowhere, end: nowhere, text };
        };
        let position = |offset| {
            let place = source.line_column(offset);
            Position { line: place.line, column: place.column, offset }
        };
        let range = source.clamp(span);
        Place { file: source.name(), start: position(range.start), end: position(range.end), text }
    }
}

/// Line and column count from 1, the column in characters; the offset counts bytes from 0.
#[derive(Serialize, Clone, Copy)]
struct Position {
    line: u32,
    column: u32,
    offset: u32,
}

#[derive(Serialize)]
struct Repair<'a> {
    title: &'a str,
    applicability: &'static str,
    edits: Vec<Place<'a>>,
}

impl<'a> Repair<'a> {
    fn of(sources: &'a Sources, fix: &'a Fix) -> Self {
        let edit = |edit: &'a Edit| Place::of(sources, edit.span, &edit.text);
        Self {
            title: &fix.title,
            applicability: fix.applicability.as_str(),
            edits: fix.edits.iter().map(edit).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Applicability, Code};

    #[test]
    fn the_document_has_places_in_lines_columns_and_bytes() {
        let mut sources = Sources::new();
        let file = sources.add("a.rule", "ä\nif totl\n");
        let span = Span::new(file, 6, 10);
        let found = Diagnostic::new(Code::UnknownField, span, "no field `totl`")
            .label("did you mean `total`?")
            .note("a note")
            .fix(Fix::replace(Applicability::Safe, span, "total", "replace `totl` with `total`"));
        let expected = r#"{
  "version": 1,
  "diagnostics": [
    {
      "code": "H1003",
      "name": "unknown-field",
      "severity": "error",
      "message": "no field `totl`",
      "primary": {
        "file": "a.rule",
        "start": {
          "line": 2,
          "column": 4,
          "offset": 6
        },
        "end": {
          "line": 2,
          "column": 8,
          "offset": 10
        },
        "text": "did you mean `total`?"
      },
      "secondary": [],
      "notes": [
        "a note"
      ],
      "helps": [],
      "fixes": [
        {
          "title": "replace `totl` with `total`",
          "applicability": "safe",
          "edits": [
            {
              "file": "a.rule",
              "start": {
                "line": 2,
                "column": 4,
                "offset": 6
              },
              "end": {
                "line": 2,
                "column": 8,
                "offset": 10
              },
              "text": "total"
            }
          ]
        }
      ],
      "explain": "hence explain H1003"
    }
  ],
  "summary": {
    "errors": 1,
    "warnings": 0,
    "notes": 0,
    "files": 1
  }
}
"#;
        assert_eq!(json(&sources, &[found]), expected);
    }

    #[test]
    fn nothing_found_is_a_document_too() {
        let expected = "{\n  \"version\": 1,\n  \"diagnostics\": [],\n  \"summary\": {\n    \"errors\": 0,\n    \
                        \"warnings\": 0,\n    \"notes\": 0,\n    \"files\": 0\n  }\n}\n";
        assert_eq!(json(&Sources::new(), &[]), expected);
    }
}
