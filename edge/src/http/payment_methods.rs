//! `POST /v1/payment-methods` and `POST /v1/payment-methods/{id}/complete`: a new card.

use super::{AppState, answer, status_answer};
use crate::durable::binding::{Command, Reply};
use crate::error::{ApiError, json};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use reprieve_core::id::SetupId;

/// 201 with a [`NewPaymentMethod`](reprieve_core::api::payment_method::NewPaymentMethod).
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let started = |reply| match reply {
        Reply::MethodStarted(started) => Some(json(StatusCode::CREATED, &started)),
        _ => None,
    };
    answer(&state.env, &headers, || Ok(Command::StartMethod), started).await
}

/// 200 with the new [`Status`](reprieve_core::api::status::Status) after the method became the
/// default everywhere and the open invoices were charged; 404 for a set-up that is not this
/// customer's; 409 for one that is not finished.
#[worker::send]
pub async fn complete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let complete = || match SetupId::parse(&id) {
        Ok(setup) => Ok(Command::CompleteMethod { setup }),
        Err(_) => Err(ApiError::not_found()),
    };
    answer(&state.env, &headers, complete, status_answer).await
}
