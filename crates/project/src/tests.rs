//! Loading folders.

use std::fs;

use hence_diagnostics::Code;

use super::*;

fn project(files: &[(&str, &[u8])]) -> (tempfile::TempDir, Project) {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }
    let project = Project::load(folder.path()).unwrap();
    (folder, project)
}

fn codes(project: &Project) -> Vec<Code> {
    project.diagnostics().iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn rule_files_are_found_and_other_projects_are_not() {
    let rule = b"rule a\nwhen shop.order.created\nthen log.write(message: \"x\")\n";
    let other = b"rule b\nwhen shop.order.created\nthen log.write(message: \"x\")\n";
    let (_folder, project) = project(&[
        ("hence.toml", b"name = \"x\"\ntimezone = \"Europe/Berlin\"\n"),
        ("rules/deep/a.rule", rule),
        ("other/hence.toml", b""),
        ("other/b.rule", other),
        (".hence/c.rule", other),
    ]);
    assert_eq!(codes(&project), []);
    assert_eq!(project.program().rules.len(), 1);
    assert_eq!(project.manifest.name, "x");
}

#[test]
fn a_broken_manifest_is_told_and_the_rules_are_still_checked() {
    let (_folder, project) = project(&[
        ("hence.toml", b"nam = \"x\"\n"),
        ("a.rule", b"rule a\nwhen shop.order.creatd\nthen stop\n"),
    ]);
    assert_eq!(codes(&project), [Code::InvalidConfig, Code::UnknownEvent]);
}

#[test]
fn a_key_that_is_none_is_refused_with_the_one_that_was_meant() {
    for (text, message, label) in [
        ("nam = \"x\"", "`nam` is no setting", "did you mean `name`?"),
        ("[limit]\ntoken_rate = 1", "`limit` is no setting", "did you mean `limits`?"),
        (
            "[server]\nlisten = \"127.0.0.1:1\"\n  stor = \"x\"",
            "`stor` is no setting in `[server]`",
            "did you mean `store`?",
        ),
        ("[limits]\ntokn_rate = 1", "`tokn_rate` is no setting in `[limits]`", "did you mean `token_rate`?"),
        ("[tls]\nzzzzzz = 1", "`zzzzzz` is no setting in `[tls]`", "not a setting of this file"),
    ] {
        let (_folder, project) = project(&[("hence.toml", text.as_bytes())]);
        let diagnostics = project.diagnostics();
        let [diagnostic] = &diagnostics[..] else { panic!("{text}: {diagnostics:?}") };
        assert_eq!(diagnostic.message, message, "{text}");
        assert!(format!("{diagnostic:?}").contains(label), "{text}: {diagnostic:?}");
    }
}

#[test]
fn every_setting_of_the_table_is_read_and_has_the_default_it_says() {
    let mut tables = std::collections::BTreeMap::<&str, String>::new();
    for setting in crate::SETTINGS {
        let (table, name) = setting.key.rsplit_once('.').unwrap_or(("", setting.key));
        let is_named = ["NAME", "concurrency", "unsigned", ""].contains(&name) || name == "name";
        if is_named || setting.default.is_empty() {
            continue;
        }
        let value = match setting.default {
            plain if plain.parse::<u32>().is_ok() || plain.parse::<bool>().is_ok() => plain.to_owned(),
            text => format!("\"{text}\""),
        };
        tables.entry(table).or_default().push_str(&format!("{name} = {value}\n"));
    }
    let mut text = tables.remove("").unwrap();
    for (table, lines) in tables {
        text.push_str(&format!("[{table}]\n{lines}"));
    }
    let (_folder, project) = project(&[("hence.toml", text.as_bytes())]);
    assert_eq!(codes(&project), []);
    let name = project.manifest.name.clone();
    assert_eq!(project.manifest, crate::Manifest { name, ..crate::Manifest::default() });
}

#[test]
fn zones_lints_and_settings_are_checked() {
    let (_folder, project) = project(&[(
        "hence.toml",
        b"timezone = \"Mars/Base\"\n[connections.email]\nport = 25\nhost = [1]\n[lints]\nmixed-and-or = \"allow\"\nunused = \"deny\"\nsyntax-error = \"warn\"\n",
    )]);
    assert_eq!(codes(&project), [Code::InvalidConfig; 4]);
    assert_eq!(project.manifest.connections["email"]["port"], "25");
}

#[test]
fn names_that_rules_had_belong_to_one_rule_that_is_there() {
    let (_folder, project) = project(&[
        ("hence.toml", b"[renamed]\nlarg = \"old\"\nlarge = \"older\"\nhuge = \"older\"\nvast = \"large\"\n"),
        ("a.rule", b"rule large when shop.order.created then stop\nrule huge when shop.order.paid then stop\nrule vast when shop.order.refunded then stop\n"),
    ]);
    let told: Vec<_> = project
        .diagnostics()
        .into_iter()
        .filter(|one| one.code == Code::InvalidConfig)
        .map(|one| (one.message, one.primary.text))
        .collect();
    let expected = [
        ("no rule is named `larg`", "did you mean `large`?"),
        ("`older` was the name of one rule alone", "what is kept under this name belongs to `huge`"),
        ("`large` is the name of another rule", "what is kept under this name belongs to `vast`"),
    ];
    assert_eq!(told, expected.map(|(message, label)| (message.to_owned(), label.to_owned())));
    assert_eq!(project.manifest.former_names().stored("large"), "older");
}

#[test]
fn a_file_that_is_not_utf8_is_told_with_its_place() {
    let (_folder, project) = project(&[("a.rule", b"rule a \xff\n")]);
    assert_eq!(codes(&project), [Code::NotUtf8]);
    assert_eq!(project.diagnostics()[0].primary.span.start, 7);
}

#[test]
fn what_is_not_there_is_an_error() {
    assert!(Project::load(Path::new("no/such/folder")).is_err());
}
