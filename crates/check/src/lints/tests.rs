//! What the lints report, and what they leave alone.

use crate::tests::{diagnostics, reported, rule};

/// Checks a condition; returns the labels of what is reported, with the text under them.
#[track_caller]
fn labels(condition: &str) -> Vec<String> {
    let (sources, found) = diagnostics(&rule(condition));
    let mut labels = Vec::new();
    for one in found {
        let place =
            |label: &hence_diagnostics::Label| format!("{}: {}", sources.slice(label.span), label.text);
        labels.push(format!("{} {}", one.code, place(&one.primary)));
        labels.extend(one.secondary.iter().map(place));
    }
    labels
}

#[test]
fn both_parts_that_exclude_each_other_are_labelled() {
    assert_eq!(
        labels("risk == \"high\" and total > 500 EUR and total < 100 EUR"),
        ["H4006 total < 100 EUR: `< 100 EUR` here", "total > 500 EUR: `> 500 EUR` here"]
    );
    assert_eq!(
        labels("status != \"cancelled\" or status != \"refunded\""),
        [
            "H4007 status != \"refunded\": or `!= \"refunded\"` here",
            "status != \"cancelled\": `!= \"cancelled\"` here"
        ]
    );
}

#[test]
fn a_part_that_is_to_blame_alone_is_reported_alone() {
    assert_eq!(labels("id == 5.5"), ["H4006 id == 5.5: nothing is so"]);
    assert_eq!(labels("total > 5 EUR and id == 5.5"), ["H4006 id == 5.5: nothing is so"]);
    assert_eq!(
        labels("total > 5 EUR or (id > 5 and id < 3)"),
        ["H4006 id < 3: `< 3` here", "id > 5: `> 5` here"]
    );
    assert_eq!(
        labels("total > 5 EUR and (id > 5 or id < 8)"),
        ["H4007 id < 8: or `< 8` here", "id > 5: `> 5` here"]
    );
    assert_eq!(labels("(id > 5 and id < 3) or (id > 9 and id < 8)").len(), 1);
}

#[test]
fn parts_that_only_together_exclude_each_other_are_reported_as_a_whole() {
    let condition = "id in [1, 2] and id != 1 and id != 2";
    assert_eq!(labels(condition), [format!("H4006 {condition}: its parts never hold together")]);
}

#[test]
fn conditions_within_expressions_are_looked_into() {
    let condition = "any(line in items, line.quantity > 5 and line.quantity < 2)";
    assert_eq!(labels(condition), ["H4006 line.quantity < 2: `< 2` here", "line.quantity > 5: `> 5` here"]);
    assert_eq!(labels("(if id > 5 and id < 2 then 1 else 2) == 1").len(), 2);
}

#[test]
fn what_is_written_on_purpose_is_left_alone() {
    for condition in ["true", "false", "(false)", "risk == \"high\"", "note is missing or length(note) > 5"] {
        assert_eq!(labels(condition), [""; 0], "{condition}");
    }
}

/// A rule with steps behind a condition on the id.
fn steps(condition: &str, steps: &str) -> String {
    format!("rule one\nwhen shop.order.created\nif {condition}\nthen {steps}\n")
}

#[test]
fn steps_know_the_conditions_around_and_before_them() {
    let log = "log.write(message: \"x\")";
    let text = steps("id > 10", &format!("if id < 5 {{ {log} }}"));
    assert_eq!(reported(&text), ["H4006 id < 5"]);
    let text = steps("true", &format!("if id > 10 {{ {log} }} else if id > 20 {{ {log} }}"));
    assert_eq!(reported(&text), ["H4006 id > 20"]);
    let text = steps("true", &format!("if id > 10 {{ stop }} if id > 20 {{ {log} }}"));
    assert_eq!(reported(&text), ["H4006 id > 20"]);
    // The last of several that exclude each other is often written out; that it always holds is no mistake.
    let text = steps("true", &format!("if id > 10 {{ {log} }} else if id <= 10 {{ {log} }}"));
    assert_eq!(reported(&text), [""; 0]);
    let text = steps("created_at > now - 1 h", &format!("if created_at < now - 1 h {{ {log} }}"));
    assert_eq!(reported(&text), [""; 0], "a step may run later");
    let text = steps("id > 10", &format!("{log} otherwise if id > 20 {{ {log} }}"));
    assert_eq!(reported(&text), ["H4006 id > 20"]);
}

#[test]
fn parts_that_follow_from_others_are_reported_once() {
    assert_eq!(
        labels("total > 5 EUR and total != 0 EUR"),
        ["H4008 total != 0 EUR: `!= 0 EUR` holds wherever the other does", "total > 5 EUR: `> 5 EUR` here"]
    );
    assert_eq!(
        labels("id > 5 or id > 10"),
        ["H4008 id > 10: where `> 10` holds, the other does too", "id > 5: `> 5` here"]
    );
    assert_eq!(labels("id >= 5 and not id < 5").len(), 2);
}

#[test]
fn guards_add_something() {
    let needed = [
        "note is present and length(note) > 5",
        "coupon is present and coupon starts with \"A\" and coupon == \"AB\"",
        "id != 0 and 100 / id > 5 and id > 3",
        "id > 5 and id < 8",
    ];
    for condition in needed {
        assert_eq!(labels(condition), [""; 0], "{condition}");
    }
}

#[test]
fn a_condition_that_stands_twice_can_be_removed() {
    let (_, found) = diagnostics(&rule("risk == \"low\" and (id > 5 and event.risk == \"low\")"));
    let [one] = found.as_slice() else { panic!("{found:?}") };
    let text = rule("risk == \"low\" and (id > 5 and event.risk == \"low\")");
    assert_eq!(hence_diagnostics::apply(&text, &one.fixes), rule("risk == \"low\" and (id > 5)"));
}

#[test]
fn a_value_is_not_compared_with_itself() {
    assert_eq!(
        labels("billing_address?.city == event.billing_address?.city"),
        ["H4010 event.billing_address?.city: so it is always true", "billing_address?.city: the same value"]
    );
    assert_eq!(reported(&rule("total > total")), ["H4010 total"]);
    assert_eq!(reported(&rule("total > customer.spent")), [""; 0]);
}

#[test]
fn texts_of_one_case_are_compared_with_that_case() {
    let found = [
        ("lower(number) == \"ABC\"", "\"ABC\""),
        ("\"abc\" != upper(number)", "\"abc\""),
        ("lower(number) in [\"a\", \"B\"]", "\"B\""),
        ("lower(number) starts with \"Ä\"", "\"Ä\""),
    ];
    for (condition, place) in found {
        assert_eq!(reported(&rule(condition)), [format!("H4011 {place}")], "{condition}");
    }
    for condition in
        ["lower(number) == \"a-1\"", "lower(number) == \"A\" ignoring case", "upper(number) != \"Ä1\""]
    {
        assert_eq!(reported(&rule(condition)), [""; 0], "{condition}");
    }
}

#[test]
fn rules_that_do_the_same_are_told_whatever_they_call_the_event() {
    let one = "rule one\nwhen shop.order.created or shop.order.updated\nif total > 5 EUR\nthen let a = number log.write(message: a)\n";
    let same = one.replace("rule one", "rule two\n  priority 3").replace("total", "event.total");
    let same = same.replace("a = ", "b = ").replace("message: a", "message: b");
    assert_eq!(reported(&format!("{one}{same}")), ["H4012 two"]);
    let other = same.replace("5 EUR", "6 EUR");
    assert_eq!(reported(&format!("{one}{other}")), [""; 0]);
}

#[test]
fn parameters_are_used_or_begin_with_an_underscore() {
    let text = format!("fn f(a: int, b: int, _c: int) -> bool = a > 5\n{}", rule("f(1, 2, 3)"));
    assert_eq!(reported(&text), ["H4013 b"]);
}
