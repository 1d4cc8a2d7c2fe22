//! `/v1/subscriptions`

use serde_json::{Value, json};

use crate::api::subscription_params::{self, TrialEnd};
use crate::api::{Call, customers, listing, test_clocks};
use crate::context::Ctx;
use crate::engine::charging::Presence;
use crate::engine::drafting::Lines;
use crate::engine::subscribing::{self, Terms, Trial};
use crate::engine::timers::{self, Timer};
use crate::engine::{changing, discounts, immediate, methods, standing, trial};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::{Params, Patch};
use crate::store::{Query, Record};

/// Two years, as for `trial_end`.
const TRIAL_DAYS_MAX: i64 = 730;
const STATUSES: [&str; 10] = [
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
    "paused",
    "trialing",
    "unpaid",
];

/// `POST /v1/subscriptions`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "customer",
        "items",
        "default_payment_method",
        "metadata",
        "description",
        "payment_behavior",
        "payment_settings",
        "billing_mode",
        "cancel_at_period_end",
        "collection_method",
        "off_session",
        "discounts",
        "trial_end",
        "trial_period_days",
        "trial_settings",
        "proration_behavior",
    ])?;
    params.choice("collection_method", &["charge_automatically"])?;
    let customer = customers::living(ctx, &params.required("customer")?, "customer")?;
    test_clocks::check_subscriptions(ctx, &customer.body)?;
    let customer_id = customer.body.text("id").to_owned();
    let default = match params.text("default_payment_method")? {
        None => None,
        Some(id) => {
            let method = methods::owned(ctx, &id, &customer_id, "default_payment_method")?;
            method.body.text_opt("id")
        }
    };
    let behaviors = ["allow_incomplete", "error_if_incomplete", "default_incomplete"];
    let behavior = params.choice("payment_behavior", &behaviors)?;
    let terms = Terms {
        customer,
        items: subscription_params::items(ctx, params)?,
        default_payment_method: default,
        metadata: params.metadata(&json!({}))?,
        description: params.text("description")?,
        billing_mode: subscription_params::billing_mode(params)?,
        cancel_at_period_end: params.flag("cancel_at_period_end")?.unwrap_or(false),
        save_default: subscription_params::save_default(params)?,
        // Unlike for an invoice, the default is that the customer is there.
        presence: match params.flag("off_session")? {
            Some(true) => Presence::OffSession,
            Some(false) | None => Presence::OnSession,
        },
        payment_behavior: behavior.unwrap_or_else(|| "allow_incomplete".to_owned()),
        trial: trial_terms(params)?,
        missing_method: subscription_params::missing_method(params)?,
    };
    subscribing::create(ctx, terms, |ctx, body, now_s| {
        subscription_params::discounts(ctx, params, body, now_s)
    })
}

fn trial_terms(params: &Params) -> Result<Trial, ApiError> {
    match (subscription_params::trial_end(params)?, params.int("trial_period_days")?) {
        (Some(_), Some(_)) => Err(ApiError::invalid(
            "You may only specify one of these parameters: trial_end, trial_period_days.",
        )),
        (None, Some(days)) if (1..=TRIAL_DAYS_MAX).contains(&days) => Ok(Trial::Days(days)),
        (None, Some(_)) => {
            let param = "trial_period_days";
            Err(ApiError::param("parameter_invalid_integer", param, "Invalid integer"))
        }
        (Some(TrialEnd::At(end_s)), None) => Ok(Trial::Until(end_s)),
        (Some(TrialEnd::Now) | None, None) => Ok(Trial::None),
    }
}

/// `GET /v1/subscriptions/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Subscription, call.id)?.body)
}

/// `POST /v1/subscriptions/:id`
pub(crate) fn update(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    let params = &call.params;
    params.allow(&[
        "default_payment_method",
        "cancel_at_period_end",
        "cancel_at",
        "cancellation_details",
        "pause_collection",
        "metadata",
        "description",
        "discounts",
        "items",
        "proration_behavior",
        "payment_behavior",
        "trial_end",
        "trial_settings",
        "off_session",
    ])?;
    params.choice("payment_behavior", &["allow_incomplete"])?;
    params.flag("off_session")?;
    let mut subscription = ctx.store.get(Kind::Subscription, call.id)?;
    let before = subscription.body.clone();
    let ended = matches!(before.text("status"), "canceled" | "incomplete_expired");
    if ended && !params.has("cancellation_details") && !params.has("metadata") {
        return Err(ApiError::wrong_state(
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    let now_s = ctx.clock_s(before.at("test_clock").as_str())?;
    simple_fields(ctx, params, &mut subscription.body, now_s)?;
    subscription_params::discounts(ctx, params, &mut subscription.body, now_s)?;
    match terms(ctx, params, &mut subscription, now_s)? {
        Some(lines) => immediate::bill(ctx, &before, &mut subscription, lines, now_s)?,
        None => standing::save_subscription(ctx, &before, &subscription)?,
    }
    Ok(subscription.body)
}

/// The fields that bill nothing.
fn simple_fields(
    ctx: &mut Ctx<'_>,
    params: &Params,
    body: &mut Value,
    now_s: i64,
) -> Result<(), ApiError> {
    match params.patch_text("default_payment_method")? {
        Patch::Keep => {}
        Patch::Clear => body.set("default_payment_method", Value::Null),
        Patch::Set(id) => {
            let customer = body.text("customer").to_owned();
            let method = methods::owned(ctx, &id, &customer, "default_payment_method")?;
            body.set("default_payment_method", method.body.text("id"));
        }
    }
    if let Some(on) = params.flag("cancel_at_period_end")? {
        subscribing::set_cancel_at_period_end(body, on, now_s);
        timers::clear(ctx, Timer::Cancel, body.text("id"))?;
    }
    cancel_at(ctx, params, body, now_s)?;
    subscription_params::cancellation_details(params, body)?;
    subscription_params::pause_collection(ctx, params, body)?;
    if let Some(behavior) = subscription_params::missing_method(params)? {
        body.set("trial_settings/end_behavior/missing_payment_method", behavior);
    }
    let metadata = params.metadata(body.at("metadata"))?;
    body.set("metadata", metadata);
    match params.patch_text("description")? {
        Patch::Keep => {}
        Patch::Clear => body.set("description", Value::Null),
        Patch::Set(text) => body.set("description", text),
    }
    Ok(())
}

/// `cancel_at`: a time to end at, or the empty text to take it back.
fn cancel_at(
    ctx: &mut Ctx<'_>,
    params: &Params,
    body: &mut Value,
    now_s: i64,
) -> Result<(), ApiError> {
    let id = body.text("id").to_owned();
    match params.patch_text("cancel_at")? {
        Patch::Keep => Ok(()),
        Patch::Clear => {
            subscribing::set_cancel_at_period_end(body, false, now_s);
            timers::clear(ctx, Timer::Cancel, &id)
        }
        Patch::Set(_) => {
            let at_s = params.int("cancel_at")?.filter(|at_s| *at_s > now_s);
            let at_s = at_s.ok_or_else(|| {
                let message = "Invalid cancel_at: it must be in the future.";
                ApiError::param("parameter_invalid_integer", "cancel_at", message)
            })?;
            subscribing::set_cancel_at_period_end(body, false, now_s);
            body.set("cancel_at", at_s);
            body.set("canceled_at", now_s);
            body.set("cancellation_details/reason", "cancellation_requested");
            timers::set(ctx, Timer::Cancel, &id, body.text("test_clock"), at_s)
        }
    }
}

/// Items and trial; what has to be billed at once, if anything.
fn terms(
    ctx: &mut Ctx<'_>,
    params: &Params,
    subscription: &mut Record,
    now_s: i64,
) -> Result<Option<Lines>, ApiError> {
    let prorate = subscription_params::prorate(params)?;
    let mut lines = None;
    if params.has("items") {
        let status = subscription.body.text("status");
        if !matches!(status, "trialing" | "active" | "past_due" | "unpaid") {
            return Err(ApiError::wrong_state("The items of this subscription cannot change."));
        }
        let changes = subscription_params::changes(ctx, params)?;
        lines = changing::change(ctx, subscription, &changes, prorate, now_s)?;
    }
    match subscription_params::trial_end(params)? {
        None => {}
        Some(TrialEnd::At(end_s)) => trial::extend(ctx, subscription, end_s, prorate, now_s)?,
        Some(TrialEnd::Now) => {
            trial::end_now(ctx, subscription, now_s)?;
            lines = Some(Lines::Items);
        }
    }
    Ok(lines)
}

/// `DELETE /v1/subscriptions/:id`
pub(crate) fn cancel(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["cancellation_details", "invoice_now", "prorate"])?;
    for unsupported in ["invoice_now", "prorate"] {
        if call.params.flag(unsupported)? == Some(true) {
            let message = format!("The sandbox does not support {unsupported}=true.");
            return Err(ApiError::invalid(message).with("param", unsupported));
        }
    }
    let mut subscription = ctx.store.get(Kind::Subscription, call.id)?;
    if matches!(subscription.body.text("status"), "canceled" | "incomplete_expired") {
        return Err(ApiError::missing("subscription", call.id));
    }
    subscription_params::cancellation_details(&call.params, &mut subscription.body)?;
    let now_s = ctx.clock_s(subscription.body.at("test_clock").as_str())?;
    standing::cancel(ctx, &mut subscription, "cancellation_requested", now_s)?;
    Ok(subscription.body)
}

/// `DELETE /v1/subscriptions/:id/discount`: takes all of them away.
pub(crate) fn delete_discount(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    let mut subscription = ctx.store.get(Kind::Subscription, call.id)?;
    let before = subscription.body.clone();
    let had = discounts::ids(&before);
    let Some(first) = had.first() else {
        return Err(ApiError::missing("active discount for subscription", call.id));
    };
    for id in &had {
        discounts::end(ctx, id)?;
    }
    subscription.body.set("discounts", json!([]));
    standing::save_subscription(ctx, &before, &subscription)?;
    let mut answer = ctx.store.get(Kind::Discount, first)?.body;
    answer.set("deleted", true);
    Ok(answer)
}

/// `GET /v1/subscriptions`: without `status`, everything that has not ended.
pub(crate) fn list(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    listing::allow(&call.params, &["customer", "status", "price", "test_clock", "created"])?;
    let customer = call.params.text("customer")?;
    if let Some(id) = &customer {
        ctx.store.get_param(Kind::Customer, id, "customer")?;
    }
    let status = call.params.choice("status", &STATUSES)?;
    let price = call.params.text("price")?;
    let clock = call.params.text("test_clock")?;
    let created = listing::CreatedFilter::read(&call.params)?;
    let query = Query { customer: customer.as_deref(), ..Query::default() };
    listing::page(ctx, call, Kind::Subscription, query, |subscription| {
        let state = subscription.text("status");
        let ended = matches!(state, "canceled" | "incomplete_expired");
        let state_fits = match status.as_deref() {
            None => !ended,
            Some("all") => true,
            Some("ended") => ended,
            Some(wanted) => state == wanted,
        };
        let on_clock = subscription.text_opt("test_clock");
        let clock_fits = match &clock {
            Some(clock) => on_clock.as_deref() == Some(clock),
            None => customer.is_some() || on_clock.is_none(),
        };
        let price_fits = price
            .as_deref()
            .is_none_or(|price| subscription.text("items/data/0/price/id") == price);
        state_fits && clock_fits && price_fits && created.keeps(subscription)
    })
}
