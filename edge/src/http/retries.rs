//! `POST /v1/retries`: charge the open invoices now, with the method on file.

use super::{AppState, answer, status_answer};
use crate::durable::binding::Command;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

/// 200 with the new [`Status`](reprieve_core::api::status::Status); 409 when nothing can be tried
/// again; 429 when it was tried too often. The body is not read.
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap) -> Response {
    answer(&state.env, &headers, || Ok(Command::Retry), status_answer).await
}
