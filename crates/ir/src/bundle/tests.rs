//! Bundles are read back as they were written; whatever else is read, is refused.

mod damage;
mod sample;

use hence_types::{Value, Wire};

use super::*;
use crate::{Argument, Effect, NodeId, Operation, PatternId, Resolution, RuleId, Step, print};
use sample::{Builder, additions, version_1};

const FIXTURE: &[u8] = include_bytes!("../../fixtures/version-1.hence");

#[track_caller]
fn round_trip(bundle: &Bundle) -> Bundle {
    let read = read(&write(bundle)).unwrap();
    assert_eq!(format!("{read:#?}"), format!("{bundle:#?}"));
    read
}

#[test]
fn every_operation_step_type_and_value_comes_back() {
    let bundle = version_1();
    let back = round_trip(&bundle);
    for (before, after) in bundle.program.rules.iter().zip(&back.program.rules) {
        assert_eq!(print(before), print(after));
    }
    assert_eq!(back.sources.slice(back.program.rules[0].span), "everything");
}

#[test]
fn what_was_added_at_the_end_of_enumerations_comes_back() {
    let bundle = additions();
    let back = round_trip(&bundle);
    assert_eq!(print(&bundle.program.rules[0]), print(&back.program.rules[0]));
}

#[test]
fn tables_come_back() {
    let mut builder = Builder::default();
    let (condition, result) = (builder.constant(Value::Bool(true)), builder.constant(Value::Int(1)));
    for every in [false, true] {
        let rows = vec![(condition, result), (result, condition)];
        builder.rule.condition = Some(builder.node(Operation::Table { rows, every }));
    }
    round_trip(&builder.finish());
}

#[test]
fn decisions_and_external_functions_come_back() {
    let mut builder = Builder::default();
    let text = builder.constant(Value::text("2026"));
    let pattern = hence_builtins::Pattern::new(r"^(?<year>\d+)(?<more>x)?$", false).unwrap();
    let shape = pattern.shape();
    builder.rule.code.patterns.push(pattern);
    let pattern = PatternId(u32::try_from(builder.rule.code.patterns.len()).unwrap() - 1);
    builder.node(Operation::Groups { operand: text, pattern, shape });
    let (function, file) = ("score".into(), "functions/score.wasm".into());
    let score = builder.node(Operation::External { function, file, arguments: vec![text] });
    let span = builder.rule.span;
    let argument = Argument { name: "text".into(), wire: Wire::Plain, sensitive: false, value: text };
    let effects = [
        Effect::Act { action: "ui.display_message".into(), arguments: vec![argument] },
        Effect::Set { field: "cart.discount".into(), wire: Wire::Plain, sensitive: true, value: score },
        Effect::Block { reason: text },
    ];
    let resolutions = [Resolution::First, Resolution::Unique, Resolution::Best(score)];
    let resolve = |resolution| Step::Resolve { group: "pricing".into(), resolution };
    builder.rule.then = resolutions.into_iter().map(resolve).collect();
    builder.rule.then.extend(effects.into_iter().map(|effect| Step::Answer { effect, span }));
    let bundle = builder.finish();
    let back = round_trip(&bundle);
    assert_eq!(print(&bundle.program.rules[0]), print(&back.program.rules[0]));
    assert_eq!(crate::externals(&back.program).len(), 1);
    let answered = crate::answered(&back.program, "score", &Value::Int(1));
    assert_eq!(crate::externals(&answered), []);
}

#[test]
fn an_empty_bundle_comes_back() {
    round_trip(&Bundle::default());
}

#[test]
fn equal_bundles_have_equal_bytes() {
    assert_eq!(write(&version_1()), write(&version_1()));
    let back = read(&write(&version_1())).unwrap();
    assert_eq!(write(&back), write(&version_1()));
}

#[test]
fn texts_that_no_place_refers_to_are_not_written() {
    let mut bundle = version_1();
    bundle.sources.add("secret.rule", "nothing refers to this");
    assert_eq!(write(&bundle), write(&version_1()));
}

#[test]
fn types_are_kept_once_and_without_documentation() {
    let bundle = version_1();
    let back = read(&write(&bundle)).unwrap();
    let event = &back.program.events[0].payload;
    let Some(hence_types::Type::Record(slot)) =
        back.program.rules[0].plan.slots.first().map(|slot| slot.ty.clone())
    else {
        panic!("the first slot is the payload");
    };
    assert!(Arc::ptr_eq(event, &slot));
}

#[test]
fn the_bundle_of_format_version_1_is_still_read() {
    let bundle = read(FIXTURE).unwrap();
    assert_eq!(format!("{bundle:#?}"), format!("{:#?}", version_1()));
    let header = header(FIXTURE).unwrap();
    assert_eq!(header.version, 1);
    assert_eq!(header.hash.len(), 64);
}

/// Where this fails, the stored form has changed: it needs a version of its own, and types of its own.
#[test]
fn format_version_1_is_still_written_as_it_was() {
    assert_eq!(VERSION, 1, "a new version needs a fixture, too; this test then is of the new one");
    assert!(write(&version_1()) == FIXTURE);
}

#[test]
fn a_constant_may_be_any_tree() {
    use proptest::prelude::*;
    let leaf = prop_oneof![
        Just(Value::Missing),
        any::<bool>().prop_map(Value::Bool),
        any::<i64>().prop_map(Value::Int),
        any::<f64>().prop_map(Value::Float),
        ".{0,8}".prop_map(Value::text),
        (any::<i64>(), 0_u32..=28)
            .prop_map(|(digits, scale)| Value::Decimal(hence_types::Decimal::new(digits, scale))),
    ];
    let tree = leaf.prop_recursive(5, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(|list| Value::List(list.into())),
            prop::collection::vec((".{0,4}".prop_map(Arc::from), inner), 0..6)
                .prop_map(|members| Value::Map(Arc::new(members.into_iter().collect()))),
        ]
    });
    proptest!(ProptestConfig::with_cases(256), |(values in prop::collection::vec(tree, 0..4))| {
        let mut builder = Builder::default();
        builder.rule.code.constants = values;
        round_trip(&builder.finish());
    });
}

#[test]
fn what_nests_deep_is_read_or_refused_without_recursion() {
    let nested = |levels: usize| {
        let mut builder = Builder::default();
        let list = (0..levels).fold(Value::Int(1), |inner, _| Value::List([inner].into()));
        builder.rule.code.constants.push(list);
        builder.finish()
    };
    round_trip(&nested(512));
    assert!(matches!(read(&write(&nested(513))), Err(ReadError::Malformed { .. })));

    let mut builder = Builder::default();
    let mut ty = hence_types::Type::Int;
    for _ in 0..600 {
        ty = hence_types::Type::List(Arc::new(ty));
    }
    builder.slot(ty, hence_types::Wire::Plain);
    assert!(matches!(read(&write(&builder.finish())), Err(ReadError::Malformed { .. })));
}

#[test]
fn numbers_that_lead_nowhere_are_refused() {
    #[track_caller]
    fn refused(change: impl FnOnce(&mut crate::Rule)) {
        let mut builder = Builder::default();
        builder.constant(Value::Bool(true));
        change(&mut builder.rule);
        let result = read(&write(&builder.finish()));
        assert!(matches!(result, Err(ReadError::Malformed { .. })), "{result:?}");
    }
    let span = hence_diagnostics::Span::default();
    let node = |operation| crate::Node { operation, span };
    refused(|rule| rule.condition = Some(NodeId(1)));
    refused(|rule| rule.code.nodes.push(node(Operation::Not(NodeId(1)))));
    refused(|rule| rule.code.nodes.push(node(Operation::Not(NodeId(7)))));
    refused(|rule| rule.code.nodes.push(node(Operation::Constant(crate::ConstantId(1)))));
    refused(|rule| rule.code.nodes.push(node(Operation::Slot(crate::SlotId(0)))));
    refused(|rule| rule.code.nodes.push(node(Operation::Local(crate::LocalId(0)))));
    refused(|rule| rule.code.nodes.push(node(Operation::IsEvent(9))));
    refused(|rule| {
        rule.code.nodes.push(node(Operation::Matches { operand: NodeId(0), pattern: crate::PatternId(0) }));
    });
    refused(|rule| rule.locals = 2);
    refused(|rule| rule.then = vec![crate::Step::Jump(2)]);
    refused(|rule| rule.then = vec![crate::Step::Let { local: crate::LocalId(0), value: NodeId(0), span }]);
    // Each expression is twice the one before: few nodes, but no end to evaluating them.
    refused(|rule| {
        for place in 0..40 {
            rule.code.nodes.push(node(Operation::And(NodeId(place), NodeId(place))));
        }
    });

    let mut bundle = Builder::default().finish();
    Arc::make_mut(&mut bundle.program).events.push(crate::EventType {
        name: "shop.order.created".into(),
        payload: Arc::default(),
        rules: vec![RuleId(1)],
    });
    assert!(matches!(read(&write(&bundle)), Err(ReadError::Malformed { .. })));
}

#[test]
fn steps_and_headers_that_were_added_later_come_back() {
    use hence_diagnostics::Span;
    use hence_types::jiff::{SignedDuration, Timestamp, tz::TimeZone};

    use hence_types::{Type, Wire};

    use crate::{Await, Class, Header, Key, LocalId, OnError, Policy, Retry, Returned, Step};

    let mut bundle = version_1();
    let program = Arc::make_mut(&mut bundle.program);
    let mut rule = program.rules[0].clone();
    let (span, local) = (rule.span, LocalId(0));
    let seconds = SignedDuration::from_secs;
    let retry = Retry { times: 5, every: seconds(30), doubling: true, up_to: Some(seconds(600)) };
    let policy = |on_error| Policy {
        label: Some("notify".into()),
        timeout: Some(SignedDuration::from_millis(1500)),
        retry: Some(retry),
        on_error,
    };
    let act = |policy| Step::Act {
        action: "crm.add_tag".into(),
        class: Class::Idempotent,
        arguments: Vec::new(),
        result: None,
        policy,
        span,
    };
    rule.then = vec![
        Step::Each { list: local, position: local, element: local, end: 3, span },
        Step::Wait { time: NodeId(0), span },
        Step::Attempt { end: 4, handler: 5, error: Some(local), span },
        act(policy(OnError::Continue)),
        act(policy(OnError::GoTo(6))),
        Step::StopAll { span },
        Step::Parallel { strands: vec![1, 4], end: 6, span },
        Step::Batches { list: local, position: local, element: local, at_a_time: 5, end: 3, span },
        Step::Join,
        Step::Emit {
            event: "shop.customer.became_vip".into(),
            fields: vec![crate::Argument {
                name: "customer_id".into(),
                wire: Wire::Plain,
                sensitive: false,
                value: NodeId(0),
            }],
            span,
        },
        Step::Await(Box::new(Await {
            event: "shop.payment.received".into(),
            other: Returned { local, ty: Type::String, wire: Wire::Plain },
            key: Some(Key { field: vec!["order".into(), "id".into()], value: NodeId(0) }),
            condition: Some(NodeId(0)),
            limit: Some(NodeId(0)),
            result: Some(local),
            question: None,
            span,
        })),
        Step::Await(Box::new(Await {
            event: "hence.task.answered".into(),
            other: Returned { local, ty: Type::String, wire: Wire::Plain },
            key: None,
            condition: None,
            limit: Some(NodeId(0)),
            result: Some(local),
            question: Some(crate::Question { role: "manager".into(), text: NodeId(0) }),
            span,
        })),
    ];
    rule.header = Header {
        disabled: true,
        owner: Some("growth".into()),
        tags: vec!["a".into()],
        zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
        from: Some(Timestamp::new(-5, -7).unwrap()),
        until: Some(Timestamp::UNIX_EPOCH),
        exits: Vec::new(),
        pace: Default::default(),
    };
    let mut targets = rule.clone();
    targets.then = vec![Step::Attempt { end: 2, handler: 0, error: None, span: Span { ..span } }];
    program.rules.push(rule);
    round_trip(&bundle);
    Arc::make_mut(&mut bundle.program).rules.push(targets);
    assert!(read(&write(&bundle)).unwrap_err().to_string().contains("there is no such step"));
}

#[test]
fn schedules_come_back() {
    use hence_schedule::{Calendar, Cron, DayOfMonth, DayOfWeek, Days, Missed, Nth, Recurrence, Schedule};
    use hence_types::jiff::civil::{Date, Time, Weekday};
    use hence_types::jiff::tz::TimeZone;

    use hence_types::{Field, Record, Type};

    use crate::{DateWatch, FieldCarrier, Plan, Slot, SlotId, Source, Watch, WatchKind};

    let mut bundle = version_1();
    let calendar = |days| {
        let at = vec![Time::midnight(), Time::constant(17, 30, 5, 0)];
        Recurrence::Calendar(Calendar { days, at, from: Some(Date::constant(2026, 12, 7)) })
    };
    let days_of_months = vec![
        DayOfMonth::Number(31),
        DayOfMonth::Last,
        DayOfMonth::Named(Nth::First(2), DayOfWeek::Working),
        DayOfMonth::Named(Nth::Last, DayOfWeek::One(Weekday::Sunday)),
    ];
    let recurrences = [
        (Recurrence::Seconds(900), Missed::Once),
        (Recurrence::Cron(Cron::parse("0 9 * * MON").unwrap()), Missed::All),
        (calendar(Days::Every(3)), Missed::Skip),
        (calendar(Days::Weeks { every: 2, on: vec![Weekday::Monday, Weekday::Sunday] }), Missed::Once),
        (calendar(Days::Months { every: 1, on: days_of_months }), Missed::Once),
    ];
    let rule = &mut Arc::make_mut(&mut bundle.program).rules[0];
    rule.triggers = vec!["hence.schedule.due".into(); recurrences.len() + 2];
    rule.watches = (0..)
        .zip(recurrences)
        .map(|(trigger, (recurrence, missed))| {
            let zone = (trigger % 2 == 0).then(|| TimeZone::get("Europe/Berlin").unwrap());
            Watch { trigger, kind: WatchKind::Schedule(Schedule { recurrence, zone, missed }) }
        })
        .collect();
    let slot = |path: &str, ty| Slot {
        source: Source::Payload(vec![path.into()]),
        ty,
        wire: Wire::Plain,
        sensitive: false,
    };
    let carrier = FieldCarrier {
        event: "crm.member.created".into(),
        plan: Plan { slots: vec![slot("id", Type::String), slot("renews_at", Type::DateTime)] },
        key: vec![SlotId(0)],
        value: SlotId(1),
        old: None,
        actor: None,
        level: None,
    };
    let date = DateWatch {
        field: "crm.member.renews_at".into(),
        carriers: vec![carrier],
        length: Value::Period(hence_types::Period { months: 1, days: 2 }),
        before: true,
        at: Some(Time::constant(9, 30, 0, 0)),
        zone: Some(TimeZone::get("Europe/Berlin").unwrap()),
    };
    rule.watches.push(Watch { trigger: 5, kind: WatchKind::Date(date) });
    let asked =
        [("since".into(), Field::plain(Type::Date)), ("why".into(), Field::plain(Type::String.optional()))];
    let asked = Record { fields: asked.into_iter().collect(), ..Record::default() };
    rule.watches.push(Watch { trigger: 6, kind: WatchKind::Manual(Arc::new(asked)) });
    round_trip(&bundle);
    let damaged = |damage: fn(&mut Vec<Watch>)| {
        let mut bundle = bundle.clone();
        damage(&mut Arc::make_mut(&mut bundle.program).rules[0].watches);
        read(&write(&bundle)).unwrap_err().to_string()
    };
    assert!(damaged(|watches| watches[0].trigger = 9).contains("there is no such trigger"));
    assert!(damaged(|watches| watches[0].trigger = 1).contains("there is no such trigger"));
    let seconds = WatchKind::Schedule(Schedule {
        recurrence: Recurrence::Seconds(0),
        zone: None,
        missed: Missed::Once,
    });
    let mut never = bundle.clone();
    Arc::make_mut(&mut never.program).rules[0].watches[0].kind = seconds;
    assert!(read(&write(&never)).unwrap_err().to_string().contains("there is no such schedule"));
}

#[test]
fn clauses_that_are_computed_come_back_with_and_without_other_headers() {
    use hence_types::{Type, Wire};

    use crate::{
        Await, Debounce, Key, Length, Limit, LocalId, Overlap, OverlapMode, Pace, Returned, Rollout, Variant,
    };

    let mut bundle = version_1();
    let program = Arc::make_mut(&mut bundle.program);
    let mut rule = program.rules[0].clone();
    let payload = Type::Record(program.events[0].payload.clone());
    let exit = Await {
        event: "shop.order.paid".into(),
        other: Returned { local: LocalId(0), ty: payload, wire: Wire::Plain },
        key: Some(Key { field: vec!["a".into(), "b".into()], value: NodeId(1) }),
        condition: Some(NodeId(3)),
        limit: None,
        result: None,
        question: None,
        span: rule.span,
    };
    let any = Await { key: None, condition: None, ..exit.clone() };
    rule.header.exits = vec![exit, any];
    let text = || Arc::from("as written");
    let by = || vec![NodeId(1), NodeId(2)];
    let exact = Length::Exact(hence_types::jiff::SignedDuration::from_mins(10));
    let calendar = Length::Calendar(hence_types::Period { months: 1, days: 2 });
    let limit = |window| Limit { text: text(), count: 3, window, by: by() };
    rule.header.pace = Pace {
        limits: vec![limit(None), limit(Some(exact)), limit(Some(calendar))],
        rollout: Some(Rollout { text: text(), share: 125_000, by: by() }),
        variant: Some(Variant {
            text: text(),
            local: LocalId(0),
            shares: vec![("A".into(), 400_000), ("B".into(), 600_000)],
            by: by(),
        }),
        debounce: Some(Debounce { text: text(), quiet: exact, by: Vec::new() }),
        overlap: Some(Overlap { text: text(), mode: OverlapMode::Restart, by: by() }),
    };
    program.rules.push(rule.clone());
    let back = round_trip(&bundle);
    assert_eq!(print(&rule), print(&back.program.rules[1]));

    let program = Arc::make_mut(&mut bundle.program);
    program.rules[1].header.disabled = true;
    round_trip(&bundle);
    Arc::make_mut(&mut bundle.program).rules[1].header.exits[0].condition = Some(NodeId(9999));
    assert!(read(&write(&bundle)).unwrap_err().to_string().contains("there is no such node"));
}
