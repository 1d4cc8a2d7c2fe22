//! Builders and a small world: what a test needs to say in one line.
#![allow(dead_code, reason = "each test file uses its own part")]

pub(crate) mod acts;
pub(crate) mod diary;
pub(crate) mod invariants;
pub(crate) mod judge;
pub(crate) mod provider;
pub(crate) mod rng;
pub(crate) mod shell;
pub(crate) mod world;

use reprieve_core::account::Account;
use reprieve_core::case::Event;
use reprieve_core::complaint::{self, Complaint, ComplaintCategory};
use reprieve_core::decline::{Decline, RawDecline, stripe};
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::money::{Currency, Money};
use reprieve_core::network::Network;
use reprieve_core::policy::settings::{Rung, Settings};
use reprieve_core::policy::{Policy, RetryDriver};
use reprieve_core::provider::{InvoiceFact, InvoiceStatus};
use reprieve_core::time::{DAY_MS, HOUR_MS, MINUTE_MS, Timestamp};

/// Midnight of day 0: 2 November 2026, UTC.
pub(crate) const DAY_0: Timestamp = Timestamp::from_seconds(1_793_577_600);

/// A moment of a diary: `at(3, "09:30")`.
pub(crate) fn at(day: i64, clock: &str) -> Timestamp {
    let (hour, minute) = clock.split_once(':').expect("a clock reads HH:MM");
    let (hour, minute): (i64, i64) = (hour.parse().unwrap(), minute.parse().unwrap());
    DAY_0.plus_ms(day * DAY_MS + hour * HOUR_MS + minute * MINUTE_MS)
}

pub(crate) fn customer() -> CustomerId {
    CustomerId::parse("cus_1").unwrap()
}

pub(crate) fn invoice_id(id: &str) -> InvoiceId {
    InvoiceId::parse(id).unwrap()
}

pub(crate) fn subscription_id(id: &str) -> SubscriptionId {
    SubscriptionId::parse(id).unwrap()
}

pub(crate) fn method_id(id: &str) -> PaymentMethodId {
    PaymentMethodId::parse(id).unwrap()
}

pub(crate) fn setup_id(id: &str) -> SetupId {
    SetupId::parse(id).unwrap()
}

pub(crate) fn money(amount_minor: i64, currency: &str) -> Money {
    Money { amount_minor, currency: Currency::parse(currency).unwrap() }
}

/// What Stripe says for a declined card with this decline code; `code/05` carries Visa's own
/// response code, `code//03` Mastercard's advice.
pub(crate) fn decline(code: &str) -> Decline {
    let mut parts = code.split('/').map(|part| (!part.is_empty()).then(|| part.to_owned()));
    let raw = RawDecline {
        code: Some("card_declined".to_owned()),
        decline_code: parts.next().flatten(),
        network_decline_code: parts.next().flatten(),
        network_advice_code: parts.next().flatten(),
        ..RawDecline::default()
    };
    let is_visa = raw.network_decline_code.is_some();
    stripe::classify(raw, if is_visa { Network::Visa } else { Network::Other }, DAY_0)
}

/// The customer tells a person something; the same key is the same complaint.
pub(crate) fn complaint(key: &str) -> Event {
    let complaint = Complaint {
        id: complaint::name(&account(), key).expect("a plain key"),
        category: ComplaintCategory::Charge,
        text: "I do not know this charge.".to_owned(),
        invoice: Some(invoice_id("in_1")),
        cancellation: None,
    };
    Event::ComplaintMade { complaint }
}

/// A customer of whom nothing is known.
pub(crate) fn account() -> Account {
    Account::new(MerchantId::parse("demo").unwrap(), customer())
}

/// An invoice of 19.00 EUR that failed once, as an event tells it.
pub(crate) fn failed_invoice(id: &str) -> InvoiceFact {
    InvoiceFact {
        id: invoice_id(id),
        customer: customer(),
        subscription: Some(subscription_id("sub_1")),
        status: InvoiceStatus::Open,
        amount_due: money(1900, "eur"),
        number: None,
        description: None,
        attempt_count: 1,
        next_attempt_at: None,
        decline: None,
        method: None,
        next_method: None,
        needs_authentication: false,
        is_processing: false,
        region: None,
    }
}

/// The default settings for everybody, with a plain ladder: days 1, 3, 5 and 7 at any hour.
pub(crate) fn policy(retry_driver: RetryDriver) -> Policy {
    let mut settings = Settings::default();
    settings.retry.rungs = [1, 2, 2, 2].map(|days| Rung::after_ms(days * DAY_MS)).to_vec();
    Policy::uniform(retry_driver, settings)
}
