//! `POST /v1/webhooks/stripe`: the provider tells us something.
//!
//! Verified over the raw bytes, then handed to the customer's Account, which commits it before 200
//! is answered. Anything but 200 makes the provider send it again, for days, so nothing is lost.

use super::{AppState, read_body};
use crate::clock;
use crate::error::{ApiError, json};
use crate::intake;
use crate::log::{Level, line};
use crate::provider::{ReadEvents, configured};
use crate::random;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use worker::Env;

/// The longest webhook body, in bytes. Stripe's events are far smaller; larger ones are refused.
pub const BODY_BYTES_MAX: usize = 256 * 1024;

/// 200 `{"received":true}` also for a duplicate and for an unknown type; 400, 401, 413 as named by
/// [`ApiError`]; 503 when the Account or the inbox did not take it.
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let request_id = random::request_id();
    match receive(&state.env, &headers, body, &request_id).await {
        Ok(()) => json(StatusCode::OK, &serde_json::json!({ "received": true })),
        Err(error) => {
            let fields = [("request_id", request_id.as_str()), ("code", error.code)];
            line(Level::Warn, "a webhook was refused", &fields);
            error.into_response(&request_id)
        }
    }
}

async fn receive(
    env: &Env,
    headers: &HeaderMap,
    body: Body,
    request_id: &str,
) -> Result<(), ApiError> {
    let config = super::configured(env)?;
    let raw = read_body(body, headers, BODY_BYTES_MAX).await?;
    let provider = configured(&config);
    provider.verify(headers, &raw, clock::now()).map_err(|_| ApiError::signature())?;
    intake::take(env, (&config, &provider), raw, request_id).await
}
