//! `/v1/tasks`: what rules give people to do.

use hence_engine::{Assignment, Assignments, End, Ending, TaskPriority};
use hence_schema::check_payload;
use hence_store::Sqlite;
use serde_json::{Value as Json, json};

use crate::support::{Daemon, daemon_with, daemon_with_on, order, shipped, store_path};

const CREATED: &str = "/v1/events/shop/order.created";

/// An order is packed by a person; what waits for that and what listens to it go on then.
const RULES: &str = "rule packing\nwhen shop.order.created\n\
    then let task = tasks.create(title: \"Pack {number}\", list: \"packing\", reference: \"{number}\", priority: \"high\")\n     \
    let packed = wait for tasks.task.completed where it.id == task.id, up to 3 days\n     \
    notifications.send(to: \"waiting\", title: \"Packed by {packed?.person else \"?\"}\", body: \"\")\n\
    rule packed\nwhen tasks.task.completed\nif list == \"packing\" and outcome == \"done\"\n\
    then notifications.send(to: \"listening\", title: \"{reference else \"?\"} is packed\", body: note else \"\")\n\
    rule dropped\nwhen tasks.task.cancelled\n\
    then notifications.send(to: \"listening\", title: \"{title} was cancelled\", body: note else \"\")\n";

/// Asks a person about every order, and gives people something to do.
const BOTH: &str = "rule both\nwhen shop.order.created\n\
    then tasks.create(title: \"Pack\", assignee: \"ann\")\n     \
    tasks.create(title: \"Call\", list: \"calls\")\n     \
    ask \"manager\" \"Fine?\" up to 3 days\n";

fn items(page: &Json) -> &Vec<Json> {
    page["items"].as_array().unwrap()
}

/// The titles of the messages to somebody, once there are so many.
async fn told(daemon: &Daemon, to: &str, count: usize) -> Vec<String> {
    let page = daemon.until(&format!("/v1/notifications?for={to}"), |page| items(page).len() == count).await;
    items(&page).iter().map(|message| message["title"].as_str().unwrap().to_owned()).collect()
}

/// The address of the only task that is open.
async fn only_task(daemon: &Daemon) -> (String, Json) {
    let open = daemon.until("/v1/tasks", |page| items(page).len() == 1).await;
    let task = items(&open)[0].clone();
    (format!("/v1/tasks/{}", task["id"].as_str().unwrap()), task)
}

#[tokio::test]
async fn a_task_is_completed_once_and_rules_hear_of_it() {
    let daemon = daemon_with(RULES).await;
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let (address, task) = only_task(&daemon).await;
    let number = order("paid")["number"]
        .as_str()
        .map(str::to_owned)
        .unwrap_or_else(|| order("paid")["number"].to_string());
    assert_eq!((&task["kind"], &task["state"]), (&json!("assignment"), &json!("open")));
    assert_eq!((&task["title"], &task["reference"]), (&json!(format!("Pack {number}")), &json!(number)));
    assert_eq!((&task["list"], &task["assignee"]), (&json!("packing"), &Json::Null));
    assert_eq!((&task["priority"], &task["ended"]), (&json!("high"), &Json::Null));
    daemon.until("/v1/executions?status=waiting", |page| items(page).len() == 1).await;
    let body = json!({"person": "ann", "outcome": "done", "note": "one parcel"}).to_string();
    let done = daemon.post(&format!("{address}/complete"), &[], body.clone()).await;
    assert_eq!(done.status, 200, "{done:?}");
    assert_eq!(daemon.get(&address).await.json, done.json);
    let ended = &done.json["ended"];
    assert_eq!(done.json["state"], "completed");
    assert_eq!(
        (&ended["person"], &ended["outcome"], &ended["note"]),
        (&json!("ann"), &json!("done"), &json!("one parcel"))
    );
    assert!(!ended["by"].as_str().unwrap().is_empty() && ended["at"].is_string());
    daemon.post(&format!("{address}/complete"), &[], body).await.problem(409, "task-ended");
    daemon.post(&format!("{address}/cancel"), &[], "").await.problem(409, "task-ended");
    assert_eq!(told(&daemon, "waiting", 1).await, ["Packed by ann"]);
    assert_eq!(told(&daemon, "listening", 1).await, [format!("{number} is packed")]);
    let events = daemon.get("/v1/events?event=tasks.task.completed").await.json;
    let [event] = &items(&events)[..] else { panic!("{events}") };
    assert_eq!(event["schema_mismatch"], json!(false));
    assert!(items(&daemon.get("/v1/tasks").await.json).is_empty());
    let audit = daemon.get("/v1/audit").await.json;
    let recorded = items(&audit).iter().find(|entry| entry["status"] == 200).unwrap();
    assert_eq!(recorded["target"], format!("{address}/complete"));
    assert_eq!(
        (&recorded["before"]["state"], &recorded["after"]["state"]),
        (&json!("open"), &json!("completed"))
    );
}

#[tokio::test]
async fn a_task_is_cancelled_once_and_rules_hear_of_it() {
    let daemon = daemon_with(RULES).await;
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let (address, task) = only_task(&daemon).await;
    let cancelled = daemon.post(&format!("{address}/cancel"), &[], r#"{"note": "sold out"}"#).await;
    assert_eq!((cancelled.status, &cancelled.json["state"]), (200, &json!("cancelled")));
    daemon.post(&format!("{address}/complete"), &[], "").await.problem(409, "task-ended");
    let title = task["title"].as_str().unwrap();
    assert_eq!(told(&daemon, "listening", 1).await, [format!("{title} was cancelled")]);
}

#[tokio::test]
async fn what_ended_before_a_crash_is_heard_of_after_it() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&store_path(&folder)).unwrap();
    let task = Assignment {
        id: "t1".to_owned(),
        title: "Pack".to_owned(),
        description: String::new(),
        assignee: Some("ann".to_owned()),
        list: Some("packing".to_owned()),
        priority: TaskPriority::Low,
        due_at: Some("2026-03-16T09:00:00Z".parse().unwrap()),
        link: None,
        reference: Some("1042".to_owned()),
        opened_at: "2026-03-14T09:00:00Z".parse().unwrap(),
        ended: None,
    };
    let ending = Ending {
        end: End::Completed,
        by: "admin".to_owned(),
        person: None,
        outcome: Some("done".to_owned()),
        note: None,
        at: "2026-03-15T09:00:00Z".parse().unwrap(),
    };
    let event = task.ended_event(&ending);
    assert_eq!(
        check_payload(&shipped().event_by_full_name(&event.name).unwrap().payload, &event.payload),
        []
    );
    store.assign(&task).unwrap();
    store.end_assignment("t1", &ending, &event).unwrap().unwrap();
    drop(store);
    let daemon = daemon_with_on(folder, RULES).await;
    assert_eq!(told(&daemon, "listening", 1).await, ["1042 is packed"]);
}

#[tokio::test]
async fn questions_and_assignments_are_one_list_told_apart() {
    let daemon = daemon_with(BOTH).await;
    for _ in 0..3 {
        daemon.post(CREATED, &[], order("paid").to_string()).await;
    }
    daemon.until("/v1/tasks", |page| items(page).len() == 9).await;
    for (query, count) in [
        ("kind=question", 3),
        ("kind=assignment", 6),
        ("role=manager", 3),
        ("role=cook", 0),
        ("assignee=ann", 3),
        ("list=calls", 3),
        ("list=calls&kind=question", 0),
        ("assignee=ann&list=calls", 0),
    ] {
        for state in ["open", "all"] {
            let page = daemon.get(&format!("/v1/tasks?state={state}&{query}")).await.json;
            assert_eq!((items(&page).len(), &page["next"]), (count, &Json::Null), "{state} {query}");
        }
    }
    for state in ["open", "all"] {
        let whole = daemon.get(&format!("/v1/tasks?state={state}&limit=9")).await.json;
        let opened: Vec<&str> =
            items(&whole).iter().map(|task| task["opened_at"].as_str().unwrap()).collect();
        assert!(state == "open" || opened.is_sorted_by(|one, next| one >= next), "{opened:?}");
        for limit in [1, 2, 4] {
            let (mut seen, mut cursor) = (Vec::new(), String::new());
            loop {
                let address = format!("/v1/tasks?state={state}&limit={limit}{cursor}");
                let page = daemon.get(&address).await.json;
                assert!(items(&page).len() <= limit);
                seen.extend(items(&page).clone());
                let Some(next) = page["next"].as_str() else { break };
                cursor = format!("&cursor={next}");
            }
            assert_eq!(&seen, items(&whole), "{state} {limit}");
        }
    }
}

#[tokio::test]
async fn what_cannot_end_so_is_refused() {
    let daemon = daemon_with(BOTH).await;
    daemon.post("/v1/tasks/nothing/complete", &[], "").await.problem(404, "unknown-task");
    daemon.post("/v1/tasks/nothing/cancel", &[], "").await.problem(404, "unknown-task");
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let open = daemon.until("/v1/tasks", |page| items(page).len() == 3).await;
    for task in items(&open) {
        let address = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
        if task["kind"] == "question" {
            daemon.post(&format!("{address}/complete"), &[], "").await.problem(409, "other-kind-of-task");
            daemon.post(&format!("{address}/cancel"), &[], "").await.problem(409, "other-kind-of-task");
            continue;
        }
        let yes = r#"{"approved": true}"#;
        daemon.post(&format!("{address}/answer"), &[], yes).await.problem(409, "other-kind-of-task");
        for body in [
            json!({"person": ""}),
            json!({"person": "a\nb"}),
            json!({"outcome": "o".repeat(257)}),
            json!({"note": "n".repeat(4097)}),
            json!({"by": "ann"}),
        ] {
            daemon
                .post(&format!("{address}/complete"), &[], body.to_string())
                .await
                .problem(400, "invalid-end");
        }
        let outcome = json!({"outcome": "done"}).to_string();
        daemon.post(&format!("{address}/cancel"), &[], outcome).await.problem(400, "invalid-end");
        assert_eq!(daemon.get(&address).await.json["state"], "open");
    }
    // Nobody says by an event that a task has ended.
    daemon.post("/v1/events/tasks/task.completed", &[], "{}").await.problem(403, "own-event");
    daemon.post("/v1/events/tasks/task.cancelled", &[], "{}").await.problem(403, "own-event");
    daemon.get("/v1/tasks?kind=odd").await.problem(400, "invalid-query");
    daemon.get("/v1/tasks?state=all&cursor=x.a").await.problem(400, "invalid-query");
}
