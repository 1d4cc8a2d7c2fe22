//! Moving time: test clocks that are asked to, and the wall clock for everybody else.

use serde_json::{Value, json};

use crate::context::Ctx;
use crate::engine::{renewal, timers};
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::store::{Query, Record};

/// Begins to move a clock to `target_s`; the steps follow one transaction at a time.
pub(crate) fn begin(ctx: &mut Ctx<'_>, clock: &mut Record, target_s: i64) -> Result<(), ApiError> {
    clock.body.set("status", "advancing");
    clock.body.set("status_details", json!({"advancing": {"target_frozen_time": target_s}}));
    ctx.store.put(clock)?;
    ctx.wakes_clocks = true;
    ctx.emit("test_helpers.test_clock.advancing", &clock.body);
    Ok(())
}

/// The clocks that are on their way.
pub(crate) fn moving(ctx: &Ctx<'_>) -> Result<Vec<String>, ApiError> {
    let clocks = ctx.store.all(Kind::Clock, Query::default())?;
    Ok(clocks
        .into_iter()
        .filter(|clock| clock.text("status") == "advancing")
        .map(|clock| clock.text("id").to_owned())
        .collect())
}

/// Does the next piece of work of a moving clock. Returns true when the clock has arrived.
pub(crate) fn step(ctx: &mut Ctx<'_>, id: &str) -> Result<bool, ApiError> {
    let Some(mut clock) = ctx.store.find(Kind::Clock, id)? else {
        return Ok(true);
    };
    if clock.body.text("status") != "advancing" {
        return Ok(true);
    }
    let target_s = clock.body.int("status_details/advancing/target_frozen_time");
    if let Some(due) = timers::next(ctx, id, target_s)? {
        let now_s = due.due_s.max(clock.body.int("frozen_time"));
        clock.body.set("frozen_time", now_s);
        ctx.store.put(&clock)?;
        renewal::run(ctx, &due, now_s)?;
        return Ok(false);
    }
    arrive(ctx, &mut clock, "ready", Some(target_s))?;
    Ok(true)
}

fn arrive(
    ctx: &mut Ctx<'_>,
    clock: &mut Record,
    status: &str,
    frozen_s: Option<i64>,
) -> Result<(), ApiError> {
    if let Some(frozen_s) = frozen_s {
        clock.body.set("frozen_time", frozen_s);
    }
    clock.body.set("status", status);
    clock.body.set("status_details", json!({}));
    ctx.store.put(clock)?;
    let event = match status {
        "ready" => "test_helpers.test_clock.ready",
        _ => "test_helpers.test_clock.internal_failure",
    };
    ctx.emit(event, &clock.body);
    Ok(())
}

/// Stops a clock whose work cannot be done, as Stripe does: it cannot be used again.
pub(crate) fn give_up(ctx: &mut Ctx<'_>, id: &str) -> Result<(), ApiError> {
    let mut clock = ctx.store.get(Kind::Clock, id)?;
    arrive(ctx, &mut clock, "internal_failure", None)
}

/// Does the next piece of work that is due on the wall clock. Returns false when there is none.
pub(crate) fn wall_step(ctx: &mut Ctx<'_>) -> Result<bool, ApiError> {
    let now_s = ctx.wall_s();
    let Some(due) = timers::next(ctx, "", now_s)? else {
        return Ok(false);
    };
    renewal::run(ctx, &due, now_s)?;
    Ok(true)
}

/// The farthest that a clock may be moved at once: two intervals of its shortest subscription
/// (<https://docs.stripe.com/api/test_clocks/advance>).
pub(crate) fn farthest_s(ctx: &Ctx<'_>, clock: &Value) -> Result<Option<i64>, ApiError> {
    let id = clock.text("id");
    let from_s = clock.int("frozen_time");
    let subscriptions = ctx.store.all(Kind::Subscription, Query::default())?;
    let ends = subscriptions.iter().filter(|sub| sub.text("test_clock") == id).filter_map(|sub| {
        let interval = sub.text("items/data/0/price/recurring/interval");
        let count = sub.int("items/data/0/price/recurring/interval_count");
        let first = crate::engine::calendar::period_end(from_s, interval, count, from_s)?;
        crate::engine::calendar::period_end(from_s, interval, count, first)
    });
    Ok(ends.min())
}

/// Drops the timer that could not be run, so that the others are.
pub(crate) fn drop_first_due(ctx: &mut Ctx<'_>) -> Result<(), ApiError> {
    match timers::next(ctx, "", ctx.wall_s())? {
        Some(due) => timers::clear(ctx, due.timer, &due.object),
        None => Ok(()),
    }
}
