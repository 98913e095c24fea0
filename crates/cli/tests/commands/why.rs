//! `hence why`

use serde_json::json;

use crate::support::{GOOD, hence, hence_reading, project};

const EVENTS: &str = r#"{"event": "shop.order.created", "id": "a", "data": {"total": "150.00", "currency": "EUR"}}
{"event": "shop.order.cancelled", "id": "b", "data": {}}
{"event": "shop.order.created", "id": "c", "data": {"total": "50.00", "currency": "EUR"}}
"#;

#[test]
fn every_event_that_triggers_the_rule_is_explained() {
    let ran = hence_reading(project(GOOD).path(), &["why", "big_order", "--data", "-"], EVENTS.as_bytes());
    let expected = "\
big_order matched shop.order.created a
✓ total > 100 EUR
  total = 150.00 EUR
would not match if `total` were at most 100.00 EUR

big_order did not match shop.order.created c
✗ total > 100 EUR
  total = 50.00 EUR
would match if `total` were at least 100.01 EUR

";
    assert_eq!(ran.exits(0).out, expected);
}

#[test]
fn one_event_is_chosen_by_its_id() {
    let arguments = ["why", "big_order", "--data", "-", "--id", "c", "--format", "json"];
    let lines = hence_reading(project(GOOD).path(), &arguments, EVENTS.as_bytes()).exits(0).json_lines();
    assert_eq!(lines.len(), 1);
    assert_eq!((&lines[0]["rule"], &lines[0]["id"]), (&json!("big_order"), &json!("c")));
    assert_eq!(lines[0]["verdict"], "not_matched");
}

#[test]
fn what_cannot_be_explained_is_told_in_one_line() {
    let project = project(GOOD);
    let cases: [(&[&str], &str); 4] = [
        (&["big_ordr", "--data", "-"], "no rule is named `big_ordr`; did you mean `big_order`?"),
        (&["big_order", "--data", "-", "--id", "z"], "the data has no event of the id `z`"),
        (
            &["big_order", "--data", "-", "--id", "b"],
            "`big_order` is not triggered by `shop.order.cancelled`",
        ),
        (&["big_order", "--data", "gone.json"], "cannot read gone.json"),
    ];
    for (arguments, expected) in cases {
        let arguments = [&["why"], arguments].concat();
        let ran = hence_reading(project.path(), &arguments, EVENTS.as_bytes()).exits(2);
        assert!(ran.err.starts_with(&format!("hence: {expected}")), "{ran:#?}");
        assert_eq!(ran.err.lines().count(), 1, "{ran:#?}");
    }
}

#[test]
fn a_daemon_that_does_not_answer_is_named() {
    let arguments = ["why", "--execution", "e", "--server", "http://127.0.0.1:1"];
    let ran = hence(project(GOOD).path(), &arguments).exits(2);
    assert!(ran.err.contains("127.0.0.1:1") && ran.err.lines().count() == 1, "{ran:#?}");
}
