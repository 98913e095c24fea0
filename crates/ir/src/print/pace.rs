//! How often a rule runs, and for whom.

use std::fmt::{self, Write};

use super::expression::Tree;
use crate::{Debounce, Length, Limit, NodeId, Overlap, Pace, Rollout, Rule, Variant};

/// Writes the clauses, one on each line.
pub(super) fn write(out: &mut String, rule: &Rule, pace: &Pace) -> fmt::Result {
    let Pace { limits, rollout, variant, debounce, overlap } = pace;
    for Limit { text: _, count, window, by } in limits {
        write!(out, "limit {count}")?;
        if let Some(window) = window {
            write!(out, " per {window}")?;
        }
        keys(out, rule, by)?;
    }
    if let Some(Rollout { text: _, share, by }) = rollout {
        write!(out, "rollout {share} of a million")?;
        keys(out, rule, by)?;
    }
    if let Some(Variant { text: _, local, shares, by }) = variant {
        write!(out, "variant {local} of a million")?;
        for (name, share) in shares {
            write!(out, ", {name} {share}")?;
        }
        keys(out, rule, by)?;
    }
    if let Some(Debounce { text: _, quiet, by }) = debounce {
        write!(out, "debounce {quiet}")?;
        keys(out, rule, by)?;
    }
    if let Some(Overlap { text: _, mode, by }) = overlap {
        write!(out, "overlap {}", mode.as_str())?;
        keys(out, rule, by)?;
    }
    Ok(())
}

fn keys(out: &mut String, rule: &Rule, by: &[NodeId]) -> fmt::Result {
    for (at, key) in by.iter().enumerate() {
        out.write_str(if at == 0 { " by " } else { ", " })?;
        Tree::of(rule, *key).write_inline(out, 4)?;
    }
    writeln!(out)
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Length::Exact(duration) => write!(f, "{duration:#}"),
            Length::Calendar(period) => period.fmt(f),
        }
    }
}
