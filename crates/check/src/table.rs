//! Decision tables: the types of their cells, and what can be proved of their rows.

mod axis;
mod boxes;

use std::collections::BTreeMap;

use hence_syntax::ast::{BinaryOperator, Cell, Expression, ExpressionKind, HitPolicy, Parameter, Table};
use hence_types::jiff::tz::TimeZone;
use hence_types::{Type, Value, equal};

use crate::checker::Checker;
use crate::declarations::FunctionSignature;
use crate::environment::{Knowledge, Place};
use crate::errors::table::{Gap, RowsOverlap, UnreachableRow};
use crate::errors::types::ResultType;
use crate::evaluate::evaluate;
use axis::{Axis, Set, Test, operands};
use boxes::{Boxes, TooMuch, Witness};

/// How many problems of one kind are told of one table.
const TOLD: usize = 5;

/// What is known of a table's rows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Analysis {
    /// Whether some row matches, whatever the arguments.
    pub(crate) complete: bool,
    gap: Option<GapFound>,
    overlaps: Vec<Overlap>,
    unreachable: Vec<usize>,
}

/// Arguments for which no row is sure to match.
#[derive(Debug, Clone)]
struct GapFound {
    witness: Option<String>,
    /// Whether no row matches for sure.
    sure: bool,
}

/// Two rows that can match the same arguments and have different results.
#[derive(Debug, Clone)]
struct Overlap {
    row: usize,
    other: usize,
    witness: Option<String>,
    sure: bool,
}

/// Finds out what can be proved of a table with parameters of these types. `constants` are the known constants of
/// the project.
pub(crate) fn analyse(
    table: &Table,
    types: &[Type],
    constants: &BTreeMap<String, Value>,
    zone: &TimeZone,
) -> Analysis {
    let known = |name: &str| {
        let hidden = table.parameters.iter().any(|parameter| parameter.name.text == name);
        if hidden { None } else { constants.get(name).cloned() }
    };
    let value = |expression: &Expression| evaluate(expression, &known, zone);
    let mut lengths = Vec::new();
    let mut axes = Vec::new();
    let mut rows: Vec<Vec<Set>> = vec![Vec::new(); table.rows.len()];
    for (column, ty) in types.iter().enumerate() {
        let cells = table.rows.iter().map(|row| row.cells.get(column));
        let tests: Vec<_> = cells.map(|cell| cell_test(cell, &value)).collect();
        let axis = Axis::new(ty, &tests);
        for (row, test) in rows.iter_mut().zip(&tests) {
            row.push(test.as_ref().map_or(Set::Any, |test| axis.set(test)));
        }
        lengths.push(axis.len());
        axes.push(axis);
    }
    let results: Vec<Option<Value>> = table.rows.iter().map(|row| value(&row.result)).collect();
    let mut analysis = Analysis::default();
    let mut boxes = Boxes::new(lengths, rows);
    let shown = |witness: &Witness| {
        let parts = table.parameters.iter().zip(&axes).zip(witness);
        let parts: Vec<String> = parts
            .map(|((parameter, axis), segment)| {
                format!("{}: {}", parameter.name.text, axis.witness(*segment))
            })
            .collect();
        parts.join(", ")
    };
    if table.policy == HitPolicy::One {
        analysis.overlaps = overlaps(&mut boxes, &results, &shown);
    }
    if table.policy == HitPolicy::First {
        for row in 0..table.rows.len() {
            if boxes.is_covered(row as u32) == Ok(true) {
                analysis.unreachable.push(row);
            }
        }
    }
    if table.policy != HitPolicy::All {
        match boxes.gap() {
            Ok(None) => analysis.complete = true,
            Ok(Some(witness)) => {
                let sure = !boxes.may_match(&witness);
                analysis.gap = Some(GapFound { witness: Some(shown(&witness)), sure });
            }
            Err(TooMuch) => analysis.gap = Some(GapFound { witness: None, sure: false }),
        }
    }
    analysis
}

fn cell_test<'a>(cell: Option<&'a Cell>, value: &impl Fn(&Expression) -> Option<Value>) -> Option<Test<'a>> {
    let condition = cell?.condition.as_ref()?;
    let values = operands(condition).into_iter().map(value).collect();
    Some(Test { condition, values })
}

fn overlaps(
    boxes: &mut Boxes,
    results: &[Option<Value>],
    shown: &impl Fn(&Witness) -> String,
) -> Vec<Overlap> {
    let alike = |one: u32, other: u32| {
        let result = |row: u32| results.get(row as usize).and_then(Option::as_ref);
        matches!((result(one), result(other)), (Some(one), Some(other)) if equal(one, other))
    };
    let mut found = Vec::new();
    for row in 0..results.len() {
        match boxes.overlap(row as u32, alike) {
            Ok(Some((other, witness, sure))) => {
                let other = other as usize;
                found.push(Overlap { row, other, witness: Some(shown(&witness)), sure });
            }
            Ok(None) => {}
            Err(TooMuch) => {
                found.push(Overlap { row, other: 0, witness: None, sure: false });
                break;
            }
        }
        if found.len() == TOLD {
            break;
        }
    }
    found
}

/// Returns the type of a call of a table.
pub(crate) fn result_type(table: &Table, declared: &Type, analysis: &Analysis) -> Type {
    match table.policy {
        HitPolicy::All => Type::List(std::sync::Arc::new(declared.clone())),
        HitPolicy::First | HitPolicy::One if analysis.complete => declared.clone(),
        HitPolicy::First | HitPolicy::One => declared.clone().optional(),
    }
}

impl Checker<'_> {
    /// Checks a table: its cells, its results, then its rows.
    pub(crate) fn table(&mut self, table: &Table, signature: &FunctionSignature, analysis: &Analysis) {
        for (parameter, (_, ty, span)) in table.parameters.iter().zip(&signature.parameters) {
            self.bind(&parameter.name, parameter.id, ty.clone(), Some(*span));
        }
        let declared = crate::types::resolve(&table.result, self.catalog, &mut Vec::new());
        for row in &table.rows {
            for (cell, parameter) in row.cells.iter().zip(&table.parameters) {
                self.cell(cell, parameter);
            }
            let found = self.expect(&row.result, &declared);
            if !found.agrees_with(&declared) {
                self.report(ResultType {
                    name: table.name.text.clone(),
                    body: row.result.span,
                    found,
                    declared: table.result.span,
                    wanted: declared.clone(),
                });
            }
        }
        if self.diagnostics.is_empty() {
            self.rows(table, analysis, &declared);
        }
    }

    fn cell(&mut self, cell: &Cell, parameter: &Parameter) {
        let Some(condition) = &cell.condition else { return };
        let before = self.environment.clone();
        if needs_presence(condition) {
            // A missing value passes no comparison: the row does not match.
            let place = Place { local: Some(parameter.id.0), path: Vec::new() };
            self.environment.learn(&[Knowledge::Present(place)]);
        }
        self.condition(condition, "a cell");
        self.environment = before;
    }

    fn rows(&mut self, table: &Table, analysis: &Analysis, declared: &Type) {
        let span = |row: usize| table.rows.get(row).map_or(table.name.span, |row| row.span);
        for overlap in &analysis.overlaps {
            self.report(RowsOverlap {
                row: span(overlap.row),
                other: span(overlap.other),
                policy: table.policy_span,
                witness: overlap.witness.clone(),
                sure: overlap.sure,
            });
        }
        for row in analysis.unreachable.iter().take(TOLD) {
            self.report(UnreachableRow { row: span(*row), first: *row == 0 });
        }
        let gap = analysis.gap.as_ref().filter(|_| !declared.is_optional() && !declared.is_error());
        if let Some(gap) = gap {
            self.report(Gap {
                name: table.name.text.clone(),
                span: table.name.span,
                witness: gap.witness.clone(),
                sure: gap.sure,
                last: table.rows.last().map(|row| row.span),
            });
        }
    }
}

/// Whether a condition takes no missing value as its operand. Where the parameter may be missing, it holds only if
/// there is a value.
pub fn needs_presence(condition: &Expression) -> bool {
    if let ExpressionKind::Binary { operator, .. } = &condition.kind {
        !matches!(operator, BinaryOperator::Equal | BinaryOperator::NotEqual | BinaryOperator::In)
    } else {
        matches!(condition.kind, ExpressionKind::Between { .. })
    }
}
