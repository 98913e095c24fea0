//! `hence new`

use std::path::Path;

use yaml_rust2::{Yaml, YamlLoader};

use crate::support::{command, folder, hence};

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
    for name in ["README.md", ".gitignore", ".vscode/settings.json"] {
        assert!(mine.join(name).is_file(), "{name}");
    }
    let commands = commands(&mine);
    assert_eq!(commands.len(), 7, "{commands:?}");
    for command in commands {
        runs_in_a_shell(&mine, &command);
    }
    for report in ["tests.xml", "findings.sarif"] {
        assert!(std::fs::metadata(mine.join(report)).unwrap().len() > 100, "{report}");
    }
    let manifest = std::fs::read_to_string(mine.join("hence.toml")).unwrap();
    assert!(manifest.starts_with("name = \"mine\"\n") && !manifest.contains("secret:mine"), "{manifest}");
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

fn yaml(path: &Path) -> Yaml {
    YamlLoader::load_from_str(&std::fs::read_to_string(path).unwrap()).unwrap().remove(0)
}

/// The commands that a project's workflow and hooks run.
fn commands(project: &Path) -> Vec<String> {
    let workflow = yaml(&project.join(".github/workflows/rules.yml"));
    assert!(!workflow["on"].is_badvalue());
    let steps = workflow["jobs"]["rules"]["steps"].as_vec().unwrap();
    let run = steps.iter().filter_map(|step| step["run"].as_str());
    let hooks = yaml(&project.join(".pre-commit-config.yaml"));
    let hooks = hooks["repos"][0]["hooks"].as_vec().unwrap();
    let entries = hooks.iter().map(|hook| hook["entry"].as_str().unwrap());
    run.chain(entries).map(str::to_owned).collect()
}

fn runs_in_a_shell(folder: &Path, line: &str) {
    let binary = command(folder, &[]).get_program().to_owned();
    let path = Path::new(&binary).parent().unwrap().display();
    let script = format!("PATH=\"{path}:$PATH\"; {line}");
    let ran = std::process::Command::new("sh").args(["-ec", &script]).current_dir(folder).output().unwrap();
    assert!(ran.status.success(), "{line}: {ran:?}");
}

#[test]
fn the_hooks_of_this_repository_are_those_of_a_new_project() {
    let folder = folder(&[]);
    hence(folder.path(), &["new", "mine"]).exits(0);
    let of_project = yaml(&folder.path().join("mine/.pre-commit-config.yaml"));
    let shared = yaml(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.pre-commit-hooks.yaml"));
    assert_eq!(shared, of_project["repos"][0]["hooks"]);
}
