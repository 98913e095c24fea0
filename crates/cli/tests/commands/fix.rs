//! `hence fix`

use crate::support::{hence, project};

const MISTAKEN: &str = "rule paid\nwhen shop.order.created\nif   status = \"paid\"\nthen stop\n";

#[test]
fn certain_fixes_are_applied_and_told() {
    let project = project(MISTAKEN);
    let file = project.path().join("rules/example.rule");
    let ran = hence(project.path(), &["fix", "--dry-run"]).exits(0);
    assert_eq!(ran.out, "rules/example.rule:3:13: H0101: write `==`\n");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), MISTAKEN);
    hence(project.path(), &["fix"]).exits(0);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), MISTAKEN.replace(" = ", " == "));
    hence(project.path(), &["check"]).exits(0);
}
