//! Rules and events to measure with. All are generated from a fixed seed.

use hence_builtins::BinaryOperator;
use hence_ir::{Plan, Rule};
use hence_types::{Type, Value};

use crate::build::{self, Condition, Field};

/// Rules of one event, and events.
pub(crate) struct Workload {
    pub(crate) name: &'static str,
    pub(crate) rules: Vec<Rule>,
    pub(crate) events: Vec<String>,
}

/// An order of nearly one kilobyte.
pub(crate) const ORDER: &str = r#"{"id":"ord_8f14e45fceea167a","number":10482,"created_at":"2026-11-20T09:31:07Z","currency":"EUR","total":1249.90,"subtotal":1188.00,"tax":61.90,"discount":0,"status":"paid","channel":"web","customer":{"id":"cus_1679091c5a880faf","email":"ada.lovelace@example.com","first_name":"Ada","last_name":"Lovelace","tier":"gold","country":"DE","orders":17,"tags":["newsletter","vip"],"address":{"line1":"Hauptstraße 12","city":"Berlin","zip":"10115","country":"DE"}},"items":[{"sku":"SKU-1001","title":"Mechanical keyboard","qty":1,"price":189.00,"category":"electronics"},{"sku":"SKU-2044","title":"Desk lamp \"Luxo\"","qty":2,"price":79.50,"category":"home"},{"sku":"SKU-3177","title":"Office chair","qty":1,"price":840.00,"category":"furniture"}],"shipping":{"method":"express","price":12.90,"carrier":"dhl","promised":"2026-11-22"},"payment":{"method":"card","brand":"visa","last4":"4242","captured":true,"risk":0.07},"note":null,"utm":{"source":"newsletter","campaign":"black-friday"}}"#;

/// Fields of the order.
pub(crate) fn order_plan(count: usize) -> Plan {
    let fields: [Field; 8] = [
        ("total", Type::Decimal),
        ("customer.tier", Type::String),
        ("status", Type::String),
        ("customer.orders", Type::Int),
        ("customer.country", Type::String),
        ("shipping.method", Type::String),
        ("payment.captured", Type::Bool),
        ("channel", Type::String),
    ];
    Plan { slots: fields.iter().take(count).map(build::slot).collect() }
}

/// `total > 1000 and customer.tier == "gold"`
pub(crate) fn order_rule() -> Rule {
    build::rule(&Condition::All(vec![
        Condition::Compare(BinaryOperator::Greater, ("total", Type::Decimal), Value::Int(1000)),
        Condition::Compare(BinaryOperator::Equal, ("customer.tier", Type::String), Value::text("gold")),
    ]))
}

/// Numbers that look random and are always the same.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 16
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    /// A number below a bound, small ones more often, as values of real events are.
    fn skewed(&mut self, bound: u64) -> u64 {
        let (first, second) = (self.below(bound), self.below(bound));
        first.min(second)
    }

    fn chance(&mut self, percent: u64) -> bool {
        self.below(100) < percent
    }
}

/// Fields of the mixed events that are texts, and how many values each has.
const TEXTS: [(&str, u64); 12] = [
    ("kind", 30),
    ("country", 60),
    ("city", 800),
    ("status", 12),
    ("channel", 8),
    ("sku", 5_000),
    ("customer", 20_000),
    ("campaign", 300),
    ("carrier", 25),
    ("brand", 150),
    ("category", 80),
    ("path", 2_000),
];

/// Fields that are numbers, and the least number that is too large.
const NUMBERS: [(&str, u64); 6] = [
    ("amount", 10_000),
    ("quantity", 50),
    ("age", 3_650),
    ("score", 100),
    ("weight", 5_000),
    ("stock", 1_000),
];

fn text(field: &str, value: u64) -> String {
    if field == "path" {
        format!("/{}/{}/{value}", value % 40, value % 400)
    } else {
        format!("{field}-{value}")
    }
}

fn mixed_event(random: &mut Random) -> String {
    let mut members = Vec::new();
    for (field, values) in TEXTS {
        members.push(format!("\"{field}\":\"{}\"", text(field, random.skewed(values))));
    }
    for (field, bound) in NUMBERS {
        members.push(format!("\"{field}\":{}", random.below(bound)));
    }
    members.push(format!("\"paid\":{},\"vip\":{}", random.chance(70), random.chance(10)));
    format!("{{{}}}", members.join(","))
}

fn equal(field: &'static str, value: String) -> Condition {
    Condition::Compare(BinaryOperator::Equal, (field, Type::String), Value::text(value))
}

/// One test of a mixed rule: half are equalities, the rest ranges, lists, beginnings, truths and negations.
fn mixed_test(random: &mut Random, is_rare: bool) -> Condition {
    let (field, values) = if is_rare {
        [TEXTS[2], TEXTS[5], TEXTS[6], TEXTS[7]][random.below(4) as usize]
    } else {
        TEXTS[random.below(11) as usize]
    };
    let (number, bound) = NUMBERS[random.below(6) as usize];
    let number = (number, Type::Int);
    match random.below(100) {
        _ if is_rare => equal(field, text(field, random.skewed(values))),
        0..50 => equal(field, text(field, random.skewed(values))),
        50..62 => {
            let list = (0..2 + random.below(4)).map(|_| Value::text(text(field, random.skewed(values))));
            Condition::OneOf((field, Type::String), list.collect())
        }
        62..74 => {
            let bound = Value::Int((random.below(bound / 2) + bound / 2) as i64);
            Condition::Compare(BinaryOperator::Greater, number, bound)
        }
        74..84 => {
            let low = random.below(bound) as i64;
            let high = Value::Int(low + bound as i64 / 10);
            Condition::All(vec![
                Condition::Compare(BinaryOperator::GreaterOrEqual, number.clone(), Value::Int(low)),
                Condition::Compare(BinaryOperator::Less, number, high),
            ])
        }
        84..90 => {
            let start = Value::text(format!("/{}/{}/", random.below(40), random.below(400)));
            Condition::Compare(BinaryOperator::StartsWith, ("path", Type::String), start)
        }
        90..94 => {
            Condition::Compare(BinaryOperator::Equal, ("paid", Type::Bool), Value::Bool(random.chance(50)))
        }
        _ => Condition::Not(Box::new(equal(field, text(field, random.skewed(values))))),
    }
}

/// Rules of one to four tests, one of five with `or`.
pub(crate) fn mixed(count: usize) -> Workload {
    let mut random = Random(0x5eed_0001);
    let events = (0..256).map(|_| mixed_event(&mut random)).collect();
    let rule = |random: &mut Random| {
        let tests = 1 + random.below(4);
        let mut all: Vec<Condition> =
            (0..tests).map(|place| mixed_test(random, tests < 3 && place == 0)).collect();
        if random.chance(20) {
            let other = Condition::All((0..2).map(|place| mixed_test(random, place == 0)).collect());
            all = vec![Condition::One(vec![Condition::All(all), other])];
        }
        build::rule(&Condition::All(all))
    };
    Workload { name: "mixed", rules: (0..count).map(|_| rule(&mut random)).collect(), events }
}

/// Rules that each name their tenant, one of three hundred, and two further things.
pub(crate) fn tenants(count: usize) -> Workload {
    let mut random = Random(0x5eed_0002);
    let tenant = |random: &mut Random| format!("tenant-{}", random.below(300));
    let event = |random: &mut Random| {
        let event = mixed_event(random);
        format!("{{\"tenant\":\"{}\",{}", tenant(random), event.trim_start_matches('{'))
    };
    let events = (0..256).map(|_| event(&mut random)).collect();
    let rule = |random: &mut Random| {
        let (number, bound) = NUMBERS[random.below(6) as usize];
        let bound = Value::Int(random.below(bound) as i64);
        let field = [TEXTS[0], TEXTS[3], TEXTS[4]][random.below(3) as usize];
        build::rule(&Condition::All(vec![
            equal("tenant", tenant(random)),
            equal(field.0, text(field.0, random.skewed(field.1))),
            Condition::Compare(BinaryOperator::Greater, (number, Type::Int), bound),
        ]))
    };
    Workload { name: "tenants", rules: (0..count).map(|_| rule(&mut random)).collect(), events }
}

/// Fields of a process's start, as detections read them.
const PROCESS: [&str; 10] = [
    "image",
    "command",
    "parent_image",
    "parent_command",
    "user",
    "host",
    "original_name",
    "company",
    "hash",
    "directory",
];

const SYLLABLES: [&str; 24] = [
    "win", "power", "shell", "cmd", "sys", "net", "run", "dll", "host", "task", "reg", "svc", "script",
    "load", "cert", "util", "wmi", "ms", "exec", "down", "bits", "admin", "temp", "user",
];

fn word(random: &mut Random) -> String {
    (0..2 + random.below(3)).map(|_| SYLLABLES[random.below(24) as usize]).collect()
}

/// Rules as detections are written: how paths end and what command lines have inside.
pub(crate) fn detection(count: usize) -> Workload {
    let mut random = Random(0x5eed_0003);
    let event = |random: &mut Random| {
        let value = |random: &mut Random, field: &str| match field {
            "image" | "parent_image" => {
                format!("C:\\\\Windows\\\\{}\\\\{}.exe", word(random), word(random))
            }
            "command" | "parent_command" => {
                let words: Vec<String> = (0..10).map(|_| word(random)).collect();
                format!("{}.exe -{}", word(random), words.join(" --"))
            }
            _ => word(random),
        };
        let members: Vec<String> =
            PROCESS.iter().map(|field| format!("\"{field}\":\"{}\"", value(random, field))).collect();
        format!("{{{}}}", members.join(","))
    };
    let events = (0..256).map(|_| event(&mut random)).collect();
    let test = |random: &mut Random| {
        let field = (PROCESS[random.below(4) as usize], Type::String);
        match random.below(10) {
            0..4 => Condition::Compare(
                BinaryOperator::EndsWith,
                field,
                Value::text(format!("\\{}.exe", word(random))),
            ),
            4..9 => Condition::Compare(
                BinaryOperator::Contains,
                field,
                Value::text(format!("-{} ", word(random))),
            ),
            _ => {
                let field = (PROCESS[4 + random.below(6) as usize], Type::String);
                Condition::Compare(BinaryOperator::Equal, field, Value::text(word(random)))
            }
        }
    };
    let rule = |random: &mut Random| {
        let any =
            |random: &mut Random| Condition::One((0..1 + random.below(4)).map(|_| test(random)).collect());
        build::rule(&Condition::All((0..1 + random.below(2)).map(|_| any(random)).collect()))
    };
    Workload { name: "detection", rules: (0..count).map(|_| rule(&mut random)).collect(), events }
}
