//! What an invoice bills: a subscription's items, what waits to be billed, and the discounts.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::{discounts, proration};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::billing::{self, InvoiceTerms};
use crate::store::{Place, Record};

/// Which lines a new invoice has besides the items that wait to be billed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lines {
    /// Every item of the subscription over its current period.
    Items,
    /// The same for nothing: a trial.
    Trial,
    /// None: only what waits.
    Pending,
}

/// Why and over which time an invoice is made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Occasion<'a> {
    /// `subscription_create`, `subscription_cycle` or `subscription_update`.
    pub(crate) reason: &'a str,
    pub(crate) lines: Lines,
    /// The invoice's own period: the one that just ended (seconds).
    pub(crate) period: (i64, i64),
    pub(crate) now_s: i64,
}

/// Makes a draft and names it the subscription's latest invoice; the caller stores both.
pub(crate) fn draft(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    customer: &Record,
    occasion: Occasion<'_>,
) -> Result<Record, ApiError> {
    let id = ctx.id(Kind::Invoice);
    let mut lines = proration::bill_pending(ctx, subscription.body.text("id"), &id)?;
    lines.extend(item_lines(ctx, &subscription.body, &id, occasion.lines)?);
    let applied = discounts::apply(ctx, subscription, &mut lines, occasion.now_s)?;
    let subtotal_minor = lines.iter().map(|line| line.int("amount")).sum();
    let terms = InvoiceTerms {
        id: &id,
        created: occasion.now_s,
        reason: occasion.reason,
        customer: &customer.body,
        subscription: &subscription.body,
        lines,
        subtotal_minor,
        discounts: &applied,
        period: occasion.period,
    };
    let body = billing::invoice(&terms);
    let place = Place {
        customer: Some(customer.body.text("id")),
        parent: Some(subscription.body.text("id")),
    };
    let private = json!({"automatic_attempts": 0, "blocked_method": null});
    ctx.store.insert(Kind::Invoice, place, &body, &private)?;
    subscription.body.set("latest_invoice", id);
    Ok(Record { body, private })
}

fn item_lines(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    invoice: &str,
    which: Lines,
) -> Result<Vec<Value>, ApiError> {
    if which == Lines::Pending {
        return Ok(Vec::new());
    }
    let items = subscription.at("items/data").as_array().cloned().unwrap_or_default();
    let mut lines = Vec::with_capacity(items.len());
    for item in &items {
        let line_id = ctx.random.id("il");
        let name = product_name(ctx, item.text("price/product"))?;
        let quantity = item.int("quantity");
        let line = if which == Lines::Trial {
            let description = format!("Free trial for {quantity} × {name}");
            billing::line(&line_id, invoice, item, &description, 0)
        } else {
            let price = price_text(item);
            let interval = item.text("price/recurring/interval");
            let description = format!("{quantity} × {name} (at {price} / {interval})");
            billing::line(&line_id, invoice, item, &description, billing::item_amount_minor(item))
        };
        lines.push(line);
    }
    Ok(lines)
}

/// What a product is called on an invoice.
pub(crate) fn product_name(ctx: &Ctx<'_>, id: &str) -> Result<String, ApiError> {
    let product = ctx.store.find(Kind::Product, id)?;
    Ok(product.map(|product| product.body.text("name").to_owned()).unwrap_or_default())
}

/// `EUR 19.00`-like text for a line. Amounts stay in minor units; this is the only place that
/// shows one, and only in a description.
fn price_text(item: &Value) -> String {
    let minor = item.int("price/unit_amount");
    let currency = item.text("price/currency").to_uppercase();
    if matches!(currency.as_str(), "JPY" | "KRW" | "VND" | "CLP") {
        return format!("{currency} {minor}");
    }
    format!("{currency} {}.{:02}", minor / 100, minor % 100)
}
