//! Events: whether they are Stripe's, and whether they can be read.

use reprieve_core::time::Timestamp;
use reprieve_edge::provider::Secret;
use reprieve_edge::provider::event::Fact;
use reprieve_edge::provider::stripe::map::{self, EVENTS, Reading};
use reprieve_edge::provider::stripe::webhook;
use serde_json::{Value, json};

/// Every event that is subscribed to: `{"event","reading"}`.
pub(crate) fn events() -> Vec<Value> {
    let line = |(name, reading): &(&str, Reading)| {
        let reading = format!("{reading:?}");
        json!({"event": name, "reading": reading})
    };
    EVENTS.iter().map(line).collect()
}

/// `{"header","body","secrets","now_s"}` → `{"verdict"}`: `ok` or the error's name.
pub(crate) fn verify(asked: &Value) -> Value {
    let text = |name: &str| asked.get(name).and_then(Value::as_str);
    let secrets: Vec<_> = asked
        .get("secrets")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .map(Secret::new)
        .collect();
    let now_s = asked.get("now_s").and_then(Value::as_i64).expect("the time is given");
    let body = text("body").expect("the body is given");
    let now = Timestamp::from_seconds(now_s);
    let verdict = match webhook::verify(text("header"), body.as_bytes(), &secrets, now) {
        Ok(()) => "ok".to_owned(),
        Err(error) => format!("{error:?}"),
    };
    json!({"verdict": verdict})
}

/// An event → `{"event","customer","fact"}`, or `{"error"}`.
pub(crate) fn read(event: &Value) -> Value {
    match map::event(event.to_string().as_bytes()) {
        Err(error) => json!({"error": error.code()}),
        Ok(event) => json!({
            "event": event.kind,
            "customer": event.customer.map(|id| id.as_str().to_owned()),
            "fact": match event.fact {
                None => Value::Null,
                Some(Fact::Invoice(invoice)) => json!({
                    "invoice": invoice.id.as_str(),
                    "status": format!("{:?}", invoice.status),
                    "amount_minor": invoice.amount_due.amount_minor,
                    "attempt_count": invoice.attempt_count,
                }),
                Some(Fact::Subscription(subscription)) => json!({
                    "subscription": subscription.id.as_str(),
                    "status": format!("{:?}", subscription.status),
                }),
                Some(Fact::Setup(setup, merchant)) => json!({
                    "setup": setup.id.as_str(),
                    "merchant": merchant,
                }),
                Some(Fact::MethodsChanged(renewed)) => json!({
                    "renewed": renewed.map(|method| method.id.as_str().to_owned()),
                }),
                Some(Fact::CustomerDeleted) => json!({ "deleted": true }),
                Some(Fact::DefaultChanged(method)) => json!({ "default": method.as_str() }),
            },
        }),
    }
}
