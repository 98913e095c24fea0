//! Tests.

use pest::iterators::Pair;

use super::Builder;
use crate::ast::{
    Answer, AnswerKind, Count, Expectation, ExpectedBlock, ExpectedCall, ExpectedRule, ExpectedSet,
    Expression, Given, Path, RuleOutcome, Test, TestClause, TestClauseKind,
};
use crate::grammar::Rule;

impl Builder<'_> {
    pub(super) fn test(&mut self, pair: Pair<'_, Rule>) -> Option<Test> {
        let mut title = None;
        let mut at = None;
        let mut clauses = Vec::new();
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::title => {
                    let span = self.span(&part);
                    title = Some((self.plain_text(span), span));
                }
                Rule::at_clause => at = self.operand(part, Rule::zoned_time),
                Rule::test_wait
                | Rule::given_clause
                | Rule::after_clause
                | Rule::with_clause
                | Rule::expect_clause => {
                    clauses.extend(self.clause_of_test(part));
                }
                _ => {}
            }
        }
        Some(Test { title: title?, at, clauses })
    }

    /// The part of a pair that is an operand of this rule of the grammar.
    fn operand(&mut self, pair: Pair<'_, Rule>, rule: Rule) -> Option<Expression> {
        let operand = pair.into_inner().find(|part| part.as_rule() == rule)?;
        Some(self.primary(operand).0)
    }

    fn clause_of_test(&mut self, pair: Pair<'_, Rule>) -> Option<TestClause> {
        let span = self.span(&pair);
        let kind = match pair.as_rule() {
            Rule::test_wait => self.passing_time(pair)?,
            Rule::given_clause | Rule::after_clause => TestClauseKind::Given(self.given(pair)?),
            Rule::with_clause => TestClauseKind::With(self.answer(pair)?),
            _ => TestClauseKind::Expect(self.expectation(pair)?),
        };
        Some(TestClause { span, kind })
    }

    fn passing_time(&mut self, pair: Pair<'_, Rule>) -> Option<TestClauseKind> {
        let (mut until, mut time) = (false, None);
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::until => until = true,
                Rule::duration | Rule::zoned_time => time = Some(self.primary(part).0),
                _ => {}
            }
        }
        Some(TestClauseKind::Wait { until, time: time? })
    }

    fn given(&mut self, pair: Pair<'_, Rule>) -> Option<Given> {
        let mut given: Option<Given> = None;
        let mut after = None;
        let mut event = None;
        let mut payload = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::duration => after = Some(self.primary(part).0),
                Rule::given_clause => given = self.given(part),
                Rule::path => event = Some(self.path(part)),
                Rule::record_literal => payload = Some(self.primary(part).0),
                _ => {}
            }
        }
        match given {
            Some(given) => Some(Given { after, ..given }),
            None => Some(Given { after: None, event: event?, payload }),
        }
    }

    fn answer(&mut self, pair: Pair<'_, Rule>) -> Option<Answer> {
        let mut action = None;
        let mut kind = None;
        let mut count = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::path => action = Some(self.path(part)),
                Rule::fails_answer => {
                    let words = part.into_inner().find(|inner| inner.as_rule() == Rule::text)?;
                    let span = self.span(&words);
                    kind = Some(AnswerKind::Fails(self.plain_text(span), span));
                }
                Rule::returns_answer => {
                    let value = part.into_inner().find(|inner| inner.as_rule() == Rule::expression)?;
                    kind = Some(AnswerKind::Returns(self.expression(value)));
                }
                Rule::count => count = Some(self.count(part)),
                _ => {}
            }
        }
        Some(Answer { action: action?, kind: kind?, count })
    }

    /// `once` or `2 times`.
    fn count(&mut self, pair: Pair<'_, Rule>) -> Count {
        let span = self.span(&pair);
        let number = pair.into_inner().find(|part| part.as_rule() == Rule::number);
        let digits = number.map_or_else(
            || "1".to_owned(),
            |number| {
                let place = self.span(&number);
                self.digits(place)
            },
        );
        Count { digits, span }
    }

    fn expectation(&mut self, pair: Pair<'_, Rule>) -> Option<Expectation> {
        let mut path = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::nothing_else => return Some(Expectation::NothingElse),
                Rule::not_blocked => {
                    let span = self.span(&part);
                    return Some(Expectation::Block(ExpectedBlock { negated: true, reason: None, span }));
                }
                Rule::expected_block => return Some(Expectation::Block(self.expected_block(part))),
                Rule::path => path = Some(self.path(part)),
                Rule::expected_set => {
                    let value = part.into_inner().find(|inner| inner.as_rule() == Rule::expression)?;
                    let value = Some(self.expression(value));
                    return Some(Expectation::Set(ExpectedSet { field: path?, value }));
                }
                Rule::negated_outcome
                    if part.clone().into_inner().any(|inner| inner.as_rule() == Rule::set) =>
                {
                    return Some(Expectation::Set(ExpectedSet { field: path?, value: None }));
                }
                Rule::expected_call => return Some(Expectation::Call(self.expected_call(path?, part))),
                Rule::outcome | Rule::negated_outcome => {
                    return self.expected_rule(path?, part).map(Expectation::Rule);
                }
                _ => {}
            }
        }
        None
    }

    fn expected_block(&mut self, pair: Pair<'_, Rule>) -> ExpectedBlock {
        let span = self.span(&pair);
        let because = pair.into_inner().find(|part| part.as_rule() == Rule::because_clause);
        let reason =
            because.and_then(|part| part.into_inner().find(|inner| inner.as_rule() == Rule::expression));
        ExpectedBlock { negated: false, reason: reason.map(|reason| self.expression(reason)), span }
    }

    fn expected_call(&mut self, action: Path, pair: Pair<'_, Rule>) -> ExpectedCall {
        let mut call =
            ExpectedCall { span: action.span, action, arguments: Vec::new(), count: None, after: None };
        for part in pair.into_inner() {
            let span = self.span(&part);
            match part.as_rule() {
                Rule::arguments => {
                    call.span = call.span.to(span);
                    call.arguments = self.arguments(part);
                }
                Rule::count => call.count = Some(self.count(part)),
                Rule::never => call.count = Some(Count { digits: "0".to_owned(), span }),
                Rule::duration => call.after = Some(self.primary(part).0),
                _ => {}
            }
        }
        call
    }

    fn expected_rule(&mut self, rule: Path, pair: Pair<'_, Rule>) -> Option<ExpectedRule> {
        let negated = pair.as_rule() == Rule::negated_outcome;
        let mut outcome = None;
        let mut because = None;
        for part in pair.into_inner() {
            match part.as_rule() {
                Rule::because_clause => {
                    let condition = part.into_inner().find(|inner| inner.as_rule() == Rule::expression)?;
                    because = Some(self.expression(condition));
                }
                _ => {
                    let word = self.word(&part);
                    outcome = outcome.or(RuleOutcome::ALL.into_iter().find(|known| known.as_str() == word));
                }
            }
        }
        Some(ExpectedRule { rule, negated, outcome: outcome?, because })
    }
}
