//! `GET /p/{link}` and `POST /p/{link}/session`: the hosted page, and *Continue* on it.
//!
//! Reading the page looks nothing up: it is the same for every link, a good one or not, so scanners
//! of mail use nothing up and learn nothing. *Continue* is a POST of our own page. A link that was
//! guessed, has ended, was taken back or belongs to another browser is 404 with one text: 410 would
//! say that there was one.

use super::door::{self, Door};
use super::{AppState, read_body, refusal_error};
use crate::clock;
use crate::config::Config;
use crate::db::link as store;
use crate::durable::binding::{self, Call, Command, Reply};
use crate::error::{ApiError, json};
use crate::http::links::unanswered;
use crate::link::{self, Link, Secret};
use crate::page::{self, Merchant, View};
use crate::random;
use crate::token;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use reprieve_core::api::link::{LinkMode, LinkSession, OpenLink};
use reprieve_core::time::{SECOND_MS, Timestamp};
use worker::Env;

/// The longest body of a POST, in bytes.
const BODY_BYTES_MAX: usize = 1_024;
/// The longest `Cookie` header read, in bytes.
const COOKIES_BYTES_MAX: usize = 8 * 1_024;
/// How often a link is read again because another request changed it meanwhile.
const RACES_MAX: u32 = 3;
/// Stands in the place of a link when somebody comes back from the provider's page.
const DONE: &str = "done";

/// 200 with the page; 404 with the same page, saying so, for a text that cannot be a link; 429.
pub async fn get(
    State(state): State<AppState>,
    Path(link): Path<String>,
    headers: HeaderMap,
) -> Response {
    let admitted = super::configured(&state.env)
        .and_then(|config| door::admit(Door::Page, &headers).map(|()| config));
    let config = match admitted {
        Ok(config) => config,
        Err(error) => return error.into_response(&random::request_id()),
    };
    let (status, view) = match Secret::parse(&link) {
        Some(_) => (StatusCode::OK, View::Start),
        None if link == DONE => (StatusCode::OK, View::Done),
        None => (StatusCode::NOT_FOUND, View::Gone),
    };
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
    let html = page::html(view, page::language_of(accepted), Merchant::of(&config));
    let policy = HeaderValue::from_str(&page::content_security_policy(&config.stripe));
    let Ok(policy) = policy else {
        return ApiError::internal().into_response(&random::request_id());
    };
    let mut response = (status, page_headers(), html).into_response();
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

fn page_headers() -> [(header::HeaderName, HeaderValue); 9] {
    let text = HeaderValue::from_static;
    [
        (header::CONTENT_TYPE, text("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, text("no-store")),
        (header::REFERRER_POLICY, text("no-referrer")),
        (header::X_CONTENT_TYPE_OPTIONS, text("nosniff")),
        (header::X_FRAME_OPTIONS, text("DENY")),
        (header::VARY, text("accept-language")),
        (header::HeaderName::from_static("x-robots-tag"), text("noindex, nofollow")),
        // A provider's wallet may open a window of its own.
        (
            header::HeaderName::from_static("cross-origin-opener-policy"),
            text("same-origin-allow-popups"),
        ),
        (
            header::HeaderName::from_static("permissions-policy"),
            text("camera=(), geolocation=(), microphone=()"),
        ),
    ]
}

/// 200 with a [`LinkSession`] and the cookie by which this browser is known again; 403 from another
/// page; 404 when the link cannot be used, whatever the reason; 429, 502 and 503.
#[worker::send]
pub async fn session(
    State(state): State<AppState>,
    Path(link): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let request_id = random::request_id();
    match open(&state.env, &link, &headers, body, &request_id).await {
        Ok(response) => response,
        Err(error) => error.into_response(&request_id),
    }
}

async fn open(
    env: &Env,
    link: &str,
    headers: &HeaderMap,
    body: Body,
    request_id: &str,
) -> Result<Response, ApiError> {
    let config = super::configured(env)?;
    let origin = door::own_page(headers).ok_or_else(ApiError::origin)?;
    door::admit(Door::Session, headers)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let malformed = || ApiError::malformed("The body does not say which browser this is.");
    if kind != Some("application/json") {
        return Err(malformed());
    }
    let raw = read_body(body, headers, BODY_BYTES_MAX).await?;
    let drawn: OpenLink = serde_json::from_slice(&raw).map_err(|_| malformed())?;
    let drawn = Secret::parse(&drawn.browser).ok_or_else(malformed)?;
    let secret = Secret::parse(link).ok_or_else(ApiError::not_found)?;
    let browsers: Vec<Secret> = cookie(headers, &secret).into_iter().chain([drawn]).collect();
    let now = clock::now();
    let link = take(env, &secret, &browsers, now).await?;
    let session = session_of(env, &config, &link, &origin, request_id).await?;
    let mut response = json(StatusCode::OK, &session);
    let known = browsers.iter().find(|browser| Some(browser.hash()) == link.browser_hash);
    if let Some(cookie) = known.and_then(|browser| set_cookie(&secret, browser, &link, now)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The link after this visit.
async fn take(
    env: &Env,
    secret: &Secret,
    browsers: &[Secret],
    now: Timestamp,
) -> Result<Link, ApiError> {
    let browsers: Vec<String> = browsers.iter().map(Secret::hash).collect();
    for _ in 0..RACES_MAX {
        let found = store::find(env, secret).await.map_err(|error| unanswered(&error))?;
        let before = found.ok_or_else(ApiError::not_found)?;
        let after = link::continued(&before, &browsers, now).ok_or_else(ApiError::not_found)?;
        let written = store::replace(env, &before, &after, now).await;
        if written.map_err(|error| unanswered(&error))? {
            return Ok(after);
        }
    }
    Err(ApiError::unavailable())
}

async fn session_of(
    env: &Env,
    config: &Config,
    link: &Link,
    origin: &str,
    request_id: &str,
) -> Result<LinkSession, ApiError> {
    if link.mode == LinkMode::Widget {
        let owner = (&link.merchant, &link.customer);
        let token = token::issue(&config.token_keys, owner, origin, clock::now());
        return Ok(LinkSession::Widget { token });
    }
    let call = Call {
        merchant: link.merchant.clone(),
        customer: link.customer.clone(),
        request_id: request_id.to_owned(),
        command: Command::OpenProviderPage { return_url: format!("{origin}/p/{DONE}") },
    };
    match binding::call(env, &call).await {
        Reply::ProviderPage(url) => Ok(LinkSession::Provider { url }),
        Reply::Refused(refusal) => Err(refusal_error(refusal)),
        _ => Err(ApiError::internal()),
    }
}

/// What this browser is known by from an earlier visit.
fn cookie(headers: &HeaderMap, secret: &Secret) -> Option<Secret> {
    let name = secret.cookie_name();
    let lines = headers.get_all(header::COOKIE).into_iter();
    let texts = lines.filter_map(|value| value.to_str().ok());
    let texts = texts.filter(|text| text.len() <= COOKIES_BYTES_MAX);
    texts.flat_map(|text| text.split(';')).find_map(|pair| {
        let (key, value) = pair.trim().split_once('=')?;
        if key == name { Secret::parse(value) } else { None }
    })
}

/// As long as the link lives, for this origin only, and out of reach of every script.
fn set_cookie(
    secret: &Secret,
    browser: &Secret,
    link: &Link,
    now: Timestamp,
) -> Option<HeaderValue> {
    let max_age_s = link.expires_at.since_ms(now).div_euclid(SECOND_MS).max(0);
    let (name, value) = (secret.cookie_name(), browser.expose());
    let cookie =
        format!("{name}={value}; Path=/; Max-Age={max_age_s}; HttpOnly; Secure; SameSite=Strict");
    HeaderValue::from_str(&cookie).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::LinkState;
    use reprieve_core::id::{CustomerId, MerchantId};

    fn secret(byte: u8) -> Secret {
        Secret::new(&[byte; link::SECRET_BYTES])
    }

    #[test]
    fn a_browser_is_known_again_by_the_cookie_it_got() {
        let now = Timestamp::from_ms(0);
        let link = Link {
            id: "lnk_1".to_owned(),
            merchant: MerchantId::parse("demo").unwrap(),
            customer: CustomerId::parse("cus_1").unwrap(),
            mode: LinkMode::Widget,
            state: LinkState::Opened,
            expires_at: now.plus_ms(90_500),
            browser_hash: Some(secret(2).hash()),
            exchanges: 1,
        };
        let set = set_cookie(&secret(1), &secret(2), &link, now).unwrap();
        let set = set.to_str().unwrap();
        let (pair, attributes) = set.split_once("; ").unwrap();
        assert_eq!(attributes, "Path=/; Max-Age=90; HttpOnly; Secure; SameSite=Strict");
        assert!(pair.starts_with("__Host-"), "{pair}");
        assert!(!set.contains(secret(1).expose()), "the link itself is not in the cookie");

        let sent = |text: String| {
            HeaderMap::from_iter([(header::COOKIE, HeaderValue::from_str(&text).unwrap())])
        };
        let others = format!("a=b; {pair}; c");
        assert_eq!(cookie(&sent(others), &secret(1)), Some(secret(2)));
        assert_eq!(cookie(&sent(pair.to_owned()), &secret(3)), None, "another link's cookie");
        assert_eq!(cookie(&sent(format!("{pair}x")), &secret(1)), None);
        assert_eq!(cookie(&sent(";;=;".to_owned()), &secret(1)), None);
        assert_eq!(cookie(&HeaderMap::new(), &secret(1)), None);
    }
}
