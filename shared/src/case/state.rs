//! The transition table: every state, every input, in one place.

use serde::{Deserialize, Serialize};

/// Where a case is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CaseState {
    /// An automatic attempt is planned, by the provider or by us.
    Scheduled,
    /// A charge of ours is under way, or its outcome is unknown.
    Attempting,
    /// The bank wants to see the customer.
    AwaitingAuthentication,
    /// Nothing happens without a new method or the customer's word.
    AwaitingPaymentMethod,
    /// The subscription is paused.
    Suspended,
    /// Paid.
    Recovered,
    /// Given up: by the merchant, or by the provider together with the subscription.
    Exhausted,
    /// The subscription was cancelled.
    Canceled,
    /// The invoice was cancelled.
    Voided,
}

impl CaseState {
    /// Every state, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Scheduled,
        Self::Attempting,
        Self::AwaitingAuthentication,
        Self::AwaitingPaymentMethod,
        Self::Suspended,
        Self::Recovered,
        Self::Exhausted,
        Self::Canceled,
        Self::Voided,
    ];

    /// Whether the case is closed.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Recovered | Self::Exhausted | Self::Canceled | Self::Voided)
    }
}

/// What can happen to a case, without its details.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The invoice was seen unpaid, and an automatic attempt is planned.
    SeenRetryable,
    /// The invoice was seen unpaid, and only the customer can help.
    SeenNeedsMethod,
    /// The invoice was seen waiting for authentication.
    SeenNeedsAuthentication,
    /// A charge of ours is about to be sent.
    AttemptStarted,
    /// Our charge ended unpaid, and an automatic attempt is planned.
    AttemptRetryable,
    /// Our charge ended unpaid, and only the customer can help.
    AttemptNeedsMethod,
    /// Our charge ended with the bank wanting to see the customer.
    AttemptNeedsAuthentication,
    /// The invoice is paid.
    Paid,
    /// The invoice is void.
    Voided,
    /// The merchant or the provider gave the invoice up.
    GivenUp,
    /// The subscription was cancelled.
    SubscriptionEnded,
    /// The subscription is paused.
    Paused,
    /// The subscription runs again.
    Resumed,
}

impl Input {
    /// Every input, in the order of the table.
    pub const ALL: [Self; 13] = [
        Self::SeenRetryable,
        Self::SeenNeedsMethod,
        Self::SeenNeedsAuthentication,
        Self::AttemptStarted,
        Self::AttemptRetryable,
        Self::AttemptNeedsMethod,
        Self::AttemptNeedsAuthentication,
        Self::Paid,
        Self::Voided,
        Self::GivenUp,
        Self::SubscriptionEnded,
        Self::Paused,
        Self::Resumed,
    ];
}

/// The next state; `None` where the input is not possible in that state and must change nothing.
///
/// - `Attempting` is left only by the outcome of the attempt or by the end of the invoice: what is
///   seen meanwhile may be older than the charge.
/// - A closed case stays closed, with one exception: money that arrives after giving up is a
///   recovery.
#[must_use]
pub const fn next(state: CaseState, input: Input) -> Option<CaseState> {
    use CaseState as S;
    use Input as I;
    match (state, input) {
        (S::Recovered | S::Canceled | S::Voided, _) => None,
        (S::Exhausted, I::Paid) => Some(S::Recovered),
        (S::Exhausted, _) => None,

        (_, I::Paid) => Some(S::Recovered),
        (_, I::Voided) => Some(S::Voided),

        (S::Attempting, I::AttemptRetryable) => Some(S::Scheduled),
        (S::Attempting, I::AttemptNeedsMethod) => Some(S::AwaitingPaymentMethod),
        (S::Attempting, I::AttemptNeedsAuthentication) => Some(S::AwaitingAuthentication),
        (S::Attempting, _) => None,

        (_, I::GivenUp) => Some(S::Exhausted),
        (_, I::SubscriptionEnded) => Some(S::Canceled),

        (S::Suspended, I::Resumed) => Some(S::Scheduled),
        (S::Suspended, _) => None,
        (_, I::Paused) => Some(S::Suspended),

        (_, I::SeenRetryable) => Some(S::Scheduled),
        (_, I::SeenNeedsMethod) => Some(S::AwaitingPaymentMethod),
        (_, I::SeenNeedsAuthentication) => Some(S::AwaitingAuthentication),
        (_, I::AttemptStarted) => Some(S::Attempting),
        (
            _,
            I::AttemptRetryable
            | I::AttemptNeedsMethod
            | I::AttemptNeedsAuthentication
            | I::Resumed,
        ) => None,
    }
}
