//! `manual with (since: date)`: a person or the API starts the rule, with values of these types.

use std::sync::Arc;

use hence_diagnostics::Diagnostic;
use hence_schema::Catalog;
use hence_syntax::ast::{Parameter, Rule, TriggerKind};
use hence_types::{Field, MANUAL_RUN, Record, Type};

use super::Started;
use super::watched::Watched;
use crate::checker::Checker;
use crate::errors::trigger::{ManualTwice, ParameterTwice};
use crate::types;

/// Returns the shape of what is asked for. The first of two of one name counts.
pub(crate) fn asked_for(
    parameters: &[Parameter],
    catalog: &Catalog,
    diagnostics: &mut Vec<Diagnostic>,
) -> Record {
    let mut record = Record::default();
    for parameter in parameters {
        let ty = types::resolve(&parameter.ty, catalog, diagnostics);
        let field = Field { origin: Some(parameter.name.span), ..Field::plain(ty) };
        record.fields.entry(Arc::from(parameter.name.text.as_str())).or_insert(field);
    }
    record
}

impl Checker<'_> {
    pub(super) fn manual_trigger(&mut self, parameters: &[Parameter]) -> (Started, Watched) {
        let record = asked_for(parameters, self.catalog, &mut self.diagnostics);
        self.facts.broken |= record.fields.values().any(|field| *field.ty.required() == Type::Error);
        for parameter in parameters {
            let first = record.fields.get(parameter.name.text.as_str()).and_then(|field| field.origin);
            if let Some(first) = first.filter(|first| *first != parameter.name.span) {
                self.report(ParameterTwice { name: parameter.name.clone(), first });
            }
        }
        let record = Arc::new(record);
        ((Arc::from(MANUAL_RUN), record.clone()), Watched::Manual(record))
    }

    /// A rule asks for values once.
    pub(crate) fn one_manual_trigger(&mut self, rule: &Rule) {
        let manual = rule.triggers.iter().filter(|trigger| matches!(trigger.kind, TriggerKind::Manual(_)));
        let places: Vec<_> = manual.map(|trigger| trigger.span).collect();
        if let [first, second, ..] = places.as_slice() {
            self.report(ManualTwice { span: *second, first: *first });
        }
    }
}
