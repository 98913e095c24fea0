//! A folder → sources, catalog, checked rules, program.
//!
//! This is the one place that knows what a project on disk looks like: `hence.toml`, `**/*.rule`,
//! `integrations/*.json`, `templates/*.txt` and `.html`. The command, the daemon and the editor all load projects here, so that they agree on what
//! belongs to one and on what is wrong with it. Everything that cannot be read is a diagnostic; loading never fails
//! as a whole. This crate runs nothing.
//!
//! Start with [`Project::load`]; an editor keeps what that gives in a [`Live`] and tells it of changes. What runs rules
//! takes [`Loaded`], which bundles give as well.

mod bundle;
mod content;
mod external;
mod files;
mod findings;
mod fixing;
mod live;
mod manifest;
mod settings;
mod stamp;
mod tables;
mod texts;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use hence_check::Checked;
use hence_diagnostics::{Diagnostic, FileId, Severity, Sources};
use hence_ir::Program;
use hence_schema::Catalog;
use hence_syntax::Parsed;

pub use bundle::{Loaded, is_bundle};
pub use content::{Content, NoContent};
pub use external::unrunnable;
pub use files::NoProject;
use files::{Buffers, Located};
use findings::Findings;
pub use fixing::{Applied, Fixed, fix, verify_fixes};
pub use live::Live;
pub use manifest::{LintLevel, Log, Manifest, Renamed, Server};
use rayon::prelude::*;
pub use settings::{Limits, SETTINGS, Setting, Tls, Traces};
pub use stamp::Stamp;
pub use texts::{NoFile, Texts};

/// A loaded project.
#[derive(Debug, Clone)]
pub struct Project {
    /// The folder that holds `hence.toml`, or the folder or file named where there is none.
    pub root: PathBuf,
    /// What `hence.toml` says.
    pub manifest: Manifest,
    /// All texts.
    pub sources: Sources,
    /// The integrations: those that Hence ships and the project's own.
    pub catalog: Arc<Catalog>,
    /// The rule files.
    pub files: Vec<Parsed>,
    /// What they mean.
    pub checked: Checked,
    /// What is wrong, by file.
    findings: Findings,
    /// The rules without errors, once they were asked for.
    program: OnceLock<Arc<Program>>,
    /// What stands in place of files on disk.
    buffers: Buffers,
}

impl Project {
    /// Loads the project that `path`, a folder or a file in it, belongs to.
    ///
    /// # Errors
    ///
    /// There is no such file or folder.
    pub fn load(path: &Path) -> Result<Project, NoProject> {
        Self::load_with(path, None)
    }

    /// Loads a project with another file in place of its `hence.toml`.
    ///
    /// # Errors
    ///
    /// There is no such file or folder.
    pub fn load_with(path: &Path, manifest: Option<&Path>) -> Result<Project, NoProject> {
        let mut located = files::locate(path)?;
        if let Some(manifest) = manifest {
            located.manifest = Some(files::existing(manifest)?);
        }
        Ok(Self::of_located(located))
    }

    /// Loads a project with another version of an integration in place of its own, or of the shipped one, of that id.
    ///
    /// # Errors
    ///
    /// There is no such file or folder.
    pub fn load_with_integration(path: &Path, id: &str, text: &str) -> Result<Project, NoProject> {
        let mut located = files::locate(path)?;
        let manifest = manifest::load(&located, &mut Sources::new(), &mut Vec::new());
        let file = located.root.join(&manifest.integrations).join(format!("{id}.json"));
        let file = std::path::absolute(&file).unwrap_or(file);
        located.buffers.texts.insert(file, text.into());
        Ok(Self::of_located(located))
    }

    fn of_located(located: Located) -> Project {
        let mut sources = Sources::new();
        let mut diagnostics = Vec::new();
        let manifest = manifest::load(&located, &mut sources, &mut diagnostics);
        let found = files::find(&located, &manifest);
        let mut integrations: Vec<FileId> =
            files::read(&located, &found.integrations, &mut sources, &mut diagnostics);
        integrations.extend(files::read(&located, &found.templates, &mut sources, &mut diagnostics));
        let (catalog, problems) = hence_schema::catalog(&mut sources, &integrations);
        diagnostics.extend(problems);
        let rules = files::read(&located, &found.rules, &mut sources, &mut diagnostics);
        let mut parsed = parse_all(&sources, &rules);
        tables::read(&located.root, &located.buffers, &mut sources, &mut parsed);
        let mut project = Self::assemble(located.root, manifest, sources, catalog, parsed, diagnostics);
        project.buffers = located.buffers;
        project
    }

    /// Loads a project that is one text: for texts that are on no disk.
    pub fn of_text(name: &str, text: &str) -> Project {
        let mut sources = Sources::new();
        let (catalog, diagnostics) = hence_schema::catalog(&mut sources, &[]);
        let file = sources.add(name, text);
        let mut parsed = hence_syntax::parse(&sources, file);
        tables::refuse(&mut sources, &mut parsed);
        Self::assemble(PathBuf::new(), Manifest::default(), sources, catalog, vec![parsed], diagnostics)
    }

    fn assemble(
        root: PathBuf,
        manifest: Manifest,
        sources: Sources,
        catalog: Catalog,
        files: Vec<Parsed>,
        loading: Vec<Diagnostic>,
    ) -> Project {
        let findings = Findings::of_loading(loading, &manifest);
        let mut project = Project {
            root,
            manifest,
            sources,
            catalog: Arc::new(catalog),
            files,
            checked: Checked::default(),
            findings,
            program: OnceLock::new(),
            buffers: Buffers::default(),
        };
        project.check(&[]);
        project
    }

    /// Finds out what the files mean after some of them changed, whose indexes are given. Returns the texts of which
    /// something else may be wrong than before.
    fn check(&mut self, changed: &[usize]) -> BTreeSet<FileId> {
        let (files, catalog, manifest) = (&self.files, &self.catalog, &self.manifest);
        let changes = self.checked.update(files, changed, catalog, &manifest.zone);
        self.program = OnceLock::new();
        self.findings.update(files, &self.checked, catalog, manifest, changes)
    }

    /// Returns the rules without errors. They are compiled when they are asked for the first time.
    pub fn program(&self) -> &Arc<Program> {
        self.program.get_or_init(|| {
            let compiled =
                hence_compile::compile(&self.files, &self.checked, &self.catalog, &self.manifest.zone);
            Arc::new(compiled.program)
        })
    }

    /// Returns everything that is wrong, in the order it is printed.
    pub fn diagnostics(&self) -> Vec<Diagnostic> {
        self.findings.all()
    }

    /// Returns what is wrong with a text of the project, in the order it is printed.
    pub fn diagnostics_of(&self, file: FileId) -> Vec<&Diagnostic> {
        self.findings.of(file)
    }

    /// Returns whether anything is wrong that keeps rules from being loaded.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }
}

/// Parses files, several at a time.
pub fn parse_all(sources: &Sources, files: &[FileId]) -> Vec<Parsed> {
    files.par_iter().map(|file| hence_syntax::parse(sources, *file)).collect()
}

#[cfg(test)]
mod tests;
