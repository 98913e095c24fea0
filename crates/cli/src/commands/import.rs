//! `hence import`

use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use clap::ValueEnum;
use hence_diagnostics::{Code, Diagnostic, Severity, Sources, render};
use hence_import::{Imported, Integration, Kind, Options};
use serde_json::{Value as Json, json};

use crate::{Ending, output};

/// So many places of one message are listed for people.
const MOST_PLACES: usize = 3;

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// What the description is.
    #[arg(value_enum)]
    kind: Described,
    /// The description, JSON or YAML: a file, or a folder of files.
    path: PathBuf,
    /// Where to write the integration: a file, or a folder; to standard output where it is not given.
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The id of the integration; by default the name of the file, or made of the description's title.
    #[arg(long)]
    id: Option<String>,
    /// An integration file made before: its actions, settings, examples and signature are kept.
    #[arg(long, value_name = "FILE")]
    onto: Option<PathBuf>,
    /// Ends with exit code 1 if something of the description is not carried over.
    #[arg(long)]
    strict: bool,
    /// How to print what is not carried over, and what was guessed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Described {
    /// OpenAPI 3.0 and 3.1, and Swagger 2.
    Openapi,
    /// AsyncAPI 2 and 3.
    Asyncapi,
    /// JSON Schemas: an event of each file that describes an object.
    JsonSchema,
    /// The schemas of GitHub's webhooks, from the npm package @octokit/webhooks-schemas.
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// A list on standard error.
    Human,
    /// One JSON document on standard output; the integration is in it where no path is given.
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let kind = match arguments.kind {
        Described::Openapi => Kind::OpenApi,
        Described::Asyncapi => Kind::AsyncApi,
        Described::JsonSchema => Kind::JsonSchema,
        Described::Github => Kind::Github,
    };
    let output = arguments.output.as_deref();
    let options = Options { id: id_of(arguments.id.as_deref(), output)?, onto: arguments.onto.clone() };
    let imported = hence_import::import(kind, &arguments.path, &options)?;
    tell(&imported, output, arguments.format, &arguments.path)?;
    Ok(if arguments.strict && imported.lost() { Ending::Wrong } else { Ending::Well })
}

/// The id that is wanted: the one that is given, or the name of the file that is written.
pub(crate) fn id_of(given: Option<&str>, output: Option<&Path>) -> anyhow::Result<Option<String>> {
    let file = output.filter(|path| path.extension().is_some_and(|end| end == "json"));
    let stem = file.and_then(Path::file_stem).and_then(|stem| stem.to_str());
    let Some(id) = given.or(stem) else { return Ok(None) };
    let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
    if !id.chars().all(is_plain) || !id.starts_with(|c: char| c.is_ascii_lowercase()) {
        bail!(
            "`{id}` cannot be the id of an integration: lower-case letters, digits and `_`, a letter first"
        );
    }
    if given.zip(stem).is_some_and(|(given, stem)| given != stem) {
        bail!("an integration with the id `{id}` stands in a file of the name {id}.json");
    }
    Ok(Some(id.to_owned()))
}

/// Writes the integration and tells what there is to know of it.
///
/// # Errors
/// There is none, or it cannot be written.
pub(crate) fn tell(
    imported: &Imported,
    to: Option<&Path>,
    format: Format,
    from: &Path,
) -> anyhow::Result<()> {
    let Imported { integration, sources, diagnostics } = imported;
    let written = match (integration, to) {
        (Some(integration), Some(to)) => Some(write(integration, to)?),
        (Some(_), None) | (None, _) => None,
    };
    match format {
        Format::Json => output::result(&document(imported, written.as_deref())),
        Format::Human => {
            if let (Some(integration), None) = (integration, &written) {
                output::result(&integration.text);
            }
            let (errors, others): (Vec<Diagnostic>, Vec<Diagnostic>) =
                diagnostics.iter().cloned().partition(|one| one.severity == Severity::Error);
            output::diagnostics(sources, &errors);
            if let Some(integration) = integration {
                let listed = list(sources, &others);
                if !listed.is_empty() {
                    output::remark(listed.trim_end());
                }
                let Integration { id, types, events, actions, .. } = integration;
                let place =
                    written.map(|path| format!(", written to {}", path.display())).unwrap_or_default();
                output::remark(&format!(
                    "integration `{id}`: {types} types, {events} events, {actions} actions{place}"
                ));
            }
        }
    }
    if integration.is_none() {
        bail!("nothing is made of {}", from.display());
    }
    Ok(())
}

fn write(integration: &Integration, to: &Path) -> anyhow::Result<PathBuf> {
    let path = if to.extension().is_some_and(|end| end == "json") {
        to.to_owned()
    } else {
        to.join(format!("{}.json", integration.id))
    };
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).with_context(|| format!("cannot make {}", folder.display()))?;
    }
    std::fs::write(&path, &integration.text).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(path)
}

/// One document: the integration, and the diagnostics as everywhere.
fn document(imported: &Imported, written: Option<&Path>) -> String {
    let rendered = render::json(&imported.sources, &imported.diagnostics);
    let mut document: Json = serde_json::from_str(&rendered).unwrap_or_default();
    let integration = imported.integration.as_ref().map(|integration| {
        let content: Json = serde_json::from_str(&integration.text).unwrap_or_default();
        json!({
            "id": integration.id,
            "types": integration.types,
            "events": integration.events,
            "actions": integration.actions,
            "file": written.map(|path| path.display().to_string()),
            "content": if written.is_some() { Json::Null } else { content },
        })
    });
    if let Some(document) = document.as_object_mut() {
        document.insert("integration".to_owned(), integration.unwrap_or_default());
    }
    format!("{document:#}\n")
}

/// What people read: each message once, with how often it holds and where first.
fn list(sources: &Sources, diagnostics: &[Diagnostic]) -> String {
    let mut text = String::new();
    for (code, title) in [(Code::NotCarried, "not carried over"), (Code::Guessed, "guessed")] {
        let of_code: Vec<&Diagnostic> = diagnostics.iter().filter(|one| one.code == code).collect();
        let mut messages: Vec<&str> = of_code.iter().map(|one| one.message.as_str()).collect();
        messages.sort_unstable();
        messages.dedup();
        if !of_code.is_empty() {
            text.push_str(&format!("{title} ({}; hence explain {code}):\n", of_code.len()));
        }
        for message in messages {
            let places: Vec<&&Diagnostic> = of_code.iter().filter(|one| one.message == message).collect();
            let shown: Vec<String> =
                places.iter().take(MOST_PLACES).map(|one| place_of(sources, one)).collect();
            let more = places.len().saturating_sub(MOST_PLACES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            text.push_str(&format!("  {message}\n      {}{more}\n", shown.join(", ")));
        }
    }
    text
}

fn place_of(sources: &Sources, diagnostic: &Diagnostic) -> String {
    let span = diagnostic.primary.span;
    let Some(source) = sources.get(span.file) else { return String::new() };
    let place = source.line_column(span.start);
    format!("{}:{}:{}", source.name(), place.line, place.column)
}
