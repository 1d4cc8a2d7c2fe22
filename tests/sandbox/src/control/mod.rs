//! `/_sandbox/…`: what a test asks of the sandbox itself. JSON in, JSON out, no key: it listens
//! on the loopback interface.

mod bank;
mod clocks;
mod deliveries;
mod ledger;
mod read;
mod scenario;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::context::Origin;
use crate::error::ApiError;
use crate::fault::{self, Fault, Mode};
use crate::form;
use crate::http::built;
use crate::json::Json;
use crate::params::Params;
use crate::webhook::delivery;

const BODY_BYTES_MAX: usize = 64 * 1024;
const FAULT_MS_MAX: u64 = 600_000;
const FAULT_MS_DEFAULT: u64 = 30_000;

/// Serves every path below `/_sandbox`.
pub(crate) async fn serve(State(app): State<Arc<App>>, request: Request<Body>) -> Response<Body> {
    let (status, body) = match handle(&app, request).await {
        Ok(body) => (200, body),
        Err(error) => (error.status, error.body("req_control")),
    };
    let text = serde_json::to_string_pretty(&body).unwrap_or_default();
    built(
        Response::builder()
            .status(status)
            .header("content-type", "application/json")
            .header("cache-control", "no-store")
            .body(Body::from(text)),
    )
}

async fn handle(app: &Arc<App>, request: Request<Body>) -> Result<Value, ApiError> {
    let (parts, body) = request.into_parts();
    // A page must not steer the sandbox: every browser names its origin when it posts.
    if parts.headers.contains_key("origin") {
        return Err(ApiError::unauthorized("The control API does not answer web pages."));
    }
    let query = Params::new(
        form::decode(parts.uri.query().unwrap_or_default())
            .map_err(|error| ApiError::invalid(error.0))?,
    );
    let bytes = axum::body::to_bytes(body, BODY_BYTES_MAX)
        .await
        .map_err(|_| ApiError::invalid("The request body is too large."))?;
    let body: Value = if bytes.is_empty() {
        json!({})
    } else {
        serde_json::from_slice(&bytes).map_err(|error| ApiError::invalid(error.to_string()))?
    };
    let path = parts.uri.path().strip_prefix("/_sandbox/").unwrap_or_default();
    match (parts.method.as_str(), path) {
        ("GET", "ledger") => ledger::read(app, &query),
        ("GET", "deliveries") => deliveries::read(app, &query),
        ("POST", "webhooks") => pause_webhooks(app, &body),
        ("POST", "redeliver") => deliveries::redeliver(app, &body).await,
        ("GET", "faults") => app
            .transact(Origin::default(), |ctx| Ok(json!({"faults": fault::waiting(&ctx.store)?}))),
        ("POST", "faults") => add_fault(app, &body),
        ("DELETE", "faults") => {
            app.transact(Origin::default(), |ctx| fault::clear(&ctx.store))?;
            Ok(json!({"faults": []}))
        }
        ("GET", "declines") => bank::waiting(app),
        ("POST", "declines") => bank::order(app, &body),
        ("DELETE", "declines") => bank::clear(app),
        ("POST", "challenges") => clocks::challenges(app, &body),
        ("POST", "time") => clocks::skip(app, &body),
        ("POST", "cards/reissue") => bank::reissue(app, &body),
        ("POST", "scenario") => scenario::play(app, &body).await,
        (method, _) => Err(ApiError::unknown_url(method, parts.uri.path())),
    }
}

fn pause_webhooks(app: &App, body: &Value) -> Result<Value, ApiError> {
    let Some(paused) = body.at("paused").as_bool() else {
        return Err(ApiError::invalid("Send {\"paused\": true} or {\"paused\": false}."));
    };
    app.transact(Origin::default(), |ctx| delivery::set_paused(ctx, paused))?;
    app.deliveries.notify_one();
    Ok(json!({"paused": paused}))
}

fn add_fault(app: &App, body: &Value) -> Result<Value, ApiError> {
    let mode = Mode::from_name(body.text("mode")).ok_or_else(|| {
        ApiError::invalid(
            "mode: error_before, error_after, hang_before, hang_after, delay or rate_limit.",
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
        ms: number("ms", FAULT_MS_DEFAULT)?.min(FAULT_MS_MAX),
        times: u32::try_from(number("times", 1)?).unwrap_or(u32::MAX),
    };
    app.transact(Origin::default(), |ctx| fault::add(&ctx.store, &fault))?;
    Ok(json!({
        "method": fault.method,
        "path_prefix": fault.path_prefix,
        "mode": fault.mode.name(),
        "ms": fault.ms,
        "times": fault.times,
    }))
}
