//! What the engine makes of events for triggers that are more than an event, beside a model that looks at all of them at
//! once. Its tests stand here, as the engine has no store of its own.

use std::collections::BTreeSet;
use std::sync::Arc;

use hence_diagnostics::Span;
use hence_engine::{
    CallFuture, Clock, Connector, Driver, Effect, EventFilter, ManualClock, NewEvent, Request, Response,
    Store,
};
use hence_ir::{
    Code, Direction, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Plan, Program,
    Rest, Rule, Slot, SlotId, Source, Watch, WatchKind,
};
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_types::{Type, Value, Wire};
use proptest::prelude::*;

use crate::{Memory, Sqlite};

/// How long all patterns take, in seconds.
const WITHIN: i64 = 10;
/// How many events are counted.
const TIMES: usize = 3;

/// Something that happens: after so many seconds, the event `t.a` or `t.b` of a key, with a value.
#[derive(Debug, Clone, Copy)]
struct Happens {
    after: i64,
    is_a: bool,
    key: u8,
    value: i64,
}

/// A rule that is started: its name, the second, the key.
type Firing = (&'static str, i64, u8);

struct Silent;

impl Connector for Silent {
    fn call<'a>(&'a self, _: &'a Request) -> CallFuture<'a> {
        Box::pin(async { Ok(Response::default()) })
    }
}

fn slot(name: &str, ty: Type) -> Slot {
    Slot { source: Source::Payload(vec![name.into()]), ty, wire: Wire::Plain, sensitive: false }
}

fn keyed(event: &str) -> KeyedEvent {
    KeyedEvent { event: event.into(), plan: Plan { slots: vec![slot("key", Type::Int)] } }
}

fn seconds(seconds: i64) -> Value {
    Value::Duration(SignedDuration::from_secs(seconds))
}

fn field(condition: FieldCondition) -> WatchKind {
    let carrier = FieldCarrier {
        event: "t.a".into(),
        plan: Plan { slots: vec![slot("key", Type::Int), slot("value", Type::Int)] },
        key: vec![SlotId(0)],
        value: SlotId(1),
        old: None,
        actor: None,
        level: None,
    };
    WatchKind::Field(FieldWatch { field: "t.thing.value".into(), carriers: vec![carrier], condition })
}

fn pattern(rest: Rest) -> WatchKind {
    WatchKind::Pattern(Pattern { first: keyed("t.a"), within: seconds(WITHIN), rest })
}

fn program() -> Program {
    let one = || Some(Value::Int(1));
    let rule = |name: &str, event: &str, kind: WatchKind| Rule {
        name: name.into(),
        title: String::new(),
        doc: String::new(),
        priority: 5,
        version: "1".into(),
        triggers: vec![event.into()],
        watches: vec![Watch { trigger: 0, kind }],
        plan: Plan::default(),
        code: Code::default(),
        locals: 0,
        condition: None,
        then: Vec::new(),
        otherwise: None,
        header: Default::default(),
        span: Span::default(),
    };
    let stay = Some(seconds(WITHIN));
    let level = Level::Fixed(Value::Int(1));
    let crosses = FieldCondition::Crosses { direction: Direction::Falls, level };
    let changes = FieldCondition::Changes { from: None, to: one(), stay: None };
    let rules = vec![
        rule("absence", "t.a", pattern(Rest::Without(keyed("t.b")))),
        rule("count", "t.a", pattern(Rest::Times(TIMES as u32))),
        rule("sequence", "t.b", pattern(Rest::FollowedBy(keyed("t.b"), "first".into()))),
        rule("change", "t.thing.value", field(changes)),
        rule("stay", "t.thing.value", field(FieldCondition::Changes { from: None, to: one(), stay })),
        rule("crossing", "t.thing.value", field(crosses)),
    ];
    Program { rules, events: Vec::new() }
}

fn start() -> Timestamp {
    Timestamp::from_second(1_767_225_600).unwrap()
}

/// Returns what the engine makes of it. `timely` has it look whenever it says so, else only at the end; after every
/// `restarts` events it starts anew.
fn by_engine(store: Arc<dyn Store>, happens: &[Happens], timely: bool, restarts: usize) -> BTreeSet<Firing> {
    let clock = Arc::new(ManualClock::new(start()));
    let program = Arc::new(program());
    let driver = || {
        let clock = Arc::clone(&clock) as Arc<dyn Clock>;
        Driver::new(Arc::clone(&program), Arc::clone(&store), Arc::new(Silent), clock, TimeZone::UTC)
    };
    let mut running = driver();
    let mut due = None;
    // Does what is due up to an instant, each at its time.
    let look = |running: &Driver, due: &mut Option<Timestamp>, until: Timestamp| {
        while let Some(at) = due.filter(|at| *at <= until) {
            clock.advance(at.duration_since(clock.now()).max(SignedDuration::ZERO));
            let effects = running.look().unwrap();
            *due = effects
                .iter()
                .filter_map(|effect| if let Effect::WatchAt(at) = effect { Some(*at) } else { None })
                .min();
        }
        clock.advance(until.duration_since(clock.now()).max(SignedDuration::ZERO));
    };
    let mut at = start();
    for (number, happens) in happens.iter().enumerate() {
        at += SignedDuration::from_secs(happens.after);
        if timely {
            look(&running, &mut due, at);
        }
        if restarts > 0 && number % restarts == restarts - 1 {
            running = driver();
            running.recover().unwrap();
        }
        clock.advance(at.duration_since(clock.now()).max(SignedDuration::ZERO));
        let event = NewEvent {
            id: format!("e{number}").into(),
            source: "t".into(),
            name: if happens.is_a { "t.a".into() } else { "t.b".into() },
            received_at: at,
            occurred_at: at,
            payload: format!(r#"{{"key": {}, "value": {}}}"#, happens.key, happens.value).into(),
            mismatches: Vec::new(),
            target: None,
            cause: None,
            trace: None,
        };
        let (_, stored) = running.accept(vec![event]).unwrap();
        running.handle_event(&stored[0]).unwrap();
        if timely {
            due = Some(clock.now());
            look(&running, &mut due, at);
        }
    }
    due = Some(clock.now());
    look(&running, &mut due, at + SignedDuration::from_secs(2 * WITHIN));
    assert_eq!(due, None, "nothing is kept that can come to nothing");
    let events = store.events(&EventFilter::default(), None, usize::MAX).unwrap().items;
    let fired = events.into_iter().filter_map(|stored| {
        let rules = ["absence", "count", "sequence", "change", "stay", "crossing"];
        let rule = stored.event.target.map(|target| target.rule)?;
        let rule = rules.into_iter().find(|name| **name == *rule)?;
        let payload: serde_json::Value = serde_json::from_str(&stored.event.payload).unwrap();
        let key = payload["key"].as_u64().and_then(|key| u8::try_from(key).ok())?;
        Some((rule, stored.event.occurred_at.as_second() - start().as_second(), key))
    });
    fired.collect()
}

/// Returns what it comes to, looking at all events of a key at once.
fn by_model(happens: &[Happens]) -> BTreeSet<Firing> {
    let mut fired = BTreeSet::new();
    for key in 0..3 {
        let mut at = 0;
        let mut events = Vec::new();
        for happens in happens {
            at += happens.after;
            if happens.key == key {
                events.push((at, happens.is_a, happens.value));
            }
        }
        of_patterns(&events, key, &mut fired);
        let values: Vec<(i64, i64)> =
            events.iter().filter(|(_, is_a, _)| *is_a).map(|(at, _, value)| (*at, *value)).collect();
        of_values(&values, key, &mut fired);
    }
    fired
}

fn of_patterns(events: &[(i64, bool, i64)], key: u8, fired: &mut BTreeSet<Firing>) {
    let mut used = vec![false; events.len()];
    for (place, (at, is_a, _)) in events.iter().enumerate() {
        let (before, after) = (&events[..place], &events[place + 1..]);
        if *is_a {
            if !after.iter().any(|(other, _, _)| *other < at + WITHIN) {
                fired.insert(("absence", at + WITHIN, key));
            }
            let counted: Vec<usize> = (0..=place)
                .filter(|other| events[*other].1 && !used[*other] && events[*other].0 + WITHIN > *at)
                .collect();
            if counted.len() == TIMES {
                fired.insert(("count", *at, key));
                counted.iter().for_each(|other| used[*other] = true);
            }
        } else if let Some((first, true, _)) = before.last()
            && first + WITHIN > *at
        {
            fired.insert(("sequence", *at, key));
        }
    }
}

fn of_values(values: &[(i64, i64)], key: u8, fired: &mut BTreeSet<Firing>) {
    for (place, pair) in values.windows(2).enumerate() {
        let ((_, old), (at, new)) = (pair[0], pair[1]);
        if new == 1 && old != 1 {
            fired.insert(("change", at, key));
            let leaves = values[place + 1..].iter().find(|(_, value)| *value != 1);
            if leaves.is_none_or(|(left, _)| *left >= at + WITHIN) {
                fired.insert(("stay", at + WITHIN, key));
            }
        }
        if old >= 1 && new < 1 {
            fired.insert(("crossing", at, key));
        }
    }
}

fn story() -> impl Strategy<Value = Vec<Happens>> {
    let happens = (0..8i64, any::<bool>(), 0..3u8, 0..3i64);
    let happens = happens.prop_map(|(after, is_a, key, value)| Happens { after, is_a, key, value });
    prop::collection::vec(happens, 0..40)
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(256) })]

    #[test]
    fn the_engine_and_the_model_agree(happens in story(), timely in any::<bool>(), restarts in 0..5usize) {
        let engine = by_engine(Arc::new(Memory::new()), &happens, timely, restarts);
        prop_assert_eq!(engine, by_model(&happens));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(16) })]

    #[test]
    fn they_agree_on_sqlite(happens in story(), timely in any::<bool>(), restarts in 0..5usize) {
        let store = Arc::new(Sqlite::open_in_memory().unwrap());
        prop_assert_eq!(by_engine(store, &happens, timely, restarts), by_model(&happens));
    }
}
