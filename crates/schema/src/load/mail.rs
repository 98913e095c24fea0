//! The mail templates of a project: each is an action of the integration `email`.
//!
//! `templates/NAME.txt` begins with the subject and has the text; `templates/NAME.html`, which may be left out, has the same
//! as HTML. What stands in braces is a parameter of the action `email.NAME`, so that rules are told of a template that is not
//! there, of a value that is missing and of one too many as for any other action. A template has the name of its file, and
//! no value of a rule's is ever the name of one.

use std::collections::BTreeMap;

use hence_diagnostics::{Code, Diagnostic, FileId, Sources, Span};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::dialect::Document;
use crate::html;
use crate::json::{Member, Node, Value};
use crate::template::placeholders;

/// The integration that mails are sent by.
const EMAIL: &str = "email";

/// What the first line of the text begins with.
const SUBJECT: &str = "Subject:";

/// The parameter of the recipient, which every template has.
const TO: &str = "to";

/// The files of a template.
#[derive(Default)]
struct Files {
    text: Option<FileId>,
    html: Option<FileId>,
}

/// A template that was read.
struct Template {
    /// Where it begins.
    span: Span,
    /// The action, as an integration file would have it.
    action: Json,
}

/// Returns whether a file is one of a mail template, and neither a rule file nor an integration or a table.
pub fn is_template(name: &str) -> bool {
    name.ends_with(".txt") || name.ends_with(".html")
}

/// Adds the templates among files to the actions of the integration of mail.
pub(super) fn add(
    sources: &Sources,
    files: &[FileId],
    documents: &mut IndexMap<String, Document>,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let templates = read(sources, files.iter().copied(), diagnostics);
    let Some(document) = documents.get_mut(EMAIL).filter(|_| !templates.is_empty()) else { return };
    let Value::Object(root) = &mut document.root.value else { return };
    let span = Span::default();
    let actions = root.entry("actions".to_owned()).or_insert_with(|| Member {
        name_span: span,
        value: Node { span, value: Value::Object(IndexMap::new()) },
    });
    let Value::Object(actions) = &mut actions.value.value else { return };
    for (name, template) in templates {
        if let Some(there) = actions.get(&name) {
            let message = format!("`{EMAIL}` has an action `{name}` already");
            let diagnostic = Diagnostic::new(Code::MailTemplate, template.span, message)
                .secondary(there.name_span, "it is here")
                .help("give the files of the template another name");
            diagnostics.push(diagnostic);
            continue;
        }
        let member = Member { name_span: template.span, value: node(template.action, template.span) };
        actions.insert(name, member);
    }
}

/// Returns the file of the integration of mail with the templates among all texts in it, for whoever has no templates.
pub fn with_templates(id: &str, text: &str, sources: &Sources) -> Option<String> {
    let files = sources.iter().filter(|(_, source)| is_template(source.name())).map(|(file, _)| file);
    let templates = read(sources, files, &mut Vec::new());
    if id != EMAIL || templates.is_empty() {
        return None;
    }
    let mut root: Json = serde_json::from_str(text).ok()?;
    let actions = root.as_object_mut()?.entry("actions").or_insert_with(|| Json::Object(Map::new()));
    let actions = actions.as_object_mut()?;
    for (name, template) in templates {
        actions.entry(name).or_insert(template.action);
    }
    serde_json::to_string_pretty(&root).ok()
}

/// Reads the templates among files, by name.
fn read(
    sources: &Sources,
    files: impl Iterator<Item = FileId>,
    diagnostics: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Template> {
    let mut found: BTreeMap<&str, Files> = BTreeMap::new();
    for file in files {
        let Some(source) = sources.get(file).filter(|source| is_template(source.name())) else { continue };
        let name = source.name().rsplit(['/', '\\']).next().unwrap_or_default();
        match name.rsplit_once('.') {
            Some((name, "txt")) => found.entry(name).or_default().text = Some(file),
            Some((name, _)) => found.entry(name).or_default().html = Some(file),
            None => {}
        }
    }
    let mut templates = BTreeMap::new();
    for (name, Files { text, html }) in found {
        let Some(file) = text.or(html) else { continue };
        let mut reader = Reader { sources, parameters: IndexMap::new(), diagnostics: Vec::new() };
        let template = reader.template(name, file, text, html);
        diagnostics.append(&mut reader.diagnostics);
        templates.insert(name.to_owned(), template);
    }
    templates
}

/// Reads one template.
struct Reader<'a> {
    sources: &'a Sources,
    /// The parameters, in the order in which they are first named.
    parameters: IndexMap<String, ()>,
    diagnostics: Vec<Diagnostic>,
}

impl Reader<'_> {
    fn template(&mut self, name: &str, file: FileId, text: Option<FileId>, html: Option<FileId>) -> Template {
        let span = Span::new(file, 0, 0);
        if !is_action(name) {
            let meant: String = name.to_lowercase().replace(|c: char| !c.is_ascii_alphanumeric(), "_");
            let help = format!("name the file with lower-case letters, digits and `_`, such as `{meant}`");
            self.report(span, format!("`{name}` cannot be the name of an action"), help);
        }
        if text.is_none() {
            let help = format!("add `templates/{name}.txt`, which begins with `{SUBJECT} …`");
            self.report(span, format!("the mail `{name}` has no subject and no text"), help);
        }
        let (subject, body) = text.map(|file| self.text(file)).unwrap_or_default();
        let html = html.and_then(|file| self.html(file));
        let mut call = json!({"kind": "smtp", "from": "{connection.from}", "to": "{to}",
            "subject": subject, "text": body});
        if let (Some(members), Some(html)) = (call.as_object_mut(), html) {
            members.insert("html".to_owned(), html.into());
        }
        let mut properties = Map::new();
        let to = json!({"type": "string", "format": "email", "examples": ["robin@example.com"],
            "description": "The recipient's mail address, or several separated by commas."});
        properties.insert(TO.to_owned(), to);
        for parameter in self.parameters.keys().filter(|parameter| *parameter != TO) {
            let description = format!("What stands for `{{{parameter}}}` in the template.");
            properties.insert(parameter.clone(), json!({"type": "string", "description": description}));
        }
        let required: Vec<&String> = properties.keys().collect();
        let action = json!({
            "description": format!("Sends a mail made of the template `{name}`."),
            "params": {"type": "object", "required": required, "properties": properties},
            "class": "at_most_once",
            "call": call,
        });
        Template { span, action }
    }

    /// Reads the subject and the text. What is wrong in one of them leaves it empty.
    fn text(&mut self, file: FileId) -> (String, String) {
        let Some(source) = self.sources.get(file) else { return Default::default() };
        let text = source.text();
        let (first, after) = text.split_once('\n').unwrap_or((text, ""));
        let Some(subject) = first.trim_start_matches('\u{feff}').strip_prefix(SUBJECT) else {
            let help = format!("begin the file with a line `{SUBJECT} …`, and leave the second line empty");
            self.report(place(file, 0, first.len()), "the first line is no subject".to_owned(), help);
            return (String::new(), self.filled(file, 0, text));
        };
        let (second, body) = after.split_once('\n').unwrap_or((after, ""));
        let at = text.len() - after.len();
        if !second.trim().is_empty() {
            let help = "leave one line empty between the subject and the text".to_owned();
            self.report(place(file, at, second.len()), "the second line is not empty".to_owned(), help);
        }
        let subject_at = first.len() - subject.len();
        let subject = self.filled(file, subject_at, subject);
        let body = self.filled(file, text.len() - body.len(), body);
        (subject.trim().to_owned(), body.replace("\r\n", "\n"))
    }

    /// Takes the placeholders of a part of a text; returns it, or nothing where it cannot be filled in.
    fn filled(&mut self, file: FileId, at: usize, text: &str) -> String {
        match placeholders(text) {
            Ok(names) => {
                let fine = names.into_iter().map(|(start, name)| self.parameter(file, at + start, name));
                if all(fine) { text.to_owned() } else { String::new() }
            }
            Err(brace) => {
                let help = "`{{` and `}}` stand for the braces themselves".to_owned();
                self.report(place(file, at + brace, 1), "a brace has no partner".to_owned(), help);
                String::new()
            }
        }
    }

    /// Reads the HTML; nothing where something is wrong with it.
    fn html(&mut self, file: FileId) -> Option<String> {
        let text = self.sources.get(file)?.text().clone();
        let read = html::parse(&text);
        let names = read.names.into_iter().map(|(at, name)| self.parameter(file, at, name));
        let fine = all(names) && read.problems.is_empty();
        for problem in read.problems {
            self.report(place(file, problem.at, problem.length), problem.message, problem.help);
        }
        fine.then(|| text.to_string())
    }

    /// Takes a placeholder as a parameter, if it can be one.
    fn parameter(&mut self, file: FileId, at: usize, name: &str) -> bool {
        if html::is_name(name) {
            self.parameters.insert(name.to_owned(), ());
            return true;
        }
        let help = "a placeholder is the name of a value that rules give, such as `{first_name}`; `{{` and `}}` stand for the braces themselves";
        self.report(place(file, at, name.len()), format!("`{name}` is no name"), help.to_owned());
        false
    }

    fn report(&mut self, span: Span, message: String, help: String) {
        self.diagnostics.push(Diagnostic::new(Code::MailTemplate, span, message).help(help));
    }
}

/// Returns whether all of them are so, after each was looked at.
fn all(fine: impl Iterator<Item = bool>) -> bool {
    fine.filter(|is_fine| !is_fine).count() == 0
}

fn is_action(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase())
        && name.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

fn place(file: FileId, at: usize, length: usize) -> Span {
    let offset = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
    Span::new(file, offset(at), offset(at + length))
}

/// Returns JSON as if all of it stood at one place.
fn node(json: Json, span: Span) -> Node {
    let value = match json {
        Json::Null => Value::Null,
        Json::Bool(truth) => Value::Bool(truth),
        Json::Number(number) => Value::Number(number.to_string().into()),
        Json::String(text) => Value::Text(text),
        Json::Array(items) => Value::List(items.into_iter().map(|item| node(item, span)).collect()),
        Json::Object(members) => {
            let member = |(name, value)| (name, Member { name_span: span, value: node(value, span) });
            Value::Object(members.into_iter().map(member).collect())
        }
    };
    Node { span, value }
}

#[cfg(test)]
mod tests;
