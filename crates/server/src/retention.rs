//! Deletes what ended long ago: executions with their steps, then the events that nothing needs any more. Some rows at a time
//! with a pause between, so that whoever else writes never waits for more than that.

use std::sync::Arc;
use std::time::Duration;

use hence_engine::store::Error;
use hence_engine::{Clock, EventSequence, Store};
use hence_types::jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How many executions, and events, are deleted in one write.
const BATCH: usize = 200;
/// How long the store is left to others after a write.
const PAUSE: Duration = Duration::from_millis(20);
/// How long to wait after the start, and from one round to the next.
const WAITS: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));

/// Deletes what ended so many days ago, round by round, until the daemon stops.
pub(crate) async fn run(store: Arc<dyn Store>, clock: Arc<dyn Clock>, days: u32, stop: CancellationToken) {
    let mut wait = WAITS.0;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = WAITS.1;
        let Some(before) = long_ago(clock.now(), days) else { continue };
        match round(&store, before, &stop).await {
            Ok((0, 0)) => {}
            Ok((executions, events)) => {
                tracing::info!(executions, events, days, "deleted what ended long ago")
            }
            Err(error) => tracing::warn!(%error, "what ended long ago cannot be deleted yet"),
        }
    }
}

fn long_ago(now: Timestamp, days: u32) -> Option<Timestamp> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).ok()
}

/// Deletes what ended before an instant; returns how many executions and events.
pub(crate) async fn round(
    store: &Arc<dyn Store>,
    before: Timestamp,
    stop: &CancellationToken,
) -> Result<(usize, usize), Error> {
    let (mut executions, mut events) = (0, 0);
    while !stop.is_cancelled() {
        let deleted = blocking(store, move |store| store.forget_executions(before, BATCH)).await?;
        executions += deleted;
        if deleted < BATCH {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let mut behind = Some(EventSequence(0));
    while let Some(place) = behind.filter(|_| !stop.is_cancelled()) {
        let forgotten = blocking(store, move |store| store.forget_events(before, place, BATCH)).await?;
        events += forgotten.count;
        behind = forgotten.next;
        if forgotten.count > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
    Ok((executions, events))
}

async fn blocking<T: Send + 'static>(
    store: &Arc<dyn Store>,
    work: impl FnOnce(&dyn Store) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let store = Arc::clone(store);
    match tokio::task::spawn_blocking(move || work(&*store)).await {
        Ok(done) => done,
        Err(broken) => Err(Error::Unavailable { store: "the store".into(), reason: broken.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use hence_engine::{Accepted, Change, EventFilter, NewEvent};
    use hence_store::Memory;

    use super::*;

    #[tokio::test]
    async fn a_round_deletes_what_is_older_and_leaves_the_rest() {
        let store: Arc<dyn Store> = Arc::new(Memory::new());
        let at = |second: i64| Timestamp::from_second(second).unwrap();
        let event = |number: i64| NewEvent {
            id: format!("e{number}").into(),
            source: "shop".into(),
            name: "shop.order.created".into(),
            received_at: at(number),
            occurred_at: at(number),
            payload: "{}".into(),
            mismatches: Vec::new(),
            target: None,
            cause: None,
            trace: None,
        };
        let accepted = store.accept(&(0..1000).map(event).collect::<Vec<_>>()).unwrap();
        let matched =
            accepted.into_iter().map(|accepted: Accepted| Change::EventMatched(accepted.sequence()));
        store.apply(&matched.collect::<Vec<_>>()).unwrap();
        let stop = CancellationToken::new();
        assert_eq!(round(&store, at(500), &stop).await, Ok((0, 500)));
        assert_eq!(store.events(&EventFilter::default(), None, 2000).unwrap().items.len(), 500);
        assert_eq!(round(&store, at(500), &stop).await, Ok((0, 0)));
    }

    #[test]
    fn days_are_counted_back_from_now() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        assert_eq!(long_ago(now, 30).unwrap().to_string(), "2026-03-01T12:00:00Z");
        assert_eq!(long_ago(now, u32::MAX), None);
    }
}
