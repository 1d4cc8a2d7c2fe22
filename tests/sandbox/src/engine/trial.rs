//! Trials: set at the start, prolonged, or ended at once
//! (<https://docs.stripe.com/billing/subscriptions/trials>).

use serde_json::Value;

use crate::context::Ctx;
use crate::engine::changing::{self, Prorate};
use crate::engine::timers::{self, Timer};
use crate::engine::{methods, proration};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Record;

/// `customer.subscription.trial_will_end` comes three days before.
const NOTICE_S: i64 = 3 * 86_400;
/// "Can be at most two years from billing_cycle_anchor": the SDK's description.
const LENGTH_S_MAX: i64 = 2 * 366 * 86_400;

/// Writes a trial until `end_s` into a subscription in memory.
pub(crate) fn write(subscription: &mut Value, start_s: i64, end_s: i64) {
    subscription.set("status", "trialing");
    subscription.set("trial_start", start_s);
    subscription.set("trial_end", end_s);
    subscription.set("billing_cycle_anchor", end_s);
}

/// Refuses an end that is past or too far.
pub(crate) fn check(end_s: i64, now_s: i64) -> Result<(), ApiError> {
    if end_s > now_s && end_s - now_s <= LENGTH_S_MAX {
        return Ok(());
    }
    let message = "Invalid trial_end: it must be in the future, by at most two years.";
    Err(ApiError::param("parameter_invalid_integer", "trial_end", message))
}

/// Sets the timers of a trial: its end, and the notice before it.
pub(crate) fn arm(ctx: &Ctx<'_>, subscription: &Value, end_s: i64) -> Result<(), ApiError> {
    let (id, clock) = (subscription.text("id"), subscription.text("test_clock"));
    timers::set(ctx, Timer::Renew, id, clock, end_s)?;
    let notice_s = end_s.saturating_sub(NOTICE_S);
    timers::set(ctx, Timer::TrialWillEnd, id, clock, notice_s)
}

/// Begins a trial on a running subscription, or moves the end of the one that it has. Time that
/// was paid for is credited unless `prorate` says otherwise.
pub(crate) fn extend(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    end_s: i64,
    prorate: Prorate,
    now_s: i64,
) -> Result<(), ApiError> {
    check(end_s, now_s)?;
    let status = subscription.body.text("status").to_owned();
    let start_s = match status.as_str() {
        "trialing" => subscription.body.int("items/data/0/current_period_start"),
        "active" => now_s,
        _ => {
            let message = format!("A subscription that is {status} cannot be on trial.");
            return Err(ApiError::wrong_state(message).with("param", "trial_end"));
        }
    };
    if status == "active" && prorate != Prorate::None {
        let items = subscription.body.at("items/data").as_array().cloned().unwrap_or_default();
        for item in &items {
            proration::credit(ctx, &subscription.body, item, now_s)?;
        }
    }
    write(&mut subscription.body, start_s, end_s);
    changing::set_period(&mut subscription.body, (start_s, end_s));
    arm(ctx, &subscription.body, end_s)
}

/// Ends a trial now; the caller bills the first period.
pub(crate) fn end_now(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    now_s: i64,
) -> Result<(), ApiError> {
    if subscription.body.text("status") != "trialing" {
        return Err(
            ApiError::wrong_state("The subscription is not on trial.").with("param", "trial_end")
        );
    }
    subscription.body.set("status", "active");
    subscription.body.set("trial_end", now_s);
    timers::clear(ctx, Timer::TrialWillEnd, subscription.body.text("id"))?;
    changing::begin_period(ctx, subscription, now_s)
}

/// What a trial's end does to a customer without a card: `create_invoice`, `cancel` or `pause`;
/// `None` when there is a card.
pub(crate) fn missing_method(
    ctx: &Ctx<'_>,
    subscription: &Value,
) -> Result<Option<String>, ApiError> {
    let customer = ctx.store.get(Kind::Customer, subscription.text("customer"))?;
    let method = methods::default_for(ctx, &Value::Null, Some(subscription), &customer.body)?;
    if method.is_some() {
        return Ok(None);
    }
    Ok(subscription.text_opt("trial_settings/end_behavior/missing_payment_method"))
}

/// Tells that a trial ends in three days.
pub(crate) fn notice(ctx: &mut Ctx<'_>, id: &str) -> Result<(), ApiError> {
    let subscription = ctx.store.get(Kind::Subscription, id)?;
    if subscription.body.text("status") == "trialing" {
        ctx.emit("customer.subscription.trial_will_end", &subscription.body);
    }
    Ok(())
}
