//! Subscriptions, their items, and invoices.

use serde_json::{Value, json};

use crate::engine::discounts::Applied;
use crate::json::Json;
use crate::shape::list;

/// One thing that a subscription bills for, and the period that it is in.
#[derive(Clone, Debug)]
pub(crate) struct ItemTerms<'a> {
    pub(crate) id: &'a str,
    pub(crate) price: &'a Value,
    pub(crate) quantity: i64,
    /// Begin and end of the current period, in seconds.
    pub(crate) period: (i64, i64),
}

/// A subscription item.
pub(crate) fn subscription_item(subscription: &str, created: i64, terms: &ItemTerms<'_>) -> Value {
    json!({
        "id": terms.id,
        "object": "subscription_item",
        "billing_thresholds": null,
        "created": created,
        "current_period_end": terms.period.1,
        "current_period_start": terms.period.0,
        "current_trial": null,
        "discounts": [],
        "metadata": {},
        "plan": plan(terms.price),
        "price": terms.price,
        "quantity": terms.quantity,
        "subscription": subscription,
        "tax_rates": [],
    })
}

/// The older twin of a price, still part of every item.
fn plan(price: &Value) -> Value {
    json!({
        "id": price.at("id"),
        "object": "plan",
        "active": price.at("active"),
        "amount": price.at("unit_amount"),
        "amount_decimal": price.at("unit_amount_decimal"),
        "billing_scheme": "per_unit",
        "created": price.at("created"),
        "currency": price.at("currency"),
        "interval": price.at("recurring/interval"),
        "interval_count": price.at("recurring/interval_count"),
        "livemode": false,
        "metadata": price.at("metadata"),
        "meter": null,
        "nickname": price.at("nickname"),
        "product": price.at("product"),
        "tiers_mode": null,
        "transform_usage": null,
        "trial_period_days": null,
        "usage_type": "licensed",
    })
}

/// A new subscription, `incomplete` until its first invoice is paid.
pub(crate) fn subscription(id: &str, created: i64, customer: &Value, items: Vec<Value>) -> Value {
    let currency = items.first().map(|item| item.at("price/currency").clone());
    let url = format!("/v1/subscription_items?subscription={id}");
    json!({
        "id": id,
        "object": "subscription",
        "application": null,
        "application_fee_percent": null,
        "automatic_tax": {"disabled_reason": null, "enabled": false, "liability": null},
        "billing_cycle_anchor": created,
        "billing_cycle_anchor_config": null,
        "billing_mode": {"flexible": null, "type": "classic"},
        "billing_schedules": [],
        "billing_thresholds": null,
        "cancel_at": null,
        "cancel_at_period_end": false,
        "canceled_at": null,
        "cancellation_details": no_cancellation(),
        "collection_method": "charge_automatically",
        "created": created,
        "currency": currency,
        "customer": customer.at("id"),
        "customer_account": null,
        "days_until_due": null,
        "default_payment_method": null,
        "default_source": null,
        "default_tax_rates": [],
        "description": null,
        "discounts": [],
        "ended_at": null,
        "invoice_settings": {
            "account_tax_ids": null,
            "custom_fields": null,
            "description": null,
            "footer": null,
            "issuer": {"type": "self"},
        },
        "items": list(items, false, &url),
        "latest_invoice": null,
        "livemode": false,
        "managed_payments": {"enabled": false},
        "metadata": {},
        "next_pending_invoice_item_invoice": null,
        "on_behalf_of": null,
        "pause_collection": null,
        "payment_settings": {
            "payment_method_options": null,
            "payment_method_types": null,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": null,
        "pending_setup_intent": null,
        "pending_update": null,
        "schedule": null,
        "start_date": created,
        "status": "incomplete",
        "test_clock": customer.at("test_clock"),
        "transfer_data": null,
        "trial_end": null,
        "trial_settings": {
            "end_behavior": {
                "billing_cycle_anchor": null,
                "missing_payment_method": "create_invoice",
            },
        },
        "trial_start": null,
    })
}

fn no_cancellation() -> Value {
    json!({"comment": null, "feedback": null, "feedback_option": null, "reason": null})
}

/// What a new invoice bills.
#[derive(Clone, Debug)]
pub(crate) struct InvoiceTerms<'a> {
    pub(crate) id: &'a str,
    pub(crate) created: i64,
    /// `subscription_create` or `subscription_cycle`.
    pub(crate) reason: &'a str,
    pub(crate) customer: &'a Value,
    pub(crate) subscription: &'a Value,
    pub(crate) lines: Vec<Value>,
    /// The sum of the lines, before discounts.
    pub(crate) subtotal_minor: i64,
    pub(crate) discounts: &'a [Applied],
    /// The invoice's own period: the one that ended when it was made.
    pub(crate) period: (i64, i64),
}

/// What an item costs for one whole period.
pub(crate) fn item_amount_minor(item: &Value) -> i64 {
    item.int("price/unit_amount").saturating_mul(item.int("quantity"))
}

/// The `pricing` of a line.
pub(crate) fn line_pricing(price: &Value) -> Value {
    json!({
        "price_details": {"price": price.at("id"), "product": price.at("product")},
        "type": "price_details",
        "unit_amount_decimal": price.at("unit_amount_decimal"),
    })
}

/// A line for one item over its current period.
pub(crate) fn line(
    id: &str,
    invoice: &str,
    item: &Value,
    description: &str,
    amount_minor: i64,
) -> Value {
    json!({
        "id": id,
        "object": "line_item",
        "amount": amount_minor,
        "currency": item.at("price/currency"),
        "description": description,
        "discount_amounts": [],
        "discountable": true,
        "discounts": [],
        "invoice": invoice,
        "livemode": false,
        "metadata": {},
        "parent": {
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": null,
                "proration": false,
                "proration_details": {"credited_items": null},
                "subscription": item.at("subscription"),
                "subscription_item": item.at("id"),
            },
            "type": "subscription_item_details",
        },
        "period": {
            "end": item.at("current_period_end"),
            "start": item.at("current_period_start"),
        },
        "pretax_credit_amounts": [],
        "pricing": line_pricing(item.at("price")),
        "quantity": item.at("quantity"),
        "quantity_decimal": item.int("quantity").to_string(),
        "subscription": item.at("subscription"),
        "subtotal": amount_minor,
        "taxes": [],
    })
}

/// A line for an invoice item that waited, such as a proration.
pub(crate) fn pending_line(id: &str, item: &Value) -> Value {
    json!({
        "id": id,
        "object": "line_item",
        "amount": item.at("amount"),
        "currency": item.at("currency"),
        "description": item.at("description"),
        "discount_amounts": [],
        "discountable": item.at("discountable"),
        "discounts": [],
        "invoice": item.at("invoice"),
        "livemode": false,
        "metadata": {},
        "parent": {
            "invoice_item_details": null,
            "subscription_item_details": {
                "invoice_item": item.at("id"),
                "proration": item.at("proration"),
                "proration_details": {"credited_items": null},
                "subscription": item.at("parent/subscription_details/subscription"),
                "subscription_item": item.at("parent/subscription_details/subscription_item"),
            },
            "type": "subscription_item_details",
        },
        "period": item.at("period"),
        "pretax_credit_amounts": [],
        "pricing": item.at("pricing"),
        "quantity": item.at("quantity"),
        "quantity_decimal": item.at("quantity_decimal"),
        "subscription": item.at("parent/subscription_details/subscription"),
        "subtotal": item.at("amount"),
        "taxes": [],
    })
}

/// A new draft invoice of a subscription.
pub(crate) fn invoice(terms: &InvoiceTerms<'_>) -> Value {
    let subtotal = terms.subtotal_minor;
    let off: i64 = terms.discounts.iter().map(|applied| applied.amount_minor).sum();
    let total = subtotal.saturating_sub(off);
    let due = total.max(0);
    let (customer, subscription) = (terms.customer, terms.subscription);
    let url = format!("/v1/invoices/{}/lines", terms.id);
    let mut invoice = json!({
        "id": terms.id,
        "object": "invoice",
        "account_country": "US",
        "account_name": "Reprieve sandbox",
        "amount_due": due,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_remaining": due,
        "amount_shipping": 0,
        "attempt_count": 0,
        "attempted": false,
        "auto_advance": true,
        "automatic_tax": {
            "disabled_reason": null,
            "enabled": false,
            "liability": null,
            "provider": null,
            "status": null,
        },
        "automatically_finalizes_at": null,
        "billing_reason": terms.reason,
        "collection_method": subscription.at("collection_method"),
        "created": terms.created,
        "currency": subscription.at("currency"),
        "customer": customer.at("id"),
        "default_payment_method": null,
        "description": null,
        "due_date": null,
        "effective_at": null,
        "ending_balance": null,
        "hosted_invoice_url": null,
        "invoice_pdf": null,
        "issuer": {"type": "self"},
        "lines": list(terms.lines.clone(), false, &url),
        "livemode": false,
        "metadata": {},
        "next_payment_attempt": null,
        "number": null,
        "parent": {
            "quote_details": null,
            "subscription_details": {
                "metadata": subscription.at("metadata"),
                "subscription": subscription.at("id"),
            },
            "type": "subscription_details",
        },
        "period_end": terms.period.1,
        "period_start": terms.period.0,
        "starting_balance": 0,
        "status": "draft",
        "status_transitions": no_transitions(),
        "subtotal": subtotal,
        "subtotal_excluding_tax": subtotal,
        "test_clock": customer.at("test_clock"),
        "total": total,
        "total_excluding_tax": total,
    });
    invoice_rest(&mut invoice, customer);
    name_discounts(&mut invoice, terms.discounts);
    invoice
}

fn no_transitions() -> Value {
    json!({
        "finalized_at": null,
        "marked_uncollectible_at": null,
        "paid_at": null,
        "voided_at": null,
    })
}

fn name_discounts(invoice: &mut Value, applied: &[Applied]) {
    let named: Vec<Value> = applied.iter().map(|one| json!(one.discount)).collect();
    let amounts: Vec<Value> = applied
        .iter()
        .map(|one| json!({"amount": one.amount_minor, "discount": one.discount}))
        .collect();
    invoice.set("discounts", named);
    invoice.set("total_discount_amounts", amounts);
}

/// The fields of an invoice that the sandbox never changes.
fn invoice_rest(invoice: &mut Value, customer: &Value) {
    for (name, source) in [
        ("customer_address", "address"),
        ("customer_email", "email"),
        ("customer_name", "name"),
        ("customer_phone", "phone"),
        ("customer_shipping", "shipping"),
        ("customer_tax_exempt", "tax_exempt"),
    ] {
        invoice.set(name, customer.at(source).clone());
    }
    let settings = json!({
        "default_mandate": null,
        "payment_method_options": null,
        "payment_method_types": null,
    });
    invoice.set("payment_settings", settings);
    for name in
        ["customer_tax_ids", "default_tax_rates", "total_pretax_credit_amounts", "total_taxes"]
    {
        invoice.set(name, json!([]));
    }
    for name in [
        "account_tax_ids",
        "application",
        "custom_fields",
        "customer_account",
        "default_source",
        "footer",
        "from_invoice",
        "last_finalization_error",
        "latest_revision",
        "on_behalf_of",
        "receipt_number",
        "rendering",
        "shipping_cost",
        "shipping_details",
        "statement_descriptor",
        "webhooks_delivered_at",
    ] {
        invoice.set(name, Value::Null);
    }
    invoice.set("post_payment_credit_notes_amount", 0);
    invoice.set("pre_payment_credit_notes_amount", 0);
}
