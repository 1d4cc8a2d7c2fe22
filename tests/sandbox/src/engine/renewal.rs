//! The end of a billing period, and the other moments at which a subscription moves by itself.

use serde_json::Value;

use crate::context::Ctx;
use crate::engine::drafting::{self, Lines, Occasion};
use crate::engine::pausing::{self, Pause, UnusedFrom};
use crate::engine::timers::{self, Due, Timer};
use crate::engine::{calendar, challenge, collection, debits, invoicing, standing, trial};
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::store::Record;

/// Stripe leaves about an hour between the creation of a renewal invoice and its finalization.
const FINALIZE_DELAY_S: i64 = 3_600;

/// Runs one timer that fell due. The timer is cleared first; what runs may set it again.
pub(crate) fn run(ctx: &mut Ctx<'_>, due: &Due, now_s: i64) -> Result<(), ApiError> {
    timers::clear(ctx, due.timer, &due.object)?;
    match due.timer {
        Timer::Renew => renew(ctx, &due.object, now_s),
        Timer::Finalize => finalize(ctx, &due.object, now_s),
        Timer::Retry => collection::automatic(ctx, &due.object, now_s),
        Timer::ResumeCollection => resume_collection(ctx, &due.object),
        Timer::Expire => expire(ctx, &due.object, now_s),
        Timer::Challenge => challenge::expire(ctx, &due.object),
        Timer::TrialWillEnd => trial::notice(ctx, &due.object),
        Timer::ResumeVoid => pausing::give_up(ctx, &due.object, now_s),
        Timer::Cancel => end(ctx, &due.object, now_s),
        Timer::Settle => debits::settle(ctx, &due.object),
    }
}

fn renew(ctx: &mut Ctx<'_>, id: &str, now_s: i64) -> Result<(), ApiError> {
    let Some(mut subscription) = ctx.store.find(Kind::Subscription, id)? else {
        return Ok(());
    };
    let status = subscription.body.text("status").to_owned();
    if !matches!(status.as_str(), "trialing" | "active" | "past_due" | "unpaid") {
        return Ok(());
    }
    if subscription.body.flag("cancel_at_period_end") {
        return standing::cancel(ctx, &mut subscription, "cancellation_requested", now_s);
    }
    if status == "trialing" {
        match trial::missing_method(ctx, &subscription.body)?.as_deref() {
            Some("cancel") => {
                return standing::cancel(ctx, &mut subscription, "payment_failed", now_s);
            }
            Some("pause") => {
                let reason = "trial_end_without_payment_method";
                let terms = Pause { unused_from: UnusedFrom::Never, invoices: false, reason };
                return pausing::pause(ctx, &mut subscription, terms, now_s);
            }
            _ => {}
        }
    }
    let before = subscription.body.clone();
    if status == "trialing" {
        subscription.body.set("status", "active");
    }
    let customer = ctx.store.get(Kind::Customer, before.text("customer"))?;
    let ended = (
        before.int("items/data/0/current_period_start"),
        before.int("items/data/0/current_period_end"),
    );
    let end_s = move_items(&mut subscription.body, ended.1)?;
    let occasion =
        Occasion { reason: "subscription_cycle", lines: Lines::Items, period: ended, now_s };
    let mut invoice = drafting::draft(ctx, &mut subscription, &customer, occasion)?;
    let clock = before.text("test_clock");
    let id_of_invoice = invoice.body.text("id").to_owned();
    let paused = before.text("pause_collection/behavior") == "keep_as_draft";
    if paused || before.text("status") == "unpaid" {
        // Such an invoice stays a draft until somebody acts.
        invoice.body.set("auto_advance", false);
    } else {
        let at_s = now_s + FINALIZE_DELAY_S;
        invoice.body.set("automatically_finalizes_at", at_s);
        invoice.body.set("next_payment_attempt", at_s);
        timers::set(ctx, Timer::Finalize, &id_of_invoice, clock, at_s)?;
    }
    ctx.store.put(&invoice)?;
    timers::set(ctx, Timer::Renew, id, clock, end_s)?;
    ctx.emit("invoice.created", &invoice.body);
    standing::save_subscription(ctx, &before, &subscription)
}

/// Moves every item into the period after `start_s`; returns its end.
fn move_items(subscription: &mut Value, start_s: i64) -> Result<i64, ApiError> {
    let anchor = subscription.int("billing_cycle_anchor");
    let mut end_s = start_s;
    if let Some(Value::Array(items)) = subscription.pointer_mut("/items/data") {
        for item in items {
            let interval = item.text("price/recurring/interval");
            let count = item.int("price/recurring/interval_count");
            end_s = calendar::period_end(anchor, interval, count, start_s)
                .ok_or_else(|| ApiError::internal("the next period cannot be computed"))?;
            item.set("current_period_start", start_s);
            item.set("current_period_end", end_s);
        }
    }
    Ok(end_s)
}

fn finalize(ctx: &mut Ctx<'_>, id: &str, now_s: i64) -> Result<(), ApiError> {
    let mut invoice = ctx.store.get(Kind::Invoice, id)?;
    if invoice.body.text("status") != "draft" || !invoice.body.flag("auto_advance") {
        return Ok(());
    }
    invoicing::finalize(ctx, &mut invoice, now_s)?;
    let subscription = standing::subscription_of(ctx, &invoice.body)?;
    let paused = subscription.map(|sub| sub.body.text("pause_collection/behavior").to_owned());
    match paused.as_deref() {
        Some("void") => invoicing::close(ctx, &mut invoice, "void", now_s),
        Some("mark_uncollectible") => invoicing::close(ctx, &mut invoice, "uncollectible", now_s),
        _ => collection::automatic(ctx, id, now_s),
    }
}

/// A subscription has come to the end that was chosen for it (`cancel_at`).
fn end(ctx: &mut Ctx<'_>, id: &str, now_s: i64) -> Result<(), ApiError> {
    let mut subscription = ctx.store.get(Kind::Subscription, id)?;
    let ended = matches!(subscription.body.text("status"), "canceled" | "incomplete_expired");
    if ended || subscription.body.int("cancel_at") > now_s {
        return Ok(());
    }
    standing::cancel(ctx, &mut subscription, "cancellation_requested", now_s)
}

fn resume_collection(ctx: &mut Ctx<'_>, id: &str) -> Result<(), ApiError> {
    let mut subscription = ctx.store.get(Kind::Subscription, id)?;
    let before = subscription.body.clone();
    subscription.body.set("pause_collection", Value::Null);
    standing::save_subscription(ctx, &before, &subscription)
}

/// An incomplete subscription was not paid within 23 hours.
fn expire(ctx: &mut Ctx<'_>, id: &str, now_s: i64) -> Result<(), ApiError> {
    let mut subscription = ctx.store.get(Kind::Subscription, id)?;
    if subscription.body.text("status") != "incomplete" {
        return Ok(());
    }
    let before = subscription.body.clone();
    subscription.body.set("status", "incomplete_expired");
    subscription.body.set("ended_at", now_s);
    save_expired(ctx, &before, &subscription)?;
    if let Some(mut invoice) = ctx.store.find(Kind::Invoice, before.text("latest_invoice"))?
        && invoice.body.text("status") == "open"
    {
        invoicing::close(ctx, &mut invoice, "void", now_s)?;
    }
    Ok(())
}

fn save_expired(ctx: &mut Ctx<'_>, before: &Value, after: &Record) -> Result<(), ApiError> {
    ctx.store.put(after)?;
    timers::clear(ctx, Timer::Renew, after.body.text("id"))?;
    let changed = changed_fields(before, &after.body);
    ctx.emit_change("customer.subscription.updated", &after.body, Some(changed));
    Ok(())
}
