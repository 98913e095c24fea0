//! Which answers count.

use hence_builtins::BinaryOperator;
use hence_diagnostics::Span;
use hence_ir::{Effect as Said, NodeId, Resolution, Rule, Step};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Value, Wire};

use super::*;
use crate::sample::{Expressions, instant, program};

fn set(field: &str, value: NodeId) -> Step {
    let effect = Said::Set { field: field.into(), wire: Wire::Plain, sensitive: false, value };
    Step::Answer { effect, span: Span::default() }
}

/// A rule that sets `total` and belongs to a group.
fn rule(name: &str, priority: u8, value: i64, resolution: impl Fn(NodeId) -> Option<Resolution>) -> Rule {
    let mut code = Expressions::default();
    let (total, value) = (code.total(), code.constant(Value::Int(value)));
    let mut then = Vec::new();
    if let Some(resolution) = resolution(total) {
        then.push(Step::Resolve { group: "g".into(), resolution });
    }
    then.push(set("total", value));
    Rule { priority, ..code.rule(name, None, then) }
}

#[track_caller]
fn check(rules: Vec<Rule>, expected: &str) {
    let question =
        Question { entry_point: "shop.order.created", context: r#"{"total": 1}"#, id: "q", at: instant(0) };
    let decision = decide(&program(rules), &question, &TimeZone::UTC);
    let mut said: Vec<String> = decision
        .answers
        .iter()
        .map(|answer| match &answer.effect {
            Effect::Set { field, value, .. } => format!("{} sets {field} to {value}", answer.rule),
            Effect::Act { action, .. } => format!("{} says {action}", answer.rule),
            Effect::Block { reason } => format!("{} blocks: {reason}", answer.rule),
        })
        .collect();
    said.extend(
        decision.overruled.iter().map(|overruled| format!("not {}: {}", overruled.rule, overruled.why)),
    );
    said.extend(decision.failed.iter().map(|(rule, error)| format!("{rule} failed: {error}")));
    assert_eq!(said.join("; "), expected);
}

#[test]
fn of_two_rules_that_set_one_field_the_first_counts() {
    check(
        vec![rule("a", 7, 10, |_| None), rule("b", 5, 20, |_| None)],
        "a sets total to 10; not b: `a` sets it with priority 7, which is higher than 5",
    );
}

#[test]
fn a_group_takes_its_first_rule_or_its_best() {
    let first = |_| Some(Resolution::First);
    check(
        vec![rule("a", 5, 10, first), rule("b", 5, 20, first)],
        "a sets total to 10; not b: group `g` takes one rule, and `a` comes first",
    );
    let best = |total| Some(Resolution::Best(total));
    check(
        vec![rule("a", 5, 10, best), rule("b", 5, 20, best)],
        "b sets total to 20; not a: group `g` takes the best: 20 of `b`, against 10",
    );
}

#[test]
fn of_equally_good_rules_the_first_is_taken() {
    let best = |total| Some(Resolution::Best(total));
    check(
        vec![rule("a", 5, 20, best), rule("b", 5, 20, best)],
        "a sets total to 20; not b: group `g` takes the best: 20 of `a`, against 20",
    );
}

#[test]
fn a_rule_that_fails_answers_nothing_and_leaves_the_others_alone() {
    let mut code = Expressions::default();
    let (one, zero) = (code.constant(Value::Int(1)), code.constant(Value::Int(0)));
    let quotient = code.binary(BinaryOperator::Divide, one, zero);
    let failing = code.rule("a", None, vec![set("total", one), set("other", quotient)]);
    check(
        vec![failing, rule("b", 5, 20, |_| None)],
        "b sets total to 20; a failed: division by zero, where left is 1, right is 0 [H5002]",
    );
}

#[test]
fn what_a_rule_sets_again_has_the_later_value() {
    let mut code = Expressions::default();
    let (one, two) = (code.constant(Value::Int(1)), code.constant(Value::Int(2)));
    let rule = code.rule("a", None, vec![set("x", one), set("x", two)]);
    check(vec![rule], "a sets x to 2");
}

#[test]
fn the_version_is_that_of_all_rules_of_the_entry_point() {
    let of = |rules: Vec<Rule>| version(&program(rules), "shop.order.created");
    let (a, b) = (rule("a", 5, 10, |_| None), rule("b", 5, 20, |_| None));
    let changed = Rule { version: "2".into(), ..a.clone() };
    assert_ne!(of(vec![a.clone(), b.clone()]), of(vec![changed, b.clone()]));
    assert_eq!(of(vec![a.clone(), b.clone()]), of(vec![a, b]));
}
