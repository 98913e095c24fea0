//! `hence run --entry-point`, `hence why --entry-point`, and rules that cannot be run.

use crate::support::{folder, hence, hence_reading, project};

const RULES: &str = r#"
group pricing = best by cart.discount

rule coupon
  group pricing
when checkout
if   cart.coupon == "SUMMER"
then set cart.discount = 10%
     ui.display_message(text: "10% off")

rule many_pieces
  group pricing
when checkout
if   cart.quantity > 10
then set cart.discount = 5%

rule refuse
when checkout
if   cart.quantity > 100
then block "too many"
"#;

const MANY: &str = r#"{"currency": "EUR", "cart": {"id": "a", "lines": [], "quantity": 11, "subtotal": "9.00", "coupon": "SUMMER"}}"#;

#[test]
fn a_decision_tells_what_counts_and_what_does_not() {
    let arguments = ["run", "--entry-point", "checkout", "--data", "-"];
    let ran = hence_reading(project(RULES).path(), &arguments, MANY.as_bytes()).exits(0);
    let expected = "\
checkout event-1
  ✓ coupon
      set cart.discount = 10
      ui.display_message(text: \"10% off\")
  ✓ many_pieces
      does not count: group `pricing` takes the best: 10% of `coupon`, against 5%
  – not matched: refuse
  not blocked
";
    assert_eq!(ran.out, expected);
}

#[test]
fn a_refusal_and_a_context_that_breaks_its_schema_are_wrong() {
    let arguments = ["run", "--entry-point", "checkout", "--data", "-", "--format", "json"];
    let contexts = format!("{}\n{}", MANY.replace("11", "111"), MANY.replace("\"quantity\": 11, ", ""));
    let lines = hence_reading(project(RULES).path(), &arguments, contexts.as_bytes()).exits(1).json_lines();
    assert_eq!(lines[0]["blocked"], "too many");
    assert_eq!(lines[0]["matched"].as_array().unwrap().len(), 3);
    assert_eq!(lines[1]["schema_mismatches"][0]["pointer"], "/cart/quantity");
}

#[test]
fn why_explains_a_rule_of_a_decision() {
    let arguments = ["why", "refuse", "--entry-point", "checkout", "--data", "-"];
    let ran = hence_reading(project(RULES).path(), &arguments, MANY.as_bytes()).exits(0);
    assert!(ran.out.starts_with("refuse did not match checkout event-1\n"), "{}", ran.out);
    assert!(ran.out.contains("would match if `cart.quantity` were at least 101"), "{}", ran.out);
}

#[test]
fn an_unknown_entry_point_is_told_with_the_one_meant() {
    let arguments = ["run", "--entry-point", "chekout", "--data", "-"];
    let ran = hence_reading(project(RULES).path(), &arguments, MANY.as_bytes()).exits(2);
    assert_eq!(ran.err, "hence: no integration has the entry point `chekout`; did you mean `checkout`?\n");
}

const EXTERNAL: &str = r#"
extern fn risk_score(total: money) -> decimal from "functions/risk.wasm"

rule risky
when shop.order.created
if   risk_score(total) > 0.8
then log.write(message: "risky")

rule others
when shop.order.created
then log.write(message: "seen")

test "a risky order"
  given shop.order.created
  with risk_score returns 0.9
  expect risky ran

test "a harmless order"
  given shop.order.created
  with risk_score returns 0.1
  expect risky not ran because risk_score(total) > 0.8
"#;

#[test]
fn rules_that_call_external_functions_are_tested_and_not_run() {
    let project = project(EXTERNAL);
    hence(project.path(), &["check"]).exits(0);
    hence(project.path(), &["test"]).exits(0);
    let event = r#"{"event": "shop.order.created", "data": {}}"#;
    for command in [&["run", "--data", "-"][..], &["why", "risky", "--data", "-"]] {
        let ran = hence_reading(project.path(), command, event.as_bytes()).exits(1);
        assert!(ran.err.contains("error[H5090]"), "{}", ran.err);
        assert!(ran.err.contains("risk_score(total)"), "{}", ran.err);
        assert_eq!(ran.out, "");
    }
    let ran = hence(project.path(), &["serve"]).exits(1);
    assert!(ran.err.contains("error[H5090]"), "{}", ran.err);
    let others = ["run", "--data", "-", "--rule", "others"];
    hence_reading(project.path(), &others, event.as_bytes()).exits(0);
}

#[test]
fn a_test_that_does_not_say_the_value_of_an_external_function_fails() {
    let rules = EXTERNAL.replace("  with risk_score returns 0.1\n", "");
    let folder = folder(&[("hence.toml", "name = \"a\""), ("a.rule", &rules)]);
    let ran = hence(folder.path(), &["test"]).exits(1);
    let told = "`risky` calls the external function `risk_score`, whose value the test does not say";
    assert!(ran.err.contains(told) || ran.out.contains(told), "{ran:#?}");
}
