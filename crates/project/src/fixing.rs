//! Fixes: which of those offered hold what they promise, and what a project's texts are with the safe ones applied.
//!
//! A fix is tried on the text before it is believed: the text is parsed and checked again, with everything else of
//! the project as it is. Nothing is written here.

use std::collections::{BTreeMap, HashMap};

use hence_check::Checked;
use hence_diagnostics::{Applicability, Code, Diagnostic, FileId, Fix, Severity, Sources, apply};
use hence_syntax::Parsed;

use crate::Project;

/// After so many rounds a fix may wait for the next run.
const ROUNDS: usize = 10;

/// A file that fixes change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fixed {
    /// The file.
    pub file: FileId,
    /// The new text.
    pub text: String,
    /// The fixes, in the order they were applied.
    pub applied: Vec<Applied>,
}

/// A fix that was applied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Applied {
    /// What it mends.
    pub code: Code,
    /// The line of the text it was applied to, from 1.
    pub line: u32,
    /// The column, from 1.
    pub column: u32,
    /// What it does, such as "insert `,`".
    pub title: String,
}

/// A project's texts as they would be, and what is wrong with them.
struct Trial {
    sources: Sources,
    files: Vec<Parsed>,
    checked: Checked,
    diagnostics: Vec<Diagnostic>,
}

impl Trial {
    fn of(project: &Project) -> Trial {
        let (files, checked) = (project.files.clone(), project.checked.clone());
        let diagnostics = diagnose(project, &files, &checked);
        Trial { sources: project.sources.clone(), files, checked, diagnostics }
    }

    /// Returns what a trial is with other texts in some files, which keep their ids.
    fn with_texts(&self, project: &Project, texts: &BTreeMap<FileId, String>) -> Trial {
        let mut sources = Sources::new();
        for (file, source) in self.sources.iter() {
            match texts.get(&file) {
                Some(text) => sources.add(source.name(), text.as_str()),
                None => sources.add(source.name(), source.text().clone()),
            };
        }
        // A file that is no file of rules may be one that a table takes its rows from.
        let of_rules = |file: &FileId| self.files.iter().any(|parsed| parsed.file == *file);
        let all = !texts.keys().all(of_rules);
        let mut files = Vec::with_capacity(self.files.len());
        let mut changed = Vec::new();
        for (index, parsed) in self.files.iter().enumerate() {
            if !all && !texts.contains_key(&parsed.file) {
                files.push(parsed.clone());
                continue;
            }
            changed.push(index);
            let mut parsed = hence_syntax::parse(&sources, parsed.file);
            crate::tables::read(
                &project.root,
                &project.buffers,
                &mut sources,
                std::slice::from_mut(&mut parsed),
            );
            files.push(parsed);
        }
        let mut checked = self.checked.clone();
        checked.update(&files, &changed, &project.catalog, &project.manifest.zone);
        let diagnostics = diagnose(project, &files, &checked);
        Trial { sources, files, checked, diagnostics }
    }

    fn text(&self, file: FileId) -> &str {
        self.sources.get(file).map_or("", |source| source.text())
    }

    fn errors(&self, file: FileId) -> usize {
        let in_file = |one: &&Diagnostic| one.primary.span.file == file && one.severity == Severity::Error;
        self.diagnostics.iter().filter(in_file).count()
    }
}

/// Parses' and the checker's diagnostics, with the levels of the project.
fn diagnose(project: &Project, files: &[Parsed], checked: &Checked) -> Vec<Diagnostic> {
    let mut found: Vec<Diagnostic> =
        files.iter().flat_map(|parsed| parsed.diagnostics.iter().cloned()).collect();
    found.extend(checked.diagnostics());
    let mut found = project.manifest.apply_levels(found);
    hence_diagnostics::sort(&mut found);
    found
}

/// Returns those fixes of a diagnostic that hold what they promise: with one applied, the diagnostic is gone and
/// nothing new is wrong.
///
/// What a mistake hid does not count as new: an error of a later stage (reading, names, types, shape) away from
/// the edits.
pub fn verify_fixes(project: &Project, diagnostic: &Diagnostic) -> Vec<Fix> {
    let before = Trial::of(project);
    diagnostic.fixes.iter().filter(|fix| holds(project, &before, diagnostic, fix)).cloned().collect()
}

fn holds(project: &Project, before: &Trial, diagnostic: &Diagnostic, fix: &Fix) -> bool {
    let Some(file) = fix.edits.first().map(|edit| edit.span.file) else { return false };
    if !before.files.iter().any(|parsed| parsed.file == file) {
        return false;
    }
    let text = apply(before.text(file), [fix]);
    if text == before.text(file) {
        return false;
    }
    let after = before.with_texts(project, &BTreeMap::from([(file, text)]));
    let same = |one: &&Diagnostic| one.code == diagnostic.code && one.message == diagnostic.message;
    let count = |trial: &Trial| trial.diagnostics.iter().filter(same).count();
    count(&after) < count(before) && !adds_errors(before, &after, diagnostic.code, fix)
}

/// Whether there are errors after a fix that were not there before and that it did not merely uncover.
fn adds_errors(before: &Trial, after: &Trial, mended: Code, fix: &Fix) -> bool {
    let mut known: HashMap<(Code, &str), usize> = HashMap::new();
    for one in &before.diagnostics {
        *known.entry((one.code, &one.message)).or_default() += 1;
    }
    after.diagnostics.iter().filter(|one| one.severity == Severity::Error).any(|one| {
        if let Some(left) = known.get_mut(&(one.code, one.message.as_str())).filter(|left| **left > 0) {
            *left -= 1;
            return false;
        }
        stage(one.code) <= stage(mended) || touches(one, fix)
    })
}

/// How late a mistake of a code is found: what stands after it may be hidden by it.
fn stage(code: Code) -> u32 {
    // Without the events nothing of a rule is known.
    if matches!(code, Code::UnknownIntegration | Code::UnknownEvent) {
        return 1;
    }
    let family = code.as_str().chars().nth(1).and_then(|digit| digit.to_digit(10)).unwrap_or(0);
    family * 2
}

/// Whether a diagnostic of the changed text is about what a fix wrote.
fn touches(diagnostic: &Diagnostic, fix: &Fix) -> bool {
    let mut shift: i64 = 0;
    let mut edits: Vec<_> = fix.edits.iter().collect();
    edits.sort_by_key(|edit| edit.span.start);
    let span = diagnostic.primary.span;
    edits.iter().any(|edit| {
        let start = i64::from(edit.span.start) + shift;
        let end = start + edit.text.len() as i64;
        shift += edit.text.len() as i64 - edit.span.len() as i64;
        span.file == edit.span.file && i64::from(span.start) < end && start < i64::from(span.end)
    })
}

/// Applies the safe fixes of a project, or of one file of it, until there are none.
///
/// A file is left as it is where it would have more errors than before. The result has those that change.
pub fn fix(project: &Project, only: Option<FileId>) -> Vec<Fixed> {
    let first = Trial::of(project);
    let mut trial = first.with_texts(project, &BTreeMap::new());
    let mut applied: BTreeMap<FileId, Vec<Applied>> = BTreeMap::new();
    for _ in 0..ROUNDS {
        let Some((next, round)) = round(project, &trial, only) else { break };
        trial = next;
        for (file, fixes) in round {
            applied.entry(file).or_default().extend(fixes);
        }
    }
    let changed = applied.into_iter().filter(|(file, _)| trial.text(*file) != first.text(*file));
    changed.map(|(file, applied)| Fixed { file, text: trial.text(file).to_owned(), applied }).collect()
}

type Chosen<'a> = Vec<(&'a Diagnostic, &'a Fix)>;

/// Applies what can be applied at once; nothing where nothing is left.
fn round(
    project: &Project,
    trial: &Trial,
    only: Option<FileId>,
) -> Option<(Trial, BTreeMap<FileId, Vec<Applied>>)> {
    let mut chosen: BTreeMap<FileId, Chosen<'_>> = BTreeMap::new();
    for diagnostic in &trial.diagnostics {
        let Some(fix) = diagnostic.fixes.iter().find(|fix| fix.applicability == Applicability::Safe) else {
            continue;
        };
        let Some(file) = fix.edits.first().map(|edit| edit.span.file) else { continue };
        if only.is_none_or(|only| only == file) && trial.files.iter().any(|parsed| parsed.file == file) {
            chosen.entry(file).or_default().push((diagnostic, fix));
        }
    }
    let mut next = trial.with_texts(project, &texts(trial, &chosen));
    if !next_is_better(trial, &next, &chosen) {
        // Together they do harm, or one does nothing: each is tried alone, and those that hold are taken.
        for fixes in chosen.values_mut() {
            fixes.retain(|(diagnostic, fix)| holds(project, trial, diagnostic, fix));
        }
        chosen.retain(|_, fixes| !fixes.is_empty());
        next = trial.with_texts(project, &texts(trial, &chosen));
        chosen.retain(|file, _| next.errors(*file) <= trial.errors(*file));
        next = trial.with_texts(project, &texts(trial, &chosen));
    }
    let texts = texts(trial, &chosen);
    chosen.retain(|file, _| texts.get(file).is_some_and(|text| text != trial.text(*file)));
    let worse = trial.files.iter().any(|parsed| next.errors(parsed.file) > trial.errors(parsed.file));
    if chosen.is_empty() || worse {
        return None;
    }
    let applied = chosen.iter().map(|(file, fixes)| (*file, describe(trial, *file, fixes))).collect();
    Some((next, applied))
}

fn texts(trial: &Trial, chosen: &BTreeMap<FileId, Chosen<'_>>) -> BTreeMap<FileId, String> {
    let new = |file: FileId, fixes: &Chosen<'_>| apply(trial.text(file), fixes.iter().map(|(_, fix)| *fix));
    chosen.iter().map(|(file, fixes)| (*file, new(*file, fixes))).collect()
}

/// Whether no file has more errors and every file with fixes has fewer diagnostics.
fn next_is_better(trial: &Trial, next: &Trial, chosen: &BTreeMap<FileId, Chosen<'_>>) -> bool {
    let count = |trial: &Trial, file: FileId| {
        trial.diagnostics.iter().filter(|one| one.primary.span.file == file).count()
    };
    let no_worse = |parsed: &Parsed| next.errors(parsed.file) <= trial.errors(parsed.file);
    trial.files.iter().all(no_worse) && chosen.keys().all(|file| count(next, *file) < count(trial, *file))
}

fn describe(trial: &Trial, file: FileId, fixes: &Chosen<'_>) -> Vec<Applied> {
    let Some(source) = trial.sources.get(file) else { return Vec::new() };
    let describe = |(diagnostic, fix): &(&Diagnostic, &Fix)| {
        let place = source.line_column(diagnostic.primary.span.start);
        Applied { code: diagnostic.code, line: place.line, column: place.column, title: fix.title.clone() }
    };
    let mut applied: Vec<Applied> = fixes.iter().map(describe).collect();
    applied.dedup();
    applied
}

#[cfg(test)]
mod tests;
