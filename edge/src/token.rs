//! The customer token: a short-lived JWT by which a merchant's server vouches for its customer.

use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::time::Timestamp;

/// The keys that are accepted: the current one and, while rotating, the one before.
#[derive(Clone)]
pub struct TokenKeys {
    _todo: (),
}

/// A key is shorter than 32 bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a customer token key needs at least 32 bytes")]
pub struct TokenKeyError;

impl TokenKeys {
    /// Takes the UTF-8 bytes of the keys.
    pub fn new(_current: &str, _previous: Option<&str>) -> Result<Self, TokenKeyError> {
        Ok(Self { _todo: () })
    }
}

/// A token that was found good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CustomerToken {
    /// Who asks.
    pub customer: CustomerId,
    /// Until when the token is good.
    pub expires_at: Timestamp,
}

/// Why a token was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// There is none.
    #[error("the request carries no customer token")]
    Missing,
    /// It is not one that we accept.
    #[error("the customer token is not valid")]
    Invalid,
    /// It was good once.
    #[error("the customer token has expired")]
    Expired,
    /// It was made for a page of another origin.
    #[error("the customer token was made for another origin")]
    OriginMismatch,
}

/// Verifies.
pub fn verify(
    _token: &str,
    _keys: &TokenKeys,
    _audience: &MerchantId,
    _origin: &str,
    _now: Timestamp,
) -> Result<CustomerToken, TokenError> {
    Err(TokenError::Invalid)
}
