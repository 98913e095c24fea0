//! Projects make bundles, and bundles do what their projects do.

use std::fs;

use hence_builtins::Context;
use hence_diagnostics::Span;
use hence_types::jiff::Timestamp;
use hence_vm::{EventInput, Marks};

use super::*;

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(path)
}

/// Returns the program of the bundle that the project makes, after it was written and read.
#[track_caller]
fn carried(project: &Project) -> Bundle {
    let bytes = bundle::write(&project.bundle());
    bundle::read(&bytes).unwrap()
}

#[track_caller]
fn printed_alike(before: &Program, after: &Program) {
    assert_eq!(before.rules.len(), after.rules.len());
    for (before, after) in before.rules.iter().zip(&after.rules) {
        assert_eq!(hence_ir::print(before), hence_ir::print(after));
        assert_eq!(before.version, after.version);
    }
}

/// Returns what a program makes of every event of a file, explanations included.
fn verdicts(program: &Program, sources: &Sources, zone: &TimeZone, events: &Path) -> Vec<String> {
    let text = fs::read_to_string(events).unwrap();
    let now: Timestamp = "2026-03-14T12:00:00Z".parse().unwrap();
    let context = Context { now, zone: zone.clone() };
    let source = |span: Span| sources.slice(span).to_owned();
    let mut told = Vec::new();
    for line in text.lines().filter(|line| !line.trim().is_empty()) {
        let Ok(event) = serde_json::from_str::<serde_json::Value>(line) else { continue };
        let (name, payload) = (event["event"].as_str().unwrap_or_default(), event["data"].to_string());
        for rule in program.rules.iter().filter(|rule| rule.triggers.iter().any(|trigger| **trigger == *name))
        {
            let event = EventInput { name, id: "e", time: now, source: "shop", payload: &payload };
            let slots = hence_vm::decode(&rule.plan, &event);
            let verdict = hence_vm::verdict(rule, &slots, &context).map_err(|failure| failure.to_string());
            let explanation = hence_vm::explain(rule, &slots, &context).render(&source, Marks::Ascii);
            told.push(format!("{} {verdict:?} {explanation}", rule.name));
        }
    }
    told
}

#[test]
fn the_shop_decides_the_same_from_a_bundle() {
    let project = Project::load(&repository("examples/shop")).unwrap();
    let bundle = carried(&project);
    printed_alike(project.program(), &bundle.program);
    let events = repository("examples/shop/events.jsonl");
    let zone = &project.manifest.zone;
    let before = verdicts(project.program(), &project.sources, zone, &events);
    assert!(before.len() > 10);
    assert_eq!(before, verdicts(&bundle.program, &bundle.sources, zone, &events));
}

#[test]
fn every_rule_of_the_corpus_comes_back() {
    let mut rules = 0;
    let mut folders = vec![repository("tests/corpus/ir"), repository("tests/corpus/eval")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let Ok(text) = fs::read_to_string(&path) else { continue };
            if path.extension().is_some_and(|extension| extension == "rule") {
                let project = Project::of_text("a.rule", &text);
                let bundle = carried(&project);
                printed_alike(project.program(), &bundle.program);
                rules += bundle.program.rules.len();
                let events = path.with_extension("events.jsonl");
                if events.is_file() {
                    let before = verdicts(project.program(), &project.sources, &TimeZone::UTC, &events);
                    let after = verdicts(&bundle.program, &bundle.sources, &TimeZone::UTC, &events);
                    assert_eq!(before, after, "{}", path.display());
                }
            }
        }
    }
    assert!(rules > 20, "only {rules} rules");
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
}

const ACME: &str = r#"{
    "hence": 1, "id": "acme", "title": "Acme", "version": "2.1.0",
    "events": { "ping": { "payload": { "type": "object", "properties": { "text": { "type": "string" } } } } }
}"#;

const FILES: &[(&str, &str)] = &[
    ("hence.toml", "name = \"x\"\ntimezone = \"Europe/Berlin\"\n"),
    ("rules/a.rule", "rule a\nwhen shop.order.created\nif total > 5 EUR\nthen log.write(message: \"x\")\n"),
    ("integrations/acme.json", ACME),
];

#[test]
fn equal_projects_have_equal_bundles_wherever_they_are() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let inner = other.path().join("some/where");
    write(one.path(), FILES);
    write(&inner, FILES);
    let bytes = |path: &Path| bundle::write(&Project::load(path).unwrap().bundle());
    let bundle = bytes(one.path());
    assert!(bundle == bytes(&inner));
    let names: Vec<String> =
        bundle::read(&bundle).unwrap().sources.iter().map(|(_, s)| s.name().to_owned()).collect();
    assert_eq!(names, ["rules/a.rule"]);
}

#[test]
fn own_integrations_and_those_that_rules_use_are_pinned() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), FILES);
    let bundle = Project::load(folder.path()).unwrap().bundle();
    let ids: Vec<&str> = bundle.integrations.iter().map(|pinned| pinned.id.as_str()).collect();
    assert_eq!(ids, ["acme", "log", "shop", "ui"]);
    assert_eq!(bundle.integrations[0].version, "2.1.0");
    assert_eq!(&*bundle.integrations[0].text, ACME);
}

#[test]
fn a_bundle_is_loaded_with_the_settings_beside_it() {
    let (project, place) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    write(project.path(), FILES);
    let path = place.path().join("x.hence");
    fs::write(&path, bundle::write(&Project::load(project.path()).unwrap().bundle())).unwrap();

    let loaded = Loaded::load(&path, None).unwrap();
    assert!(loaded.diagnostics.is_empty(), "{:?}", loaded.diagnostics);
    assert_eq!(loaded.manifest.connections.len(), 0);

    let settings =
        "name = \"y\"\ntimezone = \"Asia/Tokyo\"\n[connections.shop]\nbase_url = \"http://localhost\"\n";
    write(
        place.path(),
        &[("hence.toml", settings), ("other.toml", "[connections.crm]\ntoken = \"secret:T\"\n")],
    );
    let loaded = Loaded::load(&path, None).unwrap();
    assert_eq!(loaded.root, place.path());
    assert_eq!(loaded.manifest.name, "x");
    assert_eq!(loaded.manifest.zone.iana_name(), Some("Europe/Berlin"));
    assert!(loaded.manifest.connections.contains_key("shop"));
    assert_eq!(loaded.program.rules.len(), 1);
    let integrations: Vec<&str> = loaded.catalog.integrations.keys().map(String::as_str).collect();
    assert_eq!(integrations, ["acme", "log", "shop", "ui"]);
    assert_eq!(loaded.sources.slice(loaded.program.rules[0].span), "a");

    let loaded = Loaded::load(&path, Some(&place.path().join("other.toml"))).unwrap();
    assert!(loaded.manifest.connections.contains_key("crm"));
}

#[test]
fn what_is_no_bundle_is_told_with_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.hence");
    fs::write(&path, "rule a").unwrap();
    let error = Loaded::load(&path, None).unwrap_err();
    assert_eq!(error.to_string(), format!("cannot read {}: this is no bundle", path.display()));
    assert!(Loaded::load(&folder.path().join("no.hence"), None).is_err());
}

#[test]
fn a_folder_is_loaded_whatever_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("x.hence");
    write(&inner, FILES);
    assert_eq!(Loaded::load(&inner, None).unwrap().program.rules.len(), 1);
}
