//! `hence bench`: what is told, not how long it took.

use serde_json::json;

use crate::support::{folder, hence, hence_reading, order, project};

const RULES: &str = r#"/// Paid orders.
rule paid
when shop.order.created
if   status == "paid" and total > 100 EUR
then crm.add_tag(user: customer.id, tag: "paid")

/// What no key leads to.
rule all_but_one
when shop.order.created
if   status != "cancelled"
then crm.add_tag(user: customer.id, tag: "open")
"#;

#[test]
fn events_are_made_where_none_are_given() {
    let project = project(RULES);
    let arguments = ["bench", "--millis", "1", "--made", "8", "--format", "json"];
    let report = hence(project.path(), &arguments).exits(0).json();
    let [event] = report["events"].as_array().unwrap().as_slice() else { panic!("{report}") };
    assert_eq!((&event["event"], &event["made"]), (&json!("shop.order.created"), &json!(true)));
    assert_eq!((&event["events"], &event["looked_at_always"]), (&json!(8), &json!(1)));
    for part in ["decode", "decode_and_match", "all"] {
        let [least, median] = ["least", "median"].map(|of| event["nanoseconds"][part][of].as_f64().unwrap());
        assert!(0.0 < least && least <= median, "{report}");
    }
    let rule =
        |name: &str| event["rules"].as_array().unwrap().iter().find(|rule| rule["rule"] == name).unwrap();
    let paid = rule("paid");
    assert_eq!(paid["keys"], json!([r#"status == "paid""#]));
    assert_eq!(paid["parts"][0]["text"], r#"status == "paid""#);
    assert!(paid["parts"][0]["share"].as_f64().unwrap() < 0.5, "{paid}");
    let other = rule("all_but_one");
    assert_eq!(other["keys"], json!([]));
    assert_eq!(other["parts"][0]["unused"], "negated");
}

#[test]
fn given_events_are_measured_and_what_no_key_leads_to_is_told() {
    let order = order().to_string();
    let arguments = ["bench", "--millis", "1", "--event", "shop.order.created", "--data", "-"];
    let ran =
        hence_reading(project(RULES).path(), &arguments, format!("{order}\n{order}\n").as_bytes()).exits(0);
    let lines: Vec<&str> = ran.out.lines().collect();
    assert!(lines[0].starts_with("shop.order.created: 2 rules, 2 events of "), "{ran:#?}");
    for (line, start) in [(1, "  decode "), (2, "  match "), (3, "  conditions "), (4, "  all ")] {
        assert!(lines[line].starts_with(start), "{ran:#?}");
    }
    let always = "\
  looked at for every event:
    all_but_one: no part of its condition selects events
      `status != \"cancelled\"`: it says what an event must not have, and nearly every event has something else
";
    assert!(ran.out.ends_with(always), "{}", ran.out);
}

#[test]
fn events_of_no_rule_are_told_and_alone_are_an_error() {
    let project = project(RULES);
    let data = r#"{"event": "shop.order.cancelled", "data": {}}"#;
    let ran = hence_reading(project.path(), &["bench", "--data", "-"], data.as_bytes()).exits(2);
    assert!(ran.err.starts_with("hence: no rule starts with `shop.order.cancelled`"), "{ran:#?}");
    let empty = folder(&[("hence.toml", "name = \"example\"\n")]);
    let ran = hence(empty.path(), &["bench"]).exits(2);
    assert!(ran.err.contains("no rule of the project starts with an event"), "{ran:#?}");
}
