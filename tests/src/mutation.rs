//! How well mistakes are told, measured: valid rules, one token made wrong in each, every token of every file.
//!
//! `cargo xtask mutate` prints the figures by kind of mistake for a sample, `cargo xtask mutate --all` for every
//! mutant; `--show misses|valid|places|fixes|spurious` lists what falls short, and words after it pick kinds. The
//! corpus holds a smaller sample to floors ([`cases`]).

mod floors;
mod measure;
mod mutants;
mod seeds;
mod table;
mod times;
mod valid;

use std::process::ExitCode;
use std::sync::atomic::{AtomicUsize, Ordering};

use measure::{Judged, Outcome};
use mutants::Mutant;
use seeds::Seed;

pub(crate) use floors::cases;

/// One of so many mutants is in the sample that the command measures.
const STRIDE: usize = 19;

/// One of so many mutants is in the sample that is tested.
const SAMPLE: usize = 199;

/// Measures, prints the table, and lists what the arguments ask for.
pub fn mutate() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let all = arguments.iter().any(|argument| argument == "--all");
    let show = arguments.iter().position(|argument| argument == "--show");
    let show = show.and_then(|at| arguments.get(at + 1..)).and_then(|rest| rest.split_first());
    match std::env::set_current_dir(crate::cases::home()).map_err(|error| error.to_string()) {
        Ok(()) => {}
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    match seeds::all() {
        Ok(seeds) => {
            let mut pairs = pairs(&seeds, if all { 1 } else { STRIDE });
            if let Some((_, kinds)) = show {
                pairs.retain(|(_, mutant)| {
                    kinds.is_empty() || kinds.iter().any(|kind| kind == mutant.kind.name())
                });
            }
            let judged = judge(&pairs);
            if let Some((what, _)) = show {
                for ((seed, mutant), judged) in pairs.iter().zip(&judged) {
                    if falls_short(judged, what) {
                        list(seed, mutant, judged);
                    }
                }
            }
            println!("{} valid files\n\n{}", seeds.len(), table::print(&judged));
            println!("\n{}", times::print(&pairs));
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// Returns one of `stride` mutants, spread over all files and kinds.
fn pairs(seeds: &[Seed], stride: usize) -> Vec<(&Seed, Mutant)> {
    let all =
        seeds.iter().flat_map(|seed| mutants::all(&seed.text).into_iter().map(move |mutant| (seed, mutant)));
    all.step_by(stride).collect()
}

/// Judges mutants on all processors; the results are in their order.
fn judge(pairs: &[(&Seed, Mutant)]) -> Vec<Judged> {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    let mut judged: Vec<(usize, Judged)> = std::thread::scope(|scope| {
        let work = || {
            let mut done = Vec::new();
            while let Some((index, (seed, mutant))) = {
                let index = next.fetch_add(1, Ordering::Relaxed);
                pairs.get(index).map(|pair| (index, pair))
            } {
                done.push((index, measure::judge(seed, mutant)));
            }
            done
        };
        let threads: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        threads.into_iter().filter_map(|thread| thread.join().ok()).flatten().collect()
    });
    judged.sort_by_key(|(index, _)| *index);
    judged.into_iter().map(|(_, judged)| judged).collect()
}

fn falls_short(judged: &Judged, what: &str) -> bool {
    match &judged.outcome {
        Outcome::Same => false,
        Outcome::Valid(_) => what == "valid",
        Outcome::Missed => what == "misses",
        Outcome::Found(found) => match what {
            "places" => !found.placed,
            "fixes" => found.fixable && !found.restored,
            "spurious" => found.spurious > 0,
            _ => false,
        },
    }
}

fn list(seed: &Seed, mutant: &Mutant, judged: &Judged) {
    let line = |text: &str, at: usize| {
        let start = text.get(..at).and_then(|before| before.rfind('\n')).map_or(0, |at| at + 1);
        text.get(start..).and_then(|rest| rest.lines().next()).unwrap_or_default().trim().to_owned()
    };
    println!("{}: {}", seed.name, mutant.kind.name());
    println!("    right {}", line(&seed.text, mutant.place.start));
    println!("    wrong {}", line(&mutant.text, mutant.place.start));
    for one in &judged.diagnostics {
        let at = line(&mutant.text, one.primary.span.start as usize);
        println!("    {} {} ({at})", one.code.as_str(), one.message);
        for fix in &one.fixes {
            println!("        fix: {}", fix.title);
        }
    }
}
