//! Objects with fields: `properties`, `required`, `allOf`.

use std::collections::HashSet;
use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic, Span, nearest};
use hence_types::{CurrencySource, Field, Record, Type, Wire};
use indexmap::IndexMap;

use super::Resolver;
use crate::format::meant;
use crate::json::{Member, Node};

/// An object as it is written: its own parts, and the fields it takes over from named types.
#[derive(Default)]
struct Written<'a> {
    inherited: Vec<Arc<Record>>,
    properties: Vec<(&'a str, &'a Member)>,
    required: Vec<&'a Node>,
    /// Whether all parts could be read, so that what is not there is really not there.
    whole: bool,
}

impl<'a> Resolver<'a> {
    pub(super) fn record(
        &mut self,
        id: &'a str,
        node: &'a Node,
        name: Option<Arc<str>>,
        origin: Span,
    ) -> Record {
        let mut written = Written { whole: true, ..Written::default() };
        self.gather(id, node, origin, &mut written);
        let mut fields: IndexMap<Arc<str>, Field> = IndexMap::new();
        for record in &written.inherited {
            fields.extend(record.fields.iter().map(|(name, field)| (name.clone(), field.clone())));
        }
        for (name, member) in &written.properties {
            let always = written.required.iter().any(|required| required.as_text() == Some(name));
            let shape = self.schema(id, &member.value, None, member.name_span);
            let field = Field {
                ty: if always { shape.ty } else { shape.ty.optional() },
                wire: shape.wire,
                doc: member.value.get("description").and_then(Node::as_text).unwrap_or_default().to_owned(),
                sensitive: shape.sensitive,
                origin: Some(member.name_span),
            };
            fields.insert((*name).into(), field);
        }
        if written.whole {
            self.check_required(&written.required, &fields);
            self.check_currencies(&written.properties, &fields);
        }
        Record { name, fields, origin: Some(origin) }
    }

    /// Collects the parts of an object, those of `allOf` first.
    fn gather(&mut self, id: &'a str, node: &'a Node, origin: Span, written: &mut Written<'a>) {
        for part in node.get("allOf").into_iter().flat_map(Node::items) {
            if part.get("$ref").is_none() && super::kind(part).is_none_or(|kind| kind == "object") {
                self.gather(id, part, origin, written);
                continue;
            }
            let shape = self.schema(id, part, None, origin);
            if let Type::Record(record) = shape.ty.required() {
                written.inherited.push(record.clone());
                continue;
            }
            written.whole = false;
            if !shape.ty.is_error() {
                self.report(part.span, "`allOf` takes objects with `properties` only");
            }
        }
        written.properties.extend(node.get("properties").into_iter().flat_map(Node::members));
        written.required.extend(node.get("required").into_iter().flat_map(Node::items));
    }

    /// Reports names in `required` that no field has. JSON Schema allows them, but they are slips.
    fn check_required(&mut self, required: &[&Node], fields: &IndexMap<Arc<str>, Field>) {
        for node in required {
            let Some(name) = node.as_text().filter(|name| !fields.contains_key(*name)) else { continue };
            let message = format!("`required` names `{name}`, which is not among the properties");
            let problem = self.report(node.span, message);
            if let Some(near) = nearest(name, fields.keys().map(|name| &**name)) {
                *problem = meant(problem.clone(), node.span, near);
            }
        }
    }

    /// Reports amounts whose currency stands in a field that the object does not have, or that is no text.
    fn check_currencies(&mut self, properties: &[(&str, &Member)], fields: &IndexMap<Arc<str>, Field>) {
        for (name, member) in properties {
            let Some(CurrencySource::Sibling(sibling)) =
                fields.get(*name).and_then(|field| currency(&field.wire))
            else {
                continue;
            };
            let place = member.value.get("currency").and_then(|currency| currency.get("field"));
            let place = place.map(|place| place.span);
            let problem = currency_problem(sibling, place, member.name_span, fields, "the object");
            self.diagnostics.extend(problem);
        }
    }
}

/// Returns where the currency of an amount, or of a list of amounts, stands.
pub(crate) fn currency(wire: &Wire) -> Option<&CurrencySource> {
    match wire {
        Wire::Money { currency, .. } => Some(currency),
        Wire::Each(each) => currency(each),
        Wire::Plain | Wire::Text | Wire::EpochSeconds | Wire::EpochMillis | Wire::CommaSeparated => None,
    }
}

/// Returns the fields of a payload in which amounts anywhere in it look for their currency, each with an amount.
pub(crate) fn payload_currencies(payload: &Arc<Record>) -> Vec<(Arc<str>, &Field)> {
    let mut found = Vec::new();
    // Types share their parts; without this, types that hold each other in many ways would take forever.
    let mut seen = HashSet::new();
    let mut open: Vec<&Arc<Record>> = vec![payload];
    while let Some(record) = open.pop() {
        if !seen.insert(Arc::as_ptr(record)) {
            continue;
        }
        for field in record.fields.values() {
            if let Some(CurrencySource::Payload(wanted)) = currency(&field.wire) {
                found.push((wanted.clone(), field));
            }
            open.extend(inner_record(&field.ty));
        }
    }
    found
}

/// Returns the record that a type is, or is a list or map of.
fn inner_record(ty: &Type) -> Option<&Arc<Record>> {
    if let Type::Record(record) = ty {
        Some(record)
    } else if let Type::Optional(inner) | Type::List(inner) | Type::Map(inner) = ty {
        inner_record(inner)
    } else {
        None
    }
}

/// Returns what is wrong with a currency that is said to stand in the field `wanted` of `owner`. The text that
/// says so is at `place`, in the field declared at `origin`.
pub(crate) fn currency_problem(
    wanted: &str,
    place: Option<Span>,
    origin: Span,
    fields: &IndexMap<Arc<str>, Field>,
    owner: &str,
) -> Option<Diagnostic> {
    let message = match fields.get(wanted) {
        Some(field) if field.ty.required().is_text() || field.ty.required().is_error() => return None,
        Some(_) => format!("the currency's field `{wanted}` is no text"),
        None => format!("the currency's field `{wanted}` is not in {owner}"),
    };
    let diagnostic = Diagnostic::new(Code::IntegrationFormat, place.unwrap_or(origin), message);
    let texts = fields.iter().filter(|(_, field)| field.ty.required().is_text()).map(|(name, _)| &**name);
    match (nearest(wanted, texts), place) {
        (Some(near), Some(place)) => Some(meant(diagnostic, place, near)),
        (Some(near), None) => Some(diagnostic.help(format!("did you mean `{near}`?"))),
        (None, _) => Some(diagnostic),
    }
}
