//! Steps and headers.

use hence_types::jiff::tz::TimeZone;
use hence_types::jiff::{SignedDuration, Timestamp};

use super::{Limits, Reader, malformed, wire};
use crate::bundle::ReadError;
use crate::{
    Argument, Await, Effect, Header, Key, OnError, Policy, Question, Resolution, Retry, Returned, Rule, Step,
};

/// Puts headers into the rules they belong to.
pub(super) fn put_headers(rules: &mut [Rule], stored: wire::Headers) -> Result<(), ReadError> {
    for (place, header) in stored.headers {
        let rule = rules.get_mut(place as usize).ok_or(malformed("there is no such rule"))?;
        rule.header = self::header(header)?;
    }
    Ok(())
}

fn header(stored: wire::Header) -> Result<Header, ReadError> {
    let zone = |name: String| TimeZone::get(&name).map_err(|_| malformed("there is no such time zone"));
    let instant = |length| {
        let since = self::length(length)?;
        Timestamp::UNIX_EPOCH.checked_add(since).map_err(|_| malformed("there is no such instant"))
    };
    Ok(Header {
        disabled: stored.disabled,
        owner: stored.owner,
        tags: stored.tags,
        zone: stored.zone.map(zone).transpose()?,
        from: stored.from.map(instant).transpose()?,
        until: stored.until.map(instant).transpose()?,
        exits: Vec::new(),
        pace: Default::default(),
    })
}

pub(super) fn length((seconds, nanoseconds): wire::Length) -> Result<SignedDuration, ReadError> {
    if nanoseconds.unsigned_abs() >= 1_000_000_000 {
        return Err(malformed("there is no such length of time"));
    }
    let nanoseconds = SignedDuration::from_nanos(i64::from(nanoseconds));
    let length = SignedDuration::from_secs(seconds).checked_add(nanoseconds);
    length.ok_or(malformed("there is no such length of time"))
}

impl Reader {
    pub(super) fn steps(&self, stored: &[wire::Step], limits: &Limits) -> Result<Vec<Step>, ReadError> {
        // One past the last step is the end of the list.
        let target = |place: u32| {
            if place as usize <= stored.len() { Ok(place) } else { Err(malformed("there is no such step")) }
        };
        stored.iter().map(|step| self.step(step, limits, &target)).collect()
    }

    fn step(
        &self,
        step: &wire::Step,
        limits: &Limits,
        target: &impl Fn(u32) -> Result<u32, ReadError>,
    ) -> Result<Step, ReadError> {
        let call = |action: &_,
                    class: &wire::Class,
                    arguments: &[wire::Argument],
                    result: &Option<_>,
                    policy,
                    span| {
            Ok(Step::Act {
                action: self.word(*action)?,
                class: (*class).into(),
                arguments: arguments
                    .iter()
                    .map(|argument| self.argument(argument, limits))
                    .collect::<Result<_, _>>()?,
                result: result.as_ref().map(|result| self.returned(result, limits)).transpose()?,
                policy,
                span: self.span(span)?,
            })
        };
        Ok(match step {
            wire::Step::Act { action, class, arguments, result, span } => {
                call(action, class, arguments, result, Policy::default(), *span)?
            }
            wire::Step::ActUnder { action, class, arguments, result, policy, span } => {
                call(action, class, arguments, result, self.policy(policy, target)?, *span)?
            }
            wire::Step::Let { local, value, span } => Step::Let {
                local: limits.local(*local)?,
                value: limits.node(*value)?,
                span: self.span(*span)?,
            },
            wire::Step::Branch { condition, otherwise, span } => Step::Branch {
                condition: limits.node(*condition)?,
                otherwise: target(*otherwise)?,
                span: self.span(*span)?,
            },
            wire::Step::Jump(place) => Step::Jump(target(*place)?),
            wire::Step::Stop { span } => Step::Stop { span: self.span(*span)? },
            wire::Step::StopAll { span } => Step::StopAll { span: self.span(*span)? },
            wire::Step::Wait { time, span } => {
                Step::Wait { time: limits.node(*time)?, span: self.span(*span)? }
            }
            wire::Step::Each { list, position, element, end, span } => Step::Each {
                list: limits.local(*list)?,
                position: limits.local(*position)?,
                element: limits.local(*element)?,
                end: target(*end)?,
                span: self.span(*span)?,
            },
            wire::Step::Answer { effect, span } => {
                Step::Answer { effect: self.effect(effect, limits)?, span: self.span(*span)? }
            }
            wire::Step::Resolve { group, resolution } => Step::Resolve {
                group: self.word(*group)?,
                resolution: match resolution {
                    wire::Resolution::First => Resolution::First,
                    wire::Resolution::Unique => Resolution::Unique,
                    wire::Resolution::Best(value) => Resolution::Best(limits.node(*value)?),
                },
            },
            wire::Step::Attempt { end, handler, error, span } => Step::Attempt {
                end: target(*end)?,
                handler: target(*handler)?,
                error: error.map(|error| limits.local(error)).transpose()?,
                span: self.span(*span)?,
            },
            wire::Step::Parallel { strands, end, span } => Step::Parallel {
                strands: strands.iter().map(|place| target(*place)).collect::<Result<_, _>>()?,
                end: target(*end)?,
                span: self.span(*span)?,
            },
            wire::Step::Batches { list, position, element, at_a_time, end, span } => Step::Batches {
                list: limits.local(*list)?,
                position: limits.local(*position)?,
                element: limits.local(*element)?,
                at_a_time: *at_a_time,
                end: target(*end)?,
                span: self.span(*span)?,
            },
            wire::Step::Join => Step::Join,
            wire::Step::Emit { event, fields, span } => Step::Emit {
                event: self.word(*event)?,
                fields: fields.iter().map(|field| self.argument(field, limits)).collect::<Result<_, _>>()?,
                span: self.span(*span)?,
            },
            wire::Step::Await { event, other, key, condition, limit, result, span } => {
                let node = |node: &Option<wire::NodeId>| node.map(|node| limits.node(node)).transpose();
                Step::Await(Box::new(Await {
                    event: self.word(*event)?,
                    other: self.returned(other, limits)?,
                    key: key.as_ref().map(|key| self.key(key, limits)).transpose()?,
                    condition: node(condition)?,
                    limit: node(limit)?,
                    result: result.map(|result| limits.local(result)).transpose()?,
                    question: None,
                    span: self.span(*span)?,
                }))
            }
            wire::Step::Ask { event, other, limit, result, role, text, span } => {
                Step::Await(Box::new(Await {
                    event: self.word(*event)?,
                    other: self.returned(other, limits)?,
                    key: None,
                    condition: None,
                    limit: limit.map(|limit| limits.node(limit)).transpose()?,
                    result: result.map(|result| limits.local(result)).transpose()?,
                    question: Some(Question { role: self.word(*role)?, text: limits.node(*text)? }),
                    span: self.span(*span)?,
                }))
            }
        })
    }

    pub(super) fn key(&self, stored: &wire::Key, limits: &Limits) -> Result<Key, ReadError> {
        Ok(Key { field: self.all_words(&stored.field)?, value: limits.node(stored.value)? })
    }

    fn effect(&self, stored: &wire::Effect, limits: &Limits) -> Result<Effect, ReadError> {
        Ok(match stored {
            wire::Effect::Act { action, arguments } => Effect::Act {
                action: self.word(*action)?,
                arguments: arguments
                    .iter()
                    .map(|argument| self.argument(argument, limits))
                    .collect::<Result<_, _>>()?,
            },
            wire::Effect::Set { field, wire, sensitive, value } => Effect::Set {
                field: self.word(*field)?,
                wire: self.wire(wire)?,
                sensitive: *sensitive,
                value: limits.node(*value)?,
            },
            wire::Effect::Block { reason } => Effect::Block { reason: limits.node(*reason)? },
        })
    }

    fn policy(
        &self,
        stored: &wire::Policy,
        target: &impl Fn(u32) -> Result<u32, ReadError>,
    ) -> Result<Policy, ReadError> {
        let retry = |retry: &wire::Retry| {
            Ok(Retry {
                times: retry.times,
                every: length(retry.every)?,
                doubling: retry.doubling,
                up_to: retry.up_to.map(length).transpose()?,
            })
        };
        Ok(Policy {
            label: stored.label.map(|label| self.word(label)).transpose()?,
            timeout: stored.timeout.map(length).transpose()?,
            retry: stored.retry.as_ref().map(retry).transpose()?,
            on_error: match stored.on_error {
                wire::OnError::Fail => OnError::Fail,
                wire::OnError::Continue => OnError::Continue,
                wire::OnError::GoTo(place) => OnError::GoTo(target(place)?),
            },
        })
    }

    fn argument(&self, stored: &wire::Argument, limits: &Limits) -> Result<Argument, ReadError> {
        Ok(Argument {
            name: self.word(stored.name)?,
            wire: self.wire(&stored.wire)?,
            sensitive: stored.sensitive,
            value: limits.node(stored.value)?,
        })
    }

    pub(super) fn returned(&self, stored: &wire::Returned, limits: &Limits) -> Result<Returned, ReadError> {
        let wire = self.wire(&stored.wire)?;
        Ok(Returned { local: limits.local(stored.local)?, ty: self.ty(stored.ty)?, wire })
    }
}
