//! Whether files of a project have changed.
//!
//! Files are asked for their times again and again; that needs nothing of the system, works on every file system, and
//! costs little, as a project has few of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::files::{self, MANIFEST, TEMPLATES};
use crate::is_bundle;

/// So many files and folders are looked at, at the most.
const MOST: usize = 200_000;

/// When a file was written, and how long it is.
type Written = (Option<SystemTime>, u64);

/// The files of a project as they were at a moment: two of them differ where a file was changed, added or taken away.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Stamp(BTreeMap<PathBuf, Written>);

impl Stamp {
    /// Looks at the files of the project that a path belongs to, or at a bundle and the settings beside it; and at the file
    /// that stands in for its `hence.toml`, if any.
    pub fn of(path: &Path, manifest: Option<&Path>) -> Stamp {
        let mut stamp = Stamp::default();
        manifest.into_iter().for_each(|manifest| stamp.add(manifest.to_owned()));
        if is_bundle(path) {
            let beside = path.parent().map(|folder| folder.join(MANIFEST));
            std::iter::once(path.to_owned()).chain(beside).for_each(|file| stamp.add(file));
            return stamp;
        }
        let Ok(located) = files::locate(path) else { return stamp };
        let mut open = vec![located.root];
        let mut left = MOST;
        while let Some(folder) = open.pop() {
            for entry in std::fs::read_dir(&folder).into_iter().flatten().flatten() {
                left = left.saturating_sub(1);
                if left == 0 {
                    return stamp;
                }
                let name = entry.file_name();
                let Some(name) = name.to_str() else { continue };
                let path = entry.path();
                // What is mounted into a container is often a link.
                let Ok(kind) = std::fs::metadata(&path) else { continue };
                let is_link = entry.file_type().is_ok_and(|kind| kind.is_symlink());
                if kind.is_dir() && !is_link && !name.starts_with('.') && name != "target" {
                    open.push(path);
                } else if kind.is_file()
                    && ([".rule", ".json", ".toml", ".csv"].iter().any(|end| name.ends_with(end))
                        || folder.ends_with(TEMPLATES) && hence_schema::is_template(name))
                {
                    stamp.add(path);
                }
            }
        }
        stamp
    }

    fn add(&mut self, file: PathBuf) {
        let written = std::fs::metadata(&file).map(|data| (data.modified().ok(), data.len()));
        if let Ok(written) = written {
            self.0.insert(file, written);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stamp_differs_where_a_file_changed() {
        let folder = tempfile::tempdir().unwrap();
        let stamp = || Stamp::of(folder.path(), None);
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.rule", "");
        let before = stamp();
        assert_eq!(stamp(), before);
        write("notes.txt", "no file of a project");
        assert_eq!(stamp(), before);
        std::fs::create_dir(folder.path().join("templates")).unwrap();
        write("templates/welcome.txt", "Subject: Welcome");
        let before_that = before;
        let before = stamp();
        assert_ne!(before, before_that);
        write("a.rule", "rule");
        let after = stamp();
        assert_ne!(after, before);
        write("hence.toml", "");
        assert_ne!(stamp(), after);
        // Seen from any folder of the project, and with the file that stands in for its settings.
        std::fs::create_dir(folder.path().join("rules")).unwrap();
        assert_eq!(Stamp::of(&folder.path().join("rules"), None), stamp());
        let elsewhere = tempfile::NamedTempFile::new().unwrap();
        let of_both = || Stamp::of(folder.path(), Some(elsewhere.path()));
        let before = of_both();
        std::fs::write(elsewhere.path(), "timezone = \"UTC\"").unwrap();
        assert_ne!(of_both(), before);
        std::fs::remove_file(folder.path().join("hence.toml")).unwrap();
        assert_eq!(stamp(), after);
    }
}
