//! `simulation/…`: the engine through crashes, failures, clocks that jump and people who interfere, by seeds.
//!
//! A seed is a schedule: which events come when and how often, what other systems answer and when, what the store refuses,
//! between which writes the process ends, how the clock is set, who pauses, cancels and repeats what, when other versions of
//! the rules come to run. It runs on one thread, and nothing but the seed decides, so that what fails once fails always. At the end, and at every write, must hold: every
//! event that was acknowledged is processed; every execution ends or waits for something; no result is lost; every call has
//! one key, of its own; nothing is done twice that must not be; `once`, `limit`, `debounce` and `overlap` mean what they say;
//! schedules and watches start what they would have started had nothing happened.
//!
//! The corpus tries some seeds, on both stores. `cargo xtask simulate COUNT [FIRST]` tries as many as wanted.
//! Start with [`daemon`].

mod calls;
mod daemon;
mod guarded;
mod judge;
mod outside;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hence_diagnostics::Severity;
use hence_engine::Store;
use hence_ir::Program;
use hence_project::Project;
use hence_store::{Memory, Sqlite};

use crate::case::{Case, Failed};
use daemon::Daemon;
use outside::Suite;

/// How many seeds a test tries.
const SEEDS: u64 = 8;

/// How many lines before a failure are shown.
const SHOWN: usize = 60;

/// Where a seed keeps its data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kept {
    Memory,
    Sqlite,
}

/// What a seed came to.
struct Came {
    calls: usize,
    /// How often a process began, the first included.
    starts: usize,
    trace: Vec<String>,
    result: Result<(), Failed>,
}

/// Returns the tests: some seeds of every suite on every store, and that a seed is the same always.
pub(crate) fn cases() -> Vec<Case> {
    let suites = Suite::ALL.into_iter().flat_map(|suite| {
        [Kept::Memory, Kept::Sqlite].map(|kept| {
            Case::new(format!("simulation/{} on {kept:?}", suite.name()), move |_| {
                let programs = programs(suite)?;
                let (mut calls, mut starts) = (0, 0);
                for seed in 1..=SEEDS {
                    let came = run(seed, suite, kept, &programs)?;
                    (calls, starts) = (calls + came.calls, starts + came.starts as u64);
                    came.result.map_err(|failed| told(seed, suite, kept, &failed, &came.trace))?;
                }
                // Seeds that do nothing would find nothing.
                if calls > 0 && starts > 2 * SEEDS {
                    Ok(())
                } else {
                    Err(format!("{calls} calls and {starts} starts are too few to find anything"))
                }
            })
        })
    });
    let same = Case::new("simulation/the same seed is the same run", |_| {
        for suite in Suite::ALL {
            let programs = programs(suite)?;
            for seed in 1..=2 {
                let first = run(seed, suite, Kept::Memory, &programs)?;
                for kept in [Kept::Memory, Kept::Sqlite] {
                    let again = run(seed, suite, kept, &programs)?;
                    let lines = first.trace.iter().zip(&again.trace);
                    let other = lines.into_iter().find(|(first, again)| first != again);
                    if let Some((first, again)) = other {
                        return Err(format!("seed {seed} of {}: {first}, then {again}", suite.name()));
                    }
                    if first.trace.len() != again.trace.len() {
                        return Err(format!("seed {seed} of {} is longer once", suite.name()));
                    }
                }
            }
        }
        Ok(())
    });
    suites.chain([same]).collect()
}

/// Tries seeds, and tells of those that fail: `COUNT [FIRST]`. One alone is told in full.
pub fn simulate() -> ExitCode {
    let numbers: Vec<Option<u64>> = std::env::args().skip(1).map(|number| number.parse().ok()).collect();
    let (count, first) = match numbers.as_slice() {
        [Some(count)] => (*count, 1),
        [Some(count), Some(first)] => (*count, *first),
        _ => {
            eprintln!("usage: cargo xtask simulate COUNT [FIRST]");
            return ExitCode::FAILURE;
        }
    };
    let (start, mut told_at) = (Instant::now(), Instant::now());
    let (mut failures, mut calls) = (0u32, 0);
    for seed in first..first.saturating_add(count) {
        for suite in Suite::ALL {
            for kept in [Kept::Memory, Kept::Sqlite] {
                let came = programs(suite).and_then(|programs| run(seed, suite, kept, &programs));
                let (result, trace) = match came {
                    Ok(came) => {
                        calls += came.calls;
                        (came.result, came.trace)
                    }
                    Err(failed) => (Err(failed), Vec::new()),
                };
                if count == 1 {
                    println!("--- {} on {kept:?}\n{}", suite.name(), trace.join("\n"));
                }
                if let Err(failed) = result {
                    println!("{}", told(seed, suite, kept, &failed, &trace));
                    failures += 1;
                }
            }
        }
        if told_at.elapsed() > Duration::from_secs(60) {
            told_at = Instant::now();
            println!("up to seed {seed}: {failures} failures, {calls} calls, {:.0?}", start.elapsed());
        }
    }
    println!(
        "{count} seeds from {first}, on {} suites and 2 stores: {failures} failures, {calls} calls, {:.0?}",
        Suite::ALL.len(),
        start.elapsed()
    );
    if failures == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn run(seed: u64, suite: Suite, kept: Kept, programs: &Versions) -> Result<Came, Failed> {
    let store: Arc<dyn Store> = match kept {
        Kept::Memory => Arc::new(Memory::new()),
        Kept::Sqlite => Arc::new(Sqlite::open_in_memory().map_err(|error| error.to_string())?),
    };
    let mut daemon = Daemon::new(seed, suite, programs.clone(), store)?;
    let result = daemon.run().and_then(|()| judge::judge(&daemon));
    Ok(Came { calls: daemon.calls.count, starts: daemon.starts, trace: daemon.trace, result })
}

/// The rules of a suite in two versions that do the same.
type Versions = [Arc<Program>; 2];

/// Returns the rules of a suite, compiled once.
fn programs(suite: Suite) -> Result<Versions, Failed> {
    use std::sync::OnceLock;
    static PROGRAMS: [OnceLock<Result<Versions, Failed>>; Suite::ALL.len()] =
        [const { OnceLock::new() }; Suite::ALL.len()];
    let compile = || Ok([compiled(suite, suite.text())?, compiled(suite, &shifted(suite.text()))?]);
    PROGRAMS.get(suite as usize).map_or_else(compile, |known| known.get_or_init(compile).clone())
}

/// Returns rules that do the same, whose steps have other places: who takes a place of one version in the other does
/// something else.
fn shifted(text: &str) -> String {
    let text = text.replace("\nthen ", "\nthen let shifted = 1\n     let further = shifted + 1\n     ");
    text.replace("\notherwise ", "\notherwise let shifted = 1\n     ")
}

fn compiled(suite: Suite, text: &str) -> Result<Arc<Program>, Failed> {
    let project = Project::of_text(&format!("{}.rule", suite.name()), text);
    // Warnings are for authors: some of these rules do what they warn of.
    let problems = project.diagnostics().into_iter();
    let errors: Vec<String> = problems
        .filter(|problem| problem.severity == Severity::Error)
        .map(|problem| problem.message.to_string())
        .collect();
    if errors.is_empty() { Ok(Arc::clone(project.program())) } else { Err(errors.join("; ")) }
}

/// Returns what went wrong, what went before it, and how to see it again.
fn told(seed: u64, suite: Suite, kept: Kept, failed: &str, trace: &[String]) -> String {
    let shown = trace.get(trace.len().saturating_sub(SHOWN)..).unwrap_or_default().join("\n");
    format!(
        "{shown}\nseed {seed} of {} on {kept:?}: {failed}\nto see all of it: cargo xtask simulate 1 {seed}",
        suite.name()
    )
}
