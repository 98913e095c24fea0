//! What keeps the daemon from starting.

use hence_connectors::ConnectionSettings;
use hence_server::serve;

use crate::support::{daemon, options};

async fn refused(change: impl FnOnce(&mut hence_server::Options)) -> String {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(&folder, ConnectionSettings::default());
    change(&mut options);
    match serve(options, std::future::pending()).await {
        Ok(_) => panic!("it started"),
        Err(error) => format!("{error:#}"),
    }
}

#[tokio::test]
async fn an_address_that_other_machines_reach_is_refused() {
    for listen in ["0.0.0.0:0", "192.0.2.1:80", "[::]:0"] {
        let error = refused(|options| options.listen = listen.parse().unwrap()).await;
        assert!(error.starts_with(&format!("`{listen}` can be reached from other machines")), "{error}");
    }
}

#[tokio::test]
async fn settings_that_rules_need_must_be_right_and_others_need_not() {
    let error = refused(|options| {
        options.connections.set("email", "tls", "ssl");
        options.connections.set("crm", "token", "secret:GONE");
        options.connections.set("monday", "token", "secret:GONE");
        options.connections.set("shopp", "token", "x");
    })
    .await;
    let lines: Vec<&str> = error.lines().collect();
    assert_eq!(
        lines,
        [
            "there is no integration `shopp`: is `shop` meant? [H6002]",
            "setting `token` of integration `crm`: secret `GONE` is set neither in the environment nor in the folder of \
         secrets [H6003]",
            "setting `tls` of integration `email`: `ssl` is not one of `none`, `starttls`, `tls` [H6002]",
        ]
    );
}

#[tokio::test]
async fn an_address_in_use_is_named() {
    let daemon = daemon().await;
    let taken = daemon.handle.address();
    let error = refused(|options| options.listen = taken).await;
    assert!(error.starts_with(&format!("cannot listen on `{taken}`: ")), "{error}");
}
