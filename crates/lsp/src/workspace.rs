//! The folders and buffers of an editor, and the projects they belong to.
//!
//! A file belongs to the project of the nearest `hence.toml` above it; without one, to the folder that the editor
//! opened; outside all of them it is a project of its own. That is what `hence check` of that path would check.
//! Projects are loaded when something of them is needed, and texts are taken over when something is asked, so that
//! several changes in a row cost one check.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_project::Live;

use crate::view::View;

const MANIFEST: &str = "hence.toml";

/// The folders, buffers and projects.
#[derive(Debug, Default)]
pub struct Workspace {
    /// The folder that nothing is looked for outside of, if there is one.
    within: Option<PathBuf>,
    folders: Vec<PathBuf>,
    buffers: BTreeMap<PathBuf, Arc<str>>,
    /// By the folder of the project, or the file that is one of its own.
    projects: BTreeMap<PathBuf, Live>,
    /// Files whose text is not yet what their projects have: `None` where the disk counts again.
    waiting: BTreeSet<PathBuf>,
    /// Projects to be loaded anew.
    stale: BTreeSet<PathBuf>,
    /// Projects that have been checked since they were last asked for.
    changed: BTreeSet<PathBuf>,
}

impl Workspace {
    /// Returns a workspace whose projects are all in this folder.
    pub fn within(folder: Option<&Path>) -> Self {
        Self { within: folder.map(Path::to_owned), ..Self::default() }
    }

    /// Takes these folders for the ones that are open.
    pub fn set_folders(&mut self, folders: Vec<PathBuf>) {
        self.folders = folders;
        let homes: Vec<PathBuf> = self.projects.keys().cloned().collect();
        // What was a file alone may now be part of a folder.
        for home in homes.into_iter().filter(|home| home.is_file() || !home.join(MANIFEST).is_file()) {
            self.projects.remove(&home);
        }
        for folder in self.folders.clone().into_iter().filter(|folder| folder.join(MANIFEST).is_file()) {
            self.load(&folder);
        }
        let open: Vec<PathBuf> = self.buffers.keys().cloned().collect();
        for path in open {
            self.project_of(&path);
        }
    }

    /// Returns the folders that are open.
    pub fn folders(&self) -> &[PathBuf] {
        &self.folders
    }

    /// Puts a text in place of a file.
    pub fn set(&mut self, path: &Path, text: Arc<str>) {
        self.buffers.insert(path.to_owned(), text);
        self.waiting.insert(path.to_owned());
    }

    /// Lets the disk count again for a file.
    pub fn close(&mut self, path: &Path) {
        self.buffers.remove(path);
        self.waiting.insert(path.to_owned());
    }

    /// Returns the text of a buffer.
    pub fn buffer(&self, path: &Path) -> Option<&Arc<str>> {
        self.buffers.get(path)
    }

    /// Returns the paths of the buffers.
    pub fn buffers(&self) -> impl Iterator<Item = &PathBuf> {
        self.buffers.keys()
    }

    /// Takes notice of a change on disk.
    pub fn disk_changed(&mut self, path: &Path) {
        if path.file_name().is_some_and(|name| name == MANIFEST) {
            // Which files belong to which project may be another matter now.
            self.stale.extend(self.projects.keys().filter(|home| path.starts_with(home)).cloned());
            let nested = self.projects.iter().filter(|(home, _)| home.is_file());
            let orphans: Vec<PathBuf> = nested.map(|(home, _)| home.clone()).collect();
            for home in orphans {
                self.projects.remove(&home);
            }
        }
        if !self.buffers.contains_key(path) {
            self.waiting.insert(path.to_owned());
        }
    }

    /// Brings all projects up to date.
    pub fn sync(&mut self) {
        for home in std::mem::take(&mut self.stale) {
            if let Some(live) = self.projects.get_mut(&home) {
                let kept = live.reload().is_ok();
                if !kept {
                    self.projects.remove(&home);
                }
                self.changed.insert(home);
            }
        }
        for path in std::mem::take(&mut self.waiting) {
            let text = self.buffers.get(&path).cloned();
            let mut known = false;
            for (home, live) in &mut self.projects {
                let belongs = live.file(&path).is_some() || path.starts_with(home);
                if belongs {
                    known |= live.file(&path).is_some();
                    if live.set(&path, text.clone()).is_ok() {
                        self.changed.insert(home.clone());
                    }
                }
            }
            if !known && text.is_some() {
                self.project_of(&path);
            }
        }
    }

    /// Returns the projects that were checked since this was last asked.
    pub fn take_changed(&mut self) -> Vec<PathBuf> {
        std::mem::take(&mut self.changed).into_iter().collect()
    }

    /// Returns all projects with their folders.
    pub fn projects(&self) -> impl Iterator<Item = (&PathBuf, &Live)> {
        self.projects.iter()
    }

    /// Returns the project at a folder.
    pub fn project(&self, home: &Path) -> Option<&Live> {
        self.projects.get(home)
    }

    /// Returns the project at a folder, to be asked what changed in it.
    pub fn project_mut(&mut self, home: &Path) -> Option<&mut Live> {
        self.projects.get_mut(home)
    }

    /// Returns the project of a file, loaded if need be.
    pub fn project_of(&mut self, path: &Path) -> Option<&Live> {
        let home = self.home(path);
        if !self.projects.contains_key(&home) {
            self.load(&home);
        }
        self.projects.get(&home)
    }

    /// Returns a file with all that is known of it, up to date.
    pub fn view(&mut self, path: &Path) -> Option<View<'_>> {
        self.sync();
        let live = self.project_of(path)?;
        let file = live.file(path)?;
        Some(View::new(live, file))
    }

    fn load(&mut self, home: &Path) {
        if let Ok(live) = Live::load(home, self.buffers.clone()) {
            self.projects.insert(home.to_owned(), live);
            self.changed.insert(home.to_owned());
        }
    }

    /// Returns the folder whose project a file belongs to, or the file itself.
    fn home(&self, path: &Path) -> PathBuf {
        let has_manifest = |folder: &&Path| {
            let manifest = folder.join(MANIFEST);
            self.buffers.contains_key(&manifest) || manifest.is_file()
        };
        let inside = |folder: &&Path| self.within.as_ref().is_none_or(|within| folder.starts_with(within));
        if let Some(folder) = path.ancestors().skip(1).take_while(inside).find(has_manifest) {
            return folder.to_owned();
        }
        let folder = self.folders.iter().find(|folder| path.starts_with(folder));
        folder.cloned().unwrap_or_else(|| path.to_owned())
    }
}
