//! `fuzz/…`: any bytes in, no panic, no endless run, no broken promise.
//!
//! Each target is a plain function of bytes ([`targets`]). The corpus tries every one on texts that are hard for a
//! reason and on some damaged ones; `cargo xtask fuzz TARGET SECONDS` goes on for longer. What was found once becomes
//! a case of the corpus or a test beside the code that was mended.

mod conditions;
mod inputs;
pub mod targets;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::case::{Case, Failed};
use crate::random::Random;
use targets::{TARGETS, Target};

/// How many damaged inputs a test tries.
const TRIES: u64 = 40;

/// How long the longest line of a hard text is.
const LONG: usize = 6_000;

/// The same for the command: 10 MB.
const LONGEST: usize = 10_000_000;

/// What takes longer never ends for whoever waits. Tests run unoptimized and beside others.
const PATIENCE: Duration = Duration::from_secs(60);

/// Returns a test of each target.
pub(crate) fn cases() -> Vec<Case> {
    let case = |(name, target): &(&'static str, Target)| {
        let (name, target) = (*name, *target);
        Case::new(format!("fuzz/{name}"), move |_| {
            for text in inputs::hard(LONG) {
                attempt(target, text.as_bytes())?;
            }
            let seeds = inputs::seeds(name)?;
            let mut random = Random::new(1);
            (0..TRIES).try_for_each(|_| attempt(target, &inputs::damaged(&seeds, &mut random)))
        })
    };
    let files = Case::new("fuzz/files of cargo-fuzz", |_| {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/fuzz");
        let read = |path: String| std::fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"));
        let manifest = read(format!("{folder}/Cargo.toml"))?;
        TARGETS.iter().try_for_each(|(name, _)| {
            let file = read(format!("{folder}/fuzz_targets/{name}.rs"))?;
            let is_there =
                manifest.contains(&format!("name = \"{name}\"")) && file.contains("fuzzing::targets::");
            if is_there { Ok(()) } else { Err(format!("`{name}` is no target there")) }
        })
    });
    TARGETS.iter().map(case).chain([files]).collect()
}

/// Tries a target on an input.
fn attempt(target: Target, data: &[u8]) -> Result<(), Failed> {
    let start = Instant::now();
    let done = catch_unwind(AssertUnwindSafe(|| target(data)));
    let shown = || {
        let text = String::from_utf8_lossy(data);
        text.chars().take(2000).collect::<String>()
    };
    match done {
        Err(_) => Err(format!("it panicked, as is printed above, on:\n{}", shown())),
        Ok(()) if start.elapsed() > PATIENCE => {
            Err(format!("it took {:?} on:\n{}", start.elapsed(), shown()))
        }
        Ok(()) => Ok(()),
    }
}

/// Tries a target on ever new inputs for some seconds; prints how many, and the input that fails.
pub fn fuzz() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [name, seconds, ..] = arguments.as_slice() else {
        eprintln!("usage: cargo xtask fuzz TARGET SECONDS [SEED]");
        return ExitCode::FAILURE;
    };
    let (Some((name, target)), Ok(seconds)) =
        (TARGETS.iter().find(|(target, _)| target == name), seconds.parse())
    else {
        let names: Vec<&str> = TARGETS.iter().map(|(name, _)| *name).collect();
        eprintln!("the targets are {}", names.join(", "));
        return ExitCode::FAILURE;
    };
    let seed = arguments.get(2).and_then(|seed| seed.parse().ok()).unwrap_or(1);
    match run(name, *target, Duration::from_secs(seconds), seed) {
        Ok((tries, slowest)) => {
            println!("{name}: {tries} inputs, the slowest took {slowest:.2?}");
            ExitCode::SUCCESS
        }
        Err(failed) => {
            eprintln!("{name}: {failed}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, target: Target, time: Duration, seed: u64) -> Result<(u64, Duration), Failed> {
    std::env::set_current_dir(crate::cases::home()).map_err(|error| error.to_string())?;
    let seeds = inputs::seeds(name)?;
    let start = Instant::now();
    let (mut tries, mut slowest) = (0, Duration::ZERO);
    let mut timed = |data: &[u8]| {
        let start = Instant::now();
        attempt(target, data)?;
        slowest = slowest.max(start.elapsed());
        tries += 1;
        Ok::<(), Failed>(())
    };
    for text in inputs::hard(LONG).into_iter().chain(inputs::hard(LONGEST).into_iter().take(8)) {
        timed(text.as_bytes())?;
    }
    let mut random = Random::new(seed);
    while start.elapsed() < time {
        timed(&inputs::damaged(&seeds, &mut random))?;
    }
    Ok((tries, slowest))
}
