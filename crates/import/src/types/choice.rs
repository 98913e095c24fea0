//! `oneOf` and `anyOf`: unions that a field tells apart, and what the types have in common where none does.

use hence_schema::json::{Node, Value};
use serde_json::{Map, Value as Json, json};

use super::record::record;
use super::{Shape, Types, reference_of, scalar};
use crate::findings::Findings;
use crate::names::pascal;

/// One of the types between which a value chooses.
struct Variant<'a> {
    /// The schema as it is written.
    written: &'a Node,
    /// What it means, its reference followed.
    meant: &'a Node,
    /// The name it was referred to by.
    name: Option<String>,
}

impl<'a> Types<'a> {
    /// Returns the union that a schema is, as a named type.
    pub(super) fn union(&mut self, node: &'a Node, name: &str) -> Option<Json> {
        if node.get("properties").or(node.get("allOf")).or(reference_of(node)).is_some() {
            return None;
        }
        let variants = self.variants(node)?;
        let stated = node.pointer("/discriminator/propertyName").and_then(Node::as_text);
        let stated = stated.or_else(|| node.get("discriminator").and_then(Node::as_text));
        let tag = match stated {
            Some(tag) => tag.to_owned(),
            None => self.telling(&variants)?,
        };
        let mut mapping = Map::new();
        let mut list = Vec::new();
        for variant in &variants {
            let values = self.values(node, variant, &tag);
            let own = format!("{name}{}", values.first().map(|value| pascal(value)).unwrap_or_default());
            let reference = self.named(variant.meant, variant.name.as_deref().unwrap_or(&own));
            let target = reference.get("$ref").cloned().unwrap_or_default();
            mapping.extend(values.into_iter().map(|value| (value, target.clone())));
            if !list.contains(&reference) {
                list.push(reference);
            }
        }
        if list.len() < 2 || mapping.is_empty() {
            return None;
        }
        let discriminator = json!({ "propertyName": tag, "mapping": mapping });
        Some(json!({ "oneOf": list, "discriminator": discriminator }))
    }

    /// Returns a reference to the union that a schema is, where it is one.
    pub(super) fn union_reference(
        &mut self,
        node: &'a Node,
        hint: &str,
        found: &mut Findings,
    ) -> Option<Shape> {
        node.get("oneOf").or(node.get("anyOf"))?;
        self.union(node, hint)?;
        let mut shape = Shape::of(self.named(node, hint));
        shape.nullable = node.get("oneOf").or(node.get("anyOf"))?.items().any(is_null);
        scalar::note_keywords(node, found);
        Some(shape)
    }

    /// Returns the types between which a value chooses, if they are several objects.
    fn variants(&self, node: &'a Node) -> Option<Vec<Variant<'a>>> {
        let listed = node.get("oneOf").or(node.get("anyOf"))?;
        let mut variants = Vec::new();
        for written in listed.items().filter(|variant| !is_null(variant)) {
            let (meant, name) = match reference_of(written) {
                Some(reference) => {
                    let target = self.files.resolve(reference).ok()?;
                    (target.node, Some(target.name))
                }
                None => (written, None),
            };
            if scalar::kind(meant, &mut Findings::default()) != "object" && meant.get("allOf").is_none() {
                return None;
            }
            variants.push(Variant { written, meant, name });
        }
        (variants.len() > 1).then_some(variants)
    }

    /// Returns the field that has one text in each of the types, another in each.
    fn telling(&self, variants: &[Variant<'a>]) -> Option<String> {
        let first = variants.first()?;
        let candidates: Vec<&str> =
            first.meant.get("properties").into_iter().flat_map(Node::members).map(|(name, _)| name).collect();
        let tells = |name: &&str| {
            let values: Option<Vec<&str>> = variants
                .iter()
                .map(|variant| only_text(variant.meant.get("properties")?.get(name)?))
                .collect();
            values.is_some_and(|mut values| {
                let count = values.len();
                values.sort_unstable();
                values.dedup();
                values.len() == count
            })
        };
        candidates.into_iter().find(tells).map(str::to_owned)
    }

    /// Returns the values of the field that tells, for one of the types.
    fn values(&self, node: &'a Node, variant: &Variant<'a>, tag: &str) -> Vec<String> {
        let mut values = Vec::new();
        for (value, member) in node.pointer("/discriminator/mapping").into_iter().flat_map(Node::members) {
            let text = member.value.as_text().unwrap_or_default();
            let same_reference = reference_of(variant.written).and_then(Node::as_text) == Some(text);
            let by_reference =
                self.files.resolve(&member.value).is_ok_and(|target| target.node.span == variant.meant.span);
            if same_reference || by_reference || variant.name.as_deref() == Some(text) {
                values.push(value.to_owned());
            }
        }
        if values.is_empty() {
            let property = variant.meant.get("properties").and_then(|properties| properties.get(tag));
            values.extend(property.and_then(only_text).map(str::to_owned));
        }
        if values.is_empty() {
            // Where nothing is said, OpenAPI takes the name of the schema.
            values.extend(variant.name.clone());
        }
        values
    }

    /// Returns what the types have in common between which a value chooses.
    pub(super) fn choice(&mut self, node: &'a Node, hint: &str, top: bool, found: &mut Findings) -> Shape {
        let place =
            node.member("oneOf").or(node.member("anyOf")).map_or(node.span, |member| member.name_span);
        let listed = node.get("oneOf").or(node.get("anyOf"));
        let all: Vec<&'a Node> = listed.into_iter().flat_map(Node::items).collect();
        let nullable = all.iter().any(|variant| is_null(variant));
        let variants: Vec<&'a Node> = all.into_iter().filter(|variant| !is_null(variant)).collect();
        if let ([only], None) = (variants.as_slice(), node.get("properties")) {
            let shape = self.shape(only, hint, found);
            return Shape { nullable: nullable || shape.nullable, ..shape };
        }
        let demands_only = |variant: &&Node| {
            variant.members().all(|(name, _)| ["required", "not", "title", "description"].contains(&name))
        };
        if node.get("properties").is_some() && variants.iter().all(demands_only) {
            found.lost(place, "which fields are there together");
            return Shape { nullable, ..self.object(node, hint, found) };
        }
        let is_object = node.get("properties").is_some() || self.variants(node).is_some();
        if is_object && !top {
            return Shape { nullable, ..Shape::of(self.named(node, hint)) };
        }
        if is_object {
            found.lost(
                place,
                "which of several types a value has: it has the fields of all, and most may be missing",
            );
            let slots = self.slots(node, hint, found).unwrap_or_default();
            return Shape { nullable, ..record(slots) };
        }
        let shapes: Vec<Shape> = variants.iter().map(|variant| self.shape(variant, hint, found)).collect();
        let nullable = nullable || shapes.iter().any(|shape| shape.nullable);
        let mut common: Option<Shape> = None;
        for shape in shapes {
            common = match common {
                None => Some(shape),
                Some(before) => match unify(before, shape) {
                    Some(both) => Some(both),
                    None => {
                        found.lost(place, "which of several types a value has: it is any JSON");
                        return Shape::any();
                    }
                },
            };
        }
        Shape { nullable, ..common.unwrap_or_default() }
    }
}

/// Whether a schema is of null alone.
pub(super) fn is_null(node: &Node) -> bool {
    node.get("type").and_then(Node::as_text) == Some("null")
        || node.get("const").is_some_and(|value| value.value == Value::Null)
        || node
            .get("enum")
            .and_then(Node::as_list)
            .is_some_and(|items| !items.is_empty() && items.iter().all(|item| item.value == Value::Null))
}

/// The only text that a schema allows.
fn only_text(node: &Node) -> Option<&str> {
    let listed = node.get("enum").and_then(Node::as_list);
    node.get("const").and_then(Node::as_text).or_else(|| match listed {
        Some([only]) => only.as_text(),
        Some(_) | None => None,
    })
}

/// Returns the type of values that are of one of two types, unless that is any JSON.
pub(crate) fn unify(a: Shape, b: Shape) -> Option<Shape> {
    let nullable = a.nullable || b.nullable;
    if a.bare() == b.bare() {
        return Some(Shape { nullable, ..a });
    }
    let texts = |shape: &Shape| -> Option<Vec<Json>> {
        let listed = shape.json.get("enum").and_then(Json::as_array).cloned();
        listed.or_else(|| shape.json.get("const").map(|text| vec![text.clone()]))
    };
    let (ours, theirs) = (a.kind().to_owned(), b.kind().to_owned());
    let json = match (ours.as_str(), theirs.as_str()) {
        ("string", "string") => match (texts(&a), texts(&b)) {
            (Some(mut all), Some(more)) => {
                for text in more {
                    if !all.contains(&text) {
                        all.push(text);
                    }
                }
                json!({ "type": "string", "enum": all })
            }
            (Some(_) | None, _) => json!({ "type": "string" }),
        },
        ("integer" | "number", "integer" | "number") if ours != theirs => json!({ "type": "number" }),
        ("integer", "integer") => json!({ "type": "integer" }),
        ("number", "number") => json!({ "type": "number" }),
        ("array", "array") => {
            let items = |shape: &Shape| shape.json.get("items").cloned().map(Shape::of).unwrap_or_default();
            let both = unify(items(&a), items(&b)).unwrap_or_default();
            json!({ "type": "array", "items": both.json })
        }
        ("object", "object") => {
            let has = |shape: &Shape| {
                shape.json.contains_key("properties") || shape.json.contains_key("additionalProperties")
            };
            if has(&a) && has(&b) {
                return None;
            }
            json!({ "type": "object" })
        }
        _ => return None,
    };
    Some(Shape { nullable, ..Shape::of(json) })
}
