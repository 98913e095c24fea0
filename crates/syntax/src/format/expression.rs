//! The layout of expressions. A chain of one operator breaks before each operator or nowhere.

use crate::ast::{Argument, BinaryOperator, Expression, ExpressionKind, Name, UnaryOperator};
use crate::token::TokenKind;

use super::document::Document;
use super::writer::Writer;

/// How much the further lines of an expression are indented.
pub(super) const CONTINUED: usize = 2;

impl Writer<'_> {
    /// Writes an expression; its further lines are indented.
    pub(super) fn expression(&mut self, expression: &Expression) -> Document {
        self.expression_in(expression, CONTINUED)
    }

    /// Writes an expression whose further lines are indented by `nest` columns where it is a chain.
    pub(super) fn expression_in(&mut self, expression: &Expression, nest: usize) -> Document {
        match &expression.kind {
            ExpressionKind::Error => self.fail(),
            ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Percent(_)
            | ExpressionKind::Money(..)
            | ExpressionKind::Length(..)
            | ExpressionKind::Date(_)
            | ExpressionKind::Time(_)
            | ExpressionKind::DateTime(..)
            | ExpressionKind::Text(_)
            | ExpressionKind::Pattern(..)
            | ExpressionKind::Name(_) => self.spaced(expression.span.end),
            ExpressionKind::Field { base, .. } => {
                let base = self.expression(base);
                [base, self.joined(expression.span.end)].into()
            }
            ExpressionKind::Index { base, index } => {
                let base = self.expression(base);
                let open = self.expect(TokenKind::LeftBracket);
                let index = self.expression(index);
                [base, open, index, self.expect(TokenKind::RightBracket)].into()
            }
            ExpressionKind::Range { low, high } => {
                let low = self.expression(low);
                let dots = self.expect(TokenKind::Range);
                let blank = || Document::text(" ");
                [low, blank(), dots, blank(), self.expression(high)].into()
            }
            ExpressionKind::NamedPattern { .. } => self.spaced(expression.span.end),
            ExpressionKind::As { operand, ty } => {
                let operand = self.expression(operand);
                let word = self.expect(TokenKind::As);
                [operand, Document::text(" "), word, Document::text(" "), self.joined(ty.span.end)].into()
            }
            ExpressionKind::Call { callee, arguments, .. } => {
                let callee = self.expression(callee);
                let arguments = self.delimited(arguments, false, Self::argument);
                [callee, arguments].into()
            }
            ExpressionKind::Unary { operator, operand } => {
                let sign = self.token();
                let blank = if *operator == UnaryOperator::Not { " " } else { "" };
                [sign, Document::text(blank), self.expression(operand)].into()
            }
            ExpressionKind::Binary { .. }
            | ExpressionKind::Between { .. }
            | ExpressionKind::Default { .. }
            | ExpressionKind::Presence { .. }
            | ExpressionKind::IsEvent { .. } => self.operation(expression, nest),
            ExpressionKind::If { .. } => self.choice(expression, nest),
            ExpressionKind::Match { subject, arms } => self.matching(subject, arms),
            ExpressionKind::List(parts) => self.delimited(parts, false, Self::expression),
            ExpressionKind::Record(fields) => self.delimited(fields, true, Self::record_field),
            ExpressionKind::Group(inner) => {
                let open = self.expect(TokenKind::LeftParen);
                let inner = self.expression_in(inner, 0);
                let comments = self.leading();
                let close = self.expect(TokenKind::RightParen);
                Document::group([open, Document::align([inner, comments].into()), close].into())
            }
        }
    }

    pub(super) fn argument(&mut self, argument: &Argument) -> Document {
        match argument {
            Argument::Named(_, value) => {
                let name = self.token();
                let colon = self.expect(TokenKind::Colon);
                let value = self.expression(value);
                [name, colon, Document::text(" "), value].into()
            }
            Argument::Positional(value) => self.expression(value),
            Argument::Binder { list, .. } => {
                let binder = self.spaced(list.span.start);
                [binder, Document::text(" "), self.expression(list)].into()
            }
        }
    }

    fn record_field(&mut self, field: &(Name, Expression)) -> Document {
        let name = self.token();
        let colon = self.expect(TokenKind::Colon);
        [name, colon, Document::text(" "), self.expression(&field.1)].into()
    }

    fn operation(&mut self, expression: &Expression, nest: usize) -> Document {
        let mut rest = Vec::new();
        let first =
            if let ExpressionKind::Binary { operator, left, right, ignoring_case, .. } = &expression.kind {
                if level(*operator) == Level::Comparison && hugs(right) {
                    let left = self.expression(left);
                    let operator = self.spaced(right.span.start);
                    let right = self.expression(right);
                    let blank = || Document::text(" ");
                    let mut parts = vec![left, blank(), operator, blank(), right];
                    if ignoring_case.is_some() {
                        parts.extend([blank(), self.spaced(expression.span.end)]);
                    }
                    return parts.into_iter().collect();
                }
                self.chain(expression, level(*operator), &mut rest)
            } else if let ExpressionKind::Between { operand, low, high, .. } = &expression.kind {
                let operand = self.expression(operand);
                let between = self.spaced(low.span.start);
                let low = self.expression(low);
                let and = self.spaced(high.span.start);
                let high = self.expression(high);
                let blank = || Document::text(" ");
                rest.extend([Document::Line, between, blank(), low, Document::Line, and, blank(), high]);
                operand
            } else if let ExpressionKind::Default { operand, default } = &expression.kind {
                let operand = self.expression(operand);
                self.defaults(default, &mut rest);
                operand
            } else if let ExpressionKind::Presence { operand, .. } = &expression.kind {
                let operand = self.expression(operand);
                rest.extend([Document::text(" "), self.spaced(expression.span.end)]);
                operand
            } else if let ExpressionKind::IsEvent { operand, path, .. } = &expression.kind {
                let operand = self.expression(operand);
                let is = self.spaced(path.span.start);
                rest.extend([Document::text(" "), is, Document::text(" "), self.joined(path.span.end)]);
                operand
            } else {
                return self.fail();
            };
        Document::group([first, Document::nest(nest, rest.into_iter().collect())].into())
    }

    /// Writes operators of one level: returns the first operand and adds what follows it.
    fn chain(&mut self, expression: &Expression, of: Level, rest: &mut Vec<Document>) -> Document {
        let ExpressionKind::Binary { operator, left, right, ignoring_case, .. } = &expression.kind else {
            return self.expression(expression);
        };
        if level(*operator) != of {
            return self.expression(expression);
        }
        let first = if of == Level::Comparison { self.expression(left) } else { self.chain(left, of, rest) };
        rest.push(self.leading());
        rest.push(Document::Line);
        rest.push(self.spaced(right.span.start));
        rest.push(Document::text(" "));
        rest.push(self.expression(right));
        if ignoring_case.is_some() {
            rest.extend([Document::text(" "), self.spaced(expression.span.end)]);
        }
        first
    }

    /// `else a else b`, which groups to the right.
    fn defaults(&mut self, default: &Expression, rest: &mut Vec<Document>) {
        rest.push(Document::Line);
        rest.push(self.expect(TokenKind::Else));
        rest.push(Document::text(" "));
        if let ExpressionKind::Default { operand, default } = &default.kind {
            rest.push(self.expression(operand));
            self.defaults(default, rest);
        } else {
            rest.push(self.expression(default));
        }
    }

    /// `if a then b else if c then d else e`
    fn choice(&mut self, expression: &Expression, nest: usize) -> Document {
        let mut parts = Vec::new();
        let mut expression = expression;
        while let ExpressionKind::If { condition, yes, no } = &expression.kind {
            parts.extend([self.expect(TokenKind::If), Document::text(" "), self.expression(condition)]);
            parts.extend([Document::Line, self.expect(TokenKind::Then), Document::text(" ")]);
            parts.push(self.expression(yes));
            parts.extend([Document::Line, self.expect(TokenKind::Else), Document::text(" ")]);
            expression = no;
        }
        parts.push(self.expression(expression));
        Document::group(Document::nest(nest, parts.into_iter().collect()))
    }

    /// Writes the operands of `and` or of `or`, whichever is outermost, in columns of their own below a keyword
    /// of up to four letters: `if   a`, ` and b`, `  or c`.
    pub(super) fn condition_below_keyword(&mut self, expression: &Expression, indent: usize) -> Document {
        let mut parts = Vec::new();
        self.column_chain(expression, outermost(expression), indent, &mut parts);
        Document::group(parts.into_iter().collect())
    }

    fn column_chain(
        &mut self,
        expression: &Expression,
        of: Option<BinaryOperator>,
        indent: usize,
        parts: &mut Vec<Document>,
    ) {
        let ExpressionKind::Binary { operator, left, right, .. } = &expression.kind else {
            let document = self.expression_in(expression, 0);
            parts.push(Document::nest(indent, document));
            return;
        };
        if Some(*operator) != of {
            let document = self.expression(expression);
            parts.push(Document::nest(indent, document));
            return;
        }
        self.column_chain(left, of, indent, parts);
        parts.push(Document::nest(indent, self.leading()));
        parts.push(Document::nest(indent.saturating_sub(operator.symbol().len() + 1), Document::Line));
        let sign = self.spaced(right.span.start);
        let right = self.expression(right);
        parts.push(Document::nest(indent, [sign, Document::text(" "), right].into()));
    }
}

fn outermost(expression: &Expression) -> Option<BinaryOperator> {
    let ExpressionKind::Binary { operator, .. } = &expression.kind else { return None };
    matches!(operator, BinaryOperator::And | BinaryOperator::Or).then_some(*operator)
}

/// Operators that are laid out alike when they follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Level {
    Or,
    And,
    Comparison,
    Sum,
    Product,
}

fn level(operator: BinaryOperator) -> Level {
    match operator {
        BinaryOperator::Or => Level::Or,
        BinaryOperator::And => Level::And,
        BinaryOperator::Equal
        | BinaryOperator::NotEqual
        | BinaryOperator::Less
        | BinaryOperator::LessOrEqual
        | BinaryOperator::Greater
        | BinaryOperator::GreaterOrEqual
        | BinaryOperator::In
        | BinaryOperator::Contains
        | BinaryOperator::StartsWith
        | BinaryOperator::EndsWith
        | BinaryOperator::Matches
        | BinaryOperator::WithinNext
        | BinaryOperator::WithinLast
        | BinaryOperator::OlderThan => Level::Comparison,
        BinaryOperator::Add | BinaryOperator::Subtract => Level::Sum,
        BinaryOperator::Multiply | BinaryOperator::Divide | BinaryOperator::Remainder => Level::Product,
    }
}

/// Whether an expression breaks within its own brackets, so that its start can stay on the line.
pub(super) fn hugs(expression: &Expression) -> bool {
    match &expression.kind {
        ExpressionKind::List(parts) => !parts.is_empty(),
        ExpressionKind::Record(fields) => !fields.is_empty(),
        ExpressionKind::Call { arguments, .. } => !arguments.is_empty(),
        ExpressionKind::Match { .. } => true,
        ExpressionKind::Error
        | ExpressionKind::Group(_)
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::Percent(_)
        | ExpressionKind::Money(..)
        | ExpressionKind::Length(..)
        | ExpressionKind::Date(_)
        | ExpressionKind::Time(_)
        | ExpressionKind::DateTime(..)
        | ExpressionKind::Text(_)
        | ExpressionKind::Pattern(..)
        | ExpressionKind::NamedPattern { .. }
        | ExpressionKind::Name(_)
        | ExpressionKind::Field { .. }
        | ExpressionKind::Index { .. }
        | ExpressionKind::Unary { .. }
        | ExpressionKind::Binary { .. }
        | ExpressionKind::Between { .. }
        | ExpressionKind::Range { .. }
        | ExpressionKind::As { .. }
        | ExpressionKind::Default { .. }
        | ExpressionKind::Presence { .. }
        | ExpressionKind::IsEvent { .. }
        | ExpressionKind::If { .. } => false,
    }
}
