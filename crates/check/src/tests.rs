//! What is reported of rules on the events that Hence ships.

use hence_diagnostics::Sources;
use hence_types::jiff::tz::TimeZone;

/// Checks a text; returns `code text-under-it` for everything that is reported.
#[track_caller]
pub(crate) fn reported(text: &str) -> Vec<String> {
    let (sources, found) = diagnostics(text);
    found.iter().map(|d| format!("{} {}", d.code, sources.slice(d.primary.span))).collect()
}

/// Checks a text that can be parsed.
#[track_caller]
pub(crate) fn diagnostics(text: &str) -> (Sources, Vec<hence_diagnostics::Diagnostic>) {
    let mut sources = Sources::new();
    let (catalog, _) = hence_schema::catalog(&mut sources, &[]);
    let file = sources.add("example.rule", text);
    let parsed = hence_syntax::parse(&sources, file);
    assert_eq!(parsed.diagnostics, [], "{text}");
    let checked = crate::check(&[parsed], &catalog, &TimeZone::UTC);
    (sources, checked.diagnostics())
}

/// Returns a rule on created orders with a condition.
pub(crate) fn rule(condition: &str) -> String {
    format!("rule one\nwhen shop.order.created\nif {condition}\nthen log.write(message: \"x\")\n")
}

#[test]
fn a_misspelt_argument_is_not_reported_as_missing_too() {
    let text = "rule one\nwhen shop.order.created\nthen log.write(mesage: \"x\")\n";
    assert_eq!(reported(text), ["H1005 mesage"]);
    let text = "rule one\nwhen shop.order.created\nthen log.write(level: \"x\")\n";
    assert_eq!(reported(text), ["H2005 log.write", "H1005 level"]);
}

#[test]
fn a_variable_is_not_called_unused_where_the_item_has_errors() {
    let text = "rule one\nwhen shop.order.created\nthen let label = \"x\"\n     log.write(message: lable)\n";
    assert_eq!(reported(text), ["H1006 lable"]);
}

#[test]
fn a_value_that_a_condition_says_is_there_is_not_called_declared_so() {
    let (_, found) = diagnostics(&rule("note is present and note is not missing"));
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((one.secondary.len(), one.notes.len()), (0, 1));
    let (_, found) = diagnostics(&rule("total is present"));
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!((one.secondary.len(), one.notes.len()), (1, 0));
}
