//! `hence build`, `hence inspect`, and `hence serve` of a bundle.

use std::fs;

use hence_connectors::catcher::Catcher;

use crate::serve::{self, Daemon, PATIENCE};
use crate::support::{GOOD, folder, hence, order, project};

#[test]
fn the_same_rules_make_the_same_bundle() {
    let project = project(GOOD);
    let ran = hence(project.path(), &["build", "-o", "one.hence"]).exits(0);
    assert!(ran.out.starts_with("one.hence: the project `example`, "), "{ran:#?}");
    assert_eq!(ran.err, "");
    let elsewhere = folder(&[]);
    let path = project.path().to_str().unwrap();
    hence(elsewhere.path(), &["build", path, "--output", "other.hence"]).exits(0);
    let one = fs::read(project.path().join("one.hence")).unwrap();
    assert!(one == fs::read(elsewhere.path().join("other.hence")).unwrap());
    let files: Vec<_> =
        fs::read_dir(elsewhere.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(files, ["other.hence"]);
}

#[test]
fn rules_with_errors_make_no_bundle() {
    let project = project("rule a\nwhen shop.order.creatd\nthen stop\n");
    let ran = hence(project.path(), &["build", "-o", "x.hence"]).exits(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.contains("creatd"), "{ran:#?}");
    assert!(!project.path().join("x.hence").exists());
    let ran = hence(project.path(), &["build", "-o", "x.zip"]).exits(2);
    assert_eq!(ran.err, "hence: the name of a bundle ends in `.hence`, not so `x.zip`\n");
    hence(project.path(), &["build"]).exits(2);
}

#[test]
fn a_bundle_says_what_is_in_it() {
    let project = project(GOOD);
    let built = hence(project.path(), &["build", "-o", "x.hence"]).exits(0);
    let ran = hence(project.path(), &["inspect", "x.hence"]).exits(0);
    assert_eq!(built.out, ran.out);
    let with_ir = hence(project.path(), &["inspect", "x.hence", "--ir"]).exits(0);
    assert!(with_ir.out.starts_with(&ran.out), "{with_ir:#?}");
    assert!(
        with_ir.out.contains("\nrule big_order \"Big order\" priority 5\nwhen shop.order.created\n"),
        "{with_ir:#?}"
    );

    let json = hence(project.path(), &["inspect", "x.hence", "--ir", "--format", "json"]).exits(0).json();
    assert_eq!(json["project"], "example");
    assert_eq!(json["format_version"], 1);
    assert_eq!(
        json["bytes"].as_u64(),
        fs::metadata(project.path().join("x.hence")).ok().map(|file| file.len())
    );
    assert!(ran.out.contains(json["hash"].as_str().unwrap()), "{ran:#?}");
    let rule = &json["rules"][0];
    assert_eq!(rule["name"], "big_order");
    assert_eq!(rule["priority"], 5);
    assert_eq!(rule["triggers"][0], "shop.order.created");
    assert!(rule["ir"].as_str().unwrap().starts_with("rule big_order"), "{json:#}");
    let pinned: Vec<_> = json["integrations"].as_array().unwrap().iter().map(|one| &one["id"]).collect();
    assert_eq!(pinned, ["crm", "shop", "ui"]);
    assert_eq!(json["texts"][0]["name"], "rules/example.rule");
}

#[test]
fn what_is_no_whole_bundle_is_refused() {
    let project = project(GOOD);
    hence(project.path(), &["build", "-o", "x.hence"]).exits(0);
    let mut bytes = fs::read(project.path().join("x.hence")).unwrap();
    fs::write(project.path().join("short.hence"), &bytes[..100]).unwrap();
    bytes[100] ^= 1;
    fs::write(project.path().join("damaged.hence"), &bytes).unwrap();
    fs::write(project.path().join("other.hence"), GOOD).unwrap();
    for (name, reason) in [
        ("short.hence", "the bundle is cut off"),
        ("damaged.hence", "the bundle is damaged: its checksum is not that of its content"),
        ("other.hence", "this is no bundle"),
    ] {
        for command in ["inspect", "serve"] {
            let ran = hence(project.path(), &[command, name]).exits(2);
            assert_eq!(ran.err, format!("hence: cannot read {name}: {reason}\n"));
        }
    }
    hence(project.path(), &["inspect", "missing.hence"]).exits(2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bundle_is_served_with_the_settings_beside_it() {
    let catcher = Catcher::start().await.unwrap();
    let project = serve::project(&catcher);
    let place = folder(&[]);
    let bundle = place.path().join("shop.hence");
    hence(project.path(), &["build", "-o", bundle.to_str().unwrap()]).exits(0);
    fs::copy(project.path().join("hence.toml"), place.path().join("hence.toml")).unwrap();
    drop(project);

    let daemon = Daemon::serving(place.path(), &["shop.hence"]);
    let body = serde_json::to_vec(&order()).unwrap();
    let answer = daemon.deliver("d1", &serve::sign(&body), &body).await;
    assert_eq!(answer.status, 202, "{answer:?}");
    let mails = catcher.wait_for_mails(1, PATIENCE).await.unwrap();
    assert_eq!(mails[0].subject(), "Your order #1042");

    let page = daemon.until("/v1/executions?status=completed", |page| page["items"][1].is_object()).await;
    let confirm = page["items"].as_array().unwrap().iter().find(|item| item["rule"] == "big_order").unwrap();
    let id = confirm["id"].as_str().unwrap();
    // Explanations quote the rule, whose text came with the bundle.
    let ran = hence(
        place.path(),
        &["why", "--execution", id, "--server", &daemon.address, "--token", &daemon.token],
    )
    .exits(0);
    assert!(ran.out.contains("total > 1000 EUR"), "{ran:#?}");
}
