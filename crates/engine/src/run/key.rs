//! The idempotency key of a call: of the execution and the place of the call alone, so that it is the same for all
//! attempts, before a restart and after.

use hence_ir::{Policy, Step};
use hence_types::Value;

use super::{Run, looping};
use crate::ExecutionError;
use crate::strand::MAIN;

/// Stands for a label where otherwise the number of the call stands.
const LABELLED: u32 = u32::MAX;

/// Stands before a place where otherwise the number of the call stands.
const PLACED: u32 = u32::MAX - 1;

impl Run<'_> {
    /// Returns the key of the strand's latest call: a hash of the execution, of the step's label or else the number of the
    /// call (beside the main strand its place), and of how far the loops around it are.
    pub(super) fn key(&self, policy: &Policy) -> Result<String, ExecutionError> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.execution.id.as_str().as_bytes());
        match &policy.label {
            Some(label) => {
                hasher.update(&LABELLED.to_le_bytes());
                hasher.update(&(label.len() as u64).to_le_bytes()).update(label.as_bytes());
            }
            // Which strand comes to its call first is a matter of chance, so there the number is none of the key.
            None if self.strand.id != MAIN => {
                hasher.update(&PLACED.to_le_bytes()).update(&self.strand.place.to_le_bytes());
            }
            None => {
                hasher.update(&self.strand.sequence.to_le_bytes());
            }
        }
        let locals = self.locals()?;
        for position in self.positions(&locals)? {
            hasher.update(&position.to_le_bytes());
        }
        Ok(hasher.finalize().to_hex().chars().take(32).collect())
    }

    /// Returns a key of what is done, the step's place and how far the loops around it are.
    pub(super) fn place_key(&self, what: &str, locals: &[Value]) -> Result<String, ExecutionError> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(self.execution.id.as_str().as_bytes()).update(what.as_bytes());
        hasher.update(&self.strand.place.to_le_bytes());
        for position in self.positions(locals)? {
            hasher.update(&position.to_le_bytes());
        }
        Ok(hasher.finalize().to_hex().chars().take(32).collect())
    }

    /// Returns how many elements the loops around the execution's place have taken, the outermost first.
    fn positions(&self, locals: &[Value]) -> Result<Vec<i64>, ExecutionError> {
        let place = self.strand.place;
        let around: Vec<_> = (0..place)
            .zip(self.steps())
            .filter_map(|(_, step)| {
                if let Step::Each { position, end, .. } | Step::Batches { position, end, .. } = step {
                    (place < *end).then_some(*position)
                } else {
                    None
                }
            })
            .collect();
        around.into_iter().map(|position| looping::taken(locals, position)).collect()
    }
}
