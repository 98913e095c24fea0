//! `hence run`

mod decide;

use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use clap::ValueEnum;
use hence_diagnostics::nearest;
use hence_engine::{
    CallFuture, Clock, Connector, Driver, Effect, Execution, ExecutionFilter, ExecutionId, ManualClock,
    Match, NewEvent, Request, Response, Status, StepRecord, StoredEvent, Verdict,
};
use hence_ir::Program;
use hence_schema::{Catalog, sample_value};
use hence_store::Memory;
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::{Value as Json, json};

use crate::jit::Jit;
use crate::{Ending, events, loading, output, settings};

/// The longest wait that `--live` waits for.
const LONGEST_WAIT: SignedDuration = SignedDuration::from_secs(60);

#[derive(Debug, clap::Args)]
pub(crate) struct Arguments {
    /// A project's folder, or a rule file.
    #[arg(default_value = ".")]
    path: PathBuf,
    /// The event all documents are payloads of, such as `shop.order.created`. Without it, each document is
    /// `{"event": …, "id": …, "time": …, "data": …}`.
    #[arg(long)]
    event: Option<String>,
    /// Asks for a decision of this entry point, such as `checkout`; each document is a context.
    #[arg(long, conflicts_with_all = ["event", "live"])]
    entry_point: Option<String>,
    /// A file with one JSON document or JSON Lines; `-` for standard input.
    #[arg(long)]
    data: PathBuf,
    /// Runs this rule only.
    #[arg(long)]
    rule: Option<String>,
    /// Performs the actions.
    #[arg(long)]
    live: bool,
    /// The time of the run, such as `2026-11-27T10:00Z`; now by default.
    #[arg(long)]
    now: Option<Timestamp>,
    /// How to print what happened: for people, or as JSON Lines, one an event.
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// When conditions are compiled to machine code; answers are the same whatever it says.
    #[arg(long, value_enum, default_value = "auto", value_name = "WHEN")]
    jit: Jit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    Human,
    Json,
}

pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Ending> {
    let project = loading::project(&arguments.path)?;
    if output::errors(&project.sources, &project.diagnostics()) {
        return Ok(Ending::Wrong);
    }
    let program = match &arguments.rule {
        Some(name) => Arc::new(only(project.program(), name)?),
        None => Arc::clone(project.program()),
    };
    if output::errors(&project.sources, &hence_project::unrunnable(&program)) {
        return Ok(Ending::Wrong);
    }
    let now = arguments.now.unwrap_or_else(Timestamp::now);
    if let Some(entry_point) = &arguments.entry_point {
        let is_json = arguments.format == Format::Json;
        return decide::run(&project, &program, entry_point, &arguments.data, now, is_json);
    }
    let events = events::read(&arguments.data, arguments.event.as_deref(), &project.catalog, now)?;
    let connector: Arc<dyn Connector> = if arguments.live {
        Arc::new(settings::connectors(&project)?)
    } else {
        Arc::new(Imagined { catalog: Arc::clone(&project.catalog) })
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let clock = Arc::new(ManualClock::new(now));
    let zone = project.manifest.zone.clone();
    let time = Time { clock: Arc::clone(&clock), is_real: arguments.live };
    let driver = Driver::new(Arc::clone(&program), Arc::new(Memory::new()), connector, clock, zone)
        .evaluated_by(arguments.jit.evaluator());
    let mut wrong = false;
    for event in events {
        for ran in runtime.block_on(one(&driver, &time, &program, event))? {
            wrong |= ran.failed();
            match arguments.format {
                Format::Human => output::result(&ran.to_text()),
                Format::Json => output::result(&format!("{}\n", ran.to_json())),
            }
        }
    }
    Ok(if wrong { Ending::Wrong } else { Ending::Well })
}

fn only(program: &Program, name: &str) -> anyhow::Result<Program> {
    match program.only(name) {
        Some(program) => Ok(program),
        None => match nearest(name, program.rules.iter().map(|rule| &*rule.name)) {
            Some(near) => bail!("no rule is named `{name}`; did you mean `{near}`?"),
            None => bail!("no rule is named `{name}`"),
        },
    }
}

/// Performs nothing: every action succeeds with a made-up result of its type.
struct Imagined {
    catalog: Arc<Catalog>,
}

impl Connector for Imagined {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        let action = request.action.split_once('.').and_then(|(id, name)| self.catalog.action(id, name));
        let result = action.and_then(|action| action.result.as_ref()).map_or(Json::Null, sample_value);
        Box::pin(std::future::ready(Ok(Response { result, detail: Json::Null })))
    }
}

/// An event that was handled, and what it meant to the rules.
struct Outcome {
    event: StoredEvent,
    verdicts: Vec<Verdict>,
    stopped: Vec<ExecutionId>,
}

/// What an event came to.
struct Ran {
    event: NewEvent,
    /// The executions of earlier events that this one ended.
    stopped: Vec<Execution>,
    rules: Vec<RanRule>,
}

struct RanRule {
    name: String,
    result: Match,
    execution: Option<(Execution, Vec<StepRecord>)>,
}

/// How time passes where an execution waits.
struct Time {
    clock: Arc<ManualClock>,
    /// Whether it passes as it does for everybody; otherwise all waits are over at once.
    is_real: bool,
}

impl Time {
    /// Waits until an instant; returns whether it has come: in real time, only short waits are waited for.
    async fn pass(&self, at: Timestamp) -> bool {
        let wait = at.duration_since(self.clock.now());
        if self.is_real {
            if wait > LONGEST_WAIT {
                return false;
            }
            tokio::time::sleep(wait.try_into().unwrap_or_default()).await;
        }
        if wait.is_positive() {
            self.clock.advance(wait);
        }
        true
    }
}

/// Does what there is to do: calls first, then what waits, the earliest first.
/// Returns the events that were handled on the way.
async fn follow(driver: &Driver, time: &Time, mut effects: Vec<Effect>) -> anyhow::Result<Vec<Outcome>> {
    let (mut handled, mut waiting) = (Vec::new(), Vec::new());
    loop {
        for effect in std::mem::take(&mut effects) {
            match effect {
                Effect::Call(call) => effects.extend(driver.complete(driver.perform(call).await)?),
                Effect::WakeAt { execution, at } => waiting.push((at, Some(execution))),
                Effect::WatchAt(at) => {
                    waiting.retain(|(_, execution)| execution.is_some());
                    waiting.push((at, None));
                }
                Effect::Handle(event) => {
                    let verdicts = driver.verdicts(&event);
                    let outcome = driver.handle_event(&event)?;
                    effects.extend(outcome.effects);
                    handled.push(Outcome { event: *event, verdicts, stopped: outcome.stopped });
                }
            }
        }
        if !effects.is_empty() {
            continue;
        }
        waiting.sort_by_key(|(at, _)| std::cmp::Reverse(*at));
        let Some((at, execution)) = waiting.pop() else { return Ok(handled) };
        if !time.pass(at).await {
            return Ok(handled);
        }
        effects.extend(match execution {
            Some(execution) => driver.wake(&execution)?,
            None => driver.look()?,
        });
    }
}

/// Runs an event and all that follows from it: the first is what the event came to itself.
async fn one(driver: &Driver, time: &Time, program: &Program, event: NewEvent) -> anyhow::Result<Vec<Ran>> {
    let (_, stored) = driver.accept(vec![event.clone()]).context("the event was not taken")?;
    let Some(stored) = stored.into_iter().next() else {
        bail!("the event `{}` is there twice; the second is not run", event.id);
    };
    let handled = follow(driver, time, vec![Effect::Handle(Box::new(stored))]).await?;
    handled.into_iter().map(|outcome| ran(driver, program, outcome)).collect()
}

fn ran(driver: &Driver, program: &Program, outcome: Outcome) -> anyhow::Result<Ran> {
    let Outcome { event: stored, verdicts, stopped } = outcome;
    let store = driver.store();
    let filter = ExecutionFilter::default();
    let executions = store.executions(&filter, None, usize::MAX)?.items;
    let mut rules = Vec::new();
    for Verdict { rule, result, .. } in verdicts {
        let Some(rule) = program.get(rule) else { continue };
        let found = executions.iter().find(|e| e.event == stored.sequence && e.rule == rule.name);
        let execution = match found {
            Some(execution) => Some((execution.clone(), store.steps(&execution.id)?)),
            None => None,
        };
        rules.push(RanRule { name: rule.name.to_string(), result, execution });
    }
    let stopped = executions.into_iter().filter(|execution| stopped.contains(&execution.id));
    Ok(Ran { event: stored.event, stopped: stopped.collect(), rules })
}

impl RanRule {
    /// Returns the execution that was recorded and not begun, as another took its place or it is throttled.
    fn turned_away(&self) -> Option<&Execution> {
        let (execution, _) = self.execution.as_ref()?;
        matches!(execution.status, Status::Throttled | Status::Skipped).then_some(execution)
    }

    fn outcome(&self) -> &'static str {
        if let Some(execution) = self.turned_away() {
            return execution.status.as_str();
        }
        match &self.result {
            Match::Matched(branch) => match branch {
                hence_engine::Branch::Then => "matched",
                hence_engine::Branch::Otherwise => "otherwise",
            },
            Match::NotMatched => "not_matched",
            Match::Undecided(_) => "undecided",
            Match::Failed(_) => "failed",
            Match::Skipped(_) => "skipped",
        }
    }

    fn waits_until(&self) -> Option<Timestamp> {
        self.execution.as_ref().and_then(|(execution, _)| execution.wake_at)
    }

    fn error(&self) -> Option<String> {
        match &self.result {
            Match::Undecided(error) | Match::Failed(error) => Some(error.to_string()),
            Match::Matched(_) | Match::NotMatched | Match::Skipped(_) => {
                let (execution, _) = self.execution.as_ref()?;
                execution.error.as_ref().map(ToString::to_string)
            }
        }
    }
}

impl Ran {
    fn failed(&self) -> bool {
        let failed =
            |rule: &RanRule| rule.execution.as_ref().is_some_and(|(e, _)| e.status == Status::Failed);
        self.rules.iter().any(failed)
    }

    fn to_text(&self) -> String {
        let mut text = format!("{} {}\n", self.event.name, self.event.id);
        for mismatch in &self.event.mismatches {
            text.push_str(&format!("  ! breaks its schema: {mismatch}\n"));
        }
        for execution in &self.stopped {
            text.push_str(&format!("  ■ {} of {} stopped\n", execution.rule, execution.event_id));
        }
        let mut others = Vec::new();
        for rule in &self.rules {
            if rule.result == Match::NotMatched {
                others.push(rule.name.as_str());
                continue;
            }
            if let Match::Skipped(skip) = &rule.result {
                text.push_str(&format!("  – {} skipped: {skip}\n", rule.name));
                continue;
            }
            if let Some(Execution { status, reason, .. }) = rule.turned_away() {
                let reason = reason.as_deref().unwrap_or_default();
                text.push_str(&format!("  – {} {}: {reason}\n", rule.name, status.as_str()));
                continue;
            }
            let (mark, note) = match &rule.result {
                Match::Matched(hence_engine::Branch::Then) => ("✓", String::new()),
                Match::Matched(hence_engine::Branch::Otherwise) => ("✓", " (otherwise)".to_owned()),
                Match::NotMatched | Match::Undecided(_) | Match::Failed(_) | Match::Skipped(_) => {
                    ("✗", String::new())
                }
            };
            text.push_str(&format!("  {mark} {}{note}\n", rule.name));
            if let Some(variant) =
                rule.execution.as_ref().and_then(|(execution, _)| execution.variant.as_ref())
            {
                text.push_str(&format!("      variant {variant}\n"));
            }
            let mut last = rule.execution.as_ref().map(|(execution, _)| execution.started_at);
            for step in rule.execution.iter().flat_map(|(_, steps)| steps) {
                let later = last.map(|last| step.started_at.duration_since(last));
                if let Some(later) = later.filter(|later| later.is_positive()) {
                    text.push_str(&format!("      {later:#} later:\n"));
                }
                last = Some(step.started_at);
                let arguments: Vec<String> =
                    step.arguments.iter().map(|(name, value)| format!("{name}: {value}")).collect();
                text.push_str(&format!("      {}({})\n", step.action, arguments.join(", ")));
            }
            if let Some(until) = rule.waits_until() {
                text.push_str(&format!("      waits until {until}\n"));
            }
            if let Some(error) = rule.error() {
                let word = if matches!(rule.result, Match::Undecided(_)) { "undecided" } else { "failed" };
                text.push_str(&format!("      {word}: {error}\n"));
            }
        }
        if !others.is_empty() {
            text.push_str(&format!("  – not matched: {}\n", others.join(", ")));
        } else if self.rules.is_empty() && self.stopped.is_empty() {
            text.push_str("  – no rule is triggered by this event\n");
        }
        text
    }

    fn to_json(&self) -> Json {
        let rules: Vec<Json> = self.rules.iter().map(|rule| {
            let actions: Vec<Json> = rule.execution.iter().flat_map(|(_, steps)| steps).map(|step| json!({
                "action": &*step.action,
                "arguments": step.arguments,
                "attempt": step.attempt,
                "status": step.status.as_str(),
                "error": step.error,
            })).collect();
            let mut json =
                json!({ "rule": rule.name, "outcome": rule.outcome(), "error": rule.error(), "actions": actions });
            if let (Match::Skipped(skip), Some(members)) = (&rule.result, json.as_object_mut()) {
                members.insert("skipped".to_owned(), skip.to_string().into());
            }
            if let (Some((execution, _)), Some(members)) = (&rule.execution, json.as_object_mut()) {
                if let Some(reason) = &execution.reason {
                    members.insert("reason".to_owned(), (&**reason).into());
                }
                if let Some(variant) = &execution.variant {
                    members.insert("variant".to_owned(), (&**variant).into());
                }
            }
            if let (Some(until), Some(members)) = (rule.waits_until(), json.as_object_mut()) {
                members.insert("waits_until".to_owned(), until.to_string().into());
            }
            json
        }).collect();
        let mismatches: Vec<String> = self.event.mismatches.iter().map(ToString::to_string).collect();
        let stopped: Vec<Json> = self.stopped.iter().map(|execution| {
            json!({ "rule": &*execution.rule, "event": &*execution.event_id, "reason": execution.reason })
        }).collect();
        json!({
            "event": &*self.event.name,
            "id": &*self.event.id,
            "schema_mismatches": mismatches,
            "stopped": stopped,
            "rules": rules,
        })
    }
}
