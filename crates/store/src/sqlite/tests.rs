//! What only a store in a file can show: reopening, refusing, damage, many threads.

use std::path::{Path, PathBuf};

use hence_engine::{Change, EventFilter, ExecutionFilter, Status};
use tempfile::TempDir;

use super::*;
use crate::conformance::{accept, ended, execution, instant, new_event, started};

fn folder() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("hence.db");
    (folder, path)
}

fn raw(path: &Path, sql: &str) {
    Connection::open(path).unwrap().execute_batch(sql).unwrap();
}

fn refused(path: &Path) -> String {
    match Sqlite::open(path) {
        Ok(_) => panic!("opened"),
        Err(error) => error.to_string().replace(&path.display().to_string(), "FILE"),
    }
}

#[test]
fn what_was_accepted_is_there_after_a_restart() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    let first = accept(&store, new_event("e1"));
    let second = accept(&store, new_event("e2"));
    let running = execution(first, "vip", 0);
    store.apply(&[Change::EventMatched(first), started(&running)]).unwrap();
    drop(store);

    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.unmatched(10).unwrap()[0].sequence, second);
    assert_eq!(store.interrupted(None, 10).unwrap().items, [running]);
    assert_eq!(store.accept(&[new_event("e1")]).unwrap(), [Accepted::Duplicate(first)]);
}

#[test]
fn a_process_that_is_killed_leaves_what_it_acknowledged() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    accept(&store, new_event("e1"));
    // The file and its log as they are while the store is open: nothing was closed or copied back.
    let copy = path.with_file_name("copy.db");
    std::fs::copy(&path, &copy).unwrap();
    std::fs::copy(path.with_file_name("hence.db-wal"), path.with_file_name("copy.db-wal")).unwrap();
    assert_eq!(Sqlite::open(&copy).unwrap().unmatched(10).unwrap().len(), 1);
}

#[test]
fn a_store_is_held_by_one_process_at_a_time() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(refused(&path), "the store `FILE` is held by another process");
    drop(store);
    assert!(Sqlite::open(&path).is_ok());
}

#[test]
fn what_writing_costs_is_added_up() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.commits(), Commits::default());
    for id in ["a", "b", "a"] {
        accept(&store, new_event(id));
    }
    let commits = store.commits();
    assert_eq!((commits.count, commits.writes), (3, 3));
    assert!(commits.nanoseconds > 0);
}

#[test]
fn a_store_of_a_newer_version_is_refused_and_left_as_it_is() {
    let (_folder, path) = folder();
    drop(Sqlite::open(&path).unwrap());
    raw(&path, "PRAGMA user_version = 99");
    let latest = schema::MIGRATIONS.len();
    let message =
        format!("the store `FILE` has version 99, written by a newer hence; this one reads up to {latest}");
    assert_eq!(refused(&path), message);
    assert_eq!(refused(&path), message);
}

#[test]
fn a_store_with_another_migration_of_the_same_number_is_refused() {
    let (_folder, path) = folder();
    drop(Sqlite::open(&path).unwrap());
    raw(&path, "UPDATE migrations SET checksum = 'other'");
    assert!(refused(&path).contains("its migration `0001_init` is not the one"), "{}", refused(&path));
}

#[test]
fn files_of_others_are_refused_and_left_as_they_are() {
    let (_folder, path) = folder();
    raw(&path, "CREATE TABLE theirs (x)");
    assert!(refused(&path).ends_with("the file is an SQLite database of another program"));
    let text = "this is a text, and a longer one than the header of a database: ".repeat(20);
    std::fs::write(&path, &text).unwrap();
    assert_eq!(refused(&path), "the store `FILE` is damaged: the file is not an SQLite database");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
}

#[test]
fn a_folder_that_is_not_there_is_named() {
    let (folder, _) = folder();
    let path = folder.path().join("none/hence.db");
    assert!(refused(&path).starts_with("the store `FILE` is unavailable: "), "{}", refused(&path));
}

#[test]
fn an_sqlite_that_damages_files_is_refused() {
    let address = Address::new("x");
    assert!(schema::refuse_old_sqlite(&address, rusqlite::version_number()).is_ok());
    let error = schema::refuse_old_sqlite(&address, 3_051_002).unwrap_err().to_string();
    assert!(error.contains("SQLite 3.51.2 can damage its files; 3.51.3 or later is needed"), "{error}");
}

#[test]
fn stored_values_that_mean_nothing_are_damage_and_are_not_shown() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    let sequence = accept(&store, new_event("e1"));
    store.apply(&[started(&execution(sequence, "vip", 0))]).unwrap();
    drop(store);
    raw(&path, "UPDATE executions SET id = 'geheim'; UPDATE events SET mismatches = 'geheim'");
    let store = Sqlite::open(&path).unwrap();
    let error = store.executions(&ExecutionFilter::default(), None, 10).unwrap_err().to_string();
    assert!(error.contains("is damaged") && error.contains("`id`") && !error.contains("geheim"), "{error}");
    assert!(matches!(store.event(sequence), Err(Error::Corrupt { .. })));
}

#[test]
fn a_file_that_runs_full_fails_only_what_has_no_room_and_goes_on_when_there_is_room() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    accept(&store, new_event("e1"));
    drop(store);
    let lock = lock(&path, &Address::new("x")).unwrap();
    let address = Address::new("full");
    let connection = connect(&address, &path.to_string_lossy(), OpenFlags::default()).unwrap();
    let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
    connection.pragma_update(None, "max_page_count", pages).unwrap();
    let writer = Writer::start(address, connection).unwrap();
    let large = NewEvent { payload: "x".repeat(1_000_000).into(), ..new_event("large") };
    assert_eq!(writer.accept(vec![large]), Err(Error::Full { store: "full".into() }));
    let small = NewEvent { payload: "".into(), ..new_event("e2") };
    assert!(matches!(writer.accept(vec![small]).unwrap()[..], [Accepted::New(_)]));
    drop((writer, lock));
    assert_eq!(
        Sqlite::open(&path).unwrap().events(&EventFilter::default(), None, 10).unwrap().items.len(),
        2
    );
}

#[test]
fn many_threads_write_at_once_and_every_answer_is_true() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..16 {
            let store = &store;
            scope.spawn(move || {
                for number in 0..50 {
                    let own = accept(store, new_event(&format!("{thread}-{number}")));
                    // Everybody tries the same one, too; and what is refused harms nobody else's batch.
                    accept(store, new_event(&format!("shared-{number}")));
                    let begun = execution(own, "vip", number);
                    store.apply(&[Change::EventMatched(own), started(&begun)]).unwrap();
                    assert!(matches!(store.apply(&[started(&begun)]), Err(Error::Conflict { .. })));
                    assert_eq!(
                        store.execution(&begun.id).unwrap(),
                        Some(begun.clone()),
                        "read what was written"
                    );
                    store.apply(&[Change::ExecutionChanged(Box::new(ended(&begun)))]).unwrap();
                }
            });
        }
    });
    let counts = store.counts().unwrap();
    assert_eq!((counts.events, counts.unmatched), (16 * 50 + 50, 50));
    assert!(counts.executions.contains(&(Status::Completed, 16 * 50)));
}

#[test]
fn the_log_is_copied_back_and_does_not_grow_without_bound() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    let payload: Arc<str> = "x".repeat(1_000_000).into();
    for number in 0..150 {
        accept(&store, NewEvent { payload: payload.clone(), ..new_event(&format!("e{number}")) });
    }
    let size = std::fs::metadata(path.with_file_name("hence.db-wal")).unwrap().len();
    assert!(size < 40_000_000, "150 MB were written and the log has {size} bytes");
}

#[test]
fn no_list_is_sorted_or_read_without_an_index() {
    let store = Sqlite::open_in_memory().unwrap();
    let cursor = Cursor { instant: 0, sequence: 0 };
    let name = || Some(Arc::from("x"));
    let (all, since) = (ExecutionFilter::default(), Some(instant(0)));
    let mut lists =
        vec![executions::filtered(&all, None, 10), events::filtered(&EventFilter::default(), None, 10)];
    for filter in [
        ExecutionFilter { rule: name(), since, ..all.clone() },
        ExecutionFilter { status: Some(Status::Failed), since, ..all.clone() },
        ExecutionFilter { event_name: name(), since, ..all.clone() },
        ExecutionFilter { event_id: name(), since, ..all.clone() },
        ExecutionFilter { since, ..all },
    ] {
        lists.push(executions::filtered(&filter, Some(&cursor), 10));
    }
    let all = EventFilter::default();
    for filter in [
        EventFilter { name: name(), since, ..all.clone() },
        EventFilter { source: name(), since, ..all.clone() },
        EventFilter { schema_mismatch: Some(true), since, ..all.clone() },
        EventFilter { since, ..all },
    ] {
        lists.push(events::filtered(&filter, Some(&cursor), 10));
    }
    for list in lists {
        let sql = format!("EXPLAIN QUERY PLAN {}", list.sql());
        let values = vec![rusqlite::types::Value::Integer(0); list.bound()];
        let plan: Vec<String> = store
            .readers
            .with(|connection| {
                let mut statement = connection.prepare(&sql).unwrap();
                let rows = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3)).unwrap();
                Ok(rows.collect::<rusqlite::Result<_>>().unwrap())
            })
            .unwrap();
        assert!(plan.iter().all(|line| line.contains("USING INDEX")), "{sql}: {plan:?}");
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{sql}: {plan:?}");
    }
}

/// Returns the path of a store as the first migrations left it, with an execution that waits.
fn of_version(version: usize) -> (TempDir, PathBuf) {
    let (folder, path) = folder();
    let mut connection = Connection::open(&path).unwrap();
    schema::prepare_up_to(version, &Address::new("old"), &mut connection).unwrap();
    drop(connection);
    let due = if version == 1 { "retry_at" } else { "wake_at" };
    raw(
        &path,
        &format!(
            "INSERT INTO events (sequence, id, source, name, received_at, occurred_at, payload, state)
                VALUES (1, 'e1', 'shop', 'shop.order.created', 1, 1, '{{}}', 'matched');
             INSERT INTO executions (sequence, id, rule, rule_version, event, event_id, event_name, status, branch,
                    place, locals, steps, attempt, called_at, {due}, started_at, revision)
                VALUES (1, '01890a5d-ac96-774b-bcce-b302099a8057', 'vip', '0011', 1, 'e1', 'shop.order.created',
                    'waiting', 'then', 0, '[]', 1, 1, 1, 7000000, 1, 1);
             INSERT INTO steps (execution, sequence, attempt, action, status, key, arguments, error, started_at, ended_at)
                VALUES ('01890a5d-ac96-774b-bcce-b302099a8057', 1, 1, 'crm.add_tag', 'retrying', '00', '{{}}', 'busy', 1, 2);"
        ),
    );
    (folder, path)
}

#[test]
fn a_store_of_every_earlier_version_is_opened_and_its_executions_wait_on() {
    for version in 1..schema::MIGRATIONS.len() {
        let (_folder, path) = of_version(version);
        let store = Sqlite::open(&path).unwrap();
        let due = store.due_executions(instant(0), 10).unwrap();
        let [id] = &due[..] else { panic!("{due:?}") };
        let execution = store.execution(id).unwrap().unwrap();
        assert_eq!(execution.wake_at.map(|at| at.as_second()), Some(7));
        assert_eq!(execution.reason, None);
        let steps = store.steps(&execution.id).unwrap();
        assert_eq!((steps.len(), steps[0].label.clone()), (1, None));
        let events = store.matched_after("shop.order.created", EventSequence(0), 10).unwrap();
        assert_eq!(events.len(), 1);
        store.apply(&[Change::ExecutionChanged(Box::new(ended(&execution)))]).unwrap();
    }
}

/// A store in a file whose writing connection is prepared before it is used.
fn writing(path: &Path, prepare: impl FnOnce(&Connection)) -> Writer {
    drop(Sqlite::open(path).unwrap());
    let address = Address::new("x");
    let connection = connect(&address, &path.to_string_lossy(), OpenFlags::default()).unwrap();
    prepare(&connection);
    Writer::start(address, connection).unwrap()
}

#[test]
fn a_store_that_is_locked_by_another_program_says_so_until_it_is_free() {
    let (_folder, path) = folder();
    let writer = writing(&path, |connection| connection.busy_timeout(std::time::Duration::ZERO).unwrap());
    writer.accept(vec![new_event("e1")]).unwrap();
    assert_eq!(writer.check(), Ok(()));
    let other = Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let locked = Error::Locked { store: "x".into() };
    assert_eq!(writer.accept(vec![new_event("e2")]), Err(locked.clone()));
    assert_eq!(writer.check(), Err(locked));
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(writer.check(), Ok(()));
    assert!(matches!(writer.accept(vec![new_event("e2")]).unwrap()[..], [Accepted::New(_)]));
}

#[test]
fn a_full_disk_is_told_until_there_is_room_and_what_was_accepted_stays() {
    let (_folder, path) = folder();
    let writer = writing(&path, |_| {});
    writer.accept(vec![new_event("e1")]).unwrap();
    let pages =
        |pages: i64| writer.write(move |connection| connection.pragma_update(None, "max_page_count", pages));
    pages(1).unwrap();
    let large = || vec![NewEvent { payload: "x".repeat(1_000_000).into(), ..new_event("large") }];
    let full = Error::Full { store: "x".into() };
    assert_eq!(writer.accept(large()), Err(full));
    pages(1_000_000).unwrap();
    assert_eq!(writer.check(), Ok(()));
    assert!(matches!(writer.accept(large()).unwrap()[..], [Accepted::New(_)]));
    drop(writer);
    let events = Sqlite::open(&path).unwrap().events(&EventFilter::default(), None, 10).unwrap();
    assert_eq!(events.items.len(), 2);
}

#[test]
fn a_page_that_is_damaged_is_told_and_harms_nothing_else() {
    let (_folder, path) = folder();
    let store = Sqlite::open(&path).unwrap();
    accept(&store, new_event("e1"));
    let large = NewEvent { payload: "x".repeat(100_000).into(), ..new_event("large") };
    let large = accept(&store, large);
    drop(store);
    let size = std::fs::metadata(&path).unwrap().len();
    let root = |table: &str| -> u64 {
        let connection = Connection::open(&path).unwrap();
        let sql = "SELECT rootpage FROM sqlite_schema WHERE name = ?";
        connection.query_row(sql, [table], |row| row.get::<_, i64>(0)).unwrap().unsigned_abs()
    };
    let page = root("executions_by_instant");
    let mut file = std::fs::File::options().write(true).open(&path).unwrap();
    assert!(page * 4096 <= size);
    std::io::Seek::seek(&mut file, std::io::SeekFrom::Start((page - 1) * 4096)).unwrap();
    std::io::Write::write_all(&mut file, &[0xff; 4096]).unwrap();
    drop(file);
    let store = Sqlite::open(&path).unwrap();
    let error = store.executions(&ExecutionFilter::default(), None, 10).unwrap_err();
    assert!(matches!(error, Error::Corrupt { .. }), "{error}");
    let sequence = store.event(large).unwrap().unwrap().sequence;
    let begun = store.apply(&[started(&execution(sequence, "vip", 0))]).unwrap_err();
    assert!(matches!(begun, Error::Corrupt { .. }), "{begun}");
    assert_eq!(store.events(&EventFilter::default(), None, 10).unwrap().items.len(), 2);
    accept(&store, new_event("e3"));
}

#[test]
fn what_is_due_and_what_is_old_is_found_by_an_index() {
    let store = Sqlite::open_in_memory().unwrap();
    // Each by the index that is made for it: that of states finds all that wait.
    for (sql, index) in [
        (executions::DUE.to_owned(), "executions_by_wake_at"),
        (format!("SELECT id {}", executions::INTERRUPTED), "executions_interrupted"),
        (timers::NEXT.to_owned(), "executions_by_wake_at"),
        (retention::EXECUTIONS.to_owned(), "executions_by_end"),
        (retention::EVENTS.to_owned(), "executions_by_event"),
    ] {
        let plan: Vec<String> = store
            .readers
            .with(|connection| {
                let mut statement = connection.prepare(&format!("EXPLAIN QUERY PLAN {sql}")).unwrap();
                let values = vec![rusqlite::types::Value::Integer(0); statement.parameter_count()];
                let rows = statement.query_map(rusqlite::params_from_iter(values), |row| row.get(3)).unwrap();
                Ok(rows.collect::<rusqlite::Result<_>>().unwrap())
            })
            .unwrap();
        let is_scan = |line: &String| {
            line.starts_with("SCAN") && !line.contains("INDEX") && line != "SCAN CONSTANT ROW"
        };
        assert!(!plan.iter().any(is_scan), "{sql}: {plan:#?}");
        assert!(plan.iter().any(|line| line.contains(index)), "{sql}: {plan:#?}");
        assert!(!plan.iter().any(|line| line.contains("TEMP B-TREE")), "{sql}: {plan:#?}");
    }
}
