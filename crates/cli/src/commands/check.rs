//! `hence check`

use std::path::PathBuf;

use clap::ValueEnum;
use hence_diagnostics::{Severity, render};

use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a rule file.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// How to print what is found.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Ends with exit code 1 for warnings as well.
    #[arg(long, value_enum)]
    deny: Option<Deny>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Texts with the places marked.
    Human,
    /// One JSON document.
    Json,
    /// SARIF 2.1.0, for code scanning.
    Sarif,
    /// Annotations of GitHub Actions.
    Github,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Deny {
    Warnings,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let project = loading::project(&arguments.path)?;
    let mut diagnostics = project.diagnostics();
    if arguments.path.is_file() {
        // The whole project is read, for names; what was asked for is one file.
        let shown = arguments.path.display().to_string();
        let name = shown.strip_prefix("./").unwrap_or(&shown).to_owned();
        let sources = &project.sources;
        diagnostics.retain(|diagnostic| {
            let file = sources.name(diagnostic.primary.span.file);
            file == name || std::fs::canonicalize(file).ok() == std::fs::canonicalize(&arguments.path).ok()
        });
    }
    let (sources, diagnostics) = (&project.sources, &diagnostics);
    match arguments.format {
        Format::Human => {
            output::diagnostics(sources, diagnostics);
            if diagnostics.is_empty() {
                let rules = project.program().rules.len();
                output::remark(&format!(
                    "{rules} {} in {} {}, nothing to report",
                    if rules == 1 { "rule" } else { "rules" },
                    project.files.len(),
                    if project.files.len() == 1 { "file" } else { "files" },
                ));
            }
        }
        Format::Json => output::result(&render::json(sources, diagnostics)),
        Format::Sarif => output::result(&render::sarif(sources, diagnostics)),
        Format::Github => output::result(&render::github(sources, diagnostics)),
    }
    let wrong = diagnostics.iter().any(|diagnostic| match diagnostic.severity {
        Severity::Error => true,
        Severity::Warning => arguments.deny == Some(Deny::Warnings),
        Severity::Note => false,
    });
    Ok(if wrong { Ending::Wrong } else { Ending::Well })
}
