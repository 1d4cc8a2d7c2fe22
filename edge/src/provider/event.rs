//! What a provider tells by itself: whether it is really the provider, and what it says in the
//! core's words.

use http::HeaderMap;
use reprieve_core::id::{CustomerId, EventId, PaymentMethodId};
use reprieve_core::provider::{InvoiceFact, MethodFact, SetupFact, SubscriptionFact};
use reprieve_core::time::Timestamp;

/// Takes in what the provider sends, or lists, as events. Nothing here asks the provider.
pub trait ReadEvents {
    /// Whether a request with this body comes from the provider, judged over the raw bytes.
    fn verify(&self, headers: &HeaderMap, raw: &[u8], now: Timestamp)
    -> Result<(), SignatureError>;

    /// Reads a body. One that tells nothing that we act on is read too, without a fact; an error
    /// means that the body is none of the provider's events, or has an object that we act on and
    /// cannot read, so that the provider keeps the event and a person sees it.
    fn read_event(&self, raw: &[u8]) -> Result<ProviderEvent, EventError>;

    /// The body as it may be kept: without secrets.
    fn storable(&self, raw: Vec<u8>) -> Result<String, EventError>;

    /// Whether the account that we speak to is one of real money; `None`: it does not say.
    fn is_live(&self) -> Option<bool>;
}

/// One event, read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderEvent {
    /// The same for every delivery of this event.
    pub id: EventId,
    /// Its name, bounded by the adapter: `invoice.payment_failed`.
    pub kind: String,
    /// When it happened, by the provider's clock.
    pub created_at: Timestamp,
    /// Whether real money was involved.
    pub is_live: bool,
    /// The connected account in which it happened; `None`: our own.
    pub account: Option<String>,
    /// Whose it is, where it says so.
    pub customer: Option<CustomerId>,
    /// The charge by which the customer can be found, where it names no customer.
    pub charge: Option<String>,
    /// What it tells; `None` when it is only recorded.
    pub fact: Option<Fact>,
}

/// What an event tells. Perhaps outdated by the time it is read: order is not guaranteed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "one event has one fact, moved on at once; the lint fires on 64 bits only"
)]
pub enum Fact {
    /// An invoice, without payment details.
    Invoice(InvoiceFact),
    /// A subscription.
    Subscription(SubscriptionFact),
    /// A set-up, and the merchant whose mark it carries.
    Setup(SetupFact, Option<String>),
    /// Something the customer has on file changed; with the card that its network replaced.
    MethodsChanged(Option<MethodFact>),
    /// The customer was deleted, for good.
    CustomerDeleted,
    /// The customer's default is another one now.
    DefaultChanged(PaymentMethodId),
}

/// An event cannot be read. Its code says why, for logs; nothing of the body is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the event cannot be read: {0}")]
pub struct EventError(pub &'static str);

/// Why an event was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is no header.
    #[error("the event carries no signature")]
    Missing,
    /// The header is too long, or has no time or no signature.
    #[error("the signature header cannot be read")]
    Malformed,
    /// No signature fits any secret.
    #[error("the signature does not fit")]
    Mismatch,
    /// The signature fits but is too old.
    #[error("the signature is too old")]
    TooOld,
    /// The signature fits but is dated too far ahead.
    #[error("the signature is dated in the future")]
    FromTheFuture,
}
