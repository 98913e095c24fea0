//! Texts and JSON bodies with placeholders: `{name}` for an argument, `{connection.name}` for a setting, `{call.key}` for the
//! idempotency key.
//!
//! `{{` and `}}` stand for the brackets themselves. What a placeholder becomes depends on the place: a JSON text
//! that is nothing but one placeholder becomes the argument's JSON value, in a URL a value is percent-encoded, in
//! a header it may not hold a line break, in HTML it is escaped for its place. A value is never read as a template again.

use hence_schema::{Escape, HtmlPart};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json};

/// What placeholders stand for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Scope<'a> {
    /// The arguments of the call.
    pub(crate) arguments: &'a Map<String, Json>,
    /// The settings of the connection.
    pub(crate) settings: &'a IndexMap<String, String>,
    /// The idempotency key.
    pub(crate) key: &'a str,
}

/// The placeholder of the key.
const KEY: &str = "call.key";

/// A statement of a database with the values of its parameters.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Statement {
    /// What stands before the first parameter, between each two of them and after the last.
    literals: Vec<String>,
    pub(crate) values: Vec<Json>,
}

impl Statement {
    /// Returns its text with the parameters as a database marks them: by `?` as `?1`, `?2`, by `$` as `$1`, `$2`.
    pub(crate) fn text(&self, mark: char) -> String {
        let mut text = String::new();
        for (at, literal) in self.literals.iter().enumerate() {
            if at > 0 {
                text.push(mark);
                text.push_str(&at.to_string());
            }
            text.push_str(literal);
        }
        text
    }
}

/// Why a template gives no text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum TemplateError {
    /// A bracket without its partner.
    #[error(
        "`{0}` has a `{{` or `}}` without its partner; `{{{{` and `}}}}` stand for the brackets themselves"
    )]
    Unbalanced(String),
    /// A setting that the connection does not have.
    #[error("the connection has no setting `{0}`")]
    UnknownSetting(String),
    /// A part of a URL's path without a value.
    #[error("`{0}` has no value, but the path of the URL needs one")]
    EmptyInPath(String),
    /// A value that would climb out of the URL's path.
    #[error("the path of the URL `{0}` would have a part `.` or `..`")]
    DotSegment(String),
    /// A value with a line break or NUL in a header.
    #[error("the value of header `{0}` has a line break or NUL")]
    HeaderInjection(String),
    /// A value that stands as an address in HTML and is none, or one that runs something.
    #[error("`{0}` is no address of `http`, `https`, `mailto`, `tel` or `sms`")]
    UnsafeAddress(String),
}

/// A part of a template.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Literal(String),
    Placeholder(String),
}

/// A template that was read.
struct Template {
    parts: Vec<Part>,
}

impl Template {
    fn parse(text: &str) -> Result<Self, TemplateError> {
        let unbalanced = || TemplateError::Unbalanced(text.to_owned());
        let mut parts = Vec::new();
        let mut literal = String::new();
        let mut rest = text.chars().peekable();
        while let Some(c) = rest.next() {
            if (c == '{' || c == '}') && rest.peek() == Some(&c) {
                rest.next();
                literal.push(c);
            } else if c == '{' {
                let mut name = String::new();
                loop {
                    match rest.next() {
                        Some('}') => break,
                        Some('{') | None => return Err(unbalanced()),
                        Some(other) => name.push(other),
                    }
                }
                if !literal.is_empty() {
                    parts.push(Part::Literal(std::mem::take(&mut literal)));
                }
                parts.push(Part::Placeholder(name.trim().to_owned()));
            } else if c == '}' {
                return Err(unbalanced());
            } else {
                literal.push(c);
            }
        }
        if !literal.is_empty() {
            parts.push(Part::Literal(literal));
        }
        Ok(Self { parts })
    }

    /// The name, if the template is nothing but one placeholder.
    fn only(&self) -> Option<&str> {
        if let [Part::Placeholder(name)] = self.parts.as_slice() { Some(name) } else { None }
    }
}

/// The name of a setting, if the placeholder names one.
fn setting_name(placeholder: &str) -> Option<&str> {
    placeholder.strip_prefix("connection.")
}

/// The JSON value of a placeholder, if it has one.
fn value(placeholder: &str, scope: Scope<'_>) -> Result<Option<Json>, TemplateError> {
    match setting_name(placeholder) {
        Some(name) => match scope.settings.get(name) {
            Some(text) => Ok(Some(Json::String(text.clone()))),
            None => Err(TemplateError::UnknownSetting(name.to_owned())),
        },
        None if placeholder == KEY => Ok(Some(Json::String(scope.key.to_owned()))),
        None => Ok(scope.arguments.get(placeholder).cloned()),
    }
}

/// The text of a placeholder; empty where it has no value.
fn value_text(placeholder: &str, scope: Scope<'_>) -> Result<String, TemplateError> {
    Ok(value(placeholder, scope)?.as_ref().map(plain).unwrap_or_default())
}

/// The text of a JSON value: a text without its quotes, nothing for null, a list of plain values separated by
/// commas, anything else as JSON.
fn plain(json: &Json) -> String {
    match json {
        Json::Null => String::new(),
        Json::String(text) => text.clone(),
        Json::Bool(_) | Json::Number(_) | Json::Object(_) => json.to_string(),
        Json::Array(items) if items.iter().any(|item| item.is_array() || item.is_object()) => {
            json.to_string()
        }
        Json::Array(items) => items.iter().map(plain).collect::<Vec<_>>().join(", "),
    }
}

/// Returns the text that a template becomes; placeholders without a value become nothing.
pub(crate) fn text(template: &str, scope: Scope<'_>) -> Result<String, TemplateError> {
    let mut text = String::new();
    for part in Template::parse(template)?.parts {
        match part {
            Part::Literal(literal) => text.push_str(&literal),
            Part::Placeholder(name) => text.push_str(&value_text(&name, scope)?),
        }
    }
    Ok(text)
}

/// Returns the texts that a template becomes: one, but none where it is nothing but a placeholder without a value, and
/// those of its elements where that is a list.
pub(crate) fn texts(template: &str, scope: Scope<'_>) -> Result<Vec<String>, TemplateError> {
    let parsed = Template::parse(template)?;
    let Some(placeholder) = parsed.only() else { return Ok(vec![text(template, scope)?]) };
    Ok(match value(placeholder, scope)? {
        None | Some(Json::Null) => Vec::new(),
        Some(Json::Array(items)) => items.iter().map(plain).collect(),
        Some(other) => vec![plain(&other)],
    })
}

/// Returns the statement that a template becomes: placeholders become parameters, and never a part of its text.
pub(crate) fn statement(template: &str, scope: Scope<'_>) -> Result<Statement, TemplateError> {
    let (mut literals, mut values, mut current) = (Vec::new(), Vec::new(), String::new());
    for part in Template::parse(template)?.parts {
        match part {
            Part::Literal(literal) => current.push_str(&literal),
            Part::Placeholder(name) => {
                values.push(value(&name, scope)?.unwrap_or_default());
                literals.push(std::mem::take(&mut current));
            }
        }
    }
    literals.push(current);
    Ok(Statement { literals, values })
}

/// Returns the value of a header. `None` where it has placeholders and none of them has a value, so that an optional
/// token that is not set sends no half header.
pub(crate) fn header(name: &str, template: &str, scope: Scope<'_>) -> Result<Option<String>, TemplateError> {
    let mut text = String::new();
    let (mut placeholders, mut empty) = (0, 0);
    for part in Template::parse(template)?.parts {
        match part {
            Part::Literal(literal) => text.push_str(&literal),
            Part::Placeholder(placeholder) => {
                let value = value_text(&placeholder, scope)?;
                placeholders += 1;
                empty += i32::from(value.is_empty());
                text.push_str(&value);
            }
        }
    }
    if text.contains(['\r', '\n', '\0']) {
        return Err(TemplateError::HeaderInjection(name.to_owned()));
    }
    Ok((placeholders == 0 || empty < placeholders).then_some(text))
}

/// Returns the JSON that a body becomes, `None` where it is one placeholder without a value.
pub(crate) fn json(template: &Json, scope: Scope<'_>) -> Result<Option<Json>, TemplateError> {
    match template {
        Json::Null | Json::Bool(_) | Json::Number(_) => Ok(Some(template.clone())),
        Json::String(source) => {
            let parsed = Template::parse(source)?;
            match parsed.only() {
                Some(placeholder) => value(placeholder, scope),
                None => text(source, scope).map(|text| Some(Json::String(text))),
            }
        }
        Json::Array(items) => {
            let mut filled = Vec::new();
            for item in items {
                filled.extend(json(item, scope)?);
            }
            Ok(Some(Json::Array(filled)))
        }
        Json::Object(members) => {
            let mut filled = Map::new();
            for (name, member) in members {
                if let Some(value) = json(member, scope)? {
                    filled.insert(name.clone(), value);
                }
            }
            Ok(Some(Json::Object(filled)))
        }
    }
}

/// Returns the HTML that a template becomes: each value escaped for its place, so that it is never more than a value.
pub(crate) fn html(template: &[HtmlPart], scope: Scope<'_>) -> Result<String, TemplateError> {
    let mut html = String::new();
    for part in template {
        match part {
            HtmlPart::Literal(literal) => html.push_str(literal),
            HtmlPart::Placeholder { name, escape } => {
                let value = value_text(name, scope)?;
                match escape {
                    Escape::Text => html.push_str(&html_escape(&value)),
                    Escape::AddressPart => html.push_str(&percent_encode(&value)),
                    Escape::Address if is_safe_address(&value) => html.push_str(&html_escape(&value)),
                    Escape::Address => return Err(TemplateError::UnsafeAddress(name.clone())),
                }
            }
        }
    }
    Ok(html)
}

/// Returns a text in which nothing is markup, nor ends the value of an attribute in quotes.
pub(crate) fn html_escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            _ => escaped.push(c),
        }
    }
    escaped
}

/// Returns whether a text is an address that runs nothing. Readers leave white space and control characters out, so
/// that what has any is not what it seems to be.
fn is_safe_address(text: &str) -> bool {
    !text.contains(|c: char| c.is_whitespace() || c.is_control())
        && reqwest::Url::parse(text)
            .is_ok_and(|url| matches!(url.scheme(), "http" | "https" | "mailto" | "tel" | "sms"))
}

/// Returns the URL that a template becomes: absolute, or to be appended to `base_url`.
///
/// Values are percent-encoded, except where the template is nothing but one placeholder, and a setting at its very
/// beginning, which is taken for the address it is. A value in the path may neither be empty nor be `.` or `..`.
pub(crate) fn url(template: &str, scope: Scope<'_>) -> Result<String, TemplateError> {
    let parsed = Template::parse(template)?;
    if let Some(placeholder) = parsed.only() {
        return value_text(placeholder, scope);
    }
    let mut url = String::new();
    let mut dots = false;
    for (index, part) in parsed.parts.into_iter().enumerate() {
        match part {
            Part::Literal(literal) => url.push_str(&literal),
            Part::Placeholder(name) if index == 0 && setting_name(&name).is_some() => {
                url.push_str(&value_text(&name, scope)?);
            }
            Part::Placeholder(name) => {
                let value = value_text(&name, scope)?;
                if value.is_empty() && !url.contains(['?', '#']) {
                    return Err(TemplateError::EmptyInPath(name));
                }
                dots |= value.contains('.');
                url.push_str(&percent_encode(&value));
            }
        }
    }
    let path = url.split(['?', '#']).next().unwrap_or_default();
    if dots && path.split('/').any(|segment| segment == "." || segment == "..") {
        return Err(TemplateError::DotSegment(url));
    }
    Ok(url)
}

/// Returns a text with every byte that is not unreserved in a URL as `%XX`.
pub(crate) fn percent_encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
    }
    encoded
}

#[cfg(test)]
mod tests;
