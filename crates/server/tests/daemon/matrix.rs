//! Every route of the document of the daemon, asked by every role: what it answers is held against one table.

use std::collections::BTreeSet;

use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;

use crate::support::{daemon, daemon_on};
use crate::tokens::made;

/// Who asks, in the order of the marks below. A token that was an administrator's and is revoked is the last.
const CALLERS: [&str; 6] = ["nobody", "viewer", "author", "operator", "admin", "revoked"];

/// Every request of the document with who may send it: `+` may, `-` is refused as nobody, `x` as somebody else, and of `s`
/// a signature is wanted whoever sends it.
const MATRIX: &[(&str, &str, &str)] = &[
    ("GET", "/healthz", "++++++"),
    ("GET", "/readyz", "++++++"),
    ("GET", "/sign-in", "++++++"),
    ("POST", "/hooks/{integration}", "ssssss"),
    ("POST", "/v1/session", "++++++"),
    ("GET", "/lsp", "-x+++-"),
    ("GET", "/metrics", "-++++-"),
    ("GET", "/v1/acknowledgments", "-++++-"),
    ("PUT", "/v1/acknowledgments", "-xx++-"),
    ("GET", "/v1/audit", "-xxx+-"),
    ("GET", "/v1/dead-letters", "-++++-"),
    ("POST", "/v1/dead-letters/{id}/redrive", "-xx++-"),
    ("POST", "/v1/decide/{entry_point}", "-xx++-"),
    ("GET", "/v1/events", "-++++-"),
    ("POST", "/v1/events", "-xx++-"),
    ("POST", "/v1/events/{integration}/{event}", "-xx++-"),
    ("GET", "/v1/executions", "-++++-"),
    ("GET", "/v1/executions/{id}", "-++++-"),
    ("POST", "/v1/executions/{id}/cancel", "-xx++-"),
    ("GET", "/v1/executions/{id}/explanation", "-++++-"),
    ("POST", "/v1/executions/{id}/pause", "-xx++-"),
    ("POST", "/v1/executions/{id}/resume", "-xx++-"),
    ("POST", "/v1/executions/{id}/retry", "-xx++-"),
    ("GET", "/v1/live", "-++++-"),
    ("GET", "/v1/openapi.json", "-++++-"),
    ("GET", "/v1/notifications", "-++++-"),
    ("POST", "/v1/notifications/{id}/read", "-xx++-"),
    ("POST", "/v1/check", "-x+++-"),
    ("POST", "/v1/evaluate", "-x+++-"),
    ("GET", "/v1/releases", "-++++-"),
    ("POST", "/v1/releases", "-x+++-"),
    ("GET", "/v1/releases/{id}", "-++++-"),
    ("POST", "/v1/releases/{id}/activate", "-x+++-"),
    ("POST", "/v1/releases/{id}/canary", "-x+++-"),
    ("GET", "/v1/releases/{id}/content", "-x+++-"),
    ("POST", "/v1/releases/{id}/rollback", "-x+++-"),
    ("GET", "/v1/preferences", "-++++-"),
    ("PUT", "/v1/preferences", "-xx++-"),
    ("GET", "/v1/rules", "-++++-"),
    ("POST", "/v1/rules", "-x+++-"),
    ("GET", "/v1/rules/{name}", "-++++-"),
    ("PUT", "/v1/rules/{name}", "-x+++-"),
    ("PATCH", "/v1/rules/{name}", "-x+++-"),
    ("DELETE", "/v1/rules/{name}", "-x+++-"),
    ("POST", "/v1/rules/{name}/disable", "-x+++-"),
    ("POST", "/v1/rules/{name}/enable", "-x+++-"),
    ("GET", "/v1/rules/{name}/executions", "-++++-"),
    ("POST", "/v1/rules/{name}/run", "-xx++-"),
    ("DELETE", "/v1/session", "-++++-"),
    ("GET", "/v1/session", "-++++-"),
    ("GET", "/v1/stats", "-++++-"),
    ("GET", "/v1/tasks", "-++++-"),
    ("GET", "/v1/tasks/{id}", "-++++-"),
    ("POST", "/v1/tasks/{id}/answer", "-xx++-"),
    ("POST", "/v1/tasks/{id}/cancel", "-xx++-"),
    ("POST", "/v1/tasks/{id}/complete", "-xx++-"),
    ("GET", "/v1/tokens", "-xxx+-"),
    ("POST", "/v1/tokens", "-xxx+-"),
    ("DELETE", "/v1/tokens/{name}", "-xxx+-"),
];

/// A path with something in place of what stands in braces.
fn filled(path: &str) -> String {
    let part = |part: &str| match part {
        "{integration}" => "shop".to_owned(),
        "{event}" => "order.created".to_owned(),
        "{name}" => "nobody".to_owned(),
        "{id}" => "00000000-0000-7000-8000-000000000000".to_owned(),
        "{entry_point}" => "checkout".to_owned(),
        part if part.starts_with('{') => "x".to_owned(),
        part => part.to_owned(),
    };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_role_may_do_what_it_is_for_on_every_route_and_nobody_else_anything() {
    let daemon = daemon().await;
    let mut tokens = vec![None];
    for role in ["viewer", "author", "operator", "admin"] {
        tokens.push(Some(made(&daemon, &format!("a-{role}"), role).await));
    }
    let revoked = made(&daemon, "revoked", "admin").await;
    daemon.ask("DELETE", "/v1/tokens/revoked", Some(&daemon.token), "").await;
    tokens.push(Some(revoked));

    let document = daemon.get("/v1/openapi.json").await.json;
    let paths = document["paths"].as_object().unwrap();
    let described: BTreeSet<(String, &str)> = paths
        .iter()
        .flat_map(|(path, methods)| {
            methods.as_object().unwrap().keys().map(move |method| (method.to_uppercase(), path.as_str()))
        })
        .collect();
    let known: BTreeSet<(String, &str)> =
        MATRIX.iter().map(|(method, path, _)| ((*method).to_owned(), *path)).collect();
    assert_eq!(described, known, "every route has a line in the table, and every line a route");

    for (method, path, may) in MATRIX {
        assert_eq!(may.len(), CALLERS.len(), "{path}");
        for ((caller, token), may) in CALLERS.iter().zip(&tokens).zip(may.chars()) {
            let answer = daemon.ask(method, &filled(path), token.as_deref(), "{}").await;
            let told = format!("{method} {path} by {caller}: {answer:?}");
            let refused = match may {
                '-' => (401, "unauthorized"),
                'x' => (403, "forbidden"),
                's' => (401, "invalid-signature"),
                _ => {
                    assert!(answer.status < 500 && ![401, 403].contains(&answer.status), "{told}");
                    continue;
                }
            };
            assert_eq!((answer.status, answer.json["code"].as_str().unwrap()), refused, "{told}");
        }
    }
    // What is no route is none to whoever asks, and tells nothing.
    daemon.ask("GET", "/v1/nothing", None, "").await.problem(404, "unknown-route");
}

#[tokio::test]
async fn json_that_is_nested_too_deep_is_refused_on_every_route_that_takes_json() {
    // Without the secret of the shop, whose signature would be looked at first.
    let catcher = Catcher::start().await.unwrap();
    let mut settings = ConnectionSettings::default();
    settings.set("crm", "base_url", &format!("http://{}", catcher.http_address()));
    let daemon = daemon_on(tempfile::tempdir().unwrap(), catcher, settings).await;
    let document = daemon.get("/v1/openapi.json").await.json;
    let deep = "[".repeat(100_000);
    let mut asked = 0;
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let Some(content) = operation["requestBody"]["content"].as_object() else { continue };
            for kind in content.keys() {
                let request =
                    daemon.client.request(method.to_uppercase().parse().unwrap(), daemon.url(&filled(path)));
                let request = request.header("content-type", kind).body(deep.clone());
                let answer = request.send().await.unwrap();
                let status = answer.status().as_u16();
                let answer: serde_json::Value = serde_json::from_str(&answer.text().await.unwrap()).unwrap();
                let code = answer["code"].as_str().unwrap();
                assert_eq!((status, code), (400, "nesting-too-deep"), "{method} {path}");
                asked += 1;
            }
        }
    }
    assert!(asked > 8, "{asked}");
}
