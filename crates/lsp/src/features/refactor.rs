//! Other ways to write the same, and what can be written next: a part as a function, a choice as a table, a test of a
//! rule.

use hence_check::Use;
use hence_diagnostics::Span;
use hence_syntax::TokenKind;
use hence_syntax::ast::{Expression, ExpressionKind, ItemKind, MatchPattern};
use hence_types::Type;
use hence_types::jiff::Timestamp;

use super::code_actions::{Action, ActionKind};
use super::formatting::Edit;
use crate::nodes::Node;
use crate::view::{ItemView, View};

/// Returns what can be written in another way at a range.
pub fn at(view: View<'_>, range: Span, now: Timestamp) -> Vec<Action<'static>> {
    let Some(item) = view.item_at(range.start) else { return Vec::new() };
    let mut actions = Vec::new();
    actions.extend(extract(view, item, range));
    actions.extend(to_table(view, item));
    actions.extend(write_test(view, item, now));
    actions
}

fn action(title: &str, kind: ActionKind, edits: Vec<Edit>) -> Action<'static> {
    Action { title: title.to_owned(), kind, mends: None, preferred: false, edits: Some(edits) }
}

/// A selected expression as a function.
fn extract(view: View<'_>, item: ItemView<'_>, range: Span) -> Option<Action<'static>> {
    let selected = trimmed(view, range)?;
    let mut found: Option<&Expression> = None;
    Node::Item(item.item).visit(&mut |node| {
        if let Node::Expression(expression) = node
            && (expression.span.start, expression.span.end) == (selected.start, selected.end)
        {
            found = found.or(Some(expression));
        }
    });
    let expression = found?;
    let mut parameters: Vec<(String, String)> = Vec::new();
    let mut edits: Vec<Edit> = Vec::new();
    if !needs(view, item, expression, &mut parameters, &mut edits) {
        return None;
    }
    let result = type_text(item.facts.ty(expression.id))?;
    let name = free_name(view, "extracted");
    let mut body = view.slice(expression.span).to_owned();
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span.start));
    for edit in edits {
        let start = (edit.span.start - expression.span.start) as usize;
        let end = (edit.span.end - expression.span.start) as usize;
        if body.get(start..end).is_some() {
            body.replace_range(start..end, &edit.text);
        }
    }
    let declared: Vec<String> = parameters.iter().map(|(name, ty)| format!("{name}: {ty}")).collect();
    let arguments: Vec<String> = arguments(view, item, expression);
    let head = format!("fn {name}({}) -> {result} = {body}\n\n", declared.join(", "));
    let start = with_doc(view, item.item.span.start);
    let insert = Edit { span: Span::new(view.file, start, start), text: head };
    let call = Edit { span: expression.span, text: format!("{name}({})", arguments.join(", ")) };
    Some(action("extract a function", ActionKind::Extract, vec![insert, call]))
}

/// The values an expression takes from around it, each once, in the order they stand.
fn roots<'a>(item: ItemView<'_>, expression: &'a Expression) -> Vec<(&'a Expression, String)> {
    let mut found: Vec<(&'a Expression, String)> = Vec::new();
    let mut inner = Vec::new();
    Node::Expression(expression).visit(&mut |node| {
        let Node::Expression(part) = node else { return };
        let of_payload =
            |base: &Expression| matches!(item.facts.usage(base.ungrouped().id), Some(Use::Payload));
        if let ExpressionKind::Field { base, name, .. } = &part.kind
            && of_payload(base)
        {
            inner.push(base.span);
            found.push((part, name.text.clone()));
        } else if let ExpressionKind::Name(name) = &part.kind
            && matches!(item.facts.usage(part.id), Some(Use::PayloadField(_) | Use::Local(_) | Use::Payload))
            && !inner.contains(&part.span)
        {
            found.push((part, name.text.clone()));
        }
    });
    // A variable that a part of the expression binds is not taken from around it.
    let mut bound = Vec::new();
    Node::Expression(expression).visit(&mut |node| {
        if let Node::Argument(hence_syntax::ast::Argument::Binder { id, .. }) = node {
            bound.push(*id);
        }
    });
    found.retain(
        |(part, _)| !matches!(item.facts.usage(part.id), Some(Use::Local(node)) if bound.contains(node)),
    );
    found
}

/// Finds the parameters an expression needs as a function; false where it cannot be one.
fn needs(
    view: View<'_>,
    item: ItemView<'_>,
    expression: &Expression,
    parameters: &mut Vec<(String, String)>,
    edits: &mut Vec<Edit>,
) -> bool {
    let mut possible = true;
    Node::Expression(expression).visit(&mut |node| {
        if let Node::Expression(part) = node {
            let of_event = matches!(item.facts.usage(part.id), Some(Use::Envelope(_) | Use::Action(_)));
            possible &= !of_event && !matches!(part.kind, ExpressionKind::IsEvent { .. });
        }
    });
    for (part, name) in roots(item, expression) {
        // What is known of the value at its place need not be known in the function.
        let Some(ty) = type_text(item.facts.ty(part.id)) else { return false };
        if view.slice(part.span) != name {
            edits.push(Edit { span: part.span, text: name.clone() });
        }
        match parameters.iter().find(|(known, _)| *known == name) {
            Some((_, known)) => possible &= *known == ty,
            None => parameters.push((name, ty)),
        }
    }
    possible
}

fn arguments(view: View<'_>, item: ItemView<'_>, expression: &Expression) -> Vec<String> {
    let mut seen = Vec::new();
    let mut arguments = Vec::new();
    for (part, name) in roots(item, expression) {
        if !seen.contains(&name) {
            seen.push(name);
            arguments.push(view.slice(part.span).to_owned());
        }
    }
    arguments
}

/// Returns a type as it is written in a function, if it has a name.
fn type_text(ty: &Type) -> Option<String> {
    let text = match ty {
        Type::Optional(inner) => format!("{}?", type_text(inner)?),
        Type::List(inner) => format!("list<{}>", type_text(inner)?),
        Type::Map(inner) => format!("map<{}>", type_text(inner)?),
        Type::Record(record) => record.name.as_deref()?.to_owned(),
        Type::Enum(enumeration) => enumeration.name.as_deref().unwrap_or("string").to_owned(),
        Type::Money(Some(currency)) => currency.to_string(),
        Type::Error | Type::Nothing => return None,
        Type::Bool
        | Type::Int
        | Type::Decimal
        | Type::Float
        | Type::String
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Duration
        | Type::Period
        | Type::Percent
        | Type::Money(None)
        | Type::Json => ty.to_string(),
    };
    Some(text)
}

/// A range without the blanks at its ends; nothing where nothing else is left.
fn trimmed(view: View<'_>, range: Span) -> Option<Span> {
    let text = view.slice(range);
    let inner = text.trim();
    let start = range.start + (text.len() - text.trim_start().len()) as u32;
    (!inner.is_empty()).then(|| Span::new(range.file, start, start + inner.len() as u32))
}

fn free_name(view: View<'_>, wanted: &str) -> String {
    let declarations = &view.project().checked.declarations;
    let taken = |name: &str| {
        declarations.functions.contains_key(name)
            || declarations.constants.contains_key(name)
            || declarations.rules.contains_key(name)
    };
    let numbered = (2..).map(|number| format!("{wanted}_{number}"));
    std::iter::once(wanted.to_owned()).chain(numbered).find(|name| !taken(name)).unwrap_or_default()
}

/// Returns where an item starts, with the documentation above it.
fn with_doc(view: View<'_>, start: u32) -> u32 {
    let mut from = start;
    for token in view.tokens().iter().rev().filter(|token| token.span.end <= start) {
        match token.kind {
            TokenKind::DocComment => from = token.span.start,
            TokenKind::Blank if view.slice(token.span).matches('\n').count() < 2 => {}
            _ => break,
        }
    }
    from
}

/// A function that is one `match` over its only parameter, as a table.
fn to_table(view: View<'_>, item: ItemView<'_>) -> Option<Action<'static>> {
    let ItemKind::Fn(function) = &item.item.kind else { return None };
    let [parameter] = function.parameters.as_slice() else { return None };
    let ExpressionKind::Match { subject, arms } = &function.body.ungrouped().kind else { return None };
    let ExpressionKind::Name(name) = &subject.kind else { return None };
    if name.text != parameter.name.text {
        return None;
    }
    let mut rows = String::new();
    for arm in arms {
        let cell = match &arm.pattern {
            MatchPattern::Values(values) => match values.as_slice() {
                [value] => view.slice(value.span).to_owned(),
                values => {
                    let values: Vec<&str> = values.iter().map(|value| view.slice(value.span)).collect();
                    format!("in [{}]", values.join(", "))
                }
            },
            MatchPattern::Missing(_) => "is missing".to_owned(),
            MatchPattern::Else(_) => "_".to_owned(),
        };
        rows.push_str(&format!("  | {cell} | {} |\n", view.slice(arm.value.span)));
    }
    let head = format!(
        "table {}({}: {}) -> {}, first match {{\n{rows}}}",
        function.name.text,
        parameter.name.text,
        view.slice(parameter.ty.span),
        view.slice(function.result.span),
    );
    let edit = Edit { span: item.item.span, text: head };
    Some(action("convert to a table", ActionKind::Rewrite, vec![edit]))
}

/// A test of the rule at a place, with a sample of its event and what comes of it.
fn write_test(view: View<'_>, item: ItemView<'_>, now: Timestamp) -> Option<Action<'static>> {
    let ItemKind::Rule(rule) = &item.item.kind else { return None };
    let event = item.facts.events.first()?;
    view.catalog().event_by_full_name(event)?;
    let name = &rule.name.text;
    let outcome = if super::lenses::matches_sample(view, name, now)? { "ran" } else { "not ran" };
    let text = format!("\n\ntest \"{name} on a sample event\"\n  given {event}\n  expect {name} {outcome}");
    let end = item.item.span.end;
    let edit = Edit { span: Span::new(view.file, end, end), text };
    Some(action("write a test of this rule", ActionKind::Create, vec![edit]))
}
