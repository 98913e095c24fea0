//! Traces: from who sends an event to whom rules call, and to the collector.

use std::collections::BTreeMap;
use std::time::Duration;

use hence_connectors::catcher::Catcher;
use hence_connectors::otlp::Collector;
use hence_engine::{NewEvent, Store as _};
use hence_server::{Traces, serve};
use hence_store::Sqlite;
use hence_types::jiff::Timestamp;
use serde_json::{Value as Json, json};

use crate::support::{Daemon, PATIENCE, options, order, settings, store_path};

const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";
const PARENT: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const CREATED: &str = "/v1/events/shop/order.created?id=e1";

async fn traced(collector: Option<&Catcher>, percent: u8) -> Daemon {
    let folder = tempfile::tempdir().unwrap();
    let catcher = Catcher::start().await.unwrap();
    let mut options = options(&folder, settings(&catcher));
    options.traces = collector.map(|collector| Traces {
        collector: Collector::new(&format!("http://{}", collector.http_address()), []).unwrap(),
        percent,
        every: Duration::from_secs(3600),
    });
    Daemon::new(serve(options, std::future::pending()).await.unwrap(), catcher, folder)
}

/// Waits until both executions are completed.
async fn completed(daemon: &Daemon) {
    let both = |page: &Json| page["items"].as_array().unwrap().len() == 2;
    daemon.until("/v1/executions?status=completed", both).await;
}

/// The spans that a collector was sent, by name.
fn spans(collector: &Catcher) -> BTreeMap<String, Json> {
    let mut spans = BTreeMap::new();
    for request in collector.requests() {
        assert_eq!(request.path, "/v1/traces");
        let resource = &request.json()["resourceSpans"][0];
        assert_eq!(
            resource["resource"]["attributes"][0],
            json!({"key": "service.name", "value": {"stringValue": "hence"}})
        );
        for span in resource["scopeSpans"][0]["spans"].as_array().unwrap() {
            let before = spans.insert(span["name"].as_str().unwrap().to_owned(), span.clone());
            assert!(before.is_none(), "{span} was told twice");
        }
    }
    spans
}

/// What the CRM was called with.
async fn handed_on(daemon: &Daemon) -> Option<String> {
    let requests = daemon.catcher.wait_for_requests(1, PATIENCE).await.unwrap();
    requests[0].header("traceparent").map(str::to_owned)
}

#[tokio::test]
async fn a_trace_goes_from_who_sends_to_whom_is_called() {
    let collector = Catcher::start().await.unwrap();
    let daemon = traced(Some(&collector), 100).await;
    daemon.post(CREATED, &[("traceparent", PARENT)], order("paid").to_string()).await;
    completed(&daemon).await;
    let called = handed_on(&daemon).await.unwrap();
    daemon.stop().await;
    let spans = spans(&collector);
    let names: Vec<&str> = spans.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        ["crm.add_tag", "email.send", "receive shop.order.created", "rule confirm", "rule tag"]
    );
    assert!(spans.values().all(|span| span["traceId"] == TRACE), "{spans:?}");
    let parent = |name: &str| spans[name]["parentSpanId"].clone();
    assert_eq!(parent("receive shop.order.created"), "b7ad6b7169203331");
    for (rule, action) in [("rule tag", "crm.add_tag"), ("rule confirm", "email.send")] {
        assert_eq!(parent(rule), spans["receive shop.order.created"]["spanId"]);
        assert_eq!(parent(action), spans[rule]["spanId"]);
        assert_eq!(spans[action]["kind"], 3);
    }
    let call = spans["crm.add_tag"]["spanId"].as_str().unwrap();
    assert_eq!(called, format!("00-{TRACE}-{call}-01"));
    let attribute = json!({"key": "hence.status", "value": {"stringValue": "completed"}});
    assert!(spans["rule tag"]["attributes"].as_array().unwrap().contains(&attribute));
    let instant = |member: &str| spans["rule tag"][member].as_str().unwrap().parse::<u128>().unwrap();
    assert!(instant("startTimeUnixNano") <= instant("endTimeUnixNano"));
}

#[tokio::test]
async fn a_cloud_event_has_its_trace_as_an_attribute() {
    let collector = Catcher::start().await.unwrap();
    let daemon = traced(Some(&collector), 100).await;
    let event = json!({"specversion": "1.0", "id": "e1", "source": "/shop", "type": "shop.order.created",
        "traceparent": PARENT, "data": order("open")});
    let kind = [
        ("content-type", "application/cloudevents+json"),
        ("traceparent", "00-ffffffffffffffffffffffffffffffff-ffffffffffffffff-01"),
    ];
    assert_eq!(daemon.post("/v1/events", &kind, event.to_string()).await.status, 202);
    daemon.catcher.wait_for_mails(1, PATIENCE).await.unwrap();
    daemon.stop().await;
    assert_eq!(spans(&collector)["receive shop.order.created"]["traceId"], TRACE);
}

#[tokio::test]
async fn what_is_not_to_be_kept_is_not_sent_and_handed_on_as_that() {
    let collector = Catcher::start().await.unwrap();
    let daemon = traced(Some(&collector), 100).await;
    let unsampled = PARENT.replace("-01", "-00");
    daemon.post(CREATED, &[("traceparent", &unsampled)], order("paid").to_string()).await;
    completed(&daemon).await;
    let called = handed_on(&daemon).await.unwrap();
    assert!(called.starts_with(&format!("00-{TRACE}-")) && called.ends_with("-00"), "{called}");
    daemon.stop().await;
    assert!(spans(&collector).is_empty());
}

#[tokio::test]
async fn an_event_without_a_trace_begins_one_for_so_many_in_a_hundred() {
    let collector = Catcher::start().await.unwrap();
    for percent in [0, 100] {
        let daemon = traced(Some(&collector), percent).await;
        daemon.post(CREATED, &[("traceparent", "nonsense")], order("paid").to_string()).await;
        completed(&daemon).await;
        assert_eq!(handed_on(&daemon).await.is_some(), percent == 100);
        daemon.stop().await;
    }
    let spans = spans(&collector);
    assert_eq!(spans.len(), 5);
    assert!(spans["receive shop.order.created"].get("parentSpanId").is_none());
}

#[tokio::test]
async fn without_a_collector_a_trace_is_handed_on_as_it_came() {
    let daemon = traced(None, 100).await;
    daemon.post(CREATED, &[("traceparent", PARENT)], order("paid").to_string()).await;
    completed(&daemon).await;
    assert_eq!(handed_on(&daemon).await.as_deref(), Some(PARENT));
}

#[tokio::test]
async fn a_failure_is_told_in_its_span_and_a_collector_that_takes_nothing_does_no_harm() {
    let collector = Catcher::start().await.unwrap();
    let daemon = traced(Some(&collector), 100).await;
    daemon.catcher.answer_next(400, "");
    collector.answer_next(500, "");
    daemon.post(CREATED, &[], order("paid").to_string()).await;
    daemon.until("/v1/executions?status=failed", |page| page["items"].as_array().unwrap().len() == 1).await;
    daemon.catcher.wait_for_mails(1, PATIENCE).await.unwrap();
    daemon.stop().await;
    let spans = spans(&collector);
    assert_eq!(spans["rule tag"]["status"]["code"], 2);
    assert!(spans["rule tag"]["status"]["message"].as_str().unwrap().starts_with("H5"), "{spans:?}");
    assert!(spans["crm.add_tag"]["status"]["message"].as_str().unwrap().contains("400"));
}

#[tokio::test]
async fn the_trace_of_an_event_is_kept_with_it_over_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&store_path(&folder)).unwrap();
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let event = NewEvent {
        id: "e1".into(),
        source: "shop".into(),
        name: "shop.order.created".into(),
        received_at: now,
        occurred_at: now,
        payload: order("paid").to_string().into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: Some(PARENT.into()),
    };
    store.accept(&[event]).unwrap();
    drop(store);
    let catcher = Catcher::start().await.unwrap();
    let handle = serve(options(&folder, settings(&catcher)), std::future::pending()).await.unwrap();
    let daemon = Daemon::new(handle, catcher, folder);
    completed(&daemon).await;
    assert_eq!(handed_on(&daemon).await.as_deref(), Some(PARENT));
}
