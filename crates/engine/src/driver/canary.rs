//! A canary: another program beside the one that is loaded, to which a part of the events is given.
//!
//! Which events it is given follows from who sent them and their ids, so that an event meets the same rules however
//! often it is handled; decisions are given to it by their contexts. What rules watch for is watched for the rules of the
//! program that is loaded alone: otherwise everything would fire twice.

use std::sync::{Arc, PoisonError};

use super::{Driver, Loaded, Prepared};
use crate::StoredEvent;

/// A program that a part of the events is given to.
pub(super) struct Canary {
    loaded: Arc<Loaded>,
    percent: u8,
}

impl Driver {
    /// Gives a part of the events, so many of a hundred, to a program that was made ready, until another one runs.
    pub fn run_canary(&self, Prepared(loaded): Prepared, percent: u8) {
        self.lookups.write().unwrap_or_else(PoisonError::into_inner).add(&loaded.program);
        *self.canary.write().unwrap_or_else(PoisonError::into_inner) = Some(Canary { loaded, percent });
    }

    /// Gives all events to the program that is loaded. Executions that the canary began go on.
    pub fn end_canary(&self) {
        *self.canary.write().unwrap_or_else(PoisonError::into_inner) = None;
    }

    /// Returns the program of the canary.
    pub(super) fn canary(&self) -> Option<Arc<Loaded>> {
        let canary = self.canary.read().unwrap_or_else(PoisonError::into_inner);
        canary.as_ref().map(|canary| Arc::clone(&canary.loaded))
    }

    /// Returns the program whose rules an event meets.
    pub(super) fn loaded_for_event(&self, event: &StoredEvent) -> Arc<Loaded> {
        if event.event.target.is_some() {
            return self.loaded();
        }
        // No source has a zero byte in it.
        self.loaded_for([event.event.source.as_bytes(), event.event.id.as_bytes()].join(&0).as_slice())
    }

    /// Returns the program that is given what has a key.
    pub(super) fn loaded_for(&self, key: &[u8]) -> Arc<Loaded> {
        let canary = self.canary.read().unwrap_or_else(PoisonError::into_inner);
        match &*canary {
            Some(canary) if bucket(key) < canary.percent => Arc::clone(&canary.loaded),
            Some(_) | None => self.loaded(),
        }
    }
}

/// Returns a number from 0 to 99, each as likely, that follows from a key.
fn bucket(key: &[u8]) -> u8 {
    let hash = blake3::hash(key);
    let (first, _) = hash.as_bytes().split_first_chunk().unwrap_or((&[0; 4], &[]));
    u8::try_from(u32::from_le_bytes(*first) % 100).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_one_bucket_and_all_buckets_are_used() {
        let mut counts = [0; 100];
        for number in 0..10_000_u32 {
            let key = number.to_le_bytes();
            assert_eq!(bucket(&key), bucket(&key));
            counts[usize::from(bucket(&key))] += 1;
        }
        assert!(counts.iter().all(|count| (50..200).contains(count)), "{counts:?}");
    }
}
