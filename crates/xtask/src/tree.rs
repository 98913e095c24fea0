//! The files of the repository, as git knows them: what is ignored is not part of the tree.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};

/// A file.
pub(crate) struct File {
    /// The path from the root, with `/`.
    pub(crate) path: String,
    /// The text, or nothing for a file that is no text.
    pub(crate) text: Option<String>,
}

impl File {
    #[cfg(test)]
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self { path: path.to_string(), text: Some(text.to_string()) }
    }

    /// Returns whether it is Rust source.
    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Returns the lines with their numbers, none for a file that is no text.
    pub(crate) fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.iter().flat_map(|text| text.lines()).enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// Returns the folder of the workspace.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().and_then(Path::parent).unwrap_or(here).to_path_buf()
}

/// Returns the files that are tracked, or would be if they were added, in order of their paths.
pub(crate) fn files() -> Result<Vec<File>> {
    let root = root();
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard", "--deduplicate"])
        .current_dir(&root)
        .output()
        .context("cannot run git")?;
    if !output.status.success() {
        bail!("git cannot list the files:\n{}", String::from_utf8_lossy(&output.stderr));
    }
    let listed = String::from_utf8(output.stdout).context("git lists a path that is no UTF-8")?;
    let mut files = Vec::new();
    for path in listed.split_terminator('\0') {
        // A file that is tracked and was just removed is still listed.
        if let Ok(bytes) = std::fs::read(root.join(path)) {
            files.push(File { path: path.to_string(), text: String::from_utf8(bytes).ok() });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}
