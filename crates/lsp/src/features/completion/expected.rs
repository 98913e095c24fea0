//! What is expected at a cursor: the type of a value, the shape of a record, the parameters of a call.

use std::sync::Arc;

use hence_check::Use;
use hence_syntax::ast::{
    Argument, BinaryOperator, Expectation, Expression, ExpressionKind, MatchPattern, StepKind, TestClauseKind,
};
use hence_types::{Record, Type};

use crate::cursor::Cursor;
use crate::names::{self, Symbol};
use crate::nodes::Node;

/// A call that a cursor is in.
pub(crate) struct Call {
    /// How it is written, such as `crm.add_tag`.
    pub(crate) name: String,
    /// What is called.
    pub(crate) symbol: Symbol,
    /// The parameters.
    pub(crate) parameters: Vec<(String, Type, Option<Symbol>)>,
    /// The names of the arguments that are given, the one at the cursor left out.
    pub(crate) given: Vec<String>,
    /// The argument at the cursor: its name, or its position.
    pub(crate) active: Active,
    /// Whether arguments are given by name.
    pub(crate) by_name: bool,
}

/// The argument at a cursor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Active {
    /// By its name.
    Named(String),
    /// By its position.
    At(usize),
}

/// Returns the innermost call that a cursor is in the arguments of.
pub(crate) fn enclosing_call(cursor: &Cursor<'_>, path: &[Node<'_>]) -> Option<Call> {
    path.iter().rev().find_map(|node| match node {
        Node::Expression(expression) => match &expression.kind {
            ExpressionKind::Call { callee, arguments, parentheses } if cursor.is_in(*parentheses) => {
                let (_, facts) = cursor.item()?;
                let name = cursor.written(callee.span).to_owned();
                called(cursor, name, facts.usage(expression.id), arguments)
            }
            _ => None,
        },
        Node::TestClause(clause) => match &clause.kind {
            TestClauseKind::Expect(Expectation::Call(call)) if cursor.is_after(call.action.span) => {
                let name = call.action.text();
                let usage = Use::Action(Arc::from(name.as_str()));
                called(cursor, name, Some(&usage), &call.arguments)
            }
            _ => None,
        },
        _ => None,
    })
}

fn called(cursor: &Cursor<'_>, name: String, usage: Option<&Use>, arguments: &[Argument]) -> Option<Call> {
    let mut given = Vec::new();
    let mut active = Active::At(arguments.len());
    for (index, argument) in arguments.iter().enumerate() {
        let here = cursor.is_in(Node::Argument(argument).span());
        match argument {
            Argument::Named(name, _) if here => active = Active::Named(name.text.clone()),
            Argument::Named(name, _) => given.push(name.text.clone()),
            Argument::Positional(_) | Argument::Binder { .. } if here => active = Active::At(index),
            Argument::Positional(_) | Argument::Binder { .. } => {}
        }
    }
    let catalog = cursor.view.catalog();
    let (symbol, parameters, by_name) = match usage? {
        Use::Action(full_name) => {
            let action = names::action(catalog, full_name)?;
            let parameter = |(name, param): (&Arc<str>, &hence_schema::Param)| {
                let symbol = Symbol::Parameter(full_name.clone(), name.to_string());
                (name.to_string(), param.ty.clone(), Some(symbol))
            };
            let parameters = action.params.iter().map(parameter).collect();
            (Symbol::Action(full_name.clone()), parameters, true)
        }
        Use::Function(name) => {
            let declared = cursor.view.project().checked.declarations.functions.get(name)?;
            let parameters = declared.what.parameters.iter();
            let parameters = parameters.map(|(name, ty, _)| (name.clone(), ty.clone(), None)).collect();
            (Symbol::Function(name.clone()), parameters, false)
        }
        Use::Builtin(function) => {
            let parameters = function.definition().parameters.iter();
            let parameters =
                parameters.map(|parameter| (parameter.name.to_owned(), Type::Error, None)).collect();
            (Symbol::Builtin(*function), parameters, false)
        }
        Use::Quantifier(kind) => (Symbol::Quantifier(*kind), Vec::new(), false),
        _ => return None,
    };
    Some(Call { name, symbol, parameters, given, active, by_name })
}

/// Returns the type that is expected of the innermost expression of a path.
pub(crate) fn expected(cursor: &Cursor<'_>, path: &[Node<'_>]) -> Option<Type> {
    let (innermost, outer) = path.split_last()?;
    let Node::Expression(expression) = innermost else { return None };
    expected_of(cursor, expression, outer)
}

fn expected_of(cursor: &Cursor<'_>, expression: &Expression, outer: &[Node<'_>]) -> Option<Type> {
    let (parent, rest) = outer.split_last()?;
    match parent {
        Node::Argument(_) => {
            let call = enclosing_call(cursor, rest)?;
            let found = match &call.active {
                Active::Named(name) => call.parameters.into_iter().find(|(parameter, ..)| parameter == name),
                Active::At(at) if !call.by_name => call.parameters.into_iter().nth(*at),
                Active::At(_) => None,
            };
            found.map(|(_, ty, _)| ty).filter(|ty| !ty.is_error())
        }
        Node::Expression(whole) => of_part(cursor, expression, whole, rest),
        Node::Arm(arm) => {
            let Some(Node::Expression(whole)) = rest.last() else { return None };
            let ExpressionKind::Match { subject, .. } = &whole.kind else { return None };
            let is_value = matches!(&arm.pattern, MatchPattern::Values(values)
                if values.iter().any(|value| value.id == expression.id));
            if is_value {
                return cursor.ty(subject).map(|ty| ty.required().clone());
            }
            expected_of(cursor, whole, rest.get(..rest.len() - 1)?)
        }
        Node::Item(item) => match &item.kind {
            hence_syntax::ast::ItemKind::Rule(_) => Some(Type::Bool),
            hence_syntax::ast::ItemKind::Fn(function) => {
                let declared =
                    cursor.view.project().checked.declarations.functions.get(&function.name.text)?;
                Some(declared.what.result.clone())
            }
            _ => None,
        },
        Node::Step(step) => {
            if let StepKind::If { .. } = &step.kind {
                Some(Type::Bool)
            } else if let StepKind::Wait { until, .. } = &step.kind {
                Some(if *until { Type::DateTime } else { Type::Duration })
            } else if let StepKind::WaitFor(wait) = &step.kind {
                let limits = wait.limit.as_ref().is_some_and(|limit| limit.id == expression.id);
                Some(if limits { Type::Duration } else { Type::Bool })
            } else if let StepKind::Ask(ask) = &step.kind {
                let limits = ask.limit.as_ref().is_some_and(|limit| limit.id == expression.id);
                Some(if limits { Type::Duration } else { Type::String })
            } else {
                None
            }
        }
        Node::CallClause(_) => Some(Type::Duration),
        _ => None,
    }
}

/// What is expected of a part of an expression.
fn of_part(cursor: &Cursor<'_>, part: &Expression, whole: &Expression, outer: &[Node<'_>]) -> Option<Type> {
    let plain = |expression: &Expression| cursor.ty(expression).map(|ty| ty.required().clone());
    match &whole.kind {
        ExpressionKind::Binary { operator: BinaryOperator::And | BinaryOperator::Or, .. } => Some(Type::Bool),
        ExpressionKind::Binary { operator: BinaryOperator::Contains, left, .. } => match plain(left)? {
            Type::List(element) => Some(element.required().clone()),
            other => Some(other),
        },
        ExpressionKind::Binary { operator, left, right, .. } => {
            let other = if left.id == part.id { right } else { left };
            let ty = plain(other)?;
            if *operator == BinaryOperator::In && left.id == part.id {
                return if let Type::List(element) = ty { Some(element.required().clone()) } else { None };
            }
            Some(ty)
        }
        ExpressionKind::List(_) => {
            if let Some(Node::Expression(holder)) = outer.last()
                && let ExpressionKind::Binary { operator: BinaryOperator::In, left, right, .. } = &holder.kind
                && right.id == whole.id
            {
                return plain(left);
            }
            match expected_of(cursor, whole, outer)?.required() {
                Type::List(element) => Some(element.as_ref().clone()),
                _ => None,
            }
        }
        ExpressionKind::Between { operand, .. } if operand.id != part.id => plain(operand),
        ExpressionKind::Range { .. } => {
            let Some(Node::Expression(holder)) = outer.last() else { return None };
            let ExpressionKind::Binary { left, .. } = &holder.kind else { return None };
            plain(left)
        }
        ExpressionKind::Default { operand, .. } if operand.id != part.id => plain(operand),
        ExpressionKind::If { condition, .. } if condition.id == part.id => Some(Type::Bool),
        ExpressionKind::Unary { operator: hence_syntax::ast::UnaryOperator::Not, .. } => Some(Type::Bool),
        ExpressionKind::Group(_) | ExpressionKind::If { .. } | ExpressionKind::Default { .. } => {
            expected_of(cursor, whole, outer)
        }
        ExpressionKind::Record(fields) => {
            let (name, _) = fields.iter().find(|(_, value)| value.id == part.id)?;
            let shape = shape_of(cursor, whole, outer)?;
            shape.fields.get(name.text.as_str()).map(|field| field.ty.clone())
        }
        _ => None,
    }
}

/// Returns the shape of the innermost record of a path, where a schema says what it has.
pub(crate) fn shape(cursor: &Cursor<'_>, path: &[Node<'_>], expression: &Expression) -> Option<Arc<Record>> {
    let (_, outer) = path.split_last()?;
    shape_of(cursor, expression, outer)
}

fn shape_of(cursor: &Cursor<'_>, expression: &Expression, outer: &[Node<'_>]) -> Option<Arc<Record>> {
    if let Some(Node::TestClause(clause)) = outer.last()
        && let TestClauseKind::Given(given) = &clause.kind
    {
        return names::given_shape(cursor.view.project(), given);
    }
    if let Some(Node::TestClause(clause)) = outer.last()
        && let TestClauseKind::With(answer) = &clause.kind
    {
        let action = names::action(cursor.view.catalog(), &answer.action.text())?;
        return names::record_of(action.result.as_ref()?).cloned();
    }
    names::record_of(&expected_of(cursor, expression, outer)?).cloned()
}
