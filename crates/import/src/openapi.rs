//! OpenAPI 3.0 and 3.1, and Swagger 2: operations become actions, webhooks events, security schemes settings.

mod operation;
mod security;
mod webhook;

use hence_schema::json::{Node, Value};
use serde_json::json;

use crate::events;
use crate::files::Files;
use crate::findings::Findings;
use crate::types::{Types, reference_of};
use crate::write::{Draft, set};

use security::Schemes;

/// The members of a path that are operations.
const METHODS: &[&str] = &["get", "put", "post", "delete", "patch", "head"];

/// What is read of a description, and what it becomes.
struct Reader<'a, 'd> {
    files: &'a Files,
    root: &'a Node,
    /// Whether it is Swagger 2.
    old: bool,
    types: Types<'a>,
    schemes: Schemes,
    draft: &'d mut Draft,
    found: &'d mut Findings,
}

pub(crate) fn read(files: &Files, draft: &mut Draft, found: &mut Findings) {
    let is_description = |root: &&Node| root.get("openapi").or(root.get("swagger")).is_some();
    let mut roots = files.roots().filter(is_description);
    let Some(root) = roots.next() else {
        if let Some(first) = files.roots().next() {
            let help = "a description has the member `openapi` or `swagger` with the version";
            found.wrong(first.span, format!("this is no description of OpenAPI: {help}"));
        }
        return;
    };
    if let Some(second) = roots.next() {
        found.wrong(second.span, "the folder has a second description: import one at a time");
        return;
    }
    let (version, old) = match (root.get("openapi"), root.get("swagger")) {
        (Some(version), _) => (version, false),
        (None, Some(version)) => (version, true),
        (None, None) => return,
    };
    let text = version_text(version);
    let known = if old { text.starts_with("2.") || text == "2" } else { text.starts_with("3.") };
    if !known {
        found.wrong(version.span, format!("the version `{text}` is not known: 2.0, 3.0 and 3.1 are"));
        return;
    }
    let mut reader =
        Reader { files, root, old, types: Types::new(files), schemes: Schemes::default(), draft, found };
    reader.read();
    reader.types.hand_over(reader.draft, reader.found);
}

/// A version, which YAML may read as a number.
pub(crate) fn version_text(node: &Node) -> &str {
    match &node.value {
        Value::Text(text) => text,
        Value::Number(digits) => digits,
        Value::Null | Value::Bool(_) | Value::List(_) | Value::Object(_) => "",
    }
}

impl<'a> Reader<'a, '_> {
    fn read(&mut self) {
        let text =
            |pointer: &str| self.root.pointer(pointer).and_then(Node::as_text).unwrap_or_default().to_owned();
        self.draft.title = text("/info/title");
        self.draft.version =
            self.root.pointer("/info/version").map(version_text).unwrap_or_default().to_owned();
        self.draft.description = text("/info/description");
        if self.draft.description.is_empty() {
            self.draft.description = text("/info/summary");
        }
        for name in ["termsOfService", "contact", "license"] {
            if let Some(member) = self.root.get("info").and_then(|info| info.member(name)) {
                self.found.lost(member.name_span, format!("`{name}` of the description"));
            }
        }
        self.base_url();
        self.schemes();
        for (path, member) in self.root.get("paths").into_iter().flat_map(Node::members) {
            if path.starts_with("x-") {
                self.found.lost(member.name_span, format!("the extension `{path}`"));
                continue;
            }
            self.path(path, &member.value);
        }
        self.webhooks();
        let known = [
            "openapi",
            "swagger",
            "info",
            "servers",
            "paths",
            "webhooks",
            "x-webhooks",
            "components",
            "security",
            "host",
            "basePath",
            "schemes",
            "consumes",
            "produces",
            "definitions",
            "parameters",
            "responses",
            "securityDefinitions",
            "jsonSchemaDialect",
            "$schema",
            "$self",
        ];
        for (name, member) in self.root.members().filter(|(name, _)| !known.contains(name)) {
            self.found.lost(member.name_span, format!("`{name}` of the description"));
        }
    }

    /// Returns what a node means, its reference followed.
    fn meant(&mut self, node: &'a Node) -> Option<&'a Node> {
        let Some(reference) = reference_of(node) else { return Some(node) };
        match self.files.resolve(reference) {
            Ok(target) => Some(target.node),
            Err(problem) => {
                self.found.add(*problem);
                None
            }
        }
    }

    /// Makes the setting that paths are appended to.
    fn base_url(&mut self) {
        let url =
            if self.old { self.old_url() } else { self.root.pointer("/servers/0").and_then(server_url) };
        let mut setting = json!({ "description": "The address of the API, without a slash at the end." });
        match url {
            Some(url) if url.starts_with("http://") || url.starts_with("https://") => {
                set(&mut setting, "default", url.trim_end_matches('/'));
            }
            Some(_) | None => {
                let place = self.root.member("servers").map_or(self.root.span, |member| member.name_span);
                self.found
                    .guessed(place, "nothing of the address: the description does not say where the API is");
            }
        }
        if let Some(others) =
            self.root.get("servers").and_then(Node::as_list).and_then(|servers| servers.get(1..))
        {
            for server in others {
                self.found.lost(server.span, "a further server: the first is the default of `base_url`");
            }
        }
        self.draft.add_setting("base_url", setting);
    }

    fn old_url(&self) -> Option<String> {
        let text = |name: &str| self.root.get(name).and_then(Node::as_text);
        let schemes: Vec<&str> =
            self.root.get("schemes").into_iter().flat_map(Node::items).filter_map(Node::as_text).collect();
        let scheme = if schemes.contains(&"https") || schemes.is_empty() { "https" } else { "http" };
        Some(format!("{scheme}://{}{}", text("host")?, text("basePath").unwrap_or_default()))
    }

    fn path(&mut self, path: &str, item: &'a Node) {
        let Some(item) = self.meant(item) else { return };
        if item.as_object().is_none() {
            self.found.wrong(item.span, format!("a path has an object of operations, not {}", item.kind()));
            return;
        }
        for (name, member) in item.members() {
            if METHODS.contains(&name) {
                self.operation(path, name, item, &member.value);
            } else if !["parameters", "summary", "description", "servers", "$ref"].contains(&name) {
                self.found.lost(member.name_span, format!("`{name}` of a path"));
            }
        }
    }

    fn webhooks(&mut self) {
        let mut sent = Vec::new();
        let sections = ["webhooks", "x-webhooks"];
        for (name, member) in sections.iter().filter_map(|name| self.root.get(name)).flat_map(Node::members) {
            let Some(item) = self.meant(&member.value) else { continue };
            for (method, operation) in item.members() {
                if METHODS.contains(&method) {
                    sent.extend(self.webhook(name, &operation.value, member.name_span));
                }
            }
        }
        if let Some(section) = sections.iter().find_map(|name| self.root.member(name)) {
            events::add_webhook(self.files, &sent, section.name_span, self.draft, self.found);
        }
    }
}

/// The address of a server, its variables with their defaults.
fn server_url(server: &Node) -> Option<String> {
    let mut url = server.get("url").and_then(Node::as_text)?.to_owned();
    for (name, member) in server.get("variables").into_iter().flat_map(Node::members) {
        let default = member.value.get("default").map(version_text).unwrap_or_default();
        url = url.replace(&format!("{{{name}}}"), default);
    }
    (!url.contains('{')).then_some(url)
}
