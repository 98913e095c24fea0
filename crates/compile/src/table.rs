//! Decision tables → one operation: a condition and a result for each row.

use hence_builtins::Presence;
use hence_check::needs_presence;
use hence_diagnostics::Span;
use hence_ir::{NodeId, Operation};
use hence_syntax::ast::{Cell, HitPolicy, Parameter, Row, Table};
use hence_types::Value;

use crate::frame::{Frame, TooLarge};

impl Frame<'_> {
    /// Compiles a table whose parameters are bound. `span` is the place of the call.
    pub(crate) fn table(&mut self, span: Span, table: &Table) -> Result<NodeId, TooLarge> {
        for parameter in &table.parameters {
            if let Some(local) = self.local(parameter.id) {
                let node = self.node(parameter.name.span, Operation::Local(local))?;
                self.shared.push((local, node));
            }
        }
        let mut rows = Vec::with_capacity(table.rows.len());
        for row in &table.rows {
            let condition = self.row(row, &table.parameters)?;
            // Explanations show the row.
            if let Some(node) = self.code.nodes.get_mut(condition.0 as usize) {
                node.span = row.span;
            }
            rows.push((condition, self.expression(&row.result)?));
        }
        self.node(span, Operation::Table { rows, every: table.policy == HitPolicy::All })
    }

    fn row(&mut self, row: &Row, parameters: &[Parameter]) -> Result<NodeId, TooLarge> {
        let mut all = None;
        for (cell, parameter) in row.cells.iter().zip(parameters) {
            let Some(condition) = self.cell(cell, parameter)? else { continue };
            all = Some(match all {
                Some(before) => self.node(row.span, Operation::And(before, condition))?,
                None => condition,
            });
        }
        match all {
            Some(condition) => Ok(condition),
            None => self.constant(row.span, Value::Bool(true)),
        }
    }

    /// Compiles a cell; nothing for `_`. A missing argument passes no comparison.
    fn cell(&mut self, cell: &Cell, parameter: &Parameter) -> Result<Option<NodeId>, TooLarge> {
        let Some(condition) = &cell.condition else { return Ok(None) };
        let guarded = parameter.ty.optional && needs_presence(condition);
        let test = self.expression(condition)?;
        let Some(local) = self.local(parameter.id).filter(|_| guarded) else { return Ok(Some(test)) };
        let operand = self.node(parameter.name.span, Operation::Local(local))?;
        let present = self.node(cell.span, Operation::Presence { test: Presence::Present, operand })?;
        let no = self.constant(cell.span, Value::Bool(false))?;
        self.node(cell.span, Operation::If { condition: present, yes: test, no }).map(Some)
    }
}
