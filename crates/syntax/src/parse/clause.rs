//! Header clauses.

use hence_diagnostics::Span;
use pest::iterators::Pair;

use super::Builder;
use crate::ast::{Clause, ClauseKind, Expression, Name, Overlap};
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
            Rule::until_clause => self
                .awaited(pair, None)
                .map_or(ClauseKind::Disabled, |exit| ClauseKind::Until(Box::new(exit))),
            Rule::once_clause
            | Rule::limit_clause
            | Rule::rollout_clause
            | Rule::variant_clause
            | Rule::debounce_clause
            | Rule::overlap_clause => self.keyed(pair).unwrap_or(ClauseKind::Disabled),
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

    /// A clause that has a key.
    fn keyed(&mut self, pair: Pair<'_, Rule>) -> Option<ClauseKind> {
        let rule = pair.as_rule();
        let mut by = Vec::new();
        let mut shares = Vec::new();
        let mut count = None;
        let mut amount = None;
        let mut mode = None;
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::keys => by = part.into_inner().filter_map(|key| self.key(key)).collect(),
                Rule::number => count = Some((self.digits(span), span)),
                Rule::duration | Rule::percent => amount = Some(self.primary(part).0),
                Rule::share => shares.extend(self.share(part)),
                _ => {
                    let word = self.word(&part);
                    mode = mode.or(Overlap::ALL.into_iter().find(|mode| mode.as_str() == word));
                }
            }
        }
        Some(match rule {
            Rule::once_clause => ClauseKind::Once(by),
            Rule::limit_clause => ClauseKind::Limit { count: count?, per: amount?, by },
            Rule::rollout_clause => ClauseKind::Rollout { share: amount?, by },
            Rule::variant_clause => ClauseKind::Variant { id: self.id(), shares, by },
            Rule::debounce_clause => ClauseKind::Debounce { quiet: amount?, by },
            _ => ClauseKind::Overlap { mode: mode?, by },
        })
    }

    fn key(&mut self, pair: Pair<'_, Rule>) -> Option<Expression> {
        (pair.as_rule() == Rule::expression).then(|| self.expression(pair))
    }

    fn share(&mut self, pair: Pair<'_, Rule>) -> Option<(Name, Expression)> {
        let (mut name, mut share) = (None, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::name => name = Some(self.name(&part)),
                _ => share = Some(self.primary(part).0),
            }
        }
        name.zip(share)
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
