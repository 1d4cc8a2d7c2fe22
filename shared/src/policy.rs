//! What a merchant may decide: one policy for every case of an account.

use crate::time::{DAY_MS, HOUR_MS};

/// Who tries a failed payment again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryDriver {
    /// The provider's own schedule. We charge only when the customer acts.
    Provider,
    /// Our ladder. The provider's retries are switched off.
    Ours,
}

/// The numbers behind every decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// Who tries again.
    pub retry_driver: RetryDriver,
    /// Our ladder: the wait before each automatic attempt, in milliseconds after the failure before
    /// it. Its length is the number of automatic attempts.
    pub rungs_ms: Vec<i64>,
    /// How long access stays after the first failure, in milliseconds.
    pub grace_ms: i64,
    /// How often a customer may ask for the same card again within [`Self::customer_window_ms`].
    ///
    /// Far below the networks' own ceilings (Mastercard: more than 10 declines in 24 hours on one
    /// card are charged to the merchant;
    /// <https://developers.tabapay.com/docs/excessive-retry-rules>).
    pub customer_attempts_max: u32,
    /// The window of [`Self::customer_attempts_max`], in milliseconds.
    pub customer_window_ms: i64,
}

impl Default for Policy {
    /// Stripe retries; two weeks of grace, the length of its default schedule (8 tries in 2 weeks,
    /// <https://docs.stripe.com/billing/revenue-recovery/smart-retries>).
    fn default() -> Self {
        Self {
            retry_driver: RetryDriver::Provider,
            rungs_ms: vec![DAY_MS, 2 * DAY_MS, 2 * DAY_MS, 2 * DAY_MS],
            grace_ms: 14 * DAY_MS,
            customer_attempts_max: 4,
            customer_window_ms: 24 * HOUR_MS,
        }
    }
}
