//! The way into the store: events of many requests are written together, so that one flush of the disk serves them all.

use std::sync::Arc;
use std::time::Instant;

use hence_engine::store::Error;
use hence_engine::{Accepted, Driver, NewEvent, StoredEvent};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, oneshot};

use crate::metrics::Metrics;

/// How many requests may wait.
const REQUESTS: usize = 10_000;
/// How much their payloads may hold together, in KiB.
const KIBIBYTES: usize = 64 * 1024;
/// How many events are written together.
const BATCH: usize = 512;

/// Takes events. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Ingest {
    sender: mpsc::Sender<Submission>,
    room: Arc<Semaphore>,
}

/// Why events were not taken.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// Too many are waiting.
    Busy,
    /// The daemon is stopping.
    Stopping,
    /// The store refused them.
    Store(Error),
}

/// The events of one request.
struct Submission {
    events: Vec<NewEvent>,
    answer: oneshot::Sender<Result<Vec<Accepted>, Error>>,
    /// Gives the room back when the submission is done with.
    _room: OwnedSemaphorePermit,
}

impl Ingest {
    /// Starts the thread that writes; new events go on to `matching`. The thread ends when all clones are dropped and
    /// everything is written.
    pub(crate) fn start(
        driver: Arc<Driver>,
        matching: mpsc::Sender<StoredEvent>,
        metrics: Arc<Metrics>,
    ) -> (Self, tokio::task::JoinHandle<()>) {
        let (sender, receiver) = mpsc::channel(REQUESTS);
        let thread = tokio::task::spawn_blocking(move || write(&driver, receiver, &matching, &metrics));
        (Self { sender, room: Arc::new(Semaphore::new(KIBIBYTES)) }, thread)
    }

    /// Takes events; they are durable when it returns what became of each.
    pub(crate) async fn accept(&self, events: Vec<NewEvent>) -> Result<Vec<Accepted>, Refusal> {
        let size: usize = events.iter().map(|event| event.payload.len() / 1024 + 1).sum();
        let size = u32::try_from(size).unwrap_or(u32::MAX);
        let room = Arc::clone(&self.room).try_acquire_many_owned(size).map_err(|_| Refusal::Busy)?;
        let (answer, answered) = oneshot::channel();
        self.sender.try_send(Submission { events, answer, _room: room }).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => Refusal::Busy,
            mpsc::error::TrySendError::Closed(_) => Refusal::Stopping,
        })?;
        answered.await.map_err(|_| Refusal::Stopping)?.map_err(Refusal::Store)
    }
}

fn write(
    driver: &Driver,
    mut receiver: mpsc::Receiver<Submission>,
    matching: &mpsc::Sender<StoredEvent>,
    metrics: &Metrics,
) {
    while let Some(first) = receiver.blocking_recv() {
        let mut size = first.events.len();
        let mut batch = vec![first];
        while size < BATCH {
            let Ok(next) = receiver.try_recv() else { break };
            size += next.events.len();
            batch.push(next);
        }
        let counts: Vec<usize> = batch.iter().map(|submission| submission.events.len()).collect();
        let events = batch.iter_mut().flat_map(|submission| std::mem::take(&mut submission.events)).collect();
        let begun = Instant::now();
        match driver.accept(events) {
            Ok((accepted, new)) => {
                metrics.committed(begun.elapsed());
                let mut accepted = accepted.into_iter();
                for (submission, count) in batch.into_iter().zip(counts) {
                    // A client that went away needs no answer; its events are taken all the same.
                    let _ = submission.answer.send(Ok(accepted.by_ref().take(count).collect()));
                }
                for event in new {
                    // Nobody matches any more when the daemon stops; the store keeps the event for the next start.
                    let _ = matching.blocking_send(event);
                }
            }
            Err(error) => {
                for submission in batch {
                    let _ = submission.answer.send(Err(error.clone()));
                }
            }
        }
    }
}
