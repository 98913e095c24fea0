//! What may not stand in files: markers of unfinished work, silenced lints, paths of one machine.
//!
//! The words looked for are put together from parts, so that this file does not hold them.

use super::Problem;
use crate::tree::File;

/// Texts that no Rust file holds, and what to do instead.
const FORBIDDEN: &[(&str, &str)] = &[
    (concat!("#[", "allow("), "use `#[expect(…, reason = \"…\")]`"),
    (concat!("#![", "allow("), "use `#[expect(…, reason = \"…\")]` where it is needed"),
    (concat!("todo", "!("), "finish it or leave it out"),
    (concat!("unimplemented", "!("), "finish it or leave it out"),
    (concat!("#[", "ignore"), "a test runs or is deleted"),
    (concat!("#[", "should_panic"), "assert what happens instead"),
    (concat!("dbg", "!("), "remove it"),
];

/// Folders of machines on which the project is worked on.
const MACHINE: &[&str] = &[concat!("/", "work/"), concat!("/", "root/"), concat!("/", "tmp/")];

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        if file.is_rust() && !file.text.as_deref().unwrap_or_default().starts_with("//!") {
            problems.push(Problem::new(&file.path, "the file must open with `//!` and say what it owns"));
        }
        for (number, line) in file.lines() {
            if let Some(message) = problem(file, line) {
                problems.push(Problem::at(&file.path, number, message));
            }
        }
    }
    problems
}

fn problem(file: &File, line: &str) -> Option<String> {
    if let Some(path) = MACHINE.iter().find(|path| holds_path(line, path)) {
        return Some(format!("`{path}` is a path of one machine"));
    }
    if !file.is_rust() {
        return None;
    }
    if let Some((text, instead)) = FORBIDDEN.iter().find(|(text, _)| line.contains(text)) {
        return Some(format!("`{text}` is not used here: {instead}"));
    }
    let marker = concat!("TO", "DO");
    if line.split_once(marker).is_some_and(|(_, after)| !after.starts_with("(#")) {
        return Some(format!("`{marker}` names an issue: `{marker}(#12)`"));
    }
    None
}

/// Whether a line holds an absolute path: not one that goes on from a name, as in `src/home/`.
fn holds_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(start, _)| {
        let before = line.get(..start).and_then(|before| before.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '}' | ')' | '*'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn lines_of(path: &str, text: &str) -> Vec<Option<usize>> {
        check(&[File::new(path, text)]).iter().map(|problem| problem.line).collect()
    }

    #[test]
    fn a_rust_file_opens_with_its_comment() {
        assert_eq!(lines_of("a.rs", "//! Owns a.\n"), []);
        assert_eq!(lines_of("a.rs", "use std::fmt;\n"), [None]);
        assert_eq!(lines_of("a.md", "# A\n"), []);
    }

    #[test]
    fn markers_of_unfinished_work_are_problems() {
        let marker = concat!("TO", "DO");
        for (text, _) in FORBIDDEN {
            assert_eq!(lines_of("a.rs", &format!("//! A.\n{text}\n")), [Some(2)], "{text}");
        }
        assert_eq!(lines_of("a.rs", &format!("//! A.\n// {marker}: later\n")), [Some(2)]);
        assert_eq!(lines_of("a.rs", &format!("//! A.\n// {marker}(#12): later\n")), []);
    }

    #[test]
    fn absolute_paths_of_machines_are_problems_in_any_file() {
        for path in MACHINE {
            assert_eq!(lines_of("a.md", &format!("see `{path}notes`\n")), [Some(1)]);
            assert_eq!(lines_of("a.md", &format!("see src{path}notes and .github{path}x\n")), []);
        }
    }
}
