//! Every request of the Stripe adapter, as it would go over the wire.

use crate::acts;
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::time::Timestamp;
use reprieve_edge::config::StripeConfig;
use reprieve_edge::provider::stripe::transport::{Request, Response, Transport, TransportError};
use reprieve_edge::provider::stripe::{MethodType, Stripe};
use reprieve_edge::provider::{
    Authenticate, ChargeInvoice, CollectMethod, ErrorKind, EventWindow, OnSession, PayInvoice,
    ProviderError, ReadBilling, ReadHistory, Secret,
};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const API: &str = "https://api.example";
/// 2026-11-01T00:00:00Z.
pub(crate) const NOW: Timestamp = Timestamp::from_seconds(1_793_491_200);

/// Notes what it is asked, and always gives the same answer; only coupons are not there yet.
pub(crate) struct Notes {
    pub(crate) asked: RefCell<Vec<Request>>,
    answer: (u16, Value),
}

impl Notes {
    pub(crate) fn answering(status: u16, body: Value) -> Self {
        Self { asked: RefCell::default(), answer: (status, body) }
    }

    fn nothing_found() -> Self {
        Self { asked: RefCell::default(), answer: nothing() }
    }
}

fn nothing() -> (u16, Value) {
    let error = json!({"type": "invalid_request_error", "code": "resource_missing"});
    (404, json!({"error": error}))
}

impl Transport for &Notes {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.asked.borrow_mut().push(request.clone());
        let is_new = request.url.contains("/v1/coupons/");
        let (status, body) = if is_new { &nothing() } else { &self.answer };
        let body = body.to_string().into_bytes();
        Ok(Response { status: *status, headers: Vec::new(), body })
    }

    async fn pause(&self, _delay_ms: u32) {}

    fn now(&self) -> Timestamp {
        NOW
    }
}

/// One line a request: `{"operation","method","path","form","version"}`; `form` is what is sent,
/// as it is encoded.
pub(crate) fn requests() -> Vec<Value> {
    let notes = Notes::nothing_found();
    let stripe = Stripe::over(&notes, &config());
    let invoice = InvoiceId::parse("in_1").expect("an id");
    let customer = CustomerId::parse("cus_1").expect("an id");
    let subscription = SubscriptionId::parse("sub_1").expect("an id");
    let method = PaymentMethodId::parse("pm_1").expect("an id");
    let setup = SetupId::parse("seti_1").expect("an id");
    let key = IdempotencyKey::for_payment(&invoice, 1, Some(&method));
    let pay = PayInvoice {
        invoice: &invoice,
        method: Some(&method),
        on_session: OnSession::Yes,
        key: &key,
    };
    let mut lines = Vec::new();
    let mut note = |operation: &str, went: bool| {
        assert!(went, "{operation} waits for something that is not an answer");
        lines.extend(notes.asked.take().iter().map(|request| line(operation, request)));
    };
    // What is answered does not matter; every operation sends at least one request.
    note("read_invoice", run(stripe.read_invoice(&invoice)));
    note("list_open_invoices", run(stripe.list_open_invoices(&customer)));
    note("list_methods", run(stripe.list_methods(&customer)));
    note("list_subscriptions", run(stripe.list_subscriptions(&customer, NOW)));
    note("billing_place", run(stripe.billing_place(&customer)));
    note("customer_of_charge", run(stripe.customer_of_charge("ch_1")));
    let merchant = MerchantId::parse("demo").expect("an id");
    note("start_setup", run(stripe.start_setup(&merchant, &customer)));
    note("read_setup", run(stripe.read_setup(&setup)));
    note("set_customer_default", run(stripe.set_customer_default(&customer, &method)));
    note("set_subscription_default", run(stripe.set_subscription_default(&subscription, &method)));
    note("pay_invoice", run(stripe.pay_invoice(pay)));
    note("open_page", run(stripe.open_page(&customer, "https://reprieve.test/p/link")));
    note("read_challenge", run(stripe.read_challenge(&invoice)));
    let window = EventWindow { from_s: 1, until_s: 2, after: Some("evt_1"), limit: 20 };
    note("list_events", run(stripe.list_events(window)));
    note("list_unpaid", run(stripe.list_unpaid(Some("in_1"), 20)));
    note("list_renewals", run(stripe.list_renewals(Some("sub_1"), 20)));
    lines.extend(acts::requests(&customer));
    lines
}

pub(crate) fn line(operation: &str, request: &Request) -> Value {
    let url = request.url.strip_prefix(API).unwrap_or(&request.url);
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let form = request.body.as_deref().unwrap_or(query);
    let version =
        request.headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("stripe-version"));
    json!({
        "operation": operation,
        "method": request.method.as_str(),
        "path": path,
        "form": form,
        "version": version.map(|(_, value)| value.expose()),
    })
}

pub(crate) fn config() -> StripeConfig {
    StripeConfig {
        api_base: API.to_owned(),
        secret_key: Secret::new("sk_test_1"),
        publishable_key: "pk_test_1".to_owned(),
        js_url: String::new(),
        webhook_secrets: Vec::new(),
        method_types: vec![MethodType::Card, MethodType::SepaDebit, MethodType::Ideal],
    }
}

/// Nothing here waits, so one poll is enough; says whether it was.
pub(crate) fn run<F: Future>(future: F) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// The output of a future that does not wait.
pub(crate) fn now<T>(
    future: impl Future<Output = Result<T, ProviderError>>,
) -> Result<T, ProviderError> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => {
            Err(ProviderError { kind: ErrorKind::Unknown, code: None, provider_request_id: None })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const TRAITS: &str = include_str!("../../../edge/src/provider/mod.rs");
    const ACTS: &str = include_str!("../../../shared/src/cancel/act.rs");

    /// The operations of the traits; of `act` and `holds` one for each kind of act.
    fn named() -> BTreeSet<String> {
        let operations = TRAITS.lines().filter_map(|line| line.trim().strip_prefix("async fn "));
        let operations = operations.filter_map(|line| line.split('(').next()).map(str::to_owned);
        let mut named: BTreeSet<_> = operations.collect();
        assert!(named.remove("act") && named.remove("holds") && named.len() > 5, "{named:?}");
        // `Self::CancelNow { .. } => "cancel_now",`
        let (as_str, _) = ACTS.split_once("pub fn target").expect("the words come first");
        let words = as_str.lines().filter_map(|line| line.trim().strip_suffix("\","));
        let words: BTreeSet<_> = words.filter_map(|line| line.split_once("=> \"")).collect();
        assert!(words.len() > 10, "{words:?}");
        // `    CancelNow {`, a field of the enum itself and nothing deeper.
        let kinds = ACTS.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"));
        let kinds = kinds.filter(|kind| kind.chars().all(char::is_alphabetic));
        assert_eq!(words.len(), kinds.count(), "every kind of act has a word");
        named.extend(words.iter().map(|(_, word)| format!("act.{word}")));
        let offers = acts::all().into_iter().filter(|(_, act)| act.is_offer());
        named.extend(offers.map(|(_, act)| format!("holds.{}", act.as_str())));
        named
    }

    #[test]
    fn every_operation_of_the_provider_is_shown_to_the_judges() {
        let shown: BTreeSet<_> = requests()
            .iter()
            .filter_map(|line| line["operation"].as_str().map(str::to_owned))
            .collect();
        assert_eq!(named(), shown);
    }

    #[test]
    fn every_operation_has_somebody_who_reads_its_answer() {
        for operation in named() {
            let nothing = crate::answers::answer(&json!({"operation": operation, "object": {}}));
            assert!(!nothing.to_string().contains("no operation"), "{operation}");
        }
    }
}
