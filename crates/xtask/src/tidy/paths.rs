//! Where files may stand and what they may be called.

use super::Problem;
use crate::tree::File;

/// What the top of the repository may hold.
const TOP_LEVEL: &[&str] = &[
    ".cargo",
    ".ci",
    ".editorconfig",
    ".gitattributes",
    ".github",
    ".gitignore",
    ".pre-commit-hooks.yaml",
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "clippy.toml",
    "crates",
    "deny.toml",
    "docs",
    "editors",
    "examples",
    "grammar",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "tests",
];

/// Names that say nothing of what a file owns.
const DRAWERS: &[&str] = &["common", "helper", "helpers", "misc", "shared", "util", "utils"];

pub(super) fn check(files: &[File]) -> Vec<Problem> {
    files.iter().filter_map(|file| problem(&file.path)).collect()
}

fn problem(path: &str) -> Option<Problem> {
    let top = path.split('/').next().unwrap_or_default();
    if !TOP_LEVEL.contains(&top) {
        return Some(Problem::new(path, format!("`{top}` has no place at the top of the repository")));
    }
    let name = path.rsplit('/').next().unwrap_or_default();
    if name == "mod.rs" {
        return Some(Problem::new(path, "a folder `foo/` goes with `foo.rs`, not with `mod.rs`"));
    }
    let stem = name.strip_suffix(".rs")?;
    if DRAWERS.contains(&stem) {
        return Some(Problem::new(path, format!("`{stem}` does not say what the file owns")));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_known_entries_stand_at_the_top() {
        assert!(problem("crates/syntax/src/lib.rs").is_none());
        assert!(problem("README.md").is_none());
        assert!(problem("notes.txt").is_some());
        assert!(problem("scripts/run.sh").is_some());
    }

    #[test]
    fn drawers_and_mod_files_are_problems() {
        assert!(problem("crates/check/src/names/mod.rs").is_some());
        assert!(problem("crates/check/src/utils.rs").is_some());
        assert!(problem("crates/check/src/names.rs").is_none());
    }
}
