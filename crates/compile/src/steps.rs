//! Steps → a flat list with jumps.

use std::sync::Arc;

use hence_check::Use;
use hence_ir::{Argument, Class, Returned, Step};
use hence_schema::{Action, Class as SchemaClass};
use hence_syntax::ast::{self, Expression, ExpressionKind, StepKind};
use hence_types::Wire;

use crate::frame::{Frame, TooLarge};

impl Frame<'_> {
    pub(crate) fn steps(&mut self, steps: &[ast::Step]) -> Result<Vec<Step>, TooLarge> {
        let mut list = Vec::new();
        let scope = self.scope();
        self.block(steps, &mut list)?;
        self.leave(scope);
        Ok(list)
    }

    fn block(&mut self, steps: &[ast::Step], list: &mut Vec<Step>) -> Result<(), TooLarge> {
        let scope = self.scope();
        for step in steps {
            self.step(step, list)?;
        }
        self.leave(scope);
        Ok(())
    }

    fn step(&mut self, step: &ast::Step, list: &mut Vec<Step>) -> Result<(), TooLarge> {
        match &step.kind {
            StepKind::Call(call) => self.act(step, call, None, list),
            StepKind::Let(_, value) => {
                if matches!(self.facts.usage(value.id), Some(Use::Action(_))) {
                    return self.act(step, value, Some(step.id), list);
                }
                let value = self.expression(value)?;
                let local = self.bind(step.id);
                list.push(Step::Let { local, value, span: step.span });
                Ok(())
            }
            StepKind::If { condition, then, otherwise } => {
                let span = condition.span;
                let condition = self.expression(condition)?;
                let branch = list.len();
                list.push(Step::Branch { condition, otherwise: 0, span });
                self.block(&then.steps, list)?;
                let mut target = list.len();
                if let Some(otherwise) = otherwise {
                    let jump = list.len();
                    list.push(Step::Jump(0));
                    target = list.len();
                    self.block(&otherwise.steps, list)?;
                    let end = list.len() as u32;
                    if let Some(step) = list.get_mut(jump) {
                        *step = Step::Jump(end);
                    }
                }
                if let Some(Step::Branch { otherwise, .. }) = list.get_mut(branch) {
                    *otherwise = target as u32;
                }
                Ok(())
            }
            StepKind::Stop => {
                list.push(Step::Stop { span: step.span });
                Ok(())
            }
        }
    }

    fn act(
        &mut self,
        step: &ast::Step,
        call: &Expression,
        bound: Option<ast::NodeId>,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let (Some(Use::Action(name)), ExpressionKind::Call { arguments, .. }) =
            (self.facts.usage(call.id), &call.kind)
        else {
            return Ok(());
        };
        let name = Arc::clone(name);
        let Some((integration, action_name)) = name.split_once('.') else { return Ok(()) };
        let Some(action) = self.inputs.catalog.action(integration, action_name) else { return Ok(()) };
        let arguments = self.arguments(action, arguments)?;
        let result = bound.map(|node| Returned {
            local: self.bind(node),
            ty: action.result.clone().unwrap_or(hence_types::Type::Nothing),
            wire: Wire::Plain,
        });
        let class = class(action.class);
        list.push(Step::Act { action: Arc::clone(&name), class, arguments, result, span: step.span });
        Ok(())
    }

    fn arguments(&mut self, action: &Action, given: &[ast::Argument]) -> Result<Vec<Argument>, TooLarge> {
        let mut arguments = Vec::new();
        for argument in given {
            let ast::Argument::Named(name, value) = argument else { continue };
            let Some((name, param)) = action.params.get_key_value(name.text.as_str()) else { continue };
            let value = self.expression(value)?;
            let (name, wire) = (Arc::clone(name), param.wire.clone());
            arguments.push(Argument { name, wire, sensitive: param.sensitive, value });
        }
        Ok(arguments)
    }
}

fn class(class: SchemaClass) -> Class {
    match class {
        SchemaClass::Idempotent => Class::Idempotent,
        SchemaClass::Queryable => Class::Queryable,
        SchemaClass::AtMostOnce => Class::AtMostOnce,
    }
}
