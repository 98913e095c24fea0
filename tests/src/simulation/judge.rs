//! What must hold when all has come to its end.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use hence_engine::{
    Clock, Connector, Driver, Effect, EventFilter, EventSequence, EventState, Execution, ExecutionFilter,
    ExecutionId, ManualClock, Match, Status, StepRecord, StepStatus, Store, StoredEvent,
};
use hence_store::Memory;
use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};
use serde_json::Value as Json;

use super::daemon::{Daemon, text};
use super::outside::{Answering, Suite, keys_of};
use crate::case::Failed;

/// More than there ever are.
const ALL: usize = 1_000_000;

/// What stands in the store.
struct Stood<'a> {
    daemon: &'a Daemon,
    events: Vec<StoredEvent>,
    executions: Vec<Execution>,
}

pub(super) fn judge(daemon: &Daemon) -> Result<(), Failed> {
    let events = daemon.store.events(&EventFilter::default(), None, ALL).map_err(text)?.items;
    let executions = daemon.store.executions(&ExecutionFilter::default(), None, ALL).map_err(text)?.items;
    let stood = Stood { daemon, events, executions };
    stood.events_are_processed()?;
    stood.executions_end_or_wait()?;
    stood.results_are_kept()?;
    match daemon.suite {
        Suite::Steps => stood.events_are_heard()?,
        Suite::Pace => stood.pace_is_kept()?,
        Suite::Watches => stood.schedules_fired().and_then(|()| stood.watches_fired())?,
    }
    stood.what_is_old_can_go()
}

impl Stood<'_> {
    /// Every event that was acknowledged is there once, and is matched; each rule that it starts has one execution, and no
    /// other has.
    fn events_are_processed(&self) -> Result<(), Failed> {
        let mut ids = BTreeSet::new();
        for stored in &self.events {
            let event = &stored.event;
            if stored.state != EventState::Matched {
                return Err(format!("event {} {} is not matched", event.name, event.id));
            }
            if !ids.insert((event.source.clone(), event.id.clone())) {
                return Err(format!("event {} is there twice", event.id));
            }
        }
        if let Some((_, id)) = self.daemon.acknowledged.iter().find(|id| !ids.contains(id)) {
            return Err(format!("event {id} was acknowledged and is not there"));
        }
        let mut expected = BTreeSet::new();
        for event in &self.events {
            for verdict in self.daemon.driver().verdicts(event) {
                let Some(rule) = self.daemon.program().get(verdict.rule) else { continue };
                if let Match::Matched(_) | Match::Failed(_) = verdict.result {
                    expected.insert((ExecutionId::derive(event, &rule.name), Arc::clone(&rule.name)));
                }
            }
        }
        let found: BTreeSet<_> = self
            .executions
            .iter()
            .map(|execution| (execution.id.clone(), Arc::clone(&execution.rule)))
            .collect();
        if let Some((id, rule)) = expected.difference(&found).next() {
            return Err(format!("execution {id} of {rule} was never started"));
        }
        if let Some((id, rule)) = found.difference(&expected).next() {
            return Err(format!("execution {id} of {rule} was started for no reason"));
        }
        Ok(())
    }

    /// Executions have ended, or wait for something that is to come.
    fn executions_end_or_wait(&self) -> Result<(), Failed> {
        let now = self.daemon.now();
        for execution in &self.executions {
            let what = || {
                let Execution { id, rule, status, place, wake_at, .. } = execution;
                format!(
                    "execution {id} of {rule} is {} at step {place}, wakes at {wake_at:?}",
                    status.as_str()
                )
            };
            if !execution.status.is_ended() {
                let waits_on = execution.status == Status::Waiting
                    && execution.wake_at.is_some_and(|at| at > now)
                    && execution.started_at > self.daemon.calm_since;
                if !waits_on {
                    return Err(what());
                }
            } else if (execution.status == Status::Failed) != execution.error.is_some() {
                return Err(format!("{} and its error is {:?}", what(), execution.error));
            } else if execution.ended_at.is_none() || execution.wake_at.is_some() {
                return Err(format!("{} and ended at {:?}", what(), execution.ended_at));
            }
            let steps = self.daemon.store.steps(&execution.id).map_err(text)?;
            self.steps_follow(execution, &steps)?;
        }
        Ok(())
    }

    /// The steps of an execution are numbered through, and each attempt but the last was followed by another.
    fn steps_follow(&self, execution: &Execution, steps: &[StepRecord]) -> Result<(), Failed> {
        let what = |words: String| format!("execution {} of {}: {words}", execution.id, execution.rule);
        let mut attempts: BTreeMap<u32, Vec<&StepRecord>> = BTreeMap::new();
        for step in steps {
            attempts.entry(step.sequence).or_default().push(step);
        }
        if attempts.len() as u64 != u64::from(execution.steps) {
            return Err(what(format!("{} steps, of {}", attempts.len(), execution.steps)));
        }
        for (number, (sequence, attempts)) in (1..).zip(&attempts) {
            let numbers: Vec<u32> = attempts.iter().map(|step| step.attempt).collect();
            let expected: Vec<u32> = (1..=u32::try_from(attempts.len()).unwrap_or(u32::MAX)).collect();
            if number != *sequence || numbers != expected {
                return Err(what(format!("step {sequence} has the attempts {numbers:?}")));
            }
            let Some((last, before)) = attempts.split_last() else { continue };
            let is_retried = self.daemon.store.was_retried(&execution.id);
            if let Some(step) = before.iter().find(|step| step.status != StepStatus::Retrying && !is_retried)
            {
                return Err(what(format!(
                    "{sequence}.{} is {} and was followed",
                    step.attempt,
                    step.status.as_str()
                )));
            }
            if last.status == StepStatus::Started {
                return Err(what(format!("{sequence}.{} never ended", last.attempt)));
            }
        }
        Ok(())
    }

    /// What the driver took of calls stands in the store.
    fn results_are_kept(&self) -> Result<(), Failed> {
        for (attempt, is_done) in &self.daemon.calls.taken {
            let status = self.daemon.store.attempt(attempt).map(|(_, status)| status);
            let is_kept = match status {
                Some(StepStatus::Completed) => *is_done,
                Some(StepStatus::Failed | StepStatus::Retrying) => !is_done,
                Some(StepStatus::Started | StepStatus::Skipped) | None => false,
            };
            if !is_kept {
                let (execution, sequence, number) = attempt;
                return Err(format!(
                    "what came of {sequence}.{number} of {execution} is not kept: {status:?}"
                ));
            }
        }
        Ok(())
    }

    /// All that has ended can be deleted, and what is left can be taken up.
    fn what_is_old_can_go(&self) -> Result<(), Failed> {
        let (store, now) = (&self.daemon.store, self.daemon.now());
        while store.forget_executions(now, 7).map_err(text)? > 0 {}
        // What an event led to goes before it.
        for _ in 0..20 {
            let mut behind = Some(EventSequence(0));
            while let Some(place) = behind {
                behind = store.forget_events(now, place, 7).map_err(text)?.next;
            }
        }
        let left = store.executions(&ExecutionFilter::default(), None, ALL).map_err(text)?.items;
        let ended = left.iter().find(|execution| execution.ended_at.is_some_and(|ended_at| ended_at < now));
        if let Some(execution) = ended {
            return Err(format!("execution {} has ended and is kept", execution.id));
        }
        for execution in &left {
            if store.event(execution.event).map_err(text)?.is_none() {
                return Err(format!("the event of execution {} is gone", execution.id));
            }
        }
        if store.last_event()
            != Ok(self.events.iter().map(|stored| stored.sequence).max().unwrap_or_default())
        {
            return Err("the last event is gone".to_owned());
        }
        self.daemon.driver().recover().map(drop).map_err(text)
    }

    /// What waits for an event goes on with it, and what an event ends is ended, whatever came between the event and those who
    /// were to be told. Where the clock was set nobody can say what came in time.
    fn events_are_heard(&self) -> Result<(), Failed> {
        if self.daemon.is_set {
            return Ok(());
        }
        let number = |event: &StoredEvent, field: &str| {
            let payload: Json = serde_json::from_str(&event.event.payload).unwrap_or_default();
            payload.get(field).and_then(Json::as_u64)
        };
        let came = |name: &str, field: &'static str, order: Option<u64>, from: Timestamp, to: Timestamp| {
            let mut named = self.events.iter().filter(|stored| *stored.event.name == *name);
            named.any(|stored| {
                let at = stored.event.received_at;
                number(stored, field) == order && from < at && at < to
            })
        };
        // Calls before it, and matching, take a while.
        let after =
            |at: Timestamp, minutes: i64| at.saturating_add(SignedDuration::from_mins(minutes)).unwrap_or(at);
        for execution in self.executions.iter().filter(|execution| execution.status == Status::Completed) {
            let (Some(started), Some(ended)) =
                (self.events.iter().find(|stored| stored.sequence == execution.event), execution.ended_at)
            else {
                continue;
            };
            let (order, from) = (number(started, "id"), after(execution.started_at, 30));
            match &*execution.rule {
                "win_back" if came("shop.order.cancelled", "id", order, from, after(ended, -30)) => {
                    return Err(format!("{} went on although its order was cancelled", execution.id));
                }
                "chase" if came("shop.payment.received", "order_id", order, from, after(from, 300)) => {
                    let steps = self.daemon.store.steps(&execution.id).map_err(text)?;
                    if steps.iter().all(|step| &*step.action != "crm.add_tag") {
                        return Err(format!("{} did not hear of the payment", execution.id));
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn of_rule(&self, rule: &str) -> impl Iterator<Item = &Execution> {
        self.executions.iter().filter(move |execution| &*execution.rule == rule)
    }

    fn pace_is_kept(&self) -> Result<(), Failed> {
        let mut first: BTreeMap<&str, u32> = BTreeMap::new();
        for execution in self.of_rule("once_each") {
            let begun = first.entry(keys_of(&execution.event_id).1).or_default();
            *begun += u32::from(execution.status.is_begun());
        }
        if let Some((customer, times)) = first.iter().find(|(_, times)| **times != 1) {
            return Err(format!("`once per` customer {customer} ran {times} times"));
        }
        let mut limited: BTreeMap<&str, Vec<Timestamp>> = BTreeMap::new();
        for execution in self.of_rule("limited").filter(|execution| execution.status.is_begun()) {
            limited.entry(keys_of(&execution.event_id).1).or_default().push(execution.started_at);
        }
        for (customer, mut times) in limited {
            times.sort();
            let too_many = times.windows(3).find(|times| match times {
                [first, _, third] => third.duration_since(*first) < SignedDuration::from_hours(1),
                _ => false,
            });
            if let Some(times) = too_many {
                return Err(format!("`limit 2 per 1 h`: customer {customer} at {times:?}"));
            }
        }
        // Of each cart the last event ran, whatever was held before it.
        let mut last: BTreeMap<&str, &Execution> = BTreeMap::new();
        for execution in self.of_rule("quiet") {
            let known = last.entry(keys_of(&execution.event_id).0).or_insert(execution);
            if known.event < execution.event {
                *known = execution;
            }
        }
        let left_out = last.values().find(|execution| execution.status == Status::Skipped);
        left_out
            .map_or(Ok(()), |execution| Err(format!("`debounce` left out the last, {}", execution.event_id)))
    }

    /// Every time at which the schedule that makes up for all was due started its rule, once; the nightly one of every
    /// night of the calm did.
    fn schedules_fired(&self) -> Result<(), Failed> {
        let due = |rule: &str| {
            let mut times: Vec<Timestamp> = Vec::new();
            for stored in &self.events {
                let is_of_rule = stored.event.target.as_ref().is_some_and(|target| *target.rule == *rule);
                let payload: Json = serde_json::from_str(&stored.event.payload).unwrap_or_default();
                let due = payload.get("due").and_then(Json::as_str);
                let due: Option<Timestamp> = due.and_then(|due| due.parse().ok());
                times.extend(due.filter(|_| is_of_rule));
            }
            times.sort();
            times
        };
        const SIX_HOURS: i64 = 6 * 3600;
        let (from, to) = (self.daemon.started_at.as_second(), self.daemon.now().as_second());
        let expected: Vec<i64> =
            (from / SIX_HOURS + 1..=to / SIX_HOURS).map(|number| number * SIX_HOURS).collect();
        let found: Vec<i64> = due("six_hourly").iter().map(|due| due.as_second()).collect();
        if found != expected {
            return Err(format!("every 6 hours was due at {found:?}, and not at {expected:?}"));
        }
        let berlin = TimeZone::get("Europe/Berlin").map_err(|error| error.to_string())?;
        let nights: Vec<_> = due("nightly").iter().map(|due| due.to_zoned(berlin.clone()).date()).collect();
        if nights.windows(2).any(|nights| nights.first() == nights.last()) {
            return Err(format!("two times in a night: {nights:?}"));
        }
        let calm = self.daemon.calm_since.to_zoned(berlin).date();
        let in_calm = nights.iter().filter(|night| **night > calm).count();
        if in_calm < 6 { Err(format!("every night of a week was due at {nights:?}")) } else { Ok(()) }
    }

    /// The watches found in the inbox what they find when it is read at once, by a daemon that nothing happens to. Where
    /// the clock was put back this is another matter: what was due once does not become undue.
    fn watches_fired(&self) -> Result<(), Failed> {
        if self.daemon.is_put_back {
            return Ok(());
        }
        let clock = Arc::new(ManualClock::new(self.daemon.now()));
        let driver = Driver::new(
            Arc::clone(self.daemon.program()),
            Arc::new(Memory::new()),
            Arc::new(Answering::default()) as Arc<dyn Connector>,
            Arc::clone(&clock) as Arc<dyn Clock>,
            TimeZone::UTC,
        );
        let mut outer: Vec<_> = self.events.iter().filter(|stored| stored.event.target.is_none()).collect();
        outer.sort_by_key(|stored| stored.sequence);
        driver.accept(outer.iter().map(|stored| stored.event.clone()).collect()).map_err(text)?;
        let now = self.daemon.now();
        for _ in 0..ALL {
            let effects = driver.look().map_err(text)?;
            let is_more = effects.iter().any(|effect| matches!(effect, Effect::WatchAt(at) if *at <= now));
            if !is_more {
                break;
            }
        }
        let watched = |events: &[StoredEvent]| -> BTreeSet<(Arc<str>, Arc<str>)> {
            let addressed = events.iter().filter_map(|stored| {
                let target = stored.event.target.as_ref()?;
                let is_schedule = &*stored.event.name == "hence.schedule.due";
                (!is_schedule).then(|| (Arc::clone(&target.rule), Arc::clone(&stored.event.payload)))
            });
            addressed.collect()
        };
        let expected = driver.store().events(&EventFilter::default(), None, ALL).map_err(text)?.items;
        let (expected, found) = (watched(&expected), watched(&self.events));
        if let Some((rule, payload)) = expected.difference(&found).next() {
            return Err(format!("the trigger of {rule} was not seen: {payload}"));
        }
        match found.difference(&expected).next() {
            Some((rule, payload)) => {
                Err(format!("the trigger of {rule} was seen where there was none: {payload}"))
            }
            None => Ok(()),
        }
    }
}
