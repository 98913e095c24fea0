//! The checks of the tree. Each is a function of the files, or of what cargo says, that returns problems.

mod codes;
mod dependencies;
mod generated;
mod length;
mod links;
mod map;
mod names;
mod packages;
mod paths;
mod text;
mod threats;

use std::fmt;

use anyhow::Result;

use crate::{cargo, tree};

/// A rule of the project that a place breaks.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// The file, or what else it is about.
    place: String,
    /// The line, where there is one.
    line: Option<usize>,
    /// What is wrong and what to do.
    message: String,
}

impl Problem {
    fn new(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), line: None, message: message.into() }
    }

    fn at(place: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { line: Some(line), ..Self::new(place, message) }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.place, self.message),
            None => write!(f, "{}: {}", self.place, self.message),
        }
    }
}

/// Runs all checks.
pub(crate) fn run() -> Result<Vec<Problem>> {
    let files = tree::files()?;
    let mut problems = packages::check(&cargo::metadata()?);
    let rules = files.iter().find(|file| file.path == "deny.toml").and_then(|file| file.text.as_deref());
    problems.extend(dependencies::check(&cargo::all_metadata()?, rules.unwrap_or_default())?);
    problems.extend(codes::check());
    problems.extend(paths::check(&files));
    problems.extend(names::check(&files));
    problems.extend(text::check(&files));
    problems.extend(length::check(&files));
    problems.extend(links::check(&files));
    problems.extend(map::check(&files));
    problems.extend(threats::check(&files));
    problems.extend(generated::check(&files));
    Ok(problems)
}
