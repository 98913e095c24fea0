//! The threat model names the tests that show what it says: each of them is there, and so is each file.

use super::Problem;
use crate::tree::File;

const DOCUMENT: &str = "docs/threat-model.md";

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let Some(document) = files.iter().find(|file| file.path == DOCUMENT) else {
        return vec![Problem::new(DOCUMENT, "is missing")];
    };
    let mut problems = Vec::new();
    for (number, line) in document.lines() {
        // Between backticks stands every second part.
        for named in line.split('`').skip(1).step_by(2) {
            let is_there = if named.starts_with("crates/") {
                files.iter().any(|file| file.path.starts_with(named))
            } else if is_test(named) {
                let definition = format!("fn {named}(");
                let is_in = |file: &File| file.text.as_ref().is_some_and(|text| text.contains(&definition));
                files.iter().filter(|file| file.path.ends_with(".rs")).any(is_in)
            } else {
                true
            };
            if !is_there {
                problems.push(Problem::at(DOCUMENT, number, format!("there is no `{named}`")));
            }
        }
    }
    problems
}

/// Tests are named by sentences.
fn is_test(name: &str) -> bool {
    name.matches('_').count() > 3
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_and_files_that_are_not_there_are_told() {
        let file = |path: &str, text: &str| File { path: path.to_owned(), text: Some(text.into()) };
        let document = "| a | `what_is_said_is_so`, `what_is_said_is_not_so` | `crates/a/src`, `crates/b` | `deny.toml`\n";
        let files = [file(DOCUMENT, document), file("crates/a/src/x.rs", "fn what_is_said_is_so() {}")];
        let told: Vec<String> = check(&files).iter().map(ToString::to_string).collect();
        assert_eq!(told.len(), 2, "{told:?}");
        assert!(told[0].contains("`what_is_said_is_not_so`") && told[1].contains("`crates/b`"), "{told:?}");
        assert_eq!(check(&[]).len(), 1);
    }
}
