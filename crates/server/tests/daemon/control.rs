//! What people do with executions: `cancel`, `pause`, `resume`, `retry`, and the dead letters.

use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_diagnostics::Span;
use hence_ir::{ConstantId, Node, NodeId, Operation, Program, Rule, Step};
use hence_server::serve;
use hence_types::Value;
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::support::{Daemon, daemon, options, order, program, settings};

const CREATED: &str = "/v1/events/shop/order.created";

/// A daemon whose rule waits for an hour and then sends a mail.
async fn waiting() -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::clone(&program());
    let mut rule = Rule { name: "later".into(), ..program.rules[0].clone() };
    rule.code.constants.push(Value::Duration(SignedDuration::from_hours(1)));
    let constant = ConstantId(u32::try_from(rule.code.constants.len()).unwrap() - 1);
    rule.code.nodes.push(Node { operation: Operation::Constant(constant), span: Span::default() });
    let time = NodeId(u32::try_from(rule.code.nodes.len()).unwrap() - 1);
    rule.then.insert(0, Step::Wait { time, span: Span::default() });
    program.rules = vec![rule];
    program.events[0].rules.truncate(1);
    let catcher = Catcher::start().await.unwrap();
    let mut options = options(&folder, settings(&catcher));
    options.loaded.program = Arc::new(program);
    let handle = serve(options, std::future::pending()).await.unwrap();
    Daemon::new(handle, catcher, folder)
}

fn only(page: &Json) -> Option<Json> {
    page["items"].as_array().filter(|items| items.len() == 1).map(|items| items[0].clone())
}

async fn address(daemon: &Daemon, list: &str) -> String {
    let page = daemon.until(list, |page| only(page).is_some()).await;
    format!("/v1/executions/{}", only(&page).unwrap()["id"].as_str().unwrap())
}

#[tokio::test]
async fn an_execution_that_waits_is_held_goes_on_and_is_ended() {
    let daemon = waiting().await;
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let address = address(&daemon, "/v1/executions?status=waiting").await;
    daemon.post(&format!("{address}/resume"), &[], "").await.problem(409, "not-paused");
    let paused = daemon.post(&format!("{address}/pause"), &[], "").await;
    assert_eq!((paused.status, &paused.json["status"]), (200, &json!("paused")), "{paused:?}");
    let wakes = paused.json["wake_at"].as_str().and_then(|at| at.parse::<Timestamp>().ok());
    assert!(wakes.is_some(), "{paused:?}");
    daemon.post(&format!("{address}/pause"), &[], "").await.problem(409, "not-running");
    let resumed = daemon.post(&format!("{address}/resume"), &[], "").await;
    assert_eq!(resumed.json["status"], "waiting");
    let cancelled = daemon.post(&format!("{address}/cancel"), &[], "").await;
    assert_eq!(cancelled.json["status"], "cancelled");
    assert!(cancelled.json["reason"].as_str().unwrap().starts_with("cancelled by "), "{cancelled:?}");
    daemon.post(&format!("{address}/cancel"), &[], "").await.problem(409, "execution-ended");
    let audit = daemon.get("/v1/audit").await.json;
    assert!(audit["items"].as_array().unwrap().iter().any(|line| line["after"]["status"] == "cancelled"));
}

#[tokio::test]
async fn a_dead_letter_is_redriven_under_the_same_key() {
    let daemon = daemon().await;
    daemon.catcher.answer_next(404, r#"{"error": "no such member"}"#);
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let dead = daemon.until("/v1/dead-letters", |page| only(page).is_some()).await;
    let dead = only(&dead).unwrap();
    assert_eq!((&dead["rule"], &dead["error"]["code"]), (&json!("tag"), &json!("H5003")));
    let id = dead["id"].as_str().unwrap();
    let redriven = daemon.post(&format!("/v1/dead-letters/{id}/redrive"), &[], "").await;
    assert_eq!((redriven.status, &redriven.json["status"]), (200, &json!("running")), "{redriven:?}");
    let path = format!("/v1/executions/{id}");
    let shown = daemon.until(&path, |shown| shown["status"] == "completed").await;
    let steps = shown["steps"].as_array().unwrap();
    assert_eq!((&steps[0]["status"], &steps[1]["status"]), (&json!("failed"), &json!("completed")));
    assert_eq!(steps[0]["idempotency_key"], steps[1]["idempotency_key"]);
    assert_eq!(shown["error"], Json::Null);
    assert!(daemon.get("/v1/dead-letters").await.json["items"].as_array().unwrap().is_empty());
    daemon.post(&format!("{path}/retry"), &[], "").await.problem(409, "not-failed");
}

#[tokio::test]
async fn a_step_that_was_done_otherwise_is_passed_over() {
    let daemon = daemon().await;
    daemon.catcher.answer_next(404, r#"{"error": "no such member"}"#);
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    let address = address(&daemon, "/v1/executions?status=failed").await;
    daemon.post(&format!("{address}/retry"), &[], r#"{"skipp": true}"#).await.problem(400, "invalid-retry");
    let skipped = daemon.post(&format!("{address}/retry"), &[], r#"{"skip": true}"#).await;
    assert_eq!(skipped.json["status"], "completed", "{skipped:?}");
    assert_eq!(daemon.catcher.requests().len(), 1);
}

#[tokio::test]
async fn what_is_not_there_cannot_be_controlled() {
    let daemon = daemon().await;
    for what in ["cancel", "pause", "resume", "retry"] {
        for id in ["x", "01940000-0000-7000-8000-000000000000"] {
            daemon
                .post(&format!("/v1/executions/{id}/{what}"), &[], "")
                .await
                .problem(404, "unknown-execution");
        }
    }
}
