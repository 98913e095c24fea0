//! What is watched, and timers.

use hence_engine::{Change, Store, Target, Timer, TimerKey, Watched};

use super::{instant, is_conflict};

fn target(rule: &str, trigger: u32) -> Target {
    Target { rule: rule.into(), trigger }
}

fn begun(rule: &str, trigger: u32) -> Change {
    let what = format!("{rule} {trigger}").into();
    Change::WatchBegun(Box::new(Watched { target: target(rule, trigger), what }))
}

fn timer(rule: &str, trigger: u32, key: &str, second: i64) -> Timer {
    Timer { target: target(rule, trigger), key: key.into(), due: instant(second), memory: None }
}

fn set(timer: Timer) -> Change {
    Change::TimerSet(Box::new(timer))
}

fn due(store: &dyn Store, second: i64, limit: usize) -> Vec<String> {
    let due = store.due_timers(instant(second), limit).unwrap();
    due.into_iter()
        .map(|timer| format!("{}{} {}", timer.target.rule, timer.target.trigger, timer.key))
        .collect()
}

pub(super) fn what_is_watched_is_kept_until_it_ends(store: &dyn Store) {
    store.apply(&[begun("b", 0), begun("a", 1), begun("a", 0)]).unwrap();
    let watched = || {
        let watched = store.watched().unwrap().into_iter();
        watched.map(|watched| watched.what.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(watched(), ["a 0", "a 1", "b 0"]);
    let timers = [timer("a", 0, "x", 1), timer("a", 0, "y", 2), timer("a", 1, "x", 3), timer("b", 0, "x", 4)];
    store.apply(&timers.map(set)).unwrap();
    store.apply(&[Change::WatchEnded(target("a", 0))]).unwrap();
    assert_eq!(watched(), ["a 1", "b 0"]);
    assert_eq!(due(store, 9, 10), ["a1 x", "b0 x"]);
    let (first, again) = (store.next_due().unwrap().timer, Change::WatchEnded(target("a", 0)));
    assert_eq!(first, Some(instant(3)));
    store.apply(&[again]).unwrap();
}

pub(super) fn timers_are_found_when_they_are_due(store: &dyn Store) {
    assert_eq!(store.next_due().unwrap().timer, None);
    let memory = Some("it is".into());
    let kept = Timer { memory, ..timer("a", 0, "y", 10) };
    store
        .apply(&[begun("a", 0), set(timer("a", 0, "x", 30)), set(kept.clone()), set(timer("a", 0, "z", 20))])
        .unwrap();
    assert_eq!(store.timer(&kept.id()).unwrap(), Some(kept.clone()));
    assert_eq!(due(store, 9, 10), [""; 0]);
    assert_eq!(due(store, 10, 10), ["a0 y"]);
    assert_eq!(due(store, 99, 2), ["a0 y", "a0 z"]);
    // One of a key that is there moves it.
    store.apply(&[set(timer("a", 0, "y", 25)), Change::TimerDropped(timer("a", 0, "x", 0).id())]).unwrap();
    assert_eq!(due(store, 99, 10), ["a0 z", "a0 y"]);
    assert_eq!(store.next_due().unwrap().timer, Some(instant(20)));
    assert_eq!(store.timer(&TimerKey { target: target("a", 0), key: "x".into() }).unwrap(), None);
}

pub(super) fn a_timer_fires_once_and_only_at_its_time(store: &dyn Store) {
    let first = timer("a", 0, "", 10);
    let fired = |timer: &Timer| Change::TimerFired(Box::new(timer.clone()));
    store.apply(&[begun("a", 0), set(first.clone())]).unwrap();
    let second = timer("a", 0, "", 20);
    assert!(
        is_conflict(store.apply(&[set(timer("a", 0, "other", 5)), fired(&second)])),
        "it is due at another time"
    );
    assert_eq!(due(store, 9, 10), [""; 0], "nothing of a refused batch is written");
    store.apply(&[fired(&first), set(second.clone())]).unwrap();
    assert!(is_conflict(store.apply(&[fired(&first)])));
    store.apply(&[fired(&second)]).unwrap();
    assert!(is_conflict(store.apply(&[fired(&second)])));
    assert_eq!(store.next_due().unwrap().timer, None);
}
