//! One condition, by Hence and by evaluators of expressions.

use std::cell::RefCell;
use std::hint::black_box;
use std::sync::Arc;

use hence_builtins::Context;
use hence_ir::Rule;
use hence_types::jiff::{Timestamp, tz::TimeZone};
use hence_vm::{Decoder, EventInput, Predicate, Projection, Slots};

use crate::order::{self, COUNTRIES, Order, Plain};
use crate::sample;
use crate::turns::{Contender, measure};

/// A condition in the language of each contender.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    rule: Rule,
    hand: fn(&Order) -> bool,
    cel: String,
    datalogic: String,
    rhai: String,
    filter: Filter,
}

pub(crate) fn workloads() -> [Workload; 2] {
    let countries = format!("{COUNTRIES:?}");
    let simple = Workload {
        name: "simple",
        rule: sample::simple(),
        hand: order::simple,
        cel: r#"order.total > 1000.0 && order.customer.tier == "gold""#.into(),
        datalogic: r#"{"and":[{">":[{"var":"total"},1000]},{"==":[{"var":"customer.tier"},"gold"]}]}"#.into(),
        rhai: r#"order.total > 1000.0 && order.customer.tier == "gold""#.into(),
        filter: all(vec![above(|order| order.total, 1000.0), equal(|order| &order.customer.tier, "gold")]),
    };
    let medium = Workload {
        name: "medium",
        rule: sample::medium(),
        hand: order::medium,
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
        rhai: format!(
            r#"order.total > 100.0 && order.status == "paid" && order.customer.country in {countries}
            && !(order.channel == "pos") && (order.customer.orders > 5 || order.customer.tier in ["gold", "silver"])
            && order.id.starts_with("ord_") && (order.shipping.method ?? "none") == "express"
            && order.subtotal + order.tax - order.discount > 1000.0"#
        ),
        filter: all(vec![
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
        ]),
    };
    [simple, medium]
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
struct Entry<'c> {
    name: &'static str,
    held: Box<dyn FnMut(usize) -> bool + 'c>,
    bytes: Option<Box<dyn FnMut(usize) -> bool + 'c>>,
}

pub(crate) fn compare(workload: &Workload) {
    let payloads = order::payloads();
    let mut entries = vec![hand(workload, &payloads)];
    entries.extend(hence(workload, &payloads));
    entries.push(filter(workload, &payloads));
    entries.push(datalogic(workload, &payloads));
    entries.push(rhai(workload, &payloads));
    entries.push(cel(workload, &payloads));
    for place in 0..payloads.len() {
        let orders: Order = serde_json::from_str(&payloads[place]).unwrap();
        let expected = (workload.hand)(&orders);
        for Entry { name, held, bytes } in &mut entries {
            assert_eq!(held(place), expected, "{name}, order {place}");
            if let Some(bytes) = bytes {
                assert_eq!(bytes(place), expected, "{name}, order {place} from bytes");
            }
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
    for Entry { name, held: mut own, bytes } in entries {
        let run = move || (0..count).for_each(|place| drop(black_box(own(black_box(place)))));
        held.push(Contender { name, run: Box::new(run) });
        if let Some(mut bytes) = bytes {
            let run = move || (0..count).for_each(|place| drop(black_box(bytes(black_box(place)))));
            from_bytes.push(Contender { name, run: Box::new(run) });
        }
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
        bytes: Some(Box::new(move |place| (workload.hand)(&read(&payloads[place])))),
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
            Some(Box::new(move |place| {
                compiled
                    .verdict(rule, decoder.borrow_mut().decode(&input(&payloads[place])), &context)
                    .unwrap()
            }))
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
            Some(Box::new(move |place| {
                predicate
                    .verdict(rule, decoder.borrow_mut().decode(&input(&payloads[place])), &context)
                    .unwrap()
            }))
        },
    };
    [code, plain]
}

fn filter<'c>(workload: &'c Workload, payloads: &'c [String]) -> Entry<'c> {
    let read = |payload: &String| serde_json::from_str::<Order>(payload).unwrap();
    let orders: Vec<Order> = payloads.iter().map(read).collect();
    Entry {
        name: "closures, as wirefilter has them",
        held: Box::new(move |place| (workload.filter)(&orders[place])),
        bytes: Some(Box::new(move |place| (workload.filter)(&read(&payloads[place])))),
    }
}

fn datalogic<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    use datalogic_rs::datavalue::OwnedDataValue;
    let engine: &'static datalogic_rs::Engine = Box::leak(Box::new(datalogic_rs::Engine::new()));
    let logic: &'static datalogic_rs::Logic =
        Box::leak(Box::new(engine.compile(&workload.datalogic).unwrap()));
    let values: Vec<OwnedDataValue> =
        payloads.iter().map(|payload| OwnedDataValue::from_json(payload).unwrap()).collect();
    let mut arena = bumpalo::Bump::new();
    let mut other = bumpalo::Bump::new();
    Entry {
        name: "datalogic-rs, an owned value",
        held: Box::new(move |place| {
            arena.reset();
            engine.evaluate(logic, &values[place], &arena).unwrap().as_bool().unwrap()
        }),
        bytes: Some(Box::new(move |place| {
            other.reset();
            engine.evaluate(logic, payloads[place].as_str(), &other).unwrap().as_bool().unwrap()
        })),
    }
}

fn dynamic(value: &Plain) -> rhai::Dynamic {
    match value {
        Plain::Null => rhai::Dynamic::UNIT,
        Plain::Bool(truth) => (*truth).into(),
        Plain::Int(int) => (*int).into(),
        Plain::Float(float) => (*float).into(),
        Plain::Text(text) => text.as_str().into(),
        Plain::List(list) => list.iter().map(dynamic).collect::<Vec<_>>().into(),
        Plain::Map(map) => {
            let members = map.iter().map(|(name, value)| (name.as_str().into(), dynamic(value)));
            members.collect::<rhai::Map>().into()
        }
    }
}

fn rhai<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    let engine = Arc::new(rhai::Engine::new());
    let ast = Arc::new(engine.compile_expression(&workload.rhai).unwrap());
    let scope = |payload: &str| {
        let mut scope = rhai::Scope::new();
        scope.push_dynamic("order", dynamic(&Plain::parse(payload)));
        scope
    };
    let mut scopes: Vec<rhai::Scope<'_>> = payloads.iter().map(|payload| scope(payload)).collect();
    let (own, code) = (Arc::clone(&engine), Arc::clone(&ast));
    Entry {
        name: "rhai",
        held: Box::new(move |place| own.eval_ast_with_scope(&mut scopes[place], &code).unwrap()),
        bytes: Some(Box::new(move |place| {
            engine.eval_ast_with_scope(&mut scope(&payloads[place]), &ast).unwrap()
        })),
    }
}

fn cel<'c>(workload: &Workload, payloads: &'c [String]) -> Entry<'c> {
    use cel::{Context, Env, Program, Value};
    let env = Arc::new(Env::stdlib());
    let program: Arc<Program> = Arc::new(env.compile(&workload.cel).unwrap());
    let own = Arc::clone(&env);
    let context = move |payload: &str| {
        let mut context = Context::with_env(Arc::clone(&own));
        context.add_variable("order", Plain::parse(payload)).unwrap();
        context
    };
    let contexts: Vec<Context<'_, '_>> = payloads.iter().map(|payload| context(payload)).collect();
    let code = Arc::clone(&program);
    Entry {
        name: "cel",
        held: Box::new(move |place| code.execute(&contexts[place]).unwrap() == Value::Bool(true)),
        bytes: Some(Box::new(move |place| {
            program.execute(&context(&payloads[place])).unwrap() == Value::Bool(true)
        })),
    }
}
