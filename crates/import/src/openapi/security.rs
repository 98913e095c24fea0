//! Security schemes: what a call shows of itself, from settings of the connection.

use hence_schema::json::Node;
use indexmap::IndexMap;
use serde_json::json;

use super::Reader;
use crate::names::{snake, unique};

/// How a call says who makes it.
#[derive(Debug, Clone)]
pub(super) enum Scheme {
    /// A header, and its value with the setting in it.
    Header(String, String),
    /// A parameter of the address, and its value.
    Query(String, String),
}

/// The schemes of a description, by name.
#[derive(Debug, Default)]
pub(super) struct Schemes {
    known: IndexMap<String, Option<Scheme>>,
}

impl<'a> Reader<'a, '_> {
    /// Reads the security schemes and makes a setting for each.
    pub(super) fn schemes(&mut self) {
        let section = if self.old { "/securityDefinitions" } else { "/components/securitySchemes" };
        let listed: Vec<(&'a str, &'a Node)> = self
            .root
            .pointer(section)
            .into_iter()
            .flat_map(Node::members)
            .map(|(name, member)| (name, &member.value))
            .collect();
        for (name, node) in listed {
            let Some(node) = self.meant(node) else { continue };
            let scheme = self.scheme(name, node);
            self.schemes.known.insert(name.to_owned(), scheme);
        }
    }

    fn scheme(&mut self, name: &str, node: &'a Node) -> Option<Scheme> {
        let text = |member: &str| node.get(member).and_then(Node::as_text).unwrap_or_default();
        let described = text("description");
        let kind = (text("type"), text("scheme").to_lowercase());
        let (wanted, doc) = match (kind.0, kind.1.as_str()) {
            ("http", "basic") | ("basic", _) => {
                (snake(name), "`user:password` in base64, as HTTP basic authentication wants it.")
            }
            ("http", "bearer") => ("token".to_owned(), "The token."),
            ("oauth2" | "openIdConnect", _) => {
                self.found.guessed(
                    node.span,
                    format!(
                        "that a token for `{name}` is given: it is sent as it is, and not fetched or renewed"
                    ),
                );
                ("token".to_owned(), "The access token.")
            }
            ("apiKey", _) => (snake(name), "The key."),
            _ => {
                self.found
                    .lost(node.span, format!("the security scheme `{name}` of the type `{}`", text("type")));
                return None;
            }
        };
        let setting = unique(&wanted, |name| self.draft.settings.contains_key(name));
        let doc = if described.is_empty() { doc } else { described };
        let value = format!("{{connection.{setting}}}");
        let scheme = match (kind.0, text("in"), kind.1.as_str()) {
            ("apiKey", "header", _) => Scheme::Header(text("name").to_lowercase(), value),
            ("apiKey", "query", _) => Scheme::Query(text("name").to_owned(), value),
            ("apiKey", "cookie", _) => {
                Scheme::Header("cookie".to_owned(), format!("{}={value}", text("name")))
            }
            ("apiKey", place, _) => {
                self.found.wrong(
                    node.span,
                    format!("a key stands in `header`, `query` or `cookie`, not in `{place}`"),
                );
                return None;
            }
            ("basic", _, _) | (_, _, "basic") => {
                Scheme::Header("authorization".to_owned(), format!("Basic {value}"))
            }
            _ => Scheme::Header("authorization".to_owned(), format!("Bearer {value}")),
        };
        self.draft.add_setting(&setting, json!({ "description": doc, "secret": true, "default": "" }));
        Some(scheme)
    }

    /// Returns what an operation shows of itself: the first of its alternatives that can be carried.
    pub(super) fn shown(&mut self, operation: &'a Node) -> Vec<Scheme> {
        let Some(security) = operation.get("security").or(self.root.get("security")) else {
            return Vec::new();
        };
        let alternatives: Vec<&'a Node> = security.items().collect();
        if alternatives.len() > 1 && operation.get("security").is_some() {
            self.found.lost(
                security.span,
                "a further way to show who calls: the first that can be carried is taken",
            );
        }
        for alternative in &alternatives {
            let names: Vec<&str> = alternative.members().map(|(name, _)| name).collect();
            let schemes: Option<Vec<Scheme>> =
                names.iter().map(|name| self.schemes.known.get(*name).cloned().flatten()).collect();
            if let Some(schemes) = schemes {
                return schemes;
            }
            for name in names.iter().filter(|name| !self.schemes.known.contains_key(**name)) {
                self.found.wrong(alternative.span, format!("there is no security scheme `{name}`"));
            }
        }
        Vec::new()
    }
}
