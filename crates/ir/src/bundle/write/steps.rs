//! Steps and headers.

use hence_types::jiff::{SignedDuration, Timestamp};

use super::{Writer, number, wire};
use crate::{
    Argument, Await, Effect, Header, Key, OnError, Pace, Policy, Program, Question, Resolution, Retry,
    Returned, Rule, Step,
};

/// Returns the headers that say something.
pub(in super::super) fn headers(program: &Program) -> wire::Headers {
    let rules = program.rules.iter().enumerate();
    let says = |rule: &Rule| bare(&rule.header) != Header::default();
    let headers = rules.filter(|(_, rule)| says(rule));
    wire::Headers { headers: headers.map(|(place, rule)| (number(place), header(&rule.header))).collect() }
}

/// Returns a header without the clauses that are computed, which are written for themselves.
fn bare(header: &Header) -> Header {
    Header { exits: Vec::new(), pace: Pace::default(), ..header.clone() }
}

fn header(header: &Header) -> wire::Header {
    let Header { disabled, owner, tags, zone, from, until, exits: _, pace: _ } = header;
    wire::Header {
        disabled: *disabled,
        owner: owner.clone(),
        tags: tags.clone(),
        zone: zone.as_ref().and_then(|zone| zone.iana_name()).map(str::to_owned),
        from: from.map(instant),
        until: until.map(instant),
    }
}

fn instant(at: Timestamp) -> wire::Length {
    length(at.duration_since(Timestamp::UNIX_EPOCH))
}

pub(super) fn length(duration: SignedDuration) -> wire::Length {
    (duration.as_secs(), duration.subsec_nanos())
}

impl Writer {
    pub(super) fn step(&mut self, step: &Step) -> wire::Step {
        match step {
            Step::Act { action, class, arguments, result, policy, span } => {
                let action = self.word(action);
                let class = (*class).into();
                let arguments = arguments.iter().map(|argument| self.argument(argument)).collect();
                let result = result.as_ref().map(|result| self.returned(result));
                if *policy == Policy::default() {
                    return wire::Step::Act { action, class, arguments, result, span: self.span(*span) };
                }
                let policy = self.policy(policy);
                wire::Step::ActUnder { action, class, arguments, result, policy, span: self.span(*span) }
            }
            Step::Let { local, value, span } => {
                wire::Step::Let { local: local.0, value: value.0, span: self.span(*span) }
            }
            Step::Branch { condition, otherwise, span } => {
                wire::Step::Branch { condition: condition.0, otherwise: *otherwise, span: self.span(*span) }
            }
            Step::Jump(place) => wire::Step::Jump(*place),
            Step::Stop { span } => wire::Step::Stop { span: self.span(*span) },
            Step::StopAll { span } => wire::Step::StopAll { span: self.span(*span) },
            Step::Wait { time, span } => wire::Step::Wait { time: time.0, span: self.span(*span) },
            Step::Each { list, position, element, end, span } => wire::Step::Each {
                list: list.0,
                position: position.0,
                element: element.0,
                end: *end,
                span: self.span(*span),
            },
            Step::Answer { effect, span } => {
                wire::Step::Answer { effect: self.effect(effect), span: self.span(*span) }
            }
            Step::Resolve { group, resolution } => wire::Step::Resolve {
                group: self.word(group),
                resolution: match resolution {
                    Resolution::First => wire::Resolution::First,
                    Resolution::Unique => wire::Resolution::Unique,
                    Resolution::Best(value) => wire::Resolution::Best(value.0),
                },
            },
            Step::Attempt { end, handler, error, span } => wire::Step::Attempt {
                end: *end,
                handler: *handler,
                error: error.map(|error| error.0),
                span: self.span(*span),
            },
            Step::Await(wait) => self.wait(wait),
            Step::Parallel { strands, end, span } => {
                wire::Step::Parallel { strands: strands.clone(), end: *end, span: self.span(*span) }
            }
            Step::Batches { list, position, element, at_a_time, end, span } => wire::Step::Batches {
                list: list.0,
                position: position.0,
                element: element.0,
                at_a_time: *at_a_time,
                end: *end,
                span: self.span(*span),
            },
            Step::Join => wire::Step::Join,
            Step::Emit { event, fields, span } => wire::Step::Emit {
                event: self.word(event),
                fields: fields.iter().map(|field| self.argument(field)).collect(),
                span: self.span(*span),
            },
        }
    }

    fn wait(&mut self, wait: &Await) -> wire::Step {
        let Await { event, other, key, condition, limit, result, question, span } = wait;
        if let Some(Question { role, text }) = question {
            return wire::Step::Ask {
                event: self.word(event),
                other: self.returned(other),
                limit: limit.map(|limit| limit.0),
                result: result.map(|result| result.0),
                role: self.word(role),
                text: text.0,
                span: self.span(*span),
            };
        }
        wire::Step::Await {
            event: self.word(event),
            other: self.returned(other),
            key: key.as_ref().map(|key| self.key(key)),
            condition: condition.map(|condition| condition.0),
            limit: limit.map(|limit| limit.0),
            result: result.map(|result| result.0),
            span: self.span(*span),
        }
    }

    fn effect(&mut self, effect: &Effect) -> wire::Effect {
        match effect {
            Effect::Act { action, arguments } => wire::Effect::Act {
                action: self.word(action),
                arguments: arguments.iter().map(|argument| self.argument(argument)).collect(),
            },
            Effect::Set { field, wire, sensitive, value } => wire::Effect::Set {
                field: self.word(field),
                wire: self.wire(wire),
                sensitive: *sensitive,
                value: value.0,
            },
            Effect::Block { reason } => wire::Effect::Block { reason: reason.0 },
        }
    }

    pub(super) fn key(&mut self, key: &Key) -> wire::Key {
        let Key { field, value } = key;
        wire::Key { field: self.words(field), value: value.0 }
    }

    fn policy(&mut self, policy: &Policy) -> wire::Policy {
        let Policy { label, timeout, retry, on_error } = policy;
        let retry = retry.map(|Retry { times, every, doubling, up_to }| wire::Retry {
            times,
            every: length(every),
            doubling,
            up_to: up_to.map(length),
        });
        wire::Policy {
            label: label.as_ref().map(|label| self.word(label)),
            timeout: timeout.map(length),
            retry,
            on_error: match on_error {
                OnError::Fail => wire::OnError::Fail,
                OnError::Continue => wire::OnError::Continue,
                OnError::GoTo(place) => wire::OnError::GoTo(*place),
            },
        }
    }

    pub(super) fn returned(&mut self, returned: &Returned) -> wire::Returned {
        let Returned { local, ty, wire } = returned;
        wire::Returned { local: local.0, ty: self.ty(ty), wire: self.wire(wire) }
    }

    fn argument(&mut self, argument: &Argument) -> wire::Argument {
        let Argument { name, wire, sensitive, value } = argument;
        wire::Argument { name: self.word(name), wire: self.wire(wire), sensitive: *sensitive, value: value.0 }
    }
}
