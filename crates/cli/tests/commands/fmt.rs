//! `hence fmt`

use crate::support::{GOOD, hence, hence_reading, project};

const UNTIDY: &str = "/// Tags customers of big orders.\nrule big_order \"Big order\" when shop.order.created\nif total>100 EUR\n\
     then crm.add_tag(user:customer.id, tag:\"big\")\n";

#[test]
fn files_are_brought_into_layout_and_named() {
    let project = project(UNTIDY);
    let ran = hence(project.path(), &["fmt"]).exits(0);
    assert_eq!((ran.out.as_str(), ran.err.as_str()), ("rules/example.rule\n", ""));
    assert_eq!(std::fs::read_to_string(project.path().join("rules/example.rule")).unwrap(), GOOD);
    assert_eq!(hence(project.path(), &["fmt"]).exits(0).out, "");
}

#[test]
fn a_check_changes_nothing() {
    let project = project(UNTIDY);
    let ran = hence(project.path(), &["fmt", "--check"]).exits(1);
    assert_eq!(ran.out, "rules/example.rule\n");
    assert_eq!(std::fs::read_to_string(project.path().join("rules/example.rule")).unwrap(), UNTIDY);
}

#[test]
fn standard_input_goes_to_standard_output() {
    let project = project(GOOD);
    let ran = hence_reading(project.path(), &["fmt", "--stdin"], UNTIDY.as_bytes()).exits(0);
    assert_eq!(ran.out, GOOD);
}

#[test]
fn what_cannot_be_read_stays_as_it_is_and_is_told() {
    let broken = "rule   broken\nwhen shop.order.created\nif   total > > 1 EUR\nthen   stop\n";
    let ran = hence_reading(project(GOOD).path(), &["fmt", "--stdin"], broken.as_bytes()).exits(1);
    assert_eq!(ran.out, broken);
    assert!(ran.err.starts_with("error[H0101]"), "{}", ran.err);
}
