//! Coupons on subscriptions: who gets one, for how long, and what it takes off an invoice
//! (<https://docs.stripe.com/billing/subscriptions/coupons>).

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::calendar;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::{Place, Record};

/// One discount on an invoice, with what it took off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Applied {
    pub(crate) discount: String,
    pub(crate) amount_minor: i64,
}

/// Hundredths of a percent in a whole.
const WHOLE: i64 = 10_000;

/// What a request names: a coupon, or a promotion code for one.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    pub(crate) coupon: Record,
    pub(crate) promotion_code: Option<Record>,
}

/// Whether a coupon can still be redeemed at `now_s`, the wall clock's time.
pub(crate) fn is_valid(coupon: &Value, now_s: i64) -> bool {
    let used_up = coupon
        .at("max_redemptions")
        .as_i64()
        .is_some_and(|most| coupon.int("times_redeemed") >= most);
    let over = coupon.at("redeem_by").as_i64().is_some_and(|until_s| now_s > until_s);
    !used_up && !over
}

/// Puts a discount on a subscription, from `now_s` on; returns its id.
pub(crate) fn grant(
    ctx: &mut Ctx<'_>,
    subscription: &Value,
    mut grant: Grant,
    now_s: i64,
) -> Result<String, ApiError> {
    let coupon = &mut grant.coupon;
    let coupon_id = coupon.body.text("id").to_owned();
    let wall_s = ctx.wall_s();
    if !is_valid(&coupon.body, wall_s) {
        return Err(ApiError::param(
            "coupon_expired",
            "discounts[0][coupon]",
            format!("Coupon expired: {coupon_id}"),
        ));
    }
    let currency = coupon.body.text("currency").to_owned();
    if !currency.is_empty() && currency != subscription.text("currency") {
        return Err(ApiError::invalid(format!(
            "The coupon {coupon_id} is in {currency}, the subscription is not."
        )));
    }
    let redeemed = coupon.body.int("times_redeemed") + 1;
    coupon.body.set("times_redeemed", redeemed);
    let valid = is_valid(&coupon.body, wall_s);
    coupon.body.set("valid", valid);
    ctx.store.put(coupon)?;
    if let Some(code) = &mut grant.promotion_code {
        let redeemed = code.body.int("times_redeemed") + 1;
        code.body.set("times_redeemed", redeemed);
        ctx.store.put(code)?;
    }
    let months = grant.coupon.body.at("duration_in_months").as_i64();
    let end_s = months.and_then(|months| calendar::months_after(now_s, months));
    let id = ctx.id(Kind::Discount);
    let body = json!({
        "id": id,
        "object": "discount",
        "checkout_session": null,
        "customer": subscription.at("customer"),
        "customer_account": null,
        "end": end_s,
        "invoice": null,
        "invoice_item": null,
        "promotion_code": grant.promotion_code.map(|code| code.body.at("id").clone()),
        "source": {"coupon": coupon_id, "type": "coupon"},
        "start": now_s,
        "subscription": subscription.at("id"),
        "subscription_item": null,
    });
    let place = Place {
        customer: Some(subscription.text("customer")),
        parent: Some(subscription.text("id")),
    };
    // A coupon that is deleted later does not change a discount that was given.
    let private = json!({"coupon": grant.coupon.body});
    ctx.store.insert(Kind::Discount, place, &body, &private)?;
    ctx.emit("customer.discount.created", &body);
    Ok(id)
}

/// Takes a discount away; the caller removes its id from the subscription.
pub(crate) fn end(ctx: &mut Ctx<'_>, id: &str) -> Result<(), ApiError> {
    let Some(mut discount) = ctx.store.find(Kind::Discount, id)? else {
        return Ok(());
    };
    if discount.private.flag("over") {
        return Ok(());
    }
    // The object stays: old invoices name it.
    discount.private.set("over", true);
    ctx.store.put(&discount)?;
    ctx.emit("customer.discount.deleted", &discount.body);
    Ok(())
}

/// The ids of a subscription's discounts.
pub(crate) fn ids(subscription: &Value) -> Vec<String> {
    let list = subscription.at("discounts").as_array().cloned().unwrap_or_default();
    list.iter().filter_map(|id| id.as_str().map(str::to_owned)).collect()
}

/// Takes the subscription's discounts off the lines of an invoice that is made at `now_s`, one
/// after the other. Those whose time is over, or that are used up, leave the subscription.
pub(crate) fn apply(
    ctx: &mut Ctx<'_>,
    subscription: &mut Record,
    lines: &mut [Value],
    now_s: i64,
) -> Result<Vec<Applied>, ApiError> {
    let mut applied = Vec::new();
    let mut kept = Vec::new();
    for id in ids(&subscription.body) {
        let Some(discount) = ctx.store.find(Kind::Discount, &id)? else {
            continue;
        };
        if discount.body.at("end").as_i64().is_some_and(|end_s| now_s >= end_s) {
            end(ctx, &id)?;
            continue;
        }
        let coupon = discount.private.at("coupon");
        let amount_minor = take_off(lines, coupon, &id);
        // A coupon for one time is not spent on an invoice that it takes nothing off.
        if amount_minor > 0 && coupon.text("duration") == "once" {
            end(ctx, &id)?;
        } else {
            kept.push(id.clone());
        }
        if amount_minor > 0 {
            applied.push(Applied { discount: id, amount_minor });
        }
    }
    subscription.body.set("discounts", kept);
    Ok(applied)
}

/// Takes one coupon off every line that can be discounted; returns how much that was.
fn take_off(lines: &mut [Value], coupon: &Value, discount: &str) -> i64 {
    let open: Vec<i64> = lines.iter().map(left_minor).collect();
    let total: i64 = open.iter().sum();
    let mut rest_minor = match coupon.at("amount_off").as_i64() {
        Some(amount) => amount.min(total),
        None => i64::MAX,
    };
    let percent = percent_hundredths(coupon);
    let last = open.iter().rposition(|left| *left > 0);
    let mut sum = 0_i64;
    for (place, (line, left)) in lines.iter_mut().zip(&open).enumerate() {
        if *left <= 0 {
            continue;
        }
        let share = match coupon.at("amount_off").as_i64() {
            None => super::proration::share_minor(*left, percent, WHOLE),
            Some(_) if Some(place) == last => rest_minor,
            Some(amount) => super::proration::share_minor(amount.min(total), *left, total),
        };
        let share = share.min(*left).min(rest_minor);
        rest_minor = rest_minor.saturating_sub(share);
        sum = sum.saturating_add(share);
        if share > 0 {
            note(line, discount, share);
        }
    }
    sum
}

/// What is left of a line after earlier discounts; nothing of a line that takes none.
fn left_minor(line: &Value) -> i64 {
    if !line.flag("discountable") {
        return 0;
    }
    let taken: i64 = line
        .at("discount_amounts")
        .as_array()
        .map_or(0, |list| list.iter().map(|entry| entry.int("amount")).sum());
    line.int("amount").saturating_sub(taken).max(0)
}

fn note(line: &mut Value, discount: &str, amount_minor: i64) {
    let entry = json!({"amount": amount_minor, "discount": discount});
    if let Some(Value::Array(list)) = line.get_mut("discount_amounts") {
        list.push(entry);
    }
}

/// `percent_off` in hundredths of a percent; Stripe allows two decimals.
fn percent_hundredths(coupon: &Value) -> i64 {
    parse_percent(&coupon.at("percent_off").to_string()).unwrap_or(0)
}

/// `25.5` as 2550; `None` when it is no percentage over 0 and up to 100 with two decimals.
pub(crate) fn parse_percent(text: &str) -> Option<i64> {
    let (whole, decimals) = text.split_once('.').unwrap_or((text, ""));
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let sound = !whole.is_empty() && whole.len() <= 3 && decimals.len() <= 2;
    if !sound || !digits(whole) || !digits(decimals) {
        return None;
    }
    let hundredths: i64 = format!("{whole}{decimals:0<2}").parse().ok()?;
    (1..=WHOLE).contains(&hundredths).then_some(hundredths)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(amount: i64, discountable: bool) -> Value {
        json!({"amount": amount, "discountable": discountable, "discount_amounts": []})
    }

    #[test]
    fn percentages_have_two_decimals_and_no_floating_point() {
        assert_eq!(parse_percent("25.5"), Some(2_550));
        assert_eq!(parse_percent("100"), Some(10_000));
        assert_eq!(parse_percent("0.01"), Some(1));
        for wrong in ["0", "100.01", "-5", "5.555", "", ".5", "abc", "1e2"] {
            assert_eq!(parse_percent(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn an_amount_is_shared_among_the_lines_and_stops_at_nothing() {
        let coupon = json!({"amount_off": 1_000, "currency": "eur"});
        let mut lines = [line(1_000, true), line(-300, false), line(500, true)];
        assert_eq!(take_off(&mut lines, &coupon, "di_1"), 1_000);
        assert_eq!(lines[0]["discount_amounts"][0]["amount"], 667);
        assert_eq!(lines[1]["discount_amounts"], json!([]));
        assert_eq!(lines[2]["discount_amounts"][0]["amount"], 333);
        assert_eq!(take_off(&mut lines, &coupon, "di_2"), 500, "no more than is left");
        assert_eq!(take_off(&mut lines, &coupon, "di_3"), 0);
    }

    #[test]
    fn percentages_follow_each_other() {
        let half = json!({"percent_off": 50});
        let mut lines = [line(1_001, true)];
        assert_eq!(take_off(&mut lines, &half, "di_1"), 501);
        assert_eq!(take_off(&mut lines, &half, "di_2"), 250);
    }
}
