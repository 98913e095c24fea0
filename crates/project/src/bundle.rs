//! Projects → bundles, and bundles as what can be run.
//!
//! A bundle holds what was compiled and the integration files it was compiled against, so running it needs no folder
//! of rules. Connections, secrets and the store are matters of the place where it runs: they come from a `hence.toml`
//! beside the bundle, or from another file named.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use hence_diagnostics::{Diagnostic, FileId, Sources};
use hence_ir::bundle::{self, Bundle, Pinned};
use hence_ir::{Program, Rule, Step};
use hence_schema::Catalog;
use hence_types::jiff::tz::TimeZone;

use crate::files::{self, Buffers, Located, MANIFEST, NoProject};
use crate::{Content, Manifest, Project, manifest};

/// What running rules needs, from a folder or a bundle.
#[derive(Debug, Clone)]
pub struct Loaded {
    /// The folder of the project or of the bundle.
    pub root: PathBuf,
    /// What `hence.toml` says. The name and the zone of a bundle are its own.
    pub manifest: Manifest,
    /// The texts that places in the program refer to, and others.
    pub sources: Sources,
    /// The integrations; those of a bundle are as they were when it was made.
    pub catalog: Arc<Catalog>,
    /// The rules.
    pub program: Arc<Program>,
    /// Everything that is wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// What it was loaded from, if that can be kept.
    pub content: Option<Content>,
}

impl From<Project> for Loaded {
    fn from(project: Project) -> Self {
        let (program, diagnostics) = (Arc::clone(project.program()), project.diagnostics());
        let content = Some(Content::Texts(project.texts()));
        let Project { root, manifest, sources, catalog, .. } = project;
        Loaded { root, manifest, sources, catalog, program, diagnostics, content }
    }
}

/// Returns whether a path names a bundle: a file whose name ends in `.hence`.
pub fn is_bundle(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "hence") && path.is_file()
}

impl Loaded {
    /// Loads a bundle, where `path` names one, or the project that `path` belongs to.
    /// `manifest` stands in for the `hence.toml` beside the bundle or of the project.
    ///
    /// # Errors
    ///
    /// There is no such file or folder, or the file is no bundle.
    pub fn load(path: &Path, manifest: Option<&Path>) -> Result<Loaded, NoProject> {
        if !is_bundle(path) {
            return Project::load_with(path, manifest).map(Loaded::from);
        }
        let fail = |reason: io::Error| NoProject { path: path.to_owned(), reason };
        let bytes = std::fs::read(path).map_err(fail)?;
        let bundle =
            bundle::read(&bytes).map_err(|error| fail(io::Error::new(io::ErrorKind::InvalidData, error)))?;
        let zone = TimeZone::get(&bundle.zone).map_err(|error| fail(io::Error::other(error)))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
        let root = folder.unwrap_or(Path::new(".")).to_owned();
        let manifest = match manifest {
            Some(manifest) => Some(files::existing(manifest)?),
            None => Some(root.join(MANIFEST)).filter(|beside| beside.is_file()),
        };
        Ok(Self::of_bundle(
            bundle,
            zone,
            &Located { root, manifest, single: None, buffers: Buffers::default() },
            bytes.into(),
        ))
    }

    /// Returns what a bundle holds, which was read from these bytes.
    pub(crate) fn of_bundle(bundle: Bundle, zone: TimeZone, located: &Located, bytes: Arc<[u8]>) -> Loaded {
        let Bundle { name, zone: _, program, mut sources, integrations } = bundle;
        let mut diagnostics = Vec::new();
        let settings = manifest::load(located, &mut sources, &mut diagnostics);
        let manifest = Manifest { name, zone, ..settings };
        let add = |pinned: &Pinned| {
            sources.add(format!("integrations/{}.json", pinned.id), Arc::clone(&pinned.text))
        };
        let files: Vec<FileId> = integrations.iter().map(add).collect();
        let (catalog, problems) = hence_schema::catalog_of(&sources, &files);
        diagnostics.extend(problems);
        hence_diagnostics::sort(&mut diagnostics);
        Loaded {
            root: located.root.clone(),
            manifest,
            sources,
            catalog: Arc::new(catalog),
            program,
            diagnostics,
            content: Some(Content::Bundle(bytes)),
        }
    }
}

impl Project {
    /// Returns all that running the project's rules elsewhere needs: the rules without errors, and the integration
    /// files that are the project's own or that rules or such files refer to. Equal projects have equal bundles,
    /// wherever their folders are.
    pub fn bundle(&self) -> Bundle {
        let mut sources = Sources::new();
        for (_, source) in self.sources.iter() {
            // Places in the program refer to files by number, so that all are added, in their order.
            sources.add(self.relative(source.name()), Arc::clone(source.text()));
        }
        Bundle {
            name: self.manifest.name.clone(),
            zone: self.manifest.zone.iana_name().unwrap_or("UTC").to_owned(),
            program: Arc::clone(self.program()),
            sources,
            integrations: self.pinned(),
        }
    }

    /// Returns a file's name as seen from the project's folder, the same on all systems.
    pub(crate) fn relative(&self, name: &str) -> String {
        let path = Path::new(name);
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        let parts: Vec<_> = path.components().map(|part| part.as_os_str().to_string_lossy()).collect();
        parts.join("/")
    }

    fn pinned(&self) -> Vec<Pinned> {
        let text = |id: &str| {
            let integration = self.catalog.integrations.get(id)?;
            Some((integration, self.sources.get(integration.origin.file)?))
        };
        let own = self
            .catalog
            .integrations
            .keys()
            .filter(|id| text(id).is_some_and(|(_, source)| !hence_schema::is_shipped(source.name())));
        let mut open: Vec<String> = own.cloned().collect();
        open.extend(self.program().rules.iter().flat_map(names).filter_map(integration_of));
        let mut wanted = BTreeSet::new();
        while let Some(id) = open.pop() {
            if let Some((_, source)) = text(&id)
                && wanted.insert(id)
            {
                open.extend(hence_schema::mentions(source.text()));
            }
        }
        let pinned = |id: &String| {
            let (integration, source) = text(id)?;
            let version = integration.version.clone();
            // Mail templates are actions as any other there, so that a bundle needs no place for them.
            let merged = hence_schema::with_templates(id, source.text(), &self.sources);
            let text = merged.map_or_else(|| Arc::clone(source.text()), Arc::from);
            Some(Pinned { id: id.clone(), version, text })
        };
        wanted.iter().filter_map(pinned).collect()
    }
}

/// Returns the full names of the events and actions of a rule.
fn names(rule: &Rule) -> impl Iterator<Item = &str> {
    let steps = rule.then.iter().chain(rule.otherwise.iter().flatten());
    let actions =
        steps.filter_map(|step| if let Step::Act { action, .. } = step { Some(&**action) } else { None });
    let watched = rule.watches.iter().flat_map(|watch| watch.kind.events());
    rule.triggers.iter().chain(watched).map(|name| &**name).chain(actions)
}

fn integration_of(full_name: &str) -> Option<String> {
    full_name.split_once('.').map(|(id, _)| id.to_owned())
}

#[cfg(test)]
mod tests;
