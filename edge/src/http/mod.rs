//! One file per resource: parse, call the Account, answer. What they share is here: who asks, from
//! where, and how an error becomes an answer.

pub mod authentications;
pub mod cancellations;
pub mod complaints;
pub mod declarations;
pub mod door;
pub mod health;
pub mod links;
pub mod notices;
pub mod page;
pub mod payment_methods;
pub mod place;
pub mod retries;
pub mod status;
pub mod subscriptions;
pub mod webhook;

use crate::clock;
use crate::config::Config;
use crate::durable::binding::{self, Call, Command, Refusal, Reply};
use crate::error::{ApiError, json};
use crate::log::{Level, line};
use crate::random;
use crate::token::{self, TokenError};
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use reprieve_core::api::error::code;
use reprieve_core::id::CustomerId;
use worker::Env;

/// The longest `Origin` header read, in bytes.
const ORIGIN_BYTES_MAX: usize = 300;
/// How long a browser may remember the answer to a preflight, in seconds.
const PREFLIGHT_MAX_AGE_S: &str = "600";

/// What every handler gets.
#[derive(Clone)]
pub struct AppState {
    /// Bindings, variables and secrets.
    pub env: Env,
}

/// A customer's call that may go on.
pub struct Customer {
    config: Config,
    customer: CustomerId,
    origin: String,
    request_id: String,
}

/// A refused call: the error, and the origin that may read it.
pub struct Refused {
    error: ApiError,
    origin: Option<String>,
    request_id: String,
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let response = self.error.into_response(&self.request_id);
        match self.origin {
            Some(origin) => with_cors(response, &origin),
            None => response,
        }
    }
}

/// The configuration; without a usable one nothing can be answered, and the log says why.
pub fn configured(env: &Env) -> Result<Config, ApiError> {
    Config::from_env(env).map_err(|error| {
        line(Level::Error, "the configuration is not usable", &[("error", &error.to_string())]);
        ApiError::internal()
    })
}

/// Checks page and token: first the origin, so that an unknown page learns nothing about tokens.
pub fn authenticate(env: &Env, headers: &HeaderMap) -> Result<Customer, Refused> {
    let request_id = random::request_id();
    let refused = |error, origin| Refused { error, origin, request_id: request_id.clone() };
    let config = configured(env).map_err(|error| refused(error, None))?;
    let origin = page_origin(&config, headers).ok_or_else(|| refused(ApiError::origin(), None))?;
    let token = bearer(headers);
    let verified =
        token::verify(token, &config.token_keys, &config.merchant, &origin, clock::now());
    match verified {
        Ok(token) => Ok(Customer { config, customer: token.customer, origin, request_id }),
        Err(error) => Err(refused(token_error(error), Some(origin))),
    }
}

/// A customer's call from beginning to end. Whoever asks is checked before what they ask.
pub async fn answer(
    env: &Env,
    headers: &HeaderMap,
    command: impl FnOnce() -> Result<Command, ApiError>,
    answer: impl FnOnce(Reply) -> Option<Response>,
) -> Response {
    let customer = match authenticate(env, headers) {
        Ok(customer) => customer,
        Err(refused) => return refused.into_response(),
    };
    match command() {
        Ok(command) => customer.ask(env, command, answer).await,
        Err(error) => customer.refuse(error),
    }
}

impl Customer {
    /// Asks the customer's Account and makes the answer. `answer` sees only replies that it must
    /// know how to answer; `None` is a fault of ours.
    pub async fn ask(
        self,
        env: &Env,
        command: Command,
        answer: impl FnOnce(Reply) -> Option<Response>,
    ) -> Response {
        let call = Call {
            merchant: self.config.merchant.clone(),
            customer: self.customer.clone(),
            request_id: self.request_id.clone(),
            command,
        };
        let response = match binding::call(env, &call).await {
            Reply::Refused(refusal) => Err(refusal_error(refusal)),
            reply => answer(reply).ok_or_else(ApiError::internal),
        };
        let response = response.unwrap_or_else(|error| error.into_response(&self.request_id));
        with_cors(response, &self.origin)
    }

    /// Turns an error of this call into its answer.
    #[must_use]
    pub fn refuse(self, error: ApiError) -> Response {
        let (origin, request_id) = (Some(self.origin), self.request_id);
        Refused { error, origin, request_id }.into_response()
    }
}

/// The answer to replies that carry a status.
#[must_use]
pub fn status_answer(reply: Reply) -> Option<Response> {
    match reply {
        Reply::Status(status) => Some(json(StatusCode::OK, &*status)),
        _ => None,
    }
}

/// `OPTIONS`: may this page call at all?
pub async fn preflight(State(state): State<AppState>, headers: HeaderMap) -> Response {
    let request_id = random::request_id();
    let Ok(config) = Config::from_env(&state.env) else {
        return ApiError::internal().into_response(&request_id);
    };
    let Some(origin) = allowed_origin(&config, &headers) else {
        return ApiError::origin().into_response(&request_id);
    };
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST")),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            HeaderValue::from_static("authorization, accept-language, content-type, time-zone"),
        ),
        (header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static(PREFLIGHT_MAX_AGE_S)),
    ];
    with_cors((StatusCode::NO_CONTENT, headers).into_response(), &origin)
}

/// Every other path.
pub async fn not_found() -> Response {
    ApiError::not_found().into_response(&random::request_id())
}

/// A known path with another method.
pub async fn method_not_allowed() -> Response {
    ApiError::method_not_allowed().into_response(&random::request_id())
}

/// Reads a body up to a limit. The declared length is checked first, so that nothing large is read.
pub async fn read_body(body: Body, headers: &HeaderMap, max: usize) -> Result<Vec<u8>, ApiError> {
    let declared = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    let declared = declared.and_then(|text| text.parse::<usize>().ok());
    if declared.is_some_and(|length| length > max) {
        return Err(ApiError::body_too_large());
    }
    let bytes = axum::body::to_bytes(body, max).await;
    bytes.map(Into::into).map_err(|_| ApiError::body_too_large())
}

/// What an Account's refusal is called outside.
#[must_use]
pub fn refusal_error(refusal: Refusal) -> ApiError {
    match refusal {
        Refusal::NotFound => ApiError::not_found(),
        Refusal::WrongState => ApiError::wrong_state(),
        Refusal::ChooseSubscription => ApiError::choose_subscription(),
        Refusal::RateLimited { retry_after_ms } => ApiError::rate_limited(retry_after_ms),
        Refusal::Malformed => ApiError::malformed("The event could not be read."),
        Refusal::ProviderUnavailable => ApiError::provider_unavailable(),
        Refusal::Unavailable => ApiError::unavailable(),
        Refusal::Internal => ApiError::internal(),
    }
}

const fn token_error(error: TokenError) -> ApiError {
    match error {
        TokenError::Missing => {
            ApiError::token(code::TOKEN_MISSING, "The request carries no customer token.")
        }
        TokenError::Expired => {
            ApiError::token(code::TOKEN_EXPIRED, "The customer token has expired.")
        }
        TokenError::Invalid | TokenError::OriginMismatch => {
            ApiError::token(code::TOKEN_INVALID, "The customer token is not valid here.")
        }
    }
}

/// The page that asks: one of the merchant's, or our own.
fn page_origin(config: &Config, headers: &HeaderMap) -> Option<String> {
    door::own_page(headers).or_else(|| allowed_origin(config, headers))
}

fn allowed_origin(config: &Config, headers: &HeaderMap) -> Option<String> {
    let origin = headers.get(header::ORIGIN)?.to_str().ok()?;
    if origin.len() > ORIGIN_BYTES_MAX {
        return None;
    }
    config.allowed_origins.iter().find(|allowed| *allowed == origin).cloned()
}

/// What stands behind `Bearer` in the `Authorization` header; empty without one.
#[must_use]
pub fn bearer(headers: &HeaderMap) -> &str {
    let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    value.and_then(|text| text.strip_prefix("Bearer ")).unwrap_or_default()
}

fn with_cors(mut response: Response, origin: &str) -> Response {
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(origin) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, value);
    }
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    headers.insert(header::VARY, HeaderValue::from_static("origin"));
    response
}
