//! One condition, by Hence, by hand, and by its peers.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;

use hence_builtins::Context;
use hence_ir::Rule;
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_vm::{Decoder, EventInput, Predicate, Projection, Slots};

use crate::order::{self, COUNTRIES, EMAIL, FROM, Order, UNTIL};
use crate::turns::{Contender, measure};
use crate::{evaluators, policies, sample};

/// A condition in the language of each contender; none where the language cannot say it.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    rule: Rule,
    hand: fn(&Order) -> bool,
    pub(crate) cedar: Option<String>,
    pub(crate) cel: String,
    pub(crate) datalogic: String,
    pub(crate) rego: String,
    pub(crate) rhai: String,
    pub(crate) zen: String,
    filter: Option<Filter>,
}

pub(crate) fn workloads() -> [Workload; 3] {
    let countries = format!("{COUNTRIES:?}");
    let simple = Workload {
        name: "simple",
        rule: sample::simple(),
        hand: order::simple,
        cedar: Some(r#"context.total > 100000 && context.customer.tier == "gold""#.into()),
        cel: r#"order.total > 1000.0 && order.customer.tier == "gold""#.into(),
        datalogic: r#"{"and":[{">":[{"var":"total"},1000]},{"==":[{"var":"customer.tier"},"gold"]}]}"#.into(),
        rego: r#"allow if { input.total > 1000; input.customer.tier == "gold" }"#.into(),
        rhai: r#"order.total > 1000.0 && order.customer.tier == "gold""#.into(),
        zen: r#"total > 1000 and customer.tier == "gold""#.into(),
        filter: Some(all(vec![
            above(|order| order.total, 1000.0),
            equal(|order| &order.customer.tier, "gold"),
        ])),
    };
    let medium = Workload {
        name: "medium",
        rule: sample::medium(),
        hand: order::medium,
        cedar: Some(format!(
            r#"context.total > 10000 && context.status == "paid" && {countries}.contains(context.customer.country)
            && !(context.channel == "pos")
            && (context.customer.orders > 5 || ["gold", "silver"].contains(context.customer.tier))
            && context.id like "ord_*" && context.shipping has method && context.shipping.method == "express"
            && context.subtotal + context.tax - context.discount > 100000"#
        )),
        cel: format!(
            r#"order.total > 100.0 && order.status == "paid" && order.customer.country in {countries}
            && !(order.channel == "pos") && (order.customer.orders > 5 || order.customer.tier in ["gold", "silver"])
            && order.id.startsWith("ord_") && (has(order.shipping.method) ? order.shipping.method : "none") == "express"
            && order.subtotal + order.tax - order.discount > 1000.0"#
        ),
        datalogic: format!(
            r#"{{"and":[{{">":[{{"var":"total"}},100]}},{{"==":[{{"var":"status"}},"paid"]}},
            {{"in":[{{"var":"customer.country"}},{countries}]}},{{"!":[{{"==":[{{"var":"channel"}},"pos"]}}]}},
            {{"or":[{{">":[{{"var":"customer.orders"}},5]}},{{"in":[{{"var":"customer.tier"}},["gold","silver"]]}}]}},
            {{"==":[{{"substr":[{{"var":"id"}},0,4]}},"ord_"]}},{{"==":[{{"var":["shipping.method","none"]}},"express"]}},
            {{">":[{{"-":[{{"+":[{{"var":"subtotal"}},{{"var":"tax"}}]}},{{"var":"discount"}}]}},1000]}}]}}"#
        ),
        rego: format!(
            r#"allow if {{
                input.total > 100
                input.status == "paid"
                input.customer.country in {countries}
                not in_store
                known
                startswith(input.id, "ord_")
                object.get(input.shipping, "method", "none") == "express"
                (input.subtotal + input.tax) - input.discount > 1000
            }}
            in_store if input.channel == "pos"
            known if input.customer.orders > 5
            known if input.customer.tier in ["gold", "silver"]"#
        ),
        rhai: format!(
            r#"order.total > 100.0 && order.status == "paid" && order.customer.country in {countries}
            && !(order.channel == "pos") && (order.customer.orders > 5 || order.customer.tier in ["gold", "silver"])
            && order.id.starts_with("ord_") && (order.shipping.method ?? "none") == "express"
            && order.subtotal + order.tax - order.discount > 1000.0"#
        ),
        zen: format!(
            r#"total > 100 and status == "paid" and customer.country in {countries} and not (channel == "pos")
            and (customer.orders > 5 or customer.tier in ["gold", "silver"]) and startsWith(id, "ord_")
            and (shipping.method ?? "none") == "express" and subtotal + tax - discount > 1000"#
        ),
        filter: Some(all(vec![
            above(|order| order.total, 100.0),
            equal(|order| &order.status, "paid"),
            one_of(|order| &order.customer.country, &COUNTRIES),
            not(equal(|order| &order.channel, "pos")),
            any(vec![
                above(|order| order.customer.orders as f64, 5.0),
                one_of(|order| &order.customer.tier, &["gold", "silver"]),
            ]),
            Box::new(|order| order.id.starts_with("ord_")),
            equal(
                |order| {
                    let method = order.shipping.as_ref().and_then(|shipping| shipping.method.as_deref());
                    method.unwrap_or("none")
                },
                "express",
            ),
            above(|order| order.subtotal + order.tax - order.discount, 1000.0),
        ])),
    };
    [simple, medium, complex()]
}

fn complex() -> Workload {
    Workload {
        name: "complex",
        rule: sample::complex(),
        hand: order::complex,
        // No test of a set's elements and no patterns.
        cedar: None,
        cel: format!(
            r#"order.items.exists(item, item.price * double(item.qty) > 500.0 && item.category == "furniture")
            && timestamp(order.created_at) >= timestamp("{FROM}") && timestamp(order.created_at) < timestamp("{UNTIL}")
            && order.customer.email.matches(r"{EMAIL}")"#
        ),
        datalogic: format!(
            r#"{{"and":[{{"some":[{{"var":"items"}},{{"and":[{{">":[{{"*":[{{"var":"price"}},{{"var":"qty"}}]}},500]}},
            {{"==":[{{"var":"category"}},"furniture"]}}]}}]}},{{">=":[{{"var":"created_at"}},"{FROM}"]}},
            {{"<":[{{"var":"created_at"}},"{UNTIL}"]}},{{"known":[{{"var":"customer.email"}}]}}]}}"#
        ),
        rego: format!(
            r#"allow if {{
                some item in input.items
                item.price * item.qty > 500
                item.category == "furniture"
                created := time.parse_rfc3339_ns(input.created_at)
                created >= time.parse_rfc3339_ns("{FROM}")
                created < time.parse_rfc3339_ns("{UNTIL}")
                regex.match(`{EMAIL}`, input.customer.email)
            }}"#
        ),
        rhai: format!(
            r#"order.items.some(|item| item.price * item.qty > 500.0 && item.category == "furniture")
            && order.created_at >= "{FROM}" && order.created_at < "{UNTIL}" && known(order.customer.email)"#
        ),
        zen: format!(
            r#"some(items, #.price * #.qty > 500 and #.category == "furniture") and d(created_at) >= d("{FROM}")
            and d(created_at) < d("{UNTIL}") and matches(customer.email, "{EMAIL}")"#
        ),
        // No lists.
        filter: None,
    }
}

/// A filter of boxed closures, as wirefilter makes them: a closure for each test and one around them for each operator.
type Filter = Box<dyn Fn(&Order) -> bool>;

fn all(parts: Vec<Filter>) -> Filter {
    Box::new(move |order| parts.iter().all(|part| part(order)))
}

fn any(parts: Vec<Filter>) -> Filter {
    Box::new(move |order| parts.iter().any(|part| part(order)))
}

fn not(part: Filter) -> Filter {
    Box::new(move |order| !part(order))
}

fn above(field: fn(&Order) -> f64, bound: f64) -> Filter {
    Box::new(move |order| field(order) > bound)
}

fn equal(field: fn(&Order) -> &str, text: &'static str) -> Filter {
    Box::new(move |order| field(order) == text)
}

fn one_of(field: fn(&Order) -> &str, texts: &'static [&'static str]) -> Filter {
    Box::new(move |order| texts.contains(&field(order)))
}

fn input(payload: &str) -> EventInput<'_> {
    EventInput { name: sample::EVENT, id: "evt-1", time: Timestamp::UNIX_EPOCH, source: "shop", payload }
}

/// A contender: a name, the verdict on the order of a number, held in its own form, and that from the order's bytes.
pub(crate) struct Entry<'c> {
    pub(crate) name: &'static str,
    pub(crate) held: Box<dyn FnMut(usize) -> bool + 'c>,
    pub(crate) bytes: Box<dyn FnMut(usize) -> bool + 'c>,
}

pub(crate) fn compare(workload: &Workload) {
    let payloads = order::payloads();
    let mut entries = vec![hand(workload, &payloads)];
    entries.extend(hence(workload, &payloads));
    entries.extend(filter(workload, &payloads));
    entries.push(evaluators::datalogic(workload, &payloads));
    entries.push(evaluators::zen(workload, &payloads));
    entries.push(evaluators::rhai(workload, &payloads));
    entries.push(evaluators::cel(workload, &payloads));
    entries.extend(policies::cedar(workload, &payloads));
    entries.push(policies::rego(workload, &payloads));
    for place in 0..payloads.len() {
        let orders: Order = serde_json::from_str(&payloads[place]).unwrap();
        let expected = (workload.hand)(&orders);
        for Entry { name, held, bytes } in &mut entries {
            assert_eq!(held(place), expected, "{name}, order {place}");
            assert_eq!(bytes(place), expected, "{name}, order {place} from bytes");
        }
    }
    let count = payloads.len();
    let (mut held, mut from_bytes) = (Vec::new(), Vec::new());
    let skip = || {
        for payload in &payloads {
            black_box(serde_json::from_str::<serde::de::IgnoredAny>(black_box(payload)).unwrap());
        }
    };
    from_bytes.push(Contender { name: "`serde_json`, skipping everything", run: Box::new(skip) });
    for Entry { name, held: mut own, mut bytes } in entries {
        let run = move || {
            for place in 0..count {
                black_box(own(black_box(place)));
            }
        };
        held.push(Contender { name, run: Box::new(run) });
        let run = move || {
            for place in 0..count {
                black_box(bytes(black_box(place)));
            }
        };
        from_bytes.push(Contender { name, run: Box::new(run) });
    }
    measure(&format!("{}: evaluation", workload.name), count, &mut held);
    drop(held);
    measure(&format!("{}: from bytes", workload.name), count, &mut from_bytes);
}

fn hand<'c>(workload: &'c Workload, payloads: &'c [String]) -> Entry<'c> {
    let read = |payload: &String| serde_json::from_str::<Order>(payload).unwrap();
    let orders: Vec<Order> = payloads.iter().map(read).collect();
    Entry {
        name: "Rust by hand, floats",
        held: Box::new(move |place| (workload.hand)(&orders[place])),
        bytes: Box::new(move |place| (workload.hand)(&read(&payloads[place]))),
    }
}

fn hence<'c>(workload: &'c Workload, payloads: &'c [String]) -> [Entry<'c>; 2] {
    let rule = &workload.rule;
    let context = Context { now: Timestamp::UNIX_EPOCH, zone: TimeZone::UTC };
    let projection: &'c Projection = Box::leak(Box::new(Projection::new(&rule.plan)));
    let slots: Arc<Vec<Slots>> =
        Arc::new(payloads.iter().map(|payload| projection.decode(&input(payload))).collect());
    let predicate = Arc::new(Predicate::new(rule));
    let compiled = Arc::new(hence_jit::compile(&[Arc::clone(&predicate)]).unwrap().remove(0));
    let code = Entry {
        name: "Hence, machine code",
        held: {
            let (compiled, slots, context) = (Arc::clone(&compiled), Arc::clone(&slots), context.clone());
            Box::new(move |place| compiled.verdict(rule, &slots[place], &context).unwrap())
        },
        bytes: {
            let (decoder, context) = (RefCell::new(Decoder::new(projection)), context.clone());
            Box::new(move |place| {
                compiled
                    .verdict(rule, decoder.borrow_mut().decode(&input(&payloads[place])), &context)
                    .unwrap()
            })
        },
    };
    let plain = Entry {
        name: "Hence, predicate",
        held: {
            let (predicate, context) = (Arc::clone(&predicate), context.clone());
            Box::new(move |place| predicate.verdict(rule, &slots[place], &context).unwrap())
        },
        bytes: {
            let decoder = RefCell::new(Decoder::new(projection));
            Box::new(move |place| {
                predicate
                    .verdict(rule, decoder.borrow_mut().decode(&input(&payloads[place])), &context)
                    .unwrap()
            })
        },
    };
    [code, plain]
}

fn filter<'c>(workload: &'c Workload, payloads: &'c [String]) -> Option<Entry<'c>> {
    let filter = workload.filter.as_ref()?;
    let read = |payload: &String| serde_json::from_str::<Order>(payload).unwrap();
    let orders: Vec<Order> = payloads.iter().map(read).collect();
    Some(Entry {
        name: "closures, as wirefilter has them",
        held: Box::new(move |place| filter(&orders[place])),
        bytes: Box::new(move |place| filter(&read(&payloads[place]))),
    })
}
