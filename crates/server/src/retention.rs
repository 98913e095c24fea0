//! Deletes what ended long ago: executions with their steps, then the events that nothing needs any more; what people
//! were told long ago, and what they did; and the content of releases that have not run since. Some rows at a time with a
//! pause between, so that whoever else writes never waits for more than that.

use std::sync::Arc;
use std::time::Duration;

use hence_engine::store::Error;
use hence_engine::{Clock, EventSequence, Store};
use hence_store::{Records, Releases};
use hence_types::jiff::{SignedDuration, Timestamp};
use tokio_util::sync::CancellationToken;

/// How many executions, events, messages, or tasks are deleted in one write.
const BATCH: usize = 200;
/// Of how many releases the content, which may be large, is deleted in one write.
const RELEASES: usize = 4;
/// How long the store is left to others after a write.
const PAUSE: Duration = Duration::from_millis(20);
/// How long to wait after the start, and from one round to the next.
const WAITS: (Duration, Duration) = (Duration::from_secs(60), Duration::from_secs(600));

/// What is kept for a time.
pub(crate) struct Kept {
    pub(crate) store: Arc<dyn Store>,
    pub(crate) records: Arc<dyn Records>,
    pub(crate) releases: Arc<dyn Releases>,
}

/// How much was deleted.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Deleted {
    executions: usize,
    events: usize,
    notifications: usize,
    assignments: usize,
    releases: usize,
}

/// Deletes what ended so many days ago, round by round, until the daemon stops.
pub(crate) async fn run(kept: Kept, clock: Arc<dyn Clock>, days: u32, stop: CancellationToken) {
    let mut wait = WAITS.0;
    loop {
        tokio::select! {
            biased;
            () = stop.cancelled() => return,
            () = tokio::time::sleep(wait) => {}
        }
        wait = WAITS.1;
        let Some(before) = long_ago(clock.now(), days) else { continue };
        match round(&kept, before, &stop).await {
            Ok(deleted) if deleted == Deleted::default() => {}
            Ok(Deleted { executions, events, notifications, assignments, releases }) => {
                tracing::info!(
                    executions,
                    events,
                    notifications,
                    assignments,
                    releases,
                    days,
                    "deleted what ended long ago"
                )
            }
            Err(error) => tracing::warn!(%error, "what ended long ago cannot be deleted yet"),
        }
    }
}

fn long_ago(now: Timestamp, days: u32) -> Option<Timestamp> {
    now.checked_sub(SignedDuration::from_hours(24 * i64::from(days))).ok()
}

/// Deletes what ended, or was sent, before an instant.
pub(crate) async fn round(
    Kept { store, records, releases }: &Kept,
    before: Timestamp,
    stop: &CancellationToken,
) -> Result<Deleted, Error> {
    let mut all = Deleted::default();
    while !stop.is_cancelled() {
        let deleted = blocking(store, move |store| store.forget_executions(before, BATCH)).await?;
        all.executions += deleted;
        if deleted < BATCH {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    let mut behind = Some(EventSequence(0));
    while let Some(place) = behind.filter(|_| !stop.is_cancelled()) {
        let forgotten = blocking(store, move |store| store.forget_events(before, place, BATCH)).await?;
        all.events += forgotten.count;
        behind = forgotten.next;
        if forgotten.count > 0 {
            tokio::time::sleep(PAUSE).await;
        }
    }
    while !stop.is_cancelled() {
        let deleted = blocking(records, move |kept| kept.forget_notifications(before, BATCH)).await?;
        all.notifications += deleted;
        if deleted < BATCH {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    while !stop.is_cancelled() {
        let deleted = blocking(records, move |kept| kept.forget_assignments(before, BATCH)).await?;
        all.assignments += deleted;
        if deleted < BATCH {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    while !stop.is_cancelled() {
        let forgotten = blocking(releases, move |kept| kept.forget_contents(before, RELEASES)).await?;
        all.releases += forgotten;
        if forgotten < RELEASES {
            break;
        }
        tokio::time::sleep(PAUSE).await;
    }
    Ok(all)
}

async fn blocking<S: ?Sized + Send + Sync + 'static, T: Send + 'static>(
    store: &Arc<S>,
    work: impl FnOnce(&S) -> Result<T, Error> + Send + 'static,
) -> Result<T, Error> {
    let store = Arc::clone(store);
    match tokio::task::spawn_blocking(move || work(&*store)).await {
        Ok(done) => done,
        Err(broken) => Err(Error::Unavailable { store: "the store".into(), reason: broken.to_string() }),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use hence_engine::{
        Accepted, Assignment, AssignmentFilter, Assignments, Change, End, Ending, EventFilter, Level,
        NewEvent, Notification, NotificationFilter, Notifications, TaskPriority,
    };
    use hence_store::{NewRelease, Origin, Sqlite};

    use super::*;

    #[tokio::test]
    async fn a_round_deletes_what_is_older_and_leaves_the_rest() {
        let store = Arc::new(Sqlite::open_in_memory().unwrap());
        let kept = Kept {
            store: Arc::clone(&store) as _,
            records: Arc::clone(&store) as _,
            releases: Arc::clone(&store) as _,
        };
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
        for number in 0..1000 {
            let message = Notification {
                id: number.to_string(),
                to: "u1".to_owned(),
                title: "Title".to_owned(),
                body: String::new(),
                link: None,
                level: Level::Info,
                sent_at: at(number),
                read_at: None,
            };
            store.notify(&message).unwrap();
        }
        for number in 0..1000 {
            let task = Assignment {
                id: number.to_string(),
                title: "Title".to_owned(),
                description: String::new(),
                assignee: None,
                list: None,
                priority: TaskPriority::Normal,
                due_at: None,
                link: None,
                reference: None,
                opened_at: at(0),
                ended: None,
            };
            store.assign(&task).unwrap();
            // Every other stays open.
            if number % 2 == 0 {
                let (end, by) = (End::Completed, "ann".to_owned());
                let ending = Ending { end, by, person: None, outcome: None, note: None, at: at(number) };
                // The event of this id is there already, so that there are no more of them.
                let event = NewEvent { received_at: at(number), ..event(number) };
                store.end_assignment(&task.id, &ending, &event).unwrap();
            }
        }
        for _ in 0..6 {
            let release = NewRelease {
                hash: "h".to_owned(),
                origin: Origin::Deployed,
                made_at: at(1),
                made_by: String::new(),
                note: String::new(),
                rules: BTreeMap::new(),
                content: b"content".to_vec(),
            };
            store.add_release(&release, false).unwrap();
        }
        let stop = CancellationToken::new();
        let deleted =
            Deleted { executions: 0, events: 500, notifications: 500, assignments: 250, releases: 6 };
        assert_eq!(round(&kept, at(500), &stop).await, Ok(deleted));
        assert_eq!(store.events(&EventFilter::default(), None, 2000).unwrap().items.len(), 500);
        let left = store.notifications(&NotificationFilter::default(), None, 2000).unwrap();
        assert_eq!(left.len(), 500);
        let left = store.assignments(&AssignmentFilter::default(), None, 2000).unwrap();
        assert_eq!(left.items.len(), 750);
        assert_eq!(round(&kept, at(500), &stop).await, Ok(Deleted::default()));
    }

    #[test]
    fn days_are_counted_back_from_now() {
        let now: Timestamp = "2026-03-31T12:00:00Z".parse().unwrap();
        assert_eq!(long_ago(now, 30).unwrap().to_string(), "2026-03-01T12:00:00Z");
        assert_eq!(long_ago(now, u32::MAX), None);
    }
}
