//! What goes on after the daemon ended, and how it ends.

use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_engine::{NewEvent, Store};
use hence_store::Sqlite;
use hence_types::jiff::Timestamp;
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

use crate::support::{PATIENCE, daemon, daemon_on, order, settings, store_path};

#[tokio::test]
async fn events_that_were_stored_but_not_matched_run_after_the_start() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::open(&store_path(&folder)).unwrap();
    let now = Timestamp::from_second(1_800_000_000).unwrap();
    let event = |id: usize| NewEvent {
        id: format!("e{id}").into(),
        source: "shop".into(),
        name: "shop.order.created".into(),
        received_at: now,
        occurred_at: now,
        payload: order("pending").to_string().into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: None,
    };
    store.accept(&(0..700).map(event).collect::<Vec<_>>()).unwrap();
    drop(store);
    let catcher = Catcher::start().await.unwrap();
    let settings = settings(&catcher);
    let daemon = daemon_on(folder, catcher, settings).await;
    assert!(daemon.catcher.wait_for_mails(700, PATIENCE).await.is_some());
    daemon.until("/readyz", |answer| answer["unmatched"] == 0).await;
}

#[tokio::test]
async fn history_and_deduplication_outlive_the_daemon() {
    let daemon = daemon().await;
    let path = "/v1/events/shop/order.created?id=e1";
    daemon.post(path, &[], order("pending").to_string()).await;
    daemon.until("/v1/executions?status=completed", |page| page["items"][0]["rule"] == "confirm").await;
    let (folder, catcher) = daemon.stop().await;
    let settings = settings(&catcher);
    let daemon = daemon_on(folder, catcher, settings).await;
    let again = daemon.post(path, &[], order("pending").to_string()).await;
    assert_eq!((again.status, &again.json["duplicate"]), (202, &json!(true)));
    let executions = daemon.get("/v1/executions").await.json;
    assert_eq!(executions["items"].as_array().unwrap().len(), 1);
    assert_eq!(daemon.catcher.mails().len(), 1);
}

#[tokio::test]
async fn a_call_under_way_is_finished_before_the_daemon_ends() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let slow = listener.local_addr().unwrap();
    let asked = Arc::new(tokio::sync::Notify::new());
    let answer = Arc::new(tokio::sync::Notify::new());
    let (asking, answering) = (Arc::clone(&asked), Arc::clone(&answer));
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut head = [0; 4096];
        let _ = stream.read(&mut head).await.unwrap();
        asking.notify_one();
        answering.notified().await;
        stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}").await.unwrap();
    });
    let catcher = Catcher::start().await.unwrap();
    let mut settings = settings(&catcher);
    settings.set("crm", "base_url", &format!("http://{slow}"));
    let daemon = daemon_on(tempfile::tempdir().unwrap(), catcher, settings.clone()).await;
    daemon.post("/v1/events/shop/order.created", &[], order("paid").to_string()).await;
    tokio::time::timeout(PATIENCE, asked.notified()).await.unwrap();
    daemon.handle.stop();
    let stopping = tokio::spawn(daemon.stop());
    answer.notify_one();
    let (folder, catcher) = stopping.await.unwrap();
    let daemon = daemon_on(folder, catcher, settings).await;
    let completed = daemon.get("/v1/executions?status=completed&rule=tag").await.json;
    assert_eq!(completed["items"].as_array().unwrap().len(), 1);
}
