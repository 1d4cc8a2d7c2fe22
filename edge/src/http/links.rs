//! `POST /v1/links` and `DELETE /v1/links/{id}`: a merchant's server makes links to the hosted page
//! and takes them back. `POST /v1/page`: a customer who is signed in gets one for themselves.

use super::door::{self, Door};
use super::{AppState, bearer, read_body};
use crate::clock;
use crate::config::Config;
use crate::db::link as store;
use crate::error::{ApiError, json};
use crate::link::{self, Link, LinkState, Secret};
use crate::log::{Level, line};
use crate::random;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use reprieve_core::api::link as wire;
use reprieve_core::api::link::{
    EXPIRES_IN_S_DEFAULT, EXPIRES_IN_S_MAX, EXPIRES_IN_S_MIN, LINKS_MAX, NewLink, NewLinks,
    NewPageLink, PageLink,
};
use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::time::{SECOND_MS, Timestamp};
use worker::Env;

/// The longest body, in bytes: [`LINKS_MAX`] links with room to spare.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

/// The longest body of a customer's own wish, in bytes.
const OWN_BODY_BYTES_MAX: usize = 256;
/// How long a customer's own link lives, in seconds: as long as the longest token.
const OWN_LINK_S: i64 = 15 * 60;

/// 201 with [`wire::Links`], all made or none; 400 for a body that cannot be used; 401 without one
/// of the merchant's keys; 503 when D1 did not take them.
#[worker::send]
pub async fn post(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let request_id = random::request_id();
    match make(&state.env, &headers, body).await {
        Ok(links) => json(StatusCode::CREATED, &links),
        Err(error) => error.into_response(&request_id),
    }
}

/// 204, also for a link that was taken back before; 404 for one that the merchant does not have.
/// Who is on the page already may go on with the token at hand, for ten minutes at most.
#[worker::send]
pub async fn revoke(
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Response {
    let request_id = random::request_id();
    match take_back(&state.env, &headers, &id).await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => error.into_response(&request_id),
    }
}

/// 201 with a [`PageLink`] for the customer whose token it is: the way on where a page keeps the
/// widget from running. 403 from the hosted page itself, or its links would never end; 429, 503.
///
/// It opens nothing that the token does not open already, in one browser and for
/// [`OWN_LINK_S`] seconds.
#[worker::send]
pub async fn own(State(state): State<AppState>, headers: HeaderMap, body: Body) -> Response {
    let customer = match super::authenticate(&state.env, &headers) {
        Ok(customer) => customer,
        Err(refused) => return refused.into_response(),
    };
    match make_own(&state.env, &customer, &headers, body).await {
        Ok(link) => super::with_cors(json(StatusCode::CREATED, &link), &customer.origin),
        Err(error) => customer.refuse(error),
    }
}

async fn make_own(
    env: &Env,
    customer: &super::Customer,
    headers: &HeaderMap,
    body: Body,
) -> Result<PageLink, ApiError> {
    let origin = door::own_origin(headers).ok_or_else(ApiError::internal)?;
    if door::own_page(headers).is_some() {
        return Err(ApiError::origin());
    }
    door::admit(Door::OwnLink, headers)?;
    let raw = read_body(body, headers, OWN_BODY_BYTES_MAX).await?;
    let malformed = |_| ApiError::malformed("The body is not what a link is wanted for.");
    let wanted: NewPageLink = serde_json::from_slice(&raw).map_err(malformed)?;
    let now = clock::now();
    let link = Link {
        id: link::id_of(&random::secret()),
        merchant: customer.config.merchant.clone(),
        customer: customer.customer.clone(),
        mode: wanted.mode,
        state: LinkState::Fresh,
        expires_at: now.plus_ms(OWN_LINK_S.saturating_mul(SECOND_MS)),
        browser_hash: None,
        exchanges: 0,
    };
    let links = [(link, Secret::new(&random::secret()))];
    store::insert(env, &links, now).await.map_err(|error| unanswered(&error))?;
    let [(_, secret)] = &links;
    Ok(PageLink { url: format!("{origin}/p/{}", secret.expose()) })
}

async fn make(env: &Env, headers: &HeaderMap, body: Body) -> Result<wire::Links, ApiError> {
    let config = authorized(env, headers)?;
    let origin = door::own_origin(headers).ok_or_else(ApiError::internal)?;
    let raw = read_body(body, headers, BODY_BYTES_MAX).await?;
    let malformed = || ApiError::malformed("The body is not a list of links.");
    let wanted: NewLinks = serde_json::from_slice(&raw).map_err(|_| malformed())?;
    let now = clock::now();
    let links = drafts(&config.merchant, &wanted, now)?;
    let links: Vec<(Link, Secret)> = links
        .into_iter()
        .map(|draft| {
            (Link { id: link::id_of(&random::secret()), ..draft }, Secret::new(&random::secret()))
        })
        .collect();
    store::insert(env, &links, now).await.map_err(|error| unanswered(&error))?;
    let links = links.iter().map(|(link, secret)| wire::Link {
        id: link.id.clone(),
        url: format!("{origin}/p/{}", secret.expose()),
        customer: link.customer.as_str().to_owned(),
        mode: link.mode,
        expires_at_ms: link.expires_at.as_ms(),
    });
    Ok(wire::Links { links: links.collect() })
}

/// Fresh links as they were wanted, still without names.
fn drafts(merchant: &MerchantId, wanted: &NewLinks, now: Timestamp) -> Result<Vec<Link>, ApiError> {
    if !(1..=LINKS_MAX).contains(&wanted.links.len()) {
        return Err(ApiError::malformed("One call makes from 1 to 100 links."));
    }
    (1..).zip(&wanted.links).map(|(row, wanted)| draft(merchant, (row, wanted), now)).collect()
}

/// `row` counts from 1: who sends a hundred wants to know which one it was.
fn draft(
    merchant: &MerchantId,
    (row, wanted): (usize, &NewLink),
    now: Timestamp,
) -> Result<Link, ApiError> {
    let malformed = |what: &str| ApiError::malformed_row(row, what);
    let customer = CustomerId::parse(&wanted.customer)
        .map_err(|_| malformed("the customer is not an id of the provider."))?;
    let expires_in_s = wanted.expires_in_s.unwrap_or(EXPIRES_IN_S_DEFAULT);
    if !(EXPIRES_IN_S_MIN..=EXPIRES_IN_S_MAX).contains(&expires_in_s) {
        return Err(malformed("a link lives from 300 to 2592000 seconds."));
    }
    Ok(Link {
        id: String::new(),
        merchant: merchant.clone(),
        customer,
        mode: wanted.mode,
        state: LinkState::Fresh,
        expires_at: now.plus_ms(expires_in_s.saturating_mul(SECOND_MS)),
        browser_hash: None,
        exchanges: 0,
    })
}

async fn take_back(env: &Env, headers: &HeaderMap, id: &str) -> Result<(), ApiError> {
    let config = authorized(env, headers)?;
    if !link::is_id(id) {
        return Err(ApiError::not_found());
    }
    let found = store::revoke(env, &config.merchant, id).await;
    let found = found.map_err(|error| unanswered(&error))?;
    if found { Ok(()) } else { Err(ApiError::not_found()) }
}

/// Who has one of the merchant's keys.
pub fn authorized(env: &Env, headers: &HeaderMap) -> Result<Config, ApiError> {
    let config = super::configured(env)?;
    if config.merchant_keys.accept(bearer(headers)) {
        return Ok(config);
    }
    door::admit(Door::WrongKey, headers)?;
    Err(ApiError::key())
}

/// Storage gave no answer; what it said instead goes to the log.
pub fn unanswered(error: &worker::Error) -> ApiError {
    line(Level::Error, "the store of links did not answer", &[("error", &error.to_string())]);
    ApiError::unavailable()
}

#[cfg(test)]
mod tests {
    use super::*;
    use reprieve_core::api::link::LinkMode;

    fn read(body: &str) -> Result<Vec<Link>, ApiError> {
        let merchant = MerchantId::parse("demo").unwrap();
        let wanted = serde_json::from_str(body).map_err(|_| ApiError::malformed("body"))?;
        drafts(&merchant, &wanted, Timestamp::from_ms(1_000))
    }

    #[test]
    fn what_may_be_asked_for_reads_as_a_table() {
        let many = |count: usize| {
            format!(r#"{{"links":[{}]}}"#, vec![r#"{"customer":"cus_1"}"#; count].join(","))
        };
        #[rustfmt::skip]
        let rows = [
            (r#"{"links":[{"customer":"cus_1"}]}"#.to_owned(),                         Some(1)),
            (r#"{"links":[{"customer":"cus_1","expires_in_s":300}]}"#.to_owned(),      Some(1)),
            (r#"{"links":[{"customer":"cus_1","expires_in_s":2592000}]}"#.to_owned(),  Some(1)),
            (r#"{"links":[{"customer":"cus_1","mode":"provider"}]}"#.to_owned(),       Some(1)),
            (many(100),                                                                Some(100)),
            (many(101),                                                                None),
            (many(0),                                                                  None),
            ("{}".to_owned(),                                                          None),
            ("[]".to_owned(),                                                          None),
            (r#"{"links":[{}]}"#.to_owned(),                                           None),
            (r#"{"links":[{"customer":""}]}"#.to_owned(),                              None),
            (r#"{"links":[{"customer":"a/b"}]}"#.to_owned(),                           None),
            (r#"{"links":[{"customer":"cus_1","expires_in_s":299}]}"#.to_owned(),      None),
            (r#"{"links":[{"customer":"cus_1","expires_in_s":2592001}]}"#.to_owned(),  None),
            (r#"{"links":[{"customer":"cus_1","expires_in_s":"1h"}]}"#.to_owned(),     None),
            (r#"{"links":[{"customer":"cus_1","mode":"both"}]}"#.to_owned(),           None),
            (r#"{"links":[{"customer":"cus_1","expires_in":900}]}"#.to_owned(),        None),
        ];
        for (body, count) in rows {
            let made = read(&body);
            assert_eq!(made.as_ref().ok().map(Vec::len), count, "{body:.60} {made:?}");
            assert!(made.is_ok() || made.is_err_and(|error| error.status == 400));
        }
    }

    #[test]
    fn a_link_begins_fresh_and_lives_three_days_unless_told() {
        let made = read(r#"{"links":[{"customer":"cus_1"}]}"#).unwrap();
        assert_eq!(made[0].expires_at.as_ms(), 1_000 + 3 * 24 * 3_600_000);
        assert_eq!((made[0].state, made[0].mode), (LinkState::Fresh, LinkMode::Widget));
    }
}
