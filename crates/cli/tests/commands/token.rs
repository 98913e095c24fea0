//! `hence token`: tokens are made, listed and revoked, at a daemon and in the store of one that does not run.

use hence_connectors::catcher::Catcher;

use crate::serve::{Daemon, project};
use crate::support::{folder, hence};

#[test]
fn tokens_of_a_store_are_made_before_the_daemon_first_starts() {
    let place = folder(&[]);
    let token =
        |further: &[&str]| hence(place.path(), &[&["token", "--store", "hence.db"], further].concat());
    let made = token(&["create", "root", "--role", "admin"]).exits(0);
    assert!(made.out.starts_with("hence_") && made.out.trim_end().len() > 60, "{}", made.out);
    token(&["create", "grafana", "--role", "viewer", "--expires-in-days", "90"]).exits(0);
    let taken = token(&["create", "root", "--role", "viewer"]).exits(2);
    assert!(taken.err.contains("a token is or was named `root`"), "{}", taken.err);
    token(&["revoke", "root"]).exits(0);
    assert!(token(&["revoke", "root"]).exits(2).err.contains("no valid token `root`"));
    let listed = token(&["list"]).exits(0).out;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("grafana                  viewer     until 20"), "{listed}");
    assert!(lines[1].starts_with("root                     admin      revoked 20"), "{listed}");
    assert!(!listed.contains(made.out.trim()));
    assert!(token(&["create", "a b", "--role", "viewer"]).exits(2).err.contains("the name of a token is"));
}

#[tokio::test]
async fn tokens_of_a_daemon_are_managed_with_an_administrators() {
    let catcher = Catcher::start().await.unwrap();
    let place = project(&catcher);
    let daemon = Daemon::serving(place.path(), &[]);
    let token = |by: &str, further: &[&str]| {
        hence(place.path(), &[&["token", "--server", &daemon.address, "--token", by], further].concat())
    };
    let made =
        token(&daemon.token, &["create", "grafana", "--role", "viewer"]).exits(0).out.trim().to_owned();
    let refused = token(&made, &["create", "x", "--role", "admin"]).exits(2).err;
    assert!(refused.contains("403") && refused.contains("`grafana` is one of a viewer"), "{refused}");
    assert!(
        token(&daemon.token, &["list"]).exits(0).out.contains("grafana                  viewer     valid")
    );
    token(&daemon.token, &["revoke", "grafana"]).exits(0);
    assert!(token(&made, &["list"]).exits(2).err.contains("401"));
}
