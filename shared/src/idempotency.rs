//! Idempotency keys: derived from what is being paid, never random.
//!
//! A random key per click or per request is how customers get charged twice. The key names the
//! invoice, the number of the attempt and the method; the number moves on only when the outcome of
//! the attempt before it is known, so a lost answer is asked for again under the key it was sent
//! with.

use crate::id::{CancellationId, InvoiceId, PaymentMethodId};
use serde::{Deserialize, Serialize};

/// How long an outcome can be asked for again under the same key. Stripe keeps keys for at least
/// 24 hours; an hour is left for clocks that differ.
pub const KEY_LIFETIME_MS: i64 = 23 * crate::time::HOUR_MS;

/// A key as the provider receives it, at most 255 characters.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct IdempotencyKey(String);

impl IdempotencyKey {
    /// The key for one attempt to pay one invoice with one method (`None`: the provider's default).
    #[must_use]
    pub fn for_payment(
        invoice: &InvoiceId,
        attempt_number: u32,
        method: Option<&PaymentMethodId>,
    ) -> Self {
        let method = method.map_or("default", PaymentMethodId::as_str);
        Self(format!("reprieve:pay:{invoice}:{attempt_number}:{method}"))
    }

    /// The key for one act of a cancellation: what is done, to what, and the how many-th act of the
    /// account it is. The number stays the same until the outcome is known or the provider has
    /// forgotten the key.
    #[must_use]
    pub fn for_act(cancellation: &CancellationId, act: &str, target: &str, number: u32) -> Self {
        Self(format!("reprieve:{act}:{cancellation}:{target}:{number}"))
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::ID_BYTES_MAX;

    #[test]
    fn a_key_is_derived_and_fits() {
        let invoice = InvoiceId::parse(&"i".repeat(ID_BYTES_MAX)).unwrap();
        let method = PaymentMethodId::parse(&"p".repeat(ID_BYTES_MAX)).unwrap();
        let key = IdempotencyKey::for_payment(&invoice, u32::MAX, Some(&method));
        assert!(key.as_str().len() <= 255, "{}", key.as_str().len());
        assert_eq!(key, IdempotencyKey::for_payment(&invoice, u32::MAX, Some(&method)));
        assert_ne!(key, IdempotencyKey::for_payment(&invoice, 1, Some(&method)));
        assert_ne!(key, IdempotencyKey::for_payment(&invoice, u32::MAX, None));
        let ours = CancellationId::parse("ccl_0123456789abcdef").unwrap();
        let act = |number| {
            IdempotencyKey::for_act(&ours, "cancel_at_period_end", invoice.as_str(), number)
        };
        assert!(act(u32::MAX).as_str().len() <= 255);
        assert_ne!(act(1), act(2));
    }
}
