//! How long reading, checking and compiling a large project takes: `cargo bench -p hence-project`.
//!
//! Makes 100,000 rules of about 1 KB in 1,000 files, once without mistakes and once with one in every tenth rule,
//! and prints seconds (min and median of the rounds), rules a second, the time of checking again after one rule was
//! edited, and the memory of the process. The compiled program is held beside the trees, as nobody else does, so that
//! the peak is more than that of checking. `RULES=10000` takes another number of rules, `ROUNDS=1` of rounds.

#![expect(clippy::indexing_slicing, reason = "a bench may stop at a defect of its own")]

use std::fmt::Write as _;
use std::time::Instant;

use hence_diagnostics::{Severity, Sources};
use hence_types::jiff::tz::TimeZone;

const FILES: usize = 1000;

fn main() {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse().ok());
    let (rules, rounds) = (number("RULES").unwrap_or(100_000), number("ROUNDS").unwrap_or(3));
    println!("rules {rules}, files {FILES}, rounds {rounds}, {} threads", rayon::current_num_threads());
    for broken in [false, true] {
        let texts = texts(rules, broken);
        let bytes: usize = texts.iter().map(String::len).sum();
        let mut parse = Vec::new();
        let mut check = Vec::new();
        let mut compile = Vec::new();
        let mut again = Vec::new();
        let mut moved = Vec::new();
        let mut resident = [0; 2];
        let mut errors = 0;
        let mut compiled = 0;
        for _ in 0..rounds {
            let mut sources = Sources::new();
            let (catalog, _) = hence_schema::catalog(&mut sources, &[]);
            let files: Vec<_> = texts
                .iter()
                .enumerate()
                .map(|(i, text)| sources.add(format!("{i}.rule"), text.as_str()))
                .collect();
            let start = Instant::now();
            let parsed = hence_project::parse_all(&sources, &files);
            parse.push(start.elapsed().as_secs_f64());
            let after_parsing = memory("VmRSS:");
            let start = Instant::now();
            let mut checked = hence_check::check(&parsed, &catalog, &TimeZone::UTC);
            check.push(start.elapsed().as_secs_f64());
            resident = [after_parsing, memory("VmRSS:")];
            let start = Instant::now();
            let done = hence_compile::compile(&parsed, &checked, &catalog, &TimeZone::UTC);
            compile.push(start.elapsed().as_secs_f64());
            let of_parsing = parsed.iter().flat_map(|file| &file.diagnostics);
            let of_checking = checked.diagnostics();
            errors = of_parsing.chain(&of_checking).filter(|d| d.severity == Severity::Error).count();
            compiled = done.program.rules.len();
            drop(done);
            // The first rule of a file gets another number: of as many digits, then of more, so that all rules behind
            // it are at other places.
            let mut parsed = parsed;
            for (number, times) in ["2", "33"].into_iter().zip([&mut again, &mut moved]) {
                let edited = texts[FILES / 2].replacen("quantity > 1", &format!("quantity > {number}"), 1);
                let start = Instant::now();
                sources.set_text(files[FILES / 2], edited);
                let before = parsed[FILES / 2].clone();
                parsed[FILES / 2] = hence_syntax::parse_again(&sources, files[FILES / 2], before);
                checked.update(&parsed, &[FILES / 2], &catalog, &TimeZone::UTC);
                times.push(start.elapsed().as_secs_f64());
            }
        }
        let total: Vec<f64> = (0..rounds).map(|i| parse[i] + check[i]).collect();
        println!(
            "{}: {:.1} MB, {errors} errors, {compiled} rules compiled",
            if broken { "one rule in ten has a mistake" } else { "no mistakes" },
            bytes as f64 / 1e6
        );
        let parts = [("parse", &parse), ("check", &check), ("both", &total), ("compile", &compile)];
        for (name, seconds) in parts {
            let (min, median) = spread(seconds);
            println!("  {name:<8} min {min:.2} s, median {median:.2} s, {:.0} rules/s", rules as f64 / min);
        }
        println!(
            "  resident after parsing {} MB, after checking {} MB",
            resident[0] / 1024,
            resident[1] / 1024
        );
        for (name, seconds) in [("one rule edited", &again), ("the rules behind it moved", &moved)] {
            let (min, median) = spread(seconds);
            println!("  {name}: min {:.1} ms, median {:.1} ms", min * 1e3, median * 1e3);
        }
        println!("  peak memory so far {} MB", memory("VmHWM:") / 1024);
    }
}

fn texts(rules: usize, broken: bool) -> Vec<String> {
    let mut texts = vec![String::new(); FILES];
    for number in 0..rules {
        let field = if broken && number % 10 == 0 { "totl" } else { "total" };
        let text = &mut texts[number % FILES];
        let _ = write!(
            text,
            r#"/// Thanks customers of the tier for order number {number} and above, and tells the sales team
/// when the order is large. Written by a generator, shaped like the rules of a shop.
rule thank_{number} "Thanks {number}"
  priority {priority}
when shop.order.created as order
if   {field} > {amount} EUR and customer.tier in ["gold", "silver"]
 and ((customer.orders_count else 0) >= {count} or customer.spent > {spent} EUR)
 and "blocked-{number}" not in customer.tags
 and any(item in items, item.quantity > 1 and item.price < {amount} EUR)
then let name = customer.first_name else "customer"
     email.send(
       to: customer.email,
       subject: "Thank you, {{name}}",
       body: "Your order {{order.number}} of {{total}} is number {number} of its kind.",
     )
     if total > {large} EUR {{
       crm.notify_admin(subject: "Large order", message: "{{order.number}}: {{total}}")
     }} else {{
       crm.add_tag(user: customer.id, tag: "thanked-{number}")
     }}

"#,
            priority = number % 10 + 1,
            amount = number % 5000 + 10,
            count = number % 20,
            spent = number % 9000,
            large = number % 5000 + 1000,
        );
    }
    texts
}

fn spread(seconds: &[f64]) -> (f64, f64) {
    let mut sorted = seconds.to_vec();
    sorted.sort_by(f64::total_cmp);
    (sorted[0], sorted[sorted.len() / 2])
}

/// A line of what the system says of the process's memory, in kilobytes; 0 where it does not tell.
fn memory(name: &str) -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with(name)).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|number| number.parse().ok()).unwrap_or(0)
}
