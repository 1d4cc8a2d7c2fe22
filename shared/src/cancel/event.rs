//! What customers and providers do to a cancellation, and what is written down of it.

use super::act::ActOutcome;
use super::flow::Step;
use super::{CancelKind, Reason};
use crate::id::{CancellationId, SubscriptionId};
use crate::idempotency::IdempotencyKey;
use crate::jurisdiction::{FoundBy, Jurisdiction, Whereabouts};
use crate::time::Timestamp;

/// One thing that happened, in the past tense. The same twice changes nothing the second time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelEvent {
    /// The customer pressed the button that begins. One that is under way goes on.
    Started {
        /// What they leave; `None`: the only one that runs.
        subscription: Option<SubscriptionId>,
        /// What they declare.
        kind: CancelKind,
        /// Where they are.
        place: Whereabouts,
    },
    /// The customer answered a screen.
    Answered {
        /// Which cancellation.
        id: CancellationId,
        /// Which screen: an answer to one that was left changes nothing.
        from: Step,
        /// What.
        answer: Answer,
    },
    /// The customer took an offer.
    OfferAccepted {
        /// Which cancellation.
        id: CancellationId,
        /// The offer's name.
        offer: String,
        /// Until when, where a pause lets them choose; `None`: as long as possible.
        until: Option<Timestamp>,
    },
    /// The customer declared that they leave.
    Confirmed {
        /// Which cancellation.
        id: CancellationId,
    },
    /// The customer took it back.
    Undone {
        /// Which cancellation.
        id: CancellationId,
    },
    /// The customer wants a pause to end now.
    ResumeRequested {
        /// Of what.
        subscription: SubscriptionId,
    },
    /// The customer wants a pause to be longer.
    PauseExtended {
        /// Of what.
        subscription: SubscriptionId,
    },
    /// An act has an outcome.
    ActFinished {
        /// Which.
        key: IdempotencyKey,
        /// How it ended.
        outcome: ActOutcome,
    },
    /// An act was sent and no outcome came back, or a question about one was not answered.
    ActUnknown {
        /// Which.
        key: IdempotencyKey,
    },
    /// The provider was asked whether what an act wanted is so.
    ActFound {
        /// Which.
        key: IdempotencyKey,
        /// Whether it is.
        holds: bool,
    },
}

/// What a customer answers on a screen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Why they leave; `None`: they do not say.
    Reason(Option<Reason>),
    /// Nothing of what is offered.
    Refuse,
    /// A word; `None`: none. Cut at [`super::FEEDBACK_BYTES_MAX`].
    Feedback(Option<String>),
    /// Back to the screen before.
    Back,
    /// Straight to the confirmation.
    ToConfirm,
    /// They stay.
    Stay,
}

/// Why something about leaving cannot be done. The account is as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CancelError {
    /// No cancellation of that name.
    #[error("there is no such cancellation")]
    NoSuchCancellation,
    /// No subscription of that name, or none that runs.
    #[error("there is no such subscription")]
    NoSuchSubscription,
    /// Several run, and nobody said which.
    #[error("there are several subscriptions; say which")]
    ChooseSubscription,
    /// Not possible from here.
    #[error("this is not possible now")]
    WrongStep,
    /// This is not, or not any more, offered.
    #[error("this is not offered")]
    NotOffered,
    /// The law of the place gives no such right here and now.
    #[error("there is no right to withdraw from this contract, or not any more")]
    NoWithdrawal,
    /// It has taken effect.
    #[error("it has taken effect and cannot be undone")]
    TooLate,
    /// Nothing is paused.
    #[error("this subscription is not paused")]
    NotPaused,
    /// More is under way than is kept.
    #[error("too much is under way; try again later")]
    Busy,
}

/// One line of the append-only history of leaving.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CancelLine {
    /// Which cancellation.
    pub id: CancellationId,
    /// What happened.
    pub entry: CancelEntry,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say it, and `CancelEvent` explains them")]
pub enum CancelEntry {
    Started {
        kind: CancelKind,
        jurisdiction: Jurisdiction,
        found_by: FoundBy,
    },
    Reason {
        reason: Option<Reason>,
    },
    /// With the probability of each in millionths.
    OffersShown {
        offers: Vec<(String, u32)>,
    },
    HeldOut,
    OffersRefused,
    FollowedLink {
        offer: String,
    },
    OfferAccepted {
        offer: String,
    },
    OfferTaken {
        offer: String,
    },
    OfferFailed {
        offer: String,
    },
    Feedback,
    Stayed,
    Confirmed {
        effective_at: Timestamp,
    },
    Canceled,
    UndoAsked,
    Undone,
    UndoFailed,
    Ended,
    Lapsed,
    PauseExtended {
        resumes_at: Timestamp,
    },
    ResumeAsked,
    Resumed,
    /// An offer that was on its way when the customer left turned out to hold.
    OfferHolds {
        offer: String,
    },
    /// The provider refused something about an invoice; it is tried again.
    Refused {
        act: &'static str,
        target: String,
    },
    /// The provider refuses what has to be done: a person has to look.
    Stuck {
        act: &'static str,
        target: String,
    },
}

/// What a customer, or the merchant, is to be told. Stored with the commit that brings it about, so
/// that it is told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CancelNotice {
    /// The receipt of a declaration.
    Receipt {
        /// Of which.
        id: CancellationId,
    },
    /// It was taken back.
    Undone {
        /// Which.
        id: CancellationId,
    },
    /// A pause began.
    PauseBegan {
        /// Of what.
        subscription: SubscriptionId,
        /// When it ends.
        resumes_at: Timestamp,
    },
    /// A pause ends soon.
    PauseEnding {
        /// Of what.
        subscription: SubscriptionId,
        /// When.
        resumes_at: Timestamp,
        /// When the first charge is.
        first_charge_at: Option<Timestamp>,
    },
    /// A pause is over.
    PauseEnded {
        /// Of what.
        subscription: SubscriptionId,
    },
    /// For the merchant: the provider refuses what has to be done.
    Stuck {
        /// For which cancellation.
        id: CancellationId,
        /// What.
        act: &'static str,
        /// To what: a subscription, an invoice, or `balance`.
        target: String,
        /// Whether it is tried again; otherwise nothing happens without a person.
        is_tried_again: bool,
    },
    /// The subscription is over: a link that leads back may be made.
    WinBack {
        /// After which cancellation.
        id: CancellationId,
        /// What it was.
        subscription: SubscriptionId,
    },
}
