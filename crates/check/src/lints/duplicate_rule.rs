//! Rules that do the same under two names.

use std::collections::HashMap;

use hence_diagnostics::{Code, Diagnostic};
use hence_syntax::ast::{Item, ItemKind, Name};
use rayon::prelude::*;

use crate::condition::Scope;

/// Reports rules with the triggers, the condition and the steps of an earlier one.
pub(super) fn check(rules: &[(Scope<'_>, &Item)], diagnostics: &mut Vec<Diagnostic>) {
    let keys: Vec<Option<(String, &Name)>> = rules.par_iter().map(|(scope, item)| key(scope, item)).collect();
    let mut seen: HashMap<String, &Name> = HashMap::new();
    for (key, name) in keys.into_iter().flatten() {
        match seen.get(&key) {
            Some(first) => diagnostics.push(
                Diagnostic::new(
                    Code::DuplicateRule,
                    name.span,
                    format!("`{}` does the same as `{}`", name.text, first.text),
                )
                .label("same events, same condition, same steps")
                .secondary(first.span, "the other rule")
                .help("both run for each event, so everything is done twice"),
            ),
            None => {
                seen.insert(key, name);
            }
        }
    }
}

/// Returns a text that rules have in common if they do the same.
fn key<'e>(scope: &Scope<'_>, item: &'e Item) -> Option<(String, &'e Name)> {
    let ItemKind::Rule(rule) = &item.kind else { return None };
    let watched = &scope.facts.watched;
    let events = scope.facts.events.iter().zip(watched);
    let mut events: Vec<String> = events.map(|(event, watched)| format!("{event}{watched:?}")).collect();
    events.sort();
    let condition = rule.condition.as_ref().map(|condition| scope.key(condition));
    let then = scope.key_of_steps(&rule.then);
    let otherwise = rule.otherwise.as_deref().map(|steps| scope.key_of_steps(steps));
    let header = &scope.facts.header;
    let zone = header.zone.as_ref().and_then(|zone| zone.iana_name());
    let runs = (header.disabled, header.from, header.until, zone);
    let computed = rule.clauses.iter().filter(|clause| clause.kind.computed().is_some());
    let computed: Vec<String> = computed.map(|clause| scope.key_of_clause(&clause.kind)).collect();
    Some((format!("{events:?}{runs:?}{computed:?}{condition:?}{then}{otherwise:?}"), &rule.name))
}
