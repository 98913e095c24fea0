//! The calls that were made, and what must hold of each: its intent is written before, its key is its own and stands for the
//! same call always, and it is not repeated where it must not be.

use std::collections::BTreeMap;
use std::sync::Arc;

use hence_engine::{Call, ExecutionId, Finished, StepStatus};
use hence_ir::{Class, Program, Step};
use serde_json::Value as Json;

use super::guarded::{Attempt, Guarded};
use super::outside::Fate;
use crate::case::Failed;

/// All calls.
#[derive(Default)]
pub(super) struct Calls {
    by_key: BTreeMap<String, Vec<Made>>,
    /// The keys of calls by execution and number.
    keys: BTreeMap<(ExecutionId, u32), String>,
    /// The results that the driver took, by attempt.
    pub(super) taken: BTreeMap<Attempt, bool>,
    pub(super) count: usize,
}

struct Made {
    execution: ExecutionId,
    sequence: u32,
    attempt: u32,
    action: Arc<str>,
    arguments: String,
    /// Whether the answer says for certain that nothing happened.
    is_refused: bool,
}

impl Calls {
    /// A call is about to be made.
    pub(super) fn made(
        &mut self,
        call: &Call,
        fate: Fate,
        program: &Program,
        store: &Guarded,
    ) -> Result<(), Failed> {
        let Call { execution, sequence, request } = call;
        let attempt = (execution.clone(), *sequence, request.attempt);
        let what = format!("call {} {sequence}.{} of {execution}", request.action, request.attempt);
        match store.attempt(&attempt) {
            None => return Err(format!("{what} is made before its intent is written")),
            Some((key, _)) if *key != *request.key => {
                return Err(format!("{what} has another key than is written"));
            }
            Some((_, StepStatus::Started)) => {}
            Some((_, status)) => return Err(format!("{what} is made although it is {}", status.as_str())),
        }
        let known = self.keys.entry((execution.clone(), *sequence)).or_insert_with(|| request.key.clone());
        if *known != request.key {
            return Err(format!("{what} has another key than the attempt before"));
        }
        let arguments = Json::from(request.arguments.clone()).to_string();
        let before = self.by_key.entry(request.key.clone()).or_default();
        // People know what they do.
        let is_wanted = store.was_retried(execution);
        for made in before.iter() {
            if (&made.execution, &made.action, &made.arguments) != (execution, &request.action, &arguments) {
                return Err(format!("{what} has the key of another: {} {}", made.action, made.arguments));
            }
            let told = store.attempt(&(made.execution.clone(), made.sequence, made.attempt));
            let is_told = matches!(told, Some((_, StepStatus::Failed | StepStatus::Retrying)));
            let is_known = made.is_refused && is_told || is_wanted;
            if class(program, &request.action) != Some(Class::Idempotent) && !is_known {
                return Err(format!("{what} must not be repeated, and was made before"));
            }
        }
        if store.is_done(&request.key) && !is_wanted {
            return Err(format!("{what} is made although its result is recorded"));
        }
        before.push(Made {
            execution: execution.clone(),
            sequence: *sequence,
            attempt: request.attempt,
            action: Arc::clone(&request.action),
            arguments,
            is_refused: matches!(fate, Fate::Refused { .. }),
        });
        self.count += 1;
        Ok(())
    }

    /// The driver took what came of a call.
    pub(super) fn recorded(&mut self, finished: &Finished) {
        let Finished { execution, sequence, attempt, result } = finished;
        self.taken.insert((execution.clone(), *sequence, *attempt), result.is_ok());
    }
}

/// Returns what repeating an action does.
fn class(program: &Program, name: &str) -> Option<Class> {
    let steps = program.rules.iter().flat_map(|rule| rule.then.iter().chain(rule.otherwise.iter().flatten()));
    let mut classes = steps.filter_map(|step| {
        if let Step::Act { action, class, .. } = step { (**action == *name).then_some(*class) } else { None }
    });
    classes.next()
}
