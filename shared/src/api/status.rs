//! What a customer needs to know now: the answer to `GET /v1/status`.

use serde::{Deserialize, Serialize};

/// Everything the widget shows. All fields are always present; `null` where there is none.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Status {
    /// Whether there is something to show.
    pub state: RecoveryState,
    /// What the merchant should let the customer use.
    pub access: AccessLevel,
    /// What would help.
    pub remedy: Option<Remedy>,
    /// Why the payment failed, in the words a payer may be told.
    pub reason: Option<PayerReason>,
    /// The whole amount that a recovery charges. `None` when invoices have several currencies.
    pub amount_due: Option<Amount>,
    /// The open invoices, oldest first.
    pub invoices: Vec<InvoiceDue>,
    /// The method that the last charge failed on.
    pub method: Option<MethodSummary>,
    /// "Try the same card again" may be offered.
    pub can_retry: bool,
    /// Until when access stays as it is, milliseconds since the epoch.
    pub grace_ends_at_ms: Option<i64>,
    /// When the next automatic attempt is planned, milliseconds since the epoch.
    pub next_attempt_at_ms: Option<i64>,
    /// What is to be known of a card before any payment fails; also when nothing is open.
    #[serde(default)]
    pub card_news: Option<CardNews>,
    /// The server's clock, milliseconds since the epoch.
    pub server_time_ms: i64,
}

/// News of a card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardNews {
    /// What happened.
    pub kind: CardNewsKind,
    /// Which card.
    pub method: Option<MethodSummary>,
    /// The end of its last month, milliseconds since the epoch; with `expires_soon` only.
    pub expires_at_ms: Option<i64>,
}

/// What happened to a card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CardNewsKind {
    /// Its network replaced it; the customer has nothing to do.
    Updated,
    /// It expires within 30 days and would be charged next.
    ExpiresSoon,
}

/// Whether there is something to show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RecoveryState {
    /// Nothing is open.
    Clear,
    /// An invoice is open and the customer can help.
    ActionNeeded,
    /// A charge is under way; ask again soon.
    Pending,
    /// A payment is on its way and the bank takes days for it: nothing is to be done, and nobody
    /// need ask again soon.
    Processing,
    /// The last open invoice was paid a moment ago.
    Recovered,
}

/// What the merchant should let the customer use, best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AccessLevel {
    /// Everything.
    Full,
    /// Everything, with a notice.
    Warn,
    /// Only what the merchant leaves open until the invoice is paid.
    Restricted,
    /// The subscription has ended.
    Ended,
}

/// What would help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Remedy {
    /// Time: the balance or the bank's system.
    Wait,
    /// Another card, or this one with right details.
    UpdatePaymentMethod,
    /// The bank wants to see the customer.
    Authenticate,
    /// Only the bank can say.
    ContactIssuer,
    /// Nothing on this method.
    Stop,
}

/// Why a payment failed, as far as a payer may be told. Fraud, loss and theft are `CardDeclined`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PayerReason {
    /// The card has expired.
    CardExpired,
    /// The balance was too low.
    InsufficientFunds,
    /// Number, date or security code are wrong.
    CardDetailsWrong,
    /// The card cannot pay this kind of purchase or this currency.
    CardNotSupported,
    /// The bank wants the customer to confirm.
    AuthenticationNeeded,
    /// The bank declined; no more is said.
    CardDeclined,
    /// The bank could not be reached.
    TryLater,
}

/// Money on the wire.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// Minor units of the currency.
    pub amount_minor: i64,
    /// ISO 4217, lower case.
    pub currency: String,
}

/// One open invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvoiceDue {
    /// The provider's id.
    pub id: String,
    /// The number printed on it.
    pub number: Option<String>,
    /// What is left to pay.
    pub amount_due: Amount,
    /// What it is for.
    pub description: Option<String>,
    /// The bank waits for the customer to confirm this one.
    pub needs_authentication: bool,
}

/// A payment method as its owner knows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodSummary {
    /// `visa`, `mastercard`, …
    pub brand: String,
    /// The last four digits.
    pub last4: String,
}
