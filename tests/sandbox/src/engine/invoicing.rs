//! The life of an invoice: draft → open → paid, void or uncollectible.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::{charging, timers};
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::shape::billing::{self, InvoiceTerms};
use crate::shape::payment;
use crate::store::{Place, Query, Record};

/// Makes a draft that bills every item of the subscription over its current period.
/// `period` is the invoice's own period: the one that just ended (seconds).
pub(crate) fn draft(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    customer: &Record,
    reason: &str,
    period: (i64, i64),
    now_s: i64,
) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::Invoice);
    let items = subscription.body.at("items/data").as_array().cloned().unwrap_or_default();
    let mut lines = Vec::with_capacity(items.len());
    for item in &items {
        let line_id = ctx.random.id("il");
        let product = ctx.store.find(Kind::Product, item.text("price/product"))?;
        let name = product.map(|product| product.body.text("name").to_owned());
        let description = format!(
            "{} × {} (at {} / {})",
            item.int("quantity"),
            name.unwrap_or_default(),
            price_text(item),
            item.text("price/recurring/interval"),
        );
        lines.push(billing::line(&line_id, &id, item, &description));
    }
    let total_minor = lines.iter().map(|line| line.int("amount")).sum();
    let terms = InvoiceTerms {
        id: &id,
        created: now_s,
        reason,
        customer: &customer.body,
        subscription: &subscription.body,
        lines,
        total_minor,
        period,
    };
    let body = billing::invoice(&terms);
    let place = Place {
        customer: Some(customer.body.text("id")),
        parent: Some(subscription.body.text("id")),
    };
    let private = json!({"automatic_attempts": 0, "blocked_method": null});
    ctx.store.insert(Kind::Invoice, place, &body, &private)?;
    subscription.body.set("latest_invoice", id);
    Ok(Record { body, private })
}

/// `$19.00`-like text for a line. Amounts stay in minor units; this is the only place that shows
/// one, and only in a description.
fn price_text(item: &Value) -> String {
    let minor = item.int("price/unit_amount");
    let currency = item.text("price/currency").to_uppercase();
    if matches!(currency.as_str(), "JPY" | "KRW" | "VND" | "CLP") {
        return format!("{currency} {minor}");
    }
    format!("{currency} {}.{:02}", minor / 100, minor % 100)
}

/// Opens a draft: it gets its number, its PaymentIntent and its pages.
pub(crate) fn finalize(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    now_s: i64,
) -> Result<(), ApiError> {
    let customer_id = invoice.body.text("customer").to_owned();
    let mut customer = ctx.store.get(Kind::Customer, &customer_id)?;
    let sequence = customer.body.int("next_invoice_sequence");
    let number = format!("{}-{sequence:04}", customer.body.text("invoice_prefix"));
    customer.body.set("next_invoice_sequence", sequence + 1);
    if customer.body.at("currency").is_null() {
        let currency = invoice.body.at("currency").clone();
        customer.body.set("currency", currency);
    }
    ctx.store.put(&customer)?;

    let id = invoice.body.text("id").to_owned();
    let page = format!("https://invoice.stripe.com/i/acct_sandbox/test_{id}");
    invoice.body.set("number", number);
    invoice.body.set("status", "open");
    invoice.body.set("effective_at", now_s);
    invoice.body.set("ending_balance", 0);
    invoice.body.set("automatically_finalizes_at", Value::Null);
    invoice.body.set("next_payment_attempt", Value::Null);
    invoice.body.set("status_transitions/finalized_at", now_s);
    invoice.body.set("hosted_invoice_url", page.clone());
    invoice.body.set("invoice_pdf", format!("{page}/pdf"));
    ctx.store.put(invoice)?;
    timers::clear(ctx, timers::Timer::Finalize, &id)?;
    ctx.emit("invoice.finalized", &invoice.body);
    if invoice.body.int("amount_remaining") > 0 {
        let intent = charging::intent_for(ctx, &invoice.body)?;
        let payment_id = ctx.id(Kind::InvoicePayment);
        let now_wall = ctx.wall_s();
        let body = payment::invoice_payment(&payment_id, now_wall, &invoice.body, &intent.body);
        let place = Place { customer: Some(&customer_id), parent: Some(&id) };
        ctx.store.insert(Kind::InvoicePayment, place, &body, &json!({}))?;
    }
    Ok(())
}

/// The PaymentIntent of an invoice, `None` before it is finalized and when nothing is due.
pub(crate) fn intent_of(ctx: &Ctx<'_>, invoice: &str) -> Result<Option<Record>, ApiError> {
    let query = Query { parent: Some(invoice), ..Query::default() };
    Ok(ctx.store.list(Kind::PaymentIntent, query, 1, |_| true)?.into_iter().next())
}

/// The link between the invoice and its PaymentIntent.
fn payment_of(ctx: &Ctx<'_>, invoice: &str) -> Result<Option<Record>, ApiError> {
    let query = Query { parent: Some(invoice), ..Query::default() };
    Ok(ctx.store.list(Kind::InvoicePayment, query, 1, |_| true)?.into_iter().next())
}

/// Books an invoice as paid and tells so.
pub(crate) fn mark_paid(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    now_s: i64,
) -> Result<(), ApiError> {
    let before = invoice.body.clone();
    let id = before.text("id").to_owned();
    let due = before.int("amount_due");
    invoice.body.set("status", "paid");
    invoice.body.set("amount_paid", due);
    invoice.body.set("amount_remaining", 0);
    invoice.body.set("attempted", true);
    invoice.body.set("auto_advance", false);
    invoice.body.set("next_payment_attempt", Value::Null);
    invoice.body.set("status_transitions/paid_at", now_s);
    ctx.store.put(invoice)?;
    timers::clear(ctx, timers::Timer::Retry, &id)?;
    if let Some(mut payment) = payment_of(ctx, &id)? {
        let now_wall = ctx.wall_s();
        payment.body.set("status", "paid");
        payment.body.set("amount_paid", due);
        payment.body.set("status_transitions/paid_at", now_wall);
        ctx.store.put(&payment)?;
        let event = payment.body.clone();
        ctx.emit_for("invoice_payment.paid", &event, before.text("customer"));
    }
    let changed = changed_fields(&before, &invoice.body);
    ctx.emit_change("invoice.updated", &invoice.body, Some(changed));
    ctx.emit("invoice.paid", &invoice.body);
    ctx.emit("invoice.payment_succeeded", &invoice.body);
    Ok(())
}

/// Ends an invoice without payment: `void` or `uncollectible`.
pub(crate) fn close(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    status: &'static str,
    now_s: i64,
) -> Result<(), ApiError> {
    let before = invoice.body.clone();
    let id = before.text("id").to_owned();
    let (transition, event) = match status {
        "void" => ("status_transitions/voided_at", "invoice.voided"),
        _ => ("status_transitions/marked_uncollectible_at", "invoice.marked_uncollectible"),
    };
    invoice.body.set("status", status);
    invoice.body.set(transition, now_s);
    invoice.body.set("auto_advance", false);
    invoice.body.set("next_payment_attempt", Value::Null);
    if status == "void" {
        invoice.body.set("amount_remaining", 0);
    }
    ctx.store.put(invoice)?;
    timers::clear(ctx, timers::Timer::Retry, &id)?;
    timers::clear(ctx, timers::Timer::Finalize, &id)?;
    let changed = changed_fields(&before, &invoice.body);
    ctx.emit_change("invoice.updated", &invoice.body, Some(changed));
    ctx.emit(event, &invoice.body);
    if status == "void" {
        cancel_payment(ctx, &id)?;
    }
    Ok(())
}

fn cancel_payment(ctx: &mut Ctx<'_>, invoice: &str) -> Result<(), ApiError> {
    if let Some(mut intent) = intent_of(ctx, invoice)? {
        charging::cancel_intent(ctx, &mut intent)?;
    }
    if let Some(mut payment) = payment_of(ctx, invoice)? {
        let now_wall = ctx.wall_s();
        payment.body.set("status", "canceled");
        payment.body.set("status_transitions/canceled_at", now_wall);
        ctx.store.put(&payment)?;
    }
    Ok(())
}

/// Turns the automatic collection of an invoice on or off.
pub(crate) fn set_auto_advance(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    on: bool,
) -> Result<(), ApiError> {
    if invoice.body.flag("auto_advance") == on {
        return Ok(());
    }
    let before = invoice.body.clone();
    invoice.body.set("auto_advance", on);
    if !on {
        invoice.body.set("next_payment_attempt", Value::Null);
        invoice.body.set("automatically_finalizes_at", Value::Null);
        timers::clear(ctx, timers::Timer::Retry, before.text("id"))?;
        timers::clear(ctx, timers::Timer::Finalize, before.text("id"))?;
    }
    ctx.store.put(invoice)?;
    let changed = changed_fields(&before, &invoice.body);
    ctx.emit_change("invoice.updated", &invoice.body, Some(changed));
    Ok(())
}
