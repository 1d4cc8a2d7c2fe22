//! Leaving: what the browser sends and gets.

use super::status::Amount;
use serde::{Deserialize, Serialize};

/// The most bytes of the body of any of these calls.
pub const REQUEST_BYTES_MAX: usize = 16 * 1_024;

/// The body of `POST /v1/cancellations`; it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewCancellation {
    /// What is left; `None`: the only subscription that runs.
    #[serde(default)]
    pub subscription: Option<String>,
    /// `ordinary`, `extraordinary` or `withdrawal`.
    #[serde(default)]
    pub kind: Option<String>,
}

/// The body of `POST /v1/cancellations/{id}/answer`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRequest {
    /// The screen that is answered. An answer to one that was left changes nothing.
    pub from: String,
    /// `reason`, `refuse`, `feedback`, `back`, `to_confirm` or `stay`.
    pub answer: String,
    /// With `reason`: why; `None`: the customer does not say.
    #[serde(default)]
    pub reason: Option<String>,
    /// With `feedback`: what the customer wrote.
    #[serde(default)]
    pub text: Option<String>,
}

/// The body of `POST /v1/cancellations/{id}/offers/{offer}/accept`; it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceptRequest {
    /// For a pause until a date: the date, in milliseconds since the epoch.
    #[serde(default)]
    pub until_ms: Option<i64>,
}

/// The answer to all of these calls.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CancellationView {
    /// Its name.
    pub id: String,
    /// What is left.
    pub subscription: SubscriptionView,
    /// `ordinary`, `extraordinary` or `withdrawal`.
    pub kind: String,
    /// `open`, `accepting`, `kept`, `canceling`, `canceled`, `undoing`, `undone`, `ended` or
    /// `lapsed`.
    pub state: String,
    /// `survey`, `offer`, `feedback`, `confirm`, `done`, `kept`.
    pub step: String,
    /// The screens in order, up to the confirmation.
    pub steps: Vec<String>,
    /// Whether there is a screen before this one.
    pub can_go_back: bool,
    /// The law of the place.
    pub profile: ProfileView,
    /// What can be answered to why.
    pub reasons: Vec<String>,
    /// What was answered.
    pub reason: Option<String>,
    /// What the customer wrote.
    pub feedback: Option<String>,
    /// What is offered, on the screen with offers.
    pub offers: Vec<OfferView>,
    /// The offer that was taken.
    pub accepted: Option<String>,
    /// The offer that could not be had; cancelling goes on.
    pub failed_offer: Option<String>,
    /// When the subscription ends, or would, in milliseconds since the epoch.
    pub effective_at_ms: i64,
    /// Until when it can be taken back; `None`: it cannot.
    pub undo_until_ms: Option<i64>,
    /// What becomes of open invoices: `void` or `keep`.
    pub open_invoices: String,
    /// What the customer can keep; `None` until it is declared.
    pub receipt: Option<ReceiptView>,
    /// The server's clock, milliseconds since the epoch.
    pub server_time_ms: i64,
}

/// The answer to `GET /v1/subscriptions`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Subscriptions {
    /// Those that are not over.
    pub subscriptions: Vec<SubscriptionView>,
    /// The server's clock, milliseconds since the epoch.
    pub server_time_ms: i64,
}

/// One subscription.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionView {
    /// The provider's id.
    pub id: String,
    /// What one period costs.
    pub plan: Option<Amount>,
    /// `month`, `year` or `other`.
    pub interval: Option<String>,
    /// The cancellation that is under way, open or declared.
    pub cancellation: Option<String>,
    /// Whether it was declared.
    pub is_leaving: bool,
    /// When it ends, where that is known.
    pub ends_at_ms: Option<i64>,
    /// Its pause.
    pub pause: Option<PauseView>,
    /// Until when the contract can be taken back, where the law of the place gives that right.
    pub withdraw_until_ms: Option<i64>,
}

/// A pause that runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseView {
    /// `starting`, `paused` or `resuming`.
    pub state: String,
    /// Until when the product can be used; `None`: through the whole pause.
    pub access_until_ms: Option<i64>,
    /// When it ends.
    pub resumes_at_ms: i64,
    /// When the first charge after it is.
    pub first_charge_at_ms: Option<i64>,
    /// Whether it can be made longer.
    pub can_extend: bool,
}

/// The law of the place, as far as a screen needs it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    /// Whose.
    pub jurisdiction: String,
    /// How it was found.
    pub found_by: String,
    /// The text of the button that declares it, as a key.
    pub confirm_label: String,
    /// The most clicks from the one to the other.
    pub clicks_max: u32,
    /// What the cancel button beside an offer does: `now` (call `confirm`) or `to_confirm`.
    pub cancel_on_offer: String,
}

/// One offer. Which fields are there depends on the kind; all dates and amounts are what will be.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfferView {
    /// Its name in the path.
    pub name: String,
    /// What it is.
    #[serde(flatten)]
    pub terms: OfferTerms,
}

/// What is offered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum OfferTerms {
    /// Nothing is charged for a while.
    Pause {
        /// `on` or `off`.
        access: String,
        /// For so many periods; `None`: until a date.
        periods: Option<u32>,
        /// Until when the product can be used; `None`: through the whole pause.
        access_until_ms: Option<i64>,
        /// When it ends.
        resumes_at_ms: i64,
        /// The latest date that can be chosen instead.
        resumes_at_max_ms: Option<i64>,
        /// When the first charge after it is.
        first_charge_at_ms: Option<i64>,
    },
    /// The next periods cost less.
    Discount {
        /// So many hundredths.
        percent: Option<u32>,
        /// Or so much.
        amount_off: Option<Amount>,
        /// For so many periods.
        periods: u32,
        /// What one of them costs then.
        price: Option<Amount>,
    },
    /// Another plan.
    PlanChange {
        /// What it is called.
        label: String,
    },
    /// The trial goes on.
    TrialExtension {
        /// Until when.
        until_ms: i64,
    },
    /// Money towards the next invoices.
    Credit {
        /// How much.
        amount: Amount,
    },
    /// A person to talk to.
    Contact {
        /// Where.
        url: String,
    },
    /// A page.
    Redirect {
        /// Where.
        url: String,
    },
}

/// What a customer can keep.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptView {
    /// The number of the cancellation.
    pub id: String,
    /// When it was received.
    pub at_ms: i64,
    /// When the subscription ends.
    pub effective_at_ms: i64,
    /// Line by line.
    pub lines: Vec<ReceiptLine>,
}

/// One line of a receipt.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReceiptLine {
    /// What it is, as a key of the languages.
    pub key: String,
    /// What stands there.
    pub value: ReceiptValue,
}

/// What stands on a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptValue {
    /// A text as it is.
    Text(String),
    /// A moment, in milliseconds since the epoch.
    TimeMs(i64),
    /// An amount.
    Amount(Amount),
    /// A key of the languages.
    Word(String),
}
