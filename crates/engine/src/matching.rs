//! Which rules an event starts. Looks at every rule of the event's type, in the order they run.

use hence_builtins::{Context, Fault};
use hence_diagnostics::Code;
use hence_ir::{Program, Rule, RuleId};
use hence_types::jiff::tz::TimeZone;
use hence_vm::{EventInput, Slots};

use crate::{Branch, ExecutionError, StoredEvent};

/// What an event means to a rule it triggers.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The rule.
    pub rule: RuleId,
    /// Whether it is to run.
    pub result: Match,
    /// What the rule reads of the event.
    pub slots: Slots,
}

/// Whether a rule is to run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Match {
    /// These steps are.
    Matched(Branch),
    /// The condition does not hold and the rule has no `otherwise`.
    NotMatched,
    /// The condition has no answer, as a value is missing that the schema promises: neither branch runs.
    Undecided(ExecutionError),
    /// The condition failed, and with it this rule alone.
    Failed(ExecutionError),
}

/// Returns the verdicts of all rules that the event triggers, in the order they run.
///
/// The `now` of conditions is the event's arrival, so that a verdict can be computed again at any time.
pub fn verdicts(program: &Program, event: &StoredEvent, zone: &TimeZone) -> Vec<Verdict> {
    let rules = program.event(&event.event.name).map_or(&[][..], |event| &event.rules);
    let rules = rules.iter().filter_map(|id| Some((*id, program.get(*id)?)));
    rules.map(|(id, rule)| verdict(id, rule, event, zone)).collect()
}

/// Returns what a rule reads of the event.
pub(crate) fn slots(rule: &Rule, event: &StoredEvent) -> Slots {
    let event = &event.event;
    let input = EventInput {
        name: &event.name,
        id: &event.id,
        time: event.occurred_at,
        source: &event.source,
        payload: &event.payload,
    };
    hence_vm::decode(&rule.plan, &input)
}

fn verdict(id: RuleId, rule: &Rule, event: &StoredEvent, zone: &TimeZone) -> Verdict {
    let slots = slots(rule, event);
    let context = Context { now: event.event.received_at, zone: zone.clone() };
    let result = match hence_vm::verdict(rule, &slots, &context) {
        Ok(true) => Match::Matched(Branch::Then),
        Ok(false) if rule.otherwise.is_some() => Match::Matched(Branch::Otherwise),
        Ok(false) => Match::NotMatched,
        Err(failure) => {
            let error = evaluation_error(&failure);
            if failure.fault == Fault::Missing { Match::Undecided(error) } else { Match::Failed(error) }
        }
    };
    Verdict { rule: id, result, slots }
}

/// Returns a failed evaluation as an execution's error.
pub(crate) fn evaluation_error(failure: &hence_vm::Failure) -> ExecutionError {
    ExecutionError { code: Code::EvaluationFault, message: failure.with_values() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample::{Expressions, event, program};

    fn results(payload: &str) -> String {
        let mut code = Expressions::default();
        let total = code.total();
        let condition = code.greater(total, 10);
        let big = code.rule("big", Some(condition), Vec::new());
        let either = Rule { name: "either".into(), otherwise: Some(Vec::new()), ..big.clone() };
        let always = Expressions::default().rule("always", None, Vec::new());
        let mut code = Expressions::default();
        let total = code.total();
        let condition = code.divided_by(total);
        let fragile = code.rule("fragile", Some(condition), Vec::new());
        let program = program(vec![big, either, always, fragile]);
        let words = verdicts(&program, &event(payload), &TimeZone::UTC).into_iter().map(|verdict| {
            let word = match verdict.result {
                Match::Matched(branch) => branch.as_str().to_owned(),
                Match::NotMatched => "no".to_owned(),
                Match::Undecided(_) => "undecided".to_owned(),
                Match::Failed(error) => error.code.to_string(),
            };
            format!("{}={word}", program.get(verdict.rule).unwrap().name)
        });
        words.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn the_condition_decides_between_the_branches() {
        assert_eq!(results(r#"{"total": 11}"#), "big=then either=then always=then fragile=then");
        assert_eq!(results(r#"{"total": 1}"#), "big=no either=otherwise always=then fragile=then");
    }

    #[test]
    fn a_condition_that_fails_fails_alone() {
        assert_eq!(results(r#"{"total": 0}"#), "big=no either=otherwise always=then fragile=H5002");
    }

    #[test]
    fn a_missing_value_matches_neither_branch() {
        let expected = "big=undecided either=undecided always=then fragile=undecided";
        assert_eq!(results("{}"), expected);
        assert_eq!(results(r#"{"total": "eleven"}"#), expected);
    }

    #[test]
    fn an_event_of_no_rule_has_no_verdicts() {
        let mut other = event("{}");
        other.event.name = "shop.order.paid".into();
        assert!(verdicts(&program(Vec::new()), &other, &TimeZone::UTC).is_empty());
    }
}
