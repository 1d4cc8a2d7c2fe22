//! The customer token: a short-lived JWT by which a merchant's server vouches for its customer.
//!
//! HS256 and nothing else. Claims, all required: `sub` the provider's customer id, `aud` the
//! merchant id, `iat` and `exp` in Unix seconds, at most 15 minutes apart, and `origin`, the
//! origin of the page that embeds the widget, as the browser writes it in the `Origin` header. The
//! key is the UTF-8 bytes of a text of at least 32 bytes.
//!
//! A server mints one like this (here for a page on `https://app.example`):
//!
//! ```
//! use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD as B64};
//! use hmac::{Hmac, KeyInit as _, Mac as _};
//! # let key = "0123456789abcdef0123456789abcdef";
//! # let (customer, now) = ("cus_42", 1_800_000_000);
//! let claims = serde_json::json!({ "sub": customer, "aud": "demo", "iat": now, "exp": now + 600,
//!     "origin": "https://app.example" });
//! let header = B64.encode(r#"{"alg":"HS256","typ":"JWT"}"#);
//! let signed = format!("{header}.{}", B64.encode(claims.to_string()));
//! let mac = Hmac::<sha2::Sha256>::new_from_slice(key.as_bytes()).unwrap().chain_update(&signed);
//! let token = format!("{signed}.{}", B64.encode(mac.finalize().into_bytes()));
//! # use reprieve_core::{id::MerchantId, time::Timestamp};
//! # use reprieve_edge::token::{TokenKeys, verify};
//! # let keys = TokenKeys::new(key, None).unwrap();
//! # let merchant = MerchantId::parse("demo").unwrap();
//! # let now = Timestamp::from_seconds(now);
//! # let good = verify(&token, &keys, &merchant, "https://app.example", now).unwrap();
//! # assert_eq!(good.customer.as_str(), "cus_42");
//! ```
//!
//! Rules of the format: RFC 7515 (compact form, unpadded base64url) and RFC 8725 (one algorithm,
//! checked audience, bounded lifetime).

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use reprieve_core::id::{CustomerId, MerchantId};
use reprieve_core::time::{MINUTE_MS, SECOND_MS, Timestamp};
use serde::Deserialize;
use sha2::Sha256;

/// The longest token, in bytes. Ours have about 300.
pub const TOKEN_BYTES_MAX: usize = 4 * 1024;
/// The shortest key, in bytes: as long as the hash (RFC 7518, section 3.2).
pub const KEY_BYTES_MIN: usize = 32;
/// The longest life of a token.
pub const LIFETIME_MS_MAX: i64 = 15 * MINUTE_MS;
/// How far `iat` may lie ahead of our clock.
pub const CLOCK_LEEWAY_MS: i64 = 60 * SECOND_MS;

/// The keys that are accepted: the current one and, while rotating, the one before. Never printed.
#[derive(Clone)]
pub struct TokenKeys {
    // Keyed once: the key itself is not kept.
    current: Hmac<Sha256>,
    previous: Option<Hmac<Sha256>>,
}

/// A key is shorter than [`KEY_BYTES_MIN`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a customer token key needs at least {KEY_BYTES_MIN} bytes")]
pub struct TokenKeyError;

impl TokenKeys {
    /// Takes the keys as text; their UTF-8 bytes count.
    pub fn new(current: &str, previous: Option<&str>) -> Result<Self, TokenKeyError> {
        Ok(Self { current: keyed(current)?, previous: previous.map(keyed).transpose()? })
    }

    fn signed(&self, text: &str, signature: &[u8]) -> bool {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .any(|key| key.clone().chain_update(text).verify_slice(signature).is_ok())
    }
}

impl core::fmt::Debug for TokenKeys {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("TokenKeys(…)")
    }
}

fn keyed(key: &str) -> Result<Hmac<Sha256>, TokenKeyError> {
    if key.len() < KEY_BYTES_MIN {
        return Err(TokenKeyError);
    }
    Hmac::new_from_slice(key.as_bytes()).map_err(|_| TokenKeyError)
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
    /// It is good, but for a page of another origin.
    #[error("the customer token was made for another origin")]
    OriginMismatch,
}

/// Accepts or refuses a token. `origin` is the request's `Origin` header, as it is. Nothing inside
/// the token is parsed before one of the keys has vouched for it.
pub fn verify(
    token: &str,
    keys: &TokenKeys,
    audience: &MerchantId,
    origin: &str,
    now: Timestamp,
) -> Result<CustomerToken, TokenError> {
    if token.is_empty() {
        return Err(TokenError::Missing);
    }
    let claims = open(token, keys).ok_or(TokenError::Invalid)?;
    let (issued_at, expires_at) =
        (Timestamp::from_seconds(claims.iat), Timestamp::from_seconds(claims.exp));
    let lifetime_ms = expires_at.since_ms(issued_at);
    let bounded = (1..=LIFETIME_MS_MAX).contains(&lifetime_ms);
    let begun = issued_at.since_ms(now) <= CLOCK_LEEWAY_MS
        && claims
            .nbf
            .is_none_or(|nbf| Timestamp::from_seconds(nbf).since_ms(now) <= CLOCK_LEEWAY_MS);
    let customer = CustomerId::parse(&claims.sub).map_err(|_| TokenError::Invalid)?;
    if claims.aud != audience.as_str() || !bounded || !begun {
        return Err(TokenError::Invalid);
    }
    if now >= expires_at {
        return Err(TokenError::Expired);
    }
    if claims.origin != origin {
        return Err(TokenError::OriginMismatch);
    }
    Ok(CustomerToken { customer, expires_at })
}

/// How long a token lives that we make ourselves, in seconds.
pub const OWN_LIFETIME_S: i64 = 10 * 60;

/// Makes a token for a page of our own, in the same form as a merchant's server would.
#[must_use]
pub fn issue(
    keys: &TokenKeys,
    (merchant, customer): (&MerchantId, &CustomerId),
    origin: &str,
    now: Timestamp,
) -> String {
    let iat = now.as_ms().div_euclid(SECOND_MS);
    let exp = iat.saturating_add(OWN_LIFETIME_S);
    let claims = serde_json::json!({ "sub": customer.as_str(), "aud": merchant.as_str(),
        "iat": iat, "exp": exp, "origin": origin });
    signed(&keys.current, r#"{"alg":"HS256","typ":"JWT"}"#, &claims.to_string())
}

fn signed(key: &Hmac<Sha256>, header: &str, claims: &str) -> String {
    let encode = |bytes: &[u8]| BASE64_URL_SAFE_NO_PAD.encode(bytes);
    let signed = format!("{}.{}", encode(header.as_bytes()), encode(claims.as_bytes()));
    let mac = key.clone().chain_update(&signed).finalize().into_bytes();
    format!("{signed}.{}", encode(&mac))
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    /// Extensions that must be understood: we understand none (RFC 7515, section 4.1.11).
    crit: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
struct Claims {
    sub: String,
    aud: String,
    iat: i64,
    exp: i64,
    nbf: Option<i64>,
    origin: String,
}

fn open(token: &str, keys: &TokenKeys) -> Option<Claims> {
    if token.len() > TOKEN_BYTES_MAX {
        return None;
    }
    let (signed, signature) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let decode = |part: &str| BASE64_URL_SAFE_NO_PAD.decode(part).ok();
    if claims.contains('.') || !keys.signed(signed, &decode(signature)?) {
        return None;
    }
    let header: Header = serde_json::from_slice(&decode(header)?).ok()?;
    if header.alg != "HS256" || header.crit.is_some() {
        return None;
    }
    serde_json::from_slice(&decode(claims)?).ok()
}

/// A token as a merchant's server would make it; for tests.
#[cfg(test)]
pub(crate) fn mint(header: &str, claims: &str, key: &str) -> String {
    signed(&keyed(key).unwrap(), header, claims)
}

#[cfg(test)]
mod tests;
