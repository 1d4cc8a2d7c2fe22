//! `/v1/test_helpers/test_clocks`

use serde_json::{Value, json};

use crate::api::{Call, customers};
use crate::context::Ctx;
use crate::engine::advance;
use crate::error::ApiError;
use crate::json::Json;
use crate::kind::Kind;
use crate::shape::{self, catalog};
use crate::store::{Place, Query, SCAN_ROWS_MAX};

/// Farthest that a clock without subscriptions may be moved at once.
const ADVANCE_S_MAX: i64 = 2 * 366 * 24 * 3_600;

/// `POST /v1/test_helpers/test_clocks`
pub(crate) fn create(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["frozen_time", "name"])?;
    let frozen = call.params.int("frozen_time")?.ok_or_else(|| {
        ApiError::param("parameter_missing", "frozen_time", "Missing required param: frozen_time.")
    })?;
    if jiff::Timestamp::from_second(frozen).is_err() || frozen < 0 {
        return Err(ApiError::param("parameter_invalid_integer", "frozen_time", "Invalid integer"));
    }
    let id = ctx.id(Kind::Clock);
    let name = call.params.text("name")?;
    let body = catalog::clock(&id, ctx.wall_s(), frozen, name.as_deref());
    ctx.store.insert(Kind::Clock, Place::default(), &body, &json!({}))?;
    ctx.emit("test_helpers.test_clock.created", &body);
    Ok(body)
}

/// Stripe's limits (<https://docs.stripe.com/billing/testing/test-clocks>), which only a strict
/// run keeps: our demo has more subscriptions.
const CUSTOMER_COUNT_MAX: usize = 3;
const SUBSCRIPTION_COUNT_MAX: usize = 3;

/// Refuses one customer too many on a test clock.
pub(crate) fn check_customers(ctx: &Ctx<'_>, clock: &str) -> Result<(), ApiError> {
    let on_clock = |customer: &Value| customer.text("test_clock") == clock;
    limit(ctx, Kind::Customer, Query::default(), on_clock, CUSTOMER_COUNT_MAX)
}

/// Refuses one subscription too many of a customer on a test clock.
pub(crate) fn check_subscriptions(ctx: &Ctx<'_>, customer: &Value) -> Result<(), ApiError> {
    if customer.at("test_clock").is_null() {
        return Ok(());
    }
    let query = Query { customer: Some(customer.text("id")), ..Query::default() };
    limit(ctx, Kind::Subscription, query, |_| true, SUBSCRIPTION_COUNT_MAX)
}

fn limit(
    ctx: &Ctx<'_>,
    kind: Kind,
    query: Query<'_>,
    keep: impl Fn(&Value) -> bool,
    most: usize,
) -> Result<(), ApiError> {
    if !ctx.config.strict_clocks || ctx.store.list(kind, query, most, keep)?.len() < most {
        return Ok(());
    }
    let message = format!("A test clock allows at most {most} of these: {}.", kind.noun());
    Err(ApiError::invalid(message).with("param", "test_clock"))
}

/// `GET /v1/test_helpers/test_clocks/:id`
pub(crate) fn retrieve(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    Ok(ctx.store.get(Kind::Clock, call.id)?.body)
}

/// `POST /v1/test_helpers/test_clocks/:id/advance`: answers `advancing`; the clock is `ready`
/// when everything up to `frozen_time` has happened.
pub(crate) fn advance(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&["frozen_time"])?;
    let target = call.params.int("frozen_time")?.ok_or_else(|| {
        ApiError::param("parameter_missing", "frozen_time", "Missing required param: frozen_time.")
    })?;
    let mut clock = ctx.store.get(Kind::Clock, call.id)?;
    let status = clock.body.text("status").to_owned();
    if status != "ready" {
        let message = format!("This test clock cannot be advanced while it is {status}.");
        return Err(ApiError::wrong_state(message));
    }
    let from = clock.body.int("frozen_time");
    let farthest = advance::farthest_s(ctx, &clock.body)?;
    let farthest = farthest.unwrap_or_else(|| from.saturating_add(ADVANCE_S_MAX));
    if target <= from || target > farthest {
        let message = format!(
            "Invalid frozen_time: a test clock moves forward, by at most two intervals of its \
             shortest subscription (from {from} to at most {farthest})."
        );
        return Err(ApiError::param("parameter_invalid_integer", "frozen_time", message));
    }
    advance::begin(ctx, &mut clock, target)?;
    Ok(clock.body)
}

/// `DELETE /v1/test_helpers/test_clocks/:id`: deletes its customers too.
pub(crate) fn delete(ctx: &mut Ctx<'_>, call: &Call<'_>) -> Result<Value, ApiError> {
    call.params.allow(&[])?;
    let clock = ctx.store.get(Kind::Clock, call.id)?;
    let on_clock = ctx.store.list(Kind::Customer, Query::default(), SCAN_ROWS_MAX, |customer| {
        customer.text("test_clock") == call.id
    })?;
    for customer in on_clock {
        customers::remove(ctx, &customer)?;
    }
    ctx.emit("test_helpers.test_clock.deleted", &clock.body);
    ctx.store.remove(call.id)?;
    Ok(shape::deleted(Kind::Clock.object(), call.id))
}
