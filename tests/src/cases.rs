//! The list of all tests: the files of the corpus, and what documentation shows.

use std::path::{Path, PathBuf};

use hence_diagnostics::Code;

use crate::case::{Case, Failed, Mode};
use crate::{
    decided, driven, evaluated, examples, fuzzing, ide, marks, mutation, pages, reference, simulation, stages,
};

/// Returns the folder of this package.
pub(crate) fn home() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all tests.
pub(crate) fn all() -> Result<Vec<Case>, Failed> {
    let mut cases = Vec::new();
    for rule in rule_files(Path::new("corpus"))? {
        let name = rule.strip_prefix("corpus").unwrap_or(&rule).display().to_string().replace('\\', "/");
        let stage = stage(&name)?;
        cases.push(Case::new(name, move |mode| {
            first_line(&rule)?;
            stages::fixed_point(&rule)?;
            stage(&rule, mode)
        }));
    }
    for rule in rule_files(Path::new("../examples"))? {
        let name = rule.display().to_string().replace('\\', "/").replace("../examples", "layout");
        cases.push(Case::new(name, move |_| stages::canonical(&rule)));
    }
    cases.push(Case::new("corpus has a case for every code that rules can cause", |_| every_code()));
    cases.push(Case::new("corpus has a rule for every expected text", |_| no_orphans()));
    cases.extend(pages::cases());
    cases.extend(reference::cases());
    cases.extend(examples::cases());
    cases.extend(fuzzing::cases());
    cases.extend(mutation::cases());
    cases.extend(simulation::cases());
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(cases)
}

type Stage = fn(&Path, Mode) -> Result<(), Failed>;

/// Returns what is done with a file of the corpus, by its folder.
fn stage(name: &str) -> Result<Stage, Failed> {
    match name.split('/').next().unwrap_or_default() {
        "syntax" => Ok(stages::syntax),
        "format" => Ok(stages::format),
        "check" => Ok(stages::check),
        "ir" => Ok(stages::ir),
        "eval" => Ok(evaluated::eval),
        "decide" => Ok(decided::decided),
        "run" => Ok(driven::run),
        "ide" => Ok(ide::ide),
        folder => Err(format!("`{name}`: no test is made of files in a folder `{folder}`")),
    }
}

/// The first line of a case says what it shows.
fn first_line(rule: &Path) -> Result<(), Failed> {
    let bytes = std::fs::read(rule).map_err(|error| error.to_string())?;
    let text = String::from_utf8_lossy(&bytes);
    let line = text.lines().next().unwrap_or_default();
    match line.strip_prefix("// ") {
        Some(words) if words.ends_with('.') && words.len() > 10 => Ok(()),
        _ => Err("the first line is not a comment that says, in a sentence, what is shown".to_owned()),
    }
}

/// Returns the `.rule` files below a folder, in order of their paths.
pub(crate) fn rule_files(folder: &Path) -> Result<Vec<PathBuf>, Failed> {
    files(folder, "rule")
}

/// Returns the files with an extension below a folder, in order of their paths; none where there is no folder.
pub(crate) fn files(folder: &Path, extension: &str) -> Result<Vec<PathBuf>, Failed> {
    let mut files = Vec::new();
    if folder.is_dir() {
        find(folder, extension, &mut files).map_err(|error| format!("{}: {error}", folder.display()))?;
    }
    files.sort();
    Ok(files)
}

fn find(folder: &Path, extension: &str, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            find(&path, extension, files)?;
        } else if path.extension().is_some_and(|found| found == extension) {
            files.push(path);
        }
    }
    Ok(())
}

/// Every code that the text of a rule can cause is marked in some file of `check/`.
fn every_code() -> Result<(), Failed> {
    let mut marked = Vec::new();
    for rule in rule_files(Path::new("corpus/check"))? {
        let bytes = std::fs::read(&rule).map_err(|error| error.to_string())?;
        marked.extend(marks::expected(&String::from_utf8_lossy(&bytes)).into_iter().map(|mark| mark.code));
    }
    // H02 is about integration files, H5 about runs, H6 about operation.
    let is_of_rules = |code: &&Code| {
        ["H00", "H01", "H1", "H2", "H3", "H4"].iter().any(|family| code.as_str().starts_with(family))
    };
    let unmarked: Vec<&str> = Code::ALL
        .iter()
        .filter(is_of_rules)
        .map(|code| code.as_str())
        .filter(|code| !marked.iter().any(|marked| marked == code))
        .collect();
    if unmarked.is_empty() { Ok(()) } else { Err(format!("no case marks {}", unmarked.join(", "))) }
}

/// Every file beside the rules belongs to one.
fn no_orphans() -> Result<(), Failed> {
    for extension in ["out", "toml", "jsonl"] {
        let mut files = Vec::new();
        find(Path::new("corpus"), extension, &mut files).map_err(|error| error.to_string())?;
        for file in files {
            let stem = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            let stem = stem.split('.').next().unwrap_or_default();
            if !file.with_file_name(format!("{stem}.rule")).is_file() {
                return Err(format!("{} belongs to no rule", file.display()));
            }
        }
    }
    Ok(())
}
