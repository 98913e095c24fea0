//! The length of files and functions. Tests are not counted.

use super::Problem;
use crate::tree::File;

/// The lines of a file, more only with the reason on a line that starts with [`REASON`].
const FILE: usize = 600;
/// The lines of a file, whatever the reason.
const FILE_AT_MOST: usize = 1000;
const REASON: &str = "//! Long because ";
/// The lines of a function that is not one flat `match`.
const FUNCTION: usize = 120;

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files.iter().filter(|file| file.is_rust() && !is_test(&file.path)) {
        let lines: Vec<&str> =
            file.lines().map(|(_, line)| line).take_while(|line| !starts_tests(line)).collect();
        problems.extend(file_length(file, &lines));
        problems.extend(functions(&lines).into_iter().map(|(line, name, length)| {
            let message = format!("`{name}` has {length} lines, more than {FUNCTION}; split it");
            Problem::at(&file.path, line, message)
        }));
    }
    problems
}

/// Whether all of a file is tests: `names/tests.rs`, `names/tests/…`, and the harness of the corpus.
fn is_test(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.contains("/tests/") || path.starts_with("tests/")
}

fn starts_tests(line: &str) -> bool {
    line == "#[cfg(test)]"
}

fn file_length(file: &File, lines: &[&str]) -> Option<Problem> {
    let length = lines.len();
    if length > FILE_AT_MOST {
        return Some(Problem::new(&file.path, format!("{length} lines, more than {FILE_AT_MOST}; split it")));
    }
    if length > FILE && !lines.iter().any(|line| line.starts_with(REASON)) {
        let message = format!("{length} lines, more than {FILE}; split it or say why: `{REASON}…`");
        return Some(Problem::new(&file.path, message));
    }
    None
}

/// Returns the functions that are too long: their line, name and length. The text is formatted, so a function
/// ends with the first `}` that stands as far right as its own first line.
fn functions(lines: &[&str]) -> Vec<(usize, String, usize)> {
    let mut long = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let Some(name) = function_name(line) else { continue };
        let indent = line.len() - line.trim_start().len();
        let closing = format!("{}}}", " ".repeat(indent));
        let rest = lines.get(index..).unwrap_or_default();
        // A function of a trait whose signature takes several lines has no body.
        let close_of_signature = format!("{})", " ".repeat(indent));
        if rest
            .iter()
            .find(|line| line.starts_with(&close_of_signature))
            .is_some_and(|line| line.ends_with(';'))
            && !line.ends_with('{')
        {
            continue;
        }
        let Some(end) = rest.iter().position(|line| *line == closing) else { continue };
        let body = rest.get(..=end).unwrap_or_default();
        if body.len() > FUNCTION && !is_one_match(body, indent) {
            long.push((index + 1, name.to_string(), body.len()));
        }
    }
    long
}

fn function_name(line: &str) -> Option<&str> {
    let line = line.trim_start();
    if line.starts_with("//") || line.ends_with(';') || line.ends_with('}') {
        return None;
    }
    let (before, after) = line.split_once("fn ")?;
    let modifier =
        |word: &str| matches!(word, "const" | "async" | "unsafe" | "pub") || word.starts_with("pub(");
    if !before.split_whitespace().all(modifier) {
        return None;
    }
    after.split(['(', '<']).next()
}

/// Whether a function consists of one `match` and nothing else.
fn is_one_match(body: &[&str], indent: usize) -> bool {
    let inner = " ".repeat(indent + 4);
    let mut statements = body
        .iter()
        .filter(|line| line.strip_prefix(&inner).is_some_and(|rest| !rest.starts_with([' ', '/', ')'])));
    let starts = statements.next().is_some_and(|line| line.trim_start().starts_with("match "));
    starts && statements.next().is_some_and(|line| line.trim_start() == "}") && statements.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn messages(path: &str, text: &str) -> Vec<String> {
        check(&[File::new(path, text)]).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_long_file_needs_a_reason_and_no_reason_suffices_for_a_huge_one() {
        let long = "x\n".repeat(700);
        assert_eq!(messages("crates/a/src/a.rs", &long).len(), 1);
        assert_eq!(messages("crates/a/src/a.rs", &format!("{REASON}it is a table.\n{long}")).len(), 0);
        assert_eq!(messages("crates/a/src/a.rs", &format!("{REASON}it is.\n{long}{long}")).len(), 1);
    }

    #[test]
    fn tests_are_not_counted() {
        let long = "x\n".repeat(700);
        assert_eq!(messages("crates/a/src/a.rs", &format!("//! A.\n#[cfg(test)]\n{long}")).len(), 0);
        assert_eq!(messages("crates/a/src/a/tests.rs", &long).len(), 0);
    }

    #[test]
    fn a_long_function_is_found_by_its_name() {
        let body = "        x();\n".repeat(130);
        let text = format!("//! A.\nimpl A {{\n    pub(crate) fn all(&self) {{\n{body}    }}\n}}\n");
        assert_eq!(
            messages("crates/a/src/a.rs", &text),
            ["crates/a/src/a.rs:3: `all` has 132 lines, more than 120; split it"]
        );
    }

    #[test]
    fn a_signature_without_a_body_is_no_function() {
        let more = "    fn other(&self);\n".repeat(130);
        let text = format!(
            "//! A.\ntrait A {{\n    fn all(\n        &self,\n    ) -> u32;\n{more}    fn last() {{\n    }}\n}}\n"
        );
        assert_eq!(messages("crates/a/src/a.rs", &text), [""; 0]);
    }

    #[test]
    fn one_flat_match_may_be_long() {
        let arms = "        A::B => 1,\n".repeat(130);
        let text = format!("//! A.\nfn all(a: A) -> u32 {{\n    match a {{\n{arms}    }}\n}}\n");
        assert_eq!(messages("crates/a/src/a.rs", &text), [""; 0]);
        let text =
            format!("//! A.\nfn all(a: A) -> u32 {{\n    let a = b;\n    match a {{\n{arms}    }}\n}}\n");
        assert_eq!(messages("crates/a/src/a.rs", &text).len(), 1);
    }
}
