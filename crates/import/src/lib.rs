//! Descriptions that other systems publish → integration files.
//!
//! OpenAPI (Swagger 2, 3.0, 3.1), AsyncAPI (2, 3), JSON Schema and GitHub's webhook schemas are read from files, in
//! JSON or YAML, with references to other files beside them; samples of payloads are read too. The result is the text
//! of an integration file that the loader of `hence-schema` accepts, as that loader is asked before it is handed out.
//! What a description says and an integration cannot is a diagnostic at its place and never passed over in silence;
//! so is what had to be guessed. Nothing is fetched: a reference to an address stands for any JSON.
//!
//! Start with [`import`]; [`infer`] for samples.

mod asyncapi;
mod events;
mod files;
mod findings;
mod github;
mod infer;
mod json_schema;
mod names;
mod onto;
mod openapi;
mod print;
mod types;
mod write;
mod yaml;

use std::path::{Path, PathBuf};

use hence_diagnostics::{Diagnostic, Severity, Sources};

pub use files::Unreadable;
pub use infer::{Inferred, infer};
pub use print::print;

/// What a description is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// OpenAPI 3.0 or 3.1, or Swagger 2.
    OpenApi,
    /// AsyncAPI 2 or 3.
    AsyncApi,
    /// JSON Schemas: of each file that describes an object, an event.
    JsonSchema,
    /// The schemas of GitHub's webhooks, as the npm package `@octokit/webhooks-schemas` has them.
    Github,
}

/// How an integration is to be made.
#[derive(Debug, Clone, Default)]
pub struct Options {
    /// The id of the integration; where none is given, it is made of the description's title.
    pub id: Option<String>,
    /// An integration that was made before: what descriptions do not say is kept as it stands there.
    pub onto: Option<PathBuf>,
}

/// What came of a description.
#[derive(Debug)]
pub struct Imported {
    /// The integration; nothing where the description cannot be read.
    pub integration: Option<Integration>,
    /// The texts that were read, for the places of the diagnostics.
    pub sources: Sources,
    /// What is wrong, what was not carried over, and what was guessed, in the order of their places.
    pub diagnostics: Vec<Diagnostic>,
}

/// An integration that was made.
#[derive(Debug, Clone)]
pub struct Integration {
    /// Its id.
    pub id: String,
    /// The text of its file.
    pub text: String,
    /// How many types it has.
    pub types: usize,
    /// How many events it has.
    pub events: usize,
    /// How many actions it has.
    pub actions: usize,
}

impl Imported {
    /// Returns whether something of the description was lost.
    pub fn lost(&self) -> bool {
        self.diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Warning)
    }
}

/// Makes an integration of a description: a file, or a folder of files.
///
/// # Errors
/// The file or folder cannot be read. What is wrong within it is a diagnostic.
pub fn import(kind: Kind, path: &Path, options: &Options) -> Result<Imported, Unreadable> {
    let mut files = files::Files::open(path)?;
    let mut draft = write::Draft::default();
    let mut found = findings::Findings::default();
    found.add_all(files.take_problems());
    if !found.has_errors() {
        match kind {
            Kind::OpenApi => openapi::read(&files, &mut draft, &mut found),
            Kind::AsyncApi => asyncapi::read(&files, &mut draft, &mut found),
            Kind::JsonSchema => json_schema::read(&files, &mut draft, &mut found),
            Kind::Github => github::read(&files, &mut draft, &mut found),
        }
    }
    if let Some(path) = options.onto.as_deref().filter(|_| !found.has_errors()) {
        onto::keep(path, &mut draft, &mut found)?;
        onto::drop_unused(&mut draft);
    }
    let integration =
        if found.has_errors() { None } else { write::finish(draft, options, files.stem(), &mut found) };
    Ok(Imported { integration, sources: files.into_sources(), diagnostics: found.into_sorted() })
}
