//! Single values, fixed sets of texts, and what schemas say of values for people.

use hence_schema::json::{Node, Value};
use serde_json::{Value as Json, json};

use super::Shape;
use crate::findings::Findings;

/// Members that say something of a value without being its type.
pub(super) const ANNOTATIONS: &[&str] = &[
    "title",
    "description",
    "examples",
    "default",
    "deprecated",
    "sensitive",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "pattern",
];

/// Members that are read elsewhere or mean nothing for a type.
const READ: &[&str] = &[
    "$ref",
    "$dynamicRef",
    "$recursiveRef",
    "$id",
    "$schema",
    "$anchor",
    "$dynamicAnchor",
    "$recursiveAnchor",
    "$comment",
    "$defs",
    "$vocabulary",
    "definitions",
    "type",
    "format",
    "enum",
    "const",
    "properties",
    "required",
    "additionalProperties",
    "patternProperties",
    "items",
    "prefixItems",
    "allOf",
    "oneOf",
    "anyOf",
    "discriminator",
    "nullable",
    "x-nullable",
    "readOnly",
    "writeOnly",
    "example",
    "id",
    "x-sensitive",
    // Parameters of Swagger 2 are schemas themselves.
    "in",
    "name",
    "collectionFormat",
    "allowEmptyValue",
];

/// Formats that a text keeps.
const TEXT_FORMATS: &[&str] = &[
    "date",
    "date-time",
    "time",
    "uuid",
    "uri",
    "uri-reference",
    "uri-template",
    "iri",
    "url",
    "email",
    "idn-email",
    "hostname",
    "ipv4",
    "ipv6",
    "regex",
    "json-pointer",
    "phone",
    "html",
    "markdown",
    "byte",
    "password",
];

/// Reports members that an integration has no place for.
pub(super) fn note_keywords(node: &Node, found: &mut Findings) {
    for (name, member) in node.members() {
        let is_false = member.value.as_bool() == Some(false);
        if READ.contains(&name) || ANNOTATIONS.contains(&name) || is_false {
            continue;
        }
        let what = if name.starts_with("x-") { "the extension" } else { "the keyword" };
        found.lost(member.name_span, format!("{what} `{name}` of schemas"));
    }
}

/// Returns the kind of value that a schema is of; nothing for any JSON.
pub(super) fn kind<'a>(node: &'a Node, found: &mut Findings) -> &'a str {
    const KINDS: &[&str] = &["string", "integer", "number", "boolean", "object", "array"];
    let Some(stated) = node.get("type") else { return told(node) };
    let names: Vec<&str> = match stated.as_list() {
        Some(items) => items.iter().filter_map(Node::as_text).filter(|name| *name != "null").collect(),
        None => stated.as_text().into_iter().filter(|name| *name != "null").collect(),
    };
    match names.as_slice() {
        [] => "",
        [one] if KINDS.contains(one) => one,
        ["file"] => "string",
        ["any"] => "",
        [one] => {
            found.wrong(stated.span, format!("`{one}` is no type of JSON Schema"));
            ""
        }
        many if many.iter().all(|name| ["integer", "number"].contains(name)) => "number",
        many => {
            let many = many.join("`, `");
            found.lost(stated.span, format!("that a value is one of `{many}`: it is any JSON"));
            ""
        }
    }
}

/// The kind of value that members tell of where none is stated.
fn told(node: &Node) -> &'static str {
    let has = |names: &[&str]| names.iter().any(|name| node.get(name).is_some());
    if has(&["properties", "additionalProperties", "patternProperties", "required"]) {
        "object"
    } else if has(&["items", "prefixItems"]) {
        "array"
    } else if has(&["pattern", "minLength", "maxLength"]) {
        "string"
    } else if has(&["minimum", "maximum", "multipleOf"]) {
        "number"
    } else {
        ""
    }
}

pub(super) fn text(node: &Node, found: &mut Findings) -> Shape {
    let mut shape = Shape::of(json!({ "type": "string" }));
    let Some(format) = node.get("format") else { return shape };
    let name = format.as_text().unwrap_or_default();
    let kept = match name {
        _ if TEXT_FORMATS.contains(&name) => name,
        "datetime" | "dateTime" => "date-time",
        "tel" | "phone-number" => "phone",
        "guid" => "uuid",
        "decimal" => "decimal",
        "int64" | "int32" => "integer",
        _ => {
            found.lost(format.span, format!("the format `{name}` of texts"));
            return shape;
        }
    };
    shape.json.insert("format".to_owned(), kept.into());
    if kept == "password" {
        shape.json.insert("sensitive".to_owned(), true.into());
    }
    shape
}

pub(super) fn whole_number(node: &Node, found: &mut Findings) -> Shape {
    let mut shape = Shape::of(json!({ "type": "integer" }));
    let Some(format) = node.get("format") else { return shape };
    let name = format.as_text().unwrap_or_default();
    let kept = match name {
        "int32" | "int64" => name,
        "unix-time" | "epoch-seconds" => "epoch-seconds",
        "epoch-millis" => "epoch-millis",
        // Other widths of whole numbers: ours have no limit that they could pass.
        _ if name.starts_with("int") || name.starts_with("uint") || name == "long" => return shape,
        _ => {
            found.lost(format.span, format!("the format `{name}` of whole numbers"));
            return shape;
        }
    };
    shape.json.insert("format".to_owned(), kept.into());
    shape
}

pub(super) fn number(node: &Node, found: &mut Findings) -> Shape {
    let mut shape = Shape::of(json!({ "type": "number" }));
    let Some(format) = node.get("format") else { return shape };
    match format.as_text().unwrap_or_default() {
        "float" | "double" => drop(shape.json.insert("format".to_owned(), "double".into())),
        "decimal" => drop(shape.json.insert("format".to_owned(), "decimal".into())),
        "int32" | "int64" => return Shape::of(json!({ "type": "integer" })),
        name => found.lost(format.span, format!("the format `{name}` of numbers")),
    }
    shape
}

/// Returns the type of a value that is one of some: texts are kept, of others their kind.
pub(super) fn fixed(node: &Node, found: &mut Findings) -> Shape {
    let listed = node
        .get("const")
        .map_or_else(|| node.get("enum").into_iter().flat_map(Node::items).collect(), |one| vec![one]);
    let place = node.get("const").or(node.get("enum")).map_or(node.span, |one| one.span);
    let mut texts: Vec<Json> = Vec::new();
    let mut kinds: Vec<&str> = Vec::new();
    let mut nullable = false;
    for value in listed {
        let kind = match &value.value {
            Value::Null => {
                nullable = true;
                continue;
            }
            Value::Text(text) => {
                let text = Json::String(text.clone());
                if !texts.contains(&text) {
                    texts.push(text);
                }
                "string"
            }
            Value::Number(digits) if digits.contains(['.', 'e', 'E']) => "number",
            Value::Number(_) => "integer",
            Value::Bool(_) => "boolean",
            Value::List(_) => "array",
            Value::Object(_) => "",
        };
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    let shape = match kinds.as_slice() {
        ["string"] if node.get("const").is_some() || texts.len() == 1 && node.get("enum").is_none() => {
            Shape::of(json!({ "type": "string", "const": texts.first() }))
        }
        ["string"] => Shape::of(json!({ "type": "string", "enum": texts })),
        [] => Shape::any(),
        // A text of digits in an enumeration of numbers is how some generators write them.
        [kind] | ["number", kind @ "integer"] | ["integer", kind @ "number"] if !kind.is_empty() => {
            let kind = if kinds.len() > 1 { "number" } else { kind };
            found.lost(place, "which numbers, truth values or lists are allowed: sets are of texts");
            Shape::of(json!({ "type": kind }))
        }
        _ => {
            found.lost(place, "which values of several kinds are allowed: it is any JSON");
            Shape::any()
        }
    };
    Shape { nullable, ..shape }
}

/// Adds to a type what its schema says for people.
pub(super) fn annotate(shape: &mut Shape, node: &Node, found: &mut Findings) {
    for name in ["title", "description"] {
        if let Some(text) = node.get(name).and_then(Node::as_text).filter(|text| !text.is_empty()) {
            shape.json.insert(name.to_owned(), text.into());
        }
    }
    let examples: Vec<Json> = match node.get("examples") {
        Some(examples) if examples.as_list().is_some() => examples.items().map(Node::to_json).collect(),
        Some(examples) => examples.members().map(|(_, member)| example_of(&member.value)).collect(),
        None => node.get("example").map(Node::to_json).into_iter().collect(),
    };
    if !examples.is_empty() {
        shape.json.insert("examples".to_owned(), Json::Array(examples));
    }
    if let Some(default) = node.get("default") {
        shape.json.insert("default".to_owned(), default.to_json());
    }
    if node.get("deprecated").and_then(Node::as_bool) == Some(true) {
        shape.json.insert("deprecated".to_owned(), true.into());
    }
    let hidden =
        ["writeOnly", "x-sensitive"].iter().any(|name| node.get(name).and_then(Node::as_bool) == Some(true));
    if hidden {
        shape.json.insert("sensitive".to_owned(), true.into());
    }
    limits(shape, node, found);
}

/// The example itself, where it stands in an object with a summary.
fn example_of(node: &Node) -> Json {
    node.get("value").unwrap_or(node).to_json()
}

fn limits(shape: &mut Shape, node: &Node, found: &mut Findings) {
    for name in ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern"] {
        let Some(member) = node.member(name) else { continue };
        let value = member.value.to_json();
        let fits = match name {
            "pattern" => value.is_string(),
            "minimum" | "maximum" => value.is_number(),
            _ => value.as_u64().is_some(),
        };
        if fits {
            shape.json.insert(name.to_owned(), value);
        } else {
            found.wrong(member.value.span, format!("`{name}` cannot be {}", member.value.kind()));
        }
    }
}
