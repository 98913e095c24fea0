//! The deliveries that GitHub's community publishes as examples, each through the ingress of the shipped integration.

#![expect(clippy::unwrap_used, clippy::expect_used, reason = "a test that cannot go on ends by panicking")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use hence_connectors::HeaderMap;
use hence_connectors::ingress::{Delivery, read};
use hence_diagnostics::Sources;
use hence_import::{Kind, Options, import};
use hence_schema::{catalog, check_payload};
use serde_json::{Value as Json, json};

/// Why most of these are not what the schema says.
const OLD: &str = "older than some fields of repositories";

/// The examples that are not what GitHub's own schema says: the event, which of its examples, and why.
const BREAK_THEIR_SCHEMA: &[(&str, usize, &str)] = &[
    ("branch_protection_rule", 0, OLD),
    ("check_run", 0, OLD),
    ("check_run", 7, "the app's times are numbers"),
    ("check_run", 8, "the app's times are numbers"),
    ("check_suite", 0, OLD),
    ("code_scanning_alert", 0, OLD),
    ("commit_comment", 0, OLD),
    ("create", 0, OLD),
    ("delete", 0, OLD),
    ("dependabot_alert", 0, OLD),
    ("deploy_key", 0, OLD),
    ("deployment", 0, OLD),
    ("deployment_status", 0, OLD),
    ("discussion", 0, OLD),
    ("discussion_comment", 0, "without `reactions`, `installation`"),
    ("fork", 0, OLD),
    ("gollum", 0, OLD),
    ("issue_comment", 0, "without `reactions`"),
    ("issues", 0, "without `reactions`"),
    ("label", 0, OLD),
    ("member", 0, OLD),
    ("merge_group", 0, OLD),
    ("meta", 0, OLD),
    ("milestone", 0, OLD),
    ("package", 0, OLD),
    ("page_build", 0, OLD),
    ("ping", 0, "without `deliveries_url`"),
    ("project", 0, OLD),
    ("project_card", 0, OLD),
    ("project_column", 0, OLD),
    ("public", 0, OLD),
    ("pull_request", 0, OLD),
    ("pull_request_review", 0, "without `draft`"),
    ("pull_request_review_comment", 0, "without `reactions`, `original_line`, `side`"),
    ("pull_request_review_thread", 0, OLD),
    ("push", 0, OLD),
    ("release", 0, "without `name`, `body`"),
    ("repository", 0, OLD),
    ("repository_dispatch", 0, OLD),
    ("repository_import", 0, OLD),
    ("repository_vulnerability_alert", 0, "without `number`, `node_id`, `state`, `avatar_url`"),
    ("security_advisory", 0, "without `cvss`, `cwes`"),
    ("sponsorship", 1, "without `is_one_time`, `is_custom_amount`"),
    ("star", 0, OLD),
    ("status", 0, OLD),
    ("team", 0, OLD),
    ("team_add", 0, OLD),
    ("watch", 0, OLD),
    ("workflow_dispatch", 0, OLD),
    ("workflow_job", 0, "without `run_attempt`, `created_at`"),
    ("workflow_run", 0, "without `path`, `display_title`, `actor`, `triggering_actor`"),
];

fn package(name: &str, file: &str) -> Json {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/node/node_modules/@octokit");
    let path: PathBuf = folder.join(name).join(file);
    let text = std::fs::read_to_string(path)
        .expect("the packages of npm in tests/node are missing: `cargo xtask setup` installs them");
    serde_json::from_str(&text).unwrap()
}

/// The published examples: the event, which of its examples, and the body.
fn examples() -> Vec<(String, usize, Json)> {
    let mut all = Vec::new();
    for event in package("webhooks-examples", "api.github.com/index.json").as_array().unwrap() {
        let name = event["name"].as_str().unwrap();
        for (index, example) in event["examples"].as_array().unwrap().iter().enumerate() {
            all.push((name.to_owned(), index, example.clone()));
        }
    }
    all
}

#[test]
fn all_published_examples_are_taken_and_become_the_event_they_are() {
    let (catalog, diagnostics) = catalog(&mut Sources::default(), &[]);
    assert_eq!(diagnostics, []);
    let webhook = catalog.integrations["github"].webhook.as_ref().unwrap();
    let mut broken: BTreeMap<(String, usize), Vec<String>> = BTreeMap::new();
    let all = examples();
    assert!(all.len() > 300, "only {} examples", all.len());
    for (name, index, body) in all {
        let mut headers = HeaderMap::new();
        headers.insert("x-github-event", name.parse().unwrap());
        headers.insert("x-github-delivery", format!("{name}-{index}").parse().unwrap());
        let Ok(Delivery::Events(events)) = read(webhook, "github", &headers, body.to_string().as_bytes())
        else {
            panic!("{name} {index} is not taken");
        };
        let event = catalog.event_by_full_name(&events[0].name).unwrap();
        let ours = match body["action"].as_str() {
            Some(action) if name != "repository_dispatch" => format!("github.{name}.{action}"),
            Some(_) | None => format!("github.{name}"),
        };
        assert_eq!((events.len(), &*events[0].name), (1, ours.as_str()));
        let mismatches = check_payload(&event.payload, &events[0].payload);
        if !mismatches.is_empty() {
            broken.insert((name, index), mismatches.into_iter().map(|mismatch| mismatch.path).collect());
        }
    }
    let found: Vec<(&str, usize)> = broken.keys().map(|(name, index)| (name.as_str(), *index)).collect();
    let listed: Vec<(&str, usize)> =
        BREAK_THEIR_SCHEMA.iter().map(|(name, index, _)| (*name, *index)).collect();
    assert_eq!(found, listed, "{broken:#?}");
}

#[test]
fn the_examples_that_are_listed_break_githubs_own_schema() {
    let mut schema = package("webhooks-schemas", "schema.json");
    for (name, index, why) in BREAK_THEIR_SCHEMA {
        let (_, _, body) =
            examples().into_iter().find(|(other, place, _)| other == name && place == index).unwrap();
        let action = body["action"].as_str().unwrap_or("event");
        let whole = format!("{name}$event");
        let one = format!("{name}${action}");
        let known = schema["definitions"].get(&one).map_or(whole, |_| one);
        schema["oneOf"] = json!([{ "$ref": format!("#/definitions/{known}") }]);
        let validator = jsonschema::draft7::new(&schema).unwrap();
        assert!(!validator.is_valid(&body), "{name} {index}: {why}");
    }
}

#[test]
fn the_shipped_integration_is_what_the_published_schemas_give() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/integrations/github.json");
    let schemas = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/node/node_modules/@octokit/webhooks-schemas/schema.json");
    let options = Options { onto: Some(file.clone()), ..Options::default() };
    let made = import(Kind::Github, &schemas, &options).unwrap().integration.unwrap();
    let command = "hence import github tests/node/node_modules/@octokit/webhooks-schemas/schema.json \
        --onto crates/schema/integrations/github.json -o crates/schema/integrations/github.json";
    assert!(made.text == std::fs::read_to_string(file).unwrap(), "it is stale: {command}");
}
