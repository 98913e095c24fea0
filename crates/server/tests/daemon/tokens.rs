//! Tokens: made, used, revoked, and the record of who did what.

use hence_server::Limits;
use hence_types::jiff::SignedDuration;
use serde_json::json;

use crate::limits::limited;
use crate::sessions::Moved;
use crate::support::{Daemon, daemon, daemon_on, order, settings};

pub(crate) async fn made(daemon: &Daemon, name: &str, role: &str) -> String {
    let answer = daemon.post("/v1/tokens", &[], json!({"name": name, "role": role}).to_string()).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.json["token"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_token_that_is_revoked_is_refused_at_once_and_after_a_restart() {
    let daemon = daemon().await;
    let viewer = made(&daemon, "grafana", "viewer").await;
    assert_eq!(daemon.ask("GET", "/v1/rules", Some(&viewer), "").await.status, 200);
    let admin = daemon.token.clone();
    assert_eq!(daemon.ask("DELETE", "/v1/tokens/grafana", Some(&admin), "").await.status, 204);
    daemon.ask("GET", "/v1/rules", Some(&viewer), "").await.problem(401, "unauthorized");
    daemon.ask("DELETE", "/v1/tokens/grafana", Some(&admin), "").await.problem(404, "unknown-token");
    let (folder, catcher) = daemon.stop().await;
    let connections = settings(&catcher);
    let daemon = daemon_on(folder, catcher, connections).await;
    assert!(daemon.handle.first_token().is_none());
    assert_eq!(daemon.token, admin);
    daemon.ask("GET", "/v1/rules", Some(&viewer), "").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn a_token_is_good_until_it_expires() {
    let clock = Moved::now_on();
    let daemon = limited(Limits::default(), &clock).await;
    let wanted = |days: u16| json!({"name": "short", "role": "viewer", "expires_in_days": days}).to_string();
    daemon.post("/v1/tokens", &[], wanted(0)).await.problem(400, "invalid-token");
    let made = daemon.post("/v1/tokens", &[], wanted(1)).await.json;
    let token = made["token"].as_str().unwrap();
    assert_eq!(daemon.ask("GET", "/v1/rules", Some(token), "").await.status, 200);
    clock.by(SignedDuration::from_hours(24));
    daemon.ask("GET", "/v1/rules", Some(token), "").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn the_last_administrators_token_is_revoked_by_force_alone() {
    let daemon = daemon().await;
    let admin = daemon.token.clone();
    let revoke =
        async |by: &str, what: &str| daemon.ask("DELETE", &format!("/v1/tokens/{what}"), Some(by), "").await;
    made(&daemon, "grafana", "viewer").await;
    let detail = revoke(&admin, "first").await.problem(409, "last-administrator");
    assert!(detail.starts_with("`first` is the last valid token of an administrator"), "{detail}");
    assert_eq!(revoke(&admin, "grafana").await.status, 204);
    let other = made(&daemon, "ann", "admin").await;
    assert_eq!(revoke(&other, "first").await.status, 204);
    revoke(&other, "ann").await.problem(409, "last-administrator");
    assert_eq!(revoke(&other, "ann?force=true").await.status, 204);
    daemon.ask("GET", "/v1/rules", Some(&other), "").await.problem(401, "unauthorized");
}

#[tokio::test]
async fn what_is_changed_is_recorded_with_who_and_what_and_no_token_in_it() {
    let daemon = daemon().await;
    let operator = made(&daemon, "ops", "operator").await;
    daemon
        .ask("POST", "/v1/tokens", Some(&operator), r#"{"name": "x", "role": "admin"}"#)
        .await
        .problem(403, "forbidden");
    let sent = daemon
        .ask("POST", "/v1/events/shop/order.created", Some(&operator), &order("paid").to_string())
        .await;
    assert_eq!(sent.status, 202);
    let admin = daemon.token.clone();
    daemon.ask("DELETE", "/v1/tokens/ops", Some(&admin), "").await;
    let audit = daemon.get("/v1/audit").await.json;
    let lines = audit["items"].as_array().unwrap();
    let actions: Vec<_> = lines
        .iter()
        .map(|line| (line["action"].as_str().unwrap(), line["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(actions, [("DELETE /v1/tokens/{name}", 204), ("POST /v1/tokens", 201)]);
    assert_eq!(lines[0]["who"], "first");
    assert_eq!(lines[0]["target"], "/v1/tokens/ops");
    assert_eq!(lines[0]["before"]["role"], "operator");
    assert_eq!(lines[1]["after"]["name"], "ops");
    assert!(!audit.to_string().contains(&operator), "{audit}");
    let all = daemon.get("/v1/tokens").await.json.to_string();
    assert!(!all.contains(&operator) && all.contains("ops"), "{all}");
}

#[tokio::test]
async fn a_token_needs_a_name_of_its_own_and_a_role() {
    let daemon = daemon().await;
    let post = async |body: &str| daemon.post("/v1/tokens", &[], body.to_owned()).await;
    assert!(
        post(r#"{"name": "x", "role": "root"}"#)
            .await
            .problem(400, "invalid-token")
            .contains("`root` is no role")
    );
    post(r#"{"name": "", "role": "viewer"}"#).await.problem(400, "invalid-token");
    post(r#"{"name": "x", "role": "viewer", "more": 1}"#).await.problem(400, "invalid-token");
    made(&daemon, "x", "viewer").await;
    post(r#"{"name": "x", "role": "viewer"}"#).await.problem(409, "token-exists");
}

#[tokio::test]
async fn the_last_use_of_a_token_is_told_and_outlives_a_restart() {
    let daemon = daemon().await;
    let viewer = made(&daemon, "grafana", "viewer").await;
    let used = async |daemon: &Daemon| {
        let tokens = daemon.get("/v1/tokens").await.json;
        let tokens = tokens["items"].as_array().unwrap();
        tokens.iter().find(|token| token["name"] == "grafana").unwrap()["last_used_at"].clone()
    };
    assert!(used(&daemon).await.is_null());
    assert_eq!(daemon.ask("GET", "/v1/rules", Some(&viewer), "").await.status, 200);
    let first = used(&daemon).await;
    assert!(first.is_string(), "{first}");
    // It is told to the minute or so: what follows at once does not move it.
    assert_eq!(daemon.ask("GET", "/v1/rules", Some(&viewer), "").await.status, 200);
    assert_eq!(used(&daemon).await, first);
    let (folder, catcher) = daemon.stop().await;
    let connections = settings(&catcher);
    let daemon = daemon_on(folder, catcher, connections).await;
    assert!(used(&daemon).await.is_string());
}
