//! `any`, `all`, `count`, `sum`.

use hence_builtins::{BinaryOperator, Case};
use hence_ir::{ConstantId, LocalId, NodeId, Quantifier};
use hence_types::Value;

use super::{Failure, Machine};

impl Machine<'_> {
    #[inline(never)]
    pub(super) fn quantifier(
        &mut self,
        id: NodeId,
        quantifier: Quantifier,
        local: LocalId,
        list: NodeId,
        body: NodeId,
        empty: ConstantId,
    ) -> Result<Value, Box<Failure>> {
        let Value::List(elements) = self.required(list)? else {
            return Err(self.internal(id, "quantifier"));
        };
        let Some(before) = self.set_local(local, Value::Missing) else {
            return Err(self.internal(id, "quantifier"));
        };
        let result = match quantifier {
            Quantifier::Any => self.search(local, &elements, body, true),
            Quantifier::All => self.search(local, &elements, body, false),
            Quantifier::Count => self.count(local, &elements, body),
            Quantifier::Sum => self.sum(id, local, &elements, body, empty),
        };
        // What was in the local is back even if the evaluation failed: a caller may go on.
        self.set_local(local, before);
        result
    }

    /// `any` looks for an element for which the body holds, `all` for one for which it does not.
    fn search(
        &mut self,
        local: LocalId,
        elements: &[Value],
        body: NodeId,
        deciding: bool,
    ) -> Result<Value, Box<Failure>> {
        for (place, element) in elements.iter().enumerate() {
            self.set_local(local, element.clone());
            let truth = self.truth(body);
            self.trace_element(local, place, element);
            if truth? == deciding {
                return Ok(Value::Bool(deciding));
            }
        }
        Ok(Value::Bool(!deciding))
    }

    fn count(&mut self, local: LocalId, elements: &[Value], body: NodeId) -> Result<Value, Box<Failure>> {
        let mut count = 0_i64;
        for (place, element) in elements.iter().enumerate() {
            self.set_local(local, element.clone());
            let truth = self.truth(body);
            self.trace_element(local, place, element);
            count = count.saturating_add(i64::from(truth?));
        }
        Ok(Value::Int(count))
    }

    fn sum(
        &mut self,
        id: NodeId,
        local: LocalId,
        elements: &[Value],
        body: NodeId,
        empty: ConstantId,
    ) -> Result<Value, Box<Failure>> {
        let add = BinaryOperator::Add.definition().apply;
        let mut total: Option<Value> = None;
        for (place, element) in elements.iter().enumerate() {
            self.set_local(local, element.clone());
            let value = self.required(body);
            self.trace_element(local, place, element);
            let value = value?;
            let sum = match &total {
                None => Ok(value.clone()),
                Some(before) => add(before, &value, Case::Sensitive, self.context),
            };
            total = Some(sum.map_err(|fault| {
                let before = total.clone().unwrap_or(Value::Missing);
                self.failure(id, fault, &[("sum so far", body, &before), ("element", body, &value)])
            })?);
        }
        match total {
            Some(total) => Ok(total),
            None => self.rule.code.constant(empty).cloned().ok_or_else(|| self.internal(id, "sum")),
        }
    }
}
