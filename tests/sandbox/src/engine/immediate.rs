//! An invoice that is made, finalized and collected at once, because of a change.

use serde_json::Value;

use crate::context::Ctx;
use crate::engine::drafting::{self, Lines, Occasion};
use crate::engine::{collection, invoicing, standing};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::Record;

/// Saves the changed subscription and bills `lines` now, with the customer's default card.
pub(crate) fn bill(
    ctx: &mut Ctx<'_>,
    before: &Value,
    subscription: &mut Record,
    lines: Lines,
    now_s: i64,
) -> Result<(), ApiError> {
    let customer = ctx.store.get(Kind::Customer, before.text("customer"))?;
    let start_s = before.int("items/data/0/current_period_start");
    let occasion =
        Occasion { reason: "subscription_update", lines, period: (start_s, now_s), now_s };
    let mut invoice = drafting::draft(ctx, subscription, &customer, occasion)?;
    standing::save_subscription(ctx, before, subscription)?;
    ctx.emit("invoice.created", &invoice.body);
    invoicing::finalize(ctx, &mut invoice, now_s)?;
    collection::automatic(ctx, invoice.body.text("id"), now_s)?;
    *subscription = ctx.store.get(Kind::Subscription, before.text("id"))?;
    Ok(())
}
