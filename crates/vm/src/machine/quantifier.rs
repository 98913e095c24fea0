//! `any`, `all`, `count`, `sum`, `min`, `max`, `avg`, `first`, `filter`, `map`.

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
            Quantifier::Sum => match self.total(id, local, &elements, body) {
                Ok(None) => self.rule.code.constant(empty).cloned().ok_or_else(|| self.internal(id, "sum")),
                Ok(Some(total)) => Ok(total),
                Err(failure) => Err(failure),
            },
            Quantifier::Min => self.extreme(id, local, &elements, body, BinaryOperator::Less),
            Quantifier::Max => self.extreme(id, local, &elements, body, BinaryOperator::Greater),
            Quantifier::Average => self.average(id, local, &elements, body),
            Quantifier::First => self.first(local, &elements, body),
            Quantifier::Filter => self.filter(local, &elements, body),
            Quantifier::Map => self.map(local, &elements, body),
        };
        // What was in the local is back even if the evaluation failed: a caller may go on.
        self.set_local(local, before);
        result
    }

    /// Evaluates a condition for one element.
    fn holds_for(
        &mut self,
        local: LocalId,
        place: usize,
        element: &Value,
        body: NodeId,
    ) -> Result<bool, Box<Failure>> {
        self.set_local(local, element.clone());
        let truth = self.truth(body);
        self.trace_element(local, place, element);
        truth
    }

    /// Evaluates a value that must be there for one element.
    fn value_for(
        &mut self,
        local: LocalId,
        place: usize,
        element: &Value,
        body: NodeId,
    ) -> Result<Value, Box<Failure>> {
        self.set_local(local, element.clone());
        let value = self.required(body);
        self.trace_element(local, place, element);
        value
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
            if self.holds_for(local, place, element, body)? == deciding {
                return Ok(Value::Bool(deciding));
            }
        }
        Ok(Value::Bool(!deciding))
    }

    fn count(&mut self, local: LocalId, elements: &[Value], body: NodeId) -> Result<Value, Box<Failure>> {
        let mut count = 0_i64;
        for (place, element) in elements.iter().enumerate() {
            count = count.saturating_add(i64::from(self.holds_for(local, place, element, body)?));
        }
        Ok(Value::Int(count))
    }

    fn first(&mut self, local: LocalId, elements: &[Value], body: NodeId) -> Result<Value, Box<Failure>> {
        for (place, element) in elements.iter().enumerate() {
            if self.holds_for(local, place, element, body)? {
                return Ok(element.clone());
            }
        }
        Ok(Value::Missing)
    }

    fn filter(&mut self, local: LocalId, elements: &[Value], body: NodeId) -> Result<Value, Box<Failure>> {
        let mut kept = Vec::new();
        for (place, element) in elements.iter().enumerate() {
            if self.holds_for(local, place, element, body)? {
                kept.push(element.clone());
            }
        }
        Ok(Value::List(kept.into()))
    }

    /// Values of `map` may be missing: they are elements of a list.
    fn map(&mut self, local: LocalId, elements: &[Value], body: NodeId) -> Result<Value, Box<Failure>> {
        let mut values = Vec::with_capacity(elements.len());
        for (place, element) in elements.iter().enumerate() {
            self.set_local(local, element.clone());
            let value = self.eval(body);
            self.trace_element(local, place, element);
            values.push(value?);
        }
        Ok(Value::List(values.into()))
    }

    /// The value that is `better` than all others; of equal ones the first.
    fn extreme(
        &mut self,
        id: NodeId,
        local: LocalId,
        elements: &[Value],
        body: NodeId,
        better: BinaryOperator,
    ) -> Result<Value, Box<Failure>> {
        let apply = better.definition().apply;
        let mut best = Value::Missing;
        for (place, element) in elements.iter().enumerate() {
            let value = self.value_for(local, place, element, body)?;
            let replaces = best.is_missing()
                || apply(&value, &best, Case::Sensitive, self.context)
                    .map_err(|fault| {
                        self.failure(id, fault, &[("best so far", body, &best), ("element", body, &value)])
                    })?
                    .as_bool()
                    == Some(true);
            if replaces {
                best = value;
            }
        }
        Ok(best)
    }

    fn average(
        &mut self,
        id: NodeId,
        local: LocalId,
        elements: &[Value],
        body: NodeId,
    ) -> Result<Value, Box<Failure>> {
        let Some(total) = self.total(id, local, elements, body)? else { return Ok(Value::Missing) };
        let number = Value::Int(i64::try_from(elements.len()).unwrap_or(i64::MAX));
        let divide = BinaryOperator::Divide.definition().apply;
        divide(&total, &number, Case::Sensitive, self.context)
            .map_err(|fault| self.failure(id, fault, &[("sum", body, &total)]))
    }

    /// The sum of the bodies' values, if there are elements.
    fn total(
        &mut self,
        id: NodeId,
        local: LocalId,
        elements: &[Value],
        body: NodeId,
    ) -> Result<Option<Value>, Box<Failure>> {
        let add = BinaryOperator::Add.definition().apply;
        let mut total: Option<Value> = None;
        for (place, element) in elements.iter().enumerate() {
            let value = self.value_for(local, place, element, body)?;
            let sum = match &total {
                None => Ok(value.clone()),
                Some(before) => add(before, &value, Case::Sensitive, self.context),
            };
            total = Some(sum.map_err(|fault| {
                let before = total.clone().unwrap_or(Value::Missing);
                self.failure(id, fault, &[("sum so far", body, &before), ("element", body, &value)])
            })?);
        }
        Ok(total)
    }
}
