//! Groups of decisions, and what rules of one entry point do to each other: groups that cannot be resolved, rules of a
//! unique group that may match together, and rules that set one field to different values with nothing to tell which
//! of them counts.

use std::collections::BTreeMap;

use hence_diagnostics::{Diagnostic, Span};
use hence_syntax::Parsed;
use hence_syntax::ast::{Expression, Group, ItemKind, Resolution, Rule, Step, StepKind};
use hence_types::jiff::tz::TimeZone;

use crate::condition::{Claim, Scope, together};
use crate::declarations::{Declarations, ItemPlace, item};
use crate::errors::decision::{ConflictingSet, GroupShape, NotUnique};
use crate::facts::Facts;
use crate::rule::stops;

/// More pairs of rules that set one field at one priority are not compared with each other.
const MOST_PAIRS: usize = 100_000;

/// A rule of an entry point, without errors.
struct Decision<'a> {
    scope: Scope<'a>,
    rule: &'a Rule,
    entry_point: &'a str,
    group: Option<&'a str>,
}

/// A place where a rule sets a field, and what holds there.
struct Setting<'a> {
    decision: usize,
    /// Whether it is set where the condition holds: a group takes one of these rules, and none of the others.
    in_then: bool,
    span: Span,
    value: &'a Expression,
    claims: Vec<Claim<'a>>,
}

/// Checks the groups and the rules of entry points. `items` are all of these, in order; there may be others with them.
pub(crate) fn check(
    files: &[Parsed],
    declarations: &Declarations,
    items: &[(ItemPlace, &Facts)],
    zone: &TimeZone,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut decisions = Vec::new();
    let mut groups: BTreeMap<&str, &Group> = BTreeMap::new();
    for (place, facts) in items {
        let Some(item) = item(files, *place) else { continue };
        if let ItemKind::Group(group) = &item.kind
            && !item.guessed
        {
            groups.insert(&group.name.text, group);
        }
        if let (ItemKind::Rule(rule), Some(entry_point), false) =
            (&item.kind, &facts.entry_point, facts.broken)
            && !facts.header.disabled
        {
            let scope = Scope { facts, declarations, files, zone };
            let group = facts.header.group.as_deref();
            decisions.push(Decision { scope, rule, entry_point, group });
        }
    }
    for group in groups.values() {
        let is_broken = |place: &crate::ItemPlace| {
            let at = items.binary_search_by_key(place, |(place, _)| *place);
            at.ok().and_then(|at| items.get(at)).is_some_and(|(_, facts)| facts.broken)
        };
        let members = declarations.groups.get(&group.name.text).map_or(&[][..], |members| &members.rules);
        // What starts a rule with an error may be what the error is about.
        if !members.iter().any(|(place, _)| is_broken(place)) {
            shape(group, declarations, files, diagnostics);
        }
        if let Resolution::Unique = group.resolution {
            unique(group, &decisions, diagnostics);
        }
    }
    conflicts(&decisions, &groups, declarations, diagnostics);
}

/// Reports a group without rules, or with rules that cannot be resolved together.
fn shape(group: &Group, declarations: &Declarations, files: &[Parsed], diagnostics: &mut Vec<Diagnostic>) {
    let name = &group.name;
    let Some(members) = declarations.groups.get(&name.text) else {
        diagnostics.push(
            GroupShape {
                message: format!("no rule is in the group `{}`", name.text),
                span: name.span,
                label: format!("a rule joins it by `group {}` in its header", name.text),
                other: None,
            }
            .into(),
        );
        return;
    };
    if matches!(group.resolution, Resolution::All) || members.entry_point().is_some() {
        return;
    }
    let rule = |place: ItemPlace| {
        let kind = item(files, place).map(|item| &item.kind);
        if let Some(ItemKind::Rule(rule)) = kind { Some(rule) } else { None }
    };
    let trigger = |place| rule(place).and_then(|rule| rule.triggers.first()).map(|trigger| trigger.span);
    let message = format!("the group `{}` cannot be resolved", name.text);
    let other = members.rules.iter().find(|(_, entry_point)| entry_point.is_none());
    let (label, other) = match other {
        Some((place, _)) => (
            "only decisions are resolved: they answer a caller".to_owned(),
            trigger(*place).map(|span| (span, "started by something else".to_owned())),
        ),
        None => {
            let first = members.rules.first().and_then(|(_, entry_point)| entry_point.as_deref());
            let other = members.rules.iter().find(|(_, entry_point)| entry_point.as_deref() != first);
            let place = other.and_then(|(place, _)| trigger(*place));
            let first = first.unwrap_or_default();
            (
                "its rules answer different callers".to_owned(),
                place.map(|span| (span, format!("others of its rules are of `{first}`"))),
            )
        }
    };
    diagnostics.push(GroupShape { message, span: name.span, label, other }.into());
}

/// Reports pairs of rules of a unique group that may match together.
fn unique(group: &Group, decisions: &[Decision<'_>], diagnostics: &mut Vec<Diagnostic>) {
    let members: Vec<&Decision<'_>> =
        decisions.iter().filter(|decision| decision.group == Some(&group.name.text)).collect();
    for (at, second) in members.iter().enumerate() {
        for first in members.iter().take(at) {
            if first.entry_point != second.entry_point {
                continue;
            }
            let claims = [first, second].map(|decision| {
                (decision.scope, decision.rule.condition.iter().map(|c| (c, true)).collect())
            });
            let Some(example) = overlap(claims) else { continue };
            let places = [first, second].map(|decision| {
                decision.rule.condition.as_ref().map_or(decision.rule.name.span, |condition| condition.span)
            });
            diagnostics.push(
                NotUnique {
                    group: group.name.text.clone(),
                    rules: (first.rule.name.text.clone(), second.rule.name.text.clone()),
                    places: (places[0], places[1]),
                    declared: group.span,
                    example: Some(example).filter(|example| !example.is_empty()),
                }
                .into(),
            );
            // One pair tells enough of this rule.
            break;
        }
    }
}

/// Returns words for where both claims hold, possibly none; nothing where it is proved that they do not.
fn overlap(claims: [(Scope<'_>, Vec<Claim<'_>>); 2]) -> Option<String> {
    let [first, second] = &claims;
    // Days differ by zone, so nothing is proved of them between zones.
    let zones = [first, second].map(|(scope, _)| scope.facts.header.zone.as_ref());
    if zones[0] != zones[1] {
        return Some(String::new());
    }
    together(&claims)
}

/// Reports pairs of rules that set a field to different values at one priority, unless a group resolves them.
fn conflicts(
    decisions: &[Decision<'_>],
    groups: &BTreeMap<&str, &Group>,
    declarations: &Declarations,
    diagnostics: &mut Vec<Diagnostic>,
) {
    let mut settings: BTreeMap<(&str, String, u8), Vec<Setting<'_>>> = BTreeMap::new();
    for (index, decision) in decisions.iter().enumerate() {
        let mut found = Vec::new();
        let condition = decision.rule.condition.as_ref();
        let mut claims: Vec<Claim<'_>> = condition.map(|condition| (condition, true)).into_iter().collect();
        collect((index, true), &decision.rule.then, &mut claims, &mut found);
        let mut claims: Vec<Claim<'_>> = condition.map(|condition| (condition, false)).into_iter().collect();
        let otherwise = decision.rule.otherwise.as_deref().unwrap_or_default();
        collect((index, false), otherwise, &mut claims, &mut found);
        for (field, setting) in found {
            let key = (decision.entry_point, field, decision.scope.facts.priority);
            settings.entry(key).or_default().push(setting);
        }
    }
    for ((_, field, priority), settings) in &settings {
        let mut told: Vec<usize> = Vec::new();
        let pairs = settings
            .iter()
            .enumerate()
            .flat_map(|(at, second)| settings.iter().take(at).map(move |first| (first, second)));
        for (first, second) in pairs.take(MOST_PAIRS) {
            let (Some(one), Some(other)) = (decisions.get(first.decision), decisions.get(second.decision))
            else {
                continue;
            };
            if first.decision == second.decision
                || told.contains(&second.decision)
                || first.in_then && second.in_then && resolved(one, other, groups, declarations)
                || same_value(one, first, other, second)
                || overlap([(one.scope, first.claims.clone()), (other.scope, second.claims.clone())])
                    .is_none()
            {
                continue;
            }
            told.push(second.decision);
            diagnostics.push(
                ConflictingSet {
                    field: field.clone(),
                    rules: (one.rule.name.text.clone(), other.rule.name.text.clone()),
                    places: (first.span, second.span),
                    priority: *priority,
                }
                .into(),
            );
        }
    }
}

/// Collects the fields that steps set, each with what holds where it does.
fn collect<'a>(
    of: (usize, bool),
    steps: &'a [Step],
    claims: &mut Vec<Claim<'a>>,
    found: &mut Vec<(String, Setting<'a>)>,
) {
    let before = claims.len();
    for step in steps {
        if let StepKind::Set { target, value, .. } = &step.kind {
            let (decision, in_then) = of;
            let setting = Setting { decision, in_then, span: step.span, value, claims: claims.clone() };
            found.push((target.text(), setting));
        } else if let StepKind::If { condition, then, otherwise } = &step.kind {
            claims.push((condition, true));
            collect(of, &then.steps, claims, found);
            claims.pop();
            claims.push((condition, false));
            collect(of, otherwise.as_ref().map_or(&[], |block| &block.steps), claims, found);
            claims.pop();
            match (stops(then), otherwise.as_ref().is_some_and(stops)) {
                (true, false) => claims.push((condition, false)),
                (false, true) => claims.push((condition, true)),
                (true, true) | (false, false) => {}
            }
        } else {
            step.blocks().for_each(|block| collect(of, &block.steps, claims, found));
        }
    }
    claims.truncate(before);
}

/// Whether a group takes one of two rules alone, or may do so and cannot be read.
fn resolved(
    one: &Decision<'_>,
    other: &Decision<'_>,
    groups: &BTreeMap<&str, &Group>,
    declarations: &Declarations,
) -> bool {
    let (Some(name), true) = (one.group, one.group == other.group) else { return false };
    match groups.get(name).map(|group| &group.resolution) {
        Some(Resolution::All) => false,
        Some(Resolution::First | Resolution::Unique | Resolution::Best(_)) => true,
        None => declarations.is_unread(name),
    }
}

fn same_value(one: &Decision<'_>, first: &Setting<'_>, other: &Decision<'_>, second: &Setting<'_>) -> bool {
    match (one.scope.value(first.value), other.scope.value(second.value)) {
        (Some(first), Some(second)) => hence_types::equal(&first, &second),
        (_, _) => false,
    }
}
