//! The seam to payment providers: small traits by operation, and what a provider can do.
//!
//! Everything that crosses the seam is in the core's words ([`reprieve_core::provider`]); a
//! provider's own types stop at its adapter's `map`. The rule that carries every charge:
//! `Ok(Declined)` is the provider's final no, `Err` means that the outcome is not known or that
//! the request itself was wrong, and [`ErrorKind`] says which of the two.
#![expect(
    async_fn_in_trait,
    reason = "a Worker has one thread: its futures hold JavaScript values and are never Send"
)]

pub mod capabilities;
pub mod event;
pub mod stripe;

pub use capabilities::Capabilities;
pub use event::ReadEvents;

use crate::config::Config;
use crate::reconcile::sweep::PageEnd;
use reprieve_core::api::status::MethodSummary;
use reprieve_core::cancel::act::Act;
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::policy::segment::Country;
use reprieve_core::provider::{
    CardExpiry, ChargeOutcome, InvoiceFact, MethodFact, SetupFact, SubscriptionFact,
};
use reprieve_core::time::Timestamp;

/// The most open invoices read of one customer in one go, newest first; each costs one request more
/// for its payment details. A further one is found when these are settled.
pub const OPEN_INVOICES_MAX: usize = 20;
/// The most subscriptions read of one customer, ended ones included.
pub const SUBSCRIPTIONS_MAX: usize = 100;

/// Reads the live state at the provider.
pub trait ReadBilling {
    /// One invoice with its payment details. [`ErrorKind::NotFound`]: the provider has none.
    async fn read_invoice(&self, invoice: &InvoiceId) -> Result<InvoiceFact, ProviderError>;

    /// The customer's open invoices with their payment details, newest first, at most
    /// [`OPEN_INVOICES_MAX`]. An unknown customer has none.
    async fn list_open_invoices(
        &self,
        customer: &CustomerId,
    ) -> Result<Vec<InvoiceFact>, ProviderError>;

    /// The customer's cards on file, the newest first, at most
    /// [`METHODS_MAX`](reprieve_core::case::METHODS_MAX). An unknown customer has none.
    async fn list_methods(&self, customer: &CustomerId) -> Result<Vec<MethodFact>, ProviderError>;

    /// The customer's subscriptions, those that ended included, newest first, at most
    /// [`SUBSCRIPTIONS_MAX`]. An unknown customer has none. `seen_at` goes into the facts.
    async fn list_subscriptions(
        &self,
        customer: &CustomerId,
        seen_at: Timestamp,
    ) -> Result<Vec<SubscriptionFact>, ProviderError>;

    /// Where the customer's bills go: whose law holds when they leave. An unknown customer lives
    /// nowhere.
    async fn billing_place(&self, customer: &CustomerId) -> Result<BillingPlace, ProviderError>;

    /// Whose charge it is, for events that name nothing else. `charge` is the provider's id of a
    /// charge (`ch_…`); `None`: the charge has no customer.
    async fn customer_of_charge(&self, charge: &str) -> Result<Option<CustomerId>, ProviderError>;
}

/// Reads what happened, in pages, for those who look for what was lost.
pub trait ReadHistory {
    /// The events that we act on, the newest first, each as a webhook would have carried it.
    /// [`ErrorKind::Refused`] when the place is not known any more.
    async fn list_events(&self, window: EventWindow<'_>) -> Result<EventPage, ProviderError>;

    /// Invoices of all customers that are open and were tried at least once, the newest first,
    /// behind `after`.
    async fn list_unpaid(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<UnpaidPage, ProviderError>;

    /// The cards that the subscriptions of all customers are charged with next, the newest
    /// subscription first, behind `after`. What is not going to renew is left out.
    async fn list_renewals(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<RenewalPage, ProviderError>;
}

/// Which events are wanted.
#[derive(Clone, Copy, Debug)]
pub struct EventWindow<'a> {
    /// Not older than this, in Unix seconds.
    pub from_s: i64,
    /// Not newer than this, in Unix seconds.
    pub until_s: i64,
    /// Behind this one.
    pub after: Option<&'a str>,
    /// At most so many.
    pub limit: u32,
}

/// A page of events.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EventPage {
    /// The events, as JSON.
    pub events: Vec<String>,
    /// Where the page ended.
    pub end: PageEnd,
}

/// A page of invoices that wait to be paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnpaidPage {
    /// Invoices with their customers.
    pub invoices: Vec<(InvoiceId, CustomerId)>,
    /// Where the page ended.
    pub end: PageEnd,
}

/// A page of subscriptions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewalPage {
    /// The cards on it.
    pub cards: Vec<RenewingCard>,
    /// Where the page ended.
    pub end: PageEnd,
}

/// A card that a subscription is charged with next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RenewingCard {
    /// Whose.
    pub customer: CustomerId,
    /// The method.
    pub method: PaymentMethodId,
    /// As its owner knows it.
    pub summary: Option<MethodSummary>,
    /// What is printed on it.
    pub expiry: CardExpiry,
}

/// Collects a new payment method from the customer, in fields that the provider owns.
pub trait CollectMethod {
    /// Begins a set-up for later charges without the customer. Not idempotent: every call begins a
    /// new one, and one that is never finished has no effect.
    /// It carries the merchant's mark, by which its events are known as ours.
    async fn start_setup(
        &self,
        merchant: &MerchantId,
        customer: &CustomerId,
    ) -> Result<SetupStarted, ProviderError>;

    /// Opens the provider's own page for a new method, which leads back to `return_url`, and says
    /// where it is: a short-lived secret. What comes out there is the customer's default and no
    /// more. Not idempotent: every call opens a new one, and one that nobody visits has no effect.
    async fn open_page(
        &self,
        customer: &CustomerId,
        return_url: &str,
    ) -> Result<Secret, ProviderError>;

    /// How far a set-up is. [`ErrorKind::NotFound`]: the provider has none of that name.
    async fn read_setup(&self, setup: &SetupId) -> Result<SetupFact, ProviderError>;

    /// Makes the method the customer's default. Repeating it changes nothing.
    async fn set_customer_default(
        &self,
        customer: &CustomerId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError>;

    /// Makes the method the subscription's own default, which outranks the customer's. Repeating it
    /// changes nothing. [`ErrorKind::Refused`] when the subscription has ended.
    async fn set_subscription_default(
        &self,
        subscription: &SubscriptionId,
        method: &PaymentMethodId,
    ) -> Result<(), ProviderError>;
}

/// Charges.
pub trait ChargeInvoice {
    /// Pays what is left of one invoice. `Ok` is final for this key; with [`ErrorKind::Unknown`]
    /// and [`ErrorKind::RateLimited`] the same call with the same key is repeated later; with
    /// [`ErrorKind::Refused`] and [`ErrorKind::Spent`] repeating cannot help.
    async fn pay_invoice(&self, pay: PayInvoice<'_>) -> Result<ChargeOutcome, ProviderError>;
}

/// Lets the customer answer their bank.
pub trait Authenticate {
    /// The live invoice, and where the bank's question to the customer stands. Nothing is changed
    /// by it. [`ErrorKind::NotFound`]: the provider has no such invoice.
    async fn read_challenge(&self, invoice: &InvoiceId) -> Result<Challenge, ProviderError>;
}

/// The place of a billing address, as far as the provider was told.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillingPlace {
    /// The country.
    pub country: Option<Country>,
    /// The state or province, as somebody typed it.
    pub region: Option<String>,
}

/// Changes what the customer pays for.
pub trait ChangeBilling {
    /// Does what was decided. `Ok`: it is so now, or was so already. Nothing but a credit is made
    /// twice by a repetition, and a credit has its `key`. [`ErrorKind::Refused`] and
    /// [`ErrorKind::NotFound`] are the provider's final no; after every other error the same act is
    /// done again later.
    async fn act(
        &self,
        customer: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<(), ProviderError>;

    /// Whether what was offered, an act that [is one](Act::is_offer), is so now. Nothing is
    /// changed. A credit is known by the `key` that it was given under. Every other act:
    /// [`ErrorKind::Refused`].
    async fn holds(
        &self,
        customer: &CustomerId,
        act: &Act,
        key: &IdempotencyKey,
    ) -> Result<bool, ProviderError>;
}

/// A whole provider.
pub trait Provider:
    ReadBilling
    + ReadHistory
    + ReadEvents
    + CollectMethod
    + ChargeInvoice
    + Authenticate
    + ChangeBilling
{
    /// What it can do.
    fn capabilities(&self) -> Capabilities;
}

/// The provider that this Worker works with: here, and nowhere else, it has a name.
pub type Configured = stripe::Stripe;

/// Speaks to the provider that the operator configured.
#[must_use]
pub fn configured(config: &Config) -> Configured {
    stripe::Stripe::new(&config.stripe)
}

/// One attempt to pay.
#[derive(Clone, Copy, Debug)]
pub struct PayInvoice<'a> {
    /// What is paid.
    pub invoice: &'a InvoiceId,
    /// With what; `None`: the provider's order of defaults.
    pub method: Option<&'a PaymentMethodId>,
    /// Whether the customer is there.
    pub on_session: OnSession,
    /// Derived from invoice, attempt number and method, stored before the call.
    pub key: &'a IdempotencyKey,
}

/// Whether the customer takes part in a charge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnSession {
    /// The customer is there and can authenticate.
    Yes,
    /// Nobody is there.
    No,
}

/// A set-up that waits for the customer's card.
#[derive(Clone, Debug)]
pub struct SetupStarted {
    /// The provider's id.
    pub id: SetupId,
    /// Lets the provider's fields in the browser finish this one set-up; never stored, never
    /// logged.
    pub client_secret: Secret,
}

/// An invoice and the bank's question about its payment.
#[derive(Clone, Debug)]
pub struct Challenge {
    /// The live invoice.
    pub fact: InvoiceFact,
    /// Where the question stands.
    pub question: Question,
}

/// Where the bank's question to the customer stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// It waits for the customer. The client secret lets the provider's script in the browser show
    /// it; never stored, never logged.
    Waits(Secret),
    /// None is open: nobody charged with the customer there, or the last question was answered
    /// wrongly, or too late.
    Absent,
    /// It was answered, and the invoice will say soon what came of it.
    Answered,
}

/// What an error means for the caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No answer, or none that says what happened: the request may have taken effect.
    Unknown,
    /// The provider has no such object.
    NotFound,
    /// The provider refused the request itself: a mistake of ours or in the configuration.
    Refused,
    /// The provider has finished with this request without saying how: it would repeat an error for
    /// as long as it knows the key, and the live object shows that nothing was paid and nothing is
    /// on its way.
    Spent,
    /// Too many requests; nothing happened.
    RateLimited {
        /// How long the provider asks us to wait.
        retry_after_ms: i64,
    },
}

/// A request that did not end in an outcome. Its text holds no secret and nothing that the provider
/// wrote for people.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the provider gave no outcome: {kind:?}, code {}, request {}",
    code.as_deref().unwrap_or("none"),
    provider_request_id.as_deref().unwrap_or("none")
)]
pub struct ProviderError {
    /// What it means for the caller.
    pub kind: ErrorKind,
    /// The provider's or our own machine code.
    pub code: Option<String>,
    /// The provider's name for the request, for its support and its logs.
    pub provider_request_id: Option<String>,
}

/// A text that must not be seen: it is not printed by `Debug`, has no `Display` and cannot be
/// serialised.
#[derive(Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Wraps a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, at the one place that needs it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl core::fmt::Debug for Secret {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Secret(…)")
    }
}
