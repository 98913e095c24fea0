//! Every action of the shipped integrations, called with a sample of its parameters: what arrives is a whole request, and
//! of those whose providers document a request, that one.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends by panicking")]

use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_connectors::{ConnectionSettings, Connectors, Secrets};
use hence_diagnostics::Sources;
use hence_engine::{Connector, Request};
use hence_schema::{Action, Call, Catalog, Class, catalog, sample_value};
use hence_types::Type;
use serde_json::{Map, Value as Json, json};

fn shipped() -> Arc<Catalog> {
    let (catalog, diagnostics) = catalog(&mut Sources::default(), &[]);
    assert_eq!(diagnostics, []);
    Arc::new(catalog)
}

/// Connectors whose integrations are all the catcher.
fn connectors(catalog: &Arc<Catalog>, catcher: &Catcher) -> Connectors {
    let mut settings = ConnectionSettings::default();
    for (id, integration) in &catalog.integrations {
        for (name, setting) in &integration.connection.settings {
            match name.as_str() {
                "base_url" => settings.set(id, name, &format!("http://{}", catcher.http_address())),
                "port" => settings.set(id, name, &catcher.mail_address().port().to_string()),
                _ if setting.secret => settings.set(id, name, "secret:ANY"),
                "account" => settings.set(id, name, "AC1"),
                _ => {}
            }
        }
    }
    settings.set("sendgrid", "from", "shop@example.com");
    settings.set("sms", "from", "+15550001000");
    Connectors::new(Arc::clone(catalog), settings, Secrets::new(|_| Some("s3cret".to_owned()), None))
}

/// A sample of the parameters of an action, all of them.
fn arguments(action: &Action) -> Map<String, Json> {
    let mut arguments = Map::new();
    for (name, param) in &action.params {
        // Where any JSON may stand, a text does: some of these are parts of a path.
        let any = matches!(param.ty.required(), Type::Json);
        let sample = if any { json!("any") } else { sample_value(param.ty.required()) };
        arguments.insert(name.to_string(), sample);
    }
    arguments
}

fn request(action: &Action, arguments: Map<String, Json>) -> Request {
    Request {
        action: Arc::clone(&action.full_name),
        arguments,
        key: "key-1".to_owned(),
        attempt: 1,
        ..Request::default()
    }
}

/// Calls one action and returns what arrived: method, path and body.
async fn arrives(action: &str, arguments: Json) -> (String, String, String) {
    let catalog = shipped();
    let catcher = Catcher::start().await.unwrap();
    let connectors = connectors(&catalog, &catcher);
    let (integration, name) = action.split_once('.').unwrap();
    let action = catalog.action(integration, name).unwrap();
    for name in arguments.as_object().unwrap().keys() {
        assert!(action.params.contains_key(name.as_str()), "{} has no parameter `{name}`", action.full_name);
    }
    let arguments = arguments.as_object().unwrap().clone();
    connectors.call(&request(action, arguments)).await.unwrap();
    let request = catcher.requests().remove(0);
    assert_eq!(request.header("idempotency-key"), Some("key-1"));
    (request.method.clone(), request.path.clone(), request.body.clone())
}

#[tokio::test]
async fn every_action_of_a_shipped_integration_makes_a_whole_request() {
    let catalog = shipped();
    let catcher = Catcher::start().await.unwrap();
    let connectors = connectors(&catalog, &catcher);
    let mut made = 0;
    for integration in catalog.integrations.values() {
        // Those of `http` take the whole address as an argument, so there is nothing of ours to be looked at.
        let actions = integration.actions.values().filter(|_| integration.id != "http");
        for action in actions.filter(|action| matches!(action.call, Call::Http(_))) {
            catcher.answer_next(200, "{}");
            let before = catcher.requests().len();
            let name = &action.full_name;
            let mut arguments = arguments(action);
            if let Some(url) = arguments.get_mut("url") {
                *url = json!(format!("http://{}/elsewhere", catcher.http_address()));
            }
            connectors
                .call(&request(action, arguments))
                .await
                .unwrap_or_else(|failure| panic!("{name}: {failure:?}"));
            let arrived = catcher.requests().split_off(before).remove(0);
            let text = format!("{} {}", arrived.path, arrived.body);
            assert!(!text.contains("{connection") && !text.contains("%7B"), "{name}: {text}");
            if !action.read {
                assert_eq!(arrived.header("idempotency-key"), Some("key-1"), "{name}");
            }
            made += 1;
        }
    }
    assert!(made > 50, "only {made} actions were called");
}

#[tokio::test]
async fn the_actions_of_the_shop_arrive_as_they_are_called() {
    for (action, arguments) in [
        ("shop.send_email", json!({"to": "a@example.com", "subject": "Hi", "body": "Text"})),
        ("shop.send_sms", json!({"to": "+15550001", "text": "Text"})),
        ("shop.suspend_user", json!({"user": "u1", "reason": "fraud"})),
    ] {
        let (method, path, body) = arrives(action, arguments.clone()).await;
        assert_eq!(method, "POST", "{action}");
        let sent = format!("{path} {body}");
        for (_, value) in arguments.as_object().unwrap() {
            let value = value.as_str().unwrap();
            assert!(sent.contains(value), "{action}: {value} in {sent}");
        }
    }
}

#[tokio::test]
async fn actions_of_monday_are_mutations_with_variables() {
    let (method, _, body) =
        arrives("monday.notify", json!({"user": 7, "target": 9, "text": "It's \"late\""})).await;
    let body: Json = serde_json::from_str(&body).unwrap();
    assert_eq!(method, "POST");
    assert!(body["query"].as_str().unwrap().starts_with("mutation"), "{body}");
    assert!(body["variables"].to_string().contains(r#"It's \"late\""#), "{body}");
    assert!(!body["query"].as_str().unwrap().contains("late"), "a value is never a part of the query");
}

#[tokio::test]
async fn sendgrid_and_twilio_get_what_they_document() {
    let (_, path, body) = arrives(
        "sendgrid.send_template",
        json!({"to": "a@example.com", "template": "d-1", "data": {"n": 1.50}}),
    )
    .await;
    let expected = r#"{"personalizations":[{"to":[{"email":"a@example.com"}],"dynamic_template_data":{"n":1.5}}],"from":{"email":"shop@example.com"},"template_id":"d-1"}"#;
    assert_eq!((path.as_str(), body.as_str()), ("/mail/send", expected));
    let (_, path, body) = arrives("sms.send", json!({"to": "+15550002", "text": "Hi & bye"})).await;
    assert_eq!(path, "/Accounts/AC1/Messages.json");
    assert_eq!(body, "To=%2B15550002&From=%2B15550001000&Body=Hi+%26+bye");
}

#[tokio::test]
async fn actions_of_github_are_the_requests_of_its_documentation() {
    let at = |more: Json| {
        let mut arguments = json!({"owner": "octocat", "repo": "Hello-World"});
        arguments.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        arguments
    };
    for (action, arguments, expected) in [
        (
            "github.remove_label",
            json!({"number": 7, "label": "good first issue"}),
            ("DELETE", "/repos/octocat/Hello-World/issues/7/labels/good%20first%20issue", ""),
        ),
        (
            "github.reopen_issue",
            json!({"number": 7}),
            ("PATCH", "/repos/octocat/Hello-World/issues/7", r#"{"state":"open"}"#),
        ),
        (
            "github.merge_pull_request",
            json!({"number": 2, "method": "squash"}),
            ("PUT", "/repos/octocat/Hello-World/pulls/2/merge", r#"{"merge_method":"squash"}"#),
        ),
        (
            "github.update_comment",
            json!({"comment": 492700400, "body": "Done"}),
            ("PATCH", "/repos/octocat/Hello-World/issues/comments/492700400", r#"{"body":"Done"}"#),
        ),
        (
            "github.create_review",
            json!({"number": 2, "event": "APPROVE"}),
            ("POST", "/repos/octocat/Hello-World/pulls/2/reviews", r#"{"event":"APPROVE"}"#),
        ),
    ] {
        let (method, path, body) = arrives(action, at(arguments)).await;
        assert_eq!((method.as_str(), path.as_str(), body.as_str()), expected, "{action}");
    }
}

#[test]
fn what_may_be_done_twice_is_called_so_only_where_it_does_no_harm() {
    let catalog = shipped();
    for integration in catalog.integrations.values() {
        for action in integration.actions.values() {
            let Call::Http(call) = &action.call else { continue };
            let creates = ["create_", "send", "notify", "post"].iter().any(|start| {
                action.full_name.split_once('.').is_some_and(|(_, name)| name.starts_with(start))
            });
            if creates && call.method == "POST" {
                assert_eq!(action.class, Class::AtMostOnce, "{}", action.full_name);
            }
        }
    }
}
