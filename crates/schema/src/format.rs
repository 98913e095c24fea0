//! The published JSON Schema of integration files, and what it says about a file, at places and in plain words.
//!
//! The schema carries its own wording: where a member `errorMessage` stands beside the keyword that failed, it
//! is the message, in editors as here. Everything else is worded by keyword.

#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use jsonschema::error::ValidationErrorKind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value as Json;

use crate::json::{Node, inside};

/// The JSON Schema (draft 2020-12) of integration files.
pub const FORMAT: &str = include_str!("../format/integration.schema.json");

/// So many names are listed in a message; more say nothing.
const MOST_LISTED: usize = 12;

/// The schema, read and compiled at first use; the shipped files never need it.
static CHECKER: LazyLock<Checker> = LazyLock::new(|| {
    let schema: Json = serde_json::from_str(FORMAT).unwrap_or(Json::Bool(true));
    let validator = jsonschema::draft202012::new(&schema).ok();
    Checker { schema, validator }
});

struct Checker {
    schema: Json,
    validator: Option<Validator>,
}

/// Something the schema says, before it is known whether it is worth saying.
struct Finding {
    diagnostic: Diagnostic,
    /// The object it is about, and the member that is missing or probably meant there.
    missing: Option<(String, String)>,
    meant: Option<(String, String)>,
}

/// Returns what the schema has against a file, in the order of the places.
pub(crate) fn check(root: &Node) -> Vec<Diagnostic> {
    let checker = &*CHECKER;
    let instance = root.to_json();
    let Some(validator) = &checker.validator else { return Vec::new() };
    let findings: Vec<Finding> =
        validator.iter_errors(&instance).flat_map(|error| checker.findings(root, &error)).collect();
    // A misspelt member is also a missing one; once is enough.
    let meant: Vec<_> = findings.iter().filter_map(|finding| finding.meant.clone()).collect();
    let mut diagnostics: Vec<Diagnostic> = Vec::new();
    for finding in findings {
        let told = finding.missing.as_ref().is_some_and(|missing| meant.contains(missing));
        if !told && !diagnostics.contains(&finding.diagnostic) {
            diagnostics.push(finding.diagnostic);
        }
    }
    diagnostics.sort_by_key(|diagnostic| diagnostic.primary.span);
    diagnostics
}

impl Checker {
    fn findings(&self, root: &Node, error: &ValidationError<'_>) -> Vec<Finding> {
        let path = error.instance_path().as_str();
        let Some(node) = root.pointer(path) else { return Vec::new() };
        if let ValidationErrorKind::AdditionalProperties { unexpected } = error.kind() {
            let known = self.known_members(error);
            return unexpected.iter().map(|name| unknown_member(node, path, name, &known)).collect();
        }
        if let ValidationErrorKind::Required { property } = error.kind() {
            let name = property.as_str().unwrap_or_default();
            return vec![self.missing_member(root, node, error, name)];
        }
        let diagnostic = if let ValidationErrorKind::PropertyNames { error: inner } = error.kind() {
            let name = inner.instance().as_str().unwrap_or_default().to_owned();
            let span = node.member(&name).map_or(node.span, |member| member.name_span);
            let rule = self.rule(inner).map_or("is no name that can stand here", |rule| rule);
            Diagnostic::new(Code::IntegrationFormat, span, format!("{rule}; found `{name}`"))
        } else {
            self.by_keyword(root, node, error)
        };
        vec![Finding { diagnostic, missing: None, meant: None }]
    }

    fn by_keyword(&self, root: &Node, node: &Node, error: &ValidationError<'_>) -> Diagnostic {
        let name_or_value = root.pointer_name(error.instance_path().as_str()).unwrap_or(node.span);
        let report = |span: Span, message: String| Diagnostic::new(Code::IntegrationFormat, span, message);
        let found = node.as_text().map_or_else(|| node.kind().to_owned(), |text| format!("`{text}`"));
        let keyword = error.kind().keyword().to_owned();
        if let Some(rule) = self.rule(error) {
            return match keyword.as_str() {
                // The member itself is out of place, whatever its value.
                "not" => report(name_or_value, rule.to_owned()),
                _ if node.as_object().is_some() => report(name_or_value, rule.to_owned()),
                _ => report(node.span, format!("{rule}; found {found}")),
            };
        }
        let limit = self.schema.pointer(error.schema_path().as_str());
        match keyword.as_str() {
            "type" => {
                let wanted = limit.map(kinds).unwrap_or_default();
                report(node.span, format!("expected {wanted}, found {}", node.kind()))
            }
            "enum" => one_of(node, &found, limit),
            "minLength" => report(node.span, "the text is empty".to_owned()),
            "minItems" => report(node.span, "the list is empty".to_owned()),
            "uniqueItems" => {
                let span = first_repeated(node).unwrap_or(node.span);
                report(span, "the list has this twice".to_owned())
            }
            _ => report(node.span, error.to_string()),
        }
    }

    fn missing_member(&self, root: &Node, node: &Node, error: &ValidationError<'_>, name: &str) -> Finding {
        let path = error.instance_path().as_str();
        // The object's own name is the smallest place to show; an object without one is shown by its brace.
        let brace = Span { end: (node.span.start + 1).min(node.span.end), ..node.span };
        let span = root.pointer_name(path).unwrap_or(brace);
        let owner = path.rsplit('/').next().filter(|_| root.pointer_name(path).is_some());
        let message = match owner {
            Some(owner) => {
                format!("`{}` has no member `{name}`", owner.replace("~1", "/").replace("~0", "~"))
            }
            None => format!("the member `{name}` is missing"),
        };
        let mut diagnostic = Diagnostic::new(Code::IntegrationFormat, span, message);
        if let Some(rule) = self.rule(error) {
            diagnostic = diagnostic.help(rule);
        }
        let described = self.parent(error).map(|parent| format!("{parent}/properties/{name}/description"));
        if let Some(Json::String(description)) = described.and_then(|path| self.schema.pointer(&path)) {
            diagnostic = diagnostic.help(format!("add `\"{name}\"`: {}", lower_first(description)));
        }
        Finding { diagnostic, missing: Some((path.to_owned(), name.to_owned())), meant: None }
    }

    /// Returns the pointer of the schema that the failed keyword stands in.
    fn parent(&self, error: &ValidationError<'_>) -> Option<String> {
        error.schema_path().as_str().rsplit_once('/').map(|(parent, _)| parent.to_owned())
    }

    /// Returns the schema's own words for the failure.
    fn rule(&self, error: &ValidationError<'_>) -> Option<&str> {
        self.schema.pointer(&self.parent(error)?)?.get("errorMessage")?.as_str()
    }

    fn known_members(&self, error: &ValidationError<'_>) -> Vec<&str> {
        let parent = self.parent(error).unwrap_or_default();
        let properties = self.schema.pointer(&format!("{parent}/properties")).and_then(Json::as_object);
        properties.into_iter().flat_map(|properties| properties.keys()).map(String::as_str).collect()
    }
}

fn unknown_member(object: &Node, path: &str, name: &str, known: &[&str]) -> Finding {
    let span = object.member(name).map_or(object.span, |member| member.name_span);
    let mut diagnostic =
        Diagnostic::new(Code::IntegrationFormat, span, format!("there is no member `{name}` here"));
    let absent = known.iter().copied().filter(|known| object.member(known).is_none());
    let near = nearest(name, absent);
    match near {
        Some(near) => diagnostic = meant(diagnostic, span, near),
        None if known.len() <= MOST_LISTED => {
            diagnostic.helps.push(format!("members here: {}", listed(known.iter().copied())));
        }
        None => {}
    }
    let meant = near.map(|near| (path.to_owned(), near.to_owned()));
    Finding { diagnostic, missing: None, meant }
}

fn one_of(node: &Node, found: &str, options: Option<&Json>) -> Diagnostic {
    let options: Vec<&str> =
        options.and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str).collect();
    let listed = listed(options.iter().copied());
    let mut diagnostic = Diagnostic::new(
        Code::IntegrationFormat,
        node.span,
        format!("expected one of {listed}, found {found}"),
    );
    if let Some(near) = node.as_text().and_then(|text| nearest(text, options)) {
        diagnostic = meant(diagnostic, node.span, near);
    }
    diagnostic
}

/// Adds "did you mean" and the edit of the text at `span`, which includes its quotes.
pub(crate) fn meant(diagnostic: Diagnostic, span: Span, near: &str) -> Diagnostic {
    let title = format!("did you mean `{near}`?");
    let fix = Fix::replace(Applicability::Likely, inside(span), near, format!("write `{near}`"));
    diagnostic.help(title).fix(fix)
}

/// Returns names as they stand in messages: `a`, `b`, `c`.
pub(crate) fn listed<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    names.into_iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn kinds(wanted: &Json) -> String {
    let word = |name: &Json| match name.as_str().unwrap_or_default() {
        "string" => "a text",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "`true` or `false`",
        "array" => "a list",
        "object" => "an object",
        _ => "null",
    };
    let names = wanted.as_array().map_or(std::slice::from_ref(wanted), Vec::as_slice);
    names.iter().map(word).collect::<Vec<_>>().join(" or ")
}

fn first_repeated(list: &Node) -> Option<Span> {
    let items: Vec<_> = list.items().collect();
    let repeated = items
        .iter()
        .enumerate()
        .find(|(index, item)| items.iter().take(*index).any(|earlier| earlier.value == item.value));
    repeated.map(|(_, item)| item.span)
}

fn lower_first(sentence: &str) -> String {
    let mut characters = sentence.trim_end_matches('.').chars();
    let first = characters.next().map(|first| first.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", characters.as_str())
}
