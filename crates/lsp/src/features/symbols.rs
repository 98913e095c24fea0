//! What a file and a project declare: outlines and search.

use hence_diagnostics::Span;
use hence_syntax::ast::{ItemKind, Rule, Step, StepKind};

use crate::view::View;

/// How many symbols a search gives.
const MOST: usize = 128;

/// What kind of thing is declared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A rule.
    Rule,
    /// A function.
    Function,
    /// A constant.
    Constant,
    /// A table.
    Table,
    /// A test.
    Test,
    /// A group of rules.
    Group,
    /// An event that starts a rule.
    Trigger,
    /// A condition.
    Condition,
    /// A step.
    Step,
    /// A variable.
    Variable,
}

/// Something declared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Declared {
    /// The name.
    pub name: String,
    /// What else is said of it, possibly empty.
    pub detail: String,
    /// What kind of thing it is.
    pub kind: Kind,
    /// All of it.
    pub span: Span,
    /// Its name.
    pub name_span: Span,
    /// What it is made of.
    pub parts: Vec<Declared>,
}

/// Returns the outline of a file.
pub fn outline(view: View<'_>) -> Vec<Declared> {
    view.items()
        .into_iter()
        .filter_map(|item| declared(view, &item.item.kind, item.item.span, true))
        .collect()
}

/// Returns the items of a project whose names have the letters of `query` in this order, the best first.
pub fn search<'a>(views: impl IntoIterator<Item = View<'a>>, query: &str) -> Vec<(View<'a>, Declared)> {
    let query: Vec<char> = query.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = Vec::new();
    for view in views {
        for item in view.all_items() {
            let name = match &item.item.kind {
                ItemKind::Test(test) => test.name(),
                ItemKind::Broken(_) => continue,
                _ => item.item.name().map_or("", |name| name.text.as_str()),
            };
            if let Some(score) = score(name, &query)
                && let Some(declared) = declared(view, &item.item.kind, item.item.span, false)
            {
                found.push((score, view, declared));
            }
        }
    }
    found.sort_by(|a, b| (a.0, &a.2.name, a.2.span).cmp(&(b.0, &b.2.name, b.2.span)));
    found.truncate(MOST);
    found.into_iter().map(|(_, view, declared)| (view, declared)).collect()
}

/// How badly a name fits: the letters between those asked for, and the letters left.
fn score(name: &str, query: &[char]) -> Option<usize> {
    let name = name.to_lowercase();
    let mut gaps = 0;
    let mut wanted = query.iter().peekable();
    let mut begun = false;
    for letter in name.chars() {
        if wanted.peek() == Some(&&letter) {
            wanted.next();
            begun = true;
        } else if begun && wanted.peek().is_some() {
            gaps += 8;
        } else if !begun {
            gaps += 2;
        }
    }
    wanted.peek().is_none().then(|| gaps + name.chars().count())
}

fn declared(view: View<'_>, kind: &ItemKind, span: Span, parts: bool) -> Option<Declared> {
    let declared = |name: &str, detail: String, kind, name_span| Declared {
        name: name.to_owned(),
        detail,
        kind,
        span,
        name_span,
        parts: Vec::new(),
    };
    let declarations = &view.project().checked.declarations;
    let signature = |name: &str| {
        let found = declarations.functions.get(name);
        found.map(|found| super::hover::signature(&found.what)).unwrap_or_default()
    };
    match kind {
        ItemKind::Rule(rule) => {
            let title = rule.title.as_ref().map(|(title, _)| title.clone()).unwrap_or_default();
            let mut found = declared(&rule.name.text, title, Kind::Rule, rule.name.span);
            if parts {
                found.parts = rule_parts(view, rule);
            }
            Some(found)
        }
        ItemKind::Fn(function) => {
            let name = &function.name;
            Some(declared(&name.text, signature(&name.text), Kind::Function, name.span))
        }
        ItemKind::Table(table) => {
            let name = &table.name;
            Some(declared(&name.text, signature(&name.text), Kind::Table, name.span))
        }
        ItemKind::Extern(function) => {
            let name = &function.name;
            Some(declared(&name.text, signature(&name.text), Kind::Function, name.span))
        }
        ItemKind::Group(group) => {
            Some(declared(&group.name.text, String::new(), Kind::Group, group.name.span))
        }
        ItemKind::Const(constant) => {
            let name = &constant.name;
            let ty = declarations.constants.get(&name.text).map(|found| found.what.to_string());
            Some(declared(&name.text, ty.unwrap_or_default(), Kind::Constant, name.span))
        }
        ItemKind::Test(test) => Some(declared(test.name(), String::new(), Kind::Test, test.title.1)),
        ItemKind::Broken(Some(name)) => Some(declared(&name.text, String::new(), Kind::Rule, name.span)),
        ItemKind::Broken(None) => None,
    }
}

fn rule_parts(view: View<'_>, rule: &Rule) -> Vec<Declared> {
    let part = |name: String, kind, span: Span, name_span: Span| Declared {
        name,
        detail: String::new(),
        kind,
        span: span.to(name_span),
        name_span,
        parts: Vec::new(),
    };
    let mut parts = Vec::new();
    for trigger in &rule.triggers {
        let text = one_line(view.slice(trigger.span));
        parts.push(part(format!("when {text}"), Kind::Trigger, trigger.span, trigger.span));
    }
    if let Some(condition) = &rule.condition {
        let text = one_line(view.slice(condition.span));
        parts.push(part(format!("if {text}"), Kind::Condition, condition.span, condition.span));
    }
    parts.extend(rule.then.iter().chain(rule.otherwise.iter().flatten()).map(|step| of_step(view, step)));
    parts
}

fn of_step(view: View<'_>, step: &Step) -> Declared {
    let (name, kind, name_span) = if let StepKind::Let(name, _) = &step.kind {
        (format!("let {}", name.text), Kind::Variable, name.span)
    } else {
        // What stands before the first brace or parenthesis says which step it is.
        let text = view.slice(step.span).split(['(', '{']).next().unwrap_or_default();
        let text = text.trim_end();
        let end = step.span.start + text.len() as u32;
        (one_line(text), Kind::Step, Span::new(step.span.file, step.span.start, end))
    };
    let parts = step.blocks().flat_map(|block| &block.steps).map(|step| of_step(view, step)).collect();
    Declared { name, detail: String::new(), kind, span: step.span, name_span, parts }
}

/// A text on one line, cut where it is long.
pub(crate) fn one_line(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if line.chars().count() <= 60 { line } else { line.chars().take(59).collect::<String>() + "…" }
}
