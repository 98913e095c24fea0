//! What is known and not written, between the words: the types of variables, and what positional arguments are for.

use hence_diagnostics::Span;
use hence_syntax::ast::{Argument, ExpressionKind, ItemKind};

use crate::names::{self, Role, Symbol};
use crate::nodes::Node;
use crate::view::View;

/// A hint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hint {
    /// The byte it stands before.
    pub at: u32,
    /// What it says.
    pub text: String,
    /// Whether it tells a type; else it names a parameter.
    pub of_type: bool,
}

/// Returns the hints of a part of a file, in order.
pub fn hints(view: View<'_>, range: Span) -> Vec<Hint> {
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
                hints.push(Hint { at: one.span.end, text, of_type: true });
            }
        }
        if let ItemKind::Const(constant) = &item.item.kind
            && let Some(declared) = view.project().checked.declarations.constants.get(&constant.name.text)
            && !declared.what.is_error()
        {
            let text = format!(": {}", declared.what);
            hints.push(Hint { at: constant.name.span.end, text, of_type: true });
        }
        Node::Item(item.item).visit(&mut |node| arguments(view, node, &mut hints));
    }
    hints.retain(|hint| range.start <= hint.at && hint.at <= range.end);
    hints.sort_by_key(|hint| hint.at);
    hints
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
            hints.push(Hint { at: value.span.start, text: format!("{parameter}: "), of_type: false });
        }
    }
}
