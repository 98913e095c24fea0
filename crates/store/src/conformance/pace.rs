//! Runs that count, variants, and events that were faster.

use super::*;

pub(super) fn runs_that_count_are_refused_beyond_the_most(store: &dyn Store) {
    let key = |number: u8| KeyHash::from_bytes([number; 16]);
    let fired = |number: u8, at: i64, since: Option<i64>, most| {
        let expires_at = since.map(|since| instant(at + at - since));
        let since = since.map(instant);
        store.apply(&[Change::Fired(Firing { key: key(number), at: instant(at), expires_at, since, most })])
    };
    for at in [0, 5, 5] {
        fired(1, at, Some(at - 10), 3).unwrap();
    }
    assert_eq!(store.firings(&key(1), None).unwrap(), 3);
    assert_eq!(store.firings(&key(1), Some(instant(0))).unwrap(), 2, "the instant itself is before");
    assert!(is_conflict(fired(1, 9, Some(-1), 3).map(drop)));
    fired(1, 10, Some(0), 3).unwrap();
    assert!(is_conflict(fired(1, 11, Some(1), 3).map(drop)));
    fired(2, 11, Some(1), 3).unwrap();

    fired(3, 0, None, 1).unwrap();
    assert!(is_conflict(fired(3, 1_000_000, None, 1).map(drop)));
    let both = [
        Change::Fired(Firing { key: key(4), at: instant(0), expires_at: None, since: None, most: 1 }),
        Change::EventMatched(EventSequence(999)),
    ];
    assert!(is_conflict(store.apply(&both).map(drop)));
    assert_eq!(store.firings(&key(4), None).unwrap(), 0, "together or not at all");

    // A clock that was ahead is set back: what counted before counts again.
    fired(1, 1000, Some(990), 3).unwrap();
    assert!(is_conflict(fired(1, 12, Some(2), 3).map(drop)));
    // What no longer counts goes a day later when others come.
    let later = 1000 + 24 * 3600;
    fired(1, later, Some(later - 10), 3).unwrap();
    assert_eq!(store.firings(&key(1), None).unwrap(), 2);
    assert_eq!(store.firings(&key(3), None).unwrap(), 1, "what counts for ever stays");
}

pub(super) fn variants_are_counted(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    let of = |rule: &str, number: i64, variant: Option<&str>, status| Execution {
        rule: rule.into(),
        variant: variant.map(Into::into),
        status,
        ..execution(sequence, &format!("{rule}{number}"), number)
    };
    let executions = [
        of("vip", 0, Some("B"), Status::Running),
        of("vip", 1, Some("A"), Status::Completed),
        of("vip", 2, Some("B"), Status::Failed),
        of("vip", 3, Some("B"), Status::Throttled),
        of("vip", 4, None, Status::Running),
        of("other", 5, Some("A"), Status::Running),
    ];
    store.apply(&executions.iter().map(started).collect::<Vec<_>>()).unwrap();
    assert_eq!(store.variants("vip").unwrap(), [("A".into(), 1), ("B".into(), 2)]);
    assert_eq!(store.variants("none").unwrap(), []);
    for execution in &executions {
        assert_eq!(store.execution(&execution.id).unwrap().as_ref(), Some(execution));
    }
}

pub(super) fn events_that_were_faster_are_found(store: &dyn Store) {
    let sequences: Vec<_> = (0..5).map(|number| accept(store, new_event(&format!("e{number}")))).collect();
    accept(store, NewEvent { name: "shop.order.paid".into(), ..new_event("other") });
    let matched = [1, 2, 4].map(|number: usize| Change::EventMatched(sequences[number]));
    store.apply(&matched).unwrap();
    let after = |number: usize, limit| {
        let found = store.matched_after("shop.order.created", sequences[number], limit).unwrap();
        found.iter().map(|stored| stored.event.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(after(0, 10), "e1 e2 e4");
    assert_eq!(after(0, 2), "e1 e2");
    assert_eq!(after(2, 10), "e4");
    assert_eq!(after(4, 10), "");
}
