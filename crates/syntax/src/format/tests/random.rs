//! Random items with random blanks and comments between their tokens: formatting keeps tree and comments, and
//! formatting again changes nothing.

use hence_diagnostics::Sources;
use proptest::prelude::*;

use super::canonical;
use crate::{TokenKind, lex, parse, tree};

/// Tokens, one by one.
type Tokens = Vec<String>;

fn words(text: &str) -> Tokens {
    text.split(' ').map(str::to_owned).collect()
}

fn fixed(choices: &'static [&'static str]) -> impl Strategy<Value = Tokens> + Clone {
    proptest::sample::select(choices).prop_map(words)
}

fn join(parts: impl IntoIterator<Item = Tokens>) -> Tokens {
    parts.into_iter().flatten().collect()
}

fn listed(open: &str, parts: Vec<Tokens>, comma: bool, close: &str) -> Tokens {
    let mut all = words(open);
    let count = parts.len();
    for (at, part) in parts.into_iter().enumerate() {
        all.extend(part);
        if at + 1 < count || comma {
            all.push(",".to_owned());
        }
    }
    all.extend(words(close));
    all
}

fn name() -> impl Strategy<Value = Tokens> + Clone {
    fixed(&["total", "customer_with_a_long_name", "list", "`größe`", "x"])
}

fn leaf() -> impl Strategy<Value = Tokens> + Clone {
    fixed(&[
        "total",
        "customer . address . country_code",
        "order ?. lines",
        "1_000",
        "9.99 EUR",
        "15%",
        "3 days",
        "2026-11-27",
        "09:00",
        "2026-11-27T09:00Z",
        "2026-11-27T09:00 in \"Europe/Berlin\"",
        "\"text{name}\"",
        "r\"raw\"",
        "true",
        "[ ]",
        "{ }",
        "xs [ 0 ]",
    ])
}

fn expression() -> impl Strategy<Value = Tokens> + Clone {
    leaf().prop_recursive(4, 40, 4, |inner| {
        let operator = fixed(&[
            "and", "and", "or", "or", "==", "!=", "<", "in", "not in", "contains", "not starts with", "ends with",
            "+", "-", "*", "/", "%", "else", "within next", "not within last", "older than",
        ]);
        let suffix = fixed(&["is present", "is not empty", "is shop . order . created", "not matches /a[b/]/i"]);
        let many = || proptest::collection::vec(inner.clone(), 0..5);
        let several = || proptest::collection::vec((name(), inner.clone()), 1..5);
        let named = |(name, value): (Tokens, Tokens)| join([name, words(":"), value]);
        prop_oneof![
            4 => (inner.clone(), operator, inner.clone()).prop_map(|(a, o, b)| join([a, o, b])),
            1 => (leaf(), fixed(&["in", "not in"]), leaf(), inner.clone())
                .prop_map(|(a, o, low, high)| join([a, o, low, words(".."), words("("), high, words(")")])),
            1 => (leaf(), fixed(&["as int", "as list < map < shop . Order > > ?", "as date ?. a"]))
                .prop_map(|(a, cast)| join([a, cast])),
            1 => (inner.clone(), suffix).prop_map(|(a, s)| join([a, s])),
            1 => inner.clone().prop_map(|a| join([words("not"), a])),
            1 => inner.clone().prop_map(|a| join([words("-"), a])),
            2 => inner.clone().prop_map(|a| join([words("("), a, words(")")])),
            1 => (leaf(), leaf(), leaf())
                .prop_map(|(a, b, c)| join([a, words("between"), b, words("and"), c])),
            1 => (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| join([words("( if"), a, words("then ("), b, words(") else"), c, words(")")])),
            1 => (many(), any::<bool>())
                .prop_map(|(all, comma)| { let comma = comma && !all.is_empty(); listed("[", all, comma, "]") }),
            1 => (several(), any::<bool>())
                .prop_map(move |(all, comma)| listed("{", all.into_iter().map(named).collect(), comma, "}")),
            2 => (several(), any::<bool>())
                .prop_map(move |(all, comma)| listed("f (", all.into_iter().map(named).collect(), comma, ")")),
            1 => (leaf(), arms(inner.clone()), any::<bool>()).prop_map(|(subject, arms, comma)| {
                join([words("match"), subject, listed("{", arms, comma, "}")])
            }),
            1 => (inner.clone(), inner).prop_map(|(a, b)| join([words("any ( item in"), a, words(","), b, words(")")])),
        ]
    })
}

/// Arms of `match`.
fn arms(value: impl Strategy<Value = Tokens> + Clone) -> impl Strategy<Value = Vec<Tokens>> + Clone {
    let pattern =
        fixed(&["\"a\"", "1 or - 2", "missing", "else", "9.99 EUR or 3 days", "true", "2026-11-27 or 15%"]);
    let arm = (pattern, value).prop_map(|(pattern, value)| join([pattern, words("->"), value]));
    proptest::collection::vec(arm, 1..4)
}

fn step() -> impl Strategy<Value = Tokens> + Clone {
    let call =
        (proptest::collection::vec((name(), expression()), 0..4), any::<bool>()).prop_map(|(all, comma)| {
            let comma = comma && !all.is_empty();
            let all = all.into_iter().map(|(name, value)| join([name, words(":"), value])).collect();
            listed("email . send (", all, comma, ")")
        });
    let simple = prop_oneof![
        call,
        expression().prop_map(|value| join([words("let y ="), value])),
        Just(words("stop")),
        fixed(&[
            "stop all",
            "wait 3 days",
            "notify : slack . post ( )",
            "wait until renews_at - 7 days",
            "email . send ( ) timeout 30 s on error continue",
            "let z = crm . add ( ) on error retry 5 times every 30 s doubling up to 10 m , then continue timeout 1 m",
            "on : crm . add ( to : up ) on error retry 3 times every 2 m",
        ]),
    ];
    simple.prop_recursive(3, 12, 3, |inner| {
        let block = || {
            proptest::collection::vec(inner.clone(), 0..3)
                .prop_map(|steps| join([words("{"), join(steps), words("}")]))
        };
        prop_oneof![
            (expression(), block()).prop_map(|(c, b)| join([words("if"), c, b])),
            (expression(), block()).prop_map(|(c, b)| join([words("for item in"), c, b])),
            block().prop_map(|b| join([words("crm . add ( ) on error"), b])),
            (block(), block()).prop_map(|(a, b)| join([words("attempt"), a, words("on error e"), b])),
            (expression(), block(), block()).prop_map(|(c, a, b)| join([
                words("if"),
                c,
                a,
                words("else"),
                b
            ])),
            (expression(), block(), expression(), block()).prop_map(|(c, a, d, b)| join([
                words("if"),
                c,
                a,
                words("else if"),
                d,
                b
            ])),
        ]
    })
}

fn item() -> impl Strategy<Value = Tokens> + Clone {
    let head = fixed(&[
        "rule a",
        "rule vip \"VIP\" priority 5",
        "rule b priority - 1 priority 2",
        "rule c disabled owner \"growth\" tags [ \"a\" , \"b\" , ] timezone \"Europe/Berlin\"",
        "rule d active from 2026-11-27 until 2026-12-01T09:00 in \"Europe/Berlin\" tags [ ] active until 2026-12-01",
        "rule e until a . b where it . c == d and ( it . e or f ) until g . h until i . j where k == it . l",
        "rule f once per a . b , c limit 3 per 24 h by a rollout 12.5% by b debounce 10 m overlap queue by a , b . c",
        "rule g variant A 50% , B 50% by a . b , c overlap skip limit 1 per 1 day debounce 1 h by d",
    ]);
    let when = fixed(&[
        "when shop . order . created",
        "when a . b as order or shop . order . updated_with_a_very_long_name or c . `d` as e",
    ]);
    let steps = || proptest::collection::vec(step(), 1..4).prop_map(join);
    let rule = (head, when, proptest::option::of(expression()), steps(), proptest::option::of(steps()))
        .prop_map(|(head, when, condition, then, otherwise)| {
            let condition = condition.map(|condition| join([words("if"), condition])).unwrap_or_default();
            let otherwise = otherwise.map(|steps| join([words("otherwise"), steps])).unwrap_or_default();
            join([head, when, condition, words("then"), then, otherwise])
        });
    let function = (
        fixed(&["fn f ( )", "fn is_vip ( c : shop . Customer , xs : list < map < int ? > > ? , )"]),
        expression(),
    )
        .prop_map(|(head, body)| join([head, words("-> bool ="), body]));
    prop_oneof![
        3 => rule,
        1 => function,
        1 => expression().prop_map(|value| join([words("const c ="), value])),
    ]
}

/// Writes tokens with gaps between them; the number of a gap says which. Returns how many comments there are.
fn written(tokens: &Tokens, gaps: &[u8]) -> (String, usize) {
    let mut text = String::new();
    let mut comments = 0;
    for (at, token) in tokens.iter().enumerate() {
        text.push_str(token);
        let gap = gaps.get(at % gaps.len().max(1)).copied().unwrap_or_default();
        comments += usize::from((4..8).contains(&gap)) + usize::from(gap == 7);
        match gap {
            1 => text.push_str("\n  "),
            2 => text.push_str("\r\n\n\n\t"),
            3 => text.push_str("   "),
            4 => text.push_str(&format!(" // c{at}\n ")),
            5 => text.push_str(&format!("\n // own{at}\n ")),
            6 => text.push_str(&format!("\n\n// own{at}\n\n ")),
            7 => text.push_str(&format!("// c{at}\n    // own{at}\n ")),
            _ => text.push(' '),
        }
    }
    (text, comments)
}

fn parsed(text: &str) -> (Vec<String>, Vec<String>, bool) {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    let parsed = parse(&sources, file);
    let comments = lex(file, text)
        .iter()
        .filter(|token| token.kind.is_trivia() && token.kind != TokenKind::Blank)
        .map(|token| sources.slice(token.span).trim_end().to_owned())
        .collect();
    (parsed.items.iter().map(tree::print).collect(), comments, parsed.diagnostics.is_empty())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn blanks_decide_nothing(tokens in item(), gaps in proptest::collection::vec(0u8..4, 1..30)) {
        let (plain, _) = written(&tokens, &[0]);
        let (spaced, _) = written(&tokens, &gaps);
        let once = canonical(&plain);
        prop_assume!(parsed(&plain).2);
        prop_assert_eq!(&parsed(&plain).0, &parsed(&once).0);
        let again = canonical(&spaced).replace("\n\n", "\n");
        prop_assert_eq!(&once, &again);
    }

    #[test]
    fn tree_and_comments_are_kept(tokens in item(), gaps in proptest::collection::vec(prop_oneof![3 => 0u8..3, 1 => 3u8..8], 1..30)) {
        let (text, count) = written(&tokens, &gaps);
        let (trees, comments, good) = parsed(&text);
        prop_assume!(good);
        prop_assert_eq!(comments.len(), count);
        let once = canonical(&text);
        let (new_trees, new_comments, new_good) = parsed(&once);
        prop_assert!(new_good);
        prop_assert_eq!(&trees, &new_trees);
        prop_assert_eq!(&comments, &new_comments);
        prop_assert_eq!(&canonical(&once), &once);
        // An item that was left as it is would still have a carriage return or a blank at the end of a line.
        prop_assert!(!once.contains(" \n"), "{}", once);
    }

    #[test]
    fn any_text_keeps_its_comments_and_formats_once(
        text in "(rule a\n|when x\\.y|then |if x|stop|\n|\r\n|  |// c |/// d\n|const b = |1|\"t\"|f\\(|\\)|\\{|\\}|\n\n\n|é|;|,|import x\n){0,30}"
    ) {
        let once = canonical(&text);
        prop_assert_eq!(parsed(&text).1, parsed(&once).1);
        prop_assert_eq!(&canonical(&once), &once);
    }
}
