//! Descriptions in a folder, imported.

use std::path::Path;

use hence_diagnostics::{Severity, Sources};
use hence_import::{Imported, Kind, Options, import};
use serde_json::Value as Json;
use tempfile::TempDir;

/// Makes a folder with files.
pub(crate) fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// What became of a description.
pub(crate) struct Made {
    pub(crate) json: Json,
    /// What was not carried over.
    pub(crate) lost: Vec<String>,
    pub(crate) guessed: Vec<String>,
    /// What is wrong, with the code, the text at the place, and the helps.
    pub(crate) errors: Vec<String>,
}

impl Made {
    pub(crate) fn of(imported: Imported) -> Self {
        let Imported { integration, sources, diagnostics } = imported;
        let of = |severity| {
            let all = diagnostics.iter().filter(move |one| one.severity == severity);
            all.map(|one| one.message.clone()).collect::<Vec<String>>()
        };
        let errors = diagnostics.iter().filter(|one| one.severity == Severity::Error).map(|one| {
            let helps: String = one.helps.iter().map(|help| format!(" ({help})")).collect();
            let place = sources.slice(one.primary.span).lines().next().unwrap_or_default();
            format!("{} {place}: {}{helps}", one.code, one.message)
        });
        let errors = errors.collect();
        let text = integration.map(|integration| integration.text).unwrap_or_default();
        if !text.is_empty() {
            accepted(&text);
        }
        let json = serde_json::from_str(&text).unwrap_or_default();
        Made { json, lost: of(Severity::Warning), guessed: of(Severity::Note), errors }
    }

    #[track_caller]
    pub(crate) fn at(&self, pointer: &str) -> &Json {
        self.json.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer} of {:#}", self.json))
    }

    #[track_caller]
    pub(crate) fn says_lost(&self, part: &str) {
        assert!(self.lost.iter().any(|message| message.contains(part)), "{part}: {:#?}", self.lost);
    }
}

/// Holds that a project with this integration checks.
#[track_caller]
fn accepted(text: &str) {
    let mut sources = Sources::new();
    let json: Json = serde_json::from_str(text).unwrap();
    let file = sources.add(format!("{}.json", json["id"].as_str().unwrap()), text);
    let (_, diagnostics) = hence_schema::catalog_of(&sources, &[file]);
    assert_eq!(diagnostics, [], "{text}");
}

/// Imports the first of some files.
#[track_caller]
pub(crate) fn made_of(kind: Kind, files: &[(&str, &str)]) -> Made {
    let folder = folder(files);
    made_at(kind, &folder.path().join(files[0].0))
}

#[track_caller]
pub(crate) fn made_at(kind: Kind, path: &Path) -> Made {
    Made::of(import(kind, path, &Options::default()).unwrap())
}
