//! Decisions: what the rules of an entry point answer its caller, at once and without any effect of their own.
//!
//! A pure function of a program and a question. Every rule sees the context as the caller told it: `set` is an effect
//! the caller is told of, not a change that the next rule sees. Which answers count is said by three things, in this
//! order: a rule that fails answers nothing; a group takes one of its rules; of two rules that set one field the one
//! with the higher priority counts. What does not count is told as well, and why. Start with [`decide`].

mod json;
mod resolve;
#[cfg(test)]
mod tests;
mod walk;

use std::sync::Arc;

use hence_ir::Program;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_vm::{Conditions, Interpreter};
use serde_json::{Map, Value as Json};

use crate::matching::verdicts_of;
use crate::{Branch, EventSequence, ExecutionError, Match, NewEvent, Verdict};

/// A decision that is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Question<'a> {
    /// The entry point, such as `checkout`.
    pub entry_point: &'a str,
    /// What the caller tells, JSON text.
    pub context: &'a str,
    /// An id of the question: the `event.id` of its rules.
    pub id: &'a str,
    /// When it is asked: the `now` of its rules.
    pub at: Timestamp,
}

/// What was decided.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The entry point.
    pub entry_point: Arc<str>,
    /// The version of the rules that decided: changes when any of them does.
    pub version: String,
    /// What the caller is told, in the order of the rules and of their steps.
    pub answers: Vec<Answer>,
    /// The rules that matched, in their order, also those whose answers do not count.
    pub matched: Vec<Decided>,
    /// What does not count, and why.
    pub overruled: Vec<Overruled>,
    /// The rules that failed, and why. They answer nothing.
    pub failed: Vec<(Arc<str>, ExecutionError)>,
    /// What the context meant to each rule.
    pub verdicts: Vec<Verdict>,
}

/// A rule that matched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// The rule.
    pub rule: Arc<str>,
    /// Its version.
    pub version: Arc<str>,
    /// Which of its steps answered.
    pub branch: Branch,
}

/// Something that the caller is told.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// The rule that says so.
    pub rule: Arc<str>,
    /// What.
    pub effect: Effect,
}

/// What the caller is told.
#[derive(Debug, Clone, PartialEq)]
pub enum Effect {
    /// To do something.
    Act {
        /// The full name, such as `ui.display_message`.
        action: Arc<str>,
        /// The arguments, as they are spelt in JSON.
        arguments: Map<String, Json>,
        /// The same, sensitive values masked.
        shown: Map<String, Json>,
    },
    /// That a field has a value.
    Set {
        /// The path of the field in the context.
        field: Arc<str>,
        /// The value, as it is spelt in JSON.
        value: Json,
        /// The same, masked if it is sensitive.
        shown: Json,
    },
    /// That what is asked for is refused.
    Block {
        /// Why.
        reason: String,
    },
}

/// What a rule said that does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overruled {
    /// The rule.
    pub rule: Arc<str>,
    /// The field it would have set; nothing where all it says does not count.
    pub field: Option<Arc<str>>,
    /// The rule that counts instead.
    pub by: Arc<str>,
    /// The group that took that rule, if one did.
    pub group: Option<Arc<str>>,
    /// Why, in words.
    pub why: String,
}

impl Decision {
    /// Returns why the decision refuses, if it does: the first reason.
    pub fn blocked(&self) -> Option<&str> {
        self.answers.iter().find_map(|answer| match &answer.effect {
            Effect::Block { reason } => Some(reason.as_str()),
            Effect::Act { .. } | Effect::Set { .. } => None,
        })
    }
}

/// Decides. `zone` is the project's. An entry point without rules answers nothing. Who decides often has a
/// [`Driver`](crate::Driver) decide, whose conditions are made ready.
pub fn decide(program: &Program, question: &Question<'_>, zone: &TimeZone) -> Decision {
    decide_by(program, &Interpreter, question, zone)
}

/// Decides with conditions evaluated by something that answers as the interpreter does.
pub(crate) fn decide_by(
    program: &Program,
    conditions: &dyn Conditions,
    question: &Question<'_>,
    zone: &TimeZone,
) -> Decision {
    let event = NewEvent {
        id: question.id.into(),
        source: question.entry_point.into(),
        name: question.entry_point.into(),
        received_at: question.at,
        occurred_at: question.at,
        payload: question.context.into(),
        mismatches: Vec::new(),
        target: None,
        cause: None,
        trace: None,
    };
    let event = event.into_stored(EventSequence(0));
    let rules = program.event(question.entry_point).map_or(&[][..], |event| &event.rules);
    let verdicts = verdicts_of(program, conditions, rules, &event, zone);
    let context: Json = serde_json::from_str(question.context).unwrap_or(Json::Null);
    let mut decision = Decision {
        entry_point: question.entry_point.into(),
        version: version(program, question.entry_point),
        answers: Vec::new(),
        matched: Vec::new(),
        overruled: Vec::new(),
        failed: Vec::new(),
        verdicts: Vec::new(),
    };
    let mut said = Vec::new();
    for verdict in &verdicts {
        let Some(rule) = program.get(verdict.rule) else { continue };
        match &verdict.result {
            Match::Matched(branch) => {
                let asked = walk::Asked { rule, verdict, event: &event, zone, context: &context };
                match walk::answers(&asked, *branch) {
                    Ok(answers) => {
                        let (name, version) = (Arc::clone(&rule.name), Arc::clone(&rule.version));
                        decision.matched.push(Decided { rule: name, version, branch: *branch });
                        said.push(answers);
                    }
                    Err(error) => decision.failed.push((Arc::clone(&rule.name), error)),
                }
            }
            Match::Undecided(error) | Match::Failed(error) => {
                decision.failed.push((Arc::clone(&rule.name), error.clone()));
            }
            Match::NotMatched | Match::Skipped(_) => {}
        }
    }
    resolve::resolve(said, &mut decision);
    decision.verdicts = verdicts;
    decision
}

/// Returns the version of all rules of an entry point: 16 hexadecimal digits.
fn version(program: &Program, entry_point: &str) -> String {
    let mut hasher = blake3::Hasher::new();
    let rules = program.event(entry_point).map_or(&[][..], |event| &event.rules);
    for rule in rules.iter().filter_map(|id| program.get(*id)) {
        for part in [&*rule.name, &*rule.version] {
            hasher.update(&(part.len() as u64).to_le_bytes()).update(part.as_bytes());
        }
        hasher.update(&[rule.priority, u8::from(rule.header.disabled)]);
    }
    hasher.finalize().to_hex().get(..16).unwrap_or_default().to_owned()
}
