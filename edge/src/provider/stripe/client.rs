//! Every request to Stripe passes here: headers, bounded repetition, what an error means.

use super::form::Form;
use super::transport::{Method, RESPONSE_BYTES_MAX, Request, Response, Transport, TransportError};
use super::types::{ErrorBody, PaymentError};
use crate::log::{Level, line};
use crate::provider::{ErrorKind, ProviderError, Secret};
use reprieve_core::time::SECOND_MS;
use serde::de::DeserializeOwned;

/// The version whose object shapes `types` reads. Stripe's head as of 2026-11.
pub const API_VERSION: &str = "2026-10-28.endive";
/// By which Stripe's logs and support know us.
const USER_AGENT: &str = concat!("reprieve/", env!("CARGO_PKG_VERSION"));
/// How often one call is sent at most, within one request of ours. The Account repeats later
/// anyway.
pub const SENDS_MAX: u32 = 3;
/// No repetition begins when the call would then be older than this: with one more exchange it is
/// over before the Account asks how it ended.
pub const CALL_MS_MAX: i64 = 20 * SECOND_MS;
/// The wait before the first repetition; it doubles.
pub const BACKOFF_MS: u32 = 200;
/// The longest wait that Stripe may ask for before we rather give up for now.
pub const BACKOFF_MS_MAX: u32 = 2_000;
/// The wait passed on when Stripe names none.
const RETRY_AFTER_MS_DEFAULT: i64 = SECOND_MS;
/// The longest wait passed on.
const RETRY_AFTER_MS_MAX: i64 = 3_600 * SECOND_MS;
/// The longest machine code or request id passed on, in bytes.
const CODE_BYTES_MAX: usize = 100;

/// Whether the secret key may be sent there: `https://…`, or plain HTTP to this machine for the
/// sandbox.
#[must_use]
pub fn is_safe_api_base(api_base: &str) -> bool {
    let Ok(url) = worker::Url::parse(api_base) else { return false };
    let local = matches!(url.host_str(), Some("127.0.0.1" | "localhost" | "[::1]"));
    let plain = url.query().is_none() && url.fragment().is_none() && url.username().is_empty();
    plain && (url.scheme() == "https" || (url.scheme() == "http" && local))
}

/// When a call may be sent again at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Repeat {
    /// Also after a lost connection or a server error: doing it twice is doing it once.
    Freely,
    /// Only when Stripe says that it did nothing: 409 and 429.
    WhenNothingHappened,
}

/// One call.
pub(super) struct Call<'a> {
    pub(super) method: Method,
    /// Parts of the path after `/v1/`.
    pub(super) path: &'a [&'a str],
    pub(super) form: Form,
    pub(super) key: Option<&'a str>,
    pub(super) repeat: Repeat,
}

/// Sends calls.
#[derive(Clone, Debug)]
pub(super) struct Client<T> {
    pub(super) transport: T,
    pub(super) api_base: String,
    pub(super) secret_key: Secret,
}

impl<T: Transport> Client<T> {
    /// Sends, repeats within bounds, and returns the answer whatever its status.
    pub(super) async fn send(&self, call: Call<'_>) -> Result<Response, ProviderError> {
        let request = self.request(&call)?;
        let began_at = self.transport.now();
        let mut sends = 0;
        loop {
            sends += 1;
            let answer = self.transport.send(&request).await.and_then(|answer| {
                let fits = answer.body.len() <= RESPONSE_BYTES_MAX;
                if fits { Ok(answer) } else { Err(TransportError::TooLarge) }
            });
            report(&call, &answer);
            let pause_ms = match &answer {
                _ if sends >= SENDS_MAX => None,
                Err(error) => pause_after_error(*error, call.repeat, sends),
                Ok(answer) => pause_after_answer(answer, call.repeat, sends),
            };
            let age_ms = self.transport.now().since_ms(began_at);
            let in_time = |pause_ms: &u32| age_ms.saturating_add((*pause_ms).into()) <= CALL_MS_MAX;
            match pause_ms.filter(in_time) {
                Some(delay_ms) => self.transport.pause(delay_ms).await,
                None => return answer.map_err(no_answer),
            }
        }
    }

    /// Sends and reads the body of a success.
    pub(super) async fn call<B: DeserializeOwned>(
        &self,
        call: Call<'_>,
    ) -> Result<B, ProviderError> {
        let answer = self.send(call).await?;
        if is_success(&answer) { read(&answer) } else { Err(error_of(&answer)) }
    }

    fn request(&self, call: &Call<'_>) -> Result<Request, ProviderError> {
        if !is_safe_api_base(&self.api_base) {
            return Err(local_error(ErrorKind::Refused, "unsafe_api_base"));
        }
        let mut url = format!("{}/v1", self.api_base.trim_end_matches('/'));
        for part in call.path {
            // Ids are plain, but "." and ".." would name another resource.
            if part.bytes().all(|byte| byte == b'.') || !part.bytes().all(is_plain) {
                return Err(local_error(ErrorKind::NotFound, "not_an_identifier"));
            }
            url.push('/');
            url.push_str(part);
        }
        let form = call.form.encode();
        let bearer = format!("Bearer {}", self.secret_key.expose());
        let mut headers = vec![
            ("authorization", Secret::new(bearer)),
            ("stripe-version", Secret::new(API_VERSION)),
            ("accept", Secret::new("application/json")),
            ("user-agent", Secret::new(USER_AGENT)),
        ];
        if let Some(key) = call.key {
            headers.push(("idempotency-key", Secret::new(key)));
        }
        let body = match call.method {
            Method::Get | Method::Delete => {
                if !call.form.is_empty() {
                    url.push('?');
                    url.push_str(&form);
                }
                None
            }
            Method::Post => {
                let kind = Secret::new("application/x-www-form-urlencoded");
                headers.push(("content-type", kind));
                Some(form)
            }
        };
        Ok(Request { method: call.method, url, headers, body })
    }
}

fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.')
}

fn backoff_ms(sends: u32) -> u32 {
    BACKOFF_MS.saturating_mul(1 << sends.saturating_sub(1).min(8)).min(BACKOFF_MS_MAX)
}

fn pause_after_error(error: TransportError, repeat: Repeat, sends: u32) -> Option<u32> {
    // After a timeout the time of whoever waits for us is used up.
    let again = repeat == Repeat::Freely && error == TransportError::Network;
    again.then(|| backoff_ms(sends))
}

fn pause_after_answer(answer: &Response, repeat: Repeat, sends: u32) -> Option<u32> {
    let worth_it = match answer.status {
        409 | 429 => true,
        500..=599 => repeat == Repeat::Freely,
        _ => false,
    };
    // Stripe's word outranks the status, as in its own libraries (`RequestSender.js` of npm
    // `stripe` 23.1.0): a charge is repeated under its key, and a set-up begun twice has no effect.
    if is_success(answer) || !should_retry(answer).unwrap_or(worth_it) {
        return None;
    }
    let asked_ms = retry_after_ms(answer).unwrap_or(0);
    let asked_ms = u32::try_from(asked_ms).unwrap_or(u32::MAX);
    (asked_ms <= BACKOFF_MS_MAX).then(|| backoff_ms(sends).max(asked_ms))
}

pub(super) const fn is_success(answer: &Response) -> bool {
    matches!(answer.status, 200..=299)
}

/// Stripe stored this answer under the key at an earlier request and only repeats it.
pub(super) fn is_replayed(answer: &Response) -> bool {
    header(answer, "idempotent-replayed") == Some("true")
}

/// Reads a body as JSON. One that cannot be read leaves the outcome unknown.
pub(super) fn read<B: DeserializeOwned>(answer: &Response) -> Result<B, ProviderError> {
    serde_json::from_slice(&answer.body).map_err(|_| ProviderError {
        kind: ErrorKind::Unknown,
        code: Some("unreadable_answer".to_owned()),
        provider_request_id: request_id(answer),
    })
}

/// The `error` of an answer, where it has one.
pub(super) fn payment_error(answer: &Response) -> Option<PaymentError> {
    serde_json::from_slice::<ErrorBody>(&answer.body).ok().map(|body| body.error)
}

/// What an answer that is not a success means.
pub(super) fn error_of(answer: &Response) -> ProviderError {
    let kind = match answer.status {
        404 => ErrorKind::NotFound,
        429 => ErrorKind::RateLimited {
            retry_after_ms: retry_after_ms(answer).unwrap_or(RETRY_AFTER_MS_DEFAULT),
        },
        408 | 409 | 500..=599 => ErrorKind::Unknown,
        _ if should_retry(answer) == Some(true) => ErrorKind::Unknown,
        _ => ErrorKind::Refused,
    };
    let code = payment_error(answer)
        .and_then(|error| error.code.or(error.kind))
        .and_then(plain_code)
        .unwrap_or_else(|| format!("http_{}", answer.status));
    ProviderError { kind, code: Some(code), provider_request_id: request_id(answer) }
}

/// An error that never left this machine.
pub(super) fn local_error(kind: ErrorKind, code: &str) -> ProviderError {
    ProviderError { kind, code: Some(code.to_owned()), provider_request_id: None }
}

/// What was changed, or went wrong, with Stripe's name for the request: its support and its logs
/// ask for that.
fn report(call: &Call<'_>, answer: &Result<Response, TransportError>) {
    let (status, request_id) = match answer {
        Ok(answer) if call.method == Method::Get && is_success(answer) => return,
        Ok(answer) => (answer.status.to_string(), request_id(answer)),
        Err(error) => (error.to_string(), None),
    };
    let verb = call.method.as_str();
    let request = format!("{verb} /v1/{}", call.path.join("/"));
    let provider_request_id = request_id.unwrap_or_default();
    let fields = [
        ("request", request.as_str()),
        ("status", &status),
        ("provider_request_id", &provider_request_id),
    ];
    line(Level::Info, "stripe was asked", &fields);
}

fn no_answer(error: TransportError) -> ProviderError {
    local_error(ErrorKind::Unknown, &error.to_string())
}

fn header<'a>(answer: &'a Response, name: &str) -> Option<&'a str> {
    answer.headers.iter().find(|(known, _)| *known == name).map(|(_, value)| value.as_str())
}

fn should_retry(answer: &Response) -> Option<bool> {
    match header(answer, "stripe-should-retry")? {
        "true" => Some(true),
        "false" => Some(false),
        _ => None,
    }
}

fn retry_after_ms(answer: &Response) -> Option<i64> {
    let seconds: i64 = header(answer, "retry-after")?.trim().parse().ok()?;
    Some(seconds.saturating_mul(SECOND_MS).clamp(0, RETRY_AFTER_MS_MAX))
}

pub(super) fn request_id(answer: &Response) -> Option<String> {
    header(answer, "request-id").map(str::to_owned).and_then(plain_code)
}

/// Only what looks like a code is passed on: a text for people may repeat what was sent.
fn plain_code(code: String) -> Option<String> {
    let plain = !code.is_empty() && code.len() <= CODE_BYTES_MAX && code.bytes().all(is_plain);
    plain.then_some(code)
}
