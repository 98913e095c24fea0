//! Clauses of headers that are computed when a rule runs.

use hence_types::Period;

use super::steps::length;
use super::{Limits, Reader, malformed, wire};
use crate::bundle::ReadError;
use crate::{Await, Debounce, Length, Limit, NodeId, Overlap, Rollout, Rule, Variant};

impl Reader {
    /// Puts clauses into the rules they belong to.
    pub(super) fn put_clauses(&self, rules: &mut [Rule], stored: &wire::Clauses) -> Result<(), ReadError> {
        for (place, clause) in &stored.clauses {
            let rule = rules.get_mut(*place as usize).ok_or(malformed("there is no such rule"))?;
            let limits = Limits { nodes: rule.code.nodes.len(), locals: rule.locals };
            match clause {
                wire::Clause::Until { event, other, key, condition, span } => rule.header.exits.push(Await {
                    event: self.word(*event)?,
                    // Without a condition, nothing goes into the variable.
                    other: match condition {
                        Some(_) => self.returned(other, &limits)?,
                        None => self.returned(other, &Limits { nodes: 0, locals: u32::MAX })?,
                    },
                    key: key.as_ref().map(|key| self.key(key, &limits)).transpose()?,
                    condition: condition.map(|condition| limits.node(condition)).transpose()?,
                    limit: None,
                    result: None,
                    question: None,
                    span: self.span(*span)?,
                }),
                wire::Clause::Limit { text, count, window, by } => rule.header.pace.limits.push(Limit {
                    text: self.word(*text)?,
                    count: *count,
                    window: window.map(clause_length).transpose()?,
                    by: limits.nodes(by)?,
                }),
                wire::Clause::Rollout { text, share, by } => {
                    let (text, by) = (self.word(*text)?, limits.nodes(by)?);
                    rule.header.pace.rollout = Some(Rollout { text, share: *share, by });
                }
                wire::Clause::Variant { text, local, shares, by } => {
                    let shares = shares.iter().map(|(name, share)| Ok((self.word(*name)?, *share)));
                    rule.header.pace.variant = Some(Variant {
                        text: self.word(*text)?,
                        local: limits.local(*local)?,
                        shares: shares.collect::<Result<_, _>>()?,
                        by: limits.nodes(by)?,
                    });
                }
                wire::Clause::Debounce { text, quiet, by } => {
                    let (text, quiet) = (self.word(*text)?, clause_length(*quiet)?);
                    rule.header.pace.debounce = Some(Debounce { text, quiet, by: limits.nodes(by)? });
                }
                wire::Clause::Overlap { text, mode, by } => {
                    let (text, by) = (self.word(*text)?, limits.nodes(by)?);
                    rule.header.pace.overlap = Some(Overlap { text, mode: (*mode).into(), by });
                }
            }
        }
        Ok(())
    }
}

impl Limits {
    fn nodes(&self, stored: &[wire::NodeId]) -> Result<Vec<NodeId>, ReadError> {
        stored.iter().map(|node| self.node(*node)).collect()
    }
}

fn clause_length(stored: wire::ClauseLength) -> Result<Length, ReadError> {
    Ok(match stored {
        wire::ClauseLength::Exact(stored) => Length::Exact(length(stored)?),
        wire::ClauseLength::Calendar { months, days } => Length::Calendar(Period { months, days }),
    })
}
