//! The meaning of words, for colours: what a lexer cannot know of names, and what it can of everything else.

use hence_diagnostics::Span;
use hence_syntax::ast::{ExpressionKind, TypeExpressionKind};
use hence_syntax::{Class, TokenKind};

use crate::names::{self, Role, Symbol};
use crate::nodes::Node;
use crate::view::View;

/// What a part of a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A keyword.
    Keyword,
    /// A comment.
    Comment,
    /// A text.
    Text,
    /// A number, with its unit.
    Number,
    /// A pattern.
    Pattern,
    /// An integration.
    Integration,
    /// An event.
    Event,
    /// An action.
    Action,
    /// A field.
    Field,
    /// A variable.
    Variable,
    /// A parameter.
    Parameter,
    /// A function.
    Function,
    /// A rule.
    Rule,
    /// A type.
    Type,
    /// A label of a step.
    Label,
}

impl Kind {
    /// All kinds, with the names that the protocol gives them.
    pub const ALL: &'static [(Kind, &'static str)] = &[
        (Kind::Keyword, "keyword"),
        (Kind::Comment, "comment"),
        (Kind::Text, "string"),
        (Kind::Number, "number"),
        (Kind::Pattern, "regexp"),
        (Kind::Integration, "namespace"),
        (Kind::Event, "event"),
        (Kind::Action, "method"),
        (Kind::Field, "property"),
        (Kind::Variable, "variable"),
        (Kind::Parameter, "parameter"),
        (Kind::Function, "function"),
        (Kind::Rule, "class"),
        (Kind::Type, "type"),
        (Kind::Label, "label"),
    ];
}

/// A part of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The place, on one line.
    pub span: Span,
    /// What it is.
    pub kind: Kind,
    /// Whether it declares what it names.
    pub declares: bool,
    /// Whether it belongs to the language and not to the project.
    pub of_language: bool,
    /// Whether what it names never changes.
    pub constant: bool,
}

/// Returns the parts of a file, in order, or those that touch a range.
pub fn parts(view: View<'_>, range: Option<Span>) -> Vec<Part> {
    let wanted = |span: Span| range.is_none_or(|range| span.start <= range.end && range.start <= span.end);
    let mut parts: Vec<Part> = Vec::new();
    // Expressions in texts are no part of the text.
    let mut holes: Vec<Span> = Vec::new();
    for item in view.items().into_iter().filter(|item| wanted(item.item.span)) {
        parts.extend(names::of_item(item, view.project()).iter().filter_map(|one| part(view, one)));
        Node::Item(item.item).visit(&mut |node| {
            if let Node::Type(ty) = node
                && let TypeExpressionKind::Named(path) = &ty.kind
                && let [name] = path.names.as_slice()
            {
                let kind = Kind::Type;
                parts.push(Part {
                    span: name.span,
                    kind,
                    declares: false,
                    of_language: true,
                    constant: false,
                });
            }
            if let Node::Expression(expression) = node
                && let ExpressionKind::Text(_) = &expression.kind
            {
                holes.extend(node.children().into_iter().map(Node::span));
            }
        });
    }
    parts.retain(|part| part.span.file == view.file);
    parts.sort_by_key(|part| part.span);
    let named: Vec<Span> = parts.iter().map(|part| part.span).collect();
    holes.sort_unstable();
    for token in view.tokens().iter().filter(|token| wanted(token.span)) {
        let Some(kind) = of_token(token.kind) else { continue };
        // A word of the language that stands for a name is what it names.
        let at = named.partition_point(|span| span.end <= token.span.start);
        let is_name = named.get(at).is_some_and(|span| span.start <= token.span.start);
        if is_name && kind == Kind::Keyword {
            continue;
        }
        let plain = |span| Part { span, kind, declares: false, of_language: false, constant: false };
        if kind != Kind::Text {
            parts.push(plain(token.span));
            continue;
        }
        let mut start = token.span.start;
        for hole in holes.iter().filter(|hole| token.span.start < hole.start && hole.end < token.span.end) {
            parts.push(plain(Span::new(view.file, start, hole.start.max(start))));
            start = start.max(hole.end);
        }
        parts.push(plain(Span::new(view.file, start, token.span.end)));
    }
    parts.retain(|part| !part.span.is_empty() && wanted(part.span));
    parts.sort_by_key(|part| part.span);
    // Titles of tests are texts and names at once.
    parts.dedup_by(|later, first| later.span.start < first.span.end);
    parts
}

fn of_token(kind: TokenKind) -> Option<Kind> {
    match kind.class() {
        Class::Reserved | Class::Contextual => Some(Kind::Keyword),
        Class::Trivia => matches!(kind, TokenKind::Comment | TokenKind::DocComment).then_some(Kind::Comment),
        Class::Literal => Some(match kind {
            TokenKind::Text | TokenKind::RawText => Kind::Text,
            TokenKind::Pattern => Kind::Pattern,
            _ => Kind::Number,
        }),
        Class::Name | Class::Mark => None,
        Class::Bad => (kind == TokenKind::UnclosedText).then_some(Kind::Text),
    }
}

fn part(view: View<'_>, one: &names::Occurrence) -> Option<Part> {
    let mut of_language = false;
    let mut constant = false;
    let kind = match &one.symbol {
        Symbol::Rule(_) => Kind::Rule,
        Symbol::Function(_) => Kind::Function,
        Symbol::Builtin(_) | Symbol::Quantifier(_) => {
            of_language = true;
            Kind::Function
        }
        Symbol::Constant(_) => {
            constant = true;
            Kind::Variable
        }
        Symbol::Payload | Symbol::Envelope(_) | Symbol::Now | Symbol::Today => {
            of_language = true;
            Kind::Variable
        }
        Symbol::Local(place, node) => {
            let item = view.item(*place)?;
            let parameters = Node::Item(item.item).children();
            let is_parameter =
                parameters.iter().any(|part| matches!(part, Node::Parameter(found) if found.id == *node));
            if is_parameter { Kind::Parameter } else { Kind::Variable }
        }
        Symbol::Alias(..) => Kind::Variable,
        Symbol::Group(_) => Kind::Rule,
        Symbol::Label(..) => Kind::Label,
        Symbol::Integration(_) => Kind::Integration,
        Symbol::Event(_) | Symbol::EntryPoint(_) => Kind::Event,
        Symbol::Action(_) => Kind::Action,
        Symbol::Parameter(..) => Kind::Parameter,
        Symbol::Field(_) => Kind::Field,
        Symbol::NamedType(..) => Kind::Type,
        Symbol::Test(_) => return None,
    };
    Some(Part { span: one.span, kind, declares: one.role == Role::Declares, of_language, constant })
}
