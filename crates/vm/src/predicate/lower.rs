//! From expressions to predicates.
//!
//! INVARIANT: what a step's test answers is what its expression comes to, and what it asks is asked in the order in
//! which the interpreter evaluates. Where that is not plain, the step leaves the expression to the interpreter.

mod operand;

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Presence};
use hence_ir::{LocalId, NodeId, Operation, Quantifier, Rule};
use hence_types::{Type, Value};

use super::{Bound, LEVELS, Number, Operand, Predicate, Relation, Step, Target, Test, Texts};
use operand::{Binding, Typed, kind_of};

/// A condition nested deeper is left to the interpreter, which has a limit of its own.
const DEPTH: u32 = 200;

/// So many steps may a predicate have, those inside of it included.
const STEPS: usize = 400;

/// Returns the predicate of a rule's condition.
pub(super) fn predicate(rule: &Rule) -> Predicate {
    let Some(condition) = rule.condition else {
        return whole(always(), NodeId(0));
    };
    if !is_shallow(rule, condition) {
        return whole(Test::Evaluate, condition);
    }
    let mut budget = STEPS;
    let mut lower = Lower::new(rule, &mut budget, Vec::new(), 0);
    match lower.condition(condition, YES, NO) {
        Some(()) => lower.finish(),
        None => whole(Test::Evaluate, condition),
    }
}

/// The predicate of one step.
fn whole(test: Test, node: NodeId) -> Predicate {
    let step = Step { test, node, is_opposite: false, yes: Target::True, no: Target::False };
    Predicate { steps: Box::new([step]) }
}

/// A test with the answer yes.
fn always() -> Test {
    let root = super::Root::Constant(Value::Bool(true));
    Test::Holds(Operand { root, fields: Box::default(), default: None })
}

/// Returns whether an expression is nested no deeper than is looked at here. Operands stand before what they are of.
fn is_shallow(rule: &Rule, condition: NodeId) -> bool {
    let mut depths: Vec<u32> = Vec::with_capacity(condition.0 as usize + 1);
    for (place, node) in (0_u32..=condition.0).zip(&rule.code.nodes) {
        let mut depth = 0;
        for operand in node.operation.operands() {
            let below = if operand.0 < place { depths.get(operand.0 as usize).copied() } else { None };
            depth = depth.max(below.unwrap_or(DEPTH).saturating_add(1));
        }
        depths.push(depth);
    }
    depths.get(condition.0 as usize).is_some_and(|depth| *depth < DEPTH)
}

/// A place in the row that is not known yet; the first two are the ends.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Label(usize);

const YES: Label = Label(0);
const NO: Label = Label(1);

/// A step whose ways lead to labels.
struct Unplaced {
    test: Test,
    node: NodeId,
    is_opposite: bool,
    yes: Label,
    no: Label,
}

struct Lower<'r> {
    rule: &'r Rule,
    budget: &'r mut usize,
    /// What the variables in scope stand for.
    bindings: Vec<(LocalId, Binding)>,
    /// How many quantifiers there are around.
    level: usize,
    steps: Vec<Unplaced>,
    /// Where labels are, by their numbers.
    places: Vec<Target>,
}

impl<'r> Lower<'r> {
    fn new(
        rule: &'r Rule,
        budget: &'r mut usize,
        bindings: Vec<(LocalId, Binding)>,
        level: usize,
    ) -> Lower<'r> {
        Lower { rule, budget, bindings, level, steps: Vec::new(), places: vec![Target::True, Target::False] }
    }

    fn finish(self) -> Predicate {
        let places = self.places;
        let place = |label: Label| places.get(label.0).copied().unwrap_or(Target::False);
        let steps = self.steps.into_iter().map(|Unplaced { test, node, is_opposite, yes, no }| Step {
            test,
            node,
            is_opposite,
            yes: place(yes),
            no: place(no),
        });
        Predicate { steps: steps.collect() }
    }

    fn label(&mut self) -> Label {
        self.places.push(Target::False);
        Label(self.places.len() - 1)
    }

    /// Sets a label to the next step.
    fn here(&mut self, label: Label) -> Option<()> {
        let next = u32::try_from(self.steps.len()).ok()?;
        *self.places.get_mut(label.0)? = Target::Step(next);
        Some(())
    }

    /// Adds a step; nothing if there are too many, or if it is for the interpreter and has variables.
    fn push(&mut self, test: Test, node: NodeId, yes: Label, no: Label) -> Option<()> {
        self.push_step(Unplaced { test, node, is_opposite: false, yes, no })
    }

    /// Adds a step for an expression with the opposite answer of the test.
    fn push_opposite(&mut self, test: Test, node: NodeId, yes: Label, no: Label) -> Option<()> {
        self.push_step(Unplaced { test, node, is_opposite: true, yes: no, no: yes })
    }

    fn push_step(&mut self, step: Unplaced) -> Option<()> {
        if self.level > 0 && matches!(step.test, Test::Evaluate) {
            return None;
        }
        *self.budget = self.budget.checked_sub(1)?;
        self.steps.push(step);
        Some(())
    }

    /// Adds the steps of a condition.
    fn condition(&mut self, node: NodeId, yes: Label, no: Label) -> Option<()> {
        let rule = self.rule;
        let operation = &rule.code.node(node)?.operation;
        if let Operation::And(left, right) = operation {
            let next = self.label();
            self.condition(*left, next, no)?;
            self.here(next)?;
            self.condition(*right, yes, no)
        } else if let Operation::Or(left, right) = operation {
            let next = self.label();
            self.condition(*left, yes, next)?;
            self.here(next)?;
            self.condition(*right, yes, no)
        } else if let Operation::Not(operand) = operation {
            self.condition(*operand, no, yes)
        } else if let Operation::If { condition, yes: first, no: second } = operation {
            let (then, otherwise) = (self.label(), self.label());
            self.condition(*condition, then, otherwise)?;
            self.here(then)?;
            self.condition(*first, yes, no)?;
            self.here(otherwise)?;
            self.condition(*second, yes, no)
        } else {
            self.leaf(node, operation, yes, no)
        }
    }

    /// Adds the step of a condition that has no conditions on its own level.
    fn leaf(&mut self, node: NodeId, operation: &Operation, yes: Label, no: Label) -> Option<()> {
        let test = if let Operation::Binary { operator, case, left, right } = operation {
            if *operator == BinaryOperator::NotEqual {
                let test = self.binary(BinaryOperator::Equal, *case, *left, *right);
                return match test {
                    Some(test) => self.push_opposite(test, node, yes, no),
                    None => self.push(Test::Evaluate, node, yes, no),
                };
            }
            self.binary(*operator, *case, *left, *right)
        } else if let Operation::Between { operand, low, high } = operation {
            return self.between(node, (*operand, *low, *high), yes, no);
        } else if let Operation::InRange { operand, low, high } = operation {
            return self.in_range(node, (*operand, *low, *high), yes, no);
        } else if let Operation::Presence { test, operand } = operation {
            match (test, self.operand(*operand)) {
                (Presence::Present, Some(operand)) => Some(Test::Present(operand.operand)),
                (Presence::Missing, Some(operand)) => {
                    return self.push_opposite(Test::Present(operand.operand), node, yes, no);
                }
                (Presence::Empty, _) | (_, None) => None,
            }
        } else if let Operation::Matches { operand, pattern } = operation {
            let pattern = self.rule.code.pattern(*pattern).cloned();
            self.operand(*operand).zip(pattern).map(|(text, pattern)| Test::Matches(text.operand, pattern))
        } else if let Operation::Quantifier { quantifier, local, list, body, empty: _ } = operation {
            self.search(*quantifier, *local, *list, *body)
        } else if let Operation::Bind { local, value, body } = operation {
            self.bind(*local, *value, *body)
        } else {
            self.operand(node).map(|operand| Test::Holds(operand.operand))
        };
        self.push(test.unwrap_or(Test::Evaluate), node, yes, no)
    }

    /// `between` constants: both ends are asked about in turn. Either step stands for the whole: where one leaves the
    /// answer open, the other one does not change what the interpreter says. Ends that may be missing are needed
    /// whatever the other end says, so they are the interpreter's.
    fn between(
        &mut self,
        node: NodeId,
        (operand, low, high): (NodeId, NodeId, NodeId),
        yes: Label,
        no: Label,
    ) -> Option<()> {
        let is_constant = self.constant(low).is_some() && self.constant(high).is_some();
        let least = self.number_test(operand, Relation::GreaterOrEqual, low);
        let most = self.number_test(operand, Relation::LessOrEqual, high);
        let (true, Some(least), Some(most)) = (is_constant, least, most) else {
            return self.push(Test::Evaluate, node, yes, no);
        };
        let next = self.label();
        self.push(least, node, next, no)?;
        self.here(next)?;
        self.push(most, node, yes, no)
    }

    /// `in low .. high`: what is missing is in no range.
    fn in_range(
        &mut self,
        node: NodeId,
        operands: (NodeId, NodeId, NodeId),
        yes: Label,
        no: Label,
    ) -> Option<()> {
        let Some(operand) = self.operand(operands.0) else {
            return self.push(Test::Evaluate, node, yes, no);
        };
        let next = self.label();
        self.push(Test::Present(operand.operand), node, next, no)?;
        self.here(next)?;
        self.between(node, operands, yes, no)
    }

    fn binary(&self, operator: BinaryOperator, case: Case, left: NodeId, right: NodeId) -> Option<Test> {
        let relations = [
            (BinaryOperator::Equal, Relation::Equal),
            (BinaryOperator::Less, Relation::Less),
            (BinaryOperator::LessOrEqual, Relation::LessOrEqual),
            (BinaryOperator::Greater, Relation::Greater),
            (BinaryOperator::GreaterOrEqual, Relation::GreaterOrEqual),
        ];
        let relation = relations.iter().find(|(own, _)| *own == operator).map(|(_, relation)| *relation);
        if let Some(test) = relation.and_then(|relation| self.number_test(left, relation, right)) {
            return Some(test);
        }
        let (left, right) = (self.operand(left)?, self.operand(right)?);
        let moment = relation.and_then(|relation| {
            moment(&left, relation, &right).or_else(|| moment(&right, turned(relation), &left))
        });
        if moment.is_some() {
            return moment;
        }
        let special = if operator == BinaryOperator::Equal {
            equality(&left, &right, case).or_else(|| equality(&right, &left, case))
        } else if operator == BinaryOperator::In {
            membership(&left, &right, case)
        } else {
            text_part(operator, &left, &right, case)
        };
        Some(special.unwrap_or(Test::Apply { operator, case, left: left.operand, right: right.operand }))
    }

    /// A comparison of two numbers, one of which may be a constant.
    fn number_test(&self, left: NodeId, relation: Relation, right: NodeId) -> Option<Test> {
        if let Some(bound) = self.constant(right).and_then(Bound::of) {
            let number = self.number(left)?;
            // A result fails where a value is missing: the interpreter says so.
            return Some(Test::Bound { number, relation, bound: Arc::new(bound) });
        }
        if let Some(bound) = self.constant(left).and_then(Bound::of) {
            let number = self.number(right)?;
            return Some(Test::Bound { number, relation: turned(relation), bound: Arc::new(bound) });
        }
        Some(Test::Compare { left: self.number(left)?, relation, right: self.number(right)? })
    }

    fn search(&mut self, quantifier: Quantifier, local: LocalId, list: NodeId, body: NodeId) -> Option<Test> {
        let deciding = match quantifier {
            Quantifier::Any => true,
            Quantifier::All => false,
            Quantifier::Count
            | Quantifier::Sum
            | Quantifier::Min
            | Quantifier::Max
            | Quantifier::Average
            | Quantifier::First
            | Quantifier::Filter
            | Quantifier::Map => return None,
        };
        if self.level >= LEVELS || local.0 >= self.rule.locals {
            return None;
        }
        let list = self.operand(list)?;
        let Some(Type::List(element)) = list.ty.as_ref().map(Type::required) else { return None };
        let element = Binding::Element { level: self.level, ty: Type::clone(element) };
        let body = self.inner((local, element), self.level + 1, None, body)?;
        Some(Test::Search { list: list.operand, deciding, body })
    }

    /// A variable for something that is there already.
    fn bind(&mut self, local: LocalId, value: NodeId, body: NodeId) -> Option<Test> {
        if local.0 >= self.rule.locals {
            return None;
        }
        let value = self.operand(value)?;
        // Fields of what is no record are a fault, also where nobody asks for the variable.
        let asked = (!value.operand.fields.is_empty()).then(|| value.operand.clone());
        let binding = (local, Binding::Alias(value));
        self.inner(binding, self.level.max(1), asked, body).map(Test::Inner)
    }

    /// The predicate of a condition that has one more variable. An operand that is `asked` for may be anything, but is
    /// to be there.
    fn inner(
        &mut self,
        binding: (LocalId, Binding),
        level: usize,
        asked: Option<Operand>,
        body: NodeId,
    ) -> Option<Predicate> {
        let mut bindings = self.bindings.clone();
        bindings.push(binding);
        let mut lower = Lower::new(self.rule, self.budget, bindings, level);
        if let Some(operand) = asked {
            let next = lower.label();
            lower.push(Test::Present(operand), body, next, next)?;
            lower.here(next)?;
        }
        lower.condition(body, YES, NO)?;
        Some(lower.finish())
    }

    fn number(&self, node: NodeId) -> Option<Number> {
        operand::number(self.rule, &self.bindings, node)
    }

    fn operand(&self, node: NodeId) -> Option<Typed> {
        operand::operand(self.rule, &self.bindings, node)
    }

    fn constant(&self, node: NodeId) -> Option<&'r Value> {
        operand::constant(self.rule, node)
    }
}

/// The relation with its sides changed.
fn turned(relation: Relation) -> Relation {
    match relation {
        Relation::Equal => Relation::Equal,
        Relation::Less => Relation::Greater,
        Relation::LessOrEqual => Relation::GreaterOrEqual,
        Relation::Greater => Relation::Less,
        Relation::GreaterOrEqual => Relation::LessOrEqual,
    }
}

/// `==` with a constant text or truth value.
fn equality(operand: &Typed, constant: &Typed, case: Case) -> Option<Test> {
    let value = constant.constant()?;
    if let Value::Bool(truth) = value {
        Some(Test::Is(operand.operand.clone(), *truth))
    } else if let (Value::String(text), Case::Sensitive) = (value, case) {
        Some(Test::TextIn(operand.operand.clone(), Texts::new(Box::new([text.clone()]))))
    } else {
        None
    }
}

/// `starts with` or `ends with` a constant text.
fn text_part(operator: BinaryOperator, operand: &Typed, constant: &Typed, case: Case) -> Option<Test> {
    let at_end = operator == BinaryOperator::EndsWith;
    if case != Case::Sensitive || !at_end && operator != BinaryOperator::StartsWith {
        return None;
    }
    let Value::String(part) = constant.constant()? else { return None };
    Some(Test::TextPart { operand: operand.operand.clone(), at_end, part: part.clone() })
}

/// A comparison with a constant instant.
fn moment(operand: &Typed, relation: Relation, constant: &Typed) -> Option<Test> {
    let Value::DateTime(bound) = constant.constant()? else { return None };
    Some(Test::Moment { operand: operand.operand.clone(), relation, bound: *bound })
}

/// `in` a list of constant texts or numbers.
fn membership(operand: &Typed, list: &Typed, case: Case) -> Option<Test> {
    let Value::List(elements) = list.constant()? else { return None };
    let texts =
        elements.iter().map(|element| if let Value::String(text) = element { Some(text) } else { None });
    if case == Case::Sensitive
        && let Some(texts) = texts.map(|text| text.cloned()).collect::<Option<Box<[_]>>>()
    {
        return Some(Test::TextIn(operand.operand.clone(), Texts::new(texts)));
    }
    let kind = operand.ty.as_ref().and_then(kind_of)?;
    let bounds: Option<Box<[_]>> = elements.iter().map(|element| Bound::of(element).map(Arc::new)).collect();
    Some(Test::NumberIn(operand::of_kind(operand.operand.clone(), kind), kind, bounds?))
}
