//! `ide/`: what an editor is told at marked places.
//!
//! ```text
//! if   total > 1000 EUR
//! //   ^ hover
//! // file: outline
//! ```
//!
//! A place before the third column is written in words: `// at 1: hover`.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use hence_diagnostics::Span;
use hence_lsp::features::{
    calls, code_actions, completion, definition, folding, formatting, highlight, hover, inlay, lenses, links,
    refactor, references, rename, selection, semantic, signature, symbols,
};
use hence_lsp::{Role, View};
use hence_project::Live;
use hence_types::jiff::Timestamp;

use crate::case::{Failed, Mode};
use crate::events::NOW;
use crate::expected;

/// Something that is asked.
struct Question {
    /// The byte of the cursor; nothing where the whole file is meant.
    offset: Option<u32>,
    /// The line of the mark, from 1.
    line: usize,
    asked: String,
}

/// Asks all questions of a file.
pub(crate) fn ide(rule: &Path, mode: Mode) -> Result<(), Failed> {
    let live = Live::load(rule, BTreeMap::new()).map_err(|error| error.to_string())?;
    let path = std::path::absolute(rule).map_err(|error| error.to_string())?;
    let file = live.file(&path).ok_or("the file is not in its project")?;
    let view = View::new(&live, file);
    let mut out = String::new();
    for question in questions(view.text()) {
        let _ = writeln!(out, "--- line {}: {}", question.line, question.asked);
        let answer = match question.offset {
            Some(offset) => at(view, offset, &question.asked)?,
            None => of_file(view, &question.asked)?,
        };
        let _ = writeln!(out, "{}\n", answer.trim_end());
    }
    expected::compare(rule, &out, mode)
}

fn questions(text: &str) -> Vec<Question> {
    let mut questions = Vec::new();
    let mut guilty = 0u32;
    let mut start = 0u32;
    for (index, line) in text.lines().enumerate() {
        let mark = mark(line);
        match mark {
            Some((column, asked)) => {
                let offset = column.map(|column| guilty + column);
                questions.push(Question { offset, line: index + 1, asked });
            }
            None => guilty = start,
        }
        start += line.len() as u32 + 1;
    }
    questions
}

/// Reads a line that marks a place on the line above: the column, in bytes, and what is asked.
fn mark(line: &str) -> Option<(Option<u32>, String)> {
    let comment = line.trim_start().strip_prefix("//")?;
    if let Some(asked) = comment.strip_prefix(" file: ") {
        return Some((None, asked.trim().to_owned()));
    }
    if let Some((column, asked)) = comment.strip_prefix(" at ").and_then(|rest| rest.split_once(": ")) {
        let column: u32 = column.parse().ok()?;
        return Some((Some(column.checked_sub(1)?), asked.trim().to_owned()));
    }
    let asked = comment.trim_start().strip_prefix('^')?;
    Some((Some(line.find('^')? as u32), asked.trim().to_owned()))
}

fn at(view: View<'_>, offset: u32, asked: &str) -> Result<String, Failed> {
    let (what, rest) = asked.split_once(' ').unwrap_or((asked, ""));
    let nothing = || "nothing".to_owned();
    let answer = match what {
        "hover" => hover::hover(view, offset).map_or_else(nothing, |hover| {
            format!("{}\n{}", place(view, hover.span), without_lines(&hover.text))
        }),
        "definition" => {
            definition::definition(view, offset).map_or_else(nothing, |found| place(view, found.target))
        }
        "type-definition" => {
            definition::type_definition(view, offset).map_or_else(nothing, |found| place(view, found.target))
        }
        "references" => {
            lines(references::references(view, offset, true).iter().map(|one| place(view, one.span)))
        }
        "highlights" => lines(highlight::highlights(view, offset).iter().map(|one| {
            let role = if one.role == Role::Declares { "declares" } else { "uses" };
            format!("{} {role}", place(view, one.span))
        })),
        "rename" => match rename::rename(view, offset, rest) {
            Ok(edits) => lines(edits.iter().map(|edit| place(view, edit.span))),
            Err(reason) => format!("refused: {reason}"),
        },
        "selection" => lines(selection::ranges(view, offset).iter().map(|span| shown(view, *span))),
        "incoming" | "outgoing" => match calls::prepare(view, offset) {
            None => nothing(),
            Some(found) => {
                let calls = if what == "incoming" {
                    calls::incoming(view, &found.name)
                } else {
                    calls::outgoing(view, &found.name)
                };
                lines(calls.iter().map(|call| {
                    let places: Vec<String> = call.places.iter().map(|span| place(view, *span)).collect();
                    format!("{} at {}", call.other.name, places.join(", "))
                }))
            }
        },
        "complete" => {
            completion::completion(view, offset).map_or_else(nothing, |found| proposals(view, &found))
        }
        "signature" => signature::signature(view, offset).map_or_else(nothing, |found| {
            let parameter = found.active.and_then(|active| found.parameters.get(active));
            let text = parameter.and_then(|(range, _)| found.label.get(range.clone())).unwrap_or("-");
            format!("{}\nactive: {text}", found.label)
        }),
        "actions" => {
            // A word behind it is a text that is selected, from the place on.
            let selected = Span::new(view.file, offset, offset + rest.len() as u32);
            let fixes = code_actions::at(view, selected);
            let rewrites = refactor::at(view, selected, now()?);
            let all = fixes.iter().chain(&rewrites).map(|action| {
                let preferred = if action.preferred { " (preferred)" } else { "" };
                let edits = action.edits.clone().unwrap_or_else(|| code_actions::fix_all(view));
                let edits: Vec<String> = edits
                    .iter()
                    .map(|edit| format!("  {} => {:?}", place(view, edit.span), edit.text))
                    .collect();
                format!("{:?} {}{preferred}\n{}", action.kind, action.title, edits.join("\n"))
            });
            lines(all)
        }
        other => return Err(format!("there is nothing to be asked as `{other}`")),
    };
    Ok(answer)
}

fn of_file(view: View<'_>, asked: &str) -> Result<String, Failed> {
    let answer = match asked {
        "outline" => {
            let mut out = String::new();
            outline(view, &symbols::outline(view), 0, &mut out);
            out
        }
        "folds" => lines(folding::folds(view).iter().map(|fold| {
            let comment = if fold.comment { " comment" } else { "" };
            format!("{}{comment}", shown(view, fold.span))
        })),
        "links" => lines(links::links(view).iter().map(|link| {
            let target = match &link.target {
                links::Target::File(path) => {
                    let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
                    format!("file {name}")
                }
                links::Target::Address(address) => address.clone(),
            };
            format!("{} -> {target}", place(view, link.span))
        })),
        "colours" => lines(semantic::parts(view, None).iter().map(|part| {
            let name =
                semantic::Kind::ALL.iter().find(|(kind, _)| *kind == part.kind).map_or("", |(_, name)| name);
            let marks =
                [(part.declares, " declares"), (part.of_language, " language"), (part.constant, " constant")];
            let marks: String = marks.iter().filter(|(holds, _)| *holds).map(|(_, mark)| *mark).collect();
            format!("{} {name}{marks}", place(view, part.span))
        })),
        "hints" => lines(inlay::hints(view, Span::new(view.file, 0, u32::MAX), now()?).iter().map(|hint| {
            let at = Span::new(view.file, hint.at, hint.at);
            let more: String = hint.more.lines().map(|line| format!("\n  {line}")).collect();
            format!("{} {:?} `{}`{more}", place(view, at), hint.tells, hint.text)
        })),
        "lenses" => lines(
            lenses::lenses(view).iter().map(|lens| format!("{} {}", place(view, lens.span), lens.title)),
        ),
        "tests" => lines(lenses::run_tests(view, &[], &|| true).iter().map(|ran| {
            let at = ran.failed_at.map(|span| format!(" at {}", place(view, span))).unwrap_or_default();
            format!("{}: {}{at}", ran.name, if ran.passed { "passed" } else { "failed" })
        })),
        "layout" => lines(
            formatting::whole(view)
                .iter()
                .map(|edit| format!("{} => {:?}", place(view, edit.span), edit.text)),
        ),
        other => return Err(format!("there is nothing to be asked of a file as `{other}`")),
    };
    Ok(answer)
}

/// The time that times are told from.
fn now() -> Result<Timestamp, Failed> {
    NOW.parse().map_err(|error| format!("{error}"))
}

fn outline(view: View<'_>, declared: &[symbols::Declared], depth: usize, out: &mut String) {
    for one in declared {
        let indent = "  ".repeat(depth);
        let detail = if one.detail.is_empty() { String::new() } else { format!(" {}", one.detail) };
        let _ = writeln!(out, "{indent}{:?} `{}`{detail} {}", one.kind, one.name, shown(view, one.span));
        outline(view, &one.parts, depth + 1, out);
    }
}

/// The first proposals, with what they write where it is not what they show.
fn proposals(view: View<'_>, found: &completion::Completions) -> String {
    let shown = found.proposals.iter().take(12).map(|proposal| {
        let text = proposal.snippet.as_ref().unwrap_or(&proposal.text);
        let text = if *text == proposal.label { String::new() } else { format!(" => {text:?}") };
        let extra =
            proposal.extra.as_ref().map(|edit| format!(" and {:?} at {}", edit.text, place(view, edit.span)));
        let detail = proposal.detail.split_whitespace().take(6).collect::<Vec<_>>().join(" ");
        format!("{:?} `{}` {detail}{text}{}", proposal.kind, proposal.label, extra.unwrap_or_default())
    });
    let mut all: Vec<String> = shown.collect();
    all.insert(
        0,
        format!("{} of {} instead of {}", all.len(), found.proposals.len(), place(view, found.replaces)),
    );
    all.join("\n")
}

fn lines(lines: impl Iterator<Item = String>) -> String {
    let lines: Vec<String> = lines.collect();
    if lines.is_empty() { "nothing".to_owned() } else { lines.join("\n") }
}

/// A hover without the lines of schemas, which move with everything that is added to them.
fn without_lines(text: &str) -> String {
    let line = |line: &str| match line.strip_prefix('_').and_then(|line| line.split_once(".json:")) {
        Some((file, _)) => format!("_{file}.json_"),
        None => line.to_owned(),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The line, column and text of a place, or the file and text of one in another file.
fn place(view: View<'_>, span: Span) -> String {
    let Some(source) = view.project().sources.get(span.file) else { return "?".to_owned() };
    let at = source.line_column(span.start);
    let name = source.name().rsplit(['/', '\\']).next().unwrap_or_default();
    let text: String =
        source.slice(span.range()).lines().next().unwrap_or_default().chars().take(60).collect();
    // Lines of schemas move with everything that is added to them.
    if span.file == view.file {
        format!("{}:{} `{text}`", at.line, at.column)
    } else {
        format!("{name} `{text}`")
    }
}

/// The lines and columns of a place in the file.
fn shown(view: View<'_>, span: Span) -> String {
    let Some(source) = view.project().sources.get(span.file) else { return "?".to_owned() };
    let (start, end) = (source.line_column(span.start), source.line_column(span.end));
    format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
}
