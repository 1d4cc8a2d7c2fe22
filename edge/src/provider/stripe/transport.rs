//! One HTTP exchange. The real one runs on the Worker's `fetch` and clock; tests script theirs.

use crate::provider::Secret;
use futures_util::future::{Either, select};
use futures_util::{StreamExt, pin_mut};
use reprieve_core::time::Timestamp;
use std::time::Duration;
use worker::{AbortController, AbortSignal, Delay, Fetch, Headers, RequestInit, RequestRedirect};
use worker::{ResponseBody, wasm_bindgen::JsValue};

/// How long one exchange may take, reading the body included.
pub const EXCHANGE_MS_MAX: u32 = 20_000;
/// The longest body of an answer, in bytes.
pub const RESPONSE_BYTES_MAX: usize = 1024 * 1024;
/// The response headers that are read; others do not cross the seam.
pub const RESPONSE_HEADERS: [&str; 4] =
    ["request-id", "stripe-should-retry", "retry-after", "idempotent-replayed"];

/// How the request is made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// Changes nothing.
    Get,
    /// Changes something.
    Post,
    /// Ends something.
    Delete,
}

impl Method {
    /// Its name in HTTP.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Delete => "DELETE",
        }
    }
}

/// A request, ready to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// How.
    pub method: Method,
    /// Where to, with the query.
    pub url: String,
    /// Header names and values; the secret key is among them.
    pub headers: Vec<(&'static str, Secret)>,
    /// A form, of a POST.
    pub body: Option<String>,
}

/// An answer, whatever its status.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Those of [`RESPONSE_HEADERS`] that are there, in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body, at most [`RESPONSE_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// No answer. Whether the request took effect is not known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// The other side said nothing, or did not finish, within [`EXCHANGE_MS_MAX`].
    #[error("timeout")]
    Timeout,
    /// The connection failed.
    #[error("network_error")]
    Network,
    /// The answer is longer than [`RESPONSE_BYTES_MAX`].
    #[error("answer_too_large")]
    TooLarge,
}

/// Sends requests and waits.
pub trait Transport {
    /// One exchange, within [`EXCHANGE_MS_MAX`].
    async fn send(&self, request: &Request) -> Result<Response, TransportError>;

    /// Waits before a repetition.
    async fn pause(&self, delay_ms: u32);

    /// What time it is: tables of codes are dated.
    fn now(&self) -> Timestamp;
}

/// The Worker's `fetch`.
#[derive(Clone, Copy, Debug, Default)]
pub struct FetchTransport;

impl Transport for FetchTransport {
    async fn send(&self, request: &Request) -> Result<Response, TransportError> {
        let abort = AbortController::default();
        let signal = abort.signal();
        let exchange = exchange(request, &signal);
        let timeout = Delay::from(Duration::from_millis(u64::from(EXCHANGE_MS_MAX)));
        pin_mut!(exchange, timeout);
        match select(exchange, timeout).await {
            Either::Left((result, _)) => {
                if result == Err(TransportError::TooLarge) {
                    abort.abort();
                }
                result
            }
            Either::Right(((), _)) => {
                abort.abort();
                Err(TransportError::Timeout)
            }
        }
    }

    async fn pause(&self, delay_ms: u32) {
        Delay::from(Duration::from_millis(u64::from(delay_ms))).await;
    }

    fn now(&self) -> Timestamp {
        crate::clock::now()
    }
}

async fn exchange(request: &Request, signal: &AbortSignal) -> Result<Response, TransportError> {
    let network = |_| TransportError::Network;
    let request = prepare(request).map_err(network)?;
    let mut answer = Fetch::Request(request).send_with_signal(signal).await.map_err(network)?;
    let headers = RESPONSE_HEADERS
        .into_iter()
        .filter_map(|name| Some((name, answer.headers().get(name).ok().flatten()?)))
        .collect();
    let status = answer.status_code();
    let body = read_body(&mut answer).await?;
    Ok(Response { status, headers, body })
}

fn prepare(request: &Request) -> worker::Result<worker::Request> {
    let headers = Headers::new();
    for (name, value) in &request.headers {
        headers.set(name, value.expose())?;
    }
    let mut init = RequestInit::new();
    init.with_headers(headers)
        .with_method(match request.method {
            Method::Get => worker::Method::Get,
            Method::Post => worker::Method::Post,
            Method::Delete => worker::Method::Delete,
        })
        // A redirect would carry the secret key to another place.
        .with_redirect(RequestRedirect::Manual)
        .with_body(request.body.as_deref().map(JsValue::from_str));
    worker::Request::new_with_init(&request.url, &init)
}

async fn read_body(answer: &mut worker::Response) -> Result<Vec<u8>, TransportError> {
    if matches!(answer.body(), ResponseBody::Empty) {
        return Ok(Vec::new());
    }
    let mut chunks = answer.stream().map_err(|_| TransportError::Network)?;
    let mut body = Vec::new();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| TransportError::Network)?;
        if body.len().saturating_add(chunk.len()) > RESPONSE_BYTES_MAX {
            return Err(TransportError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}
