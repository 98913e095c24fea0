//! Binary operators: the table from what is written to what is meant, and their operands.

use hence_builtins::BinaryOperator as Meaning;
use hence_diagnostics::{Code, Diagnostic, Span};
use hence_syntax::ast::{self, BinaryOperator, Expression, ExpressionKind, Name};
use hence_types::Type;

use crate::checker::Checker;
use crate::errors::decision::NoGroups;
use crate::errors::names::DuplicateName;
use crate::errors::types::{TypeMismatch, Unsuitable};

/// Returns the operator's definition; nothing for `and`, `or` and `matches`, which the evaluators know themselves.
pub fn builtin(operator: BinaryOperator) -> Option<Meaning> {
    Some(match operator {
        BinaryOperator::Or | BinaryOperator::And | BinaryOperator::Matches => return None,
        BinaryOperator::Equal => Meaning::Equal,
        BinaryOperator::NotEqual => Meaning::NotEqual,
        BinaryOperator::Less => Meaning::Less,
        BinaryOperator::LessOrEqual => Meaning::LessOrEqual,
        BinaryOperator::Greater => Meaning::Greater,
        BinaryOperator::GreaterOrEqual => Meaning::GreaterOrEqual,
        BinaryOperator::In => Meaning::In,
        BinaryOperator::Contains => Meaning::Contains,
        BinaryOperator::StartsWith => Meaning::StartsWith,
        BinaryOperator::EndsWith => Meaning::EndsWith,
        BinaryOperator::WithinNext => Meaning::WithinNext,
        BinaryOperator::WithinLast => Meaning::WithinLast,
        BinaryOperator::OlderThan => Meaning::OlderThan,
        BinaryOperator::Add => Meaning::Add,
        BinaryOperator::Subtract => Meaning::Subtract,
        BinaryOperator::Multiply => Meaning::Multiply,
        BinaryOperator::Divide => Meaning::Divide,
        BinaryOperator::Remainder => Meaning::Remainder,
    })
}

/// Returns the definition of a test for absence.
pub(crate) fn presence(test: ast::Presence) -> hence_builtins::Presence {
    match test {
        ast::Presence::Present => hence_builtins::Presence::Present,
        ast::Presence::Missing => hence_builtins::Presence::Missing,
        ast::Presence::Empty => hence_builtins::Presence::Empty,
    }
}

impl Checker<'_> {
    pub(super) fn binary(&mut self, expression: &Expression) -> Type {
        let ExpressionKind::Binary { operator, ignoring_case, left, right, .. } = &expression.kind else {
            return Type::Error;
        };
        if *operator == BinaryOperator::In
            && let ExpressionKind::Range { low, high } = &right.ungrouped().kind
        {
            return self.in_range(left, low, high, *ignoring_case);
        }
        let Some(meaning) = builtin(*operator) else { return Type::Error };
        let definition = meaning.definition();
        let (mut one, mut other) = self.operands(*operator, left, right);
        if !definition.takes_missing {
            let needs = format!("`{}` needs a value", definition.symbol);
            let guard = matches!(self.result_kind(*operator), Type::Bool).then_some(expression.span);
            one = self.need(left, one, &needs, guard);
            other = self.need(right, other, &needs, guard);
        }
        if let Some(place) = ignoring_case
            && (!definition.takes_case || !text_like(&one) && !text_like(&other))
        {
            self.report(
                Diagnostic::new(Code::TypeMismatch, *place, "`ignoring case` only goes with texts")
                    .label("nothing here has letters")
                    .secondary(expression.span, "this comparison"),
            );
        }
        if *operator == BinaryOperator::Equal {
            self.compares_tag(expression, left, right);
        }
        let (one, other) = (one.required().clone(), other.required().clone());
        if one.is_error() || other.is_error() {
            let unknown = one.is_error() && !is_literal(left) || other.is_error() && !is_literal(right);
            self.lost |= unknown && matches!(operator, BinaryOperator::Equal | BinaryOperator::In);
            return self.result_kind(*operator);
        }
        (definition.result)(&one, &other).unwrap_or_else(|| {
            let left = self.operand(left, one);
            let right = self.operand(right, other);
            self.report(TypeMismatch {
                operator: definition.symbol,
                operands: definition.operands,
                left,
                right,
            });
            Type::Error
        })
    }

    /// Checks both operands; a literal takes on the type of the other side.
    fn operands(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression) -> (Type, Type) {
        match operator {
            BinaryOperator::In => {
                let one = self.expression(left);
                let wanted = Type::List(std::sync::Arc::new(one.required().clone()));
                let other = self.expect(right, &wanted);
                (one, other)
            }
            BinaryOperator::Contains => {
                let one = self.expression(left);
                let other = if let Type::List(element) = one.required() {
                    let element = element.as_ref().clone();
                    self.expect(right, &element)
                } else {
                    self.expression(right)
                };
                (one, other)
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual if is_literal(left) && !is_literal(right) => {
                let other = self.expression(right);
                (self.expect(left, &other), other)
            }
            BinaryOperator::Equal | BinaryOperator::NotEqual => {
                let one = self.expression(left);
                let other = self.expect(right, &one);
                (one, other)
            }
            BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::StartsWith
            | BinaryOperator::EndsWith
            | BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan
            | BinaryOperator::Matches
            | BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => (self.expression(left), self.expression(right)),
        }
    }

    /// The type that stands in where the operands were reported: a truth value, or anything.
    fn result_kind(&self, operator: BinaryOperator) -> Type {
        match operator {
            BinaryOperator::Add
            | BinaryOperator::Subtract
            | BinaryOperator::Multiply
            | BinaryOperator::Divide
            | BinaryOperator::Remainder => Type::Error,
            BinaryOperator::Or
            | BinaryOperator::And
            | BinaryOperator::Equal
            | BinaryOperator::NotEqual
            | BinaryOperator::Less
            | BinaryOperator::LessOrEqual
            | BinaryOperator::Greater
            | BinaryOperator::GreaterOrEqual
            | BinaryOperator::In
            | BinaryOperator::Contains
            | BinaryOperator::StartsWith
            | BinaryOperator::EndsWith
            | BinaryOperator::WithinNext
            | BinaryOperator::WithinLast
            | BinaryOperator::OlderThan
            | BinaryOperator::Matches => Type::Bool,
        }
    }

    pub(super) fn matches(&mut self, expression: &Expression, left: &Expression, right: &Expression) -> Type {
        let ty = self.expression(left);
        let ty = self.need(left, ty, "`matches` needs a text", Some(expression.span));
        if !ty.is_error() && !ty.is_text() {
            let message = format!("`matches` takes a text, not `{ty}`");
            let found = self.operand(left, ty);
            self.report(Unsuitable { message, found, help: None });
        }
        let named = right.ungrouped();
        let (right, name) = if let ExpressionKind::NamedPattern { pattern, name } = &named.kind {
            (&**pattern, Some(name))
        } else {
            (right, None)
        };
        let ExpressionKind::Pattern(pattern, flags) = &right.ungrouped().kind else {
            let found = self.expression(right);
            if !found.is_error() {
                let found = self.operand(right, found);
                let message = "`matches` takes a pattern such as `/^a.*z$/`".to_owned();
                let help = Some(
                    "a pattern is checked when the rule is checked, so it cannot be computed".to_owned(),
                );
                self.report(Unsuitable { message, found, help });
            }
            return Type::Bool;
        };
        if let Some(flag) = flags.chars().find(|flag| *flag != 'i') {
            self.report(
                Diagnostic::new(Code::InvalidPattern, right.span, format!("a pattern has no flag `{flag}`"))
                    .label("the only flag is `i`, for ignoring case"),
            );
            return Type::Bool;
        }
        match hence_builtins::Pattern::new(pattern, flags.contains('i')) {
            Ok(pattern) => {
                if let Some(name) = name {
                    self.name_groups(named, name, &pattern, right.span);
                }
            }
            Err(reason) => self.report(
                Diagnostic::new(Code::InvalidPattern, right.span, format!("this pattern is invalid: {reason}"))
                    .label("not a pattern")
                    .help("patterns are regular expressions that take linear time: no look-around, no back-references"),
            ),
        }
        Type::Bool
    }

    /// Gives the groups of a pattern a name: a record of texts, in scope where the pattern is known to match.
    fn name_groups(&mut self, node: &Expression, name: &Name, pattern: &hence_builtins::Pattern, span: Span) {
        if let Some(before) = self.environment.find(&name.text) {
            let first = before.span;
            self.report(DuplicateName { name: name.clone(), first });
        }
        self.pattern_names.push(name.clone());
        let shape = pattern.shape();
        if shape.fields.is_empty() {
            self.report(NoGroups { name: name.clone(), pattern: span });
            return;
        }
        self.facts.set_type(node.id, Type::Record(shape));
        self.facts.set_origin(node.id, Some(name.span));
    }
}

fn is_literal(expression: &Expression) -> bool {
    matches!(expression.ungrouped().kind, ExpressionKind::Text(_) | ExpressionKind::List(_))
}

fn text_like(ty: &Type) -> bool {
    let ty = ty.required();
    let element = if let Type::List(element) | Type::Map(element) = ty { element.required() } else { ty };
    element.is_text() || element.is_error() || matches!(ty, Type::Map(_))
}
