//! `hence check`

use serde_json::json;

use crate::support::{GOOD, folder, hence, project};

const WRONG: &str = "rule wrong\nwhen shop.order.created\nif   totl > 100 EUR\nthen stop\n";
const DOUBTFUL: &str = "rule doubtful\nwhen shop.order.created\nif   total is present\nthen stop\n";

#[test]
fn a_project_without_mistakes_is_counted() {
    let ran = hence(project(GOOD).path(), &["check"]).exits(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("", "1 rule in 1 file, nothing to report\n"));
}

#[test]
fn mistakes_go_to_standard_error_with_their_places() {
    let ran = hence(project(WRONG).path(), &["check"]).exits(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("error[H1006]: nothing here is named `totl`\n"), "{}", ran.err);
    assert!(ran.err.contains("[ rules/example.rule:3:6 ]"), "{}", ran.err);
    assert!(ran.err.ends_with("1 error in 1 file\n"), "{}", ran.err);
}

#[test]
fn warnings_are_well_unless_they_are_denied() {
    let project = project(DOUBTFUL);
    let ran = hence(project.path(), &["check"]).exits(0);
    assert!(ran.err.starts_with("warning[H4004]"), "{}", ran.err);
    hence(project.path(), &["check", "--deny", "warnings"]).exits(1);
}

#[test]
fn json_has_a_document_for_good_and_bad() {
    let ran = hence(project(WRONG).path(), &["check", "--format", "json"]).exits(1);
    let found = &ran.json()["diagnostics"][0];
    assert_eq!((&found["code"], &found["severity"]), (&json!("H1006"), &json!("error")));
    let ran = hence(project(GOOD).path(), &["check", "--format", "json"]).exits(0);
    assert_eq!(ran.json()["diagnostics"], json!([]));
}

#[test]
fn sarif_names_the_rules_and_places() {
    let ran = hence(project(WRONG).path(), &["check", "--format", "sarif"]).exits(1);
    let sarif = ran.json();
    assert_eq!(sarif["version"], "2.1.0");
    let result = &sarif["runs"][0]["results"][0];
    assert_eq!(result["ruleId"], "H1006");
    let place = &result["locations"][0]["physicalLocation"];
    assert_eq!(place["artifactLocation"]["uri"], "rules/example.rule");
    assert_eq!(place["region"]["startLine"], 3);
}

#[test]
fn github_gets_a_line_for_each() {
    let ran = hence(project(WRONG).path(), &["check", "--format", "github"]).exits(1);
    assert!(ran.out.starts_with("::error file=rules/example.rule,line=3,"), "{}", ran.out);
}

#[test]
fn one_file_is_checked_with_the_names_of_its_project() {
    let files = [
        ("hence.toml", "name = \"example\"\n"),
        ("rules/limits.rule", "const limit = 100 EUR\n"),
        ("rules/uses.rule", "rule uses\nwhen shop.order.created\nif   total > limit\nthen stop\n"),
        ("rules/wrong.rule", WRONG),
    ];
    let project = folder(&files);
    hence(project.path(), &["check", "rules/uses.rule"]).exits(0);
    hence(project.path(), &["check", "rules/wrong.rule"]).exits(1);
    hence(&project.path().join("rules"), &["check"]).exits(1);
}

#[test]
fn a_file_without_a_project_is_checked_alone() {
    let folder = folder(&[("alone.rule", GOOD), ("other.rule", WRONG)]);
    hence(folder.path(), &["check", "alone.rule"]).exits(0);
}

#[test]
fn integrations_of_the_project_are_known() {
    let integration = json!({
        "hence": 1, "id": "desk", "title": "Help desk", "version": "1.0.0",
        "events": { "ticket.opened": { "payload": {
            "type": "object", "required": ["subject"], "properties": { "subject": { "type": "string" } }
        } } }
    });
    let rule = "rule urgent\nwhen desk.ticket.opened\nif   subject contains \"urgent\"\nthen stop\n";
    let files = [
        ("hence.toml", "name = \"desk\"\n"),
        ("integrations/desk.json", &integration.to_string()),
        ("rules/urgent.rule", rule),
    ];
    hence(folder(&files).path(), &["check", "--deny", "warnings"]).exits(0);
}

#[test]
fn levels_of_lints_stand_in_the_manifest() {
    let files = [("hence.toml", "[lints]\nnever-missing = \"deny\"\n"), ("example.rule", DOUBTFUL)];
    let ran = hence(folder(&files).path(), &["check"]).exits(1);
    assert!(ran.err.starts_with("error[H4004]"), "{}", ran.err);
}

#[test]
fn a_mistake_in_the_manifest_is_shown_in_it() {
    let files = [("hence.toml", "name = \"a\"\nnmae = \"b\"\n"), ("example.rule", GOOD)];
    let ran = hence(folder(&files).path(), &["check"]).exits(1);
    assert!(ran.err.contains("[H6002]") && ran.err.contains("[ hence.toml:2:1 ]"), "{}", ran.err);
}
