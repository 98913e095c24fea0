//! The printed form of IR, stable enough for snapshots: [`print`](print()).
//!
//! ```text
//! rule vip_customer "VIP customer" priority 5
//! when shop.order.created
//! slots
//!   s0 total: money (EUR), text in EUR
//!   s1 customer.tags: list<string>
//! if
//!   (and (> s0:total [1000.00 EUR]) (not (in ["vip"] s1:customer.tags)))
//! then
//!   0 act crm.add_tag, idempotent
//!       user: s2:customer.id
//!       tag: ["vip"]
//! ```
//!
//! Expressions are printed as trees in parentheses: constants in brackets, slots with their path, locals as
//! `l0`. What a damaged program refers to in vain is printed as `?`, with its number. This file knows how IR
//! looks, not what it means.

mod expression;
mod pace;
mod watch;

use std::fmt::{self, Write};

use hence_types::{Amount, CurrencySource, Wire};

use crate::{
    Argument, Await, Class, ConstantId, Effect, Header, Key, LocalId, NodeId, OnError, Plan, Policy,
    Quantifier, Question, Resolution, Retry, Returned, Rule, RuleId, Slot, SlotId, Source, Step,
};
use expression::Tree;

/// Returns the printed form of a rule, ending with a line break.
pub fn print(rule: &Rule) -> String {
    let mut out = String::new();
    // Writing to a string cannot fail.
    let _ = write_rule(&mut out, rule);
    out
}

fn write_rule(out: &mut String, rule: &Rule) -> fmt::Result {
    write!(out, "rule {}", rule.name)?;
    if !rule.title.is_empty() {
        write!(out, " {:?}", rule.title)?;
    }
    writeln!(out, " priority {}", rule.priority)?;
    write_header(out, rule)?;
    writeln!(out, "when {}", rule.triggers.join(" or "))?;
    for watch in &rule.watches {
        write!(out, "{watch}")?;
    }
    write!(out, "{}", rule.plan)?;
    if rule.locals > 0 {
        writeln!(out, "locals {}", rule.locals)?;
    }
    if let Some(condition) = rule.condition {
        writeln!(out, "if")?;
        Tree::of(rule, condition).write(out, 2)?;
        writeln!(out)?;
    }
    writeln!(out, "then")?;
    write_steps(out, rule, &rule.then)?;
    if let Some(otherwise) = &rule.otherwise {
        writeln!(out, "otherwise")?;
        write_steps(out, rule, otherwise)?;
    }
    Ok(())
}

fn write_header(out: &mut String, rule: &Rule) -> fmt::Result {
    let Header { disabled, owner, tags, zone, from, until, exits, pace } = &rule.header;
    if *disabled {
        writeln!(out, "disabled")?;
    }
    if let Some(owner) = owner {
        writeln!(out, "owner {owner:?}")?;
    }
    if !tags.is_empty() {
        writeln!(out, "tags {tags:?}")?;
    }
    if let Some(name) = zone.as_ref().and_then(|zone| zone.iana_name()) {
        writeln!(out, "timezone {name:?}")?;
    }
    if let Some(from) = from {
        writeln!(out, "active from {from}")?;
    }
    if let Some(until) = until {
        writeln!(out, "active until {until}")?;
    }
    for exit in exits {
        write!(out, "until ")?;
        write_await(out, rule, exit)?;
        writeln!(out)?;
    }
    pace::write(out, rule, pace)
}

fn write_steps(out: &mut String, rule: &Rule, steps: &[Step]) -> fmt::Result {
    for (place, step) in steps.iter().enumerate() {
        write!(out, "  {place} ")?;
        match step {
            Step::Act { action, class, arguments, result, policy, span: _ } => {
                write!(out, "act {action}, {class}{policy}")?;
                if let Some(Returned { local, ty, wire }) = result {
                    write!(out, ", into {local}: {ty}")?;
                    write_spelling(out, wire)?;
                }
                for argument in arguments {
                    write_argument(out, rule, argument)?;
                }
            }
            Step::Let { local, value, span: _ } => {
                write!(out, "let {local} = ")?;
                Tree::of(rule, *value).write_inline(out, 6)?;
            }
            Step::Branch { condition, otherwise, span: _ } => {
                write!(out, "unless ")?;
                Tree::of(rule, *condition).write_inline(out, 6)?;
                write!(out, " go to {otherwise}")?;
            }
            Step::Jump(place) => write!(out, "go to {place}")?,
            Step::Stop { span: _ } => write!(out, "stop")?,
            Step::StopAll { span: _ } => write!(out, "stop all")?,
            Step::Wait { time, span: _ } => {
                write!(out, "wait ")?;
                Tree::of(rule, *time).write_inline(out, 6)?;
            }
            Step::Each { list, position, element, end, span: _ } => {
                write!(out, "let {element} = next of {list} at {position}, or go to {end}")?;
            }
            Step::Answer { effect, span: _ } => write_effect(out, rule, effect)?,
            Step::Resolve { group, resolution } => {
                write!(out, "resolve {group} by ")?;
                match resolution {
                    Resolution::First => write!(out, "first")?,
                    Resolution::Unique => write!(out, "unique")?,
                    Resolution::Best(value) => {
                        write!(out, "best ")?;
                        Tree::of(rule, *value).write_inline(out, 6)?;
                    }
                }
            }
            Step::Attempt { end, handler, error, span: _ } => {
                write!(out, "attempt up to {end}, or go to {handler}")?;
                if let Some(error) = error {
                    write!(out, " with {error}")?;
                }
            }
            Step::Await(wait) => {
                write!(out, "await ")?;
                write_await(out, rule, wait)?;
            }
            Step::Parallel { strands, end, span: _ } => {
                let strands: Vec<String> = strands.iter().map(u32::to_string).collect();
                write!(out, "strands from {}, then go to {end}", strands.join(", "))?;
            }
            Step::Batches { list, position, element, at_a_time, end, span: _ } => {
                write!(out, "strands with {element} = each of {list} at {position}, ")?;
                write!(out, "{at_a_time} at a time, then go to {end}")?;
            }
            Step::Join => write!(out, "join")?,
            Step::Emit { event, fields, span: _ } => {
                write!(out, "emit {event}")?;
                for field in fields {
                    write_argument(out, rule, field)?;
                }
            }
        }
        writeln!(out)?;
    }
    Ok(())
}

fn write_await(out: &mut String, rule: &Rule, wait: &Await) -> fmt::Result {
    let Await { event, other, key, condition, limit, result, question, span: _ } = wait;
    write!(out, "{event}")?;
    if let Some(Question { role, text }) = question {
        write!(out, ", asking {role:?}")?;
        if let Some(result) = result {
            write!(out, ", into {result}")?;
        }
        for (word, node) in [("question", Some(text)), ("up to", limit.as_ref())] {
            if let Some(node) = node {
                write!(out, "\n      {word} ")?;
                Tree::of(rule, *node).write_inline(out, 8)?;
            }
        }
        return Ok(());
    }
    // A variable that nothing reads is none.
    if condition.is_some() || result.is_some() {
        write!(out, " as {}: {}", other.local, other.ty)?;
        write_spelling(out, &other.wire)?;
    }
    if let Some(result) = result {
        write!(out, ", into {result}")?;
    }
    if let Some(Key { field, value }) = key {
        write!(out, "\n      by {} = ", Source::Payload(field.clone()))?;
        Tree::of(rule, *value).write_inline(out, 8)?;
    }
    for (word, node) in [("where", condition), ("up to", limit)] {
        if let Some(node) = node {
            write!(out, "\n      {word} ")?;
            Tree::of(rule, *node).write_inline(out, 8)?;
        }
    }
    Ok(())
}

fn write_argument(out: &mut String, rule: &Rule, argument: &Argument) -> fmt::Result {
    write!(out, "\n      {}: ", argument.name)?;
    Tree::of(rule, argument.value).write_inline(out, 8)?;
    write_spelling(out, &argument.wire)?;
    if argument.sensitive { write!(out, ", sensitive") } else { Ok(()) }
}

/// Writes how a value is spelt, where JSON's own spelling is not meant.
fn write_spelling(out: &mut impl Write, wire: &Wire) -> fmt::Result {
    match wire {
        Wire::Plain => Ok(()),
        Wire::Text => write!(out, ", text"),
        Wire::EpochSeconds => write!(out, ", seconds since 1970"),
        Wire::EpochMillis => write!(out, ", milliseconds since 1970"),
        Wire::CommaSeparated => write!(out, ", comma-separated"),
        Wire::Money { amount, currency } => {
            write!(
                out,
                ", {}",
                match amount {
                    Amount::Number => "number",
                    Amount::Text => "text",
                    Amount::MinorUnits => "minor units",
                }
            )?;
            match currency {
                CurrencySource::Fixed(currency) => write!(out, " in {currency}"),
                CurrencySource::Sibling(field) => write!(out, " in the currency beside it in {field}"),
                CurrencySource::Payload(field) => write!(out, " in the payload's currency in {field}"),
            }
        }
        Wire::Each(inner) => {
            write!(out, ", each")?;
            write_spelling(out, inner)
        }
    }
}

fn write_effect(out: &mut String, rule: &Rule, effect: &Effect) -> fmt::Result {
    match effect {
        Effect::Act { action, arguments } => {
            write!(out, "answer {action}")?;
            arguments.iter().try_for_each(|argument| write_argument(out, rule, argument))
        }
        Effect::Set { field, wire, sensitive, value } => {
            write!(out, "set {field}")?;
            write_spelling(out, wire)?;
            if *sensitive {
                write!(out, ", sensitive")?;
            }
            write!(out, " = ")?;
            Tree::of(rule, *value).write_inline(out, 6)
        }
        Effect::Block { reason } => {
            write!(out, "block ")?;
            Tree::of(rule, *reason).write_inline(out, 6)
        }
    }
}

/// What a call says of itself beyond the action, each part after a comma.
impl fmt::Display for Policy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Policy { label, timeout, retry, on_error } = self;
        if let Some(label) = label {
            write!(f, ", label {label}")?;
        }
        if let Some(timeout) = timeout {
            write!(f, ", timeout {timeout:#}")?;
        }
        if let Some(Retry { times, every, doubling, up_to }) = retry {
            write!(f, ", retry {times} times every {every:#}")?;
            if *doubling {
                f.write_str(" doubling")?;
            }
            if let Some(up_to) = up_to {
                write!(f, " up to {up_to:#}")?;
            }
        }
        match on_error {
            OnError::Fail => Ok(()),
            OnError::Continue => f.write_str(", on error continue"),
            OnError::GoTo(place) => write!(f, ", on error go to {place}"),
        }
    }
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.slots.is_empty() {
            return Ok(());
        }
        writeln!(f, "slots")?;
        self.slots.iter().enumerate().try_for_each(|(number, slot)| writeln!(f, "  s{number} {slot}"))
    }
}

impl fmt::Display for Slot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.source, self.ty)?;
        write_spelling(f, &self.wire)?;
        if self.sensitive { f.write_str(", sensitive") } else { Ok(()) }
    }
}

/// A path as a rule writes it: `customer.email`; the whole payload is `event`, and what comes with the payload
/// is `event.id`, `event.time`, `event.source`, `event.type`.
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Source::Payload(path) if path.is_empty() => f.write_str("event"),
            Source::Payload(path) => {
                for (place, name) in path.iter().enumerate() {
                    if place > 0 {
                        f.write_char('.')?;
                    }
                    if is_word(name) {
                        f.write_str(name)?;
                    } else {
                        write!(f, "`{name}`")?;
                    }
                }
                Ok(())
            }
            Source::Id => f.write_str("event.id"),
            Source::Time => f.write_str("event.time"),
            Source::Origin => f.write_str("event.source"),
            Source::Name => f.write_str("event.type"),
        }
    }
}

/// Returns whether a name can be written without backticks.
fn is_word(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
        && name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
}

impl fmt::Display for NodeId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "n{}", self.0)
    }
}

impl fmt::Display for ConstantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "c{}", self.0)
    }
}

impl fmt::Display for SlotId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "s{}", self.0)
    }
}

impl fmt::Display for LocalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "l{}", self.0)
    }
}

impl fmt::Display for RuleId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "r{}", self.0)
    }
}

impl fmt::Display for Quantifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Quantifier::Any => "any",
            Quantifier::All => "all",
            Quantifier::Count => "count",
            Quantifier::Sum => "sum",
            Quantifier::Min => "min",
            Quantifier::Max => "max",
            Quantifier::Average => "avg",
            Quantifier::First => "first",
            Quantifier::Filter => "filter",
            Quantifier::Map => "map",
        })
    }
}

impl fmt::Display for Class {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Class::Idempotent => "idempotent",
            Class::Queryable => "queryable",
            Class::AtMostOnce => "at most once",
        })
    }
}

#[cfg(test)]
mod tests;
