//! Contenders in turns: the least and the median of their rounds, and the ratio to the first.

use std::time::{Duration, Instant};

/// So many turns each contender takes.
const TURNS: usize = 60;

/// A turn is about so long, however quick a contender is.
const TURN: Duration = Duration::from_micros(400);

/// Something that takes all events once.
pub(crate) struct Contender<'c> {
    pub(crate) name: &'c str,
    pub(crate) run: Box<dyn FnMut() + 'c>,
}

/// Runs contenders in turns and prints what an event costs with each.
pub(crate) fn measure(title: &str, events: usize, contenders: &mut [Contender<'_>]) {
    println!("\n## {title}\n\n| | least | median | to the first |\n|---|---:|---:|---:|");
    let mut repeats = Vec::new();
    for contender in contenders.iter_mut() {
        let start = Instant::now();
        (contender.run)();
        let once = start.elapsed().max(Duration::from_nanos(20));
        repeats.push((TURN.as_nanos() / once.as_nanos()).clamp(1, 10_000) as usize);
    }
    let mut times: Vec<Vec<f64>> = contenders.iter().map(|_| Vec::new()).collect();
    for _ in 0..TURNS {
        for ((contender, repeats), times) in contenders.iter_mut().zip(&repeats).zip(&mut times) {
            let start = Instant::now();
            (0..*repeats).for_each(|_| (contender.run)());
            times.push(start.elapsed().as_nanos() as f64 / (repeats * events) as f64);
        }
    }
    let mut first = None;
    for (contender, mut times) in contenders.iter().zip(times) {
        times.sort_by(f64::total_cmp);
        let (least, median) = (times[0], times[times.len() / 2]);
        let first = *first.get_or_insert(least);
        println!("| {} | {} | {} | {:.1} |", contender.name, shown(least), shown(median), least / first);
    }
}

fn shown(nanoseconds: f64) -> String {
    if nanoseconds < 1e4 { format!("{nanoseconds:.1} ns") } else { format!("{:.1} µs", nanoseconds / 1e3) }
}
