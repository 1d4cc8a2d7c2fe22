//! Collecting an open invoice: by the provider's own schedule, or because somebody asked.

use serde_json::Value;

use crate::context::Ctx;
use crate::engine::charging::{self, Charged, Presence};
use crate::engine::refusal::Refusal;
use crate::engine::{account, invoicing, methods, standing, timers};
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::store::Record;

/// How an attempt ended.
#[derive(Clone, Debug)]
pub(crate) enum Attempted {
    Paid,
    /// The bank said no; the PaymentIntent carries the details.
    Declined(Refusal, Box<Value>),
    /// The bank wants to see the customer first; the PaymentIntent says how.
    RequiresAction(Box<Value>),
    /// The bank answers days later.
    Processing,
    /// There was no method to charge, or Stripe would not send the same card again.
    NotSent,
}

/// One attempt to pay `invoice` with `method`. Books the success; a failure is left to the
/// caller, who knows whether the schedule goes on.
fn attempt(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    method: &Record,
    presence: Presence,
    now_s: i64,
) -> Result<Attempted, ApiError> {
    let id = invoice.body.text("id").to_owned();
    let Some(mut intent) = invoicing::intent_of(ctx, &id)? else {
        return Err(ApiError::internal("an open invoice has no PaymentIntent"));
    };
    match charging::charge(ctx, &mut intent, method, &id, presence, now_s)? {
        Charged::Processing => Ok(Attempted::Processing),
        Charged::RequiresAction => Ok(Attempted::RequiresAction(Box::new(intent.body))),
        Charged::Approved => {
            invoicing::mark_paid(ctx, invoice, now_s)?;
            standing::settled(ctx, &invoice.body)?;
            Ok(Attempted::Paid)
        }
        Charged::Declined(refusal) => {
            // A final decline closes this card for the invoice until another one is given.
            let blocked = refusal.is_final().then(|| method.body.at("id").clone());
            invoice.private.set("blocked_method", blocked.unwrap_or_default());
            Ok(Attempted::Declined(refusal, Box::new(intent.body)))
        }
    }
}

/// Notes a failed attempt on the invoice and tells it.
fn note_failure(
    ctx: &mut Ctx<'_>,
    before: &Value,
    invoice: &Record,
    outcome: &Attempted,
) -> Result<(), ApiError> {
    ctx.store.put(invoice)?;
    let changed = changed_fields(before, &invoice.body);
    ctx.emit_change("invoice.updated", &invoice.body, Some(changed));
    // A payment that waits for the customer has not failed; one that was declined because the
    // customer was away has, and waits too.
    let waits = matches!(outcome, Attempted::RequiresAction(_));
    if !waits {
        ctx.emit("invoice.payment_failed", &invoice.body);
    }
    let unseen =
        matches!(outcome, Attempted::Declined(refusal, _) if refusal.asks_for_authentication());
    if waits || unseen {
        ctx.emit("invoice.payment_action_required", &invoice.body);
    }
    standing::failed(ctx, &invoice.body)
}

/// The provider's own attempt, first or repeated. Nothing happens when the invoice is no longer
/// open or no longer collected automatically.
pub(crate) fn automatic(ctx: &mut Ctx<'_>, invoice_id: &str, now_s: i64) -> Result<(), ApiError> {
    let mut invoice = ctx.store.get(Kind::Invoice, invoice_id)?;
    if invoice.body.text("status") != "open" || !invoice.body.flag("auto_advance") {
        return Ok(());
    }
    if invoice.body.int("amount_remaining") == 0 {
        invoicing::mark_paid(ctx, &mut invoice, now_s)?;
        return standing::settled(ctx, &invoice.body);
    }
    if is_processing(ctx, invoice_id)? {
        return Ok(());
    }
    let before = invoice.body.clone();
    let subscription = standing::subscription_of(ctx, &before)?;
    let customer = ctx.store.get(Kind::Customer, before.text("customer"))?;
    let subscription_body = subscription.as_ref().map(|subscription| &subscription.body);
    let method = methods::default_for(ctx, &before, subscription_body, &customer.body)?;

    invoice.body.set("attempted", true);
    invoice.body.set("attempt_count", before.int("attempt_count") + 1);
    let made = invoice.private.int("automatic_attempts") + 1;
    invoice.private.set("automatic_attempts", made);
    let blocked = invoice.private.text("blocked_method").to_owned();
    let method = method.filter(|method| blocked != method.body.text("id"));
    let outcome = match method {
        Some(method) => attempt(ctx, &mut invoice, &method, Presence::OffSession, now_s)?,
        None => Attempted::NotSent,
    };
    if matches!(outcome, Attempted::Paid) {
        return Ok(());
    }
    invoice.private.set("is_automatic", true);
    if matches!(outcome, Attempted::Processing) {
        invoice.body.set("next_payment_attempt", Value::Null);
        return note_waiting(ctx, &before, &invoice);
    }
    note_automatic(ctx, &before, &mut invoice, &outcome, now_s)
}

/// What follows after an attempt of the schedule that failed.
fn note_automatic(
    ctx: &mut Ctx<'_>,
    before: &Value,
    invoice: &mut Record,
    outcome: &Attempted,
    now_s: i64,
) -> Result<(), ApiError> {
    let id = before.text("id").to_owned();
    let made = invoice.private.int("automatic_attempts");
    let subscription = standing::subscription_of(ctx, before)?;
    let status = subscription.as_ref().map(|subscription| subscription.body.text("status"));
    let first_ever = status == Some("incomplete");
    let seed = ctx.config.seed.unwrap_or(0);
    let pause_s = account::get(ctx)?.pause_s(seed, &id, made);
    let next = pause_s.filter(|_| !first_ever).map(|pause_s| now_s.saturating_add(pause_s));
    invoice.body.set("next_payment_attempt", next);
    note_failure(ctx, before, invoice, outcome)?;
    match next {
        Some(due_s) => {
            let clock = before.text("test_clock");
            timers::set(ctx, timers::Timer::Retry, &id, clock, due_s)
        }
        // The first invoice of a subscription is not retried; the subscription expires.
        None if first_ever => Ok(()),
        None => standing::exhausted(ctx, &invoice.body, now_s),
    }
}

/// Whether a debit for the invoice is on its way.
pub(crate) fn is_processing(ctx: &Ctx<'_>, invoice: &str) -> Result<bool, ApiError> {
    let intent = invoicing::intent_of(ctx, invoice)?;
    Ok(intent.is_some_and(|intent| intent.body.text("status") == "processing"))
}

fn note_waiting(ctx: &mut Ctx<'_>, before: &Value, invoice: &Record) -> Result<(), ApiError> {
    ctx.store.put(invoice)?;
    let changed = changed_fields(before, &invoice.body);
    ctx.emit_change("invoice.updated", &invoice.body, Some(changed));
    Ok(())
}

/// The bank said no to a debit, days after it was asked.
pub(crate) fn failed_late(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    refusal: Refusal,
    intent: Value,
    now_s: i64,
) -> Result<(), ApiError> {
    let before = invoice.body.clone();
    let outcome = Attempted::Declined(refusal, Box::new(intent));
    if invoice.private.flag("is_automatic") && before.flag("auto_advance") {
        return note_automatic(ctx, &before, invoice, &outcome, now_s);
    }
    note_failure(ctx, &before, invoice, &outcome)
}

/// An attempt that somebody asked for, with `method`. It does not move the schedule.
pub(crate) fn manual(
    ctx: &mut Ctx<'_>,
    invoice: &mut Record,
    method: &Record,
    presence: Presence,
    now_s: i64,
) -> Result<Attempted, ApiError> {
    let before = invoice.body.clone();
    if is_processing(ctx, before.text("id"))? {
        return Err(ApiError::wrong_state("A payment for this invoice is still processing.")
            .with("code", "payment_intent_unexpected_state"));
    }
    invoice.body.set("attempted", true);
    invoice.body.set("attempt_count", before.int("attempt_count").max(1));
    invoice.private.set("is_automatic", false);
    let outcome = attempt(ctx, invoice, method, presence, now_s)?;
    if matches!(outcome, Attempted::Processing) {
        note_waiting(ctx, &before, invoice)?;
        return Ok(outcome);
    }
    if !matches!(outcome, Attempted::Paid) {
        note_failure(ctx, &before, invoice, &outcome)?;
    }
    Ok(outcome)
}
