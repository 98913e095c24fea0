//! Rules against scripted events: what a `test` item says, run on the engine itself.
//!
//! A test has an empty store of its own, a clock that moves only as far as the test does, and a connector that answers as
//! the test says and keeps every call. Everything else is what the daemon runs on, so a test shows what would
//! happen. Time is virtual: three days of waiting take no time. This crate prints nothing; a [`Failure`] is data
//! with a place, from which [`Failure::diagnostic`] makes a diagnostic.
//!
//! Start with [`tests`] and [`run`]; [`Coverage`] adds up what all tests have seen of the conditions.

mod connector;
mod coverage;
mod judge;
mod pattern;
mod payload;
mod report;
mod run;

#[cfg(test)]
mod tests;

use hence_diagnostics::Span;
use hence_project::Project;
use hence_syntax::ast::{self, ItemKind};

pub use coverage::{Atom, Coverage, RuleCoverage, Seen};
pub use report::{Attempt, Failure, Line, MadeCall, RanExecution, Report};
pub use run::{run, run_evaluated};

/// A test of a project.
#[derive(Debug, Clone, Copy)]
pub struct TestCase<'a> {
    /// The title.
    pub name: &'a str,
    /// The place of the title.
    pub span: Span,
    test: &'a ast::Test,
}

/// Returns the tests of a project, in the order of its files.
pub fn tests(project: &Project) -> Vec<TestCase<'_>> {
    let items = project.files.iter().flat_map(|file| &file.items);
    let tests = items.filter_map(|item| match &item.kind {
        ItemKind::Test(test) => Some(TestCase { name: test.name(), span: test.title.1, test }),
        ItemKind::Rule(_)
        | ItemKind::Fn(_)
        | ItemKind::Extern(_)
        | ItemKind::Const(_)
        | ItemKind::Group(_)
        | ItemKind::Table(_)
        | ItemKind::Broken(_) => None,
    });
    tests.collect()
}
