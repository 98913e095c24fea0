//! The layout of decision tables: a row on each line, its cells below those of the row above.

use crate::ast::{Cell, ExpressionKind, Row, Table};
use crate::token::TokenKind;

use super::document::Document;
use super::writer::Writer;

/// How much the rows are indented.
const ROWS: usize = 2;

/// Wider than any row: a row is never broken.
const UNBROKEN: usize = usize::MAX / 2;

/// A row before its cells are padded.
struct Line {
    /// The edge and the comments above it.
    above: Document,
    cells: Vec<Written>,
}

/// A cell with the `|` before it.
struct Written {
    pipe: Document,
    cell: Document,
    /// How wide it is; nothing where it cannot stand on one line.
    width: Option<usize>,
}

impl Writer<'_> {
    pub(super) fn table(&mut self, table: &Table) -> Document {
        let blank = || Document::text(" ");
        let head = Document::nest(2, self.spaced(table.name.span.end));
        let parameters = self.delimited(&table.parameters, false, Self::parameter);
        let arrow = self.expect(TokenKind::Arrow);
        let mut rest = vec![blank(), arrow, blank(), self.type_expression(&table.result)];
        if let Some(policy) = table.policy_span {
            rest.extend([self.comma(), blank(), self.spaced(policy.end)]);
        }
        if let Some((_, path)) = &table.file {
            rest.extend([blank(), self.spaced(path.end)]);
            return [head, parameters, Document::nest(2, rest.into_iter().collect())].into();
        }
        let open = self.expect(TokenKind::LeftBrace);
        rest.extend([blank(), open]);
        let lines: Vec<Line> =
            table.rows.iter().enumerate().map(|(at, row)| self.line(row, at == 0)).collect();
        let widths = widths(&lines, table.parameters.len());
        let mut rows: Vec<Document> = lines.into_iter().map(|line| line.padded(&widths)).collect();
        rows.push(self.comments_above());
        let rows = Document::nest(ROWS, rows.into_iter().collect());
        let empty = table.rows.is_empty() && !rows.measure().ends_line();
        let edge = if empty { Document::nothing() } else { Document::HardLine };
        let close = self.expect(TokenKind::RightBrace);
        [head, parameters, rest.into_iter().collect(), rows, edge, close].into()
    }

    fn line(&mut self, row: &Row, first: bool) -> Line {
        let blank = !first && self.blank_before();
        let edge = if blank { Document::BlankLine } else { Document::HardLine };
        let above = [edge, self.comments_above(), Document::HardLine].into();
        let mut cells = Vec::new();
        for cell in &row.cells {
            let pipe = self.expect(TokenKind::Pipe);
            let cell = self.cell(cell);
            cells.push(written(pipe, cell));
        }
        let pipe = self.expect(TokenKind::Pipe);
        let result = self.expression(&row.result);
        cells.push(written(pipe, result));
        Line { above, cells }
    }

    fn cell(&mut self, cell: &Cell) -> Document {
        let Some(condition) = &cell.condition else { return self.spaced(cell.span.end) };
        if let ExpressionKind::Binary { operator_span, right, .. } = &condition.kind {
            if operator_span.is_empty() {
                return self.expression(right);
            }
            let operator = self.spaced(right.span.start);
            [operator, Document::text(" "), self.expression(right)].into()
        } else if let ExpressionKind::Between { low, high, .. } = &condition.kind {
            let low = self.expression(low);
            let range = self.expect(TokenKind::Range);
            [low, range, self.expression(high)].into()
        } else {
            self.spaced(cell.span.end)
        }
    }
}

fn written(pipe: Document, cell: Document) -> Written {
    let forced = pipe.measure().ends_line() || cell.measure().ends_line();
    if forced {
        return Written { pipe, cell, width: None };
    }
    let text = cell.print(UNBROKEN);
    let width = Some(text.chars().count());
    Written { pipe, cell: Document::text(text), width }
}

/// Returns how wide each column is but the last, which nothing follows.
fn widths(lines: &[Line], columns: usize) -> Vec<usize> {
    let mut widths = vec![0; columns];
    for line in lines {
        for (cell, width) in line.cells.iter().zip(&mut widths) {
            *width = (*width).max(cell.width.unwrap_or(0));
        }
    }
    widths
}

impl Line {
    fn padded(self, widths: &[usize]) -> Document {
        let mut parts = vec![self.above];
        for (at, Written { pipe, cell, width }) in self.cells.into_iter().enumerate() {
            if at > 0 {
                parts.push(Document::text(" "));
            }
            parts.extend([pipe, Document::text(" "), cell]);
            if let (Some(column), Some(width)) = (widths.get(at), width) {
                parts.push(Document::text(" ".repeat(column.saturating_sub(width))));
            }
        }
        parts.into_iter().collect()
    }
}
