//! Leaving, and what may be offered to somebody who leaves.
//!
//! [`flow`] is the graph of screens: why, at most one screen with something else, a word, the
//! confirmation. [`offer`] is what can be offered, [`choose()`] says to whom,
//! [`length`] how long a discount has to be. [`state`] is the life
//! of a cancellation until the subscription is over, [`record`] what an account keeps of it,
//! [`act`] what the provider is asked for, [`receipt`] what the customer gets and [`view`] what
//! they see; [`crate::case::apply`] moves all of it. The law of the place
//! ([`crate::jurisdiction`]) and the merchant's policy ([`settings`]) say which of the screens
//! there are. Cancelling is possible from every screen with one action, whatever happens to an
//! offer.

pub mod act;
pub mod choose;
pub(crate) mod dates;
pub mod declaration;
pub mod event;
pub mod flow;
pub mod length;
pub mod offer;
pub mod receipt;
pub mod record;
pub mod settings;
pub mod state;
pub mod view;

pub use act::{Act, ActOutcome, ActStage, PendingAct};
pub use choose::{Choice, Chosen, Facts, choose};
pub use event::{Answer, CancelEntry, CancelError, CancelEvent, CancelLine, CancelNotice};
pub use flow::{Action, Flow, Step};
pub use offer::{Offer, OfferKind, PauseTerms, Terms};
pub use record::{Cancellation, Leaving, PauseRun, PauseState, ResumeCheck, Taken};
pub use settings::CancelSettings;
pub use state::CancelState;

use serde::{Deserialize, Serialize};

/// The longest text that a customer may leave, in bytes; a longer one is cut.
pub const FEEDBACK_BYTES_MAX: usize = 2_000;

/// Why somebody leaves. The words are Stripe's codes of `cancellation_details[feedback]`
/// (<https://docs.stripe.com/api/subscriptions/object>, SDK 16.1.0, read 2026-11), so that nothing
/// has to be translated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// It costs too much.
    TooExpensive,
    /// It is not used.
    Unused,
    /// Something is missing.
    MissingFeatures,
    /// It is not good enough.
    LowQuality,
    /// It is too hard to use.
    TooComplex,
    /// Another product took its place.
    SwitchedService,
    /// The service was bad.
    CustomerService,
    /// Something else.
    Other,
}

impl Reason {
    /// All of them, in the order in which they are offered unless the policy has another one.
    pub const ALL: [Self; 8] = [
        Self::TooExpensive,
        Self::Unused,
        Self::MissingFeatures,
        Self::LowQuality,
        Self::TooComplex,
        Self::SwitchedService,
        Self::CustomerService,
        Self::Other,
    ];

    /// The word in policies, records, answers, and at Stripe.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::TooExpensive => "too_expensive",
            Self::Unused => "unused",
            Self::MissingFeatures => "missing_features",
            Self::LowQuality => "low_quality",
            Self::TooComplex => "too_complex",
            Self::SwitchedService => "switched_service",
            Self::CustomerService => "customer_service",
            Self::Other => "other",
        }
    }
}

/// What a customer declares.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CancelKind {
    /// The subscription shall not go on.
    #[default]
    Ordinary,
    /// It ends for a cause that the customer names.
    Extraordinary,
    /// A young contract is taken back.
    Withdrawal,
}

impl CancelKind {
    /// The word in records and answers.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ordinary => "ordinary",
            Self::Extraordinary => "extraordinary",
            Self::Withdrawal => "withdrawal",
        }
    }
}
