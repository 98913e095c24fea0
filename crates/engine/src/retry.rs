//! When a failed call is tried again. A function of what is given: no clock, no chance.

use hence_diagnostics::Code;
use hence_ir::Class;
use hence_types::jiff::{SignedDuration, Timestamp};

use crate::{ExecutionError, Failure};

/// How long to wait before the second, third and fourth attempt.
const BACKOFF: [SignedDuration; 3] =
    [SignedDuration::from_secs(1), SignedDuration::from_secs(4), SignedDuration::from_secs(16)];

/// What follows from the failure of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The execution fails.
    Fail(ExecutionError),
    /// The call is tried again at this time.
    RetryAt(Timestamp),
}

/// Decides what follows from the failure of an attempt that ended `at`.
///
/// Only what may succeed is tried again, at most three times; and a call that must not be repeated only if it is
/// certain that nothing happened.
pub(crate) fn decide(action: &str, class: Class, attempt: u32, failure: &Failure, at: Timestamp) -> Decision {
    if !failure.certain && !may_be_repeated(class) {
        return Decision::Fail(outcome_unknown(action, &failure.message));
    }
    let index = usize::try_from(attempt.saturating_sub(1)).unwrap_or(usize::MAX);
    let backoff = if failure.retryable { BACKOFF.get(index) } else { None };
    match backoff.and_then(|backoff| at.checked_add(*backoff).ok()) {
        Some(due) => Decision::RetryAt(due),
        None => Decision::Fail(failed(action, attempt, &failure.message)),
    }
}

/// Returns whether a call whose outcome is unknown may be made once more.
///
/// That of a queryable action may not, as long as there is no way to ask whether it was done.
pub(crate) fn may_be_repeated(class: Class) -> bool {
    match class {
        Class::Idempotent => true,
        Class::Queryable | Class::AtMostOnce => false,
    }
}

/// Returns the error of a call that must not be repeated and of which it is not known whether it was done.
pub(crate) fn outcome_unknown(action: &str, message: &str) -> ExecutionError {
    let message =
        format!("outcome unknown: `{action}` may have been done and must not be repeated ({message})");
    ExecutionError { code: Code::OutcomeUnknown, message }
}

fn failed(action: &str, attempt: u32, message: &str) -> ExecutionError {
    let attempts = if attempt > 1 { format!(" after {attempt} attempts") } else { String::new() };
    ExecutionError { code: Code::ActionFailed, message: format!("`{action}` failed{attempts}: {message}") }
}

#[cfg(test)]
mod tests {
    use serde_json::Value as Json;

    use super::*;

    fn decided(class: Class, attempt: u32, certain: bool, retryable: bool) -> String {
        let failure = Failure { message: "busy".into(), certain, retryable, detail: Json::Null };
        match decide("crm.add", class, attempt, &failure, Timestamp::UNIX_EPOCH) {
            Decision::Fail(error) => error.to_string(),
            Decision::RetryAt(at) => format!("again after {} s", at.as_second()),
        }
    }

    #[test]
    fn what_may_succeed_is_tried_again_after_1_4_and_16_seconds() {
        assert_eq!(decided(Class::Idempotent, 1, false, true), "again after 1 s");
        assert_eq!(decided(Class::Idempotent, 2, false, true), "again after 4 s");
        assert_eq!(decided(Class::Idempotent, 3, true, true), "again after 16 s");
        assert_eq!(
            decided(Class::Idempotent, 4, false, true),
            "`crm.add` failed after 4 attempts: busy [H5003]"
        );
    }

    #[test]
    fn what_cannot_succeed_fails_at_once() {
        assert_eq!(decided(Class::Idempotent, 1, true, false), "`crm.add` failed: busy [H5003]");
    }

    #[test]
    fn a_call_that_must_not_be_repeated_is_tried_again_only_if_nothing_happened() {
        for class in [Class::AtMostOnce, Class::Queryable] {
            assert_eq!(decided(class, 1, true, true), "again after 1 s");
            assert!(decided(class, 1, false, true).starts_with("outcome unknown: "));
            assert!(decided(class, 1, false, false).ends_with("[H5005]"));
        }
    }
}
