//! `hence test --watch`: the tests once more whenever a file of the project changes.
//!
//! Files are asked for their times again and again; that needs nothing of the system and costs little, as a project
//! has few of them. It ends when it is interrupted.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::{Ending, loading, output};

/// How often files are asked.
const INTERVAL: Duration = Duration::from_millis(400);

/// So many files and folders are looked at, at the most.
const MOST: usize = 20_000;

/// When a file was written, and how long it is.
type Written = (Option<SystemTime>, u64);

pub(super) fn run(path: &Path, mut once: impl FnMut() -> anyhow::Result<Ending>) -> anyhow::Result<Ending> {
    let root = loading::project(path)?.root;
    loop {
        let before = files(&root);
        if let Err(error) = once() {
            output::error(&error);
        }
        output::remark("\nwaiting for changes; Ctrl-C ends");
        while files(&root) == before {
            std::thread::sleep(INTERVAL);
        }
        output::remark("");
    }
}

/// Returns the files below a folder that a project is made of.
fn files(root: &Path) -> BTreeMap<PathBuf, Written> {
    let mut found = BTreeMap::new();
    let mut open = vec![root.to_owned()];
    let mut left = MOST;
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
            left = left.saturating_sub(1);
            if left == 0 {
                return found;
            }
            let name = entry.file_name();
            let Some(name) = name.to_str() else { continue };
            let (Ok(kind), path) = (entry.file_type(), entry.path()) else { continue };
            if kind.is_dir() && !name.starts_with('.') && name != "target" {
                open.push(path);
            } else if kind.is_file() && [".rule", ".json", ".toml"].iter().any(|end| name.ends_with(end)) {
                let written = entry.metadata().map_or((None, 0), |data| (data.modified().ok(), data.len()));
                found.insert(path, written);
            }
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::files;

    #[test]
    fn a_change_of_a_rule_shows_and_one_beside_the_project_does_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.rule", "const a = 1");
        write("notes.txt", "");
        let before = files(folder.path());
        assert_eq!(before.len(), 1);
        write("notes.txt", "more");
        assert_eq!(files(folder.path()), before);
        write("a.rule", "const a = 100");
        assert_ne!(files(folder.path()), before);
        write("b.rule", "");
        assert_eq!(files(folder.path()).len(), 2);
    }
}
