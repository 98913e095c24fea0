//! How an action runs, and whether its placeholders name something.

use std::sync::Arc;

use hence_diagnostics::{Applicability, Fix, Span, nearest};
use indexmap::IndexMap;

use super::text_of;
use crate::dialect::{Document, Resolver};
use crate::json::{Node, Value};
use crate::template::placeholders;
use crate::{Call, Encoding, HttpCall, LogCall, Param, SmtpCall};

/// Builds the call of an action. A call the format refuses becomes an empty line of the log.
pub(super) fn build(
    resolver: &mut Resolver<'_>,
    document: &Document,
    action: &str,
    node: &Node,
    params: &IndexMap<Arc<str>, Param>,
) -> Call {
    let Some(call) = node.get("call") else { return Call::Log(LogCall { message: String::new() }) };
    let settings = document.root.pointer("/connection/settings");
    let names = Names { action, params, settings };
    for (_, member) in call.members().filter(|(name, _)| !matches!(*name, "kind" | "error")) {
        names.check(resolver, &member.value);
    }
    match call.get("kind").and_then(Node::as_text) {
        Some("http") => {
            let url = call.get("url");
            if let Some(url) = url.filter(|url| url.as_text().is_some_and(|text| text.starts_with('/')))
                && settings.and_then(|settings| settings.get("base_url")).is_none()
            {
                resolver.report(url.span, "a URL that is a path needs the connection's setting `base_url`");
            }
            let headers = call.get("headers").into_iter().flat_map(Node::members);
            Call::Http(HttpCall {
                method: text_of(call, "method"),
                url: text_of(call, "url"),
                headers: headers
                    .map(|(name, member)| {
                        (name.to_lowercase(), member.value.as_text().unwrap_or_default().to_owned())
                    })
                    .collect(),
                body: call.get("body").or(call.get("form")).map(Node::to_json),
                encoding: if call.get("form").is_some() { Encoding::Form } else { Encoding::Json },
                missing: missing(call),
                error: call.get("error").and_then(Node::as_text).map(str::to_owned),
            })
        }
        Some("smtp") => Call::Smtp(SmtpCall {
            from: text_of(call, "from"),
            to: text_of(call, "to"),
            subject: text_of(call, "subject"),
            text: text_of(call, "text"),
        }),
        Some("effect") => Call::Effect,
        _ => Call::Log(LogCall { message: text_of(call, "message") }),
    }
}

/// Returns the status codes that say that there is no such thing.
fn missing(call: &Node) -> Vec<u16> {
    let codes = call.get("missing").into_iter().flat_map(Node::items).map(Node::to_json);
    codes.filter_map(|code| code.as_u64().and_then(|code| u16::try_from(code).ok())).collect()
}

/// What placeholders may name.
struct Names<'a> {
    action: &'a str,
    params: &'a IndexMap<Arc<str>, Param>,
    settings: Option<&'a Node>,
}

impl Names<'_> {
    fn check(&self, resolver: &mut Resolver<'_>, node: &Node) {
        match &node.value {
            Value::Text(text) => self.check_text(resolver, node.span, text),
            Value::List(items) => items.iter().for_each(|item| self.check(resolver, item)),
            Value::Object(members) => members.values().for_each(|member| self.check(resolver, &member.value)),
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
        }
    }

    fn check_text(&self, resolver: &mut Resolver<'_>, span: Span, text: &str) {
        // With escapes before it, a placeholder's place in the file is unknown; the whole text is shown then.
        let exact = span.len() == text.len() + 2;
        let place = |at: usize, length: usize| {
            let start = u32::try_from(at).map_or(span.end, |at| span.start + 1 + at);
            let end = u32::try_from(length).map_or(span.end, |length| start + length);
            if exact { Span::new(span.file, start, end) } else { span }
        };
        match placeholders(text) {
            Ok(names) => {
                for (at, name) in names {
                    self.check_name(resolver, name, place(at, name.len()), exact);
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
            if self.params.contains_key(name) {
                return;
            }
            let known = self.params.keys().map(|name| &**name);
            let setting = self.settings.and_then(|settings| settings.member(name));
            let near = nearest(name, known)
                .map(str::to_owned)
                .or_else(|| setting.map(|_| format!("connection.{name}")));
            (format!("`{}` has no parameter `{name}`", self.action), near)
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
