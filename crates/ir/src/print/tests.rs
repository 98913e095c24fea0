//! The printed form of rules.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Presence};
use hence_diagnostics::Span;
use hence_types::{Amount, Currency, CurrencySource, Type, Value, Wire};

use super::print;
use crate::{
    Argument, Class, Code, ConstantId, LocalId, Node, NodeId, Operation, Plan, Quantifier, Returned, Rule,
    Segment, Slot, SlotId, Source, Step,
};

fn rule() -> Rule {
    Rule {
        name: "vip_customer".into(),
        title: "VIP \"customer\"".to_owned(),
        doc: String::new(),
        priority: 5,
        version: "0".into(),
        triggers: vec!["shop.order.created".into(), "shop.order.updated".into()],
        watches: Vec::new(),
        plan: Plan::default(),
        code: Code::default(),
        locals: 0,
        condition: None,
        then: Vec::new(),
        otherwise: None,
        header: Default::default(),
        span: Span::default(),
    }
}

fn node(rule: &mut Rule, operation: Operation) -> NodeId {
    rule.code.nodes.push(Node { operation, span: Span::default() });
    NodeId(u32::try_from(rule.code.nodes.len() - 1).expect("few"))
}

fn constant(rule: &mut Rule, value: Value) -> NodeId {
    rule.code.constants.push(value);
    let id = ConstantId(u32::try_from(rule.code.constants.len() - 1).expect("few"));
    node(rule, Operation::Constant(id))
}

fn slot(rule: &mut Rule, source: Source, ty: Type, wire: Wire) -> NodeId {
    rule.plan.slots.push(Slot { source, ty, wire, sensitive: false });
    let id = SlotId(u32::try_from(rule.plan.slots.len() - 1).expect("few"));
    node(rule, Operation::Slot(id))
}

fn field(path: &[&str]) -> Source {
    Source::Payload(path.iter().map(|name| Arc::from(*name)).collect())
}

#[track_caller]
fn check(rule: &Rule, expected: &str) {
    let printed = print(rule);
    assert_eq!(printed.trim_end(), expected.trim(), "\n{printed}");
}

#[test]
fn a_rule_is_printed_with_its_slots_condition_and_steps() {
    let mut rule = rule();
    let euro = Currency::parse("EUR").unwrap();
    let wire = Wire::Money { amount: Amount::Text, currency: CurrencySource::Fixed(euro) };
    let total = slot(&mut rule, field(&["total"]), Type::Money(Some(euro)), wire);
    let tags = slot(&mut rule, field(&["customer", "tags"]), Type::List(Arc::new(Type::String)), Wire::Plain);
    let limit = constant(&mut rule, Value::Int(1000));
    let vip = constant(&mut rule, Value::text("vip"));
    let case = Case::Sensitive;
    let big = Operation::Binary { operator: BinaryOperator::Greater, case, left: total, right: limit };
    let big = node(&mut rule, big);
    let tagged =
        Operation::Binary { operator: BinaryOperator::In, case: Case::Ignored, left: vip, right: tags };
    let tagged = node(&mut rule, tagged);
    let untagged = node(&mut rule, Operation::Not(tagged));
    rule.condition = Some(node(&mut rule, Operation::And(big, untagged)));
    rule.locals = 1;
    rule.plan.slots[1].sensitive = true;
    let local = LocalId(0);
    let span = Span::default();
    let argument = |value, sensitive| Argument { name: "tag".into(), wire: Wire::Plain, sensitive, value };
    rule.then = vec![
        Step::Let { local, value: total, span },
        Step::Branch { condition: big, otherwise: 4, span },
        Step::Act {
            action: "crm.add_tag".into(),
            class: Class::AtMostOnce,
            arguments: vec![argument(vip, false), argument(tags, true)],
            result: Some(Returned { local, ty: Type::Int, wire: Wire::Text }),
            policy: Default::default(),
            span,
        },
        Step::Jump(5),
        Step::Stop { span },
    ];
    rule.otherwise = Some(vec![Step::Stop { span }]);
    check(
        &rule,
        r#"
rule vip_customer "VIP \"customer\"" priority 5
when shop.order.created or shop.order.updated
slots
  s0 total: money (EUR), text in EUR
  s1 customer.tags: list<string>, sensitive
locals 1
if
  (and (> s0:total [1000]) (not (in, ignoring case: ["vip"] s1:customer.tags)))
then
  0 let l0 = s0:total
  1 unless (> s0:total [1000]) go to 4
  2 act crm.add_tag, at most once, into l0: int, text
      tag: ["vip"]
      tag: s1:customer.tags, sensitive
  3 go to 5
  4 stop
otherwise
  0 stop
"#,
    );
}

#[test]
fn long_expressions_are_broken_into_lines() {
    let mut rule = rule();
    let text = constant(&mut rule, Value::text("a text that needs room"));
    let mut all = node(&mut rule, Operation::Presence { test: Presence::Present, operand: text });
    for _ in 0..2 {
        all = node(&mut rule, Operation::Or(all, all));
    }
    rule.condition = Some(all);
    check(
        &rule,
        r#"
rule vip_customer "VIP \"customer\"" priority 5
when shop.order.created or shop.order.updated
if
  (or
    (or (is-present ["a text that needs room"]) (is-present ["a text that needs room"]))
    (or (is-present ["a text that needs room"]) (is-present ["a text that needs room"])))
then
"#,
    );
}

#[test]
fn every_operation_has_a_form() {
    let mut rule = rule();
    let list = slot(&mut rule, Source::Payload(Vec::new()), Type::Json, Wire::Plain);
    let one = constant(&mut rule, Value::Int(1));
    let now = node(&mut rule, Operation::Now);
    let today = node(&mut rule, Operation::Today);
    let local = node(&mut rule, Operation::Local(LocalId(3)));
    let operations = [
        (Operation::Field { base: list, index: 2, name: "x".into() }, "(field 2:x s0:event)"),
        (Operation::Index { base: list, index: one }, "(index s0:event [1])"),
        (Operation::Negate(now), "(negate now)"),
        (Operation::Between { operand: today, low: one, high: one }, "(between today [1] [1])"),
        (Operation::IsEvent(1), "(is-event shop.order.updated)"),
        (Operation::IsEvent(7), "?trigger7"),
        (Operation::Default { operand: local, default: one }, "(else l3 [1])"),
        (Operation::If { condition: now, yes: one, no: local }, "(if now [1] l3)"),
        (Operation::Bind { local: LocalId(3), value: one, body: local }, "(bind l3 [1] l3)"),
        (
            Operation::Quantifier {
                quantifier: Quantifier::Any,
                local: LocalId(3),
                list,
                body: local,
                empty: ConstantId(9),
            },
            "(any l3 s0:event l3)",
        ),
        (
            Operation::Quantifier {
                quantifier: Quantifier::Sum,
                local: LocalId(3),
                list,
                body: local,
                empty: ConstantId(0),
            },
            "(sum l3 s0:event l3 [1])",
        ),
        (Operation::Text(vec![Segment::Literal("a\n".into()), Segment::Value(one)]), r#"(text "a\n" [1])"#),
        (Operation::List(vec![one, now]), "(list [1] now)"),
        (Operation::Record { shape: Arc::default(), fields: vec![] }, "(record {})"),
        (Operation::Slot(SlotId(9)), "?s9"),
        (Operation::Constant(ConstantId(9)), "?c9"),
        (Operation::Not(NodeId(900)), "(not ?n900)"),
    ];
    for (operation, expected) in operations {
        rule.condition = Some(node(&mut rule, operation));
        let printed = print(&rule);
        assert!(printed.contains(&format!("if\n  {expected}\nthen")), "{expected} is not in\n{printed}");
    }
}

#[test]
fn sources_are_printed_as_rules_write_them() {
    let sources = [
        (field(&["labels", "org.image.title"]), "labels.`org.image.title`"),
        (field(&["+1"]), "`+1`"),
        (field(&[]), "event"),
        (Source::Id, "event.id"),
        (Source::Time, "event.time"),
        (Source::Origin, "event.source"),
        (Source::Name, "event.type"),
    ];
    for (source, expected) in sources {
        assert_eq!(source.to_string(), expected);
    }
}

#[test]
fn a_circle_is_cut_off() {
    let mut rule = rule();
    rule.condition = Some(node(&mut rule, Operation::Not(NodeId(0))));
    assert!(print(&rule).contains('…'));
    rule.code.nodes.clear();
    rule.condition = Some(node(&mut rule, Operation::And(NodeId(0), NodeId(0))));
    assert!(print(&rule).contains('…'));
}

#[test]
fn spellings_are_printed_where_they_are_not_plain() {
    let sibling = CurrencySource::Sibling("currency".into());
    let payload = CurrencySource::Payload("currency".into());
    let spellings = [
        (Wire::Plain, "x: json"),
        (Wire::EpochSeconds, "x: json, seconds since 1970"),
        (Wire::EpochMillis, "x: json, milliseconds since 1970"),
        (Wire::CommaSeparated, "x: json, comma-separated"),
        (
            Wire::Money { amount: Amount::Number, currency: sibling },
            "x: json, number in the currency beside it in currency",
        ),
        (
            Wire::Each(Box::new(Wire::Money { amount: Amount::MinorUnits, currency: payload })),
            "x: json, each, minor units in the payload's currency in currency",
        ),
    ];
    for (wire, expected) in spellings {
        let slot = Slot { source: field(&["x"]), ty: Type::Json, wire, sensitive: false };
        assert_eq!(slot.to_string(), expected);
    }
}
