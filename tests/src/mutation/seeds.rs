//! The valid rules that are made wrong: every file of the corpus and of the examples in which nothing is wrong.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use hence_check::Checked;
use hence_diagnostics::{Code, Diagnostic, FileId, Sources};
use hence_project::Project;
use hence_syntax::{Parsed, parse, read_tables, tree};

use crate::case::Failed;

/// How often a time is taken.
const RUNS: usize = 3;

/// A valid file and the project it stands in.
pub(super) struct Seed {
    /// Its path.
    pub(super) name: String,
    pub(super) text: String,
    /// The printed tree.
    pub(super) tree: String,
    file: FileId,
    project: Project,
    /// The texts that a check can come to read; the others of the project are left empty, under the same ids.
    sources: Sources,
    known: BTreeMap<(Code, String), usize>,
}

/// What is said of a text in place of a valid one.
pub(super) struct Verdict {
    /// The diagnostics in the order they are printed, without those that the valid text has as well.
    pub(super) diagnostics: Vec<Diagnostic>,
    pub(super) tree: String,
}

impl Seed {
    /// Reads another text in place of the file's and brings up to date what was checked before; also returns how long
    /// that took.
    fn read(&self, text: &str, checked: &mut Checked) -> (Vec<Parsed>, Duration) {
        let mut sources = Sources::new();
        for (file, source) in self.sources.iter() {
            if file == self.file {
                sources.add(source.name(), text);
            } else {
                sources.add(source.name(), source.text().clone());
            }
        }
        let mut files = self.project.files.clone();
        let started = Instant::now();
        let mut parsed = parse(&sources, self.file);
        read_tables(&mut sources, &mut parsed, |sources, path| {
            let named = |source: &str| Path::new(source).ends_with(path);
            let found = sources.iter().find(|(_, source)| named(source.name())).map(|(file, _)| file);
            found.ok_or_else(|| "there is no such file".to_owned())
        });
        let index = files.iter().position(|parsed| parsed.file == self.file).unwrap_or_default();
        if let Some(place) = files.get_mut(index) {
            *place = parsed;
        }
        let (catalog, zone) = (&self.project.catalog, &self.project.manifest.zone);
        checked.update(&files, &[index], catalog, zone);
        let time = started.elapsed();
        (files, time)
    }

    /// Returns how long it takes to read a text in place of the file's and to check the project: for the first time,
    /// and where the valid project was checked before, as in an editor. The best of several runs.
    pub(super) fn times(&self, text: &str) -> (Duration, Duration) {
        let best = |checked: &Checked| {
            let times = (0..RUNS).map(|_| self.read(text, &mut checked.clone()).1);
            times.min().unwrap_or_default()
        };
        (best(&Checked::default()), best(&self.project.checked))
    }

    /// Reads and checks another text in place of the file's.
    pub(super) fn judge(&self, text: &str) -> Verdict {
        let mut checked = self.project.checked.clone();
        let (files, _) = self.read(text, &mut checked);
        let of_parsing = files.iter().flat_map(|parsed| parsed.diagnostics.iter().cloned());
        let mut diagnostics: Vec<Diagnostic> = of_parsing.chain(checked.diagnostics()).collect();
        hence_diagnostics::sort(&mut diagnostics);
        let mut known = self.known.clone();
        diagnostics.retain(|one| match known.get_mut(&(one.code, one.message.clone())) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            Some(_) | None => true,
        });
        let tree = files.iter().find(|parsed| parsed.file == self.file).map(trees).unwrap_or_default();
        Verdict { diagnostics, tree }
    }

    /// Whether a diagnostic is about this file.
    pub(super) fn is_of(&self, file: FileId) -> bool {
        self.file == file
    }

    fn of(project: Project, file: FileId) -> Seed {
        let of_rules = |file: FileId| project.files.iter().any(|parsed| parsed.file == file);
        let mut sources = Sources::new();
        for (file, source) in project.sources.iter() {
            let read = of_rules(file) || source.name().ends_with(".csv");
            sources.add(source.name(), if read { source.text().clone() } else { "".into() });
        }
        let (name, text) =
            (sources.name(file).to_owned(), sources.get(file).map(|source| source.text().to_string()));
        let mut seed = Seed {
            name,
            text: text.unwrap_or_default(),
            tree: String::new(),
            file,
            project,
            sources,
            known: BTreeMap::new(),
        };
        let valid = seed.judge(&seed.text);
        seed.tree = valid.tree;
        for one in valid.diagnostics {
            *seed.known.entry((one.code, one.message)).or_default() += 1;
        }
        seed
    }
}

fn trees(parsed: &Parsed) -> String {
    parsed.items.iter().map(tree::print).collect()
}

/// Returns all valid files, in order of their paths.
pub(super) fn all() -> Result<Vec<Seed>, Failed> {
    let mut seeds = Vec::new();
    for rule in crate::cases::rule_files(Path::new("corpus"))? {
        // A file may be none that can be read, on purpose.
        let Ok(project) = crate::stages::loaded(&rule) else { continue };
        seeds.extend(valid_files(project));
    }
    for folder in projects(Path::new("../examples"))? {
        let project = Project::load(&folder).map_err(|error| error.to_string())?;
        seeds.extend(valid_files(project));
    }
    Ok(seeds)
}

/// Returns the files of a project in which nothing is wrong.
fn valid_files(project: Project) -> Vec<Seed> {
    if !project.diagnostics().is_empty() {
        return Vec::new();
    }
    let files: Vec<FileId> = project.files.iter().map(|parsed| parsed.file).collect();
    files.into_iter().map(|file| Seed::of(project.clone(), file)).collect()
}

fn projects(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    let entries = std::fs::read_dir(folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut folders: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    folders.retain(|folder| folder.join("hence.toml").is_file());
    folders.sort();
    Ok(folders)
}
