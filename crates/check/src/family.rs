//! Rule families: the rows that become rules, known when the rule is checked.

use std::collections::BTreeMap;
use std::sync::Arc;

use hence_diagnostics::Span;
use hence_syntax::MAX_ROWS;
use hence_syntax::ast::{Expression, ExpressionKind, Family, Rule, TextPart};
use hence_types::{Enumeration, Field, Record, Type, Value};

use crate::checker::{Checker, Within};
use crate::declarations::TableRows;
use crate::errors::table::{DuplicateKey, FamilyRows, TooManyRows};
use crate::evaluate::{evaluate, record, type_of};
use crate::facts::{FamilyRow, Use};

/// The field of a table's row that has its result.
const RESULT: &str = "result";

/// Texts of a row's column are known to be one of these; of more, only that they are texts.
const MAX_VALUES: usize = 50;

/// A row before its key and title are known.
struct Element {
    value: Value,
    span: Span,
}

impl Checker<'_> {
    /// Finds the rows of a family and brings their name into scope.
    pub(crate) fn family(&mut self, rule: &Rule, family: &Family) {
        let before = self.diagnostics.len();
        let (elements, ty) = self.elements(rule, family);
        self.bind(&family.row, family.id, ty, Some(family.row.span));
        let within = std::mem::replace(&mut self.within, Within::Constant);
        self.text(&family.title);
        self.within = within;
        if elements.len() > MAX_ROWS {
            self.report(TooManyRows { found: elements.len(), most: MAX_ROWS, span: family.rows.span });
        }
        if self.diagnostics.len() > before {
            return;
        }
        let rows = self.named(rule, family, elements);
        self.facts.family = Some(rows);
    }

    /// Gives each row its key and its title. Rows of one key are reported.
    fn named(&mut self, rule: &Rule, family: &Family, elements: Vec<Element>) -> Vec<FamilyRow> {
        let mut keys: BTreeMap<String, Span> = BTreeMap::new();
        let mut rows = Vec::with_capacity(elements.len());
        for Element { value, span } in elements {
            let key = if let Value::Record(record) = &value {
                record.fields.first().map(Value::to_text).unwrap_or_default()
            } else {
                value.to_text()
            };
            if let Some(first) = keys.get(&key) {
                self.report(DuplicateKey { key, span, first: *first, family: family.span });
                continue;
            }
            keys.insert(key.clone(), span);
            let names = |name: &str| (name == family.row.text).then(|| value.clone());
            let title = family.title.iter().map(|part| match part {
                TextPart::Literal(literal) => literal.clone(),
                TextPart::Expression(part) => {
                    let constant =
                        |name: &str| names(name).or_else(|| self.declarations.values.get(name).cloned());
                    evaluate(part, &constant, &self.zone).map(|value| value.to_text()).unwrap_or_default()
                }
            });
            let title = if rule.title.is_some() { title.collect() } else { String::new() };
            rows.push(FamilyRow { key, title, value });
        }
        rows
    }

    /// Returns the rows and the type they have.
    fn elements(&mut self, rule: &Rule, family: &Family) -> (Vec<Element>, Type) {
        if let ExpressionKind::Name(name) = &family.rows.ungrouped().kind {
            if let Some(table) = self.declarations.tables.get(&name.text) {
                self.facts.set_use(family.rows.ungrouped().id, Use::Function(name.text.clone()));
                return self.rows_of_table(rule, family, &table.what.rows);
            }
            if self.declarations.broken.contains(&name.text) {
                self.facts.broken = true;
                return (Vec::new(), Type::Error);
            }
        }
        let within = std::mem::replace(&mut self.within, Within::Constant);
        let before = self.diagnostics.len();
        let ty = self.expression(&family.rows);
        self.within = within;
        if self.diagnostics.len() > before {
            return (Vec::new(), Type::Error);
        }
        let names = |name: &str| self.declarations.values.get(name).cloned();
        let value = evaluate(&family.rows, &names, &self.zone);
        let Some(values) = value.as_ref().and_then(Value::as_list) else {
            let message = if matches!(ty, Type::List(_)) {
                "these rows are not known when the rule is checked".to_owned()
            } else {
                format!("the rows of a family are a table or a list, not `{ty}`")
            };
            let span = family.rows.span;
            self.report(FamilyRows { span, message, label: "no table and no known list", family: None });
            return (Vec::new(), Type::Error);
        };
        let spans = spans(&family.rows, values.len());
        let elements = values.iter().zip(spans).map(|(value, span)| Element { value: value.clone(), span });
        let element = if let Type::List(element) = &ty { element.as_ref().clone() } else { Type::Error };
        let element = if element == Type::String { texts(values.iter()) } else { element };
        (elements.collect(), element)
    }

    /// The rows of a table: the plain values of its cells and results. A column with other cells than plain values
    /// can be a column of the table, but no field of the row.
    fn rows_of_table(&mut self, rule: &Rule, family: &Family, rows: &TableRows) -> (Vec<Element>, Type) {
        let used = fields_used(rule, family);
        let mut shape = Record::default();
        let mut broken = false;
        for (column, (name, ty)) in rows.columns.iter().enumerate() {
            let unknown = rows.rows.iter().find_map(|row| match row.cells.get(column) {
                Some((span, None)) => Some(*span),
                Some((_, Some(_))) | None => None,
            });
            let ty = match unknown {
                Some(span) if column == 0 || used.contains(name) => {
                    let message = format!("`{name}` of this row is no plain value");
                    let label = "a rule is made of values";
                    self.report(FamilyRows { span, message, label, family: Some(family.span) });
                    broken = true;
                    Type::Error
                }
                Some(_) => continue,
                None if *ty.required() == Type::String => {
                    texts(rows.rows.iter().filter_map(|row| row.cells.get(column)?.1.as_ref()))
                }
                None => ty.required().clone(),
            };
            shape.fields.insert(Arc::from(name.as_str()), Field::plain(ty));
        }
        if broken {
            return (Vec::new(), Type::Record(Arc::new(shape)));
        }
        let elements = rows.rows.iter().map(|row| {
            let named = rows.columns.iter().zip(&row.cells);
            let fields = named
                .filter(|((name, _), _)| shape.fields.contains_key(name.as_str()))
                .map(|((name, _), (_, value))| (name.clone(), value.clone().unwrap_or(Value::Missing)));
            Element { value: record(fields.collect()), span: row.span }
        });
        (elements.collect(), Type::Record(Arc::new(shape)))
    }
}

/// Returns the name of the column of results.
pub(crate) fn result_name() -> String {
    RESULT.to_owned()
}

/// The type of texts of which all are known.
fn texts<'v>(values: impl Iterator<Item = &'v Value>) -> Type {
    let mut known: Vec<Arc<str>> = Vec::new();
    for value in values {
        let Value::String(text) = value else { return type_of(value) };
        if !known.iter().any(|own| **own == **text) {
            known.push(text.into());
        }
        if known.len() > MAX_VALUES {
            return Type::String;
        }
    }
    Type::Enum(Arc::new(Enumeration { name: None, values: known, origin: None }))
}

/// Returns the places of a list's elements.
fn spans(rows: &Expression, count: usize) -> Vec<Span> {
    if let ExpressionKind::List(elements) = &rows.ungrouped().kind
        && elements.len() == count
    {
        return elements.iter().map(|element| element.span).collect();
    }
    vec![rows.span; count]
}

/// Returns the fields of the row that a rule reads.
fn fields_used(rule: &Rule, family: &Family) -> Vec<String> {
    let mut expressions: Vec<&Expression> = Vec::new();
    crate::constant::in_rule(rule, &mut expressions);
    expressions.extend(family.title.iter().filter_map(|part| match part {
        TextPart::Expression(expression) => Some(expression),
        TextPart::Literal(_) => None,
    }));
    let mut used = Vec::new();
    for expression in expressions {
        crate::expression::visit::visit(expression, &mut |part| {
            if let ExpressionKind::Field { base, name, .. } = &part.kind
                && let ExpressionKind::Name(row) = &base.kind
                && row.text == family.row.text
            {
                used.push(name.text.clone());
            }
        });
    }
    used
}
