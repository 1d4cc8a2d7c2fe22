//! `GET /v1/notices` and `POST /v1/notices/{id}/sent`: what the merchant's server is to tell
//! customers, and that it did.
//!
//! A way back is a link, and it is made when it is handed over: its secret follows from the
//! merchant's key and the notice's name, so that asking again gives the same address while D1 has
//! no more than its hash.

use super::links::{authorized, unanswered};
use super::{AppState, door};
use crate::clock;
use crate::config::Config;
use crate::db::link as links;
use crate::db::notice::{self as store, Waiting};
use crate::error::{ApiError, json};
use crate::link::{self, Link, LinkState, Secret};
use crate::merchant_key::MerchantKeys;
use crate::random;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reprieve_core::api::link::{EXPIRES_IN_S_MAX, LinkMode};
use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::time::{SECOND_MS, Timestamp};
use serde::Serialize;
use serde_json::Value;
use worker::Env;

/// The most notices in one answer.
pub const NOTICES_MAX: usize = 100;
/// The longest name of a notice, in bytes.
const ID_BYTES_MAX: usize = 120;
/// The notice whose link is made here.
const WAY_BACK: &str = "win_back";
/// What the link's secret and its name are derived for.
const SECRET_PURPOSE: &str = "way back: secret";
const NAME_PURPOSE: &str = "way back: name";

/// The notices that wait.
#[derive(Debug, Serialize)]
struct Notices {
    notices: Vec<Notice>,
}

/// One of them.
#[derive(Debug, Serialize)]
struct Notice {
    id: String,
    kind: String,
    customer: String,
    content: Value,
    due_at_ms: i64,
    /// With a way back only: the link's address and until when it is good.
    #[serde(skip_serializing_if = "Option::is_none")]
    link: Option<WayBack>,
}

#[derive(Debug, Serialize)]
struct WayBack {
    id: String,
    url: String,
    expires_at_ms: i64,
}

/// 200 with what waits longest, at most [`NOTICES_MAX`]; 401 without a key of the merchant; 503
/// when D1 gave no answer.
#[worker::send]
pub async fn get(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let request_id = random::request_id();
    match list(&state.env, &headers).await {
        Ok(notices) => json(StatusCode::OK, &notices),
        Err(error) => error.into_response(&request_id),
    }
}

/// 204, also for one that was sent before; 404 for one that the merchant does not have.
#[worker::send]
pub async fn sent(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let request_id = random::request_id();
    match note_sent(&state.env, &headers, &id).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(&request_id),
    }
}

async fn list(env: &Env, headers: &HeaderMap) -> Result<Notices, ApiError> {
    let config = authorized(env, headers)?;
    let origin = door::own_origin(headers).ok_or_else(ApiError::internal)?;
    let now = clock::now();
    let waiting = store::waiting(env, &config.merchant, NOTICES_MAX).await;
    let waiting = waiting.map_err(|error| unanswered(&error))?;
    let mut notices = Vec::with_capacity(waiting.len());
    let mut fresh = Vec::new();
    for row in waiting {
        let way_back = way_back(&config, &row, now)?;
        let link = way_back.as_ref().map(|(link, secret)| WayBack {
            id: link.id.clone(),
            url: format!("{origin}/p/{}", secret.expose()),
            expires_at_ms: link.expires_at.as_ms(),
        });
        fresh.extend(way_back);
        notices.push(notice(row, link)?);
    }
    if !fresh.is_empty() {
        links::insert(env, &fresh, now).await.map_err(|error| unanswered(&error))?;
    }
    Ok(Notices { notices })
}

fn notice(row: Waiting, link: Option<WayBack>) -> Result<Notice, ApiError> {
    let content = serde_json::from_str(&row.content).map_err(|_| ApiError::internal())?;
    let due_at_ms = row.due_at_ms as i64;
    Ok(Notice { id: row.id, kind: row.kind, customer: row.customer, content, due_at_ms, link })
}

/// The link of a way back, while it can be good: 30 days from when it is due.
fn way_back(
    config: &Config,
    row: &Waiting,
    now: Timestamp,
) -> Result<Option<(Link, Secret)>, ApiError> {
    let expires_at = Timestamp::from_ms(row.due_at_ms as i64).plus_ms(EXPIRES_IN_S_MAX * SECOND_MS);
    if row.kind != WAY_BACK || now >= expires_at {
        return Ok(None);
    }
    let customer = CustomerId::parse(&row.customer).map_err(|_| ApiError::internal())?;
    Ok(link_of(&config.merchant_keys, &config.merchant, customer, (&row.id, expires_at)))
}

fn link_of(
    keys: &MerchantKeys,
    merchant: &MerchantId,
    customer: CustomerId,
    (notice, expires_at): (&str, Timestamp),
) -> Option<(Link, Secret)> {
    let link = Link {
        id: link::id_of(&keys.derive(NAME_PURPOSE, notice)?),
        merchant: merchant.clone(),
        customer,
        mode: LinkMode::Widget,
        state: LinkState::Fresh,
        expires_at,
        browser_hash: None,
        exchanges: 0,
    };
    Some((link, Secret::new(&keys.derive(SECRET_PURPOSE, notice)?)))
}

async fn note_sent(env: &Env, headers: &HeaderMap, id: &str) -> Result<(), ApiError> {
    let config = authorized(env, headers)?;
    if id.is_empty() || id.len() > ID_BYTES_MAX {
        return Err(ApiError::not_found());
    }
    let found = store::sent(env, &config.merchant, id, clock::now()).await;
    let found = found.map_err(|error| unanswered(&error))?;
    if found { Ok(()) } else { Err(ApiError::not_found()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn asking_again_gives_the_same_link_and_another_notice_another() {
        let keys = MerchantKeys::new(&["a-merchant-key-of-32-bytes-at-least".to_owned()]).unwrap();
        let merchant = MerchantId::parse("demo").unwrap();
        let of = |notice| {
            let customer = CustomerId::parse("cus_1").unwrap();
            link_of(&keys, &merchant, customer, (notice, Timestamp::from_ms(5))).unwrap()
        };
        assert_eq!(of("n1"), of("n1"));
        assert_ne!(of("n1").0.id, of("n2").0.id);
        assert!(of("n1").1 != of("n2").1);
        assert!(link::is_id(&of("n1").0.id));
        assert!(Secret::parse(of("n1").1.expose()).is_some());
    }
}
