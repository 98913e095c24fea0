//! What becomes of calls that give people tasks.

use std::sync::{Arc, Mutex};

use hence_engine::store::{self, Cursor, Page};
use hence_engine::{Accepted, AssignmentFilter, Connector, Ending, ManualClock, NewEvent};
use serde_json::Value as Json;

use super::*;
use crate::Connectors;
use crate::kinds::kept::sample::{again, connectors, now};

/// Keeps tasks as a store does.
#[derive(Default)]
struct Kept(Mutex<Vec<Assignment>>);

impl Assignments for Kept {
    fn assign(&self, assignment: &Assignment) -> Result<bool, store::Error> {
        let mut kept = self.0.lock().unwrap();
        let is_new = kept.iter().all(|kept| kept.id != assignment.id);
        if is_new {
            kept.push(assignment.clone());
        }
        Ok(is_new)
    }

    fn assignment(&self, _: &str) -> Result<Option<Assignment>, store::Error> {
        unreachable!("nobody reads here")
    }

    fn open_assignments(
        &self,
        _: &AssignmentFilter,
        _: Option<&str>,
        _: usize,
    ) -> Result<Vec<Assignment>, store::Error> {
        unreachable!("nobody reads here")
    }

    fn assignments(
        &self,
        _: &AssignmentFilter,
        _: Option<&Cursor>,
        _: usize,
    ) -> Result<Page<(Cursor, Assignment)>, store::Error> {
        unreachable!("nobody reads here")
    }

    fn end_assignment(&self, _: &str, _: &Ending, _: &NewEvent) -> Result<Option<Accepted>, store::Error> {
        unreachable!("nothing ends here")
    }

    fn forget_assignments(&self, _: Timestamp, _: usize) -> Result<usize, store::Error> {
        unreachable!("nothing is forgotten here")
    }
}

fn keeping() -> (Connectors, Arc<Kept>) {
    let (connectors, kept) = (connectors(), Arc::new(Kept::default()));
    connectors.keep_assignments(Arc::clone(&kept) as _, Arc::new(ManualClock::new(now())));
    (connectors, kept)
}

fn request(key: &str, arguments: &Json) -> Request {
    Request {
        action: "tasks.create".into(),
        arguments: arguments.as_object().unwrap().clone(),
        key: key.to_owned(),
        attempt: 1,
        ..Request::default()
    }
}

#[tokio::test]
async fn a_task_is_created_once_for_each_call_and_told_by_its_id() {
    let (connectors, kept) = keeping();
    let arguments = json!({"title": "Pack", "description": "a\nb", "assignee": "u7", "list": "packing",
        "priority": "urgent", "due_at": "2026-05-05T12:00:00+02:00", "link": "/orders/1", "reference": "1"});
    let first = connectors.call(&request("k1", &arguments)).await.unwrap();
    assert_eq!(first.result, json!({"id": "k1"}));
    assert_eq!(first.detail["response"], json!({"id": "k1", "done_before": false}));
    // After a reload, too.
    let later = again(&connectors);
    let again = later.call(&request("k1", &arguments)).await.unwrap();
    assert_eq!(again.result, first.result);
    assert_eq!(again.detail["response"], json!({"id": "k1", "done_before": true}));
    let expected = Assignment {
        id: "k1".to_owned(),
        title: "Pack".to_owned(),
        description: "a\nb".to_owned(),
        assignee: Some("u7".to_owned()),
        list: Some("packing".to_owned()),
        priority: TaskPriority::Urgent,
        due_at: Some("2026-05-05T10:00:00Z".parse().unwrap()),
        link: Some("/orders/1".to_owned()),
        reference: Some("1".to_owned()),
        opened_at: now(),
        ended: None,
    };
    assert_eq!(*kept.0.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn what_is_left_out_is_nobodys_and_has_its_turn() {
    let (connectors, kept) = keeping();
    connectors.call(&request("k1", &json!({"title": "Pack", "assignee": null}))).await.unwrap();
    let expected = Assignment {
        id: "k1".to_owned(),
        title: "Pack".to_owned(),
        description: String::new(),
        assignee: None,
        list: None,
        priority: TaskPriority::Normal,
        due_at: None,
        link: None,
        reference: None,
        opened_at: now(),
        ended: None,
    };
    assert_eq!(*kept.0.lock().unwrap(), [expected]);
}

#[tokio::test]
async fn what_cannot_be_kept_is_refused_and_not_tried_again() {
    let (connectors, kept) = keeping();
    for (name, value, expected) in [
        ("title", json!(" "), "`title` is empty"),
        ("title", json!("a\nb"), "`title` has at most 1024 bytes and no control characters"),
        ("description", json!("b".repeat(65_537)), "`description` has at most 65536 bytes"),
        ("assignee", json!("u".repeat(257)), "`assignee` has at most 256 bytes and no control characters"),
        ("list", json!("a\0"), "`list` has at most 256 bytes and no control characters"),
        ("reference", json!("1".repeat(257)), "`reference` has at most 256 bytes and no control characters"),
        ("priority", json!("loud"), "`priority` is one of `low`, `normal`, `high`, `urgent`"),
        ("due_at", json!("tomorrow"), "`due_at` is an instant such as `2026-03-16T09:00:00Z`"),
        (
            "link",
            json!("javascript:alert(1)"),
            "`link` is a path that begins with one `/`, or an address of `http` or `https`",
        ),
    ] {
        let mut arguments = json!({"title": "Pack"});
        arguments[name] = value;
        let failure = connectors.call(&request("k1", &arguments)).await.unwrap_err();
        assert_eq!((failure.message.as_str(), failure.certain, failure.retryable), (expected, true, false));
    }
    assert_eq!(*kept.0.lock().unwrap(), []);
}

#[tokio::test]
async fn where_no_daemon_runs_nothing_is_kept() {
    let failure = connectors().call(&request("k1", &json!({"title": "Pack"}))).await.unwrap_err();
    assert_eq!(failure.message, "tasks are kept by the daemon, and none runs here");
}
