//! Starting a subscription.

use serde_json::Value;

use crate::context::Ctx;
use crate::engine::charging::Presence;
use crate::engine::collection::{self, Attempted};
use crate::engine::drafting::{self, Lines, Occasion};
use crate::engine::timers::{self, Timer};
use crate::engine::{calendar, cards, invoicing, methods, standing, trial};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::billing::{self, ItemTerms};
use crate::store::{Place, Record};

/// An incomplete subscription expires 23 hours after its creation.
const INCOMPLETE_LIFETIME_S: i64 = 23 * 3_600;

/// What a new subscription is about.
pub(crate) struct Terms {
    pub(crate) customer: Record,
    /// Prices and quantities.
    pub(crate) items: Vec<(Value, i64)>,
    pub(crate) default_payment_method: Option<String>,
    pub(crate) metadata: Value,
    pub(crate) description: Option<String>,
    /// `classic` or `flexible`.
    pub(crate) billing_mode: String,
    pub(crate) cancel_at_period_end: bool,
    pub(crate) save_default: String,
    /// `allow_incomplete`, `error_if_incomplete` or `default_incomplete`.
    pub(crate) payment_behavior: String,
    pub(crate) presence: Presence,
    pub(crate) trial: Trial,
    /// What the trial's end does without a card.
    pub(crate) missing_method: Option<String>,
}

/// How long nothing is billed at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trial {
    None,
    Days(i64),
    Until(i64),
}

impl Trial {
    fn end_s(self, now_s: i64) -> Result<Option<i64>, ApiError> {
        let end_s = match self {
            Self::None => return Ok(None),
            Self::Days(days) => now_s.saturating_add(days.saturating_mul(86_400)),
            Self::Until(end_s) => end_s,
        };
        trial::check(end_s, now_s)?;
        Ok(Some(end_s))
    }
}

/// Creates the subscription with its first invoice and tries to collect that.
/// `discount` puts discounts on it before the invoice is drawn up.
pub(crate) fn create(
    ctx: &mut Ctx<'_>,
    terms: Terms,
    discount: impl FnOnce(&mut Ctx<'_>, &mut Value, i64) -> Result<(), ApiError>,
) -> Result<Value, ApiError> {
    let mark = ctx.event_mark();
    let clock = terms.customer.body.text("test_clock").to_owned();
    let now_s = ctx.clock_s(Some(&clock))?;
    let trial_end_s = terms.trial.end_s(now_s)?;
    let mut subscription = body(ctx, &terms, now_s, trial_end_s)?;
    discount(ctx, &mut subscription.body, now_s)?;
    let id = subscription.body.text("id").to_owned();
    let customer_id = terms.customer.body.text("id").to_owned();
    let place = Place { customer: Some(&customer_id), parent: None };
    let private = &subscription.private;
    ctx.store.insert(Kind::Subscription, place, &subscription.body, private)?;

    let occasion = Occasion {
        reason: "subscription_create",
        lines: if trial_end_s.is_some() { Lines::Trial } else { Lines::Items },
        period: (now_s, now_s),
        now_s,
    };
    let mut invoice = drafting::draft(ctx, &mut subscription, &terms.customer, occasion)?;
    ctx.store.put(&subscription)?;
    ctx.emit("invoice.created", &invoice.body);
    invoicing::finalize(ctx, &mut invoice, now_s)?;
    let end_s = subscription.body.int("items/data/0/current_period_end");
    timers::set(ctx, Timer::Renew, &id, &clock, end_s)?;
    match trial_end_s {
        Some(end_s) => trial::arm(ctx, &subscription.body, end_s)?,
        None => timers::set(ctx, Timer::Expire, &id, &clock, now_s + INCOMPLETE_LIFETIME_S)?,
    }
    // The events of the first payment would say "updated" about something nobody heard of yet.
    let created = ctx.store.get(Kind::Subscription, &id)?;
    ctx.emit_at(mark, "customer.subscription.created", &created.body);
    collect_first(ctx, &terms, invoice, &created.body, now_s)?;
    Ok(ctx.store.get(Kind::Subscription, &id)?.body)
}

fn body(
    ctx: &mut Ctx<'_>,
    terms: &Terms,
    now_s: i64,
    trial_end_s: Option<i64>,
) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::Subscription);
    let mut items = Vec::with_capacity(terms.items.len());
    for (price, quantity) in &terms.items {
        let interval = price.text("recurring/interval");
        let count = price.int("recurring/interval_count");
        let end_s = calendar::period_end(now_s, interval, count, now_s)
            .ok_or_else(|| ApiError::internal("the first period cannot be computed"))?;
        let end_s = trial_end_s.unwrap_or(end_s);
        let item_id = ctx.id(Kind::SubscriptionItem);
        let item = ItemTerms { id: &item_id, price, quantity: *quantity, period: (now_s, end_s) };
        items.push(billing::subscription_item(&id, now_s, &item));
    }
    let mut body = billing::subscription(&id, now_s, &terms.customer.body, items);
    body.set("default_payment_method", terms.default_payment_method.clone());
    body.set("metadata", terms.metadata.clone());
    body.set("description", terms.description.clone());
    body.set("billing_mode/type", terms.billing_mode.clone());
    body.set("payment_settings/save_default_payment_method", terms.save_default.clone());
    if terms.billing_mode == "flexible" {
        body.set("billing_mode/flexible", serde_json::json!({"proration_discounts": "included"}));
    }
    if let Some(end_s) = trial_end_s {
        trial::write(&mut body, now_s, end_s);
    }
    if let Some(behavior) = &terms.missing_method {
        body.set("trial_settings/end_behavior/missing_payment_method", behavior.clone());
    }
    if terms.cancel_at_period_end {
        set_cancel_at_period_end(&mut body, true, now_s);
    }
    Ok(Record { body, private: serde_json::json!({}) })
}

/// Plans or takes back the end of a subscription with its current period.
pub(crate) fn set_cancel_at_period_end(subscription: &mut Value, on: bool, now_s: i64) {
    let end = subscription.at("items/data/0/current_period_end").clone();
    subscription.set("cancel_at_period_end", on);
    subscription.set("cancel_at", if on { end } else { Value::Null });
    subscription.set("canceled_at", if on { now_s.into() } else { Value::Null });
    let reason = if on { "cancellation_requested".into() } else { Value::Null };
    subscription.set("cancellation_details/reason", reason);
}

fn collect_first(
    ctx: &mut Ctx<'_>,
    terms: &Terms,
    mut invoice: Record,
    subscription: &Value,
    now_s: i64,
) -> Result<(), ApiError> {
    if invoice.body.int("amount_remaining") == 0 {
        invoicing::mark_paid(ctx, &mut invoice, now_s)?;
        return standing::settled(ctx, &invoice.body);
    }
    if terms.payment_behavior == "default_incomplete" {
        return Ok(());
    }
    let customer = &terms.customer.body;
    let method = methods::default_for(ctx, &invoice.body, Some(subscription), customer)?;
    let Some(method) = method else {
        return Err(ApiError::invalid(
            "This customer has no attached payment source or default payment method. Please \
             consider adding a default payment method.",
        )
        .with("code", "resource_missing"));
    };
    let mut error = match collection::manual(ctx, &mut invoice, &method, terms.presence, now_s)? {
        Attempted::Paid => return save_default(ctx, subscription, &method),
        _ if terms.payment_behavior != "error_if_incomplete" => return Ok(()),
        Attempted::Declined(refusal, _) => cards::declined(&refusal),
        // The first payment is on its way: the subscription runs, as at Stripe.
        Attempted::Processing => return Ok(()),
        Attempted::RequiresAction(_) | Attempted::NotSent => ApiError::card(
            "Payment for this subscription requires additional user action before it can be \
             completed successfully.",
        )
        .with("code", "subscription_payment_intent_requires_action"),
    };
    // Nothing of the subscription stays with this behaviour.
    error.effects = crate::error::Effects::None;
    Err(error)
}

fn save_default(ctx: &mut Ctx<'_>, subscription: &Value, method: &Record) -> Result<(), ApiError> {
    if subscription.text("payment_settings/save_default_payment_method") != "on_subscription" {
        return Ok(());
    }
    let mut stored = ctx.store.get(Kind::Subscription, subscription.text("id"))?;
    let before = stored.body.clone();
    stored.body.set("default_payment_method", method.body.text("id"));
    standing::save_subscription(ctx, &before, &stored)
}
