//! Conditions that are and are not proved to exclude each other.

use std::sync::LazyLock;

use hence_diagnostics::Sources;
use hence_schema::Catalog;
use proptest::prelude::*;

use super::*;
use crate::tests::rule;

/// Returns whether a condition on a created order, and the opposite of it, may hold.
#[track_caller]
fn may(condition: &str) -> (bool, bool) {
    static SHIPPED: LazyLock<(Sources, Catalog)> = LazyLock::new(|| {
        let mut sources = Sources::new();
        let (catalog, _) = hence_schema::catalog(&mut sources, &[]);
        (sources, catalog)
    });
    let (mut sources, catalog) = (SHIPPED.0.clone(), &SHIPPED.1);
    let text = format!("const limit = 100 EUR\n{}", rule(condition));
    let file = sources.add("example.rule", text);
    let files = [hence_syntax::parse(&sources, file)];
    let checked = crate::check(&files, catalog, &TimeZone::UTC);
    let found = checked.diagnostics();
    let errors: Vec<_> = found.iter().filter(|d| d.code.as_str() < "H4").collect();
    assert!(errors.is_empty(), "{condition}: {errors:?}");
    let facts = checked.facts(crate::ItemPlace { file: 0, item: 1 }).unwrap();
    let scope = Scope { facts, declarations: &checked.declarations, files: &files, zone: &TimeZone::UTC };
    let hence_syntax::ast::ItemKind::Rule(rule) = &files[0].items[1].kind else { panic!("no rule") };
    let condition = rule.condition.as_ref().unwrap();
    (scope.can_hold(&[(condition, true)]), scope.can_hold(&[(condition, false)]))
}

const BOTH: (bool, bool) = (true, true);
const NEVER: (bool, bool) = (false, true);
const ALWAYS: (bool, bool) = (true, false);

#[test]
fn conditions_that_exclude_each_other_are_proved() {
    let never = [
        "total > 500 EUR and total < 100 EUR",
        "total > 500 EUR and 100 EUR > event.total",
        "total > 500 EUR and total < limit",
        "total > 500 EUR and total > 500 USD",
        "total >= 5 EUR and not total > 4 EUR",
        "total between 10 EUR and 5 EUR",
        "status == \"paid\" and status == \"pending\"",
        "status == \"paid\" and status not in [\"paid\", \"shipped\"]",
        "status in [\"paid\"] and status in [\"pending\"]",
        "note is missing and note == \"x\"",
        "note is empty and note is not empty",
        "note is present and length(note) > 5 and length(note) < 5",
        "id > 5 and id < 6",
        "id == 5.5",
        "created_at > now and created_at < now",
        "created_at > now and now >= created_at",
        "created_at < 2026-01-01T00:00Z and created_at > 2026-06-01T00:00Z",
        "(customer.marketing_consent else false) and not (customer.marketing_consent else false)",
        "(status == \"paid\" or status == \"shipped\") and (status == \"pending\" or status == \"delivered\")",
        "any(line in items, line.quantity > 1) and none(x in items, false) and not any(x in items, x.quantity > 1)",
        "number contains \"7\" and not number contains \"7\"",
        "tags is empty and tags is not empty",
    ];
    for condition in never {
        assert_eq!(may(condition), NEVER, "{condition}");
    }
}

#[test]
fn conditions_that_always_hold_are_proved() {
    let always = [
        "status != \"paid\" or status != \"pending\"",
        "note is present or note is missing",
        "note != \"x\" or note == \"x\"",
        "not (status == \"paid\" and status == \"pending\")",
        "id >= 5 or id < 5",
        "id > 5 or id <= 5.5",
    ];
    for condition in always {
        assert_eq!(may(condition), ALWAYS, "{condition}");
    }
}

#[test]
fn what_may_go_either_way_is_not_claimed() {
    let both = [
        "total > 100 EUR and total < 500 EUR",
        "total > 100 EUR and subtotal else 0 EUR < 50 EUR",
        "status == \"paid\" or status == \"pending\"",
        "total > 0 EUR",
        "customer.orders_count is present and customer.orders_count >= 0",
        // The values of the schema are not all there may be: others count as missing.
        "risk in [\"low\", \"medium\", \"high\"]",
        "id > 5 and id < 7",
        "number > \"a\" and number < \"b\"",
        "number == \"a\" ignoring case and number == \"A\"",
        "number contains \"7\" and number contains \"8\"",
        "any(line in items, line.quantity > 1) and any(line in items, line.quantity < 1)",
        "created_at > now - 24 h and created_at < now",
        "customer.email == \"x\" and billing_address?.country == \"x\"",
    ];
    for condition in both {
        assert_eq!(may(condition), BOTH, "{condition}");
    }
}

#[test]
fn too_many_alternatives_are_no_proof() {
    let part = |n: usize| format!("(id == {n} or id == {})", n + 100);
    let parts: Vec<String> = (0..14).map(part).collect();
    assert_eq!(may(&parts.join(" and ")), NEVER, "alternatives that exclude each other are dropped early");
    let fields = ["number", "currency", "customer.id", "customer.email", "note", "coupon", "channel"];
    let part = |n: usize| format!("({0} == \"a{n}\" or {0} != \"b{n}\")", fields[n % fields.len()]);
    let parts: Vec<String> = (0..40).map(part).collect();
    let condition = format!("{} and id > 5 and id < 5", parts.join(" and "));
    assert!(may(&condition).0, "the work is bounded");
}

/// An order's id, which is always there, and how many orders its customer has placed.
#[derive(Debug, Clone, Copy)]
struct Event {
    id: i64,
    placed: Option<i64>,
}

/// A condition over those fields, as text and as what it means.
#[derive(Debug, Clone)]
enum Small {
    Id(&'static str, i64),
    Placed(i64),
    Missing,
    In(bool, Vec<i64>),
    Not(Box<Small>),
    And(Box<Small>, Box<Small>),
    Or(Box<Small>, Box<Small>),
}

impl Small {
    fn text(&self) -> String {
        match self {
            Small::Id(operator, number) => format!("id {operator} {number}"),
            Small::Placed(number) => format!("{number} == customer.orders_count"),
            Small::Missing => "customer.orders_count is missing".to_owned(),
            Small::In(true, numbers) => format!("id in {numbers:?}"),
            Small::In(false, numbers) => format!("customer.orders_count in {numbers:?}"),
            Small::Not(inner) => format!("not ({})", inner.text()),
            Small::And(one, other) => format!("(({}) and ({}))", one.text(), other.text()),
            Small::Or(one, other) => format!("(({}) or ({}))", one.text(), other.text()),
        }
    }

    fn holds(&self, event: Event) -> bool {
        match self {
            Small::Id("==", number) => event.id == *number,
            Small::Id("!=", number) => event.id != *number,
            Small::Id("<", number) => event.id < *number,
            Small::Id("<=", number) => event.id <= *number,
            Small::Id(">", number) => event.id > *number,
            Small::Id(_, number) => event.id >= *number,
            Small::Placed(number) => event.placed == Some(*number),
            Small::Missing => event.placed.is_none(),
            Small::In(true, numbers) => numbers.contains(&event.id),
            Small::In(false, numbers) => event.placed.is_some_and(|placed| numbers.contains(&placed)),
            Small::Not(inner) => !inner.holds(event),
            Small::And(one, other) => one.holds(event) && other.holds(event),
            Small::Or(one, other) => one.holds(event) || other.holds(event),
        }
    }
}

fn small() -> impl Strategy<Value = Small> {
    let numbers = || proptest::collection::vec(0..4i64, 1..3);
    let operators = proptest::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let leaf = prop_oneof![
        (operators, 0..4i64).prop_map(|(operator, number)| Small::Id(operator, number)),
        (0..4i64).prop_map(Small::Placed),
        Just(Small::Missing),
        (any::<bool>(), numbers()).prop_map(|(id, numbers)| Small::In(id, numbers)),
    ];
    leaf.prop_recursive(4, 12, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|one| Small::Not(Box::new(one))),
            (inner.clone(), inner.clone()).prop_map(|(a, b)| Small::And(Box::new(a), Box::new(b))),
            (inner.clone(), inner).prop_map(|(a, b)| Small::Or(Box::new(a), Box::new(b))),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn what_is_claimed_is_what_trying_all_events_finds(condition in small()) {
        let ids = -1..=5i64;
        let events = ids.flat_map(|id| (-2..=5i64).map(move |n| Event { id, placed: (n > -2).then_some(n) }));
        let outcomes: Vec<bool> = events.map(|event| condition.holds(event)).collect();
        let found = (outcomes.contains(&true), outcomes.contains(&false));
        prop_assert_eq!(may(&condition.text()), found);
    }
}
