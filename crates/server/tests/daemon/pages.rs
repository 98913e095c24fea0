//! What browsers are told with every answer, and whose pages may ask at all.

use crate::support::{daemon, order};

#[tokio::test]
async fn every_answer_says_how_browsers_are_to_take_it() {
    let daemon = daemon().await;
    for path in ["/healthz", "/v1/rules", "/v1/nothing", "/hooks/x", "/metrics", "/sign-in?link=x"] {
        let answer = daemon.client.get(daemon.url(path)).send().await.unwrap();
        for (name, value) in [
            ("content-security-policy", "frame-ancestors 'none'"),
            ("content-security-policy", "default-src 'none'"),
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "same-origin"),
            ("x-frame-options", "DENY"),
            ("cache-control", "no-store"),
        ] {
            let found = answer.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            assert!(found.contains(value), "{path}: {name}: {found}");
        }
        assert!(answer.headers().get("access-control-allow-origin").is_none());
        assert!(answer.headers().get("strict-transport-security").is_none());
    }
}

#[tokio::test]
async fn a_name_that_is_not_the_daemons_is_not_answered() {
    let daemon = daemon().await;
    for path in ["/healthz", "/v1/rules", "/hooks/shop", "/lsp"] {
        let request = daemon.client.get(daemon.url(path)).header("host", "evil.example:7070");
        let answer = request.send().await.unwrap();
        assert_eq!(answer.status(), 421, "{path}");
        assert!(answer.text().await.unwrap().contains("[server] hosts"));
    }
}

#[tokio::test]
async fn pages_of_other_sites_are_refused_with_a_token_as_well() {
    let daemon = daemon().await;
    for origin in ["https://evil.example", "null", "http://127.0.0.1.evil.example"] {
        let answer = daemon
            .post("/v1/events/shop/order.created", &[("origin", origin)], order("paid").to_string())
            .await;
        answer.problem(403, "foreign-origin");
    }
    let own = daemon.url("");
    let sent =
        daemon.post("/v1/events/shop/order.created", &[("origin", &own)], order("paid").to_string()).await;
    assert_eq!(sent.status, 202);
}
