//! What is to be done at the provider for somebody who leaves or stays, as data that is stored
//! before it is sent and asked for again until its outcome is known.

use super::Reason;
use super::offer::Off;
use crate::id::{CancellationId, InvoiceId, PlanId, SubscriptionId};
use crate::idempotency::IdempotencyKey;
use crate::money::Money;
use crate::provider::PauseKind;
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// One thing to do. All of them but a credit and a discount set a state, so that doing one again is
/// harmless.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "act")]
pub enum Act {
    /// Pause, or move the end of a pause.
    Pause {
        /// What.
        subscription: SubscriptionId,
        /// How.
        by: PauseKind,
        /// Until when.
        resumes_at: Timestamp,
    },
    /// End a pause now. One that is over already is done.
    Resume {
        /// What.
        subscription: SubscriptionId,
        /// How it was paused.
        by: PauseKind,
    },
    /// Take something off the next periods. Known to the provider by its key, because the periods
    /// may be over before anybody knows that it was given.
    Discount {
        /// Of what.
        subscription: SubscriptionId,
        /// How much.
        off: Off,
        /// For so many periods.
        periods: u32,
    },
    /// Another plan from the next period on, without a charge now.
    ChangePlan {
        /// Of what.
        subscription: SubscriptionId,
        /// Which.
        plan: PlanId,
    },
    /// Move the end of a trial.
    ExtendTrial {
        /// Of what.
        subscription: SubscriptionId,
        /// Until when.
        until: Timestamp,
    },
    /// Put money on the customer's account at the provider. Once its key is forgotten it is looked
    /// for there before it is repeated: it would be given twice.
    Credit {
        /// How much.
        amount: Money,
    },
    /// Let it end with its period. What is over or ending already is done.
    CancelAtPeriodEnd {
        /// What.
        subscription: SubscriptionId,
        /// Why, in the provider's own words for it.
        reason: Option<Reason>,
        /// What the customer wrote.
        comment: Option<String>,
    },
    /// End it. What is over already is done.
    CancelNow {
        /// What.
        subscription: SubscriptionId,
        /// Why.
        reason: Option<Reason>,
        /// What the customer wrote.
        comment: Option<String>,
    },
    /// Let it go on after all.
    KeepRunning {
        /// What.
        subscription: SubscriptionId,
    },
    /// Make an invoice void. One that is void, paid or given up already is done.
    Void {
        /// Which.
        invoice: InvoiceId,
    },
    /// Stop the provider's own attempts to collect an invoice.
    Hold {
        /// Which.
        invoice: InvoiceId,
    },
    /// Let it collect again.
    Release {
        /// Which.
        invoice: InvoiceId,
    },
}

impl Act {
    /// The word in keys and histories.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Pause { .. } => "pause",
            Self::Resume { .. } => "resume",
            Self::Discount { .. } => "discount",
            Self::ChangePlan { .. } => "change_plan",
            Self::ExtendTrial { .. } => "extend_trial",
            Self::Credit { .. } => "credit",
            Self::CancelAtPeriodEnd { .. } => "cancel_at_period_end",
            Self::CancelNow { .. } => "cancel_now",
            Self::KeepRunning { .. } => "keep_running",
            Self::Void { .. } => "void",
            Self::Hold { .. } => "hold",
            Self::Release { .. } => "release",
        }
    }

    /// What it is done to. Acts on one target are done one after the other.
    #[must_use]
    pub fn target(&self) -> &str {
        match self {
            Self::Pause { subscription, .. }
            | Self::Resume { subscription, .. }
            | Self::Discount { subscription, .. }
            | Self::ChangePlan { subscription, .. }
            | Self::ExtendTrial { subscription, .. }
            | Self::CancelAtPeriodEnd { subscription, .. }
            | Self::CancelNow { subscription, .. }
            | Self::KeepRunning { subscription } => subscription.as_str(),
            Self::Void { invoice } | Self::Hold { invoice } | Self::Release { invoice } => {
                invoice.as_str()
            }
            Self::Credit { .. } => "balance",
        }
    }

    /// The invoice, where it is about one.
    #[must_use]
    pub const fn invoice(&self) -> Option<&InvoiceId> {
        match self {
            Self::Void { invoice } | Self::Hold { invoice } | Self::Release { invoice } => {
                Some(invoice)
            }
            _ => None,
        }
    }

    /// The kind of the offer that it carries out, a word of [`super::offer::Terms::kind`]; `None`:
    /// it belongs to none.
    #[must_use]
    pub const fn offer_kind(&self) -> Option<&'static str> {
        match self {
            Self::Pause { .. } => Some("pause"),
            Self::Discount { .. } => Some("discount"),
            Self::ChangePlan { .. } => Some("plan_change"),
            Self::ExtendTrial { .. } => Some("trial_extension"),
            Self::Credit { .. } => Some("credit"),
            _ => None,
        }
    }

    /// Whether doing it again under another key would be giving it twice.
    #[must_use]
    pub const fn can_double(&self) -> bool {
        matches!(self, Self::Credit { .. } | Self::Discount { .. })
    }

    /// Whether it belongs to an offer: a final no leads back to the screens.
    #[must_use]
    pub const fn is_offer(&self) -> bool {
        self.offer_kind().is_some()
    }
}

/// An act that has no outcome yet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PendingAct {
    /// Derived from the cancellation, the act and its number.
    pub key: IdempotencyKey,
    /// For which cancellation.
    pub subject: CancellationId,
    /// What.
    pub act: Act,
    /// When it was sent first under this key; `None`: it waits for the one before it.
    pub started_at: Option<Timestamp>,
    /// When to ask again.
    pub check_at: Option<Timestamp>,
    /// How often nobody knew.
    pub checks: u32,
    /// Whether it is still wanted.
    #[serde(default)]
    pub stage: ActStage,
    /// How often the provider refused it.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub refusals: u32,
}

const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// How an act without an outcome stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ActStage {
    /// It is to be done, and may be on its way.
    #[default]
    Wanted,
    /// The provider refused it. Nothing is on its way until it is tried again.
    Refused,
    /// Nobody wants it any more. It was sent, so whether it holds is still to be found out; it is
    /// not sent again.
    Dropped,
}

impl PendingAct {
    /// Whether nothing of it can be under way at the provider.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.started_at.is_none() || matches!(self.stage, ActStage::Refused)
    }
}

/// How an act ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActOutcome {
    /// It holds.
    Done,
    /// The provider's final no.
    Refused,
}
