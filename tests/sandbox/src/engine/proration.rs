//! Prorations: what a change in the middle of a period credits and charges, by the second
//! (<https://docs.stripe.com/billing/subscriptions/prorations>), as invoice items that wait for
//! the next invoice.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::drafting;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::billing;
use crate::store::{Place, Query, SCAN_ROWS_MAX};

/// The part of `full_minor` for `part_s` of `whole_s` seconds, rounded half up.
pub(crate) fn share_minor(full_minor: i64, part_s: i64, whole_s: i64) -> i64 {
    if whole_s <= 0 {
        return 0;
    }
    let whole = i128::from(whole_s);
    let part = i128::from(part_s.clamp(0, whole_s));
    let exact = i128::from(full_minor).saturating_mul(part);
    i64::try_from(exact.saturating_add(whole / 2).div_euclid(whole)).unwrap_or(0)
}

/// Credits the rest of an item's period from `from_s` on.
pub(crate) fn credit(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    item: &Value,
    from_s: i64,
) -> Result<(), ApiError> {
    let name = drafting::product_name(ctx, item.text("price/product"))?;
    let text = format!("Unused time on {} × {name}", item.int("quantity"));
    let amount = rest_minor(item, from_s);
    add(ctx, subscription, item, from_s, (amount.saturating_neg(), &text))
}

/// Charges the rest of an item's period from `from_s` on.
pub(crate) fn charge(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    item: &Value,
    from_s: i64,
) -> Result<(), ApiError> {
    let name = drafting::product_name(ctx, item.text("price/product"))?;
    let text = format!("Remaining time on {} × {name}", item.int("quantity"));
    add(ctx, subscription, item, from_s, (rest_minor(item, from_s), &text))
}

fn rest_minor(item: &Value, from_s: i64) -> i64 {
    let (start_s, end_s) = (item.int("current_period_start"), item.int("current_period_end"));
    let full_minor = billing::item_amount_minor(item);
    share_minor(full_minor, end_s.saturating_sub(from_s), end_s.saturating_sub(start_s))
}

fn add(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    item: &Value,
    from_s: i64,
    (amount_minor, text): (i64, &str),
) -> Result<(), ApiError> {
    if amount_minor == 0 {
        return Ok(());
    }
    let id = ctx.id(Kind::InvoiceItem);
    let body = json!({
        "id": id,
        "object": "invoiceitem",
        "amount": amount_minor,
        "currency": item.at("price/currency"),
        "customer": subscription.at("customer"),
        "customer_account": null,
        "date": from_s,
        "description": text,
        "discountable": false,
        "discounts": [],
        "invoice": null,
        "livemode": false,
        "metadata": {},
        "net_amount": amount_minor,
        "parent": {
            "subscription_details": {
                "subscription": subscription.at("id"),
                "subscription_item": item.at("id"),
            },
            "type": "subscription_details",
        },
        "period": {"end": item.at("current_period_end"), "start": from_s},
        "pricing": billing::line_pricing(item.at("price")),
        "proration": true,
        "proration_details": {"discount_amounts": []},
        "quantity": item.at("quantity"),
        "quantity_decimal": item.int("quantity").to_string(),
        "tax_rates": [],
        "test_clock": subscription.at("test_clock"),
    });
    let customer = subscription.text("customer");
    let place = Place { customer: Some(customer), parent: Some(subscription.text("id")) };
    ctx.store.insert(Kind::InvoiceItem, place, &body, &json!({}))?;
    ctx.emit("invoiceitem.created", &body);
    Ok(())
}

/// Moves what waits for a subscription's next invoice onto `invoice`, as its first lines.
pub(crate) fn bill_pending(
    ctx: &mut Ctx<'_>,
    subscription: &str,
    invoice: &str,
) -> Result<Vec<Value>, ApiError> {
    let query = Query { parent: Some(subscription), ..Query::default() };
    let mut waiting = ctx
        .store
        .list(Kind::InvoiceItem, query, SCAN_ROWS_MAX, |item| item.at("invoice").is_null())?;
    waiting.reverse();
    let mut lines = Vec::with_capacity(waiting.len());
    for mut item in waiting {
        item.body.set("invoice", invoice);
        ctx.store.put(&item)?;
        let line_id = ctx.random.id("il");
        lines.push(billing::pending_line(&line_id, &item.body));
    }
    Ok(lines)
}

/// Whether anything waits for the subscription's next invoice.
pub(crate) fn is_waiting(ctx: &Ctx<'_>, subscription: &str) -> Result<bool, ApiError> {
    let query = Query { parent: Some(subscription), ..Query::default() };
    let waiting =
        ctx.store.list(Kind::InvoiceItem, query, 1, |item| item.at("invoice").is_null())?;
    Ok(!waiting.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_rounded_half_up_and_never_more_than_the_whole() {
        assert_eq!(share_minor(1_900, 15, 30), 950);
        assert_eq!(share_minor(1_000, 1, 3), 333);
        assert_eq!(share_minor(1_001, 1, 2), 501);
        assert_eq!(share_minor(1_900, 40, 30), 1_900);
        assert_eq!(share_minor(1_900, -5, 30), 0);
        assert_eq!(share_minor(1_900, 5, 0), 0);
        assert_eq!(share_minor(i64::MAX, 1, 1), i64::MAX);
    }
}
