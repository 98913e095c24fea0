//! From the JSON Schema dialect of integration files to types.
//!
//! What the published schema already refuses is passed over here in silence and becomes the error type. Reported
//! is what it cannot know: references to nothing, names in `required` without a field, currencies in fields that
//! are not there. A reference back to a type that is being read becomes `json`, so that every type is a tree.

mod record;
mod union;

#[cfg(test)]
mod tests;

pub(crate) use record::{currency, currency_problem, payload_currencies};

use std::collections::HashMap;
use std::sync::Arc;

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span, nearest};
use hence_types::{Amount, Currency, CurrencySource, Enumeration, Type, Wire};
use indexmap::IndexMap;

use crate::Union;
use crate::json::{Node, Value, inside};

/// How deep types may stand in each other, references followed.
const MAXIMUM_DEPTH: usize = 64;

/// How many named types one type may be unfolded to. Only types that refer to each other in many ways come near.
const MAXIMUM_UNFOLDED: usize = 2_000;

/// An integration file that could be read as JSON.
#[derive(Debug)]
pub(crate) struct Document {
    /// The integration's id.
    pub(crate) id: String,
    /// Its content.
    pub(crate) root: Node,
    /// Whether to read the examples: not where the file's text is not quite JSON, and not in shipped files.
    pub(crate) check_examples: bool,
}

/// A type and how its values are spelt.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    pub(crate) ty: Type,
    pub(crate) wire: Wire,
    pub(crate) sensitive: bool,
}

impl Shape {
    fn plain(ty: Type) -> Self {
        Shape { ty, wire: Wire::Plain, sensitive: false }
    }

    fn spelt(ty: Type, wire: Wire) -> Self {
        Shape { ty, wire, sensitive: false }
    }
}

/// A named type: the integration's id and the name.
type Name<'a> = (&'a str, &'a str);

/// A named type that was read to its end.
struct Finished {
    shape: Shape,
    /// Whether it refers back to itself. What it is inside another type then depends on that type.
    on_circle: bool,
}

/// Reads types and follows references between the files.
pub(crate) struct Resolver<'a> {
    /// The files, by id.
    documents: &'a IndexMap<String, Document>,
    /// Whether all files are there, so that a reference to another is an error.
    complete: bool,
    finished: HashMap<Name<'a>, Finished>,
    /// The named types being read, outermost first.
    open: Vec<Name<'a>>,
    /// The outermost open type that something read since refers back to.
    closes: usize,
    depth: usize,
    unfolded: usize,
    /// The unions that were read, by their full names.
    pub(crate) unions: IndexMap<Arc<str>, Union>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

impl<'a> Resolver<'a> {
    pub(crate) fn new(documents: &'a IndexMap<String, Document>, complete: bool) -> Self {
        Resolver {
            documents,
            complete,
            finished: HashMap::new(),
            open: Vec::new(),
            closes: usize::MAX,
            depth: 0,
            unfolded: 0,
            unions: IndexMap::new(),
            diagnostics: Vec::new(),
        }
    }

    /// Returns whether all files are there.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Returns the files, by id.
    pub(crate) fn documents(&self) -> &'a IndexMap<String, Document> {
        self.documents
    }

    pub(crate) fn report(&mut self, span: Span, message: impl Into<String>) -> &mut Diagnostic {
        self.diagnostics.push_mut(Diagnostic::new(Code::IntegrationFormat, span, message))
    }

    /// Reads the type `name` of the integration `id`.
    pub(crate) fn named(&mut self, id: &'a str, name: &'a str) -> Option<Shape> {
        let member = self.documents.get(id)?.root.get("types")?.member(name)?;
        if let Some(finished) = self.finished.get(&(id, name))
            && (!finished.on_circle || self.open.is_empty())
        {
            return Some(finished.shape.clone());
        }
        if let Some(place) = self.open.iter().position(|open| *open == (id, name)) {
            self.closes = self.closes.min(place);
            return Some(Shape::plain(Type::Json));
        }
        let place = self.open.len();
        if place == 0 {
            self.unfolded = 0;
        }
        self.unfolded += 1;
        if self.unfolded > MAXIMUM_UNFOLDED {
            self.closes = 0;
            return Some(Shape::plain(Type::Json));
        }
        self.open.push((id, name));
        let before = std::mem::replace(&mut self.closes, usize::MAX);
        let full_name: Arc<str> = format!("{id}.{name}").into();
        let shape = self.schema(id, &member.value, Some(full_name), member.name_span);
        self.open.pop();
        if self.closes >= place {
            // Nothing inside refers to what this type is part of.
            let on_circle = self.closes == place;
            self.finished.insert((id, name), Finished { shape: shape.clone(), on_circle });
            self.closes = usize::MAX;
        }
        self.closes = self.closes.min(before);
        Some(shape)
    }

    /// Reads a type. `origin` is where it is declared: its name, or the name of the member that holds it.
    pub(crate) fn schema(
        &mut self,
        id: &'a str,
        node: &'a Node,
        name: Option<Arc<str>>,
        origin: Span,
    ) -> Shape {
        if self.depth >= MAXIMUM_DEPTH {
            self.report(origin, format!("the type nests more than {MAXIMUM_DEPTH} levels deep"));
            return Shape::plain(Type::Error);
        }
        self.depth += 1;
        let mut shape = self.shape(id, node, name, origin);
        self.depth -= 1;
        shape.sensitive |= node.get("sensitive").and_then(Node::as_bool) == Some(true);
        if is_nullable(node) {
            shape.ty = shape.ty.optional();
        }
        shape
    }

    fn shape(&mut self, id: &'a str, node: &'a Node, name: Option<Arc<str>>, origin: Span) -> Shape {
        if let Some(reference) = node.get("$ref") {
            return self.reference(id, reference);
        }
        if let Some(variants) = node.get("oneOf") {
            return self.union(id, node, variants, name, origin);
        }
        if node.get("enum").is_some() || node.get("const").is_some() {
            return Shape::plain(Type::Enum(Arc::new(enumeration(node, name, origin))));
        }
        if node.get("allOf").is_some() || node.get("properties").is_some() {
            return Shape::plain(Type::Record(Arc::new(self.record(id, node, name, origin))));
        }
        let format = node.get("format").and_then(Node::as_text).unwrap_or_default();
        match kind(node).unwrap_or_default() {
            "string" => text(format, node),
            "integer" => integer(format, node),
            "number" => number(format, node),
            "boolean" => Shape::plain(Type::Bool),
            "array" => match node.member("items") {
                Some(items) => {
                    let each = self.schema(id, &items.value, None, origin);
                    elements(each, |ty| Type::List(Arc::new(ty)))
                }
                None => Shape::plain(Type::List(Arc::new(Type::Json))),
            },
            "object" => match node.member("additionalProperties") {
                Some(values) => {
                    let each = self.schema(id, &values.value, None, origin);
                    elements(each, |ty| Type::Map(Arc::new(ty)))
                }
                None => Shape::plain(Type::Json),
            },
            _ if node.get("type").is_some() || node.as_object().is_none() => Shape::plain(Type::Error),
            _ => Shape::plain(Type::Json),
        }
    }

    pub(super) fn reference(&mut self, id: &'a str, reference: &'a Node) -> Shape {
        let unknown = Shape::plain(Type::Error);
        let Some(text) = reference.as_text() else { return unknown };
        let Some((other, name)) = text.split_once("#/types/") else { return unknown };
        let target = if other.is_empty() { id } else { other };
        if let Some(shape) = self.named(target, name) {
            return shape;
        }
        let Some(document) = self.documents.get(target) else {
            if self.complete {
                let known = self.documents.keys().map(String::as_str);
                let near = nearest(target, known).map(|near| (near, format!("{near}#/types/{name}")));
                self.unknown(reference.span, format!("there is no integration `{target}`"), near);
            }
            return unknown;
        };
        let known = document.root.get("types").into_iter().flat_map(Node::members).map(|(name, _)| name);
        let near = nearest(name, known).map(|near| (near, format!("{other}#/types/{near}")));
        self.unknown(reference.span, format!("`{target}` has no type `{name}`"), near);
        unknown
    }

    /// Reports a name that means nothing, with the name meant and the text to write for it, if one is near.
    pub(crate) fn unknown(&mut self, span: Span, message: String, near: Option<(&str, String)>) {
        let mut diagnostic = Diagnostic::new(Code::UnknownReference, span, message);
        if let Some((near, text)) = near {
            diagnostic.helps.push(format!("did you mean `{near}`?"));
            let title = format!("write `{text}`");
            diagnostic.fixes.push(Fix::replace(Applicability::Likely, inside(span), text, title));
        }
        self.diagnostics.push(diagnostic);
    }
}

/// Returns the kind of value a schema names, `null` beside it not counted.
fn kind(node: &Node) -> Option<&str> {
    let kind = node.get("type")?;
    kind.as_text().or_else(|| kind.items().filter_map(Node::as_text).find(|kind| *kind != "null"))
}

fn is_nullable(node: &Node) -> bool {
    let beside =
        node.get("type").into_iter().flat_map(Node::items).any(|kind| kind.as_text() == Some("null"));
    beside || node.get("enum").into_iter().flat_map(Node::items).any(|value| value.value == Value::Null)
}

fn enumeration(node: &Node, name: Option<Arc<str>>, origin: Span) -> Enumeration {
    let listed = node.get("enum").into_iter().flat_map(Node::items);
    let values = listed.chain(node.get("const")).filter_map(Node::as_text).map(Arc::from).collect();
    Enumeration { name, values, origin: Some(origin) }
}

fn elements(each: Shape, of: impl Fn(Type) -> Type) -> Shape {
    let wire = if each.wire == Wire::Plain { Wire::Plain } else { Wire::Each(Box::new(each.wire)) };
    Shape { ty: if each.ty.is_error() { Type::Error } else { of(each.ty) }, wire, sensitive: each.sensitive }
}

fn text(format: &str, node: &Node) -> Shape {
    match format {
        "date" => Shape::plain(Type::Date),
        "time" => Shape::plain(Type::Time),
        "date-time" => Shape::plain(Type::DateTime),
        "duration" => Shape::plain(Type::Duration),
        "period" => Shape::plain(Type::Period),
        "decimal" => Shape::spelt(Type::Decimal, Wire::Text),
        "integer" => Shape::spelt(Type::Int, Wire::Text),
        "percent" => Shape::spelt(Type::Percent, Wire::Text),
        "money" => money(Amount::Text, node),
        "comma-separated" => Shape::spelt(Type::List(Arc::new(Type::String)), Wire::CommaSeparated),
        _ => Shape::plain(Type::String),
    }
}

fn integer(format: &str, node: &Node) -> Shape {
    match format {
        "epoch-seconds" => Shape::spelt(Type::DateTime, Wire::EpochSeconds),
        "epoch-millis" => Shape::spelt(Type::DateTime, Wire::EpochMillis),
        "money-minor" => money(Amount::MinorUnits, node),
        _ => Shape::plain(Type::Int),
    }
}

fn number(format: &str, node: &Node) -> Shape {
    match format {
        "money" => money(Amount::Number, node),
        "percent" => Shape::plain(Type::Percent),
        "double" => Shape::plain(Type::Float),
        _ => Shape::plain(Type::Decimal),
    }
}

fn money(amount: Amount, node: &Node) -> Shape {
    let Some(currency) = node.get("currency") else { return Shape::plain(Type::Error) };
    let field = |name| currency.get(name).and_then(Node::as_text).map(Arc::from);
    let fixed = currency.as_text().and_then(Currency::parse);
    let source = fixed
        .map(CurrencySource::Fixed)
        .or_else(|| field("field").map(CurrencySource::Sibling))
        .or_else(|| field("payload").map(CurrencySource::Payload));
    match source {
        Some(currency) => Shape::spelt(Type::Money(fixed), Wire::Money { amount, currency }),
        None => Shape::plain(Type::Error),
    }
}
