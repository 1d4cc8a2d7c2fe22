//! `/v1/subscriptions/:id/pause` and `/resume`

use serde_json::Value;

use crate::api::{Call, subscription_params};
use crate::context::Ctx;
use crate::engine::pausing::{self, Pause, Resume, UnusedFrom};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::Params;

/// `POST /v1/subscriptions/:id/pause`
pub(crate) fn pause(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&["type", "bill_for", "invoicing_behavior"])?;
    params.choice("type", &["subscription"])?;
    let choices = ["pending_invoice_item", "invoice"];
    let behavior = params.choice("invoicing_behavior", &choices)?;
    let unused_from = unused_from(params)?;
    let mut subscription = ctx.store.get(Kind::Subscription, call.id)?;
    if let Some(obstacle) = pausing::obstacle(&subscription.body) {
        return Err(ApiError::wrong_state(obstacle));
    }
    let now_s = ctx.clock_s(subscription.body.at("test_clock").as_str())?;
    let invoices = behavior.as_deref() == Some("invoice");
    let terms = Pause { unused_from, invoices, reason: "pause_requested" };
    pausing::pause(ctx, &mut subscription, terms, now_s)?;
    Ok(subscription.body)
}

fn unused_from(params: &Params) -> Result<UnusedFrom, ApiError> {
    let Some(bill_for) = params.nested("bill_for")? else {
        return Ok(UnusedFrom::Now);
    };
    bill_for.allow(&["unused_time_from", "outstanding_usage_through"])?;
    if let Some(usage) = bill_for.nested("outstanding_usage_through")? {
        // There is no metered price here; the parameter changes nothing.
        usage.allow(&["type"])?;
        usage.choice("type", &["none", "now"])?;
    }
    let Some(unused) = bill_for.nested("unused_time_from")? else {
        return Ok(UnusedFrom::Now);
    };
    unused.allow(&["type"])?;
    let choices = ["item_current_period_start", "none", "now"];
    Ok(match unused.choice("type", &choices)?.as_deref() {
        Some("none") => UnusedFrom::Never,
        Some("item_current_period_start") => UnusedFrom::PeriodStart,
        _ => UnusedFrom::Now,
    })
}

/// `POST /v1/subscriptions/:id/resume`
pub(crate) fn resume(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&["billing_cycle_anchor", "payment_behavior", "proration_behavior"])?;
    let behaviors = ["resume_on_payment_attempt", "resume_on_payment_success"];
    let behavior = params.choice("payment_behavior", &behaviors)?;
    let mut subscription = ctx.store.get(Kind::Subscription, call.id)?;
    let now_s = ctx.clock_s(subscription.body.at("test_clock").as_str())?;
    let terms = Resume {
        anchor_now: anchor(params)? != "unchanged",
        on_success: behavior.as_deref() == Some("resume_on_payment_success"),
        prorate: subscription_params::prorate(params)?,
    };
    pausing::resume(ctx, &mut subscription, terms, now_s)?;
    Ok(subscription.body)
}

/// `billing_cycle_anchor[type]`; the plain text of older versions is understood too.
fn anchor(params: &Params) -> Result<String, ApiError> {
    let choices = ["now", "unchanged"];
    let chosen = match params.nested("billing_cycle_anchor") {
        Ok(None) => None,
        Ok(Some(anchor)) => {
            anchor.allow(&["type"])?;
            anchor.choice("type", &choices)?
        }
        Err(_) => params.choice("billing_cycle_anchor", &choices)?,
    };
    Ok(chosen.unwrap_or_else(|| "now".to_owned()))
}
