//! Clauses of headers that are computed when a rule runs.

use super::steps::length;
use super::{Writer, number, wire};
use crate::{Await, Debounce, Header, Length, Limit, NodeId, Overlap, Pace, Program, Rollout, Rule, Variant};

impl Writer {
    pub(super) fn clauses(&mut self, program: &Program) -> wire::Clauses {
        let mut clauses = Vec::new();
        for (place, rule) in program.rules.iter().enumerate() {
            let of_rule = self.clauses_of(rule);
            clauses.extend(of_rule.into_iter().map(|clause| (number(place), clause)));
        }
        wire::Clauses { clauses }
    }

    fn clauses_of(&mut self, rule: &Rule) -> Vec<wire::Clause> {
        let Header { disabled: _, owner: _, tags: _, zone: _, from: _, until: _, exits, pace } = &rule.header;
        let mut clauses: Vec<_> = exits.iter().map(|exit| self.exit(exit)).collect();
        let Pace { limits, rollout, variant, debounce, overlap } = pace;
        for Limit { text, count, window, by } in limits {
            let (text, window) = (self.word(text), window.map(clause_length));
            clauses.push(wire::Clause::Limit { text, count: *count, window, by: nodes(by) });
        }
        if let Some(Rollout { text, share, by }) = rollout {
            clauses.push(wire::Clause::Rollout { text: self.word(text), share: *share, by: nodes(by) });
        }
        if let Some(Variant { text, local, shares, by }) = variant {
            let text = self.word(text);
            let shares = shares.iter().map(|(name, share)| (self.word(name), *share)).collect();
            clauses.push(wire::Clause::Variant { text, local: local.0, shares, by: nodes(by) });
        }
        if let Some(Debounce { text, quiet, by }) = debounce {
            let (text, quiet) = (self.word(text), clause_length(*quiet));
            clauses.push(wire::Clause::Debounce { text, quiet, by: nodes(by) });
        }
        if let Some(Overlap { text, mode, by }) = overlap {
            clauses.push(wire::Clause::Overlap {
                text: self.word(text),
                mode: (*mode).into(),
                by: nodes(by),
            });
        }
        clauses
    }

    fn exit(&mut self, exit: &Await) -> wire::Clause {
        // An exit has neither a limit nor a result.
        let Await { event, other, key, condition, limit: _, result: _, question: _, span } = exit;
        wire::Clause::Until {
            event: self.word(event),
            other: self.returned(other),
            key: key.as_ref().map(|key| self.key(key)),
            condition: condition.map(|condition| condition.0),
            span: self.span(*span),
        }
    }
}

fn nodes(nodes: &[NodeId]) -> Vec<wire::NodeId> {
    nodes.iter().map(|node| node.0).collect()
}

fn clause_length(length: Length) -> wire::ClauseLength {
    match length {
        Length::Exact(duration) => wire::ClauseLength::Exact(self::length(duration)),
        Length::Calendar(period) => wire::ClauseLength::Calendar { months: period.months, days: period.days },
    }
}
