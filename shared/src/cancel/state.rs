//! The life of a cancellation: every state and every input in one table.

use serde::{Deserialize, Serialize};

/// Where a cancellation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelState {
    /// The customer is on one of the screens.
    Open,
    /// An offer was taken, and the provider has not said yes yet.
    Accepting,
    /// The customer stays.
    Kept,
    /// It was declared, and the provider has not said yes yet.
    Canceling,
    /// The provider knows: the subscription ends.
    Canceled,
    /// It was taken back, and the provider has not said yes yet.
    Undoing,
    /// It was taken back.
    Undone,
    /// The subscription is over.
    Ended,
    /// The customer went away without a word.
    Lapsed,
}

impl CancelState {
    /// Every state, in the order of the table.
    pub const ALL: [Self; 9] = [
        Self::Open,
        Self::Accepting,
        Self::Kept,
        Self::Canceling,
        Self::Canceled,
        Self::Undoing,
        Self::Undone,
        Self::Ended,
        Self::Lapsed,
    ];

    /// The word in answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Accepting => "accepting",
            Self::Kept => "kept",
            Self::Canceling => "canceling",
            Self::Canceled => "canceled",
            Self::Undoing => "undoing",
            Self::Undone => "undone",
            Self::Ended => "ended",
            Self::Lapsed => "lapsed",
        }
    }

    /// Whether nothing can happen any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Kept | Self::Undone | Self::Ended | Self::Lapsed)
    }

    /// Whether the customer declared that they leave: nothing is charged and nobody is asked for
    /// money. Taken back counts only when the provider knows.
    #[must_use]
    pub const fn is_leaving(self) -> bool {
        matches!(self, Self::Canceling | Self::Canceled | Self::Undoing)
    }
}

/// What can happen to a cancellation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Input {
    /// The customer takes an offer that changes something.
    OfferAccepted,
    /// It holds.
    OfferDone,
    /// The provider refuses it.
    OfferFailed,
    /// The customer stays without one.
    Stayed,
    /// The customer declares that they leave.
    Confirmed,
    /// The provider knows.
    CancelDone,
    /// The customer takes it back.
    UndoAsked,
    /// The provider knows that, too.
    UndoDone,
    /// The provider refuses.
    UndoFailed,
    /// The subscription was seen running on without an end: somebody took it back elsewhere.
    SeenRunningOn,
    /// The subscription is over.
    SubscriptionEnded,
    /// A day went by, or another cancellation began.
    Forgotten,
}

impl Input {
    /// Every input, in the order of the table.
    pub const ALL: [Self; 12] = [
        Self::OfferAccepted,
        Self::OfferDone,
        Self::OfferFailed,
        Self::Stayed,
        Self::Confirmed,
        Self::CancelDone,
        Self::UndoAsked,
        Self::UndoDone,
        Self::UndoFailed,
        Self::SeenRunningOn,
        Self::SubscriptionEnded,
        Self::Forgotten,
    ];
}

/// The next state; `None` where the input is not possible in that state and must change nothing.
///
/// An offer on its way does not keep anybody from leaving, and one that failed leads back to the
/// screens.
#[must_use]
pub const fn next(state: CancelState, input: Input) -> Option<CancelState> {
    use CancelState as S;
    use Input as I;
    match (state, input) {
        (S::Kept | S::Undone | S::Ended | S::Lapsed, _) => None,
        (_, I::SubscriptionEnded) => Some(S::Ended),

        (S::Open, I::OfferAccepted) => Some(S::Accepting),
        (S::Open, I::Stayed) => Some(S::Kept),
        (S::Open | S::Accepting, I::Confirmed) => Some(S::Canceling),
        (S::Open, I::Forgotten) => Some(S::Lapsed),

        (S::Accepting, I::OfferDone) => Some(S::Kept),
        (S::Accepting, I::OfferFailed) => Some(S::Open),

        (S::Canceling, I::CancelDone) => Some(S::Canceled),
        (S::Canceling | S::Canceled, I::UndoAsked) => Some(S::Undoing),
        (S::Canceled, I::SeenRunningOn) => Some(S::Undone),

        (S::Undoing, I::UndoDone) => Some(S::Undone),
        (S::Undoing, I::UndoFailed) => Some(S::Canceled),
        _ => None,
    }
}
