//! How good repair is, measured: valid rules, one token wrong in each, every token of every rule.
//!
//! `cargo test -p hence-syntax mutations -- --nocapture` prints the table.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::time::{Duration, Instant};

use hence_diagnostics::{Diagnostic, Sources, apply};
use pest::Parser;

use crate::grammar::{Grammar, Rule};
use crate::parse::characters;
use crate::{Parsed, Token, TokenKind, lex, parse};

const RULES: &[&str] = &[
    r#"rule vip_customer "VIP customer"
  priority 5
when shop.order.created
if   total > 1000 EUR and "vip" not in customer.tags
then crm.add_tag(user: customer.id, tag: "vip")
     email.send(to: customer.email, template: "vip-welcome", data: { name: customer.first_name })
"#,
    r#"rule refund_alarm
when shop.order.refunded as order or shop.payment.failed
if   order.total >= 50 EUR and (order.reason == "damaged" or order.reason is missing)
then let level = if order.total > 500 EUR then "high" else "low"
     slack.post(channel: "refunds", text: "refund of {order.total}: {level}")
     if level == "high" {
       crm.add_tag(user: order.customer.id, tag: "refund")
       stop
     } else {
       log.write(message: "small refund")
     }
otherwise log.write(message: "nothing to do")
"#,
    r#"rule many_lines
when shop.order.created
if   any(line in lines, line.price > 100 EUR) and count(line in lines, line.count > 1) >= 2
then crm.note(
       customer: customer.id,
       text: "many lines",
       tags: ["big", "order"],
     )
"#,
    r#"rule texts "Texts"
when github.issue.opened
if   title contains "bug" ignoring case or title matches /crash(ed)?/i
 and not author.email ends with "@example.com"
then github.add_label(issue: number, label: labels[0])
     github.comment(issue: number, body: body else "none")
"#,
    r#"rule ranges
when shop.stock.changed
if   level between 1 and 5 and old_level != level and updated_at > 2026-11-27T09:00Z
then shop.reorder(article: article.id, amount: (10 - level) * 2, before: today + 3 days)
"#,
    "fn is_vip(c: shop.Customer, tags: list<string>) -> bool = c.tier == \"gold\" or \"vip\" in tags\n",
    "const prices = { small: 9.99 EUR, big: [19.99 EUR, -5], rate: 15% }\n",
    "const deadline = if weekend then 48 h else 24 h\n",
    r#"rule win_back "Win back"
  priority 3
when crm.member.updated as member
if   member.orders > 3 and member.last_order_at < now - 90 days and member.email is present
then let discount = if member.spent > 500 EUR then 20% else 10%
     email.send(
       to: member.email,
       template: "win-back",
       data: { name: member.first_name else "friend", discount: discount },
     )
     crm.add_tag(user: member.id, tag: "win-back")
otherwise stop
"#,
    r#"rule spam
when forum.post.created or forum.post.edited
if   body contains "casino" ignoring case or author.age_days < 2 and count(link in links, link.host not in allowed_hosts) > 3
then forum.hide(post: id)
     if author.posts <= 1 {
       forum.block(user: author.id, reason: "spam {body}")
     } else if author.warnings != 0 {
       forum.warn(user: author.id)
       stop
     }
"#,
    "fn shipping(weight: decimal, country: string?) -> money = if country in [\"DE\", \"AT\"] then 4.90 EUR else weight * 2 EUR + 5 EUR\n",
];

/// One wrong token: the text, and the indexes of the tokens around which it is wrong.
struct Mutant {
    kind: &'static str,
    text: String,
    at: usize,
}

fn significant(text: &str) -> Vec<Token> {
    let tokens = lex(hence_diagnostics::FileId::default(), text);
    tokens.into_iter().filter(|token| !token.kind.is_trivia()).collect()
}

fn words(text: &str) -> Vec<String> {
    significant(text).iter().map(|token| text.get(token.span.range()).unwrap().to_owned()).collect()
}

fn mutants(text: &str) -> Vec<Mutant> {
    let tokens = significant(text);
    let mut all = Vec::new();
    for (at, token) in tokens.iter().enumerate() {
        let range = token.span.range();
        let word = text.get(range.clone()).unwrap();
        let mut add = |kind, new: &str| {
            let mut text = text.to_owned();
            text.replace_range(range.clone(), new);
            all.push(Mutant { kind, text, at });
        };
        if token.kind == TokenKind::Comma {
            add("drop a comma", " ");
        } else if token.kind.is_closer() {
            add("drop a closer", " ");
        } else if token.kind.closer().is_some() {
            add("drop an opener", " ");
        } else if token.kind.is_keyword() {
            add("drop a keyword", " ");
        } else {
            add("drop another token", " ");
        }
        add("duplicate a token", &format!("{word} {word}"));
        if token.kind.is_keyword() {
            let mut letters: Vec<char> = word.chars().collect();
            letters.swap(word.len() / 2 - 1, word.len() / 2);
            add("misspell a keyword", &letters.iter().collect::<String>());
            if word.len() > 2 {
                letters.remove(word.len() / 2);
                add("misspell a keyword", &letters.iter().collect::<String>());
                add("misspell a keyword", &format!("{word}{}", word.get(word.len() - 1..).unwrap()));
                add("misspell a keyword", &word.to_uppercase());
            }
        }
        let foreign: &[&str] = match word {
            "==" => &["=", "==="],
            "!=" => &["<>", "!=="],
            ">=" => &["=>"],
            "and" => &["&&", "AND"],
            "or" => &["||", "OR"],
            "not" => &["!"],
            "," => &[";"],
            ":" => &["="],
            "contains" => &["includes"],
            _ => &[],
        };
        for new in foreign {
            add("foreign mark or word", new);
        }
        if let Some(next) = tokens.get(at + 1) {
            let between = text.get(token.span.end as usize..next.span.start as usize).unwrap();
            let next_word = text.get(next.span.range()).unwrap();
            let mut swapped = text.to_owned();
            let range = token.span.start as usize..next.span.end as usize;
            swapped.replace_range(range, &format!(" {next_word} {between} {word} "));
            all.push(Mutant { kind: "swap two tokens", text: swapped, at });
        }
    }
    all
}

#[derive(Default)]
struct Score {
    count: usize,
    detected: usize,
    single: usize,
    line: usize,
    near: usize,
    restored: usize,
    slowest: Duration,
}

impl Score {
    fn share(&self, part: usize) -> f64 {
        part as f64 * 100.0 / self.count.max(1) as f64
    }
}

fn still_parses(rule: Rule, text: &str) -> bool {
    Grammar::parse(rule, &characters(&significant(text))).is_ok()
}

/// The places a diagnostic points to.
fn places(diagnostic: &Diagnostic) -> Vec<u32> {
    let mut places = vec![diagnostic.primary.span.start];
    places.extend(diagnostic.secondary.iter().map(|label| label.span.start));
    places
}

fn parsed(text: &str) -> (Sources, Parsed) {
    let mut sources = Sources::new();
    let file = sources.add("a.rule", text);
    let parsed = parse(&sources, file);
    (sources, parsed)
}

fn measure(original: &str, mutant: &Mutant, score: &mut Score) {
    let started = Instant::now();
    let (sources, parsed) = parsed(&mutant.text);
    score.slowest = score.slowest.max(started.elapsed());
    score.count += 1;
    let Some(first) = parsed.diagnostics.first() else { return };
    score.detected += 1;
    score.single += usize::from(parsed.diagnostics.len() == 1);
    let tokens = significant(&mutant.text);
    let source = sources.get(parsed.file).unwrap();
    let end = tokens.len().min(mutant.at + 2);
    let wrong = tokens.get(mutant.at.saturating_sub(1)..end).unwrap();
    let lines: Vec<u32> = wrong.iter().map(|token| source.line_column(token.span.start).line).collect();
    let places = places(first);
    score.line += usize::from(places.iter().any(|place| lines.contains(&source.line_column(*place).line)));
    score.near += usize::from(places.iter().any(|place| {
        let index = tokens.partition_point(|token| token.span.end <= *place);
        index + 1 >= mutant.at && index <= mutant.at + 1
    }));
    let fixes = parsed.diagnostics.iter().filter_map(|diagnostic| diagnostic.fixes.first());
    score.restored += usize::from(words(&apply(&mutant.text, fixes)) == words(original));
}

fn rule_of(text: &str) -> Rule {
    if text.starts_with("rule") {
        Rule::item_rule
    } else if text.starts_with("fn") {
        Rule::item_fn
    } else {
        Rule::item_const
    }
}

#[test]
fn mutations_are_found_placed_and_mended() {
    let mut scores: BTreeMap<&str, Score> = BTreeMap::new();
    for original in RULES {
        let rule = rule_of(original);
        assert!(still_parses(rule, original), "{original}");
        for mutant in mutants(original).iter().filter(|mutant| !still_parses(rule, &mutant.text)) {
            measure(original, mutant, scores.entry(mutant.kind).or_default());
        }
    }
    let mut all = Score::default();
    let mut table =
        String::from("mutation                   n  detected  single  line  near  restored  slowest\n");
    for (kind, score) in &scores {
        all.count += score.count;
        all.detected += score.detected;
        all.single += score.single;
        all.line += score.line;
        all.near += score.near;
        all.restored += score.restored;
        all.slowest = all.slowest.max(score.slowest);
        row(&mut table, kind, score);
    }
    row(&mut table, "all", &all);
    println!("{table}");
    assert_eq!(all.detected, all.count, "{table}");
    for score in scores.values() {
        assert!(score.share(score.single) >= 97.0 && score.share(score.line) >= 95.0, "{table}");
        assert!(score.share(score.near) >= 82.0, "{table}");
    }
    assert!(all.share(all.near) >= 96.0, "{table}");
    let restored = [
        ("drop a comma", 98.0),
        ("drop a closer", 76.0),
        ("drop an opener", 88.0),
        ("duplicate a token", 95.0),
        ("foreign mark or word", 96.0),
        ("misspell a keyword", 96.0),
        ("swap two tokens", 83.0),
    ];
    for (kind, floor) in restored {
        let score = scores.get(kind).unwrap();
        assert!(score.share(score.restored) >= floor, "{kind}\n{table}");
    }
}

#[test]
fn two_mistakes_far_apart_are_both_told() {
    let simple = ["drop a comma", "drop a closer", "foreign mark or word", "misspell a keyword"];
    let (mut count, mut both) = (0, 0);
    for original in RULES {
        let rule = rule_of(original);
        let wrong = |text: &str| -> Vec<Mutant> {
            let all = mutants(text).into_iter();
            all.filter(|mutant| simple.contains(&mutant.kind) && !still_parses(rule, &mutant.text)).collect()
        };
        for (number, first) in wrong(original).iter().enumerate() {
            let second = wrong(&first.text);
            let far = second.iter().filter(|second| second.at > first.at + 8 && second.text != first.text);
            for second in far.skip(number % 23).step_by(23) {
                count += 1;
                both += usize::from(parsed(&second.text).1.diagnostics.len() == 2);
            }
        }
    }
    println!("two mistakes: {both} of {count} told as two");
    assert!(both * 100 >= count * 90, "{both} of {count}");
}

fn row(table: &mut String, kind: &str, score: &Score) {
    let _ = writeln!(
        table,
        "{kind:22} {:5} {:8.1}% {:6.1}% {:4.0}% {:4.0}% {:8.1}% {:6.1?}",
        score.count,
        score.share(score.detected),
        score.share(score.single),
        score.share(score.line),
        score.share(score.near),
        score.share(score.restored),
        score.slowest,
    );
}
