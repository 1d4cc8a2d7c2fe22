//! The objects as JSON, of API version `2026-10-28.endive`.

use super::books::{Books, Card, Intent, Setup, Subscription};
use super::{CUSTOMER, true_now};
use serde_json::{Value, json};

const PAYMENTS: &str = "payments.data.payment.payment_intent";

/// An invoice, with what was asked to be expanded.
pub(super) fn invoice(books: &Books, id: &str, expand: &[String]) -> Value {
    let invoice = &books.invoices[id];
    let expands = |name: &str| expand.iter().any(|path| path == name);
    let parent = (!invoice.subscription.is_empty()).then(|| {
        let subscription = if expands("parent.subscription_details.subscription") {
            subscription(&invoice.subscription, &books.subscriptions[&invoice.subscription])
        } else {
            json!(invoice.subscription)
        };
        json!({"type": "subscription_details",
            "subscription_details": {"subscription": subscription, "metadata": {}}})
    });
    let customer = if expands("customer") { customer(books) } else { json!(CUSTOMER) };
    let mut object = json!({
        "id": id, "object": "invoice", "customer": customer, "status": invoice.status,
        "currency": invoice.currency, "amount_due": invoice.amount_due,
        "amount_paid": invoice.amount_paid,
        "amount_remaining": (invoice.amount_due - invoice.amount_paid).max(0),
        "attempt_count": invoice.attempt_count, "attempted": invoice.attempt_count > 0,
        "next_payment_attempt": invoice.next_attempt.map(|at| at.as_ms() / 1_000),
        "auto_advance": invoice.auto_advance, "default_payment_method": null,
        "number": format!("A-{id}"), "description": null,
        "parent": parent,
        "lines": {"object": "list", "has_more": false, "data": [{"description": "1 × Plan"}]},
        "customer_address": {"country": "DE"},
    });
    if expands(PAYMENTS) {
        let payments: Vec<Value> = invoice.intent.iter().map(payment).collect();
        object["payments"] = json!({"object": "list", "has_more": false, "data": payments});
    }
    object
}

fn payment(intent: &Intent) -> Value {
    json!({
        "id": format!("inpay_{}", intent.id), "object": "invoice_payment", "is_default": true,
        "created": true_now().as_ms() / 1_000,
        "status": if intent.status == "succeeded" { "paid" } else { "open" },
        "payment": {"type": "payment_intent", "payment_intent": self::intent(intent)},
    })
}

pub(super) fn intent(intent: &Intent) -> Value {
    json!({
        "id": intent.id, "object": "payment_intent", "status": intent.status,
        "payment_method": intent.method, "last_payment_error": intent.error,
        "client_secret": format!("{}_secret_x", intent.id),
    })
}

pub(super) fn subscription(id: &str, subscription: &Subscription) -> Value {
    let ended = subscription.status == "canceled";
    let (period_start, period_end) = subscription.period_s;
    let source = |coupon: &String| json!({"type": "coupon", "coupon": coupon});
    let discount = |(id, coupon): &(String, String)| json!({"id": id, "source": source(coupon)});
    let discounts: Vec<Value> = subscription.discounts.iter().map(discount).collect();
    json!({
        "id": id, "object": "subscription", "customer": CUSTOMER, "status": subscription.status,
        "ended_at": ended.then(|| true_now().as_ms() / 1_000),
        "cancellation_details": {"reason": subscription.end_reason},
        "default_payment_method": subscription.default_method,
        "collection_method": "charge_automatically",
        "cancel_at_period_end": subscription.ends_with_period,
        "items": {"object": "list", "data": [{"id": format!("si_{id}"), "quantity": 1,
            "current_period_start": period_start, "current_period_end": period_end,
            "price": {"id": subscription.price, "currency": "eur", "unit_amount": 1900,
                "recurring": {"interval": "month", "interval_count": 1}}}]},
        "pause_collection": subscription.collection_resumes_s.map(|at| {
            json!({"behavior": "void", "resumes_at": at})
        }),
        "trial_end": subscription.trial_end_s, "billing_mode": {"type": "flexible"},
        "schedule": null, "discounts": discounts, "metadata": {},
    })
}

pub(super) fn customer(books: &Books) -> Value {
    if books.is_deleted {
        return json!({"id": CUSTOMER, "object": "customer", "deleted": true});
    }
    json!({
        "id": CUSTOMER, "object": "customer", "address": books.address,
        "invoice_settings": {"default_payment_method": books.customer_default},
    })
}

pub(super) fn method(id: &str, card: Option<&Card>) -> Value {
    let card = card.map(|card| {
        let (year, month) = card.expiry;
        json!({"brand": card.brand, "last4": "0341", "exp_month": month, "exp_year": year,
            "fingerprint": card.fingerprint})
    });
    json!({"id": id, "object": "payment_method", "type": "card", "card": card})
}

pub(super) fn setup(books: &Books, id: &str, setup: &Setup, expand: &[String]) -> Value {
    let method = setup.method.as_ref().map(|id| {
        let expands = expand.iter().any(|path| path == "payment_method");
        if expands { method(id, books.cards.get(id)) } else { json!(id) }
    });
    let status = if setup.method.is_some() { "succeeded" } else { "requires_payment_method" };
    json!({
        "id": id, "object": "setup_intent", "customer": setup.customer, "status": status,
        "payment_method": method, "client_secret": format!("{id}_secret_x"),
    })
}

/// A subscription as the janitor asks for it.
pub(super) fn renewal(books: &Books, id: &str, expand: &[String]) -> Value {
    let subscription = &books.subscriptions[id];
    let mut object = self::subscription(id, subscription);
    let full = |id: &Option<String>| id.as_ref().map(|id| method(id, books.cards.get(id)));
    if expand.iter().any(|path| path == "data.default_payment_method") {
        object["default_payment_method"] = json!(full(&subscription.default_method));
    }
    let of_customer = "data.customer.invoice_settings.default_payment_method";
    if expand.iter().any(|path| path == of_customer) {
        object["customer"] = customer(books);
        let settings = json!({"default_payment_method": full(&books.customer_default)});
        object["customer"]["invoice_settings"] = settings;
    }
    object
}

/// A page of a list, the newest object first; the ids name the objects. `None`: the place is not in
/// it.
pub(super) fn page(
    newest_first: Vec<(String, Value)>,
    (after, limit): (Option<&str>, usize),
) -> Option<Value> {
    let from = match after {
        Some(after) => newest_first.iter().position(|(id, _)| id == after)? + 1,
        None => 0,
    };
    let rest = &newest_first[from..];
    let data: Vec<&Value> = rest.iter().take(limit).map(|(_, object)| object).collect();
    Some(json!({"object": "list", "has_more": rest.len() > data.len(), "data": data}))
}

pub(super) fn list(data: Vec<Value>) -> Value {
    json!({"object": "list", "has_more": false, "data": data})
}
