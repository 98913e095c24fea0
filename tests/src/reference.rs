//! `reference/`: the reference of the language shows rules that are right, and tells of every clause that a header can have.

use std::path::{Path, PathBuf};

use hence_diagnostics::Severity;
use hence_diagnostics::render::{TextOptions, text};
use hence_project::Project;

use crate::case::{Case, Failed};
use crate::cases::home;

/// Returns a test for each document that shows rules, and one for the clauses.
pub(crate) fn cases() -> Vec<Case> {
    let documents = ["README.md", "docs/language.md"];
    let shown = documents.map(|path| Case::new(format!("reference/{path}"), move |_| rules(path)));
    let clauses = Case::new("reference/every clause of a header is told of", |_| clauses());
    shown.into_iter().chain([clauses]).collect()
}

fn read(path: &str) -> Result<String, Failed> {
    let path: PathBuf = home().join("..").join(Path::new(path));
    std::fs::read_to_string(&path).map_err(|error| format!("cannot read {}: {error}", path.display()))
}

/// Holds that the rules in fences are without mistakes, each fence for itself.
fn rules(path: &str) -> Result<(), Failed> {
    let document = read(path)?;
    let fences: Vec<&str> =
        document.split("```rule\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    if fences.is_empty() {
        return Err(format!("{path} shows no rules"));
    }
    for shown in fences {
        let project = Project::of_text("shown.rule", shown);
        if project.diagnostics().iter().any(|found| found.severity == Severity::Error) {
            let found = text(&project.sources, &project.diagnostics(), TextOptions::default());
            return Err(format!("{path} shows\n\n{shown}\nof which is said:\n\n{found}"));
        }
    }
    Ok(())
}

/// Holds that each clause of the grammar begins a row of a table.
fn clauses() -> Result<(), Failed> {
    let (grammar, document) = (read("grammar/hence.pest")?, read("docs/language.md")?);
    let listed =
        grammar.split("\nclause = _{").nth(1).and_then(|rest| rest.split('}').next()).unwrap_or_default();
    let words: Vec<&str> = listed.split('|').filter_map(|name| name.trim().strip_suffix("_clause")).collect();
    if words.len() < 10 {
        return Err(format!("the grammar's clauses were not found: {words:?}"));
    }
    let is_told = |word: &&str| {
        document.lines().any(|line| line.starts_with('|') && line.contains(&format!("`{word}")))
    };
    match words.iter().find(|word| !is_told(word)) {
        Some(word) => Err(format!("docs/language.md has no row for the clause `{word}`")),
        None => Ok(()),
    }
}
