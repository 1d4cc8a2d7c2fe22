//! `/_sandbox/…`: what a test asks of the sandbox itself. JSON in, JSON out, no key: it listens
//! on the loopback interface.

mod account;
mod bank;
mod clocks;
mod deliveries;
mod faults;
mod ledger;
mod read;
mod scenario;
mod webhooks;

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::http::{Request, Response};
use serde_json::{Value, json};

use crate::app::App;
use crate::error::ApiError;
use crate::form;
use crate::http::built;
use crate::params::Params;

const BODY_BYTES_MAX: usize = 64 * 1024;

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
        ("GET", "webhooks") => webhooks::state(app),
        ("POST", "webhooks") => webhooks::change(app, &body),
        ("POST", "redeliver") => deliveries::redeliver(app, &body).await,
        ("GET", "faults") => faults::waiting(app),
        ("POST", "faults") => faults::add(app, &body),
        ("DELETE", "faults") => faults::clear(app),
        ("POST", "rate_limit") => faults::limit(app, &body),
        ("DELETE", "rate_limit") => faults::unlimit(app),
        ("GET", "account") => account::state(app),
        ("POST", "account") => account::change(app, &body),
        ("GET", "declines") => bank::waiting(app),
        ("POST", "declines") => bank::order(app, &body),
        ("DELETE", "declines") => bank::clear(app),
        ("POST", "challenges") => clocks::challenges(app, &body),
        ("POST", "time") => clocks::skip(app, &body),
        ("POST", "debits/settle") => bank::settle(app, &body),
        ("POST", "cards/reissue") => bank::reissue(app, &body),
        ("POST", "scenario") => scenario::play(app, &body).await,
        (method, _) => Err(ApiError::unknown_url(method, parts.uri.path())),
    }
}
