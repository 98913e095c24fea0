//! What is marked sensitive is sent where it is to go, and stands in no answer of the daemon.

use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_ir::Program;
use hence_server::serve;

use crate::support::{Daemon, PATIENCE, SECRET, options, order, program, settings};

#[tokio::test]
async fn a_sensitive_field_stands_in_no_answer_of_the_daemon() {
    let folder = tempfile::tempdir().unwrap();
    let catcher = Catcher::start().await.unwrap();
    let mut program = Program::clone(&program());
    // The address of the customer, which is sent a mail, and the number, which is part of an address of the CRM.
    for rule in &mut program.rules {
        rule.plan.slots.iter_mut().take(1).for_each(|slot| slot.sensitive = true);
    }
    let mut options = options(&folder, settings(&catcher));
    options.loaded.program = Arc::new(program);
    let daemon = Daemon::new(serve(options, std::future::pending()).await.unwrap(), catcher, folder);
    let order = order("paid");
    let email = order["customer"]["email"].as_str().unwrap();
    let id = order["customer"]["id"].to_string();
    let id = id.trim_matches('"');
    daemon.catcher.refuse_next_mail(&format!("550 no such mailbox: {email}"));
    daemon.catcher.answer_next(400, &format!("{{\"error\": \"no such user: {id}, nor {SECRET}\"}}"));
    daemon.post("/v1/events/shop/order.created?id=e1", &[], order.to_string()).await;
    let failed = daemon
        .until("/v1/executions?status=failed", |page| page["items"].as_array().unwrap().len() == 2)
        .await;
    // Both were sent, as what came back says.
    let requests = daemon.catcher.wait_for_requests(1, PATIENCE).await.unwrap();
    assert!(requests[0].path.contains(id), "{requests:?}");

    let mut pages = vec![
        "/v1/executions".to_owned(),
        "/v1/dead-letters".to_owned(),
        "/v1/events".to_owned(),
        "/v1/tasks?state=all".to_owned(),
        "/v1/stats".to_owned(),
        "/v1/audit".to_owned(),
        "/metrics".to_owned(),
    ];
    for execution in failed["items"].as_array().unwrap() {
        let execution = execution["id"].as_str().unwrap();
        pages.push(format!("/v1/executions/{execution}"));
        pages.push(format!("/v1/executions/{execution}/explanation"));
        pages.push(format!("/v1/executions/{execution}/explanation?format=text"));
    }
    let mut steps = 0;
    for page in pages {
        let (_, told) = daemon.text(&page).await;
        for hidden in [email, id, SECRET] {
            assert!(!told.contains(hidden), "{hidden} stands in {page}: {told}");
        }
        steps += usize::from(told.contains("no such mailbox: ***"))
            + usize::from(told.contains("no such user: ***"));
    }
    assert!(steps >= 2, "the answers are kept, masked");
}

#[tokio::test]
async fn what_somebody_sends_is_never_told_as_a_page() {
    let daemon = crate::support::daemon().await;
    let script = "<script>alert(1)</script>";
    let mut order = order("paid");
    order["customer"]["email"] = script.into();
    order["status"] = script.into();
    let sent = daemon.post("/v1/events/shop/order.created?id=e1", &[], order.to_string()).await;
    assert_eq!(sent.status, 202);
    let page = daemon
        .until("/v1/executions?rule=confirm", |page| !page["items"].as_array().unwrap().is_empty())
        .await;
    let execution = page["items"][0]["id"].as_str().unwrap().to_owned();
    let encoded = "%3Cscript%3Ealert(1)%3C%2Fscript%3E";
    for path in [
        format!("/v1/executions/{execution}"),
        format!("/v1/executions/{execution}/explanation?format=text"),
        format!("/v1/rules/{encoded}"),
        format!("/v1/{encoded}"),
        format!("/{encoded}"),
        format!("/v1/executions?status={encoded}"),
        format!("/sign-in?link={encoded}"),
        format!("/hooks/{encoded}"),
    ] {
        let answer = daemon.client.get(daemon.url(&path)).send().await.unwrap();
        let headers = answer.headers().clone();
        let kind = headers["content-type"].to_str().unwrap();
        let text = ["application/json", "application/problem+json", "text/plain; charset=utf-8"];
        assert!(text.contains(&kind), "{path}: {kind}");
        assert_eq!(headers["x-content-type-options"], "nosniff", "{path}");
    }
}

#[tokio::test]
async fn what_a_record_holds_has_no_secret_in_it() {
    let daemon = crate::support::daemon().await;
    // Somebody may name a thing by a secret, by mistake.
    crate::tokens::made(&daemon, SECRET, "viewer").await;
    daemon.ask("DELETE", &format!("/v1/tokens/{SECRET}"), Some(&daemon.token), "").await;
    let audit = daemon.get("/v1/audit").await.json;
    let [deleted, made] = &audit["items"].as_array().unwrap()[..] else { panic!("{audit}") };
    assert_eq!((&deleted["target"], &deleted["before"]["name"]), (&"/v1/tokens/***".into(), &"***".into()));
    assert_eq!(made["after"]["name"], "***");
    assert!(!audit.to_string().contains(SECRET));
}
