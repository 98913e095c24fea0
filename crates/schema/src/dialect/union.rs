//! Types of which a field tells what a value is: `oneOf` with `discriminator`.
//!
//! Such a type becomes a record of the fields of all its types. So fields of one name have one type in all of them, and
//! nothing that reads payloads has to know of unions; what a rule may read of them is the checker's to say.

use std::sync::Arc;

use hence_diagnostics::Span;
use hence_types::{Enumeration, Field, Record, Type};
use indexmap::IndexMap;

use super::{Resolver, Shape};
use crate::json::Node;
use crate::{Union, Variant};

/// One of the types while they are put together.
struct Part<'a> {
    place: Span,
    reference: &'a str,
    record: Arc<Record>,
}

impl<'a> Resolver<'a> {
    pub(super) fn union(
        &mut self,
        id: &'a str,
        node: &'a Node,
        variants: &'a Node,
        name: Option<Arc<str>>,
        origin: Span,
    ) -> Shape {
        let error = Shape::plain(Type::Error);
        let Some(name) = name else {
            let message = "types of `oneOf` have a name: write them under `types` and refer to them";
            self.report(variants.span, message);
            return error;
        };
        let Some(tag) = node.pointer("/discriminator/propertyName").and_then(Node::as_text) else {
            return error;
        };
        let before = self.diagnostics.len();
        let parts: Vec<Part<'a>> = variants.items().filter_map(|variant| self.part(id, variant)).collect();
        let mut union = Union { tag: tag.into(), variants: IndexMap::new() };
        let mut all: Vec<Arc<str>> = Vec::new();
        for part in &parts {
            let values = self.values(node, part, tag);
            if let Some(twice) = values.iter().find(|value| all.contains(value)) {
                self.report(part.place, format!("`{twice}` stands for two of the types"));
            }
            all.extend(values.iter().cloned());
            let always = part.record.fields.iter().filter(|(_, field)| !field.ty.is_optional());
            let always = always.map(|(name, _)| Arc::clone(name)).collect();
            if let Some(name) = &part.record.name {
                union.variants.insert(Arc::clone(name), Variant { values, always });
            }
        }
        let fields = self.merged(&parts, tag, all, origin);
        if self.diagnostics.len() > before || parts.len() < 2 {
            return error;
        }
        self.unions.insert(Arc::clone(&name), union);
        Shape::plain(Type::Record(Arc::new(Record { name: Some(name), fields, origin: Some(origin) })))
    }

    fn part(&mut self, id: &'a str, variant: &'a Node) -> Option<Part<'a>> {
        let node = variant.get("$ref")?;
        let reference = node.as_text()?;
        let shape = self.reference(id, node);
        if let Type::Record(record) = &shape.ty {
            return Some(Part { place: node.span, reference, record: Arc::clone(record) });
        }
        if !shape.ty.is_error() {
            self.report(node.span, "`oneOf` takes objects with `properties` only, not in a circle");
        }
        None
    }

    /// Returns the values of the field that tells, for one of the types.
    fn values(&mut self, node: &'a Node, part: &Part<'a>, tag: &str) -> Vec<Arc<str>> {
        if let Some(mapping) = node.pointer("/discriminator/mapping") {
            let of_part =
                mapping.members().filter(|(_, member)| member.value.as_text() == Some(part.reference));
            let values: Vec<Arc<str>> = of_part.map(|(value, _)| Arc::from(value)).collect();
            if values.is_empty() {
                self.report(part.place, "no value of `mapping` stands for this type");
            }
            return values;
        }
        if let Some(Type::Enum(enumeration)) = part.record.fields.get(tag).map(|field| &field.ty) {
            return enumeration.values.clone();
        }
        self.report(
            part.place,
            format!("this type has no fixed `{tag}`: a `const`, or a value of `mapping`"),
        );
        Vec::new()
    }

    /// Returns the fields of all types. Those that not all of them have may be missing.
    fn merged(
        &mut self,
        parts: &[Part<'a>],
        tag: &str,
        values: Vec<Arc<str>>,
        origin: Span,
    ) -> IndexMap<Arc<str>, Field> {
        let enumeration = Enumeration { name: None, values, origin: Some(origin) };
        let mut fields: IndexMap<Arc<str>, Field> = IndexMap::new();
        let told = Field { origin: Some(origin), ..Field::plain(Type::Enum(Arc::new(enumeration))) };
        fields.insert(tag.into(), told);
        for part in parts {
            for (name, field) in part.record.fields.iter().filter(|(name, _)| ***name != *tag) {
                let Some(before) = fields.get_mut(name) else {
                    fields.insert(Arc::clone(name), field.clone());
                    continue;
                };
                let same_type = before.ty.required() == field.ty.required();
                if !same_type || before.wire != field.wire {
                    let message = format!(
                        "`{name}` is `{}` in one of the types and `{}` in another: fields of one name have one type",
                        before.ty.required(),
                        field.ty.required()
                    );
                    self.report(part.place, message);
                    continue;
                }
                before.sensitive |= field.sensitive;
                if field.ty.is_optional() {
                    before.ty = before.ty.clone().optional();
                }
            }
        }
        for (name, field) in fields.iter_mut().skip(1) {
            if parts.iter().any(|part| !part.record.fields.contains_key(name)) {
                field.ty = field.ty.clone().optional();
            }
        }
        fields
    }
}
