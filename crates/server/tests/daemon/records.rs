//! `/v1/acknowledgments` and `/v1/preferences`.

use serde_json::{Value as Json, json};

use crate::support::{Answer, Daemon, daemon, daemon_on, settings};

async fn put(daemon: &Daemon, path: &str, body: Json) -> Answer {
    daemon.ask("PUT", path, Some(&daemon.token), &body.to_string()).await
}

#[tokio::test]
async fn what_somebody_agreed_to_is_kept_once_over_restarts() {
    let first = daemon().await;
    let body = json!({"subject": "u1", "key": "no_returns", "text": "Custom-made items cannot be returned"});
    let kept = put(&first, "/v1/acknowledgments", body).await;
    assert_eq!((kept.status, &kept.json["text"]), (200, &json!("Custom-made items cannot be returned")));
    let again = put(&first, "/v1/acknowledgments", json!({"subject": "u1", "key": "no_returns"})).await;
    assert_eq!((again.status, &again.json), (200, &kept.json));
    let (folder, catcher) = first.stop().await;
    let settings = settings(&catcher);
    let second = daemon_on(folder, catcher, settings).await;
    let found = second.get("/v1/acknowledgments?subject=u1&key=no_returns").await;
    assert_eq!(found.json["items"], json!([kept.json]));
    assert_eq!(second.get("/v1/acknowledgments?subject=u2").await.json["items"], json!([]));
    assert_eq!(second.get("/v1/preferences?subject=u1").await.json["items"], json!([]));
}

#[tokio::test]
async fn of_what_somebody_chose_the_last_counts_and_who_changed_it_is_recorded() {
    let daemon = daemon().await;
    let body = |value: Json| json!({"subject": "u1", "key": "packaging", "value": value});
    assert_eq!(put(&daemon, "/v1/preferences", body(json!("paper"))).await.status, 200);
    let last = put(&daemon, "/v1/preferences", body(json!(["none", 1.5]))).await;
    put(&daemon, "/v1/preferences", json!({"subject": "u2", "key": "packaging", "value": null})).await;
    let found = daemon.get("/v1/preferences?subject=u1").await.json;
    assert_eq!(found["items"], json!([last.json]));
    assert_eq!(found["items"][0]["value"].to_string(), r#"["none",1.5]"#);
    let audit = daemon.get("/v1/audit").await.json;
    assert_eq!(audit["items"][1]["before"]["value"], "paper");
    let page = daemon.get("/v1/preferences?limit=1").await.json;
    assert_eq!(page["items"][0]["subject"], "u2");
    let next = daemon.get(&format!("/v1/preferences?limit=1&cursor={}", page["next"])).await.json;
    assert_eq!(next["items"][0]["subject"], "u1");
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused() {
    let daemon = daemon().await;
    for (path, body, code) in [
        ("/v1/preferences", json!({"subject": "u1", "key": "a"}), "invalid-preference"),
        ("/v1/preferences", json!({"subject": "", "key": "a", "value": 1}), "invalid-record"),
        ("/v1/acknowledgments", json!({"subject": "u1", "key": "a\nb"}), "invalid-record"),
        ("/v1/acknowledgments", json!({"subject": "u1", "key": "a".repeat(257)}), "invalid-record"),
        ("/v1/acknowledgments", json!({"subject": "u1", "key": "a", "value": 1}), "invalid-acknowledgment"),
    ] {
        put(&daemon, path, body).await.problem(400, code);
    }
    assert_eq!(daemon.get("/v1/preferences").await.json["items"], json!([]));
}
