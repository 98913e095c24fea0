//! How far a text goes before it runs: tree, canonical text, diagnostics, compiled rules.

use std::path::Path;

use hence_diagnostics::render::{TextOptions, text};
use hence_diagnostics::{Severity, Sources};
use hence_project::Project;
use hence_syntax::{Parsed, parse, tree};

use crate::case::{Failed, Mode};
use crate::{expected, marks};

/// Reads and parses one file.
pub(crate) fn parsed(rule: &Path) -> Result<(Sources, Parsed), Failed> {
    let text = std::fs::read_to_string(rule).map_err(|error| format!("cannot be read: {error}"))?;
    Ok(parsed_text(&rule.display().to_string(), &text))
}

fn parsed_text(name: &str, text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let parsed = parse(&sources, file);
    (sources, parsed)
}

/// Loads a file as a project of its own, with `name.toml` beside it as the manifest.
pub(crate) fn loaded(rule: &Path) -> Result<Project, Failed> {
    let manifest = rule.with_extension("toml");
    let manifest = manifest.is_file().then_some(manifest);
    Project::load_with(rule, manifest.as_deref()).map_err(|error| error.to_string())
}

/// Loads a file that must have no errors.
pub(crate) fn runnable(rule: &Path) -> Result<Project, Failed> {
    let project = loaded(rule)?;
    let errors: Vec<_> =
        project.diagnostics().iter().filter(|d| d.severity == Severity::Error).cloned().collect();
    if errors.is_empty() { Ok(project) } else { Err(shown(&project.sources, &errors)) }
}

fn shown(sources: &Sources, diagnostics: &[hence_diagnostics::Diagnostic]) -> String {
    text(sources, diagnostics, TextOptions::default())
}

/// `syntax/`: the tree of all items.
pub(crate) fn syntax(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let (_, parsed) = parsed(rule)?;
    expected::compare(rule, &trees(&parsed), mode)
}

fn trees(parsed: &Parsed) -> String {
    parsed.items.iter().map(tree::print).collect()
}

/// `format/`: the canonical text.
pub(crate) fn format(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let (sources, parsed) = parsed(rule)?;
    let formatted = hence_syntax::format(&sources, parsed.file);
    expected::compare(rule, &formatted.text, mode)
}

/// `check/`: the diagnostics, as text and at the places marked in the file.
pub(crate) fn check(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let project = loaded(rule)?;
    let name = rule.display().to_string();
    let source = project.sources.iter().find(|(_, source)| source.name() == name);
    let text = source.map(|(_, source)| source.text().to_string()).unwrap_or_default();
    let (wanted, found) = (marks::expected(&text), marks::found(&project.sources, &project.diagnostics()));
    let rendered = shown(&project.sources, &project.diagnostics());
    if wanted != found {
        let mut message = String::from("the marks are not where the diagnostics are:\n");
        for mark in wanted.iter().filter(|mark| !found.contains(mark)) {
            message.push_str(&format!("  marked, not reported: {mark}\n"));
        }
        for mark in found.iter().filter(|mark| !wanted.contains(mark)) {
            message.push_str(&format!("  reported, not marked: {mark}\n"));
        }
        message.push_str(&format!("\n{rendered}"));
        return Err(message);
    }
    expected::compare(rule, &rendered, mode)
}

/// `ir/`: the compiled rules.
pub(crate) fn ir(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let project = runnable(rule)?;
    let printed: Vec<String> = project.program().rules.iter().map(hence_ir::print).collect();
    expected::compare(rule, &printed.join("\n"), mode)
}

/// Any file: formatting it twice is formatting it once, and neither tree nor comments change.
pub(crate) fn fixed_point(rule: &Path) -> Result<(), Failed> {
    let Ok(text) = std::fs::read_to_string(rule) else { return Ok(()) };
    let name = rule.display().to_string();
    let (sources, before) = parsed_text(&name, &text);
    let once = hence_syntax::format(&sources, before.file).text;
    let (sources, after) = parsed_text(&name, &once);
    let twice = hence_syntax::format(&sources, after.file).text;
    if once != twice {
        let difference = crate::difference::difference(&once, &twice);
        return Err(format!("formatting twice is not formatting once:\n{difference}"));
    }
    let (before, after) = (trees(&before), trees(&after));
    if before != after {
        let difference = crate::difference::difference(&before, &after);
        return Err(format!("formatting changes the tree:\n{difference}"));
    }
    Ok(())
}

/// `layout/`: a file that is in canonical layout already.
pub(crate) fn canonical(rule: &Path) -> Result<(), Failed> {
    fixed_point(rule)?;
    let (sources, parsed) = parsed(rule)?;
    let formatted = hence_syntax::format(&sources, parsed.file).text;
    let text = std::fs::read_to_string(rule).map_err(|error| error.to_string())?;
    if formatted == text {
        return Ok(());
    }
    Err(format!("`hence fmt` would change it:\n{}", crate::difference::difference(&text, &formatted)))
}
