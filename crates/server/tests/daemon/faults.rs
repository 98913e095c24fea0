//! What the daemon answers while its store cannot be written, and that it goes on when it can.

use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_engine::Store;
use hence_engine::store::Error;
use hence_server::serve;
use hence_store::Faulty;

use crate::support::{Daemon, options, order, settings};

#[tokio::test]
async fn a_store_that_fails_is_told_and_the_daemon_goes_on_when_it_is_well_again() {
    let (folder, catcher) = (tempfile::tempdir().unwrap(), Catcher::start().await.unwrap());
    let mut options = options(&folder, settings(&catcher));
    let faulty = Arc::new(Faulty::over(Arc::clone(&options.store)));
    options.store = Arc::clone(&faulty) as Arc<dyn Store>;
    let handle = serve(options, std::future::pending()).await.unwrap();
    let daemon = Daemon::new(handle, catcher, folder);
    daemon.until("/readyz", |answer| answer["status"] == "ready").await;

    let store = || "hence.db".to_owned();
    let faults = [
        (Error::Full { store: store() }, 507, "store-full", "is full"),
        (Error::ReadOnly { store: store() }, 503, "store-unavailable", "read-only"),
        (Error::Locked { store: store() }, 503, "store-unavailable", "held by another process"),
        (
            Error::Corrupt { store: store(), reason: "page 7".into() },
            503,
            "store-unavailable",
            "is damaged: page 7",
        ),
    ];
    for (number, (fault, status, code, words)) in (1..).zip(faults) {
        let path = |name: &str| format!("/v1/events/shop/order.created?id={name}{number}");
        let before = daemon.post(&path("before"), &[], order("pending").to_string()).await;
        assert_eq!(before.status, 202);

        faulty.fail_writes(Some(fault));
        let refused = daemon.post(&path("meanwhile"), &[], order("pending").to_string()).await;
        let detail = refused.problem(status, code);
        assert!(detail.contains(words), "{detail}");
        let detail = daemon.get("/readyz").await.problem(status, code);
        assert!(detail.contains(words), "{detail}");
        assert_eq!(daemon.get("/healthz").await.status, 200);
        // What was accepted can be read all the time.
        let id = format!("before{number}");
        let page = daemon.get("/v1/events").await.json;
        assert!(page["items"].as_array().unwrap().iter().any(|event| event["id"] == id.as_str()), "{page}");

        faulty.fail_writes(None);
        assert_eq!(daemon.get("/readyz").await.status, 200);
        let again = daemon.post(&path("meanwhile"), &[], order("pending").to_string()).await;
        assert_eq!((again.status, &again.json["duplicate"]), (202, &false.into()));
        let done = |page: &serde_json::Value| {
            let items = page["items"].as_array().unwrap();
            items.iter().filter(|execution| execution["rule"] == "confirm").count() == 2 * number
        };
        daemon.until("/v1/executions?status=completed", done).await;
    }
    assert!(daemon.catcher.mails().len() >= 8);
}

#[tokio::test]
async fn a_store_that_cannot_be_read_is_not_ready() {
    let (folder, catcher) = (tempfile::tempdir().unwrap(), Catcher::start().await.unwrap());
    let mut options = options(&folder, settings(&catcher));
    let faulty = Arc::new(Faulty::over(Arc::clone(&options.store)));
    options.store = Arc::clone(&faulty) as Arc<dyn Store>;
    let handle = serve(options, std::future::pending()).await.unwrap();
    let daemon = Daemon::new(handle, catcher, folder);
    faulty.fail_reads(Some(Error::Corrupt { store: "hence.db".into(), reason: "page 7".into() }));
    daemon.get("/readyz").await.problem(503, "store-unavailable");
    faulty.fail_reads(None);
    daemon.until("/readyz", |answer| answer["status"] == "ready").await;
}
