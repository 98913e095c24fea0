//! Files of comma-separated values that tables take their rows from: what their columns are for, and what can stand in
//! them. The text is read line by line, so that half a line is no hindrance.

use std::collections::BTreeSet;

use hence_check::FunctionSignature;
use hence_diagnostics::Span;
use hence_syntax::ast::{ItemKind, Table};
use hence_types::Type;

use super::completion::{Completions, Kind, Proposal};
use super::hover::Hover;
use crate::view::View;

/// How many values of other rows are proposed.
const MOST: usize = 50;

/// A column of a table.
struct Column {
    name: String,
    /// The type as it is written.
    ty: String,
    is_result: bool,
    /// The values of an enumeration or truth value, if its type is one.
    values: Vec<String>,
}

/// A cell: its place, the number of its column, and whether it is in the line that names the columns.
struct Cell {
    span: Span,
    column: usize,
    heads: bool,
}

/// Returns whether a file is one of comma-separated values.
pub(crate) fn is_csv(view: View<'_>) -> bool {
    view.source().is_some_and(|source| source.name().ends_with(".csv"))
}

/// Returns what is to be known of a cell: what its column is for.
pub(crate) fn hover(view: View<'_>, offset: u32) -> Option<Hover> {
    let (name, columns) = table(view)?;
    let cell = cell(view, offset)?;
    let column = named(view, &columns, cell.column)?;
    let what = if column.is_result {
        "what it gives".to_owned()
    } else {
        format!("its parameter `{}`; `_` or an empty cell takes every value", column.name)
    };
    let text =
        format!("```hence\n{}: {}\n```\n\nA column of the table `{name}`: {what}.", column.name, column.ty);
    Some(Hover { span: cell.span, text })
}

/// Returns what can stand in a cell: the names of columns that are not there yet, values of the column's type, and those
/// of other rows.
pub(crate) fn completion(view: View<'_>, offset: u32) -> Option<Completions> {
    let (_, columns) = table(view)?;
    let cell = cell(view, offset)?;
    let header = header(view);
    let mut proposals = Vec::new();
    if cell.heads {
        let absent = columns.iter().filter(|column| !header.iter().any(|name| *name == column.name));
        proposals
            .extend(absent.map(|column| Proposal::new(column.name.clone(), Kind::Field).detail(&column.ty)));
    } else {
        let column = named(view, &columns, cell.column)?;
        let mut values: BTreeSet<String> = column.values.iter().cloned().collect();
        for line in view.text().lines().skip(1).take(1000) {
            let value = cells(line).into_iter().nth(cell.column).map(|(_, text)| text.trim().to_owned());
            values.extend(value.filter(|value| !value.is_empty()));
            if values.len() >= MOST {
                break;
            }
        }
        if !column.is_result {
            values.insert("_".to_owned());
        }
        proposals
            .extend(values.into_iter().map(|value| Proposal::new(value, Kind::Value).detail(&column.ty)));
    }
    Some(Completions::of(Span { end: offset, ..cell.span }, view, proposals))
}

/// Returns the table that takes its rows from a file, by its name and its columns.
fn table(view: View<'_>) -> Option<(String, Vec<Column>)> {
    let project = view.project();
    let path = view.path(view.file)?;
    let root = std::path::absolute(&project.root).ok()?;
    let file = path.file_name()?.to_str()?;
    let takes = |table: &Table| table.file.as_ref().is_some_and(|(named, _)| root.join(named) == path);
    for parsed in project.files.iter().filter(|parsed| parsed.text.contains(file)) {
        // A table whose file cannot be read is broken; what its rule file says of it is not.
        let anew = hence_syntax::parse(&project.sources, parsed.file);
        for item in &anew.items {
            if let ItemKind::Table(table) = &item.kind
                && takes(table)
            {
                return Some((table.name.text.clone(), columns(view, table)));
            }
        }
    }
    None
}

fn columns(view: View<'_>, table: &Table) -> Vec<Column> {
    let declared = view.project().checked.declarations.functions.get(table.name.text.as_str());
    let signature: Option<&FunctionSignature> = declared.map(|declared| &declared.what);
    let column = |name: &str, written: Span, ty: Option<&Type>, is_result| Column {
        name: name.to_owned(),
        ty: view.slice(written).to_owned(),
        is_result,
        values: ty.map(values).unwrap_or_default(),
    };
    let parameters = table.parameters.iter().enumerate().map(|(at, parameter)| {
        let ty = signature.and_then(|signature| signature.parameters.get(at)).map(|(_, ty, ..)| ty);
        column(&parameter.name.text, parameter.ty.span, ty, false)
    });
    let mut columns: Vec<Column> = parameters.collect();
    let result = signature.map(|signature| &signature.result);
    columns.push(column("result", table.result.span, result, true));
    columns
}

/// The values that a type has, where they can be counted.
fn values(ty: &Type) -> Vec<String> {
    match ty {
        Type::Bool => ["true", "false"].map(str::to_owned).to_vec(),
        Type::Enum(enumeration) => enumeration.values.iter().map(ToString::to_string).collect(),
        Type::Optional(inner) => values(inner),
        _ => Vec::new(),
    }
}

/// Returns the column of a table that a column of the file is for: that of its name, or the result.
fn named<'c>(view: View<'_>, columns: &'c [Column], at: usize) -> Option<&'c Column> {
    let header = header(view);
    let name = header.get(at)?;
    columns.iter().find(|column| column.name == *name && !column.is_result).or(columns.last())
}

fn header(view: View<'_>) -> Vec<&str> {
    let line = view.text().lines().next().unwrap_or_default();
    cells(line).into_iter().map(|(_, name)| name.trim().trim_matches('"')).collect()
}

fn cell(view: View<'_>, offset: u32) -> Option<Cell> {
    let text = view.text();
    let start = text.get(..offset as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(start..)?.lines().next().unwrap_or_default();
    let all = cells(line);
    let (column, (at, written)) =
        all.into_iter().enumerate().take_while(|(_, (at, _))| start + at <= offset as usize).last()?;
    let blank = written.len() - written.trim_start().len();
    let from = (start + at + blank).min(offset as usize) as u32;
    let span = Span::new(view.file, from, from.max((start + at + written.trim_end().len()) as u32));
    Some(Cell { span, column, heads: start == 0 })
}

/// The cells of a line, each with the byte it begins at. Commas within quotes part nothing.
fn cells(line: &str) -> Vec<(usize, &str)> {
    let (mut cells, mut from, mut quoted) = (Vec::new(), 0, false);
    for (at, byte) in line.bytes().enumerate() {
        match byte {
            b'"' => quoted = !quoted,
            b',' if !quoted => {
                cells.push((from, line.get(from..at).unwrap_or_default()));
                from = at + 1;
            }
            _ => {}
        }
    }
    cells.push((from, line.get(from..).unwrap_or_default()));
    cells
}
