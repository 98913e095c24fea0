//! Mail templates as actions of `email`.

use hence_types::Type;

use super::*;
use crate::{Call, Catalog, HtmlPart, catalog, catalog_of};

/// Loads templates by their paths; returns also what is told, with the guilty text.
fn load(files: &[(&str, &str)]) -> (Catalog, Vec<String>, Sources) {
    let mut sources = Sources::new();
    let ids: Vec<FileId> = files.iter().map(|(name, text)| sources.add(*name, *text)).collect();
    let (catalog, diagnostics) = catalog(&mut sources, &ids);
    let told = |diagnostic: &Diagnostic| {
        let source = sources.get(diagnostic.primary.span.file).unwrap();
        let guilty = sources.slice(diagnostic.primary.span);
        assert!(!diagnostic.helps.is_empty());
        format!("{} {} {guilty:?}: {}", diagnostic.code.as_str(), source.name(), diagnostic.message)
    };
    let told = diagnostics.iter().map(told).collect();
    (catalog, told, sources)
}

const TEXT: (&str, &str) =
    ("templates/welcome.txt", "Subject: Welcome, {name}\n\nHello {name},\r\nyour code is {code}.\n");
const HTML: (&str, &str) = (
    "templates/welcome.html",
    "<style>p { color: red }</style><p>Hello {name}</p><a href=\"https://example.com/{path}\">",
);

#[test]
fn a_template_is_an_action_with_what_stands_in_braces_as_parameters() {
    let (catalog, told, _) = load(&[TEXT, HTML]);
    assert_eq!(told, Vec::<String>::new());
    let action = &catalog.integrations["email"].actions["welcome"];
    assert_eq!(&*action.full_name, "email.welcome");
    let params: Vec<&str> = action.params.keys().map(|name| &**name).collect();
    assert_eq!(params, ["to", "name", "code", "path"]);
    assert!(action.params.values().all(|param| param.ty == Type::String));
    let Call::Smtp(call) = &action.call else { panic!() };
    assert_eq!((&*call.subject, &*call.to), ("Welcome, {name}", "{to}"));
    assert_eq!(call.text, "Hello {name},\nyour code is {code}.\n");
    let names: Vec<&str> = call
        .html
        .iter()
        .filter_map(|part| match part {
            HtmlPart::Literal(_) => None,
            HtmlPart::Placeholder { name, .. } => Some(&**name),
        })
        .collect();
    assert_eq!(names, ["name", "path"]);
    // What was there is there still.
    assert!(catalog.integrations["email"].actions.contains_key("send"));
}

#[test]
fn what_is_wrong_with_a_template_is_told_at_its_place() {
    for (files, expected) in [
        (
            &[("templates/a.txt", "Hello\n")][..],
            "H0209 templates/a.txt \"Hello\": the first line is no subject",
        ),
        (
            &[("templates/a.txt", "Subject: A\nHello")],
            "H0209 templates/a.txt \"Hello\": the second line is not empty",
        ),
        (
            &[("templates/a.txt", "Subject: A {b\n\nHello")],
            "H0209 templates/a.txt \"{\": a brace has no partner",
        ),
        (
            &[("templates/a.txt", "Subject: A\n\nHello {first name}")],
            "H0209 templates/a.txt \"first name\": `first name` is no name",
        ),
        (
            &[("templates/a.txt", "Subject: A\n\n{connection.password}")],
            "H0209 templates/a.txt \"connection.password\": `connection.password` is no name",
        ),
        (
            &[("templates/a.html", "<p>Hello</p>")],
            "H0209 templates/a.html \"\": the mail `a` has no subject and no text",
        ),
        (
            &[("templates/a.txt", "Subject: A\n\nB"), ("templates/a.html", "<p style='{x}'>")],
            "H0209 templates/a.html \"{x}\": a placeholder stands in the attribute `style`",
        ),
        (
            &[("templates/send.txt", "Subject: A\n\nB")],
            "H0209 templates/send.txt \"\": `email` has an action `send` already",
        ),
        (
            &[("templates/Vip-welcome.txt", "Subject: A\n\nB")],
            "H0209 templates/Vip-welcome.txt \"\": `Vip-welcome` cannot be the name of an action",
        ),
    ] {
        let (catalog, told, _) = load(files);
        assert_eq!(told, [expected]);
        // The mail that is wrong is there all the same, so that what calls it is not told as well.
        let name = files[0].0.split(['/', '.']).nth(1).unwrap();
        assert!(catalog.integrations["email"].actions.contains_key(name), "{name}");
    }
}

#[test]
fn the_file_with_templates_in_it_has_the_same_actions() {
    let (whole, _, sources) = load(&[TEXT, HTML]);
    let shipped = crate::shipped_text("email").unwrap();
    let merged = with_templates("email", shipped, &sources).unwrap();
    assert_eq!(with_templates("log", shipped, &sources), None);
    assert_eq!(with_templates("email", shipped, &Sources::new()), None);
    let mut sources = Sources::new();
    let file = sources.add("integrations/email.json", merged);
    let (again, diagnostics) = catalog_of(&sources, &[file]);
    assert_eq!(diagnostics, []);
    let call = |catalog: &Catalog| catalog.integrations["email"].actions["welcome"].call.clone();
    assert_eq!(call(&again), call(&whole));
}

#[test]
fn html_of_an_integration_file_is_held_to_the_same() {
    let file = |html: &str| {
        format!(
            r#"{{ "hence": 1, "id": "mine", "title": "M", "version": "1", "actions": {{ "tell": {{
            "class": "at_most_once", "params": {{ "type": "object", "properties": {{ "a": {{ "type": "string" }} }} }},
            "call": {{ "kind": "smtp", "from": "x@example.com", "to": "y@example.com", "subject": "S", "text": "T",
              "html": "{html}" }} }} }} }}"#
        )
    };
    let told = |html: &str| {
        let mut sources = Sources::new();
        let id = sources.add("integrations/mine.json", file(html));
        let (_, diagnostics) = catalog_of(&sources, &[id]);
        let shown = |found: &Diagnostic| {
            let guilty = sources.slice(found.primary.span);
            format!("{} {guilty}: {}", found.code.as_str(), found.message)
        };
        diagnostics.iter().map(shown).collect::<Vec<_>>()
    };
    assert_eq!(told("<style>p { }</style><p title='{a}'>{a}</p>"), Vec::<String>::new());
    assert_eq!(told("<p>{b}</p>"), ["H0202 b: `tell` has no parameter `b`"]);
    assert_eq!(told("<p style='{a}'>"), ["H0202 {a}: a placeholder stands in the attribute `style`"]);
}

#[test]
fn the_examples_of_the_explanation_are_what_they_say() {
    for (kind, expected) in [("wrong", 2), ("right", 0)] {
        let (_, block) = Code::MailTemplate.page().split_once(&format!("```html {kind}\n")).unwrap();
        let html = block.split_once("```").unwrap().0;
        let (_, told, _) = load(&[("templates/a.txt", "Subject: A\n\nB"), ("templates/a.html", html)]);
        assert_eq!(told.len(), expected, "{told:?}");
        assert!(told.iter().all(|told| told.starts_with("H0209")), "{told:?}");
    }
}
