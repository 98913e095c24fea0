//! What is deleted of what ended long ago, and what is not.

use hence_engine::{Cause, Forgotten, WatchId, WatchState};

use super::*;

/// Accepts an event that arrived at a second, and says that it is matched.
fn matched(store: &dyn Store, id: &str, second: i64, cause: Option<EventSequence>) -> EventSequence {
    let event = NewEvent {
        received_at: instant(second),
        cause: cause.map(|event| Cause { event, depth: 1 }),
        trace: None,
        ..new_event(id)
    };
    let sequence = accept(store, event);
    store.apply(&[Change::EventMatched(sequence)]).unwrap();
    sequence
}

/// Returns the ids of the events that are left.
fn left(store: &dyn Store) -> Vec<String> {
    let mut events = store.events(&EventFilter::default(), None, 100).unwrap().items;
    events.sort_by_key(|event| event.sequence);
    events.into_iter().map(|event| event.event.id.to_string()).collect()
}

fn done(execution: &Execution, second: i64) -> Execution {
    Execution { strands: "".into(), ended_at: Some(instant(second)), ..ended(execution) }
}

pub(super) fn executions_that_ended_long_ago_go_with_their_steps(store: &dyn Store) {
    let sequence = matched(store, "e1", 1, None);
    let all: Vec<_> = (0..5).map(|number| execution(sequence, &format!("rule{number}"), 0)).collect();
    let mut changes: Vec<Change> = all.iter().map(started).collect();
    changes.extend(all.iter().map(|execution| step_started(&step(execution, 1, 1))));
    store.apply(&changes).unwrap();
    let ended_at = [(0, 30), (1, 10), (2, 20), (3, 40)];
    let changes: Vec<Change> = ended_at.map(|(place, second)| changed(&done(&all[place], second))).into();
    store.apply(&changes).unwrap();
    let rules = || {
        let page = store.executions(&ExecutionFilter::default(), None, 10).unwrap();
        let mut rules: Vec<_> = page.items.iter().map(|execution| execution.rule.to_string()).collect();
        rules.sort();
        rules
    };
    assert_eq!(store.forget_executions(instant(40), 2), Ok(2));
    assert_eq!(rules(), ["rule0", "rule3", "rule4"], "the earliest first");
    assert_eq!(store.forget_executions(instant(40), 2), Ok(1));
    assert_eq!(store.forget_executions(instant(40), 2), Ok(0));
    assert_eq!(rules(), ["rule3", "rule4"]);
    for (place, steps) in [(1, 0), (3, 1), (4, 1)] {
        assert_eq!(store.steps(&all[place].id).unwrap().len(), steps);
    }
    assert_eq!(store.execution(&all[1].id), Ok(None));
}

pub(super) fn events_that_nothing_needs_any_more_go(store: &dyn Store) {
    let unmatched = NewEvent { received_at: instant(1), ..new_event("unmatched") };
    accept(store, unmatched);
    matched(store, "plain", 2, None);
    let open = matched(store, "open", 3, None);
    let question = matched(store, "asked by open", 4, Some(open));
    matched(store, "led to by what was asked", 5, Some(question));
    let watched = matched(store, "watched", 6, None);
    matched(store, "plain too", 7, None);
    matched(store, "not looked at", 8, None);
    matched(store, "young", 50, None);
    let running = execution(open, "vip", 0);
    let id = WatchId { watch: "w".into(), key: "k".into() };
    let state = WatchState { id, state: "{}".into(), event: Some(watched), due: None };
    store.apply(&[started(&running), Change::WatchKept(Box::new(state))]).unwrap();
    let name = new_event("x").name;
    store.apply(&[Change::LookedAt(vec![(name.clone(), EventSequence(7))])]).unwrap();

    let first = store.forget_events(instant(20), EventSequence(0), 5).unwrap();
    assert_eq!(first, Forgotten { count: 2, next: Some(EventSequence(5)) });
    let second = store.forget_events(instant(20), EventSequence(5), 5).unwrap();
    assert_eq!(second, Forgotten { count: 1, next: None });
    let kept = ["unmatched", "open", "asked by open", "watched", "not looked at", "young"];
    assert_eq!(left(store), kept);

    // When its execution is gone so is the event, and what it led to goes before it.
    store.apply(&[changed(&done(&running, 9))]).unwrap();
    assert_eq!(store.forget_executions(instant(20), 10), Ok(1));
    store.apply(&[Change::LookedAt(vec![(name, EventSequence(9))])]).unwrap();
    store.forget_events(instant(20), EventSequence(0), 100).unwrap();
    store.forget_events(instant(20), EventSequence(0), 100).unwrap();
    assert_eq!(left(store), ["unmatched", "watched", "young"]);
    assert_eq!(store.event(open), Ok(None));
}

pub(super) fn the_last_place_of_the_inbox_is_given_once(store: &dyn Store) {
    matched(store, "first", 1, None);
    let last = matched(store, "last", 2, None);
    let forgotten = store.forget_events(instant(90), EventSequence(0), 100).unwrap();
    assert_eq!((forgotten.count, left(store)), (1, vec!["last".to_owned()]));
    // What is gone is not known any more.
    assert!(accept(store, NewEvent { received_at: instant(95), ..new_event("first") }) > last);
}
