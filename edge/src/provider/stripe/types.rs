//! The parts of Stripe's objects that we read, API version `2026-10-28.endive`.
//!
//! Narrow on purpose: a field that we do not use cannot break us. What Stripe may extend (statuses,
//! codes) stays text here and gets its meaning in `map`. A `client_secret` is a [`Secret`] at once.

mod setup;

pub(super) use setup::*;

use crate::provider::Secret;
use serde::Deserialize;

/// A reference, or the object itself where it was expanded.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum Expandable<T> {
    Id(String),
    Object(T),
}

/// An object of which only the id matters.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct HasId {
    pub(super) id: String,
}

/// An object with an id.
pub(super) trait Identified {
    fn id(&self) -> &str;
}

macro_rules! identified {
    ($($object:ty),+) => {$(
        impl Identified for $object {
            fn id(&self) -> &str {
                &self.id
            }
        }
    )+};
}

identified!(HasId, PaymentMethod, InvoiceSubscription, CustomerObject, RenewalCustomer);

impl<T: Identified> Expandable<T> {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Id(id) => id,
            Self::Object(object) => object.id(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct List<T> {
    // Without a default: `null` or a missing list is not an empty one.
    pub(super) data: Vec<T>,
}

/// One page of a long list.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) data: Vec<T>,
    pub(super) has_more: bool,
}

/// An invoice in a list of many.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct UnpaidInvoice {
    pub(super) id: String,
    pub(super) customer: Option<Expandable<HasId>>,
    #[serde(default)]
    pub(super) attempt_count: u64,
}

/// A subscription in a list of many.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Renewal {
    pub(super) id: String,
    pub(super) customer: Expandable<RenewalCustomer>,
    pub(super) status: Option<String>,
    pub(super) collection_method: Option<String>,
    #[serde(default)]
    pub(super) cancel_at_period_end: bool,
    pub(super) default_payment_method: Option<Expandable<PaymentMethod>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RenewalCustomer {
    pub(super) id: String,
    pub(super) invoice_settings: Option<RenewalSettings>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct RenewalSettings {
    pub(super) default_payment_method: Option<Expandable<PaymentMethod>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Invoice {
    pub(super) id: String,
    pub(super) customer: Option<Expandable<CustomerObject>>,
    pub(super) default_payment_method: Option<Expandable<HasId>>,
    pub(super) status: Option<String>,
    pub(super) amount_remaining: i64,
    pub(super) currency: String,
    pub(super) number: Option<String>,
    pub(super) description: Option<String>,
    #[serde(default)]
    pub(super) attempt_count: u64,
    pub(super) next_payment_attempt: Option<i64>,
    pub(super) parent: Option<InvoiceParent>,
    pub(super) lines: Option<List<InvoiceLine>>,
    /// Only when expanded.
    pub(super) payments: Option<List<InvoicePayment>>,
    pub(super) customer_address: Option<Address>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Address {
    pub(super) country: Option<String>,
    pub(super) state: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoiceParent {
    pub(super) subscription_details: Option<SubscriptionDetails>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SubscriptionDetails {
    pub(super) subscription: Option<Expandable<InvoiceSubscription>>,
}

/// The subscription of an invoice, where it was expanded.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoiceSubscription {
    pub(super) id: String,
    pub(super) default_payment_method: Option<Expandable<HasId>>,
}

/// Where a customer lives, as far as Stripe was told.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CustomerAddress {
    pub(super) address: Option<Address>,
}

/// The customer of an invoice, where it was expanded; a deleted one has an id and nothing else.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct CustomerObject {
    pub(super) id: String,
    pub(super) invoice_settings: Option<InvoiceSettings>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoiceSettings {
    pub(super) default_payment_method: Option<Expandable<HasId>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoiceLine {
    pub(super) description: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoicePayment {
    #[serde(default)]
    pub(super) is_default: bool,
    #[serde(default)]
    pub(super) created: i64,
    pub(super) status: Option<String>,
    pub(super) payment: Option<PaymentOfInvoice>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaymentOfInvoice {
    pub(super) payment_intent: Option<Expandable<PaymentIntent>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaymentIntent {
    pub(super) status: Option<String>,
    pub(super) last_payment_error: Option<PaymentError>,
    pub(super) payment_method: Option<Expandable<HasId>>,
    pub(super) client_secret: Option<Secret>,
}

/// `last_payment_error` of a payment intent, and the `error` of a response.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct PaymentError {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
    pub(super) code: Option<String>,
    pub(super) decline_code: Option<String>,
    pub(super) advice_code: Option<String>,
    pub(super) network_advice_code: Option<String>,
    pub(super) network_decline_code: Option<String>,
    pub(super) charge: Option<String>,
    pub(super) payment_method: Option<PaymentMethod>,
    /// Only in responses.
    pub(super) payment_intent: Option<IntentStatus>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct IntentStatus {
    pub(super) status: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PaymentMethod {
    pub(super) id: String,
    pub(super) card: Option<Card>,
    pub(super) sepa_debit: Option<SepaDebit>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SepaDebit {
    pub(super) last4: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Card {
    pub(super) brand: Option<String>,
    pub(super) last4: Option<String>,
    pub(super) fingerprint: Option<String>,
    pub(super) exp_month: Option<i64>,
    pub(super) exp_year: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ErrorBody {
    pub(super) error: PaymentError,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Subscription {
    pub(super) id: String,
    pub(super) customer: Expandable<HasId>,
    pub(super) status: Option<String>,
    pub(super) ended_at: Option<i64>,
    pub(super) cancellation_details: Option<CancellationDetails>,
    pub(super) default_payment_method: Option<Expandable<HasId>>,
    pub(super) items: Option<List<SubscriptionItem>>,
    #[serde(default)]
    pub(super) metadata: Option<Metadata>,
    pub(super) start_date: Option<i64>,
    #[serde(default)]
    pub(super) cancel_at_period_end: bool,
    pub(super) cancel_at: Option<i64>,
    pub(super) trial_end: Option<i64>,
    pub(super) pause_collection: Option<PauseCollection>,
    pub(super) billing_mode: Option<BillingMode>,
    pub(super) schedule: Option<Expandable<HasId>>,
    /// Those that run; a discount that is used up or over leaves the list.
    pub(super) discounts: Option<Vec<Expandable<HasId>>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct PauseCollection {
    pub(super) resumes_at: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct BillingMode {
    #[serde(rename = "type")]
    pub(super) kind: Option<String>,
}

/// What the merchant wrote on a subscription for us.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Metadata {
    pub(super) reprieve_sector: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct SubscriptionItem {
    pub(super) current_period_start: Option<i64>,
    pub(super) current_period_end: Option<i64>,
    pub(super) quantity: Option<i64>,
    pub(super) price: Option<Price>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Price {
    pub(super) currency: Option<String>,
    pub(super) unit_amount: Option<i64>,
    pub(super) recurring: Option<Recurring>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Recurring {
    pub(super) interval: Option<String>,
    #[serde(default)]
    pub(super) interval_count: Option<i64>,
}

/// What has to be known of a subscription before it is changed.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChangeableSubscription {
    pub(super) status: Option<String>,
    pub(super) items: Option<List<ChangeableItem>>,
    pub(super) discounts: Option<Vec<Discount>>,
    pub(super) pause_collection: Option<PauseCollection>,
    pub(super) trial_end: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChangeableItem {
    pub(super) id: String,
    pub(super) price: Option<ChangeablePrice>,
    pub(super) current_period_start: Option<i64>,
    pub(super) current_period_end: Option<i64>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ChangeablePrice {
    pub(super) id: String,
    pub(super) recurring: Option<Recurring>,
}

/// A discount, expanded.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Discount {
    pub(super) id: String,
    pub(super) source: Option<DiscountSource>,
}

impl Discount {
    /// The coupon that it came from.
    pub(super) fn coupon(&self) -> Option<&str> {
        Some(self.source.as_ref()?.coupon.as_ref()?.id())
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct DiscountSource {
    pub(super) coupon: Option<Expandable<HasId>>,
}

/// As much of a coupon as says whether it was given.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Coupon {
    #[serde(default)]
    pub(super) times_redeemed: u32,
    pub(super) duration_in_months: Option<u32>,
}

/// Where an invoice stands, without its payments.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct InvoiceStanding {
    pub(super) status: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct CancellationDetails {
    pub(super) reason: Option<String>,
}

/// The answer to the creation of a set-up.
#[derive(Deserialize)]
pub(super) struct NewSetupIntent {
    pub(super) id: String,
    pub(super) client_secret: Secret,
}

/// The provider's own page for a customer; no `Debug`, its address is a secret.
#[derive(Deserialize)]
pub(super) struct PortalSession {
    pub(super) url: String,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Charge {
    pub(super) customer: Option<Expandable<HasId>>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Event {
    pub(super) id: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    pub(super) created: i64,
    #[serde(default)]
    pub(super) livemode: bool,
    /// The connected account in which it happened.
    pub(super) account: Option<String>,
    pub(super) data: EventData,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct EventData {
    pub(super) object: serde_json::Value,
    #[serde(default)]
    pub(super) previous_attributes: serde_json::Value,
}
