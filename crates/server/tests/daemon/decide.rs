//! `POST /v1/decide/{entry_point}`.

use std::sync::Arc;

use hence_connectors::ConnectionSettings;
use hence_connectors::catcher::Catcher;
use hence_ir::{Effect, EventType, Program, Rule, RuleId, Step};
use hence_server::serve;
use serde_json::{Value as Json, json};

use crate::support::{Daemon, options, program, shipped};

/// A daemon whose rule of the checkout says the coupon back.
async fn daemon() -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let mut program = Program::clone(&program());
    let confirm = program.rules[0].clone();
    let Some(Step::Act { arguments, .. }) = confirm.then.first() else { panic!("no call") };
    let mut text = arguments[0].clone();
    text.name = "text".into();
    let effect = Effect::Act { action: "ui.display_message".into(), arguments: vec![text] };
    let mut plan = confirm.plan.clone();
    plan.slots.iter_mut().for_each(|slot| {
        slot.source = hence_ir::Source::Payload(vec!["cart".into(), "id".into()]);
    });
    program.rules.push(Rule {
        name: "say_it_back".into(),
        triggers: vec!["checkout".into()],
        plan,
        condition: None,
        then: vec![Step::Answer { effect, span: confirm.span }],
        ..confirm
    });
    let payload = Arc::clone(&shipped().entry_point("checkout").unwrap().context);
    let rules = vec![RuleId(u32::try_from(program.rules.len()).unwrap() - 1)];
    program.events.push(EventType { name: "checkout".into(), payload, rules });
    let mut options = options(&folder, ConnectionSettings::default());
    options.loaded.program = Arc::new(program);
    let handle = serve(options, std::future::pending()).await.unwrap();
    Daemon::new(handle, Catcher::start().await.unwrap(), folder)
}

fn context() -> Json {
    json!({"currency": "EUR", "cart": {"id": "cart_1", "lines": [], "quantity": 1, "subtotal": "9.00"}})
}

#[tokio::test]
async fn a_context_is_answered_at_once_with_effects_rules_and_version() {
    let daemon = daemon().await;
    let answer = daemon.post("/v1/decide/checkout", &[], context().to_string()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    assert_eq!(answer.json["effects"][0]["effect"], "ui.display_message");
    assert_eq!(answer.json["effects"][0]["rule"], "say_it_back");
    assert_eq!(answer.json["matched"][0]["rule"], "say_it_back");
    assert_eq!(answer.json["version"].as_str().unwrap().len(), 16);
    assert_eq!(answer.json["blocked"], Json::Null);
    assert_eq!(answer.json.get("explanations"), None);
    assert!(daemon.get("/v1/events").await.json["items"].as_array().unwrap().is_empty());
    let explained = daemon.post("/v1/decide/checkout?explain=true", &[], context().to_string()).await;
    assert_eq!(explained.json["explanations"][0]["rule"], "say_it_back");
}

#[tokio::test]
async fn a_context_that_breaks_its_schema_is_refused_with_pointers() {
    let daemon = daemon().await;
    let mut context = context();
    context["cart"]["quantity"] = json!("one");
    context["cart"].as_object_mut().unwrap().remove("subtotal");
    let answer = daemon.post("/v1/decide/checkout", &[], context.to_string()).await;
    answer.problem(422, "invalid-context");
    let errors = answer.json["errors"].as_array().unwrap();
    let mut pointers: Vec<&str> = errors.iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    pointers.sort_unstable();
    assert_eq!(pointers, ["/cart/quantity", "/cart/subtotal"]);
}

#[tokio::test]
async fn what_is_no_entry_point_or_no_json_is_a_problem() {
    let daemon = daemon().await;
    let unknown = daemon.post("/v1/decide/chekout", &[], "{}").await;
    let detail = unknown.problem(404, "unknown-entry-point");
    assert_eq!(detail, "no integration has the entry point `chekout`: is `checkout` meant?");
    daemon.post("/v1/decide/checkout", &[], "{").await.problem(400, "invalid-json");
    assert_eq!(daemon.get("/v1/decide/checkout").await.status, 405);
}
