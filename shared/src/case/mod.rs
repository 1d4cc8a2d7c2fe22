//! One failed invoice on its way to being paid: the state machine.
//!
//! ```text
//! Scheduled            an automatic attempt is planned, or the provider may still try
//! Attempting           a charge of ours is under way or its outcome is unknown
//! AwaitingAuthentication   the bank wants to see the customer
//! AwaitingPaymentMethod    only a new method can help
//! Suspended            the subscription is paused: nothing is charged
//! Recovered · Exhausted · Canceled · Voided    closed
//! ```
//! The whole table stands in [`state::next`] and, as text, in `tests/case_table.rs`.

mod apply;
mod attempt;
mod charge_run;
mod customer;
mod effect;
mod event;
mod history;
mod leaving;
mod observe;
mod planning;
mod processing;
mod renewal;
pub mod state;
mod subscription;
mod wake;

pub use apply::{ApplyError, apply};
pub use charge_run::ChargeRun;
pub use effect::{Effect, JournalEntry, Lesson, Transition};
pub use event::{Event, METHODS_MAX, Trigger};
pub use state::CaseState;

pub(crate) use leaving::would_end_at;
pub(crate) use planning::settings_of;

use crate::account::Account;
use crate::decline::Decline;
use crate::id::{CancellationId, InvoiceId, PaymentMethodId, SubscriptionId};
use crate::idempotency::IdempotencyKey;
use crate::money::Money;
use crate::policy::Policy;
use crate::provider::MethodFact;
use crate::retry::RetryDecision;
use crate::time::{DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS, Timestamp};
use serde::{Deserialize, Serialize};

/// How long a charge may be under way before its outcome counts as unknown and is asked for again.
/// Longer than the adapter's own time limit, so that nobody asks while the first call still runs.
pub const ATTEMPT_CHECK_MS: i64 = 45 * SECOND_MS;
/// Waits between checks of an unknown outcome; the last one repeats.
pub const ATTEMPT_CHECKS_MS: &[i64] = &[ATTEMPT_CHECK_MS, 2 * MINUTE_MS, 10 * MINUTE_MS, 3_600_000];
/// How long a payment that the bank works on waits until it is asked about, should no event say how
/// it ended.
pub const PROCESSING_CHECK_MS: i64 = 6 * HOUR_MS;
/// How long a read that failed waits before it is tried again; the last one repeats.
pub const READ_CHECKS_MS: &[i64] = &[30 * SECOND_MS, 5 * MINUTE_MS, 3_600_000];
/// An open case is read again at least this often, so that a lost event is found.
pub const READ_INTERVAL_MS: i64 = DAY_MS;
/// An automatic attempt follows a reading that is not older than this: what the provider did
/// meanwhile, and whether the invoice is still open, is known before anything is charged.
pub const FRESH_MS: i64 = 5 * MINUTE_MS;
/// So long after its opening a case may still find its segment and with it the end of its grace;
/// after that, what the customer was told stands.
pub const SEGMENT_SETTLES_MS: i64 = HOUR_MS;

/// One failed invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecoveryCase {
    /// The invoice.
    pub invoice: InvoiceId,
    /// The subscription that it renews.
    pub subscription: Option<SubscriptionId>,
    /// Where the case is.
    pub state: CaseState,
    /// When the first failure was seen.
    pub opened_at: Timestamp,
    /// When it was closed.
    pub closed_at: Option<Timestamp>,
    /// How the money came in.
    pub recovered_by: Option<RecoveredBy>,
    /// What is left to pay.
    pub amount_due: Money,
    /// Printed on the invoice.
    pub number: Option<String>,
    /// What the invoice is for.
    pub description: Option<String>,
    /// Why the last attempt failed; `None` until it was read.
    pub decline: Option<Decline>,
    /// The method that failed.
    pub method: Option<MethodFact>,
    /// When the last attempt failed, as far as we know.
    pub failed_at: Timestamp,
    /// The provider's count of all attempts.
    pub provider_attempt_count: u32,
    /// When the provider will try by itself.
    pub provider_next_attempt_at: Option<Timestamp>,
    /// The number of the last attempt of ours, 0 before the first.
    pub attempt_number: u32,
    /// Automatic attempts on our ladder so far.
    pub rungs_used: u32,
    /// The attempt that is under way or of unknown outcome; always set in `Attempting`.
    pub attempt: Option<Attempt>,
    /// Until when access stays.
    pub grace_ends_at: Timestamp,
    /// When the live invoice is to be read.
    pub read_at: Option<Timestamp>,
    /// Reads that failed in a row.
    pub read_failures: u32,
    /// When the case is to be looked at next; set in every open case.
    pub wake_at: Option<Timestamp>,
    /// The version of the policy that the case started with and keeps; 0 in cases that are older
    /// than this field, which follow the policy of today.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub policy_version: u32,
    /// The segment of that policy; `None` in cases that are older than this field, which are
    /// everybody else's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// What happens without the customer, and why; `None`: not thought about yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<RetryDecision>,
    /// When the live invoice was read last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub live_at: Option<Timestamp>,
    /// The method that the provider would charge next, as last read: another one than the method
    /// that failed when the customer changed it where we do not see it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_method: Option<MethodFact>,
    /// How many of the provider's attempts stand in the account's history.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub recorded_attempts: u32,
    /// When the network replaced the card that failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renewed_at: Option<Timestamp>,
    /// The cancellation for which the provider was asked to stop collecting: the subscription is
    /// paused, or its customer leaves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_for: Option<CancellationId>,
    /// Since when a payment is on its way at the bank, whoever began it: an attempt of ours, the
    /// provider, the customer elsewhere. Nothing else is charged meanwhile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub processing_since: Option<Timestamp>,
}

const fn is_zero(number: &u32) -> bool {
    *number == 0
}

const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl RecoveryCase {
    /// Attempts on the invoice, whoever made them. Stripe counts the first one and its own retries
    /// (<https://docs.stripe.com/api/invoices/object>, `attempt_count`, read 2026-11).
    #[must_use]
    pub const fn attempts(&self) -> u32 {
        self.provider_attempt_count.saturating_add(self.attempt_number)
    }

    /// Whether the card that failed was replaced since.
    #[must_use]
    pub fn is_renewed(&self) -> bool {
        self.renewed_at.is_some_and(|at| at > self.failed_at)
    }

    /// Whether this is the method whose card was replaced since: what failed is told with the card
    /// of then.
    pub(crate) fn is_renewed_method(&self, id: &PaymentMethodId) -> bool {
        self.is_renewed() && self.method.as_ref().is_some_and(|method| method.id == *id)
    }

    /// Whether the provider would charge another card than the one that failed.
    #[must_use]
    pub fn has_other_method(&self) -> bool {
        if self.is_renewed() {
            return true;
        }
        match (&self.next_method, &self.method) {
            (Some(next), Some(failed)) => {
                next.id != failed.id && (next.card.is_none() || next.card != failed.card)
            }
            _ => false,
        }
    }

    /// Whether the provider made an attempt of which no reading has told how it ended.
    #[must_use]
    pub const fn is_unread(&self) -> bool {
        !self.state.is_terminal() && self.recorded_attempts < self.provider_attempt_count
    }

    /// Whether a payment is on its way at the bank.
    #[must_use]
    pub const fn is_processing(&self) -> bool {
        self.processing_since.is_some()
    }

    /// Whether the live invoice was read a moment ago.
    #[must_use]
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.live_at.is_some_and(|at| now.since_ms(at) < FRESH_MS)
    }
}

/// How the money of a recovered case came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveredBy {
    /// The customer gave a new payment method.
    MethodUpdate,
    /// The customer asked for the same method again.
    CustomerRetry,
    /// An automatic attempt of ours.
    OurRetry,
    /// The provider's own attempt, its hosted page, or another system.
    Elsewhere,
}

/// One charge of ours. Stored before it is sent, and sent again only under the same key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// 1 for the first attempt of ours on this invoice.
    pub number: u32,
    /// Derived from invoice, number and method.
    pub key: IdempotencyKey,
    /// The method to charge; `None`: the provider's default.
    pub method: Option<PaymentMethodId>,
    /// Who wanted it.
    pub trigger: Trigger,
    /// When it was stored, which is before it was first sent.
    pub started_at: Timestamp,
    /// When to ask for the outcome if none came.
    pub check_at: Timestamp,
    /// How often the outcome was asked for in vain.
    pub checks: u32,
    /// A method that came in meanwhile; charged next, should this attempt be declined.
    pub next_method: Option<PaymentMethodId>,
    /// Why it was made when nobody asked for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Box<RetryDecision>>,
    /// Whether its outcome was asked for, which may have sent it.
    #[serde(default, skip_serializing_if = "is_false")]
    pub is_asked: bool,
}

/// When the next automatic attempt on the case is, whoever makes it.
#[must_use]
pub fn planned(case: &RecoveryCase) -> Option<Timestamp> {
    if case.state == CaseState::Scheduled { case.plan.as_ref()?.at } else { None }
}

/// Whether the customer may ask for the same method again now.
#[must_use]
pub fn can_retry(account: &Account, now: Timestamp, policy: &Policy) -> bool {
    apply::retry_verdict(account, now, policy, customer::may_retry).is_ok()
}

/// Whether a charge of this invoice may be sent now. Between the decision and the sending a pause
/// may have been accepted or a cancellation declared; then it is withheld.
#[must_use]
pub fn may_send(account: &Account, invoice: &InvoiceId) -> bool {
    let case = account.cases.get(invoice);
    case.is_some_and(|case| {
        subscription::halt(account, invoice, case.subscription.as_ref()).is_none()
    })
}

pub(crate) fn step_ms(steps: &[i64], count: u32) -> i64 {
    let index = usize::try_from(count).unwrap_or(usize::MAX);
    steps.get(index).or(steps.last()).copied().unwrap_or(DAY_MS)
}
