//! That conditions become the tests that are quick, and that those answer as the interpreter does.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, FunctionId, Presence};
use hence_ir::{LocalId, NodeId, Operation, Quantifier};
use hence_types::{Field, Record, Type, Value};

use super::{Answer, Frame, LEVELS, Predicate, Step, Target, Test};
use crate::sample::{Sample, comparison, context, money, vip_customer};

/// Returns the tests of a predicate by name, those inside in parentheses.
fn names(predicate: &Predicate) -> String {
    let name = |step: &Step| match &step.test {
        Test::Holds(_) => "holds".to_owned(),
        Test::Is(..) => "is".to_owned(),
        Test::Present(_) => "present".to_owned(),
        Test::Bound { .. } => "bound".to_owned(),
        Test::Compare { .. } => "compare".to_owned(),
        Test::NumberIn(..) => "number in".to_owned(),
        Test::TextIn(..) => "text in".to_owned(),
        Test::TextPart { .. } => "text part".to_owned(),
        Test::Moment { .. } => "moment".to_owned(),
        Test::Apply { operator, .. } => operator.definition().symbol.to_owned(),
        Test::Matches(..) => "matches".to_owned(),
        Test::Search { body, .. } => format!("search({})", names(body)),
        Test::Inner(inner) => format!("inner({})", names(inner)),
        Test::Evaluate => "evaluate".to_owned(),
    };
    predicate.steps.iter().map(name).collect::<Vec<_>>().join(", ")
}

fn tests(sample: &Sample) -> String {
    names(&Predicate::new(&sample.rule))
}

fn answers(sample: &Sample, payloads: &[&str]) -> Vec<Answer> {
    let (predicate, context) = (Predicate::new(&sample.rule), context());
    let answer = |payload: &&str| {
        sample.verdict(payload);
        let slots = sample.slots(payload);
        predicate.steps.first().unwrap().test.answer(&Frame::new(&sample.rule, &slots, &context))
    };
    payloads.iter().map(answer).collect()
}

#[test]
fn connectives_are_jumps() {
    let sample = vip_customer();
    let predicate = Predicate::new(&sample.rule);
    assert_eq!(names(&predicate), "bound, in");
    let targets: Vec<_> = predicate.steps.iter().map(|step| (step.yes, step.no)).collect();
    assert_eq!(targets, [(Target::Step(1), Target::False), (Target::False, Target::True)]);
}

#[test]
fn numbers_with_room_are_compared_without_the_interpreter() {
    let sample = comparison(BinaryOperator::Greater, 5);
    assert_eq!(tests(&sample), "bound");
    let found = answers(&sample, &[r#"{"x":6}"#, r#"{"x":5}"#, r#"{"x":-9223372036854775808}"#, "{}"]);
    assert_eq!(found, [Answer::True, Answer::False, Answer::Open, Answer::Open]);
    let equal = comparison(BinaryOperator::NotEqual, 5);
    assert_eq!(equal.verdict(r#"{"x":-9223372036854775808}"#), "true");
    assert_eq!(
        answers(&equal, &[r#"{"x":6}"#, r#"{"x":5}"#, "{}"]),
        [Answer::False, Answer::True, Answer::False]
    );
}

#[test]
fn what_is_computed_of_numbers_is_a_number() {
    let mut sample = Sample::new("a * b - 2 > c");
    let (a, b) = (sample.slot("a", Type::Decimal), sample.slot("b", Type::Int));
    let c = sample.slot("c", Type::Decimal.optional());
    let two = sample.int(2);
    let product = sample.binary("a * b", BinaryOperator::Multiply, a, b);
    let difference = sample.binary("a * b - 2", BinaryOperator::Subtract, product, two);
    let node = sample.binary("a * b - 2 > c", BinaryOperator::Greater, difference, c);
    let sample = sample.when(node);
    assert_eq!(tests(&sample), "compare");
    let found = answers(
        &sample,
        &[
            r#"{"a":1.25,"b":4,"c":2.999}"#,
            r#"{"a":1.25,"b":4,"c":3}"#,
            r#"{"a":9223372036854775807,"b":9223372036854775807,"c":3}"#,
            r#"{"a":1,"b":4}"#,
        ],
    );
    assert_eq!(found, [Answer::True, Answer::False, Answer::Open, Answer::Open]);
}

#[test]
fn lists_of_constants_are_at_hand() {
    let mut sample = Sample::new("tier in [\"gold\", \"silver\"]");
    let tier = sample.slot("tier", Type::String.optional());
    let values = ["gold", "silver"].map(|text| sample.constant(&format!("\"{text}\""), Value::text(text)));
    let list = sample.node("[\"gold\", \"silver\"]", Operation::List(values.into()));
    let node = sample.binary("tier in [\"gold\", \"silver\"]", BinaryOperator::In, tier, list);
    let sample = sample.when(node);
    assert_eq!(tests(&sample), "text in");
    let found = answers(&sample, &[r#"{"tier":"silver"}"#, r#"{"tier":"none"}"#, "{}"]);
    assert_eq!(found, [Answer::True, Answer::False, Answer::False]);
}

#[test]
fn letters_without_case_and_amounts_of_any_currency_are_as_the_operators_say() {
    let mut sample = Sample::new("tier == \"gold\" ignoring case");
    let (left, right) = (sample.slot("tier", Type::String), sample.constant("\"gold\"", Value::text("gold")));
    let operation = Operation::Binary { operator: BinaryOperator::Equal, case: Case::Ignored, left, right };
    let node = sample.node("tier == \"gold\" ignoring case", operation);
    let sample = sample.when(node);
    assert_eq!(tests(&sample), "==");
    assert_eq!(answers(&sample, &[r#"{"tier":"GOLD"}"#, "{}"]), [Answer::True, Answer::False]);

    let mut sample = Sample::new("paid == true");
    let paid = sample.slot("paid", Type::Bool.optional());
    let truth = sample.constant("true", Value::Bool(true));
    let node = sample.binary("paid == true", BinaryOperator::Equal, paid, truth);
    let sample = sample.when(node);
    assert_eq!((tests(&sample), answers(&sample, &["{}"])), ("is".to_owned(), vec![Answer::False]));
}

#[test]
fn a_range_whose_end_may_be_missing_is_the_interpreters() {
    for constant in [true, false] {
        let mut sample = Sample::new("x between 1 and y");
        let (x, low) = (sample.slot("x", Type::Int), sample.int(1));
        let high = if constant { sample.constant("y", Value::Int(9)) } else { sample.slot("y", Type::Int) };
        let node = sample.node("x between 1 and y", Operation::Between { operand: x, low, high });
        let sample = sample.when(node);
        assert_eq!(tests(&sample), if constant { "bound, bound" } else { "evaluate" });
        for payload in [r#"{"x":0}"#, r#"{"x":5,"y":9}"#, r#"{"x":10,"y":9}"#, "{}"] {
            sample.verdict(payload);
        }
    }
}

/// `any(item in items, item.price else 1 EUR > 10 EUR and item.sku is present)`
fn expensive(quantifier: Quantifier) -> Sample {
    let text = "any(item in items, (item.price else 1 EUR) > 10 EUR and item.sku is present)";
    let mut sample = Sample::new(text);
    let fields = [("sku", Type::String.optional()), ("price", Type::Money(Some(crate::sample::euro())))];
    let fields = fields
        .map(|(name, ty)| (Arc::from(name), Field { wire: crate::sample::in_euro(), ..Field::plain(ty) }));
    let record = Record { fields: fields.into_iter().collect(), ..Record::default() };
    let items = sample.slot("items", Type::List(Arc::new(Type::Record(Arc::new(record)))));
    let field = |sample: &mut Sample, index, name: &str| {
        let base = sample.node("item", Operation::Local(LocalId(0)));
        sample.node(&format!("item.{name}"), Operation::Field { base, index, name: name.into() })
    };
    let price = field(&mut sample, 1, "price");
    let default = sample.constant("1 EUR", money("1"));
    let price = sample.node("(item.price else 1 EUR)", Operation::Default { operand: price, default });
    let bound = sample.constant("10 EUR", money("10"));
    let above = sample.binary("(item.price else 1 EUR) > 10 EUR", BinaryOperator::Greater, price, bound);
    let sku = field(&mut sample, 0, "sku");
    let present = sample.presence("item.sku is present", Presence::Present, sku);
    let both = sample
        .node("(item.price else 1 EUR) > 10 EUR and item.sku is present", Operation::And(above, present));
    let node = sample.quantifier(text, quantifier, LocalId(0), items, both);
    sample.when(node)
}

#[test]
fn quantifiers_look_at_elements_where_they_stand() {
    let any = expensive(Quantifier::Any);
    assert_eq!(tests(&any), "search(bound, present)");
    let found = answers(
        &any,
        &[
            r#"{"items":[]}"#,
            r#"{"items":[{"sku":"a","price":"9"},{"sku":"b","price":"11"}]}"#,
            r#"{"items":[{"price":"11"},{"sku":"b"}]}"#,
            "{}",
        ],
    );
    assert_eq!(found, [Answer::False, Answer::True, Answer::False, Answer::Open]);
    let all = expensive(Quantifier::All);
    assert_eq!(
        answers(&all, &[r#"{"items":[]}"#, r#"{"items":[{"sku":"a","price":"9"}]}"#]),
        [Answer::True, Answer::False]
    );
    assert_eq!(tests(&expensive(Quantifier::Count)), "evaluate");
}

#[test]
fn what_a_body_leaves_open_is_asked_of_the_whole_quantifier() {
    let sample = expensive(Quantifier::Any);
    // Too long for one word.
    let payload = r#"{"items":[{"sku":"a","price":"79228162514264337593543950335"}]}"#;
    assert_eq!(answers(&sample, &[payload]), [Answer::Open]);
    assert_eq!(sample.verdict(payload), "true");
}

#[test]
fn a_variable_for_a_value_that_is_there_is_that_value() {
    let mut sample = Sample::new("let y = x; y > 5");
    let x = sample.slot("x", Type::Int);
    let (y, five) = (sample.node("y", Operation::Local(LocalId(1))), sample.int(5));
    let body = sample.binary("y > 5", BinaryOperator::Greater, y, five);
    let node = sample.node("let y = x; y > 5", Operation::Bind { local: LocalId(1), value: x, body });
    let sample = sample.when(node);
    assert_eq!(tests(&sample), "inner(bound)");
    assert_eq!(answers(&sample, &[r#"{"x":6}"#, "{}"]), [Answer::True, Answer::Open]);
}

#[test]
fn the_interpreter_is_asked_for_what_has_no_test() {
    let mut sample = Sample::new("length(name) > 3 or paid");
    let name = sample.slot("name", Type::String);
    let call = Operation::Call { function: FunctionId::Length, arguments: vec![name] };
    let length = sample.node("length(name)", call);
    let three = sample.int(3);
    let long = sample.binary("length(name) > 3", BinaryOperator::Greater, length, three);
    let paid = sample.slot("paid", Type::Bool);
    let node = sample.node("length(name) > 3 or paid", Operation::Or(long, paid));
    let sample = sample.when(node);
    assert_eq!(tests(&sample), "evaluate, holds");
    assert_eq!(sample.verdict(r#"{"name":"Ada","paid":true}"#), "true");
    assert_eq!(sample.verdict(r#"{"name":"Lovelace"}"#), "true");
}

#[test]
fn a_condition_nested_too_deep_is_left_whole() {
    let mut sample = Sample::new("a");
    let mut node = sample.slot("a", Type::Bool);
    for _ in 0..300 {
        node = sample.node("a", Operation::Not(node));
    }
    let sample = sample.when(node);
    assert_eq!(tests(&sample), "evaluate");
    assert_eq!(sample.verdict(r#"{"a":true}"#), "true");
    let broken = Sample::new("a").when(NodeId(7));
    assert_eq!(tests(&broken), "evaluate");
    broken.verdict("{}");
}

#[test]
fn quantifiers_nest_up_to_a_limit() {
    let mut ty = Type::Bool;
    for _ in 0..=LEVELS {
        ty = Type::List(Arc::new(ty));
    }
    let mut sample = Sample::new("any(a)");
    sample.rule.locals = 9;
    let list = sample.slot("a", ty);
    let local = |level: usize| LocalId(level as u32);
    let mut body = sample.node("a", Operation::Local(local(LEVELS)));
    for level in (0..=LEVELS).rev() {
        let outer = if level == 0 { list } else { sample.node("a", Operation::Local(local(level - 1))) };
        body = sample.quantifier("any(a)", Quantifier::Any, local(level), outer, body);
    }
    let sample = sample.when(body);
    assert_eq!(tests(&sample), "evaluate");
    assert_eq!(sample.verdict(r#"{"a":[[[[[false,true]]]]]}"#), "true");
}
