//! How an action runs, and how to ask whether it was done.

use std::sync::Arc;

use indexmap::IndexMap;

use super::placeholder::{Names, Place};
use super::text_of;
use crate::dialect::{Document, Resolver};
use crate::json::Node;
use crate::{
    Call, Encoding, HttpCall, LogCall, Lookup, NotificationCall, Param, SmtpCall, SqlCall, TaskCall,
};

/// The setting that names the database of statements.
const DATABASE: &str = "database";

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
    let known = params.keys().map(|name| &**name).collect();
    let names = Names { owner: action, known, settings };
    let mut html = Vec::new();
    for (name, member) in call.members().filter(|(name, _)| !matches!(*name, "kind" | "error")) {
        match name {
            "statements" => names.check(resolver, &member.value, Place::Statement),
            "html" => html = names.check_html(resolver, &member.value),
            _ => names.check(resolver, &member.value, Place::Text),
        }
    }
    match call.get("kind").and_then(Node::as_text) {
        Some("http") => http(resolver, call, settings),
        Some("sql") => {
            need_database(resolver, document, call.get("kind"));
            let statements = call.get("statements").into_iter().flat_map(Node::items);
            Call::Sql(SqlCall {
                statements: statements.filter_map(Node::as_text).map(str::to_owned).collect(),
                unchanged: call.get("unchanged").and_then(Node::as_text).map(str::to_owned),
            })
        }
        Some("smtp") => Call::Smtp(SmtpCall {
            from: text_of(call, "from"),
            to: text_of(call, "to"),
            subject: text_of(call, "subject"),
            text: text_of(call, "text"),
            html,
        }),
        Some("notification") => Call::Notification(NotificationCall {
            to: text_of(call, "to"),
            title: text_of(call, "title"),
            body: text_of(call, "body"),
            link: text_of(call, "link"),
            level: text_of(call, "level"),
        }),
        Some("task") => Call::Task(TaskCall {
            title: text_of(call, "title"),
            description: text_of(call, "description"),
            assignee: text_of(call, "assignee"),
            list: text_of(call, "list"),
            priority: text_of(call, "priority"),
            due_at: text_of(call, "due_at"),
            link: text_of(call, "link"),
            reference: text_of(call, "reference"),
        }),
        Some("effect") => Call::Effect,
        _ => Call::Log(LogCall { message: text_of(call, "message") }),
    }
}

/// Builds how to ask whether an action was done.
pub(super) fn lookup(
    resolver: &mut Resolver<'_>,
    document: &Document,
    action: &str,
    node: &Node,
    params: &IndexMap<Arc<str>, Param>,
) -> Option<Lookup> {
    let lookup = node.get("lookup")?;
    let call = build(resolver, document, action, lookup, params);
    let asks = matches!(call, Call::Http(_) | Call::Sql(_));
    if let (false, Some(kind)) = (asks, lookup.pointer("/call/kind")) {
        resolver.report(kind.span, "a question is a call of the kind `http` or `sql`");
    }
    Some(Lookup { call, done: text_of(lookup, "done") })
}

fn http(resolver: &mut Resolver<'_>, call: &Node, settings: Option<&Node>) -> Call {
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
        query: call
            .get("query")
            .into_iter()
            .flat_map(Node::members)
            .map(|(name, member)| (name.to_owned(), member.value.as_text().unwrap_or_default().to_owned()))
            .collect(),
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

/// Demands the setting that says which database statements are done in.
pub(super) fn need_database(resolver: &mut Resolver<'_>, document: &Document, place: Option<&Node>) {
    let declared = document.root.pointer("/connection/settings").and_then(|settings| settings.get(DATABASE));
    if let (None, Some(place)) = (declared, place) {
        resolver
            .report(place.span, "statements need the connection's setting `database`")
            .helps
            .push("add `\"database\": {}` to the settings of `connection`".to_owned());
    }
}

/// Returns the status codes that say that there is no such thing.
fn missing(call: &Node) -> Vec<u16> {
    let codes = call.get("missing").into_iter().flat_map(Node::items).map(Node::to_json);
    codes.filter_map(|code| code.as_u64().and_then(|code| u16::try_from(code).ok())).collect()
}
