//! Whether an execution will come to `stop all`, which decides whether the rules after its own run. It is decided when
//! the event is matched, on the assumption that calls succeed; the checker lets nothing else have a say in it.

use hence_builtins::Context;
use hence_ir::{Rule, Step};
use hence_types::Value;
use hence_vm::Machine;

use crate::{Branch, Verdict};

/// How many steps are looked at; beyond, nothing is stopped.
const LIMIT: usize = 100_000;

/// Returns whether the steps of a branch lead to `stop all`.
pub(crate) fn is_reached(rule: &Rule, branch: Branch, verdict: &Verdict, context: &Context) -> bool {
    let slots = &verdict.slots;
    let steps = match branch {
        Branch::Then => &*rule.then,
        Branch::Otherwise => rule.otherwise.as_deref().unwrap_or_default(),
    };
    if !steps.iter().any(|step| matches!(step, Step::StopAll { .. })) {
        return false;
    }
    let mut locals = vec![Value::Missing; rule.locals as usize];
    if let (Some(variant), Some(name)) = (&rule.header.pace.variant, &verdict.variant)
        && let Some(local) = locals.get_mut(variant.local.0 as usize)
    {
        *local = Value::text(name);
    }
    let mut place = 0u32;
    for _ in 0..LIMIT {
        let Some(step) = steps.get(place as usize) else { return false };
        let next = place.saturating_add(1);
        place = match step {
            Step::StopAll { .. } => return true,
            Step::Stop { .. } | Step::Wait { .. } | Step::Await(_) | Step::Join => return false,
            Step::Act { .. }
            | Step::Emit { .. }
            | Step::Answer { .. }
            | Step::Resolve { .. }
            | Step::Attempt { .. } => next,
            Step::Each { end, .. } | Step::Parallel { end, .. } | Step::Batches { end, .. } => *end,
            Step::Jump(target) => *target,
            Step::Let { local, value, .. } => {
                let value = Machine::new(rule, slots, &mut locals, context).evaluate(*value);
                if let Some(local) = locals.get_mut(local.0 as usize) {
                    *local = value.unwrap_or(Value::Missing);
                }
                next
            }
            Step::Branch { condition, otherwise, .. } => {
                match Machine::new(rule, slots, &mut locals, context).holds(*condition) {
                    Ok(true) => next,
                    Ok(false) => *otherwise,
                    Err(_) => return false,
                }
            }
        };
    }
    false
}
