//! The daemon's threads without its sockets: one that takes events in, eight that match, and some that record what came of
//! calls. The other side answers at once.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use hence_engine::{
    CallFuture, Clock, Connector, Driver, Effect, Finished, ManualClock, NewEvent, Request, Response, Store,
    StoredEvent,
};
use hence_store::Sqlite;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

/// As in the daemon.
const MATCHING: usize = 64;
/// How many calls are under way at a time.
const FINISHING: usize = 64;
/// How many events are taken in one write.
const BATCH: usize = 512;

/// When events were acknowledged and when their first call was made, in nanoseconds since the start.
pub(crate) struct Times {
    start: Instant,
    accepted: Vec<AtomicU64>,
    called: Vec<AtomicU64>,
}

impl Times {
    fn new(events: usize) -> Self {
        let zeros = || (0..events).map(|_| AtomicU64::new(0)).collect();
        Self { start: Instant::now(), accepted: zeros(), called: zeros() }
    }

    fn note(&self, which: &[AtomicU64], event: usize) {
        let now = u64::try_from(self.start.elapsed().as_nanos()).unwrap();
        let _ = which[event].compare_exchange(0, now, Ordering::Relaxed, Ordering::Relaxed);
    }
}

impl Connector for Times {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        let event: usize = request.arguments["message"].as_str().unwrap().parse().unwrap();
        self.note(&self.called, event);
        Box::pin(std::future::ready(Ok(Response::default())))
    }
}

/// What came of a run.
pub(crate) struct Measured {
    pub(crate) time: Duration,
    /// From the acknowledgement of each event to its first call, sorted, in milliseconds.
    pub(crate) latencies: Vec<f64>,
}

impl Measured {
    pub(crate) fn percentile(&self, share: f64) -> f64 {
        self.latencies[((self.latencies.len() - 1) as f64 * share) as usize]
    }
}

/// Returns a store in a new file of a folder.
pub(crate) fn store(folder: &Path, name: &str) -> Arc<dyn Store> {
    for ending in ["", "-wal", "-shm", ".lock"] {
        drop(std::fs::remove_file(folder.join(format!("{name}{ending}"))));
    }
    Arc::new(Sqlite::open(&folder.join(name)).unwrap())
}

/// Returns a rule that makes so many calls, one after the other.
pub(crate) fn rule(steps: usize) -> String {
    let calls = "     log.write(message: id)\n".repeat(steps);
    format!("rule steps\nwhen shop.cart.updated\nthen {}", calls.trim_start())
}

pub(crate) fn event(number: usize, at: Timestamp) -> NewEvent {
    NewEvent {
        id: format!("e{number}-{}", at.as_millisecond()).into(),
        source: "shop".into(),
        name: "shop.cart.updated".into(),
        received_at: at,
        occurred_at: at,
        payload: format!(r#"{{"id": "{number}", "items": [], "total": "9.00", "currency": "EUR"}}"#).into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: None,
    }
}

pub(crate) fn driver(
    text: &str,
    store: &Arc<dyn Store>,
    connector: Arc<dyn Connector>,
    clock: &Arc<ManualClock>,
) -> Driver {
    let project = hence_project::Project::of_text("bench.rule", text);
    let clock = Arc::clone(clock) as Arc<dyn Clock>;
    Driver::new(Arc::clone(project.program()), Arc::clone(store), connector, clock, TimeZone::UTC)
}

/// Runs so many events through a rule with so many calls, `in_flight` at a time: the next is sent when one has ended. In
/// bursts, all of the next come when all have ended.
pub(crate) fn run(
    store: &Arc<dyn Store>,
    clock: &Arc<ManualClock>,
    steps: usize,
    events: usize,
    in_flight: usize,
    bursts: bool,
) -> Measured {
    let times = Arc::new(Times::new(events));
    let driver = Arc::new(driver(&rule(steps), store, Arc::clone(&times) as _, clock));
    let (matching, matched) = channel::<StoredEvent>();
    let (finishing, finished) = channel::<Finished>();
    let (done, ended) = channel::<()>();
    let (matched, finished) = (Mutex::new(matched), Mutex::new(finished));
    let left = AtomicU64::new(events as u64);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        for _ in 0..MATCHING {
            let finishing = finishing.clone();
            scope.spawn(|| match_events(&driver, &matched, finishing));
        }
        for _ in 0..FINISHING {
            let done = done.clone();
            scope.spawn(|| finish(&driver, &finished, done, &left, &is_over));
        }
        drop((finishing, done));
        send(&driver, clock, &times, events, in_flight, bursts, matching, &ended);
    });
    let time = times.start.elapsed();
    let pairs = times.accepted.iter().zip(&times.called);
    let mut latencies: Vec<f64> = pairs
        .map(|(accepted, called)| {
            called.load(Ordering::Relaxed).saturating_sub(accepted.load(Ordering::Relaxed)) as f64 / 1e6
        })
        .collect();
    latencies.sort_by(f64::total_cmp);
    Measured { time, latencies }
}

#[expect(clippy::too_many_arguments, reason = "what the threads share")]
fn send(
    driver: &Driver,
    clock: &ManualClock,
    times: &Times,
    events: usize,
    in_flight: usize,
    bursts: bool,
    matching: Sender<StoredEvent>,
    ended: &Receiver<()>,
) {
    let (mut sent, mut open) = (0, 0);
    while sent < events {
        let room = in_flight - open;
        let count = room.min(events - sent).min(BATCH);
        if count > 0 {
            let batch = (sent..sent + count).map(|number| event(number, clock.now())).collect();
            let (_, new) = driver.accept(batch).unwrap();
            for (number, event) in (sent..).zip(new) {
                times.note(&times.accepted, number);
                matching.send(event).unwrap();
            }
            (sent, open) = (sent + count, open + count);
            if open < in_flight {
                continue;
            }
        }
        let wanted = if bursts { open } else { 1 };
        for _ in 0..wanted {
            ended.recv().unwrap();
            open -= 1;
        }
        while !bursts && ended.try_recv().is_ok() {
            open -= 1;
        }
    }
    for _ in 0..open {
        ended.recv().unwrap();
    }
}

fn match_events(driver: &Driver, events: &Mutex<Receiver<StoredEvent>>, finishing: Sender<Finished>) {
    loop {
        let next = events.lock().unwrap().recv();
        let Ok(event) = next else { return };
        for effect in driver.handle_event(&event).unwrap().effects {
            if let Effect::Call(call) = effect {
                finishing.send(perform(driver, call)).unwrap();
            }
        }
    }
}

fn finish(
    driver: &Driver,
    finished: &Mutex<Receiver<Finished>>,
    done: Sender<()>,
    left: &AtomicU64,
    is_over: &AtomicBool,
) {
    while !is_over.load(Ordering::Acquire) {
        let next = finished.lock().unwrap().recv_timeout(Duration::from_millis(50));
        let Ok(mut next) = next else { continue };
        loop {
            let call = driver
                .complete(next)
                .unwrap()
                .into_iter()
                .find_map(|effect| if let Effect::Call(call) = effect { Some(call) } else { None });
            match call {
                Some(call) => next = perform(driver, call),
                None => break,
            }
        }
        if left.fetch_sub(1, Ordering::AcqRel) == 1 {
            is_over.store(true, Ordering::Release);
        }
        done.send(()).unwrap();
    }
}

fn perform(driver: &Driver, call: hence_engine::Call) -> Finished {
    match driver.perform(call).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(finished) => finished,
        Poll::Pending => unreachable!("it answers at once"),
    }
}
