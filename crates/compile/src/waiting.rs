//! Waits for events: the condition, and what it says of a field by which the waiting are found.

use std::sync::Arc;

use hence_check::Use;
use hence_diagnostics::Span;
use hence_ir::{Await, Key, Question, Returned, Step};
use hence_syntax::ast::{self, Ask, BinaryOperator, Expression, ExpressionKind, WaitFor};
use hence_types::{TASK_ANSWERED, Type, Wire};

use crate::frame::{Frame, TooLarge};

impl Frame<'_> {
    pub(crate) fn wait_for(
        &mut self,
        step: &ast::Step,
        wait: &WaitFor,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let limit = wait.limit.as_ref().map(|limit| self.expression(limit)).transpose()?;
        let Some(awaited) = self.awaited(wait, step.span)? else { return Ok(()) };
        let result = wait.name.is_some().then(|| self.bind(step.id));
        list.push(Step::Await(Box::new(Await { limit, result, ..awaited })));
        Ok(())
    }

    pub(crate) fn ask(&mut self, step: &ast::Step, ask: &Ask, list: &mut Vec<Step>) -> Result<(), TooLarge> {
        let text = self.expression(&ask.question)?;
        let limit = ask.limit.as_ref().map(|limit| self.expression(limit)).transpose()?;
        let Some(event) = self.inputs.catalog.event_by_full_name(TASK_ANSWERED) else { return Ok(()) };
        let (event, ty) = (Arc::clone(&event.full_name), Type::Record(Arc::clone(&event.payload)));
        let local = self.bind(step.id);
        let result = ask.name.is_some().then_some(local);
        let other = Returned { local, ty, wire: Wire::Plain };
        let question = Some(Question { role: Arc::from(ask.role.0.as_str()), text });
        let (key, condition, span) = (None, None, step.span);
        list.push(Step::Await(Box::new(Await {
            event,
            other,
            key,
            condition,
            limit,
            result,
            question,
            span,
        })));
        Ok(())
    }

    /// Compiles which event is waited for. There is one, or an error was found.
    pub(crate) fn awaited(&mut self, wait: &WaitFor, span: Span) -> Result<Option<Await>, TooLarge> {
        let Some(event) = self.inputs.catalog.event_by_full_name(&wait.event.text()) else { return Ok(None) };
        let (event, ty) = (Arc::clone(&event.full_name), Type::Record(Arc::clone(&event.payload)));
        let scope = self.scope();
        let other = Returned { local: self.bind(wait.it), ty, wire: Wire::Plain };
        let key =
            wait.condition.as_ref().map(|condition| self.key(condition, wait.it)).transpose()?.flatten();
        let condition = wait.condition.as_ref().map(|condition| self.expression(condition)).transpose()?;
        self.leave(scope);
        Ok(Some(Await { event, other, key, condition, limit: None, result: None, question: None, span }))
    }

    /// Returns the first part of a condition that says what a field of `it` equals, if there is one.
    fn key(&mut self, condition: &Expression, it: ast::NodeId) -> Result<Option<Key>, TooLarge> {
        if let ExpressionKind::Group(inner) = &condition.kind {
            return self.key(inner, it);
        }
        let ExpressionKind::Binary { operator, negated: false, ignoring_case: None, left, right, .. } =
            &condition.kind
        else {
            return Ok(None);
        };
        if *operator == BinaryOperator::And {
            return match self.key(left, it)? {
                Some(key) => Ok(Some(key)),
                None => self.key(right, it),
            };
        }
        if *operator != BinaryOperator::Equal {
            return Ok(None);
        }
        for (field, value) in [(left, right), (right, left)] {
            if let Some(field) = self.field_of(field, it)
                && self.is_key(left, right)
                && !self.reads(value, it)
            {
                return Ok(Some(Key { field, value: self.expression(value)? }));
            }
        }
        Ok(None)
    }

    /// Whether what is compared is spelt in one way only: texts, or whole numbers.
    fn is_key(&self, left: &Expression, right: &Expression) -> bool {
        let is_text = |ty: &Type| matches!(ty, Type::String | Type::Enum(_));
        let (left, right) = (self.facts.ty(left.id).required(), self.facts.ty(right.id).required());
        is_text(left) && is_text(right) || *left == Type::Int && *right == Type::Int
    }

    /// Returns the path of a field of `it`, if the expression is one.
    fn field_of(&self, expression: &Expression, it: ast::NodeId) -> Option<Vec<Arc<str>>> {
        let expression = expression.ungrouped();
        if let ExpressionKind::Name(_) = &expression.kind {
            return (self.facts.usage(expression.id) == Some(&Use::Local(it))).then(Vec::new);
        }
        let ExpressionKind::Field { base, name, .. } = &expression.kind else { return None };
        let mut path = self.field_of(base, it)?;
        path.push(Arc::from(name.text.as_str()));
        Some(path)
    }

    fn reads(&self, expression: &Expression, it: ast::NodeId) -> bool {
        let mut reads = false;
        hence_check::visit(expression, &mut |part| {
            reads |= match self.facts.usage(part.id) {
                Some(Use::Local(node)) => *node == it,
                // What is another value at another time, or may be.
                Some(Use::Now | Use::Today | Use::Function(_)) => true,
                Some(_) | None => false,
            };
        });
        reads
    }
}
