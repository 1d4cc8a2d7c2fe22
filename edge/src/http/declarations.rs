//! `GET` and `POST /cancel` and `/withdraw`: declarations without a login, by whoever they are.
//!
//! A page for people: every answer is HTML, and the file of a receipt is text. A declaration is
//! recorded before anything is answered; nothing else happens by itself, and no customer is looked
//! up, so that nobody learns here who is one. The same form sent again is the same declaration.

use super::door::{self, Door};
use super::place::RequestPlace;
use super::{AppState, read_body};
use crate::clock;
use crate::config::Config;
use crate::db::declaration as store;
use crate::error::ApiError;
use crate::link::Secret;
use crate::log::{Level, line};
use crate::page::declaration::{self as page, AS_FIELD, Frame, TOKEN_FIELD, Way};
use crate::page::{Merchant, language_of};
use crate::random;
use axum::Extension;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use reprieve_core::cancel::CancelKind;
use reprieve_core::cancel::declaration::{Declaration, Field, Form};
use reprieve_core::jurisdiction::{self, FoundBy, Whereabouts};
use reprieve_core::policy::segment::Country;
use reprieve_core::time::Timestamp;
use worker::Env;

/// The longest body, in bytes: every field at its limit, each unit three bytes in UTF-8 and each of
/// these three characters in the encoding of forms, with room for the names.
const BODY_BYTES_MAX: usize = 32 * 1_024;
/// The most fields of a form that are read.
const FIELDS_MAX: usize = 20;
/// How a browser sends a form.
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// A form as it came.
#[derive(Debug, PartialEq, Eq)]
struct Sent {
    form: Form,
    token: Secret,
    as_text: bool,
}

/// What every answer needs to know of who asks.
struct Visit {
    way: Way,
    language: &'static str,
    place: RequestPlace,
}

/// 200 with the form; 429.
pub async fn get(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    uri: Uri,
    headers: HeaderMap,
) -> Response {
    let visit = Visit::of(&uri, place, &headers);
    let config = super::configured(&state.env);
    let admitted = config.and_then(|config| door::admit(Door::Page, &headers).map(|()| config));
    match admitted {
        Ok(config) => {
            let token = Secret::new(&random::secret());
            let form = page::form(visit.frame(&config), &Form::default(), token.expose(), &[]);
            html(StatusCode::OK, form)
        }
        Err(error) => visit.problem(None, &error),
    }
}

/// 200 with the receipt, or its text as a file; 400 with the form and what is missing in it; 403
/// from another page; 413, 429 and 503 with a page that says so.
#[worker::send]
pub async fn post(
    State(state): State<AppState>,
    Extension(place): Extension<RequestPlace>,
    uri: Uri,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let visit = Visit::of(&uri, place, &headers);
    let config = match super::configured(&state.env) {
        Ok(config) => config,
        Err(error) => return visit.problem(None, &error),
    };
    match declare(&state.env, &config, &visit, &headers, body).await {
        Ok(response) => response,
        Err(error) => visit.problem(Some(&config), &error),
    }
}

async fn declare(
    env: &Env,
    config: &Config,
    visit: &Visit,
    headers: &HeaderMap,
    body: Body,
) -> Result<Response, ApiError> {
    door::own_page(headers).ok_or_else(ApiError::origin)?;
    door::admit(Door::Declaration, headers)?;
    let kind = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_none_or(|kind| !kind.starts_with(FORM_TYPE)) {
        return Err(ApiError::malformed("This is not the form of this page."));
    }
    let raw = read_body(body, headers, BODY_BYTES_MAX).await?;
    let sent = read(&raw, visit.way)?;
    let (frame, now) = (visit.frame(config), clock::now());
    let declaration = match Declaration::read(&sent.form, now) {
        Ok(declaration) => declaration,
        Err(faults) => {
            let form = page::form(frame, &sent.form, sent.token.expose(), &faults);
            return Ok(html(StatusCode::BAD_REQUEST, form));
        }
    };
    let zone = visit.place.zone.as_deref();
    let id = store::id_of(&sent.token, &declaration);
    let receipt_at = |at: Timestamp| declaration.receipt(&id, at);
    let new = store::New {
        id: &id,
        declaration: &declaration,
        language: visit.language,
        receipt: page::receipt_text(frame, &receipt_at(now), zone),
    };
    let at = store::keep(env, &config.merchant, &new, now).await.map_err(|error| {
        line(Level::Error, "a declaration was not recorded", &[("error", &error.to_string())]);
        ApiError::unavailable()
    })?;
    let at = at.ok_or_else(|| ApiError::rate_limited(store::WINDOW_MS))?;
    let lines = receipt_at(at);
    if sent.as_text {
        return Ok(file(&id, page::receipt_text(frame, &lines, zone)));
    }
    let fields = [("declaration", id.as_str()), ("kind", declaration.kind.as_str())];
    line(Level::Info, "a declaration was recorded", &fields);
    let written = (&sent.form, sent.token.expose());
    Ok(html(StatusCode::OK, page::receipt(frame, &lines, written, zone)))
}

impl Visit {
    fn of(uri: &Uri, place: RequestPlace, headers: &HeaderMap) -> Self {
        let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        Self { way: Way::at(uri.path()), language: language_of(accepted), place }
    }

    fn frame<'a>(&'a self, config: &'a Config) -> Frame<'a> {
        Frame {
            way: self.way,
            language: self.language,
            merchant: Merchant::of(config),
            shows_other: self.way == Way::Withdraw || may_withdraw(&self.place, clock::now()),
        }
    }

    /// The page that says that nothing was recorded.
    fn problem(&self, config: Option<&Config>, error: &ApiError) -> Response {
        let bare = Frame {
            way: self.way,
            language: self.language,
            merchant: Merchant::default(),
            shows_other: false,
        };
        let frame = config.map_or(bare, |config| self.frame(config));
        let status = StatusCode::from_u16(error.status);
        let status = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = html(status, page::problem(frame));
        if let Some(seconds) = error.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// Whether the place that the request came from gives a right to withdraw, or nobody knows the
/// place.
fn may_withdraw(place: &RequestPlace, now: Timestamp) -> bool {
    let found = jurisdiction::find(
        &Whereabouts {
            request_country: place.country.as_deref().and_then(Country::parse),
            request_region: place.region.clone(),
            ..Whereabouts::default()
        },
        now,
    );
    found.found_by == FoundBy::Nothing || found.profile.withdrawal.is_some()
}

fn read(raw: &[u8], way: Way) -> Result<Sent, ApiError> {
    let malformed = || ApiError::malformed("This is not the form of this page.");
    let (mut form, mut token, mut as_text) = (Form::default(), None, false);
    for (name, value) in form_urlencoded::parse(raw).take(FIELDS_MAX) {
        match name.as_ref() {
            TOKEN_FIELD => token = Secret::parse(&value),
            AS_FIELD => as_text = value == "text",
            name => {
                let field = Field::ALL.into_iter().find(|field| field.as_str() == name);
                if let Some(field) = field {
                    *form.slot(field) = value.into_owned();
                }
            }
        }
    }
    // Which function it is, the path says; a form of one is none of the other.
    if way == Way::Withdraw {
        CancelKind::Withdrawal.as_str().clone_into(&mut form.kind);
    } else if form.kind == CancelKind::Withdrawal.as_str() {
        form.kind.clear();
    }
    Ok(Sent { form, token: token.ok_or_else(malformed)?, as_text })
}

/// Not to be kept or framed. The referrer tells our own form apart from others: without one a
/// browser would name no origin with it.
fn html(status: StatusCode, page: String) -> Response {
    let text = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, text("text/html; charset=utf-8")),
        (header::CACHE_CONTROL, text("no-store")),
        (header::CONTENT_SECURITY_POLICY, text(page::CONTENT_SECURITY_POLICY)),
        (header::REFERRER_POLICY, text("same-origin")),
        (header::X_CONTENT_TYPE_OPTIONS, text("nosniff")),
        (header::X_FRAME_OPTIONS, text("DENY")),
        (header::VARY, text("accept-language")),
    ];
    (status, headers, page).into_response()
}

fn file(id: &str, receipt: String) -> Response {
    let name = format!("attachment; filename=\"{id}.txt\"");
    let Ok(name) = HeaderValue::from_str(&name) else {
        return StatusCode::INTERNAL_SERVER_ERROR.into_response();
    };
    let text = HeaderValue::from_static;
    let headers = [
        (header::CONTENT_TYPE, text("text/plain; charset=utf-8")),
        (header::CONTENT_DISPOSITION, name),
        (header::CACHE_CONTROL, text("no-store")),
        (header::X_CONTENT_TYPE_OPTIONS, text("nosniff")),
    ];
    (StatusCode::OK, headers, receipt).into_response()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn token() -> Secret {
        Secret::new(&[7; crate::link::SECRET_BYTES])
    }

    fn sent(rest: &str, way: Way) -> Result<Sent, u16> {
        let body = format!("token={}&{rest}", token().expose());
        read(body.as_bytes(), way).map_err(|error| error.status)
    }

    #[test]
    fn a_form_is_read_by_its_names() {
        let read = sent("kind=ordinary&name=Ada+L%C3%B6w&x=1&contract=%26&as=text", Way::Cancel);
        let read = read.unwrap();
        assert_eq!((read.form.name.as_str(), read.form.contract.as_str()), ("Ada Löw", "&"));
        assert_eq!((read.form.kind.as_str(), read.as_text), ("ordinary", true));
        assert_eq!(read.token, token());
        let odd = sent("name=%FF%00&end=date", Way::Cancel).unwrap();
        assert_eq!((odd.form.name.as_str(), odd.form.end.as_str()), ("\u{fffd}\0", "date"));
    }

    #[test]
    fn a_form_of_one_function_is_none_of_the_other() {
        assert_eq!(sent("kind=withdrawal", Way::Cancel).unwrap().form.kind, "");
        assert_eq!(sent("kind=ordinary", Way::Withdraw).unwrap().form.kind, "withdrawal");
        assert_eq!(sent("", Way::Withdraw).unwrap().form.kind, "withdrawal");
    }

    #[test]
    fn what_is_not_our_form_is_refused() {
        for body in ["", "token=short", "kind=ordinary", "token"] {
            assert_eq!(read(body.as_bytes(), Way::Cancel).unwrap_err().status, 400, "{body}");
        }
        let late = format!("{}token={}", "x=1&".repeat(FIELDS_MAX), token().expose());
        assert_eq!(read(late.as_bytes(), Way::Cancel).unwrap_err().status, 400);
    }

    #[test]
    fn withdrawing_is_named_where_there_is_such_a_right_or_nobody_knows() {
        let now = Timestamp::from_seconds(1_795_305_600);
        let from = |country: Option<&str>| {
            let country = country.map(str::to_owned);
            may_withdraw(&RequestPlace { country, ..RequestPlace::default() }, now)
        };
        assert!(from(None) && from(Some("DE")) && from(Some("FR")) && from(Some("nowhere")));
        assert!(!from(Some("US")) && !from(Some("JP")));
    }

    #[test]
    fn a_page_has_no_script_and_its_form_stays_here() {
        let response = html(StatusCode::OK, String::new());
        let policy = response.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
        assert!(policy.contains("default-src 'none'") && policy.contains("form-action 'self'"));
        assert!(!policy.contains("script"), "{policy}");
    }
}
