//! CloudEvents: structured, binary, in batches.

use serde_json::{Value as Json, json};

use crate::support::{PATIENCE, daemon, order};

const STRUCTURED: (&str, &str) = ("content-type", "application/cloudevents+json; charset=utf-8");
const BATCH: (&str, &str) = ("content-type", "application/cloudevents-batch+json");

fn event(id: &str) -> Json {
    json!({
        "specversion": "1.0", "type": "shop.order.created", "source": "https://shop.example", "id": id,
        "time": "2026-03-14T10:00:00Z", "extension": 7, "data": order("paid"),
    })
}

#[tokio::test]
async fn an_event_comes_in_three_ways_and_is_the_same() {
    let daemon = daemon().await;
    let structured = daemon.post("/v1/events", &[STRUCTURED], event("e1").to_string()).await;
    assert_eq!(structured.status, 202, "{structured:?}");
    let expected = |duplicate: bool| json!({"id": "e1", "event": "shop.order.created", "duplicate": duplicate, "schema_mismatches": []});
    assert_eq!(structured.json, expected(false));
    let binary = [
        ("ce-specversion", "1.0"),
        ("ce-type", "shop.order.created"),
        ("ce-source", "https%3A//shop.example"),
        ("ce-id", "e1"),
        ("content-type", "application/json"),
    ];
    let binary = daemon.post("/v1/events", &binary, order("paid").to_string()).await;
    assert_eq!((binary.status, &binary.json), (202, &expected(true)));
    let batch = daemon.post("/v1/events", &[BATCH], json!([event("e1"), event("e2")]).to_string()).await;
    let duplicates: Vec<_> =
        batch.json["events"].as_array().unwrap().iter().map(|event| event["duplicate"].clone()).collect();
    assert_eq!((batch.status, duplicates), (202, vec![json!(true), json!(false)]));
    assert_eq!(daemon.catcher.wait_for_mails(2, PATIENCE).await.unwrap().len(), 2);
    let events = daemon.get("/v1/events").await.json;
    assert_eq!(events["items"][0]["source"], "https://shop.example");
    assert_eq!(events["items"][0]["occurred_at"], "2026-03-14T10:00:00Z");
}

#[tokio::test]
async fn the_same_id_of_another_source_is_another_event() {
    let daemon = daemon().await;
    let mut other = event("e1");
    other["source"] = json!("https://other.example");
    for event in [event("e1"), other] {
        let answer = daemon.post("/v1/events", &[STRUCTURED], event.to_string()).await;
        assert_eq!(answer.json["duplicate"], false);
    }
}

#[tokio::test]
async fn data_may_be_base64_of_json() {
    let daemon = daemon().await;
    let mut event = event("e1");
    event.as_object_mut().unwrap().shift_remove("data");
    event["data_base64"] = json!("eyJhIjogMX0=");
    let answer = daemon.post("/v1/events", &[STRUCTURED], event.to_string()).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    assert_ne!(answer.json["schema_mismatches"], json!([]));
    event["data_base64"] = json!("!");
    let answer = daemon.post("/v1/events", &[STRUCTURED], event.to_string()).await;
    assert_eq!(answer.problem(400, "invalid-cloud-event"), "`data_base64` is no base64");
}

#[tokio::test]
async fn what_is_no_cloud_event_is_told_what_is_wrong() {
    let daemon = daemon().await;
    let alone = daemon.post("/v1/events", &[("content-type", "application/json")], "{}").await;
    alone.problem(415, "no-cloud-event");
    for (member, value, said) in [
        ("specversion", json!("0.3"), "`specversion` is `1.0`, not `0.3`"),
        ("id", json!(""), "the attribute `id` is missing"),
        ("source", Json::Null, "the attribute `source` is missing"),
        (
            "type",
            json!("order"),
            "`type` is the full name of an event, such as `shop.order.created`, not `order`",
        ),
        ("data_base64", json!("e30="), "there are both `data` and `data_base64`"),
    ] {
        let mut event = event("e1");
        event[member] = value;
        let answer = daemon.post("/v1/events", &[STRUCTURED], event.to_string()).await;
        assert_eq!(answer.problem(400, "invalid-cloud-event"), said);
    }
    daemon.post("/v1/events", &[STRUCTURED], "[".repeat(100_000)).await.problem(400, "nesting-too-deep");
    let mut wrong = event("e2");
    wrong["type"] = json!("shop.order.creatd");
    let answer = daemon.post("/v1/events", &[BATCH], json!([event("e1"), wrong]).to_string()).await;
    answer.problem(404, "unknown-event");
    assert_eq!(answer.json["pointer"], "/1");
    assert_eq!(daemon.get("/v1/events").await.json["items"], json!([]), "all of a batch, or none");
}
