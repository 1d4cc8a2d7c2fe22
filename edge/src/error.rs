//! Errors become answers here and nowhere else.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use reprieve_core::api::error::{ErrorBody, ErrorDetail, code};
use std::borrow::Cow;

/// What went wrong, in words for outside. Words for inside go to the log where it happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    /// HTTP status.
    pub status: u16,
    /// One of [`code`].
    pub code: &'static str,
    /// A sentence for people.
    pub message: Cow<'static, str>,
    /// Seconds until another try makes sense.
    pub retry_after_s: Option<u64>,
}

impl ApiError {
    const fn new(status: u16, code: &'static str, message: &'static str) -> Self {
        Self { status, code, message: Cow::Borrowed(message), retry_after_s: None }
    }

    /// 400.
    #[must_use]
    pub const fn malformed(message: &'static str) -> Self {
        Self::new(400, code::MALFORMED, message)
    }

    /// 400 that says in which row of a list.
    #[must_use]
    pub fn malformed_row(row: usize, what: &str) -> Self {
        let message = Cow::Owned(format!("Row {row}: {what}"));
        Self { message, ..Self::malformed("") }
    }

    /// 401 with one of the token codes.
    #[must_use]
    pub const fn token(code: &'static str, message: &'static str) -> Self {
        Self::new(401, code, message)
    }

    /// 401 for a merchant's own servers.
    #[must_use]
    pub const fn key() -> Self {
        Self::new(401, code::KEY_INVALID, "The merchant key is missing or wrong.")
    }

    /// 401 for webhooks.
    #[must_use]
    pub const fn signature() -> Self {
        Self::new(401, code::SIGNATURE_INVALID, "The signature is missing, wrong or too old.")
    }

    /// 403.
    #[must_use]
    pub const fn origin() -> Self {
        let message = "This page's origin is not one of the merchant's.";
        Self::new(403, code::ORIGIN_NOT_ALLOWED, message)
    }

    /// 404.
    #[must_use]
    pub const fn not_found() -> Self {
        Self::new(404, code::NOT_FOUND, "There is nothing here.")
    }

    /// 405.
    #[must_use]
    pub const fn method_not_allowed() -> Self {
        let message = "This path does not know that method.";
        Self::new(405, code::METHOD_NOT_ALLOWED, message)
    }

    /// 409.
    #[must_use]
    pub const fn wrong_state() -> Self {
        let message = "That is not possible now. Read the status again.";
        Self::new(409, code::WRONG_STATE, message)
    }

    /// 409 when several subscriptions run and none was named.
    #[must_use]
    pub const fn choose_subscription() -> Self {
        let message = "There are several subscriptions. Say which one is meant.";
        Self::new(409, code::CHOOSE_SUBSCRIPTION, message)
    }

    /// 413.
    #[must_use]
    pub const fn body_too_large() -> Self {
        Self::new(413, code::BODY_TOO_LARGE, "The request's body is too large.")
    }

    /// 429; the wait is rounded up to whole seconds.
    #[must_use]
    pub fn rate_limited(retry_after_ms: i64) -> Self {
        let seconds = u64::try_from(retry_after_ms).unwrap_or(0).div_ceil(1_000).max(1);
        let error = Self::new(429, code::RATE_LIMITED, "Too many requests. Please wait a moment.");
        Self { retry_after_s: Some(seconds), ..error }
    }

    /// 500.
    #[must_use]
    pub const fn internal() -> Self {
        Self::new(500, code::INTERNAL, "Something went wrong on our side.")
    }

    /// 502.
    #[must_use]
    pub const fn provider_unavailable() -> Self {
        let message = "The payment provider did not answer. Nothing was charged by this request.";
        Self::new(502, code::PROVIDER_UNAVAILABLE, message)
    }

    /// 503.
    #[must_use]
    pub fn unavailable() -> Self {
        let message = "Storage did not answer. Please try again.";
        Self { retry_after_s: Some(5), ..Self::new(503, code::UNAVAILABLE, message) }
    }

    /// The answer, naming the request.
    #[must_use]
    pub fn into_response(self, request_id: &str) -> Response {
        let body = ErrorBody {
            error: ErrorDetail {
                status: self.status,
                code: self.code.to_owned(),
                message: self.message.into_owned(),
                request_id: request_id.to_owned(),
            },
        };
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut response = json(status, &body);
        if let Some(seconds) = self.retry_after_s {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response
    }
}

/// A JSON answer that no cache keeps.
#[must_use]
pub fn json<T: serde::Serialize>(status: StatusCode, body: &T) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => {
            let headers = [
                (header::CONTENT_TYPE, HeaderValue::from_static("application/json")),
                (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
                (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
            ];
            (status, headers, bytes).into_response()
        }
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}
