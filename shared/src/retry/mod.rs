//! Whether and when a failed payment is tried again without the customer, and why.

pub mod plan;
mod sentence;

pub use plan::{BackupCard, PlanFacts, PlannedRetry, Rejected, plan};

use crate::decline::{Decline, Reuse};
use crate::policy::{Policy, RetryDriver};
use crate::time::Timestamp;

/// The rule that decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rule {
    /// The provider drives and has planned an attempt.
    ProviderScheduled,
    /// The provider drives and has nothing planned.
    ProviderFinished,
    /// The next rung of our ladder.
    NextRung,
    /// Our ladder has no rung left.
    LadderFinished,
    /// The decline forbids another automatic attempt with this method.
    MethodStopped,
}

/// What happens without the customer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryDecision {
    /// When the next automatic attempt is, whoever makes it; `None`: there is none.
    pub at: Option<Timestamp>,
    /// Why.
    pub rule: Rule,
    /// Automatic attempts left on our ladder, this one included; 0 when the provider drives.
    pub attempts_left: u32,
}

/// What the decision needs to know of a case.
#[derive(Clone, Copy, Debug)]
pub struct RetryFacts<'a> {
    /// Why the last attempt failed, if that is known.
    pub decline: Option<&'a Decline>,
    /// Automatic attempts that we made on this ladder so far.
    pub rungs_used: u32,
    /// When the last attempt failed.
    pub failed_at: Timestamp,
    /// When the provider will try by itself.
    pub provider_next_attempt_at: Option<Timestamp>,
}

/// Decides. A stopped method outranks the provider's schedule: Stripe keeps the entry in it but
/// sends nothing until there is a new method, so the customer must not be shown a date as hope
/// (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>, non-retryable decline codes).
#[must_use]
pub fn decide(policy: &Policy, facts: RetryFacts<'_>) -> RetryDecision {
    let stopped = facts.decline.is_some_and(|decline| decline.reuse() != Reuse::Automatic);
    if stopped {
        return RetryDecision { at: None, rule: Rule::MethodStopped, attempts_left: 0 };
    }
    if policy.retry_driver() == RetryDriver::Provider {
        let at = facts.provider_next_attempt_at;
        let rule = if at.is_some() { Rule::ProviderScheduled } else { Rule::ProviderFinished };
        return RetryDecision { at, rule, attempts_left: 0 };
    }
    let used = usize::try_from(facts.rungs_used).unwrap_or(usize::MAX);
    let rungs = &policy.settings().retry.rungs;
    let Some(rung) = rungs.get(used) else {
        return RetryDecision { at: None, rule: Rule::LadderFinished, attempts_left: 0 };
    };
    let attempts_left = u32::try_from(rungs.len().saturating_sub(used)).unwrap_or(0);
    let at = Some(facts.failed_at.plus_ms(rung.delay_ms));
    RetryDecision { at, rule: Rule::NextRung, attempts_left }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decline::{RawDecline, stripe};
    use crate::network::Network;
    use crate::policy::settings::{Rung, Settings};
    use crate::time::DAY_MS;

    fn decline(code: &str) -> Decline {
        let raw = RawDecline { decline_code: Some(code.to_owned()), ..Default::default() };
        stripe::classify(raw, Network::Other, Timestamp::from_ms(0))
    }

    fn facts(decline: Option<&Decline>, rungs_used: u32) -> RetryFacts<'_> {
        RetryFacts {
            decline,
            rungs_used,
            failed_at: Timestamp::from_ms(0),
            provider_next_attempt_at: Some(Timestamp::from_ms(7)),
        }
    }

    #[test]
    fn the_provider_drives_by_default() {
        let decision = decide(&Policy::default(), facts(Some(&decline("insufficient_funds")), 0));
        assert_eq!(decision.rule, Rule::ProviderScheduled);
        assert_eq!(decision.at, Some(Timestamp::from_ms(7)));
    }

    #[test]
    fn our_ladder_ends() {
        let mut settings = Settings::default();
        settings.retry.rungs = vec![Rung::after_ms(DAY_MS), Rung::after_ms(2 * DAY_MS)];
        let policy = Policy::uniform(RetryDriver::Ours, settings);
        let day = |n: i64| Some(Timestamp::from_ms(n * DAY_MS));
        assert_eq!(decide(&policy, facts(None, 0)).at, day(1));
        assert_eq!(decide(&policy, facts(None, 1)).at, day(2));
        assert_eq!(decide(&policy, facts(None, 1)).attempts_left, 1);
        assert_eq!(decide(&policy, facts(None, 2)).rule, Rule::LadderFinished);
        assert_eq!(decide(&policy, facts(None, u32::MAX)).at, None);
    }

    #[test]
    fn a_stopped_method_is_not_tried_by_anybody() {
        for driver in [RetryDriver::Ours, RetryDriver::Provider] {
            let policy = Policy::default().driven_by(driver);
            for code in ["stolen_card", "expired_card", "revocation_of_authorization"] {
                let decision = decide(&policy, facts(Some(&decline(code)), 0));
                assert_eq!((decision.at, decision.rule), (None, Rule::MethodStopped), "{code}");
            }
        }
    }
}
