//! The parameters of a subscription, read and checked.

use serde_json::{Value, json};

use crate::api::{coupons, prices};
use crate::context::Ctx;
use crate::engine::changing::{self, Change, Prorate};
use crate::engine::discounts::{self, Grant};
use crate::engine::timers::{self, Timer};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::params::{Params, Patch};

const ITEM_COUNT_MAX: usize = 20;
const DISCOUNT_COUNT_MAX: usize = 20;
const QUANTITY_MAX: i64 = 1_000_000;
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

/// The prices and quantities of a new subscription.
pub(crate) fn items(ctx: &mut Ctx<'_>, params: &Params) -> Result<Vec<(Value, i64)>, ApiError> {
    let given = params.list("items")?;
    if given.is_empty() || given.len() > ITEM_COUNT_MAX {
        let message = format!("A subscription has 1 to {ITEM_COUNT_MAX} items.");
        return Err(ApiError::param("parameter_missing", "items", message));
    }
    let mut items: Vec<(Value, i64)> = Vec::with_capacity(given.len());
    for item in given {
        item.allow(&["price", "price_data", "quantity", "metadata"])?;
        let Some(price) = price(ctx, &item)? else {
            let message = "Missing required param: items[0][price].";
            return Err(ApiError::param("parameter_missing", "items[0][price]", message));
        };
        if items.iter().any(|(first, _)| !changing::fit_together(first, &price)) {
            return Err(ApiError::invalid(
                "All items of a subscription share their currency and billing interval.",
            ));
        }
        items.push((price, quantity(&item)?.unwrap_or(1)));
    }
    Ok(items)
}

fn price(ctx: &mut Ctx<'_>, item: &Params) -> Result<Option<Value>, ApiError> {
    let price = match (item.nested("price_data")?, item.text("price")?) {
        (Some(data), _) => prices::add(ctx, &data)?,
        (None, Some(id)) => ctx.store.get_param(Kind::Price, &id, "items[0][price]")?.body,
        (None, None) => return Ok(None),
    };
    if price.at("recurring").is_null() {
        return Err(ApiError::invalid(
            "The price specified is set to `type=one_time` but this field only accepts prices \
             with `type=recurring`.",
        )
        .with("param", "items[0][price]"));
    }
    Ok(Some(price))
}

fn quantity(item: &Params) -> Result<Option<i64>, ApiError> {
    let quantity = item.int("quantity")?;
    if quantity.is_some_and(|quantity| !(0..=QUANTITY_MAX).contains(&quantity)) {
        let param = "items[0][quantity]";
        return Err(ApiError::param("parameter_invalid_integer", param, "Invalid integer"));
    }
    Ok(quantity)
}

/// The changes of `items[]` in an update.
pub(crate) fn changes(ctx: &mut Ctx<'_>, params: &Params) -> Result<Vec<Change>, ApiError> {
    let given = params.list("items")?;
    if given.len() > ITEM_COUNT_MAX {
        let message = format!("A subscription has at most {ITEM_COUNT_MAX} items.");
        return Err(ApiError::invalid(message).with("param", "items"));
    }
    let mut changes = Vec::with_capacity(given.len());
    for item in given {
        item.allow(&["id", "price", "price_data", "quantity", "deleted", "metadata"])?;
        changes.push(Change {
            id: item.text("id")?,
            price: price(ctx, &item)?,
            quantity: quantity(&item)?,
            deleted: item.flag("deleted")?.unwrap_or(false),
        });
    }
    Ok(changes)
}

/// `proration_behavior`; Stripe's default is to create prorations.
pub(crate) fn prorate(params: &Params) -> Result<Prorate, ApiError> {
    let choices = ["none", "create_prorations", "always_invoice"];
    Ok(match params.choice("proration_behavior", &choices)?.as_deref() {
        Some("none") => Prorate::None,
        Some("always_invoice") => Prorate::AlwaysInvoice,
        _ => Prorate::CreateProrations,
    })
}

/// `classic` or `flexible`.
pub(crate) fn billing_mode(params: &Params) -> Result<String, ApiError> {
    let mode = match params.nested("billing_mode")? {
        None => None,
        Some(mode) => {
            mode.allow(&["type"])?;
            mode.choice("type", &["classic", "flexible"])?
        }
    };
    Ok(mode.unwrap_or_else(|| "flexible".to_owned()))
}

/// Whether the card of the first payment becomes the subscription's.
pub(crate) fn save_default(params: &Params) -> Result<String, ApiError> {
    let save = match params.nested("payment_settings")? {
        None => None,
        Some(settings) => {
            settings.allow(&["save_default_payment_method"])?;
            settings.choice("save_default_payment_method", &["off", "on_subscription"])?
        }
    };
    Ok(save.unwrap_or_else(|| "off".to_owned()))
}

/// `trial_settings[end_behavior][missing_payment_method]`.
pub(crate) fn missing_method(params: &Params) -> Result<Option<String>, ApiError> {
    let Some(settings) = params.nested("trial_settings")? else {
        return Ok(None);
    };
    settings.allow(&["end_behavior"])?;
    let Some(behavior) = settings.nested("end_behavior")? else {
        return Ok(None);
    };
    behavior.allow(&["missing_payment_method"])?;
    behavior.choice("missing_payment_method", &["cancel", "create_invoice", "pause"])
}

/// What `trial_end` asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TrialEnd {
    Now,
    At(i64),
}

/// `trial_end`: `now` or a time.
pub(crate) fn trial_end(params: &Params) -> Result<Option<TrialEnd>, ApiError> {
    match params.text("trial_end")?.as_deref() {
        None => Ok(None),
        Some("now") => Ok(Some(TrialEnd::Now)),
        Some(_) => Ok(params.int("trial_end")?.map(TrialEnd::At)),
    }
}

/// Applies `discounts`: an empty text takes all away; a list keeps those that it names by their
/// own ids and adds the others.
pub(crate) fn discounts(
    ctx: &mut Ctx<'_>,
    params: &Params,
    body: &mut Value,
    now_s: i64,
) -> Result<(), ApiError> {
    if !params.has("discounts") {
        return Ok(());
    }
    let list = match params.list("discounts") {
        Ok(list) => list,
        Err(_) if params.patch_text("discounts")? == Patch::Clear => Vec::new(),
        Err(error) => return Err(error),
    };
    if list.len() > DISCOUNT_COUNT_MAX {
        let message = format!("At most {DISCOUNT_COUNT_MAX} discounts.");
        return Err(ApiError::invalid(message).with("param", "discounts"));
    }
    let had = discounts::ids(body);
    let mut kept: Vec<String> = Vec::with_capacity(list.len());
    for entry in list {
        entry.allow(&["coupon", "promotion_code", "discount"])?;
        let id = match entry.text("discount")? {
            Some(id) if had.contains(&id) => id,
            Some(id) => {
                let param = "discounts[0][discount]";
                return Err(ApiError::missing_param("discount", &id, param));
            }
            None => {
                let grant: Grant = coupons::named(ctx, &entry, body.text("customer"))?;
                discounts::grant(ctx, body, grant, now_s)?
            }
        };
        kept.push(id);
    }
    for id in had.iter().filter(|id| !kept.contains(id)) {
        discounts::end(ctx, id)?;
    }
    body.set("discounts", kept);
    Ok(())
}

/// `cancellation_details[comment]` and `[feedback]`.
pub(crate) fn cancellation_details(params: &Params, body: &mut Value) -> Result<(), ApiError> {
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

/// `pause_collection`: behaviour and end, or the empty text.
pub(crate) fn pause_collection(
    ctx: &mut Ctx<'_>,
    params: &Params,
    body: &mut Value,
) -> Result<(), ApiError> {
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
