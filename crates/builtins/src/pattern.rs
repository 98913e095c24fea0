//! Patterns of `matches`: regular expressions that take linear time.

use std::fmt;
use std::sync::Arc;

use hence_types::{Field, Record, Type, Value};
use regex_syntax::hir::{Hir, HirKind};

/// How large a compiled pattern may be, in bytes.
const SIZE_LIMIT: usize = 1 << 20;

/// A compiled pattern. Cheap to clone.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    ignoring_case: bool,
    regex: regex::Regex,
}

impl Pattern {
    /// Compiles a pattern.
    ///
    /// # Errors
    ///
    /// The reason, on one line, where it is invalid or too large.
    pub fn new(source: &str, ignoring_case: bool) -> Result<Self, String> {
        let mut builder = regex::RegexBuilder::new(source);
        let regex =
            builder.case_insensitive(ignoring_case).size_limit(SIZE_LIMIT).build().map_err(|error| {
                if let regex::Error::CompiledTooBig(_) = error {
                    return "it is too large".to_owned();
                }
                let text = error.to_string();
                text.lines().last().unwrap_or_default().trim_start_matches("error: ").to_owned()
            })?;
        Ok(Self { source: source.to_owned(), ignoring_case, regex })
    }

    /// Returns the text of the pattern, without slashes.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Returns whether capital and small letters are the same.
    pub fn ignores_case(&self) -> bool {
        self.ignoring_case
    }

    /// Returns whether the pattern is found anywhere in a text; `^` and `$` tie it to the ends.
    pub fn is_match(&self, text: &str) -> bool {
        self.regex.is_match(text)
    }
}

impl Pattern {
    /// Returns the shape of what a match gives: the named groups, each a text, or a text that may be missing where
    /// the pattern matches without the group.
    pub fn shape(&self) -> Arc<Record> {
        let hir = regex_syntax::ParserBuilder::new().build().parse(&self.source);
        let mut always = Vec::new();
        if let Ok(hir) = &hir {
            certain_groups(hir, &mut always);
        }
        let names = self.regex.capture_names().enumerate();
        let fields = names.filter_map(|(index, name)| {
            let ty = if always.contains(&index) { Type::String } else { Type::String.optional() };
            Some((Arc::from(name?), Field::plain(ty)))
        });
        Arc::new(Record { fields: fields.collect(), ..Record::default() })
    }

    /// Returns what the named groups matched, in the order of the shape; nothing where the pattern is not found.
    pub fn groups(&self, text: &str) -> Option<Vec<Value>> {
        let found = self.regex.captures(text)?;
        let names = self.regex.capture_names().flatten();
        let value = |name| found.name(name).map_or(Value::Missing, |group| Value::text(group.as_str()));
        Some(names.map(value).collect())
    }
}

/// Collects the groups that take part in every match.
fn certain_groups(hir: &Hir, groups: &mut Vec<usize>) {
    match hir.kind() {
        HirKind::Capture(capture) => {
            groups.push(capture.index as usize);
            certain_groups(&capture.sub, groups);
        }
        HirKind::Repetition(repetition) if repetition.min > 0 => certain_groups(&repetition.sub, groups),
        HirKind::Concat(parts) => parts.iter().for_each(|part| certain_groups(part, groups)),
        HirKind::Repetition(_)
        | HirKind::Alternation(_)
        | HirKind::Empty
        | HirKind::Literal(_)
        | HirKind::Class(_)
        | HirKind::Look(_) => {}
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/{}", self.source, if self.ignoring_case { "i" } else { "" })
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn groups(pattern: &str, text: &str, expected: &str) {
        let pattern = Pattern::new(pattern, false).unwrap();
        let shape = pattern.shape();
        let found = pattern.groups(text).unwrap_or_default();
        let shown = shape.fields.iter().zip(found).map(|((name, field), value)| {
            format!(
                "{name}: {} = {}",
                field.ty,
                if value.is_missing() { "-".to_owned() } else { value.to_text() }
            )
        });
        assert_eq!(shown.collect::<Vec<_>>().join(", "), expected);
    }

    #[test]
    fn groups_that_a_match_may_be_without_may_be_missing() {
        groups(r"^(?<year>\d{4})-(?<seq>\d+)$", "2026-7", "year: string = 2026, seq: string = 7");
        groups(r"^(?<a>x)(-(?<b>y))?$", "x", "a: string = x, b: string? = -");
        groups(r"(?:(?<a>x)|(?<b>y))+", "y", "a: string? = -, b: string? = y");
        groups(r"(?P<a>x(?<b>y)*)(z)", "xz", "a: string = x, b: string? = -");
        groups(r"^(?<a>x)$", "y", "");
    }

    #[test]
    fn reasons_stand_on_one_line() {
        assert_eq!(Pattern::new("a(b", false).unwrap_err(), "unclosed group");
        assert_eq!(Pattern::new("(a{1000}){1000}", false).unwrap_err(), "it is too large");
        assert!(Pattern::new("^VIP", true).unwrap().is_match("vip-1"));
        assert_eq!(Pattern::new("a", true).unwrap().to_string(), "/a/i");
    }
}
