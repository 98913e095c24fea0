//! What the header of a rule says of an event that the rule matches: whether it is within the rollout, which variant it
//! gets, and the keys by which it is told whether the rule ran before or still runs. All of it is computed from the event
//! alone, so that it can be computed again.

use std::sync::Arc;

use hence_builtins::{Context, Fault};
use hence_diagnostics::Code;
use hence_ir::{NodeId, Rule};
use hence_types::jiff::{SignedDuration, Timestamp};
use hence_types::{Value, identity};
use hence_vm::{Machine, Slots};

use crate::matching::{Match, Skip, evaluation_error};
use crate::{ExecutionError, KeyHash};

/// A run of a rule's steps that counts for `once` or a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Firing {
    /// What is counted together.
    pub key: KeyHash,
    /// When.
    pub at: Timestamp,
    /// From when on it no longer counts; never, if it counts for ever.
    pub expires_at: Option<Timestamp>,
    /// Those after this instant count, all if there is none.
    pub since: Option<Timestamp>,
    /// How many there may be of these, this one included.
    pub most: u32,
}

impl Firing {
    /// Returns the instant up to which runs that count no more may be forgotten when this one is written: a day before it,
    /// as a clock that is ahead is set back, and then they count again.
    pub fn forgets_until(&self) -> Timestamp {
        self.at.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::MIN)
    }
}

/// The keys of an event for a rule.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Keys {
    /// One for each limit.
    pub(crate) limits: Vec<KeyHash>,
    pub(crate) debounce: Option<KeyHash>,
    pub(crate) overlap: Option<KeyHash>,
}

impl Keys {
    pub(crate) fn of(rule: &Rule, slots: &Slots, context: &Context) -> Result<Keys, Match> {
        let pace = &rule.header.pace;
        let mut keys = Keys::default();
        for (place, limit) in (0u32..).zip(&pace.limits) {
            let place = place.to_string();
            keys.limits.push(key(rule, &["limit", &place], &limit.by, &limit.text, slots, context)?);
        }
        if let Some(debounce) = &pace.debounce {
            keys.debounce = Some(key(rule, &["debounce"], &debounce.by, &debounce.text, slots, context)?);
        }
        if let Some(overlap) = &pace.overlap {
            // Rules that say otherwise what overlapping does know nothing of each other.
            let kind = ["overlap", overlap.mode.as_str()];
            keys.overlap = Some(key(rule, &kind, &overlap.by, &overlap.text, slots, context)?);
        }
        Ok(keys)
    }

    /// Returns all keys.
    pub(crate) fn all(&self) -> impl Iterator<Item = &KeyHash> {
        self.limits.iter().chain(&self.debounce).chain(&self.overlap)
    }
}

/// Returns why a rule leaves an event out whose condition holds, if it does.
pub(crate) fn outside_rollout(rule: &Rule, slots: &Slots, context: &Context) -> Result<Option<Skip>, Match> {
    let Some(rollout) = &rule.header.pace.rollout else { return Ok(None) };
    let key = key(rule, &["rollout"], &rollout.by, &rollout.text, slots, context)?;
    let is_outside = key.of_a_million() >= rollout.share;
    Ok(is_outside.then(|| Skip::NotInRollout(rollout.text.clone())))
}

/// Returns the variant that an event gets, if the rule has any.
pub(crate) fn variant(rule: &Rule, slots: &Slots, context: &Context) -> Result<Option<Arc<str>>, Match> {
    let Some(variant) = &rule.header.pace.variant else { return Ok(None) };
    let key = key(rule, &["variant"], &variant.by, &variant.text, slots, context)?;
    let mut left = key.of_a_million();
    for (name, share) in &variant.shares {
        if left < *share {
            return Ok(Some(name.clone()));
        }
        left = left.saturating_sub(*share);
    }
    // The shares are the whole together, unless the program is damaged.
    Ok(variant.shares.last().map(|(name, _)| name.clone()))
}

/// Returns the hash of the values of a key; a value that is missing has no answer.
fn key(
    rule: &Rule,
    kind: &[&str],
    by: &[NodeId],
    text: &str,
    slots: &Slots,
    context: &Context,
) -> Result<KeyHash, Match> {
    let mut parts: Vec<Vec<u8>> = kind.iter().map(|word| word.as_bytes().to_vec()).collect();
    parts.push(rule.name.as_bytes().to_vec());
    for node in by {
        let value = Machine::new(rule, slots, &mut Vec::new(), context).evaluate(*node);
        match value {
            Ok(Value::Missing) => return Err(undecided(text)),
            Ok(value) => parts.push(identity(&value)),
            Err(failure) if failure.fault == Fault::Missing => return Err(undecided(text)),
            Err(failure) => return Err(Match::Failed(evaluation_error(&failure))),
        }
    }
    Ok(KeyHash::of(parts.iter().map(Vec::as_slice)))
}

fn undecided(text: &str) -> Match {
    let message = format!("the key of `{text}` is missing");
    Match::Undecided(ExecutionError { code: Code::EvaluationFault, message })
}
