//! Objects of others, read by the adapter: what Stripe, the sandbox or another imitation answers.

use crate::acts;
use crate::adapter::{NOW, config, now};
use reprieve_core::id::{
    CustomerId, InvoiceId, MerchantId, PaymentMethodId, SetupId, SubscriptionId,
};
use reprieve_core::provider::ChargeOutcome;
use reprieve_core::time::Timestamp;
use reprieve_edge::provider::stripe::Stripe;
use reprieve_edge::provider::stripe::transport::{
    Method, Request, Response, Transport, TransportError,
};
use reprieve_edge::provider::{
    Authenticate, ChangeBilling, ChargeInvoice, CollectMethod, EventWindow, OnSession, PayInvoice,
    ProviderError, ReadBilling, ReadHistory,
};
use serde_json::{Value, json};
use std::fmt::Debug;

/// Answers every request with the same object, or with a list of it.
struct Fixture {
    object: Value,
}

impl Fixture {
    /// `GET /v1/invoices` is a list, `/v1/invoices/in_1` is not.
    fn is_list(request: &Request) -> bool {
        let path = request.url.split('?').next().unwrap_or_default();
        let (_, resource) = path.split_once("/v1/").unwrap_or_default();
        let is_whole = !resource.contains('/') || resource.ends_with("/balance_transactions");
        request.method == Method::Get && is_whole
    }
}

impl Transport for &Fixture {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let body = match Fixture::is_list(request) {
            true => json!({"object": "list", "data": [self.object], "has_more": false}),
            false => self.object.clone(),
        };
        Ok(Response { status: 200, headers: Vec::new(), body: body.to_string().into_bytes() })
    }

    async fn pause(&self, _delay_ms: u32) {}

    fn now(&self) -> Timestamp {
        NOW
    }
}

/// `{"operation","object"}` → `{"read"}`, what the adapter made of the object, or `{"error"}`.
/// Operations are named as `requests` names them.
pub(crate) fn answer(asked: &Value) -> Value {
    let object = asked.get("object").cloned().expect("an object is given");
    let fixture = Fixture { object };
    let stripe = &Stripe::over(&fixture, &config());
    let operation = asked.get("operation").and_then(Value::as_str).unwrap_or_default();
    let reading = read(stripe, operation).or_else(|| collect(stripe, operation));
    match reading.or_else(|| change(stripe, operation)) {
        None => json!({"error": format!("no operation {operation:?}")}),
        Some(Ok(read)) => json!({"read": read}),
        Some(Err(error)) => json!({"error": format!("{error:?}")}),
    }
}

type Shown = Option<Result<String, ProviderError>>;

fn shown<T: Debug>(future: impl Future<Output = Result<T, ProviderError>>) -> Shown {
    Some(now(future).map(|read| format!("{read:?}")))
}

fn read(stripe: &Stripe<&Fixture>, operation: &str) -> Shown {
    let invoice = InvoiceId::parse("in_1").expect("an id");
    let customer = CustomerId::parse("cus_1").expect("an id");
    let window = EventWindow { from_s: 1, until_s: 2, after: None, limit: 20 };
    match operation {
        "read_invoice" => shown(stripe.read_invoice(&invoice)),
        "list_open_invoices" => shown(stripe.list_open_invoices(&customer)),
        "list_methods" => shown(stripe.list_methods(&customer)),
        "list_subscriptions" => shown(stripe.list_subscriptions(&customer, NOW)),
        "billing_place" => shown(stripe.billing_place(&customer)),
        "customer_of_charge" => shown(stripe.customer_of_charge("ch_1")),
        "read_challenge" => shown(stripe.read_challenge(&invoice)),
        "list_events" => shown(stripe.list_events(window)),
        "list_unpaid" => shown(stripe.list_unpaid(None, 20)),
        "list_renewals" => shown(stripe.list_renewals(None, 20)),
        _ => None,
    }
}

fn collect(stripe: &Stripe<&Fixture>, operation: &str) -> Shown {
    let customer = CustomerId::parse("cus_1").expect("an id");
    let subscription = SubscriptionId::parse("sub_1").expect("an id");
    let method = PaymentMethodId::parse("pm_1").expect("an id");
    let setup = SetupId::parse("seti_1").expect("an id");
    let merchant = MerchantId::parse("demo").expect("an id");
    let (invoice, key) = (InvoiceId::parse("in_1").expect("an id"), acts::key());
    let pay = PayInvoice {
        invoice: &invoice,
        method: Some(&method),
        on_session: OnSession::Yes,
        key: &key,
    };
    match operation {
        "start_setup" => shown(stripe.start_setup(&merchant, &customer)),
        "read_setup" => shown(stripe.read_setup(&setup)),
        "open_page" => shown(stripe.open_page(&customer, "https://reprieve.test/p/link")),
        "set_customer_default" => shown(stripe.set_customer_default(&customer, &method)),
        "set_subscription_default" => {
            shown(stripe.set_subscription_default(&subscription, &method))
        }
        "pay_invoice" => {
            let outcome = now(stripe.pay_invoice(pay));
            Some(outcome.map(|outcome: ChargeOutcome| format!("{outcome:?}")))
        }
        _ => None,
    }
}

/// `act.pause`, `holds.pause`: the first act of that word.
fn change(stripe: &Stripe<&Fixture>, operation: &str) -> Shown {
    let customer = CustomerId::parse("cus_1").expect("an id");
    let (kind, word) = operation.split_once('.')?;
    let (_, act) = acts::all().into_iter().find(|(_, act)| act.as_str() == word)?;
    match kind {
        "act" => shown(stripe.act(&customer, &act, &acts::key())),
        "holds" => shown(stripe.holds(&customer, &act, &acts::key())),
        _ => None,
    }
}
