//! Giving something another name, wherever it is named.

use hence_diagnostics::Span;
use hence_syntax::{Class, TokenKind};

use super::formatting::Edit;
use crate::names::{self, Occurrence, Symbol};
use crate::view::View;

/// Returns the name at a place, if it is one that can be changed.
///
/// # Errors
///
/// Why it cannot.
pub fn prepare(view: View<'_>, offset: u32) -> Result<Span, String> {
    named(view, offset).map(|found| found.span)
}

/// Returns the edits, in all files, that give what is named at a place another name.
///
/// # Errors
///
/// Why it cannot have that name.
pub fn rename(view: View<'_>, offset: u32, new: &str) -> Result<Vec<Edit>, String> {
    let found = named(view, offset)?;
    let bare = bare(new)?;
    let written = names::written(view, &found);
    if written == bare {
        return Ok(Vec::new());
    }
    if let Some(reason) = taken(view, &found, bare) {
        return Err(reason);
    }
    let all = names::everywhere(view, &found.symbol, &written);
    let mut edits: Vec<Edit> =
        all.into_iter().map(|one| Edit { span: one.span, text: new.to_owned() }).collect();
    if matches!(found.symbol, Symbol::Rule(_)) {
        edits.extend(tombstone(view, &written, bare));
    }
    Ok(edits)
}

/// Returns the edit of `hence.toml` by which a rule keeps what is stored of it: the name it had first. A project without
/// that file has no daemon that its settings are for, and none is made.
fn tombstone(view: View<'_>, old: &str, new: &str) -> Option<Edit> {
    let root = std::path::absolute(&view.project().root).ok()?;
    let file = view.live().file(&root.join("hence.toml"))?;
    let text = view.project().sources.get(file)?.text();
    let edit = |start: usize, end: usize, text: String| {
        Some(Edit { span: Span::new(file, start as u32, end as u32), text })
    };
    let line_end = |at: usize| {
        let rest = text.get(at..).unwrap_or_default();
        rest.find('\n').map_or(text.len(), |length| at + length + 1)
    };
    if let Some(renamed) = view.project().manifest.renamed.get(old) {
        let key = renamed.present_at;
        if renamed.first != new {
            return edit(key.start as usize, key.end as usize, toml_key(new));
        }
        // It has its first name again.
        let start = text.get(..key.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
        return edit(start, line_end(start), String::new());
    }
    let line = format!("{} = {}\n", toml_key(new), toml_text(old));
    let mut at = 0;
    for written in text.split_inclusive('\n') {
        at += written.len();
        if written.trim() == "[renamed]" {
            let gap = if written.ends_with('\n') { "" } else { "\n" };
            return edit(at, at, format!("{gap}{line}"));
        }
    }
    let gap = if text.is_empty() || text.ends_with('\n') { "" } else { "\n" };
    let blank = if text.trim().is_empty() { "" } else { "\n" };
    edit(text.len(), text.len(), format!("{gap}{blank}[renamed]\n{line}"))
}

fn toml_key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_';
    if name.chars().all(is_bare) { name.to_owned() } else { toml_text(name) }
}

fn toml_text(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

fn named(view: View<'_>, offset: u32) -> Result<Occurrence, String> {
    let found = names::at(view, offset).ok_or("nothing is named here")?;
    let what = match &found.symbol {
        Symbol::Rule(_)
        | Symbol::Function(_)
        | Symbol::Constant(_)
        | Symbol::Group(_)
        | Symbol::Local(..)
        | Symbol::Alias(..)
        | Symbol::Label(..) => return Ok(found),
        Symbol::Test(_) => "the title of a test is text: change it in place",
        Symbol::Integration(_)
        | Symbol::Event(_)
        | Symbol::EntryPoint(_)
        | Symbol::Action(_)
        | Symbol::Parameter(..)
        | Symbol::Field(_)
        | Symbol::NamedType(..) => "this name belongs to an integration; it changes in its schema",
        Symbol::Builtin(_)
        | Symbol::Quantifier(_)
        | Symbol::Payload
        | Symbol::Envelope(_)
        | Symbol::Now
        | Symbol::Today => "this name belongs to the language",
    };
    Err(what.to_owned())
}

/// Returns a name without backticks, if it is one.
fn bare(new: &str) -> Result<&str, String> {
    if let Some(inner) = new.strip_prefix('`').and_then(|rest| rest.strip_suffix('`')) {
        return if inner.is_empty() || inner.contains(['`', '\n']) {
            Err(format!("`{new}` is no name"))
        } else {
            Ok(inner)
        };
    }
    let mut characters = new.chars();
    let starts = characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    if !starts || !characters.all(|one| one.is_ascii_alphanumeric() || one == '_') {
        return Err(format!(
            "`{new}` is no name: write letters, digits and `_`, or anything within backticks"
        ));
    }
    if TokenKind::of_word(new).class() == Class::Reserved {
        return Err(format!("`{new}` is a word of the language; within backticks it can be a name"));
    }
    Ok(new)
}

/// Returns why a name is taken where this one is used.
fn taken(view: View<'_>, found: &Occurrence, new: &str) -> Option<String> {
    let declarations = &view.project().checked.declarations;
    let is_item = declarations.rules.contains_key(new)
        || declarations.functions.contains_key(new)
        || declarations.constants.contains_key(new)
        || declarations.broken.iter().any(|name| name == new);
    let renamed = &view.project().manifest.renamed;
    let owner = renamed.iter().find(|(_, renamed)| renamed.first == new).map(|(present, _)| present);
    if let (Symbol::Rule(_), Some(owner)) = (&found.symbol, owner)
        && *owner != names::written(view, found)
    {
        return Some(format!(
            "`{new}` was the first name of the rule `{owner}`, whose history is kept under it"
        ));
    }
    if is_item {
        return Some(format!("there is something named `{new}` already"));
    }
    // A variable of that name would take what is renamed away, or the other way round.
    let here = view.item_at(found.span.start)?;
    let clashes = |item: crate::view::ItemView<'_>| {
        let all = names::of_item(item, view.project());
        let named = |one: &Occurrence| view.slice(one.span).trim_matches('`') == new;
        all.iter().any(|one| {
            named(one)
                && match one.symbol {
                    Symbol::Local(..) | Symbol::Alias(..) | Symbol::Field(_) => true,
                    Symbol::Label(..) => matches!(found.symbol, Symbol::Label(..)),
                    _ => false,
                }
                && one.symbol != found.symbol
                && !is_field_access(view, one.span)
        })
    };
    let local = matches!(found.symbol, Symbol::Local(..) | Symbol::Alias(..) | Symbol::Label(..));
    let hidden = if local {
        let is_field =
            here.facts.payload.fields.contains_key(new) && !matches!(found.symbol, Symbol::Label(..));
        clashes(here) || is_field
    } else if matches!(found.symbol, Symbol::Rule(_)) {
        false
    } else {
        let written = names::written(view, found);
        view.all_items().any(|item| {
            let text = view.slice(item.item.span);
            text.contains(&written)
                && (clashes(item) || item.facts.payload.fields.contains_key(new))
                && names::of_item(item, view.project()).iter().any(|one| one.symbol == found.symbol)
        })
    };
    hidden.then(|| format!("`{new}` means something else where this is used"))
}

/// Whether a name stands after a dot or before a colon, where it clashes with nothing.
fn is_field_access(view: View<'_>, span: Span) -> bool {
    let text = view.project().sources.get(span.file).map_or("", |source| source.text());
    let before = text.get(..span.start as usize).unwrap_or_default().trim_end();
    let after = text.get(span.end as usize..).unwrap_or_default().trim_start();
    before.ends_with('.') || after.starts_with(':')
}
