//! What can go wrong with a request, as far as the customer's next step differs.

use reprieve_core::api::error::code;

/// The longest time we ask a customer to wait after a 429, whatever the server says.
pub const RETRY_AFTER_MS_MAX: u32 = 60_000;

/// A request that did not bring what it was sent for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// What to do about it.
    pub kind: FailureKind,
    /// The word for machines, handed to the host page in `reprieve:error`.
    pub code: String,
    /// Names the request in the server's log, for a customer who asks for help.
    pub request_id: Option<String>,
}

/// The next step after a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailureKind {
    /// The browser has no network. Go on when it is back.
    Offline,
    /// No answer, or one that says nothing about the outcome. Ask for the status.
    NoAnswer,
    /// No token is accepted, not even a fresh one. Ask the customer.
    Session,
    /// Somebody else was faster: another tab, or a webhook. Ask for the status.
    WrongState,
    /// Too many requests. Wait this long.
    Busy {
        /// Milliseconds, at most [`RETRY_AFTER_MS_MAX`].
        delay_ms: u32,
    },
    /// The provider did not answer the server, and nothing was charged.
    ProviderDown,
    /// The card form did not load.
    Fields,
    /// The request was refused and would be again.
    Refused,
}

impl Failure {
    /// A failure without an answer: the code is its kind's.
    #[must_use]
    pub fn local(kind: FailureKind, code: &str) -> Self {
        Self { kind, code: code.to_owned(), request_id: None }
    }

    /// Reads an answer that is not a success. `status` 0 means that none arrived.
    #[must_use]
    pub fn from_answer(status: u16, error_code: Option<String>, retry_after_s: u32) -> Self {
        let word = error_code.as_deref();
        let kind = match (status, word) {
            (0, Some("offline")) => FailureKind::Offline,
            (401, _) => FailureKind::Session,
            (409, _) => FailureKind::WrongState,
            (429, _) => FailureKind::Busy {
                delay_ms: retry_after_s.saturating_mul(1000).min(RETRY_AFTER_MS_MAX),
            },
            (_, Some(code::PROVIDER_UNAVAILABLE)) => FailureKind::ProviderDown,
            (400..=499, _) => FailureKind::Refused,
            _ => FailureKind::NoAnswer,
        };
        let code = error_code.unwrap_or_else(|| "network".to_owned());
        Self { kind, code, request_id: None }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(status: u16, word: Option<&str>) -> FailureKind {
        Failure::from_answer(status, word.map(str::to_owned), 2).kind
    }

    #[test]
    fn each_answer_has_its_next_step() {
        assert_eq!(kind(0, Some("offline")), FailureKind::Offline);
        assert_eq!(kind(0, None), FailureKind::NoAnswer);
        assert_eq!(kind(401, Some("token_expired")), FailureKind::Session);
        assert_eq!(kind(401, None), FailureKind::Session);
        assert_eq!(kind(403, Some("origin_not_allowed")), FailureKind::Refused);
        assert_eq!(kind(404, Some("not_found")), FailureKind::Refused);
        assert_eq!(kind(409, Some("wrong_state")), FailureKind::WrongState);
        assert_eq!(kind(429, Some("rate_limited")), FailureKind::Busy { delay_ms: 2000 });
        assert_eq!(kind(502, Some("provider_unavailable")), FailureKind::ProviderDown);
        assert_eq!(kind(502, None), FailureKind::NoAnswer);
        assert_eq!(kind(503, Some("unavailable")), FailureKind::NoAnswer);
        assert_eq!(kind(200, None), FailureKind::NoAnswer);
    }

    #[test]
    fn no_server_makes_a_customer_wait_for_ever() {
        let busy = Failure::from_answer(429, None, u32::MAX).kind;
        assert_eq!(busy, FailureKind::Busy { delay_ms: RETRY_AFTER_MS_MAX });
    }
}
