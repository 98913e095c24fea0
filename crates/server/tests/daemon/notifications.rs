//! `/v1/notifications`: what rules tell people.

use serde_json::{Value as Json, json};

use crate::support::{Daemon, daemon_on, daemon_with, order, settings};

const RULES: &str = "rule packing\nwhen shop.order.created\n\
    then notifications.send(to: \"ann\", title: \"Order {number}\", body: \"It can be packed.\", link: \"/orders\")\n     \
    notifications.send(to: \"bob\", title: \"Order {number}\", body: \"Look at it.\", level: \"warning\")\n";

/// A daemon whose rule tells two people of every order.
async fn telling() -> Daemon {
    daemon_with(RULES).await
}

fn items(page: &Json) -> &Vec<Json> {
    page["items"].as_array().unwrap()
}

#[tokio::test]
async fn what_a_rule_tells_people_is_listed_until_they_read_it_over_restarts() {
    let first = telling().await;
    first.post("/v1/events/shop/order.created", &[], order("paid").to_string()).await;
    first.until("/v1/notifications", |page| items(page).len() == 2).await;
    let of_ann = first.get("/v1/notifications?for=ann&unread=true").await.json;
    let [message] = &items(&of_ann)[..] else { panic!("{of_ann}") };
    assert_eq!((&message["for"], &message["body"]), (&json!("ann"), &json!("It can be packed.")));
    assert_eq!((&message["link"], &message["level"]), (&json!("/orders"), &json!("info")));
    assert_eq!(message["read_at"], Json::Null);
    let address = format!("/v1/notifications/{}/read", message["id"].as_str().unwrap());
    let read = first.post(&address, &[], "").await;
    assert_eq!(read.status, 200, "{read:?}");
    assert!(read.json["read_at"].is_string());
    assert_eq!(first.post(&address, &[], "").await.json, read.json);
    let audit = first.get("/v1/audit").await.json;
    let recorded = items(&audit).iter().find(|entry| entry["before"]["read_at"].is_null()).unwrap();
    assert_eq!(
        (&recorded["target"], &recorded["after"]["read_at"]),
        (&json!(address), &read.json["read_at"])
    );

    let (folder, catcher) = first.stop().await;
    let settings = settings(&catcher);
    let second = daemon_on(folder, catcher, settings).await;
    assert_eq!(second.get("/v1/notifications?for=ann").await.json["items"], json!([read.json]));
    assert!(items(&second.get("/v1/notifications?for=ann&unread=true").await.json).is_empty());
    let page = second.get("/v1/notifications?limit=1").await.json;
    assert_eq!(items(&page)[0]["for"], "bob");
    let next = second.get(&format!("/v1/notifications?limit=1&cursor={}", page["next"])).await.json;
    assert_eq!(items(&next)[0]["for"], "ann");
    second.post("/v1/notifications/nothing/read", &[], "").await.problem(404, "unknown-notification");
}
