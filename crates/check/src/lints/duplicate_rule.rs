//! Rules that do the same under two names.

use std::hash::{DefaultHasher, Hash, Hasher};

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{Item, ItemKind, Name};

use crate::condition::Scope;

/// Reports a rule with the triggers, the condition and the steps of an earlier one.
pub(crate) fn duplicate_rule(name: &Name, first: &Name) -> Diagnostic {
    Diagnostic::new(
        Code::DuplicateRule,
        name.span,
        format!("`{}` does the same as `{}`", name.text, first.text),
    )
    .label("same events, same condition, same steps")
    .secondary(first.span, "the other rule")
    .help("both run for each event, so everything is done twice")
}

/// Returns a number that rules have in common if they do the same.
pub(super) fn sameness(scope: &Scope<'_>, item: &Item) -> Option<u128> {
    let ItemKind::Rule(rule) = &item.kind else { return None };
    let watched = &scope.facts.watched;
    let events = scope.facts.events.iter().zip(watched).enumerate();
    let schedules = &scope.facts.schedules;
    let mut events: Vec<String> = events
        .map(|(place, (event, watched))| format!("{event}{watched:?}{:?}", schedules.get(&place)))
        .collect();
    events.sort();
    let condition = rule.condition.as_ref().map(|condition| scope.key(condition));
    let then = scope.key_of_steps(&rule.then);
    let otherwise = rule.otherwise.as_deref().map(|steps| scope.key_of_steps(steps));
    let header = &scope.facts.header;
    let zone = header.zone.as_ref().and_then(|zone| zone.iana_name());
    let runs = (header.disabled, header.from, header.until, zone);
    let computed = rule.clauses.iter().filter(|clause| clause.kind.computed().is_some());
    let computed: Vec<String> = computed.map(|clause| scope.key_of_clause(&clause.kind)).collect();
    let text = format!("{events:?}{runs:?}{computed:?}{condition:?}{then}{otherwise:?}");
    // Two halves of 64 bits that are hashed apart: that they agree by chance need not be reckoned with.
    let half = |number: u8| {
        let mut hasher = DefaultHasher::new();
        (number, &text).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    Some(half(0) << 64 | half(1))
}
