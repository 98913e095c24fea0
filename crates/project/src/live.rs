//! A project that stays in memory while its texts change: what an editor has on the screen.
//!
//! The texts of an editor's buffers take the place of what is on disk. A changed rule file is read anew and the rules
//! are checked again; any other file of a project changes what all rules mean, so that the project is loaded anew.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::FileId;

use crate::files::{self, Buffers, NoProject};
use crate::{Project, tables};

/// A project and the texts that stand in place of its files.
#[derive(Debug)]
pub struct Live {
    /// A path of the project, absolute: where it is looked for when it is loaded anew.
    path: PathBuf,
    project: Project,
    /// The files by absolute paths.
    paths: BTreeMap<PathBuf, FileId>,
    /// The rule files by their ids, as indexes among the parsed ones.
    rules: HashMap<FileId, usize>,
    /// The texts of which something else may be wrong than when it was last asked for; nothing for all of them.
    changed: Option<BTreeSet<FileId>>,
}

impl Live {
    /// Loads the project of a path, as [`Project::load`] does. `buffers` are texts by absolute paths; the path may be
    /// that of a buffer that is on no disk.
    ///
    /// # Errors
    ///
    /// There is no such file or folder.
    pub fn load(path: &Path, buffers: BTreeMap<PathBuf, Arc<str>>) -> Result<Live, NoProject> {
        let project = load(path, Buffers::over_disk(buffers))?;
        Ok(Self::of(path, project))
    }

    fn of(path: &Path, project: Project) -> Live {
        let rules: HashMap<FileId, usize> =
            project.files.iter().enumerate().map(|(index, parsed)| (parsed.file, index)).collect();
        let mut paths = BTreeMap::new();
        for (file, source) in project.sources.iter() {
            if !hence_schema::is_shipped(source.name())
                && let Ok(path) = std::path::absolute(source.name())
            {
                // A rule file is the one that is edited, should a table name it as well.
                if rules.contains_key(&file) || !paths.contains_key(&path) {
                    paths.insert(path, file);
                }
            }
        }
        Live { path: path.to_owned(), project, paths, rules, changed: None }
    }

    /// Returns the project as it is now.
    pub fn project(&self) -> &Project {
        &self.project
    }

    /// Returns the file at an absolute path.
    pub fn file(&self, path: &Path) -> Option<FileId> {
        self.paths.get(path).copied()
    }

    /// Returns the absolute path of a file; nothing for what Hence ships.
    pub fn path(&self, file: FileId) -> Option<PathBuf> {
        let name = self.project.sources.get(file)?.name();
        if hence_schema::is_shipped(name) { None } else { std::path::absolute(name).ok() }
    }

    /// Puts a text in place of the file at an absolute path, or takes it away again.
    ///
    /// # Errors
    ///
    /// The project is not there any more.
    pub fn set(&mut self, path: &Path, text: Option<Arc<str>>) -> Result<(), NoProject> {
        let before = match &text {
            Some(text) => self.project.buffers.texts.insert(path.to_owned(), text.clone()),
            None => self.project.buffers.texts.remove(path),
        };
        let now = text.or_else(|| std::fs::read_to_string(path).ok().map(Arc::from));
        let file = self.file(path);
        let known = file.and_then(|file| self.project.sources.get(file)).map(|source| source.text().clone());
        match (file, now) {
            (Some(_), Some(now)) if known.as_ref() == Some(&now) => Ok(()),
            (Some(file), Some(now)) if let Some(index) = self.index(file) => {
                self.project.sources.set_text(file, now);
                self.read_again(index);
                Ok(())
            }
            (None, _) if before.is_some() => Ok(()),
            _ => self.reload(),
        }
    }

    /// Returns the index of a rule file among the parsed ones; nothing for a file of another kind.
    pub fn index(&self, file: FileId) -> Option<usize> {
        self.rules.get(&file).copied()
    }

    /// Returns the texts of which something else may be wrong than when this was last asked for; nothing where it may
    /// be any of them, after the project was loaded.
    pub fn take_changed(&mut self) -> Option<BTreeSet<FileId>> {
        self.changed.replace(BTreeSet::new())
    }

    /// Loads everything anew.
    ///
    /// # Errors
    ///
    /// The project is not there any more.
    pub fn reload(&mut self) -> Result<(), NoProject> {
        let buffers = std::mem::take(&mut self.project.buffers);
        let project = load(&self.path, buffers)?;
        *self = Self::of(&self.path.clone(), project);
        Ok(())
    }

    fn read_again(&mut self, index: usize) {
        let project = &mut self.project;
        if let Some(parsed) = project.files.get_mut(index) {
            // What was is of no use any more, but for the items that are as they were.
            let before = std::mem::take(parsed);
            let mut anew = hence_syntax::parse_again(&project.sources, before.file, before);
            let files = std::slice::from_mut(&mut anew);
            tables::read(&project.root, &project.buffers, &mut project.sources, files);
            *parsed = anew;
        }
        let changed = project.check(&[index]);
        if let Some(all) = &mut self.changed {
            all.extend(changed);
        }
    }
}

fn load(path: &Path, buffers: Buffers) -> Result<Project, NoProject> {
    let mut located = match files::locate(path) {
        Ok(located) => located,
        Err(error) => {
            let folder = path.parent().filter(|_| buffers.texts.contains_key(path));
            let mut located = files::locate(folder.ok_or(error)?)?;
            if located.manifest.is_none() {
                located.single = Some(path.to_owned());
            }
            located
        }
    };
    located.buffers = buffers;
    Ok(Project::of_located(located))
}

#[cfg(test)]
mod tests;
