//! When a failed call is tried again. A function of what is given: no clock, no chance.

use hence_diagnostics::Code;
use hence_ir::{Class, Retry};
use hence_types::jiff::{SignedDuration, Timestamp};

use crate::run::Act;
use crate::{ExecutionError, ExecutionId, Failure};

/// How long to wait before the second, third and fourth attempt.
const BACKOFF: [SignedDuration; 3] =
    [SignedDuration::from_secs(1), SignedDuration::from_secs(4), SignedDuration::from_secs(16)];

/// The latest attempt of a call.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Tried<'a> {
    pub(crate) execution: &'a ExecutionId,
    pub(crate) sequence: u32,
    pub(crate) attempt: u32,
}

/// What follows from the failure of a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Decision {
    /// The execution fails.
    Fail(ExecutionError),
    /// The call is tried again at this time.
    RetryAt(Timestamp),
}

/// The longest wait that doubling leads to where the rule says none.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// Decides what follows from the failure of the latest attempt of a call, which ended `at`.
///
/// Only what may succeed is tried again, as often as the rule says or three times; and a call that must not be repeated
/// only if it is certain that nothing happened.
pub(crate) fn decide(act: Act<'_>, tried: Tried<'_>, failure: &Failure, at: Timestamp) -> Decision {
    if !failure.certain && !may_be_repeated(act.class) {
        return Decision::Fail(outcome_unknown(act.action, &failure.message));
    }
    // At most a day, whatever the other side asks for.
    let after = SignedDuration::from_secs(i64::from(failure.after)).min(LONGEST);
    let backoff = match &act.policy.retry {
        // It was not tried, so that does not count; and not all that were put off come back at once.
        _ if failure.postponed => Some(later(after.max(BACKOFF[0]), 1, tried)),
        _ if !failure.retryable => None,
        Some(retry) => backoff(retry, tried),
        None => {
            let index = usize::try_from(tried.attempt.saturating_sub(1)).unwrap_or(usize::MAX);
            BACKOFF.get(index).copied()
        }
    };
    match backoff.and_then(|backoff| at.checked_add(backoff.max(after)).ok()) {
        Some(due) => Decision::RetryAt(due),
        None => Decision::Fail(failed(act.action, tried.attempt, &failure.message)),
    }
}

/// Returns how long to wait after the latest attempt, if it is to be tried again: as the rule says, and up to a tenth
/// longer, so that what failed together is not tried again together. How much longer follows from the execution, so
/// that a restart does not change it.
fn backoff(retry: &Retry, tried: Tried<'_>) -> Option<SignedDuration> {
    if tried.attempt > retry.times {
        return None;
    }
    let doublings = if retry.doubling { tried.attempt.saturating_sub(1).min(30) } else { 0 };
    let longest = retry.up_to.unwrap_or(LONGEST).max(retry.every);
    let wait = retry.every.checked_mul(1 << doublings).map_or(longest, |wait| wait.min(longest));
    Some(later(wait, 10, tried))
}

/// Returns a wait and up to a part of it more; how much follows from the attempt.
fn later(wait: SignedDuration, part: i128, tried: Tried<'_>) -> SignedDuration {
    let mut hasher = blake3::Hasher::new();
    hasher.update(tried.execution.as_str().as_bytes());
    hasher.update(&tried.sequence.to_le_bytes()).update(&tried.attempt.to_le_bytes());
    let share = hasher.finalize().as_bytes().first().copied().unwrap_or_default();
    let most = i64::try_from(wait.as_millis() / part).unwrap_or(i64::MAX / 256).min(i64::MAX / 256);
    wait.checked_add(SignedDuration::from_millis(most * i64::from(share) / 256)).unwrap_or(wait)
}

/// Returns whether a call whose outcome is unknown may be made once more.
///
/// That of a queryable action may, as whoever performs it asks first whether it was done.
pub(crate) fn may_be_repeated(class: Class) -> bool {
    match class {
        Class::Idempotent | Class::Queryable => true,
        Class::AtMostOnce => false,
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
    use hence_ir::Policy;

    use super::*;
    use crate::sample::{Expressions, event};
    use crate::{Branch, Execution};

    fn decided(class: Class, attempt: u32, certain: bool, retryable: bool) -> String {
        under(class, &Policy::default(), attempt, certain, retryable)
    }

    fn under(class: Class, policy: &Policy, attempt: u32, certain: bool, retryable: bool) -> String {
        let failure = Failure { message: "busy".into(), certain, retryable, ..Failure::default() };
        told(class, policy, attempt, failure)
    }

    fn told(class: Class, policy: &Policy, attempt: u32, failure: Failure) -> String {
        let rule = Expressions::default().rule("vip", None, Vec::new());
        let pending = Execution::pending(&event("{}"), &rule, Branch::Then, Timestamp::UNIX_EPOCH);
        let tried = Tried { execution: &pending.id, sequence: 1, attempt };
        let act = Act { action: &"crm.add".into(), class, arguments: &[], result: None, policy };
        match decide(act, tried, &failure, Timestamp::UNIX_EPOCH) {
            Decision::Fail(error) => error.to_string(),
            Decision::RetryAt(at) => format!("again after {} s", at.as_second()),
        }
    }

    #[test]
    fn the_rule_says_how_often_and_when_and_the_execution_how_much_later() {
        let every = SignedDuration::from_secs(100);
        let retry = Retry { times: 4, every, doubling: true, up_to: Some(SignedDuration::from_secs(300)) };
        let policy = Policy { retry: Some(retry), ..Policy::default() };
        let waits: Vec<i64> = (1..=4)
            .map(|attempt| {
                let decided = under(Class::Idempotent, &policy, attempt, false, true);
                decided.trim_start_matches("again after ").trim_end_matches(" s").parse().unwrap()
            })
            .collect();
        for (wait, least) in waits.iter().zip([100, 200, 300, 300]) {
            assert!((least..=least + least / 10).contains(wait), "{waits:?}");
        }
        assert_ne!(waits[2], waits[3]);
        let last = under(Class::Idempotent, &policy, 5, false, true);
        assert_eq!(last, "`crm.add` failed after 5 attempts: busy [H5003]");
        assert!(under(Class::AtMostOnce, &policy, 1, false, true).starts_with("outcome unknown"));
        assert_eq!(under(Class::Idempotent, &policy, 1, true, false), "`crm.add` failed: busy [H5003]");
    }

    #[test]
    fn doubling_ends_at_a_day_where_nothing_is_said() {
        let retry = Retry { times: 1000, every: SignedDuration::from_secs(1), doubling: true, up_to: None };
        let policy = Policy { retry: Some(retry), ..Policy::default() };
        let decided = under(Class::Idempotent, &policy, 900, false, true);
        let wait: i64 = decided.trim_start_matches("again after ").trim_end_matches(" s").parse().unwrap();
        assert!((86_400..=95_040).contains(&wait), "{wait}");
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
    fn the_other_side_is_left_alone_for_as_long_as_it_asks() {
        let failure =
            |seconds| Failure { certain: true, retryable: true, after: seconds, ..Failure::default() };
        let of = |attempt, seconds| told(Class::AtMostOnce, &Policy::default(), attempt, failure(seconds));
        assert_eq!(of(1, 90), "again after 90 s");
        assert_eq!(of(3, 2), "again after 16 s");
        assert_eq!(of(1, 1_000_000), "again after 86400 s");
        assert!(of(4, 90).starts_with("`crm.add` failed after 4 attempts"));
    }

    #[test]
    fn a_call_that_was_put_off_is_made_however_often_it_was_tried() {
        let policy = Policy {
            retry: Some(Retry {
                times: 0,
                every: SignedDuration::from_secs(1),
                doubling: false,
                up_to: None,
            }),
            ..Policy::default()
        };
        for attempt in [1, 4, 1000] {
            let put_off =
                Failure { certain: true, retryable: true, postponed: true, after: 10, ..Failure::default() };
            let told = told(Class::AtMostOnce, &policy, attempt, put_off);
            let wait: i64 = told.trim_start_matches("again after ").trim_end_matches(" s").parse().unwrap();
            assert!((10..=20).contains(&wait), "{told}");
        }
    }

    #[test]
    fn what_cannot_succeed_fails_at_once() {
        assert_eq!(decided(Class::Idempotent, 1, true, false), "`crm.add` failed: busy [H5003]");
    }

    #[test]
    fn a_call_that_must_not_be_repeated_is_tried_again_only_if_nothing_happened() {
        let class = Class::AtMostOnce;
        assert_eq!(decided(class, 1, true, true), "again after 1 s");
        assert!(decided(class, 1, false, true).starts_with("outcome unknown: "));
        assert!(decided(class, 1, false, false).ends_with("[H5005]"));
        assert_eq!(decided(Class::Queryable, 1, false, true), "again after 1 s", "it is asked for first");
    }
}
