//! That the index tells what evaluating every rule tells, for random rules, events and changes; and by which keys
//! rules are found.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Presence};
use hence_ir::{Quantifier, Rule, RuleId};
use hence_types::{Decimal, Money, Value, jiff};
use proptest::prelude::*;
use proptest::sample::select;

use crate::sample::{Tree, context, euro, fields, input, rule};
use crate::{Decision, Index};

const TEXTS: [&str; 11] =
    ["", "a", "A", "ab", "abc", "xaby", "STRASSE", "straße", "an end abc", "n end abc", "an end a"];
/// Some that are near to each other and have no room in what an entry keeps of a bound.
const INTS: [i64; 9] = [-1, 0, 1, 2, 3, 5_000_000_000, 5_000_000_001, -9_000_000_000_000_000, i64::MAX];

fn decimal() -> impl Strategy<Value = Value> {
    select(vec![(0, 0), (1, 0), (10, 1), (15, 1), (-5, 1), (20_001, 4), (200_011, 5), (200_012, 5)])
        .prop_map(|(units, scale)| Value::Decimal(Decimal::new(units, scale)))
}

fn text() -> impl Strategy<Value = Value> {
    select(&TEXTS[..]).prop_map(Value::text)
}

fn int() -> impl Strategy<Value = Value> {
    select(&INTS[..]).prop_map(Value::Int)
}

fn number() -> impl Strategy<Value = Value> {
    prop_oneof![int(), decimal()]
}

fn money(currency: &'static str) -> impl Strategy<Value = Value> {
    let currency = hence_types::Currency::parse(currency).unwrap();
    (-1_i64..4).prop_map(move |amount| Value::Money(Money { amount: Decimal::from(amount), currency }))
}

fn instant() -> impl Strategy<Value = Value> {
    (0_i64..4).prop_map(|second| Value::DateTime(jiff::Timestamp::from_second(second).unwrap()))
}

fn day() -> impl Strategy<Value = Value> {
    (1_i8..5).prop_map(|day| Value::Date(jiff::civil::date(2026, 11, day)))
}

fn case() -> impl Strategy<Value = Case> {
    prop_oneof![4 => Just(Case::Sensitive), 1 => Just(Case::Ignored)]
}

fn tree(value: Value) -> Box<Tree> {
    Box::new(Tree::Constant(value))
}

fn order() -> impl Strategy<Value = BinaryOperator> {
    select(vec![
        BinaryOperator::Less,
        BinaryOperator::LessOrEqual,
        BinaryOperator::Greater,
        BinaryOperator::GreaterOrEqual,
    ])
}

/// Conditions about a text.
fn about_text(operand: Tree) -> BoxedStrategy<Tree> {
    let parts = select(vec![BinaryOperator::StartsWith, BinaryOperator::EndsWith, BinaryOperator::Contains]);
    let equal = select(vec![BinaryOperator::Equal, BinaryOperator::NotEqual]);
    let [a, b, c, d, e] = std::array::from_fn(|_| operand.clone());
    prop_oneof![
        3 => (equal, case(), text()).prop_map(move |(operator, case, value)| Tree::Binary(operator, case, Box::new(a.clone()), tree(value))),
        2 => (parts, case(), text()).prop_map(move |(operator, case, value)| Tree::Binary(operator, case, Box::new(b.clone()), tree(value))),
        1 => (case(), prop::collection::vec(text(), 0..4)).prop_map(move |(case, values)| Tree::Binary(BinaryOperator::In, case, Box::new(c.clone()), Box::new(Tree::List(values)))),
        1 => (order(), text()).prop_map(move |(operator, value)| Tree::Binary(operator, Case::Sensitive, Box::new(d.clone()), tree(value))),
        1 => int().prop_map(move |value| Tree::Binary(BinaryOperator::Greater, Case::Sensitive, Box::new(Tree::Length(Box::new(e.clone()))), tree(value))),
    ]
    .boxed()
}

/// Conditions about a value that has an order, against constants of its kind.
fn about_ordered(operand: Tree, constant: BoxedStrategy<Value>) -> BoxedStrategy<Tree> {
    let equal = select(vec![BinaryOperator::Equal, BinaryOperator::NotEqual]);
    let [a, b, c, d, e, f] = std::array::from_fn(|_| operand.clone());
    prop_oneof![
        3 => (order(), constant.clone()).prop_map(move |(operator, value)| Tree::Binary(operator, Case::Sensitive, Box::new(a.clone()), tree(value))),
        1 => (order(), constant.clone()).prop_map(move |(operator, value)| Tree::Binary(operator, Case::Sensitive, tree(value), Box::new(b.clone()))),
        2 => (equal, constant.clone()).prop_map(move |(operator, value)| Tree::Binary(operator, Case::Sensitive, Box::new(c.clone()), tree(value))),
        1 => (constant.clone(), constant.clone()).prop_map(move |(low, high)| Tree::Between(Box::new(d.clone()), low, high)),
        1 => (constant.clone(), constant.clone()).prop_map(move |(low, high)| Tree::InRange(Box::new(e.clone()), low, high)),
        1 => prop::collection::vec(constant, 0..4).prop_map(move |values| Tree::Binary(BinaryOperator::In, Case::Sensitive, Box::new(f.clone()), Box::new(Tree::List(values)))),
    ]
    .boxed()
}

fn or_default(operand: Tree, default: BoxedStrategy<Value>) -> BoxedStrategy<Tree> {
    let plain = operand.clone();
    prop_oneof![
        2 => Just(plain),
        1 => default.prop_map(move |value| Tree::Default(Box::new(operand.clone()), value)),
    ]
    .boxed()
}

/// A condition without connectives.
fn leaf() -> BoxedStrategy<Tree> {
    let name = or_default(Tree::Slot(0), text().boxed()).prop_flat_map(about_text);
    let city = or_default(Tree::Slot(1), text().boxed()).prop_flat_map(about_text);
    let count = about_ordered(Tree::Slot(2), number().boxed());
    let age =
        or_default(Tree::Slot(3), int().boxed()).prop_flat_map(|age| about_ordered(age, number().boxed()));
    let rate = or_default(Tree::Slot(4), decimal().boxed())
        .prop_flat_map(|rate| about_ordered(rate, number().boxed()));
    let paid =
        select(vec![Tree::Slot(5), Tree::Slot(6), Tree::Default(Box::new(Tree::Slot(6)), Value::Bool(true))]);
    let tier = select(vec!["gold", "silver", "bronze"]).prop_map(|tier| {
        Tree::Binary(BinaryOperator::Equal, Case::Sensitive, Box::new(Tree::Slot(7)), tree(Value::text(tier)))
    });
    let presence =
        (select(vec![Presence::Present, Presence::Missing, Presence::Empty]), select(vec![1, 3, 8, 9, 11]))
            .prop_filter("only texts and lists are empty", |(test, slot)| {
                *test != Presence::Empty || ![3, 11].contains(slot)
            })
            .prop_map(|(test, slot)| Tree::Presence(test, Box::new(Tree::Slot(slot))));
    let tags = (case(), text(), any::<bool>()).prop_map(|(case, value, is_in)| {
        let list = Box::new(Tree::Slot(8));
        if is_in {
            Tree::Binary(BinaryOperator::In, case, tree(value), list)
        } else {
            Tree::Binary(BinaryOperator::Contains, case, list, tree(value))
        }
    });
    let codes = int().prop_map(|value| {
        Tree::Binary(BinaryOperator::In, Case::Sensitive, tree(value), Box::new(Tree::Slot(9)))
    });
    let at = about_ordered(Tree::Slot(11), instant().boxed());
    let total = about_ordered(Tree::Slot(12), money("EUR").boxed());
    let fee = about_ordered(Tree::Slot(13), prop_oneof![money("EUR"), money("USD")].boxed());
    let day = about_ordered(Tree::Slot(15), day().boxed());
    let weight = about_ordered(Tree::Slot(14), number().boxed());
    let sum = (0_usize..3, number()).prop_map(|(place, value)| {
        let operator = [BinaryOperator::Add, BinaryOperator::Divide, BinaryOperator::Multiply][place];
        let sum = Tree::Binary(operator, Case::Sensitive, Box::new(Tree::Slot(2)), Box::new(Tree::Slot(3)));
        Tree::Binary(BinaryOperator::Greater, Case::Sensitive, Box::new(sum), tree(value))
    });
    let fixed = prop_oneof![
        any::<bool>().prop_map(|truth| Tree::Constant(Value::Bool(truth))),
        (0_u32..2).prop_map(Tree::IsEvent)
    ];
    prop_oneof![
        3 => name, 3 => city, 3 => count, 3 => age, 2 => rate, 2 => paid, 1 => tier, 2 => presence, 2 => tags,
        1 => codes, 1 => at, 2 => total, 1 => fee, 1 => day, 1 => weight, 1 => sum, 1 => fixed,
    ]
    .boxed()
}

/// A part of a row: mostly one test, now and then the negation of one, or either of two.
fn part() -> BoxedStrategy<Tree> {
    let likely = prop_oneof![
        select(vec!["", "a", "ab"]).prop_map(|text| (0, Value::text(text))),
        select(vec!["", "a", "ab"]).prop_map(|text| (1, Value::text(text))),
        (0_i64..3).prop_map(|count| (2, Value::Int(count))),
    ];
    let equal = likely.prop_map(|(slot, value)| {
        Tree::Binary(BinaryOperator::Equal, Case::Sensitive, Box::new(Tree::Slot(slot)), tree(value))
    });
    prop_oneof![
        4 => equal,
        6 => leaf(),
        1 => leaf().prop_map(|part| Tree::Not(Box::new(part))),
        1 => (leaf(), leaf()).prop_map(|(left, right)| Tree::Or(Box::new(left), Box::new(right))),
    ]
    .boxed()
}

/// A condition about an element of `items`.
fn about_line() -> BoxedStrategy<Tree> {
    let leaf = prop_oneof![
        2 => about_text(Tree::Element(Some(0))),
        2 => or_default(Tree::Element(Some(1)), int().boxed()).prop_flat_map(|qty| about_ordered(qty, int().boxed())),
        1 => about_ordered(Tree::Element(Some(2)), decimal().boxed()),
        1 => about_text(Tree::Element(Some(3))),
        1 => Just(Tree::Presence(Presence::Present, Box::new(Tree::Element(Some(1))))),
        1 => about_text(Tree::Slot(0)),
    ];
    connected(leaf.boxed(), 2)
}

fn connected(leaf: BoxedStrategy<Tree>, depth: u32) -> BoxedStrategy<Tree> {
    leaf.prop_recursive(depth, 8, 2, |inner| {
        prop_oneof![
            4 => (inner.clone(), inner.clone()).prop_map(|(left, right)| Tree::And(Box::new(left), Box::new(right))),
            2 => (inner.clone(), inner.clone()).prop_map(|(left, right)| Tree::Or(Box::new(left), Box::new(right))),
            1 => inner.clone().prop_map(|part| Tree::Not(Box::new(part))),
            1 => (inner.clone(), inner.clone(), inner).prop_map(|(condition, yes, no)| Tree::If(Box::new(condition), Box::new(yes), Box::new(no))),
        ]
    })
    .boxed()
}

fn condition() -> BoxedStrategy<Tree> {
    let quantifier = select(vec![Quantifier::Any, Quantifier::All]);
    let lines = (quantifier.clone(), about_line()).prop_map(|(quantifier, body)| {
        Tree::Quantifier(quantifier, Box::new(Tree::Slot(10)), Box::new(body))
    });
    let tags = (quantifier, about_text(Tree::Element(None)))
        .prop_map(|(quantifier, body)| Tree::Quantifier(quantifier, Box::new(Tree::Slot(8)), Box::new(body)));
    let bound = about_ordered(Tree::Element(None), int().boxed())
        .prop_map(|body| Tree::Bind(Box::new(Tree::Slot(2)), Box::new(body)));
    connected(prop_oneof![8 => leaf(), 1 => lines, 1 => tags, 1 => bound].boxed(), 4)
}

/// The JSON of a field: now and then absent, null, or of another type.
fn json(values: Vec<&'static str>) -> BoxedStrategy<Option<String>> {
    let other = select(vec!["null", "\"zzz\"", "7", "[]", "{}", "true"]);
    prop_oneof![
        8 => select(values).prop_map(|value| Some(value.to_owned())),
        1 => Just(None),
        1 => other.prop_map(|value| Some(value.to_owned())),
    ]
    .boxed()
}

fn payload() -> impl Strategy<Value = String> {
    let texts = || {
        json(vec![
            r#""""#,
            r#""a""#,
            r#""A""#,
            r#""ab""#,
            r#""abc""#,
            r#""xaby""#,
            r#""strasse""#,
            r#""an end abc""#,
            r#""\u0061b""#,
        ])
    };
    let numbers = || {
        json(vec!["-1", "0", "1", "1.0", "2", "3", "5000000000", "5000000001", "9223372036854775807", "5e0"])
    };
    let decimals = || json(vec!["0", "0.00", "1", "1.5", "-0.5", "2.0001", "2.00011", "2.00012"]);
    let truths = || json(vec!["true", "false"]);
    let lists = json(vec!["[]", r#"["a"]"#, r#"["ab","A"]"#, r#"["abc",null]"#, r#"["straße",7]"#]);
    let codes = json(vec!["[]", "[1]", "[0,2,3]", "[null]"]);
    let items = json(vec![
        "[]",
        r#"[{"sku":"a","price":1}]"#,
        r#"[{"sku":"ab","qty":2,"price":1.5,"kind":"A"},{"sku":"abc","qty":1,"price":0}]"#,
        r#"[{"sku":"xaby","qty":0,"price":2.0001},{"qty":3,"price":null,"kind":"abc"}]"#,
        r#"[{"sku":"a","qty":3,"price":-0.5,"kind":"a"},null]"#,
    ]);
    let times = json(vec![
        r#""1970-01-01T00:00:01Z""#,
        r#""1970-01-01T00:00:02.0000001Z""#,
        r#""1970-01-01T00:00:03Z""#,
    ]);
    let days = json(vec![r#""2026-11-02""#, r#""2026-11-03""#]);
    let tiers = json(vec![r#""gold""#, r#""silver""#, r#""none""#]);
    let first = (texts(), texts(), numbers(), numbers(), decimals(), truths(), truths(), tiers);
    let second = (lists, codes, items, times, numbers(), numbers(), decimals(), days);
    let currency = json(vec![r#""EUR""#, r#""USD""#]);
    (first, second, currency).prop_map(|(a, b, currency)| {
        let names = ["name", "city", "count", "age", "rate", "paid", "vip"];
        let mut members: Vec<String> = Vec::new();
        let values = [a.0, a.1, a.2, a.3, a.4, a.5, a.6];
        let more = ["tags", "codes", "items", "at", "total", "fee", "weight", "day"];
        let others = [b.0, b.1, b.2, b.3, b.4, b.5, b.6, b.7];
        for (name, value) in names.iter().zip(values).chain(more.iter().zip(others)) {
            members.extend(value.map(|value| format!("\"{name}\":{value}")));
        }
        members.extend(a.7.map(|tier| format!("\"customer\":{{\"tier\":{tier}}}")));
        members.extend(currency.map(|currency| format!("\"currency\":{currency}")));
        format!("{{{}}}", members.join(","))
    })
}

/// Compares what the index finds with what evaluating every rule gives. Returns how many answers were left open.
fn agrees(index: &Index, rules: &[(RuleId, Rule)], payload: &str) -> Result<(usize, usize), TestCaseError> {
    let event = input(payload);
    let decoded = index.projection().decode(&event);
    let found = index.find(&decoded);
    prop_assert!(found.is_sorted_by_key(|found| found.rule));
    let open = found.iter().filter(|found| found.decision == Decision::Open).count();
    for (id, rule) in rules {
        let slots = hence_vm::decode(&rule.plan, &event);
        let expected = hence_vm::verdict(rule, &slots, &context());
        let own =
            found.iter().filter(|found| found.rule == *id).map(|found| found.decision).collect::<Vec<_>>();
        prop_assert!(own.len() <= 1);
        let agrees = match (own.first(), &expected) {
            (Some(Decision::Open), _) => true,
            (Some(Decision::Holds), Ok(true)) => true,
            (Some(Decision::Fails), Ok(false)) => rule.otherwise.is_some(),
            (None, Ok(false)) => rule.otherwise.is_none(),
            _ => false,
        };
        prop_assert!(agrees, "{own:?}, evaluated {expected:?}, for {payload}, {:?}", rule.code);
        let mapping = index.mapping(*id).expect("the rule is there");
        let mapped = decoded.slots(mapping);
        prop_assert!(
            mapped.values.iter().zip(&slots.values).all(|(left, right)| hence_types::equal(left, right))
        );
    }
    Ok((found.len(), open))
}

fn numbered(rules: &[(Tree, bool)]) -> Vec<(RuleId, Rule)> {
    let rules = rules.iter().map(|(condition, has_otherwise)| rule(condition, *has_otherwise));
    (0..).map(RuleId).zip(rules).collect()
}

fn rules() -> impl Strategy<Value = Vec<(Tree, bool)>> {
    prop::collection::vec((condition(), prop::bool::weighted(0.1)), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(40))]

    #[test]
    fn the_index_tells_what_evaluating_every_rule_tells(
        rules in rules(),
        payloads in prop::collection::vec(payload(), 1..16),
    ) {
        let rules = numbered(&rules);
        let index = Index::new(crate::sample::EVENT, rules.iter().map(|(id, rule)| (*id, rule)));
        prop_assert_eq!(index.len(), rules.len());
        for payload in payloads {
            agrees(&index, &rules, &payload)?;
        }
    }

    #[test]
    fn rows_of_tests_are_decided_as_evaluating_them_does(
        rules in prop::collection::vec(prop::collection::vec(prop::collection::vec(part(), 1..6), 1..3), 1..40),
        payloads in prop::collection::vec(payload(), 1..16),
    ) {
        let and = |left, right| Tree::And(Box::new(left), Box::new(right));
        let or = |left, right| Tree::Or(Box::new(left), Box::new(right));
        let row = |parts: Vec<Tree>| parts.into_iter().reduce(and).unwrap();
        let rules: Vec<_> = rules.into_iter().map(|rows| (rows.into_iter().map(row).reduce(or).unwrap(), false)).collect();
        let rules = numbered(&rules);
        let index = Index::new(crate::sample::EVENT, rules.iter().map(|(id, rule)| (*id, rule)));
        for payload in payloads {
            agrees(&index, &rules, &payload)?;
        }
    }

    #[test]
    fn rules_that_come_and_go_leave_an_index_that_tells_the_same(
        rules in rules(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<bool>()), 0..80),
        payloads in prop::collection::vec(payload(), 1..8),
    ) {
        let all = numbered(&rules);
        let mut index = Index::new(crate::sample::EVENT, []);
        let mut present: Vec<RuleId> = Vec::new();
        let mut copies = Vec::new();
        for (number, (place, adds)) in changes.iter().enumerate() {
            let (id, rule) = &all[place.index(all.len())];
            let known = present.iter().position(|own| own == id);
            match (adds, known) {
                (true, None) => {
                    index.add(*id, rule);
                    present.push(*id);
                }
                (false, Some(place)) => {
                    index.remove(*id, rule);
                    present.swap_remove(place);
                }
                (true, Some(_)) | (false, None) => {}
            }
            if number % 20 == 0 {
                copies.push((index.clone(), present.clone()));
            }
        }
        copies.push((index, present));
        for (index, present) in copies {
            let rules: Vec<_> = all.iter().filter(|(id, _)| present.contains(id)).cloned().collect();
            prop_assert_eq!(index.len(), rules.len());
            for payload in &payloads {
                agrees(&index, &rules, payload)?;
            }
        }
    }

    #[test]
    fn many_rules_of_few_values_are_found_by_pairs(
        values in prop::collection::vec((0_usize..3, 0_usize..4, 0_i64..4, any::<bool>()), 60..120),
        payloads in prop::collection::vec(payload(), 1..8),
    ) {
        let equal = |slot, value| Box::new(Tree::Binary(BinaryOperator::Equal, Case::Sensitive, Box::new(Tree::Slot(slot)), tree(value)));
        let rules: Vec<_> = values.into_iter().map(|(name, city, count, is_last)| {
            let (name, city) = (equal(0, Value::text(TEXTS[name])), equal(1, Value::text(TEXTS[city])));
            let above = Box::new(Tree::Binary(BinaryOperator::Greater, Case::Sensitive, Box::new(Tree::Slot(2)), tree(Value::Int(count))));
            let (middle, last) = if is_last { (city, above) } else { (above, city) };
            (Tree::And(Box::new(Tree::And(name, middle)), last), false)
        }).collect();
        let rules = numbered(&rules);
        let index = Index::new(crate::sample::EVENT, rules.iter().map(|(id, rule)| (*id, rule)));
        for payload in payloads {
            agrees(&index, &rules, &payload)?;
        }
    }
}

#[test]
fn simple_conditions_are_decided_without_the_interpreter() {
    let equal = |slot, value| {
        Box::new(Tree::Binary(
            BinaryOperator::Equal,
            Case::Sensitive,
            Box::new(Tree::Slot(slot)),
            tree(value),
        ))
    };
    let above = Box::new(Tree::Binary(
        BinaryOperator::Greater,
        Case::Sensitive,
        Box::new(Tree::Slot(2)),
        tree(Value::Int(1)),
    ));
    let total = Value::Money(Money { amount: Decimal::from(2), currency: euro() });
    let below =
        Box::new(Tree::Binary(BinaryOperator::Less, Case::Sensitive, Box::new(Tree::Slot(12)), tree(total)));
    let both = Tree::And(equal(0, Value::text("ab")), above);
    let rules = numbered(&[(both, false), (Tree::Or(equal(1, Value::text("a")), below), false)]);
    let index = Index::new(crate::sample::EVENT, rules.iter().map(|(id, rule)| (*id, rule)));
    assert_eq!(index.unselective(), 0);
    for (payload, expected) in [
        (r#"{"name":"ab","count":2,"city":"a","total":9}"#, "[(0, Holds), (1, Holds)]"),
        (r#"{"name":"ab","count":1,"city":"b","total":1.99}"#, "[(1, Holds)]"),
        (r#"{"name":"abc","count":2,"city":"b","total":2}"#, "[]"),
        (r#"{"name":"ab","city":"b","total":2}"#, "[(0, Open)]"),
        (r#"{"name":"x","city":"b"}"#, "[(1, Open)]"),
    ] {
        let event = input(payload);
        let found = index.find(&index.projection().decode(&event));
        let found: Vec<_> = found.iter().map(|found| (found.rule.0, found.decision)).collect();
        assert_eq!(format!("{found:?}"), expected, "{payload}");
    }
    assert_eq!(fields().len(), 16);
    assert_eq!(Arc::strong_count(&crate::sample::line()), 1);
}

fn compare(operator: BinaryOperator, slot: usize, value: Value) -> Tree {
    Tree::Binary(operator, Case::Sensitive, Box::new(Tree::Slot(slot)), tree(value))
}

fn all(parts: impl IntoIterator<Item = Tree>) -> Tree {
    let and = |left, right| Tree::And(Box::new(left), Box::new(right));
    parts.into_iter().reduce(and).unwrap()
}

/// What is found of one rule whose code was taken away, so that what entries do not decide is left open.
#[track_caller]
fn decided_by_entries(condition: &Tree, cases: &[(&str, Option<Decision>)]) {
    let rules = numbered(&[(condition.clone(), false)]);
    let mut index = Index::new(crate::sample::EVENT, rules.iter().map(|(id, rule)| (*id, rule)));
    for (payload, _) in cases {
        agrees(&index, &rules, payload).unwrap();
    }
    index.code.set(0, &[]);
    for (payload, expected) in cases {
        let event = input(payload);
        let found = index.find(&index.projection().decode(&event));
        assert_eq!(found.first().map(|found| found.decision), *expected, "{payload}");
    }
}

#[test]
fn where_all_tests_stand_in_the_entry_no_code_is_run() {
    let equal = |slot, value| compare(BinaryOperator::Equal, slot, value);
    let not_city = Tree::Not(Box::new(equal(1, Value::text("a"))));
    let above = compare(BinaryOperator::Greater, 2, Value::Int(5_000_000_000));
    let row = all([equal(0, Value::text("ab")), not_city, above]);
    decided_by_entries(
        &row,
        &[
            (r#"{"name":"ab","city":"b","count":5000065536}"#, Some(Decision::Holds)),
            (r#"{"name":"ab","count":9000000000}"#, Some(Decision::Holds)),
            (r#"{"name":"ab","city":"a","count":9000000000}"#, None),
            (r#"{"name":"ab","city":"b","count":4000000000}"#, None),
            // Too near to the bound for what the entry keeps of it.
            (r#"{"name":"ab","city":"b","count":5000000001}"#, Some(Decision::Open)),
            // The comparison fails.
            (r#"{"name":"ab","city":"b"}"#, Some(Decision::Open)),
            // It is asked first, as it is likely to exclude more.
            (r#"{"name":"ab","city":"a"}"#, Some(Decision::Open)),
            (r#"{"name":"b","city":"b"}"#, None),
        ],
    );
}

#[test]
fn a_test_behind_one_that_fails_excludes_nothing() {
    let above = compare(BinaryOperator::Greater, 2, Value::Int(1));
    let row = all([
        compare(BinaryOperator::Equal, 0, Value::text("ab")),
        above,
        compare(BinaryOperator::Equal, 7, Value::text("gold")),
    ]);
    decided_by_entries(
        &row,
        &[
            (r#"{"name":"ab","count":2,"customer":{"tier":"gold"}}"#, Some(Decision::Holds)),
            (r#"{"name":"ab","count":2,"customer":{"tier":"none"}}"#, None),
            (r#"{"name":"ab","count":1,"customer":{"tier":"gold"}}"#, None),
            (r#"{"name":"ab","customer":{"tier":"none"}}"#, Some(Decision::Open)),
        ],
    );
}

#[test]
fn a_range_decides_between_its_ends() {
    let row = all([
        compare(BinaryOperator::GreaterOrEqual, 2, Value::Int(10)),
        compare(BinaryOperator::Less, 2, Value::Int(20)),
    ]);
    decided_by_entries(
        &row,
        &[
            (r#"{"count":15}"#, Some(Decision::Holds)),
            (r#"{"count":10}"#, Some(Decision::Open)),
            (r#"{"count":20}"#, Some(Decision::Open)),
            (r#"{"count":21}"#, None),
            (r#"{"city":"a"}"#, Some(Decision::Open)),
        ],
    );
}

#[test]
fn a_failing_alternative_hides_one_that_would_hold() {
    let above = compare(BinaryOperator::Greater, 2, Value::Int(1));
    let either = Tree::Or(
        Box::new(all([compare(BinaryOperator::Equal, 0, Value::text("ab")), above])),
        Box::new(compare(BinaryOperator::Equal, 1, Value::text("a"))),
    );
    decided_by_entries(
        &either,
        &[
            (r#"{"name":"ab","count":2,"city":"b"}"#, Some(Decision::Holds)),
            (r#"{"name":"x","city":"a"}"#, Some(Decision::Holds)),
            (r#"{"name":"ab","city":"a"}"#, Some(Decision::Open)),
            (r#"{"name":"ab","count":1,"city":"b"}"#, None),
        ],
    );
}

#[test]
fn lists_and_beginnings_exclude_and_leave_the_rest_to_the_code() {
    let texts = ["a", "b"].map(Value::text).to_vec();
    let list = Tree::Binary(
        BinaryOperator::In,
        Case::Sensitive,
        Box::new(Tree::Slot(1)),
        Box::new(Tree::List(texts)),
    );
    let start = compare(BinaryOperator::StartsWith, 0, Value::text("an end a"));
    let row = all([compare(BinaryOperator::Equal, 2, Value::Int(7)), list, start]);
    decided_by_entries(
        &row,
        &[
            (r#"{"count":7,"city":"a","name":"an end abc"}"#, Some(Decision::Open)),
            (r#"{"count":7,"city":"a","name":"an oak"}"#, None),
            (r#"{"count":7,"city":"zz","name":"an end abc"}"#, None),
            (r#"{"count":7,"name":"an end abc"}"#, None),
        ],
    );
}

#[test]
fn what_most_rules_name_is_no_key_beside_what_few_do() {
    let equal = |slot, value| compare(BinaryOperator::Equal, slot, Value::text(value));
    let rules: Vec<_> = (0..200)
        .map(|place| {
            let name = if place % 2 == 0 { "common".to_owned() } else { format!("rare-{place}") };
            (all([equal(0, name), equal(1, format!("city-{}", place % 50))]), false)
        })
        .collect();
    let rules = numbered(&rules);
    let index = Index::new(crate::sample::EVENT, rules.iter().map(|(id, rule)| (*id, rule)));
    let keys = |place: usize| index.filing(rules[place].0, &rules[place].1).unwrap().keys;
    assert_eq!(keys(0), [r#"city == "city-0""#]);
    assert_eq!(keys(1), [r#"name == "rare-1""#]);
}
