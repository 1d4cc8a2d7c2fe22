//! Pausing a whole subscription and resuming it: no service, no invoices, status `paused`
//! (<https://docs.stripe.com/billing/subscriptions/pause> and the SDK's descriptions of
//! `subscriptions.pause` and `.resume`, npm `stripe` 23.1.0).

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::changing::{self, Prorate};
use crate::engine::drafting::{self, Lines, Occasion};
use crate::engine::timers::{self, Timer};
use crate::engine::{calendar, collection, immediate, invoicing, proration, standing};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Record;

/// "If there is no payment attempt within 23 hours, Stripe voids the invoice".
const UNPAID_RESUMPTION_S: i64 = 23 * 3_600;

/// From when on unused time is credited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnusedFrom {
    Now,
    PeriodStart,
    Never,
}

/// How a pause is billed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pause<'a> {
    pub(crate) unused_from: UnusedFrom,
    /// Whether credits are invoiced now, instead of waiting for the next invoice.
    pub(crate) invoices: bool,
    /// `pause_requested`, `final_payment_failure`, …
    pub(crate) reason: &'a str,
}

/// Why this subscription cannot be paused; `None` when it can.
pub(crate) fn obstacle(subscription: &Value) -> Option<&'static str> {
    if subscription.text("billing_mode/type") != "flexible" {
        return Some("Only subscriptions with billing_mode flexible can be paused.");
    }
    let status = subscription.text("status");
    match matches!(status, "active" | "trialing" | "past_due") {
        true => None,
        false => Some("Only active, trialing or past_due subscriptions can be paused."),
    }
}

/// Pauses now. Invoices that are open stay open and go on being collected.
pub(crate) fn pause(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    terms: Pause<'_>,
    now_s: i64,
) -> Result<(), ApiError> {
    let before = subscription.body.clone();
    let trialing = before.text("status") == "trialing";
    let items = before.at("items/data").as_array().cloned().unwrap_or_default();
    for item in items.iter().filter(|_| !trialing) {
        let from_s = match terms.unused_from {
            UnusedFrom::Never => continue,
            UnusedFrom::Now => now_s,
            UnusedFrom::PeriodStart => item.int("current_period_start"),
        };
        proration::credit(ctx, &before, item, from_s)?;
    }
    let start_s = before.int("items/data/0/current_period_start");
    changing::set_period(&mut subscription.body, (start_s.min(now_s), now_s));
    subscription.body.set("status", "paused");
    let details = json!({
        "paused": {
            "subscription": {"type": terms.reason},
            "transitioned_at": now_s,
            "type": "subscription",
        },
    });
    subscription.body.set("status_details", details);
    for timer in [Timer::Renew, Timer::TrialWillEnd] {
        timers::clear(ctx, timer, before.text("id"))?;
    }
    if terms.invoices && proration::is_waiting(ctx, before.text("id"))? {
        immediate::bill(ctx, &before, subscription, Lines::Pending, now_s)?;
    } else {
        standing::save_subscription(ctx, &before, subscription)?;
    }
    ctx.emit("customer.subscription.paused", &subscription.body);
    Ok(())
}

/// How a subscription comes back.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Resume {
    /// Whether a new period begins now; otherwise the old rhythm goes on.
    pub(crate) anchor_now: bool,
    /// `resume_on_payment_success`: the payment is tried now, and nothing but success resumes.
    pub(crate) on_success: bool,
    pub(crate) prorate: Prorate,
}

/// The period that begins when the resumption is paid.
struct Plan {
    anchor_s: i64,
    period: (i64, i64),
}

/// Begins to resume; without anything to pay the subscription is active at once.
pub(crate) fn resume(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    terms: Resume,
    now_s: i64,
) -> Result<(), ApiError> {
    let before = subscription.body.clone();
    if before.text("status") != "paused" {
        return Err(ApiError::wrong_state("Only a paused subscription can be resumed."));
    }
    if subscription.private.get("resuming").is_some_and(Value::is_object) {
        return Err(ApiError::wrong_state(
            "The subscription is being resumed: pay or void its latest invoice.",
        ));
    }
    let anchor_s = if terms.anchor_now { now_s } else { before.int("billing_cycle_anchor") };
    let end_s = changing::period_end(&before, anchor_s, now_s)?;
    let plan = Plan { anchor_s, period: (now_s, end_s) };
    let lines = match (terms.anchor_now, terms.prorate) {
        (true, _) => Some(Lines::Items),
        (false, Prorate::None) => None,
        (false, prorate) => {
            charge_rest(ctx, &before, end_s, now_s)?;
            (prorate == Prorate::AlwaysInvoice).then_some(Lines::Pending)
        }
    };
    let Some(lines) = lines else {
        return activate(ctx, subscription, "active", &plan);
    };
    // The invoice bills the period to come, which the subscription enters only when it is paid.
    let mut coming = subscription.clone();
    changing::set_period(&mut coming.body, plan.period);
    let invoice = open_invoice(ctx, subscription, &mut coming, lines, now_s)?;
    wait_for_payment(ctx, subscription, &plan, &invoice, terms.on_success, now_s)?;
    if invoice.body.int("amount_remaining") == 0 || terms.on_success {
        timers::clear(ctx, Timer::ResumeVoid, before.text("id"))?;
        collection::automatic(ctx, invoice.body.text("id"), now_s)?;
    }
    *subscription = ctx.store.get(Kind::Subscription, before.text("id"))?;
    Ok(())
}

/// Charges the part of the old rhythm's period that is left.
fn charge_rest(ctx: &mut Ctx<'_>, before: &Value, end_s: i64, now_s: i64) -> Result<(), ApiError> {
    let interval = before.text("items/data/0/price/recurring/interval");
    let count = before.int("items/data/0/price/recurring/interval_count");
    let start_s = calendar::one_period_before(end_s, interval, count)
        .ok_or_else(|| ApiError::internal("the period cannot be computed"))?;
    let mut whole = before.clone();
    changing::set_period(&mut whole, (start_s, end_s));
    let items = whole.at("items/data").as_array().cloned().unwrap_or_default();
    for item in &items {
        proration::charge(ctx, before, item, now_s)?;
    }
    Ok(())
}

fn open_invoice(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    coming: &mut Record,
    lines: Lines,
    now_s: i64,
) -> Result<Record, ApiError> {
    let before = subscription.body.clone();
    let customer = ctx.store.get(Kind::Customer, before.text("customer"))?;
    let period = (now_s, now_s);
    let occasion = Occasion { reason: "subscription_update", lines, period, now_s };
    let mut invoice = drafting::draft(ctx, coming, &customer, occasion)?;
    for field in ["latest_invoice", "discounts"] {
        subscription.body.set(field, coming.body.at(field).clone());
    }
    standing::save_subscription(ctx, &before, subscription)?;
    ctx.emit("invoice.created", &invoice.body);
    invoicing::finalize(ctx, &mut invoice, now_s)?;
    Ok(invoice)
}

fn wait_for_payment(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    plan: &Plan,
    invoice: &Record,
    on_success: bool,
    now_s: i64,
) -> Result<(), ApiError> {
    let resuming = json!({
        "invoice": invoice.body.at("id"),
        "anchor_s": plan.anchor_s,
        "start_s": plan.period.0,
        "end_s": plan.period.1,
        "on_success": on_success,
    });
    subscription.private.set("resuming", resuming);
    ctx.store.put(subscription)?;
    if !on_success && invoice.body.int("amount_remaining") > 0 {
        // "Stripe doesn't retry failed payments" with resume_on_payment_attempt.
        let mut invoice = invoice.clone();
        invoicing::set_auto_advance(ctx, &mut invoice, false)?;
    }
    let (id, clock) = (subscription.body.text("id"), subscription.body.text("test_clock"));
    timers::set(ctx, Timer::ResumeVoid, id, clock, now_s.saturating_add(UNPAID_RESUMPTION_S))
}

fn activate(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    status: &str,
    plan: &Plan,
) -> Result<(), ApiError> {
    let before = subscription.body.clone();
    let id = before.text("id").to_owned();
    subscription.body.set("status", status);
    subscription.body.set("status_details", Value::Null);
    subscription.body.set("billing_cycle_anchor", plan.anchor_s);
    changing::set_period(&mut subscription.body, plan.period);
    subscription.private.set("resuming", Value::Null);
    timers::clear(ctx, Timer::ResumeVoid, &id)?;
    timers::set(ctx, Timer::Renew, &id, before.text("test_clock"), plan.period.1)?;
    standing::save_subscription(ctx, &before, subscription)?;
    ctx.emit("customer.subscription.resumed", &subscription.body);
    Ok(())
}

/// What happened to the invoice of a resumption.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// Paid or written off.
    Settled,
    Voided,
    Failed,
}

/// Carries on with a resumption whose invoice this is; true when it was one.
pub(crate) fn on_invoice(
    ctx: &mut Ctx<'_>,
    invoice: &Value,
    outcome: Outcome,
) -> Result<bool, ApiError> {
    let Some(mut subscription) = standing::subscription_of(ctx, invoice)? else {
        return Ok(false);
    };
    let resuming = subscription.private.get("resuming").cloned().unwrap_or_default();
    if !resuming.is_object() || resuming.text("invoice") != invoice.text("id") {
        return Ok(false);
    }
    let plan = Plan {
        anchor_s: resuming.int("anchor_s"),
        period: (resuming.int("start_s"), resuming.int("end_s")),
    };
    match outcome {
        Outcome::Settled => activate(ctx, &mut subscription, "active", &plan)?,
        Outcome::Failed if resuming.flag("on_success") => {}
        Outcome::Failed => activate(ctx, &mut subscription, "past_due", &plan)?,
        Outcome::Voided => {
            subscription.private.set("resuming", Value::Null);
            ctx.store.put(&subscription)?;
            timers::clear(ctx, Timer::ResumeVoid, subscription.body.text("id"))?;
        }
    }
    Ok(true)
}

/// Nobody tried to pay the resumption: its invoice is voided and the pause goes on.
pub(crate) fn give_up(ctx: &mut Ctx<'_>, id: &str, now_s: i64) -> Result<(), ApiError> {
    let subscription = ctx.store.get(Kind::Subscription, id)?;
    let invoice = subscription.private.at("resuming").text("invoice").to_owned();
    let Some(mut invoice) = ctx.store.find(Kind::Invoice, &invoice)? else {
        return Ok(());
    };
    if invoice.body.text("status") == "open" {
        invoicing::close(ctx, &mut invoice, "void", now_s)?;
        on_invoice(ctx, &invoice.body, Outcome::Voided)?;
    }
    Ok(())
}
