//! Changing what a subscription bills: another price, another quantity, an item more or less.

use serde_json::Value;

use crate::context::Ctx;
use crate::engine::drafting::Lines;
use crate::engine::timers::{self, Timer};
use crate::engine::{calendar, proration};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::billing::{self, ItemTerms};
use crate::store::Record;

/// One entry of `items[]`.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The item that changes; `None` adds one.
    pub(crate) id: Option<String>,
    pub(crate) price: Option<Value>,
    pub(crate) quantity: Option<i64>,
    pub(crate) deleted: bool,
}

/// `proration_behavior`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Prorate {
    None,
    /// Credits and charges wait for the next invoice.
    CreateProrations,
    /// They are billed now.
    AlwaysInvoice,
}

/// Whether two prices can be items of one subscription.
pub(crate) fn fit_together(a: &Value, b: &Value) -> bool {
    ["currency", "recurring/interval", "recurring/interval_count"]
        .iter()
        .all(|path| a.at(path) == b.at(path))
}

/// Applies the changes in memory and notes the prorations; the answer says what is to be billed
/// at once. The caller saves the subscription.
pub(crate) fn change(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    changes: &[Change],
    prorate: Prorate,
    now_s: i64,
) -> Result<Option<Lines>, ApiError> {
    let old = subscription.body.at("items/data").as_array().cloned().unwrap_or_default();
    let new = changed_items(ctx, &subscription.body, &old, changes, now_s)?;
    let (Some(first_old), Some(first_new)) = (old.first(), new.first()) else {
        return Err(ApiError::invalid("A subscription must have at least one item."));
    };
    if new.iter().any(|item| !fit_together(first_new.at("price"), item.at("price"))) {
        return Err(ApiError::invalid(
            "All items of a subscription share their currency and billing interval.",
        ));
    }
    let trialing = subscription.body.text("status") == "trialing";
    let end_s = first_old.int("current_period_end");
    let prorates = prorate != Prorate::None && !trialing && now_s < end_s;
    let new_interval = !fit_together(first_old.at("price"), first_new.at("price")) && !trialing;
    if prorates {
        note_prorations(ctx, &subscription.body, &old, &new, new_interval, now_s)?;
    }
    subscription.body.set("items/data", new);
    if new_interval {
        begin_period(ctx, subscription, now_s)?;
        return Ok(Some(Lines::Items));
    }
    let bills = prorate == Prorate::AlwaysInvoice
        && proration::is_waiting(ctx, subscription.body.text("id"))?;
    Ok(bills.then_some(Lines::Pending))
}

fn changed_items(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    old: &[Value],
    changes: &[Change],
    now_s: i64,
) -> Result<Vec<Value>, ApiError> {
    let mut items = old.to_vec();
    for change in changes {
        let Some(id) = &change.id else {
            items.push(added(ctx, subscription, old, change, now_s)?);
            continue;
        };
        let place = items.iter().position(|item| item.text("id") == id);
        let place = place
            .ok_or_else(|| ApiError::missing_param("subscription_item", id, "items[0][id]"))?;
        if change.deleted {
            items.remove(place);
        } else if let Some(item) = items.get_mut(place) {
            let price = change.price.clone().unwrap_or_else(|| item.at("price").clone());
            let quantity = change.quantity.unwrap_or_else(|| item.int("quantity"));
            let period = (item.int("current_period_start"), item.int("current_period_end"));
            let terms = ItemTerms { id, price: &price, quantity, period };
            let created = item.int("created");
            *item = billing::subscription_item(subscription.text("id"), created, &terms);
        }
    }
    Ok(items)
}

fn added(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    old: &[Value],
    change: &Change,
    now_s: i64,
) -> Result<Value, ApiError> {
    let Some(price) = &change.price else {
        let message = "Missing required param: items[0][price].";
        return Err(ApiError::param("parameter_missing", "items[0][price]", message));
    };
    let period = old.first().map_or((now_s, now_s), |item| {
        (item.int("current_period_start"), item.int("current_period_end"))
    });
    let id = ctx.id(Kind::SubscriptionItem);
    let quantity = change.quantity.unwrap_or(1);
    let terms = ItemTerms { id: &id, price, quantity, period };
    Ok(billing::subscription_item(subscription.text("id"), now_s, &terms))
}

/// Credits what is left of every item that goes or changes, and charges what comes in its place;
/// when the period itself begins anew, only the credit.
fn note_prorations(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    old: &[Value],
    new: &[Value],
    new_interval: bool,
    now_s: i64,
) -> Result<(), ApiError> {
    let cost = |item: &Value| (item.at("price/id").clone(), item.int("quantity"));
    let unchanged = |item: &Value, others: &[Value]| {
        let twin = others.iter().find(|other| other.text("id") == item.text("id"));
        !new_interval && twin.is_some_and(|twin| cost(twin) == cost(item))
    };
    for item in old.iter().filter(|item| !unchanged(item, new)) {
        proration::credit(ctx, subscription, item, now_s)?;
    }
    if new_interval {
        return Ok(());
    }
    for item in new.iter().filter(|item| !unchanged(item, old)) {
        proration::charge(ctx, subscription, item, now_s)?;
    }
    Ok(())
}

/// Begins a new period now, which moves the anchor and the renewal.
pub(crate) fn begin_period(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    now_s: i64,
) -> Result<(), ApiError> {
    let end_s = period_end(&subscription.body, now_s, now_s)?;
    subscription.body.set("billing_cycle_anchor", now_s);
    set_period(&mut subscription.body, (now_s, end_s));
    let (id, clock) = (subscription.body.text("id"), subscription.body.text("test_clock"));
    timers::set(ctx, Timer::Renew, id, clock, end_s)
}

/// The end of the period that holds `start_s`, counted from `anchor_s`.
pub(crate) fn period_end(
    subscription: &Value,
    anchor_s: i64,
    start_s: i64,
) -> Result<i64, ApiError> {
    let interval = subscription.text("items/data/0/price/recurring/interval");
    let count = subscription.int("items/data/0/price/recurring/interval_count");
    calendar::period_end(anchor_s, interval, count, start_s)
        .ok_or_else(|| ApiError::internal("the period cannot be computed"))
}

/// Puts every item into this period.
pub(crate) fn set_period(subscription: &mut Value, (start_s, end_s): (i64, i64)) {
    if let Some(Value::Array(items)) = subscription.pointer_mut("/items/data") {
        for item in items {
            item.set("current_period_start", start_s);
            item.set("current_period_end", end_s);
        }
    }
}
