//! Mail templates of a project: checked with its rules, and a part of whatever they are taken elsewhere by.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on ends by panicking")]

use std::fs;
use std::path::Path;

use hence_diagnostics::{Code, Diagnostic};
use hence_ir::bundle;
use hence_project::{Content, Loaded, Project, Texts};
use hence_schema::{Call, Catalog, SmtpCall};

const RULE: &str =
    "rule greet\nwhen shop.order.created\nthen email.welcome(to: customer.email, name: number)\n";
const TEXT: &str = "Subject: Welcome\n\nHello {name}!\n";
const HTML: &str = "<p title=\"{name}\">Hello {name}!</p>";

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let given = [("hence.toml", "name = \"mine\"\n"), ("rules/greet.rule", RULE)];
    for (name, text) in given.iter().chain(files) {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn load(folder: &Path) -> Project {
    Project::load(folder).unwrap()
}

/// The codes of what is told, with the guilty text and the first remedy.
fn told(project: &Project) -> Vec<(Code, String, String)> {
    let one = |told: &Diagnostic| {
        let fix = told.fixes.first().map(|fix| fix.title.clone());
        let remedy = told.helps.first().cloned().or(fix).unwrap_or_default();
        (told.code, project.sources.slice(told.primary.span).to_owned(), remedy)
    };
    project.diagnostics().iter().map(one).collect()
}

fn welcome(catalog: &Catalog) -> Option<SmtpCall> {
    let action = catalog.action("email", "welcome")?;
    if let Call::Smtp(call) = &action.call { Some(call.clone()) } else { None }
}

#[test]
fn a_template_that_is_not_there_and_values_that_do_not_fit_are_told_in_the_rule() {
    let folder = folder(&[("templates/welcom.txt", TEXT)]);
    let [(code, guilty, remedy)] = &told(&load(folder.path()))[..] else { panic!() };
    assert_eq!((*code, guilty.as_str()), (Code::UnknownAction, "welcome"));
    assert!(remedy.contains("welcom"), "{remedy}");
    fs::rename(folder.path().join("templates/welcom.txt"), folder.path().join("templates/welcome.txt"))
        .unwrap();
    assert_eq!(told(&load(folder.path())), []);
    // A placeholder that rules give no value for, and one that was there.
    fs::write(folder.path().join("templates/welcome.txt"), TEXT.replace("{name}", "{nam}")).unwrap();
    let codes: Vec<Code> = told(&load(folder.path())).into_iter().map(|(code, ..)| code).collect();
    assert!(codes.contains(&Code::UnknownArgument), "{codes:?}");
}

#[test]
fn what_is_wrong_with_a_template_stops_the_project() {
    let folder =
        folder(&[("templates/welcome.txt", TEXT), ("templates/welcome.html", "<p onclick=\"{name}\">")]);
    let project = load(folder.path());
    assert!(project.has_errors());
    let [(code, guilty, remedy)] = &told(&project)[..] else { panic!("{:?}", project.diagnostics()) };
    assert_eq!((*code, guilty.as_str(), remedy.is_empty()), (Code::MailTemplate, "{name}", false));
}

#[test]
fn files_of_other_folders_are_no_templates() {
    let folder = folder(&[
        ("templates/welcome.txt", TEXT),
        ("templates/old/welcome.txt", "none"),
        ("notes.txt", "none"),
        ("templates/logo.png", ""),
    ]);
    let project = load(folder.path());
    assert_eq!(told(&project), []);
    let texts = project.texts();
    let paths: Vec<&str> = texts.iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["hence.toml", "rules/greet.rule", "templates/welcome.txt"]);
}

#[test]
fn a_release_and_a_bundle_send_the_same_mail() {
    let folder = folder(&[("templates/welcome.txt", TEXT), ("templates/welcome.html", HTML)]);
    let project = load(folder.path());
    assert_eq!(told(&project), []);
    let expected = welcome(&project.catalog).unwrap();
    assert_eq!((expected.subject.as_str(), expected.html.len()), ("Welcome", 5));
    let bytes = bundle::write(&project.bundle());
    assert_eq!(bytes, bundle::write(&load(folder.path()).bundle()));
    for content in [Content::Texts(project.texts()), Content::Bundle(bytes.into())] {
        let loaded = Loaded::of_content(&Content::read(&content.write()).unwrap()).unwrap();
        assert_eq!(loaded.diagnostics, []);
        assert_eq!(welcome(&loaded.catalog).as_ref(), Some(&expected));
        assert_eq!(loaded.program.rules.len(), 1);
    }
}

#[test]
fn no_path_of_a_release_leads_out_of_the_folder_of_templates() {
    let texts = |path: &str| Texts::new([(path.to_owned(), TEXT.into())]);
    assert!(texts("templates/welcome.txt").is_ok() && texts("templates/welcome.html").is_ok());
    for path in
        ["welcome.txt", "../templates/a.txt", "templates/../a.txt", "templates/b/a.txt", "/templates/a.txt"]
    {
        assert!(texts(path).is_err(), "{path}");
    }
}
