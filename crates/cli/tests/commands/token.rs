//! `hence token`: tokens are made, listed and revoked, at a daemon and in the store of one that does not run.

use hence_connectors::catcher::Catcher;

use crate::serve::{Daemon, project};
use crate::support::{command, folder, hence};

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
    let last = token(&["revoke", "root"]).exits(2).err;
    assert!(last.contains("`root` is the last valid token of an administrator"), "{last}");
    token(&["revoke", "root", "--force"]).exits(0);
    token(&["create", "short", "--role", "viewer", "--expires-in-days", "0"]).exits(2);
    assert!(token(&["revoke", "root"]).exits(2).err.contains("no valid token `root`"));
    let listed = token(&["list"]).exits(0).out;
    let lines: Vec<&str> = listed.lines().collect();
    assert!(lines[0].starts_with("grafana                  viewer     until 20"), "{listed}");
    assert!(lines[1].starts_with("root                     admin      revoked 20"), "{listed}");
    assert!(!listed.contains(made.out.trim()));
    assert!(token(&["create", "a b", "--role", "viewer"]).exits(2).err.contains("the name of a token is"));
}

#[test]
fn a_token_in_the_environment_is_nothing_to_a_store() {
    let place = folder(&[]);
    for held in ["", "hence_other"] {
        let ask = |further: &[&str]| {
            let arguments = [&["token"], further, &["--store", "hence.db"]].concat();
            let done = command(place.path(), &arguments).env("HENCE_TOKEN", held).output().unwrap();
            assert!(done.status.success(), "{arguments:?}: {done:?}");
            String::from_utf8(done.stdout).unwrap()
        };
        let name = format!("root{held}");
        ask(&["create", &name, "--role", "viewer"]);
        assert!(ask(&["list"]).contains(&name));
        ask(&["revoke", &name]);
    }
    let both = hence(place.path(), &["token", "list", "--store", "hence.db", "--token", "x"]).exits(2);
    assert!(both.err.contains("cannot be used with"), "{}", both.err);
}

#[tokio::test]
async fn a_token_in_the_environment_is_sent_to_a_daemon() {
    let catcher = Catcher::start().await.unwrap();
    let place = project(&catcher);
    let daemon = Daemon::serving(place.path(), &[]);
    let list = command(place.path(), &["token", "list", "--server", &daemon.address])
        .env("HENCE_TOKEN", &daemon.token)
        .output()
        .unwrap();
    assert!(list.status.success(), "{list:?}");
}

#[test]
fn a_daemon_that_others_reach_says_how_its_first_token_is_made() {
    let place = folder(&[("hence.toml", "name = \"shop\"\n")]);
    let serve = ["serve", "--listen", "192.0.2.1:0"];
    let refused = hence(place.path(), &serve).exits(2).err;
    std::fs::remove_dir_all(place.path().join(".hence")).unwrap();
    let (_, told) = refused.split_once("make one first, by `hence ").unwrap_or_else(|| panic!("{refused}"));
    let told = told.split('`').next().unwrap().replace("NAME", "root");
    let words: Vec<&str> = told.split(' ').collect();
    assert_eq!(words[..5], ["token", "create", "root", "--role", "admin"]);
    assert!(hence(place.path(), &words).exits(0).out.starts_with("hence_"));
    // Nothing keeps it now but that the address is of no machine.
    let refused = hence(place.path(), &serve).exits(2).err;
    assert!(refused.contains("cannot listen on `192.0.2.1:0`"), "{refused}");
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
    assert!(
        refused.contains("403") && refused.contains("`grafana` has the role `viewer`, which may not"),
        "{refused}"
    );
    assert!(
        token(&daemon.token, &["list"]).exits(0).out.contains("grafana                  viewer     valid")
    );
    token(&daemon.token, &["revoke", "grafana"]).exits(0);
    assert!(token(&made, &["list"]).exits(2).err.contains("401"));
    let none = hence(place.path(), &["token", "--server", &daemon.address, "list"]).exits(2).err;
    assert!(none.contains("no token was sent: give `--token`, or `HENCE_TOKEN`"), "{none}");
}
