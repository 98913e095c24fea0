//! `hence explain`

use hence_diagnostics::Code;

use crate::support::{folder, hence};

#[test]
fn a_page_is_found_by_code_and_by_name() {
    let folder = folder(&[]);
    let ran = hence(folder.path(), &["explain", "H1003"]).exits(0);
    assert!(ran.out.starts_with("# H1003: "), "{}", ran.out);
    let by_name = hence(folder.path(), &["explain", "unknown-field"]).exits(0);
    assert_eq!(by_name.out, ran.out);
}

#[test]
fn without_a_code_all_are_listed() {
    let ran = hence(folder(&[]).path(), &["explain"]).exits(0);
    assert_eq!(ran.out.lines().count(), Code::ALL.len());
}

#[test]
fn a_code_that_is_not_there_gets_the_nearest() {
    let ran = hence(folder(&[]).path(), &["explain", "unknown-feild"]).exits(2);
    assert_eq!(ran.err, "hence: there is no code `unknown-feild`; did you mean `unknown-field`?\n");
}
