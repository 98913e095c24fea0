//! Objects: their fields, put together from all that they are made of.

use hence_diagnostics::Span;
use hence_schema::json::Node;
use indexmap::IndexMap;
use serde_json::{Map, Value as Json, json};

use super::{Shape, Types, choice, reference_of, scalar};
use crate::findings::Findings;
use crate::names::pascal;

/// A field of an object.
#[derive(Debug, Clone)]
pub(crate) struct Slot {
    pub(crate) shape: Shape,
    /// Whether it is always there.
    pub(crate) required: bool,
    /// Whether only the system itself sets it.
    pub(crate) read_only: bool,
}

pub(crate) type Slots = IndexMap<String, Slot>;

/// How a part of an object is joined to the parts before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Join {
    /// Both hold.
    Both,
    /// One of the two holds.
    Either,
}

impl<'a> Types<'a> {
    /// Returns an object with `properties`, a map, or any object.
    pub(super) fn object(&mut self, node: &'a Node, hint: &str, found: &mut Findings) -> Shape {
        let values = node.get("additionalProperties").filter(|values| values.as_object().is_some());
        let patterns: Vec<&'a Node> = node
            .get("patternProperties")
            .into_iter()
            .flat_map(Node::members)
            .map(|(_, member)| &member.value)
            .collect();
        if node.get("properties").is_some_and(|properties| properties.members().count() > 0) {
            if let Some(member) =
                node.member("patternProperties").or(values.and(node.member("additionalProperties")))
            {
                found.lost(
                    member.name_span,
                    "the types of fields whose names are not known, beside those that are",
                );
            }
            let slots = self.slots(node, hint, found).unwrap_or_default();
            return record(slots);
        }
        let values: Vec<&'a Node> = values.into_iter().chain(patterns).collect();
        let shapes: Vec<Shape> =
            values.iter().map(|values| self.shape(values, &format!("{hint}Value"), found)).collect();
        let Some(first) = shapes.into_iter().reduce(|a, b| choice::unify(a, b).unwrap_or_default()) else {
            return Shape::of(json!({ "type": "object" }));
        };
        let (values, lost) = first.spelt();
        if lost {
            found.lost(node.span, "that values of the map may be null");
        }
        Shape::of(json!({ "type": "object", "additionalProperties": values }))
    }

    /// Returns the type of what `allOf` puts together, and what stands beside it.
    pub(super) fn all_of(&mut self, node: &'a Node, hint: &str, top: bool, found: &mut Findings) -> Shape {
        let parts: Vec<&'a Node> = node.get("allOf").into_iter().flat_map(Node::items).collect();
        let beside = node.get("properties").is_some() || node.get("oneOf").or(node.get("anyOf")).is_some();
        if let ([only], false, None) = (parts.as_slice(), beside, reference_of(node)) {
            return self.shape(only, hint, found);
        }
        if !top && let Some(shape) = self.narrowed(node, &parts, found) {
            return shape;
        }
        let is_object = self.gather_names(node, &mut Vec::new(), &mut Vec::new());
        if is_object && !top {
            // Under a name it is built once, and may refer to what it stands in.
            return Shape::of(self.named(node, hint));
        }
        if is_object {
            return record(self.slots(node, hint, found).unwrap_or_default());
        }
        let mut shapes: Vec<Shape> = parts.iter().map(|part| self.shape(part, hint, found)).collect();
        if shapes.is_empty() {
            shapes.push(self.by_kind(node, hint, found));
        }
        shapes.into_iter().reduce(|a, b| refine(a, b, node.span, found)).unwrap_or_default()
    }

    /// Returns a named type, where what stands beside its reference only says more of fields that it has.
    fn narrowed(&mut self, node: &'a Node, parts: &[&'a Node], found: &mut Findings) -> Option<Shape> {
        let references: Vec<&'a Node> =
            parts.iter().copied().chain([node]).filter(|part| reference_of(part).is_some()).collect();
        let [one] = references.as_slice() else { return None };
        let target = self.files.resolve(reference_of(one)?).ok()?;
        let mut known = Vec::new();
        if !self.gather_names(target.node, &mut Vec::new(), &mut known) {
            return None;
        }
        let others = parts
            .iter()
            .copied()
            .chain([node])
            .filter(|part| part.span != one.span || one.get("properties").is_some());
        let mut narrows = false;
        for part in others {
            if part.span != node.span
                && ["allOf", "oneOf", "anyOf"].iter().any(|name| part.get(name).is_some())
            {
                return None;
            }
            for (name, _) in part.get("properties").into_iter().flat_map(Node::members) {
                narrows = true;
                if !known.contains(&name) {
                    return None;
                }
            }
            narrows |= part.get("required").is_some_and(|required| required.items().next().is_some());
        }
        if narrows {
            found.lost(node.span, format!("what more is said of fields of `{}` here", target.name));
        }
        Some(Shape::of(self.named(target.node, &target.name)))
    }

    /// Returns the fields of an object, whatever it is put together from; nothing where it is no object.
    pub(crate) fn slots(&mut self, node: &'a Node, hint: &str, found: &mut Findings) -> Option<Slots> {
        let mut slots = Slots::new();
        self.gather(node, hint, &mut Vec::new(), &mut slots, found).then_some(slots)
    }

    /// Collects the names of an object's fields. Returns whether it is one.
    fn gather_names(&self, node: &'a Node, within: &mut Vec<Span>, names: &mut Vec<&'a str>) -> bool {
        if within.contains(&node.span) {
            return true;
        }
        within.push(node.span);
        let mut is_object = scalar::kind(node, &mut Findings::default()) == "object";
        if let Some(target) = reference_of(node).and_then(|reference| self.files.resolve(reference).ok()) {
            is_object |= self.gather_names(target.node, within, names);
        }
        for member in ["allOf", "oneOf", "anyOf"] {
            for part in node.get(member).into_iter().flat_map(Node::items) {
                is_object |= self.gather_names(part, within, names);
            }
        }
        names.extend(node.get("properties").into_iter().flat_map(Node::members).map(|(name, _)| name));
        within.pop();
        is_object
    }

    fn gather(
        &mut self,
        node: &'a Node,
        hint: &str,
        within: &mut Vec<Span>,
        slots: &mut Slots,
        found: &mut Findings,
    ) -> bool {
        if within.contains(&node.span) {
            found.lost(node.span, "an object that is put together from itself");
            return true;
        }
        let mut is_object = false;
        within.push(node.span);
        if let Some(reference) = reference_of(node) {
            match self.files.resolve(reference) {
                Ok(target) => is_object |= self.gather(target.node, hint, within, slots, found),
                Err(problem) => found.add(*problem),
            }
        }
        for part in node.get("allOf").into_iter().flat_map(Node::items) {
            let mut more = Slots::new();
            is_object |= self.gather(part, hint, within, &mut more, found);
            join(slots, more, Join::Both, part.span, found);
        }
        for member in ["oneOf", "anyOf"] {
            let variants: Vec<&'a Node> = node
                .get(member)
                .into_iter()
                .flat_map(Node::items)
                .filter(|variant| !choice::is_null(variant))
                .collect();
            let mut common: Option<Slots> = None;
            for variant in &variants {
                let mut more = Slots::new();
                is_object |= self.gather(variant, hint, within, &mut more, found);
                match &mut common {
                    None => common = Some(more),
                    Some(common) => join(common, more, Join::Either, variant.span, found),
                }
            }
            join(slots, common.unwrap_or_default(), Join::Both, node.span, found);
        }
        let kind = scalar::kind(node, &mut Findings::default());
        is_object |= kind == "object";
        let properties: Vec<(&'a str, &'a Node)> = node
            .get("properties")
            .into_iter()
            .flat_map(Node::members)
            .map(|(name, member)| (name, &member.value))
            .collect();
        let mut own = Slots::new();
        for (name, property) in properties.into_iter().filter(|(name, _)| !name.is_empty()) {
            let shape = self.shape(property, &format!("{hint}{}", pascal(name)), found);
            let read_only = property.get("readOnly").and_then(Node::as_bool) == Some(true);
            own.insert(name.to_owned(), Slot { shape, required: false, read_only });
        }
        join(slots, own, Join::Both, node.span, found);
        for name in node.get("required").into_iter().flat_map(Node::items) {
            match name.as_text().map(|text| (text, slots.get_mut(text))) {
                Some((_, Some(slot))) => slot.required = true,
                // A part of an object may demand what another part has.
                Some((text, None)) if within.len() == 1 => {
                    found.lost(
                        name.span,
                        format!("that `{text}` is required, which is not among the properties"),
                    );
                }
                Some((_, None)) | None => {}
            }
        }
        within.pop();
        is_object
    }
}

/// Joins fields to those that are there.
fn join(slots: &mut Slots, more: Slots, how: Join, place: Span, found: &mut Findings) {
    if how == Join::Either {
        for (name, slot) in slots.iter_mut() {
            slot.required &= more.contains_key(name);
        }
    }
    for (name, mut slot) in more {
        let Some(before) = slots.get_mut(&name) else {
            slot.required &= how == Join::Both;
            slots.insert(name, slot);
            continue;
        };
        let first = std::mem::take(&mut before.shape);
        before.shape = match how {
            Join::Both => refine(first, slot.shape, place, found),
            Join::Either => choice::unify(first, slot.shape).unwrap_or_else(|| {
                found.lost(
                    place,
                    format!("that `{name}` has several types, depending on the others: it is any JSON"),
                );
                Shape::any()
            }),
        };
        match how {
            Join::Both => before.required |= slot.required,
            Join::Either => before.required &= slot.required,
        }
        before.read_only |= slot.read_only;
    }
}

/// Returns what is both of two types: the one that says more.
fn refine(a: Shape, b: Shape, place: Span, found: &mut Findings) -> Shape {
    let nullable = a.nullable && b.nullable;
    let fixed = |shape: &Shape| shape.json.contains_key("enum") || shape.json.contains_key("const");
    let (mut taken, other) = if b.is_any() || (fixed(&a) && !fixed(&b)) { (a, b) } else { (b, a) };
    let says_other = !other.is_any() && other.bare() != taken.bare();
    let narrows = other.kind() == taken.kind() && (fixed(&taken) || other.json.get("format").is_none());
    if says_other && !narrows {
        found.lost(place, "one of two types that a value has both: the last is taken");
    }
    for (name, value) in other.json {
        if scalar::ANNOTATIONS.contains(&name.as_str()) {
            taken.json.entry(name).or_insert(value);
        }
    }
    Shape { nullable, ..taken }
}

/// Returns the object that fields make.
pub(super) fn record(slots: Slots) -> Shape {
    if slots.is_empty() {
        return Shape::of(json!({ "type": "object" }));
    }
    let mut required: Vec<Json> = Vec::new();
    let mut properties = Map::new();
    for (name, slot) in slots {
        let (spelt, null_without_place) = slot.shape.spelt();
        // A field that may be null and one that may be left out are the same to rules.
        if slot.required && !null_without_place {
            required.push(name.clone().into());
        }
        properties.insert(name, spelt);
    }
    let mut json = Map::new();
    json.insert("type".to_owned(), "object".into());
    if !required.is_empty() {
        json.insert("required".to_owned(), required.into());
    }
    json.insert("properties".to_owned(), properties.into());
    Shape { json, nullable: false }
}
