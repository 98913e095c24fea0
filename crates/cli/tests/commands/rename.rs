//! A rule gets another name: what began under the old one goes on, and what was done once is not done again.

use hence_connectors::catcher::Catcher;
use serde_json::{Value as Json, json};

use crate::serve::{Daemon, project, sign};
use crate::support::order;

const BEFORE: &str = "\
rule big
  once per customer.id
when shop.order.created
then wait 1 h
     log.write(message: \"an hour later\")
";

fn items(page: &Json) -> Vec<(&str, &str)> {
    let items = page["items"].as_array().unwrap();
    items.iter().map(|item| (item["rule"].as_str().unwrap(), item["status"].as_str().unwrap())).collect()
}

/// Starts a rule for an order, gives it another name, and starts it again for an order of the same customer. Returns what
/// is told of its executions then, and whether the first one can still be held.
async fn renamed(tombstone: &str) -> (Json, bool) {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let path = project.path();
    let body = serde_json::to_vec(&order()).unwrap();
    std::fs::write(path.join("rules/orders.rule"), BEFORE).unwrap();
    let daemon = Daemon::serving(path, &[]);
    assert_eq!(daemon.deliver("d1", &sign(&body), &body).await.status, 202);
    let page =
        daemon.until("/v1/executions?status=waiting", |page| items(page) == [("big", "waiting")]).await;
    let id = page["items"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(daemon.end().await.0.code(), Some(0));

    std::fs::write(path.join("rules/orders.rule"), BEFORE.replace("big", "large")).unwrap();
    let manifest = std::fs::read_to_string(path.join("hence.toml")).unwrap();
    std::fs::write(path.join("hence.toml"), format!("{manifest}{tombstone}")).unwrap();
    let daemon = Daemon::serving(path, &[]);
    assert_eq!(daemon.deliver("d2", &sign(&body), &body).await.status, 202);
    let page = daemon.until("/v1/executions", |page| items(page).len() == 2).await;
    let rules = daemon.get("/v1/rules").await.json;
    assert_eq!(rules["items"][0]["name"], "large", "{rules}");
    assert_eq!(daemon.get("/v1/rules/large").await.status, 200);
    let paused =
        daemon.client.post(format!("{}/v1/executions/{id}/pause", daemon.address)).send().await.unwrap();
    let of_rule = daemon.get("/v1/executions?rule=large").await.json;
    let (all, of_rule) = (items(&page).len(), items(&of_rule).len());
    assert_eq!(of_rule, if tombstone.is_empty() { 1 } else { all });
    (page, paused.status().as_u16() == 200)
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_began_and_did_goes_on_under_its_new_name() {
    let (page, held) = renamed("\n[renamed]\nlarge = \"big\"\n").await;
    assert_eq!(items(&page), [("large", "throttled"), ("large", "waiting")], "{page}");
    assert!(held);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_word_of_it_a_new_name_is_a_new_rule() {
    let (page, _) = renamed("").await;
    let names: Vec<_> = items(&page).into_iter().map(|(rule, _)| json!(rule)).collect();
    assert_eq!(names, ["large", "big"], "{page}");
}
