//! Answers that are not 2xx, in Stripe's shape:
//! `{"error": {"type", "code", "decline_code", "message", "param", "request_log_url", …}}`.

use serde_json::{Map, Value, json};

/// What happens to the changes that were made before the error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effects {
    /// Nothing happened: the request is rolled back and its idempotency key stays free.
    None,
    /// The request was executed and this is its result (a declined charge is a fact): changes
    /// stay, and the answer is kept for the idempotency key.
    Kept,
}

/// An error answer.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    /// HTTP status.
    pub(crate) status: u16,
    /// Whether the changes made so far stay.
    pub(crate) effects: Effects,
    fields: Map<String, Value>,
    /// Headers of the answer.
    pub(crate) headers: Vec<(String, String)>,
}

impl ApiError {
    fn new(status: u16, kind: &str, message: impl Into<String>) -> Self {
        let mut fields = Map::new();
        fields.insert("type".to_owned(), kind.into());
        fields.insert("message".to_owned(), message.into().into());
        Self { status, effects: Effects::None, fields, headers: Vec::new() }
    }

    /// 400: the request cannot be carried out as it was written.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(400, "invalid_request_error", message)
    }

    /// 400 for one parameter.
    pub(crate) fn param(code: &str, param: &str, message: impl Into<String>) -> Self {
        Self::invalid(message).with("code", code).with("param", param)
    }

    /// 400: understood, but the object's state does not allow it. Kept for the idempotency key,
    /// because execution had begun.
    pub(crate) fn wrong_state(message: impl Into<String>) -> Self {
        Self { effects: Effects::Kept, ..Self::invalid(message) }
    }

    /// 401: no key, or not a key.
    pub(crate) fn unauthorized(message: impl Into<String>) -> Self {
        Self::new(401, "invalid_request_error", message)
    }

    /// 404: the object named in the path is unknown.
    pub(crate) fn missing(noun: &str, id: &str) -> Self {
        Self::new(404, "invalid_request_error", format!("No such {noun}: '{id}'"))
            .with("code", "resource_missing")
            .with("param", "id")
    }

    /// 400: the object named by a parameter is unknown.
    pub(crate) fn missing_param(noun: &str, id: &str, param: &str) -> Self {
        Self::param("resource_missing", param, format!("No such {noun}: '{id}'"))
    }

    /// 404 for an unknown route.
    pub(crate) fn unknown_url(method: &str, path: &str) -> Self {
        let path: String = path.chars().take(200).collect();
        Self::new(
            404,
            "invalid_request_error",
            format!(
                "Unrecognized request URL ({method}: {path}). The sandbox implements only \
                 the part of the API that is listed in its README."
            ),
        )
    }

    /// 402: the bank or the network said no. The attempt is a fact, so its effects stay.
    pub(crate) fn card(message: impl Into<String>) -> Self {
        Self { effects: Effects::Kept, ..Self::new(402, "card_error", message) }
    }

    /// 400 or 409 about an idempotency key.
    pub(crate) fn idempotency(status: u16, message: impl Into<String>) -> Self {
        Self::new(status, "idempotency_error", message)
    }

    /// 429.
    pub(crate) fn rate_limited() -> Self {
        Self::new(
            429,
            "invalid_request_error",
            "Request rate limit exceeded. Retry with exponential backoff.",
        )
        .with("code", "rate_limit")
    }

    /// 429: another request works on the same object. Not a rate limit: no reason is given.
    pub(crate) fn lock_timeout() -> Self {
        Self::new(
            429,
            "invalid_request_error",
            "This object cannot be accessed right now because another API request or Stripe \
             process is currently accessing it. If you see this error intermittently, retry the \
             request.",
        )
        .with("code", "lock_timeout")
    }

    /// 500: something on the provider's side.
    pub(crate) fn internal(message: impl Into<String>) -> Self {
        Self::new(500, "api_error", message)
    }

    /// Adds a field to the error object.
    pub(crate) fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.fields.insert(name.to_owned(), value.into());
        self
    }

    /// Adds a header to the answer.
    pub(crate) fn header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.to_owned(), value.into()));
        self
    }

    /// The machine code, when there is one.
    pub(crate) fn code(&self) -> Option<&str> {
        self.fields.get("code").and_then(Value::as_str)
    }

    /// The text for a person.
    pub(crate) fn message(&self) -> &str {
        self.fields.get("message").and_then(Value::as_str).unwrap_or_default()
    }

    /// The body for the wire.
    pub(crate) fn body(&self, request_id: &str) -> Value {
        let mut fields = self.fields.clone();
        if let Some(code) = self.code() {
            let page = format!("https://docs.stripe.com/error-codes/{}", code.replace('_', "-"));
            fields.insert("doc_url".to_owned(), page.into());
        }
        let log = format!("https://dashboard.stripe.com/test/logs/{request_id}");
        fields.insert("request_log_url".to_owned(), log.into());
        json!({ "error": fields })
    }
}

impl From<rusqlite::Error> for ApiError {
    fn from(error: rusqlite::Error) -> Self {
        Self::internal(format!("The sandbox's storage failed: {error}"))
    }
}

impl From<serde_json::Error> for ApiError {
    fn from(error: serde_json::Error) -> Self {
        Self::internal(format!("A stored object cannot be read: {error}"))
    }
}
