//! `/v1/subscriptions`

use serde_json::{Value, json};

use crate::api::{Call, customers, listing, prices};
use crate::context::Ctx;
use crate::engine::charging::Presence;
use crate::engine::subscribing::{self, Terms};
use crate::engine::timers::{self, Timer};
use crate::engine::{methods, standing};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::{Params, Patch};
use crate::store::Query;

const ITEM_COUNT_MAX: usize = 20;
const FEEDBACK: [&str; 8] = [
    "customer_service",
    "low_quality",
    "missing_features",
    "other",
    "switched_service",
    "too_complex",
    "too_expensive",
    "unused",
];
const PAUSE_BEHAVIORS: [&str; 3] = ["keep_as_draft", "mark_uncollectible", "void"];
const STATUSES: [&str; 8] = [
    "active",
    "all",
    "canceled",
    "ended",
    "incomplete",
    "incomplete_expired",
    "past_due",
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
    ])?;
    params.choice("collection_method", &["charge_automatically"])?;
    let customer = customers::living(ctx, &params.required("customer")?, "customer")?;
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
        items: items(ctx, params)?,
        default_payment_method: default,
        metadata: params.metadata(&json!({}))?,
        description: params.text("description")?,
        billing_mode: billing_mode(params)?,
        cancel_at_period_end: params.flag("cancel_at_period_end")?.unwrap_or(false),
        save_default: save_default(params)?,
        // Unlike for an invoice, the default is that the customer is there.
        presence: match params.flag("off_session")? {
            Some(true) => Presence::OffSession,
            Some(false) | None => Presence::OnSession,
        },
        payment_behavior: behavior.unwrap_or_else(|| "allow_incomplete".to_owned()),
    };
    subscribing::create(ctx, terms)
}

fn items(ctx: &mut Ctx<'_>, params: &Params) -> Result<Vec<(Value, i64)>, ApiError> {
    let given = params.list("items")?;
    if given.is_empty() || given.len() > ITEM_COUNT_MAX {
        let message = format!("A subscription has 1 to {ITEM_COUNT_MAX} items.");
        return Err(ApiError::param("parameter_missing", "items", message));
    }
    let mut items: Vec<(Value, i64)> = Vec::with_capacity(given.len());
    for item in given {
        item.allow(&["price", "price_data", "quantity", "metadata"])?;
        let price = match item.nested("price_data")? {
            Some(data) => prices::add(ctx, &data)?,
            None => {
                ctx.store.get_param(Kind::Price, &item.required("price")?, "items[0][price]")?.body
            }
        };
        if price.at("recurring").is_null() {
            return Err(ApiError::invalid(
                "The price specified is set to `type=one_time` but this field only accepts \
                 prices with `type=recurring`.",
            )
            .with("param", "items[0][price]"));
        }
        if items.iter().any(|(first, _)| differs(first, &price)) {
            return Err(ApiError::invalid(
                "All items of a subscription share their currency and billing interval.",
            ));
        }
        let quantity = item.int("quantity")?.unwrap_or(1);
        if !(0..=1_000_000).contains(&quantity) {
            let param = "items[0][quantity]";
            return Err(ApiError::param("parameter_invalid_integer", param, "Invalid integer"));
        }
        items.push((price, quantity));
    }
    Ok(items)
}

fn differs(a: &Value, b: &Value) -> bool {
    ["currency", "recurring/interval", "recurring/interval_count"]
        .iter()
        .any(|path| a.at(path) != b.at(path))
}

fn billing_mode(params: &Params) -> Result<String, ApiError> {
    let mode = match params.nested("billing_mode")? {
        None => None,
        Some(mode) => {
            mode.allow(&["type"])?;
            mode.choice("type", &["classic", "flexible"])?
        }
    };
    Ok(mode.unwrap_or_else(|| "flexible".to_owned()))
}

fn save_default(params: &Params) -> Result<String, ApiError> {
    let save = match params.nested("payment_settings")? {
        None => None,
        Some(settings) => {
            settings.allow(&["save_default_payment_method"])?;
            settings.choice("save_default_payment_method", &["off", "on_subscription"])?
        }
    };
    Ok(save.unwrap_or_else(|| "off".to_owned()))
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
        "cancellation_details",
        "pause_collection",
        "metadata",
        "description",
    ])?;
    let mut subscription = ctx.store.get(Kind::Subscription, call.id)?;
    let before = subscription.body.clone();
    let ended = matches!(before.text("status"), "canceled" | "incomplete_expired");
    if ended && !params.has("cancellation_details") && !params.has("metadata") {
        return Err(ApiError::wrong_state(
            "A canceled subscription can only update its cancellation_details and metadata.",
        ));
    }
    let body = &mut subscription.body;
    match params.patch_text("default_payment_method")? {
        Patch::Keep => {}
        Patch::Clear => body.set("default_payment_method", Value::Null),
        Patch::Set(id) => {
            let customer = before.text("customer");
            let method = methods::owned(ctx, &id, customer, "default_payment_method")?;
            body.set("default_payment_method", method.body.text("id"));
        }
    }
    if let Some(on) = params.flag("cancel_at_period_end")? {
        let now_s = ctx.clock_s(before.at("test_clock").as_str())?;
        subscribing::set_cancel_at_period_end(body, on, now_s);
    }
    cancellation_details(params, body)?;
    pause_collection(ctx, params, body)?;
    let metadata = params.metadata(before.at("metadata"))?;
    body.set("metadata", metadata);
    if let Patch::Set(text) = params.patch_text("description")? {
        body.set("description", text);
    }
    standing::save_subscription(ctx, &before, &subscription)?;
    Ok(subscription.body)
}

fn cancellation_details(params: &Params, body: &mut Value) -> Result<(), ApiError> {
    let Some(details) = params.nested("cancellation_details")? else {
        return Ok(());
    };
    details.allow(&["comment", "feedback"])?;
    match details.patch_text("comment")? {
        Patch::Keep => {}
        Patch::Clear => body.set("cancellation_details/comment", Value::Null),
        Patch::Set(text) => body.set("cancellation_details/comment", text),
    }
    if details.patch_text("feedback")? == Patch::Clear {
        body.set("cancellation_details/feedback", Value::Null);
    } else if let Some(feedback) = details.choice("feedback", &FEEDBACK)? {
        body.set("cancellation_details/feedback", feedback);
    }
    Ok(())
}

fn pause_collection(ctx: &mut Ctx<'_>, params: &Params, body: &mut Value) -> Result<(), ApiError> {
    let id = body.text("id").to_owned();
    if params.has("pause_collection") && params.nested("pause_collection").is_err() {
        if params.patch_text("pause_collection")? != Patch::Clear {
            return Err(ApiError::invalid("Invalid object").with("param", "pause_collection"));
        }
        body.set("pause_collection", Value::Null);
        return timers::clear(ctx, Timer::ResumeCollection, &id);
    }
    let Some(pause) = params.nested("pause_collection")? else {
        return Ok(());
    };
    pause.allow(&["behavior", "resumes_at"])?;
    pause.choice("behavior", &PAUSE_BEHAVIORS)?;
    let behavior = pause.required("behavior")?;
    let resumes_at = pause.int("resumes_at")?;
    body.set("pause_collection", json!({"behavior": behavior, "resumes_at": resumes_at}));
    match resumes_at {
        None => timers::clear(ctx, Timer::ResumeCollection, &id),
        Some(due_s) => {
            timers::set(ctx, Timer::ResumeCollection, &id, body.text("test_clock"), due_s)
        }
    }
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
    cancellation_details(&call.params, &mut subscription.body)?;
    let now_s = ctx.clock_s(subscription.body.at("test_clock").as_str())?;
    standing::cancel(ctx, &mut subscription, "cancellation_requested", now_s)?;
    Ok(subscription.body)
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
