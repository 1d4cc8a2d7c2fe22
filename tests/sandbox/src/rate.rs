//! Rate limits, as an option: token buckets for all requests and for each operation
//! (<https://docs.stripe.com/rate-limits>: 100 requests a second, 25 in a sandbox, 25 for one
//! operation).

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::error::ApiError;

const MILLI: u64 = 1_000;

/// How much is allowed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limits {
    /// Requests a second, in all.
    pub(crate) per_second: u64,
    /// Requests a second of one operation; 0 for no such limit.
    pub(crate) endpoint_per_second: u64,
    /// Requests at once after a quiet time.
    pub(crate) burst: u64,
    /// `Retry-After`, which Stripe does not document; `None` leaves it out.
    pub(crate) retry_after_s: Option<u64>,
    /// `Stripe-Should-Retry`; `None` leaves it out.
    pub(crate) should_retry: Option<bool>,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    milli_tokens: u64,
    at_ms: i64,
}

impl Bucket {
    fn full(burst: u64, now_ms: i64) -> Self {
        Self { milli_tokens: burst.saturating_mul(MILLI), at_ms: now_ms }
    }

    /// Takes one token when there is one.
    fn take(&mut self, per_second: u64, burst: u64, now_ms: i64) -> bool {
        let passed_ms = u64::try_from(now_ms.saturating_sub(self.at_ms)).unwrap_or(0);
        self.at_ms = self.at_ms.max(now_ms);
        let grown = self.milli_tokens.saturating_add(passed_ms.saturating_mul(per_second));
        self.milli_tokens = grown.min(burst.saturating_mul(MILLI));
        let enough = self.milli_tokens >= MILLI;
        if enough {
            self.milli_tokens -= MILLI;
        }
        enough
    }
}

struct State {
    limits: Limits,
    all: Bucket,
    endpoints: HashMap<String, Bucket>,
}

/// The limiter of the API; without limits it lets everything through.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<Option<State>>);

impl Limiter {
    /// Sets or lifts the limits.
    pub(crate) fn set(&self, limits: Option<Limits>, now_ms: i64) {
        *self.lock() = limits.map(|limits| State {
            limits,
            all: Bucket::full(limits.burst, now_ms),
            endpoints: HashMap::new(),
        });
    }

    /// Lets one request of an operation (`GET /v1/customers/:id`) through, or answers 429.
    pub(crate) fn pass(&self, operation: &str, now_ms: i64) -> Result<(), ApiError> {
        let mut guard = self.lock();
        let Some(state) = guard.as_mut() else {
            return Ok(());
        };
        let limits = state.limits;
        if !state.all.take(limits.per_second, limits.burst, now_ms) {
            return Err(refused(limits, "global-rate"));
        }
        if limits.endpoint_per_second == 0 {
            return Ok(());
        }
        let fresh = Bucket::full(limits.endpoint_per_second, now_ms);
        let bucket = state.endpoints.entry(operation.to_owned()).or_insert(fresh);
        match bucket.take(limits.endpoint_per_second, limits.endpoint_per_second, now_ms) {
            true => Ok(()),
            false => Err(refused(limits, "endpoint-rate")),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Option<State>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn refused(limits: Limits, reason: &str) -> ApiError {
    let mut error = ApiError::rate_limited().header("stripe-rate-limited-reason", reason);
    if let Some(seconds) = limits.retry_after_s {
        error = error.header("retry-after", seconds.to_string());
    }
    if let Some(should) = limits.should_retry {
        error = error.header("stripe-should-retry", should.to_string());
    }
    error
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(limiter: &Limiter, operation: &str, now_ms: i64, tries: usize) -> usize {
        (0..tries).filter(|_| limiter.pass(operation, now_ms).is_ok()).count()
    }

    #[test]
    fn the_bucket_fills_at_its_rate_up_to_the_burst() {
        let limits = Limits {
            per_second: 10,
            endpoint_per_second: 4,
            burst: 5,
            retry_after_s: None,
            should_retry: None,
        };
        let limiter = Limiter::default();
        assert_eq!(count(&limiter, "a", 0, 100), 100, "no limits, no refusal");
        limiter.set(Some(limits), 0);
        assert_eq!(count(&limiter, "a", 0, 100), 4, "one operation has its own limit");
        limiter.set(Some(Limits { endpoint_per_second: 0, ..limits }), 0);
        assert_eq!(count(&limiter, "a", 0, 100), 5);
        assert_eq!(count(&limiter, "a", 300, 100), 3, "10 a second");
        assert_eq!(count(&limiter, "a", 60_000, 100), 5, "never more than the burst");
        assert_eq!(count(&limiter, "a", 59_000, 100), 0, "time does not run backwards");
    }
}
