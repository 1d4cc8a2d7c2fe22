//! SetupIntents and setup attempts.

use serde_json::{Value, json};

use crate::json::Json;
use crate::shape::debit;

/// A new SetupIntent without a payment method.
pub(crate) fn setup_intent(id: &str, created: i64, secret: &str) -> Value {
    json!({
        "id": id,
        "object": "setup_intent",
        "allowed_payment_method_types": null,
        "application": null,
        "automatic_payment_methods": null,
        "cancellation_reason": null,
        "client_secret": format!("{id}_secret_{secret}"),
        "created": created,
        "customer": null,
        "customer_account": null,
        "description": null,
        "excluded_payment_method_types": null,
        "flow_directions": null,
        "last_setup_error": null,
        "latest_attempt": null,
        "livemode": false,
        "mandate": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {
            "card": {
                "mandate_options": null,
                "network": null,
                "request_three_d_secure": "automatic",
            },
        },
        "payment_method_types": ["card"],
        "single_use_mandate": null,
        "status": "requires_payment_method",
        "usage": "off_session",
    })
}

/// What a publishable key may see of a SetupIntent or PaymentIntent: nothing about the customer.
pub(crate) fn intent_public(intent: &Value) -> Value {
    const SHOWN: [&str; 21] = [
        "id",
        "object",
        "amount",
        "automatic_payment_methods",
        "canceled_at",
        "cancellation_reason",
        "capture_method",
        "client_secret",
        "confirmation_method",
        "created",
        "currency",
        "description",
        "last_payment_error",
        "last_setup_error",
        "livemode",
        "next_action",
        "payment_method",
        "payment_method_types",
        "setup_future_usage",
        "status",
        "usage",
    ];
    let mut public = json!({});
    for name in SHOWN {
        if let Some(value) = intent.get(name) {
            public.set(name, value.clone());
        }
    }
    public
}

/// The record of one attempt to set up a card.
pub(crate) fn setup_attempt(
    id: &str,
    created: i64,
    intent: &Value,
    method: &Value,
    error: Option<&Value>,
) -> Value {
    let card = method.at("card");
    let details = if method.text("type") == "card" {
        card_details(card)
    } else {
        debit::attempt_details(method)
    };
    json!({
        "id": id,
        "object": "setup_attempt",
        "application": null,
        "created": created,
        "customer": intent.at("customer"),
        "customer_account": null,
        "flow_directions": null,
        "livemode": false,
        "on_behalf_of": null,
        "payment_method": method.at("id"),
        "payment_method_details": details,
        "setup_error": error,
        "setup_intent": intent.at("id"),
        "status": if error.is_some() { "failed" } else { "succeeded" },
        "usage": intent.at("usage"),
    })
}

fn card_details(card: &Value) -> Value {
    json!({
        "card": {
            "brand": card.at("brand"),
            "checks": card.at("checks"),
            "country": card.at("country"),
            "exp_month": card.at("exp_month"),
            "exp_year": card.at("exp_year"),
            "fingerprint": card.at("fingerprint"),
            "funding": card.at("funding"),
            "last4": card.at("last4"),
            "network": card.at("brand"),
            "three_d_secure": null,
            "wallet": card.at("wallet"),
        },
        "type": "card",
    })
}
