//! Placeholders in the texts of calls and feeds: whether they name something, and stand where they may.

use hence_diagnostics::{Applicability, Fix, Span, nearest};

use crate::HtmlPart;
use crate::dialect::Resolver;
use crate::html;
use crate::json::{Node, Value};
use crate::template::placeholders;

/// The placeholder of the key that tells one call from another.
const KEY: &str = "call.key";

/// Where a placeholder stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// In a text: its value becomes a part of it.
    Text,
    /// In a statement of a database: its value is a parameter.
    Statement,
}

/// What placeholders may name.
pub(super) struct Names<'a> {
    /// What they belong to, by its name.
    pub(super) owner: &'a str,
    /// Its parameters.
    pub(super) known: Vec<&'a str>,
    /// The settings of the connection.
    pub(super) settings: Option<&'a Node>,
}

impl Names<'_> {
    /// Reports the placeholders of all texts of a value that name nothing.
    pub(super) fn check(&self, resolver: &mut Resolver<'_>, node: &Node, at: Place) {
        match &node.value {
            Value::Text(text) => self.check_text(resolver, node.span, text, at),
            Value::List(items) => items.iter().for_each(|item| self.check(resolver, item, at)),
            Value::Object(members) => {
                members.values().for_each(|member| self.check(resolver, &member.value, at));
            }
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    /// Reports what is wrong with a text that is HTML, and returns its parts.
    pub(super) fn check_html(&self, resolver: &mut Resolver<'_>, node: &Node) -> Vec<HtmlPart> {
        let Some(text) = node.as_text() else { return Vec::new() };
        let (span, exact) = (node.span, is_exact(node.span, text));
        let read = html::parse(text);
        for (at, name) in read.names {
            self.check_name(resolver, name, place(span, exact, at, name.len()), exact);
        }
        for problem in read.problems {
            let at = place(span, exact, problem.at, problem.length);
            resolver.report(at, problem.message).helps.push(problem.help);
        }
        read.parts
    }

    fn check_text(&self, resolver: &mut Resolver<'_>, span: Span, text: &str, at: Place) {
        let exact = is_exact(span, text);
        let place = |at: usize, length: usize| place(span, exact, at, length);
        match placeholders(text) {
            Ok(names) => {
                for (start, name) in names {
                    self.check_name(resolver, name, place(start, name.len()), exact);
                    if at == Place::Statement && is_quoted(text, start) {
                        let problem = resolver.report(
                            place(start, name.len()),
                            format!("`{{{name}}}` stands in quotes, where it would be text and no value"),
                        );
                        problem.helps.push("leave the quotes away: a placeholder is a value".to_owned());
                    }
                }
            }
            Err(at) => {
                let problem = resolver.report(place(at, 1), "a brace has no partner");
                problem.helps.push("`{{` and `}}` stand for the braces themselves".to_owned());
            }
        }
    }

    fn check_name(&self, resolver: &mut Resolver<'_>, name: &str, place: Span, exact: bool) {
        let (message, near) = if let Some(setting) = name.strip_prefix("connection.") {
            if self.settings.is_some_and(|settings| settings.member(setting).is_some()) {
                return;
            }
            let known = self.settings.into_iter().flat_map(Node::members).map(|(name, _)| name);
            let near = nearest(setting, known).map(|near| format!("connection.{near}"));
            (format!("the connection has no setting `{setting}`"), near)
        } else {
            if name == KEY || self.known.contains(&name) {
                return;
            }
            let known = self.known.iter().copied();
            let setting = self.settings.and_then(|settings| settings.member(name));
            let near = nearest(name, known)
                .map(str::to_owned)
                .or_else(|| setting.map(|_| format!("connection.{name}")));
            (format!("`{}` has no parameter `{name}`", self.owner), near)
        };
        let problem = resolver.report(place, message);
        if let Some(near) = near {
            problem.helps.push(format!("did you mean `{{{near}}}`?"));
            if exact {
                let title = format!("write `{near}`");
                problem.fixes.push(Fix::replace(Applicability::Likely, place, near, title));
            }
        } else {
            problem.helps.push("`{{` and `}}` stand for the braces themselves".to_owned());
        }
    }
}

/// Returns whether a text stands in the file as it is. With escapes in it, a placeholder's place is unknown.
fn is_exact(span: Span, text: &str) -> bool {
    span.len() == text.len() + 2
}

/// Returns the place of a part of a text, or that of the whole text where it is unknown.
fn place(span: Span, exact: bool, at: usize, length: usize) -> Span {
    let start = u32::try_from(at).map_or(span.end, |at| span.start + 1 + at);
    let end = u32::try_from(length).map_or(span.end, |length| start + length);
    if exact { Span::new(span.file, start, end) } else { span }
}

/// Returns whether a place in a statement is within a text in quotes.
fn is_quoted(statement: &str, at: usize) -> bool {
    let before = statement.get(..at).unwrap_or_default();
    before.matches('\'').count() % 2 == 1
}
