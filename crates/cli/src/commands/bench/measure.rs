//! Measuring: the same events by turns, for what a turn costs up to decoding, up to matching, and as a whole.

use std::collections::HashMap;
use std::hint::black_box;
use std::time::{Duration, Instant};

use hence_builtins::Context;
use hence_index::{Decision, Filing, Found, Index};
use hence_ir::{Program, Rule, RuleId};
use hence_project::Project;
use hence_types::jiff::Timestamp;
use hence_vm::{Conditions, EventInput, Slots};

use super::Batch;

/// So many turns are taken at least, however little time there is.
const TURNS: usize = 5;

/// What the events of one type cost.
pub(super) struct Measured {
    pub(super) event: String,
    pub(super) is_made: bool,
    pub(super) events: usize,
    /// Bytes of a payload, on average.
    pub(super) bytes: usize,
    /// What an event costs: its decoding, that and matching, and all with the conditions that matching leaves open.
    pub(super) decode: Cost,
    pub(super) matched: Cost,
    pub(super) all: Cost,
    /// How many rules are looked at for every event.
    pub(super) always: usize,
    pub(super) rules: Vec<MeasuredRule>,
}

/// Nanoseconds an event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cost {
    pub(super) least: f64,
    pub(super) median: f64,
}

/// What a rule cost.
pub(super) struct MeasuredRule {
    pub(super) id: RuleId,
    pub(super) name: String,
    /// Of how many events it matched, and of how many its condition was left to be evaluated.
    pub(super) matches: usize,
    pub(super) evaluated: usize,
    /// Nanoseconds of an evaluation, for rules that were evaluated.
    pub(super) evaluation: Option<f64>,
    pub(super) filing: Option<Filing>,
}

impl MeasuredRule {
    /// Returns what its evaluations cost an event, in nanoseconds.
    pub(super) fn an_event(&self, events: usize) -> f64 {
        self.evaluation.unwrap_or(0.0) * self.evaluated as f64 / events.max(1) as f64
    }
}

/// What a measurement is about.
struct Bench<'p> {
    program: &'p Program,
    conditions: &'p dyn Conditions,
    index: Index,
    inputs: Vec<EventInput<'p>>,
    project: &'p Project,
}

/// Measures the events of one type; its name if no rule starts with it.
pub(super) fn batch(
    project: &Project,
    conditions: &dyn Conditions,
    batch: Batch,
    time: Duration,
) -> Result<Measured, String> {
    let program = project.program();
    let rules = program.event(&batch.event).map(|event| event.rules.as_slice()).unwrap_or_default();
    let enabled = rules.iter().filter_map(|id| Some((*id, program.get(*id)?)));
    let enabled: Vec<(RuleId, &Rule)> = enabled.filter(|(_, rule)| !rule.header.disabled).collect();
    if enabled.is_empty() {
        return Err(batch.event);
    }
    let index = Index::new(&batch.event, enabled.iter().copied());
    let source = batch.event.split('.').next().unwrap_or_default();
    let now = Timestamp::now();
    let input = |payload| EventInput { name: &batch.event, id: "event-1", time: now, source, payload };
    let inputs: Vec<EventInput<'_>> = batch.payloads.iter().map(|payload| input(payload)).collect();
    let bench = Bench { program, conditions, index, inputs, project };
    let mut measured: Vec<MeasuredRule> = enabled
        .iter()
        .map(|(id, rule)| MeasuredRule {
            id: *id,
            name: rule.name.to_string(),
            matches: 0,
            evaluated: 0,
            evaluation: None,
            filing: bench.index.filing(*id, rule),
        })
        .collect();
    let slots = bench.count(&mut measured);
    let [decode, matched, all] = bench.costs(time);
    for rule in &mut measured {
        if let Some(slots) = slots.get(&rule.id) {
            rule.evaluation = bench.evaluation(rule.id, slots);
        }
    }
    let bytes = batch.payloads.iter().map(String::len).sum::<usize>() / batch.payloads.len().max(1);
    Ok(Measured {
        is_made: batch.is_made,
        events: batch.payloads.len(),
        bytes,
        decode,
        matched,
        all,
        always: bench.index.unselective(),
        rules: measured,
        event: batch.event.clone(),
    })
}

impl Bench<'_> {
    /// Counts what becomes of each rule, and returns for some events what the rules read that are to be evaluated.
    fn count(&self, rules: &mut [MeasuredRule]) -> HashMap<RuleId, Vec<Slots>> {
        const KEPT: usize = 16;
        let mut kept: HashMap<RuleId, Vec<Slots>> = HashMap::new();
        let places: HashMap<RuleId, usize> =
            rules.iter().enumerate().map(|(place, rule)| (rule.id, place)).collect();
        for input in &self.inputs {
            let decoded = self.index.projection().decode(input);
            for Found { rule: id, decision } in self.index.find(&decoded) {
                let Some(own) = places.get(&id).and_then(|place| rules.get_mut(*place)) else { continue };
                let (Some(rule), Some(mapping)) = (self.program.get(id), self.index.mapping(id)) else {
                    continue;
                };
                own.matches += usize::from(decision == Decision::Holds);
                if decision != Decision::Open {
                    continue;
                }
                own.evaluated += 1;
                let slots = decoded.slots(mapping);
                let verdict = self.conditions.verdict(id, rule, &slots, &self.context(rule));
                own.matches += usize::from(verdict == Ok(true));
                let kept = kept.entry(id).or_default();
                if kept.len() < KEPT {
                    kept.push(slots);
                }
            }
        }
        kept
    }

    fn context(&self, rule: &Rule) -> Context {
        let zone = rule.zone(&self.project.manifest.zone).clone();
        Context { now: Timestamp::UNIX_EPOCH, zone }
    }

    /// Measures by turns, for a time.
    fn costs(&self, time: Duration) -> [Cost; 3] {
        let decode = || {
            for input in &self.inputs {
                black_box(self.index.projection().decode(input));
            }
        };
        let matched = || {
            for input in &self.inputs {
                black_box(self.index.find(&self.index.projection().decode(input)));
            }
        };
        let all = || self.inputs.iter().for_each(|input| self.run(input));
        let contenders: [&dyn Fn(); 3] = [&decode, &matched, &all];
        // Few events are taken several times in a turn, as a clock is not read for nothing.
        let start = Instant::now();
        all();
        let once = start.elapsed().max(Duration::from_nanos(1));
        let repeats = (Duration::from_millis(1).as_nanos() / once.as_nanos()).clamp(1, 10_000) as usize;
        let mut times: [Vec<f64>; 3] = Default::default();
        let end = Instant::now() + time;
        while times.iter().any(|own| own.len() < TURNS) || Instant::now() < end {
            for (run, times) in contenders.iter().zip(&mut times) {
                let start = Instant::now();
                (0..repeats).for_each(|_| run());
                times.push(start.elapsed().as_nanos() as f64 / (repeats * self.inputs.len()) as f64);
            }
        }
        times.map(|mut times| {
            times.sort_by(f64::total_cmp);
            let at = |place: usize| times.get(place).copied().unwrap_or(0.0);
            Cost { least: at(0), median: at(times.len() / 2) }
        })
    }

    /// Does with an event what the engine does up to knowing which rules run.
    fn run(&self, input: &EventInput<'_>) {
        let decoded = self.index.projection().decode(input);
        for Found { rule: id, decision } in self.index.find(&decoded) {
            let (Some(rule), Some(mapping)) = (self.program.get(id), self.index.mapping(id)) else {
                continue;
            };
            let slots = decoded.slots(mapping);
            if decision == Decision::Open {
                let _ = black_box(self.conditions.verdict(id, rule, &slots, &self.context(rule)));
            }
            black_box(slots);
        }
    }

    /// The least time of an evaluation, in nanoseconds.
    fn evaluation(&self, id: RuleId, slots: &[Slots]) -> Option<f64> {
        const RUNS: usize = 8;
        let rule = self.program.get(id)?;
        let context = self.context(rule);
        let mut least = f64::MAX;
        for _ in 0..RUNS {
            let start = Instant::now();
            for _ in 0..RUNS {
                for slots in slots {
                    let _ = black_box(self.conditions.verdict(id, rule, black_box(slots), &context));
                }
            }
            least = least.min(start.elapsed().as_nanos() as f64 / (RUNS * slots.len().max(1)) as f64);
        }
        Some(least)
    }
}
