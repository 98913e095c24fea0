//! What is watched on behalf of rules.

use super::{number, wire};
use crate::{Program, Watch};

/// Returns what is watched for all rules.
pub(in super::super) fn watches(program: &Program) -> wire::Watches {
    let rules = program.rules.iter().enumerate();
    let watches =
        rules.flat_map(|(place, rule)| rule.watches.iter().map(move |watch| (number(place), watch)));
    wire::Watches { watches: watches.map(|(place, watch)| (place, self::watch(watch))).collect() }
}

fn watch(watch: &Watch) -> wire::Watch {
    match watch.kind {}
}
