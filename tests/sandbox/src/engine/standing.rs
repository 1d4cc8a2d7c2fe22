//! What a paid or failed invoice means for its subscription and its customer.

use serde_json::Value;

use crate::config::FinalAction;
use crate::context::Ctx;
use crate::engine::pausing::{self, Outcome, Pause, UnusedFrom};
use crate::engine::{account, invoicing, timers};
use crate::error::ApiError;
use crate::json::{Json, changed_fields};
use crate::kind::Kind;
use crate::store::{Query, Record};

/// The subscription that made this invoice.
pub(crate) fn subscription_of(ctx: &Ctx<'_>, invoice: &Value) -> Result<Option<Record>, ApiError> {
    ctx.store.find(Kind::Subscription, invoice.text("parent/subscription_details/subscription"))
}

/// Writes a changed subscription and tells what changed, if anything did.
pub(crate) fn save_subscription(
    ctx: &mut Ctx<'_>,
    before: &Value,
    subscription: &Record,
) -> Result<(), ApiError> {
    ctx.store.put(subscription)?;
    if *before != subscription.body {
        let changed = changed_fields(before, &subscription.body);
        ctx.emit_change("customer.subscription.updated", &subscription.body, Some(changed));
    }
    Ok(())
}

fn set_delinquent(ctx: &mut Ctx<'_>, customer: &str, delinquent: bool) -> Result<(), ApiError> {
    let mut customer = ctx.store.get(Kind::Customer, customer)?;
    if customer.body.flag("delinquent") == delinquent {
        return Ok(());
    }
    let before = customer.body.clone();
    customer.body.set("delinquent", delinquent);
    ctx.store.put(&customer)?;
    let changed = changed_fields(&before, &customer.body);
    ctx.emit_change("customer.updated", &customer.body, Some(changed));
    Ok(())
}

/// An invoice was paid, voided or written off: its subscription is in order again when it was
/// the latest one, and the customer is no longer delinquent.
pub(crate) fn settled(ctx: &mut Ctx<'_>, invoice: &Value) -> Result<(), ApiError> {
    let outcome = match invoice.text("status") {
        "void" => Outcome::Voided,
        _ => Outcome::Settled,
    };
    pausing::on_invoice(ctx, invoice, outcome)?;
    if let Some(mut subscription) = subscription_of(ctx, invoice)? {
        let before = subscription.body.clone();
        let latest = before.text("latest_invoice") == invoice.text("id");
        let waits = matches!(before.text("status"), "incomplete" | "past_due" | "unpaid");
        if latest && waits {
            subscription.body.set("status", "active");
            timers::clear(ctx, timers::Timer::Expire, before.text("id"))?;
            save_subscription(ctx, &before, &subscription)?;
        }
    }
    set_delinquent(ctx, invoice.text("customer"), false)
}

/// An attempt to collect an invoice failed.
pub(crate) fn failed(ctx: &mut Ctx<'_>, invoice: &Value) -> Result<(), ApiError> {
    pausing::on_invoice(ctx, invoice, Outcome::Failed)?;
    if let Some(mut subscription) = subscription_of(ctx, invoice)? {
        let before = subscription.body.clone();
        if before.text("status") == "active" {
            subscription.body.set("status", "past_due");
            save_subscription(ctx, &before, &subscription)?;
        }
    }
    set_delinquent(ctx, invoice.text("customer"), true)
}

/// The last automatic attempt failed: the subscription ends as the account's setting says.
pub(crate) fn exhausted(ctx: &mut Ctx<'_>, invoice: &Value, now_s: i64) -> Result<(), ApiError> {
    let Some(mut subscription) = subscription_of(ctx, invoice)? else {
        return Ok(());
    };
    if matches!(subscription.body.text("status"), "canceled" | "paused") {
        return Ok(());
    }
    match account::get(ctx)?.final_action {
        FinalAction::PastDue => Ok(()),
        FinalAction::Unpaid => {
            let before = subscription.body.clone();
            subscription.body.set("status", "unpaid");
            save_subscription(ctx, &before, &subscription)
        }
        FinalAction::Pause if pausing::obstacle(&subscription.body).is_none() => {
            let reason = "final_payment_failure";
            let terms = Pause { unused_from: UnusedFrom::Never, invoices: false, reason };
            pausing::pause(ctx, &mut subscription, terms, now_s)
        }
        // "If Stripe can't pause it after the final failed payment attempt, Stripe cancels".
        FinalAction::Cancel | FinalAction::Pause => {
            cancel(ctx, &mut subscription, "payment_failed", now_s)
        }
    }
}

/// Ends a subscription now. Its open invoices stay open, but are no longer collected.
pub(crate) fn cancel(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    reason: &str,
    now_s: i64,
) -> Result<(), ApiError> {
    let id = subscription.body.text("id").to_owned();
    let expired = subscription.body.text("status") == "incomplete";
    subscription.body.set("status", if expired { "incomplete_expired" } else { "canceled" });
    subscription.body.set("ended_at", now_s);
    if subscription.body.at("canceled_at").is_null() {
        subscription.body.set("canceled_at", now_s);
    }
    subscription.body.set("cancellation_details/reason", reason);
    ctx.store.put(subscription)?;
    for timer in [
        timers::Timer::Renew,
        timers::Timer::ResumeCollection,
        timers::Timer::Expire,
        timers::Timer::TrialWillEnd,
        timers::Timer::ResumeVoid,
        timers::Timer::Cancel,
    ] {
        timers::clear(ctx, timer, &id)?;
    }
    let query = Query { parent: Some(&id), ..Query::default() };
    let invoices =
        ctx.store.list(Kind::Invoice, query, crate::store::SCAN_ROWS_MAX, |invoice| {
            matches!(invoice.text("status"), "open" | "draft")
        })?;
    for mut invoice in invoices {
        invoicing::set_auto_advance(ctx, &mut invoice, false)?;
    }
    ctx.emit("customer.subscription.deleted", &subscription.body);
    Ok(())
}
