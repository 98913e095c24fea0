//! Expressions: the type of each, and what is wrong with it.

pub(crate) mod call;
mod cast;
mod elsewhere;
pub(crate) mod matching;
mod name;

pub(crate) use name::{called, shown};
pub(crate) use union::narrowed;
pub(crate) mod operator;
mod quantifier;
mod range;
mod union;
pub(crate) mod visit;

use std::sync::Arc;

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{BinaryOperator, Expression, ExpressionKind, Presence, TextPart, UnaryOperator};
use hence_types::{Field, Record, Type};
use indexmap::IndexMap;

use crate::checker::Checker;
use crate::environment::Place;
use crate::errors::names::{OtherEvent, UnknownValue};
use crate::errors::types::{BranchTypes, MayBeMissing, NotACondition, Operand, Unsuitable};
use crate::facts::Use;
use crate::literal;
use crate::narrow::narrow;

impl Checker<'_> {
    /// Checks an expression and returns its type.
    pub(crate) fn expression(&mut self, expression: &Expression) -> Type {
        let ty = self.type_of(expression);
        self.facts.set_type(expression.id, ty.clone());
        ty
    }

    fn type_of(&mut self, expression: &Expression) -> Type {
        match &expression.kind {
            ExpressionKind::Error => Type::Error,
            ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Percent(_)
            | ExpressionKind::Money(..)
            | ExpressionKind::Length(..)
            | ExpressionKind::Date(_)
            | ExpressionKind::Time(_)
            | ExpressionKind::DateTime(..) => self.literal(expression),
            ExpressionKind::Text(parts) => self.text(parts),
            ExpressionKind::Pattern(..) | ExpressionKind::NamedPattern { .. } => {
                self.report(
                    Diagnostic::new(
                        Code::SyntaxError,
                        expression.span,
                        "a pattern only stands after `matches`",
                    )
                    .label("not a value"),
                );
                Type::Error
            }
            ExpressionKind::Name(name) => self.name(expression, name),
            ExpressionKind::Field { base, name, optional } => self.field(expression, base, name, *optional),
            ExpressionKind::Index { base, index } => self.index(base, index),
            ExpressionKind::Call { callee, arguments, parentheses } => {
                self.call(expression, callee, arguments, *parentheses)
            }
            ExpressionKind::Unary { operator, operand } => self.unary(*operator, operand),
            ExpressionKind::Binary { operator, left, right, .. } => match operator {
                BinaryOperator::And | BinaryOperator::Or => self.logic(*operator, left, right),
                BinaryOperator::Matches => self.matches(expression, left, right),
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
                | BinaryOperator::WithinNext
                | BinaryOperator::WithinLast
                | BinaryOperator::OlderThan
                | BinaryOperator::Add
                | BinaryOperator::Subtract
                | BinaryOperator::Multiply
                | BinaryOperator::Divide
                | BinaryOperator::Remainder => self.binary(expression),
            },
            ExpressionKind::Between { operand, low, high, .. } => {
                self.between(expression, operand, low, high)
            }
            ExpressionKind::Range { low, high } => self.stray_range(expression, low, high),
            ExpressionKind::As { operand, ty } => self.cast(expression, operand, ty),
            ExpressionKind::Presence { test, operand, .. } => self.presence(expression, *test, operand),
            ExpressionKind::IsEvent { path, operand, .. } => self.is_event(expression, operand, path),
            ExpressionKind::Default { operand, default } => self.default(operand, default),
            ExpressionKind::If { condition, yes, no } => self.choice(condition, yes, no),
            ExpressionKind::Match { subject, arms } => self.matching(expression, subject, arms, None),
            ExpressionKind::List(elements) => self.list(elements, None),
            ExpressionKind::Record(fields) => {
                let mut shape = Record::default();
                for (name, value) in fields {
                    let ty = self.expression(value);
                    shape.fields.insert(Arc::from(name.text.as_str()), Field::plain(ty));
                }
                Type::Record(Arc::new(shape))
            }
            ExpressionKind::Group(inner) => {
                let ty = self.expression(inner);
                self.facts.set_origin(expression.id, self.facts.origin(inner.id));
                ty
            }
        }
    }

    /// Checks an expression where a type is wanted. Literals take it on: a text becomes a value of an enumeration,
    /// an empty list a list of its elements. The result need not agree with what is wanted.
    pub(crate) fn expect(&mut self, expression: &Expression, wanted: &Type) -> Type {
        let target = wanted.required();
        let ty = match (&expression.kind, target) {
            (ExpressionKind::Text(parts), Type::Enum(enumeration)) => match parts.as_slice() {
                [TextPart::Literal(text)] => {
                    if enumeration.values.iter().any(|value| **value == **text) {
                        target.clone()
                    } else {
                        self.report(UnknownValue {
                            written: text.clone(),
                            span: expression.span,
                            of: target.to_string(),
                            origin: enumeration.origin,
                            candidates: enumeration.values.iter().map(ToString::to_string).collect(),
                        });
                        Type::Error
                    }
                }
                _ => self.text(parts),
            },
            (ExpressionKind::Name(_), Type::Enum(enumeration)) => {
                self.expected_values = Some(std::sync::Arc::clone(enumeration));
                let ty = self.expression(expression);
                self.expected_values = None;
                return ty;
            }
            (ExpressionKind::List(elements), Type::List(element)) => self.list(elements, Some(element)),
            (ExpressionKind::Record(fields), Type::Record(shape)) => self.record(fields, shape),
            (ExpressionKind::Record(fields), Type::Map(element)) => {
                for (_, value) in fields {
                    let found = self.expect(value, element);
                    if !found.agrees_with(element) {
                        let found = self.operand(value, found);
                        let message = format!("an entry is `{element}` here, not `{}`", found.ty);
                        self.report(Unsuitable { message, found, help: None });
                    }
                }
                target.clone()
            }
            (ExpressionKind::Group(inner), _) => self.expect(inner, wanted),
            (ExpressionKind::If { condition, yes, no }, _) => {
                self.condition(condition, "`if`");
                let yes = self.under(condition, true, |checker| checker.expect(yes, wanted));
                let no_type = self.under(condition, false, |checker| checker.expect(no, wanted));
                self.joined(yes, no_type, expression, "the two branches")
            }
            (ExpressionKind::Match { subject, arms }, _) => {
                self.matching(expression, subject, arms, Some(wanted))
            }
            (ExpressionKind::Default { operand, default }, _) => {
                let found = self.expect(operand, &wanted.clone().optional());
                self.defaulted(operand, found, default)
            }
            _ => return self.expression(expression),
        };
        self.facts.set_type(expression.id, ty.clone());
        ty
    }

    fn literal(&mut self, expression: &Expression) -> Type {
        match literal::value(expression, &self.zone) {
            Ok(Some(value)) => type_of_value(&value),
            Ok(None) => Type::Error,
            Err(diagnostic) => {
                self.report(*diagnostic);
                Type::Error
            }
        }
    }

    pub(crate) fn text(&mut self, parts: &[TextPart]) -> Type {
        for part in parts {
            let TextPart::Expression(expression) = part else { continue };
            let ty = self.expression(expression);
            let ty = self.need(expression, ty, "a text needs a value", None);
            if matches!(ty, Type::List(_) | Type::Map(_) | Type::Record(_) | Type::Json | Type::Nothing) {
                let message = format!("`{ty}` has no text");
                let help = if let Type::List(_) = &ty {
                    Some("join its elements: `join(list, \", \")`".to_owned())
                } else if let Type::Record(record) = &ty {
                    let name = record.fields.keys().next();
                    name.map(|name| format!("write one of its fields, such as `{name}`"))
                } else {
                    None
                };
                let found = self.operand(expression, ty);
                self.report(Unsuitable { message, found, help });
            }
        }
        Type::String
    }

    fn index(&mut self, base: &Expression, index: &Expression) -> Type {
        let found = self.expression(base);
        let found = self.need(base, found, "only a value has elements", None);
        let ty = self.expression(index);
        let (element, wanted, what) = if let Type::List(element) = &found {
            (element, Type::Int, "a position in a list is a whole number")
        } else if let Type::Map(element) = &found {
            (element, Type::String, "a key of a map is a text")
        } else {
            if !found.is_error() {
                let found = self.operand(base, found);
                let message = format!("`{}` has no elements", found.ty);
                self.report(Unsuitable { message, found, help: None });
            }
            return Type::Error;
        };
        let ty = self.need(index, ty, what, None);
        if !ty.agrees_with(&wanted) {
            let found = self.operand(index, ty);
            let message = format!("{what}, not `{}`", found.ty);
            self.report(Unsuitable { message, found, help: None });
        }
        element.as_ref().clone().optional()
    }

    fn unary(&mut self, operator: UnaryOperator, operand: &Expression) -> Type {
        match operator {
            UnaryOperator::Not => {
                self.condition(operand, "`not`");
                Type::Bool
            }
            UnaryOperator::Minus => {
                let ty = self.expression(operand);
                let ty = self.need(operand, ty, "`-` needs a value", None);
                if ty.is_error() {
                    return Type::Error;
                }
                hence_builtins::negated_type(&ty).unwrap_or_else(|| {
                    let message = format!("`-` does not take `{ty}`");
                    let found = self.operand(operand, ty);
                    self.report(Unsuitable { message, found, help: None });
                    Type::Error
                })
            }
        }
    }

    /// Checks an expression that must be a condition.
    pub(crate) fn condition(&mut self, expression: &Expression, asked_by: &str) {
        let ty = self.expression(expression);
        let ty = self.need(expression, ty, &format!("{asked_by} needs a condition"), None);
        if !ty.agrees_with(&Type::Bool) {
            let found = self.operand(expression, ty);
            self.report(NotACondition { found, asked_by: asked_by.to_owned() });
        }
    }

    fn logic(&mut self, operator: BinaryOperator, left: &Expression, right: &Expression) -> Type {
        let asked_by = format!("`{}`", operator.symbol());
        self.condition(left, &asked_by);
        let truth = operator == BinaryOperator::And;
        self.under(left, truth, |checker| checker.condition(right, &asked_by));
        Type::Bool
    }

    /// Checks something where `condition` is `truth`.
    pub(crate) fn under<T>(
        &mut self,
        condition: &Expression,
        truth: bool,
        check: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let knowledge = narrow(condition, truth, &self.facts);
        let before = self.environment.clone();
        self.environment.learn(&knowledge);
        let result = check(self);
        self.environment = before;
        result
    }

    fn presence(&mut self, expression: &Expression, test: Presence, operand: &Expression) -> Type {
        let ty = self.expression(operand);
        self.lost |= ty.is_error();
        let test = operator::presence(test);
        if !test.takes(&ty) {
            let message = format!("`{}` is never empty", ty.required());
            let found = self.operand(operand, ty);
            let help =
                Some("texts, lists and maps can be empty; other values are present or missing".to_owned());
            self.report(Unsuitable { message, found, help });
        } else {
            crate::lints::never_missing(self, expression, test, operand, &ty);
        }
        Type::Bool
    }

    fn default(&mut self, operand: &Expression, default: &Expression) -> Type {
        let ty = self.expression(operand);
        self.defaulted(operand, ty, default)
    }

    fn defaulted(&mut self, operand: &Expression, ty: Type, default: &Expression) -> Type {
        let wanted = ty.required().clone();
        let other = self.expect(default, &wanted);
        match wanted.join(&other) {
            Some(joined) => {
                if !ty.is_optional() && !ty.is_error() {
                    crate::lints::needless_default(self, operand, default, &ty);
                }
                joined
            }
            None => {
                self.report(BranchTypes {
                    what: "a value and its default",
                    first: (operand.span, wanted.clone()),
                    other: (default.span, other),
                });
                Type::Error
            }
        }
    }

    fn choice(&mut self, condition: &Expression, yes: &Expression, no: &Expression) -> Type {
        self.condition(condition, "`if`");
        let first = self.under(condition, true, |checker| checker.expression(yes));
        let other = self.under(condition, false, |checker| checker.expect(no, &first));
        first.join(&other).unwrap_or_else(|| {
            self.report(BranchTypes {
                what: "the two branches",
                first: (yes.span, first.clone()),
                other: (no.span, other.clone()),
            });
            Type::Error
        })
    }

    fn joined(&mut self, first: Type, other: Type, expression: &Expression, what: &'static str) -> Type {
        first.join(&other).unwrap_or_else(|| {
            let span = expression.span;
            self.report(BranchTypes { what, first: (span, first.clone()), other: (span, other.clone()) });
            Type::Error
        })
    }

    fn list(&mut self, elements: &[Expression], wanted: Option<&Type>) -> Type {
        let mut joined: Option<(Type, hence_diagnostics::Span)> = None;
        for element in elements {
            let ty = match (wanted, &joined) {
                (Some(wanted), _) => self.expect(element, wanted),
                (None, Some((ty, _))) => {
                    let ty = ty.clone();
                    self.expect(element, &ty)
                }
                (None, None) => self.expression(element),
            };
            joined = Some(match joined {
                None => (ty, element.span),
                Some((before, span)) => match before.join(&ty) {
                    Some(both) => (both, span),
                    None => {
                        let other = (element.span, ty);
                        self.report(BranchTypes { what: "elements of a list", first: (span, before), other });
                        (Type::Error, span)
                    }
                },
            });
        }
        let element = joined.map(|(ty, _)| ty).or_else(|| wanted.cloned()).unwrap_or(Type::Error);
        Type::List(Arc::new(element))
    }

    /// A record literal where a record type is wanted: fields it does not have are reported.
    fn record(&mut self, fields: &[(hence_syntax::ast::Name, Expression)], shape: &Arc<Record>) -> Type {
        let mut found: IndexMap<Arc<str>, Field> = IndexMap::new();
        for (name, value) in fields {
            let ty = match shape.fields.get(name.text.as_str()) {
                Some(field) => {
                    let field = field.clone();
                    let ty = self.expect(value, &field.ty);
                    if !ty.agrees_with(&field.ty) {
                        let operand = self.operand(value, ty.clone());
                        let message = format!("`{}` is `{}`, not `{}`", name.text, field.ty, ty);
                        self.report(Unsuitable { message, found: operand, help: None });
                    }
                    ty
                }
                None => {
                    self.expression(value);
                    self.unknown_field(name, None, &Type::Record(shape.clone()));
                    continue;
                }
            };
            found.insert(Arc::from(name.text.as_str()), Field::plain(ty));
        }
        Type::Record(Arc::new(Record { name: None, fields: found, origin: None }))
    }

    /// Reports a value that may be missing where one is needed, and returns the type it has when it is there.
    pub(crate) fn need(
        &mut self,
        expression: &Expression,
        ty: Type,
        needs: &str,
        guard: Option<hence_diagnostics::Span>,
    ) -> Type {
        if ty.is_optional() {
            let text = shown(expression);
            let narrows = Place::of(expression, &self.facts).is_some();
            let origin = self.facts.origin(expression.id);
            let (span, ty) = (expression.span, ty.clone());
            let needs = needs.to_owned();
            self.report(MayBeMissing { text, narrows, span, ty, origin, needs, guard });
        }
        ty.required().clone()
    }

    /// Returns the facts of an expression for an error.
    pub(crate) fn operand(&self, expression: &Expression, ty: Type) -> Operand {
        let inner = expression.ungrouped();
        let mut number = None;
        let mut text = None;
        let mut is_literal = false;
        if let Ok(Some(_)) = literal::value(inner, &self.zone) {
            is_literal = true;
        }
        if let ExpressionKind::Number(digits) = &inner.kind {
            number = Some(digits.clone());
        }
        if let ExpressionKind::Text(parts) = &inner.kind
            && let [TextPart::Literal(literal)] = parts.as_slice()
        {
            text = Some(literal.clone());
        }
        Operand {
            span: expression.span,
            ty,
            origin: self.facts.origin(expression.id),
            is_literal,
            number,
            text,
        }
    }

    /// Checks `event is shop.order.created`.
    fn is_event(
        &mut self,
        expression: &Expression,
        operand: &Expression,
        path: &hence_syntax::ast::Path,
    ) -> Type {
        let ty = self.expression(operand);
        if self.is_variant(expression, &ty, path) {
            return Type::Bool;
        }
        if !matches!(self.facts.usage(operand.ungrouped().id), Some(Use::Payload)) {
            self.lost = true;
            if !ty.is_error() {
                let found = self.operand(operand, ty);
                let message = "only the event can be asked for its type".to_owned();
                let help = Some(
                    "write `event is shop.order.created`, or `is present`, `is missing`, `is empty`"
                        .to_owned(),
                );
                self.report(Unsuitable { message, found, help });
            }
            return Type::Bool;
        }
        let full = path.text();
        match self.facts.events.iter().position(|event| **event == *full) {
            Some(trigger) => self.facts.set_use(expression.id, Use::IsEvent(trigger)),
            None => {
                self.lost = true;
                let candidates = self.facts.events.iter().map(ToString::to_string).collect();
                self.report(OtherEvent { written: full, span: path.span, candidates });
            }
        }
        Type::Bool
    }
}

/// Returns the type of a literal's value.
fn type_of_value(value: &hence_types::Value) -> Type {
    use hence_types::Value;
    match value {
        Value::Bool(_) => Type::Bool,
        Value::Int(_) => Type::Int,
        Value::Decimal(_) => Type::Decimal,
        Value::Float(_) => Type::Float,
        Value::String(_) => Type::String,
        Value::Date(_) => Type::Date,
        Value::Time(_) => Type::Time,
        Value::DateTime(_) => Type::DateTime,
        Value::Duration(_) => Type::Duration,
        Value::Period(_) => Type::Period,
        Value::Percent(_) => Type::Percent,
        Value::Money(money) => Type::Money(Some(money.currency)),
        Value::Missing | Value::List(_) | Value::Map(_) | Value::Record(_) | Value::Json(_) => Type::Error,
    }
}
