//! Tables whose rows stand in a file of comma-separated values.
//!
//! The first line names the columns: each parameter, in any order, and one more for the result. An empty cell
//! is `_`. In a column of texts a cell is the text itself, unless it is written as a test such as `!= "DE"`;
//! everywhere else cells are what they are in a rule file.

use hence_diagnostics::{Applicability, Code, Diagnostic, FileId, Fix, Sources, Span, nearest};

use super::table::{count, equality};
use super::{Builder, Parsed};
use crate::ast::{
    Cell, Expression, ExpressionKind, ItemKind, Parameter, Row, Table, TextPart, TypeExpression,
    TypeExpressionKind,
};
use crate::csv::{self, Csv, Field};
use crate::grammar::Rule;
use crate::lexer;
use crate::repair::{self, Repaired};

/// How many rows a table may have.
pub const MAX_ROWS: usize = 10_000;

/// Reads the files of all tables that name one. `open` adds the file of a path to the sources, or tells why it
/// cannot. A table whose file cannot be read becomes [`ItemKind::Broken`].
pub fn read_tables(
    sources: &mut Sources,
    parsed: &mut Parsed,
    mut open: impl FnMut(&mut Sources, &str) -> Result<FileId, String>,
) {
    let Parsed { items, diagnostics, .. } = parsed;
    for item in items.iter_mut().filter(|item| !item.guessed) {
        let ItemKind::Table(table) = &mut item.kind else { continue };
        let Some((path, place)) = table.file.clone() else { continue };
        let rows = match open(sources, &path) {
            Ok(file) => {
                let text = sources.get(file).map(|source| source.text().clone()).unwrap_or_default();
                let mut reader = Reader { file, place, table, next: item.nodes, diagnostics };
                let rows = reader.rows(&csv::read(file, &text));
                item.nodes = reader.next;
                rows
            }
            Err(reason) => {
                let message = format!("the table's file `{path}` cannot be read: {reason}");
                diagnostics.push(
                    Diagnostic::new(Code::UnreadableFile, place, message)
                        .label("no such file can be read")
                        .help("the path is relative to the project's folder"),
                );
                None
            }
        };
        match rows {
            Some(rows) => table.rows = rows,
            None => item.kind = ItemKind::Broken(Some(table.name.clone())),
        }
    }
}

/// What a column of the file is for.
#[derive(Clone, Copy, PartialEq)]
enum Column {
    Parameter(usize),
    Result,
}

struct Reader<'a> {
    file: FileId,
    /// The place of the path in the rule file.
    place: Span,
    table: &'a Table,
    next: u32,
    diagnostics: &'a mut Vec<Diagnostic>,
}

impl Reader<'_> {
    /// Reads all rows; nothing if anything is wrong, which is reported.
    fn rows(&mut self, csv: &Csv) -> Option<Vec<Row>> {
        if let Some(span) = csv.unclosed {
            self.report(span, "this field's quotes are not closed, or text follows them", "from here");
            return None;
        }
        let Some((header, records)) = csv.records.split_first() else {
            let start = Span::new(self.file, 0, 0);
            self.report(start, "the table's file is empty", "expected a line with the names of the columns");
            return None;
        };
        let columns = self.columns(header)?;
        if let Some(record) = records.get(MAX_ROWS) {
            let span = record.first().map_or(self.place, |field| field.span);
            self.diagnostics.push(
                Diagnostic::new(
                    Code::TooManyRows,
                    self.place,
                    format!("a table has at most {MAX_ROWS} rows"),
                )
                .label(format!("this file has {}", records.len()))
                .secondary(span, "the first row too many"),
            );
            return None;
        }
        let mut rows = Vec::with_capacity(records.len());
        let mut complete = true;
        for record in records {
            match self.row(csv, record, &columns) {
                Some(row) => rows.push(row),
                None => complete = false,
            }
        }
        complete.then_some(rows)
    }

    /// Finds out what the columns are for.
    fn columns(&mut self, header: &[Field]) -> Option<Vec<Column>> {
        let parameters = &self.table.parameters;
        let mut columns: Vec<Column> = Vec::new();
        let mut complete = true;
        let known = |field: &&Field| parameters.iter().any(|parameter| parameter.name.text == field.value);
        let unknown = header.len() - header.iter().filter(known).count();
        for field in header {
            let at = parameters.iter().position(|parameter| parameter.name.text == field.value);
            let absent = parameters
                .iter()
                .enumerate()
                .filter(|(_, parameter)| !header.iter().any(|field| field.value == parameter.name.text));
            let near = nearest(&field.value, absent.map(|(_, parameter)| parameter.name.text.as_str()));
            if let (None, Some(name)) = (at, near)
                && unknown > 1
            {
                complete = false;
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::TableFile,
                        field.span,
                        format!("the table has no column for `{}`", field.value),
                    )
                    .label(format!("did you mean `{name}`?"))
                    .secondary(self.place, "the table takes its rows from this file")
                    .fix(Fix::replace(
                        Applicability::Likely,
                        field.span,
                        name,
                        format!("write `{name}`"),
                    )),
                );
                let meant = parameters.iter().position(|parameter| parameter.name.text == name);
                columns.extend(meant.map(Column::Parameter));
                continue;
            }
            let column = at.map_or(Column::Result, Column::Parameter);
            if columns.contains(&column) {
                complete = false;
                let message = format!("the table has no column for `{}`", field.value);
                let label =
                    if at.is_some() { "named twice" } else { "neither a parameter nor the one result" };
                self.report(field.span, &message, label);
            }
            columns.push(column);
        }
        let span = match (header.first(), header.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => Span::new(self.file, 0, 0),
        };
        for (at, parameter) in parameters.iter().enumerate() {
            if !columns.contains(&Column::Parameter(at)) {
                complete = false;
                self.diagnostics.push(
                    Diagnostic::new(
                        Code::TableFile,
                        span,
                        format!("no column is named `{}`", parameter.name.text),
                    )
                    .label("these are the columns")
                    .secondary(parameter.name.span, "this parameter needs one"),
                );
            }
        }
        if complete && !columns.contains(&Column::Result) {
            complete = false;
            self.report(span, "no column has the results", "every column here is a parameter");
        }
        complete.then_some(columns)
    }

    fn row(&mut self, csv: &Csv, record: &[Field], columns: &[Column]) -> Option<Row> {
        let mut span = match (record.first(), record.last()) {
            (Some(first), Some(last)) => first.span.to(last.span),
            _ => return None,
        };
        // The quotes of the first and the last field belong to the row.
        let quoted =
            |at: Option<u32>| at.and_then(|at| csv.readable.as_bytes().get(at as usize)) == Some(&b'"');
        span.start -= u32::from(quoted(span.start.checked_sub(1)));
        span.end += u32::from(quoted(Some(span.end)));
        if record.len() != columns.len() {
            let message = format!("this row has {}, not {}", count(record.len(), "field"), columns.len());
            let label = "fields with a comma in them stand in quotes";
            self.report(span, &message, label);
            return None;
        }
        let table = self.table;
        let mut cells: Vec<Option<Cell>> = vec![None; table.parameters.len()];
        let mut result = None;
        for (field, column) in record.iter().zip(columns) {
            match column {
                Column::Parameter(at) => {
                    let parameter = table.parameters.get(*at)?;
                    let cell = self.cell(csv, field, parameter)?;
                    if let Some(place) = cells.get_mut(*at) {
                        *place = Some(cell);
                    }
                }
                Column::Result => result = self.result(csv, field),
            }
        }
        Some(Row { span, cells: cells.into_iter().collect::<Option<_>>()?, result: result? })
    }

    fn cell(&mut self, csv: &Csv, field: &Field, parameter: &Parameter) -> Option<Cell> {
        let span = field.span;
        if field.value.is_empty() || field.value == "_" {
            return Some(Cell { span, condition: None });
        }
        if is_text(&parameter.ty) && !is_test(&field.value) {
            let name = ExpressionKind::Name(parameter.name.clone());
            let operand = Box::new(self.node(parameter.name.span, name));
            let value = Box::new(self.text(field));
            let condition = self.node(span, equality(operand, value));
            return Some(Cell { span, condition: Some(condition) });
        }
        self.read(csv, field, Rule::item_cell, |builder| builder.whole_cell(parameter))
    }

    fn result(&mut self, csv: &Csv, field: &Field) -> Option<Expression> {
        if is_text(&self.table.result) && !field.value.starts_with('"') {
            return Some(self.text(field));
        }
        if field.value.is_empty() {
            self.report(field.span, "this row has no result", "expected a value");
            return None;
        }
        self.read(csv, field, Rule::item_expression, |builder| builder.whole_expression())
    }

    /// Reads what a field says in the language of rules.
    fn read<T>(
        &mut self,
        csv: &Csv,
        field: &Field,
        rule: Rule,
        build: impl FnOnce(&mut Builder<'_>) -> Option<T>,
    ) -> Option<T> {
        let slice = csv.readable.get(field.span.range()).unwrap_or_default();
        let tokens = lexer::lex_from(self.file, slice, field.span.start);
        let tokens: Vec<_> = tokens.into_iter().filter(|token| !token.kind.is_trivia()).collect();
        let before = self.diagnostics.len();
        let Repaired { tokens, parses, .. } = repair::repair(rule, &csv.readable, tokens, self.diagnostics);
        if !parses {
            return None;
        }
        let mut builder = Builder::new(self.file, &csv.readable, &tokens, self.diagnostics);
        builder.next = self.next;
        let built = build(&mut builder);
        self.next = builder.next;
        built.filter(|_| self.diagnostics.len() == before)
    }

    fn text(&mut self, field: &Field) -> Expression {
        self.node(field.span, ExpressionKind::Text(vec![TextPart::Literal(field.value.clone())]))
    }

    fn node(&mut self, span: Span, kind: ExpressionKind) -> Expression {
        let id = crate::ast::NodeId(self.next);
        self.next += 1;
        Expression { id, span, kind }
    }

    fn report(&mut self, span: Span, message: &str, label: &str) {
        self.diagnostics.push(
            Diagnostic::new(Code::TableFile, span, message)
                .label(label)
                .secondary(self.place, "the table takes its rows from this file"),
        );
    }
}

/// Whether values of a type are texts: `string` and enumerations.
fn is_text(ty: &TypeExpression) -> bool {
    const OTHERS: &[&str] = &[
        "bool", "int", "decimal", "float", "date", "time", "datetime", "duration", "period", "percent",
        "money", "json",
    ];
    let TypeExpressionKind::Named(path) = &ty.kind else { return false };
    let text = path.text();
    let currency = text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase());
    !currency && !OTHERS.contains(&text.as_str())
}

/// Whether a field of a column of texts is written as a test.
fn is_test(value: &str) -> bool {
    let starts = ["\"", "==", "!=", "<", ">"];
    let words = ["in [", "not in [", "starts with \"", "ends with \"", "contains \"", "matches /"];
    let whole = ["is present", "is missing", "is empty", "is not present", "is not missing", "is not empty"];
    starts.iter().chain(&words).any(|start| value.starts_with(start)) || whole.contains(&value)
}
