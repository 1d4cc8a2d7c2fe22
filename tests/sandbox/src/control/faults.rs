//! Faults and rate limits that a test asks for.

use serde_json::{Value, json};

use crate::app::App;
use crate::context::Origin;
use crate::control::read;
use crate::error::ApiError;
use crate::fault::{self, Fault, Mode};
use crate::json::Json;
use crate::rate::Limits;

const MS_MAX: u64 = 600_000;
const MS_DEFAULT: u64 = 30_000;
const RATE_MAX: u64 = 1_000_000;
const RETRY_AFTER_S_MAX: u64 = 86_400;

/// `GET /_sandbox/faults`: those that have not happened yet.
pub(crate) fn waiting(app: &App) -> Result<Value, ApiError> {
    app.transact(Origin::default(), |ctx| Ok(json!({"faults": fault::waiting(&ctx.store)?})))
}

/// `DELETE /_sandbox/faults`
pub(crate) fn clear(app: &App) -> Result<Value, ApiError> {
    app.transact(Origin::default(), |ctx| fault::clear(&ctx.store))?;
    Ok(json!({"faults": []}))
}

/// `POST /_sandbox/faults`
pub(crate) fn add(app: &App, body: &Value) -> Result<Value, ApiError> {
    let mode = Mode::from_name(body.text("mode")).ok_or_else(|| {
        ApiError::invalid(
            "mode: error_before, error_after, hang_before, hang_after, delay, rate_limit, \
             lock_timeout or bad_gateway.",
        )
    })?;
    let number = |name: &str, default: u64| match body.at(name) {
        Value::Null => Ok(default),
        value => value.as_u64().ok_or_else(|| ApiError::invalid(format!("{name}: a number"))),
    };
    let fault = Fault {
        method: body.text_opt("method").unwrap_or_else(|| "*".to_owned()),
        path_prefix: body.text_opt("path_prefix").unwrap_or_else(|| "/v1/".to_owned()),
        mode,
        ms: number("ms", MS_DEFAULT)?.min(MS_MAX),
        times: u32::try_from(number("times", 1)?).unwrap_or(u32::MAX),
        headers: headers(body)?,
    };
    app.transact(Origin::default(), |ctx| fault::add(&ctx.store, &fault))?;
    Ok(json!({
        "method": fault.method,
        "path_prefix": fault.path_prefix,
        "mode": fault.mode.name(),
        "ms": fault.ms,
        "times": fault.times,
        "headers": fault.headers,
    }))
}

/// The headers that say whether and when to try again.
fn headers(body: &Value) -> Result<Value, ApiError> {
    let mut headers = json!({});
    if let Some(should) = body.at("should_retry").as_bool() {
        headers.set("stripe-should-retry", should.to_string());
    }
    let after_s = read::number(body, "retry_after_s", 0, 0..=RETRY_AFTER_S_MAX)?;
    if body.get("retry_after_s").is_some() {
        headers.set("retry-after", after_s.to_string());
    }
    if let Some(reason) = read::word(body, "rate_limited_reason", 64)? {
        headers.set("stripe-rate-limited-reason", reason);
    }
    Ok(headers)
}

/// `POST /_sandbox/rate_limit {"per_second", "endpoint_per_second", "burst", "retry_after_s",
/// "should_retry"}`: Stripe's own sandboxes allow 25 a second.
pub(crate) fn limit(app: &App, body: &Value) -> Result<Value, ApiError> {
    let names = ["per_second", "endpoint_per_second", "burst", "retry_after_s", "should_retry"];
    read::allow(body, &names)?;
    let per_second = read::number(body, "per_second", 25, 1..=RATE_MAX)?;
    let after_s = read::number(body, "retry_after_s", 0, 0..=RETRY_AFTER_S_MAX)?;
    let limits = Limits {
        per_second,
        endpoint_per_second: read::number(body, "endpoint_per_second", 0, 0..=RATE_MAX)?,
        burst: read::number(body, "burst", per_second, 1..=RATE_MAX)?,
        retry_after_s: body.get("retry_after_s").map(|_| after_s),
        should_retry: body.at("should_retry").as_bool(),
    };
    app.limiter.set(Some(limits), app.now_ms());
    Ok(json!({
        "per_second": limits.per_second,
        "endpoint_per_second": limits.endpoint_per_second,
        "burst": limits.burst,
    }))
}

/// `DELETE /_sandbox/rate_limit`
pub(crate) fn unlimit(app: &App) -> Result<Value, ApiError> {
    app.limiter.set(None, app.now_ms());
    Ok(json!({"per_second": null}))
}
