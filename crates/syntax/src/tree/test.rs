//! The printed form of tests.

use super::{Node, argument, expression};
use crate::ast::{AnswerKind, Count, Expectation, Test, TestClauseKind};

pub(super) fn node(test: &Test) -> Node {
    let mut node = Node::new("test").quoted(test.name());
    if let Some(at) = &test.at {
        node = node.part(Node::new("at").part(expression(at)));
    }
    node.parts(test.clauses.iter().map(|clause| self::clause(&clause.kind)))
}

fn clause(clause: &TestClauseKind) -> Node {
    match clause {
        TestClauseKind::Wait { until, time } => {
            Node::new(if *until { "wait-until" } else { "wait" }).part(expression(time))
        }
        TestClauseKind::Given(given) => {
            let node = Node::new("given").path(&given.event);
            let after = given.after.iter().map(|after| Node::new("after").part(expression(after)));
            node.parts(after).parts(given.payload.iter().map(expression))
        }
        TestClauseKind::With(answer) => {
            let node = Node::new("with").path(&answer.action);
            let node = match &answer.kind {
                AnswerKind::Fails(words, _) => node.part(Node::new("fails").quoted(words)),
                AnswerKind::Returns(value) => node.part(Node::new("returns").part(expression(value))),
            };
            node.parts(answer.count.iter().map(count))
        }
        TestClauseKind::Expect(Expectation::NothingElse) => Node::new("expect-nothing-else"),
        TestClauseKind::Expect(Expectation::Rule(rule)) => {
            let node = Node::new("expect").path(&rule.rule);
            let node = if rule.negated { node.word("not") } else { node };
            let because = rule.because.iter().map(|because| Node::new("because").part(expression(because)));
            node.word(rule.outcome.as_str()).parts(because)
        }
        TestClauseKind::Expect(Expectation::Set(set)) => {
            let node = Node::new("expect-set").path(&set.field);
            match &set.value {
                Some(value) => node.part(expression(value)),
                None => node.word("never"),
            }
        }
        TestClauseKind::Expect(Expectation::Block(block)) => {
            let node = Node::new("expect-blocked");
            let node = if block.negated { node.word("never") } else { node };
            node.parts(block.reason.iter().map(|reason| Node::new("because").part(expression(reason))))
        }
        TestClauseKind::Expect(Expectation::Call(call)) => {
            let node = Node::new("expect-call").path(&call.action);
            let after = call.after.iter().map(|after| Node::new("after").part(expression(after)));
            node.parts(call.arguments.iter().map(argument)).parts(call.count.iter().map(count)).parts(after)
        }
    }
}

fn count(count: &Count) -> Node {
    Node::new("times").word(&count.digits)
}
