//! Header clauses: what they say, each at most once.

use hence_diagnostics::{Code, Span};
use hence_syntax::ast::{Clause, ClauseKind, Expression, Rule};
use hence_types::Value;
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

use crate::checker::Checker;
use crate::errors::shape::{DuplicateClause, EmptyWindow, PriorityRange};
use crate::literal;
use crate::zone::time_zone;

/// What the header of a rule says beside its priority.
#[derive(Debug, Clone, Default)]
pub struct Header {
    /// Whether the rule is never run.
    pub disabled: bool,
    /// The group it belongs to.
    pub group: Option<String>,
    /// Who looks after it.
    pub owner: Option<String>,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Its zone, where it is not the project's.
    pub zone: Option<TimeZone>,
    /// The instant from which it runs.
    pub from: Option<Timestamp>,
    /// The instant from which it no longer runs.
    pub until: Option<Timestamp>,
}

impl Checker<'_> {
    pub(crate) fn header(&mut self, rule: &Rule) {
        let mut first: Vec<&Clause> = Vec::new();
        for clause in &rule.clauses {
            let keyword = clause.kind.keyword();
            match first.iter().find(|before| before.kind.keyword() == keyword) {
                Some(_) if clause.kind.is_repeatable() => {}
                Some(before) => {
                    let first = before.span;
                    self.report(DuplicateClause { clause: keyword, span: clause.span, first });
                }
                None => first.push(clause),
            }
        }
        // The zone decides what the days of the other clauses mean.
        let is_zone = |clause: &&&Clause| matches!(clause.kind, ClauseKind::Timezone(..));
        let (zones, others): (Vec<&Clause>, Vec<&Clause>) =
            first.into_iter().partition(|clause| is_zone(&clause));
        for clause in zones.into_iter().chain(others) {
            self.clause(&clause.kind);
        }
    }

    fn clause(&mut self, clause: &ClauseKind) {
        match clause {
            ClauseKind::Priority(written, span) => match written.parse::<u8>() {
                Ok(priority @ 1..=10) => self.facts.priority = priority,
                _ => self.report(PriorityRange { written: written.clone(), span: *span }),
            },
            ClauseKind::Group(name) => self.facts.header.group = Some(name.text.clone()),
            ClauseKind::Disabled => self.facts.header.disabled = true,
            ClauseKind::Owner(owner, _) => self.facts.header.owner = Some(owner.clone()),
            ClauseKind::Tags(tags) => {
                self.facts.header.tags = tags.iter().map(|(tag, _)| tag.clone()).collect();
            }
            ClauseKind::Timezone(name, span) => {
                if let Some(zone) = self.zone_named(name, *span) {
                    self.zone = zone.clone();
                    self.facts.header.zone = Some(zone);
                }
            }
            ClauseKind::Active { from, until } => {
                let start = from.as_ref().and_then(|from| self.moment(from));
                let end = until.as_ref().and_then(|until| self.moment(until));
                if let (Some(start), Some(end), Some(from), Some(until)) = (start, end, from, until)
                    && end <= start
                {
                    self.report(EmptyWindow { from: from.span, until: until.span });
                }
                (self.facts.header.from, self.facts.header.until) = (start, end);
            }
            // Computed when the rule runs: checked when the event is known.
            ClauseKind::Until(_)
            | ClauseKind::Once(_)
            | ClauseKind::Limit { .. }
            | ClauseKind::Rollout { .. }
            | ClauseKind::Variant { .. }
            | ClauseKind::Debounce { .. }
            | ClauseKind::Overlap { .. } => {}
        }
    }

    /// Returns a zone by its name; one that is not there is reported.
    pub(crate) fn zone_named(&mut self, name: &str, span: Span) -> Option<TimeZone> {
        let found = time_zone(name, span, Code::InvalidTime);
        found.map_err(|diagnostic| self.report(*diagnostic)).ok()
    }

    /// Returns the instant that a day or an instant begins at.
    fn moment(&mut self, expression: &Expression) -> Option<Timestamp> {
        match literal::value(expression, &self.zone) {
            Ok(Some(Value::DateTime(instant))) => Some(instant),
            Ok(Some(Value::Date(day))) => day.to_zoned(self.zone.clone()).ok().map(|zoned| zoned.timestamp()),
            Ok(_) => None,
            Err(diagnostic) => {
                self.report(*diagnostic);
                None
            }
        }
    }
}
