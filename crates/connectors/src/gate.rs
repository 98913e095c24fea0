//! How many calls go to one system at a time, and whether any go there at all: so that a system that is slow or dead
//! holds up its own calls only.
//!
//! A gate has a number of places. Calls that find none wait in the order they came; where too many wait, further ones are
//! put off, and are recorded to be made later. After some failures in a row the gate closes for a while (a circuit
//! breaker): calls fail at once, so that rules that say what to do instead do it soon. Then one call is let through to
//! try; if it succeeds the gate is open again, and if it fails it stays closed for twice as long.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many calls go to one system at a time where the settings say nothing.
pub(crate) const PLACES: usize = 64;
/// How many calls wait for a place of one system.
const WAITING: usize = 1000;
/// After how many failures in a row a gate closes.
const FAILURES: u32 = 10;
/// How long a gate is closed, the first time and at most.
const CLOSED: (Duration, Duration) = (Duration::from_secs(2), Duration::from_secs(60));
/// How long a call is put off where too many wait.
const PUT_OFF: Duration = Duration::from_secs(10);
/// How many gates are kept that nobody stands at.
const KEPT: usize = 1024;

/// The gates of all systems.
#[derive(Default)]
pub(crate) struct Gates {
    gates: Mutex<HashMap<String, Arc<Gate>>>,
    is_stopping: AtomicBool,
}

/// The way to one system.
struct Gate {
    /// How many places there are in all.
    size: usize,
    places: Arc<Semaphore>,
    waiting: AtomicUsize,
    breaker: Mutex<Breaker>,
}

/// Whether a system answers.
#[derive(Debug)]
enum Breaker {
    /// It does, as far as is known.
    Open {
        /// How many calls failed since the last one that did not.
        failures: u32,
    },
    /// It does not: nothing goes there before an instant.
    Closed {
        until: Instant,
        /// How long it is closed.
        pause: Duration,
    },
    /// One call was let through to try; another one may if it has not come back by an instant.
    Trying { until: Instant, pause: Duration },
}

/// A place at a gate. What came of the call is to be told to it.
pub(crate) struct Place {
    gate: Arc<Gate>,
    _permit: OwnedSemaphorePermit,
}

/// Why a call is not made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The system failed too often; it is asked again after this time.
    Closed(Duration),
    /// Too many calls wait; this one is to be made later.
    Crowded(Duration),
    /// No further calls are made.
    Stopping,
}

impl Gates {
    /// Waits for a place at the gate of a system, which has so many.
    pub(crate) async fn enter(&self, system: &str, places: usize) -> Result<Place, Refusal> {
        let gate = self.gate(system, places);
        gate.breaker().is_closed(Instant::now())?;
        let permit = match Arc::clone(&gate.places).try_acquire_owned() {
            Ok(permit) => permit,
            Err(_) => gate.wait(&self.is_stopping).await?,
        };
        // It may have closed meanwhile; and who tries whether it answers has a place for it.
        gate.breaker().admit(Instant::now())?;
        if self.is_stopping.load(Ordering::Acquire) {
            return Err(Refusal::Stopping);
        }
        Ok(Place { gate, _permit: permit })
    }

    /// Lets nobody through any more: those who wait are turned away. Calls under way come to their end.
    pub(crate) fn stop(&self) {
        self.is_stopping.store(true, Ordering::Release);
        for gate in self.gates.lock().unwrap_or_else(PoisonError::into_inner).values() {
            gate.places.close();
        }
    }

    fn gate(&self, system: &str, places: usize) -> Arc<Gate> {
        let mut gates = self.gates.lock().unwrap_or_else(PoisonError::into_inner);
        // Where the settings have changed, those who stand at the old gate are not counted.
        if let Some(gate) = gates.get(system).filter(|gate| gate.size == places) {
            return Arc::clone(gate);
        }
        if gates.len() >= KEPT {
            gates.retain(|_, gate| Arc::strong_count(gate) > 1 || !gate.breaker().is_at_rest());
        }
        let gate = Arc::new(Gate {
            size: places,
            places: Arc::new(Semaphore::new(places.max(1))),
            waiting: AtomicUsize::new(0),
            breaker: Mutex::default(),
        });
        gates.insert(system.to_owned(), Arc::clone(&gate));
        gate
    }
}

impl Gate {
    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn wait(&self, is_stopping: &AtomicBool) -> Result<OwnedSemaphorePermit, Refusal> {
        /// Counts one who waits, until it does so no more.
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::AcqRel);
            }
        }
        let before = self.waiting.fetch_add(1, Ordering::AcqRel);
        let _waiting = Waiting(&self.waiting);
        if is_stopping.load(Ordering::Acquire) {
            return Err(Refusal::Stopping);
        }
        if before >= WAITING {
            return Err(Refusal::Crowded(PUT_OFF));
        }
        Arc::clone(&self.places).acquire_owned().await.map_err(|_| Refusal::Stopping)
    }
}

impl Default for Breaker {
    fn default() -> Self {
        Breaker::Open { failures: 0 }
    }
}

impl Breaker {
    /// Says when the next call may try, if none may now.
    fn is_closed(&self, now: Instant) -> Result<(), Refusal> {
        match *self {
            Breaker::Closed { until, .. } | Breaker::Trying { until, .. } if now < until => {
                Err(Refusal::Closed(until - now))
            }
            Breaker::Open { .. } | Breaker::Closed { .. } | Breaker::Trying { .. } => Ok(()),
        }
    }

    /// Lets a call through, or says when the next may try.
    fn admit(&mut self, now: Instant) -> Result<(), Refusal> {
        self.is_closed(now)?;
        if let Breaker::Closed { pause, .. } | Breaker::Trying { pause, .. } = *self {
            *self = Breaker::Trying { until: now + pause, pause };
        }
        Ok(())
    }

    /// Takes note of what came of a call. Failures of calls that were under way when it closed change nothing.
    fn record(&mut self, has_failed: bool, now: Instant) {
        let close = |pause: Duration| Breaker::Closed { until: now + pause, pause };
        *self = match *self {
            _ if !has_failed => Breaker::default(),
            Breaker::Open { failures } if failures.saturating_add(1) < FAILURES => {
                Breaker::Open { failures: failures.saturating_add(1) }
            }
            Breaker::Open { .. } => close(CLOSED.0),
            Breaker::Closed { until, pause } => Breaker::Closed { until, pause },
            Breaker::Trying { pause, .. } => close((pause * 2).min(CLOSED.1)),
        };
    }

    fn is_at_rest(&self) -> bool {
        matches!(self, Breaker::Open { failures: 0 })
    }
}

impl Place {
    /// Records whether the system failed: it gave no answer, or asked to be left alone. A refusal is an answer.
    pub(crate) fn done(self, has_failed: bool) {
        self.gate.breaker().record(has_failed, Instant::now());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A breaker at a time of its own.
    struct Clocked {
        breaker: Breaker,
        now: Instant,
    }

    impl Clocked {
        fn new() -> Self {
            Self { breaker: Breaker::default(), now: Instant::now() }
        }

        fn admit(&mut self) -> Result<(), Refusal> {
            self.breaker.admit(self.now)
        }

        fn fail(&mut self, times: u32) {
            for _ in 0..times {
                assert_eq!(self.admit(), Ok(()));
                self.breaker.record(true, self.now);
            }
        }

        fn pass(&mut self, seconds: u64) {
            self.now += Duration::from_secs(seconds);
        }
    }

    fn closed(seconds: u64) -> Result<(), Refusal> {
        Err(Refusal::Closed(Duration::from_secs(seconds)))
    }

    fn refusal(entered: Result<Place, Refusal>) -> Option<Refusal> {
        entered.err()
    }

    #[test]
    fn a_system_that_fails_ten_times_is_left_alone_and_tried_by_one_call_after_a_while() {
        let mut gate = Clocked::new();
        gate.fail(9);
        gate.breaker.record(false, gate.now);
        gate.fail(10);
        assert_eq!(gate.admit(), closed(2));
        gate.pass(1);
        assert_eq!(gate.admit(), closed(1));
        gate.pass(1);
        assert_eq!(gate.admit(), Ok(()));
        assert_eq!(gate.admit(), closed(2), "one tries");
        gate.breaker.record(true, gate.now);
        assert_eq!(gate.admit(), closed(4));
        gate.pass(4);
        assert_eq!(gate.admit(), Ok(()));
        gate.breaker.record(false, gate.now);
        assert_eq!(gate.admit(), Ok(()));
        assert!(gate.breaker.is_at_rest());
    }

    #[test]
    fn calls_that_were_under_way_when_it_closed_do_not_close_it_for_longer_but_open_it() {
        let mut gate = Clocked::new();
        gate.fail(10);
        gate.breaker.record(true, gate.now);
        assert_eq!(gate.admit(), closed(2));
        gate.breaker.record(false, gate.now);
        assert_eq!(gate.admit(), Ok(()));
    }

    #[test]
    fn it_is_closed_for_a_minute_at_most() {
        let mut gate = Clocked::new();
        gate.fail(10);
        for _ in 0..10 {
            gate.pass(60);
            gate.fail(1);
        }
        assert_eq!(gate.admit(), closed(60));
    }

    #[tokio::test]
    async fn each_system_has_a_gate_of_its_own() {
        let gates = Gates::default();
        for _ in 0..10 {
            gates.enter("crm", 2).await.ok().unwrap().done(true);
        }
        assert!(matches!(refusal(gates.enter("crm", 2).await), Some(Refusal::Closed(_))));
        assert_eq!(refusal(gates.enter("shop", 2).await), None);
    }

    /// Lets other tasks run until so many wait.
    async fn until_waiting(gates: &Gates, count: usize) {
        while gates.gate("crm", 1).waiting.load(Ordering::Acquire) < count {
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn calls_wait_for_a_place_and_too_many_are_put_off() {
        let gates = Arc::new(Gates::default());
        let first = gates.enter("crm", 1).await.ok().unwrap();
        let waiting: Vec<_> = (0..WAITING)
            .map(|_| {
                let gates = Arc::clone(&gates);
                tokio::spawn(async move { gates.enter("crm", 1).await.map(|place| place.done(false)) })
            })
            .collect();
        until_waiting(&gates, WAITING).await;
        assert_eq!(refusal(gates.enter("crm", 1).await), Some(Refusal::Crowded(PUT_OFF)));
        first.done(false);
        for waiting in waiting {
            assert_eq!(waiting.await.unwrap(), Ok(()));
        }
    }

    #[tokio::test]
    async fn who_tries_whether_a_system_answers_may_wait_for_a_place() {
        let gates = Arc::new(Gates::default());
        let first = gates.enter("crm", 1).await.ok().unwrap();
        let pause = Duration::from_secs(60);
        *gates.gate("crm", 1).breaker() = Breaker::Closed { until: Instant::now(), pause };
        let trial = tokio::spawn({
            let gates = Arc::clone(&gates);
            async move { gates.enter("crm", 1).await.map(|place| place.done(false)) }
        });
        until_waiting(&gates, 1).await;
        drop(first);
        assert_eq!(trial.await.unwrap(), Ok(()));
        assert!(gates.gate("crm", 1).breaker().is_at_rest());
    }

    #[tokio::test]
    async fn who_waits_is_turned_away_when_no_more_calls_are_made() {
        let gates = Arc::new(Gates::default());
        let first = gates.enter("crm", 1).await.ok().unwrap();
        let waiting = tokio::spawn({
            let gates = Arc::clone(&gates);
            async move { refusal(gates.enter("crm", 1).await) }
        });
        until_waiting(&gates, 1).await;
        gates.stop();
        assert_eq!(waiting.await.unwrap(), Some(Refusal::Stopping));
        first.done(false);
        assert_eq!(refusal(gates.enter("crm", 1).await), Some(Refusal::Stopping));
        assert_eq!(refusal(gates.enter("shop", 1).await), Some(Refusal::Stopping));
    }
}
