//! `hence run`

use serde_json::json;

use crate::support::{GOOD, folder, hence, hence_reading, order, project};

const TWO: &str = "\
rule first
when shop.order.created
if   total > 10000 EUR
then log.write(message: \"huge\")

rule second
when shop.order.created
then log.write(message: \"order {number}\")
";

const NEXT: &str = r##"{"event": "shop.order.created", "id": "a", "data": {"number": "#1"}}"##;

#[test]
fn payloads_of_one_event_are_run_and_actions_shown() {
    let project = project(GOOD);
    let arguments = ["run", "--event", "shop.order.created", "--data", "-"];
    let ran = hence_reading(project.path(), &arguments, order().to_string().as_bytes()).exits(0);
    assert_eq!(
        ran.out,
        "shop.order.created event-1\n  ✓ big_order\n      crm.add_tag(user: \"cus_7f3k2a\", tag: \"big\")\n"
    );
}

#[test]
fn json_has_a_line_for_each_event() {
    let project = project(TWO);
    let events = format!("{NEXT}\n{}\n", NEXT.replace("\"a\"", "\"b\""));
    let ran = hence_reading(project.path(), &["run", "--data", "-", "--format", "json"], events.as_bytes());
    let lines = ran.exits(0).json_lines();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["event"], &lines[0]["id"]), (&json!("shop.order.created"), &json!("a")));
    assert_eq!(lines[0]["rules"][0]["outcome"], "undecided");
    assert_eq!(lines[0]["rules"][1]["actions"][0]["arguments"], json!({ "message": "order #1" }));
    assert!(!lines[0]["schema_mismatches"].as_array().unwrap().is_empty());
    assert_eq!(lines[1]["id"], "b");
}

#[test]
fn one_rule_can_be_run_alone() {
    let project = project(TWO);
    let arguments = ["run", "--data", "-", "--format", "json", "--rule", "second"];
    let lines = hence_reading(project.path(), &arguments, NEXT.as_bytes()).exits(0).json_lines();
    let rules: Vec<_> = lines[0]["rules"].as_array().unwrap().iter().map(|rule| &rule["rule"]).collect();
    assert_eq!(rules, ["second"]);
    let arguments = ["run", "--data", "-", "--rule", "secnd"];
    let ran = hence_reading(project.path(), &arguments, NEXT.as_bytes()).exits(2);
    assert_eq!(ran.err, "hence: no rule is named `secnd`; did you mean `second`?\n");
}

#[test]
fn a_rule_that_fails_is_told_and_ends_with_one() {
    let rule = "rule fragile\nwhen shop.order.created\nif   total / length(items) > 1 EUR\nthen stop\n";
    let payload = r#"{"total": "10.00", "currency": "EUR", "items": []}"#;
    let arguments = ["run", "--event", "shop.order.created", "--data", "-"];
    let ran = hence_reading(project(rule).path(), &arguments, payload.as_bytes()).exits(1);
    assert!(ran.out.contains("division by zero, where total is 10.00 EUR"), "{}", ran.out);
}

#[test]
fn a_rule_that_cannot_be_decided_is_told() {
    let ran = hence_reading(project(TWO).path(), &["run", "--data", "-"], NEXT.as_bytes()).exits(0);
    let told = "  ✗ first\n      undecided: a value is missing that the schema promises, where total is missing [H5002]\n";
    assert!(ran.out.contains(told), "{}", ran.out);
}

#[test]
fn files_hold_one_document_or_many() {
    let order = order();
    let spread = serde_json::to_string_pretty(&order).unwrap();
    let files = [
        ("hence.toml", ""),
        ("a.rule", GOOD),
        ("one.json", spread.as_str()),
        ("many.jsonl", &format!("{order}\n{order}\n")),
    ];
    let folder = folder(&files);
    for (file, count) in [("one.json", 1), ("many.jsonl", 2)] {
        let arguments = ["run", "--event", "shop.order.created", "--data", file, "--format", "json"];
        assert_eq!(hence(folder.path(), &arguments).exits(0).json_lines().len(), count);
    }
}

#[test]
fn rules_with_mistakes_are_not_run() {
    let wrong = GOOD.replace("total", "totl");
    let ran = hence_reading(project(&wrong).path(), &["run", "--data", "-"], NEXT.as_bytes()).exits(1);
    assert_eq!(ran.out, "");
    assert!(ran.err.starts_with("error[H1006]"), "{}", ran.err);
}

#[test]
fn data_that_cannot_be_used_is_told_in_one_line() {
    let project = project(GOOD);
    let cases: [(&[&str], &[u8], &str); 6] = [
        (&["--event", "shop.order.create"], b"{}", "did you mean `shop.order.created`?"),
        (&["--event", "shop.order.created"], b"{\"a\"", "standard input:1:4: this is no JSON"),
        (&["--event", "shop.order.created"], b"", "standard input holds no event"),
        (&["--event", "shop.order.created"], b"\xff", "- is not UTF-8"),
        (&[], b"{}", "without --event each is {"),
        (&[], b"{\"event\": \"shop.order.created\", \"dat\": {}}", "unknown field `dat`"),
    ];
    for (more, input, expected) in cases {
        let arguments = [&["run", "--data", "-"], more].concat();
        let ran = hence_reading(project.path(), &arguments, input).exits(2);
        assert!(ran.err.contains(expected), "{ran:#?}");
        assert_eq!((ran.out.as_str(), ran.err.lines().count()), ("", 1), "{ran:#?}");
    }
}

#[test]
fn the_same_event_runs_once() {
    let events = format!("{NEXT}\n{NEXT}\n");
    let ran =
        hence_reading(project(TWO).path(), &["run", "--data", "-", "--rule", "second"], events.as_bytes());
    assert_eq!(ran.out.matches("log.write(").count(), 1, "{ran:#?}");
}

#[test]
fn conditions_come_to_the_same_compiled_or_not() {
    let rule =
        "rule ratio\nwhen shop.order.created\nif   total / 2 > 1 EUR and length(items) < 9\nthen stop\n";
    let paid = r##"{"event": "shop.order.created", "id": "b", "data": {"total": "10.00", "currency": "EUR", "items": []}}"##;
    let events = format!("{NEXT}\n{paid}\n");
    let told = |jit: &str| {
        let project = project(rule);
        let arguments = ["run", "--data", "-", "--format", "json", jit];
        hence_reading(project.path(), &arguments, events.as_bytes()).exits(0).json_lines()
    };
    let compiled = told("--jit=always");
    assert_eq!(compiled.len(), 2);
    assert_eq!(compiled[0]["rules"][0]["outcome"], "undecided");
    assert_eq!(compiled[1]["rules"][0]["outcome"], "matched");
    assert_eq!(compiled, told("--jit=off"));
    assert_eq!(compiled, told("--jit=auto"));
}
