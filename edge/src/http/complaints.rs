//! `POST /v1/complaints`: a customer tells a person what is wrong.
//!
//! 201 with a [`ComplaintView`](reprieve_core::api::complaint::ComplaintView), also when the same
//! one came before; 400 for a body that cannot be used; 429 after too many.

use super::{AppState, read_body};
use crate::durable::binding::{Command, Reply};
use crate::error::{ApiError, json};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use reprieve_core::api::complaint::{NewComplaint, REQUEST_BYTES_MAX};

/// Takes one in. The body is a [`NewComplaint`].
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let body = read_body(body, &headers, REQUEST_BYTES_MAX).await;
    let command = || {
        let request: NewComplaint = serde_json::from_slice(&body?)
            .map_err(|_| ApiError::malformed("The body is not a complaint."))?;
        Ok(Command::Complain { request })
    };
    let view = |reply| match reply {
        Reply::Complaint(view) => Some(json(StatusCode::CREATED, &view)),
        _ => None,
    };
    super::answer(&state.env, &headers, command, view).await
}
