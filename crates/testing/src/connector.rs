//! The connector of a test: answers as the test says, and keeps every call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hence_engine::{CallFuture, Clock, Connector, Failure, ManualClock, Request, Response};
use hence_schema::{Catalog, sample_value};
use hence_types::jiff::Timestamp;
use serde_json::{Map, Value as Json};

use crate::report::{Attempt, MadeCall};

/// What calls of an action give.
#[derive(Debug, Clone)]
pub(crate) enum Given {
    /// They fail for this reason, before anything happened.
    Fails(String),
    /// They succeed with this result.
    Returns(Json),
}

#[derive(Debug)]
struct Answer {
    given: Given,
    /// How many calls it is for; any number where there is none.
    left: Option<u32>,
}

#[derive(Debug)]
struct State {
    answers: HashMap<String, Vec<Answer>>,
    calls: Vec<MadeCall>,
    /// The instant of the latest event.
    event_at: Timestamp,
    section: usize,
}

#[derive(Debug)]
pub(crate) struct Scripted {
    catalog: Arc<Catalog>,
    clock: Arc<ManualClock>,
    state: Mutex<State>,
}

impl Scripted {
    pub(crate) fn new(catalog: Arc<Catalog>, clock: Arc<ManualClock>) -> Self {
        let event_at = clock.now();
        let state = State { answers: HashMap::new(), calls: Vec::new(), event_at, section: 0 };
        Self { catalog, clock, state: Mutex::new(state) }
    }

    /// Adds an answer after those that the action has already.
    pub(crate) fn answer(&self, action: &str, given: Given, times: Option<u32>) {
        let answer = Answer { given, left: times };
        self.state().answers.entry(action.to_owned()).or_default().push(answer);
    }

    /// Says that an event arrives.
    pub(crate) fn event(&self, at: Timestamp) {
        self.state().event_at = at;
    }

    /// Keeps something that a decision told its caller to do, as a call that succeeded.
    pub(crate) fn told(&self, action: &Arc<str>, arguments: &Map<String, Json>) {
        let at = self.clock.now();
        let mut state = self.state();
        let attempt =
            Attempt { at, error: None, elapsed: at.duration_since(state.event_at), section: state.section };
        let key = format!("told-{}", state.calls.len());
        let (action, arguments) = (Arc::clone(action), arguments.clone());
        state.calls.push(MadeCall { action, arguments, attempts: vec![attempt], key });
    }

    /// Says that a group of expectations was compared: later calls belong to the next one.
    pub(crate) fn next_section(&self) {
        self.state().section += 1;
    }

    pub(crate) fn calls(&self) -> Vec<MadeCall> {
        self.state().calls.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn respond(&self, request: &Request) -> Result<Response, Failure> {
        let mut state = self.state();
        let answers = state.answers.get_mut(&*request.action);
        let answer = answers.and_then(|answers| answers.iter_mut().find(|answer| answer.left != Some(0)));
        let given = answer.map(|answer| {
            answer.left = answer.left.map(|left| left.saturating_sub(1));
            answer.given.clone()
        });
        let result = match given {
            Some(Given::Fails(message)) => {
                Err(Failure { message, certain: true, retryable: true, ..Failure::default() })
            }
            Some(Given::Returns(result)) => Ok(Response { result, detail: Json::Null }),
            None => {
                let action =
                    request.action.split_once('.').and_then(|(id, name)| self.catalog.action(id, name));
                let result = action.and_then(|action| action.result.as_ref());
                Ok(Response { result: result.map_or(Json::Null, sample_value), detail: Json::Null })
            }
        };
        let at = self.clock.now();
        let attempt = Attempt {
            at,
            error: result.as_ref().err().map(|failure| failure.message.clone()),
            elapsed: at.duration_since(state.event_at),
            section: state.section,
        };
        match state.calls.iter_mut().find(|call| call.key == request.key) {
            Some(call) => call.attempts.push(attempt),
            None => state.calls.push(MadeCall {
                action: Arc::clone(&request.action),
                arguments: request.arguments.clone(),
                attempts: vec![attempt],
                key: request.key.clone(),
            }),
        }
        result
    }
}

impl Connector for Scripted {
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a> {
        Box::pin(std::future::ready(self.respond(request)))
    }
}
