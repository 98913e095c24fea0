//! Expressions → nodes.

use std::sync::Arc;

use hence_builtins::{Case, Pattern};
use hence_check::{Envelope, IsVariant, QuantifierKind, Use, builtin_operator, literal_value};
use hence_diagnostics::Span;
use hence_ir::{NodeId, Operation, PatternId, Quantifier, Segment, Source};
use hence_syntax::ast::{
    self, Argument, BinaryOperator, Expression, ExpressionKind, ItemKind, Presence, TextPart, UnaryOperator,
};
use hence_types::jiff::SignedDuration;
use hence_types::{Decimal, Field, Money, Record, Type, Value};

use crate::frame::{Frame, TooLarge};

type Compiled = Result<NodeId, TooLarge>;

impl<'a> Frame<'a> {
    pub(crate) fn expression(&mut self, expression: &Expression) -> Compiled {
        let span = expression.span;
        if let Some(path) = self.event_path(expression) {
            let slot = self.slot(Source::Payload(path));
            return self.node(span, Operation::Slot(slot));
        }
        match &expression.kind {
            ExpressionKind::Bool(_)
            | ExpressionKind::Number(_)
            | ExpressionKind::Percent(_)
            | ExpressionKind::Money(..)
            | ExpressionKind::Length(..)
            | ExpressionKind::Date(_)
            | ExpressionKind::Time(_)
            | ExpressionKind::DateTime(..) => {
                let value = literal_value(expression, &self.zone).ok().flatten();
                self.constant(span, value.unwrap_or(Value::Missing))
            }
            ExpressionKind::Text(parts) => self.text(span, parts),
            ExpressionKind::Name(_) => self.name(expression),
            ExpressionKind::Field { base, name, .. } => self.field(expression, base, &name.text),
            ExpressionKind::Index { base, index } => {
                let base = self.expression(base)?;
                let index = self.expression(index)?;
                self.node(span, Operation::Index { base, index })
            }
            ExpressionKind::Call { arguments, .. } => self.call(expression, arguments),
            ExpressionKind::Unary { operator, operand } => {
                let operand = self.expression(operand)?;
                self.node(
                    span,
                    match operator {
                        UnaryOperator::Not => Operation::Not(operand),
                        UnaryOperator::Minus => Operation::Negate(operand),
                    },
                )
            }
            ExpressionKind::Binary { operator, negated, ignoring_case, left, right, .. } => {
                let case = if ignoring_case.is_some() { Case::Ignored } else { Case::Sensitive };
                let node = self.binary(span, *operator, case, left, right)?;
                self.negated(span, *negated, node)
            }
            ExpressionKind::Between { negated, operand, low, high, .. } => {
                let operand = self.expression(operand)?;
                let low = self.expression(low)?;
                let high = self.expression(high)?;
                let node = self.node(span, Operation::Between { operand, low, high })?;
                self.negated(span, *negated, node)
            }
            ExpressionKind::As { operand, .. } => {
                let operand = self.expression(operand)?;
                let ty = self.facts.ty(expression.id).required().clone();
                self.node(span, Operation::As { operand, ty })
            }
            ExpressionKind::Presence { test, negated, operand } => {
                let operand = self.expression(operand)?;
                let test = match test {
                    Presence::Present => hence_builtins::Presence::Present,
                    Presence::Missing => hence_builtins::Presence::Missing,
                    Presence::Empty => hence_builtins::Presence::Empty,
                };
                let node = self.node(span, Operation::Presence { test, operand })?;
                self.negated(span, *negated, node)
            }
            ExpressionKind::IsEvent { negated, operand, .. } => {
                if let Some(Use::IsVariant(variant)) = self.facts.usage(expression.id) {
                    let node = self.is_variant(span, operand, &variant.clone())?;
                    return self.negated(span, *negated, node);
                }
                let trigger = match self.facts.usage(expression.id) {
                    Some(Use::IsEvent(trigger)) => *trigger as u32,
                    Some(_) | None => 0,
                };
                let node = self.node(span, Operation::IsEvent(trigger))?;
                self.negated(span, *negated, node)
            }
            ExpressionKind::Default { operand, default } => {
                let operand = self.expression(operand)?;
                let default = self.expression(default)?;
                self.node(span, Operation::Default { operand, default })
            }
            ExpressionKind::If { condition, yes, no } => {
                let condition = self.expression(condition)?;
                let yes = self.expression(yes)?;
                let no = self.expression(no)?;
                self.node(span, Operation::If { condition, yes, no })
            }
            ExpressionKind::Match { subject, arms } => self.matching(span, subject, arms),
            ExpressionKind::List(elements) => {
                let elements =
                    elements.iter().map(|element| self.expression(element)).collect::<Result<_, _>>()?;
                self.node(span, Operation::List(elements))
            }
            ExpressionKind::Record(fields) => {
                let mut shape = Record::default();
                let mut nodes = Vec::new();
                for (name, value) in fields {
                    let ty = self.facts.ty(value.id).clone();
                    shape.fields.insert(Arc::from(name.text.as_str()), Field::plain(ty));
                    nodes.push(self.expression(value)?);
                }
                self.node(span, Operation::Record { shape: Arc::new(shape), fields: nodes })
            }
            ExpressionKind::Group(inner) => self.expression(inner),
            // None of these reaches a rule without errors.
            ExpressionKind::Error
            | ExpressionKind::Pattern(..)
            | ExpressionKind::NamedPattern { .. }
            | ExpressionKind::Range { .. } => self.constant(span, Value::Missing),
        }
    }

    fn negated(&mut self, span: Span, negated: bool, node: NodeId) -> Compiled {
        if negated { self.node(span, Operation::Not(node)) } else { Ok(node) }
    }

    /// A field of a record, by its name.
    pub(crate) fn member(&mut self, object: &Expression, name: &Arc<str>) -> Compiled {
        if let Some(mut path) = self.event_path(object) {
            path.push(Arc::clone(name));
            let slot = self.slot(Source::Payload(path));
            return self.node(object.span, Operation::Slot(slot));
        }
        let index = if let Type::Record(record) = self.facts.ty(object.id).required() {
            record.fields.get_index_of(name).unwrap_or_default() as u32
        } else {
            0
        };
        let base = self.expression(object)?;
        self.node(object.span, Operation::Field { base, index, name: Arc::clone(name) })
    }

    /// Whether the field that tells the types of a union apart has one of the values of a type.
    fn is_variant(&mut self, span: Span, operand: &Expression, variant: &IsVariant) -> Compiled {
        let tag = match self.event_path(operand) {
            Some(mut path) => {
                path.push(Arc::clone(&variant.tag));
                let slot = self.slot(Source::Payload(path));
                self.node(operand.span, Operation::Slot(slot))?
            }
            None => {
                let base = self.expression(operand)?;
                let (index, name) = (variant.index as u32, Arc::clone(&variant.tag));
                self.node(operand.span, Operation::Field { base, index, name })?
            }
        };
        let values = variant.values.iter().map(Value::text);
        let values = self.constant(span, Value::List(values.collect()))?;
        let (operator, case) = (hence_builtins::BinaryOperator::In, Case::Sensitive);
        self.node(span, Operation::Binary { operator, case, left: tag, right: values })
    }

    /// Returns the path of a field of the event, if the expression is one; the empty path for the whole payload.
    fn event_path(&self, expression: &Expression) -> Option<Vec<Arc<str>>> {
        if let ExpressionKind::Group(inner) = &expression.kind {
            return self.event_path(inner);
        }
        if let ExpressionKind::Name(_) = &expression.kind {
            return match self.facts.usage(expression.id)? {
                Use::Payload => Some(Vec::new()),
                Use::PayloadField(name) => Some(vec![Arc::clone(name)]),
                Use::Envelope(_)
                | Use::Local(_)
                | Use::Constant(_)
                | Use::Now
                | Use::Today
                | Use::Field(_)
                | Use::Function(_)
                | Use::Builtin(_)
                | Use::Quantifier(_)
                | Use::Action(_)
                | Use::IsEvent(_)
                | Use::IsVariant(_) => None,
            };
        }
        let ExpressionKind::Field { base, name, .. } = &expression.kind else { return None };
        let Some(Use::Field(_)) = self.facts.usage(expression.id) else { return None };
        let mut path = self.event_path(base)?;
        path.push(Arc::from(name.text.as_str()));
        Some(path)
    }

    fn name(&mut self, expression: &Expression) -> Compiled {
        let span = expression.span;
        match self.facts.usage(expression.id) {
            Some(Use::Local(node)) if self.row_value(*node).is_some() => {
                let value = self.row_value(*node).cloned().unwrap_or(Value::Missing);
                self.constant(span, value)
            }
            Some(Use::Local(node)) => match self.local(*node) {
                Some(local) => match self.shared.iter().find(|(shared, _)| *shared == local) {
                    Some((_, node)) => Ok(*node),
                    None => self.node(span, Operation::Local(local)),
                },
                None => self.groups(span, *node),
            },
            Some(Use::Now) => self.node(span, Operation::Now),
            Some(Use::Today) => self.node(span, Operation::Today),
            Some(Use::Constant(name)) => {
                let declared = self.inputs.checked.declarations.constants.get(name);
                let place = declared.map(|declared| declared.place);
                let item = place.and_then(|place| self.inputs.item(place));
                let facts = place.and_then(|place| self.inputs.checked.facts(place));
                match (item.map(|item| &item.kind), facts) {
                    (Some(ItemKind::Const(constant)), Some(facts)) => {
                        let node = self.inline(facts, |frame| frame.expression(&constant.value))?;
                        // Explanations show the name, not where the constant is defined.
                        if let Some(node) = self.code.nodes.get_mut(node.0 as usize) {
                            node.span = span;
                        }
                        Ok(node)
                    }
                    _ => self.constant(span, Value::Missing),
                }
            }
            Some(
                Use::Payload
                | Use::PayloadField(_)
                | Use::Envelope(_)
                | Use::Field(_)
                | Use::Function(_)
                | Use::Builtin(_)
                | Use::Quantifier(_)
                | Use::Action(_)
                | Use::IsEvent(_)
                | Use::IsVariant(_),
            )
            | None => self.constant(span, Value::Missing),
        }
    }

    fn field(&mut self, expression: &Expression, base: &Expression, name: &str) -> Compiled {
        let span = expression.span;
        if let Some(Use::Envelope(part)) = self.facts.usage(expression.id) {
            let slot = self.slot(match part {
                Envelope::Id => Source::Id,
                Envelope::Time => Source::Time,
                Envelope::Source => Source::Origin,
                Envelope::Name => Source::Name,
            });
            return self.node(span, Operation::Slot(slot));
        }
        if let Some(Use::Local(node)) = self.facts.usage(base.ungrouped().id)
            && let Some(Value::Record(row)) = self.row_value(*node)
        {
            let value = row.get(name);
            return self.constant(span, value);
        }
        let index = match self.facts.usage(expression.id) {
            Some(Use::Field(index)) => *index as u32,
            Some(_) | None => 0,
        };
        let base = self.expression(base)?;
        self.node(span, Operation::Field { base, index, name: Arc::from(name) })
    }

    fn text(&mut self, span: Span, parts: &[TextPart]) -> Compiled {
        if let [TextPart::Literal(text)] = parts {
            return self.constant(span, Value::text(text.as_str()));
        }
        let mut segments = Vec::new();
        for part in parts {
            segments.push(match part {
                TextPart::Literal(text) => Segment::Literal(Arc::from(text.as_str())),
                TextPart::Expression(expression) => Segment::Value(self.expression(expression)?),
            });
        }
        self.node(span, Operation::Text(segments))
    }

    fn binary(
        &mut self,
        span: Span,
        operator: BinaryOperator,
        case: Case,
        left: &Expression,
        right: &Expression,
    ) -> Compiled {
        if operator == BinaryOperator::Matches {
            let operand = self.expression(left)?;
            let right = right.ungrouped();
            let inner =
                if let ExpressionKind::NamedPattern { pattern, .. } = &right.kind { pattern } else { right };
            let ExpressionKind::Pattern(source, flags) = &inner.kind else {
                return self.constant(span, Value::Missing);
            };
            let Ok(pattern) = Pattern::new(source, flags.contains('i')) else {
                return self.constant(span, Value::Missing);
            };
            self.code.patterns.push(pattern);
            let pattern = PatternId(self.code.patterns.len() as u32 - 1);
            if right.id != inner.id {
                self.named_patterns.push((right.id, operand, pattern));
            }
            return self.node(span, Operation::Matches { operand, pattern });
        }
        if operator == BinaryOperator::In
            && let ExpressionKind::Range { low, high } = &right.ungrouped().kind
        {
            let operand = self.expression(left)?;
            let low = self.expression(low)?;
            let high = self.expression(high)?;
            return self.node(span, Operation::InRange { operand, low, high });
        }
        let left = self.expression(left)?;
        let right = self.expression(right)?;
        let operation = match (operator, builtin_operator(operator)) {
            (BinaryOperator::Or, _) => Operation::Or(left, right),
            (_, Some(operator)) => Operation::Binary { operator, case, left, right },
            (_, None) => Operation::And(left, right),
        };
        self.node(span, operation)
    }

    /// The groups of a pattern that has a name. They are found again where they are used, in the same text: between
    /// the condition and the steps nothing has to be kept.
    fn groups(&mut self, span: Span, node: ast::NodeId) -> Compiled {
        let named = self.named_patterns.iter().rev().find(|(bound, ..)| *bound == node);
        let Some((_, operand, pattern)) = named.copied() else { return self.constant(span, Value::Missing) };
        let Some(shape) = self.code.pattern(pattern).map(Pattern::shape) else {
            return self.constant(span, Value::Missing);
        };
        self.node(span, Operation::Groups { operand, pattern, shape })
    }

    fn call(&mut self, expression: &Expression, arguments: &[Argument]) -> Compiled {
        let span = expression.span;
        match self.facts.usage(expression.id) {
            Some(Use::Builtin(function)) => {
                let function = *function;
                let values = arguments.iter().filter_map(value_of);
                let arguments = values.map(|value| self.expression(value)).collect::<Result<_, _>>()?;
                self.node(span, Operation::Call { function, arguments })
            }
            Some(Use::Quantifier(kind)) => self.quantifier(expression, *kind, arguments),
            Some(Use::Function(name)) => {
                let name = name.clone();
                self.function(span, &name, arguments)
            }
            Some(
                Use::Payload
                | Use::PayloadField(_)
                | Use::Envelope(_)
                | Use::Local(_)
                | Use::Constant(_)
                | Use::Now
                | Use::Today
                | Use::Field(_)
                | Use::Action(_)
                | Use::IsEvent(_)
                | Use::IsVariant(_),
            )
            | None => self.constant(span, Value::Missing),
        }
    }

    fn quantifier(
        &mut self,
        expression: &Expression,
        kind: QuantifierKind,
        arguments: &[Argument],
    ) -> Compiled {
        let span = expression.span;
        let [Argument::Binder { id, list, .. }, Argument::Positional(body)] = arguments else {
            return self.constant(span, Value::Missing);
        };
        let list = self.expression(list)?;
        let scope = self.scope();
        let local = self.bind(*id);
        let empty = self.constant_id(zero(self.facts.ty(expression.id)));
        let body = self.expression(body)?;
        self.leave(scope);
        let quantifier = match kind {
            QuantifierKind::Any | QuantifierKind::None => Quantifier::Any,
            QuantifierKind::All => Quantifier::All,
            QuantifierKind::Count => Quantifier::Count,
            QuantifierKind::Sum => Quantifier::Sum,
            QuantifierKind::Min => Quantifier::Min,
            QuantifierKind::Max => Quantifier::Max,
            QuantifierKind::Average => Quantifier::Average,
            QuantifierKind::First => Quantifier::First,
            QuantifierKind::Filter => Quantifier::Filter,
            QuantifierKind::Map => Quantifier::Map,
        };
        let node = self.node(span, Operation::Quantifier { quantifier, local, list, body, empty })?;
        self.negated(span, kind == QuantifierKind::None, node)
    }

    /// Writes a function of the project out: its arguments become variables around its body.
    fn function(&mut self, span: Span, name: &str, arguments: &[Argument]) -> Compiled {
        let declared = self.inputs.checked.declarations.functions.get(name);
        let place = declared.map(|declared| declared.place);
        let item = place.and_then(|place| self.inputs.item(place));
        let facts = place.and_then(|place| self.inputs.checked.facts(place));
        let (Some(kind), Some(facts)) = (item.map(|item| &item.kind), facts) else {
            return self.constant(span, Value::Missing);
        };
        let parameters = if let ItemKind::Fn(function) = kind {
            &function.parameters
        } else if let ItemKind::Extern(function) = kind {
            &function.parameters
        } else if let ItemKind::Table(table) = kind {
            &table.parameters
        } else {
            return self.constant(span, Value::Missing);
        };
        let mut values = Vec::new();
        for (index, parameter) in parameters.iter().enumerate() {
            let named = arguments.iter().find_map(|argument| match argument {
                Argument::Named(name, value) if name.text == parameter.name.text => Some(value),
                Argument::Named(..) | Argument::Positional(_) | Argument::Binder { .. } => None,
            });
            let positional = arguments.get(index).and_then(|argument| match argument {
                Argument::Positional(value) => Some(value),
                Argument::Named(..) | Argument::Binder { .. } => None,
            });
            values.push(match named.or(positional) {
                Some(value) => self.expression(value)?,
                None => self.constant(span, Value::Missing)?,
            });
        }
        if let ItemKind::Extern(function) = kind {
            let (name, file) = (Arc::from(name), Arc::from(function.file.0.as_str()));
            return self.node(span, Operation::External { function: name, file, arguments: values });
        }
        let (locals, mut node) = self.inline(facts, |frame| {
            let locals: Vec<_> = parameters.iter().map(|parameter| frame.bind(parameter.id)).collect();
            let body = if let ItemKind::Fn(function) = kind {
                frame.expression(&function.body)?
            } else if let ItemKind::Table(table) = kind {
                frame.table(span, table)?
            } else {
                frame.constant(span, Value::Missing)?
            };
            Ok((locals, body))
        })?;
        for (local, value) in locals.into_iter().zip(values).rev() {
            node = self.node(span, Operation::Bind { local, value, body: node })?;
        }
        Ok(node)
    }
}

fn value_of(argument: &Argument) -> Option<&Expression> {
    match argument {
        Argument::Named(_, value) | Argument::Positional(value) => Some(value),
        Argument::Binder { .. } => None,
    }
}

/// The sum of no elements.
fn zero(ty: &Type) -> Value {
    match ty {
        Type::Int => Value::Int(0),
        Type::Decimal => Value::Decimal(Decimal::ZERO),
        Type::Float => Value::Float(0.0),
        Type::Percent => Value::Percent(Decimal::ZERO),
        Type::Duration => Value::Duration(SignedDuration::ZERO),
        Type::Money(Some(currency)) => Value::Money(Money { amount: Decimal::ZERO, currency: *currency }),
        Type::Error
        | Type::Bool
        | Type::String
        | Type::Date
        | Type::Time
        | Type::DateTime
        | Type::Period
        | Type::Money(None)
        | Type::Enum(_)
        | Type::List(_)
        | Type::Map(_)
        | Type::Record(_)
        | Type::Optional(_)
        | Type::Json
        | Type::Nothing => Value::Missing,
    }
}
