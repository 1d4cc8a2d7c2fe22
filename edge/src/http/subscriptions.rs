//! `GET /v1/subscriptions`, and `POST /v1/subscriptions/{id}/resume` and `/extend`: what the
//! customer has, and the end of a pause.
//!
//! Each answers 200 with [`Subscriptions`](reprieve_core::api::cancellation::Subscriptions); 404
//! for a subscription that is not this customer's; 409 for one that is not paused, or a pause that
//! cannot be made longer. Bodies are not read.

use super::AppState;
use super::place::RequestPlace;
use crate::durable::binding::{Command, Reply};
use crate::error::{ApiError, json};
use axum::Extension;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use reprieve_core::id::SubscriptionId;

/// All that are not over.
#[worker::send]
pub async fn get(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    headers: HeaderMap,
) -> Response {
    ask(&state, &headers, Ok(Command::Subscriptions { from: place.asked_from() })).await
}

/// Ends a pause now.
#[worker::send]
pub async fn resume(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let from = place.asked_from();
    let command = subscription(&id).map(|id| Command::ResumeSubscription { id, from });
    ask(&state, &headers, command).await
}

/// Makes a pause longer.
#[worker::send]
pub async fn extend(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let from = place.asked_from();
    let command = subscription(&id).map(|id| Command::ExtendPause { id, from });
    ask(&state, &headers, command).await
}

fn subscription(id: &str) -> Result<SubscriptionId, ApiError> {
    SubscriptionId::parse(id).map_err(|_| ApiError::not_found())
}

async fn ask(
    state: &AppState,
    headers: &HeaderMap,
    command: Result<Command, ApiError>,
) -> Response {
    let view = |reply| match reply {
        Reply::Subscriptions(view) => Some(json(StatusCode::OK, &*view)),
        _ => None,
    };
    super::answer(&state.env, headers, || command, view).await
}
