//! Runs the tests and prints what cargo's own harness prints, so that whoever counts results can count these.

use std::process::ExitCode;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use crate::case::{Case, Failed, Mode};
use crate::cases;

/// What the command line asks for.
#[derive(Debug, Default)]
struct Arguments {
    /// Only tests whose name has one of these in it.
    filters: Vec<String>,
    /// Only the test of exactly that name.
    exact: bool,
    bless: bool,
    list: bool,
}

impl Arguments {
    /// Reads the command line. Options of cargo's own harness that mean nothing here are passed over.
    fn read(arguments: impl Iterator<Item = String>) -> Self {
        const WITH_VALUE: &[&str] = &["--test-threads", "--format", "--color", "--skip", "--logfile", "-Z"];
        let mut read = Self { bless: std::env::var_os("HENCE_BLESS").is_some(), ..Self::default() };
        let mut arguments = arguments.skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bless" => read.bless = true,
                "--list" => read.list = true,
                "--exact" => read.exact = true,
                option if WITH_VALUE.contains(&option) => drop(arguments.next()),
                option if option.starts_with('-') => {}
                _ => read.filters.push(argument),
            }
        }
        read
    }

    fn wants(&self, case: &Case) -> bool {
        let matches = |filter: &String| {
            if self.exact { case.name == *filter } else { case.name.contains(filter.as_str()) }
        };
        self.filters.is_empty() || self.filters.iter().any(matches)
    }
}

/// Runs the tests that the command line asks for.
pub fn run() -> ExitCode {
    let arguments = Arguments::read(std::env::args());
    let start = Instant::now();
    let cases = match std::env::set_current_dir(cases::home()).map_err(|error| error.to_string()) {
        Ok(()) => cases::all(),
        Err(error) => Err(error),
    };
    let cases = match cases {
        Ok(cases) => cases,
        Err(error) => {
            eprintln!("the corpus cannot be read: {error}");
            return ExitCode::from(2);
        }
    };
    let all = cases.len();
    let cases: Vec<Case> = cases.into_iter().filter(|case| arguments.wants(case)).collect();
    if arguments.list {
        cases.iter().for_each(|case| println!("{}: test", case.name));
        println!("\n{} tests, 0 benchmarks", cases.len());
        return ExitCode::SUCCESS;
    }
    let mode = if arguments.bless { Mode::Bless } else { Mode::Compare };
    println!("\nrunning {} test{}", cases.len(), if cases.len() == 1 { "" } else { "s" });
    let results = run_all(&cases, mode);
    let failures: Vec<(&Case, &Failed)> =
        cases.iter().zip(&results).filter_map(|(case, result)| Some((case, result.as_ref()?))).collect();
    report(&failures);
    println!(
        "\ntest result: {}. {} passed; {} failed; 0 ignored; 0 measured; {} filtered out; finished in {:.2}s\n",
        if failures.is_empty() { "ok" } else { "FAILED" },
        cases.len() - failures.len(),
        failures.len(),
        all - cases.len(),
        start.elapsed().as_secs_f64(),
    );
    if failures.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(101) }
}

/// Runs tests on all processors; returns what failed, in their order.
fn run_all(cases: &[Case], mode: Mode) -> Vec<Option<Failed>> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(vec![None; cases.len()]);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                while let Some((index, case)) = {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    cases.get(index).map(|case| (index, case))
                } {
                    let result = case.run(mode).err();
                    println!("test {} ... {}", case.name, if result.is_none() { "ok" } else { "FAILED" });
                    let mut results = results.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                    if let Some(place) = results.get_mut(index) {
                        *place = result;
                    }
                }
            });
        }
    });
    results.into_inner().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn report(failures: &[(&Case, &Failed)]) {
    if failures.is_empty() {
        return;
    }
    println!("\nfailures:\n");
    for (case, failed) in failures {
        println!("---- {} ----\n{}\n", case.name, failed.trim_end());
    }
    println!("failures:");
    for (case, _) in failures {
        println!("    {}", case.name);
    }
}
