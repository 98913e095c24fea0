//! Explanations as people and programs see them, and that they agree with the interpreter.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Presence};
use hence_ir::{LocalId, Operation, Quantifier};
use hence_types::{Enumeration, Field, Record, Type, Value, Wire};
use proptest::prelude::*;

use super::{Marks, Outcome, Part, Verdict};
use crate::sample::{Sample, comparison, context, euro, in_euro, money, vip_customer};
use crate::verdict;

#[track_caller]
fn check(sample: &Sample, payload: &str, expected: &str) {
    assert_eq!(sample.rendered(payload).trim_end(), expected.trim(), "{payload}");
}

#[test]
fn a_conjunction_that_fails_early_says_what_was_not_evaluated() {
    check(
        &vip_customer(),
        r#"{"total":"240.00","customer":{"tags":[]}}"#,
        r#"
vip_customer did not match shop.order.created evt-7
✗ total > 1000 EUR and "vip" not in customer.tags
├ ✗ total > 1000 EUR
│   total = 240.00 EUR
└ – "vip" not in customer.tags   (not evaluated)
would match if `total` were at least 1000.01 EUR
"#,
    );
}

#[test]
fn every_part_of_a_match_is_shown() {
    check(
        &vip_customer(),
        r#"{"total":"2400","customer":{"tags":["new"]}}"#,
        r#"
vip_customer matched shop.order.created evt-7
✓ total > 1000 EUR and "vip" not in customer.tags
├ ✓ total > 1000 EUR
│   total = 2400.00 EUR
└ ✓ "vip" not in customer.tags
    customer.tags = ["new"]
"#,
    );
}

#[test]
fn ascii_has_marks_of_its_own() {
    let sample = vip_customer();
    let explanation = sample.explain(r#"{"total":"2400","customer":{"tags":["vip"]}}"#);
    let expected = r#"
vip_customer did not match shop.order.created evt-7
x total > 1000 EUR and "vip" not in customer.tags
|-+ total > 1000 EUR
|   total = 2400.00 EUR
`-x "vip" not in customer.tags
    customer.tags = ["vip"]
would match if `customer.tags` did not contain "vip"
"#;
    let rendered = explanation.render(&|span| sample.text(span), Marks::Ascii);
    assert_eq!(rendered.trim_end(), expected.trim());
}

#[test]
fn no_flip_is_told_where_two_parts_fail() {
    let rendered = vip_customer().rendered(r#"{"total":"2","customer":{"tags":["vip"]}}"#);
    assert!(!rendered.contains("would match"), "{rendered}");
}

#[test]
fn what_cannot_be_evaluated_says_where_and_with_which_values() {
    check(
        &vip_customer(),
        r#"{"total":"abc","customer":{"tags":["vip"]}}"#,
        r#"
vip_customer could not be decided for shop.order.created evt-7
? total > 1000 EUR and "vip" not in customer.tags
├ ? total > 1000 EUR   (a value is missing that the schema promises)
│   total is missing
└ – "vip" not in customer.tags   (not evaluated)
undecided: a value is missing that the schema promises in `total`, where total is missing
`total` counts as missing: expected money (EUR) as text, found `"abc"`
"#,
    );
}

#[test]
fn mismatches_of_values_that_the_condition_does_not_read_are_left_out() {
    let mut sample = comparison(BinaryOperator::Equal, 5);
    sample.slot_spelt("x", Type::Int, Wire::Text, false);
    let explanation = sample.explain(r#"{"x":5}"#);
    assert_eq!(sample.slots(r#"{"x":5}"#).mismatches.len(), 1);
    assert_eq!(explanation.mismatches, []);
}

#[test]
fn a_rule_without_condition_says_so() {
    check(
        &Sample::new(""),
        "{}",
        "sample matched shop.order.created evt-7\nno condition: every event matches",
    );
}

fn chain() -> Sample {
    let mut sample = Sample::new("a and b and not (c == 3)");
    let a = sample.slot("a", Type::Bool);
    let b = sample.slot("b", Type::Bool);
    let c = sample.slot("c", Type::Int);
    let three = sample.int(3);
    let equal = sample.binary("c == 3", BinaryOperator::Equal, c, three);
    let not = sample.node("not (c == 3)", Operation::Not(equal));
    let first = sample.node("a and b", Operation::And(a, b));
    let all = sample.node("a and b and not (c == 3)", Operation::And(first, not));
    sample.when(all)
}

#[test]
fn a_chain_of_one_connective_is_one_level() {
    check(
        &chain(),
        r#"{"a":true,"b":false,"c":4}"#,
        r#"
sample did not match shop.order.created evt-7
✗ a and b and not (c == 3)
├ ✓ a
├ ✗ b
└ – not (c == 3)   (not evaluated)
would match if `b` were true
"#,
    );
    check(
        &chain(),
        r#"{"a":true,"b":true,"c":3}"#,
        r#"
sample did not match shop.order.created evt-7
✗ a and b and not (c == 3)
├ ✓ a
├ ✓ b
└ ✗ not (c == 3)
  └ ✓ c == 3
      c = 3
would match if `c` were something other than 3
"#,
    );
}

#[test]
fn parts_that_the_verdict_rests_on_are_marked() {
    let explanation = chain().explain(r#"{"a":true,"b":false,"c":4}"#);
    let condition = explanation.condition.unwrap();
    let decided: Vec<bool> = condition.children.iter().map(|part| part.decided).collect();
    assert_eq!((condition.decided, decided), (true, vec![false, true, false]));
    let explanation = chain().explain(r#"{"a":true,"b":true,"c":4}"#);
    assert!(explanation.condition.unwrap().children.iter().all(|part| part.decided));
}

#[test]
fn either_side_of_a_disjunction_may_be_told() {
    let mut sample = Sample::new("a >= 5 or b < 7");
    let a = sample.slot("a", Type::Int);
    let five = sample.int(5);
    let first = sample.binary("a >= 5", BinaryOperator::GreaterOrEqual, a, five);
    let b = sample.slot("b", Type::Int);
    let seven = sample.int(7);
    let second = sample.binary("b < 7", BinaryOperator::Less, b, seven);
    let node = sample.node("a >= 5 or b < 7", Operation::Or(first, second));
    check(
        &sample.when(node),
        r#"{"a":1,"b":9}"#,
        "
sample did not match shop.order.created evt-7
✗ a >= 5 or b < 7
├ ✗ a >= 5
│   a = 1
└ ✗ b < 7
    b = 9
would match if `a` were at least 5
would match if `b` were at most 6
",
    );
}

#[test]
fn a_quantifier_shows_the_element_that_decides() {
    let mut sample = Sample::new("any(x in xs, x > 10)");
    let xs = sample.slot("xs", Type::List(Arc::new(Type::Int)));
    let x = sample.node("x", Operation::Local(LocalId(0)));
    let ten = sample.int(10);
    let body = sample.binary("x > 10", BinaryOperator::Greater, x, ten);
    let node = sample.quantifier("any(x in xs, x > 10)", Quantifier::Any, LocalId(0), xs, body);
    let sample = sample.when(node);
    check(
        &sample,
        r#"{"xs":[1,2,30,40]}"#,
        "
sample matched shop.order.created evt-7
✓ any(x in xs, x > 10)
  xs = [1, 2, 30, 40]
└ ✓ [2] x > 10
    x = 30
",
    );
    check(
        &sample,
        r#"{"xs":[1,2]}"#,
        "
sample did not match shop.order.created evt-7
✗ any(x in xs, x > 10)
  xs = [1, 2]
├ ✗ [0] x > 10
│   x = 1
└ ✗ [1] x > 10
    x = 2
",
    );
    let many = format!(r#"{{"xs":[{}]}}"#, vec!["1"; 1000].join(","));
    assert!(sample.rendered(&many).lines().count() < 40);
}

#[test]
fn values_in_between_are_shown() {
    let mut sample = Sample::new("(a + b) * 2 == 10");
    let (a, b) = (sample.slot("a", Type::Int), sample.slot("b", Type::Int));
    let sum = sample.binary("a + b", BinaryOperator::Add, a, b);
    let two = sample.int(2);
    let product = sample.binary("(a + b) * 2", BinaryOperator::Multiply, sum, two);
    let ten = sample.int(10);
    let node = sample.binary("(a + b) * 2 == 10", BinaryOperator::Equal, product, ten);
    check(
        &sample.when(node),
        r#"{"a":1,"b":2}"#,
        "
sample did not match shop.order.created evt-7
✗ (a + b) * 2 == 10
  (a + b) * 2 = 6
    a + b = 3
      a = 1
      b = 2
",
    );
}

#[test]
fn sensitive_values_are_masked_everywhere() {
    let mut sample = Sample::new("lower(card) == other");
    let card = sample.slot_spelt("card", Type::String, Wire::Plain, true);
    let other = sample.slot("other", Type::String);
    let function = hence_builtins::FunctionId::Lower;
    let lower = sample.node("lower(card)", Operation::Call { function, arguments: vec![card] });
    let node = sample.binary("lower(card) == other", BinaryOperator::Equal, lower, other);
    let sample = sample.when(node);
    let payload = r#"{"card":"SECRET","other":"x"}"#;
    check(
        &sample,
        payload,
        r#"
sample did not match shop.order.created evt-7
✗ lower(card) == other
  lower(card) = ***
    card = ***
  other = "x"
"#,
    );
    let json = sample.explain(payload).to_json(&|span| sample.text(span)).to_string();
    assert!(!json.to_lowercase().contains("secret"), "{json}");
}

#[test]
fn a_sensitive_field_of_a_record_is_masked_wherever_the_record_comes_from() {
    let mut shape = Record::default();
    let plain = Field::plain(Type::String);
    shape.fields.insert("holder".into(), plain.clone());
    shape.fields.insert("number".into(), Field { sensitive: true, ..plain });
    let mut sample = Sample::new("any(card in cards, card.number == card.holder)");
    let cards = sample.slot("cards", Type::List(Arc::new(Type::Record(Arc::new(shape)))));
    let card = sample.node("card", Operation::Local(LocalId(0)));
    let field = |index, name: &str| Operation::Field { base: card, index, name: name.into() };
    let number = sample.node("card.number", field(1, "number"));
    let holder = sample.node("card.holder", field(0, "holder"));
    let body = sample.binary("card.number == card.holder", BinaryOperator::Equal, number, holder);
    let text = sample.source.clone();
    let node = sample.quantifier(&text, Quantifier::Any, LocalId(0), cards, body);
    check(
        &sample.when(node),
        r#"{"cards":[{"holder":"Ann","number":"4111"}]}"#,
        r#"
sample did not match shop.order.created evt-7
✗ any(card in cards, card.number == card.holder)
  cards = [{ holder: "Ann", number: "***" }]
└ ✗ [0] card.number == card.holder
    card.number = ***
    card.holder = "Ann"
"#,
    );
}

#[test]
fn elements_of_a_sensitive_list_are_masked() {
    let mut sample = Sample::new("any(pin in pins, pin > 5)");
    let pins = sample.slot_spelt("pins", Type::List(Arc::new(Type::Int)), Wire::Plain, true);
    let pin = sample.node("pin", Operation::Local(LocalId(0)));
    let five = sample.int(5);
    let body = sample.binary("pin > 5", BinaryOperator::Greater, pin, five);
    let node = sample.quantifier("any(pin in pins, pin > 5)", Quantifier::Any, LocalId(0), pins, body);
    let sample = sample.when(node);
    let payload = r#"{"pins":[4321,8765]}"#;
    let json = sample.explain(payload).to_json(&|span| sample.text(span)).to_string();
    let shown = sample.rendered(payload) + &json;
    assert!(shown.contains("pin = ***") && !shown.contains("4321"), "{shown}");
}

#[test]
fn a_flip_of_a_field_that_is_part_of_another_one_is_not_told() {
    let mut sample = Sample::new("a.b > 5 or a == a");
    let inner = sample.slot("a.b", Type::Int);
    let five = sample.int(5);
    let big = sample.binary("a.b > 5", BinaryOperator::Greater, inner, five);
    let outer = sample.slot("a", Type::Json);
    let differ = sample.binary("a == a", BinaryOperator::NotEqual, outer, outer);
    let node = sample.node("a.b > 5 or a == a", Operation::Or(big, differ));
    let rendered = sample.when(node).rendered(r#"{"a":{"b":1}}"#);
    assert!(!rendered.contains("would match"), "{rendered}");
}

/// Returns the flips told for a comparison of a slot of this type.
#[track_caller]
fn flip(operator: BinaryOperator, ty: Type, wire: Wire, payload: &str, bound: Value, expected: &str) {
    let mut sample = Sample::new("x ? bound");
    let x = sample.slot_spelt("x", ty, wire, false);
    let bound = sample.constant("bound", bound);
    let node = sample.binary("x ? bound", operator, x, bound);
    let sample = sample.when(node);
    let rendered = sample.rendered(payload);
    let told: Vec<&str> = rendered.lines().filter_map(|line| line.strip_prefix("would ")).collect();
    assert_eq!(told.join("; "), expected, "{payload}");
}

#[test]
fn a_flip_is_the_nearest_value_in_words() {
    let int = |operator, x: i64, expected: &str| {
        flip(operator, Type::Int, Wire::Plain, &format!(r#"{{"x":{x}}}"#), Value::Int(5), expected);
    };
    int(BinaryOperator::Greater, 3, "match if `x` were at least 6");
    int(BinaryOperator::GreaterOrEqual, 3, "match if `x` were at least 5");
    int(BinaryOperator::Less, 8, "match if `x` were at most 4");
    int(BinaryOperator::LessOrEqual, 8, "match if `x` were at most 5");
    int(BinaryOperator::Equal, 8, "match if `x` were 5");
    int(BinaryOperator::NotEqual, 5, "match if `x` were something other than 5");
    int(BinaryOperator::Greater, 8, "not match if `x` were at most 5");
    let euros = Type::Money(Some(euro()));
    flip(
        BinaryOperator::Less,
        euros,
        in_euro(),
        r#"{"x":"8"}"#,
        money("5.005"),
        "match if `x` were at most 5.00 EUR",
    );
    let fraction = Value::Decimal("2.5".parse().unwrap());
    flip(
        BinaryOperator::Greater,
        Type::Int,
        Wire::Plain,
        r#"{"x":1}"#,
        fraction.clone(),
        "match if `x` were at least 3",
    );
    flip(
        BinaryOperator::Greater,
        Type::Decimal,
        Wire::Plain,
        r#"{"x":1}"#,
        fraction,
        "match if `x` were more than 2.5",
    );
    let day = Value::Date("2026-11-27".parse().unwrap());
    flip(
        BinaryOperator::Less,
        Type::Date,
        Wire::Plain,
        r#"{"x":"2026-12-01"}"#,
        day,
        "match if `x` were earlier than 2026-11-27",
    );
    let list = Value::List([Value::text("a"), Value::text("b")].into());
    flip(
        BinaryOperator::In,
        Type::String,
        Wire::Plain,
        r#"{"x":"c"}"#,
        list,
        r#"match if `x` were one of ["a", "b"]"#,
    );
    flip(
        BinaryOperator::StartsWith,
        Type::String,
        Wire::Plain,
        r#"{"x":"c"}"#,
        Value::text("a"),
        r#"match if `x` started with "a""#,
    );
}

#[test]
fn a_flip_that_no_event_could_make_is_not_told() {
    let max = Value::Int(i64::MAX);
    flip(BinaryOperator::Greater, Type::Int, Wire::Plain, r#"{"x":1}"#, max, "");
    let status = Enumeration { name: None, values: vec!["open".into(), "done".into()], origin: None };
    let status = Type::Enum(Arc::new(status));
    let plain = Wire::Plain;
    flip(BinaryOperator::Equal, status.clone(), plain.clone(), r#"{"x":"open"}"#, Value::text("gone"), "");
    flip(
        BinaryOperator::NotEqual,
        status,
        plain,
        r#"{"x":"open"}"#,
        Value::text("open"),
        r#"match if `x` were something other than "open""#,
    );
}

#[test]
fn json_has_the_documented_form() {
    let sample = vip_customer();
    let explanation = sample.explain(r#"{"total":"240.00","customer":{"tags":1}}"#);
    let json = explanation.to_json(&|span| sample.text(span));
    let expected = serde_json::json!({
        "rule": "vip_customer", "event": "shop.order.created", "id": "evt-7", "verdict": "not_matched",
        "condition": {
            "text": "total > 1000 EUR and \"vip\" not in customer.tags",
            "span": { "file": 0, "start": 0, "end": 47 },
            "outcome": "fails", "kind": "condition", "constant": false, "decided": true,
            "children": [
                {
                    "text": "total > 1000 EUR", "span": { "file": 0, "start": 0, "end": 16 },
                    "outcome": "fails", "kind": "condition", "constant": false, "decided": true,
                    "children": [
                        {
                            "text": "total", "span": { "file": 0, "start": 0, "end": 5 },
                            "outcome": "value", "kind": "value", "constant": false, "decided": true,
                            "children": [], "value": "240.00 EUR",
                        },
                        {
                            "text": "1000 EUR", "span": { "file": 0, "start": 8, "end": 16 },
                            "outcome": "value", "kind": "value", "constant": true, "decided": true,
                            "children": [], "value": "1000.00 EUR",
                        },
                    ],
                },
                {
                    "text": "\"vip\" not in customer.tags", "span": { "file": 0, "start": 21, "end": 47 },
                    "outcome": "not_evaluated", "kind": "condition", "constant": false, "decided": false,
                    "children": [],
                },
            ],
        },
        "mismatches": [{
            "path": "customer.tags", "expected": "list<string>", "found": "`1`",
            "text": "`customer.tags` counts as missing: expected list<string>, found `1`",
        }],
        "flips": [{
            "text": "total", "change": "were at least 1000.01 EUR",
            "sentence": "would match if `total` were at least 1000.01 EUR",
        }],
    });
    assert_eq!(json, expected);
}

#[test]
fn json_of_an_undecided_rule_has_the_fault() {
    let sample = comparison(BinaryOperator::Less, 5);
    let json = sample.explain("{}").to_json(&|span| sample.text(span));
    assert_eq!(json.pointer("/verdict").unwrap(), "undecided");
    assert_eq!(json.pointer("/fault/text").unwrap(), "x");
    assert_eq!(json.pointer("/fault/values/0/name").unwrap(), "x");
    assert_eq!(json.pointer("/condition/outcome").unwrap(), "fault");
}

/// A condition at random: what to build, bottom up, from what is on the stack.
fn any_sample() -> impl Strategy<Value = Sample> {
    proptest::collection::vec((0..9_u8, 0..3_i64), 1..24).prop_map(|orders| {
        let mut sample = Sample::new("a b c");
        let slots = ["a", "b", "c"].map(|name| sample.slot(name, Type::Int.optional()));
        let list = Operation::List(slots.to_vec());
        let list = sample.node("b", list);
        let mut open = Vec::new();
        for (order, number) in orders {
            let slot = slots[usize::try_from(number).unwrap()];
            let int = sample.constant("c", Value::Int(number));
            let quotient = sample.binary("a", BinaryOperator::Divide, slot, int);
            let left = open.pop();
            let right = open.pop();
            let node = match (order, left, right) {
                (0, Some(left), Some(right)) => sample.node("a b", Operation::And(left, right)),
                (1, Some(left), Some(right)) => sample.node("b c", Operation::Or(left, right)),
                (2, Some(left), right) => {
                    open.extend(right);
                    sample.node("c", Operation::Not(left))
                }
                (3, Some(condition), Some(yes)) => {
                    sample.node("a b c", Operation::If { condition, yes, no: condition })
                }
                (4, left, right) => {
                    open.extend(right.into_iter().chain(left));
                    let any = [Quantifier::Any, Quantifier::All][usize::try_from(number).unwrap() % 2];
                    let local = sample.node("b", Operation::Local(LocalId(0)));
                    let body = sample.binary("b c", BinaryOperator::Less, local, int);
                    sample.quantifier("a b", any, LocalId(0), list, body)
                }
                (5, left, right) => {
                    open.extend(right.into_iter().chain(left));
                    sample.presence("b", Presence::Present, slot)
                }
                (6, left, right) => {
                    open.extend(right.into_iter().chain(left));
                    let value = sample.node("a", Operation::Default { operand: slot, default: quotient });
                    sample.binary("a b", BinaryOperator::GreaterOrEqual, value, int)
                }
                (7, left, right) => {
                    open.extend(right.into_iter().chain(left));
                    sample.binary("c", BinaryOperator::Less, quotient, int)
                }
                (_, left, right) => {
                    open.extend(right.into_iter().chain(left));
                    sample.binary("c", BinaryOperator::Equal, slot, int)
                }
            };
            open.push(node);
        }
        let root = open.pop().unwrap();
        sample.when(root)
    })
}

fn any_part(part: &Part, holds: &dyn Fn(&Part) -> bool) -> bool {
    holds(part) || part.children.iter().any(|child| any_part(child, holds))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn explanations_agree_with_the_interpreter(
        sample in any_sample(),
        values in proptest::collection::vec(proptest::option::of(-1..3_i64), 3),
    ) {
        let fields = ["a", "b", "c"].into_iter().zip(&values);
        let payload: serde_json::Map<_, _> =
            fields.map(|(name, value)| (name.to_owned(), serde_json::json!(value))).collect();
        let payload = serde_json::Value::Object(payload).to_string();
        let slots = sample.slots(&payload);
        let result = verdict(&sample.rule, &slots, &context());
        let explanation = super::explain(&sample.rule, &slots, &context());
        let condition = explanation.condition.as_ref().unwrap();
        match result {
            Ok(truth) => {
                prop_assert_eq!(&condition.outcome, &Outcome::Truth(truth));
                let verdict = if truth { Verdict::Matched } else { Verdict::NotMatched };
                prop_assert_eq!(&explanation.verdict, &verdict);
                let no_fault = !any_part(condition, &|part| matches!(part.outcome, Outcome::Fault(_)));
                prop_assert!(no_fault);
            }
            Err(failure) => {
                prop_assert_eq!(&condition.outcome, &Outcome::Fault(failure.to_string()));
                prop_assert_eq!(&explanation.verdict, &Verdict::Undecided(failure));
            }
        }
        explanation.render(&|span| sample.text(span), Marks::Unicode);
        explanation.to_json(&|span| sample.text(span));
    }
}
