//! `hence test`

mod human;
mod json;
mod junit;
mod watch;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use clap::ValueEnum;
use hence_diagnostics::{FileId, nearest};
use hence_project::Project;
use hence_store::Memory;
use hence_testing::{Coverage, Report, TestCase};

use crate::jit::Jit;
use crate::{Ending, loading, output};

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a rule file: then only its tests are run.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// Runs only tests with this text in their title, upper and lower case aside.
    name: Option<String>,
    /// Tells which parts of conditions no test has seen true, or none has seen false.
    #[arg(long)]
    coverage: bool,
    /// Writes a report in the format of JUnit.
    #[arg(long, value_name = "FILE")]
    junit: Option<PathBuf>,
    /// How to print what came of the tests.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Runs the tests again whenever a file of the project changes, until interrupted.
    #[arg(long)]
    watch: bool,
    /// When conditions are compiled to machine code; answers are the same whatever it says.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    jit: Jit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line for each test, and what was not as expected.
    Human,
    /// One JSON document.
    Json,
}

/// What came of a test, and how long it took.
struct Ran {
    report: Report,
    took: Duration,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    if arguments.watch {
        return watch::run(&arguments.path, || once(arguments));
    }
    once(arguments)
}

fn once(arguments: &Arguments) -> anyhow::Result<Ending> {
    let path = &arguments.path;
    if !path.exists() && arguments.name.is_none() {
        bail!("there is no {0}; to run tests by title: hence test . \"{0}\"", path.display());
    }
    let project = loading::project(path)?;
    if output::errors(&project.sources, &project.diagnostics()) {
        return Ok(Ending::Wrong);
    }
    let tests = selected(&project, arguments)?;
    let human = arguments.format == Format::Human;
    let evaluator = arguments.jit.evaluator();
    let began = Instant::now();
    let mut ran = Vec::new();
    for (number, test) in tests.iter().enumerate() {
        if human {
            output::progress(&format!("{}/{} {}", number + 1, tests.len(), test.name));
        }
        let start = Instant::now();
        let report =
            hence_testing::run_evaluated(&project, test, Arc::new(Memory::new()), Arc::clone(&evaluator));
        let took = start.elapsed();
        if human {
            output::progress("");
            human::line(&report);
        }
        ran.push(Ran { report, took });
    }
    let took = began.elapsed();
    let coverage = arguments.coverage.then(|| {
        let mut coverage = Coverage::new(&project);
        ran.iter().for_each(|ran| coverage.add(&ran.report));
        coverage
    });
    if let Some(file) = &arguments.junit {
        std::fs::write(file, junit::document(&project.sources, &ran))
            .with_context(|| format!("cannot write {}", file.display()))?;
    }
    match arguments.format {
        Format::Human => {
            human::failures(&project.sources, &ran);
            if let Some(coverage) = &coverage {
                output::result(&human::coverage(&project.sources, coverage));
            }
            human::summary(&ran, took);
        }
        Format::Json => {
            output::result(&format!("{}\n", json::document(&project.sources, &ran, coverage.as_ref())));
        }
    }
    Ok(if ran.iter().all(|ran| ran.report.passed()) { Ending::Well } else { Ending::Wrong })
}

/// Returns the tests that are asked for.
fn selected<'a>(project: &'a Project, arguments: &Arguments) -> anyhow::Result<Vec<TestCase<'a>>> {
    let mut tests = hence_testing::tests(project);
    if arguments.path.is_file() {
        tests.retain(|test| is_file(project, test.span.file, &arguments.path));
    }
    let Some(name) = &arguments.name else { return Ok(tests) };
    let wanted = name.to_lowercase();
    let has = |test: &TestCase<'_>| test.name.to_lowercase().contains(&wanted);
    if tests.iter().any(has) {
        tests.retain(has);
        return Ok(tests);
    }
    match nearest(name, tests.iter().map(|test| test.name)) {
        Some(near) => bail!("no test has `{name}` in its title; did you mean `{near}`?"),
        None => bail!("no test has `{name}` in its title"),
    }
}

fn is_file(project: &Project, file: FileId, path: &Path) -> bool {
    let name = project.sources.name(file);
    Path::new(name) == path || std::fs::canonicalize(name).ok() == std::fs::canonicalize(path).ok()
}
