//! `hence.toml`.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use hence_check::{Checked, time_zone};
use hence_diagnostics::{Code, Diagnostic, Level, Severity, Sources, Span, nearest};
use hence_ir::FormerNames;
use hence_types::jiff::tz::TimeZone;
use serde::Deserialize;

use crate::files::Located;
use crate::settings::{Limits, Tls, Traces, meant};

/// What a project's `hence.toml` says. Every key has a default, so an empty file is a valid one.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// `name`: the project's name; the folder's where none is given.
    pub name: String,
    /// `timezone`: the zone of times without one; UTC by default.
    pub zone: TimeZone,
    /// `integrations`: the folder of the project's own integration files; `integrations` by default.
    pub integrations: PathBuf,
    /// `[connections.<integration>]`: how actions reach each integration.
    pub connections: BTreeMap<String, BTreeMap<String, String>>,
    /// `[server]`
    pub server: Server,
    /// `[tls]`
    pub tls: Tls,
    /// `[limits]`
    pub limits: Limits,
    /// `[traces]`
    pub traces: Traces,
    /// `[network] allow`: the hosts and ranges of addresses of private networks that calls may go to, none by
    /// default. The origin of a connection's `base_url` needs not stand here.
    pub allow: Vec<String>,
    /// `[lints]`: levels by the lint's name.
    pub lints: BTreeMap<Code, LintLevel>,
    /// `[renamed]`: the names that rules had first, by the names they have.
    pub renamed: BTreeMap<String, Renamed>,
}

/// A rule that had another name, under which its history is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renamed {
    /// The name it had first.
    pub first: String,
    /// Where the present name stands.
    pub present_at: Span,
    /// Where the first name stands.
    pub first_at: Span,
}

/// `[server]`: how the daemon runs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Server {
    /// The address to listen on; `127.0.0.1:7070` by default.
    pub listen: SocketAddr,
    /// The store: a path of an SQLite file, `.hence/hence.db` in the project by default.
    pub store: PathBuf,
    /// The folder with a file for each secret that the environment does not give; `.hence/secrets` in the project
    /// by default.
    pub secrets: PathBuf,
    /// How the log is written; `human` by default.
    pub log: Log,
    /// For how many days executions are kept that have ended, with the events that nothing else needs; 30 by default, 0
    /// for ever.
    pub keep_days: u32,
    /// The names that the daemon answers to beside those of this machine, such as that of a proxy before it; none by
    /// default, which is all names where other machines can reach it.
    pub hosts: Vec<String>,
    /// For how many hours a browser is signed in; 12 by default.
    pub session_hours: u16,
    /// Whether rules, integrations and settings are loaded anew when their files change, as they are by default. SIGHUP
    /// loads them in any case.
    pub watch: bool,
}

/// How the daemon's log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Log {
    /// Lines for people.
    Human,
    /// JSON Lines.
    Json,
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from(([127, 0, 0, 1], 7070)),
            store: PathBuf::from(".hence/hence.db"),
            secrets: PathBuf::from(".hence/secrets"),
            log: Log::Human,
            keep_days: 30,
            hosts: Vec::new(),
            session_hours: 12,
            watch: true,
        }
    }
}

/// What a lint does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LintLevel {
    /// Not reported.
    Allow,
    /// Reported as a warning.
    Warn,
    /// Reported as an error.
    Deny,
}

impl Default for Manifest {
    fn default() -> Self {
        Self {
            name: String::new(),
            zone: TimeZone::UTC,
            integrations: PathBuf::from("integrations"),
            connections: BTreeMap::new(),
            server: Server::default(),
            tls: Tls::default(),
            limits: Limits::default(),
            traces: Traces::default(),
            allow: Vec::new(),
            lints: BTreeMap::new(),
            renamed: BTreeMap::new(),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    name: Option<String>,
    timezone: Option<toml::Spanned<String>>,
    integrations: Option<PathBuf>,
    #[serde(default)]
    connections: BTreeMap<String, BTreeMap<String, toml::Spanned<toml::Value>>>,
    #[serde(default)]
    server: Server,
    #[serde(default)]
    tls: Tls,
    #[serde(default)]
    limits: Limits,
    #[serde(default)]
    traces: Traces,
    #[serde(default)]
    network: Network,
    #[serde(default)]
    lints: BTreeMap<toml::Spanned<String>, LintLevel>,
    #[serde(default)]
    renamed: BTreeMap<toml::Spanned<String>, toml::Spanned<String>>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Network {
    #[serde(default)]
    allow: Vec<String>,
}

/// Reads the manifest of a project; without one, everything has its default.
pub(crate) fn load(located: &Located, sources: &mut Sources, diagnostics: &mut Vec<Diagnostic>) -> Manifest {
    let mut manifest = Manifest { name: folder_name(located), ..Manifest::default() };
    let Some(path) = &located.manifest else { return manifest };
    let Some(file) = crate::files::read(located, std::slice::from_ref(path), sources, diagnostics).pop()
    else {
        return manifest;
    };
    let text = sources.get(file).map(|source| source.text().clone()).unwrap_or_default();
    let at = |range: std::ops::Range<usize>| Span::new(file, range.start as u32, range.end as u32);
    let invalid = |span: Span, message: String| Diagnostic::new(Code::InvalidConfig, span, message);
    let written: Written = match toml::from_str(&text) {
        Ok(written) => written,
        Err(error) => {
            let span = error.span().map_or(Span::new(file, 0, 0), at);
            let message = error.message().lines().next().unwrap_or_default();
            let unknown = message.strip_prefix("unknown field `").and_then(|rest| rest.split('`').next());
            diagnostics.push(match unknown {
                None => invalid(span, message.to_owned()).label("cannot be read"),
                Some(name) => unknown_key(name, &text, span, invalid),
            });
            return manifest;
        }
    };
    manifest.name = written.name.unwrap_or(manifest.name);
    manifest.integrations = written.integrations.unwrap_or(manifest.integrations);
    manifest.server = written.server;
    (manifest.tls, manifest.limits, manifest.traces) = (written.tls, written.limits, written.traces);
    manifest.allow = written.network.allow;
    if let Some(zone) = written.timezone {
        match time_zone(zone.get_ref(), at(zone.span()), Code::InvalidConfig) {
            Ok(found) => manifest.zone = found,
            Err(diagnostic) => diagnostics.push(*diagnostic),
        }
    }
    for (integration, settings) in written.connections {
        let connection = manifest.connections.entry(integration).or_default();
        for (name, value) in settings {
            let text = match value.get_ref() {
                toml::Value::String(text) => text.clone(),
                toml::Value::Integer(number) => number.to_string(),
                toml::Value::Boolean(truth) => truth.to_string(),
                toml::Value::Float(_)
                | toml::Value::Datetime(_)
                | toml::Value::Array(_)
                | toml::Value::Table(_) => {
                    diagnostics.push(
                        invalid(at(value.span()), format!("the setting `{name}` is a text"))
                            .label("expected a text, such as `\"secret:TOKEN\"`"),
                    );
                    continue;
                }
            };
            connection.insert(name, text);
        }
    }
    for (present, first) in written.renamed {
        let (present_at, first_at) = (at(present.span()), at(first.span()));
        let renamed = Renamed { first: first.into_inner(), present_at, first_at };
        manifest.renamed.insert(present.into_inner(), renamed);
    }
    for (name, level) in written.lints {
        match Code::parse(name.get_ref()) {
            Some(code) if code.level() != Level::Error => {
                manifest.lints.insert(code, level);
            }
            Some(code) => diagnostics.push(
                invalid(at(name.span()), format!("`{}` is no lint and has no level", code.name()))
                    .label("an error stays one"),
            ),
            None => {
                let lints =
                    Code::ALL.iter().filter(|code| code.level() != Level::Error).map(|code| code.name());
                let mut diagnostic =
                    invalid(at(name.span()), format!("no lint is named `{}`", name.get_ref()));
                if let Some(near) = nearest(name.get_ref(), lints) {
                    diagnostic = diagnostic.label(format!("did you mean `{near}`?"));
                }
                diagnostics.push(diagnostic);
            }
        }
    }
    manifest
}

/// Tells of a key that there is not, and of the one that was probably meant.
fn unknown_key(
    name: &str,
    text: &str,
    span: Span,
    invalid: impl Fn(Span, String) -> Diagnostic,
) -> Diagnostic {
    let before = text.get(..span.start as usize).unwrap_or_default();
    let header = before.lines().rev().find_map(|line| line.trim().strip_prefix('[')?.split(']').next());
    // Where the header itself is what is unknown, it is a table at the top.
    let table = header.filter(|_| !before.trim_end_matches(' ').ends_with('[')).unwrap_or_default();
    let place = if table.is_empty() { String::new() } else { format!(" in `[{table}]`") };
    let diagnostic = invalid(span, format!("`{name}` is no setting{place}"));
    match meant(name, table.trim()) {
        Some(near) => diagnostic.label(format!("did you mean `{near}`?")),
        None => diagnostic.label("not a setting of this file"),
    }
}

fn folder_name(located: &Located) -> String {
    let folder = std::fs::canonicalize(&located.root).ok();
    let name = folder.as_ref().and_then(|folder| folder.file_name()).and_then(|name| name.to_str());
    name.unwrap_or("project").to_owned()
}

impl Manifest {
    /// Returns the names that rules had first.
    pub fn former_names(&self) -> FormerNames {
        let names = self.renamed.iter();
        names
            .map(|(present, renamed)| (Arc::from(present.as_str()), Arc::from(renamed.first.as_str())))
            .collect()
    }

    /// Returns what is wrong with `[renamed]`, given the names of all rules.
    pub(crate) fn check_renamed(&self, checked: &Checked) -> Vec<Diagnostic> {
        let rules = &checked.declarations.rules;
        let invalid = |span: Span, message: String| Diagnostic::new(Code::InvalidConfig, span, message);
        let mut found = Vec::new();
        let mut owners: BTreeMap<&str, &str> = BTreeMap::new();
        for (present, Renamed { first, present_at, first_at }) in &self.renamed {
            if !rules.contains_key(present.as_str()) {
                let mut diagnostic = invalid(*present_at, format!("no rule is named `{present}`"));
                let near = nearest(present, rules.keys().map(|name| &**name));
                diagnostic = match near {
                    Some(near) => diagnostic.label(format!("did you mean `{near}`?")),
                    None => diagnostic.label("expected the present name of a rule"),
                };
                found.push(diagnostic);
            }
            if let Some(declared) = rules.get(first.as_str()) {
                found.push(
                    invalid(*first_at, format!("`{first}` is the name of another rule"))
                        .label(format!("what is kept under this name belongs to `{present}`"))
                        .secondary(declared.span, "a new rule needs a name that no rule had before"),
                );
            }
            if let Some(owner) = owners.insert(first, present) {
                found.push(
                    invalid(*first_at, format!("`{first}` was the name of one rule alone"))
                        .label(format!("what is kept under this name belongs to `{owner}`")),
                );
            }
        }
        found
    }

    /// Gives lints the levels of the project.
    pub(crate) fn apply_levels(&self, diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let mut kept = Vec::with_capacity(diagnostics.len());
        for mut diagnostic in diagnostics {
            match self.lints.get(&diagnostic.code) {
                Some(LintLevel::Allow) => continue,
                Some(LintLevel::Warn) => diagnostic.severity = Severity::Warning,
                Some(LintLevel::Deny) => diagnostic.severity = Severity::Error,
                None => {}
            }
            kept.push(diagnostic);
        }
        kept
    }
}
