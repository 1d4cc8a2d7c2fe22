//! A token bucket as a value: how often one customer may ask for something costly.

use crate::time::Timestamp;

/// The size and refill of a bucket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RateLimit {
    /// How many requests may come at once.
    pub burst: u32,
    /// One more is allowed after each such time, in milliseconds; at least 1.
    pub refill_ms: i64,
}

/// The state of one bucket: when it will be full again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bucket {
    full_at: Timestamp,
}

impl Bucket {
    /// A full bucket.
    #[must_use]
    pub const fn full() -> Self {
        Self { full_at: Timestamp::from_ms(i64::MIN) }
    }

    /// Takes one, or says in how many milliseconds one will be there.
    pub fn take(&mut self, limit: RateLimit, now: Timestamp) -> Result<(), i64> {
        let refill_ms = limit.refill_ms.max(1);
        let capacity_ms = refill_ms.saturating_mul(i64::from(limit.burst));
        let full_at = self.full_at.max(now).plus_ms(refill_ms);
        let over_ms = full_at.since_ms(now).saturating_sub(capacity_ms);
        if over_ms > 0 {
            return Err(over_ms);
        }
        self.full_at = full_at;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_then_one_per_refill() {
        let limit = RateLimit { burst: 3, refill_ms: 1_000 };
        let at = Timestamp::from_ms;
        let mut bucket = Bucket::full();
        assert_eq!(bucket.take(limit, at(0)), Ok(()));
        assert_eq!(bucket.take(limit, at(0)), Ok(()));
        assert_eq!(bucket.take(limit, at(0)), Ok(()));
        assert_eq!(bucket.take(limit, at(0)), Err(1_000));
        assert_eq!(bucket.take(limit, at(400)), Err(600));
        assert_eq!(bucket.take(limit, at(1_000)), Ok(()));
        assert_eq!(bucket.take(limit, at(1_000)), Err(1_000));
        assert_eq!(bucket.take(limit, at(60_000)), Ok(()));
        assert_eq!(bucket.take(limit, at(60_000)), Ok(()));
    }

    #[test]
    fn nothing_is_allowed_by_an_empty_limit() {
        let limit = RateLimit { burst: 0, refill_ms: 1_000 };
        assert!(Bucket::full().take(limit, Timestamp::from_ms(5)).is_err());
    }
}
