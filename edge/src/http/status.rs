//! `GET /v1/status`: what the customer needs to know now.

use super::place::RequestPlace;
use super::{AppState, answer, status_answer};
use crate::durable::binding::Command;
use axum::Extension;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// 200 with a [`Status`](reprieve_core::api::status::Status).
#[worker::send]
pub async fn get(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    headers: HeaderMap,
) -> Response {
    let zone = place.zone;
    answer(&state.env, &headers, || Ok(Command::Status { zone }), status_answer).await
}
