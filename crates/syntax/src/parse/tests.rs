//! Trees and repairs in small.

use hence_diagnostics::Sources;

use super::*;

mod table;

fn parsed(text: &str) -> Parsed {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    parse(&sources, file)
}

#[track_caller]
fn messages(text: &str, expected: &[&str]) {
    let parsed = parsed(text);
    let shown: Vec<String> = parsed
        .diagnostics
        .iter()
        .map(|d| format!("{} {:?} {}", d.code, text.get(d.primary.span.range()).unwrap_or("?"), d.message))
        .collect();
    assert_eq!(shown, expected);
}

const GOOD: &str = r#"
/// Tag customers.
rule vip "VIP customer"
  priority 5
when shop.order.created as order or shop.order.updated
if   total > 1000 EUR and "vip" not in customer.tags and not (a is missing) or b between 1 and 2 and c
then crm.add_tag(user: customer.id, tag: "vip")
     let x = if a then b else c else "none"
     if any(item in items, item.price > 1) { stop } else if y is not empty { email.send(to: "a {b else "c"}") }
otherwise log.write(message: "no")

fn is_vip(c: shop.Customer, xs: list<int?>) -> bool = c.tier == "gold" ignoring case
const big = 1_000 EUR
"#;

#[test]
fn all_forms_parse() {
    messages(GOOD, &[]);
    let parsed = parsed(GOOD);
    assert_eq!(parsed.items.len(), 3);
    assert_eq!(parsed.items[0].doc, "Tag customers.");
}

#[test]
fn every_operator_keeps_both_operands() {
    let operators = [
        "or",
        "and",
        "==",
        "!=",
        "<",
        "<=",
        ">",
        ">=",
        "in",
        "contains",
        "starts with",
        "ends with",
        "matches",
        "within next",
        "within last",
        "older than",
        "+",
        "-",
        "*",
        "/",
        "%",
    ];
    for operator in operators {
        let right = if operator == "matches" { "/b/" } else { "b" };
        let tree = crate::tree::print(&parsed(&format!("const x = a {operator} {right}")).items[0]);
        let printed = if operator == "matches" { "(pattern \"b\")" } else { "(name b)" };
        let symbol = operator.replace(' ', "-");
        assert_eq!(tree, format!("(const x ({symbol} (name a) {printed}))\n"));
    }
}

#[test]
fn precedence_is_as_the_table_says() {
    let tree = |text: &str| crate::tree::print(&parsed(&format!("const x = {text}")).items[0]);
    let same = |left: &str, right: &str| {
        assert_eq!(tree(left), tree(right).replace("(group ", "").replace("))\n", ")\n"), "{left}");
    };
    same("a or b and c", "a or (b and c)");
    same("not a == b", "not (a == b)");
    same("a and not b", "a and (not b)");
    same("a < b else c", "a < (b else c)");
    same("a else b + c", "a else (b + c)");
    same("a + b * c", "a + (b * c)");
    assert_eq!(tree("a else b else c"), "(const x (else (else (name a) (name b)) (name c)))\n");
    assert_eq!(
        tree("a or not b == c else d + 1"),
        "(const x\n  (or\n    (name a)\n    (not (== (name b) (else (name c) (+ (name d) (number 1)))))))\n"
    );
    assert_eq!(tree("-a * b"), "(const x (* (- (name a)) (name b)))\n");
    assert_eq!(tree("a - b - c"), "(const x (- (- (name a) (name b)) (name c)))\n");
    assert_eq!(
        tree("a between b and c and d"),
        "(const x (and (between (name a) (name b) (name c)) (name d)))\n"
    );
}

#[test]
fn mistakes_are_mended_and_told() {
    messages(
        "rule a\nwen shop.order.created\nif total = 5 && x\nthen crm.add_tag(user: x tag: \"vip\"",
        &[
            "H0101 \"wen\" unexpected `wen`; did you mean `when`?",
            "H0101 \"=\" unexpected `=`; did you mean `==`?",
            "H0101 \"&&\" unexpected `&&`; did you mean `and`?",
            "H0101 \"tag\" `,` is missing before `tag`",
            "H0102 \"(\" this `(` is never closed",
        ],
    );
}

#[test]
fn a_dangling_operator_says_what_is_missing() {
    messages("rule a\nwhen x.y\nif b and\nthen c.d()", &["H0101 \"and\" a condition is missing after `and`"]);
    messages("rule a\nwhen x.y\nthen", &["H0101 \"then\" a step is missing after `then`"]);
}

#[test]
fn a_broken_item_hides_no_other() {
    let text = "rule a\nwhen ) ( x\nthen\n\ncosnt y = 1\nconst b = 1\n";
    let parsed = parsed(text);
    assert!(!parsed.diagnostics.is_empty());
    assert_eq!(parsed.items.last().unwrap().name().unwrap().text, "b");
}

#[test]
fn deep_nesting_ends_with_a_message() {
    let text = format!("const a = {}1{}", "(".repeat(5000), ")".repeat(5000));
    let parsed = parsed(&text);
    assert!(parsed.diagnostics.iter().any(|d| d.code == hence_diagnostics::Code::NestingTooDeep));
    for operator in ["not ", "1 + ", "- "] {
        let text = format!("const a = {}1", operator.repeat(20_000));
        assert!(
            self::parsed(&text).diagnostics.iter().any(|d| d.code == hence_diagnostics::Code::NestingTooDeep)
        );
    }
}

#[test]
fn endless_chains_end_with_a_message() {
    for (part, count) in
        [(" or x", 20_000), (" else x", 20_000), (".x", 20_000), (" else x", 900), (".x", 900)]
    {
        let text = format!("const a = x{}", part.repeat(count));
        let found = parsed(&text).diagnostics;
        assert!(found.iter().any(|d| d.code == hence_diagnostics::Code::NestingTooDeep), "{part} {count}");
    }
    let steps = format!("rule a\nwhen x.y\nthen {}{{ stop }}", "if x { stop } else ".repeat(5000));
    assert!(!parsed(&steps).diagnostics.is_empty());
    let choice = format!("const a = {}x", "if x then y else ".repeat(20_000));
    assert!(!parsed(&choice).diagnostics.is_empty());
}

#[test]
fn a_mistake_in_a_huge_item_is_told_without_trying_to_mend_it() {
    let text = format!("rule a\nwhen x.y\nthen {} (((", "log.write(message: b) ".repeat(20_000));
    assert!(!parsed(&text).diagnostics.is_empty());
}

proptest::proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(rule a\nwhen |then |if |[a-z.()\\[\\]{},:\"=<>&%0-9 \n'é日“”]){0,40}") {
        parsed(&text);
    }
}

#[test]
fn words_of_time_phrases_are_names_elsewhere() {
    let text = "rule last when within.next as older if than and last(xs) within next within + next older than last\n\
                then a.b(next: next, than: older.than) let within = within within.older(as: as)\n";
    messages(text, &[]);
}

#[test]
fn a_range_binds_tighter_than_comparison_and_looser_than_a_default() {
    let parsed = parsed("const a = x in b else 1 .. c + 2 and d");
    assert!(parsed.diagnostics.is_empty());
    let printed = crate::tree::print(&parsed.items[0]);
    let flat = printed.split_whitespace().collect::<Vec<_>>().join(" ");
    let range = "(.. (else (name b) (number 1)) (+ (name c) (number 2)))";
    assert_eq!(flat, format!("(const a (and (in (name x) {range}) (name d)))"));
}

#[test]
fn the_words_of_clauses_and_steps_stay_names() {
    let words = "active all attempt continue disabled doubling error every from on owner retry tags timeout times \
        timezone to until up where by debounce limit overlap per queue restart rollout skip \
        skipped throttled variant";
    for word in words.split_whitespace() {
        let text = format!(
            "rule {word}\n  {word} \"x\"\nwhen a.{word} as {word}\nif {word}.{word} == 1 and {word}(x in {word}, true)\n\
             then {word}.add({word}: {word})\n     {word}.add()\n     {word}: a.b()\n     let {word} = {word}.c\n\
             stop\n     {word}.d()\n"
        );
        let clause = matches!(word, "owner" | "timezone");
        let text = if clause { text } else { text.replace(&format!("  {word} \"x\"\n"), "") };
        messages(&text, &[]);
    }
}

#[test]
fn clauses_and_steps_print_as_trees() {
    let text = "rule a disabled tags [\"x\"] active from 2026-11-27\nwhen b.c\nthen d: e.f() on error retry 2 times every \
        30 s doubling, then continue timeout 1 m\n wait until g for h in i { stop all } attempt { } on error j { }";
    messages(text, &[]);
    let tree = crate::tree::print(&parsed(text).items[0]);
    assert_eq!(
        tree,
        "(rule a
  (disabled)
  (tags \"x\")
  (active (from (date 2026-11-27)))
  (when b.c)
  (then
    (label d
      (call
        (field f (name e))
        (on-error continue (retry 2 doubling (length 30 second)))
        (timeout (length 1 minute))))
    (wait-until (name g))
    (for h (name i) (each (stop all)))
    (attempt j (steps) (on-error))))
"
    );
}
