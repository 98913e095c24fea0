//! What is kept of subjects.

use serde_json::json;

use crate::Sqlite;
use crate::conformance::instant;
use crate::records::{Record, RecordKind, Records};

fn record(kind: RecordKind, subject: &str, key: &str, value: u32) -> Record {
    let at = instant(i64::from(value));
    Record {
        kind,
        subject: subject.to_owned(),
        key: key.to_owned(),
        value: json!({"n": value}),
        by: "ann".to_owned(),
        at,
    }
}

#[test]
fn a_record_takes_the_place_of_the_one_of_its_key() {
    let store = Sqlite::open_in_memory().unwrap();
    use RecordKind::{Acknowledgment, Preference};
    let first = record(Preference, "u1", "packaging", 1);
    assert_eq!(store.put_record(&first).unwrap(), None);
    assert_eq!(store.put_record(&record(Acknowledgment, "u1", "packaging", 2)).unwrap(), None);
    let second = record(Preference, "u1", "packaging", 3);
    assert_eq!(store.put_record(&second).unwrap(), Some(first));
    assert_eq!(store.record(Preference, "u1", "packaging").unwrap(), Some(second));
    assert_eq!(store.record(Preference, "u2", "packaging").unwrap(), None);
}

#[test]
fn a_record_that_is_there_is_not_added() {
    let store = Sqlite::open_in_memory().unwrap();
    let first = record(RecordKind::Preference, "u1", "n1", 1);
    assert!(store.add_record(&first).unwrap());
    assert!(!store.add_record(&record(RecordKind::Preference, "u1", "n1", 2)).unwrap());
    assert_eq!(store.record(RecordKind::Preference, "u1", "n1").unwrap(), Some(first));
}

#[test]
fn records_are_listed_page_by_page() {
    let store = Sqlite::open_in_memory().unwrap();
    let kind = RecordKind::Preference;
    for number in 1..=5 {
        store
            .add_record(&record(
                kind,
                if number % 2 == 0 { "even" } else { "odd" },
                &number.to_string(),
                number,
            ))
            .unwrap();
    }
    let keys = |subject: Option<&str>, before: Option<i64>, limit: usize| -> (Vec<String>, Option<i64>) {
        let found = store.records(kind, subject, before, limit).unwrap();
        let last = found.last().map(|(number, _)| *number);
        (found.into_iter().map(|(_, record)| record.key).collect(), last)
    };
    let (first, last) = keys(None, None, 2);
    assert_eq!(first, ["5", "4"]);
    assert_eq!(keys(None, last, 10).0, ["3", "2", "1"]);
    assert_eq!(keys(Some("odd"), None, 10).0, ["5", "3", "1"]);
    // What is written again is the latest.
    store.put_record(&record(kind, "odd", "1", 9)).unwrap();
    assert_eq!(keys(Some("odd"), None, 10).0, ["1", "5", "3"]);
    assert!(store.records(RecordKind::Acknowledgment, None, None, 10).unwrap().is_empty());
}
