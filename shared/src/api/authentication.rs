//! Handing a charge over to the customer and their bank.

use serde::{Deserialize, Serialize};

/// The most bytes of the body of `POST /v1/authentications`.
pub const REQUEST_BYTES_MAX: usize = 1_024;

/// The body of `POST /v1/authentications`; it may be empty.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthenticationRequest {
    /// Which invoice; `None`: the oldest one that waits for the customer.
    #[serde(default)]
    pub invoice: Option<String>,
}

/// The answer to `POST /v1/authentications`: what the provider's script needs to let the bank ask.
///
/// The client secret is read for this answer and is neither stored nor logged.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Authentication {
    /// Names the invoice in `POST /v1/authentications/{invoice}/complete`.
    pub invoice: String,
    /// Lets the provider's script, and nobody else, go on with this one charge.
    pub client_secret: String,
    /// The merchant's publishable key at the provider.
    pub publishable_key: String,
    /// Where the provider's browser script lives.
    pub provider_js_url: String,
}

impl core::fmt::Debug for Authentication {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Authentication").field("invoice", &self.invoice).finish_non_exhaustive()
    }
}
