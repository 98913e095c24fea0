//! Walking trees. Every feature that looks into a tree does it through [`Node::children`], so that what the language
//! comes to have is told to this file alone.

use hence_diagnostics::Span;
use hence_syntax::ast::{
    AnswerKind, Argument, Block, CallClause, CallClauseKind, Cell, Clause, ClauseKind, Expectation,
    Expression, ExpressionKind, Family, FieldChange, Item, ItemKind, MatchArm, MatchPattern, Name, OnError,
    Parameter, Path, PatternRest, Row, Step, StepKind, TestClause, TestClauseKind, TextPart, Trigger,
    TriggerKind, TypeExpression, TypeExpressionKind,
};

/// A node of a tree.
#[derive(Debug, Clone, Copy)]
pub enum Node<'a> {
    /// An item.
    Item(&'a Item),
    /// `for each row in rows`
    Family(&'a Family),
    /// A header clause.
    Clause(&'a Clause),
    /// A trigger.
    Trigger(&'a Trigger),
    /// The path of an event, in a trigger, a test or a condition.
    Event(&'a Path),
    /// The path of an action, in a test.
    Action(&'a Path),
    /// The path of a rule, in a test.
    RulePath(&'a Path),
    /// A parameter of a function or table.
    Parameter(&'a Parameter),
    /// A type.
    Type(&'a TypeExpression),
    /// A row of a table.
    Row(&'a Row),
    /// A cell of a table.
    Cell(&'a Cell),
    /// A clause of a test.
    TestClause(&'a TestClause),
    /// A step.
    Step(&'a Step),
    /// A clause after a call.
    CallClause(&'a CallClause),
    /// `{ steps }`
    Block(&'a Block),
    /// An expression.
    Expression(&'a Expression),
    /// An argument of a call.
    Argument(&'a Argument),
    /// An arm of `match`.
    Arm(&'a MatchArm),
}

impl<'a> Node<'a> {
    /// Returns the place.
    pub fn span(self) -> Span {
        match self {
            Node::Item(item) => item.span,
            Node::Family(family) => family.span,
            Node::Clause(clause) => clause.span,
            Node::Trigger(trigger) => trigger.span,
            Node::Event(path) | Node::Action(path) | Node::RulePath(path) => path.span,
            Node::Parameter(parameter) => parameter.name.span.to(parameter.ty.span),
            Node::Type(ty) => ty.span,
            Node::Row(row) => row.span,
            Node::Cell(cell) => cell.span,
            Node::TestClause(clause) => clause.span,
            Node::Step(step) => step.span,
            Node::CallClause(clause) => clause.span,
            Node::Block(block) => block.span,
            Node::Expression(expression) => expression.span,
            Node::Argument(argument) => match argument {
                Argument::Named(name, value) => name.span.to(value.span),
                Argument::Positional(value) => value.span,
                Argument::Binder { variable, list, .. } => variable.span.to(list.span),
            },
            Node::Arm(arm) => arm.span,
        }
    }

    /// Returns the parts, in the order they are written.
    pub fn children(self) -> Vec<Node<'a>> {
        match self {
            Node::Item(item) => of_item(item),
            Node::Family(family) => {
                let mut parts = text_parts(&family.title);
                parts.push(Node::Expression(&family.rows));
                parts
            }
            Node::Clause(clause) => match &clause.kind {
                ClauseKind::Active { from, until } => {
                    from.iter().chain(until).map(Node::Expression).collect()
                }
                ClauseKind::Until(exit) => {
                    let condition = exit.condition.iter().map(Node::Expression);
                    std::iter::once(Node::Event(&exit.event)).chain(condition).collect()
                }
                ClauseKind::Limit { per: amount, by, .. }
                | ClauseKind::Rollout { share: amount, by }
                | ClauseKind::Debounce { quiet: amount, by } => {
                    std::iter::once(amount).chain(by).map(Node::Expression).collect()
                }
                ClauseKind::Variant { shares, by, .. } => {
                    shares.iter().map(|(_, share)| share).chain(by).map(Node::Expression).collect()
                }
                ClauseKind::Once(by) | ClauseKind::Overlap { by, .. } => {
                    by.iter().map(Node::Expression).collect()
                }
                ClauseKind::Priority(..)
                | ClauseKind::Disabled
                | ClauseKind::Owner(..)
                | ClauseKind::Tags(_)
                | ClauseKind::Group(_)
                | ClauseKind::Timezone(..) => Vec::new(),
            },
            Node::Trigger(trigger) => of_trigger(&trigger.kind),
            Node::Event(_) | Node::Action(_) | Node::RulePath(_) => Vec::new(),
            Node::Parameter(parameter) => vec![Node::Type(&parameter.ty)],
            Node::Type(ty) => match &ty.kind {
                TypeExpressionKind::List(inner) | TypeExpressionKind::Map(inner) => vec![Node::Type(inner)],
                TypeExpressionKind::Named(_) => Vec::new(),
            },
            Node::Row(row) => {
                let cells = row.cells.iter().map(Node::Cell);
                cells.chain([Node::Expression(&row.result)]).collect()
            }
            Node::Cell(cell) => cell.condition.iter().map(Node::Expression).collect(),
            Node::TestClause(clause) => of_test_clause(clause),
            Node::Step(step) => of_step(step),
            Node::CallClause(clause) => match &clause.kind {
                CallClauseKind::Timeout(length) => vec![Node::Expression(length)],
                CallClauseKind::OnError { retry, then } => {
                    let mut parts = Vec::new();
                    if let Some(retry) = retry {
                        parts.push(Node::Expression(&retry.every));
                        parts.extend(retry.up_to.iter().map(Node::Expression));
                    }
                    if let OnError::Steps(block) = then {
                        parts.push(Node::Block(block));
                    }
                    parts
                }
            },
            Node::Block(block) => block.steps.iter().map(Node::Step).collect(),
            Node::Expression(expression) => of_expression(expression),
            Node::Argument(argument) => match argument {
                Argument::Named(_, value) | Argument::Positional(value) => vec![Node::Expression(value)],
                Argument::Binder { list, .. } => vec![Node::Expression(list)],
            },
            Node::Arm(arm) => match &arm.pattern {
                MatchPattern::Values(values) => {
                    values.iter().chain([&arm.value]).map(Node::Expression).collect()
                }
                MatchPattern::Missing(_) | MatchPattern::Else(_) => vec![Node::Expression(&arm.value)],
            },
        }
    }

    /// Calls `each` with the node and everything in it, outer ones first.
    pub fn visit(self, each: &mut impl FnMut(Node<'a>)) {
        each(self);
        for child in self.children() {
            child.visit(each);
        }
    }

    /// Returns the nodes that hold a byte, the outermost first. A node that ends there counts only where none begins
    /// there.
    pub fn at(self, offset: u32) -> Vec<Node<'a>> {
        let mut path = vec![self];
        let mut node = self;
        loop {
            let mut found: Option<Node<'a>> = None;
            for child in node.children() {
                let span = child.span();
                if span.contains(offset) && (found.is_none() || span.start <= offset && offset < span.end) {
                    found = Some(child);
                }
            }
            let Some(next) = found else { return path };
            path.push(next);
            node = next;
        }
    }
}

fn of_item(item: &Item) -> Vec<Node<'_>> {
    match &item.kind {
        ItemKind::Rule(rule) => {
            let mut parts = Vec::new();
            parts.extend(rule.family.iter().map(|family| Node::Family(family)));
            parts.extend(rule.clauses.iter().map(Node::Clause));
            parts.extend(rule.triggers.iter().map(Node::Trigger));
            parts.extend(rule.condition.iter().map(Node::Expression));
            parts.extend(rule.then.iter().map(Node::Step));
            parts.extend(rule.otherwise.iter().flatten().map(Node::Step));
            parts
        }
        ItemKind::Fn(function) => {
            let mut parts: Vec<Node<'_>> = function.parameters.iter().map(Node::Parameter).collect();
            parts.extend([Node::Type(&function.result), Node::Expression(&function.body)]);
            parts
        }
        ItemKind::Extern(function) => {
            let parameters = function.parameters.iter().map(Node::Parameter);
            parameters.chain([Node::Type(&function.result)]).collect()
        }
        ItemKind::Group(group) => group.resolution.value().into_iter().map(Node::Expression).collect(),
        ItemKind::Const(constant) => vec![Node::Expression(&constant.value)],
        ItemKind::Table(table) => {
            let mut parts: Vec<Node<'_>> = table.parameters.iter().map(Node::Parameter).collect();
            parts.push(Node::Type(&table.result));
            // The rows of a file have their places in that file.
            if table.file.is_none() {
                parts.extend(table.rows.iter().map(Node::Row));
            }
            parts
        }
        ItemKind::Test(test) => {
            let mut parts: Vec<Node<'_>> = test.at.iter().map(Node::Expression).collect();
            parts.extend(test.clauses.iter().map(Node::TestClause));
            parts
        }
        ItemKind::Broken(_) => Vec::new(),
    }
}

fn of_trigger(kind: &TriggerKind) -> Vec<Node<'_>> {
    match kind {
        TriggerKind::Event(path) => vec![Node::Event(path)],
        TriggerKind::Schedule(_) | TriggerKind::Manual(_) => Vec::new(),
        TriggerKind::Date(trigger) => vec![Node::Expression(&trigger.length)],
        TriggerKind::Field(trigger) => match &trigger.change {
            FieldChange::Changes { from, to, stay } => {
                [from, to, stay].into_iter().flatten().map(Node::Expression).collect()
            }
            FieldChange::FallsBelow(level) | FieldChange::RisesAbove(level) => vec![Node::Expression(level)],
        },
        TriggerKind::Pattern(trigger) => {
            let mut parts = vec![Node::Event(&trigger.first)];
            match &trigger.rest {
                PatternRest::Without(second) | PatternRest::FollowedBy { second, .. } => {
                    parts.push(Node::Event(second));
                }
                PatternRest::Times(..) => {}
            }
            parts.push(Node::Expression(&trigger.within));
            parts
        }
    }
}

fn of_test_clause(clause: &TestClause) -> Vec<Node<'_>> {
    match &clause.kind {
        TestClauseKind::Given(given) => {
            let mut parts: Vec<Node<'_>> = given.after.iter().map(Node::Expression).collect();
            parts.push(Node::Event(&given.event));
            parts.extend(given.payload.iter().map(Node::Expression));
            parts
        }
        TestClauseKind::Wait { time, .. } => vec![Node::Expression(time)],
        TestClauseKind::With(answer) => {
            let mut parts = vec![Node::Action(&answer.action)];
            if let AnswerKind::Returns(value) = &answer.kind {
                parts.push(Node::Expression(value));
            }
            parts
        }
        TestClauseKind::Expect(Expectation::Rule(expected)) => {
            let mut parts = vec![Node::RulePath(&expected.rule)];
            parts.extend(expected.because.iter().map(Node::Expression));
            parts
        }
        TestClauseKind::Expect(Expectation::Call(call)) => {
            let mut parts = vec![Node::Action(&call.action)];
            parts.extend(call.arguments.iter().map(Node::Argument));
            parts.extend(call.after.iter().map(Node::Expression));
            parts
        }
        TestClauseKind::Expect(Expectation::Set(set)) => set.value.iter().map(Node::Expression).collect(),
        TestClauseKind::Expect(Expectation::Block(block)) => {
            block.reason.iter().map(Node::Expression).collect()
        }
        TestClauseKind::Expect(Expectation::NothingElse) => Vec::new(),
    }
}

fn of_step(step: &Step) -> Vec<Node<'_>> {
    let mut parts: Vec<Node<'_>> = step.expressions().map(Node::Expression).collect();
    if let StepKind::WaitFor(wait) = &step.kind {
        parts.push(Node::Event(&wait.event));
    }
    // The blocks of clauses are parts of these.
    let of_clause = |block: &&Block| step.clauses.iter().any(|clause| clause.span.contains(block.span.start));
    parts.extend(step.blocks().filter(|block| !of_clause(block)).map(Node::Block));
    parts.extend(step.clauses.iter().map(Node::CallClause));
    parts.sort_by_key(|part| part.span());
    parts
}

/// Returns the parameters of a function or table.
pub(crate) fn parameters(item: &Item) -> &[Parameter] {
    if let ItemKind::Fn(function) = &item.kind {
        &function.parameters
    } else if let ItemKind::Table(table) = &item.kind {
        &table.parameters
    } else if let ItemKind::Extern(function) = &item.kind {
        &function.parameters
    } else {
        &[]
    }
}

/// Returns the name that a step binds, if it binds one.
pub(crate) fn bound(step: &Step) -> Option<&Name> {
    if let StepKind::Let(name, _) | StepKind::For { variable: name, .. } = &step.kind {
        Some(name)
    } else if let StepKind::Attempt { error, .. } = &step.kind {
        error.as_ref()
    } else if let StepKind::WaitFor(wait) = &step.kind {
        wait.name.as_ref()
    } else if let StepKind::Ask(ask) = &step.kind {
        ask.name.as_ref()
    } else {
        None
    }
}

fn text_parts(parts: &[TextPart]) -> Vec<Node<'_>> {
    let expressions = parts.iter().filter_map(|part| match part {
        TextPart::Expression(expression) => Some(Node::Expression(expression)),
        TextPart::Literal(_) => None,
    });
    expressions.collect()
}

fn of_expression(expression: &Expression) -> Vec<Node<'_>> {
    match &expression.kind {
        ExpressionKind::Error
        | ExpressionKind::Bool(_)
        | ExpressionKind::Number(_)
        | ExpressionKind::Percent(_)
        | ExpressionKind::Money(..)
        | ExpressionKind::Length(..)
        | ExpressionKind::Date(_)
        | ExpressionKind::Time(_)
        | ExpressionKind::DateTime(..)
        | ExpressionKind::Pattern(..)
        | ExpressionKind::Name(_) => Vec::new(),
        ExpressionKind::Text(parts) => text_parts(parts),
        ExpressionKind::Field { base, .. } => vec![Node::Expression(base)],
        ExpressionKind::Index { base, index } => vec![Node::Expression(base), Node::Expression(index)],
        ExpressionKind::Call { callee, arguments, .. } => {
            let arguments = arguments.iter().map(Node::Argument);
            [Node::Expression(callee)].into_iter().chain(arguments).collect()
        }
        ExpressionKind::NamedPattern { pattern, .. } => vec![Node::Expression(pattern)],
        ExpressionKind::Unary { operand, .. } | ExpressionKind::Presence { operand, .. } => {
            vec![Node::Expression(operand)]
        }
        ExpressionKind::As { operand, ty } => vec![Node::Expression(operand), Node::Type(ty)],
        ExpressionKind::IsEvent { operand, path, .. } => vec![Node::Expression(operand), Node::Event(path)],
        ExpressionKind::Binary { left, right, .. } => vec![Node::Expression(left), Node::Expression(right)],
        ExpressionKind::Between { operand, low, high, .. } => {
            [operand, low, high].into_iter().map(|part| Node::Expression(part)).collect()
        }
        ExpressionKind::Range { low, high } => vec![Node::Expression(low), Node::Expression(high)],
        ExpressionKind::Default { operand, default } => {
            vec![Node::Expression(operand), Node::Expression(default)]
        }
        ExpressionKind::If { condition, yes, no } => {
            [condition, yes, no].into_iter().map(|part| Node::Expression(part)).collect()
        }
        ExpressionKind::Match { subject, arms } => {
            [Node::Expression(subject)].into_iter().chain(arms.iter().map(Node::Arm)).collect()
        }
        ExpressionKind::List(elements) => elements.iter().map(Node::Expression).collect(),
        ExpressionKind::Record(fields) => fields.iter().map(|(_, value)| Node::Expression(value)).collect(),
        ExpressionKind::Group(inner) => vec![Node::Expression(inner)],
    }
}
