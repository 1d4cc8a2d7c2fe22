//! From Stripe's words to ours. Stripe's types go no further than this file.

mod event;
mod life;
mod renewal;
mod setup;

pub use event::{EVENTS, KIND_BYTES_MAX, Reading, event, reading_of, storable};
pub(super) use life::months_of;
pub(super) use renewal::renewing_card;
pub(super) use setup::setup;

use super::types::{
    CustomerAddress, Expandable, HasId, Invoice, InvoicePayment, PaymentError, PaymentIntent,
    PaymentMethod, Subscription, SubscriptionItem,
};
use crate::provider::{BillingPlace, Question};
use reprieve_core::api::status::MethodSummary;
use reprieve_core::decline::{Decline, RawDecline, stripe::classify};
use reprieve_core::id::{CustomerId, IdError, InvoiceId, PaymentMethodId, SubscriptionId};
use reprieve_core::jurisdiction::REGION_BYTES_MAX;
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::Network;
use reprieve_core::policy::segment::{Country, Interval, Sector};
use reprieve_core::provider::{
    CardFact, EndReason, FINGERPRINT_BYTES_MAX, InvoiceFact, InvoiceStatus, MethodFact,
    SubscriptionFact, SubscriptionStatus, TEXT_BYTES_MAX,
};
use reprieve_core::time::Timestamp;

/// The longest card brand kept, in bytes.
const BRAND_BYTES_MAX: usize = 32;
/// Stripe's word for a direct debit, in the place of a brand.
const SEPA_DEBIT: &str = "sepa_debit";
/// As many digits as the name says.
const LAST4_BYTES_MAX: usize = 4;

/// Codes by which Stripe says that the bank wants to see the customer: the bank's own soft
/// decline, and what `/pay` answers when the payment intent stops at `requires_action`
/// (<https://docs.stripe.com/error-codes>, read 2026-11).
const AUTHENTICATION_CODES: [&str; 4] = [
    "authentication_required",
    "invoice_payment_intent_requires_action",
    "payment_intent_action_required",
    "subscription_payment_intent_requires_action",
];

/// Why an object of Stripe's has no counterpart in our words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MapError {
    /// Not JSON, or not of the shape that this API version has.
    #[error("the object has another shape than expected")]
    Shape,
    /// An id is empty, too long, or has unusual characters.
    #[error(transparent)]
    Id(#[from] IdError),
    /// The currency is not three letters.
    #[error("the object has no currency")]
    Currency,
    /// An invoice that belongs to nobody.
    #[error("the invoice has no customer")]
    NoCustomer,
    /// A status that is not in our tables.
    #[error("the object has a status that is not known")]
    Status,
}

impl MapError {
    /// A machine code for logs.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Shape => "unexpected_shape",
            Self::Id(_) => "unexpected_id",
            Self::Currency => "unexpected_currency",
            Self::NoCustomer => "no_customer",
            Self::Status => "unexpected_status",
        }
    }
}

/// An invoice, read at a point in time. Decline, method and `needs_authentication` are known only
/// where `payments` was expanded down to the payment intent.
pub(super) fn invoice(invoice: &Invoice, at: Timestamp) -> Result<InvoiceFact, MapError> {
    let customer = invoice.customer.as_ref().ok_or(MapError::NoCustomer)?;
    let intent = current_intent(invoice);
    let subscription = invoice
        .parent
        .as_ref()
        .and_then(|parent| parent.subscription_details.as_ref())
        .and_then(|details| details.subscription.as_ref())
        .map(|subscription| SubscriptionId::parse(subscription.id()))
        .transpose()?;
    let line =
        invoice.lines.iter().flat_map(|lines| &lines.data).find_map(|l| l.description.clone());
    Ok(InvoiceFact {
        id: InvoiceId::parse(&invoice.id)?,
        customer: CustomerId::parse(customer.id())?,
        subscription,
        status: invoice_status(invoice.status.as_deref())?,
        amount_due: Money {
            amount_minor: invoice.amount_remaining.max(0),
            currency: Currency::parse(&invoice.currency).map_err(|_| MapError::Currency)?,
        },
        number: invoice.number.clone().map(|text| cut(text, TEXT_BYTES_MAX)),
        // The line names the product; the invoice's own description is a memo that is mostly empty.
        description: line
            .or_else(|| invoice.description.clone())
            .map(|text| cut(text, TEXT_BYTES_MAX)),
        attempt_count: u32::try_from(invoice.attempt_count).unwrap_or(u32::MAX),
        next_attempt_at: invoice.next_payment_attempt.map(Timestamp::from_seconds),
        decline: intent.and_then(|intent| intent_decline(intent, at)),
        method: intent.and_then(intent_method),
        next_method: next_method(invoice),
        needs_authentication: intent.is_some_and(intent_needs_authentication),
        is_processing: intent.is_some_and(is_processing),
        region: invoice
            .customer_address
            .as_ref()
            .and_then(|address| Country::parse(address.country.as_deref()?)),
    })
}

fn invoice_status(status: Option<&str>) -> Result<InvoiceStatus, MapError> {
    match status {
        Some("draft") => Ok(InvoiceStatus::Draft),
        Some("open") => Ok(InvoiceStatus::Open),
        Some("paid") => Ok(InvoiceStatus::Paid),
        Some("void") => Ok(InvoiceStatus::Void),
        Some("uncollectible") => Ok(InvoiceStatus::Uncollectible),
        _ => Err(MapError::Status),
    }
}

/// The payment that Stripe keeps in step with what remains to pay (`is_default`); other payments
/// are partial ones that somebody attached. Without a default the newest that was not cancelled.
fn current_payment(invoice: &Invoice) -> Option<&InvoicePayment> {
    let live = |payment: &&InvoicePayment| payment.status.as_deref() != Some("canceled");
    let payments = invoice.payments.iter().flat_map(|payments| &payments.data).filter(live);
    payments.max_by_key(|payment| (payment.is_default, payment.created))
}

fn intent_of(payment: &InvoicePayment) -> Option<&PaymentIntent> {
    match payment.payment.as_ref()?.payment_intent.as_ref()? {
        Expandable::Object(intent) => Some(intent),
        Expandable::Id(_) => None,
    }
}

fn current_intent(invoice: &Invoice) -> Option<&PaymentIntent> {
    intent_of(current_payment(invoice)?)
}

/// Whether no payment is on its way: none was begun, or the one that was begun waits for a method.
/// What was not expanded is not known to be idle.
pub(super) fn is_idle(invoice: &Invoice) -> bool {
    let waits =
        |intent: &PaymentIntent| intent.status.as_deref() == Some("requires_payment_method");
    match current_payment(invoice) {
        Some(payment) => intent_of(payment).is_some_and(waits),
        None => invoice.payments.is_some(),
    }
}

/// Whether the bank takes its time: days for a direct debit, a day for cards under an Indian
/// mandate (<https://docs.stripe.com/payments/paymentintents/lifecycle>, read 2026-11).
fn is_processing(intent: &PaymentIntent) -> bool {
    intent.status.as_deref() == Some("processing")
}

/// Whether the payment waits for the customer at the bank's challenge.
pub(super) fn is_waiting_for_action(invoice: &Invoice) -> bool {
    let intent = current_intent(invoice);
    intent.is_some_and(|intent| intent.status.as_deref() == Some("requires_action"))
}

/// The error stays on an intent that has moved on; it counts only while the intent waits for
/// another method.
fn intent_decline(intent: &PaymentIntent, at: Timestamp) -> Option<Decline> {
    let failed = intent.status.as_deref() == Some("requires_payment_method");
    intent.last_payment_error.as_ref().filter(|_| failed).map(|error| decline(error, at))
}

fn intent_method(intent: &PaymentIntent) -> Option<MethodFact> {
    let of_error =
        intent.last_payment_error.as_ref().and_then(|error| error.payment_method.as_ref());
    match (intent.payment_method.as_ref(), of_error) {
        (Some(used), Some(method)) if used.id() != method.id => method_of_id(used.id()),
        (_, Some(method)) => method_fact(method),
        (Some(used), None) => method_of_id(used.id()),
        (None, None) => None,
    }
}

/// What Stripe would charge: the invoice's own default, else the subscription's, else the
/// customer's (<https://docs.stripe.com/api/invoices/object>, read 2026-11). Known
/// only where both were expanded; a customer with an old source instead is not known either.
fn next_method(invoice: &Invoice) -> Option<MethodFact> {
    let id = |reference: &Option<Expandable<HasId>>| {
        reference.as_ref().map(|reference| reference.id().to_owned())
    };
    if let Some(own) = id(&invoice.default_payment_method) {
        return method_of_id(&own);
    }
    let details = invoice.parent.as_ref().and_then(|p| p.subscription_details.as_ref());
    if let Some(subscription) = details.and_then(|details| details.subscription.as_ref()) {
        let Expandable::Object(subscription) = subscription else { return None };
        if let Some(own) = id(&subscription.default_payment_method) {
            return method_of_id(&own);
        }
    }
    let Expandable::Object(customer) = invoice.customer.as_ref()? else { return None };
    method_of_id(&id(&customer.invoice_settings.as_ref()?.default_payment_method)?)
}

fn method_of_id(id: &str) -> Option<MethodFact> {
    Some(MethodFact::bare(PaymentMethodId::parse(id).ok()?))
}

fn method_fact(method: &PaymentMethod) -> Option<MethodFact> {
    let id = PaymentMethodId::parse(&method.id).ok()?;
    Some(MethodFact { id, summary: summary(method), card: card_fact(method) })
}

fn summary(method: &PaymentMethod) -> Option<MethodSummary> {
    if let Some(debit) = &method.sepa_debit {
        let last4 = cut(debit.last4.clone()?, LAST4_BYTES_MAX);
        return Some(MethodSummary { brand: SEPA_DEBIT.to_owned(), last4 });
    }
    let card = method.card.as_ref()?;
    Some(MethodSummary {
        brand: cut(card.brand.clone()?, BRAND_BYTES_MAX),
        last4: cut(card.last4.clone()?, LAST4_BYTES_MAX),
    })
}

fn card_fact(method: &PaymentMethod) -> Option<CardFact> {
    let card = method.card.as_ref()?;
    let fingerprint = card.fingerprint.clone()?;
    let network = card.brand.as_deref().map(Network::of_brand).unwrap_or_default();
    (1..=FINGERPRINT_BYTES_MAX)
        .contains(&fingerprint.len())
        .then_some(CardFact { fingerprint, network })
}

/// What the customer has on file; a method without a usable id is left out.
pub(super) fn methods(list: &[PaymentMethod]) -> Vec<MethodFact> {
    list.iter().filter_map(method_fact).collect()
}

fn intent_needs_authentication(intent: &PaymentIntent) -> bool {
    match intent.status.as_deref() {
        Some("requires_action") => true,
        Some("requires_payment_method") => {
            intent.last_payment_error.as_ref().is_some_and(wants_authentication)
        }
        _ => false,
    }
}

/// Where the bank's question about the invoice's payment stands. The secret leaves only while it
/// waits for the customer: in every other state it lets nobody do anything useful.
pub(super) fn question(invoice: &Invoice) -> Question {
    let Some(intent) = current_intent(invoice) else { return Question::Absent };
    match (intent.status.as_deref(), &intent.client_secret) {
        (Some("requires_action"), Some(secret)) => Question::Waits(secret.clone()),
        (Some("processing" | "succeeded" | "requires_capture"), _) => Question::Answered,
        _ => Question::Absent,
    }
}

/// Whether a refused payment waits for the customer to authenticate.
pub(super) fn wants_authentication(error: &PaymentError) -> bool {
    let asks = |code: &Option<String>| {
        code.as_deref().is_some_and(|code| AUTHENTICATION_CODES.contains(&code))
    };
    let intent = error.payment_intent.as_ref().and_then(|intent| intent.status.as_deref());
    asks(&error.code) || asks(&error.decline_code) || intent == Some("requires_action")
}

/// The provider's no, said at a point in time. The network is the brand of the card that was tried,
/// where Stripe shows the card.
pub(super) fn decline(error: &PaymentError, at: Timestamp) -> Decline {
    let card = error.payment_method.as_ref().and_then(|method| method.card.as_ref());
    let network = card.and_then(|card| card.brand.as_deref()).map(Network::of_brand);
    let raw = RawDecline {
        code: error.code.clone(),
        decline_code: error.decline_code.clone(),
        advice_code: error.advice_code.clone(),
        network_advice_code: error.network_advice_code.clone(),
        network_decline_code: error.network_decline_code.clone(),
        charge: error.charge.clone(),
    };
    classify(raw, network.unwrap_or_default(), at)
}

/// A subscription as it was at `seen_at`.
pub(super) fn subscription(
    subscription: &Subscription,
    seen_at: Timestamp,
) -> Result<SubscriptionFact, MapError> {
    let status = subscription_status(subscription);
    let reason = subscription.cancellation_details.as_ref().and_then(|d| d.reason.as_deref());
    // An expired first payment has no cancellation to give a reason for.
    let unpaid = reason == Some("payment_failed")
        || subscription.status.as_deref() == Some("incomplete_expired");
    let end_reason = if unpaid { EndReason::PaymentFailed } else { EndReason::Requested };
    Ok(SubscriptionFact {
        id: SubscriptionId::parse(&subscription.id)?,
        customer: CustomerId::parse(subscription.customer.id())?,
        status,
        end_reason: (status == SubscriptionStatus::Ended).then_some(end_reason),
        default_method: optional_id(&subscription.default_payment_method, PaymentMethodId::parse)?,
        interval: interval(subscription),
        plan: plan(subscription),
        sector: subscription
            .metadata
            .as_ref()
            .and_then(|metadata| Sector::parse(metadata.reprieve_sector.as_deref()?)),
        life: Some(life::life(subscription)),
        seen_at,
    })
}

fn items(subscription: &Subscription) -> &[SubscriptionItem] {
    subscription.items.as_ref().map_or(&[], |items| &items.data)
}

/// How often it renews. Items of one subscription may differ since 2025; the first one counts.
fn interval(subscription: &Subscription) -> Option<Interval> {
    let recurring =
        items(subscription).iter().find_map(|item| item.price.as_ref()?.recurring.as_ref())?;
    let single = recurring.interval_count.is_none_or(|count| count == 1);
    Some(match recurring.interval.as_deref()? {
        "month" if single => Interval::Month,
        "year" if single => Interval::Year,
        _ => Interval::Other,
    })
}

/// What one renewal costs. Unknown where an item has no fixed price or another currency.
fn plan(subscription: &Subscription) -> Option<Money> {
    let prices = items(subscription).iter().map(|item| {
        let price = item.price.as_ref()?;
        let currency = Currency::parse(price.currency.as_deref()?).ok()?;
        let amount_minor = price.unit_amount?.checked_mul(item.quantity.unwrap_or(1))?;
        Some(Money { amount_minor, currency })
    });
    Money::sum(prices.collect::<Option<Vec<_>>>()?)
}

/// A status that Stripe adds one day counts as running unless the subscription has ended: nobody
/// loses access because of a word that we do not know.
fn subscription_status(subscription: &Subscription) -> SubscriptionStatus {
    match subscription.status.as_deref() {
        Some("active" | "trialing") => SubscriptionStatus::Active,
        Some("past_due") => SubscriptionStatus::PastDue,
        Some("unpaid") => SubscriptionStatus::Unpaid,
        Some("incomplete") => SubscriptionStatus::Incomplete,
        Some("paused") => SubscriptionStatus::Paused,
        Some("canceled" | "incomplete_expired") => SubscriptionStatus::Ended,
        _ if subscription.ended_at.is_some() => SubscriptionStatus::Ended,
        _ => SubscriptionStatus::Active,
    }
}

/// Where the customer's bills go.
pub(super) fn billing_place(customer: CustomerAddress) -> BillingPlace {
    let Some(address) = customer.address else { return BillingPlace::default() };
    BillingPlace {
        country: address.country.as_deref().and_then(Country::parse),
        region: address.state.filter(|state| state.len() <= REGION_BYTES_MAX),
    }
}

pub(super) fn optional_id<I>(
    reference: &Option<Expandable<HasId>>,
    parse: impl FnOnce(&str) -> Result<I, IdError>,
) -> Result<Option<I>, MapError> {
    Ok(reference.as_ref().map(|reference| parse(reference.id())).transpose()?)
}

/// Cuts between characters.
fn cut(mut text: String, bytes_max: usize) -> String {
    if text.len() > bytes_max {
        let end = (0..=bytes_max).rev().find(|end| text.is_char_boundary(*end)).unwrap_or(0);
        text.truncate(end);
    }
    text
}
