//! Starting the update of a payment method.

use serde::{Deserialize, Serialize};

/// The answer to `POST /v1/payment-methods`: what the provider's own fields need to appear.
///
/// The client secret is made for this answer and is neither stored nor logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewPaymentMethod {
    /// Names the set-up in `POST /v1/payment-methods/{id}/complete`.
    pub id: String,
    /// Lets the provider's script, and nobody else, finish this set-up.
    pub client_secret: String,
    /// The merchant's publishable key at the provider.
    pub publishable_key: String,
    /// Where the provider's browser script lives.
    pub provider_js_url: String,
}

impl core::fmt::Debug for NewPaymentMethod {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("NewPaymentMethod").field("id", &self.id).finish_non_exhaustive()
    }
}
