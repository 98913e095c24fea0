//! Tasks that rules gave people.

use hence_engine::{EventFilter, Store};

use super::*;
use crate::conformance::instant;

fn task(id: &str, assignee: Option<&str>, list: Option<&str>, second: i64) -> Assignment {
    Assignment {
        id: id.to_owned(),
        title: format!("Title {second}"),
        description: "Details".to_owned(),
        assignee: assignee.map(str::to_owned),
        list: list.map(str::to_owned),
        priority: TaskPriority::High,
        due_at: (second % 2 == 0).then(|| instant(second + 100)),
        link: Some("/orders/1".to_owned()),
        reference: Some("1".to_owned()),
        opened_at: instant(second),
        ended: None,
    }
}

fn ending(end: End, second: i64) -> Ending {
    Ending {
        end,
        by: "storefront".to_owned(),
        person: Some("u7".to_owned()),
        outcome: Some("packed".to_owned()),
        note: None,
        at: instant(second),
    }
}

/// Ends a task; returns whether it was open.
fn end(store: &Sqlite, task: &Assignment, ending: &Ending) -> bool {
    let ended = store.end_assignment(&task.id, ending, &task.ended_event(ending)).unwrap();
    assert!(!matches!(ended, Some(Accepted::Duplicate(_))));
    ended.is_some()
}

fn open(store: &Sqlite, assignee: Option<&str>, list: Option<&str>) -> Vec<String> {
    let filter = AssignmentFilter { assignee: assignee.map(str::to_owned), list: list.map(str::to_owned) };
    let found = store.open_assignments(&filter, None, 10).unwrap();
    found.into_iter().map(|task| task.id).collect()
}

/// The names and ids of the events in the inbox, latest first.
fn events(store: &Sqlite) -> Vec<(String, String)> {
    let found = store.events(&EventFilter::default(), None, 10).unwrap().items;
    found.into_iter().map(|stored| (stored.event.name.to_string(), stored.event.id.to_string())).collect()
}

#[test]
fn a_task_is_kept_once_for_its_id_with_everything_in_it() {
    let store = Sqlite::open_in_memory().unwrap();
    let (first, without) = (task("a", Some("u1"), None, 2), task("b", None, Some("packing"), 3));
    assert!(store.assign(&first).unwrap());
    assert!(store.assign(&without).unwrap());
    assert!(!store.assign(&task("a", None, None, 9)).unwrap());
    assert_eq!(store.assignment("a").unwrap(), Some(first));
    assert_eq!(store.assignment("b").unwrap(), Some(without));
    assert_eq!(store.assignment("c").unwrap(), None);
}

#[test]
fn a_task_ends_once_and_one_event_tells_of_it() {
    let store = Sqlite::open_in_memory().unwrap();
    let (first, second) = (task("a", Some("u1"), None, 1), task("b", None, None, 2));
    store.assign(&first).unwrap();
    store.assign(&second).unwrap();
    assert!(end(&store, &first, &ending(End::Completed, 5)));
    assert!(!end(&store, &first, &ending(End::Completed, 6)));
    assert!(!end(&store, &first, &ending(End::Cancelled, 7)));
    assert!(end(&store, &second, &ending(End::Cancelled, 8)));
    assert!(!end(&store, &task("nothing", None, None, 1), &ending(End::Completed, 9)));
    let kept = store.assignment("a").unwrap().unwrap();
    assert_eq!(kept, Assignment { ended: Some(ending(End::Completed, 5)), ..first });
    let expected = [("tasks.task.cancelled", "b.end"), ("tasks.task.completed", "a.end")];
    assert_eq!(events(&store), expected.map(|(name, id)| (name.to_owned(), id.to_owned())));
}

#[test]
fn what_cannot_be_written_ends_nothing_and_tells_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hence.db");
    let store = Sqlite::open(&path).unwrap();
    let first = task("a", None, None, 1);
    store.assign(&first).unwrap();
    // The event is refused by the database, after the task was changed in the same write.
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch(
            "CREATE TRIGGER refuse BEFORE INSERT ON events BEGIN SELECT RAISE(ABORT, 'refused'); END",
        )
        .unwrap();
    let ending = ending(End::Completed, 5);
    store.end_assignment("a", &ending, &first.ended_event(&ending)).unwrap_err();
    assert_eq!(store.assignment("a").unwrap(), Some(first.clone()));
    other.execute_batch("DROP TRIGGER refuse").unwrap();
    assert!(end(&store, &first, &ending));
}

#[test]
fn open_tasks_are_found_by_person_and_list_and_in_parts() {
    let store = Sqlite::open_in_memory().unwrap();
    let tasks = [
        task("a", Some("u1"), Some("packing"), 1),
        task("b", Some("u2"), Some("packing"), 2),
        task("c", Some("u1"), None, 3),
        task("d", Some("u1"), Some("packing"), 4),
    ];
    tasks.iter().for_each(|task| assert!(store.assign(task).unwrap()));
    end(&store, &tasks[3], &ending(End::Completed, 5));
    assert_eq!(open(&store, None, None), ["a", "b", "c"]);
    assert_eq!(open(&store, Some("u1"), None), ["a", "c"]);
    assert_eq!(open(&store, None, Some("packing")), ["a", "b"]);
    assert_eq!(open(&store, Some("u1"), Some("packing")), ["a"]);
    let rest = store.open_assignments(&AssignmentFilter::default(), Some("a"), 1).unwrap();
    assert_eq!(rest, [tasks[1].clone()]);
}

#[test]
fn all_tasks_are_listed_latest_first_and_in_parts() {
    let store = Sqlite::open_in_memory().unwrap();
    let tasks = [task("b", Some("u1"), None, 1), task("a", None, None, 2), task("c", Some("u1"), None, 2)];
    tasks.iter().for_each(|task| assert!(store.assign(task).unwrap()));
    let ids = |page: &Page<(Cursor, Assignment)>| {
        page.items.iter().map(|(_, task)| task.id.clone()).collect::<Vec<_>>()
    };
    let all = AssignmentFilter::default();
    let page = store.assignments(&all, None, 2).unwrap();
    assert_eq!(ids(&page), ["c", "a"]);
    assert_eq!(page.next, Some(page.items[1].0));
    let page = store.assignments(&all, page.next.as_ref(), 2).unwrap();
    assert_eq!((ids(&page), page.next), (vec!["b".to_owned()], None));
    let of_one = AssignmentFilter { assignee: Some("u1".to_owned()), list: None };
    assert_eq!(ids(&store.assignments(&of_one, None, 10).unwrap()), ["c", "b"]);
}

#[test]
fn what_ended_long_ago_is_deleted_some_at_a_time_and_what_is_open_stays() {
    let store = Sqlite::open_in_memory().unwrap();
    for second in 1..=6 {
        let task = task(&format!("t{second}"), None, None, second);
        store.assign(&task).unwrap();
        if second > 1 {
            end(&store, &task, &ending(End::Completed, second));
        }
    }
    assert_eq!(store.forget_assignments(instant(5), 2).unwrap(), 2);
    assert_eq!(store.forget_assignments(instant(5), 2).unwrap(), 1);
    assert_eq!(store.forget_assignments(instant(5), 2).unwrap(), 0);
    let page = store.assignments(&AssignmentFilter::default(), None, 10).unwrap();
    let left: Vec<String> = page.items.into_iter().map(|(_, task)| task.id).collect();
    assert_eq!(left, ["t6", "t5", "t1"]);
}
