//! One suite for every store: what the engine may rely on.

mod pace;
mod retention;
mod timers;
mod watches;

use std::sync::Arc;

use hence_diagnostics::Code;
use hence_engine::store::Error;
use hence_engine::{
    Accepted, Branch, Cause, Change, Cursor, EventFilter, EventSequence, EventState, Execution,
    ExecutionError, ExecutionFilter, ExecutionId, Firing, KeyHash, NewEvent, Page, Status, StepEnd,
    StepRecord, StepStatus, Store, Target, Wait, WatchId, WatchState,
};
use hence_types::jiff::Timestamp;
use hence_types::wire::Mismatch;
use serde_json::{Value as Json, json};

/// Runs the suite; `make` gives an empty store.
pub(crate) fn conformance(make: impl Fn() -> Box<dyn Store>) {
    let tests: &[fn(&dyn Store)] = &[
        events_are_kept_as_received,
        a_delivery_is_taken_once,
        events_wait_for_their_rules_in_the_order_of_arrival,
        events_are_accepted_with_other_changes_or_not_at_all,
        an_event_is_matched_once,
        executions_and_steps_are_kept_as_written,
        changes_are_written_together_or_not_at_all,
        an_older_revision_is_refused,
        steps_need_an_execution_and_are_begun_once,
        interrupted_executions_are_listed_page_by_page,
        executions_are_found_by_every_filter,
        events_are_found_by_every_filter,
        pages_are_stable_under_inserts,
        executions_that_wait_are_found_when_they_are_due,
        timers::what_is_watched_is_kept_until_it_ends,
        timers::timers_are_found_when_they_are_due,
        timers::a_timer_fires_once_and_only_at_its_time,
        everything_is_counted,
        what_is_not_there_is_not_found,
        waits_are_found_by_their_keys,
        watches::what_watches_keep_is_found_by_key_and_by_deadline,
        watches::what_is_not_watched_is_forgotten,
        watches::events_to_watch_come_in_order_and_are_addressed_to_nobody,
        pace::events_that_were_faster_are_found,
        pace::runs_that_count_are_refused_beyond_the_most,
        pace::variants_are_counted,
        retention::executions_that_ended_long_ago_go_with_their_steps,
        retention::events_that_nothing_needs_any_more_go,
        retention::the_last_place_of_the_inbox_is_given_once,
    ];
    tests.iter().for_each(|test| test(&*make()));
}

pub(crate) fn instant(seconds: i64) -> Timestamp {
    Timestamp::from_microsecond(1_767_225_600_000_000 + seconds * 1_000_000).unwrap()
}

pub(crate) fn new_event(id: &str) -> NewEvent {
    NewEvent {
        id: id.into(),
        source: "shop".into(),
        name: "shop.order.created".into(),
        received_at: instant(0),
        occurred_at: instant(-5),
        payload: r#"{"total": 1.50, "id": 90071992547409931234}"#.into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: None,
    }
}

/// Takes an event and returns its place.
pub(crate) fn accept(store: &dyn Store, event: NewEvent) -> EventSequence {
    store.accept(&[event]).unwrap().first().unwrap().sequence()
}

/// Returns an execution of revision 1 that the event started at this second.
pub(crate) fn execution(event: EventSequence, rule: &str, second: i64) -> Execution {
    let stored = NewEvent { received_at: instant(second), ..new_event("e") }.into_stored(event);
    Execution {
        id: ExecutionId::derive(&stored, &format!("{rule}{}", event.0)),
        rule: rule.into(),
        rule_version: "0011223344556677".into(),
        event,
        event_id: "e".into(),
        event_name: "shop.order.created".into(),
        status: Status::Running,
        branch: Branch::Then,
        variant: None,
        place: 0,
        locals: r#"{"v":1,"locals":[]}"#.into(),
        strands: r#"{"version":1}"#.into(),
        steps: 1,
        attempt: 1,
        called_at: Some(instant(second)),
        wake_at: None,
        error: None,
        reason: None,
        started_at: instant(second),
        ended_at: None,
        revision: 1,
    }
}

pub(crate) fn started(execution: &Execution) -> Change {
    Change::ExecutionStarted(Box::new(execution.clone()))
}

fn changed(execution: &Execution) -> Change {
    Change::ExecutionChanged(Box::new(execution.clone()))
}

/// Returns the state that follows, ended well.
pub(crate) fn ended(execution: &Execution) -> Execution {
    let status = Status::Completed;
    Execution { status, ended_at: Some(instant(99)), revision: execution.revision + 1, ..execution.clone() }
}

/// Returns the state that follows, waiting until this second.
fn waiting(execution: &Execution, second: i64) -> Execution {
    let (status, wake_at) = (Status::Waiting, Some(instant(second)));
    Execution { status, wake_at, revision: execution.revision + 1, ..execution.clone() }
}

fn step(execution: &Execution, sequence: u32, attempt: u32) -> StepRecord {
    StepRecord {
        execution: execution.id.clone(),
        sequence,
        attempt,
        action: "crm.add_tag".into(),
        label: (sequence > 1).then(|| "tagging".into()),
        status: StepStatus::Started,
        key: "00112233445566778899aabbccddeeff".into(),
        arguments: json!({ "tag": "vip", "amount": 12.5 }).as_object().unwrap().clone(),
        detail: Json::Null,
        error: None,
        started_at: instant(1),
        ended_at: None,
    }
}

fn step_started(step: &StepRecord) -> Change {
    Change::StepStarted(Box::new(step.clone()))
}

fn is_conflict<T>(result: Result<T, Error>) -> bool {
    matches!(result, Err(Error::Conflict { .. }))
}

fn events_are_kept_as_received(store: &dyn Store) {
    let mismatch = Mismatch { path: "/total".into(), expected: "money".into(), found: "\"x\"".into() };
    let precise = Timestamp::from_nanosecond(1_767_225_600_123_456_789).unwrap();
    let event = NewEvent {
        payload: "{ \"a\" :\t1e400, \"ü\": \"\u{1F600}\\u0000\" }".into(),
        received_at: precise,
        mismatches: vec![mismatch],
        target: Some(Target { rule: "vip".into(), trigger: 1 }),
        cause: Some(Cause { event: accept(store, new_event("e0")), depth: 3 }),
        trace: Some("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".into()),
        ..new_event("e1")
    };
    let sequence = accept(store, event.clone());
    let stored = store.event(sequence).unwrap().unwrap();
    assert_eq!(stored, event.clone().into_stored(sequence));
    assert_eq!(stored.event.payload, event.payload);
    assert!(stored.event.breaks_schema());
    assert_eq!(stored.event.received_at.as_nanosecond() % 1_000, 0, "kept to the microsecond");
}

fn a_delivery_is_taken_once(store: &dyn Store) {
    let first = accept(store, new_event("e1"));
    let other_source = NewEvent { source: "github".into(), ..new_event("e1") };
    let changed = NewEvent { payload: "{}".into(), ..new_event("e1") };
    let accepted = store.accept(&[changed, new_event("e2"), new_event("e2"), other_source]).unwrap();
    let [Accepted::Duplicate(again), Accepted::New(second), Accepted::Duplicate(twice), Accepted::New(other)] =
        accepted[..]
    else {
        panic!("{accepted:?}")
    };
    assert_eq!((again, twice), (first, second));
    assert!(first < second && second < other);
    let of_id: Vec<_> = store.events_of_id("e1").unwrap().iter().map(|stored| stored.sequence).collect();
    assert_eq!(of_id, [other, first]);
    assert_eq!(
        *store.event(first).unwrap().unwrap().event.payload,
        *new_event("e1").payload,
        "the first counts"
    );
}

fn events_wait_for_their_rules_in_the_order_of_arrival(store: &dyn Store) {
    let sequences: Vec<_> = (0..5).map(|number| accept(store, new_event(&format!("e{number}")))).collect();
    store.apply(&[Change::EventMatched(sequences[1])]).unwrap();
    let waiting =
        |limit| store.unmatched(limit).unwrap().iter().map(|stored| stored.sequence).collect::<Vec<_>>();
    assert_eq!(waiting(2), [sequences[0], sequences[2]]);
    assert_eq!(waiting(100).len(), 4);
    assert_eq!(store.event(sequences[1]).unwrap().unwrap().state, EventState::Matched);
}

fn events_are_accepted_with_other_changes_or_not_at_all(store: &dyn Store) {
    let first = accept(store, new_event("e1"));
    let event = |id| Change::EventAccepted(Box::new(new_event(id)));
    let accepted = store.apply(&[Change::EventMatched(first), event("e1"), event("e2")]).unwrap();
    let [Accepted::Duplicate(again), Accepted::New(second)] = accepted[..] else { panic!("{accepted:?}") };
    assert_eq!(again, first);
    assert_eq!(store.event(second).unwrap().unwrap().event.id, "e2".into());
    assert!(is_conflict(store.apply(&[event("e3"), Change::EventMatched(first)])));
    assert!(store.events_of_id("e3").unwrap().is_empty());
    assert!(matches!(store.accept(&[new_event("e3")]).unwrap()[..], [Accepted::New(_)]));
}

fn an_event_is_matched_once(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    let execution = execution(sequence, "vip", 0);
    store.apply(&[Change::EventMatched(sequence)]).unwrap();
    assert!(is_conflict(store.apply(&[Change::EventMatched(sequence), started(&execution)])));
    assert!(is_conflict(store.apply(&[Change::EventMatched(EventSequence(999))])));
    assert_eq!(store.execution(&execution.id).unwrap(), None);
}

fn executions_and_steps_are_kept_as_written(store: &dyn Store) {
    let first = execution(accept(store, new_event("e1")), "vip", 0);
    let (one, two) = (step(&first, 1, 1), step(&first, 1, 2));
    store.apply(&[started(&first), step_started(&one)]).unwrap();
    assert_eq!(store.execution(&first.id).unwrap().as_ref(), Some(&first));
    assert_eq!(store.steps(&first.id).unwrap(), std::slice::from_ref(&one));

    let error = ExecutionError { code: Code::ActionFailed, message: "`crm.add_tag` failed: 500".into() };
    let next = Execution {
        status: Status::Failed,
        place: 3,
        locals: r#"{"v":1,"locals":["ü"]}"#.into(),
        attempt: 2,
        wake_at: Some(instant(7)),
        error: Some(error),
        reason: Some("`shop.order.paid` arrived".into()),
        ended_at: Some(instant(8)),
        revision: 2,
        ..first
    };
    let detail = json!({ "response": { "status": 500 } });
    let end = StepEnd {
        execution: next.id.clone(),
        sequence: 1,
        attempt: 1,
        status: StepStatus::Retrying,
        detail: detail.clone(),
        error: Some("500".into()),
        ended_at: instant(2),
    };
    store.apply(&[Change::StepEnded(Box::new(end)), changed(&next), step_started(&two)]).unwrap();
    let one = StepRecord {
        status: StepStatus::Retrying,
        detail,
        error: Some("500".into()),
        ended_at: Some(instant(2)),
        ..one
    };
    assert_eq!(store.execution(&next.id).unwrap(), Some(next.clone()));
    assert_eq!(store.steps(&next.id).unwrap(), [one, two]);
}

fn changes_are_written_together_or_not_at_all(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    let known = execution(sequence, "vip", 0);
    store.apply(&[started(&known)]).unwrap();
    let other = execution(sequence, "other", 0);
    let batch = [
        Change::EventMatched(sequence),
        started(&other),
        step_started(&step(&other, 1, 1)),
        changed(&ended(&known)),
        started(&known),
    ];
    assert!(is_conflict(store.apply(&batch)));
    assert_eq!(store.unmatched(10).unwrap().len(), 1);
    assert_eq!(store.execution(&other.id).unwrap(), None);
    assert_eq!(store.execution(&known.id).unwrap(), Some(known));
    assert!(store.steps(&other.id).unwrap().is_empty());
}

fn an_older_revision_is_refused(store: &dyn Store) {
    let first = execution(accept(store, new_event("e1")), "vip", 0);
    assert!(is_conflict(store.apply(&[changed(&ended(&first))])), "nothing to change");
    store.apply(&[started(&first)]).unwrap();
    assert!(is_conflict(store.apply(&[started(&first)])), "started twice");
    store.apply(&[changed(&ended(&first))]).unwrap();
    assert!(is_conflict(store.apply(&[changed(&ended(&first))])), "changed twice");
}

fn steps_need_an_execution_and_are_begun_once(store: &dyn Store) {
    let first = execution(accept(store, new_event("e1")), "vip", 0);
    assert!(is_conflict(store.apply(&[step_started(&step(&first, 1, 1))])));
    store.apply(&[started(&first), step_started(&step(&first, 1, 1))]).unwrap();
    assert!(is_conflict(store.apply(&[step_started(&step(&first, 1, 1))])));
}

fn interrupted_executions_are_listed_page_by_page(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    let executions: Vec<_> =
        (0..7).map(|number| execution(sequence, &format!("rule{number}"), 10 - number)).collect();
    store.apply(&executions.iter().map(started).collect::<Vec<_>>()).unwrap();
    // A call was still under way when the last of them ended.
    let done = Execution { strands: "".into(), ..ended(&executions[2]) };
    let calling = Execution { strands: "left".into(), ..ended(&executions[5]) };
    let changes = [changed(&done), changed(&waiting(&executions[4], 20)), changed(&calling)];
    store.apply(&changes).unwrap();
    let (mut found, mut cursor) = (Vec::new(), None);
    loop {
        let page = store.interrupted(cursor.as_ref(), 2).unwrap();
        assert!(page.items.len() <= 2);
        found.extend(page.items.into_iter().map(|execution| execution.rule.to_string()));
        cursor = page.next;
        if cursor.is_none() {
            break;
        }
    }
    assert_eq!(found, ["rule0", "rule1", "rule3", "rule5", "rule6"]);
}

fn executions_that_wait_are_found_when_they_are_due(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    let executions: Vec<_> = (0..4).map(|number| execution(sequence, &format!("rule{number}"), 0)).collect();
    store.apply(&executions.iter().map(started).collect::<Vec<_>>()).unwrap();
    let [first, second, third, _] = &executions[..] else { panic!() };
    store
        .apply(&[changed(&waiting(first, 30)), changed(&waiting(second, 10)), changed(&waiting(third, 20))])
        .unwrap();
    let due = |at, limit| store.due_executions(instant(at), limit).unwrap();
    assert_eq!(due(9, 10), []);
    assert_eq!(due(10, 10), vec![second.id.clone()]);
    assert_eq!(due(30, 2), [second.id.clone(), third.id.clone()]);
    assert_eq!(store.next_due().unwrap().execution, Some(instant(10)));
    let woken = Execution { status: Status::Running, wake_at: None, revision: 3, ..second.clone() };
    store.apply(&[changed(&woken)]).unwrap();
    assert_eq!(due(30, 10), [third.id.clone(), first.id.clone()]);
    assert_eq!(store.next_due().unwrap().execution, Some(instant(20)));
}

fn executions_are_found_by_every_filter(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    let vip = execution(sequence, "vip", 1);
    let late = Execution { event_id: "e9".into(), ..execution(sequence, "late", 3) };
    let paid = Execution { event_name: "shop.order.paid".into(), ..execution(sequence, "paid", 2) };
    store.apply(&[started(&vip), started(&late), started(&paid), changed(&ended(&vip))]).unwrap();
    let all = ExecutionFilter::default();
    let found = |filter: ExecutionFilter| {
        let page = store.executions(&filter, None, 10).unwrap();
        assert_eq!(page.next, None);
        page.items.iter().map(|execution| execution.rule.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(all.clone()), "late paid vip");
    assert_eq!(found(ExecutionFilter { rule: Some("vip".into()), ..all.clone() }), "vip");
    assert_eq!(found(ExecutionFilter { status: Some(Status::Running), ..all.clone() }), "late paid");
    assert_eq!(found(ExecutionFilter { event_name: Some("shop.order.paid".into()), ..all.clone() }), "paid");
    assert_eq!(found(ExecutionFilter { event_id: Some("e9".into()), ..all.clone() }), "late");
    assert_eq!(found(ExecutionFilter { since: Some(instant(2)), ..all.clone() }), "late paid");
    let between = Timestamp::from_nanosecond(instant(2).as_nanosecond() + 1).unwrap();
    assert_eq!(found(ExecutionFilter { since: Some(between), ..all.clone() }), "late");
    let both = ExecutionFilter { rule: Some("vip".into()), status: Some(Status::Running), ..all };
    assert_eq!(found(both), "");
}

fn events_are_found_by_every_filter(store: &dyn Store) {
    let mismatch = Mismatch { path: String::new(), expected: "record".into(), found: "1".into() };
    let first = accept(store, new_event("e1"));
    accept(store, NewEvent { source: "github".into(), received_at: instant(1), ..new_event("e2") });
    let paid = NewEvent { name: "shop.order.paid".into(), received_at: instant(2), ..new_event("e3") };
    accept(store, NewEvent { mismatches: vec![mismatch], ..paid });
    store.apply(&[Change::EventMatched(first)]).unwrap();
    let all = EventFilter::default();
    let found = |filter: EventFilter| {
        let page = store.events(&filter, None, 10).unwrap();
        page.items.iter().map(|stored| stored.event.id.to_string()).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(found(all.clone()), "e3 e2 e1");
    assert_eq!(found(EventFilter { name: Some("shop.order.paid".into()), ..all.clone() }), "e3");
    assert_eq!(found(EventFilter { source: Some("github".into()), ..all.clone() }), "e2");
    assert_eq!(found(EventFilter { state: Some(EventState::Accepted), ..all.clone() }), "e3 e2");
    assert_eq!(found(EventFilter { state: Some(EventState::Matched), ..all.clone() }), "e1");
    assert_eq!(found(EventFilter { schema_mismatch: Some(true), ..all.clone() }), "e3");
    assert_eq!(found(EventFilter { schema_mismatch: Some(false), ..all.clone() }), "e2 e1");
    assert_eq!(found(EventFilter { since: Some(instant(1)), ..all }), "e3 e2");
}

fn pages_are_stable_under_inserts(store: &dyn Store) {
    let sequence = accept(store, new_event("e1"));
    // Four of one instant, so that the order within an instant is shown, too.
    let executions: Vec<_> =
        (0..6).map(|number| execution(sequence, &number.to_string(), number / 4)).collect();
    store.apply(&executions.iter().map(started).collect::<Vec<_>>()).unwrap();
    let names = |page: &Page<Execution>| {
        page.items.iter().map(|execution| execution.rule.to_string()).collect::<Vec<_>>().join(" ")
    };
    let all = ExecutionFilter::default();
    let first = store.executions(&all, None, 3).unwrap();
    assert_eq!(names(&first), "5 4 3");
    store.apply(&[started(&execution(sequence, "new", 9))]).unwrap();
    let cursor = Cursor::parse(&first.next.unwrap().to_text()).unwrap();
    let second = store.executions(&all, Some(&cursor), 3).unwrap();
    assert_eq!((names(&second).as_str(), second.next), ("2 1 0", None));
    let ids: Vec<_> = (2..5).map(|number| accept(store, new_event(&format!("e{number}")))).collect();
    let first = store.events(&EventFilter::default(), None, 2).unwrap();
    accept(store, NewEvent { received_at: instant(50), ..new_event("e9") });
    let second = store.events(&EventFilter::default(), first.next.as_ref(), 2).unwrap();
    let sequences: Vec<_> = first.items.iter().chain(&second.items).map(|stored| stored.sequence).collect();
    assert_eq!(sequences, [ids[2], ids[1], ids[0], sequence]);
    assert_eq!(second.next, None);
}

fn everything_is_counted(store: &dyn Store) {
    assert_eq!(store.counts().unwrap().executions.len(), Status::ALL.len());
    let sequence = accept(store, new_event("e1"));
    let mismatch = Mismatch { path: String::new(), expected: "record".into(), found: "1".into() };
    accept(store, NewEvent { mismatches: vec![mismatch], ..new_event("e2") });
    let (one, two) = (execution(sequence, "one", 0), execution(sequence, "two", 0));
    let changes = [Change::EventMatched(sequence), started(&one), started(&two), changed(&ended(&one))];
    store.apply(&changes).unwrap();
    let counts = store.counts().unwrap();
    assert_eq!((counts.events, counts.unmatched, counts.schema_mismatches), (2, 1, 1));
    for (status, count) in counts.executions {
        let expected = u64::from(matches!(status, Status::Running | Status::Completed));
        assert_eq!(count, expected, "{}", status.as_str());
    }
}

fn what_is_not_there_is_not_found(store: &dyn Store) {
    let nobody = execution(EventSequence(u64::MAX), "nobody", 0);
    assert_eq!(store.execution(&nobody.id).unwrap(), None);
    assert_eq!(store.event(EventSequence(u64::MAX)).unwrap(), None);
    assert!(store.events_of_id("nobody").unwrap().is_empty());
    assert!(store.steps(&nobody.id).unwrap().is_empty());
    assert!(store.accept(&[]).unwrap().is_empty());
    store.apply(&[]).unwrap();
    let end = Cursor { instant: i64::MIN, sequence: u64::MAX };
    assert!(store.executions(&ExecutionFilter::default(), Some(&end), 10).unwrap().items.is_empty());
}

/// Returns what is kept for a watch and a key, due at this second.
#[test]
fn the_store_in_memory_conforms() {
    conformance(|| Box::new(crate::Memory::new()));
}

#[test]
fn the_store_on_sqlite_in_memory_conforms() {
    conformance(|| Box::new(crate::Sqlite::open_in_memory().unwrap()));
}

#[test]
fn the_store_on_sqlite_in_a_file_conforms() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let number = std::cell::Cell::new(0);
    conformance(|| {
        number.set(number.get() + 1);
        Box::new(crate::Sqlite::open(&folder.path().join(format!("{}.db", number.get()))).unwrap())
    });
}

fn waits_are_found_by_their_keys(store: &dyn Store) {
    let event = accept(store, new_event("e1"));
    let (first, second) = (execution(event, "a", 0), execution(event, "b", 1));
    let wait = |of: &Execution, strand, key: &str| Wait {
        execution: of.id.clone(),
        strand,
        event: "shop.order.paid".into(),
        key: key.into(),
    };
    let begun = |wait: &Wait| Change::WaitBegun(Box::new(wait.clone()));
    let found = |keys: &[&str]| {
        let keys: Vec<Arc<str>> = keys.iter().map(|key| Arc::from(*key)).collect();
        store.waits("shop.order.paid", &keys).unwrap()
    };
    assert!(matches!(store.apply(&[begun(&wait(&first, 0, "x"))]), Err(Error::Conflict { .. })));
    let (of_first, of_second) = (wait(&first, 0, "id = 1"), wait(&second, 3, ""));
    let started = |execution: &Execution| Change::ExecutionStarted(Box::new(execution.clone()));
    store.apply(&[started(&first), begun(&of_first), started(&second), begun(&of_second)]).unwrap();
    assert_eq!(found(&["", "id = 1"]), [of_first.clone(), of_second.clone()]);
    assert_eq!((found(&["id = 2"]), store.waits("shop.order.sent", &["".into()]).unwrap()), (vec![], vec![]));
    let all = |event: &str, after: Option<&str>, limit| store.waits_for(event, after, limit).unwrap();
    assert_eq!(all("shop.order.paid", None, 9), [of_second.clone(), of_first.clone()]);
    assert_eq!(all("shop.order.paid", None, 1), std::slice::from_ref(&of_second));
    assert_eq!(all("shop.order.paid", Some(""), 9), std::slice::from_ref(&of_first));
    assert_eq!(
        (all("shop.order.paid", Some("id = 1"), 9), all("shop.order.sent", None, 9)),
        (vec![], vec![])
    );

    // A strand waits for one thing at a time.
    let later = wait(&first, 0, "id = 2");
    store.apply(&[begun(&later)]).unwrap();
    assert_eq!((found(&["id = 1"]), found(&["id = 2"])), (vec![], vec![later.clone()]));

    // What is refused is taken back.
    let ended = |wait: &Wait| Change::WaitEnded { execution: wait.execution.clone(), strand: wait.strand };
    let refused = store.apply(&[ended(&later), begun(&of_first), started(&first)]);
    assert!(matches!(refused, Err(Error::Conflict { .. })));
    assert_eq!(found(&["id = 2", "id = 1"]), std::slice::from_ref(&later));

    store.apply(&[ended(&later), ended(&later), ended(&of_second)]).unwrap();
    assert_eq!(found(&["", "id = 2"]), []);

    // All that an execution waits for ends with it.
    let all = [wait(&first, 0, "x"), wait(&first, 1 << 31, "y"), wait(&second, 1 << 31, "y")];
    store.apply(&all.iter().map(begun).collect::<Vec<_>>()).unwrap();
    let over = Change::WaitsEnded(first.id.clone());
    assert!(is_conflict(store.apply(&[over.clone(), started(&first)]).map(drop)));
    assert_eq!(found(&["x", "y"]).len(), 3, "together or not at all");
    store.apply(&[over.clone(), over]).unwrap();
    assert_eq!(found(&["x", "y"]), all[2..]);
}
