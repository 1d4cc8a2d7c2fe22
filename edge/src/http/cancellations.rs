//! `POST /v1/cancellations` and what follows from it: leaving, and what may be offered instead.
//!
//! Every call answers 200 with the same
//! [`CancellationView`](reprieve_core::api::cancellation::CancellationView), so that a screen never
//! has to guess where it is; 404 for a cancellation or subscription that is not this customer's;
//! 409 `wrong_state` for what is not possible now, `choose_subscription` when several run. Each may
//! be repeated.

use super::place::RequestPlace;
use super::{AppState, read_body};
use crate::durable::binding::{Command, Reply};
use crate::durable::leaving::{answer_of, word};
use crate::error::{ApiError, json};
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use reprieve_core::api::cancellation::{
    AcceptRequest, AnswerRequest, NewCancellation, REQUEST_BYTES_MAX,
};
use reprieve_core::cancel::CancelKind;
use reprieve_core::id::{CancellationId, SubscriptionId};
use serde::de::DeserializeOwned;

/// The longest name of an offer, in bytes.
const OFFER_BYTES_MAX: usize = 100;

/// Begins. The body is a [`NewCancellation`] and may be empty.
#[worker::send]
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let wanted = read_body(body, &headers, REQUEST_BYTES_MAX).await;
    ask(&state, &headers, || beginning(&wanted?, place)).await
}

/// Says how it stands: for whoever did not hear the answer to a call.
#[worker::send]
pub async fn get(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let command = || Ok(Command::ReadCancellation { id: cancellation(&id)? });
    ask(&state, &headers, command).await
}

/// Answers a screen. The body is an [`AnswerRequest`].
#[worker::send]
pub async fn answer(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = read_body(body, &headers, REQUEST_BYTES_MAX).await;
    let command = || {
        let id = cancellation(&id)?;
        let request: AnswerRequest = parse(&body?)?;
        match answer_of(&request) {
            Some(_) => Ok(Command::AnswerCancellation { id, request }),
            None => Err(ApiError::malformed("No screen has this answer.")),
        }
    };
    ask(&state, &headers, command).await
}

/// Takes an offer. The body is an [`AcceptRequest`] and may be empty.
#[worker::send]
pub async fn accept(
    State(state): State<AppState>,
    Path((id, offer)): Path<(String, String)>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let body = read_body(body, &headers, REQUEST_BYTES_MAX).await;
    let command = || {
        let id = cancellation(&id)?;
        if offer.len() > OFFER_BYTES_MAX {
            return Err(ApiError::not_found());
        }
        let AcceptRequest { until_ms } = or_empty(&body?)?;
        Ok(Command::AcceptOffer { id, offer, until_ms })
    };
    ask(&state, &headers, command).await
}

/// Declares it. The body is not read.
#[worker::send]
pub async fn confirm(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let command = || Ok(Command::ConfirmCancellation { id: cancellation(&id)? });
    ask(&state, &headers, command).await
}

/// Takes it back. The body is not read.
#[worker::send]
pub async fn undo(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let command = || Ok(Command::UndoCancellation { id: cancellation(&id)? });
    ask(&state, &headers, command).await
}

async fn ask(
    state: &AppState,
    headers: &HeaderMap,
    command: impl FnOnce() -> Result<Command, ApiError>,
) -> Response {
    let view = |reply| match reply {
        Reply::Cancellation(view) => Some(json(StatusCode::OK, &*view)),
        _ => None,
    };
    super::answer(&state.env, headers, command, view).await
}

fn beginning(body: &[u8], place: RequestPlace) -> Result<Command, ApiError> {
    let NewCancellation { subscription, kind } = or_empty(body)?;
    let subscription = subscription.as_deref().map(SubscriptionId::parse).transpose();
    let kind: Option<CancelKind> = match kind.as_deref() {
        None => Some(CancelKind::Ordinary),
        Some(kind) => word(kind),
    };
    Ok(Command::StartCancellation {
        subscription: subscription.map_err(|_| ApiError::not_found())?,
        kind: kind.ok_or_else(|| ApiError::malformed("There is no such kind of cancellation."))?,
        from: place.asked_from(),
    })
}

fn cancellation(id: &str) -> Result<CancellationId, ApiError> {
    CancellationId::parse(id).map_err(|_| ApiError::not_found())
}

fn or_empty<T: DeserializeOwned + Default>(body: &[u8]) -> Result<T, ApiError> {
    if body.is_empty() { Ok(T::default()) } else { parse(body) }
}

fn parse<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    serde_json::from_slice(body).map_err(|_| ApiError::malformed("The body cannot be read."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::durable::binding::AskedFrom;

    fn begins(body: &str) -> Result<Command, u16> {
        let country = Some("DE".to_owned());
        let place = RequestPlace { country, ..RequestPlace::default() };
        beginning(body.as_bytes(), place).map_err(|error| error.status)
    }

    #[test]
    fn a_beginning_names_a_subscription_and_a_kind_or_neither() {
        let wanted = |subscription: Option<&str>, kind| Command::StartCancellation {
            subscription: subscription.map(|id| SubscriptionId::parse(id).unwrap()),
            kind,
            from: AskedFrom { country: Some("DE".to_owned()), region: None },
        };
        use CancelKind as K;
        assert_eq!(begins(""), Ok(wanted(None, K::Ordinary)));
        assert_eq!(begins("{}"), Ok(wanted(None, K::Ordinary)));
        assert_eq!(
            begins(r#"{"subscription":"sub_1","x":1}"#),
            Ok(wanted(Some("sub_1"), K::Ordinary))
        );
        assert_eq!(begins(r#"{"kind":"withdrawal"}"#), Ok(wanted(None, K::Withdrawal)));
        for odd in ["[", "7", r#"{"subscription":7}"#, r#"{"kind":"perhaps"}"#] {
            assert_eq!(begins(odd), Err(400), "{odd}");
        }
        assert_eq!(begins(r#"{"subscription":"../etc"}"#), Err(404));
    }
}
