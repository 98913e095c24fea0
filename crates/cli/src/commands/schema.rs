//! `hence schema diff`, `hence schema infer` and `hence schema triggers`

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};
use hence_connectors::triggers;
use hence_diagnostics::{Diagnostic, Severity, Sources, render};
use hence_import::{Imported, Options, infer};
use hence_project::Project;
use hence_schema::{Change, Integration, diff};
use serde_json::{Value as Json, json};

use super::import::{Format, id_of, tell};
use crate::{Ending, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Tells what changed between two versions of an integration, and which rules that breaks.
    Diff(Diff),
    /// Makes an integration with one event from samples of its payload.
    Infer(Infer),
    /// Prints the SQL by which rows of a PostgreSQL become events of an integration: an outbox and triggers that fill it.
    Triggers(Triggers),
}

#[derive(Debug, clap::Args)]
struct Triggers {
    /// The integration file, with events `TABLE.created`, `TABLE.updated` and `TABLE.deleted`.
    integration: PathBuf,
    /// The table whose rows events tell of, where it is not named as they are, such as `member=club.members`.
    #[arg(long, value_name = "EVENTS=TABLE", value_parser = table)]
    table: Vec<(String, String)>,
    /// The schema of the database that the outbox is made in.
    #[arg(long, default_value = "public")]
    schema: String,
}

/// Reads which table events tell of.
fn table(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((events, table)) if !events.is_empty() && !table.split('.').any(str::is_empty) => {
            Ok((events.to_owned(), table.to_owned()))
        }
        _ => Err("it is the first part of events' names, `=` and a table, such as `member=club.members`"
            .to_owned()),
    }
}

#[derive(Debug, clap::Args)]
struct Diff {
    /// The integration file as it was.
    before: PathBuf,
    /// The integration file as it is to be.
    after: PathBuf,
    /// A project whose rules are checked with either.
    #[arg(long, value_name = "PROJECT")]
    rules: Option<PathBuf>,
    /// How to print what changed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct Infer {
    /// Files with samples: a JSON object, a list of them, or one a line.
    #[arg(required = true)]
    samples: Vec<PathBuf>,
    /// The name of the event.
    #[arg(long, default_value = "received")]
    event: String,
    /// Where to write the integration: a file, or a folder; to standard output where it is not given.
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
    /// The id of the integration; by default the name of the file, or `samples`.
    #[arg(long)]
    id: Option<String>,
    /// How to print what was guessed.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    match &arguments.command {
        Command::Diff(arguments) => run_diff(arguments),
        Command::Infer(arguments) => run_infer(arguments),
        Command::Triggers(arguments) => run_triggers(arguments),
    }
}

fn run_triggers(arguments: &Triggers) -> anyhow::Result<Ending> {
    let (integration, _) = integration(&arguments.integration)?;
    let tables = arguments.table.iter().cloned().collect();
    output::result(&triggers(&integration, &arguments.schema, &tables)?);
    Ok(Ending::Well)
}

fn run_infer(arguments: &Infer) -> anyhow::Result<Ending> {
    let output = arguments.output.as_deref();
    let id = id_of(arguments.id.as_deref(), output)?.unwrap_or_else(|| "samples".to_owned());
    let options = Options { id: Some(id), ..Options::default() };
    let imported: Imported = infer(&arguments.samples, &arguments.event, &options)?;
    let from = arguments.samples.first().map_or(Path::new(""), PathBuf::as_path);
    tell(&imported, output, arguments.format, from)?;
    Ok(Ending::Well)
}

/// Something that a project's rules say only with the new version.
struct Broken {
    rule: Option<String>,
    diagnostic: Diagnostic,
}

fn run_diff(arguments: &Diff) -> anyhow::Result<Ending> {
    let (before, before_text) = integration(&arguments.before)?;
    let (after, after_text) = integration(&arguments.after)?;
    if before.id != after.id {
        bail!("`{}` and `{}` are two integrations, not two versions of one", before.id, after.id);
    }
    let changes = diff(&before, &after);
    let checked = match &arguments.rules {
        Some(path) => Some(broken(path, &before.id, &before_text, &after_text)?),
        None => None,
    };
    let breaks = checked
        .as_ref()
        .is_some_and(|(_, broken)| broken.iter().any(|one| one.diagnostic.severity == Severity::Error));
    match arguments.format {
        Format::Human => human(&before.id, &changes, checked.as_ref()),
        Format::Json => output::result(&document(&before.id, &changes, checked.as_ref())),
    }
    // With rules it is they that count; without, whatever could break some.
    let wrong = if checked.is_some() { breaks } else { changes.iter().any(|change| change.breaking) };
    Ok(if wrong { Ending::Wrong } else { Ending::Well })
}

/// Reads an integration that is right by itself.
fn integration(path: &Path) -> anyhow::Result<(Integration, String)> {
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?;
    let mut sources = Sources::new();
    // Versions stand beside each other under names of their own, so the name is not held against the id.
    let file = sources.add(path.display().to_string(), text.as_str());
    let loaded = hence_schema::load(&sources, file);
    let is_name = |one: &Diagnostic| one.message.contains("is not the name of the file");
    let others: Vec<Diagnostic> = loaded.diagnostics.into_iter().filter(|one| !is_name(one)).collect();
    let wrong = output::errors(&sources, &others);
    match loaded.integration.filter(|_| !wrong) {
        Some(integration) => Ok((integration, text)),
        None => bail!("{} is no integration", path.display()),
    }
}

/// Checks a project with either version, and returns what it says with the new one alone.
fn broken(path: &Path, id: &str, before: &str, after: &str) -> anyhow::Result<(Sources, Vec<Broken>)> {
    let load = |text: &str| Project::load_with_integration(path, id, text);
    let (was, is) = (load(before)?, load(after)?);
    let key = |project: &Project, one: &Diagnostic| {
        let span = one.primary.span;
        (one.code, project.sources.name(span.file).to_owned(), span.start, one.message.clone())
    };
    let known: BTreeSet<_> = was.diagnostics().iter().map(|one| key(&was, one)).collect();
    let mut broken = Vec::new();
    for diagnostic in is.diagnostics() {
        if !known.contains(&key(&is, &diagnostic)) {
            broken.push(Broken { rule: rule_at(&is, &diagnostic), diagnostic });
        }
    }
    Ok((is.sources, broken))
}

/// The rule, or other item, that a diagnostic is in.
fn rule_at(project: &Project, diagnostic: &Diagnostic) -> Option<String> {
    let span = diagnostic.primary.span;
    let file = project.files.iter().find(|parsed| parsed.file == span.file)?;
    let item = file.items.iter().find(|item| item.span.contains(span.start))?;
    Some(item.name()?.text.to_string())
}

fn human(id: &str, changes: &[Change], checked: Option<&(Sources, Vec<Broken>)>) {
    let mut text = String::new();
    for (breaking, title) in [(true, "breaking"), (false, "not breaking")] {
        let of: Vec<&Change> = changes.iter().filter(|change| change.breaking == breaking).collect();
        if !of.is_empty() {
            text.push_str(&format!("{title} ({}):\n", of.len()));
        }
        for change in of {
            text.push_str(&format!("  {}: {}\n", change.at, change.message));
        }
    }
    if changes.is_empty() {
        text.push_str(&format!("nothing changed in `{id}`\n"));
    }
    output::result(&text);
    let Some((sources, broken)) = checked else { return };
    let diagnostics: Vec<Diagnostic> = broken.iter().map(|one| one.diagnostic.clone()).collect();
    output::diagnostics(sources, &diagnostics);
    let names = rules(broken);
    output::result(&if names.is_empty() {
        "no rule breaks\n".to_owned()
    } else {
        let noun = if names.len() == 1 { "rule breaks" } else { "rules break" };
        format!("{} {noun}: {}\n", names.len(), names.into_iter().collect::<Vec<_>>().join(", "))
    });
}

/// The names of the rules that have errors with the new version.
fn rules(broken: &[Broken]) -> BTreeSet<String> {
    let errors = broken.iter().filter(|one| one.diagnostic.severity == Severity::Error);
    errors.filter_map(|one| one.rule.clone()).collect()
}

fn document(id: &str, changes: &[Change], checked: Option<&(Sources, Vec<Broken>)>) -> String {
    let changes: Vec<Json> = changes
        .iter()
        .map(|change| {
            json!({
                "kind": change.kind.as_str(),
                "at": change.at,
                "message": change.message,
                "breaking": change.breaking,
            })
        })
        .collect();
    let mut document = json!({ "integration": id, "changes": changes });
    if let (Some((sources, broken)), Some(document)) = (checked, document.as_object_mut()) {
        let diagnostics: Vec<Diagnostic> = broken.iter().map(|one| one.diagnostic.clone()).collect();
        let rendered: Json = serde_json::from_str(&render::json(sources, &diagnostics)).unwrap_or_default();
        document.insert("broken_rules".to_owned(), json!(rules(broken)));
        document.insert("diagnostics".to_owned(), rendered.get("diagnostics").cloned().unwrap_or_default());
    }
    format!("{document:#}\n")
}
