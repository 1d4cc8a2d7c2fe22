//! The body of every answer that is not a success.

use serde::{Deserialize, Serialize};

/// `{"error": {…}}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorBody {
    /// What went wrong.
    pub error: ErrorDetail,
}

/// One error. A code exists only where a client does something different because of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ErrorDetail {
    /// The HTTP status again, for those who see only the body.
    pub status: u16,
    /// A word for machines, see [`code`].
    pub code: String,
    /// A sentence for people. Never has a secret in it.
    pub message: String,
    /// Names this request in the log.
    pub request_id: String,
}

/// The words for machines.
pub mod code {
    /// 400: the request could not be understood.
    pub const MALFORMED: &str = "malformed";
    /// 401: no customer token.
    pub const TOKEN_MISSING: &str = "token_missing";
    /// 401: not a token of this merchant; ask the host for a fresh one.
    pub const TOKEN_INVALID: &str = "token_invalid";
    /// 401: the token was good once; ask the host for a fresh one.
    pub const TOKEN_EXPIRED: &str = "token_expired";
    /// 401: not a key of this merchant's servers.
    pub const KEY_INVALID: &str = "key_invalid";
    /// 401: the webhook's signature is absent, wrong or too old.
    pub const SIGNATURE_INVALID: &str = "signature_invalid";
    /// 403: the page's origin is not one of the merchant's.
    pub const ORIGIN_NOT_ALLOWED: &str = "origin_not_allowed";
    /// 404: no such thing, or not this customer's.
    pub const NOT_FOUND: &str = "not_found";
    /// 405: the path exists, the method does not.
    pub const METHOD_NOT_ALLOWED: &str = "method_not_allowed";
    /// 409: not possible now; read the status again.
    pub const WRONG_STATE: &str = "wrong_state";
    /// 409: several subscriptions run; say which.
    pub const CHOOSE_SUBSCRIPTION: &str = "choose_subscription";
    /// 413: the body is larger than its limit.
    pub const BODY_TOO_LARGE: &str = "body_too_large";
    /// 429: too many requests; `Retry-After` says when.
    pub const RATE_LIMITED: &str = "rate_limited";
    /// 500: a fault of ours.
    pub const INTERNAL: &str = "internal";
    /// 502: the payment provider did not answer; nothing was charged by this request.
    pub const PROVIDER_UNAVAILABLE: &str = "provider_unavailable";
    /// 503: storage did not answer; try again.
    pub const UNAVAILABLE: &str = "unavailable";
}
