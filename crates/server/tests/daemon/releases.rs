//! Changing what runs: releases, rules, going back, canaries, and that nothing changes where something is wrong.

use std::path::Path;
use std::sync::Arc;

use hence_connectors::catcher::Catcher;
use hence_project::{Project, Stamp};
use hence_server::{Options, Source, serve};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::support::{Answer, Daemon, PATIENCE, options, order, settings};
use crate::tokens::made;

/// A project in which orders are greeted.
const GREET: &str = "/// Greets.\nrule greet\nwhen shop.order.created\nthen log.write(message: \"one\")\n";

/// A folder with a project and a store.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "hence.toml", "name = \"mine\"\n");
    write(folder.path(), "rules/greet.rule", GREET);
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

struct Place(std::path::PathBuf, hence_connectors::ConnectionSettings);

impl Source for Place {
    fn load(&self) -> anyhow::Result<(hence_project::Loaded, hence_connectors::ConnectionSettings)> {
        Ok((Project::load(&self.0)?.into(), self.1.clone()))
    }

    fn stamp(&self) -> Stamp {
        Stamp::of(&self.0, None)
    }
}

fn of_folder(folder: &TempDir, catcher: &Catcher, watch: bool) -> Options {
    let mut connections = settings(catcher);
    connections.set("monday", "token", "secret:GONE");
    let stamp = Stamp::of(folder.path(), None);
    let source = Place(folder.path().to_owned(), connections.clone());
    Options {
        loaded: Project::load(folder.path()).unwrap().into(),
        source: Some(Arc::new(source)),
        watch: watch.then_some(stamp),
        ..options(folder, connections)
    }
}

async fn started(folder: TempDir) -> Daemon {
    let catcher = Catcher::start().await.unwrap();
    on(folder, catcher).await
}

async fn on(folder: TempDir, catcher: Catcher) -> Daemon {
    let handle = serve(of_folder(&folder, &catcher, false), std::future::pending()).await.unwrap();
    Daemon::new(handle, catcher, folder)
}

async fn send(daemon: &Daemon, id: &str) {
    let path = format!("/v1/events/shop/order.created?id={id}");
    assert_eq!(daemon.post(&path, &[], order("paid").to_string()).await.status, 202);
}

/// Sends an order and returns what was logged for it, by the names of the rules.
async fn logged(daemon: &Daemon, id: &str) -> Vec<(String, String)> {
    send(daemon, id).await;
    let path = format!("/v1/executions?event_id={id}");
    // The event is matched once a later one is seen in the list of those that are.
    daemon
        .until("/v1/events?state=accepted", |list| list["items"].as_array().is_some_and(Vec::is_empty))
        .await;
    let done = |list: &Json| list["items"].as_array().unwrap().iter().all(|one| one["status"] == "completed");
    let list = daemon.until(&path, done).await;
    let mut logged = Vec::new();
    for one in list["items"].as_array().unwrap() {
        let shown = daemon.get(&format!("/v1/executions/{}", one["id"].as_str().unwrap())).await.json;
        let message = shown["steps"][0]["arguments"]["message"].as_str().unwrap().to_owned();
        logged.push((one["rule"].as_str().unwrap().to_owned(), message));
    }
    logged.sort();
    logged
}

fn said(rule: &str, message: &str) -> Vec<(String, String)> {
    vec![(rule.to_owned(), message.to_owned())]
}

async fn ask(daemon: &Daemon, method: &str, path: &str, body: Json) -> Answer {
    daemon.ask(method, path, Some(&daemon.token), &body.to_string()).await
}

#[tokio::test]
async fn a_rule_is_added_changed_and_taken_away_and_each_is_a_release() {
    let daemon = started(folder()).await;
    assert_eq!(logged(&daemon, "e1").await, said("greet", "one"));

    let text = GREET.replace("greet", "second").replace("one", "two");
    let made = ask(&daemon, "POST", "/v1/rules", json!({"text": text, "note": "a second one"})).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(made.json, json!({"release": 2, "added": ["second"], "changed": [], "removed": []}));
    let both = [said("greet", "one"), said("second", "two")].concat();
    assert_eq!(logged(&daemon, "e2").await, both);
    let shown = daemon.get("/v1/rules/second").await.json;
    assert_eq!((&shown["text"], &shown["file"]), (&json!(text), &json!("rules/second.rule")));

    let changed = ask(&daemon, "PUT", "/v1/rules/greet", json!({"text": GREET.replace("one", "1")})).await;
    assert_eq!(changed.json["changed"], json!(["greet"]), "{}", changed.json);
    assert_eq!(logged(&daemon, "e3").await, [said("greet", "1"), said("second", "two")].concat());

    let removed = ask(&daemon, "DELETE", "/v1/rules/second?note=gone", json!(null)).await;
    assert_eq!(removed.json["removed"], json!(["second"]), "{}", removed.json);
    assert_eq!(logged(&daemon, "e4").await, said("greet", "1"));

    let list = daemon.get("/v1/releases").await.json;
    let origins: Vec<&str> =
        list["items"].as_array().unwrap().iter().map(|one| one["origin"].as_str().unwrap()).collect();
    assert_eq!(origins, ["edited", "edited", "edited", "place"]);
    assert_eq!((&list["active"], &list["previous"]), (&json!(4), &json!(3)));
    assert_eq!(list["items"][2]["note"], "a second one");
    assert_eq!(list["items"][2]["made_by"], "first");
    // Nothing of it stands in the folder.
    assert!(!daemon.folder.path().join("rules/second.rule").exists());
    let record = daemon.get("/v1/audit").await.json;
    assert_eq!(record["items"][0]["action"], "DELETE /v1/rules/{name}");
    assert_eq!(record["items"][0]["after"]["removed"], json!(["second"]));
}

#[tokio::test]
async fn rules_with_mistakes_and_failing_tests_change_nothing() {
    let daemon = started(folder()).await;
    let wrong = GREET.replace("greet", "wrong").replace("log.write", "log.wrote");
    let refused = ask(&daemon, "POST", "/v1/rules", json!({"text": wrong})).await;
    assert_eq!((refused.status, &refused.json["code"]), (422, &json!("invalid-rules")));
    let found = &refused.json["diagnostics"][0];
    assert_eq!(found["primary"]["file"], "rules/wrong.rule");
    assert!(refused.json["rendered"].as_str().unwrap().contains("log.wrote"), "{}", refused.json);

    let failing = "test \"says two\"\n  given shop.order.created\n  expect log.write(message: \"two\")\n";
    let body = json!({"text": failing, "file": "tests/greet.rule"});
    let refused = ask(&daemon, "POST", "/v1/rules", body).await;
    assert_eq!((refused.status, &refused.json["code"]), (422, &json!("tests-failed")), "{}", refused.json);

    let missing = GREET
        .replace("greet", "caller")
        .replace("log.write(message: \"one\")", "monday.notify(user: 1, target: 2, text: \"b\")");
    let refused = ask(&daemon, "POST", "/v1/rules", json!({"text": missing})).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (422, &json!("missing-settings")),
        "{}",
        refused.json
    );

    let list = daemon.get("/v1/releases").await.json;
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
    assert_eq!(logged(&daemon, "e1").await, said("greet", "one"));
}

#[tokio::test]
async fn a_rule_is_changed_only_while_it_is_as_the_client_knows_it() {
    let daemon = started(folder()).await;
    let path = "/v1/rules/greet";
    let version = daemon.get(path).await.json["version"].as_str().unwrap().to_owned();
    let put = |text: String, version: String| {
        let request = daemon.client.put(daemon.url(path)).header("if-match", format!("\"{version}\""));
        request.body(json!({"text": text}).to_string()).send()
    };
    assert_eq!(put(GREET.replace("one", "two"), version.clone()).await.unwrap().status(), 200);
    assert_eq!(put(GREET.replace("one", "three"), version).await.unwrap().status(), 412);
    let other = ask(&daemon, "PUT", path, json!({"text": GREET.replace("greet", "other")})).await;
    assert_eq!((other.status, &other.json["code"]), (422, &json!("other-rule")));
    let unknown = ask(&daemon, "PUT", "/v1/rules/grete", json!({"text": GREET})).await;
    assert_eq!((unknown.status, &unknown.json["did_you_mean"]), (404, &json!("greet")));
    assert_eq!(logged(&daemon, "e1").await, said("greet", "two"));
}

#[tokio::test]
async fn a_rule_is_turned_off_and_stays_so_over_releases_and_restarts() {
    let daemon = started(folder()).await;
    let off = ask(&daemon, "POST", "/v1/rules/greet/disable", json!(null)).await;
    assert_eq!(off.json, json!({"name": "greet", "enabled": false}));
    assert!(logged(&daemon, "e1").await.is_empty());
    ask(&daemon, "PUT", "/v1/rules/greet", json!({"text": GREET.replace("one", "two")})).await;
    assert!(logged(&daemon, "e2").await.is_empty());
    let (folder, catcher) = daemon.stop().await;
    let daemon = on(folder, catcher).await;
    assert!(logged(&daemon, "e3").await.is_empty());
    let on = ask(&daemon, "PATCH", "/v1/rules/greet", json!({"enabled": true})).await;
    assert_eq!(on.json["enabled"], true);
    assert_eq!(logged(&daemon, "e4").await, said("greet", "two"));
}

#[tokio::test]
async fn what_runs_goes_on_running_after_a_restart_until_the_folder_changes() {
    let daemon = started(folder()).await;
    ask(&daemon, "PUT", "/v1/rules/greet", json!({"text": GREET.replace("one", "two")})).await;
    let (folder, catcher) = daemon.stop().await;
    let daemon = on(folder, catcher).await;
    assert_eq!(daemon.get("/v1/rules").await.json["release"], 2);
    assert_eq!(logged(&daemon, "e1").await, said("greet", "two"));
    let (folder, catcher) = daemon.stop().await;
    write(folder.path(), "rules/greet.rule", &GREET.replace("one", "three"));
    let daemon = on(folder, catcher).await;
    assert_eq!(daemon.get("/v1/rules").await.json["release"], 3);
    assert_eq!(logged(&daemon, "e2").await, said("greet", "three"));
    // What ran under the second release is explained by it.
    let list = daemon.get("/v1/executions?event_id=e1").await.json;
    let id = list["items"][0]["id"].as_str().unwrap();
    let why = daemon.get(&format!("/v1/executions/{id}/explanation")).await;
    assert_eq!((why.status, &why.json["verdict"]), (200, &json!("matched")), "{}", why.json);
}

#[tokio::test]
async fn a_release_is_sent_whole_and_gone_back_from() {
    let daemon = started(folder()).await;
    let files = json!({"files": {"rules/greet.rule": GREET.replace("one", "two")}});
    // A release may be larger than other bodies.
    let large = json!({"files": {"rules/greet.rule": format!("{GREET}// {}\n", "x".repeat(2_000_000))}});
    assert_eq!(ask(&daemon, "POST", "/v1/releases?dry_run=true", large).await.status, 200);
    let dry = ask(&daemon, "POST", "/v1/releases?dry_run=true", files.clone()).await;
    assert_eq!(
        (dry.status, &dry.json["release"], &dry.json["changed"]),
        (200, &json!(null), &json!(["greet"]))
    );
    let made = ask(&daemon, "POST", "/v1/releases?note=next", files.clone()).await;
    assert_eq!((made.status, &made.json["release"]), (201, &json!(2)), "{}", made.json);
    assert_eq!(logged(&daemon, "e1").await, said("greet", "two"));
    let one = daemon.get("/v1/releases/1").await.json;
    assert_eq!(one["changes"], json!({"against": 2, "added": [], "changed": ["greet"], "removed": []}));
    assert_eq!(daemon.get("/v1/releases/2/content").await.json, files);

    let back = ask(&daemon, "POST", "/v1/releases/1/rollback", json!(null)).await;
    assert_eq!((back.status, &back.json["release"]), (200, &json!(1)), "{}", back.json);
    assert_eq!(logged(&daemon, "e2").await, said("greet", "one"));
    let list = daemon.get("/v1/releases").await.json;
    assert_eq!((&list["active"], &list["previous"]), (&json!(1), &json!(null)));
    let again = ask(&daemon, "POST", "/v1/releases/2/activate", json!(null)).await;
    assert_eq!(again.status, 200);
    assert_eq!(logged(&daemon, "e3").await, said("greet", "two"));

    for (path, status) in [("/v1/releases/9/activate", 404), ("/v1/releases/x/activate", 400)] {
        assert_eq!(ask(&daemon, "POST", path, json!(null)).await.status, status, "{path}");
    }
    let bundle = hence_ir::bundle::write(&Project::load(daemon.folder.path()).unwrap().bundle());
    let sent = daemon.post("/v1/releases?activate=false", &[], bundle).await;
    assert_eq!((sent.status, &sent.json["release"]), (201, &json!(3)), "{}", sent.json);
    assert_eq!(daemon.get("/v1/releases").await.json["active"], 2);
    let unused = ask(&daemon, "POST", "/v1/releases/3/rollback", json!(null)).await;
    assert_eq!((unused.status, &unused.json["code"]), (409, &json!("never-active")));
    assert_eq!(ask(&daemon, "POST", "/v1/releases/3/activate", json!(null)).await.status, 200);
    let edit = ask(&daemon, "PUT", "/v1/rules/greet", json!({"text": GREET})).await;
    assert_eq!((edit.status, &edit.json["code"]), (409, &json!("bundle-runs")));
}

#[tokio::test]
async fn a_canary_is_given_a_part_of_the_events_also_after_a_restart() {
    let daemon = started(folder()).await;
    let files = json!({"files": {"rules/greet.rule": GREET.replace("one", "two")}});
    ask(&daemon, "POST", "/v1/releases?activate=false", files).await;
    let own = ask(&daemon, "POST", "/v1/releases/1/canary", json!({"percent": 10})).await;
    assert_eq!((own.status, &own.json["code"]), (409, &json!("release-active")));
    assert_eq!(ask(&daemon, "POST", "/v1/releases/2/canary", json!({"percent": 100})).await.status, 400);
    let begun = ask(&daemon, "POST", "/v1/releases/2/canary", json!({"percent": 50})).await;
    assert_eq!(begun.status, 200, "{}", begun.json);
    let (folder, catcher) = daemon.stop().await;
    let daemon = on(folder, catcher).await;
    assert_eq!(daemon.get("/v1/releases").await.json["canary"]["percent"], 50);
    let mut counts = [0, 0];
    for number in 0..40 {
        match logged(&daemon, &format!("e{number}")).await[0].1.as_str() {
            "one" => counts[0] += 1,
            "two" => counts[1] += 1,
            other => panic!("{other}"),
        }
    }
    assert!(counts.iter().all(|count| *count >= 5), "{counts:?}");
    ask(&daemon, "POST", "/v1/releases/2/canary", json!({"percent": 0})).await;
    for number in 40..50 {
        assert_eq!(logged(&daemon, &format!("e{number}")).await, said("greet", "one"));
    }
}

#[tokio::test]
async fn a_changed_file_is_loaded_and_one_with_mistakes_is_not() {
    let (folder, catcher) = (folder(), Catcher::start().await.unwrap());
    let handle = serve(of_folder(&folder, &catcher, true), std::future::pending()).await.unwrap();
    let daemon = Daemon::new(handle, catcher, folder);
    write(daemon.folder.path(), "rules/greet.rule", &GREET.replace("log.write", "log.wrote"));
    let refused = async {
        while !daemon.text("/metrics").await.1.contains("hence_reloads_total{outcome=\"refused\"} 1") {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, refused).await.unwrap();
    assert_eq!(logged(&daemon, "e1").await, said("greet", "one"));
    write(daemon.folder.path(), "rules/greet.rule", &GREET.replace("one", "two"));
    daemon.until("/v1/rules", |rules| rules["release"] == 2).await;
    assert_eq!(logged(&daemon, "e2").await, said("greet", "two"));
}

#[tokio::test]
async fn texts_are_checked_and_samples_evaluated_without_any_effect() {
    let daemon = started(folder()).await;
    let text = GREET.replace("greet", "hello").replace("log.write", "log.wrote");
    let checked = ask(&daemon, "POST", "/v1/check", json!({"text": text})).await;
    assert_eq!(checked.json["summary"]["errors"], 1, "{}", checked.json);
    let well = ask(&daemon, "POST", "/v1/check", json!({"text": GREET, "file": "rules/greet.rule"})).await;
    assert_eq!(well.json["summary"]["errors"], 0, "{}", well.json);

    let event = "shop.order.created";
    let sample = ask(&daemon, "POST", "/v1/evaluate", json!({"event": event, "data": order("paid")})).await;
    assert_eq!(sample.json["items"][0]["rule"], "greet", "{}", sample.json);
    assert_eq!(sample.json["items"][0]["verdict"], "matched");
    let text = "rule paid\nwhen shop.order.created\nif status == \"paid\"\nthen log.write(message: \"x\")\n";
    for (status, verdict) in [("paid", "matched"), ("pending", "not_matched")] {
        let body = json!({"event": event, "data": order(status), "text": text});
        let sample = ask(&daemon, "POST", "/v1/evaluate", body).await;
        let items = sample.json["items"].as_array().unwrap();
        assert_eq!((items.len(), &items[0]["verdict"]), (1, &json!(verdict)), "{}", sample.json);
    }
    let unknown =
        ask(&daemon, "POST", "/v1/evaluate", json!({"event": event, "data": {}, "rule": "gret"})).await;
    assert_eq!((unknown.status, &unknown.json["did_you_mean"]), (404, &json!("greet")));
    let broken =
        ask(&daemon, "POST", "/v1/evaluate", json!({"event": event, "data": {}, "text": "rule"})).await;
    assert_eq!((broken.status, &broken.json["code"]), (422, &json!("invalid-rules")));
    assert_eq!(daemon.get("/v1/executions").await.json["items"], json!([]));
    assert_eq!(daemon.get("/v1/releases").await.json["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_author_changes_rules_and_no_integrations() {
    let daemon = started(folder()).await;
    let author = made(&daemon, "ann", "author").await;
    let integration = json!({
        "hence": 1, "id": "leak", "title": "Leak", "version": "1.0.0", "description": "Of an author.",
        "actions": {"send": {
            "class": "idempotent",
            "params": {"type": "object", "properties": {}},
            "call": {"kind": "http", "method": "PUT", "url": "https://example.com"},
        }},
    });
    let greet = GREET.replace("one", "two");
    let with =
        json!({"files": {"rules/greet.rule": greet, "integrations/leak.json": integration.to_string()}});
    let refused = daemon.ask("POST", "/v1/releases", Some(&author), &with.to_string()).await;
    assert_eq!(
        (refused.status, &refused.json["code"]),
        (403, &json!("integrations-changed")),
        "{}",
        refused.json
    );
    let dry = daemon.ask("POST", "/v1/releases?dry_run=true", Some(&author), &with.to_string()).await;
    assert_eq!((dry.status, &dry.json["code"]), (403, &json!("integrations-changed")), "{}", dry.json);
    let without = json!({"files": {"rules/greet.rule": greet}});
    let made = daemon.ask("POST", "/v1/releases", Some(&author), &without.to_string()).await;
    assert_eq!(made.status, 201, "{}", made.json);
    assert_eq!(ask(&daemon, "POST", "/v1/releases", with.clone()).await.status, 201);
    // Once they run an author's releases may have them.
    let again = daemon.ask("POST", "/v1/releases", Some(&author), &with.to_string()).await;
    assert_eq!(again.status, 201, "{}", again.json);
}

#[tokio::test]
async fn a_rule_is_turned_off_whatever_else_is_wrong() {
    let (folder, catcher) = (folder(), Catcher::start().await.unwrap());
    write(
        folder.path(),
        "rules/tag.rule",
        "rule tag\nwhen shop.order.created\nthen crm.add_tag(user: \"1\", tag: \"t\")\n",
    );
    write(folder.path(), "secrets/CRM", "token");
    let mut options = of_folder(&folder, &catcher, false);
    options.connections.set("crm", "token", "secret:CRM");
    options.secrets = hence_connectors::Secrets::new(
        |name| (name == "SHOP").then(|| crate::support::SECRET.to_owned()),
        Some(folder.path().join("secrets")),
    );
    let handle = serve(options, std::future::pending()).await.unwrap();
    let daemon = Daemon::new(handle, catcher, folder);
    std::fs::remove_file(daemon.folder.path().join("secrets/CRM")).unwrap();
    // Nothing else could be made to run now.
    let edit = ask(&daemon, "PUT", "/v1/rules/greet", json!({"text": GREET.replace("one", "two")})).await;
    assert_eq!((edit.status, &edit.json["code"]), (422, &json!("missing-settings")), "{}", edit.json);
    let off = ask(&daemon, "POST", "/v1/rules/tag/disable", json!(null)).await;
    assert_eq!((off.status, &off.json["enabled"]), (200, &json!(false)), "{}", off.json);
    assert_eq!(logged(&daemon, "e1").await, said("greet", "one"));
}
