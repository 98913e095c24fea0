//! How often somebody may ask: so many requests a second for each token and each way in of webhooks.
//!
//! The generic cell rate algorithm (ITU-T I.371): of each it is kept until when what was asked so far is paid off, which
//! every request moves on by a fixed step. Somebody who has been quiet may ask a second's worth at once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use axum::http::{HeaderName, HeaderValue};
use axum::response::Response;
use hence_types::jiff::Timestamp;

use crate::problem::Problem;

/// A second, in nanoseconds: what may be asked at once.
const WINDOW: i128 = 1_000_000_000;

/// The paces of all that have one limit.
#[derive(Debug)]
pub(crate) struct Pace {
    /// What the limit is called.
    name: &'static str,
    /// How many requests a second; any number if 0.
    rate: u32,
    /// When what each has asked so far is paid off, in nanoseconds.
    due: Mutex<HashMap<String, i128>>,
}

/// How much may still be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Left {
    requests: u32,
    /// After how many seconds everything may be asked again.
    seconds: u32,
}

impl Pace {
    pub(crate) fn new(name: &'static str, rate: u32) -> Self {
        Self { name, rate, due: Mutex::default() }
    }

    /// Counts a request. Returns what is left, nothing where there is no limit.
    ///
    /// # Errors
    /// If too much was asked: what is left, which is none.
    fn count(&self, who: &str, at: Timestamp) -> Result<Option<Left>, Left> {
        if self.rate == 0 {
            return Ok(None);
        }
        let step = WINDOW / i128::from(self.rate);
        let now = at.as_nanosecond();
        let mut due = self.due.lock().unwrap_or_else(PoisonError::into_inner);
        // A clock that was set back does not lock anybody out.
        let paid = due.get(who).copied().unwrap_or(now).clamp(now, now + WINDOW);
        let seconds = |length: i128| u32::try_from((length + WINDOW - 1) / WINDOW).unwrap_or(u32::MAX);
        if paid + step > now + WINDOW {
            due.insert(who.to_owned(), paid);
            return Err(Left { requests: 0, seconds: seconds(paid + step - now - WINDOW) });
        }
        due.insert(who.to_owned(), paid + step);
        let left = (now + WINDOW - paid - step) / step;
        Ok(Some(Left {
            requests: u32::try_from(left).unwrap_or(u32::MAX),
            seconds: seconds(paid + step - now),
        }))
    }

    /// Lets a request through at the pace of whoever asks, and tells them what is left.
    pub(crate) async fn keep(
        &self,
        who: &str,
        at: Timestamp,
        answer: impl Future<Output = Response>,
    ) -> Response {
        use axum::response::IntoResponse as _;
        let (left, mut response) = match self.count(who, at) {
            Ok(left) => (left, answer.await),
            Err(left) => (Some(left), Problem::too_often(self.rate, left.seconds).into_response()),
        };
        if let Some(left) = left {
            self.tell(left, &mut response);
        }
        response
    }

    /// Tells what is left, as draft-ietf-httpapi-ratelimit-headers-10 has it.
    fn tell(&self, left: Left, response: &mut Response) {
        let policy = format!("\"{}\";q={};w=1", self.name, self.rate);
        let limit = format!("\"{}\";r={};t={}", self.name, left.requests, left.seconds);
        for (name, value) in [("ratelimit-policy", policy), ("ratelimit", limit)] {
            if let Ok(value) = HeaderValue::try_from(value) {
                response.headers_mut().insert(HeaderName::from_static(name), value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(milliseconds: i64) -> Timestamp {
        Timestamp::from_millisecond(milliseconds).unwrap()
    }

    #[test]
    fn a_second_s_worth_may_be_asked_at_once_and_the_rest_at_its_pace() {
        let pace = Pace::new("token", 4);
        let left = |requests, seconds| Ok(Some(Left { requests, seconds }));
        for requests in [3, 2, 1, 0] {
            assert_eq!(pace.count("a", at(0)), left(requests, 1));
        }
        assert_eq!(pace.count("a", at(249)), Err(Left { requests: 0, seconds: 1 }));
        assert_eq!(pace.count("a", at(250)), left(0, 1));
        assert_eq!(pace.count("a", at(251)), Err(Left { requests: 0, seconds: 1 }));
        // Others are counted for themselves.
        assert_eq!(pace.count("b", at(251)), left(3, 1));
        assert_eq!(pace.count("a", at(10_000)), left(3, 1));
    }

    #[test]
    fn a_clock_that_is_set_back_locks_nobody_out() {
        let pace = Pace::new("token", 1);
        assert!(pace.count("a", at(1_000_000)).is_ok());
        assert!(pace.count("a", at(0)).is_err());
        assert!(pace.count("a", at(1_000)).is_ok());
    }

    #[test]
    fn without_a_limit_anything_may_be_asked() {
        let pace = Pace::new("token", 0);
        assert!((0..100_000).all(|_| pace.count("a", at(0)) == Ok(None)));
    }
}
