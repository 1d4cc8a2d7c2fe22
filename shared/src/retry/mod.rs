//! Whether and when a failed payment is tried again without the customer, and why.
//!
//! [`decide`] is the one question. While the provider drives, the answer is what it has planned.
//! While we drive, [`ladder`] proposes a time, every rule may move it to later or forbid it, and
//! [`learned`] may take a better one that no rule objects to.

mod ladder;
mod learned;
pub mod rules;
mod sentence;

pub use ladder::MOVES_MAX;
pub use learned::{CANDIDATE_STEP_MS, MOVED_MAX_MS};

use crate::calendar::Zone;
use crate::decline::{Decline, Reuse};
use crate::id::PaymentMethodId;
use crate::money::Money;
use crate::network::{AttemptBy, CardAttempt, LimitOverride, Network, RuleId, WindowLeft};
use crate::policy::settings::RetrySettings;
use crate::policy::{LearnedTiming, RetryDriver};
use crate::time::Timestamp;
use crate::timing::{Arm, ChoiceReason, Features, TimingModel};
use serde::{Deserialize, Serialize};

/// What happens without the customer, and why. Stored with the case and with each attempt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryDecision {
    /// When the next automatic attempt is; `None`: there is none.
    pub at: Option<Timestamp>,
    /// Who makes it.
    pub by: AttemptBy,
    /// With which method; `None`: the provider's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<PaymentMethodId>,
    /// The rules that brought it about, in order.
    pub why: Vec<RuleId>,
    /// What was turned down, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<Rejected>,
    /// What the networks leave, this attempt included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub budget_left: Vec<WindowLeft>,
    /// Automatic attempts left on our ladder, this one included; 0 when the provider drives.
    pub rungs_left: u32,
    /// How its time was chosen, for the model that learns.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timing: Option<TimingChoice>,
}

/// A time or a way that was turned down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejected {
    /// The time; `None`: at any time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<Timestamp>,
    /// By which rule.
    pub rule: RuleId,
}

/// How the time of an attempt was chosen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TimingChoice {
    /// What the model sees of the time.
    pub features: Features,
    /// Whether the customer is held out.
    pub arm: Arm,
    /// Why this time.
    pub why: ChoiceReason,
    /// How likely this choice was, in ppm.
    pub propensity_ppm: u32,
}

/// Another card of the customer.
#[derive(Clone, Copy, Debug)]
pub struct BackupCard<'a> {
    /// The provider's id.
    pub method: &'a PaymentMethodId,
    /// As in [`CardAttempt::card`].
    pub card: &'a str,
    /// Its network.
    pub network: Network,
}

/// The model that may choose, and what its choice depends on.
#[derive(Clone, Copy, Debug)]
pub struct Learning<'a> {
    /// What was learned; `None`: nothing yet.
    pub model: Option<&'a TimingModel>,
    /// The merchant's settings.
    pub settings: LearnedTiming,
    /// Whether the customer is held out.
    pub arm: Arm,
    /// Uniform over all its values, the same whenever the same attempt is planned.
    pub draw: u32,
}

/// Everything that the decision depends on.
#[derive(Clone, Copy, Debug)]
pub struct RetryFacts<'a> {
    /// Who tries again.
    pub driver: RetryDriver,
    /// The segment's settings.
    pub settings: &'a RetrySettings,
    /// The acquirer's other numbers.
    pub overrides: &'a [LimitOverride],
    /// Why the last attempt with this method failed, if that is known.
    pub decline: Option<&'a Decline>,
    /// The method that would be charged; `None`: the provider's default, whichever that is.
    pub method: Option<&'a PaymentMethodId>,
    /// Its card, as in [`CardAttempt::card`].
    pub card: &'a str,
    /// Its network.
    pub network: Network,
    /// The customer's other card, if there is one.
    pub backup: Option<BackupCard<'a>>,
    /// What is due.
    pub amount: Money,
    /// Every attempt on any card that is known.
    pub history: &'a [CardAttempt],
    /// The first failure of the invoice.
    pub first_failed_at: Timestamp,
    /// The last one.
    pub failed_at: Timestamp,
    /// Rungs of the ladder used so far. Apart from the number of attempts: the provider's count
    /// too.
    pub rungs_used: u32,
    /// Attempts on the invoice, whoever made them.
    pub attempts: u32,
    /// When the provider will try by itself.
    pub provider_next_attempt_at: Option<Timestamp>,
    /// Where the customer's clock hangs.
    pub zone: &'a Zone,
    /// Now: no plan lies before it.
    pub now: Timestamp,
    /// Who may choose another time than the ladder's.
    pub learning: Learning<'a>,
}

impl RetryFacts<'_> {
    /// Whether the decline ends automatic attempts with this method.
    fn is_stopped(&self) -> bool {
        self.decline.is_some_and(|decline| decline.reuse() != Reuse::Automatic)
    }
}

/// Decides. A stopped method outranks the provider's schedule: Stripe keeps the entry in it but
/// sends nothing until there is a new method, so the customer must not be shown a date as hope
/// (<https://docs.stripe.com/billing/revenue-recovery/smart-retries>, non-retryable decline codes).
#[must_use]
pub fn decide(facts: &RetryFacts<'_>) -> RetryDecision {
    if facts.driver == RetryDriver::Ours {
        return ladder::plan(facts);
    }
    if facts.is_stopped() {
        return nothing(AttemptBy::Provider, rules::METHOD_STOPPED);
    }
    match facts.provider_next_attempt_at {
        Some(at) => {
            let planned = nothing(AttemptBy::Provider, rules::PROVIDER_SCHEDULED);
            RetryDecision { at: Some(at), ..planned }
        }
        None => nothing(AttemptBy::Provider, rules::PROVIDER_FINISHED),
    }
}

/// What the networks leave of an attempt that was planned and is to be made now, or the rule that
/// forbids it meanwhile.
pub fn check(facts: &RetryFacts<'_>, planned: &RetryDecision) -> Result<Vec<WindowLeft>, RuleId> {
    ladder::check(facts, planned)
}

impl RetryDecision {
    /// Whether it was made while this driver drove.
    #[must_use]
    pub const fn is_by(&self, driver: RetryDriver) -> bool {
        matches!(
            (self.by, driver),
            (AttemptBy::Ours, RetryDriver::Ours) | (AttemptBy::Provider, RetryDriver::Provider)
        )
    }
}

fn nothing(by: AttemptBy, rule: RuleId) -> RetryDecision {
    RetryDecision {
        at: None,
        by,
        method: None,
        why: vec![rule],
        rejected: Vec::new(),
        budget_left: Vec::new(),
        rungs_left: 0,
        timing: None,
    }
}
