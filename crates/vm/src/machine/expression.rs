//! What every operation computes, but for quantifiers and text.
//!
//! INVARIANT: one level of nesting costs little stack. So every operation with operands has a function of its
//! own that is not inlined, and [`Machine::operation`] holds no value of any of them.

use std::sync::Arc;

use hence_builtins::{BinaryOperator, Case, Fault, FunctionId};
use hence_ir::{LocalId, MatchArm, NodeId, Operation, PatternId};
use hence_types::{RecordValue, Value, jiff};

use super::{Failure, Machine};

type Evaluation = Result<Value, Box<Failure>>;

impl Machine<'_> {
    /// Evaluates one operation.
    #[inline(never)]
    pub(super) fn operation(&mut self, id: NodeId) -> Evaluation {
        let Some(node) = self.node(id) else { return Err(self.internal(id, "node")) };
        match &node.operation {
            Operation::Constant(_)
            | Operation::Slot(_)
            | Operation::Local(_)
            | Operation::Now
            | Operation::Today
            | Operation::IsEvent(_) => self.leaf(id, &node.operation),
            Operation::Field { base, index, name } => self.field(id, *base, *index, name),
            Operation::Index { base, index } => self.index(id, *base, *index),
            Operation::And(left, right) => self.connective(*left, *right, false),
            Operation::Or(left, right) => self.connective(*left, *right, true),
            Operation::Not(operand) => self.truth(*operand).map(|truth| Value::Bool(!truth)),
            Operation::Negate(operand) => self.negate(id, *operand),
            Operation::Binary { operator, case, left, right } => {
                self.binary(id, *operator, *case, *left, *right)
            }
            Operation::Between { operand, low, high } => self.between(id, *operand, *low, *high),
            Operation::InRange { operand, low, high } => self.in_range(id, *operand, *low, *high),
            Operation::As { operand, ty } => {
                self.eval(*operand).map(|value| hence_builtins::cast(&value, ty))
            }
            Operation::Matches { operand, pattern } => self.matches(id, *operand, *pattern),
            Operation::Groups { operand, pattern, shape } => self.groups(id, *operand, *pattern, shape),
            Operation::External { function, .. } => {
                Err(self.failure(id, Fault::NoSandbox { function: Arc::clone(function) }, &[]))
            }
            Operation::Presence { test, operand } => {
                self.eval(*operand).map(|value| Value::Bool(test.holds(&value)))
            }
            Operation::Default { operand, default } => self.default(*operand, *default),
            Operation::If { condition, yes, no } => {
                let branch = if self.truth(*condition)? { yes } else { no };
                self.eval(*branch)
            }
            Operation::Match { subject, arms, missing, otherwise } => {
                let body = self.arm(id, *subject, arms, *missing, *otherwise)?;
                self.eval(body)
            }
            Operation::Call { function, arguments } => self.call(id, *function, arguments),
            Operation::Bind { local, value, body } => self.bind(id, *local, *value, *body),
            Operation::Quantifier { quantifier, local, list, body, empty } => {
                self.quantifier(id, *quantifier, *local, *list, *body, *empty)
            }
            Operation::Table { rows, every } => self.table(rows, *every),
            Operation::Text(segments) => self.text(segments),
            Operation::List(elements) => self.all(elements).map(|values| Value::List(values.into())),
            Operation::Record { shape, fields } => {
                if fields.len() != shape.fields.len() {
                    return Err(self.internal(id, "record"));
                }
                let fields = self.all(fields)?.into_boxed_slice();
                Ok(Value::Record(Arc::new(RecordValue { shape: Arc::clone(shape), fields })))
            }
        }
    }

    #[inline(never)]
    fn leaf(&self, id: NodeId, operation: &Operation) -> Evaluation {
        if let Operation::Constant(constant) = operation {
            self.rule.code.constant(*constant).cloned().ok_or_else(|| self.internal(id, "constant"))
        } else if let Operation::Slot(slot) = operation {
            self.slots.values.get(slot.0 as usize).cloned().ok_or_else(|| self.internal(id, "slot"))
        } else if let Operation::Local(local) = operation {
            self.local(*local).ok_or_else(|| self.internal(id, "local"))
        } else if let Operation::IsEvent(trigger) = operation {
            let name = self.rule.triggers.get(*trigger as usize).ok_or_else(|| self.internal(id, "is"))?;
            Ok(Value::Bool(*name == self.slots.event))
        } else if let Operation::Now = operation {
            Ok(Value::DateTime(self.context.now))
        } else if let Operation::Today = operation {
            Ok(Value::Date(jiff::Zoned::new(self.context.now, self.context.zone.clone()).date()))
        } else {
            Err(self.internal(id, "leaf"))
        }
    }

    #[inline(never)]
    fn field(&mut self, id: NodeId, base: NodeId, index: u32, name: &str) -> Evaluation {
        match self.eval(base)? {
            Value::Missing => Ok(Value::Missing),
            Value::Record(record) => {
                // A record stands for another that has its fields, so the place is only where to look first.
                match record.shape.fields.get_index(index as usize) {
                    Some((field, _)) if **field == *name => {
                        record.fields.get(index as usize).cloned().ok_or_else(|| self.internal(id, "."))
                    }
                    Some(_) | None => Ok(record.get(name)),
                }
            }
            Value::Bool(_)
            | Value::Int(_)
            | Value::Decimal(_)
            | Value::Float(_)
            | Value::String(_)
            | Value::Date(_)
            | Value::Time(_)
            | Value::DateTime(_)
            | Value::Duration(_)
            | Value::Period(_)
            | Value::Percent(_)
            | Value::Money(_)
            | Value::List(_)
            | Value::Map(_)
            | Value::Json(_) => Err(self.internal(id, ".")),
        }
    }

    #[inline(never)]
    fn index(&mut self, id: NodeId, base: NodeId, index: NodeId) -> Evaluation {
        let base = self.eval(base)?;
        if base.is_missing() {
            return Ok(Value::Missing);
        }
        let index = self.required(index)?;
        if let (Value::List(list), Value::Int(place)) = (&base, &index) {
            let element = usize::try_from(*place).ok().and_then(|place| list.get(place));
            Ok(element.cloned().unwrap_or(Value::Missing))
        } else if let (Value::Map(map), Value::String(key)) = (&base, &index) {
            Ok(map.get(&**key).cloned().unwrap_or(Value::Missing))
        } else {
            Err(self.internal(id, "[]"))
        }
    }

    /// `and` and `or`: the left side decides if it is `deciding`, otherwise the right side does.
    #[inline(never)]
    fn connective(&mut self, left: NodeId, right: NodeId, deciding: bool) -> Evaluation {
        let truth = if self.truth(left)? == deciding { deciding } else { self.truth(right)? };
        Ok(Value::Bool(truth))
    }

    #[inline(never)]
    fn negate(&mut self, id: NodeId, operand: NodeId) -> Evaluation {
        let value = self.required(operand)?;
        hence_builtins::negate(&value)
            .map_err(|fault| self.failure(id, fault, &[("operand", operand, &value)]))
    }

    #[inline(never)]
    fn binary(
        &mut self,
        id: NodeId,
        operator: BinaryOperator,
        case: Case,
        left: NodeId,
        right: NodeId,
    ) -> Evaluation {
        let definition = operator.definition();
        let (first, second) = if definition.takes_missing {
            (self.eval(left)?, self.eval(right)?)
        } else {
            (self.required(left)?, self.required(right)?)
        };
        (definition.apply)(&first, &second, case, self.context)
            .map_err(|fault| self.failure(id, fault, &[("left", left, &first), ("right", right, &second)]))
    }

    #[inline(never)]
    fn between(&mut self, id: NodeId, operand: NodeId, low: NodeId, high: NodeId) -> Evaluation {
        let value = self.required(operand)?;
        let least = self.required(low)?;
        let most = self.required(high)?;
        let lies = hence_builtins::between(&value, &least, &most, "between").map(Value::Bool);
        lies.map_err(|fault| {
            self.failure(
                id,
                fault,
                &[("value", operand, &value), ("low", low, &least), ("high", high, &most)],
            )
        })
    }

    /// What is missing is in no range.
    #[inline(never)]
    fn in_range(&mut self, id: NodeId, operand: NodeId, low: NodeId, high: NodeId) -> Evaluation {
        let value = self.eval(operand)?;
        if value.is_missing() {
            return Ok(Value::Bool(false));
        }
        let least = self.required(low)?;
        let most = self.required(high)?;
        hence_builtins::between(&value, &least, &most, "in").map(Value::Bool).map_err(|fault| {
            let operands = [("value", operand, &value), ("low", low, &least), ("high", high, &most)];
            self.failure(id, fault, &operands)
        })
    }

    #[inline(never)]
    fn matches(&mut self, id: NodeId, operand: NodeId, pattern: PatternId) -> Evaluation {
        let value = self.required(operand)?;
        let Some(pattern) = self.rule.code.pattern(pattern) else { return Err(self.internal(id, "matches")) };
        let Some(text) = value.as_text() else { return Err(self.internal(id, "matches")) };
        Ok(Value::Bool(pattern.is_match(text)))
    }

    #[inline(never)]
    fn groups(
        &mut self,
        id: NodeId,
        operand: NodeId,
        pattern: PatternId,
        shape: &Arc<hence_types::Record>,
    ) -> Evaluation {
        let value = self.required(operand)?;
        let Some(pattern) = self.rule.code.pattern(pattern) else { return Err(self.internal(id, "matches")) };
        let Some(text) = value.as_text() else { return Err(self.internal(id, "matches")) };
        let Some(fields) = pattern.groups(text) else { return Ok(Value::Missing) };
        if fields.len() != shape.fields.len() {
            return Err(self.internal(id, "matches"));
        }
        let fields = fields.into_boxed_slice();
        Ok(Value::Record(Arc::new(RecordValue { shape: Arc::clone(shape), fields })))
    }

    #[inline(never)]
    fn default(&mut self, operand: NodeId, default: NodeId) -> Evaluation {
        let value = self.eval(operand)?;
        if value.is_missing() { self.eval(default) } else { Ok(value) }
    }

    /// Returns the body of the arm that takes the subject's value.
    #[inline(never)]
    fn arm(
        &mut self,
        id: NodeId,
        subject: NodeId,
        arms: &[MatchArm],
        missing: Option<NodeId>,
        otherwise: Option<NodeId>,
    ) -> Result<NodeId, Box<Failure>> {
        let value = self.eval(subject)?;
        if value.is_missing() {
            return missing.ok_or_else(|| self.missing(subject));
        }
        for arm in arms {
            for constant in &arm.values {
                let constant = self.rule.code.constant(*constant);
                let constant = constant.ok_or_else(|| self.internal(id, "match"))?;
                if hence_types::equal(&value, constant) {
                    return Ok(arm.body);
                }
            }
        }
        otherwise.ok_or_else(|| self.internal(id, "match"))
    }

    #[inline(never)]
    fn call(&mut self, id: NodeId, function: FunctionId, arguments: &[NodeId]) -> Evaluation {
        let definition = function.definition();
        let mut values = Vec::with_capacity(arguments.len());
        for argument in arguments {
            values.push(self.required(*argument)?);
        }
        (definition.apply)(&values, self.context).map_err(|fault| {
            let parameters = definition.parameters.iter().map(|parameter| parameter.name);
            // A function of any number of arguments names its last parameter once.
            let names = parameters.chain(std::iter::repeat("argument"));
            let operands: Vec<_> =
                names.zip(arguments).zip(&values).map(|((name, node), value)| (name, *node, value)).collect();
            self.failure(id, fault, &operands)
        })
    }

    #[inline(never)]
    fn bind(&mut self, id: NodeId, local: LocalId, value: NodeId, body: NodeId) -> Evaluation {
        let value = self.eval(value)?;
        let Some(before) = self.set_local(local, value) else { return Err(self.internal(id, "let")) };
        let result = self.eval(body);
        self.set_local(local, before);
        result
    }

    /// The result of the first row whose condition holds, or the results of all such rows.
    #[inline(never)]
    fn table(&mut self, rows: &[(NodeId, NodeId)], every: bool) -> Evaluation {
        let mut results = Vec::new();
        for (condition, result) in rows {
            if self.truth(*condition)? {
                let value = self.eval(*result)?;
                if !every {
                    return Ok(value);
                }
                results.push(value);
            }
        }
        Ok(if every { Value::List(results.into()) } else { Value::Missing })
    }

    /// Evaluates elements or fields, which may be missing.
    #[inline(never)]
    fn all(&mut self, nodes: &[NodeId]) -> Result<Vec<Value>, Box<Failure>> {
        nodes.iter().map(|node| self.eval(*node)).collect()
    }

    /// Returns a fault with its place and the operands' values.
    #[cold]
    #[inline(never)]
    pub(super) fn failure(
        &mut self,
        id: NodeId,
        fault: Fault,
        operands: &[(&str, NodeId, &Value)],
    ) -> Box<Failure> {
        let span = self.span(id);
        let mut values = Vec::with_capacity(operands.len());
        for (role, node, value) in operands {
            let name = self.role(*node).unwrap_or_else(|| (*role).to_owned());
            values.push((name, self.shown(*node, value)));
        }
        Box::new(Failure { fault, span, values })
    }
}
