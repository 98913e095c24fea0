//! Steps → a flat list with jumps.

use std::sync::Arc;

use hence_check::{Use, literal_value};
use hence_ir::{Argument, Class, OnError, Policy, Retry, Returned, Step};
use hence_schema::{Action, Class as SchemaClass};
use hence_syntax::ast::{
    self, Block, CallClauseKind, Expression, ExpressionKind, OnError as OnErrorClause, StepKind,
};
use hence_types::jiff::SignedDuration;
use hence_types::{Value, Wire};

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
            StepKind::Call(call) => {
                if self.effect_step(step, call, list)? {
                    return Ok(());
                }
                self.act(step, call, None, list)
            }
            StepKind::Set { object: Some(object), value, .. } if self.entry_point().is_none() => {
                self.set_field(step, object, value, list)
            }
            StepKind::Set { target, value, .. } => self.set_step(step, target, value, list),
            StepKind::Block(reason) => self.block_step(step, reason, list),
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
            StepKind::StopAll => {
                list.push(Step::StopAll { span: step.span });
                Ok(())
            }
            StepKind::Wait { value, .. } => {
                let time = self.expression(value)?;
                list.push(Step::Wait { time, span: step.span });
                Ok(())
            }
            StepKind::WaitFor(wait) => self.wait_for(step, wait, list),
            StepKind::Ask(ask) => self.ask(step, ask, list),
            StepKind::For { list: elements, at_a_time, body, .. } => {
                let at_a_time =
                    at_a_time.as_ref().and_then(|(number, _)| number.replace('_', "").parse().ok());
                self.loop_over(step, elements, at_a_time, body, list)
            }
            StepKind::Emit { event, payload } => self.emit(step, event, payload.as_ref(), list),
            StepKind::Parallel(blocks) => self.parallel(step, blocks, list),
            StepKind::Attempt { body, error, handler } => {
                let start = list.len();
                list.push(Step::Jump(0));
                self.block(&body.steps, list)?;
                let end = list.len();
                list.push(Step::Jump(0));
                let scope = self.scope();
                let error = error.is_some().then(|| self.bind(step.id));
                self.block(&handler.steps, list)?;
                self.leave(scope);
                let after = list.len();
                let attempt =
                    Step::Attempt { end: place(end), handler: place(end + 1), error, span: step.span };
                set(list, start, attempt);
                set(list, end, Step::Jump(place(after)));
                Ok(())
            }
        }
    }

    /// `for`: list and position are variables, so that an execution that is taken up goes on where it was.
    fn loop_over(
        &mut self,
        step: &ast::Step,
        elements: &Expression,
        at_a_time: Option<u32>,
        body: &ast::Block,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let span = elements.span;
        let value = self.expression(elements)?;
        let scope = self.scope();
        let (elements, position) = (self.unnamed(), self.unnamed());
        list.push(Step::Let { local: elements, value, span });
        let value = self.constant(span, Value::Int(0))?;
        list.push(Step::Let { local: position, value, span });
        let element = self.bind(step.id);
        let head = list.len();
        list.push(Step::Jump(0));
        self.block(&body.steps, list)?;
        list.push(if at_a_time.is_some() { Step::Join } else { Step::Jump(place(head)) });
        let end = place(list.len());
        let begin = match at_a_time {
            Some(at_a_time) => Step::Batches { list: elements, position, element, at_a_time, end, span },
            None => Step::Each { list: elements, position, element, end, span },
        };
        set(list, head, begin);
        self.leave(scope);
        Ok(())
    }

    fn emit(
        &mut self,
        step: &ast::Step,
        event: &ast::Path,
        payload: Option<&Expression>,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let Some(event) = self.inputs.catalog.event_by_full_name(&event.text()) else { return Ok(()) };
        let mut given = Vec::new();
        if let Some(payload) = payload
            && let ExpressionKind::Record(fields) = &payload.kind
        {
            for (name, value) in fields {
                let Some((name, field)) = event.payload.fields.get_key_value(name.text.as_str()) else {
                    continue;
                };
                let (name, wire) = (Arc::clone(name), field.wire.clone());
                let value = self.expression(value)?;
                given.push(Argument { name, wire, sensitive: field.sensitive, value });
            }
        }
        let event = Arc::clone(&event.full_name);
        list.push(Step::Emit { event, fields: given, span: step.span });
        Ok(())
    }

    fn parallel(&mut self, step: &ast::Step, blocks: &[Block], list: &mut Vec<Step>) -> Result<(), TooLarge> {
        let head = list.len();
        list.push(Step::Jump(0));
        let mut strands = Vec::new();
        for block in blocks {
            strands.push(place(list.len()));
            self.block(&block.steps, list)?;
            list.push(Step::Join);
        }
        let end = place(list.len());
        set(list, head, Step::Parallel { strands, end, span: step.span });
        Ok(())
    }

    /// Returns how the call of a step is made. Steps of `on error` stand behind the call, which jumps over them.
    fn policy(&mut self, step: &ast::Step) -> (Policy, Option<Block>) {
        let label = step.label.as_ref().map(|label| Arc::from(label.text.as_str()));
        let mut policy = Policy { label, ..Policy::default() };
        let mut handler = None;
        for clause in &step.clauses {
            match &clause.kind {
                CallClauseKind::Timeout(length) => policy.timeout = self.length(length),
                CallClauseKind::OnError { retry, then } => {
                    policy.retry = retry.as_ref().and_then(|retry| {
                        Some(Retry {
                            times: retry.times.0.replace('_', "").parse().ok()?,
                            every: self.length(&retry.every)?,
                            doubling: retry.doubling,
                            up_to: retry.up_to.as_ref().and_then(|length| self.length(length)),
                        })
                    });
                    match then {
                        OnErrorClause::Stop => {}
                        OnErrorClause::Continue => policy.on_error = OnError::Continue,
                        OnErrorClause::Steps(block) => handler = Some(block.clone()),
                    }
                }
            }
        }
        (policy, handler)
    }

    fn length(&self, length: &Expression) -> Option<SignedDuration> {
        match literal_value(length, &self.zone) {
            Ok(Some(Value::Duration(duration))) => Some(duration),
            Ok(_) | Err(_) => None,
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
        self.act_with(step, action, arguments, bound, list)
    }

    /// `set member.city = "Berlin"`: the call that sets the field.
    fn set_field(
        &mut self,
        step: &ast::Step,
        object: &Expression,
        value: &Expression,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let Some(set) = self.facts.sets.get(&step.id).cloned() else { return Ok(()) };
        let found = set.action.split_once('.').and_then(|(id, name)| self.inputs.catalog.action(id, name));
        let Some(action) = found else { return Ok(()) };
        let mut values = Vec::new();
        for (param, field) in &set.key {
            values.push((param, self.member(object, field)?));
        }
        for (param, text) in &set.texts {
            values.push((param, self.constant(step.span, Value::text(Arc::clone(text)))?));
        }
        values.push((&set.value, self.expression(value)?));
        let arguments = values.into_iter().filter_map(|(name, value)| {
            let (wire, sensitive) =
                action.params.get(name).map(|param| (param.wire.clone(), param.sensitive))?;
            Some(Argument { name: Arc::clone(name), wire, sensitive, value })
        });
        let arguments = arguments.collect();
        self.act_with(step, action, arguments, None, list)
    }

    fn act_with(
        &mut self,
        step: &ast::Step,
        action: &Action,
        arguments: Vec<Argument>,
        bound: Option<ast::NodeId>,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let (mut policy, handler) = self.policy(step);
        let call = list.len();
        list.push(Step::Jump(0));
        if let Some(handler) = handler {
            list.push(Step::Jump(0));
            policy.on_error = OnError::GoTo(place(call + 2));
            self.block(&handler.steps, list)?;
            let after = place(list.len());
            set(list, call + 1, Step::Jump(after));
        }
        let result = bound.map(|node| Returned {
            local: self.bind(node),
            ty: action.result.clone().unwrap_or(hence_types::Type::Nothing),
            wire: Wire::Plain,
        });
        let class = class(action.class);
        let action = Arc::clone(&action.full_name);
        set(list, call, Step::Act { action, class, arguments, result, policy, span: step.span });
        Ok(())
    }

    pub(crate) fn arguments(
        &mut self,
        action: &Action,
        given: &[ast::Argument],
    ) -> Result<Vec<Argument>, TooLarge> {
        let mut arguments = Vec::new();
        for (at, argument) in given.iter().enumerate() {
            let (found, value) = match argument {
                ast::Argument::Named(name, value) => (action.params.get_key_value(name.text.as_str()), value),
                ast::Argument::Positional(value) => (action.params.get_index(at), value),
                ast::Argument::Binder { .. } => continue,
            };
            let Some((name, param)) = found else { continue };
            let value = self.expression(value)?;
            let (name, wire) = (Arc::clone(name), param.wire.clone());
            arguments.push(Argument { name, wire, sensitive: param.sensitive, value });
        }
        Ok(arguments)
    }
}

fn place(index: usize) -> u32 {
    index as u32
}

/// Puts a step in the place that was kept for it.
fn set(list: &mut [Step], at: usize, step: Step) {
    if let Some(kept) = list.get_mut(at) {
        *kept = step;
    }
}

fn class(class: SchemaClass) -> Class {
    match class {
        SchemaClass::Idempotent => Class::Idempotent,
        SchemaClass::Queryable => Class::Queryable,
        SchemaClass::AtMostOnce => Class::AtMostOnce,
    }
}
