//! Fixes on texts with mistakes, and every fix that the corpus and the pages of diagnostics are offered.

use std::path::{Path, PathBuf};
use std::time::Instant;

use hence_diagnostics::explain;

use super::*;

fn rule(condition: &str) -> String {
    format!("rule one\nwhen shop.order.created\nif   {condition}\nthen log.write(message: \"x\")\n")
}

#[track_caller]
fn fixed(text: &str) -> String {
    let project = Project::of_text("example.rule", text);
    let mut found = fix(&project, None);
    assert_eq!(found.len(), 1, "{text}");
    found.remove(0).text
}

#[test]
fn safe_fixes_are_applied_and_nothing_is_left_to_do() {
    let text = rule("status == \"paid\" and risk is present or total else 1 EUR > 5 EUR");
    let mended = fixed(&text);
    assert_eq!(mended, rule("(status == \"paid\" and risk is present) or total > 5 EUR"));
    assert_eq!(fix(&Project::of_text("example.rule", &mended), None), []);
}

#[test]
fn what_is_only_likely_is_left_to_people() {
    let project = Project::of_text("example.rule", &rule("status == \"payd\""));
    assert_eq!(fix(&project, None), []);
    let found = project.diagnostics();
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(verify_fixes(&project, one).len(), 1);
}

#[test]
fn a_fix_that_does_harm_is_not_believed() {
    let project = Project::of_text("example.rule", &rule("status == \"payd\""));
    let mut one = project.diagnostics()[0].clone();
    for text in ["total", "\"payd\" and", "\"payd\""] {
        one.fixes = vec![Fix::replace(Applicability::Safe, one.primary.span, text, "spoil it")];
        assert_eq!(verify_fixes(&project, &one), [], "{text}");
    }
}

#[test]
fn what_a_mistake_hid_is_not_held_against_its_fix() {
    let text = rule("totl > 5 EUR").replace("order.created", "order.creatd");
    let project = Project::of_text("example.rule", &text);
    let found = project.diagnostics();
    let [one] = found.as_slice() else { panic!("{found:?}") };
    assert_eq!(verify_fixes(&project, one).len(), 1);
}

#[test]
fn only_the_file_asked_for_is_fixed() {
    let project = Project::of_text("example.rule", &rule("total is present or total else 1 EUR > 5 EUR"));
    let file = project.files[0].file;
    let other = project.sources.iter().map(|(id, _)| id).find(|id| *id != file);
    assert_eq!(fix(&project, other), []);
    assert_eq!(fix(&project, Some(file)).len(), 1);
}

/// Rules with mistakes: those of the corpus and those of the pages.
fn mistakes() -> Vec<(String, String)> {
    let mut texts = Vec::new();
    let mut folders = vec![Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/check")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path: PathBuf = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(text) = std::fs::read_to_string(&path)
                && path.extension().is_some_and(|extension| extension == "rule")
            {
                texts.push((path.display().to_string(), text));
            }
        }
    }
    for code in Code::ALL {
        for example in explain::examples(*code).iter().filter(|example| example.language == "rule") {
            texts.push((code.to_string(), example.text.to_owned()));
        }
    }
    texts
}

/// Returns a project of one other text, its integrations not read again.
fn with_text(base: &Project, text: &str) -> Project {
    let texts = BTreeMap::from([(base.files[0].file, text.to_owned())]);
    let Trial { sources, files, .. } = Trial::of(base).with_texts(base, &texts);
    let mut project = Project { sources, files, ..base.clone() };
    project.check(&[0]);
    project
}

#[test]
fn fixes_that_are_called_safe_or_likely_hold_what_they_promise() {
    let mut failed = Vec::new();
    let (mut tried, mut spent) = (0, std::time::Duration::ZERO);
    let base = Project::of_text("example.rule", "");
    for (name, text) in mistakes() {
        let project = with_text(&base, &text);
        for diagnostic in &project.diagnostics() {
            let begun = Instant::now();
            let held = verify_fixes(&project, diagnostic);
            spent += begun.elapsed();
            for fix in &diagnostic.fixes {
                tried += 1;
                if fix.applicability != Applicability::Manual && !held.contains(fix) {
                    failed
                        .push(format!("{name}: {}: {}: {}", diagnostic.code, diagnostic.message, fix.title));
                }
            }
        }
        for fixed in fix(&project, None) {
            let again = with_text(&base, &fixed.text);
            assert_eq!(fix(&again, None), [], "{name}: fixing twice is fixing once");
        }
    }
    println!("{tried} fixes tried in {spent:?}");
    assert!(tried > 20, "only {tried} fixes found");
    assert!(failed.is_empty(), "{} of {tried}:\n{}", failed.len(), failed.join("\n"));
}
