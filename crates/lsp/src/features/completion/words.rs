//! The words that the grammar takes at a cursor, and texts that have a meaning of their own.

use hence_builtins::BinaryOperator;
use hence_builtins::forms::FORMS;
use hence_syntax::ast::{ClauseKind, ExpressionKind, ItemKind};
use hence_syntax::{Class, TokenKind, Unit};
use hence_types::Type;
use hence_types::jiff::tz;

use super::{About, Kind, Proposal, begins_item};
use crate::cursor::Cursor;
use crate::nodes::Node;

/// How the items of a file begin.
const ITEMS: &[(&str, &str)] = &[
    ("rule", "rule ${1:name} \"${2:Title}\"\nwhen ${3:event}\nif   ${4:condition}\nthen $0"),
    ("test", "test \"${1:what is shown}\"\n  given ${2:event} { $3 }\n  expect ${4:rule} ran$0"),
    ("fn", "fn ${1:name}(${2:parameter}: ${3:type}) -> ${4:bool} = $0"),
    ("const", "const ${1:name} = $0"),
    ("table", "table ${1:name}(${2:parameter}: ${3:type}) -> ${4:type}, first match {\n  | $0 |  |\n}"),
];

/// Returns the words that begin an item.
pub(super) fn items(cursor: &Cursor<'_>) -> Vec<Proposal> {
    let column = cursor.view.text().get(..cursor.replaces.start as usize).unwrap_or_default();
    if !(column.is_empty() || column.ends_with('\n')) {
        return Vec::new();
    }
    let words = TokenKind::ALL.iter().copied().filter(|kind| begins_item(*kind));
    let proposal = |kind: TokenKind| {
        let proposal = Proposal::new(kind.text(), Kind::Keyword).rank(4);
        match ITEMS.iter().find(|(word, _)| *word == kind.text()) {
            Some((_, snippet)) => proposal.snippet((*snippet).to_owned()),
            None => proposal,
        }
    };
    words.map(proposal).collect()
}

/// Returns the words that the grammar takes at a cursor, and units and lengths where it takes such.
pub(super) fn keywords(cursor: &Cursor<'_>, wanted: Option<&Type>) -> Vec<Proposal> {
    if cursor.before.is_empty() {
        return Vec::new();
    }
    let mut all = Vec::new();
    for kind in cursor.follows() {
        match kind.class() {
            Class::Reserved | Class::Contextual => all.extend(word(*kind)),
            Class::Literal if *kind == TokenKind::Unit => {
                let units =
                    Unit::ALL.iter().map(|(_, [_, _, plural])| Proposal::new(*plural, Kind::Unit).rank(1));
                all.extend(units);
            }
            Class::Literal if *kind == TokenKind::Currency => all.extend(currencies(cursor)),
            Class::Literal if *kind == TokenKind::Number && wanted == Some(&Type::Duration) => {
                let lengths = Unit::ALL.iter().map(|(_, [_, _, plural])| {
                    Proposal::new(format!("1 {plural}"), Kind::Unit)
                        .snippet(format!("${{1:1}} {plural}"))
                        .rank(1)
                });
                all.extend(lengths);
            }
            Class::Trivia | Class::Literal | Class::Name | Class::Mark | Class::Bad => {}
        }
    }
    all
}

/// A word of the language, with the words that can only follow it.
fn word(kind: TokenKind) -> Vec<Proposal> {
    let text = kind.text();
    let mut longer = Vec::new();
    for operator in BinaryOperator::ALL {
        let symbol = operator.definition().symbol;
        if symbol.split_whitespace().next() == Some(text) && symbol != text {
            longer.push(Proposal::new(symbol, Kind::Operator).detail(operator.definition().summary).rank(4));
        }
    }
    for form in FORMS.iter().filter(|form| form.name.split('-').next() == Some(text) && form.name != text) {
        let label = form.name.replace('-', " ");
        let mut proposal = Proposal::new(label, Kind::Operator).detail(form.summary).rank(4);
        proposal.about = About::Form(form.name);
        longer.push(proposal);
    }
    // A word that some form begins with may stand alone as well, unless it is part of nothing else.
    let alone = BinaryOperator::ALL.iter().any(|operator| operator.definition().symbol == text)
        || FORMS.iter().any(|form| form.name == text)
        || longer.is_empty()
        || kind == TokenKind::Is;
    if alone {
        let mut proposal = Proposal::new(text, Kind::Keyword).rank(5);
        if let Some(form) = FORMS.iter().find(|form| form.name == text) {
            proposal.about = About::Form(form.name);
        }
        longer.push(proposal);
    }
    longer
}

/// The currencies that the file speaks of already, and those of most people.
fn currencies(cursor: &Cursor<'_>) -> Vec<Proposal> {
    let view = cursor.view;
    let tokens = view.tokens().iter().filter(|token| token.kind == TokenKind::Currency);
    let mut names: Vec<&str> =
        tokens.map(|token| view.slice(token.span)).chain(["EUR", "USD", "GBP"]).collect();
    let mut seen = std::collections::BTreeSet::new();
    names.retain(|name| seen.insert(*name));
    names.into_iter().map(|name| Proposal::new(name, Kind::Unit).rank(1)).collect()
}

/// Returns texts that mean something at a cursor within quotes: time zones, and files that tables are read from.
pub(super) fn texts(cursor: &Cursor<'_>, path: &[Node<'_>]) -> Vec<Proposal> {
    let of_clause = matches!(
        path.last(),
        Some(Node::Clause(clause)) if matches!(clause.kind, ClauseKind::Timezone(..))
    );
    let of_instant = matches!(
        path.last(),
        Some(Node::Expression(expression)) if matches!(expression.kind, ExpressionKind::DateTime(_, Some(_)))
    );
    let after_in = cursor.before.trim_end().trim_end_matches('"').trim_end().ends_with(" in");
    if of_clause || of_instant || after_in {
        let zones = tz::db().available();
        return zones.map(|zone| Proposal::new(zone.as_str(), Kind::Value).rank(1)).collect();
    }
    if let Some((item, _)) = cursor.item()
        && let ItemKind::Table(table) = &item.kind
        && table.file.as_ref().is_some_and(|(_, span)| cursor.is_in(*span))
    {
        return files(cursor);
    }
    Vec::new()
}

/// The files of comma-separated values in the project's folder and those below it.
fn files(cursor: &Cursor<'_>) -> Vec<Proposal> {
    let Ok(root) = std::path::absolute(&cursor.view.project().root) else { return Vec::new() };
    let mut found = Vec::new();
    let mut folders = vec![(root.clone(), 0)];
    while let Some((folder, depth)) = folders.pop() {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            let hidden = entry.file_name().to_string_lossy().starts_with('.');
            if path.is_dir() && depth < 3 && !hidden {
                folders.push((path, depth + 1));
            } else if path.extension().is_some_and(|extension| extension == "csv")
                && let Ok(inner) = path.strip_prefix(&root)
            {
                found.push(inner.display().to_string().replace('\\', "/"));
            }
        }
    }
    found.sort();
    found.into_iter().map(|name| Proposal::new(name, Kind::File).rank(1)).collect()
}
