//! The life of an invoice: draft → open → paid, void or uncollectible.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::{balance, charging, timers};
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::shape::payment;
use crate::store::{Place, Query, Record};

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
    balance::apply(ctx, invoice)?;
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
        balance::give_back(ctx, &invoice.body)?;
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
