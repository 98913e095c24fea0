//! Decision tables and the rows of a rule family.

use hence_diagnostics::{Code, Diagnostic, Span};
use pest::Parser;
use pest::iterators::Pair;

use super::{Builder, characters};
use crate::ast::{
    BinaryOperator, Cell, Expression, ExpressionKind, Family, HitPolicy, Parameter, Presence, Row, Table,
};
use crate::grammar::{Grammar, Rule};

impl Builder<'_> {
    pub(super) fn table(&mut self, pair: Pair<'_, Rule>) -> Option<Table> {
        let mut name = None;
        let mut parameters = Vec::new();
        let mut result = None;
        let mut policy = HitPolicy::First;
        let mut policy_span = None;
        let mut file = None;
        let mut rows = Some(Vec::new());
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                Rule::parameter => parameters.extend(self.parameter(part)),
                Rule::type_ => result = self.type_expression(part),
                Rule::hit_policy => {
                    policy_span = Some(self.span(&part));
                    policy = match part.into_inner().next().map(|word| word.as_rule()) {
                        Some(Rule::one) => HitPolicy::One,
                        Some(Rule::all) => HitPolicy::All,
                        _ => HitPolicy::First,
                    };
                }
                Rule::table_file => {
                    let text = part.into_inner().find(|inner| inner.as_rule() == Rule::text);
                    let span = text.map(|text| self.span(&text))?;
                    file = Some((self.plain_text(span), span));
                }
                Rule::table_rows => rows = self.rows(part, &parameters),
                _ => {}
            }
        }
        Some(Table { name: name?, parameters, result: result?, policy, policy_span, file, rows: rows? })
    }

    /// Cuts the cells into rows: a row begins where `|` is the first on its line. Nothing if a row has too many
    /// or too few cells, which is reported.
    fn rows(&mut self, pair: Pair<'_, Rule>, parameters: &[Parameter]) -> Option<Vec<Row>> {
        let mut lines: Vec<Vec<(Span, Pair<'_, Rule>)>> = Vec::new();
        for cell in pair.into_inner().filter(|part| part.as_rule() == Rule::row_cell) {
            let pipe = self.span(&cell).before();
            let before = self.text.get(..pipe.start as usize).unwrap_or_default();
            let starts_line = before.rsplit('\n').next().is_some_and(|line| line.trim().is_empty());
            let inner = cell.into_inner().find(|part| part.as_rule() == Rule::cell)?;
            match lines.last_mut() {
                Some(line) if !starts_line => line.push((pipe, inner)),
                _ => lines.push(vec![(pipe, inner)]),
            }
        }
        let mut rows = Some(Vec::new());
        for line in lines {
            let row = self.row(line, parameters);
            rows = rows.zip(row).map(|(mut rows, row)| {
                rows.push(row);
                rows
            });
        }
        rows
    }

    fn row(&mut self, mut line: Vec<(Span, Pair<'_, Rule>)>, parameters: &[Parameter]) -> Option<Row> {
        let first = line.first().map(|(pipe, _)| *pipe)?;
        let last = line.last().map(|(_, cell)| self.span(cell))?;
        let span = first.to(last);
        if line.len() != parameters.len() + 1 {
            let (found, wanted) = (line.len(), parameters.len() + 1);
            let names: Vec<&str> = parameters.iter().map(|parameter| parameter.name.text.as_str()).collect();
            self.report(
                Diagnostic::new(
                    Code::TableRow,
                    span,
                    format!("this row has {}, not {wanted}", count(found, "cell")),
                )
                .label(if found < wanted { "cells are missing" } else { "too many cells" })
                .help(format!("a row stands on a line of its own: | {} | the result", names.join(" | "))),
            );
            return None;
        }
        let (_, result) = line.pop()?;
        let cells = line.into_iter().zip(parameters).map(|((_, cell), parameter)| self.cell(cell, parameter));
        let cells = cells.collect();
        let result = self.result(result)?;
        Some(Row { span, cells, result })
    }

    /// The last cell of a row: a value alone.
    fn result(&mut self, pair: Pair<'_, Rule>) -> Option<Expression> {
        let span = self.span(&pair);
        let inner = pair.into_inner().next()?;
        let mut parts = inner.clone().into_inner();
        let value = parts.next().filter(|part| part.as_rule() == Rule::expression);
        match (inner.as_rule(), value, parts.next()) {
            (Rule::value_cell, Some(value), None) => Some(self.expression(value)),
            _ => {
                self.report(
                    Diagnostic::new(Code::TableRow, span, "the last cell of a row is its result")
                        .label("a test, not a value"),
                );
                None
            }
        }
    }

    /// Builds a cell: the condition that it puts on its parameter.
    pub(super) fn cell(&mut self, pair: Pair<'_, Rule>, parameter: &Parameter) -> Cell {
        let span = self.span(&pair);
        let Some(inner) = pair.into_inner().next() else { return Cell { span, condition: None } };
        let name = ExpressionKind::Name(parameter.name.clone());
        let operand = Box::new(self.node(parameter.name.span, name));
        let kind = match inner.as_rule() {
            Rule::presence_cell => {
                let mut negated = false;
                let mut test = Presence::Present;
                for part in inner.into_inner() {
                    match part.as_rule() {
                        Rule::not => negated = true,
                        Rule::missing => test = Presence::Missing,
                        Rule::empty => test = Presence::Empty,
                        _ => {}
                    }
                }
                ExpressionKind::Presence { test, negated, operand }
            }
            Rule::test_cell => {
                let mut operator = None;
                let mut right = None;
                for part in inner.into_inner() {
                    match part.as_rule() {
                        Rule::cell_operator => operator = self.cell_operator(part),
                        Rule::expression => right = Some(Box::new(self.expression(part))),
                        _ => {}
                    }
                }
                let (Some((operator, negated, operator_span)), Some(right)) = (operator, right) else {
                    return Cell { span, condition: None };
                };
                ExpressionKind::Binary {
                    operator,
                    operator_span,
                    negated,
                    ignoring_case: None,
                    left: operand,
                    right,
                }
            }
            _ => {
                let value = inner.into_inner().find(|part| part.as_rule() == Rule::expression);
                let Some(value) = value.map(|part| self.expression(part)) else {
                    return Cell { span, condition: None };
                };
                if is_any(&value) {
                    return Cell { span, condition: None };
                }
                match value.kind {
                    ExpressionKind::Range { low, high } => {
                        let operator_span = low.span.after().to(high.span.before());
                        ExpressionKind::Between { operator_span, negated: false, operand, low, high }
                    }
                    kind => equality(operand, Box::new(Expression { kind, ..value })),
                }
            }
        };
        Cell { span, condition: Some(self.node(span, kind)) }
    }

    fn cell_operator(&mut self, pair: Pair<'_, Rule>) -> Option<(BinaryOperator, bool, Span)> {
        let span = self.span(&pair);
        let mut negated = false;
        let mut operator = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::not => negated = true,
                rule => operator = operator.or(super::expression::binary_operator(rule)),
            }
        }
        Some((operator?, negated, span))
    }

    /// Parses all tokens as one cell.
    pub(super) fn whole_cell(&mut self, parameter: &Parameter) -> Option<Cell> {
        let input = characters(self.tokens);
        let item = Grammar::parse(Rule::item_cell, &input).ok()?.next()?;
        let pair = item.into_inner().find(|part| part.as_rule() == Rule::cell)?;
        Some(self.cell(pair, parameter))
    }

    /// `for each row in rows`; `title` is the place of the title, which may have values of the row in it.
    pub(super) fn family(&mut self, pair: Pair<'_, Rule>, title: Option<Span>) -> Option<Family> {
        let id = self.id();
        let span = self.span(&pair);
        let mut row = None;
        let mut rows = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => row = Some(self.name(&part)),
                Rule::expression => rows = Some(self.expression(part)),
                _ => {}
            }
        }
        let title = title.map(|title| self.text_parts(title)).unwrap_or_default();
        Some(Family { id, row: row?, rows: rows?, title, span })
    }
}

/// A value alone: the parameter equals it.
pub(super) fn equality(operand: Box<Expression>, value: Box<Expression>) -> ExpressionKind {
    ExpressionKind::Binary {
        operator: BinaryOperator::Equal,
        operator_span: value.span.before(),
        negated: false,
        ignoring_case: None,
        left: operand,
        right: value,
    }
}

fn is_any(value: &Expression) -> bool {
    matches!(&value.kind, ExpressionKind::Name(name) if name.text == "_")
}

/// `1 cell`, `2 cells`
pub(super) fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}
