//! Measuring in turns.

use std::time::{Duration, Instant};

/// Something to be measured, and its name.
pub(crate) type Contender<'c> = (&'c str, &'c dyn Fn());

/// Runs the contenders in turns and returns the times of each.
pub(crate) fn interleaved(turns: usize, contenders: &[Contender<'_>]) -> Vec<Vec<Duration>> {
    let mut times = vec![Vec::with_capacity(turns); contenders.len()];
    for _ in 0..turns {
        for ((_, run), times) in contenders.iter().zip(&mut times) {
            let start = Instant::now();
            run();
            times.push(start.elapsed());
        }
    }
    times
}

/// Measures contenders that take little time, many runs in a turn, and prints them with their ratio to the first.
pub(crate) fn rounds(turns: usize, runs: usize, contenders: &[Contender<'_>]) {
    let repeated: Vec<_> =
        contenders.iter().map(|(name, run)| (*name, move || (0..runs).for_each(|_| run()))).collect();
    let repeated: Vec<Contender<'_>> = repeated.iter().map(|(name, run)| (*name, run as &dyn Fn())).collect();
    let times = interleaved(turns, &repeated);
    let mut first = None;
    for ((name, _), times) in contenders.iter().zip(times) {
        let (min, median) = nanoseconds(&times, runs);
        let first = *first.get_or_insert(min);
        println!("| {name} | {min:.0} ns | {median:.0} ns | {:.2} |", min / first);
    }
}

/// Something to be measured on events.
pub(crate) struct Turn<'t> {
    pub(crate) name: &'t str,
    /// How many events it takes in a turn.
    pub(crate) events: usize,
    /// It takes one of so many turns.
    pub(crate) every: usize,
    pub(crate) run: &'t dyn Fn(&str),
}

/// Measures contenders in turns, and returns the least and the median time of an event in nanoseconds. The least is
/// taken for every few events and then summed, as a turn over all of them is never left alone by other processes.
pub(crate) fn events(turns: usize, events: &[String], contenders: &[Turn<'_>]) -> Vec<(f64, f64)> {
    const TOGETHER: usize = 4;
    let mut times: Vec<Vec<Vec<Duration>>> = contenders.iter().map(|_| Vec::new()).collect();
    for turn in 0..turns {
        for (own, times) in contenders.iter().zip(&mut times) {
            if turn % own.every == 0 {
                let few = events.get(..own.events).unwrap_or(events).chunks(TOGETHER);
                times.push(few.map(|few| timed(|| few.iter().for_each(|event| (own.run)(event)))).collect());
            }
        }
    }
    let summary = |(times, own): (Vec<Vec<Duration>>, &Turn<'_>)| {
        let count = own.events.min(events.len()) as f64;
        let of = |few: usize| times.iter().map(move |turn| turn[few].as_nanos() as f64);
        let least: f64 = (0..times[0].len()).map(|few| of(few).fold(f64::MAX, f64::min)).sum();
        let mut sums: Vec<f64> =
            times.iter().map(|turn| turn.iter().sum::<Duration>().as_nanos() as f64).collect();
        sums.sort_by(f64::total_cmp);
        (least / count, sums[sums.len() / 2] / count)
    };
    times.into_iter().zip(contenders).map(summary).collect()
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// Returns the least and the median time of one of `runs`.
pub(crate) fn nanoseconds(times: &[Duration], runs: usize) -> (f64, f64) {
    let mut times: Vec<f64> = times.iter().map(|time| time.as_nanos() as f64 / runs as f64).collect();
    times.sort_by(f64::total_cmp);
    (times[0], times[times.len() / 2])
}

/// Returns how much memory the process has, in bytes, where the system tells.
pub(crate) fn resident() -> usize {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap_or_default();
    statm.split(' ').nth(1).and_then(|pages| pages.parse().ok()).unwrap_or(0) * 4096
}
