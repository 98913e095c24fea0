//! What can be done about a place: the fixes of what is wrong there.

use hence_diagnostics::{Applicability, Code, Diagnostic, Fix, Span};

use super::formatting::{Edit, difference};
use crate::nodes::Node;
use crate::view::View;

/// Something that can be done.
#[derive(Debug, Clone, PartialEq)]
pub struct Action<'a> {
    /// What it does.
    pub title: String,
    /// What kind of thing it is.
    pub kind: ActionKind,
    /// What it mends.
    pub mends: Option<&'a Diagnostic>,
    /// Whether it is the one to be taken without asking.
    pub preferred: bool,
    /// The edits, in one file; nothing where they are computed when it is chosen.
    pub edits: Option<Vec<Edit>>,
}

/// What kind of thing can be done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ActionKind {
    /// Mends what is wrong.
    Fix,
    /// Mends everything that is certain.
    FixAll,
    /// Writes the same in another way.
    Rewrite,
    /// Takes a part out.
    Extract,
    /// Writes something new.
    Create,
}

/// Returns what can be done at a range.
pub fn at(view: View<'_>, range: Span) -> Vec<Action<'_>> {
    let mut actions = Vec::new();
    let touches = |span: Span| span.start <= range.end && range.start <= span.end;
    let mut certain = false;
    for diagnostic in super::diagnostics::of_file(view) {
        let safe = diagnostic.fixes.iter().any(|fix| fix.applicability == Applicability::Safe);
        certain |= safe;
        if touches(diagnostic.primary.span) {
            actions.extend(of_diagnostic(diagnostic));
            actions.extend(leave_before(view, diagnostic));
        }
    }
    if certain && view.parsed().is_some() {
        actions.push(Action {
            title: "mend everything that is certain".to_owned(),
            kind: ActionKind::FixAll,
            mends: None,
            preferred: false,
            edits: None,
        });
    }
    actions
}

/// Returns the fixes of a diagnostic. The first that is not in need of a decision is preferred.
fn of_diagnostic(diagnostic: &Diagnostic) -> impl Iterator<Item = Action<'_>> {
    let best = diagnostic.fixes.iter().position(|fix| fix.applicability != Applicability::Manual);
    diagnostic.fixes.iter().enumerate().map(move |(index, fix)| Action {
        title: fix.title.clone(),
        kind: ActionKind::Fix,
        mends: Some(diagnostic),
        preferred: best == Some(index),
        edits: Some(edits(fix)),
    })
}

/// Returns the guard before the step in which a value may be missing: it leaves the rule there.
fn leave_before<'a>(view: View<'_>, diagnostic: &'a Diagnostic) -> Option<Action<'a>> {
    let span = diagnostic.primary.span;
    let value = view.slice(span);
    let is_name = value.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.');
    if diagnostic.code != Code::MayBeMissing || !is_name {
        return None;
    }
    let mut step: Option<Span> = None;
    Node::Item(view.item_at(span.start)?.item).visit(&mut |node| {
        if let Node::Step(found) = node
            && found.span.start <= span.start
            && span.end <= found.span.end
        {
            // Of steps within steps the inner one.
            step = Some(found.span);
        }
    });
    let at = step?.before();
    let line = view.text().get(..at.start as usize)?.rfind('\n').map_or(0, |at| at + 1);
    let indent = view.text().get(line..at.start as usize)?.chars().count();
    let text = format!("if {value} is missing {{ stop }}\n{}", " ".repeat(indent));
    Some(Action {
        title: format!("leave before if `{value}` is missing"),
        kind: ActionKind::Fix,
        mends: Some(diagnostic),
        preferred: false,
        edits: Some(vec![Edit { span: at, text }]),
    })
}

/// Returns the edits of a fix.
pub fn edits(fix: &Fix) -> Vec<Edit> {
    fix.edits.iter().map(|edit| Edit { span: edit.span, text: edit.text.clone() }).collect()
}

/// Returns the edits of all fixes of a file that are certain.
pub fn fix_all(view: View<'_>) -> Vec<Edit> {
    let fixed = hence_project::fix(view.project(), Some(view.file));
    fixed.iter().flat_map(|fixed| difference(view, view.text(), &fixed.text)).collect()
}
