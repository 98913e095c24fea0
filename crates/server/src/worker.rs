//! What happens to events after they are acknowledged: matching, calls, what comes of them, further attempts.
//!
//! Several threads match, so that the store writes the executions of many events with one flush of the disk; events are
//! begun in the order they came. Matching waits while all places for calls are taken: an intent that is recorded should
//! be carried out soon, as a call that must not be repeated is in doubt when the daemon dies in between. Whatever is not
//! done when the daemon stops is in the store and is taken up at the next start.

mod timer;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use hence_engine::store::Error;
use hence_engine::{Call, Clock, Driver, Effect, ExecutionId, StoredEvent};
use hence_types::jiff::Timestamp;
use tokio::runtime::Handle;
use tokio::sync::{Notify, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::until;
use crate::live::Live;
use crate::metrics::Metrics;
use crate::traces::{Called, Tracer};

/// How many calls are under way at a time or wait until the system they go to has a place for them.
const CALLS: usize = 4096;
/// How many threads match: each waits for the disk once for an event, and what they write at the same time shares a flush.
const MATCHING: usize = 64;
/// How many events that a former run left behind are read at a time.
const PAGE: usize = 500;
/// The longest sleep: the machine's clock may be set while something is waited for.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);
/// How long to wait before the store is tried again, at first and at most.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(100), Duration::from_secs(5));

/// Carries out what the driver says. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Worker(Arc<Inner>);

/// Who is told what happens.
pub(crate) struct Watched {
    pub(crate) metrics: Arc<Metrics>,
    pub(crate) live: Arc<Live>,
    pub(crate) tracer: Arc<Tracer>,
}

struct Inner {
    driver: Arc<Driver>,
    clock: Arc<dyn Clock>,
    watched: Watched,
    calls: Arc<Semaphore>,
    tasks: TaskTracker,
    /// Tells the timer that something may be due earlier than it thinks.
    due: Notify,
    /// No further events are matched once it is cancelled.
    stop: CancellationToken,
    /// When the watches of rules are looked at next.
    watch_at: Mutex<Option<Timestamp>>,
    /// Told when that changes.
    watch_changed: Notify,
}

impl Worker {
    pub(crate) fn new(
        driver: Arc<Driver>,
        clock: Arc<dyn Clock>,
        watched: Watched,
        stop: CancellationToken,
    ) -> Self {
        let calls = Arc::new(Semaphore::new(CALLS));
        let (tasks, due) = (TaskTracker::new(), Notify::new());
        let (watch_at, watch_changed) = (Mutex::default(), Notify::new());
        Self(Arc::new(Inner { driver, clock, watched, calls, tasks, due, stop, watch_at, watch_changed }))
    }

    /// Starts the threads that match: so many events that a former run left behind, and those that arrive. They end when
    /// the senders are dropped; what then waits is left for the next start.
    pub(crate) fn start_matching(
        &self,
        left_behind: u64,
        arriving: mpsc::Receiver<StoredEvent>,
        recovered: Arc<AtomicBool>,
    ) -> Vec<tokio::task::JoinHandle<()>> {
        let arriving = Arc::new(Mutex::new(arriving));
        let worker = self.clone();
        let recovering = tokio::task::spawn_blocking(move || {
            worker.match_left_behind(left_behind);
            recovered.store(true, Ordering::Release);
        });
        let matching = (0..MATCHING).map(|_| {
            let (worker, arriving) = (self.clone(), Arc::clone(&arriving));
            tokio::task::spawn_blocking(move || worker.match_arriving(&arriving))
        });
        matching.chain([recovering]).collect()
    }

    /// Carries out effects, each on a task of its own.
    pub(crate) fn carry_out(&self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Call(call) => drop(self.0.tasks.spawn(self.clone().call(call))),
                Effect::Handle(event) => {
                    let worker = self.clone();
                    drop(self.0.tasks.spawn_blocking(move || worker.match_event(&event)));
                }
                // The store knows of it; the timer is to look again.
                Effect::WakeAt { .. } => self.0.due.notify_one(),
                Effect::WatchAt(at) => self.watch_at(at),
            }
        }
    }

    /// Looks at the watches of rules whenever it is time to, until the daemon stops.
    pub(crate) async fn watch(self) {
        loop {
            let at = *self.0.watch_at.lock().unwrap_or_else(PoisonError::into_inner);
            let sleep = at.map_or(Duration::ZERO, |at| until(&*self.0.clock, at));
            let waiting = tokio::time::sleep(sleep.min(LONGEST_SLEEP));
            tokio::select! {
                biased;
                () = self.0.stop.cancelled() => return,
                () = self.0.watch_changed.notified() => {}
                () = waiting, if at.is_some() => {
                    if sleep > LONGEST_SLEEP {
                        // The clock may have been set meanwhile.
                        continue;
                    }
                    *self.0.watch_at.lock().unwrap_or_else(PoisonError::into_inner) = None;
                    let effects = self.record(Driver::look).await;
                    self.carry_out(effects);
                }
            }
        }
    }

    /// Has the store know what other rules watch for, and looks at it at once.
    pub(crate) async fn rules_changed(&self) {
        let effects = self.record(|driver| driver.watch().map(|()| Vec::new())).await;
        self.carry_out(effects);
        self.0.due.notify_one();
        self.watch_at(self.0.clock.now());
    }

    fn watch_at(&self, at: Timestamp) {
        let mut next = self.0.watch_at.lock().unwrap_or_else(PoisonError::into_inner);
        if next.is_none_or(|next| at < next) {
            *next = Some(at);
            self.0.watch_changed.notify_one();
        }
    }

    /// Waits until all calls under way are done and recorded, and those that follow from them.
    pub(crate) async fn drain(&self) {
        self.0.tasks.close();
        self.0.tasks.wait().await;
    }

    /// Matches the oldest events. Counted, as those that arrive meanwhile are unmatched for a moment, too.
    fn match_left_behind(&self, mut count: u64) {
        while count > 0 {
            match self.0.driver.store().unmatched(PAGE) {
                Ok(events) if events.is_empty() => return,
                Ok(events) => {
                    for event in events {
                        if !self.match_event(&event) {
                            return;
                        }
                        count = count.saturating_sub(1);
                    }
                }
                Err(error) => {
                    tracing::error!(%error, "the events that were left behind cannot be read");
                    if !self.pause(BACKOFF.1) {
                        return;
                    }
                }
            }
        }
    }

    fn match_arriving(&self, arriving: &Mutex<mpsc::Receiver<StoredEvent>>) {
        loop {
            let next = arriving.lock().unwrap_or_else(PoisonError::into_inner).blocking_recv();
            match next {
                Some(event) => drop(self.match_event(&event)),
                None => return,
            }
        }
    }

    /// Matches an event and starts its executions. Returns whether to go on: not if the daemon stops.
    fn match_event(&self, event: &StoredEvent) -> bool {
        let mut backoff = BACKOFF.0;
        loop {
            if !self.wait_for_place() {
                return false;
            }
            let begun = Instant::now();
            match catch_unwind(AssertUnwindSafe(|| self.0.driver.handle_event(event))) {
                Ok(Ok(handled)) => {
                    self.0.watched.metrics.matched(handled.executions.len(), begun.elapsed());
                    self.0.watched.live.started(&event.event.id, &handled.executions);
                    let tracer = &self.0.watched.tracer;
                    tracer.started(event, &handled.executions);
                    for touched in [&handled.executions, &handled.resumed, &handled.stopped] {
                        tracer.settled(touched);
                    }
                    let name = &event.event.name;
                    tracing::debug!(event = %event.event.id, %name, executions = handled.executions.len(), "matched");
                    self.carry_out(handled.effects);
                    return true;
                }
                Ok(Err(error)) => {
                    tracing::error!(event = %event.event.id, %error, "the event cannot be matched yet");
                }
                Err(_) => {
                    // A defect of ours must not keep other events from being matched.
                    tracing::error!(event = %event.event.id, "internal error: the event is left unmatched");
                    return true;
                }
            }
            if !self.pause(backoff) {
                return false;
            }
            backoff = (backoff * 2).min(BACKOFF.1);
        }
    }

    /// Blocks until a call could begin at once; returns false when the daemon stops.
    fn wait_for_place(&self) -> bool {
        Handle::current().block_on(async {
            tokio::select! {
                biased;
                () = self.0.stop.cancelled() => false,
                place = self.0.calls.acquire() => place.is_ok(),
            }
        })
    }

    /// Blocks for a while; returns false when the daemon stops.
    fn pause(&self, duration: Duration) -> bool {
        Handle::current().block_on(async {
            tokio::select! {
                biased;
                () = self.0.stop.cancelled() => false,
                () = tokio::time::sleep(duration) => true,
            }
        })
    }

    async fn call(self, call: Call) {
        let due = Instant::now();
        let Ok(place) = Arc::clone(&self.0.calls).acquire_owned().await else { return };
        let (action, execution) = (Arc::clone(&call.request.action), call.execution.clone());
        let call = self.traced(call).await;
        let (begun, attempt) = (Instant::now(), call.request.attempt);
        let called = Called::new(&call, self.0.clock.now());
        let finished = self.0.driver.perform(call).await;
        let outcome = self.0.watched.metrics.called(&action, attempt, &finished, begun.elapsed());
        self.0.watched.tracer.called(&called, &finished);
        let error = finished.result.as_ref().err().map(|failure| failure.message.as_str());
        self.0.watched.live.called(&execution, &action, error);
        match &finished.result {
            Ok(_) => tracing::debug!(%execution, %action, "done"),
            Err(failure) => tracing::warn!(%execution, %action, error = %failure.message, "failed"),
        }
        let effects = self.record(move |driver| driver.complete(finished.clone())).await;
        self.0.watched.metrics.stepped(&action, outcome, due.elapsed());
        drop(place);
        self.settled(vec![execution]).await;
        self.carry_out(effects);
    }

    /// Returns a call with the trace that it is a part of.
    async fn traced(&self, mut call: Call) -> Call {
        let tracer = Arc::clone(&self.0.watched.tracer);
        if !tracer.has_to_ask(&call.execution) {
            tracer.calling(&mut call);
            return call;
        }
        let untraced = call.clone();
        let asking = tokio::task::spawn_blocking(move || {
            tracer.calling(&mut call);
            call
        });
        asking.await.unwrap_or(untraced)
    }

    /// Tells who traces of executions that something was done to, if they are traced and have ended.
    pub(crate) async fn settled(&self, executions: Vec<ExecutionId>) {
        let tracer = Arc::clone(&self.0.watched.tracer);
        if tracer.follows_any(&executions) {
            // One that breaks off leaves a span untold, and nothing else.
            let _ = tokio::task::spawn_blocking(move || tracer.settled(&executions)).await;
        }
    }

    /// Records something, again and again until the store takes it: what happened in the world happened.
    async fn record(
        &self,
        write: impl Fn(&Driver) -> Result<Vec<Effect>, Error> + Clone + Send + 'static,
    ) -> Vec<Effect> {
        let mut backoff = BACKOFF.0;
        loop {
            let (driver, write) = (Arc::clone(&self.0.driver), write.clone());
            match tokio::task::spawn_blocking(move || write(&driver)).await {
                Ok(Ok(effects)) => return effects,
                Ok(Err(error)) => tracing::error!(%error, "what came of a call cannot be recorded yet"),
                Err(error) => {
                    tracing::error!(%error, "recording what came of a call broke off");
                    return Vec::new();
                }
            }
            tokio::time::sleep(backoff).await;
            backoff = (backoff * 2).min(BACKOFF.1);
        }
    }
}
