//! Calls of actions, as the engine sees them.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use hence_types::jiff::SignedDuration;
use serde_json::{Map, Value as Json};

/// Performs calls.
pub trait Connector: Send + Sync {
    /// Performs a call once. Retrying is the engine's matter.
    fn call<'a>(&'a self, request: &'a Request) -> CallFuture<'a>;
}

/// The outcome of a call, to come.
pub type CallFuture<'a> = Pin<Box<dyn Future<Output = Result<Response, Failure>> + Send + 'a>>;

/// A call of an action.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Request {
    /// The full name of the action, such as `crm.add_tag`.
    pub action: Arc<str>,
    /// The arguments as JSON, spelt as the schema says; those left out are absent.
    pub arguments: Map<String, Json>,
    /// The idempotency key: derived from execution, step and loop position, the same for every attempt.
    pub key: String,
    /// The attempt, from 1.
    pub attempt: u32,
    /// How long it may take, where the rule says so.
    pub timeout: Option<SignedDuration>,
    /// The values among the arguments that come from sensitive fields: sent, and masked in whatever is kept of the call.
    pub sensitive: Vec<Json>,
    /// The trace that the call is a part of, as its header `traceparent` (W3C Trace Context).
    pub trace: Option<Arc<str>>,
}

/// What a call that succeeded gave.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Response {
    /// The result, `null` where there is none.
    pub result: Json,
    /// What was sent and what came back, for the step's history: `{"request": …, "response": …}`, secrets masked.
    pub detail: Json,
}

/// Why a call did not succeed. The default is a failure of which nothing is known.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Failure {
    /// What went wrong, for people, secrets masked.
    pub message: String,
    /// Whether it is certain that nothing happened at the other side.
    pub certain: bool,
    /// Whether another attempt may succeed.
    pub retryable: bool,
    /// How many seconds to wait at least before another attempt, as the other side asks; 0 if it does not.
    pub after: u32,
    /// Whether the call was not made at all, for reasons that have nothing to do with it: it is to be made later, however
    /// often it was tried.
    pub postponed: bool,
    /// As in [`Response::detail`].
    pub detail: Json,
}
