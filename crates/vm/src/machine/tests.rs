//! What is evaluated, in which order, and what absence does.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Fault, Presence};
use hence_ir::{LocalId, Node, NodeId, Operation, Quantifier, Segment, SlotId};
use hence_types::{Type, Value};

use super::{DEPTH, Machine, verdict};
use crate::Failure;
use crate::sample::{Sample, comparison, context, vip_customer};

fn optional(ty: Type) -> Type {
    ty.optional()
}

fn evaluate(sample: &Sample, node: NodeId, payload: &str) -> Result<Value, Failure> {
    let slots = sample.slots(payload);
    let mut locals = Vec::new();
    Machine::new(&sample.rule, &slots, &mut locals, &context()).evaluate(node)
}

#[test]
fn a_condition_holds_or_does_not() {
    let sample = vip_customer();
    assert_eq!(sample.verdict(r#"{"total":"1000.01","customer":{"tags":["new"]}}"#), "true");
    assert_eq!(sample.verdict(r#"{"total":"1000.00","customer":{"tags":["new"]}}"#), "false");
    assert_eq!(sample.verdict(r#"{"total":"2000.00","customer":{"tags":["new","vip"]}}"#), "false");
}

#[test]
fn a_rule_without_condition_always_holds() {
    assert_eq!(Sample::new("").verdict("{}"), "true");
}

#[test]
fn and_does_not_evaluate_its_right_side_after_false() {
    let sample = vip_customer();
    assert_eq!(sample.verdict(r#"{"total":"1.00"}"#), "false");
    assert_eq!(sample.verdict(r#"{"customer":{"tags":[]}}"#), Fault::Missing.to_string());
}

#[test]
fn or_does_not_evaluate_its_right_side_after_true() {
    let mut sample = Sample::new("a or b");
    let a = sample.slot("a", Type::Bool);
    let b = sample.slot("b", Type::Bool);
    let node = sample.node("a or b", Operation::Or(a, b));
    let sample = sample.when(node);
    assert_eq!(sample.verdict(r#"{"a":true}"#), "true");
    assert_eq!(sample.verdict(r#"{"a":false,"b":true}"#), "true");
    assert_eq!(sample.verdict(r#"{"a":false}"#), Fault::Missing.to_string());
}

#[test]
fn a_missing_operand_is_a_fault_where_a_value_is_needed_and_says_which() {
    let sample = comparison(BinaryOperator::Greater, 5);
    let failure = verdict(&sample.rule, &sample.slots("{}"), &context()).unwrap_err();
    assert_eq!(failure.fault, Fault::Missing);
    assert_eq!(sample.text(failure.span), "x");
    assert_eq!(failure.values, [("x".to_owned(), "missing".to_owned())]);
}

#[test]
fn equality_takes_what_is_missing() {
    assert_eq!(comparison(BinaryOperator::Equal, 5).verdict("{}"), "false");
    assert_eq!(comparison(BinaryOperator::NotEqual, 5).verdict("{}"), "true");
}

#[test]
fn presence_takes_what_is_missing() {
    let mut sample = Sample::new("x is missing");
    let x = sample.slot("x", optional(Type::Int));
    let node = sample.presence("x is missing", Presence::Missing, x);
    let sample = sample.when(node);
    assert_eq!(sample.verdict("{}"), "true");
    assert_eq!(sample.verdict(r#"{"x":0}"#), "false");
}

#[test]
fn a_default_stands_in_only_for_what_is_missing() {
    let mut sample = Sample::new("(x else 1 / 0)");
    let x = sample.slot("x", optional(Type::Int));
    let (one, zero) = (sample.int(1), sample.int(0));
    let division = sample.binary("1 / 0", BinaryOperator::Divide, one, zero);
    let node = sample.node("x else 1 / 0", Operation::Default { operand: x, default: division });
    assert!(matches!(evaluate(&sample, node, r#"{"x":7}"#), Ok(Value::Int(7))));
    let failure = evaluate(&sample, node, "{}").unwrap_err();
    assert_eq!(failure.to_string(), "division by zero");
    assert_eq!(sample.text(failure.span), "1 / 0");
    assert_eq!(failure.values, [("left".to_owned(), "1".to_owned()), ("right".to_owned(), "0".to_owned())]);
}

#[test]
fn operands_of_a_failure_are_named_by_their_path() {
    let mut sample = Sample::new("order.total / order.count");
    let total = sample.slot("order.total", Type::Int);
    let count = sample.slot("order.count", Type::Int);
    let node = sample.binary("order.total / order.count", BinaryOperator::Divide, total, count);
    let failure = evaluate(&sample, node, r#"{"order":{"total":3,"count":0}}"#).unwrap_err();
    let expected = [("order.total".to_owned(), "3".to_owned()), ("order.count".to_owned(), "0".to_owned())];
    assert_eq!(failure.values, expected);
}

#[test]
fn what_is_computed_from_a_sensitive_field_is_masked_in_failures() {
    let mut sample = Sample::new("(pin + 1) / 0");
    let pin = sample.slot_spelt("pin", Type::Int, hence_types::Wire::Plain, true);
    let (one, zero) = (sample.int(1), sample.int(0));
    let sum = sample.binary("pin + 1", BinaryOperator::Add, pin, one);
    let node = sample.binary("(pin + 1) / 0", BinaryOperator::Divide, sum, zero);
    let failure = evaluate(&sample, node, r#"{"pin":1234}"#).unwrap_err();
    assert_eq!(failure.values.first().map(|(_, value)| value.as_str()), Some("***"));
}

#[test]
fn only_the_chosen_branch_is_evaluated() {
    let mut sample = Sample::new("if c then 1 else y");
    let c = sample.slot("c", Type::Bool);
    let one = sample.int(1);
    let y = sample.slot("y", Type::Int);
    let division = sample.binary("y", BinaryOperator::Divide, y, y);
    let node = sample.node("if c then 1 else y", Operation::If { condition: c, yes: one, no: division });
    assert!(matches!(evaluate(&sample, node, r#"{"c":true}"#), Ok(Value::Int(1))));
    assert_eq!(evaluate(&sample, node, r#"{"c":false,"y":0}"#).unwrap_err().fault, Fault::DivisionByZero);
    assert_eq!(evaluate(&sample, node, "{}").unwrap_err().fault, Fault::Missing);
}

#[test]
fn elements_that_are_not_there_are_missing() {
    let mut sample = Sample::new("xs[i]");
    let xs = sample.slot("xs", Type::List(Arc::new(Type::Int)).optional());
    let i = sample.slot("i", Type::Int);
    let node = sample.node("xs[i]", Operation::Index { base: xs, index: i });
    assert!(matches!(evaluate(&sample, node, r#"{"xs":[4,5],"i":1}"#), Ok(Value::Int(5))));
    for payload in [r#"{"xs":[4,5],"i":2}"#, r#"{"xs":[4,5],"i":-1}"#, r#"{"i":0}"#] {
        assert!(matches!(evaluate(&sample, node, payload), Ok(Value::Missing)), "{payload}");
    }
}

#[test]
fn text_is_put_together_and_wants_every_value() {
    let mut sample = Sample::new("Hi {name}, {n}");
    let name = sample.slot("name", Type::String);
    let n = sample.slot("n", Type::Int);
    let segments = vec![
        Segment::Literal("Hi ".into()),
        Segment::Value(name),
        Segment::Literal(", ".into()),
        Segment::Value(n),
    ];
    let node = sample.node("Hi {name}, {n}", Operation::Text(segments));
    let value = evaluate(&sample, node, r#"{"name":"Zoë","n":12345678901234567}"#).unwrap();
    assert_eq!(value.as_text(), Some("Hi Zoë, 12345678901234567"));
    assert_eq!(evaluate(&sample, node, r#"{"n":1}"#).unwrap_err().fault, Fault::Missing);
}

#[test]
fn between_includes_both_ends() {
    let mut sample = Sample::new("x between 2 and 4");
    let (x, low, high) = (sample.slot("x", Type::Int), sample.int(2), sample.int(4));
    let node = sample.node("x between 2 and 4", Operation::Between { operand: x, low, high });
    let sample = sample.when(node);
    for (x, expected) in [(1, "false"), (2, "true"), (3, "true"), (4, "true"), (5, "false")] {
        assert_eq!(sample.verdict(&format!(r#"{{"x":{x}}}"#)), expected, "{x}");
    }
    assert!(sample.rendered(r#"{"x":1}"#).contains("would match if `x` were at least 2"));
    assert!(sample.rendered(r#"{"x":9}"#).contains("would match if `x` were at most 4"));
    assert_eq!(sample.verdict("{}"), Fault::Missing.to_string());
}

#[test]
fn a_minus_turns_a_value_round_and_overflow_is_a_fault() {
    let mut sample = Sample::new("-x");
    let x = sample.slot("x", Type::Int);
    let node = sample.node("-x", Operation::Negate(x));
    assert!(matches!(evaluate(&sample, node, r#"{"x":5}"#), Ok(Value::Int(-5))));
    let failure = evaluate(&sample, node, r#"{"x":-9223372036854775808}"#).unwrap_err();
    assert!(matches!(failure.fault, Fault::Overflow { .. }));
}

#[test]
fn a_bound_value_is_computed_once_and_may_be_missing() {
    let mut sample = Sample::new("f(x)");
    let x = sample.slot("x", Type::Int.optional());
    let local = sample.node("x", Operation::Local(LocalId(2)));
    let same = sample.binary("x", BinaryOperator::Equal, local, local);
    let node = sample.node("f(x)", Operation::Bind { local: LocalId(2), value: x, body: same });
    for payload in ["{}", r#"{"x":1}"#] {
        assert!(matches!(evaluate(&sample, node, payload), Ok(Value::Bool(true))), "{payload}");
    }
}

fn quantified(quantifier: Quantifier, body: fn(&mut Sample, NodeId) -> NodeId) -> (Sample, NodeId) {
    let mut sample = Sample::new("any(x in xs, 6 / x == 3)");
    let xs = sample.slot("xs", Type::List(Arc::new(Type::Int)));
    let x = sample.node("x in xs", Operation::Local(LocalId(1)));
    let body = body(&mut sample, x);
    let node = sample.quantifier("any(x in xs, 6 / x == 3)", quantifier, LocalId(1), xs, body);
    (sample, node)
}

fn six_by_x_is_three(sample: &mut Sample, x: NodeId) -> NodeId {
    let six = sample.int(6);
    let quotient = sample.binary("6 / x", BinaryOperator::Divide, six, x);
    let three = sample.int(3);
    sample.binary("6 / x == 3", BinaryOperator::Equal, quotient, three)
}

#[test]
fn any_and_all_end_with_the_element_that_decides() {
    let (sample, any) = quantified(Quantifier::Any, six_by_x_is_three);
    assert!(matches!(evaluate(&sample, any, r#"{"xs":[1,2,0]}"#), Ok(Value::Bool(true))));
    assert_eq!(evaluate(&sample, any, r#"{"xs":[1,0,2]}"#).unwrap_err().fault, Fault::DivisionByZero);
    assert!(matches!(evaluate(&sample, any, r#"{"xs":[]}"#), Ok(Value::Bool(false))));
    let (sample, all) = quantified(Quantifier::All, six_by_x_is_three);
    assert!(matches!(evaluate(&sample, all, r#"{"xs":[2,1,0]}"#), Ok(Value::Bool(false))));
    assert!(matches!(evaluate(&sample, all, r#"{"xs":[]}"#), Ok(Value::Bool(true))));
    assert_eq!(evaluate(&sample, all, "{}").unwrap_err().fault, Fault::Missing);
}

#[test]
fn count_and_sum_go_over_all_elements() {
    let (sample, count) = quantified(Quantifier::Count, six_by_x_is_three);
    assert!(matches!(evaluate(&sample, count, r#"{"xs":[2,1,2]}"#), Ok(Value::Int(2))));
    let (sample, sum) = quantified(Quantifier::Sum, |_, x| x);
    assert!(matches!(evaluate(&sample, sum, r#"{"xs":[2,1,2]}"#), Ok(Value::Int(5))));
    assert!(matches!(evaluate(&sample, sum, r#"{"xs":[]}"#), Ok(Value::Int(0))));
    let failure = evaluate(&sample, sum, r#"{"xs":[9223372036854775807,1]}"#).unwrap_err();
    assert!(matches!(failure.fault, Fault::Overflow { .. }));
}

#[test]
fn min_max_and_avg_of_no_elements_are_missing() {
    for quantifier in [Quantifier::Min, Quantifier::Max, Quantifier::Average] {
        let (sample, node) = quantified(quantifier, |_, x| x);
        assert!(evaluate(&sample, node, r#"{"xs":[]}"#).unwrap().is_missing(), "{quantifier}");
    }
    let of = |quantifier| {
        let (sample, node) = quantified(quantifier, |_, x| x);
        evaluate(&sample, node, r#"{"xs":[3,1,4]}"#).unwrap().to_string()
    };
    assert_eq!(of(Quantifier::Min), "1");
    assert_eq!(of(Quantifier::Max), "4");
    assert!(of(Quantifier::Average).starts_with("2.66"));
}

#[test]
fn first_ends_with_the_element_that_decides_and_filter_and_map_go_over_all() {
    let (sample, first) = quantified(Quantifier::First, six_by_x_is_three);
    let found = evaluate(&sample, first, r#"{"xs":[1,2,0]}"#).unwrap();
    assert_eq!(found.to_string(), "2");
    assert!(evaluate(&sample, first, r#"{"xs":[1]}"#).unwrap().is_missing());
    let (sample, filter) = quantified(Quantifier::Filter, six_by_x_is_three);
    assert_eq!(evaluate(&sample, filter, r#"{"xs":[1,2,2]}"#).unwrap().to_string(), "[2, 2]");
    assert_eq!(evaluate(&sample, filter, r#"{"xs":[2,0]}"#).unwrap_err().fault, Fault::DivisionByZero);
    let (sample, map) = quantified(Quantifier::Map, |_, x| x);
    assert_eq!(evaluate(&sample, map, r#"{"xs":[1,2]}"#).unwrap().to_string(), "[1, 2]");
}

#[test]
fn a_local_is_what_it_was_after_the_expression_that_bound_it() {
    let (sample, any) = quantified(Quantifier::Any, six_by_x_is_three);
    let slots = sample.slots(r#"{"xs":[1,0,2]}"#);
    let mut locals = vec![Value::Missing, Value::Int(41)];
    assert!(Machine::new(&sample.rule, &slots, &mut locals, &context()).evaluate(any).is_err());
    assert!(matches!(locals.get(1), Some(Value::Int(41))));
}

#[test]
fn the_event_is_known_by_its_name() {
    let mut sample = Sample::new("event is shop.order.created");
    let created = sample.node("event is shop.order.created", Operation::IsEvent(0));
    let updated = sample.node("event is shop.order.created", Operation::IsEvent(1));
    assert!(matches!(evaluate(&sample, created, "{}"), Ok(Value::Bool(true))));
    assert!(matches!(evaluate(&sample, updated, "{}"), Ok(Value::Bool(false))));
}

#[test]
fn nesting_as_deep_as_allowed_is_evaluated_and_deeper_is_a_fault() {
    let mut sample = Sample::new("not x");
    let mut node = sample.slot("x", Type::Bool);
    for _ in 1..DEPTH {
        node = sample.node("not x", Operation::Not(node));
    }
    assert!(evaluate(&sample, node, r#"{"x":true}"#).is_ok());
    let deeper = sample.node("not x", Operation::Not(node));
    assert!(matches!(evaluate(&sample, deeper, r#"{"x":true}"#).unwrap_err().fault, Fault::Internal { .. }));
    let sample = sample.when(deeper);
    assert!(sample.rendered(r#"{"x":true}"#).contains("could not be decided"));
}

#[test]
fn ir_that_leads_nowhere_is_a_fault() {
    let mut sample = Sample::new("?");
    let nowhere = NodeId(4_000_000_000);
    let operations = [
        Operation::Constant(hence_ir::ConstantId(9)),
        Operation::Slot(SlotId(9)),
        Operation::Local(LocalId(4_000_000_000)),
        Operation::IsEvent(9),
        Operation::Not(nowhere),
        Operation::And(nowhere, nowhere),
        Operation::Negate(nowhere),
        Operation::Text(vec![Segment::Value(nowhere)]),
        Operation::List(vec![nowhere]),
        Operation::Record { shape: Arc::default(), fields: vec![nowhere] },
        Operation::Field { base: nowhere, index: 0, name: "x".into() },
        Operation::Bind { local: LocalId(0), value: nowhere, body: nowhere },
        Operation::Binary {
            operator: BinaryOperator::Less,
            case: Case::Sensitive,
            left: nowhere,
            right: nowhere,
        },
    ];
    for operation in operations {
        let node = sample.node("?", operation.clone());
        let fault = evaluate(&sample, node, "{}").unwrap_err().fault;
        assert!(matches!(fault, Fault::Internal { .. }), "{operation:?}: {fault:?}");
        sample.rule.condition = Some(node);
        sample.rendered("{}");
    }
}

#[test]
fn ir_that_leads_in_a_circle_is_a_fault() {
    let mut sample = Sample::new("?");
    for operation in [
        Operation::Not(NodeId(0)),
        Operation::And(NodeId(0), NodeId(0)),
        Operation::Or(NodeId(0), NodeId(0)),
        Operation::Field { base: NodeId(0), index: 0, name: "x".into() },
        Operation::List(vec![NodeId(0), NodeId(0)]),
        Operation::Binary {
            operator: BinaryOperator::Add,
            case: Case::Sensitive,
            left: NodeId(0),
            right: NodeId(0),
        },
    ] {
        sample.rule.code.nodes = vec![Node { operation, span: sample.rule.span }];
        let sample = Sample { source: "?".to_owned(), rule: sample.rule.clone() }.when(NodeId(0));
        assert!(sample.verdict("{}").contains("internal error"), "{}", sample.verdict("{}"));
        sample.rendered("{}");
    }
}
