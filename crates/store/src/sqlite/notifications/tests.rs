//! Messages to people.

use hence_engine::{Level, Notification, NotificationFilter, Notifications};

use crate::Sqlite;
use crate::conformance::instant;

fn message(id: &str, to: &str, second: i64) -> Notification {
    Notification {
        id: id.to_owned(),
        to: to.to_owned(),
        title: format!("Title {second}"),
        body: "Text".to_owned(),
        link: (second % 2 == 0).then(|| format!("/orders/{second}")),
        level: Level::Warning,
        sent_at: instant(second),
        read_at: None,
    }
}

/// The ids of those that are found.
fn ids(store: &Sqlite, to: Option<&str>, read: Option<bool>) -> Vec<String> {
    let filter = NotificationFilter { to: to.map(str::to_owned), read };
    let found = store.notifications(&filter, None, 10).unwrap();
    found.into_iter().map(|(_, message)| message.id).collect()
}

#[test]
fn a_message_is_kept_once_for_its_id() {
    let store = Sqlite::open_in_memory().unwrap();
    let first = message("a", "u1", 1);
    assert!(store.notify(&first).unwrap());
    assert!(!store.notify(&message("a", "u2", 2)).unwrap());
    let found = store.notifications(&NotificationFilter::default(), None, 10).unwrap();
    assert_eq!(found, [(1, first)]);
}

#[test]
fn messages_are_found_by_person_and_by_whether_they_were_read() {
    let store = Sqlite::open_in_memory().unwrap();
    for (id, to, second) in [("a", "u1", 1), ("b", "u2", 2), ("c", "u1", 3), ("d", "u1", 4)] {
        assert!(store.notify(&message(id, to, second)).unwrap());
    }
    store.mark_read("c", instant(9)).unwrap();
    assert_eq!(ids(&store, None, None), ["d", "c", "b", "a"]);
    assert_eq!(ids(&store, Some("u1"), None), ["d", "c", "a"]);
    assert_eq!(ids(&store, Some("u1"), Some(false)), ["d", "a"]);
    assert_eq!(ids(&store, None, Some(true)), ["c"]);
    let filter = NotificationFilter { to: Some("u1".to_owned()), read: None };
    let page = store.notifications(&filter, None, 2).unwrap();
    let (last, _) = page[1];
    let next = store.notifications(&filter, Some(last), 2).unwrap();
    assert_eq!(next, [(1, message("a", "u1", 1))]);
}

#[test]
fn when_a_message_was_first_read_stays() {
    let store = Sqlite::open_in_memory().unwrap();
    let sent = message("a", "u1", 2);
    store.notify(&sent).unwrap();
    let read = Notification { read_at: Some(instant(5)), ..sent.clone() };
    assert_eq!(store.mark_read("a", instant(5)).unwrap(), Some((sent, read.clone())));
    assert_eq!(store.mark_read("a", instant(8)).unwrap(), Some((read.clone(), read)));
    assert_eq!(store.mark_read("b", instant(8)).unwrap(), None);
}

#[test]
fn what_is_old_is_deleted_some_at_a_time_read_or_not() {
    let store = Sqlite::open_in_memory().unwrap();
    for second in 1..=5 {
        store.notify(&message(&format!("m{second}"), "u1", second)).unwrap();
    }
    store.mark_read("m1", instant(9)).unwrap();
    assert_eq!(store.forget_notifications(instant(4), 2).unwrap(), 2);
    assert_eq!(ids(&store, None, None), ["m5", "m4", "m3"]);
    assert_eq!(store.forget_notifications(instant(4), 2).unwrap(), 1);
    assert_eq!(ids(&store, None, None), ["m5", "m4"]);
}
