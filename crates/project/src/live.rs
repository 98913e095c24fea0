//! A project that stays in memory while its texts change: what an editor has on the screen.
//!
//! The texts of an editor's buffers take the place of what is on disk. A changed rule file is read anew and the rules
//! are checked again; any other file of a project changes what all rules mean, so that the project is loaded anew.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::{Diagnostic, FileId};

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
    /// What is wrong before any rule is read.
    loading: Vec<Diagnostic>,
}

impl Live {
    /// Loads the project of a path, as [`Project::load`] does. `buffers` are texts by absolute paths; the path may be
    /// that of a buffer that is on no disk.
    ///
    /// # Errors
    ///
    /// There is no such file or folder.
    pub fn load(path: &Path, buffers: BTreeMap<PathBuf, Arc<str>>) -> Result<Live, NoProject> {
        let project = load(path, Buffers(buffers))?;
        Ok(Self::of(path, project))
    }

    fn of(path: &Path, mut project: Project) -> Live {
        let of_rules: Vec<FileId> = project.files.iter().map(|parsed| parsed.file).collect();
        let mut loading = Vec::new();
        std::mem::swap(&mut loading, &mut project.loading);
        let mut paths = BTreeMap::new();
        for (file, source) in project.sources.iter() {
            if !hence_schema::is_shipped(source.name())
                && let Ok(path) = std::path::absolute(source.name())
            {
                // A rule file is the one that is edited, should a table name it as well.
                if of_rules.contains(&file) || !paths.contains_key(&path) {
                    paths.insert(path, file);
                }
            }
        }
        Live { path: path.to_owned(), project, paths, loading }
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
            Some(text) => self.project.buffers.0.insert(path.to_owned(), text.clone()),
            None => self.project.buffers.0.remove(path),
        };
        let now = text.or_else(|| std::fs::read_to_string(path).ok().map(Arc::from));
        let file = self.file(path);
        let known = file.and_then(|file| self.project.sources.get(file)).map(|source| source.text().clone());
        match (file, now) {
            (Some(_), Some(now)) if known.as_ref() == Some(&now) => Ok(()),
            (Some(file), Some(now)) if self.is_rule_file(file) => {
                self.project.sources.set_text(file, now);
                self.read_again(file);
                Ok(())
            }
            (None, _) if before.is_some() => Ok(()),
            _ => self.reload(),
        }
    }

    fn is_rule_file(&self, file: FileId) -> bool {
        self.project.files.iter().any(|parsed| parsed.file == file)
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

    fn read_again(&mut self, file: FileId) {
        let project = &mut self.project;
        if let Some(parsed) = project.files.iter_mut().find(|parsed| parsed.file == file) {
            let mut anew = hence_syntax::parse(&project.sources, file);
            let files = std::slice::from_mut(&mut anew);
            tables::read(&project.root, &project.buffers, &mut project.sources, files);
            *parsed = anew;
        }
        project.check(self.loading.clone());
    }
}

fn load(path: &Path, buffers: Buffers) -> Result<Project, NoProject> {
    let mut located = match files::locate(path) {
        Ok(located) => located,
        Err(error) => {
            let folder = path.parent().filter(|_| buffers.0.contains_key(path));
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
