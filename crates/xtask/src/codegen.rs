//! Reference documentation out of the source that defines it, written between markers of `docs/*.md`:
//!
//! ```text
//! <!-- generated: operators -->
//! whatever stands here is replaced
//! <!-- end -->
//! ```
//!
//! The words by which editors highlight stand in a grammar of their own form, see [`highlighting`].
//!
//! `cargo xtask codegen` writes the parts, `cargo xtask tidy` reports those that are stale.

mod highlighting;
mod parts;

use anyhow::{Context, Result};

use crate::tree::{self, File};

const OPENER: &str = "<!-- generated: ";
const CLOSER: &str = "<!-- end -->";

/// Writes all generated parts; returns the paths of the files that changed.
pub(crate) fn write() -> Result<Vec<String>> {
    let mut changed = Vec::new();
    for file in tree::files()? {
        let Some(renewed) = renewed(&file) else { continue };
        let renewed = renewed.map_err(|problem| anyhow::anyhow!("{}:{problem}", file.path))?;
        if Some(&*renewed) != file.text.as_deref() {
            let path = tree::root().join(&file.path);
            std::fs::write(&path, renewed).with_context(|| format!("cannot write {}", file.path))?;
            changed.push(file.path);
        }
    }
    Ok(changed)
}

/// Returns the text of a file with its generated parts as the source has them now, if it has any.
pub(crate) fn renewed(file: &File) -> Option<Result<String, BadMarker>> {
    let text = file.text.as_deref()?;
    if file.path == highlighting::PATH {
        return Some(Ok(highlighting::renew(text)));
    }
    if file.path == highlighting::WORDS {
        return Some(Ok(highlighting::words_of_tree_sitter()));
    }
    let is_document = file.path.starts_with("docs/") && file.path.ends_with(".md");
    (is_document && text.contains(OPENER)).then(|| renew(text))
}

/// What is wrong with the markers of a text: the line and the reason.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct BadMarker {
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl std::fmt::Display for BadMarker {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.line, self.message)
    }
}

/// Returns a text with its generated parts as the source has them now.
pub(crate) fn renew(text: &str) -> Result<String, BadMarker> {
    let mut renewed = String::with_capacity(text.len());
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        renewed.push_str(line);
        renewed.push('\n');
        let Some(name) = line.strip_prefix(OPENER).and_then(|rest| rest.strip_suffix(" -->")) else {
            continue;
        };
        let bad = |message: String| BadMarker { line: index + 1, message };
        let Some(part) = parts::part(name) else {
            return Err(bad(format!("nothing is generated as `{name}`")));
        };
        if !lines.any(|(_, line)| line == CLOSER) {
            return Err(bad(format!("`{CLOSER}` is missing")));
        }
        renewed.push_str(&format!("\n{}\n\n{CLOSER}\n", part.trim()));
    }
    Ok(renewed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_replaced_and_the_rest_stays() {
        let text = "# A\n\n<!-- generated: keywords -->\nold\n<!-- end -->\n\nafter\n";
        let renewed = renew(text).unwrap();
        assert!(renewed.starts_with("# A\n\n<!-- generated: keywords -->\n\n"), "{renewed}");
        assert!(renewed.ends_with("\n\n<!-- end -->\n\nafter\n"), "{renewed}");
        assert!(renewed.contains("`otherwise`") && !renewed.contains("\nold\n"), "{renewed}");
        assert_eq!(renew(&renewed).unwrap(), renewed);
    }

    #[test]
    fn markers_that_mean_nothing_are_told_with_their_line() {
        assert_eq!(renew("a\n<!-- generated: nonsense -->\n<!-- end -->\n").unwrap_err().line, 2);
        assert_eq!(renew("<!-- generated: codes -->\n").unwrap_err().line, 1);
    }

    #[test]
    fn every_part_says_something() {
        for name in parts::NAMES {
            assert!(parts::part(name).is_some_and(|part| part.lines().count() > 3), "{name}");
        }
    }
}
