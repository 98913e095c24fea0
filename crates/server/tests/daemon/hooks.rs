//! `POST /hooks/{integration}`.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::json;
use sha2::Sha256;

use crate::support::{PATIENCE, SECRET, daemon, daemon_on, order, settings};

fn signature(body: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(SECRET.as_bytes()).unwrap();
    mac.update(body.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

#[tokio::test]
async fn a_signed_delivery_is_taken_once_and_runs_its_rules() {
    let daemon = daemon().await;
    let body = order("paid").to_string();
    let signature = signature(&body);
    let headers = [
        ("x-shop-topic", "orders/create"),
        ("x-shop-delivery", "d1"),
        ("x-shop-hmac-sha256", signature.as_str()),
    ];
    let first = daemon.post("/hooks/shop", &headers, body.clone()).await;
    let event =
        json!({"id": "d1", "event": "shop.order.created", "duplicate": false, "schema_mismatches": []});
    assert_eq!((first.status, first.json), (202, json!({"events": [event]})));
    let again = daemon.post("/hooks/shop", &headers, body).await;
    assert_eq!((again.status, &again.json["events"][0]["duplicate"]), (202, &json!(true)));
    assert_eq!(daemon.catcher.wait_for_mails(1, PATIENCE).await.unwrap().len(), 1);
}

#[tokio::test]
async fn deliveries_that_come_again_in_any_order_over_restarts_run_once() {
    const DELIVERIES: usize = 12;
    let mut daemon = daemon().await;
    let body = order("paid").to_string();
    let signature = signature(&body);
    // Each comes four times, the whole in an order that is no order.
    let shuffled = (0..4 * DELIVERIES).map(|turn| (turn * 29 + 7) % (4 * DELIVERIES) % DELIVERIES);
    let (mut new, mut seen) = (0, std::collections::BTreeSet::new());
    for (turn, number) in shuffled.enumerate() {
        if turn % 10 == 9 {
            let (folder, catcher) = daemon.stop().await;
            let settings = settings(&catcher);
            daemon = daemon_on(folder, catcher, settings).await;
        }
        let delivery = format!("d{number}");
        let headers = [
            ("x-shop-topic", "orders/create"),
            ("x-shop-delivery", delivery.as_str()),
            ("x-shop-hmac-sha256", signature.as_str()),
        ];
        let answer = daemon.post("/hooks/shop", &headers, body.clone()).await;
        let is_duplicate = answer.json["events"][0]["duplicate"].as_bool().unwrap();
        assert_eq!((answer.status, is_duplicate), (202, !seen.insert(number)), "{delivery}");
        new += usize::from(!is_duplicate);
    }
    assert_eq!(new, DELIVERIES);
    let ended = |page: &serde_json::Value| {
        let items = page["items"].as_array().unwrap();
        items.len() == DELIVERIES && items.iter().all(|one| one["status"] == "completed")
    };
    daemon.until("/v1/executions?rule=confirm", ended).await;
    assert_eq!(daemon.catcher.mails().len(), DELIVERIES);
}

#[tokio::test]
async fn a_forged_delivery_is_refused() {
    let daemon = daemon().await;
    let body = order("paid").to_string();
    let signature = signature(&body);
    let unsigned = daemon.post("/hooks/shop", &[("x-shop-topic", "orders/create")], body.clone()).await;
    assert_eq!(unsigned.problem(401, "invalid-signature"), "header `x-shop-hmac-sha256` is missing");
    let headers = [("x-shop-topic", "orders/create"), ("x-shop-hmac-sha256", signature.as_str())];
    let forged = daemon.post("/hooks/shop", &headers, body.replace("1199.00", "1.00")).await;
    forged.problem(401, "invalid-signature");
    daemon.post("/hooks/shop", &headers, "{").await.problem(401, "invalid-signature");
    assert_eq!(daemon.get("/v1/events").await.json["items"], json!([]));
}

#[tokio::test]
async fn what_is_no_event_of_ours_is_refused() {
    let daemon = daemon().await;
    let unknown = daemon.post("/hooks/shob", &[], "{}").await;
    assert_eq!(
        unknown.problem(400, "unknown-integration"),
        "there is no integration `shob`: is `shop` meant?"
    );
    daemon.post("/hooks/log", &[], "{}").await.problem(400, "no-webhook");
    let unknown = daemon.post("/hooks/github", &[("x-github-event", "puhs")], "{}").await;
    assert_eq!(
        unknown.problem(400, "unknown-event"),
        "integration `github` has no event for `puhs`: is `push` meant?"
    );
    assert!(unknown.json["known"].as_array().unwrap().contains(&json!("push")));
    daemon.post("/hooks/github", &[], "{}").await.problem(400, "no-event-name");
    daemon.post("/hooks/github", &[("x-github-event", "push")], "{").await.problem(400, "invalid-json");
    daemon.post("/hooks/github", &[], " ".repeat((1 << 20) + 1)).await.problem(413, "too-large");
}

#[tokio::test]
async fn a_handshake_is_answered() {
    let daemon = daemon().await;
    let answer = daemon.post("/hooks/monday", &[], r#"{"challenge": "3eZbrw"}"#).await;
    assert_eq!((answer.status, answer.json), (200, json!({"challenge": "3eZbrw"})));
}

#[tokio::test]
async fn without_a_secret_deliveries_are_refused_unless_the_connection_says_otherwise() {
    let daemon = daemon().await;
    let star = r#"{"action": "created"}"#;
    let headers = [("x-github-event", "star"), ("x-github-delivery", "g1")];
    let answer = daemon.post("/hooks/github", &headers, star).await;
    assert_eq!((answer.status, &answer.json["events"][0]["event"]), (202, &json!("github.star.created")));
    // Nobody learns which events there are, either.
    for body in [r#"{"type": "member.created", "id": "m1", "data": {}}"#, r#"{"type": "none"}"#, "{}"] {
        let refused = daemon.post("/hooks/crm", &[], body).await;
        assert!(refused.problem(401, "no-secret").contains("`webhook_secret` in `[connections.crm]`"));
    }
    daemon.post("/hooks/crm", &[], "{").await.problem(400, "invalid-json");
}
