//! What a payment provider tells us, in our words. Provider types stop at the adapter's `map`.

use crate::api::status::MethodSummary;
use crate::decline::Decline;
use crate::id::{CustomerId, InvoiceId, PaymentMethodId, SetupId, SubscriptionId};
use crate::money::Money;
use crate::network::Network;
use crate::policy::segment::{Country, Interval, Sector};
use crate::time::Timestamp;
use serde::{Deserialize, Serialize};

/// The longest description or number kept of an invoice, in bytes; longer ones are cut.
pub const TEXT_BYTES_MAX: usize = 200;

/// An invoice's life at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceStatus {
    /// Not final yet; cannot be paid.
    Draft,
    /// Waits to be paid.
    Open,
    /// Paid.
    Paid,
    /// Cancelled by the merchant.
    Void,
    /// Given up by the merchant.
    Uncollectible,
}

/// How fresh a fact is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// Carried by an event, and so perhaps outdated: order is not guaranteed.
    ByEvent,
    /// Read from the provider just now, with payment details.
    Live,
}

/// A payment method as far as it may be shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MethodFact {
    /// The provider's id.
    pub id: PaymentMethodId,
    /// Brand and last digits, where the kind of method has them.
    pub summary: Option<MethodSummary>,
    /// Which card it is, for the networks' budgets; `None`: not a card, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub card: Option<CardFact>,
}

/// The longest fingerprint kept, in bytes; longer ones count as not known.
pub const FINGERPRINT_BYTES_MAX: usize = 64;

/// Which card a method is. Two methods with the same fingerprint are the same card.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFact {
    /// The provider's fingerprint of the number; at most [`FINGERPRINT_BYTES_MAX`] bytes.
    pub fingerprint: String,
    /// Its network.
    pub network: Network,
}

/// The month that is printed on a card; the card is good until its end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct CardExpiry {
    /// Four digits.
    pub year: i16,
    /// 1 to 12.
    pub month: u8,
}

impl CardExpiry {
    /// The last moment of the month, in UTC: the bank that decides about it has a clock of its own.
    /// `None`: there is no such month.
    #[must_use]
    pub fn ends_at(self) -> Option<Timestamp> {
        let first = jiff::civil::Date::new(self.year, i8::try_from(self.month).ok()?, 1).ok()?;
        let end = first.last_of_month().at(23, 59, 59, 999_000_000);
        let end = jiff::tz::TimeZone::UTC.to_timestamp(end).ok()?;
        Some(Timestamp::from_ms(end.as_millisecond()))
    }
}

impl MethodFact {
    /// A method of which nothing but the id is known.
    #[must_use]
    pub const fn bare(id: PaymentMethodId) -> Self {
        Self { id, summary: None, card: None }
    }

    /// Whether this is only the id of what is known in more detail: so the method of a payment that
    /// waits for the bank is read.
    #[must_use]
    pub fn says_less_than(&self, known: Option<&Self>) -> bool {
        let is_bare = self.summary.is_none() && self.card.is_none();
        is_bare && known.is_some_and(|known| known.id == self.id)
    }
}

/// One invoice, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceFact {
    /// The provider's id.
    pub id: InvoiceId,
    /// Whose it is.
    pub customer: CustomerId,
    /// The subscription that it renews; `None` for a one-off invoice.
    pub subscription: Option<SubscriptionId>,
    /// Where it is in its life.
    pub status: InvoiceStatus,
    /// What is left to pay.
    pub amount_due: Money,
    /// Printed on it; at most [`TEXT_BYTES_MAX`] bytes.
    pub number: Option<String>,
    /// What it is for; at most [`TEXT_BYTES_MAX`] bytes.
    pub description: Option<String>,
    /// The provider's count of its own attempts and of ours.
    pub attempt_count: u32,
    /// When the provider will try by itself; `None` when it will not.
    pub next_attempt_at: Option<Timestamp>,
    /// Why the last attempt failed; events do not carry it, live reads do.
    pub decline: Option<Decline>,
    /// The method that the last attempt used; events do not carry it, live reads do.
    pub method: Option<MethodFact>,
    /// The method that the provider would charge next, by its own order of defaults; events do not
    /// carry it. `None`: not known.
    pub next_method: Option<MethodFact>,
    /// The provider waits for the customer to authenticate.
    pub needs_authentication: bool,
    /// A payment is on its way and the bank takes its time: days for a direct debit. Events do not
    /// carry it.
    pub is_processing: bool,
    /// The country of the customer's address.
    pub region: Option<Country>,
}

/// A subscription's life at the provider.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionStatus {
    /// Running, trials included.
    Active,
    /// A renewal failed.
    PastDue,
    /// The provider stopped trying; invoices stay drafts.
    Unpaid,
    /// The first payment is missing.
    Incomplete,
    /// Paused.
    Paused,
    /// Over.
    Ended,
}

/// Why a subscription is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EndReason {
    /// The provider gave up on the payment.
    PaymentFailed,
    /// Somebody wanted it to end, or the reason is unknown.
    Requested,
}

/// One subscription, as it was seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubscriptionFact {
    /// The provider's id.
    pub id: SubscriptionId,
    /// Whose it is.
    pub customer: CustomerId,
    /// Where it is in its life.
    pub status: SubscriptionStatus,
    /// Why it is over; `None` while it is not.
    pub end_reason: Option<EndReason>,
    /// The method of its own, which outranks the customer's default.
    pub default_method: Option<PaymentMethodId>,
    /// How often it renews.
    pub interval: Option<Interval>,
    /// What one renewal costs, before discounts and taxes.
    pub plan: Option<Money>,
    /// What kind of business it is, where the merchant marked it.
    pub sector: Option<Sector>,
    /// Its dates, and whether it is paused; `None`: not told, and nothing is concluded from it.
    pub life: Option<Life>,
    /// When it was like this: the time of the event or of the reading. An older sighting than the
    /// one that is known changes nothing.
    pub seen_at: Timestamp,
}

/// The dates of a subscription and what stands on it, as one sighting tells all of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Life {
    /// When the customer subscribed.
    pub started_at: Option<Timestamp>,
    /// When the period that runs began.
    pub period_started_at: Option<Timestamp>,
    /// When it ends, which is when the next renewal is charged.
    pub period_ends_at: Option<Timestamp>,
    /// When it is over for good, where that is planned.
    pub ends_at: Option<Timestamp>,
    /// When its trial ends, where one runs.
    pub trial_ends_at: Option<Timestamp>,
    /// How it is paused; `None`: it is not.
    pub pause: Option<PauseSeen>,
    /// How it can be paused.
    pub can_pause: PauseAbility,
    /// How many things it bills; `None`: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub items_count: Option<u32>,
    /// How many discounts run on it, whoever gave them; `None`: not told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discounts_count: Option<u32>,
    /// How many months one period has; `None`: it is counted in weeks or days, or not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub months_per_period: Option<u32>,
}

/// A pause as the provider shows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PauseSeen {
    /// How it is done.
    pub by: PauseKind,
    /// When the provider means to end it by itself.
    pub resumes_at: Option<Timestamp>,
}

/// How a provider pauses.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseKind {
    /// The subscription itself rests: it says that it is paused, and nothing is billed.
    Service,
    /// It goes on, and only nothing is collected: it does not say that it is paused.
    Collection,
}

/// How a subscription can be paused.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PauseAbility {
    /// It cannot.
    #[default]
    None,
    /// Only its collection can.
    Collection,
    /// It can rest itself, and its collection can be paused.
    Service,
}

/// A finished or unfinished set-up of a payment method.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetupFact {
    /// The provider's id.
    pub id: SetupId,
    /// Whose it is; `None` when the provider does not say, which counts as a stranger's.
    pub customer: Option<CustomerId>,
    /// The method that came out; `None` until the set-up succeeded.
    pub method: Option<PaymentMethodId>,
    /// Which card it is; `None`: not a card, or not known.
    pub card: Option<CardFact>,
    /// The bank still thinks about it; an event will say how it ended.
    pub is_processing: bool,
}

/// How one charge ended. An error of transport is not an outcome: it is unknown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum ChargeOutcome {
    /// The invoice is paid.
    Paid,
    /// The provider's final no for this attempt.
    Declined {
        /// Why.
        decline: Decline,
    },
    /// The bank wants to see the customer.
    NeedsAuthentication,
    /// The provider took the payment, and how it ends is known in days: a direct debit. The invoice
    /// will say it.
    Processing,
    /// The invoice cannot be paid any more: void, uncollectible, gone.
    Closed,
}
