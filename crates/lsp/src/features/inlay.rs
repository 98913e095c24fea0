//! What is known and not written, between the words: the types of variables, what positional arguments are for, and when
//! a schedule is due next, in which zone.

use hence_diagnostics::Span;
use hence_syntax::ast::{Argument, ExpressionKind, ItemKind};
use hence_types::jiff::Timestamp;

use crate::names::{self, Role, Symbol};
use crate::nodes::Node;
use crate::view::{ItemView, View};

/// A hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte it stands before.
    pub at: u32,
    /// What it says.
    pub text: String,
    /// What kind of thing that is.
    pub tells: Tells,
    /// What else is to be known, possibly nothing.
    pub more: String,
}

/// What a hint tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tells {
    /// The type of a variable or constant.
    Type,
    /// The parameter that an argument is for.
    Parameter,
    /// The times of a schedule.
    Times,
}

impl Hint {
    fn new(at: u32, tells: Tells, text: String) -> Self {
        Self { at, text, tells, more: String::new() }
    }
}

/// How many times of a schedule are told.
const TIMES: usize = 5;

/// Returns the hints of a part of a file, in order; times are those after `now`.
pub fn hints(view: View<'_>, range: Span, now: Timestamp) -> Vec<Hint> {
    let mut hints = Vec::new();
    let touches = |span: Span| span.start <= range.end && range.start <= span.end;
    for item in view.items().into_iter().filter(|item| touches(item.item.span)) {
        // Parameters have their types written beside them.
        let written = crate::nodes::parameters(item.item);
        for one in names::of_item(item, view.project()) {
            if let (Symbol::Local(_, node), Role::Declares) = (&one.symbol, one.role)
                && !written.iter().any(|parameter| parameter.id == *node)
                && !item.facts.ty(*node).is_error()
            {
                let text = format!(": {}", item.facts.ty(*node));
                hints.push(Hint::new(one.span.end, Tells::Type, text));
            }
        }
        if let ItemKind::Const(constant) = &item.item.kind
            && let Some(declared) = view.project().checked.declarations.constants.get(&constant.name.text)
            && !declared.what.is_error()
        {
            let text = format!(": {}", declared.what);
            hints.push(Hint::new(constant.name.span.end, Tells::Type, text));
        }
        if let ItemKind::Rule(rule) = &item.item.kind {
            let due = rule.triggers.iter().enumerate();
            hints.extend(due.filter_map(|(place, trigger)| times(view, item, place, trigger.span.end, now)));
        }
        Node::Item(item.item).visit(&mut |node| arguments(view, node, &mut hints));
    }
    hints.retain(|hint| range.start <= hint.at && hint.at <= range.end);
    hints.sort_by_key(|hint| hint.at);
    hints
}

/// The next times of a schedule.
fn times(view: View<'_>, item: ItemView<'_>, place: usize, at: u32, now: Timestamp) -> Option<Hint> {
    let schedule = item.facts.schedules.get(&place)?;
    let of_rule = item.facts.header.zone.as_ref().unwrap_or(&view.project().manifest.zone);
    let zone = schedule.zone(of_rule);
    let next = std::iter::successors(schedule.recurrence.next(now, zone), |time| {
        schedule.recurrence.next(*time, zone)
    });
    let name = zone.iana_name().unwrap_or("UTC");
    let shown = |time: Timestamp| time.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string();
    let times: Vec<String> = next.take(TIMES).map(shown).collect();
    let first = times.first()?;
    let missed = schedule.missed.as_str();
    let more = format!("{}\nin {name}; missed times: {missed}", times.join("\n"));
    Some(Hint { more, ..Hint::new(at, Tells::Times, format!("next {first} {name}")) })
}

/// The names of the parameters that arguments without names are for, where there are several.
fn arguments(view: View<'_>, node: Node<'_>, hints: &mut Vec<Hint>) {
    let Node::Expression(expression) = node else { return };
    let ExpressionKind::Call { callee, arguments, .. } = &expression.kind else { return };
    let ExpressionKind::Name(name) = &callee.kind else { return };
    let Some(declared) = view.project().checked.declarations.functions.get(&name.text) else { return };
    if arguments.len() < 2 {
        return;
    }
    for (argument, (parameter, ..)) in arguments.iter().zip(&declared.what.parameters) {
        if let Argument::Positional(value) = argument
            && view.slice(value.span) != parameter
        {
            hints.push(Hint::new(value.span.start, Tells::Parameter, format!("{parameter}: ")));
        }
    }
}
