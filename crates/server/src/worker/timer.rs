//! The one timer of the daemon: it sleeps until the store says that something is due, whatever it is, and however much
//! waits. What is due is in the store, so nothing of it is lost when the daemon stops.

use std::sync::Arc;
use std::time::Duration;

use hence_engine::store::Error;
use hence_engine::{ExecutionId, Fired};
use tokio::sync::Semaphore;

use super::{BACKOFF, LONGEST_SLEEP, Worker};
use crate::clock::until;

/// How many executions are woken at a time, so that one flush of the disk serves many of them.
const WAKING: usize = 64;

impl Worker {
    /// Starts the timer. It ends when the daemon stops.
    pub(crate) fn start_timer(&self) -> tokio::task::JoinHandle<()> {
        let worker = self.clone();
        tokio::spawn(async move {
            let (mut backoff, mut first) = (BACKOFF.0, None);
            while !worker.0.stop.is_cancelled() {
                let sleep = match worker.fire(&mut first).await {
                    Ok(sleep) => {
                        backoff = BACKOFF.0;
                        sleep
                    }
                    Err(error) => {
                        tracing::error!(%error, "what is due cannot be read yet");
                        let sleep = backoff;
                        backoff = (backoff * 2).min(BACKOFF.1);
                        sleep
                    }
                };
                tokio::select! {
                    biased;
                    () = worker.0.stop.cancelled() => return,
                    () = worker.0.due.notified(), if sleep > Duration::ZERO => {}
                    () = tokio::time::sleep(sleep) => {}
                }
            }
        })
    }

    /// Does what is due; returns how long to sleep then. `first` is the first execution that was woken the last time:
    /// one that is due again at once could not be woken, and must not keep the timer busy.
    async fn fire(&self, first: &mut Option<ExecutionId>) -> Result<Duration, Error> {
        let driver = Arc::clone(&self.0.driver);
        let fired = tokio::task::spawn_blocking(move || driver.fire()).await;
        let Fired { effects, executions, next } = fired.unwrap_or_else(|broken| {
            tracing::error!(%broken, "internal error: what is due is left for later");
            Ok(Fired { next: None, ..Fired::default() })
        })?;
        self.carry_out(effects);
        let before = std::mem::replace(first, executions.first().cloned());
        let is_stuck = first.is_some() && *first == before;
        self.wake(executions).await;
        if is_stuck {
            return Ok(BACKOFF.1);
        }
        let sleep = next.map_or(LONGEST_SLEEP, |at| until(&*self.0.clock, at));
        Ok(sleep.min(LONGEST_SLEEP))
    }

    /// Wakes executions, and waits until all of them are recorded.
    async fn wake(&self, executions: Vec<ExecutionId>) {
        let places = Arc::new(Semaphore::new(WAKING));
        let mut waking = tokio::task::JoinSet::new();
        for execution in executions {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let worker = self.clone();
            waking.spawn(async move {
                let woken = execution.clone();
                let effects = worker.record(move |driver| driver.wake(&execution)).await;
                drop(place);
                worker.settled(vec![woken]).await;
                worker.carry_out(effects);
            });
        }
        while waking.join_next().await.is_some() {}
    }
}
