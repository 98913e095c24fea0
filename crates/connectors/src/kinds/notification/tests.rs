//! What becomes of calls that tell people something.

use std::sync::{Arc, Mutex};

use hence_engine::{Connector, ManualClock, NotificationFilter, store};

use super::*;
use crate::Connectors;
use crate::kinds::kept::sample::{again, connectors, now};

/// Keeps messages as a store does; without one it cannot be written.
struct Kept(Option<Mutex<Vec<Notification>>>);

impl Notifications for Kept {
    fn notify(&self, notification: &Notification) -> Result<bool, store::Error> {
        let full = || store::Error::Full { store: "hence.db".into() };
        let mut kept = self.0.as_ref().ok_or_else(full)?.lock().unwrap();
        let is_new = kept.iter().all(|kept| kept.id != notification.id);
        if is_new {
            kept.push(notification.clone());
        }
        Ok(is_new)
    }

    fn notifications(
        &self,
        _: &NotificationFilter,
        _: Option<i64>,
        _: usize,
    ) -> Result<Vec<(i64, Notification)>, store::Error> {
        let kept = self.0.as_ref().unwrap().lock().unwrap();
        Ok(kept.iter().map(|notification| (0, notification.clone())).collect())
    }

    fn mark_read(&self, _: &str, _: Timestamp) -> Result<Option<(Notification, Notification)>, store::Error> {
        unreachable!("nobody reads here")
    }

    fn forget_notifications(&self, _: Timestamp, _: usize) -> Result<usize, store::Error> {
        unreachable!("nothing is forgotten here")
    }
}

fn keeping() -> (Connectors, Arc<Kept>) {
    let (connectors, kept) = (connectors(), Arc::new(Kept(Some(Mutex::default()))));
    connectors.keep_notifications(Arc::clone(&kept) as _, Arc::new(ManualClock::new(now())));
    (connectors, kept)
}

fn request(key: &str, arguments: &Json) -> Request {
    Request {
        action: "notifications.send".into(),
        arguments: arguments.as_object().unwrap().clone(),
        key: key.to_owned(),
        attempt: 1,
        ..Request::default()
    }
}

fn all(kept: &Kept) -> Vec<Notification> {
    let found = kept.notifications(&NotificationFilter::default(), None, 10).unwrap();
    found.into_iter().map(|(_, notification)| notification).collect()
}

#[tokio::test]
async fn a_message_is_kept_once_for_each_call() {
    let (connectors, kept) = keeping();
    let arguments =
        json!({"to": "u7", "title": "Paid", "body": "a\nb", "link": "/orders/1", "level": "success"});
    let first = connectors.call(&request("k1", &arguments)).await.unwrap();
    assert_eq!(first.detail["response"], json!({"id": "k1", "done_before": false}));
    // After a reload, too.
    let later = again(&connectors);
    let again = later.call(&request("k1", &arguments)).await.unwrap();
    assert_eq!(again.detail["response"], json!({"id": "k1", "done_before": true}));
    let expected = Notification {
        id: "k1".to_owned(),
        to: "u7".to_owned(),
        title: "Paid".to_owned(),
        body: "a\nb".to_owned(),
        link: Some("/orders/1".to_owned()),
        level: Level::Success,
        sent_at: now(),
        read_at: None,
    };
    assert_eq!(all(&kept), [expected]);
}

#[tokio::test]
async fn what_is_left_out_leads_nowhere_and_is_for_information() {
    let (connectors, kept) = keeping();
    let arguments = json!({"to": "u7", "title": "Paid", "body": ""});
    connectors.call(&request("k1", &arguments)).await.unwrap();
    let [message] = &all(&kept)[..] else { panic!() };
    assert_eq!((message.link.as_deref(), message.level), (None, Level::Info));
}

#[tokio::test]
async fn what_cannot_be_shown_is_refused_and_not_tried_again() {
    let (connectors, kept) = keeping();
    for (name, value, expected) in [
        ("to", json!(" "), "`to` is empty"),
        ("to", json!("u".repeat(257)), "`to` has at most 256 bytes and no control characters"),
        ("title", json!(""), "`title` is empty"),
        ("title", json!("a\nb"), "`title` has at most 1024 bytes and no control characters"),
        ("body", json!("b".repeat(64 * 1024 + 1)), "`body` has at most 65536 bytes"),
        ("level", json!("loud"), "`level` is one of `info`, `success`, `warning`, `error`"),
    ] {
        let mut arguments = json!({"to": "u7", "title": "Paid", "body": ""});
        arguments[name] = value;
        let failure = connectors.call(&request("k1", &arguments)).await.unwrap_err();
        assert_eq!((failure.message.as_str(), failure.certain, failure.retryable), (expected, true, false));
    }
    assert_eq!(all(&kept), []);
}

#[tokio::test]
async fn a_store_that_cannot_be_written_is_tried_again() {
    let connectors = connectors();
    connectors.keep_notifications(Arc::new(Kept(None)), Arc::new(ManualClock::new(now())));
    let arguments = json!({"to": "u7", "title": "Paid", "body": ""});
    let failure = connectors.call(&request("k1", &arguments)).await.unwrap_err();
    assert!(failure.retryable && failure.message.contains("full"), "{failure:?}");
}

#[tokio::test]
async fn where_no_daemon_runs_nothing_is_kept() {
    let arguments = json!({"to": "u7", "title": "Paid", "body": ""});
    let failure = connectors().call(&request("k1", &arguments)).await.unwrap_err();
    assert_eq!(failure.message, "notifications are kept by the daemon, and none runs here");
}
