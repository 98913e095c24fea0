//! `hence schema diff` and `hence schema infer`

use serde_json::{Value as Json, json};

use crate::support::{folder, hence};

fn desk(version: &str, priority: Json, extra: &str) -> String {
    json!({
        "hence": 1, "id": "desk", "title": "Desk", "version": version,
        "events": { "ticket.opened": { "payload": { "type": "object", "required": ["subject", "priority"],
            "properties": { "subject": { "type": "string" }, "priority": priority, extra: { "type": "string" } } } } },
    })
    .to_string()
}

const RULES: &str = "\
rule urgent
when desk.ticket.opened
if   priority > 3
then log.write(message: subject)

rule any
when desk.ticket.opened
if   subject contains \"help\"
then log.write(message: subject)
";

#[test]
fn what_changed_is_told_with_the_rules_that_break() {
    let before = desk("1", json!({ "type": "integer" }), "note");
    let after = desk("2", json!({ "type": "string", "enum": ["low", "high"] }), "tag");
    let folder = folder(&[
        ("hence.toml", "name = \"desk\"\n"),
        ("integrations/desk.json", &before),
        ("next.json", &after),
        ("rules/desk.rule", RULES),
    ]);
    let arguments = ["schema", "diff", "integrations/desk.json", "next.json", "--rules", "."];
    let ran = hence(folder.path(), &arguments).exits(1);
    let expected = "\
breaking (2):
  event ticket.opened.priority: it was `int` and is `\"low\" | \"high\"`
  event ticket.opened.note: the field is not there any more
not breaking (1):
  event ticket.opened.tag: the field is new
1 rule breaks: urgent
";
    assert_eq!(ran.out, expected);
    assert!(ran.err.contains("rules/desk.rule:3:6") || ran.err.contains("rules/desk.rule:3:"), "{ran:#?}");
    let ran = hence(folder.path(), &[&arguments[..], &["--format", "json"]].concat()).exits(1);
    let document = ran.json();
    assert_eq!(document["broken_rules"], json!(["urgent"]));
    assert_eq!(document["changes"][0]["kind"], "type");
    assert_eq!(document["changes"][2]["breaking"], false);
}

#[test]
fn without_rules_whatever_could_break_some_counts() {
    let files = [
        ("a.json", desk("1", json!({ "type": "integer" }), "note")),
        ("b.json", desk("2", json!({ "type": "integer" }), "tag")),
        ("c.json", desk("2", json!({ "type": "integer" }), "note").replace("desk", "board")),
        ("d.json", "{}".to_owned()),
    ];
    let files: Vec<(&str, &str)> = files.iter().map(|(name, text)| (*name, text.as_str())).collect();
    let folder = folder(&files);
    hence(folder.path(), &["schema", "diff", "a.json", "b.json"]).exits(1);
    let ran = hence(folder.path(), &["schema", "diff", "a.json", "a.json"]).exits(0);
    assert_eq!(ran.out, "nothing changed in `desk`\n");
    let ran = hence(folder.path(), &["schema", "diff", "a.json", "c.json"]).exits(2);
    assert!(ran.err.contains("are two integrations, not two versions of one"), "{ran:#?}");
    let ran = hence(folder.path(), &["schema", "diff", "a.json", "d.json"]).exits(2);
    assert!(ran.err.contains("d.json is no integration"), "{ran:#?}");
}

#[test]
fn a_change_that_breaks_no_rule_of_a_project_is_well() {
    let before = desk("1", json!({ "type": "integer" }), "note");
    let after = desk("2", json!({ "type": "integer" }), "tag");
    let folder = folder(&[
        ("hence.toml", "name = \"desk\"\n"),
        ("before.json", &before),
        ("after.json", &after),
        ("desk.rule", RULES),
    ]);
    let ran = hence(folder.path(), &["schema", "diff", "before.json", "after.json", "--rules", "."]).exits(0);
    assert!(ran.out.ends_with("no rule breaks\n"), "{ran:#?}");
}

#[test]
fn samples_become_an_event_that_rules_can_use() {
    let folder = folder(&[
        ("hence.toml", "name = \"desk\"\n"),
        ("samples/1.json", r#"{ "subject": "Help", "priority": 2, "at": "2026-01-31T09:00:00Z" }"#),
        ("samples/2.json", r#"{ "subject": "Hello", "priority": 5 }"#),
        ("rules/desk.rule", RULES),
    ]);
    let arguments = [
        "schema",
        "infer",
        "samples/1.json",
        "samples/2.json",
        "--event",
        "ticket.opened",
        "-o",
        "integrations/desk.json",
    ];
    let ran = hence(folder.path(), &arguments).exits(0);
    assert_eq!(
        ran.err,
        "integration `desk`: 1 types, 1 events, 0 actions, written to integrations/desk.json\n"
    );
    let ran = hence(folder.path(), &["check"]).exits(0);
    assert!(!ran.err.contains("error"), "{ran:#?}");
    let ran = hence(folder.path(), &["schema", "infer", "samples/3.json"]).exits(2);
    assert!(ran.err.starts_with("hence: cannot read samples/3.json: "), "{ran:#?}");
}
