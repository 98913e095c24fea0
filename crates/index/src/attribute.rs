//! Attributes: the values of an event that conditions ask about. A slot, a field of a record in it, all elements of a
//! list in it, or the same as a text without its case.

use std::borrow::Cow;
use std::sync::Arc;

use hence_types::{Type, Value};
use hence_vm::{Decoded, MergedProjection, ReadId, View};

use crate::value::Kind;

/// The number of an attribute in an index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct AttributeId(pub(crate) u32);

/// Which attribute.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Attribute {
    pub(crate) read: ReadId,
    pub(crate) path: Vec<Step>,
    /// Whether letters are without their case.
    pub(crate) folded: bool,
}

/// A step from a value to what is asked about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Step {
    /// A field of a record.
    Field(Arc<str>),
    /// Every element of a list.
    Each,
}

/// A value of an attribute.
pub(crate) enum Item<'a> {
    Missing,
    Text(Cow<'a, str>),
    Value(&'a Value),
}

impl Attribute {
    pub(crate) fn of(read: ReadId) -> Self {
        Attribute { read, path: Vec::new(), folded: false }
    }

    /// Returns the attribute one step further.
    pub(crate) fn then(&self, step: Step) -> Self {
        let mut path = self.path.clone();
        path.push(step);
        Attribute { path, ..*self }
    }

    pub(crate) fn folded(self) -> Self {
        Attribute { folded: true, ..self }
    }

    /// Returns whether an event may have several values of it.
    pub(crate) fn is_many(&self) -> bool {
        self.path.contains(&Step::Each)
    }

    /// Returns the type of the values, optional if there may be none.
    pub(crate) fn ty(&self, projection: &MergedProjection) -> Option<Type> {
        let mut ty = projection.ty(self.read)?.clone();
        let mut is_optional = ty.is_optional();
        for step in &self.path {
            ty = match (step, ty.required()) {
                (Step::Each, Type::List(element)) => (**element).clone(),
                (Step::Field(name), Type::Record(record)) => record.fields.get(name)?.ty.clone(),
                _ => return None,
            };
            is_optional |= ty.is_optional();
        }
        Some(if is_optional { ty.optional() } else { ty })
    }

    /// Returns the kind of the values.
    pub(crate) fn kind(&self, projection: &MergedProjection) -> Kind {
        self.ty(projection).map_or(Kind::Other, |ty| Kind::of(&ty))
    }

    /// Calls back with each value that the event has of it; with a missing one where a value or the list is missing.
    pub(crate) fn visit(&self, decoded: &Decoded<'_>, visit: &mut dyn FnMut(Item<'_>)) {
        if self.path.is_empty() {
            match decoded.view(self.read) {
                View::Text(text) => visit(self.item(Cow::Borrowed(text))),
                View::Value(value) => visit(self.item_of(value)),
            }
        } else {
            self.walk(decoded.value(self.read), &self.path, visit);
        }
    }

    fn walk(&self, value: &Value, path: &[Step], visit: &mut dyn FnMut(Item<'_>)) {
        match (path, value) {
            ([], value) => visit(self.item_of(value)),
            ([Step::Each, rest @ ..], Value::List(list)) => {
                list.iter().for_each(|element| self.walk(element, rest, visit));
            }
            ([Step::Field(name), rest @ ..], Value::Record(record)) => {
                let place = record.shape.fields.get_index_of(name);
                match place.and_then(|place| record.fields.get(place)) {
                    Some(value) => self.walk(value, rest, visit),
                    None => visit(Item::Missing),
                }
            }
            _ => visit(Item::Missing),
        }
    }

    fn item<'a>(&self, text: Cow<'a, str>) -> Item<'a> {
        Item::Text(if self.folded { Cow::Owned(hence_builtins::folded(&text).into_owned()) } else { text })
    }

    fn item_of<'a>(&self, value: &'a Value) -> Item<'a> {
        if let Value::String(text) = value {
            self.item(Cow::Borrowed(text))
        } else if value.is_missing() {
            Item::Missing
        } else {
            Item::Value(value)
        }
    }
}
