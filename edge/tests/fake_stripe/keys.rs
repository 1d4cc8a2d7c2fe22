//! Idempotency keys: the first answer is kept for 24 hours, whatever it was, and repeated. The same
//! key with another request is refused.
//! (<https://docs.stripe.com/api/idempotent_requests>, read 2026-11.)

use super::api::Answer;
use super::books::KEY_MS;
use super::true_now;
use reprieve_core::time::Timestamp;
use std::collections::BTreeMap;

struct Kept {
    at: Timestamp,
    request: String,
    answer: Answer,
}

/// What is remembered.
#[derive(Default)]
pub(crate) struct Keys(BTreeMap<String, Kept>);

impl Keys {
    /// The answer of old; `Err` when the key belongs to another request.
    pub(super) fn recall(&self, key: &str, request: &str) -> Option<Result<Answer, ()>> {
        let kept = self.0.get(key).filter(|kept| true_now().since_ms(kept.at) < KEY_MS)?;
        if kept.request != request {
            return Some(Err(()));
        }
        let mut answer = kept.answer.clone();
        answer.headers.push(("idempotent-replayed", "true".to_owned()));
        Some(Ok(answer))
    }

    pub(super) fn keep(&mut self, key: &str, request: &str, answer: &Answer) {
        let (request, answer) = (request.to_owned(), answer.clone());
        self.0.insert(key.to_owned(), Kept { at: true_now(), request, answer });
    }
}
