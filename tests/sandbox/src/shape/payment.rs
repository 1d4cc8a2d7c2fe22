//! PaymentIntents, charges and invoice payments.

use serde_json::{Value, json};

use crate::engine::refusal::{Refusal, outcome_approved};
use crate::json::Json;
use crate::shape::debit;

/// What a new PaymentIntent is for.
#[derive(Clone, Debug)]
pub(crate) struct IntentTerms<'a> {
    pub(crate) amount_minor: i64,
    pub(crate) currency: &'a str,
    pub(crate) customer: &'a str,
    pub(crate) description: &'a str,
    pub(crate) secret: &'a str,
}

/// A new PaymentIntent without a payment method.
pub(crate) fn payment_intent(id: &str, created: i64, terms: &IntentTerms<'_>) -> Value {
    json!({
        "id": id,
        "object": "payment_intent",
        "allowed_payment_method_types": null,
        "amount": terms.amount_minor,
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": null,
        "application_fee_amount": null,
        "automatic_payment_methods": null,
        "canceled_at": null,
        "cancellation_reason": null,
        "capture_method": "automatic",
        "client_secret": format!("{id}_secret_{}", terms.secret),
        "confirmation_method": "automatic",
        "created": created,
        "currency": terms.currency,
        "customer": terms.customer,
        "customer_account": null,
        "description": terms.description,
        "excluded_payment_method_types": null,
        "last_payment_error": null,
        "latest_charge": null,
        "livemode": false,
        "managed_payments": null,
        "metadata": {},
        "next_action": null,
        "on_behalf_of": null,
        "payment_method": null,
        "payment_method_configuration_details": null,
        "payment_method_options": {
            "card": {
                "installments": null,
                "mandate_options": null,
                "network": null,
                "request_three_d_secure": "automatic",
            },
        },
        "payment_method_types": ["card"],
        "payment_record": null,
        "processing": null,
        "receipt_email": null,
        "review": null,
        "setup_future_usage": null,
        "shipping": null,
        "source": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": "requires_payment_method",
        "transfer_data": null,
        "transfer_group": null,
    })
}

/// What one attempt on the network asked for.
#[derive(Clone, Debug)]
pub(crate) struct Attempt<'a> {
    pub(crate) intent: &'a Value,
    pub(crate) method: &'a Value,
    /// `None` when the bank agreed.
    pub(crate) refusal: Option<&'a Refusal>,
}

/// The charge that records one attempt.
pub(crate) fn charge(id: &str, created: i64, attempt: &Attempt<'_>) -> Value {
    let intent = attempt.intent;
    let paid = attempt.refusal.is_none();
    let amount = intent.int("amount");
    let outcome = attempt.refusal.map_or_else(outcome_approved, Refusal::outcome);
    let details = if attempt.method.text("type") == "card" {
        json!({"card": charged_card(attempt.method.at("card"), amount, paid), "type": "card"})
    } else {
        debit::charge_details(attempt.method)
    };
    json!({
        "id": id,
        "object": "charge",
        "amount": amount,
        "amount_captured": if paid { amount } else { 0 },
        "amount_refunded": 0,
        "application": null,
        "application_fee": null,
        "application_fee_amount": null,
        "balance_transaction": null,
        "billing_details": attempt.method.at("billing_details"),
        "calculated_statement_descriptor": "REPRIEVE SANDBOX",
        "captured": paid,
        "created": created,
        "currency": intent.at("currency"),
        "customer": intent.at("customer"),
        "description": intent.at("description"),
        "disputed": false,
        "failure_balance_transaction": null,
        "failure_code": attempt.refusal.map(|refusal| &refusal.code),
        "failure_message": attempt.refusal.map(|refusal| &refusal.message),
        "fraud_details": {},
        "livemode": false,
        "metadata": {},
        "on_behalf_of": null,
        "outcome": outcome,
        "paid": paid,
        "payment_intent": intent.at("id"),
        "payment_method": attempt.method.at("id"),
        "payment_method_details": details,
        "receipt_email": null,
        "receipt_number": null,
        "receipt_url": null,
        "refunded": false,
        "review": null,
        "shipping": null,
        "source": null,
        "source_transfer": null,
        "statement_descriptor": null,
        "statement_descriptor_suffix": null,
        "status": if paid { "succeeded" } else { "failed" },
        "transfer_data": null,
        "transfer_group": null,
    })
}

fn charged_card(card: &Value, amount: i64, paid: bool) -> Value {
    json!({
        "amount_authorized": paid.then_some(amount),
        "authorization_code": null,
        "brand": card.at("brand"),
        "checks": card.at("checks"),
        "country": card.at("country"),
        "electronic_commerce_indicator": null,
        "exp_month": card.at("exp_month"),
        "exp_year": card.at("exp_year"),
        "extended_authorization": {"status": "disabled"},
        "fingerprint": card.at("fingerprint"),
        "funding": card.at("funding"),
        "incremental_authorization": {"status": "unavailable"},
        "installments": null,
        "last4": card.at("last4"),
        "mandate": null,
        "multicapture": {"status": "unavailable"},
        "network": card.at("brand"),
        "network_token": {"used": false},
        "network_transaction_id": null,
        "overcapture": {"maximum_amount_capturable": amount, "status": "unavailable"},
        "regulated_status": "unregulated",
        "three_d_secure": null,
        "transaction_link_id": null,
        "wallet": card.at("wallet"),
    })
}

/// The link between an invoice and its PaymentIntent.
pub(crate) fn invoice_payment(id: &str, created: i64, invoice: &Value, intent: &Value) -> Value {
    json!({
        "id": id,
        "object": "invoice_payment",
        "amount_paid": null,
        "amount_requested": intent.at("amount"),
        "created": created,
        "currency": intent.at("currency"),
        "invoice": invoice.at("id"),
        "is_default": true,
        "livemode": false,
        "payment": {"payment_intent": intent.at("id"), "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": null, "paid_at": null},
    })
}
