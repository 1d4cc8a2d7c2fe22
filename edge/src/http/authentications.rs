//! `POST /v1/authentications` and `POST /v1/authentications/{invoice}/complete`: the bank wants to
//! see the customer.

use super::{AppState, answer, authenticate, read_body, status_answer};
use crate::durable::binding::{Command, Reply};
use crate::error::{ApiError, json};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reprieve_core::api::authentication::{AuthenticationRequest, REQUEST_BYTES_MAX};
use reprieve_core::id::InvoiceId;

/// 200 with an [`Authentication`](reprieve_core::api::authentication::Authentication); 404 for an
/// invoice that is not this customer's; 409 when nothing waits for the customer, or no longer; 429
/// when it was tried too often. The body may be empty, or name an invoice.
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let customer = match authenticate(&state.env, &headers) {
        Ok(customer) => customer,
        Err(refused) => return refused.into_response(),
    };
    let invoice = match wanted(body, &headers).await {
        Ok(invoice) => invoice,
        Err(error) => return customer.refuse(error),
    };
    let started = |reply| match reply {
        Reply::AuthenticationStarted(started) => Some(json(StatusCode::OK, &started)),
        _ => None,
    };
    customer.ask(&state.env, Command::StartAuthentication { invoice }, started).await
}

/// 200 with the new [`Status`](reprieve_core::api::status::Status), however the bank's question
/// ended; 404 for an invoice that is not this customer's. The body is not read.
#[worker::send]
pub async fn complete(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let complete = || match InvoiceId::parse(&id) {
        Ok(invoice) => Ok(Command::CompleteAuthentication { invoice }),
        Err(_) => Err(ApiError::not_found()),
    };
    answer(&state.env, &headers, complete, status_answer).await
}

async fn wanted(body: Body, headers: &HeaderMap) -> Result<Option<InvoiceId>, ApiError> {
    let bytes = read_body(body, headers, REQUEST_BYTES_MAX).await?;
    parse(&bytes)
}

/// A name that cannot be an invoice's names nobody's invoice.
fn parse(bytes: &[u8]) -> Result<Option<InvoiceId>, ApiError> {
    if bytes.is_empty() {
        return Ok(None);
    }
    let request: AuthenticationRequest = serde_json::from_slice(bytes)
        .map_err(|_| ApiError::malformed("The body is not a request for an authentication."))?;
    let parsed = request.invoice.map(|id| InvoiceId::parse(&id)).transpose();
    parsed.map_err(|_| ApiError::not_found())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_empty_or_names_an_invoice() {
        let named = Some(InvoiceId::parse("in_1").unwrap());
        assert_eq!(parse(b""), Ok(None));
        assert_eq!(parse(b"{}"), Ok(None));
        assert_eq!(parse(br#"{"invoice":null,"later":1}"#), Ok(None));
        assert_eq!(parse(br#"{"invoice":"in_1"}"#), Ok(named));
        for odd in [&b"in_1"[..], b"[", b"\xff", br#"{"invoice":1}"#] {
            assert_eq!(parse(odd).unwrap_err().status, 400);
        }
        for absent in [r#"{"invoice":""}"#, r#"{"invoice":"../../etc"}"#] {
            assert_eq!(parse(absent.as_bytes()).unwrap_err().status, 404);
        }
    }
}
