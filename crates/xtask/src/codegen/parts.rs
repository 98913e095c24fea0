//! The generated parts, each a function of what the source declares.

use std::fmt::Write as _;

use hence_builtins::forms::FORMS;
use hence_builtins::{BinaryOperator, Example, Function, FunctionId};
use hence_diagnostics::{Code, Level, explain};
use hence_syntax::{Class, TokenKind};

#[expect(unreachable_pub, reason = "the crate it belongs to shows it to others")]
#[path = "../../../project/src/settings/table.rs"]
mod table;

/// The names of the parts.
#[cfg(test)]
pub(super) const NAMES: &[&str] = &["operators", "forms", "functions", "codes", "keywords", "settings"];

/// Returns the part of a name, as Markdown.
pub(super) fn part(name: &str) -> Option<String> {
    match name {
        "operators" => Some(operators()),
        "forms" => Some(forms()),
        "functions" => Some(functions()),
        "codes" => Some(codes()),
        "keywords" => Some(keywords()),
        "settings" => Some(settings()),
        _ => None,
    }
}

/// What is printed of an operator, form or function.
struct Entry {
    name: String,
    summary: &'static str,
    /// What it takes, possibly empty.
    takes: String,
    details: &'static str,
    examples: &'static [Example],
}

fn settings() -> String {
    let mut table = "| key | default | flag | environment | |\n|---|---|---|---|---|\n".to_owned();
    let code = |text: String| if text.is_empty() { text } else { format!("`{text}`") };
    for setting in table::SETTINGS {
        let key = match setting.key.rsplit_once('.') {
            Some((place, "NAME")) => format!("[{place}]"),
            Some((place, name)) => format!("[{place}] {name}"),
            None => setting.key.to_owned(),
        };
        let default = match setting.default {
            "the folder's" => setting.default.to_owned(),
            default => code(default.to_owned()),
        };
        let flag = if setting.flag.is_empty() { String::new() } else { format!("--{}", setting.flag) };
        let cells = [
            code(key),
            default,
            code(flag),
            code(setting.environment.to_owned()),
            setting.meaning.to_owned(),
        ];
        let _ = writeln!(table, "| {} |", cells.join(" | "));
    }
    table
}

fn operators() -> String {
    let entries: Vec<Entry> = BinaryOperator::ALL
        .iter()
        .map(|operator| {
            let definition = operator.definition();
            let case = if definition.takes_case { " `ignoring case` may follow." } else { "" };
            Entry {
                name: definition.symbol.to_owned(),
                summary: definition.summary,
                takes: format!("Takes {}.{case}", definition.operands),
                details: definition.details,
                examples: definition.examples,
            }
        })
        .collect();
    entries_of("operator", &entries)
}

fn forms() -> String {
    let entries: Vec<Entry> = FORMS
        .iter()
        .map(|form| Entry {
            name: form.syntax.to_owned(),
            summary: form.summary,
            takes: String::new(),
            details: form.details,
            examples: form.examples,
        })
        .collect();
    entries_of("form", &entries)
}

fn functions() -> String {
    let entries: Vec<Entry> = FunctionId::ALL
        .iter()
        .map(|function| {
            let definition = function.definition();
            Entry {
                name: signature(definition),
                summary: definition.summary,
                takes: parameters(definition),
                details: definition.details,
                examples: definition.examples,
            }
        })
        .collect();
    entries_of("function", &entries)
}

fn signature(function: &Function) -> String {
    let written = |parameter: &hence_builtins::Parameter| {
        format!("{}{}", parameter.name, if parameter.optional { "?" } else { "" })
    };
    let parameters: Vec<String> = function.parameters.iter().map(written).collect();
    format!("{}({})", function.name, parameters.join(", "))
}

fn parameters(function: &Function) -> String {
    let described: Vec<String> = function
        .parameters
        .iter()
        .map(|parameter| {
            let optional = if parameter.optional { ", may be left out" } else { "" };
            format!("- `{}`: {}{optional}", parameter.name, parameter.takes)
        })
        .collect();
    described.join("\n")
}

/// A table of all entries, then each with its details.
fn entries_of(what: &str, entries: &[Entry]) -> String {
    let mut text = format!("| {what} | |\n|---|---|\n");
    for entry in entries {
        let _ = writeln!(text, "| {} | {} |", code(&entry.name), cell(entry.summary));
    }
    for entry in entries {
        let _ = write!(text, "\n#### {}\n\n{}\n", code(&entry.name), entry.summary);
        for paragraph in [entry.takes.as_str(), entry.details] {
            if !paragraph.is_empty() {
                let _ = write!(text, "\n{paragraph}\n");
            }
        }
        if !entry.examples.is_empty() {
            text.push_str("\n| example | gives |\n|---|---|\n");
        }
        for example in entry.examples {
            let _ = writeln!(text, "| {} | {} |", code(example.expression), code(example.result));
        }
    }
    text
}

/// Text as code in a cell of a table.
fn code(text: &str) -> String {
    let fence = if text.contains('`') { "``" } else { "`" };
    let blank = if text.contains('`') { " " } else { "" };
    cell(&format!("{fence}{blank}{text}{blank}{fence}"))
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

fn codes() -> String {
    let mut text = String::from("| code | name | level | |\n|---|---|---|---|\n");
    for code in Code::ALL {
        let level = match code.level() {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let title = cell(explain::title(*code));
        let page = format!("../crates/diagnostics/explain/{code}.md");
        let _ = writeln!(text, "| [{code}]({page}) | `{}` | {level} | {title} |", code.name());
    }
    text
}

fn keywords() -> String {
    let words = |class: Class| {
        let of_class = TokenKind::ALL.iter().filter(|kind| kind.class() == class);
        of_class.map(|kind| format!("`{}`", kind.text())).collect::<Vec<_>>().join(" ")
    };
    format!(
        "Reserved, names only after `.` and before `:`:\n\n{}\n\nContextual, names wherever the grammar does not ask for them:\n\n{}",
        words(Class::Reserved),
        words(Class::Contextual)
    )
}
