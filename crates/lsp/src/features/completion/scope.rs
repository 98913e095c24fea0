//! The names that mean something at a cursor.

use hence_builtins::FunctionId;
use hence_check::QuantifierKind;
use hence_syntax::ast::{Argument, Expression, ExpressionKind, Item, ItemKind, Name, NodeId, Step, StepKind};
use hence_types::Type;

use super::{About, Kind, Proposal, quoted};
use crate::cursor::Cursor;
use crate::names::Symbol;
use crate::nodes::{self, Node};

/// Returns the names in scope at a cursor; those of the type that is wanted come first.
pub(super) fn names(
    cursor: &Cursor<'_>,
    item: &Item,
    path: &[Node<'_>],
    wanted: Option<&Type>,
) -> Vec<Proposal> {
    let Some((_, facts)) = cursor.item() else { return Vec::new() };
    let mut all = Vec::new();
    let rank = |ty: &Type, rank: u8| {
        let agrees =
            wanted.is_some_and(|wanted| !ty.is_error() && ty.required().agrees_with(wanted.required()));
        if agrees { rank.saturating_sub(1) } else { rank }
    };
    for (name, node) in locals(cursor, item, path) {
        let ty = facts.ty(node);
        let detail = if ty.is_error() { String::new() } else { ty.to_string() };
        all.push(Proposal::new(&name.text, Kind::Variable).detail(detail).rank(rank(ty, 2)));
    }
    if let ItemKind::Rule(rule) = &item.kind {
        for (name, field) in &facts.payload.fields {
            let proposal = Proposal::new(quoted(name), Kind::Field).rank(rank(&field.ty, 3));
            all.push(match field.origin {
                Some(origin) => proposal.typed(Symbol::Field(origin), &field.ty),
                None => proposal.detail(field.ty.to_string()),
            });
        }
        let payload = Type::Record(facts.payload.clone());
        for alias in rule.triggers.iter().filter_map(|trigger| trigger.alias.as_ref()) {
            all.push(Proposal::new(&alias.text, Kind::Variable).detail(payload.to_string()).rank(2));
        }
        all.push(Proposal::new("event", Kind::Variable).typed(Symbol::Payload, &payload).rank(4));
    }
    let declarations = &cursor.view.project().checked.declarations;
    for (name, declared) in &declarations.constants {
        let symbol = Symbol::Constant(name.clone());
        let proposal = Proposal::new(name, Kind::Constant).typed(symbol, &declared.what);
        all.push(proposal.rank(rank(&declared.what, 4)));
    }
    if !matches!(item.kind, ItemKind::Test(_)) {
        for (name, declared) in &declarations.functions {
            let parameters = declared.what.parameters.iter().enumerate();
            let parts: Vec<String> =
                parameters.map(|(index, (name, ..))| format!("${{{}:{name}}}", index + 1)).collect();
            let proposal = Proposal::new(name, Kind::Function)
                .detail(super::super::hover::signature(&declared.what))
                .about(Symbol::Function(name.clone()), Some(&declared.what.result))
                .snippet(format!("{name}({})$0", parts.join(", ")));
            all.push(proposal.rank(rank(&declared.what.result, 4)));
        }
        all.extend(language());
    }
    all
}

/// The functions and quantifiers of the language, and `now` and `today`.
fn language() -> Vec<Proposal> {
    let mut all = Vec::new();
    for (name, symbol, ty) in [("now", Symbol::Now, Type::DateTime), ("today", Symbol::Today, Type::Date)] {
        all.push(Proposal::new(name, Kind::Variable).typed(symbol, &ty).rank(5));
    }
    for function in FunctionId::ALL {
        let definition = function.definition();
        let required = definition.parameters.iter().filter(|parameter| !parameter.optional).enumerate();
        let parts: Vec<String> =
            required.map(|(index, parameter)| format!("${{{}:{}}}", index + 1, parameter.name)).collect();
        all.push(
            Proposal::new(definition.name, Kind::Function)
                .detail(super::super::hover::builtin_signature(definition))
                .about(Symbol::Builtin(*function), None)
                .snippet(format!("{}({})$0", definition.name, parts.join(", ")))
                .rank(5),
        );
    }
    for (name, _) in QuantifierKind::ALL {
        let mut proposal = Proposal::new(format!("{name}(… in …)"), Kind::Function)
            .snippet(format!("{name}(${{1:item}} in ${{2:list}}, ${{3:condition}})$0"))
            .rank(5);
        proposal.text = format!("{name}(");
        proposal.about = About::Form(name);
        all.push(proposal);
    }
    all
}

/// The variables that are bound where the cursor is.
fn locals<'a>(cursor: &Cursor<'_>, item: &'a Item, path: &[Node<'a>]) -> Vec<(&'a Name, NodeId)> {
    let mut found = Vec::new();
    found.extend(nodes::parameters(item).iter().map(|parameter| (&parameter.name, parameter.id)));
    if let ItemKind::Rule(rule) = &item.kind {
        found.extend(rule.family.iter().map(|family| (&family.row, family.id)));
        let steps = |steps: &'a [Step]| steps.iter().any(|step| cursor.is_in(step.span)).then_some(steps);
        let otherwise = rule.otherwise.as_deref().and_then(steps);
        if let Some(steps) = steps(&rule.then).or(otherwise) {
            bound_before(cursor, steps, &mut found);
        }
    }
    for node in path {
        match node {
            Node::Step(step) => {
                let holder = match step.blocks().last() {
                    // The variable of a loop and the error of an attempt are known in its last block.
                    Some(block) => cursor.is_in(block.span),
                    None => false,
                };
                if let (true, Some(name), false) =
                    (holder, nodes::bound(step), matches!(step.kind, StepKind::Let(..)))
                {
                    found.push((name, step.id));
                }
            }
            Node::Block(block) => bound_before(cursor, &block.steps, &mut found),
            Node::Expression(expression) => found.extend(binder(cursor, expression)),
            _ => {}
        }
    }
    found
}

fn bound_before<'a>(cursor: &Cursor<'_>, steps: &'a [Step], found: &mut Vec<(&'a Name, NodeId)>) {
    for step in steps.iter().filter(|step| cursor.is_after(step.span)) {
        if let StepKind::Let(name, _) = &step.kind {
            found.push((name, step.id));
        } else if let StepKind::WaitFor(wait) = &step.kind {
            found.extend(wait.name.as_ref().map(|name| (name, step.id)));
        } else if let StepKind::Ask(ask) = &step.kind {
            found.extend(ask.name.as_ref().map(|name| (name, step.id)));
        }
    }
}

/// The variable of a quantifier, in its body.
fn binder<'a>(cursor: &Cursor<'_>, expression: &'a Expression) -> Option<(&'a Name, NodeId)> {
    let ExpressionKind::Call { arguments, .. } = &expression.kind else { return None };
    match arguments.first()? {
        Argument::Binder { id, variable, list } if cursor.is_after(list.span) => Some((variable, *id)),
        Argument::Binder { .. } | Argument::Named(..) | Argument::Positional(_) => None,
    }
}
