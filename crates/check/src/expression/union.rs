//! Values of several types, told apart by a field: `payment is shop.CardPayment`, `payment.kind == "card"`, and arms of
//! `match payment.kind`. Where a value is known to be of one of the types, the fields that type always has are there.

use std::sync::Arc;

use hence_schema::Union;
use hence_syntax::ast::{Expression, ExpressionKind, MatchPattern, Path, TextPart};
use hence_types::Type;

use crate::checker::Checker;
use crate::environment::{Knowledge, Place};
use crate::errors::names::OtherVariant;
use crate::facts::{Facts, IsVariant, Use};

impl<'a> Checker<'a> {
    /// Returns what is known of a type that is a union.
    fn union_of(&self, ty: &Type) -> Option<&'a Union> {
        let Type::Record(record) = ty.required() else { return None };
        self.catalog.union(record.name.as_deref()?)
    }

    /// Checks `value is TYPE` of a union; whether the value is one.
    pub(super) fn is_variant(&mut self, expression: &Expression, ty: &Type, path: &Path) -> bool {
        let Some(union) = self.union_of(ty) else { return false };
        let full = path.text();
        // An event may be a union as well, and be asked for which event it is.
        if self.facts.events.iter().any(|event| **event == *full) {
            return false;
        }
        match union.variants.get(full.as_str()) {
            Some(variant) => {
                let (values, always) = (variant.values.clone(), variant.always.clone());
                self.set_variant(expression, ty, union, values, always);
            }
            None => {
                let candidates = union.variants.keys().map(ToString::to_string).collect();
                let of = ty.required().to_string();
                self.lost = true;
                self.report(OtherVariant { written: full, span: path.span, of, candidates });
            }
        }
        true
    }

    /// Notes that `value.tag == "text"` asks for one of the types of a union.
    pub(super) fn compares_tag(&mut self, expression: &Expression, left: &Expression, right: &Expression) {
        let ExpressionKind::Field { base, name, .. } = &left.ungrouped().kind else { return };
        let ty = self.facts.ty(base.id).clone();
        let (Some(union), Some(text)) = (self.union_of(&ty), literal(right)) else { return };
        if *union.tag != *name.text {
            return;
        }
        let is_so = |variant: &&hence_schema::Variant| variant.values.iter().any(|value| **value == *text);
        if let Some(variant) = union.variants.values().find(is_so) {
            self.set_variant(expression, &ty, union, vec![text.into()], variant.always.clone());
        }
    }

    fn set_variant(
        &mut self,
        expression: &Expression,
        ty: &Type,
        union: &Union,
        values: Vec<Arc<str>>,
        always: Vec<Arc<str>>,
    ) {
        let Type::Record(record) = ty.required() else { return };
        let index = record.fields.get_index_of(&*union.tag).unwrap_or(0);
        let tag = Arc::clone(&union.tag);
        let found = IsVariant { tag, index, values, always };
        self.facts.set_use(expression.id, Use::IsVariant(Arc::new(found)));
    }

    /// Returns what is known in an arm of `match value.tag`: the fields that all its types always have.
    pub(super) fn in_arm(&self, subject: &Expression, pattern: &MatchPattern) -> Vec<Knowledge> {
        let (ExpressionKind::Field { base, name, .. }, MatchPattern::Values(values)) =
            (&subject.ungrouped().kind, pattern)
        else {
            return Vec::new();
        };
        let ty = self.facts.ty(base.id);
        let Some(union) = self.union_of(ty).filter(|union| *union.tag == *name.text) else {
            return Vec::new();
        };
        let texts: Vec<String> = values.iter().filter_map(literal).collect();
        let taken = |variant: &&hence_schema::Variant| {
            variant.values.iter().any(|value| texts.iter().any(|text| **text == **value))
        };
        let mut variants = union.variants.values().filter(taken);
        let Some(first) = variants.next() else { return Vec::new() };
        let others: Vec<_> = variants.collect();
        let all = first.always.iter().filter(|field| others.iter().all(|other| other.always.contains(field)));
        known(base, all, &self.facts)
    }
}

/// Returns what is known where a value is of one of the types of a union.
pub(crate) fn narrowed(operand: &Expression, variant: &IsVariant, facts: &Facts) -> Vec<Knowledge> {
    known(operand, variant.always.iter(), facts)
}

fn known<'f>(
    operand: &Expression,
    fields: impl Iterator<Item = &'f Arc<str>>,
    facts: &Facts,
) -> Vec<Knowledge> {
    let Some(place) = Place::of(operand, facts) else { return Vec::new() };
    let fields = fields.map(|field| {
        let mut place = place.clone();
        place.path.push(field.to_string());
        Knowledge::Present(place)
    });
    std::iter::once(Knowledge::Present(place.clone())).chain(fields).collect()
}

/// The value of the text, if an expression is one.
fn literal(expression: &Expression) -> Option<String> {
    let ExpressionKind::Text(parts) = &expression.ungrouped().kind else { return None };
    match parts.as_slice() {
        [TextPart::Literal(text)] => Some(text.clone()),
        _ => None,
    }
}
