//! `hence.toml` while it is written: its settings, the connections that integrations ask for, and the lints.
//!
//! The text is read line by line, so that half a line is no hindrance.

use hence_diagnostics::{Code, Level, Span, explain};
use hence_types::jiff::tz;

use super::completion::{Completions, Kind, Proposal};
use super::hover::Hover;
use crate::view::View;

/// A setting: its table, its name, and what it says.
struct Setting {
    table: &'static str,
    name: &'static str,
    doc: &'static str,
}

const fn setting(table: &'static str, name: &'static str, doc: &'static str) -> Setting {
    Setting { table, name, doc }
}

const SETTINGS: &[Setting] = &[
    setting("", "name", "The project's name; the folder's where none is given."),
    setting("", "timezone", "The zone of times without one, such as `Europe/Berlin`; UTC by default."),
    setting(
        "",
        "integrations",
        "The folder of the project's own integration files; `integrations` by default.",
    ),
    setting("server", "listen", "The address the daemon listens on; `127.0.0.1:7070` by default."),
    setting("server", "store", "The daemon's SQLite file; `.hence/hence.db` in the project by default."),
    setting(
        "server",
        "secrets",
        "The folder with a file for each secret that the environment does not give.",
    ),
    setting(
        "network",
        "allow",
        "Hosts and ranges of private networks that calls may go to; none by default.",
    ),
    setting("server", "log", "How the daemon's log is written: `human`, by default, or `json`."),
];

/// The levels a lint can have.
const LEVELS: [&str; 3] = ["allow", "warn", "deny"];

/// Returns whether a file is a project's manifest.
pub(crate) fn is_manifest(view: View<'_>) -> bool {
    view.source().is_some_and(|source| source.name().rsplit(['/', '\\']).next() == Some("hence.toml"))
}

/// A place in the file: the table, what is written of the line, and the part that is at the place.
struct Line<'a> {
    table: &'a str,
    /// The key, where the place is behind its `=`.
    key: Option<&'a str>,
    heading: bool,
    /// The part at the place: from here.
    word: u32,
}

fn line(view: View<'_>, offset: u32) -> Option<Line<'_>> {
    let before = view.text().get(..offset as usize)?;
    let start = before.rfind('\n').map_or(0, |at| at + 1);
    let written = before.get(start..)?;
    let headings = before.get(..start)?.lines().rev().filter_map(|line| line.trim().strip_prefix('['));
    let table = headings.map(|rest| rest.trim_end_matches(']').trim()).next().unwrap_or_default();
    let is_part = |c: char| c.is_alphanumeric() || "_-./".contains(c);
    let word = (before.len() - written.len() + written.trim_end_matches(is_part).len()) as u32;
    let key = written.split_once('=').map(|(key, _)| key.trim());
    Some(Line { table, key, heading: written.trim_start().starts_with('['), word })
}

/// Returns what can be written at a place of a manifest.
pub(crate) fn completion(view: View<'_>, offset: u32) -> Option<Completions> {
    let line = line(view, offset)?;
    let mut proposals = Vec::new();
    let named = |name: &str, doc: &str| Proposal::new(name, Kind::Field).detail(doc);
    if line.heading {
        proposals.extend(["server", "lints", "renamed", "network"].map(|name| named(name, "")));
        let with_settings =
            view.catalog().integrations.values().filter(|one| !one.connection.settings.is_empty());
        proposals.extend(with_settings.map(|one| named(&format!("connections.{}", one.id), &one.title)));
    } else if let Some(key) = line.key {
        let quoted = view.text().get(..line.word as usize).is_some_and(|before| before.ends_with('"'));
        let values: Vec<String> = match (line.table, key) {
            ("", "timezone") => tz::db().available().map(|zone| zone.as_str().to_owned()).collect(),
            ("lints", _) => LEVELS.map(str::to_owned).to_vec(),
            ("server", "log") => ["human", "json"].map(str::to_owned).to_vec(),
            _ => Vec::new(),
        };
        let value = |value: String| {
            let text = if quoted { value } else { format!("\"{value}\"") };
            Proposal::new(text, Kind::Value)
        };
        proposals.extend(values.into_iter().map(value));
    } else if line.table == "renamed" {
        let rules = view.project().checked.declarations.rules.keys();
        proposals
            .extend(rules.map(|name| named(name, "its present name; the value is the first one it had")));
    } else if line.table == "lints" {
        let lints = Code::ALL.iter().filter(|code| code.level() != Level::Error);
        proposals.extend(lints.map(|code| named(code.name(), explain::title(*code))));
    } else if let Some(id) = line.table.strip_prefix("connections.") {
        let settings = view.catalog().integrations.get(id).map(|found| &found.connection.settings);
        proposals.extend(settings.into_iter().flatten().map(|(name, setting)| named(name, &setting.doc)));
    } else {
        let of_table = SETTINGS.iter().filter(|setting| setting.table == line.table);
        proposals.extend(of_table.map(|setting| named(setting.name, setting.doc)));
    }
    Some(Completions::of(Span::new(view.file, line.word, offset), view, proposals))
}

/// Returns what is to be known of a setting or a lint.
pub(crate) fn hover(view: View<'_>, offset: u32) -> Option<Hover> {
    let text = view.text();
    let is_part = |c: char| c.is_alphanumeric() || "_-".contains(c);
    let before = text.get(..offset as usize)?;
    let after = text.get(offset as usize..)?;
    let start = before.trim_end_matches(is_part).len();
    let end = before.len() + after.len() - after.trim_start_matches(is_part).len();
    let word = text.get(start..end)?;
    let line = line(view, start as u32)?;
    let doc = if line.heading || line.key.is_some() {
        None
    } else if line.table == "lints" {
        explain::summary(word).map(str::to_owned)
    } else if let Some(id) = line.table.strip_prefix("connections.") {
        let setting = view.catalog().integrations.get(id)?.connection.settings.get(word)?;
        let secret = if setting.secret { " A secret: `\"secret:NAME\"`." } else { "" };
        Some(format!("{}{secret}", setting.doc))
    } else {
        let found = SETTINGS.iter().find(|setting| setting.table == line.table && setting.name == word);
        found.map(|setting| setting.doc.to_owned())
    };
    Some(Hover { span: Span::new(view.file, start as u32, end as u32), text: doc? })
}
