//! `POST /v1/rules/{name}/run`: rules that somebody starts.

use std::sync::Arc;

use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;
use hence_ir::{Program, Rule, Watch, WatchKind};
use hence_server::serve;
use hence_types::{Field, Record, Type};
use serde_json::json;

use crate::support::{Daemon, daemon, options, program};

/// A daemon with rules that ask for a day: `count`, and `never`, which is disabled.
async fn manual() -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::clone(&program());
    let fields = [("since", Type::Date), ("reason", Type::String.optional())]
        .map(|(name, ty)| (name.into(), Field::plain(ty)));
    let parameters = Record { fields: fields.into_iter().collect(), ..Record::default() };
    let count = Rule {
        name: "count".into(),
        triggers: vec!["hence.manual.run".into()],
        watches: vec![Watch { trigger: 0, kind: WatchKind::Manual(Arc::new(parameters)) }],
        condition: None,
        then: Vec::new(),
        ..program.rules[0].clone()
    };
    let mut never = Rule { name: "never".into(), ..count.clone() };
    never.header.disabled = true;
    program.rules.extend([count, never]);
    let mut options = options(&folder, ConnectionSettings::default());
    options.loaded.program = Arc::new(program);
    let handle = serve(options, std::future::pending()).await.unwrap();
    Daemon::new(handle, Catcher::start().await.unwrap(), folder)
}

#[tokio::test]
async fn a_rule_is_started_once_for_a_key_with_the_values_it_asks_for() {
    let daemon = manual().await;
    let asked = &daemon.get("/v1/rules/count").await.json["asks_for"];
    assert_eq!(*asked, json!({"since": "date", "reason": "string?"}));
    let body = json!({"since": "2026-01-01"}).to_string();
    let key = [("idempotency-key", "k1")];
    let first = daemon.post("/v1/rules/count/run", &key, body.clone()).await;
    assert_eq!((first.status, &first.json["duplicate"]), (202, &json!(false)), "{first:?}");
    let again = daemon.post("/v1/rules/count/run", &key, body.clone()).await;
    assert_eq!((again.status, &again.json["duplicate"]), (202, &json!(true)));
    assert_eq!(again.json["event"], first.json["event"]);
    let other = daemon.post("/v1/rules/count/run", &[], body).await;
    assert_ne!(other.json["event"], first.json["event"]);
    let done = |page: &serde_json::Value| page["items"].as_array().unwrap().len() == 2;
    daemon.until("/v1/executions?rule=count&status=completed", done).await;
}

#[tokio::test]
async fn what_is_not_asked_for_is_refused() {
    let daemon = manual().await;
    let run = async |rule: &str, body: &str| {
        daemon.post(&format!("/v1/rules/{rule}/run"), &[], body.to_owned()).await
    };
    let wrong = run("count", r#"{"since": "yesterday"}"#).await;
    wrong.problem(422, "invalid-input");
    assert_eq!(wrong.json["errors"][0]["pointer"], "/since");
    let more = run("count", r#"{"since": "2026-01-01", "a/b": 1, "reason": "x"}"#).await;
    more.problem(422, "invalid-input");
    assert_eq!(
        more.json["errors"],
        json!([{"pointer": "/a~1b", "expected": "nothing but `since`, `reason`", "found": "`a/b`"}])
    );
    run("count", "").await.problem(422, "invalid-input");
    run("count", "{").await.problem(400, "invalid-json");
    run("count", &"[".repeat(100_000)).await.problem(400, "nesting-too-deep");
    run("never", r#"{"since": "2026-01-01"}"#).await.problem(409, "rule-disabled");
    run("confirm", "{}").await.problem(409, "not-manual");
    let detail = run("cont", "{}").await.problem(404, "unknown-rule");
    assert_eq!(detail, "there is no rule `cont`: is `count` meant?");
    let long = "k".repeat(300);
    daemon.post("/v1/rules/count/run", &[("idempotency-key", &*long)], "{}").await.problem(400, "invalid-id");
    assert!(daemon.get("/v1/executions").await.json["items"].as_array().unwrap().is_empty());
}

#[tokio::test]
async fn the_engines_own_events_are_not_taken_from_outside() {
    let daemon = daemon().await;
    daemon.post("/v1/events/hence/execution.failed", &[], "{}").await.problem(403, "own-event");
}
