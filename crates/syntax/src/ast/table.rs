//! Decision tables, and rules that stand for one rule per row.

use hence_diagnostics::Span;

use super::{Expression, Name, NodeId, Parameter, TextPart, TypeExpression};

/// A decision table.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// The name.
    pub name: Name,
    /// The parameters: a column each.
    pub parameters: Vec<Parameter>,
    /// The type of the results.
    pub result: TypeExpression,
    /// Which rows count.
    pub policy: HitPolicy,
    /// The place of the policy, where one is written.
    pub policy_span: Option<Span>,
    /// `from "path"`: the file that has the rows, and the place of its path.
    pub file: Option<(String, Span)>,
    /// The rows; those of a file once it was read.
    pub rows: Vec<Row>,
}

/// Which of the rows that match give the result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum HitPolicy {
    /// `first match`: the first.
    First,
    /// `one match`: the only one.
    One,
    /// `all matches`: each, as a list.
    All,
}

impl HitPolicy {
    /// Returns the policy as written.
    pub fn text(self) -> &'static str {
        match self {
            HitPolicy::First => "first match",
            HitPolicy::One => "one match",
            HitPolicy::All => "all matches",
        }
    }
}

/// A row of a table.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// The place.
    pub span: Span,
    /// The cells, in the order of the parameters.
    pub cells: Vec<Cell>,
    /// The result.
    pub result: Expression,
}

/// A cell: what is asked of an argument.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// The place.
    pub span: Span,
    /// The condition, its operand the parameter; nothing for `_`. A value alone is an equality whose operator
    /// has an empty place.
    pub condition: Option<Expression>,
}

/// `for each row in rows`
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    /// The node of the row.
    pub id: NodeId,
    /// The name of the row.
    pub row: Name,
    /// The table or list.
    pub rows: Expression,
    /// The title, which may have values of the row in it.
    pub title: Vec<TextPart>,
    /// The place, from `for` to the last token of the rows.
    pub span: Span,
}
