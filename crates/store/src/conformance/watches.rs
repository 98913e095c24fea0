//! What triggers keep that are more than an event.

use super::*;

fn kept(watch: &str, key: &str, due: Option<i64>) -> WatchState {
    let id = WatchId { watch: watch.into(), key: key.into() };
    WatchState { id, state: "{}".into(), event: None, due: due.map(instant) }
}

fn keep(state: &WatchState) -> Change {
    Change::WatchKept(Box::new(state.clone()))
}

pub(super) fn what_watches_keep_is_found_by_key_and_by_deadline(store: &dyn Store) {
    let event = accept(store, new_event("e1"));
    let (one, two) = (kept("w", "one", Some(5)), kept("w", "two", Some(3)));
    let other = WatchState { event: Some(event), ..kept("v", "one", Some(3)) };
    let stays = kept("w", "stays", None);
    store.apply(&[keep(&one), keep(&two), keep(&other), keep(&stays)]).unwrap();
    for state in [&one, &two, &other, &stays] {
        assert_eq!(store.watch_state(&state.id).unwrap().as_ref(), Some(state));
    }
    assert_eq!(store.watches_due(instant(2), 9).unwrap(), []);
    assert_eq!(store.watches_due(instant(3), 9).unwrap(), [other.clone(), two.clone()]);
    assert_eq!(store.watches_due(instant(9), 2).unwrap(), [other.clone(), two.clone()]);
    assert_eq!(store.next_watch_due().unwrap(), Some(instant(3)));
    let later = kept("w", "two", Some(8));
    store.apply(&[keep(&later), Change::WatchForgotten(other.id.clone())]).unwrap();
    assert_eq!(store.watches_due(instant(9), 9).unwrap(), [one.clone(), later]);
    assert_eq!(store.watch_state(&other.id).unwrap(), None);
    // Written with what is refused, nothing of it stays.
    let refused =
        [Change::WatchForgotten(one.id.clone()), keep(&other), Change::EventMatched(EventSequence(99))];
    assert!(store.apply(&refused).is_err());
    assert_eq!(store.next_watch_due().unwrap(), Some(instant(5)));
    assert_eq!(store.watch_state(&other.id).unwrap(), None);
}

pub(super) fn what_is_not_watched_is_forgotten(store: &dyn Store) {
    assert_eq!(store.looked_at().unwrap(), []);
    let (stays, goes) = (kept("stays", "k", Some(1)), kept("goes", "k", Some(1)));
    let looked_at = vec![("a.b".into(), EventSequence(3)), ("a.c".into(), EventSequence(4))];
    store.apply(&[keep(&stays), keep(&goes), Change::LookedAt(looked_at.clone())]).unwrap();
    assert_eq!(store.looked_at().unwrap(), looked_at);
    store.apply(&[Change::LookedAt(vec![("a.c".into(), EventSequence(7))])]).unwrap();
    assert_eq!(store.looked_at().unwrap()[1], ("a.c".into(), EventSequence(7)));
    let looked_at = vec![("a.c".into(), EventSequence(7))];
    let loaded = Change::WatchesLoaded { watches: vec!["stays".into()], looked_at: looked_at.clone() };
    store.apply(&[loaded]).unwrap();
    assert_eq!(store.looked_at().unwrap(), looked_at);
    assert_eq!(store.watches_due(instant(9), 9).unwrap(), [stays]);
    assert_eq!(store.watch_state(&goes.id).unwrap(), None);
}

pub(super) fn events_to_watch_come_in_order_and_are_addressed_to_nobody(store: &dyn Store) {
    assert_eq!(store.last_event().unwrap(), EventSequence(0));
    let named = |id: &str, name: &str| NewEvent { name: name.into(), ..new_event(id) };
    let first = accept(store, named("e1", "a.b"));
    accept(store, named("e2", "a.other"));
    let target = Some(Target { rule: "r".into(), trigger: 0 });
    accept(store, NewEvent { target, ..named("e3", "a.b") });
    let fourth = accept(store, named("e4", "a.c"));
    let last = accept(store, named("e5", "a.other"));
    let names = ["a.b".into(), "a.c".into()];
    let found = |behind: EventSequence, limit: usize| {
        let (events, up_to) = store.events_to_watch(&names, behind, limit).unwrap();
        (events.iter().map(|event| event.sequence).collect::<Vec<_>>(), up_to)
    };
    assert_eq!(found(EventSequence(0), 9), (vec![first, fourth], last));
    assert_eq!(found(EventSequence(0), 1), (vec![first], first));
    assert_eq!(found(first, 9), (vec![fourth], last));
    assert_eq!(found(fourth, 9), (vec![], last));
    assert_eq!(store.last_event().unwrap(), last);
}
