//! `hence new`

use crate::support::{folder, hence};

/// Holds a new project to what its README promises: it is checked, laid out, and runs on its events.
fn is_ready(template: &str, action: &str) {
    runs(template, action, &["run", "--data", "events.jsonl"]);
}

fn runs(template: &str, action: &str, arguments: &[&str]) {
    let folder = folder(&[]);
    let ran = hence(folder.path(), &["new", "mine", "--template", template]).exits(0);
    assert!(ran.err.contains(&format!("hence {}", arguments.join(" "))), "{}", ran.err);
    let mine = folder.path().join("mine");
    hence(&mine, &["check", "--deny", "warnings"]).exits(0);
    let ran = hence(&mine, &["fmt", "--check"]).exits(0);
    assert_eq!(ran.out, "");
    let ran = hence(&mine, &["test"]).exits(0);
    assert!(ran.err.contains(" passed, none failed"), "{}", ran.err);
    let ran = hence(&mine, arguments).exits(0);
    assert!(ran.out.contains(&format!("      {action}(")), "{}", ran.out);
    assert!(!ran.out.contains("breaks its schema"), "{}", ran.out);
    for name in ["README.md", ".gitignore", ".github/workflows/rules.yml", ".vscode/settings.json"] {
        assert!(mine.join(name).is_file(), "{name}");
    }
    assert!(std::fs::read_to_string(mine.join("hence.toml")).unwrap().starts_with("name = \"mine\"\n"));
}

#[test]
fn a_shop_is_ready() {
    is_ready("shop", "email.send");
}

#[test]
fn a_club_is_ready() {
    is_ready("members", "crm.add_tag");
}

#[test]
fn a_repository_is_ready() {
    is_ready("github", "github.create_comment");
}

#[test]
fn a_checkout_is_ready() {
    let arguments = ["run", "--entry-point", "checkout", "--data", "context.json"];
    runs("checkout", "ui.display_message", &arguments);
}

#[test]
fn what_is_there_is_left_alone() {
    let folder = folder(&[("mine/notes.txt", "mine")]);
    let ran = hence(folder.path(), &["new", "mine"]).exits(2);
    assert_eq!(ran.err, "hence: mine is already there\n");
}
