//! What is watched for the triggers of rules, as pure computation: what to wait for at the beginning, and what a firing
//! puts into the inbox. One file per kind of watch.

mod schedule;

use std::sync::Arc;

use hence_ir::{Program, Rule, Watch, WatchKind};
use hence_types::jiff::Timestamp;
use hence_types::jiff::tz::TimeZone;

use crate::{NewEvent, Target, Timer, Watched};

/// The source of the events that the engine itself puts into the inbox.
const SOURCE: &str = "hence";

/// What comes of a timer that is due.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Firing {
    /// What to put into the inbox.
    pub(crate) events: Vec<NewEvent>,
    /// The timer with its next time; none if it is done with.
    pub(crate) next: Option<Timer>,
}

/// Returns all that the rules ask to be watched, with the rule and the watch. Rules that are disabled ask for nothing.
pub(crate) fn wanted<'p>(program: &'p Program, zone: &TimeZone) -> Vec<(Watched, &'p Rule, &'p Watch)> {
    let rules = program.rules.iter().filter(|rule| !rule.header.disabled);
    let watches = rules.flat_map(|rule| rule.watches.iter().map(move |watch| (rule, watch)));
    let wanted = watches.filter_map(|(rule, watch)| {
        let target = Target { rule: Arc::clone(&rule.name), trigger: watch.trigger };
        let zone = rule.zone(zone).iana_name().unwrap_or("UTC");
        let what = match &watch.kind {
            WatchKind::Schedule(schedule) => format!("{schedule}, rule in {zone:?}"),
            // Events have states of their own, see `watch`; a person is not watched.
            WatchKind::Field(_) | WatchKind::Pattern(_) | WatchKind::Date(_) | WatchKind::Manual(_) => {
                return None;
            }
        };
        Some((Watched { target, what: what.into() }, rule, watch))
    });
    wanted.collect()
}

/// Returns the timer with which watching begins.
pub(crate) fn begin(
    target: &Target,
    rule: &Rule,
    watch: &Watch,
    now: Timestamp,
    zone: &TimeZone,
) -> Option<Timer> {
    match &watch.kind {
        WatchKind::Schedule(schedule) => schedule::begin(target, schedule, now, rule.zone(zone)),
        WatchKind::Field(_) | WatchKind::Pattern(_) | WatchKind::Date(_) | WatchKind::Manual(_) => None,
    }
}

/// Returns what comes of a timer that is due. While the rule is not active, nothing is put into the inbox.
pub(crate) fn fire(timer: &Timer, rule: &Rule, watch: &Watch, now: Timestamp, zone: &TimeZone) -> Firing {
    let Some(name) = rule.triggers.get(watch.trigger as usize) else { return Firing::default() };
    let mut firing = match &watch.kind {
        WatchKind::Schedule(schedule) => schedule::fire(timer, schedule, name, now, rule.zone(zone)),
        WatchKind::Field(_) | WatchKind::Pattern(_) | WatchKind::Date(_) | WatchKind::Manual(_) => {
            Firing::default()
        }
    };
    if !rule.header.is_active(now) {
        firing.events.clear();
    }
    firing
}
