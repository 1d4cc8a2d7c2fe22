//! `GET /v1/status`: what the customer needs to know now, and in which words a page shows it first.

use super::place::RequestPlace;
use super::{AppState, answer};
use crate::durable::binding::{Command, Reply};
use crate::error::json;
use crate::painting::Painting;
use crate::speech::{self, Manner};
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use reprieve_core::api::status::Status;
use serde::Serialize;

#[derive(Serialize)]
struct Answer<'a> {
    #[serde(flatten)]
    status: &'a Status,
    banner: Option<Painting>,
}

/// 200 with a [`Status`] and, where there is something to show, its banner as a [`Painting`].
#[worker::send]
pub async fn get(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    headers: HeaderMap,
) -> Response {
    let zone = place.zone;
    let manner = Manner::of(&headers, zone.clone());
    let said = |reply| match reply {
        Reply::Status(status) => {
            let banner = speech::banner(&status, &manner);
            let banner = banner.map(|banner| Painting::of(banner, &status));
            Some(json(StatusCode::OK, &Answer { status: &status, banner }))
        }
        _ => None,
    };
    answer(&state.env, &headers, || Ok(Command::Status { zone }), said).await
}
