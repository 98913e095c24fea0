//! What the version of a rule counts, and what it leaves out.

use hence_diagnostics::Sources;
use hence_types::jiff::tz::TimeZone;

use super::*;

fn version(text: &str, zone: &TimeZone) -> String {
    let mut sources = Sources::new();
    let (catalog, _) = hence_schema::catalog(&mut sources, &[]);
    let file = sources.add("a.rule", text);
    let files = vec![hence_syntax::parse(&sources, file)];
    let checked = hence_check::check(&files, &catalog, zone);
    let compiled = compile(&files, &checked, &catalog, zone);
    compiled.program.rules[0].version.to_string()
}

const RULE: &str =
    "rule a \"Title\"\nwhen shop.order.created\nif   total > 10 EUR\nthen log.write(message: \"x\")\n";

#[test]
fn a_version_counts_what_a_rule_does() {
    let utc = version(RULE, &TimeZone::UTC);
    assert_eq!(utc.len(), 16);
    for (from, to) in
        [("10", "11"), (">", ">="), ("\"x\"", "\"y\""), ("created", "updated"), ("rule a", "rule b")]
    {
        assert_ne!(utc, version(&RULE.replacen(from, to, 1), &TimeZone::UTC), "{to}");
    }
    assert_ne!(utc, version(RULE, &TimeZone::get("Europe/Berlin").unwrap()));
}

#[test]
fn a_version_leaves_out_where_a_rule_stands_and_what_it_is_called_for_people() {
    let utc = version(RULE, &TimeZone::UTC);
    let moved = format!("// moved\n\n/// Documented.\n{}", RULE.replace("Title", "Another title"));
    assert_eq!(utc, version(&moved, &TimeZone::UTC));
}
