//! Which rules an event starts, in the order they run: [`Finder`] looks at those only that the event concerns, by the
//! index, and has what that leaves open evaluated as quickly as may be; [`verdicts`] looks at every rule of the event's type, for those who ask about rules that did not match.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use hence_builtins::{Context, Fault};
use hence_diagnostics::Code;
use hence_index::{Decision, Found, Index};
use hence_ir::{EventType, Header, Program, Rule, RuleId};
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_vm::{Conditions, EventInput, Interpreter, Slots};

use crate::admission::{self, Keys};
use crate::{Branch, ExecutionError, StoredEvent, Target, stop_all};

/// What an event means to a rule it triggers.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// The rule.
    pub rule: RuleId,
    /// Whether it is to run.
    pub result: Match,
    /// What the rule reads of the event.
    pub slots: Slots,
    /// The variant it runs in, if it is to run and has any.
    pub variant: Option<Arc<str>>,
    /// What tells whether it ran before, or still runs.
    pub(crate) keys: Keys,
}

impl Verdict {
    fn new(rule: RuleId, result: Match, slots: Slots) -> Self {
        Self { rule, result, slots, variant: None, keys: Keys::default() }
    }

    /// Says what the rule's header says of an event that the rule matches.
    fn admitted(mut self, rule: &Rule, context: &Context) -> Self {
        if matches!(self.result, Match::Matched(_))
            && let Err(result) = self.admit(rule, context)
        {
            self.result = result;
        }
        self
    }

    fn admit(&mut self, rule: &Rule, context: &Context) -> Result<(), Match> {
        if let Some(skip) = admission::outside_rollout(rule, &self.slots, context)? {
            return Err(Match::Skipped(skip));
        }
        self.variant = admission::variant(rule, &self.slots, context)?;
        self.keys = Keys::of(rule, &self.slots, context)?;
        Ok(())
    }
}

impl Verdict {
    /// Returns the steps that are to run, if any are.
    fn branch(&self) -> Option<Branch> {
        if let Match::Matched(branch) = self.result { Some(branch) } else { None }
    }
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
    /// The condition was not looked at.
    Skipped(Skip),
}

/// Why a rule was not looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Skip {
    /// It is disabled.
    Disabled,
    /// The event arrived outside the window in which the rule is active.
    NotActive,
    /// It is outside the part that this `rollout` lets in.
    NotInRollout(Arc<str>),
    /// The rule of this name, which comes before it, stops all others.
    StoppedBy(Arc<str>),
}

impl Skip {
    /// Returns why the header of a rule keeps it from being looked at for an event that arrives at an instant, if so.
    pub fn of(header: &Header, at: Timestamp) -> Option<Skip> {
        if header.disabled {
            Some(Skip::Disabled)
        } else if !header.is_active(at) {
            Some(Skip::NotActive)
        } else {
            None
        }
    }
}

impl Skip {
    /// Returns why the header of a rule keeps it from running for what it reads of an event, whatever its condition says;
    /// nothing where the header does not or cannot be asked.
    pub fn of_event(rule: &Rule, slots: &Slots, context: &Context) -> Option<Skip> {
        let of_header = Skip::of(&rule.header, context.now);
        of_header.or_else(|| admission::outside_rollout(rule, slots, context).ok().flatten())
    }
}

impl fmt::Display for Skip {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Skip::Disabled => f.write_str("disabled"),
            Skip::NotActive => f.write_str("not active at this time"),
            Skip::NotInRollout(rollout) => write!(f, "outside `{rollout}`"),
            Skip::StoppedBy(rule) => write!(f, "`{rule}` stops all others"),
        }
    }
}

/// Returns the verdicts of all rules that the event starts, in the order they run.
///
/// The `now` of conditions is the event's arrival, so that a verdict can be computed again at any time.
pub fn verdicts(program: &Program, event: &StoredEvent, zone: &TimeZone) -> Vec<Verdict> {
    let target = event.event.target.as_ref();
    let rule = target.and_then(|target| program.rules.iter().position(|rule| rule.name == target.rule));
    let rule = rule.and_then(|place| u32::try_from(place).ok()).map(RuleId);
    verdicts_of(program, &Interpreter, &started_by(program, event, rule), event, zone)
}

/// The rules of a program by the events that start them, so that an event costs what it concerns.
#[derive(Debug, Clone, Default)]
pub(crate) struct Finder {
    events: HashMap<Arc<str>, Index>,
    looked: Arc<Looked>,
}

/// How much looking for rules was spared.
#[derive(Debug, Default)]
pub(crate) struct Looked {
    /// The rules of the events that were looked at.
    pub(crate) filed: AtomicU64,
    /// Those of them that the index gave.
    pub(crate) found: AtomicU64,
}

impl Finder {
    /// Prepares a program. Rules that are disabled are in no index: no event concerns them.
    pub(crate) fn new(program: &Program) -> Self {
        let index = |event: &EventType| {
            let rules = event.rules.iter().filter_map(|id| Some((*id, program.get(*id)?)));
            Index::new(&event.name, rules.filter(|(_, rule)| !rule.header.disabled))
        };
        Finder {
            events: program.events.iter().map(|event| (Arc::clone(&event.name), index(event))).collect(),
            looked: Arc::default(),
        }
    }

    /// Returns how much looking for rules was spared.
    pub(crate) fn looked(&self) -> &Looked {
        &self.looked
    }

    /// Returns the verdicts of the rules that the event starts, or would if their conditions had an answer; in the
    /// order they run. Those of [`verdicts`] that are missing here are not matched or skipped.
    pub(crate) fn verdicts(
        &self,
        program: &Program,
        conditions: &dyn Conditions,
        event: &StoredEvent,
        zone: &TimeZone,
    ) -> Vec<Verdict> {
        let Some(index) = self.events.get(&event.event.name) else { return Vec::new() };
        let decoded = index.projection().decode(&event_input(event));
        let mut verdicts = Vec::new();
        let found = index.find(&decoded);
        self.looked.filed.fetch_add(index.len() as u64, Ordering::Relaxed);
        self.looked.found.fetch_add(found.len() as u64, Ordering::Relaxed);
        for Found { rule: id, decision } in found {
            let (Some(rule), Some(mapping)) = (program.get(id), index.mapping(id)) else { continue };
            if Skip::of(&rule.header, event.event.received_at).is_some() {
                continue;
            }
            let slots = decoded.slots(mapping);
            let verdict = match decision {
                Decision::Holds => Verdict::new(id, Match::Matched(Branch::Then), slots),
                Decision::Fails => Verdict::new(id, Match::Matched(Branch::Otherwise), slots),
                Decision::Open => evaluated(conditions, id, rule, slots, event, zone),
            };
            let context = context(rule, event, zone);
            let verdict = verdict.admitted(rule, &context);
            let Some(branch) = verdict.branch() else {
                if !matches!(verdict.result, Match::NotMatched | Match::Skipped(_)) {
                    verdicts.push(verdict);
                }
                continue;
            };
            let stops = stop_all::is_reached(rule, branch, &verdict, &context);
            verdicts.push(verdict);
            if stops {
                break;
            }
        }
        debug_assert_eq!(
            verdicts.iter().map(|verdict| (verdict.rule, &verdict.result)).collect::<Vec<_>>(),
            told(&verdicts_of(program, &Interpreter, &started_by(program, event, None), event, zone)),
        );
        verdicts
    }
}

/// Returns what of the verdicts on all rules an event tells.
fn told(verdicts: &[Verdict]) -> Vec<(RuleId, &Match)> {
    let told = verdicts.iter().filter(|verdict| match verdict.result {
        Match::Matched(_) | Match::Undecided(_) | Match::Failed(_) => true,
        Match::NotMatched | Match::Skipped(_) => false,
    });
    told.map(|verdict| (verdict.rule, &verdict.result)).collect()
}

/// Returns the rules that an event starts, in the order they run. `target` is the rule of the name that the event is
/// addressed to, if there is one; it may have changed since, so the trigger must still be one that is watched for.
pub(crate) fn started_by(program: &Program, event: &StoredEvent, target: Option<RuleId>) -> Vec<RuleId> {
    let name = &event.event.name;
    let Some(Target { trigger, .. }) = &event.event.target else {
        return program.event(name).map(|event| event.rules.clone()).unwrap_or_default();
    };
    let watches = |id: &RuleId| {
        let rule = program.get(*id)?;
        (rule.triggers.get(*trigger as usize)? == name).then(|| rule.watch(*trigger))?
    };
    target.filter(|id| watches(id).is_some()).into_iter().collect()
}

/// Returns the verdicts of these rules.
pub(crate) fn verdicts_of(
    program: &Program,
    conditions: &dyn Conditions,
    rules: &[RuleId],
    event: &StoredEvent,
    zone: &TimeZone,
) -> Vec<Verdict> {
    let mut verdicts: Vec<Verdict> = Vec::with_capacity(rules.len());
    let mut stopped: Option<Skip> = None;
    for id in rules {
        let Some(rule) = program.get(*id) else { continue };
        let skip = stopped.clone().or_else(|| Skip::of(&rule.header, event.event.received_at));
        let verdict = match skip {
            Some(skip) => Verdict::new(*id, Match::Skipped(skip), Slots::default()),
            None => evaluated(conditions, *id, rule, slots(rule, event), event, zone)
                .admitted(rule, &context(rule, event, zone)),
        };
        if let Some(branch) = verdict.branch()
            && stop_all::is_reached(rule, branch, &verdict, &context(rule, event, zone))
        {
            stopped = Some(Skip::StoppedBy(rule.name.clone()));
        }
        verdicts.push(verdict);
    }
    verdicts
}

pub(crate) fn context(rule: &Rule, event: &StoredEvent, zone: &TimeZone) -> Context {
    Context { now: event.event.received_at, zone: rule.zone(zone).clone() }
}

/// Returns what a rule reads of the event.
pub(crate) fn slots(rule: &Rule, event: &StoredEvent) -> Slots {
    hence_vm::decode(&rule.plan, &event_input(event))
}

/// Returns an event as it is read.
pub(crate) fn event_input(event: &StoredEvent) -> EventInput<'_> {
    let event = &event.event;
    EventInput {
        name: &event.name,
        id: &event.id,
        time: event.occurred_at,
        source: &event.source,
        payload: &event.payload,
    }
}

fn evaluated(
    conditions: &dyn Conditions,
    id: RuleId,
    rule: &Rule,
    slots: Slots,
    event: &StoredEvent,
    zone: &TimeZone,
) -> Verdict {
    let context = context(rule, event, zone);
    let result = match conditions.verdict(id, rule, &slots, &context) {
        Ok(true) => Match::Matched(Branch::Then),
        Ok(false) if rule.otherwise.is_some() => Match::Matched(Branch::Otherwise),
        Ok(false) => Match::NotMatched,
        Err(failure) => {
            let error = evaluation_error(&failure);
            if failure.fault == Fault::Missing { Match::Undecided(error) } else { Match::Failed(error) }
        }
    };
    Verdict::new(id, result, slots)
}

/// Returns a failed evaluation as an execution's error.
pub(crate) fn evaluation_error(failure: &hence_vm::Failure) -> ExecutionError {
    ExecutionError { code: Code::EvaluationFault, message: failure.with_values() }
}

#[cfg(test)]
mod tests {
    use hence_ir::Step;

    use super::*;
    use crate::sample::{Expressions, act, event, instant, program};

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
        words(&program(vec![big, either, always, fragile]), payload)
    }

    fn words(program: &Program, payload: &str) -> String {
        let words = verdicts(program, &event(payload), &TimeZone::UTC).into_iter().map(|verdict| {
            let word = match verdict.result {
                Match::Matched(branch) => branch.as_str().to_owned(),
                Match::NotMatched => "no".to_owned(),
                Match::Undecided(_) => "undecided".to_owned(),
                Match::Failed(error) => error.code.to_string(),
                Match::Skipped(skip) => skip.to_string(),
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

    #[test]
    fn rules_that_are_disabled_or_not_active_are_skipped() {
        let rule = |name: &str, header: Header| Rule {
            header,
            ..Expressions::default().rule(name, None, Vec::new())
        };
        let at = |seconds| Some(instant(seconds));
        let program = program(vec![
            rule("off", Header { disabled: true, ..Header::default() }),
            rule("soon", Header { from: at(1), ..Header::default() }),
            rule("over", Header { until: at(0), ..Header::default() }),
            rule("now", Header { from: at(0), until: at(1), ..Header::default() }),
        ]);
        let expected = "off=disabled soon=not active at this time over=not active at this time now=then";
        assert_eq!(words(&program, "{}"), expected);
    }

    #[test]
    fn stop_all_keeps_later_rules_from_running_where_its_steps_are_reached() {
        let mut code = Expressions::default();
        let total = code.total();
        let condition = code.greater(total, 10);
        let span = hence_diagnostics::Span::default();
        let then = vec![
            act("crm.first", hence_ir::Class::Idempotent, &[]),
            Step::Branch { condition, otherwise: 3, span },
            Step::StopAll { span },
        ];
        let first = code.rule("first", None, then);
        let second = Expressions::default().rule("second", None, Vec::new());
        let program = program(vec![first, second]);
        assert_eq!(words(&program, r#"{"total": 11}"#), "first=then second=`first` stops all others");
        assert_eq!(words(&program, r#"{"total": 1}"#), "first=then second=then");
    }

    /// Evaluates as the interpreter does, and notes what it was asked.
    #[derive(Debug, Default)]
    struct Asked(std::sync::Mutex<Vec<RuleId>>);

    impl Conditions for Asked {
        fn verdict(
            &self,
            id: RuleId,
            rule: &Rule,
            slots: &Slots,
            context: &Context,
        ) -> Result<bool, hence_vm::Failure> {
            self.0.lock().unwrap().push(id);
            hence_vm::verdict(rule, slots, context)
        }
    }

    #[test]
    fn what_the_index_leaves_open_is_asked_of_who_evaluates_conditions() {
        let mut code = Expressions::default();
        let total = code.total();
        let condition = code.greater(total, 10);
        let plain = code.rule("plain", Some(condition), Vec::new());
        let mut code = Expressions::default();
        let total = code.total();
        let condition = code.divided_by(total);
        let open = code.rule("open", Some(condition), Vec::new());
        let program = program(vec![plain, open]);
        let (finder, asked) = (Finder::new(&program), Asked::default());
        let verdicts = finder.verdicts(&program, &asked, &event(r#"{"total": 11}"#), &TimeZone::UTC);
        assert_eq!(verdicts.iter().map(|verdict| verdict.rule).collect::<Vec<_>>(), [RuleId(0), RuleId(1)]);
        assert_eq!(*asked.0.lock().unwrap(), [RuleId(1)]);
    }
}
