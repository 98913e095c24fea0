//! Texts that change while a project stays loaded.

use std::fs;

use hence_diagnostics::Code;

use super::*;

const RULE: &str = "rule a\nwhen shop.order.created\nthen log.write(message: \"x\")\n";

fn folder(files: &[(&str, &str)]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let path = fs::canonicalize(folder.path()).unwrap();
    (folder, path)
}

fn codes(live: &Live) -> Vec<Code> {
    live.project().diagnostics().iter().map(|diagnostic| diagnostic.code).collect()
}

#[test]
fn a_changed_text_is_checked_and_the_disk_counts_again_when_it_is_taken_away() {
    let (_keep, root) = folder(&[("hence.toml", ""), ("a.rule", RULE)]);
    let path = root.join("a.rule");
    let mut live = Live::load(&path, BTreeMap::new()).unwrap();
    assert_eq!(codes(&live), []);
    live.set(&path, Some(RULE.replace("created", "creatd").into())).unwrap();
    assert_eq!(codes(&live), [Code::UnknownEvent]);
    live.set(&path, None).unwrap();
    assert_eq!(codes(&live), []);
    assert_eq!(live.project().program().rules.len(), 1);
}

#[test]
fn a_file_on_no_disk_belongs_to_the_project_of_its_folder() {
    let (_keep, root) = folder(&[("hence.toml", ""), ("a.rule", RULE)]);
    let path = root.join("new.rule");
    let buffers = BTreeMap::from([(path.clone(), Arc::from(RULE))]);
    let live = Live::load(&path, buffers).unwrap();
    assert_eq!(codes(&live), [Code::DuplicateItem, Code::DuplicateRule]);
    assert!(live.file(&path).is_some() && live.file(&root.join("a.rule")).is_some());
}

#[test]
fn a_manifest_that_is_not_saved_counts() {
    let (_keep, root) = folder(&[("hence.toml", ""), ("a.rule", "const a = 1\n")]);
    let mut live = Live::load(&root, BTreeMap::new()).unwrap();
    assert_eq!(codes(&live), [Code::UnusedItem]);
    let manifest = root.join("hence.toml");
    live.set(&manifest, Some("[lints]\nunused-item = \"allow\"\n".into())).unwrap();
    assert_eq!(codes(&live), []);
}

#[test]
fn a_file_alone_on_no_disk_is_a_project_of_its_own() {
    let (_keep, root) = folder(&[("other.rule", RULE)]);
    let path = root.join("new.rule");
    let live = Live::load(&path, BTreeMap::from([(path.clone(), Arc::from(RULE))])).unwrap();
    assert_eq!(codes(&live), []);
    assert_eq!(live.project().files.len(), 1);
}

const TWO: &str = "\
rule big
when shop.order.created
if   is_big(total) and note is present
then log.write(message: \"{note}\")

rule small
when shop.order.created
if   total < 10 EUR and total > 20 EUR
then log.write(message: \"small\")
";
const SHARED: &str = "fn is_big(amount: money) -> bool = amount > limit\nconst limit = 100 EUR\n";

#[test]
fn what_is_remembered_of_items_is_what_a_check_finds() {
    let (_keep, root) = folder(&[("hence.toml", ""), ("a.rule", TWO), ("b.rule", SHARED)]);
    let (a, b) = (root.join("a.rule"), root.join("b.rule"));
    let mut live = Live::load(&root, BTreeMap::new()).unwrap();
    let changes = [
        (&a, TWO.replace("small\"", "tiny\"")),
        (&a, TWO.replace("total", "totl")),
        (&a, TWO.replace("rule big", "\n\nrule big")),
        (&a, TWO.replace("rule small", "// hence: allow H4009\nrule small")),
        (&a, TWO.replace("then log", "then log write")),
        (&a, TWO.replace("rule small", "rule big")),
        (&a, TWO.to_owned()),
        (&b, SHARED.replace("100 EUR", "\"a\"")),
        (&b, SHARED.replace("is_big", "is_bigger")),
        (&b, SHARED.replace("(amount: money)", "(amount: money, b: int)")),
        (&b, SHARED.replace("amount > limit", "amount == limit and b")),
        (&b, SHARED.replace("fn is_big", "fn")),
        (&b, format!("{SHARED}const more = limit + 1 EUR\n")),
        (&b, SHARED.to_owned()),
    ];
    let told = |project: &Project| -> Vec<String> {
        project.diagnostics().iter().map(|one| format!("{one:?}")).collect()
    };
    for (path, text) in changes {
        live.set(path, Some(text.as_str().into())).unwrap();
        fs::write(path, &text).unwrap();
        assert_eq!(told(live.project()), told(&Project::load(&root).unwrap()), "{text}");
    }
}
