//! One event against many rules, by Hence and by matchers of many rules.

use std::hint::black_box;
use std::panic::AssertUnwindSafe;

use a_tree::{ATree, AttributeDefinition};
use hence_builtins::BinaryOperator;
use hence_index::Index;
use hence_ir::{Rule, RuleId};
use hence_types::jiff::Timestamp;
use hence_types::{Type, Value};
use hence_vm::EventInput;
use quamina::Quamina;

use crate::build::{self, Condition};
use crate::turns::{Contender, measure};

/// Fields that are texts, and how many values each has.
const TEXTS: [(&str, u64); 6] =
    [("tenant", 300), ("kind", 30), ("city", 800), ("status", 12), ("sku", 5_000), ("campaign", 300)];
const NUMBERS: [(&str, u64); 3] = [("amount", 10_000), ("quantity", 50), ("stock", 1_000)];

/// A rule: two texts that must be equal, and a number that must be greater.
struct Wanted {
    texts: [(&'static str, String); 2],
    number: (&'static str, u64),
}

/// Numbers that look random and are always the same.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16) % bound
    }

    fn text(&mut self, place: usize) -> (&'static str, String) {
        let (name, values) = TEXTS[place];
        (name, format!("{name}-{}", self.below(values).min(self.below(values))))
    }
}

/// An event: texts and numbers in the order of the fields.
struct Event {
    json: String,
    texts: Vec<(&'static str, String)>,
    numbers: Vec<(&'static str, u64)>,
}

pub(crate) fn compare(count: usize) {
    let mut random = Random(0x5eed_0004);
    let wanted: Vec<Wanted> = (0..count)
        .map(|_| {
            let (first, second) = (random.below(6) as usize, random.below(5) as usize);
            let texts = [random.text(first), random.text((first + 1 + second) % 6)];
            let (name, bound) = NUMBERS[random.below(3) as usize];
            Wanted { texts, number: (name, random.below(bound)) }
        })
        .collect();
    let events: Vec<Event> = (0..128)
        .map(|_| {
            let texts: Vec<_> = (0..6).map(|place| random.text(place)).collect();
            let numbers: Vec<_> = NUMBERS.iter().map(|(name, bound)| (*name, random.below(*bound))).collect();
            let members = texts.iter().map(|(name, text)| format!("\"{name}\":\"{text}\""));
            let members = members.chain(numbers.iter().map(|(name, number)| format!("\"{name}\":{number}")));
            let json = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
            Event { json, texts, numbers }
        })
        .collect();
    let expected: Vec<Vec<usize>> = events.iter().map(|event| by_hand(&wanted, event)).collect();
    let matches = expected.iter().map(Vec::len).sum::<usize>() as f64 / events.len() as f64;

    let rules: Vec<Rule> = wanted.iter().map(rule).collect();
    let index = Index::new(build::EVENT, (0..).map(RuleId).zip(&rules));
    let find = |event: &Event| {
        let input = EventInput {
            name: build::EVENT,
            id: "evt-1",
            time: Timestamp::UNIX_EPOCH,
            source: "shop",
            payload: &event.json,
        };
        index.find(&index.projection().decode(&input))
    };
    for (event, expected) in events.iter().zip(&expected) {
        let found: Vec<usize> = find(event).iter().map(|found| found.rule.0 as usize).collect();
        assert_eq!(found, *expected, "Hence, {}", event.json);
    }
    let tree = atree(&wanted);
    let quamina = with_quamina(&wanted).filter(|quamina| {
        let all = || events.iter().all(|event| quamina.matches_for_event(event.json.as_bytes()).is_ok());
        std::panic::catch_unwind(AssertUnwindSafe(all)).is_ok_and(|all| all)
    });
    let mut contenders = vec![Contender {
        name: "Hence, bytes to rules",
        run: Box::new(|| events.iter().for_each(|event| drop(black_box(find(event))))),
    }];
    let (mut notes, mut same) = (Vec::new(), true);
    for (event, expected) in events.iter().zip(&expected) {
        let mut found = in_tree(&tree, event);
        found.sort_unstable();
        assert_eq!(found, *expected, "a-tree, {}", event.json);
        if let Some(quamina) = &quamina {
            let mut found = quamina.matches_for_event(event.json.as_bytes()).unwrap();
            found.sort_unstable();
            same &= found.iter().copied().eq(expected.iter().copied());
        }
    }
    contenders.push(Contender {
        name: "a-tree, from values held",
        run: Box::new(|| events.iter().for_each(|event| drop(black_box(in_tree(&tree, event))))),
    });
    match &quamina {
        Some(quamina) => {
            if !same {
                notes.push("quamina finds other rules than all others do");
            }
            let run = || {
                for event in &events {
                    let _ = black_box(quamina.matches_for_event(event.json.as_bytes()));
                }
            };
            contenders.push(Contender { name: "quamina, bytes to rules", run: Box::new(run) });
        }
        None => notes.push("quamina panics on these rules"),
    }
    contenders.push(Contender {
        name: "Rust by hand, every rule in turn, from values held",
        run: Box::new(|| events.iter().for_each(|event| drop(black_box(by_hand(&wanted, event))))),
    });
    measure(&format!("{count} rules, {matches:.1} matches an event"), events.len(), &mut contenders);
    notes.iter().for_each(|note| println!("\n{note}"));
}

fn by_hand(wanted: &[Wanted], event: &Event) -> Vec<usize> {
    let holds = |wanted: &Wanted| {
        wanted
            .texts
            .iter()
            .all(|(name, text)| event.texts.iter().any(|(own, value)| own == name && value == text))
            && event.numbers.iter().any(|(own, value)| *own == wanted.number.0 && *value > wanted.number.1)
    };
    wanted.iter().enumerate().filter(|(_, wanted)| holds(wanted)).map(|(place, _)| place).collect()
}

fn rule(wanted: &Wanted) -> Rule {
    let texts = wanted.texts.iter().map(|(name, text)| {
        Condition::Compare(BinaryOperator::Equal, (name, Type::String), Value::text(text.as_str()))
    });
    let (name, bound) = wanted.number;
    let number = Condition::Compare(BinaryOperator::Greater, (name, Type::Int), Value::Int(bound as i64));
    build::rule(&Condition::All(texts.chain([number]).collect()))
}

fn atree(wanted: &[Wanted]) -> ATree<usize> {
    let texts = TEXTS.iter().map(|(name, _)| AttributeDefinition::string(name));
    let numbers = NUMBERS.iter().map(|(name, _)| AttributeDefinition::integer(name));
    let definitions: Vec<AttributeDefinition> = texts.chain(numbers).collect();
    let mut tree = ATree::new(&definitions).unwrap();
    for (place, Wanted { texts: [first, second], number }) in wanted.iter().enumerate() {
        let expression = format!(
            "{} = '{}' and {} = '{}' and {} > {}",
            first.0, first.1, second.0, second.1, number.0, number.1
        );
        tree.insert(&place, &expression).unwrap();
    }
    tree
}

fn in_tree(tree: &ATree<usize>, event: &Event) -> Vec<usize> {
    let mut own = tree.make_event();
    for (name, text) in &event.texts {
        own.with_string(name, text).unwrap();
    }
    for (name, number) in &event.numbers {
        own.with_integer(name, *number as i64).unwrap();
    }
    let event = own.build().unwrap();
    tree.search(&event).unwrap().matches().iter().map(|place| **place).collect()
}

fn with_quamina(wanted: &[Wanted]) -> Option<Quamina<usize>> {
    let made = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let mut quamina = Quamina::new();
        for (place, Wanted { texts: [first, second], number }) in wanted.iter().enumerate() {
            let pattern = format!(
                r#"{{"{}":["{}"],"{}":["{}"],"{}":[{{"numeric":[">",{}]}}]}}"#,
                first.0, first.1, second.0, second.1, number.0, number.1
            );
            quamina.add_pattern(place, &pattern).unwrap();
        }
        quamina
    }));
    made.ok()
}
