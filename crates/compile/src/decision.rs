//! Decisions: what their steps answer, and how their group takes one of them.

use std::sync::Arc;

use hence_check::{Facts, Use};
use hence_ir::{Effect, Resolution, Step};
use hence_syntax::ast::{self, Expression, ExpressionKind, ItemKind};

use crate::frame::{Frame, TooLarge};

impl<'a> Frame<'a> {
    /// `set cart.discount = 15%`
    pub(crate) fn set_step(
        &mut self,
        step: &ast::Step,
        target: &ast::Path,
        value: &Expression,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let value = self.expression(value)?;
        let field = target.text();
        let Some(settable) = self.entry_point().and_then(|entry_point| entry_point.settable.get(&field))
        else {
            return Ok(());
        };
        let (wire, sensitive) = (settable.wire.clone(), settable.sensitive);
        list.push(Step::Answer {
            effect: Effect::Set { field: field.into(), wire, sensitive, value },
            span: step.span,
        });
        Ok(())
    }

    /// `block "reason"`
    pub(crate) fn block_step(
        &mut self,
        step: &ast::Step,
        reason: &Expression,
        list: &mut Vec<Step>,
    ) -> Result<(), TooLarge> {
        let reason = self.expression(reason)?;
        list.push(Step::Answer { effect: Effect::Block { reason }, span: step.span });
        Ok(())
    }

    /// An effect: the call of an action that is told to the caller. Returns whether the call is one.
    pub(crate) fn effect_step(
        &mut self,
        step: &ast::Step,
        call: &Expression,
        list: &mut Vec<Step>,
    ) -> Result<bool, TooLarge> {
        let (Some(Use::Action(name)), ExpressionKind::Call { arguments, .. }, Some(_)) =
            (self.facts.usage(call.id), &call.kind, self.entry_point())
        else {
            return Ok(false);
        };
        let name = Arc::clone(name);
        let action = name.split_once('.').and_then(|(id, action)| self.inputs.catalog.action(id, action));
        let Some(action) = action else { return Ok(false) };
        let arguments = self.arguments(action, arguments)?;
        list.push(Step::Answer { effect: Effect::Act { action: name, arguments }, span: step.span });
        Ok(true)
    }

    /// Puts before the steps how the rule's group takes one of its rules.
    pub(crate) fn resolve(&mut self, then: &mut Vec<Step>) -> Result<(), TooLarge> {
        let Some(name) = self.facts.header.group.clone().filter(|_| self.entry_point().is_some()) else {
            return Ok(());
        };
        let Some((facts, group)) = self.group(&name) else { return Ok(()) };
        let resolution = match &group.resolution {
            ast::Resolution::All => return Ok(()),
            ast::Resolution::First => Resolution::First,
            ast::Resolution::Unique => Resolution::Unique,
            ast::Resolution::Best(value) => {
                Resolution::Best(self.inline(facts, |frame| frame.expression(value))?)
            }
        };
        for step in then.iter_mut() {
            moved(step);
        }
        then.insert(0, Step::Resolve { group: name.into(), resolution });
        Ok(())
    }

    fn group(&self, name: &str) -> Option<(&'a Facts, &'a ast::Group)> {
        let inputs = self.inputs;
        let place = inputs.checked.declarations.group_items.get(name)?;
        let facts = inputs.checked.facts(*place)?;
        let item = inputs.item(*place)?;
        if let ItemKind::Group(group) = &item.kind { Some((facts, group)) } else { None }
    }
}

/// Moves the places that a step goes to by one.
fn moved(step: &mut Step) {
    match step {
        Step::Branch { otherwise: place, .. } | Step::Jump(place) | Step::Each { end: place, .. } => {
            *place += 1
        }
        Step::Attempt { end, handler, .. } => {
            *end += 1;
            *handler += 1;
        }
        Step::Parallel { strands, end, .. } => {
            strands.iter_mut().for_each(|place| *place += 1);
            *end += 1;
        }
        Step::Batches { end, .. } => *end += 1,
        Step::Act { .. }
        | Step::Let { .. }
        | Step::Stop { .. }
        | Step::StopAll { .. }
        | Step::Wait { .. }
        | Step::Await(_)
        | Step::Answer { .. }
        | Step::Resolve { .. }
        | Step::Emit { .. }
        | Step::Join => {}
    }
}
