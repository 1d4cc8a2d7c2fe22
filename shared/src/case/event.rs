//! What can happen to an account.

use crate::api::status::MethodSummary;
use crate::calendar::Zone;
use crate::cancel::CancelEvent;
use crate::complaint::Complaint;
use crate::id::{InvoiceId, PaymentMethodId, SetupId};
use crate::provider::{
    CardExpiry, CardFact, ChargeOutcome, InvoiceFact, MethodFact, Observed, SubscriptionFact,
};
use serde::{Deserialize, Serialize};

/// The most methods of one customer that are looked at.
pub const METHODS_MAX: usize = 10;

/// Who wanted a charge. Decides whether it is on-session and how the recovery is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// The customer gave a new payment method.
    MethodUpdate,
    /// The customer asked for the same method again.
    CustomerRetry,
    /// Our ladder.
    Schedule,
}

impl Trigger {
    /// The word in the history.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MethodUpdate => "method_update",
            Self::CustomerRetry => "customer_retry",
            Self::Schedule => "schedule",
        }
    }

    /// Whether the customer is present, so that the bank may ask for them.
    #[must_use]
    pub const fn is_on_session(self) -> bool {
        matches!(self, Self::MethodUpdate | Self::CustomerRetry)
    }
}

/// One thing that happened, in the past tense.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(clippy::large_enum_variant, reason = "events are made one at a time and never stored")]
pub enum Event {
    /// An invoice was seen.
    InvoiceObserved {
        /// As it was.
        fact: InvoiceFact,
        /// How fresh that is.
        observed: Observed,
    },
    /// An invoice could not be read.
    InvoiceReadFailed {
        /// Which.
        invoice: InvoiceId,
    },
    /// A subscription was seen.
    SubscriptionObserved {
        /// As it was.
        fact: SubscriptionFact,
    },
    /// The customer finished the set-up of a new method.
    MethodCollected {
        /// Where it came from.
        setup: SetupId,
        /// The method.
        method: PaymentMethodId,
        /// Which card it is; `None`: not a card, or not known.
        card: Option<CardFact>,
    },
    /// Everything that the customer has on file was seen; at most [`METHODS_MAX`] of it count.
    MethodsObserved {
        /// The methods, the newest first.
        methods: Vec<MethodFact>,
    },
    /// What the customer has on file changed at the provider.
    MethodsChanged {
        /// A card that its network replaced; `None`: something else.
        renewed: Option<MethodFact>,
    },
    /// The provider deleted the customer, for good.
    CustomerDeleted,
    /// A card that would be charged next was seen, and the end of its time.
    CardExpires {
        /// The method.
        method: PaymentMethodId,
        /// As its owner knows it.
        summary: Option<MethodSummary>,
        /// At the end of which month.
        expiry: CardExpiry,
    },
    /// The customer's clock was seen.
    ZoneObserved {
        /// Where it hangs.
        zone: Zone,
    },
    /// The customer's and every subscription's default is the new method.
    DefaultsSet {
        /// Of which update.
        setup: SetupId,
    },
    /// Not every default could be set; it will be tried again.
    DefaultsFailed {
        /// Of which update.
        setup: SetupId,
    },
    /// The provider refuses the new method for good.
    DefaultsRefused {
        /// Of which update.
        setup: SetupId,
    },
    /// The customer asked for the same method again.
    RetryRequested,
    /// The customer is there to confirm what the bank refused without them
    /// (`authentication_required`): it is charged once more, on-session, and the bank may ask now.
    AuthenticationAsked {
        /// Which invoice; `None`: each one that waits for the customer.
        invoice: Option<InvoiceId>,
    },
    /// A charge of ours has an outcome.
    AttemptFinished {
        /// Of which invoice.
        invoice: InvoiceId,
        /// Of which attempt.
        number: u32,
        /// How it ended.
        outcome: ChargeOutcome,
    },
    /// A charge of ours was sent and no outcome came back.
    AttemptUnknown {
        /// Of which invoice.
        invoice: InvoiceId,
        /// Of which attempt.
        number: u32,
    },
    /// An attempt is too old to be asked for, and the invoice is still open: it never happened.
    AttemptLapsed {
        /// Of which invoice.
        invoice: InvoiceId,
        /// Of which attempt.
        number: u32,
    },
    /// An attempt was not sent: a pause was accepted or a cancellation declared after it was begun.
    AttemptWithheld {
        /// Of which invoice.
        invoice: InvoiceId,
        /// Of which attempt.
        number: u32,
    },
    /// The alarm rang.
    WakeReached,
    /// The customer tells a person what is wrong.
    ComplaintMade {
        /// What.
        complaint: Complaint,
    },
    /// Somebody leaves, or stays after all.
    Cancel(CancelEvent),
}
