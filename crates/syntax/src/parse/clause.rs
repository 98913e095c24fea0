//! Header clauses.

use hence_diagnostics::Span;
use pest::iterators::Pair;

use super::Builder;
use crate::ast::{Clause, ClauseKind};
use crate::grammar::Rule;

impl Builder<'_> {
    /// A header clause; what is none of the others is `disabled`.
    pub(super) fn clause(&mut self, pair: Pair<'_, Rule>) -> Clause {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::priority_clause => {
                let number = pair.into_inner().skip(1).map(|inner| self.span(&inner));
                let number = number.reduce(|all, span| all.to(span)).unwrap_or(span);
                let written = self.slice(number).chars().filter(|c| !c.is_whitespace()).collect();
                ClauseKind::Priority(written, number)
            }
            Rule::group_clause => match pair.into_inner().find(|part| part.as_rule() == Rule::name) {
                Some(name) => ClauseKind::Group(self.name(&name)),
                None => ClauseKind::Disabled,
            },
            Rule::owner_clause => {
                let (text, place) = self.texts(pair).into_iter().next().unwrap_or((String::new(), span));
                ClauseKind::Owner(text, place)
            }
            Rule::tags_clause => ClauseKind::Tags(self.texts(pair)),
            Rule::timezone_clause => {
                let (text, place) = self.texts(pair).into_iter().next().unwrap_or((String::new(), span));
                ClauseKind::Timezone(text, place)
            }
            Rule::active_clause => self.active(pair),
            _ => ClauseKind::Disabled,
        };
        Clause { span, kind }
    }

    /// The plain texts within a clause.
    fn texts(&mut self, pair: Pair<'_, Rule>) -> Vec<(String, Span)> {
        let texts = pair.into_inner().filter(|part| part.as_rule() == Rule::text);
        let places: Vec<Span> = texts.map(|part| self.span(&part)).collect();
        places.into_iter().map(|place| (self.plain_text(place), place)).collect()
    }

    fn active(&mut self, pair: Pair<'_, Rule>) -> ClauseKind {
        let (mut from, mut until) = (None, None);
        let mut is_end = false;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::until => is_end = true,
                Rule::date | Rule::zoned_time => {
                    let (moment, _) = self.primary(part);
                    if is_end { until = Some(moment) } else { from = Some(moment) }
                }
                _ => {}
            }
        }
        ClauseKind::Active { from, until }
    }
}
