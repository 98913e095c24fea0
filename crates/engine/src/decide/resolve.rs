//! Which answers count: groups take one of their rules, and of rules that set one field the first in their order counts.

use std::cmp::Ordering;
use std::sync::Arc;

use hence_diagnostics::Code;
use hence_types::{Value, compare};

use super::walk::{Answers, Taken};
use super::{Answer, Decision, Effect, Overruled};
use crate::ExecutionError;

/// Adds to a decision what its rules say, which are in their order.
pub(super) fn resolve(said: Vec<Answers>, decision: &mut Decision) {
    let taken = take(&said, decision);
    let mut set: Vec<(Arc<str>, Arc<str>, u8)> = Vec::new();
    for (answers, counts) in said.into_iter().zip(taken) {
        if !counts {
            continue;
        }
        let mut own = Vec::new();
        for effect in answers.effects {
            if let Effect::Set { field, .. } = &effect {
                if let Some((_, by, priority)) = set.iter().find(|(before, ..)| before == field) {
                    let why = if *priority > answers.priority {
                        format!(
                            "`{by}` sets it with priority {priority}, which is higher than {}",
                            answers.priority
                        )
                    } else {
                        format!("`{by}` sets it, and comes first")
                    };
                    decision.overruled.push(Overruled {
                        rule: Arc::clone(&answers.rule),
                        field: Some(Arc::clone(field)),
                        by: Arc::clone(by),
                        group: None,
                        why,
                    });
                    continue;
                }
                own.push((Arc::clone(field), Arc::clone(&answers.rule), answers.priority));
            }
            decision.answers.push(Answer { rule: Arc::clone(&answers.rule), effect });
        }
        set.extend(own);
    }
}

/// Returns which rules count; those that do not are told.
fn take(said: &[Answers], decision: &mut Decision) -> Vec<bool> {
    let mut counts = vec![true; said.len()];
    let mut done: Vec<&Arc<str>> = Vec::new();
    for answers in said {
        let Some((group, _)) = &answers.group else { continue };
        if done.contains(&group) {
            continue;
        }
        done.push(group);
        let members: Vec<(usize, &Answers, &Taken)> = said
            .iter()
            .enumerate()
            .filter_map(|(at, answers)| {
                let (name, taken) = answers.group.as_ref()?;
                (name == group).then_some((at, answers, taken))
            })
            .collect();
        let Some(best) = winner(&members, decision) else { continue };
        for (at, answers, taken) in &members {
            if *at == best.0 {
                continue;
            }
            if let Some(count) = counts.get_mut(*at) {
                *count = false;
            }
            decision.overruled.push(Overruled {
                rule: Arc::clone(&answers.rule),
                field: None,
                by: Arc::clone(&best.1.rule),
                group: Some(Arc::clone(group)),
                why: why(group, &best.1.rule, best.2, taken),
            });
        }
    }
    counts
}

type Member<'a> = (usize, &'a Answers, &'a Taken);

/// Returns the rule that a group takes: the first, or the first with the greatest value. A rule whose value cannot be
/// compared with that of those before it fails.
fn winner<'a>(members: &[Member<'a>], decision: &mut Decision) -> Option<Member<'a>> {
    let (first, rest) = members.split_first()?;
    let mut best = *first;
    for member in rest {
        let (Taken::Best(value), Taken::Best(greatest)) = (member.2, best.2) else { continue };
        match (value, greatest) {
            (Value::Missing, _) => {}
            (_, Value::Missing) => best = *member,
            (value, greatest) => match compare(value, greatest) {
                Ok(Ordering::Greater) => best = *member,
                Ok(Ordering::Less | Ordering::Equal) => {}
                Err(_) => decision.failed.push((
                    Arc::clone(&member.1.rule),
                    ExecutionError {
                        code: Code::DecisionFault,
                        message: format!("{value} cannot be compared with {greatest} of `{}`", best.1.rule),
                    },
                )),
            },
        }
    }
    Some(best)
}

fn why(group: &str, by: &str, best: &Taken, taken: &Taken) -> String {
    match (best, taken) {
        (Taken::Best(greatest), Taken::Best(value)) => {
            let of =
                |value: &Value| if value.is_missing() { "nothing".to_owned() } else { value.to_string() };
            format!("group `{group}` takes the best: {} of `{by}`, against {}", of(greatest), of(value))
        }
        (Taken::First | Taken::Unique | Taken::Best(_), _) => {
            format!("group `{group}` takes one rule, and `{by}` comes first")
        }
    }
}
