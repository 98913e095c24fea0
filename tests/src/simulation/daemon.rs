//! One seed: a daemon without sockets and threads, and what happens to it.
//!
//! All that the real one does on its threads and tasks stands in one list here: events to be matched, calls to be made,
//! outcomes to be recorded, executions to be woken. What is done next is a matter of chance, so is how long calls take, when
//! the process ends, what the store refuses, how the clock is set, and what people do with executions meanwhile. After the
//! storm comes calm, in which all must come to its end.

use std::sync::Arc;
use std::task::{Context, Poll, Waker};

use hence_engine::{
    Call, Clock, Connector, Control, Driver, Effect, ExecutionFilter, ExecutionId, Finished, ManualClock,
    NewEvent, Status, Store, StoredEvent, Task, TaskAnswer,
};
use hence_ir::{FormerNames, Program};
use hence_store::Gated;
use hence_types::TASK_ANSWERED;
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};

use super::calls::Calls;
use super::guarded::Guarded;
use super::outside::{self, Answering, Delivery, Fate, Outside, Suite};
use crate::case::Failed;
use crate::random::Random;

/// When seeds begin: before clocks are put forward or back, and on a quiet day.
const STARTS: [&str; 5] = [
    "2026-03-28T20:00:00Z",
    "2026-10-24T20:00:00Z",
    "2026-03-07T20:00:00Z",
    "2026-10-31T20:00:00Z",
    "2026-06-09T05:00:00Z",
];

/// How much is done before it is said that it never ends.
const LONGEST: usize = 60_000;

/// How long the calm is in which all comes to its end.
const CALM: SignedDuration = SignedDuration::from_hours(7 * 24);

/// The longest that the daemon sleeps before it looks at the clock again.
const SLEEP: SignedDuration = SignedDuration::from_secs(30);

/// Something to be done, from an instant of the time that passes on.
enum Work {
    /// Somebody sends events.
    Deliver(Vec<NewEvent>, Vec<Delivery>),
    Match(Box<StoredEvent>),
    Call(Call),
    Record(Finished),
    Wake(ExecutionId),
    Fire,
    Look,
    /// Has the store know what the rules that have come to run watch for.
    Watch,
}

/// How rough the storm is.
struct Weather {
    /// In how many of a thousand steps the process is to end.
    crashes: usize,
    /// In how many the store begins to refuse.
    troubles: usize,
    /// In how many somebody does something with an execution.
    controls: usize,
    /// In how many the clock is set.
    jumps: usize,
    /// In how many other versions of the rules come to run.
    releases: usize,
    /// Whether other systems fail often.
    is_troubled: bool,
}

pub(super) struct Daemon {
    pub(super) suite: Suite,
    /// The rules in two versions, and the one that runs.
    versions: [Arc<Program>; 2],
    program: Arc<Program>,
    pub(super) store: Arc<Gated<Guarded>>,
    outside: Outside,
    clock: Arc<ManualClock>,
    driver: Driver,
    pub(super) chance: Random,
    weather: Weather,
    is_calm: bool,
    /// The time that passes, in microseconds: no clock that is set changes it.
    now: i64,
    work: Vec<(i64, Work)>,
    /// When the timer and the watches are looked at, as the clock shows it.
    fire_at: Option<Timestamp>,
    look_at: Option<Timestamp>,
    /// How many executions are being woken: the timer does not look again before.
    waking: usize,
    pub(super) calls: Calls,
    /// The events that were acknowledged, by their ids.
    pub(super) acknowledged: Vec<(Arc<str>, Arc<str>)>,
    pub(super) started_at: Timestamp,
    pub(super) calm_since: Timestamp,
    /// Whether the clock was ever set, and put back.
    pub(super) is_set: bool,
    pub(super) is_put_back: bool,
    /// How often a process began.
    pub(super) starts: usize,
    pub(super) trace: Vec<String>,
}

impl Daemon {
    pub(super) fn new(
        seed: u64,
        suite: Suite,
        versions: [Arc<Program>; 2],
        store: Arc<dyn Store>,
    ) -> Result<Self, Failed> {
        let mut chance = Random::new(seed);
        let start = chance.pick(&STARTS).copied().unwrap_or_default();
        let start: Timestamp = start.parse().map_err(|error| format!("{error}"))?;
        let clock = Arc::new(ManualClock::new(start));
        let store = Arc::new(Guarded::over(store, seed ^ 0xfa17, outside::exclusive));
        let outside = Arc::new(Answering::default());
        let weather = Weather {
            crashes: [0, 5, 30, 100].get(chance.below(4)).copied().unwrap_or_default(),
            troubles: [0, 0, 10, 40].get(chance.below(4)).copied().unwrap_or_default(),
            controls: [0, 0, 10, 50].get(chance.below(4)).copied().unwrap_or_default(),
            jumps: [0, 0, 0, 5].get(chance.below(4)).copied().unwrap_or_default(),
            releases: [0, 0, 10, 40].get(chance.below(4)).copied().unwrap_or_default(),
            is_troubled: chance.chance(500),
        };
        let [program, _] = versions.clone();
        let driver = driver(&program, &store, &outside, &clock);
        let mut daemon = Self {
            suite,
            versions,
            program,
            store,
            outside,
            clock,
            driver,
            weather,
            is_calm: false,
            now: 0,
            work: Vec::new(),
            fire_at: None,
            look_at: None,
            waking: 0,
            calls: Calls::default(),
            acknowledged: Vec::new(),
            started_at: start,
            calm_since: start,
            is_set: false,
            is_put_back: false,
            starts: 0,
            trace: Vec::new(),
            chance,
        };
        let mut at = 0;
        for delivery in outside::deliveries(suite, &mut daemon.chance, start) {
            at += micros(delivery.after);
            daemon.work.push((at, Work::Deliver(Vec::new(), vec![delivery])));
        }
        Ok(daemon)
    }

    /// Runs through storm and calm; what stands in the store then is to be judged.
    pub(super) fn run(&mut self) -> Result<(), Failed> {
        self.start()?;
        let mut end = None;
        for _ in 0..LONGEST {
            if self.store.is_dead() {
                self.start()?;
            }
            if !self.is_calm {
                self.happen()?;
            }
            if let Some(next) = self.next_ready() {
                self.perform(next)?;
                let broken = self.store.broken();
                if !broken.is_empty() {
                    return Err(broken.join("; "));
                }
                continue;
            }
            let next = self.next_time();
            match (end, next) {
                (None, _)
                    if !self.work.iter().any(|(_, work)| matches!(work, Work::Deliver(..)))
                        && !self.is_calm =>
                {
                    end = Some(self.calm_down()?);
                }
                (Some(end), Some(next)) if next > end => return self.close(end),
                (Some(end), None) => return self.close(end),
                (_, Some(next)) => self.pass(next - self.now),
                (None, None) => return Err("nothing is left to be done, and nothing is due".to_owned()),
            }
        }
        Err(format!("there is always something to do: {LONGEST} steps"))
    }

    fn close(&mut self, end: i64) -> Result<(), Failed> {
        self.pass(end - self.now);
        Ok(())
    }

    /// Ends the storm: nothing fails any more, and what was held goes on. Returns when the calm ends.
    fn calm_down(&mut self) -> Result<i64, Failed> {
        self.is_calm = true;
        self.weather.is_troubled = false;
        self.store.trouble(0, 0);
        if self.store.is_dead() {
            self.start()?;
        } else {
            self.store.revive();
        }
        self.calm_since = self.clock.now();
        self.say("calm");
        let filter = ExecutionFilter { status: Some(Status::Paused), ..ExecutionFilter::default() };
        let paused = self.store.executions(&filter, None, 10_000).map_err(text)?;
        for execution in paused.items {
            self.control(&execution.id, Control::Resume)?;
        }
        Ok(self.now + micros(CALM))
    }

    /// Starts a new process over the same store. It may end while it does.
    fn start(&mut self) -> Result<(), Failed> {
        for attempt in 0..100 {
            self.store.revive();
            if attempt > 3 {
                // Whoever looks after the disk does so in the end.
                self.store.trouble(0, 0);
            }
            if self.weather.releases > 0 {
                self.program = self.version();
            }
            self.driver = driver(&self.program, &self.store, &self.outside, &self.clock);
            self.work.retain(|(_, work)| matches!(work, Work::Deliver(..)));
            // Whoever sent something and heard nothing sends it again.
            for (at, work) in &mut self.work {
                if let Work::Deliver(events, _) = work {
                    events.clear();
                    *at = (*at).max(self.now);
                }
            }
            (self.fire_at, self.look_at, self.waking) = (Some(self.clock.now()), None, 0);
            if !self.is_calm && attempt < 8 && self.chance.chance(self.weather.crashes * 3) {
                self.store.crash_after(self.chance.below(6), self.chance.chance(500));
            }
            self.say("start");
            self.starts += 1;
            let Ok(effects) = self.driver.recover() else { continue };
            self.follow(effects);
            // What is left behind, however it is split up among pages.
            let Ok(left) = self.driver.store().unmatched(100_000) else { continue };
            for event in left {
                self.push(Work::Match(Box::new(event)), 0);
            }
            return Ok(());
        }
        Err("the process never came up".to_owned())
    }

    /// What happens beside the daemon's own work.
    fn happen(&mut self) -> Result<(), Failed> {
        let Weather { crashes, troubles, controls, jumps, releases, .. } = self.weather;
        if self.chance.chance(crashes) {
            // Between any two writes, and some time from now.
            self.store.crash_after(self.chance.below(8), self.chance.chance(500));
        }
        if self.chance.chance(troubles) {
            let rough = self.chance.below(3) * 100;
            self.store.trouble(rough, rough / 10);
        }
        if self.chance.chance(jumps) {
            self.jump();
        }
        if self.chance.chance(controls) {
            self.meddle()?;
        }
        if self.chance.chance(releases) {
            self.release();
        }
        if self.suite == Suite::Steps && self.chance.chance(15) {
            self.answer();
        }
        Ok(())
    }

    fn version(&mut self) -> Arc<Program> {
        self.chance.pick(&self.versions).cloned().unwrap_or_else(|| Arc::clone(&self.program))
    }

    /// Has another version of the rules run, for all events or for a part of them.
    fn release(&mut self) {
        let version = self.version();
        match self.chance.below(3) {
            0 => {
                let prepared = self.driver.prepare(version, TimeZone::UTC, FormerNames::default());
                self.driver.run_canary(prepared, 50);
                self.say("a canary begins");
            }
            1 => {
                self.driver.end_canary();
                self.say("the canary ends");
            }
            _ => {
                self.program = Arc::clone(&version);
                self.driver.load(version);
                self.say("other rules run");
                self.push(Work::Watch, 0);
            }
        }
    }

    /// Sets the clock.
    fn jump(&mut self) {
        let by = [1, 90, 3600, 3 * 3600].get(self.chance.below(4)).copied().unwrap_or(1);
        let is_back = self.chance.chance(400);
        self.is_set = true;
        self.is_put_back |= is_back;
        let by = SignedDuration::from_secs(if is_back { -by } else { by });
        self.clock.advance(by);
        self.say(&format!("the clock is set by {by:#}"));
        // Whoever sleeps looks at the clock within half a minute.
        self.fire_at = self.fire_at.map(|_| self.clock.now());
    }

    /// Somebody does something with an execution.
    fn meddle(&mut self) -> Result<(), Failed> {
        let Ok(page) = self.store.executions(&ExecutionFilter::default(), None, 60) else { return Ok(()) };
        let Some(execution) = page.items.get(self.chance.below(page.items.len())) else { return Ok(()) };
        let control = match self.chance.below(8) {
            0 => Control::Cancel { reason: Some("not wanted".into()) },
            1..=3 => Control::Pause,
            4..=5 => Control::Resume,
            6 => Control::Retry { skip: true },
            _ => Control::Retry { skip: false },
        };
        self.control(&execution.id, control)
    }

    fn control(&mut self, id: &ExecutionId, control: Control) -> Result<(), Failed> {
        // Where the store cannot be read now, the driver may read it a moment later.
        let has_not_failed =
            matches!(self.store.execution(id), Ok(Some(execution)) if execution.status != Status::Failed);
        if matches!(control, Control::Retry { .. }) && !has_not_failed {
            self.store.retried(id);
        }
        let said = format!("{control:?} {id}");
        match self.driver.control(id, control) {
            Ok(Ok((state, effects))) => {
                self.say(&format!("{said}: {}", state.status.as_str()));
                self.follow(effects);
            }
            Ok(Err(refused)) => self.say(&format!("{said}: {refused}")),
            Err(error) => self.say(&format!("{said}: {error}")),
        }
        Ok(())
    }

    /// Somebody answers a question, or two people do.
    fn answer(&mut self) {
        let Ok(waits) = self.store.waits_for(TASK_ANSWERED, None, 20) else { return };
        let Some(wait) = waits.get(self.chance.below(waits.len())) else { return };
        let Ok(Some(task)) = Task::of_wait(&*self.store, wait) else { return };
        for by in ["ada", "bob"].into_iter().take(1 + self.chance.below(2)) {
            let answer = TaskAnswer { approved: self.chance.chance(500), by, comment: None };
            let event = task.answer(&answer, self.clock.now());
            self.deliver(vec![event], Vec::new());
        }
    }

    /// Lets time pass.
    fn pass(&mut self, micros: i64) {
        self.now += micros.max(0);
        self.clock.advance(SignedDuration::from_micros(micros.max(0)));
    }

    /// Returns when there is something to be done next.
    fn next_time(&self) -> Option<i64> {
        let now = self.clock.now();
        let due = [self.fire_at.filter(|_| self.waking == 0), self.look_at];
        let due = due.into_iter().flatten().map(|at| self.now + micros(at.duration_since(now)).max(0));
        self.work.iter().map(|(at, _)| *at).chain(due).min()
    }

    /// Takes one of the things that can be done now.
    fn next_ready(&mut self) -> Option<Work> {
        let now = self.clock.now();
        let is_due = |at: Option<Timestamp>| at.is_some_and(|at| at <= now);
        let mut also = Vec::new();
        also.extend((is_due(self.fire_at) && self.waking == 0).then_some(Work::Fire));
        also.extend(is_due(self.look_at).then_some(Work::Look));
        let ready: Vec<usize> =
            (0..).zip(&self.work).filter(|(_, (at, _))| *at <= self.now).map(|(place, _)| place).collect();
        let chosen = self.chance.below(ready.len() + also.len());
        match ready.get(chosen) {
            Some(place) => Some(self.work.remove(*place).1),
            None => also.into_iter().nth(chosen - ready.len()),
        }
    }

    fn push(&mut self, work: Work, after: i64) {
        self.work.push((self.now + after, work));
    }

    /// Returns how long something takes, in microseconds: at once, or a while.
    fn delay(&mut self) -> i64 {
        let micros = match self.chance.below(4) {
            0 | 1 => 0,
            2 => self.chance.below(2_000_000),
            _ if self.weather.is_troubled => self.chance.below(600_000_000),
            _ => self.chance.below(10_000_000),
        };
        i64::try_from(micros).unwrap_or_default()
    }

    fn perform(&mut self, work: Work) -> Result<(), Failed> {
        match work {
            Work::Deliver(mut events, deliveries) => {
                events.extend(deliveries.iter().map(|delivery| delivery.at(self.clock.now())));
                self.deliver(events, deliveries);
            }
            Work::Match(event) => match self.driver.handle_event(&event) {
                Ok(handled) => {
                    let (started, resumed) = (handled.executions.len(), handled.resumed.len());
                    let ended = handled.stopped.len();
                    self.say(&format!(
                        "matched {} {}: {started} started, {resumed} resumed, {ended} ended",
                        event.event.name, event.event.id
                    ));
                    self.follow(handled.effects);
                }
                Err(error) => {
                    self.say(&format!("not matched {}: {error}", event.event.id));
                    self.again(Work::Match(event));
                }
            },
            Work::Call(call) => self.call(call)?,
            Work::Record(finished) => match self.driver.complete(finished.clone()) {
                Ok(effects) => {
                    self.say(&format!(
                        "recorded {}.{} of {}",
                        finished.sequence, finished.attempt, finished.execution
                    ));
                    self.calls.recorded(&finished);
                    self.follow(effects);
                }
                Err(error) => {
                    self.say(&format!("not recorded {}: {error}", finished.execution));
                    self.again(Work::Record(finished));
                }
            },
            Work::Wake(execution) => match self.driver.wake(&execution) {
                Ok(effects) => {
                    self.waking -= 1;
                    self.say(&format!("woke {execution}"));
                    self.follow(effects);
                }
                Err(error) => {
                    self.say(&format!("not woken {execution}: {error}"));
                    self.again(Work::Wake(execution));
                }
            },
            Work::Fire => self.fire(),
            Work::Watch => match self.driver.watch() {
                Ok(()) => (self.fire_at, self.look_at) = (Some(self.clock.now()), Some(self.clock.now())),
                Err(error) => {
                    self.say(&format!("what is watched for is not written: {error}"));
                    self.again(Work::Watch);
                }
            },
            Work::Look => match self.driver.look() {
                Ok(effects) => {
                    self.look_at = None;
                    self.say("looked");
                    self.follow(effects);
                }
                Err(error) => {
                    self.say(&format!("not looked: {error}"));
                    self.look_at = self.clock.now().saturating_add(SignedDuration::from_secs(1)).ok();
                }
            },
        }
        Ok(())
    }

    /// Does something again after a while, unless the process has ended.
    fn again(&mut self, work: Work) {
        if !self.store.is_dead() {
            self.push(work, 500_000);
        }
    }

    fn deliver(&mut self, events: Vec<NewEvent>, deliveries: Vec<Delivery>) {
        let ids: Vec<_> = events.iter().map(|event| (event.source.clone(), event.id.clone())).collect();
        match self.driver.accept(events) {
            Ok((_, new)) => {
                self.say(&format!("accepted {ids:?}, {} new", new.len()));
                self.acknowledged.extend(ids);
                for event in new {
                    let after = if self.chance.chance(200) { self.delay() } else { 0 };
                    self.push(Work::Match(Box::new(event)), after);
                }
            }
            Err(error) => {
                self.say(&format!("not accepted {ids:?}: {error}"));
                if !deliveries.is_empty() {
                    let after = self.delay() + 1_000_000;
                    self.push(Work::Deliver(Vec::new(), deliveries), after);
                }
            }
        }
    }

    fn fire(&mut self) {
        match self.driver.fire() {
            Ok(fired) => {
                self.waking = fired.executions.len();
                let sleep = self.clock.now().saturating_add(SLEEP).ok();
                self.fire_at = fired.next.or(sleep.filter(|_| !self.is_calm));
                if !fired.effects.is_empty() || !fired.executions.is_empty() {
                    self.say(&format!("fired {}, {} due", fired.effects.len(), fired.executions.len()));
                }
                self.follow(fired.effects);
                for execution in fired.executions {
                    self.push(Work::Wake(execution), 0);
                }
            }
            Err(error) => {
                self.say(&format!("not fired: {error}"));
                self.fire_at = self.clock.now().saturating_add(SignedDuration::from_secs(1)).ok();
            }
        }
    }

    /// Makes a call. What it does in the world is done now; what is heard of it comes later, if nothing comes in between.
    fn call(&mut self, call: Call) -> Result<(), Failed> {
        let fate = Fate::by_chance(&mut self.chance, self.weather.is_troubled);
        let (action, arguments) = (Arc::clone(&call.request.action), call.request.arguments.clone());
        self.say(&format!(
            "call {action} {}.{} of {}: {fate:?}, {}",
            call.sequence,
            call.request.attempt,
            call.execution,
            serde_json::Value::from(arguments)
        ));
        self.calls.made(&call, fate, &self.program, &self.store)?;
        self.outside.next(fate);
        let mut performing = self.driver.perform(call);
        let Poll::Ready(finished) = performing.as_mut().poll(&mut Context::from_waker(Waker::noop())) else {
            return Err("a call did not end at once".to_owned());
        };
        let after = self.delay();
        self.push(Work::Record(finished), after);
        Ok(())
    }

    fn follow(&mut self, effects: Vec<Effect>) {
        for effect in effects {
            match effect {
                Effect::Call(call) => {
                    let after = if self.chance.chance(200) { self.delay() } else { 0 };
                    self.push(Work::Call(call), after);
                }
                Effect::Handle(event) => self.push(Work::Match(event), 0),
                Effect::WakeAt { .. } => self.fire_at = Some(self.clock.now()),
                Effect::WatchAt(at) => {
                    self.look_at = Some(self.look_at.map_or(at, |known| known.min(at)));
                }
            }
        }
    }

    pub(super) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    pub(super) fn driver(&self) -> &Driver {
        &self.driver
    }

    pub(super) fn program(&self) -> &Arc<Program> {
        &self.program
    }

    fn say(&mut self, what: &str) {
        self.trace.push(format!("{} {what}", self.clock.now()));
    }
}

/// Returns a driver, as a process has it that has just begun.
pub(super) fn driver(
    program: &Arc<Program>,
    store: &Arc<Gated<Guarded>>,
    outside: &Outside,
    clock: &Arc<ManualClock>,
) -> Driver {
    Driver::new(
        Arc::clone(program),
        Arc::clone(store) as Arc<dyn Store>,
        Arc::clone(outside) as Arc<dyn Connector>,
        Arc::clone(clock) as Arc<dyn Clock>,
        TimeZone::UTC,
    )
}

fn micros(duration: SignedDuration) -> i64 {
    i64::try_from(duration.as_micros()).unwrap_or(i64::MAX)
}

pub(super) fn text(error: hence_engine::store::Error) -> Failed {
    error.to_string()
}
