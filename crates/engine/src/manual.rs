//! Rules that somebody starts: a person, or the API.

use std::sync::Arc;

use hence_ir::Program;
use hence_types::jiff::Timestamp;
use hence_types::wire::{self, Members, Mismatch, Place};
use hence_types::{MANUAL_RUN, Record, Type, Wire};

use crate::{NewEvent, Target};

/// How many values that a rule does not ask for are told, at most.
const TOLD: usize = 32;

/// Why a rule cannot be started by hand.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ManualError {
    /// There is no such rule.
    #[error("there is no rule `{0}`")]
    UnknownRule(Arc<str>),
    /// It has no trigger `manual`.
    #[error("rule `{0}` has no trigger `manual`")]
    NotManual(Arc<str>),
    /// It is `disabled`.
    #[error("rule `{0}` is disabled")]
    Disabled(Arc<str>),
    /// What it asks for was not given as it says.
    #[error("rule `{rule}` asks for other values")]
    Input {
        /// The rule.
        rule: Arc<str>,
        /// What is wrong with the values.
        mismatches: Vec<Mismatch>,
    },
}

/// Returns what a rule asks for that somebody may start, and its trigger.
pub fn asked_for<'p>(program: &'p Program, rule: &str) -> Result<(Target, &'p Arc<Record>), ManualError> {
    let name = || Arc::from(rule);
    let Some(rule) = program.rules.iter().find(|known| &*known.name == rule) else {
        return Err(ManualError::UnknownRule(name()));
    };
    let found = rule.watches.iter().find_map(|watch| {
        let target = Target { rule: Arc::clone(&rule.name), trigger: watch.trigger };
        watch.kind.asks_for().map(|parameters| (target, parameters))
    });
    match found {
        None => Err(ManualError::NotManual(name())),
        Some(_) if rule.header.disabled => Err(ManualError::Disabled(name())),
        Some(found) => Ok(found),
    }
}

/// Returns the event that starts a rule, to be taken into the inbox. `input` is a JSON object with the values that the rule
/// asks for; `occasion` tells this start from all others: a start that is asked for twice with one occasion is one.
///
/// # Errors
/// There is no such rule, it cannot be started so, or the values are others than it asks for.
pub fn manual_run(
    program: &Program,
    rule: &str,
    input: &str,
    occasion: &str,
    now: Timestamp,
) -> Result<NewEvent, ManualError> {
    let (target, parameters) = asked_for(program, rule)?;
    let mut mismatches = Vec::new();
    let ty = Type::Record(Arc::clone(parameters));
    wire::read(Some(input), &ty, &Wire::Plain, Place::default(), &mut mismatches);
    mismatches.extend(undeclared(input, parameters));
    if !mismatches.is_empty() {
        return Err(ManualError::Input { rule: target.rule, mismatches });
    }
    Ok(NewEvent {
        id: target.event_id(occasion),
        source: Arc::from("hence"),
        name: Arc::from(MANUAL_RUN),
        received_at: now,
        occurred_at: now,
        payload: input.into(),
        mismatches,
        target: Some(target),
        cause: None,
        trace: None,
    })
}

/// Returns what is given that a rule does not ask for. Values are not shown, as nothing says whether they may be.
fn undeclared(input: &str, parameters: &Record) -> Vec<Mismatch> {
    let given = Members::parse(input).unwrap_or_default();
    let known: Vec<String> = parameters.fields.keys().map(|name| format!("`{name}`")).collect();
    let expected =
        if known.is_empty() { "nothing".to_owned() } else { format!("nothing but {}", known.join(", ")) };
    let other = given.iter().filter(|(name, _)| !parameters.fields.contains_key(*name));
    let told = other.take(TOLD).map(|(name, _)| Mismatch {
        path: format!("/{}", name.replace('~', "~0").replace('/', "~1")),
        expected: expected.clone(),
        found: format!("`{name}`"),
    });
    told.collect()
}
