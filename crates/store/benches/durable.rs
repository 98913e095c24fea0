//! What durable executions cost on SQLite: `cargo bench -p hence-store`.
//!
//! Runs the driver on the threads that the daemon has, against a side that answers at once, on a file of this disk, and
//! prints, beside how often the same disk makes 4 KiB durable in the same minute: executions a second and the time from the
//! acknowledgement of an event to its first call, at 1, 100 and 1,000 triggers at a time, with 1 and 4 calls each; a million
//! waits (memory, what it costs to ask what is due, and to have 10,000 due at once); the cost of deleting what is old
//! meanwhile; memory and file over an hour of a clock that runs faster. `PART=rate|waits|retention|soak` runs one of these,
//! `WAITS=100000` takes another number of waits, `ROUNDS=1` fewer rounds.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a bench may stop at a defect of its own")]

#[path = "durable/machine.rs"]
mod machine;

use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use hence_engine::{
    Change, Clock, Effect, EventSequence, Execution, ExecutionFilter, ExecutionId, ManualClock, Store,
};
use hence_types::jiff::{SignedDuration, Timestamp};
use machine::{Measured, run, store};

fn main() {
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let part = std::env::var("PART").ok();
    let wanted = |name: &str| part.as_deref().is_none_or(|part| part == name);
    if wanted("rate") {
        rate(folder.path());
    }
    if wanted("waits") {
        waits(folder.path());
    }
    if wanted("retention") {
        retention(folder.path());
    }
    if wanted("soak") {
        soak(folder.path());
    }
}

fn number(name: &str, otherwise: usize) -> usize {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(otherwise)
}

fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new("2026-01-01T00:00:00Z".parse().unwrap()))
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Returns how often a second 4 KiB of a file that is there already are written and durable.
fn flushes(folder: &Path) -> f64 {
    let mut file = std::fs::File::create(folder.join("flushes")).unwrap();
    file.write_all(&vec![0; 1 << 20]).unwrap();
    file.sync_all().unwrap();
    let (start, mut count) = (Instant::now(), 0u32);
    while start.elapsed() < Duration::from_millis(500) {
        file.seek(SeekFrom::Start(u64::from(count % 256) * 4096)).unwrap();
        file.write_all(&[count as u8; 4096]).unwrap();
        file.sync_data().unwrap();
        count += 1;
    }
    f64::from(count) / start.elapsed().as_secs_f64()
}

/// Returns the memory of the process, in MB.
fn memory() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<f64>().unwrap() / 1024.0
}

fn rate(folder: &Path) {
    let rounds = number("ROUNDS", 3);
    // Triggers at a time, calls, events.
    let loads =
        [(1, 1, 500), (1, 4, 250), (64, 1, 20_000), (64, 2, 20_000), (64, 4, 10_000), (100, 1, 20_000)];
    let loads = loads.into_iter().chain([(100, 4, 10_000), (1000, 1, 20_000), (1000, 4, 10_000)]);
    let loads: Vec<_> = loads.collect();
    let mut runs: Vec<Vec<(Measured, f64)>> = loads.iter().map(|_| Vec::new()).collect();
    let mut bursts: Vec<Vec<Measured>> = loads.iter().map(|_| Vec::new()).collect();
    for _ in 0..rounds {
        for (place, (in_flight, calls, events)) in loads.iter().copied().enumerate() {
            let flushes = flushes(folder);
            let kept = store(folder, "rate.db");
            // The log grows to its size first.
            run(&kept, &clock(), calls, 2000.min(events), in_flight, false);
            let clock = Arc::new(ManualClock::new("2026-02-01T00:00:00Z".parse().unwrap()));
            runs[place].push((run(&kept, &clock, calls, events, in_flight, false), flushes));
            let clock = Arc::new(ManualClock::new("2026-03-01T00:00:00Z".parse().unwrap()));
            bursts[place].push(run(&kept, &clock, calls, (events / 4).max(in_flight), in_flight, true));
        }
    }
    println!(
        "triggers | calls | durable points | executions/s, best | median | flushes/s, median | points a flush | p50 ms | p99 ms | burst p50 | burst p99"
    );
    for (place, (in_flight, calls, events)) in loads.iter().copied().enumerate() {
        // Taking it in, beginning with the first call, each further call, the end.
        let points = calls + 2;
        let rates: Vec<f64> =
            runs[place].iter().map(|(run, _)| events as f64 / run.time.as_secs_f64()).collect();
        let flushes = median(runs[place].iter().map(|(_, flushes)| *flushes).collect());
        let of = |share: f64| median(runs[place].iter().map(|(run, _)| run.percentile(share)).collect());
        let burst = |share: f64| median(bursts[place].iter().map(|run| run.percentile(share)).collect());
        let best = rates.iter().copied().fold(0.0, f64::max);
        let rate = median(rates);
        println!(
            "{in_flight} | {calls} | {points} | {best:.0} | {rate:.0} | {flushes:.0} | {:.2} | {:.2} | {:.2} | {:.2} | {:.2}",
            rate * points as f64 / flushes,
            of(0.5),
            of(0.99),
            burst(0.5),
            burst(0.99)
        );
    }
}

/// A store with so many executions that wait, from a day on, one each millisecond, and an equal share of waits for events.
fn waits(folder: &Path) {
    let (count, kept, clock) = (number("WAITS", 1_000_000), store(folder, "waits.db"), clock());
    let text = "rule waits\nwhen shop.cart.updated\nthen wait 1 day\n     log.write(message: id)";
    let connector = Arc::new(Silent);
    let driver = Arc::new(machine::driver(text, &kept, connector, &clock));
    let (_, new) = driver.accept(vec![machine::event(0, clock.now())]).unwrap();
    driver.handle_event(&new[0]).unwrap();
    let one = kept.executions(&ExecutionFilter::default(), None, 1).unwrap().items.remove(0);
    let before = memory();
    let start = Instant::now();
    for first in (1..count).step_by(1000) {
        let changes: Vec<Change> =
            (first..(first + 1000).min(count)).map(|place| waiting(&one, place)).collect();
        kept.apply(&changes).unwrap();
    }
    println!(
        "{count} waits written in {:.1?}, {:.0} a second",
        start.elapsed(),
        count as f64 / start.elapsed().as_secs_f64()
    );
    println!("memory: {before:.0} MB before, {:.0} MB with them", memory());
    let ask = |what: &str, ask: &dyn Fn()| {
        let mut times: Vec<f64> = Vec::new();
        for _ in 0..1000 {
            let start = Instant::now();
            ask();
            times.push(start.elapsed().as_secs_f64() * 1e6);
        }
        times.sort_by(f64::total_cmp);
        println!("{what}: {:.1} us at least, {:.1} us median", times[0], times[500]);
    };
    ask("when something is due next", &|| {
        kept.next_due().unwrap();
    });
    ask("what is due, and nothing is", &|| drop(kept.due_executions(clock.now(), 1000).unwrap()));
    clock.advance(SignedDuration::from_hours(24) + SignedDuration::from_millis(10_000));
    ask("the first thousand that are due", &|| drop(kept.due_executions(clock.now(), 1000).unwrap()));
    let (start, mut woken) = (Instant::now(), 0);
    loop {
        let due = driver.fire().unwrap().executions;
        if due.is_empty() {
            break;
        }
        woken += due.len();
        wake(&driver, &due);
    }
    let time = start.elapsed();
    println!(
        "{woken} due at once: woken and their calls recorded in {time:.2?}, {:.0} a second",
        woken as f64 / time.as_secs_f64()
    );
    println!("memory: {:.0} MB then", memory());
}

/// Wakes executions as the daemon does, 64 at a time, and takes their calls to the end.
fn wake(driver: &hence_engine::Driver, due: &[ExecutionId]) {
    std::thread::scope(|scope| {
        for part in due.chunks(due.len().div_ceil(64)) {
            scope.spawn(move || {
                for execution in part {
                    for effect in driver.wake(execution).unwrap() {
                        let Effect::Call(call) = effect else { continue };
                        let mut performing = driver.perform(call);
                        let waker = std::task::Waker::noop();
                        let mut context = std::task::Context::from_waker(waker);
                        let std::task::Poll::Ready(finished) = performing.as_mut().poll(&mut context) else {
                            continue;
                        };
                        driver.complete(finished).unwrap();
                    }
                }
            });
        }
    });
}

fn waiting(one: &Execution, place: usize) -> Change {
    let id = ExecutionId::parse(&format!("01940000-0000-7000-8000-{place:012x}")).unwrap();
    let due = one.wake_at.unwrap() + SignedDuration::from_millis(i64::try_from(place).unwrap());
    Change::ExecutionStarted(Box::new(Execution { id, wake_at: Some(due), revision: 1, ..one.clone() }))
}

struct Silent;

impl hence_engine::Connector for Silent {
    fn call<'a>(&'a self, _: &'a hence_engine::Request) -> hence_engine::CallFuture<'a> {
        Box::pin(std::future::ready(Ok(hence_engine::Response::default())))
    }
}

/// Deletes all that has ended, as the daemon does: 200 in one write, then a pause.
fn delete(kept: &dyn Store, before: Timestamp, is_over: &AtomicBool) -> (usize, usize) {
    let (mut executions, mut events, pause) = (0, 0, Duration::from_millis(20));
    while !is_over.load(Ordering::Acquire) {
        let deleted = kept.forget_executions(before, 200).unwrap();
        executions += deleted;
        std::thread::sleep(pause);
        if deleted < 200 {
            let mut behind = Some(EventSequence(0));
            while let Some(place) = behind.filter(|_| !is_over.load(Ordering::Acquire)) {
                let forgotten = kept.forget_events(before, place, 200).unwrap();
                events += forgotten.count;
                behind = forgotten.next;
                if forgotten.count > 0 {
                    std::thread::sleep(pause);
                }
            }
        }
    }
    (executions, events)
}

/// Runs executions beside the deletion of old ones, and without, in turns.
fn retention(folder: &Path) {
    let (events, rounds) = (20_000, number("ROUNDS", 3));
    let kept = store(folder, "retention.db");
    // What is old: two months' worth of it.
    run(&kept, &clock(), 1, 100_000, 512, false);
    let (mut alone, mut beside, mut deleted) = (Vec::new(), Vec::new(), (0, 0));
    for round in 0..rounds {
        let later = |hours: usize| {
            let start: Timestamp = "2026-03-01T00:00:00Z".parse().unwrap();
            let hours = i64::try_from(round * 24 + hours).unwrap();
            Arc::new(ManualClock::new(start + SignedDuration::from_hours(hours)))
        };
        alone.push(run(&kept, &later(0), 1, events, 64, false));
        let is_over = AtomicBool::new(false);
        let before: Timestamp = "2026-02-01T00:00:00Z".parse().unwrap();
        std::thread::scope(|scope| {
            let deleting = scope.spawn(|| delete(&*kept, before, &is_over));
            beside.push(run(&kept, &later(1), 1, events, 64, false));
            is_over.store(true, Ordering::Release);
            let (executions, events) = deleting.join().unwrap();
            deleted = (deleted.0 + executions, deleted.1 + events);
        });
    }
    for (what, runs) in [("alone", &alone), ("beside deletion", &beside)] {
        let rate = median(runs.iter().map(|run| events as f64 / run.time.as_secs_f64()).collect());
        let of = |share: f64| median(runs.iter().map(|run| run.percentile(share)).collect());
        println!(
            "{what}: {rate:.0} executions/s, first call after {:.2} ms (p50), {:.2} ms (p99)",
            of(0.5),
            of(0.99)
        );
    }
    let time: f64 = beside.iter().map(|run| run.time.as_secs_f64()).sum();
    println!(
        "deleted meanwhile: {} executions, {} events, {:.0} rows a second",
        deleted.0,
        deleted.1,
        (deleted.0 * 2 + deleted.1) as f64 / time
    );
}

/// An hour of a clock that runs faster: so many executions a minute, of which those of the last ten minutes are kept.
fn soak(folder: &Path) {
    let (kept, clock, a_minute) = (store(folder, "soak.db"), clock(), number("A_MINUTE", 3000));
    println!("minute | memory MB | file MB");
    for minute in 1..=60 {
        run(&kept, &clock, 1, a_minute, 64, false);
        clock.advance(SignedDuration::from_mins(1));
        let before = clock.now() - SignedDuration::from_mins(10);
        while kept.forget_executions(before, 200).unwrap() > 0 {}
        let mut behind = Some(EventSequence(0));
        while let Some(place) = behind {
            behind = kept.forget_events(before, place, 200).unwrap().next;
        }
        if minute % 10 == 0 {
            let size = std::fs::metadata(folder.join("soak.db")).unwrap().len() as f64 / 1e6;
            println!("{minute} | {:.0} | {size:.0}", memory());
        }
    }
}
