//! `hence inspect`

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::ValueEnum;
use hence_ir::bundle::{self, Bundle, Header};
use serde_json::{Value as Json, json};

use crate::{Ending, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A bundle made by `hence build`.
    #[arg(value_name = "FILE.hence")]
    path: PathBuf,
    /// Prints the compiled form of every rule as well.
    #[arg(long)]
    ir: bool,
    /// How to print what is in the bundle.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// Tables.
    Human,
    /// One JSON document.
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let path = &arguments.path;
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    let contents = Contents::of(path, &bytes)?;
    output::result(&match arguments.format {
        Format::Human if arguments.ir => format!("{}\n{}", contents.human(), contents.ir()),
        Format::Human => contents.human(),
        Format::Json => contents.json(arguments.ir),
    });
    Ok(Ending::Well)
}

/// What is in a bundle.
pub(crate) struct Contents<'a> {
    path: &'a Path,
    length: usize,
    header: Header,
    bundle: Bundle,
}

impl<'a> Contents<'a> {
    /// Reads a bundle. `path` is what it is called.
    pub(crate) fn of(path: &'a Path, bytes: &[u8]) -> anyhow::Result<Self> {
        let read = || -> Result<_, bundle::ReadError> { Ok((bundle::header(bytes)?, bundle::read(bytes)?)) };
        let (header, bundle) = read().with_context(|| format!("cannot read {}", path.display()))?;
        Ok(Contents { path, length: bytes.len(), header, bundle })
    }

    pub(crate) fn human(&self) -> String {
        let Contents { path, length, header: Header { version, hash }, bundle } = self;
        let program = &bundle.program;
        let mut text = format!(
            "{}: the project `{}`, {length} bytes\n  format version {version}, time zone {}\n  hash {hash}\n",
            path.display(),
            bundle.name,
            bundle.zone,
        );
        let row = |rule: &hence_ir::Rule| {
            let priority = format!("priority {}", rule.priority);
            [rule.name.to_string(), rule.version.to_string(), priority, rule.triggers.join(" or ")]
        };
        table(&mut text, "rules", program.rules.iter().map(row));
        let row = |pinned: &bundle::Pinned| {
            let hash = pinned.hash().get(..16).unwrap_or_default().to_owned();
            [pinned.id.clone(), version_of(pinned).to_owned(), hash, bytes(pinned.text.len())]
        };
        table(&mut text, "integrations", bundle.integrations.iter().map(row));
        let row = |(_, source): (_, &hence_diagnostics::Source)| {
            [source.name().to_owned(), bytes(source.text().len())]
        };
        table(&mut text, "texts", bundle.sources.iter().map(row));
        text
    }

    /// Returns the compiled form of all rules.
    fn ir(&self) -> String {
        let printed: Vec<String> = self.bundle.program.rules.iter().map(hence_ir::print).collect();
        printed.join("\n")
    }

    pub(crate) fn json(&self, ir: bool) -> String {
        let Contents { path: _, length, header: Header { version, hash }, bundle } = self;
        let rules: Vec<Json> = bundle
            .program
            .rules
            .iter()
            .map(|rule| {
                let mut json = json!({
                    "name": &*rule.name,
                    "title": rule.title,
                    "version": &*rule.version,
                    "priority": rule.priority,
                    "triggers": rule.triggers.iter().map(|trigger| &**trigger).collect::<Vec<&str>>(),
                });
                if let Some(json) = json.as_object_mut().filter(|_| ir) {
                    json.insert("ir".to_owned(), hence_ir::print(rule).into());
                }
                json
            })
            .collect();
        let integration = |pinned: &bundle::Pinned| {
            json!({
                "id": pinned.id,
                "version": pinned.version,
                "hash": pinned.hash(),
                "bytes": pinned.text.len(),
            })
        };
        let text = |(_, source): (_, &hence_diagnostics::Source)| json!({ "name": source.name(), "bytes": source.text().len() });
        let document = json!({
            "project": bundle.name,
            "format_version": version,
            "hash": hash,
            "bytes": length,
            "timezone": bundle.zone,
            "rules": rules,
            "integrations": bundle.integrations.iter().map(integration).collect::<Vec<Json>>(),
            "texts": bundle.sources.iter().map(text).collect::<Vec<Json>>(),
        });
        format!("{document:#}\n")
    }
}

fn version_of(pinned: &bundle::Pinned) -> &str {
    if pinned.version.is_empty() { "-" } else { &pinned.version }
}

fn bytes(count: usize) -> String {
    format!("{count} bytes")
}

/// Appends rows with their columns below each other.
fn table<const COLUMNS: usize>(text: &mut String, name: &str, rows: impl Iterator<Item = [String; COLUMNS]>) {
    let rows: Vec<[String; COLUMNS]> = rows.collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..COLUMNS).map(width).collect();
    // Writing to a string cannot fail.
    let _ = writeln!(text, "{name} ({})", rows.len());
    for row in &rows {
        let cells: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}")).collect();
        let _ = writeln!(text, "  {}", cells.join("  ").trim_end());
    }
}
