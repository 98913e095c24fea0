//! The daemon killed again and again while events flow: what it acknowledged is done, once, under one key.

use std::collections::{BTreeMap, BTreeSet};

use hence_connectors::catcher::{Catcher, CaughtRequest};
use serde_json::{Value as Json, json};
use tempfile::TempDir;
use tokio::task::JoinSet;

use crate::serve::Daemon;
use crate::support::{folder, order};

/// How often the daemon is killed.
const KILLS: u64 = 100;

/// How many events are on their way at a time.
const AT_A_TIME: u64 = 6;

/// What every event makes the daemon call, in this order.
const TAGS: [&str; 3] = ["first", "second", "third"];

const RULES: &str = r#"
rule three_steps
when shop.order.created
then crm.add_tag(user: customer.id, tag: "first")
     crm.add_tag(user: customer.id, tag: "second")
     crm.add_tag(user: customer.id, tag: "third")
"#;

pub(crate) fn project(catcher: &Catcher) -> TempDir {
    let base_url = format!("http://{}", catcher.http_address());
    let manifest = format!("name = \"shop\"\n\n[connections.crm]\nbase_url = \"{base_url}\"\n");
    folder(&[("hence.toml", &manifest), ("rules/orders.rule", RULES)])
}

/// Numbers that look like chance and are the same in every run.
pub(crate) struct Chance(pub(crate) u64);

impl Chance {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}

pub(crate) fn payload(event: &str) -> String {
    let mut order = order();
    order["customer"]["id"] = json!(event);
    order.to_string()
}

/// Sends events, and kills the daemon when so many were acknowledged; returns those that were.
async fn send_and_kill(daemon: Daemon, events: &BTreeSet<String>, kill_after: u64) -> BTreeSet<String> {
    let mut sending = JoinSet::new();
    for event in events.iter().cloned() {
        let request =
            daemon.client.post(format!("{}/v1/events/shop/order.created?id={event}", daemon.address));
        let request = request.body(payload(&event));
        sending.spawn(async move {
            let response = request.send().await;
            response.is_ok_and(|response| response.status() == 202).then_some(event)
        });
    }
    let (mut acknowledged, mut daemon) = (BTreeSet::new(), Some(daemon));
    loop {
        if acknowledged.len() as u64 >= kill_after {
            drop(daemon.take());
        }
        match sending.join_next().await {
            Some(Ok(event)) => acknowledged.extend(event),
            Some(Err(error)) => panic!("{error}"),
            None => return acknowledged,
        }
    }
}

/// The event and the tag that a request is about.
fn about(request: &CaughtRequest) -> (String, String) {
    let event = request.path.split('/').nth(2).unwrap().to_owned();
    (event, request.json()["tag"].as_str().unwrap().to_owned())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_kills_lose_nothing_and_run_nothing_twice() {
    let catcher = Catcher::start().await.unwrap();
    let project = project(&catcher);
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    let (mut sent, mut acknowledged): (u64, BTreeSet<String>) = (0, BTreeSet::new());
    // What was not acknowledged is sent again, as a provider does; now and then also what was.
    let mut unacknowledged: BTreeSet<String> = BTreeSet::new();
    for _ in 0..KILLS {
        let daemon = Daemon::serving(project.path(), &[]);
        let mut events = unacknowledged.clone();
        while (events.len() as u64) < AT_A_TIME {
            sent += 1;
            events.insert(format!("e{sent}"));
        }
        let again = chance.below(sent) + 1;
        events.insert(format!("e{again}"));
        let done = send_and_kill(daemon, &events, chance.below(AT_A_TIME)).await;
        unacknowledged =
            events.difference(&done).filter(|event| !acknowledged.contains(*event)).cloned().collect();
        acknowledged.extend(done);
    }

    let daemon = Daemon::serving(project.path(), &[]);
    for event in &unacknowledged {
        let path = format!("{}/v1/events/shop/order.created?id={event}", daemon.address);
        assert_eq!(daemon.client.post(path).body(payload(event)).send().await.unwrap().status(), 202);
    }
    acknowledged.extend(unacknowledged);
    assert_eq!(acknowledged.len() as u64, sent);

    // Every event is matched, every execution ends, and there is one for each event.
    let none_left = |page: &Json| page["items"].as_array().is_some_and(Vec::is_empty);
    for status in ["pending", "running", "waiting"] {
        daemon.until("/v1/events?state=accepted", none_left).await;
        daemon.until(&format!("/v1/executions?status={status}"), none_left).await;
    }
    let mut executions: Vec<Json> = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = daemon.get(&format!("/v1/executions?limit=500{cursor}")).await.json;
        executions.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert!(executions.iter().all(|execution| execution["status"] == "completed"), "{executions:#?}");
    let of_events: BTreeSet<String> =
        executions.iter().map(|execution| execution["event"]["id"].as_str().unwrap().to_owned()).collect();
    assert_eq!((executions.len(), of_events), (acknowledged.len(), acknowledged.clone()));

    // The other side saw every call, each under one key of its own however often it was made, in the order of the steps.
    let mut keys: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
    let mut first_seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for request in catcher.requests() {
        let (event, tag) = about(&request);
        let key = request.header("idempotency-key").unwrap().to_owned();
        let seen = first_seen.entry(event.clone()).or_default();
        if !seen.contains(&tag) {
            seen.push(tag.clone());
        }
        keys.entry((event, tag)).or_default().insert(key);
    }
    for event in &acknowledged {
        assert_eq!(first_seen.get(event).unwrap(), &TAGS, "{event}");
    }
    assert_eq!(keys.len(), acknowledged.len() * TAGS.len());
    let distinct: BTreeSet<&String> = keys.values().flatten().collect();
    assert!(keys.values().all(|keys| keys.len() == 1), "a call had several keys");
    assert_eq!(distinct.len(), keys.len(), "two calls had one key");
    assert!(catcher.requests().len() > keys.len(), "no kill came while a call was under way");
}
