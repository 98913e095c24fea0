//! What is watched on behalf of rules.

use super::{malformed, wire};
use crate::bundle::ReadError;
use crate::{Rule, Watch};

/// Puts what is watched into the rules it is watched for.
pub(super) fn put_watches(rules: &mut [Rule], stored: wire::Watches) -> Result<(), ReadError> {
    for (place, stored) in stored.watches {
        let rule = rules.get_mut(place as usize).ok_or(malformed("there is no such rule"))?;
        if stored.trigger as usize >= rule.triggers.len() || rule.watch(stored.trigger).is_some() {
            return Err(malformed("there is no such trigger"));
        }
        rule.watches.push(watch(stored)?);
    }
    Ok(())
}

fn watch(stored: wire::Watch) -> Result<Watch, ReadError> {
    match stored.kind {}
}
