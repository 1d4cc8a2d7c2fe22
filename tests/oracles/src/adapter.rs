//! Every request of the Stripe adapter, as it would go over the wire.

use reprieve_core::cancel::Reason;
use reprieve_core::cancel::act::Act;
use reprieve_core::cancel::offer::Off;
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, PlanId, SetupId, SubscriptionId,
};
use reprieve_core::idempotency::IdempotencyKey;
use reprieve_core::money::{Currency, Money};
use reprieve_core::provider::PauseKind;
use reprieve_core::time::Timestamp;
use reprieve_edge::config::StripeConfig;
use reprieve_edge::provider::stripe::transport::{Request, Response, Transport, TransportError};
use reprieve_edge::provider::stripe::{MethodType, Stripe};
use reprieve_edge::provider::{
    Authenticate, ChangeBilling, ChargeInvoice, CollectMethod, ErrorKind, EventWindow, OnSession,
    PayInvoice, ProviderError, ReadBilling, ReadHistory, Secret,
};
use serde_json::{Value, json};
use std::cell::RefCell;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};

const API: &str = "https://api.example";
/// 2026-11-01T00:00:00Z.
const NOW: Timestamp = Timestamp::from_seconds(1_793_491_200);

/// Notes what it is asked, and always gives the same answer.
struct Notes {
    asked: RefCell<Vec<Request>>,
    answer: (u16, Value),
}

impl Notes {
    fn answering(status: u16, body: Value) -> Self {
        Self { asked: RefCell::default(), answer: (status, body) }
    }

    fn nothing_found() -> Self {
        let error = json!({"type": "invalid_request_error", "code": "resource_missing"});
        Self::answering(404, json!({"error": error}))
    }
}

impl Transport for &Notes {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.asked.borrow_mut().push(request.clone());
        let (status, body) = &self.answer;
        let body = body.to_string().into_bytes();
        Ok(Response { status: *status, headers: Vec::new(), body })
    }

    async fn pause(&self, _delay_ms: u32) {}

    fn now(&self) -> Timestamp {
        NOW
    }
}

/// Answers every request with the same object, or with a list of it.
struct Fixture {
    object: Value,
}

impl Transport for &Fixture {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let path = request.url.split('?').next().unwrap_or_default();
        // `/v1/invoices` is a list, `/v1/invoices/in_1` is not.
        let body = match path.strip_prefix(API).unwrap_or_default().split('/').count() {
            3 => json!({"object": "list", "data": [self.object], "has_more": false}),
            _ => self.object.clone(),
        };
        Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() })
    }

    async fn pause(&self, _delay_ms: u32) {}

    fn now(&self) -> Timestamp {
        NOW
    }
}

/// `{"operation","object"}` → `{"read"}`, what the adapter made of the object, or `{"error"}`.
pub(crate) fn answer(asked: &Value) -> Value {
    let object = asked.get("object").cloned().expect("an object is given");
    let fixture = Fixture { object };
    let stripe = Stripe::over(&fixture, &config());
    let customer = CustomerId::parse("cus_1").expect("an id");
    let shown = match asked.get("operation").and_then(Value::as_str).unwrap_or_default() {
        "read_invoice" => {
            let invoice = InvoiceId::parse("in_1").expect("an id");
            now(stripe.read_invoice(&invoice)).map(|fact| format!("{fact:?}"))
        }
        "list_subscriptions" => {
            now(stripe.list_subscriptions(&customer, NOW)).map(|facts| format!("{facts:?}"))
        }
        "list_methods" => now(stripe.list_methods(&customer)).map(|facts| format!("{facts:?}")),
        "read_setup" => {
            let setup = SetupId::parse("seti_1").expect("an id");
            now(stripe.read_setup(&setup)).map(|fact| format!("{fact:?}"))
        }
        "customer_of_charge" => {
            now(stripe.customer_of_charge("ch_1")).map(|found| format!("{found:?}"))
        }
        other => return json!({"error": format!("no operation {other:?}")}),
    };
    match shown {
        Ok(read) => json!({"read": read}),
        Err(error) => json!({"error": format!("{error:?}")}),
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
    lines.extend(acts(&customer, &subscription, &invoice));
    lines
}

/// Every act, each at a subscription or an invoice that leaves something to do.
fn acts(customer: &CustomerId, subscription: &SubscriptionId, invoice: &InvoiceId) -> Vec<Value> {
    let key = IdempotencyKey::for_payment(invoice, 1, None);
    let subscription = || subscription.clone();
    let resumes_at = NOW;
    let price = Money { amount_minor: 500, currency: Currency::parse("eur").expect("a currency") };
    let (reason, comment) = (Some(Reason::TooExpensive), Some("a word".to_owned()));
    let (service, collection) = (PauseKind::Service, PauseKind::Collection);
    let rows = [
        ("active", Act::Pause { subscription: subscription(), by: service, resumes_at }),
        ("active", Act::Pause { subscription: subscription(), by: collection, resumes_at }),
        ("paused", Act::Resume { subscription: subscription(), by: service }),
        ("active", Act::Resume { subscription: subscription(), by: collection }),
        (
            "active",
            Act::Discount { subscription: subscription(), off: Off::Percent(50), periods: 3 },
        ),
        (
            "active",
            Act::Discount { subscription: subscription(), off: Off::Amount(price), periods: 1 },
        ),
        (
            "active",
            Act::ChangePlan {
                subscription: subscription(),
                plan: PlanId::parse("price_2").expect("an id"),
            },
        ),
        ("active", Act::ExtendTrial { subscription: subscription(), until: NOW }),
        ("active", Act::Credit { amount: price }),
        (
            "active",
            Act::CancelAtPeriodEnd {
                subscription: subscription(),
                reason,
                comment: comment.clone(),
            },
        ),
        ("active", Act::CancelNow { subscription: subscription(), reason, comment }),
        ("active", Act::KeepRunning { subscription: subscription() }),
        ("draft", Act::Void { invoice: invoice.clone() }),
        ("open", Act::Hold { invoice: invoice.clone() }),
        ("open", Act::Release { invoice: invoice.clone() }),
    ];
    let mut lines = Vec::new();
    for (status, act) in rows {
        let notes = Notes::answering(200, standing(status));
        let done = run(Stripe::over(&notes, &config()).act(customer, &act, &key));
        assert!(done, "{act:?} waits for something that is not an answer");
        lines.extend(notes.asked.take().iter().map(|request| line("act", request)));
        let asked = run(Stripe::over(&notes, &config()).holds(customer, &act, &key));
        assert!(asked, "{act:?} waits for something that is not an answer");
        lines.extend(notes.asked.take().iter().map(|request| line("holds", request)));
    }
    lines
}

/// As much of any object as an act looks at.
fn standing(status: &str) -> Value {
    let recurring = json!({"interval": "month", "interval_count": 1});
    let item = json!({"id": "si_1", "price": {"id": "price_1", "recurring": recurring}});
    let discount = json!({"id": "di_1", "source": {"coupon": "summer"}});
    json!({"id": "x_1", "status": status, "items": {"data": [item]}, "discounts": [discount]})
}

fn line(operation: &str, request: &Request) -> Value {
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

fn config() -> StripeConfig {
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
fn run<F: Future>(future: F) -> bool {
    pin!(future).poll(&mut Context::from_waker(Waker::noop())).is_ready()
}

/// The output of a future that does not wait.
fn now<T>(future: impl Future<Output = Result<T, ProviderError>>) -> Result<T, ProviderError> {
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

    #[test]
    fn every_operation_of_the_provider_is_shown_to_the_judges() {
        let named = TRAITS.lines().filter_map(|line| line.trim().strip_prefix("async fn "));
        let named: BTreeSet<_> =
            named.filter_map(|line| line.split('(').next()).map(str::to_owned).collect();
        let shown: BTreeSet<_> = requests()
            .iter()
            .filter_map(|line| line["operation"].as_str().map(str::to_owned))
            .collect();
        assert!(named.len() > 5, "{named:?}");
        assert_eq!(named, shown);
    }
}
