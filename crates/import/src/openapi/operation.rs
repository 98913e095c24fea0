//! One operation → one action: its parameters, its body, its answer.

use hence_schema::json::Node;
use serde_json::{Map, Value as Json, json};

use super::security::Scheme;
use super::{Reader, server_url};
use crate::names::{parameter, pascal, snake, unique};
use crate::types::Shape;

/// A header by which the other side knows a call that is made again.
const KEY_HEADERS: &[&str] =
    &["idempotency-key", "x-idempotency-key", "idempotency_key", "x-idempotence-key"];

/// An action while it is made.
#[derive(Default)]
struct Action {
    properties: Map<String, Json>,
    required: Vec<Json>,
    url: String,
    /// The placeholders of the parts of the path, by name.
    path: Vec<(String, String)>,
    query: Map<String, Json>,
    headers: Map<String, Json>,
    body: Option<Json>,
    form: Option<Map<String, Json>>,
    /// Whether the call says by which key it is known.
    keyed: bool,
}

impl Action {
    /// Adds a parameter; returns the placeholder that stands for it.
    fn add(&mut self, name: &str, shape: Shape, required: bool) -> String {
        let name = unique(&parameter(name), |name| self.properties.contains_key(name));
        let (json, null_without_place) = shape.spelt();
        self.properties.insert(name.clone(), json);
        if required && !null_without_place {
            self.required.push(name.clone().into());
        }
        format!("{{{name}}}")
    }
}

impl<'a> Reader<'a, '_> {
    pub(super) fn operation(&mut self, path: &str, method: &str, item: &'a Node, operation: &'a Node) {
        if operation.as_object().is_none() {
            self.found.wrong(operation.span, format!("an operation is an object, not {}", operation.kind()));
            return;
        }
        let id = operation.get("operationId").and_then(Node::as_text).map(snake).filter(|id| !id.is_empty());
        let name = id.unwrap_or_else(|| snake(&format!("{method} {path}")));
        let mut action = Action::default();
        if !self.parameters(&name, item, operation, &mut action) || !self.body(&name, operation, &mut action)
        {
            return;
        }
        self.address(path, item, operation, &mut action);
        for scheme in self.shown(operation) {
            match scheme {
                Scheme::Header(name, value) => drop(action.headers.insert(name, value.into())),
                Scheme::Query(name, value) => drop(action.query.insert(name, value.into())),
            }
        }
        let class = self.class(method, &action, operation);
        let result = self.result(&name, operation);
        for (member, what) in
            [("callbacks", "callbacks"), ("tags", "tags"), ("externalDocs", "external documentation")]
        {
            if let Some(member) = operation.member(member) {
                self.found.lost(member.name_span, format!("the {what} of an operation"));
            }
        }
        for (extension, member) in operation.members().filter(|(name, _)| name.starts_with("x-")) {
            self.found.lost(member.name_span, format!("the extension `{extension}`"));
        }
        let json = self.action(method, operation, action, class, result);
        let place = operation.member("operationId").map_or(operation.span, |member| member.value.span);
        let given = self.draft.add_action(&name, json, place);
        if given != name {
            self.found.guessed(place, format!("the name `{given}`, as there is a `{name}` already"));
        }
    }

    fn action(
        &self,
        method: &str,
        operation: &'a Node,
        action: Action,
        class: &str,
        result: Option<Json>,
    ) -> Json {
        let mut call = Map::new();
        call.insert("kind".to_owned(), "http".into());
        call.insert("method".to_owned(), method.to_uppercase().into());
        call.insert("url".to_owned(), action.url.into());
        for (member, values) in [("query", action.query), ("headers", action.headers)] {
            if !values.is_empty() {
                call.insert(member.to_owned(), values.into());
            }
        }
        call.extend(action.body.map(|body| ("body".to_owned(), body)));
        call.extend(action.form.map(|form| ("form".to_owned(), form.into())));
        let mut json = Map::new();
        let mut text = doc(operation);
        if operation.get("deprecated").and_then(Node::as_bool) == Some(true) {
            text = format!("Deprecated. {text}").trim_end().to_owned();
        }
        if !text.is_empty() {
            json.insert("description".to_owned(), text.into());
        }
        if !action.properties.is_empty() {
            let mut params = Map::new();
            params.insert("type".to_owned(), "object".into());
            if !action.required.is_empty() {
                params.insert("required".to_owned(), action.required.into());
            }
            params.insert("properties".to_owned(), action.properties.into());
            json.insert("params".to_owned(), params.into());
        }
        json.extend(result.map(|result| ("result".to_owned(), result)));
        json.insert("class".to_owned(), class.into());
        json.insert("call".to_owned(), call.into());
        Json::Object(json)
    }

    /// What repeating the call does, as far as its method tells.
    fn class(&mut self, method: &str, action: &Action, operation: &'a Node) -> &'static str {
        let by_method = ["get", "head", "put", "delete"].contains(&method);
        let (class, why) = if by_method {
            ("idempotent", format!("`{}` is harmless to repeat", method.to_uppercase()))
        } else if action.keyed {
            ("idempotent", "a header with the key of the call is described".to_owned())
        } else {
            ("at_most_once", format!("nothing says that `{}` is harmless to repeat", method.to_uppercase()))
        };
        let place = operation.member("operationId").map_or(operation.span, |member| member.value.span);
        self.found.guessed(place, format!("the class `{class}`: {why}"));
        class
    }

    /// Reads the parameters in path, address and headers. Returns whether all that are needed could be carried.
    fn parameters(
        &mut self,
        action_name: &str,
        item: &'a Node,
        operation: &'a Node,
        action: &mut Action,
    ) -> bool {
        let mut listed: Vec<(&str, &str, &'a Node)> = Vec::new();
        for owner in [item, operation] {
            for node in owner.get("parameters").into_iter().flat_map(Node::items) {
                let Some(node) = self.meant(node) else { continue };
                let text = |member: &str| node.get(member).and_then(Node::as_text).unwrap_or_default();
                // A parameter of the operation takes the place of one of the path.
                listed.retain(|(name, place, _)| (*name, *place) != (text("name"), text("in")));
                listed.push((text("name"), text("in"), node));
            }
        }
        for (name, place, node) in listed {
            let required = node.get("required").and_then(Node::as_bool) == Some(true) || place == "path";
            match place {
                "body" | "formData" if self.old => continue,
                "path" | "query" | "header" => {}
                _ => {
                    self.found.lost(node.span, format!("the parameter `{name}` in `{place}`"));
                    if required {
                        self.found
                            .lost(operation.span, format!("the operation `{action_name}`, which needs it"));
                        return false;
                    }
                    continue;
                }
            }
            let lower = name.to_lowercase();
            if place == "header" && KEY_HEADERS.contains(&lower.as_str()) {
                action.keyed = true;
                action.headers.insert(lower, "{call.key}".into());
                continue;
            }
            if place == "header" && ["authorization", "accept", "content-type"].contains(&lower.as_str()) {
                self.found
                    .lost(node.span, format!("the header `{name}` as a parameter: it is set otherwise"));
                continue;
            }
            let Some(shape) = self.parameter_shape(action_name, name, place, node) else {
                self.found.lost(node.span, format!("the parameter `{name}`, whose value is an object"));
                if required {
                    self.found.lost(operation.span, format!("the operation `{action_name}`, which needs it"));
                    return false;
                }
                continue;
            };
            let placeholder = action.add(name, shape, required);
            match place {
                "path" => action.path.push((name.to_owned(), placeholder)),
                "query" => drop(action.query.insert(name.to_owned(), placeholder.into())),
                _ => drop(action.headers.insert(lower, placeholder.into())),
            }
        }
        true
    }

    /// Returns the type of a parameter; nothing where its value is an object.
    fn parameter_shape(&mut self, action: &str, name: &str, place: &str, node: &'a Node) -> Option<Shape> {
        let hint = pascal(&format!("{action}_{name}"));
        let schema = if self.old { Some(node) } else { node.get("schema") };
        let mut shape = match schema {
            Some(schema) => self.types.shape(schema, &hint, self.found),
            None => Shape::default(),
        };
        let meant = schema.and_then(|schema| self.meant(schema));
        if meant.is_some_and(|meant| {
            meant.get("properties").or(meant.get("allOf")).is_some()
                || meant.get("type").and_then(Node::as_text) == Some("object")
        }) {
            return None;
        }
        let joined = match node.get("collectionFormat").and_then(Node::as_text) {
            Some(format) => format == "csv",
            None if self.old => true,
            None => place != "query" || node.get("explode").and_then(Node::as_bool) == Some(false),
        };
        if shape.kind() == "array" && joined {
            let json = json!({ "type": "string", "format": "comma-separated" });
            shape = Shape { json: json.as_object().cloned().unwrap_or_default(), nullable: shape.nullable };
        }
        for member in ["description", "example"] {
            if let Some(value) = node.get(member).map(Node::to_json) {
                let (name, value) =
                    if member == "example" { ("examples", json!([value])) } else { (member, value) };
                shape.json.insert(name.to_owned(), value);
            }
        }
        Some(shape)
    }

    /// Makes the address: the path with its placeholders, after a server of the operation's own.
    fn address(&mut self, path: &str, item: &'a Node, operation: &'a Node, action: &mut Action) {
        let known = std::mem::take(&mut action.path);
        let mut url = String::new();
        let mut rest = path;
        while let Some((before, after)) = rest.split_once('{') {
            url.push_str(before);
            let (name, after) = after.split_once('}').unwrap_or((after, ""));
            let placeholder =
                known.iter().find(|(known, _)| known == name).map(|(_, placeholder)| placeholder.clone());
            let placeholder = placeholder.unwrap_or_else(|| {
                self.found.guessed(operation.span, format!("the parameter `{name}` of the path: a text"));
                let text = json!({ "type": "string" });
                let shape = Shape { json: text.as_object().cloned().unwrap_or_default(), nullable: false };
                action.add(name, shape, true)
            });
            url.push_str(&placeholder);
            rest = after;
        }
        url.push_str(&rest.replace('}', "}}"));
        let own = operation.pointer("/servers/0").or(item.pointer("/servers/0"));
        match own.map(|server| (server, server_url(server))) {
            Some((_, Some(server))) if server.starts_with("http") => {
                url = format!("{}{url}", server.trim_end_matches('/'));
            }
            Some((server, _)) => {
                self.found.lost(server.span, "the server of an operation, which is no whole address")
            }
            None => {}
        }
        action.url = if url.starts_with('/') || url.starts_with("http") { url } else { format!("/{url}") };
    }

    /// Reads the body. Returns whether a body that is needed could be carried.
    fn body(&mut self, name: &str, operation: &'a Node, action: &mut Action) -> bool {
        if self.old {
            return self.old_body(name, operation, action);
        }
        let Some(body) = operation.get("requestBody").and_then(|body| self.meant(body)) else { return true };
        let required = body.get("required").and_then(Node::as_bool) == Some(true);
        let Some(content) = body.get("content") else { return true };
        let form = content.get("application/x-www-form-urlencoded");
        let (media, is_form) = match json_content(content) {
            Some(media) => (Some(media), false),
            None => (form, true),
        };
        for (kind, member) in content.members() {
            if media.is_none_or(|media| media.span != member.value.span) {
                self.found.lost(member.name_span, format!("a body of the type `{kind}`"));
            }
        }
        let Some(media) = media else {
            if required {
                self.found.lost(operation.span, format!("the operation `{name}`, which needs a body"));
            }
            return !required;
        };
        let Some(schema) = media.get("schema") else {
            let placeholder = action.add("body", Shape::default(), required);
            action.body = Some(placeholder.into());
            return true;
        };
        self.body_of(name, schema, required, is_form, action);
        true
    }

    fn old_body(&mut self, name: &str, operation: &'a Node, action: &mut Action) -> bool {
        let mut form = Map::new();
        for node in operation.get("parameters").into_iter().flat_map(Node::items) {
            let Some(node) = self.meant(node) else { continue };
            let required = node.get("required").and_then(Node::as_bool) == Some(true);
            let field = node.get("name").and_then(Node::as_text).unwrap_or_default();
            match node.get("in").and_then(Node::as_text) {
                Some("body") => {
                    if let Some(schema) = node.get("schema") {
                        self.body_of(name, schema, required, false, action);
                    }
                }
                Some("formData") if node.get("type").and_then(Node::as_text) == Some("file") => {
                    self.found.lost(node.span, format!("the file `{field}`"));
                    if required {
                        self.found
                            .lost(operation.span, format!("the operation `{name}`, which needs a file"));
                        return false;
                    }
                }
                Some("formData") => {
                    if let Some(shape) = self.parameter_shape(name, field, "formData", node) {
                        form.insert(field.to_owned(), action.add(field, shape, required).into());
                    }
                }
                Some(_) | None => {}
            }
        }
        if !form.is_empty() {
            action.form = Some(form);
        }
        true
    }

    /// Makes the fields of a body parameters; a body that is no object is one parameter.
    fn body_of(&mut self, name: &str, schema: &'a Node, required: bool, form: bool, action: &mut Action) {
        let slots = self.types.slots(schema, &pascal(name), self.found).filter(|slots| !slots.is_empty());
        let Some(slots) = slots else {
            let shape = self.types.shape(schema, &pascal(&format!("{name}_body")), self.found);
            let placeholder = action.add("body", shape, required);
            action.body = Some(placeholder.into());
            return;
        };
        let mut fields = Map::new();
        for (field, slot) in slots.into_iter().filter(|(_, slot)| !slot.read_only) {
            let placeholder = action.add(&field, slot.shape, required && slot.required);
            fields.insert(field, placeholder.into());
        }
        if form {
            action.form = Some(fields);
        } else {
            action.body = Some(fields.into());
        }
    }

    /// Returns the type of the answer of an operation that succeeded.
    fn result(&mut self, name: &str, operation: &'a Node) -> Option<Json> {
        let responses = operation.get("responses")?;
        let mut good: Option<(&str, &'a Node)> = None;
        for (status, member) in responses.members() {
            let succeeds = status.starts_with('2');
            let Some(response) = self.meant(&member.value) else { continue };
            if response.get("headers").is_some() || response.get("links").is_some() {
                self.found.lost(member.name_span, "the headers and links of an answer");
            }
            if succeeds && good.is_none_or(|(first, _)| status < first) {
                good = Some((status, response));
            } else if response.get("content").or(response.get("schema")).is_some() {
                self.found.lost(member.name_span, "what answers say that are not the first success");
            }
        }
        let (_, response) = good?;
        let schema = if self.old {
            response.get("schema")?
        } else {
            let content = response.get("content")?;
            match json_content(content) {
                Some(media) => media.get("schema")?,
                None => {
                    self.found.lost(content.span, "an answer that is no JSON");
                    return None;
                }
            }
        };
        let shape = self.types.shape(schema, &pascal(&format!("{name}_result")), self.found);
        Some(shape.spelt().0)
    }
}

/// What people are told of an operation.
pub(super) fn doc(operation: &Node) -> String {
    let text = |name: &str| operation.get(name).and_then(Node::as_text).unwrap_or_default().trim().to_owned();
    match (text("summary"), text("description")) {
        (summary, description) if summary.is_empty() || summary == description => description,
        (summary, description) if description.is_empty() => summary,
        (summary, description) => format!("{}\n\n{description}", with_stop(&summary)),
    }
}

fn with_stop(text: &str) -> String {
    if text.ends_with(['.', '!', '?']) { text.to_owned() } else { format!("{text}.") }
}

/// The part of `content` that is JSON.
pub(super) fn json_content(content: &Node) -> Option<&Node> {
    let is_json = |kind: &str| {
        let kind = kind.split(';').next().unwrap_or_default().trim().to_lowercase();
        kind == "application/json"
            || kind == "text/json"
            || kind == "*/*"
            || kind == "application/*"
            || kind.ends_with("+json")
    };
    let exact = content.members().find(|(kind, _)| *kind == "application/json");
    exact.or_else(|| content.members().find(|(kind, _)| is_json(kind))).map(|(_, member)| &member.value)
}
