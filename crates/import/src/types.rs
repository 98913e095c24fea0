//! JSON Schema, of whichever draft, → the types of integration files.
//!
//! What a reference names becomes a named type where it is more than a single value, and is built once; as references
//! are built one after another, schemas may refer to each other in circles. Objects put together by `allOf` become one
//! object with all fields. Of types between which a value chooses, those that a field tells apart become a union;
//! others become what they have in common, which is told.

mod choice;
mod record;
mod scalar;

use std::collections::{HashMap, VecDeque};

use hence_diagnostics::{FileId, Span};
use hence_schema::json::{Node, Value};
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use crate::files::Files;
use crate::findings::Findings;
use crate::names::{pascal, unique};
use crate::write::Draft;

/// How deep schemas may stand in each other without a name.
const DEEPEST: usize = 48;

/// A type as an integration file writes it, and whether the value may be null.
#[derive(Debug, Clone, PartialEq, Default)]
pub(crate) struct Shape {
    pub(crate) json: Map<String, Json>,
    pub(crate) nullable: bool,
}

impl Shape {
    fn of(json: Json) -> Self {
        let json = if let Json::Object(json) = json { json } else { Map::new() };
        Shape { json, nullable: false }
    }

    /// Any JSON.
    fn any() -> Self {
        Shape::default()
    }

    pub(crate) fn kind(&self) -> &str {
        self.json.get("type").and_then(Json::as_str).unwrap_or_default()
    }

    pub(crate) fn is_any(&self) -> bool {
        ["type", "$ref", "oneOf"].iter().all(|member| !self.json.contains_key(*member))
    }

    /// Returns what it is of without its annotations.
    fn bare(&self) -> Map<String, Json> {
        let mut json = self.json.clone();
        json.retain(|name, _| !scalar::ANNOTATIONS.contains(&name.as_str()));
        json
    }

    /// Returns the type, with `null` beside it where it is written so; whether null had no place.
    pub(crate) fn spelt(mut self) -> (Json, bool) {
        if !self.nullable || self.is_any() {
            return (Json::Object(self.json), false);
        }
        match self.json.get_mut("type") {
            Some(kind) if kind.is_string() => {
                *kind = json!([kind.take(), "null"]);
                (Json::Object(self.json), false)
            }
            Some(_) | None => (Json::Object(self.json), true),
        }
    }
}

/// The types of an integration while they are made.
pub(crate) struct Types<'a> {
    pub(crate) files: &'a Files,
    names: HashMap<Span, String>,
    taken: Vec<String>,
    queue: VecDeque<(String, &'a Node)>,
    pub(crate) built: IndexMap<String, Json>,
    /// The schemas of unions, whose types may turn out not to go together.
    unions: HashMap<String, &'a Node>,
    depth: usize,
}

impl<'a> Types<'a> {
    pub(crate) fn new(files: &'a Files) -> Self {
        Types {
            files,
            names: HashMap::new(),
            taken: Vec::new(),
            queue: VecDeque::new(),
            built: IndexMap::new(),
            unions: HashMap::new(),
            depth: 0,
        }
    }

    /// Builds all types that were referred to.
    pub(crate) fn finish(&mut self, found: &mut Findings) {
        while let Some((name, node)) = self.queue.pop_front() {
            let json = self.top(node, &name, found);
            self.built.insert(name, json);
        }
    }

    /// Returns a schema as a type of its own, under its name in the integration: a reference to it.
    pub(crate) fn named(&mut self, node: &'a Node, name: &str) -> Json {
        let name = match self.names.get(&node.span) {
            Some(name) => name.clone(),
            None => {
                let name = self.new_name(name);
                self.names.insert(node.span, name.clone());
                self.queue.push_back((name.clone(), node));
                name
            }
        };
        json!({ "$ref": format!("#/types/{name}") })
    }

    /// Hands the types over, built to the last.
    pub(crate) fn hand_over(mut self, draft: &mut Draft, found: &mut Findings) {
        self.finish(found);
        let unions: Vec<(String, &'a Node)> = self.unions.drain().collect();
        for (name, node) in unions {
            // What the fields of all types say was told where the types were built.
            let silent = &mut Findings::default();
            if let Some(slots) = self.slots(node, &name, silent) {
                let mut shape = record::record(slots);
                scalar::annotate(&mut shape, node, silent);
                draft.fallbacks.insert(name, Json::Object(shape.json));
            }
        }
        self.finish(found);
        let places: HashMap<&str, Span> =
            self.names.iter().map(|(span, name)| (name.as_str(), *span)).collect();
        for (name, json) in &self.built {
            let place = places.get(name.as_str()).copied().unwrap_or(Span::new(FileId::default(), 0, 0));
            draft.types.insert(name.clone(), (json.clone(), place));
        }
    }

    fn new_name(&mut self, name: &str) -> String {
        let name = unique(&pascal(name), |name| self.taken.iter().any(|taken| taken == name));
        self.taken.push(name.clone());
        name
    }

    /// Returns a type of its own, which may be a union.
    fn top(&mut self, node: &'a Node, name: &str, found: &mut Findings) -> Json {
        let mut shape = match self.union(node, name) {
            Some(union) => {
                self.unions.insert(name.to_owned(), node);
                let mut shape = Shape::of(union);
                scalar::annotate(&mut shape, node, found);
                shape
            }
            None => self.unnamed(node, name, true, found),
        };
        if shape.is_any() {
            shape.nullable = false;
        }
        let (json, lost) = shape.spelt();
        if lost {
            found.lost(node.span, format!("that `{name}` may be null"));
        }
        json
    }

    /// Returns a schema where it is used. `hint` is what types in it that need a name are called.
    pub(crate) fn shape(&mut self, node: &'a Node, hint: &str, found: &mut Findings) -> Shape {
        if self.depth >= DEEPEST {
            found.lost(node.span, format!("a schema that stands {DEEPEST} levels deep without a name"));
            return Shape::any();
        }
        self.depth += 1;
        let shape = match self.union_reference(node, hint, found) {
            Some(shape) => shape,
            None => self.unnamed(node, hint, false, found),
        };
        self.depth -= 1;
        shape
    }

    fn unnamed(&mut self, node: &'a Node, hint: &str, top: bool, found: &mut Findings) -> Shape {
        match &node.value {
            Value::Bool(true) => return Shape::any(),
            Value::Bool(false) => {
                found.lost(node.span, "that no value is allowed here");
                return Shape::any();
            }
            Value::Object(_) => {}
            Value::Null | Value::Number(_) | Value::Text(_) | Value::List(_) => {
                found.wrong(
                    node.span,
                    format!("a schema is an object, `true` or `false`, not {}", node.kind()),
                );
                return Shape::any();
            }
        }
        scalar::note_keywords(node, found);
        let mut shape = if let Some(reference) = reference_of(node) {
            self.reference(node, reference, hint, top, found)
        } else if node.get("const").is_some() || node.get("enum").is_some() {
            scalar::fixed(node, found)
        } else if node.get("allOf").is_some() {
            self.all_of(node, hint, top, found)
        } else if node.get("oneOf").or(node.get("anyOf")).is_some() {
            self.choice(node, hint, top, found)
        } else {
            self.by_kind(node, hint, found)
        };
        let beside =
            node.get("type").into_iter().flat_map(Node::items).any(|kind| kind.as_text() == Some("null"));
        let said = ["nullable", "x-nullable"]
            .iter()
            .any(|name| node.get(name).and_then(Node::as_bool) == Some(true));
        shape.nullable |= beside || said || node.get("type").and_then(Node::as_text) == Some("null");
        scalar::annotate(&mut shape, node, found);
        shape
    }

    /// Returns a type of its `type`, or of what its other members tell.
    fn by_kind(&mut self, node: &'a Node, hint: &str, found: &mut Findings) -> Shape {
        match scalar::kind(node, found) {
            "object" => self.object(node, hint, found),
            "array" => {
                let items = match node.get("items").or(node.get("prefixItems")) {
                    Some(items) if items.as_list().is_some() => self.tuple(items, hint, found),
                    Some(items) => self.shape(items, &format!("{hint}Item"), found),
                    None => Shape::any(),
                };
                let (items, lost) = items.spelt();
                if lost {
                    found.lost(node.span, "that elements of the list may be null");
                }
                if items.as_object().is_some_and(Map::is_empty) {
                    return Shape::of(json!({ "type": "array" }));
                }
                Shape::of(json!({ "type": "array", "items": items }))
            }
            "string" => scalar::text(node, found),
            "integer" => scalar::whole_number(node, found),
            "number" => scalar::number(node, found),
            "boolean" => Shape::of(json!({ "type": "boolean" })),
            _ => Shape::any(),
        }
    }

    /// Returns what all places of a list whose places have types of their own have in common.
    fn tuple(&mut self, items: &'a Node, hint: &str, found: &mut Findings) -> Shape {
        let shapes: Vec<Shape> = items.items().map(|item| self.shape(item, hint, found)).collect();
        let common = shapes.into_iter().reduce(|a, b| choice::unify(a, b).unwrap_or_default());
        found.lost(items.span, "that each place of the list has a type of its own");
        common.unwrap_or_default()
    }

    fn reference(
        &mut self,
        node: &'a Node,
        reference: &'a Node,
        hint: &str,
        top: bool,
        found: &mut Findings,
    ) -> Shape {
        let target = match self.files.resolve(reference) {
            Ok(target) => target,
            Err(problem) => {
                found.add(*problem);
                return Shape::any();
            }
        };
        let adds = ["properties", "allOf", "oneOf", "anyOf", "required"];
        if adds.iter().any(|member| node.get(member).is_some()) {
            return self.all_of(node, hint, top, found);
        }
        if needs_name(target.node) {
            return Shape::of(self.named(target.node, &target.name));
        }
        self.shape(target.node, hint, found)
    }
}

/// The reference of a schema.
pub(crate) fn reference_of(node: &Node) -> Option<&Node> {
    ["$ref", "$dynamicRef", "$recursiveRef"].iter().find_map(|name| node.get(name))
}

/// Whether a schema that is referred to is more than a single value.
fn needs_name(node: &Node) -> bool {
    let combined = [
        "properties",
        "allOf",
        "oneOf",
        "anyOf",
        "enum",
        "additionalProperties",
        "patternProperties",
        "items",
    ];
    combined.iter().any(|member| node.get(member).is_some()) || reference_of(node).is_some()
}
