//! `GET /metrics`, `/v1/stats`, `/v1/live` and `/v1/openapi.json`.

use std::collections::BTreeSet;

use serde_json::json;

use crate::support::{PATIENCE, daemon, order};

#[tokio::test]
async fn what_happened_is_counted() {
    let daemon = daemon().await;
    for _ in 0..2 {
        daemon.post("/v1/events/shop/order.created?id=e1", &[], order("paid").to_string()).await;
    }
    daemon.catcher.wait_for_mails(1, PATIENCE).await.unwrap();
    daemon
        .until("/v1/executions?status=completed", |page| page["items"].as_array().unwrap().len() == 2)
        .await;
    let (kind, page) = daemon.text("/metrics").await;
    assert_eq!(kind, "application/openmetrics-text; version=1.0.0; charset=utf-8");
    for line in [
        "hence_rules 2",
        "hence_inbox_events 1",
        "hence_inbox_waiting 0",
        "hence_executions{status=\"completed\"} 2",
        "hence_executions{status=\"failed\"} 0",
        "hence_events_total{integration=\"shop\",outcome=\"accepted\"} 1",
        "hence_events_total{integration=\"shop\",outcome=\"duplicate\"} 1",
        "hence_executions_started_total 2",
        "hence_calls_seconds_count{action=\"email.send\",outcome=\"done\"} 1",
        "hence_calls_seconds_count{action=\"crm.add_tag\",outcome=\"done\"} 1",
        "hence_cache_lookups_total{cache=\"executions\",outcome=\"miss\"} 0",
        "hence_matching_seconds_count 1",
        "hence_index_rules_total 2",
        "hence_index_candidates_total 2",
    ] {
        assert!(page.lines().any(|found| found == line), "`{line}` is not in:\n{page}");
    }
    assert!(page.ends_with("# EOF\n"), "{page}");
    // A step is counted once it is written, which others may see a moment before.
    let line = "hence_steps_seconds_count{action=\"email.send\",outcome=\"done\"} 1\n";
    let counted = async {
        while !daemon.text("/metrics").await.1.contains(line) {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, counted).await.unwrap();
    daemon.ask("GET", "/metrics", None, "").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn whoever_watches_is_told_what_happens() {
    let daemon = daemon().await;
    let mut watching = daemon.client.get(daemon.url("/v1/live")).send().await.unwrap();
    assert_eq!(watching.headers()["content-type"], "text/event-stream");
    daemon.post("/v1/events/shop/order.created?id=e1", &[], order("paid").to_string()).await;
    let mut told = String::new();
    let reading = async {
        while told.matches("event: step").count() < 2 {
            let chunk = watching.chunk().await.unwrap().unwrap();
            told.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    };
    tokio::time::timeout(PATIENCE, reading).await.unwrap();
    let event = r#"data: {"id":"e1","event":"shop.order.created","duplicate":false,"schema_mismatches":[]}"#;
    assert!(told.contains(&format!("event: event\n{event}")), "{told}");
    assert_eq!(told.matches("event: execution\n").count(), 2, "{told}");
    assert!(told.contains(r#""action":"crm.add_tag","status":"completed""#), "{told}");
    let stats = daemon.get("/v1/stats").await.json;
    assert_eq!((&stats["rules"], &stats["events"]), (&json!(2), &json!(1)));
    // Nobody who watches keeps the daemon from stopping.
    daemon.stop().await;
    assert_eq!(watching.chunk().await.unwrap(), None);
}

#[tokio::test]
async fn answers_are_as_the_document_says() {
    let daemon = daemon().await;
    let document = daemon.get("/v1/openapi.json").await.json;
    assert_eq!(document["openapi"], "3.1.0");
    daemon.post("/v1/events/shop/order.created?id=e1", &[], order("paid").to_string()).await;
    let page = daemon
        .until("/v1/executions?status=completed", |page| page["items"].as_array().unwrap().len() == 2)
        .await;
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    for (path, schema) in [
        ("/v1/executions", "Execution"),
        ("/v1/events", "Event"),
        ("/v1/rules", "Rule"),
        ("/v1/tokens", "Token"),
    ] {
        let answer = daemon.get(path).await.json;
        members_are_those_of(&answer["items"][0], &document, schema);
    }
    let execution = daemon.get(&format!("/v1/executions/{id}")).await.json;
    members_are_those_of(&execution, &document, "ExecutionWithSteps");
    members_are_those_of(&execution["steps"][0], &document, "Step");
    let problem = daemon.get("/v1/executions/x").await;
    assert_eq!(problem.status, 404);
    members_are_those_of(&problem.json, &document, "Problem");
}

#[track_caller]
fn members_are_those_of(found: &serde_json::Value, document: &serde_json::Value, schema: &str) {
    let schema = &document["components"]["schemas"][schema];
    let found: BTreeSet<&str> = found.as_object().unwrap().keys().map(String::as_str).collect();
    let known: BTreeSet<&str> =
        schema["properties"].as_object().unwrap().keys().map(String::as_str).collect();
    let required: BTreeSet<&str> =
        schema["required"].as_array().unwrap().iter().map(|name| name.as_str().unwrap()).collect();
    assert!(required.is_subset(&found) && found.is_subset(&known), "{found:?} is not as {schema}");
}
