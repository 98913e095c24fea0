//! Whether a payload is what its type says. One that is not is stored and run all the same, but marked.

use std::sync::Arc;

use hence_types::wire::{self, Mismatch, Place};
use hence_types::{Record, Type, Wire};

/// Returns where the JSON text of a payload differs from its type; nothing where it is as declared.
pub fn check_payload(payload: &Arc<Record>, json: &str) -> Vec<Mismatch> {
    let mut mismatches = Vec::new();
    wire::read(Some(json), &Type::Record(payload.clone()), &Wire::Plain, Place::default(), &mut mismatches);
    mismatches
}
