//! Ties program, store, connector and clock together: writes what a command changes, then says what to do.
//!
//! The driver has no threads and no timers. Its methods block on the store; what they return is to be done by
//! the caller, who feeds the results back:
//!
//! ```text
//! accept ─► handle_event ─► Effect::Call ──► perform ──► complete ─┐
//!                 │                ▲                               │
//!                 │                └───────────────────────────────┤
//!                 └────────► Effect::WakeAt ─► (time) ─► wake ┘
//! ```
//!
//! After a start, [`Driver::recover`] takes up what a crash left behind. The state of executions that do something is
//! kept in memory and written at every step; commands for one execution wait for each other. What waits for a time is
//! in the store alone, which knows what is due next: see `timers`.

mod admission;
mod arrival;
mod assignments;
mod canary;
mod control;
mod exits;
mod opened;
mod timers;
mod versions;
mod watching;

use std::collections::{BTreeSet, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use hence_diagnostics::Code;
use hence_ir::{FormerNames, Program, Rule, RuleId};
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;
use hence_vm::{Conditions, Evaluator, InTiers, Predicates};

use crate::commands::{Command, give_up, step};
use admission::{KeyLocks, is_held};
use canary::Canary;
use exits::Owed;
use opened::{CacheCounts, Open, is_active};
use versions::Versions;

use crate::decide::{Decision, Question, decide_by};
use crate::event::to_the_microsecond;
use crate::matching::{Finder, Verdict, started_by, verdicts_of};
use crate::own_events::{self, EXECUTION_FAILED};
use crate::run::Inputs;
use crate::store::{Error, ExecutionFilter, Store};
use crate::waiting::Lookups;
use crate::watch::Watches;
use crate::{
    Accepted, Call, Change, Clock, Connector, Effect, Execution, ExecutionError, ExecutionId, Failure,
    KeyHash, NewEvent, Outcome, Response, Status, StoredEvent,
};

use watching::Watching;

/// How many executions are read from the store at a time.
const PAGE: usize = 500;

/// Runs a program: see the module's comment for the way of an event.
pub struct Driver {
    store: Arc<dyn Store>,
    connector: Arc<dyn Connector>,
    clock: Arc<dyn Clock>,
    evaluator: Arc<dyn Evaluator>,
    loaded: RwLock<Arc<Loaded>>,
    /// By what events find those who wait for them, of all programs loaded so far.
    lookups: RwLock<Lookups>,
    open: Mutex<HashMap<ExecutionId, Arc<Open>>>,
    watching: Mutex<Watching>,
    owed: Mutex<Owed>,
    key_locks: KeyLocks,
    canary: RwLock<Option<Canary>>,
    versions: Versions,
    counts: CacheCounts,
}

/// How a program is evaluated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evaluation {
    /// The rules of the events that came, added up over the events.
    pub filed: u64,
    /// Those that the index did not pass over, added up likewise.
    pub found: u64,
    /// In which tiers the conditions are.
    pub conditions: InTiers,
}

/// What became of an event.
#[derive(Debug, Clone, Default)]
pub struct Handled {
    /// What it meant to the rules it concerns, in the order they run: those that run, and those whose conditions have
    /// no answer. [`Driver::verdicts`] tells of the others. Empty if the event was handled before.
    pub verdicts: Vec<Verdict>,
    /// The executions it started, those included that failed in the condition.
    pub executions: Vec<ExecutionId>,
    /// The executions that waited for it and go on.
    pub resumed: Vec<ExecutionId>,
    /// The executions that it ended, as their rules say `until`.
    pub stopped: Vec<ExecutionId>,
    /// What is to be done.
    pub effects: Vec<Effect>,
}

/// What came of a call, to be handed to [`Driver::complete`].
#[derive(Debug, Clone, PartialEq)]
pub struct Finished {
    /// The execution.
    pub execution: ExecutionId,
    /// The number of the call in the execution.
    pub sequence: u32,
    /// The attempt.
    pub attempt: u32,
    /// What it gave, or why it did not succeed.
    pub result: Result<Response, Failure>,
}

pub use control::{Control, Refused};
pub use opened::{Caches, Lookup};
pub use timers::Fired;

/// A call on its way.
pub type Performing = Pin<Box<dyn Future<Output = Finished> + Send>>;

/// A program that was made ready to run.
pub struct Prepared(Arc<Loaded>);

/// A program, with its rules by name.
struct Loaded {
    program: Arc<Program>,
    /// The zone of rules that name none.
    zone: TimeZone,
    /// What people call rules that are stored under other names.
    former_names: FormerNames,
    names: HashMap<Arc<str>, RuleId>,
    finder: Finder,
    conditions: Box<dyn Conditions>,
    watches: Arc<Watches>,
    /// Whether the store knows what is watched.
    is_watching: AtomicBool,
}

impl Loaded {
    fn new(program: Arc<Program>, zone: TimeZone, evaluator: &dyn Evaluator) -> Self {
        let watches = Arc::new(Watches::new(&program, &zone));
        let ids = (0..).map(RuleId);
        let names = program.rules.iter().map(|rule| rule.name.clone()).zip(ids).collect();
        let finder = Finder::new(&program);
        let conditions = evaluator.load(&program);
        let (former_names, is_watching) = (FormerNames::default(), AtomicBool::new(false));
        Self { program, zone, former_names, names, finder, conditions, watches, is_watching }
    }

    fn is_watching(&self) -> bool {
        self.is_watching.load(Ordering::Acquire)
    }

    fn set_watching(&self) {
        self.is_watching.store(true, Ordering::Release);
    }

    /// Returns the rules that an event starts, in the order they run, finding the one it is for by its name.
    fn started_by(&self, event: &StoredEvent) -> Vec<RuleId> {
        let rule = event.event.target.as_ref().and_then(|target| self.names.get(&target.rule)).copied();
        started_by(&self.program, event, rule)
    }

    fn version(&self, name: &str, version: &str) -> Option<RuleId> {
        let id = *self.names.get(name)?;
        self.program.get(id).is_some_and(|rule| &*rule.version == version).then_some(id)
    }
}

impl Driver {
    /// Returns a driver of a program whose rules run in a zone.
    pub fn new(
        program: Arc<Program>,
        store: Arc<dyn Store>,
        connector: Arc<dyn Connector>,
        clock: Arc<dyn Clock>,
        zone: TimeZone,
    ) -> Self {
        let mut lookups = Lookups::default();
        lookups.add(&program);
        let loaded = RwLock::new(Arc::new(Loaded::new(program, zone, &Predicates)));
        let (lookups, open, watching) = (RwLock::new(lookups), Mutex::default(), Mutex::default());
        let (owed, key_locks, canary, versions, counts) = Default::default();
        let evaluator = Arc::new(Predicates);
        Self {
            store,
            connector,
            clock,
            evaluator,
            loaded,
            lookups,
            open,
            watching,
            owed,
            key_locks,
            canary,
            versions,
            counts,
        }
    }

    /// Has conditions evaluated by something else that answers as the interpreter does; otherwise predicates are. To be
    /// called before any event is handled.
    #[must_use]
    pub fn evaluated_by(mut self, evaluator: Arc<dyn Evaluator>) -> Self {
        let loaded = self.loaded.get_mut().unwrap_or_else(PoisonError::into_inner);
        if let Some(loaded) = Arc::get_mut(loaded) {
            loaded.conditions = evaluator.load(&loaded.program);
        }
        self.evaluator = evaluator;
        self
    }

    /// Has rules called as people see them in what the engine tells of them.
    #[must_use]
    pub fn naming(mut self, former_names: FormerNames) -> Self {
        if let Some(loaded) = Arc::get_mut(self.loaded.get_mut().unwrap_or_else(PoisonError::into_inner)) {
            loaded.former_names = former_names;
        }
        self
    }

    /// Returns how the program that runs is evaluated, since it was loaded.
    pub fn evaluation(&self) -> Evaluation {
        let loaded = self.loaded();
        let looked = loaded.finder.looked();
        Evaluation {
            filed: looked.filed.load(Ordering::Relaxed),
            found: looked.found.load(Ordering::Relaxed),
            conditions: loaded.conditions.tiers(),
        }
    }

    /// Takes another program. Open executions end on the rules they began with. [`Driver::watch`] is to be called then.
    pub fn load(&self, program: Arc<Program>) {
        let loaded = self.loaded();
        self.run(self.prepare(program, loaded.zone.clone(), loaded.former_names.clone()));
    }

    /// Makes another program ready, whose rules run in a zone and had other names before. This takes long where there are
    /// many rules; to have it run then takes no time.
    pub fn prepare(&self, program: Arc<Program>, zone: TimeZone, former_names: FormerNames) -> Prepared {
        Prepared(Arc::new(Loaded { former_names, ..Loaded::new(program, zone, &*self.evaluator) }))
    }

    /// Has a program run that was made ready, as [`Driver::load`] does. A canary ends.
    pub fn run(&self, Prepared(loaded): Prepared) {
        self.lookups.write().unwrap_or_else(PoisonError::into_inner).add(&loaded.program);
        *self.loaded.write().unwrap_or_else(PoisonError::into_inner) = loaded;
        self.end_canary();
    }

    /// Returns how many executions are kept in memory: those that do something.
    pub fn active(&self) -> usize {
        locked(&self.open).len()
    }

    /// Returns the store.
    pub fn store(&self) -> &Arc<dyn Store> {
        &self.store
    }

    /// Takes events into the inbox; returns what became of each, and those that are new as they are stored, to be
    /// handed to [`Driver::handle_event`]. They are durable when it returns.
    ///
    /// # Errors
    /// Whatever kept the store from taking them; none of them is taken then.
    pub fn accept(&self, events: Vec<NewEvent>) -> Result<(Vec<Accepted>, Vec<StoredEvent>), Error> {
        self.prepare_watching()?;
        let accepted = self.store.accept(&events)?;
        let new = events.into_iter().zip(&accepted).filter_map(|(event, accepted)| match accepted {
            Accepted::New(sequence) => Some(event.into_stored(*sequence)),
            Accepted::Duplicate(_) => None,
        });
        let new = new.collect();
        Ok((accepted, new))
    }

    /// Returns what an event means to every rule it triggers, those included that it does not start, in the order they
    /// run. This looks at each of them: it is for people who ask, not for the way of an event.
    pub fn verdicts(&self, event: &StoredEvent) -> Vec<Verdict> {
        let loaded = self.loaded();
        verdicts_of(&loaded.program, &*loaded.conditions, &loaded.started_by(event), event, &loaded.zone)
    }

    /// Decides, by the rules that are loaded or those of a canary; returns also which of them it was.
    pub fn decide(&self, question: &Question<'_>) -> (Decision, Arc<Program>) {
        let loaded = self.loaded_for(question.context.as_bytes());
        let decision = decide_by(&loaded.program, &*loaded.conditions, question, &loaded.zone);
        (decision, Arc::clone(&loaded.program))
    }

    /// Makes a call and returns what came of it. Touches neither store nor state, so that it can be dropped, or
    /// run on any executor of futures.
    pub fn perform(&self, call: Call) -> Performing {
        let connector = self.connector.clone();
        Box::pin(async move {
            let result = connector.call(&call.request).await;
            let Call { execution, sequence, request } = call;
            Finished { execution, sequence, attempt: request.attempt, result }
        })
    }

    /// Records what came of a call, together with what the execution does next.
    ///
    /// # Errors
    /// Whatever kept the store from recording it. The call is done nevertheless: the same is to be handed in
    /// again, until it is recorded.
    pub fn complete(&self, finished: Finished) -> Result<Vec<Effect>, Error> {
        let Finished { execution, sequence, attempt, result } = finished;
        let command = match result {
            Ok(response) => Command::StepDone { sequence, attempt, response },
            Err(failure) => Command::StepFailed { sequence, attempt, failure },
        };
        self.command(&execution, command)
    }

    /// Takes up an execution that waits for a time which has come. It fails if the version of its rule is no longer
    /// loaded.
    ///
    /// # Errors
    /// Whatever kept the store from recording it.
    pub fn wake(&self, execution: &ExecutionId) -> Result<Vec<Effect>, Error> {
        let Some(open) = self.find(execution)? else { return self.give_up_unloaded(execution) };
        if is_held(&locked(&open.state)) {
            return self.release(execution);
        }
        let (outcome, left) = self.command_to(execution, &open, Command::Wake)?;
        Ok(self.followed(outcome, left))
    }

    /// Fails an execution whose rule is no longer loaded in its version. Those of other versions may stand behind it.
    fn give_up_unloaded(&self, execution: &ExecutionId) -> Result<Vec<Effect>, Error> {
        let Some(state) = self.store.execution(execution)?.filter(|state| !state.status.is_ended()) else {
            return Ok(Vec::new());
        };
        let effects = self.apply(&give_up(&state, not_loaded(&state), self.now()).changes)?;
        let (mut effects, queues) = self.or_owe(effects, self.queues_of(&state.rule))?;
        effects.extend(queues.into_iter().flat_map(|key| self.next_or_owe(key)));
        Ok(effects)
    }

    /// Returns the queues in which executions of a rule stand.
    fn queues_of(&self, rule: &Arc<str>) -> Result<BTreeSet<KeyHash>, Error> {
        let filter = ExecutionFilter {
            rule: Some(Arc::clone(rule)),
            status: Some(Status::Pending),
            ..ExecutionFilter::default()
        };
        let (mut queues, mut cursor) = (BTreeSet::new(), None);
        loop {
            let page = self.store.executions(&filter, cursor.as_ref(), PAGE)?;
            for behind in page.items {
                queues.extend(self.reopen(behind)?.and_then(|open| self.queue_of(&open)));
            }
            cursor = page.next;
            if cursor.is_none() {
                return Ok(queues);
            }
        }
    }

    /// Takes up the executions that were interrupted when the process ended, and begins to watch what the rules ask
    /// for. To be called once, before anything else; events that were not yet matched are returned by
    /// [`Store::unmatched`], and what waits for a time by [`Driver::fire`].
    ///
    /// # Errors
    /// Whatever kept the store from being read or written.
    pub fn recover(&self) -> Result<Vec<Effect>, Error> {
        self.load_versions()?;
        self.watch()?;
        self.prepare_watching()?;
        let (mut effects, mut cursor, mut queues) = (Vec::new(), None, BTreeSet::new());
        if !self.loaded().watches.is_empty() {
            effects.push(Effect::WatchAt(self.now()));
        }
        loop {
            let page = self.store.interrupted(cursor.as_ref(), PAGE)?;
            for execution in page.items {
                effects.extend(self.take_up(execution, &mut queues)?);
            }
            cursor = page.next;
            if cursor.is_none() {
                break;
            }
        }
        for key in queues {
            effects.extend(self.next_in_queue(&key)?);
        }
        effects.extend(self.take_up_paused()?);
        effects.extend(self.end_by_latest()?);
        Ok(effects)
    }

    fn take_up(&self, state: Execution, queues: &mut BTreeSet<KeyHash>) -> Result<Vec<Effect>, Error> {
        if let Some(open) = self.reopen(state.clone())? {
            if let Some(key) = self.queue_of(&open) {
                queues.insert(key);
                if state.status == Status::Pending && state.wake_at.is_none() {
                    return Ok(Vec::new());
                }
            }
            return self.command(&state.id, Command::ResumeAfterRestart);
        }
        let outcome = give_up(&state, not_loaded(&state), self.now());
        self.apply(&outcome.changes)
    }

    /// Gives a command to an execution; if it ends it, the next in its queue begins.
    fn command(&self, id: &ExecutionId, command: Command) -> Result<Vec<Effect>, Error> {
        let (outcome, left) = self.command_alone(id, command)?;
        Ok(self.followed(outcome, left))
    }

    /// Returns the effects of an outcome, with those of the execution that begins as another left its queue.
    fn followed(&self, outcome: Outcome, left: Option<KeyHash>) -> Vec<Effect> {
        let mut effects = outcome.effects;
        effects.extend(left.into_iter().flat_map(|key| self.next_or_owe(key)));
        effects
    }

    fn command_alone(&self, id: &ExecutionId, command: Command) -> Result<(Outcome, Option<KeyHash>), Error> {
        match self.find(id)? {
            Some(open) => self.command_to(id, &open, command),
            None => Ok(Default::default()),
        }
    }

    /// Gives a command to an execution; returns what came of it and the queue that it left, if it did. If the store has
    /// moved on, because somebody else wrote the execution, the state in memory is dropped and the command given once
    /// more.
    fn command_to(
        &self,
        id: &ExecutionId,
        open: &Arc<Open>,
        command: Command,
    ) -> Result<(Outcome, Option<KeyHash>), Error> {
        let give = |open: &Arc<Open>, command: Command| {
            self.change(id, open, |state, at| Ok(self.outcome(open, state, command, at)))
        };
        match give(open, command.clone()) {
            Err(Error::Conflict { .. }) => {
                locked(&self.open).remove(id);
                match self.find(id)? {
                    Some(open) => give(&open, command),
                    None => Ok(Default::default()),
                }
            }
            result => result,
        }
    }

    /// Writes what is computed from the state of an execution; returns also the queue that it left, if it did.
    ///
    /// INVARIANT: the lock on the execution's state is held from the computation of a step until it is written,
    /// so that steps of one execution follow each other.
    fn change(
        &self,
        id: &ExecutionId,
        open: &Arc<Open>,
        compute: impl FnOnce(&Execution, Timestamp) -> Result<Outcome, Error>,
    ) -> Result<(Outcome, Option<KeyHash>), Error> {
        let mut state = locked(&open.state);
        let was_ended = state.status.is_ended();
        let mut outcome = compute(&state, self.now())?;
        if !outcome.changes.is_empty() {
            let further = self.apply(&outcome.changes)?;
            outcome.effects.extend(further);
        }
        if let Some(next) = outcome.state() {
            *state = next.clone();
        }
        let mut kept = locked(&self.open);
        if is_active(&state) {
            kept.entry(id.clone()).or_insert_with(|| Arc::clone(open));
        } else {
            kept.remove(id);
        }
        drop(kept);
        let has_left = state.status.is_ended() && !was_ended;
        Ok((outcome, if has_left { self.queue_of(open) } else { None }))
    }

    fn outcome(&self, open: &Open, state: &Execution, command: Command, at: Timestamp) -> Outcome {
        let Some(rule) = open.loaded.program.get(open.rule) else { return Outcome::default() };
        step(state, command, at, &self.inputs(open, rule))
    }

    fn inputs<'a>(&'a self, open: &'a Open, rule: &'a Rule) -> Inputs<'a> {
        let zone = rule.zone(&open.loaded.zone);
        Inputs { rule, slots: &open.slots, zone, arrived_at: open.arrived_at, depth: open.depth }
    }

    /// Writes changes; returns what is to be done about the events among them.
    fn apply(&self, changes: &[Change]) -> Result<Vec<Effect>, Error> {
        let mut all = self.rules_to_keep(changes);
        let own = self.own_events(changes)?;
        let changes = if own.is_empty() && all.is_empty() {
            changes
        } else {
            all.extend(changes.iter().cloned().chain(own));
            &all
        };
        let accepted = self.store.apply(changes)?;
        self.rules_kept(changes);
        let events = changes
            .iter()
            .filter_map(|change| if let Change::EventAccepted(event) = change { Some(event) } else { None });
        let handle = events.zip(accepted).filter_map(|(event, accepted)| match accepted {
            Accepted::New(sequence) => {
                Some(Effect::Handle(Box::new(event.as_ref().clone().into_stored(sequence))))
            }
            Accepted::Duplicate(_) => None,
        });
        Ok(handle.collect())
    }

    /// Returns the engine's own events about changes, if a rule listens to them.
    fn own_events(&self, changes: &[Change]) -> Result<Vec<Change>, Error> {
        let mut own = Vec::new();
        for change in changes {
            let (Change::ExecutionStarted(execution) | Change::ExecutionChanged(execution)) = change else {
                continue;
            };
            if execution.status != Status::Failed {
                continue;
            }
            let loaded = self.loaded();
            let is_heard = loaded.watches.look_at(EXECUTION_FAILED)
                || loaded.program.event(EXECUTION_FAILED).is_some_and(|event| !event.rules.is_empty());
            if is_heard {
                let rule = loaded.names.get(&execution.rule).and_then(|id| loaded.program.get(*id));
                let owner = rule.and_then(|rule| rule.header.owner.as_deref());
                let name = loaded.former_names.present(&execution.rule);
                let event = own_events::of_execution(execution, &name, owner, &*self.store)?;
                own.extend(event.map(|event| Change::EventAccepted(Box::new(event))));
            }
        }
        Ok(own)
    }

    fn loaded(&self) -> Arc<Loaded> {
        self.loaded.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn now(&self) -> Timestamp {
        to_the_microsecond(self.clock.now())
    }
}

fn not_loaded(state: &Execution) -> ExecutionError {
    let message = format!("rule `{}` is no longer loaded in version `{}`", state.rule, state.rule_version);
    ExecutionError { code: Code::RuleNotLoaded, message }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
