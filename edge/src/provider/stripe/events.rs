//! Events as Stripe sends them: signed, named, and in one of its two worlds.

use super::transport::Transport;
use super::{Stripe, map, webhook};
use crate::provider::ReadEvents;
use crate::provider::event::{EventError, ProviderEvent, SignatureError};
use http::HeaderMap;
use reprieve_core::time::Timestamp;

/// The header that carries time and signatures.
const SIGNATURE: &str = "stripe-signature";

impl<T: Transport> ReadEvents for Stripe<T> {
    fn verify(
        &self,
        headers: &HeaderMap,
        raw: &[u8],
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        let signature = headers.get(SIGNATURE).and_then(|value| value.to_str().ok());
        webhook::verify(signature, raw, &self.webhook_secrets, now)
    }

    fn read_event(&self, raw: &[u8]) -> Result<ProviderEvent, EventError> {
        map::event(raw).map_err(|error| EventError(error.code()))
    }

    fn storable(&self, raw: Vec<u8>) -> Result<String, EventError> {
        map::storable(raw).map_err(|error| EventError(error.code()))
    }

    /// By the prefixes of secret and restricted keys (<https://docs.stripe.com/keys>, read
    /// 2026-11).
    fn is_live(&self) -> Option<bool> {
        let key = self.client.secret_key.expose();
        let begins = |prefixes: [&str; 2]| prefixes.iter().any(|prefix| key.starts_with(prefix));
        match () {
            () if begins(["sk_live_", "rk_live_"]) => Some(true),
            () if begins(["sk_test_", "rk_test_"]) => Some(false),
            () => None,
        }
    }
}
