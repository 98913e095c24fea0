//! `GET /v1/executions`, `/v1/rules`, `/healthz` and `/readyz`.

use serde_json::{Value as Json, json};

use crate::support::{daemon, order};

fn count(page: &Json) -> usize {
    page["items"].as_array().map_or(0, Vec::len)
}

#[tokio::test]
async fn executions_are_listed_by_what_is_asked_and_shown_with_their_steps() {
    let daemon = daemon().await;
    for (id, status) in [("e1", "paid"), ("e2", "pending"), ("e3", "paid")] {
        daemon.post(&format!("/v1/events/shop/order.created?id={id}"), &[], order(status).to_string()).await;
    }
    daemon.until("/v1/executions?status=completed", |page| count(page) == 5).await;
    assert_eq!(count(&daemon.get("/v1/executions?rule=tag").await.json), 2);
    assert_eq!(count(&daemon.get("/v1/executions?rule=confirm&event_id=e2").await.json), 1);
    assert_eq!(count(&daemon.get("/v1/executions?event=shop.order.paid").await.json), 0);
    assert_eq!(count(&daemon.get("/v1/executions?since=2100-01-01T00:00:00Z").await.json), 0);
    let first = daemon.get("/v1/executions?limit=3").await.json;
    let second =
        daemon.get(&format!("/v1/executions?limit=3&cursor={}", first["next"].as_str().unwrap())).await.json;
    assert_eq!((count(&first), count(&second), &second["next"]), (3, 2, &json!(null)));

    let found = daemon.get("/v1/executions?rule=tag&event_id=e1").await.json["items"][0].clone();
    let shown = daemon.get(&format!("/v1/executions/{}", found["id"].as_str().unwrap())).await.json;
    assert_eq!(
        (&shown["status"], &shown["branch"], &shown["error"]),
        (&json!("completed"), &json!("then"), &json!(null))
    );
    assert_eq!(shown["event"]["name"], "shop.order.created");
    let step = &shown["steps"][0];
    assert_eq!(
        (&step["action"], &step["status"], &step["attempt"]),
        (&json!("crm.add_tag"), &json!("completed"), &json!(1))
    );
    assert_eq!(step["arguments"], json!({"user": "cus_7f3k2a", "tag": "buyer"}));
    assert_eq!((&step["request"]["method"], &step["response"]["status"]), (&json!("POST"), &json!(200)));
}

#[tokio::test]
async fn an_execution_is_explained_from_its_recorded_event() {
    let daemon = daemon().await;
    daemon.post("/v1/events/shop/order.created?id=e1", &[], order("paid").to_string()).await;
    let found = daemon.until("/v1/executions?rule=tag", |page| count(page) == 1).await;
    let path = format!("/v1/executions/{}/explanation", found["items"][0]["id"].as_str().unwrap());
    let explained = daemon.get(&path).await.json;
    assert_eq!((&explained["rule"], &explained["verdict"]), (&json!("tag"), &json!("matched")));
    let unknown = daemon.get("/v1/executions/x/explanation").await;
    assert_eq!((unknown.status, &unknown.json["code"]), (404, &json!("unknown-execution")));
}

#[tokio::test]
async fn a_call_that_fails_for_good_fails_its_execution_alone() {
    let daemon = daemon().await;
    daemon.catcher.answer_next(404, r#"{"error": "no such member"}"#);
    daemon.post("/v1/events/shop/order.created", &[], order("paid").to_string()).await;
    let failed = daemon.until("/v1/executions?status=failed", |page| count(page) == 1).await;
    assert_eq!(
        (&failed["items"][0]["rule"], &failed["items"][0]["error"]["code"]),
        (&json!("tag"), &json!("H5003"))
    );
    daemon.until("/v1/executions?status=completed&rule=confirm", |page| count(page) == 1).await;
}

#[tokio::test]
async fn a_call_that_may_succeed_later_is_tried_again() {
    let daemon = daemon().await;
    daemon.catcher.answer_next(503, "{}");
    daemon.post("/v1/events/shop/order.created", &[], order("paid").to_string()).await;
    let done = daemon.until("/v1/executions?status=completed&rule=tag", |page| count(page) == 1).await;
    let id = done["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = daemon.get(&format!("/v1/executions/{id}")).await.json;
    let steps: Vec<_> =
        shown["steps"].as_array().unwrap().iter().map(|step| step["status"].clone()).collect();
    assert_eq!(steps, ["retrying", "completed"]);
    let keys: Vec<_> =
        daemon.catcher.requests().iter().map(|r| r.header("idempotency-key").unwrap().to_owned()).collect();
    assert_eq!(keys[0], keys[1]);
}

#[tokio::test]
async fn what_is_not_there_is_a_problem() {
    let daemon = daemon().await;
    daemon.get("/v1/executions/x").await.problem(404, "unknown-execution");
    daemon.get("/v1/executions/01890000-0000-7000-8000-000000000000").await.problem(404, "unknown-execution");
    let detail = daemon.get("/v1/executions?status=complete").await.problem(400, "invalid-query");
    assert_eq!(detail, "`complete` is no state of an execution: is `completed` meant?");
    let detail = daemon.get("/v1/rules/confirn").await.problem(404, "unknown-rule");
    assert_eq!(detail, "there is no rule `confirn`: is `confirm` meant?");
}

#[tokio::test]
async fn rules_are_listed_in_the_order_they_run() {
    let daemon = daemon().await;
    let rules = daemon.get("/v1/rules").await.json;
    assert_eq!((&rules["items"][0]["name"], &rules["items"][1]["name"]), (&json!("confirm"), &json!("tag")));
    assert_eq!(rules["items"][0]["triggers"], json!(["shop.order.created"]));
    assert_eq!(daemon.get("/v1/rules/tag").await.json["title"], "Rule tag");
}

#[tokio::test]
async fn the_daemon_says_that_it_lives_and_is_ready() {
    let daemon = daemon().await;
    assert_eq!(daemon.get("/healthz").await.json, json!({"status": "ok"}));
    daemon.until("/readyz", |answer| answer["status"] == "ready").await;
}
