//! `POST /v1/events/{integration}/{event}` and `GET /v1/events`.

use serde_json::json;

use crate::support::{PATIENCE, daemon, order};

const CREATED: &str = "/v1/events/shop/order.created";

#[tokio::test]
async fn an_event_is_acknowledged_and_its_rules_act() {
    let daemon = daemon().await;
    let answer = daemon.post(CREATED, &[("hence-event-id", "e1")], order("paid").to_string()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let expected =
        json!({"id": "e1", "event": "shop.order.created", "duplicate": false, "schema_mismatches": []});
    assert_eq!(answer.json, expected);
    let mails = daemon.catcher.wait_for_mails(1, PATIENCE).await.unwrap();
    assert_eq!((mails[0].to[0].as_str(), mails[0].subject().as_str()), ("robin@example.com", "Thank you"));
    let requests = daemon.catcher.wait_for_requests(1, PATIENCE).await.unwrap();
    assert_eq!(requests[0].path, "/members/cus_7f3k2a/tags");
    assert_eq!(requests[0].json(), json!({"tag": "buyer"}));
}

#[tokio::test]
async fn the_same_id_is_acknowledged_again_and_runs_once() {
    let daemon = daemon().await;
    let body = order("pending").to_string();
    let first = daemon.post(&format!("{CREATED}?id=e1"), &[], body.clone()).await;
    let second = daemon.post(CREATED, &[("ce-id", "e1")], body.clone()).await;
    let other = daemon.post(CREATED, &[], body).await;
    assert_eq!((first.status, second.status, other.status), (202, 202, 202));
    assert_eq!((&first.json["duplicate"], &second.json["duplicate"]), (&json!(false), &json!(true)));
    assert_eq!(other.json["duplicate"], false);
    assert_eq!(other.json["id"].as_str().unwrap().len(), 36);
    daemon
        .until("/v1/executions?status=completed", |page| page["items"].as_array().unwrap().len() == 2)
        .await;
    assert_eq!(daemon.catcher.mails().len(), 2);
    assert_eq!(daemon.get("/v1/events").await.json["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn what_cannot_be_taken_is_refused_with_a_problem() {
    let daemon = daemon().await;
    let unknown = daemon.post("/v1/events/shop/order.creatd", &[], "{}").await;
    let detail = unknown.problem(404, "unknown-event");
    assert_eq!(detail, "integration `shop` has no event `order.creatd`: is `order.created` meant?");
    assert_eq!(unknown.json["did_you_mean"], "order.created");
    let detail =
        daemon.post("/v1/events/shob/order.created", &[], "{}").await.problem(404, "unknown-integration");
    assert_eq!(detail, "there is no integration `shob`: is `shop` meant?");
    daemon.post(CREATED, &[], "{").await.problem(400, "invalid-json");
    daemon.post(CREATED, &[], "").await.problem(400, "invalid-json");
    daemon.post(CREATED, &[], "[".repeat(100_000)).await.problem(400, "nesting-too-deep");
    daemon.post(CREATED, &[], &b"\"\xff\""[..]).await.problem(400, "not-utf8");
    daemon.post(CREATED, &[], " ".repeat((1 << 20) + 1)).await.problem(413, "too-large");
    daemon.post(&format!("{CREATED}?id="), &[], "{}").await.problem(400, "invalid-id");
    daemon.post(&format!("{CREATED}?time=now"), &[], "{}").await.problem(400, "invalid-time");
    daemon.post(&format!("{CREATED}?idd=1"), &[], "{}").await.problem(400, "invalid-query");
    daemon.post(CREATED, &[("origin", "http://evil.example")], "{}").await.problem(403, "foreign-origin");
    daemon.get("/v1/nothing").await.problem(404, "unknown-route");
    daemon.get(CREATED).await.problem(405, "wrong-method");
    assert_eq!(daemon.get("/v1/events").await.json, json!({"items": [], "next": null}));
}

#[tokio::test]
async fn a_payload_that_breaks_its_schema_is_stored_and_marked() {
    let daemon = daemon().await;
    let mut broken = order("paid");
    broken["total"] = json!("much");
    let answer = daemon.post(&format!("{CREATED}?id=broken"), &[], broken.to_string()).await;
    assert_eq!((answer.status, &answer.json["schema_mismatches"][0]["pointer"]), (202, &json!("/total")));
    daemon.post(&format!("{CREATED}?id=right"), &[], order("paid").to_string()).await;
    let marked = daemon.get("/v1/events?schema_mismatch=true").await.json;
    assert_eq!(marked["items"][0]["id"], "broken");
    assert_eq!(marked["items"].as_array().unwrap().len(), 1);
    assert!(daemon.catcher.wait_for_mails(2, PATIENCE).await.is_some(), "rules run on what fits");
}

#[tokio::test]
async fn events_are_listed_page_by_page_with_their_times() {
    let daemon = daemon().await;
    for index in 0..5 {
        let path = format!("{CREATED}?id=e{index}&time=2026-01-31T12:00:0{index}%2B01:00");
        assert_eq!(daemon.post(&path, &[], order("pending").to_string()).await.status, 202);
    }
    let mut seen = Vec::new();
    let mut path = "/v1/events?limit=2&event=shop.order.created&source=shop".to_owned();
    loop {
        let page = daemon.get(&path).await.json;
        seen.extend(
            page["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()),
        );
        let Some(next) = page["next"].as_str() else { break };
        path = format!("/v1/events?limit=2&cursor={next}");
    }
    assert_eq!(seen, ["e4", "e3", "e2", "e1", "e0"]);
    let first = daemon.get("/v1/events?limit=1").await.json["items"][0].clone();
    assert_eq!(first["occurred_at"], "2026-01-31T11:00:04Z");
    daemon.get("/v1/events?limit=0").await.problem(400, "invalid-query");
    daemon.get("/v1/events?cursor=x").await.problem(400, "invalid-query");
    daemon.get("/v1/events?state=lost").await.problem(400, "invalid-query");
}
