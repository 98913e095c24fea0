//! The watches of a program, by the events they look at.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use hence_ir::{
    DateWatch, FieldCarrier, FieldCondition, FieldWatch, KeyedEvent, Level, Pattern, Program, Rest, Watch,
    WatchKind,
};
use hence_types::Value;
use hence_types::jiff::civil::Time;
use hence_types::jiff::tz::TimeZone;
use hence_vm::Projection;

use crate::Target;

/// The watches of a program.
#[derive(Default)]
pub(crate) struct Watches {
    /// What to do with an event, by its full name. Second events of patterns stand before first ones.
    pub(super) events: HashMap<Arc<str>, Roles>,
    /// What to do when a state is due, by the name of the watch.
    pub(super) due: HashMap<Arc<str>, Due>,
    /// The names of all that states are kept for.
    kept: BTreeSet<Arc<str>>,
}

/// What an event means to watches.
#[derive(Default)]
pub(super) struct Roles {
    pub(super) fields: Vec<Field>,
    pub(super) dates: Vec<DateField>,
    pub(super) second: Vec<Keyed>,
    pub(super) first: Vec<Keyed>,
}

/// The trigger of a rule, and what its events are made of.
#[derive(Clone)]
pub(super) struct Trigger {
    pub(super) target: Target,
    /// The full name of the events that it puts into the inbox.
    pub(super) event: Arc<str>,
    pub(super) zone: TimeZone,
}

/// A field that an event carries, read once for all triggers that watch it.
pub(super) struct Field {
    pub(super) carrier: FieldCarrier,
    pub(super) projection: Projection,
    /// What the values seen last are kept for; nothing where every event says what was before.
    pub(super) kept: Option<Arc<str>>,
    /// The same of the field that it is compared with.
    pub(super) kept_level: Option<Arc<str>>,
    pub(super) triggers: Vec<FieldTrigger>,
}

/// A trigger that watches a field.
pub(super) struct FieldTrigger {
    pub(super) trigger: Trigger,
    pub(super) condition: FieldCondition,
    /// What a stay is kept for.
    pub(super) stay: Option<Arc<str>>,
}

/// A date that an event carries.
pub(super) struct DateField {
    pub(super) carrier: FieldCarrier,
    pub(super) projection: Projection,
    /// What the time is kept for.
    pub(super) kept: Arc<str>,
    pub(super) length: Value,
    pub(super) before: bool,
    pub(super) at: Option<Time>,
    pub(super) zone: TimeZone,
}

/// An event of a pattern.
pub(super) struct Keyed {
    pub(super) projection: Projection,
    pub(super) watch: Arc<str>,
    pub(super) trigger: Trigger,
    pub(super) within: Value,
    pub(super) rest: Following,
}

/// What has to follow the first event.
#[derive(Clone)]
pub(super) enum Following {
    Absence,
    Times(u32),
    Sequence(Arc<str>),
}

/// What it means that a state is due.
pub(super) enum Due {
    /// A field stayed as it became.
    Stayed(Trigger),
    /// The time has come that a date says.
    DateHasCome(Trigger),
    /// Nothing followed.
    NothingFollowed(Trigger),
    /// It is of no use any more.
    Over,
}

impl Watches {
    /// Prepares the watches of a program whose rules run in a zone unless they say otherwise.
    pub(crate) fn new(program: &Program, zone: &TimeZone) -> Self {
        let mut watches = Watches::default();
        for rule in program.rules.iter().filter(|rule| !rule.header.disabled) {
            for Watch { trigger, kind } in &rule.watches {
                let Some(event) = rule.triggers.get(*trigger as usize) else { continue };
                let target = Target { rule: rule.name.clone(), trigger: *trigger };
                let trigger = Trigger { target, event: event.clone(), zone: rule.zone(zone).clone() };
                match kind {
                    WatchKind::Schedule(_) | WatchKind::Manual(_) => {}
                    WatchKind::Date(watch) => watches.add_date(watch, &trigger),
                    WatchKind::Field(watch) => watches.add_field(watch, &trigger),
                    WatchKind::Pattern(pattern) => watches.add_pattern(pattern, &trigger),
                }
            }
        }
        watches
    }

    /// Returns whether there are none.
    pub(crate) fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// Returns whether an event of this full name is looked at.
    pub(crate) fn look_at(&self, event: &str) -> bool {
        self.events.contains_key(event)
    }

    /// Returns the full names of the events that are looked at, in order.
    pub(crate) fn event_names(&self) -> Vec<Arc<str>> {
        let mut names: Vec<_> = self.events.keys().cloned().collect();
        names.sort();
        names
    }

    /// Returns the names of all that states are kept for, in order.
    pub(crate) fn kept(&self) -> Vec<Arc<str>> {
        self.kept.iter().cloned().collect()
    }

    fn add_field(&mut self, watch: &FieldWatch, trigger: &Trigger) {
        let FieldWatch { field, carriers, condition } = watch;
        let level = if let FieldCondition::Crosses { level: Level::Field(level), .. } = condition {
            Some(level)
        } else {
            None
        };
        let keeps = level.is_some() || carriers.iter().any(|carrier| carrier.old.is_none());
        let kept = keeps.then(|| Arc::from(format!("field {field}")));
        let kept_level = level.map(|level| Arc::from(format!("field {level}")));
        let stay = if let FieldCondition::Changes { from, to, stay: Some(_) } = condition {
            let Target { rule, trigger } = &trigger.target;
            let text = |value: &Option<Value>| value.as_ref().map_or(String::new(), super::payload::plain);
            Some(Arc::from(format!("stay {rule} {trigger} {field} {} {}", text(from), text(to))))
        } else {
            None
        };
        self.kept.extend(kept.iter().chain(&kept_level).chain(&stay).cloned());
        if let Some(stay) = &stay {
            self.due.insert(Arc::clone(stay), Due::Stayed(trigger.clone()));
        }
        for carrier in carriers {
            let fields = &mut self.events.entry(carrier.event.clone()).or_default().fields;
            let reads = format!("{carrier:?}{kept:?}{kept_level:?}");
            let same = |field: &&mut Field| {
                format!("{:?}{:?}{:?}", field.carrier, field.kept, field.kept_level) == reads
            };
            let watching =
                FieldTrigger { trigger: trigger.clone(), condition: condition.clone(), stay: stay.clone() };
            match fields.iter_mut().find(same) {
                Some(field) => field.triggers.push(watching),
                None => fields.push(Field {
                    projection: Projection::new(&carrier.plan),
                    carrier: carrier.clone(),
                    kept: kept.clone(),
                    kept_level: kept_level.clone(),
                    triggers: vec![watching],
                }),
            }
        }
    }

    fn add_date(&mut self, watch: &DateWatch, trigger: &Trigger) {
        let DateWatch { field, carriers, length, before, at, zone } = watch;
        let zone = zone.as_ref().unwrap_or(&trigger.zone);
        let Target { rule, trigger: place } = &trigger.target;
        let (word, zone_name) = (if *before { "before" } else { "after" }, zone.iana_name().unwrap_or("UTC"));
        let length_text = super::payload::plain(length);
        let kept: Arc<str> =
            format!("date {rule} {place} {length_text} {word} {field} {at:?} {zone_name}").into();
        self.kept.insert(Arc::clone(&kept));
        self.due.insert(Arc::clone(&kept), Due::DateHasCome(trigger.clone()));
        for carrier in carriers {
            self.events.entry(carrier.event.clone()).or_default().dates.push(DateField {
                projection: Projection::new(&carrier.plan),
                carrier: carrier.clone(),
                kept: Arc::clone(&kept),
                length: length.clone(),
                before: *before,
                at: *at,
                zone: zone.clone(),
            });
        }
    }

    fn add_pattern(&mut self, pattern: &Pattern, trigger: &Trigger) {
        let Pattern { first, within, rest } = pattern;
        let Target { rule, trigger: place } = &trigger.target;
        let (watch, following, second, due) = match rest {
            Rest::Without(second) => (
                format!("absence {rule} {place} {} {}", first.event, second.event),
                Following::Absence,
                Some(second),
                Due::NothingFollowed(trigger.clone()),
            ),
            Rest::Times(count) => {
                (format!("count {rule} {place} {}", first.event), Following::Times(*count), None, Due::Over)
            }
            Rest::FollowedBy(second, name) => (
                format!("sequence {rule} {place} {} {}", first.event, second.event),
                Following::Sequence(name.clone()),
                Some(second),
                Due::Over,
            ),
        };
        let watch: Arc<str> = watch.into();
        self.kept.insert(Arc::clone(&watch));
        self.due.insert(Arc::clone(&watch), due);
        let keyed = |event: &KeyedEvent| Keyed {
            projection: Projection::new(&event.plan),
            watch: Arc::clone(&watch),
            trigger: trigger.clone(),
            within: within.clone(),
            rest: following.clone(),
        };
        self.events.entry(first.event.clone()).or_default().first.push(keyed(first));
        if let Some(second) = second {
            self.events.entry(second.event.clone()).or_default().second.push(keyed(second));
        }
    }
}
