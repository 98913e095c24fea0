//! Which files belong to a project.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, FileId, Sources, Span};

use crate::manifest::Manifest;

/// The name of a project's manifest.
pub(crate) const MANIFEST: &str = "hence.toml";

/// The folder of a project's mail templates.
pub(crate) const TEMPLATES: &str = "templates";

/// There is nothing to load.
#[derive(Debug)]
pub struct NoProject {
    /// The path that was asked for.
    pub path: PathBuf,
    /// Why it cannot be read.
    pub reason: io::Error,
}

impl std::fmt::Display for NoProject {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "cannot read {}: {}", self.path.display(), self.reason)
    }
}

impl std::error::Error for NoProject {}

/// Where a project is.
#[derive(Debug)]
pub(crate) struct Located {
    /// The folder.
    pub(crate) root: PathBuf,
    /// The manifest, if there is one.
    pub(crate) manifest: Option<PathBuf>,
    /// The only rule file, where a file outside any project was named.
    pub(crate) single: Option<PathBuf>,
    /// What stands in place of files on disk.
    pub(crate) buffers: Buffers,
}

/// Texts that stand in place of what is on disk, by absolute paths: those an editor has not saved.
#[derive(Debug, Clone, Default)]
pub(crate) struct Buffers {
    pub(crate) texts: BTreeMap<PathBuf, Arc<str>>,
    /// Whether there is nothing else: no disk is read. Paths are then as they were given.
    are_alone: bool,
}

impl Buffers {
    pub(crate) fn over_disk(texts: BTreeMap<PathBuf, Arc<str>>) -> Self {
        Self { texts, are_alone: false }
    }

    pub(crate) fn alone(texts: impl IntoIterator<Item = (PathBuf, Arc<str>)>) -> Self {
        Self { texts: texts.into_iter().collect(), are_alone: true }
    }

    /// Returns the text of a file that is not what is on disk.
    fn get(&self, path: &Path) -> Option<&Arc<str>> {
        if self.texts.is_empty() {
            return None;
        }
        if self.are_alone {
            return self.texts.get(path);
        }
        self.texts.get(&std::path::absolute(path).ok()?)
    }

    /// Reads a file.
    pub(crate) fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        match self.get(path) {
            Some(text) => Ok(text.as_bytes().to_vec()),
            None if self.are_alone => Err(io::ErrorKind::NotFound.into()),
            None => std::fs::read(path),
        }
    }

    /// Returns the rule files of a project that are on no disk yet.
    fn unsaved(&self, root: &Path) -> Vec<PathBuf> {
        let Ok(root) = std::path::absolute(root) else { return Vec::new() };
        let is_new = |path: &&PathBuf| {
            let folders = path.ancestors().skip(1);
            let nearest = folders.take_while(|folder| *folder != root).all(|f| !f.join(MANIFEST).is_file());
            path.starts_with(&root) && nearest && !path.is_file()
        };
        let rules = self.texts.keys().filter(|path| path.extension().is_some_and(|found| found == "rule"));
        rules.filter(is_new).cloned().collect()
    }
}

impl Buffers {
    /// Returns the files of a folder that are on no disk and are wanted.
    fn unsaved_in(&self, folder: &Path, is_wanted: fn(&Path) -> bool) -> Vec<PathBuf> {
        let Ok(absolute) = std::path::absolute(folder) else { return Vec::new() };
        let is_new =
            |path: &&PathBuf| path.parent() == Some(absolute.as_path()) && is_wanted(path) && !path.is_file();
        let names = self.texts.keys().filter(is_new).filter_map(|path| path.file_name());
        names.map(|name| folder.join(name)).collect()
    }
}

/// Finds the project a path belongs to: the nearest folder at or above it with a manifest.
pub(crate) fn locate(path: &Path) -> Result<Located, NoProject> {
    let fail = |reason: io::Error| NoProject { path: path.to_owned(), reason };
    let absolute = std::fs::canonicalize(path).map_err(fail)?;
    let is_file = absolute.is_file();
    for (level, folder) in absolute.ancestors().skip(usize::from(is_file)).enumerate() {
        let manifest = folder.join(MANIFEST);
        if manifest.is_file() {
            // Keep the path as it was given where that is the root, so that messages show it so.
            let given = if level == 0 && !is_file { path.to_owned() } else { folder.to_owned() };
            let root = shorten(given);
            return Ok(Located {
                manifest: Some(root.join(MANIFEST)),
                root,
                single: None,
                buffers: Buffers::default(),
            });
        }
    }
    if is_file {
        let root = path.parent().map(Path::to_owned).unwrap_or_default();
        let single = Some(path.to_owned());
        return Ok(Located { root, manifest: None, single, buffers: Buffers::default() });
    }
    Ok(Located { root: path.to_owned(), manifest: None, single: None, buffers: Buffers::default() })
}

/// Returns a path that must be there.
pub(crate) fn existing(path: &Path) -> Result<PathBuf, NoProject> {
    std::fs::metadata(path).map_err(|reason| NoProject { path: path.to_owned(), reason })?;
    Ok(path.to_owned())
}

/// Shows a path below the current folder without it.
fn shorten(path: PathBuf) -> PathBuf {
    let here = std::env::current_dir().ok();
    let inner = here.and_then(|here| path.strip_prefix(here).map(Path::to_owned).ok());
    match inner {
        Some(inner) if inner.as_os_str().is_empty() => PathBuf::from("."),
        Some(inner) => inner,
        None => path,
    }
}

/// The files of a project.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rules: Vec<PathBuf>,
    pub(crate) integrations: Vec<PathBuf>,
    pub(crate) templates: Vec<PathBuf>,
}

/// Finds the rule files below the root, the integration files and the mail templates, in order of their paths. What `.gitignore` names,
/// hidden folders and folders of other projects are left out.
pub(crate) fn find(located: &Located, manifest: &Manifest) -> Found {
    let mut found = Found::default();
    if let Some(single) = &located.single {
        found.rules.push(single.clone());
        return found;
    }
    let integrations = located.root.join(&manifest.integrations);
    let templates = located.root.join(TEMPLATES);
    let mut add = |path: PathBuf| {
        let extension = path.extension().and_then(|extension| extension.to_str());
        if extension == Some("rule") {
            found.rules.push(path);
        } else if extension == Some("json") && path.parent() == Some(integrations.as_path()) {
            found.integrations.push(path);
        } else if path.parent() == Some(templates.as_path()) && is_template(&path) {
            found.templates.push(path);
        }
    };
    if located.buffers.are_alone {
        located.buffers.texts.keys().cloned().for_each(add);
        return found;
    }
    let root = located.root.clone();
    let walk = ignore::WalkBuilder::new(&located.root)
        .require_git(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            let path = entry.path();
            path == root || !path.is_dir() || !path.join(MANIFEST).is_file() && entry.file_name() != "target"
        })
        .build();
    for entry in walk.flatten() {
        let path = entry.into_path();
        if path.is_file() {
            add(path);
        }
    }
    found.rules.extend(located.buffers.unsaved(&located.root));
    let is_json = |path: &Path| path.extension().is_some_and(|found| found == "json");
    found.integrations.extend(located.buffers.unsaved_in(&integrations, is_json));
    found.templates.extend(located.buffers.unsaved_in(&templates, is_template));
    found
}

fn is_template(path: &Path) -> bool {
    path.to_str().is_some_and(hence_schema::is_template)
}

/// Reads files; what cannot be read is reported.
pub(crate) fn read(
    located: &Located,
    paths: &[PathBuf],
    sources: &mut Sources,
    diagnostics: &mut Vec<Diagnostic>,
) -> Vec<FileId> {
    let mut files = Vec::new();
    for path in paths {
        let name = display(&located.root, path);
        match located.buffers.read(path) {
            Ok(bytes) => match String::from_utf8(bytes) {
                Ok(text) => files.push(sources.add(name, text)),
                Err(error) => {
                    let at = error.utf8_error().valid_up_to();
                    let lossy = String::from_utf8_lossy(error.as_bytes()).into_owned();
                    let file = sources.add(name, lossy);
                    let span = Span::new(file, at as u32, at as u32 + '\u{fffd}'.len_utf8() as u32);
                    diagnostics.push(
                        Diagnostic::new(Code::NotUtf8, span, "this file is not UTF-8")
                            .label("the first byte that is no part of a character")
                            .help("save the file as UTF-8"),
                    );
                }
            },
            Err(error) => {
                let file = sources.add(name, "");
                let message = format!("this file cannot be read: {error}");
                diagnostics.push(Diagnostic::new(Code::UnreadableFile, Span::new(file, 0, 0), message));
            }
        }
    }
    files
}

/// How messages show a path: as the user would write it.
pub(crate) fn display(root: &Path, path: &Path) -> String {
    let shown = path.strip_prefix("./").unwrap_or(path);
    let shown = if root == Path::new(".") { shown } else { path };
    shown.display().to_string()
}
