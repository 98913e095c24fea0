//! `/v1/tasks`: what rules ask people.

use std::sync::Arc;

use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;
use hence_ir::{Await, LocalId, NodeId, Program, Question, Returned, Rule, Step};
use hence_server::serve;
use hence_types::{TASK_ANSWERED, Type, Wire};
use serde_json::{Value as Json, json};

use crate::support::{Daemon, daemon, options, order, program, shipped};

const CREATED: &str = "/v1/events/shop/order.created";

/// A daemon whose rule asks a manager about every order.
async fn asking() -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::clone(&program());
    let ty = Type::Record(Arc::clone(&shipped().event_by_full_name(TASK_ANSWERED).unwrap().payload));
    let mut asks = Rule { name: "asks".into(), locals: 1, ..program.rules[0].clone() };
    asks.then = vec![Step::Await(Box::new(Await {
        event: TASK_ANSWERED.into(),
        other: Returned { local: LocalId(0), ty, wire: Wire::Plain },
        key: None,
        condition: None,
        limit: None,
        result: None,
        question: Some(Question { role: "manager".into(), text: NodeId(1) }),
        span: asks.span,
    }))];
    program.rules = vec![asks];
    program.events[0].rules.truncate(1);
    let mut options = options(&folder, ConnectionSettings::default());
    options.loaded.program = Arc::new(program);
    let handle = serve(options, std::future::pending()).await.unwrap();
    Daemon::new(handle, Catcher::start().await.unwrap(), folder)
}

fn items(page: &Json) -> &Vec<Json> {
    page["items"].as_array().unwrap()
}

#[tokio::test]
async fn a_question_is_listed_answered_once_and_the_execution_goes_on() {
    let daemon = asking().await;
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let open = daemon.until("/v1/tasks", |page| items(page).len() == 1).await;
    let task = &items(&open)[0];
    assert_eq!((&task["role"], &task["question"]), (&json!("manager"), &json!("Thank you")));
    assert_eq!(
        (&task["state"], &task["rule"], &task["answer"]),
        (&json!("open"), &json!("asks"), &Json::Null)
    );
    assert!(items(&daemon.get("/v1/tasks?role=cook").await.json).is_empty());
    let address = format!("/v1/tasks/{}", task["id"].as_str().unwrap());
    let body = json!({"approved": true, "comment": "fine"}).to_string();
    let answered = daemon.post(&format!("{address}/answer"), &[], body.clone()).await;
    assert_eq!(answered.status, 202, "{answered:?}");
    daemon.post(&format!("{address}/answer"), &[], body).await.problem(409, "task-answered");
    daemon.until("/v1/executions?status=completed", |page| items(page).len() == 1).await;
    let task = daemon.get(&address).await.json;
    assert_eq!(task["state"], "answered");
    assert_eq!((&task["answer"]["approved"], &task["answer"]["comment"]), (&json!(true), &json!("fine")));
    assert!(!task["answer"]["by"].as_str().unwrap().is_empty());
    assert!(items(&daemon.get("/v1/tasks").await.json).is_empty());
    assert_eq!(items(&daemon.get("/v1/tasks?state=all&limit=1").await.json).len(), 1);
    let audit = daemon.get("/v1/audit").await.json;
    assert_eq!(items(&audit)[0]["target"], format!("{address}/answer"));
}

#[tokio::test]
async fn open_questions_are_given_in_parts() {
    let daemon = asking().await;
    for _ in 0..5 {
        daemon.post(CREATED, &[], order("paid").to_string()).await;
    }
    daemon.until("/v1/tasks", |page| items(page).len() == 5).await;
    let (mut seen, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = daemon.get(&format!("/v1/tasks?limit=2{cursor}")).await.json;
        seen.extend(items(&page).iter().map(|task| task["id"].as_str().unwrap().to_owned()));
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 5);
}

#[tokio::test]
async fn what_cannot_be_answered_is_refused() {
    let daemon = daemon().await;
    daemon.get("/v1/tasks/nothing").await.problem(404, "unknown-task");
    let yes = r#"{"approved": true}"#;
    daemon.post("/v1/tasks/nothing/answer", &[], yes).await.problem(404, "unknown-task");
    daemon.post("/v1/tasks/nothing/answer", &[], r#"{"approved": 1}"#).await.problem(400, "invalid-answer");
    daemon.get("/v1/tasks?limit=0").await.problem(400, "invalid-query");
    daemon.get("/v1/tasks?state=odd").await.problem(400, "invalid-query");
    daemon.get("/v1/tasks?state=all&cursor=x").await.problem(400, "invalid-query");
}
