//! Each operation against a scripted Stripe.

mod acts;
mod challenge;
mod charge;
mod discounts;
mod history;
mod read;
mod wire;

use super::*;
use crate::provider::Question;
use crate::provider::{CollectMethod, OnSession, Secret};
use reprieve_core::id::{MerchantId, SetupId, SubscriptionId};
use reprieve_core::time::Timestamp;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::collections::VecDeque;
use std::future::Future;
use std::pin::pin;
use std::task::{Context, Poll, Waker};
use transport::{Request, Response, TransportError};

/// Answers from a list, in order, and remembers what it was asked.
#[derive(Default)]
struct Script {
    answers: RefCell<VecDeque<Result<Response, TransportError>>>,
    requests: RefCell<Vec<Request>>,
    pauses_ms: RefCell<Vec<u32>>,
    /// How long each exchange takes.
    exchange_ms: i64,
}

impl Transport for &Script {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        self.requests.borrow_mut().push(request.clone());
        self.answers.borrow_mut().pop_front().expect("a request that the test does not know of")
    }

    async fn pause(&self, delay_ms: u32) {
        self.pauses_ms.borrow_mut().push(delay_ms);
    }

    /// 2026-11-01T00:00:00Z, and what the exchanges took.
    fn now(&self) -> Timestamp {
        let exchanges = i64::try_from(self.requests.borrow().len()).unwrap();
        Timestamp::from_seconds(1_793_491_200).plus_ms(exchanges * self.exchange_ms)
    }
}

impl Script {
    fn of(answers: impl IntoIterator<Item = Result<Response, TransportError>>) -> Self {
        Self { answers: RefCell::new(answers.into_iter().collect()), ..Self::default() }
    }

    fn stripe(&self) -> Stripe<&Self> {
        Stripe::over(self, &config("https://api.example"))
    }

    /// The requests as `GET /path?query` or `POST /path body`, decoded.
    fn asked(&self) -> Vec<String> {
        let line = |request: &Request| {
            let url = request.url.strip_prefix("https://api.example").unwrap_or(&request.url);
            let text = match &request.body {
                None => url.to_owned(),
                Some(body) => format!("{url} {body}"),
            };
            format!("{} {text}", request.method.as_str()).replace("%5B", "[").replace("%5D", "]")
        };
        self.requests.borrow().iter().map(line).collect()
    }

    fn is_used_up(&self) -> bool {
        self.answers.borrow().is_empty()
    }
}

fn config(api_base: &str) -> StripeConfig {
    StripeConfig {
        api_base: api_base.to_owned(),
        secret_key: Secret::new("sk_test_1"),
        publishable_key: "pk_test_1".to_owned(),
        js_url: String::new(),
        webhook_secrets: Vec::new(),
        method_types: vec![MethodType::Card],
    }
}

/// The scripted Stripe never waits, so one poll is enough.
fn run<F: Future>(future: F) -> F::Output {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(output) => output,
        Poll::Pending => panic!("a scripted exchange does not wait"),
    }
}

fn answer(status: u16, body: &Value) -> Result<Response, TransportError> {
    with_headers(status, body, &[])
}

fn with_headers(
    status: u16,
    body: &Value,
    headers: &[(&'static str, &str)],
) -> Result<Response, TransportError> {
    let mut headers: Vec<_> = headers.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    headers.push(("request-id", "req_1".to_owned()));
    Ok(Response { status, headers, body: body.to_string().into_bytes() })
}

fn refusal(status: u16, kind: &str, code: &str) -> Result<Response, TransportError> {
    let message = "No such thing: 'secret-text'";
    answer(status, &json!({"error": {"type": kind, "code": code, "message": message}}))
}

/// An invoice as it is read live, with the payment intent `intent` where there is one.
fn invoice(status: &str, intent: Option<Value>) -> Value {
    let payments = intent.map(|intent| {
        json!({"object": "list", "has_more": false, "data": [{
            "id": "inpay_1", "object": "invoice_payment", "status": "open", "is_default": true,
            "created": 1, "payment": {"type": "payment_intent", "payment_intent": intent}}]})
    });
    json!({
        "id": "in_1", "object": "invoice", "customer": "cus_1", "status": status,
        "amount_remaining": 1900, "currency": "eur", "attempt_count": 2, "payments": payments,
        "next_payment_attempt": null, "number": "A-0001",
    })
}

fn failed_intent(code: &str, decline_code: Option<&str>) -> Value {
    let network_code = (decline_code == Some("insufficient_funds")).then_some("51");
    json!({
        "id": "pi_1", "object": "payment_intent", "status": "requires_payment_method",
        "payment_method": null, "client_secret": "pi_1_secret_x",
        "last_payment_error": {
            "type": "card_error", "code": code, "decline_code": decline_code,
            "advice_code": "try_again_later", "network_advice_code": "02",
            "network_decline_code": network_code, "message": "Your card was declined.",
            "payment_method": {"id": "pm_1", "object": "payment_method", "type": "card",
                "card": {"brand": "visa", "last4": "0341", "exp_month": 12}},
        },
    })
}

fn in_1() -> InvoiceId {
    InvoiceId::parse("in_1").unwrap()
}

fn demo() -> MerchantId {
    MerchantId::parse("demo").unwrap()
}

fn cus_1() -> CustomerId {
    CustomerId::parse("cus_1").unwrap()
}

fn pm_2() -> PaymentMethodId {
    PaymentMethodId::parse("pm_2").unwrap()
}
