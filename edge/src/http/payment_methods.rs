//! `POST /v1/payment-methods` and `POST /v1/payment-methods/{id}/complete`: a new card.

use super::{AppState, authenticate, status_answer};
use crate::durable::binding::{Command, Reply};
use crate::error::{ApiError, json};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reprieve_core::id::SetupId;

/// 201 with a [`NewPaymentMethod`](reprieve_core::api::payment_method::NewPaymentMethod).
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let started = |reply| match reply {
        Reply::MethodStarted(started) => Some(json(StatusCode::CREATED, &started)),
        _ => None,
    };
    match authenticate(&state.env, &headers) {
        Ok(customer) => customer.ask(&state.env, Command::StartMethod, started).await,
        Err(refused) => refused.into_response(),
    }
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
    let customer = match authenticate(&state.env, &headers) {
        Ok(customer) => customer,
        Err(refused) => return refused.into_response(),
    };
    match SetupId::parse(&id) {
        Ok(setup) => {
            customer.ask(&state.env, Command::CompleteMethod { setup }, status_answer).await
        }
        Err(_) => customer.refuse(ApiError::not_found()),
    }
}
