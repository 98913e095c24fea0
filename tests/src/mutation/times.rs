//! How long it takes to read and check a file with a mistake, together with the project it belongs to.

use std::time::Duration;

use super::mutants::Mutant;
use super::seeds::Seed;

/// For so many mutants at most the time is taken, one after another.
const MOST: usize = 500;

/// Measures a sample and returns two lines: checked for the first time, and checked again as in an editor.
pub(super) fn print(pairs: &[(&Seed, Mutant)]) -> String {
    let step = pairs.len().div_ceil(MOST).max(1);
    let sample = pairs.iter().step_by(step).map(|(seed, mutant)| seed.times(&mutant.text));
    let (first, again): (Vec<Duration>, Vec<Duration>) = sample.unzip();
    let line = |what: &str, mut times: Vec<Duration>| {
        times.sort_unstable();
        let at = |percent: usize| times.get(times.len() * percent / 100).copied().unwrap_or_default();
        format!("{what}: p50 {:.2?}, p95 {:.2?} a file with its project\n", at(50), at(95))
    };
    format!(
        "time of {} mutants, one after another\n{}{}",
        first.len(),
        line("read and checked for the first time", first),
        line("read and checked again after the valid project", again)
    )
}
